//! The network of a person at the command line, as far as `tiphys template` asks
//! it: whether the host of a schema's URL is there. Nothing is ever fetched.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::Duration;

/// How long a look-up may take: two tries of a resolver's usual five seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the schema at `url` cannot be had: as Go's resolver says it where the host
/// cannot be found, else that schemas are not fetched.
pub fn unreachable(url: &str) -> String {
    const HINT: &str = "schemas are not fetched from the network: put the schema into the chart, or use \
                        --skip-schema-validation";
    let host = host(url);
    if host.is_empty() || host.parse::<IpAddr>().is_ok() {
        return HINT.to_owned();
    }
    match look_up(host) {
        None => format!("dial tcp: lookup {host}: no answer within {} seconds", PATIENCE.as_secs()),
        Some(Ok(())) => HINT.to_owned(),
        Some(Err(error)) => {
            let resolv_conf = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
            format!("dial tcp: lookup {host} on {}: {}", name_server(&resolv_conf), wording(&error))
        }
    }
}

/// The host of an absolute URL, without user, port and brackets.
fn host(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

/// Asks the system's resolver on a thread of its own, which is left behind if it
/// takes too long: a look-up cannot be called off.
fn look_up(host: &str) -> Option<io::Result<()>> {
    let (answer, answers) = mpsc::channel();
    let host = host.to_owned();
    let asking = std::thread::Builder::new().name("look-up".to_owned()).spawn(move || {
        let _ = answer.send((host.as_str(), 443).to_socket_addrs().map(|_| ()));
    });
    match asking {
        Ok(_) => answers.recv_timeout(PATIENCE).ok(),
        Err(error) => Some(Err(error)),
    }
}

/// The name server that Go's resolver asks first.
fn name_server(resolv_conf: &str) -> String {
    let server = resolv_conf.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()).flatten()?.parse::<IpAddr>().ok()
    });
    match server {
        Some(IpAddr::V6(address)) => format!("[{address}]:53"),
        Some(IpAddr::V4(address)) => format!("{address}:53"),
        None => "127.0.0.1:53".to_owned(),
    }
}

/// What the C library says, as Go says it.
fn wording(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit("address information: ").next().unwrap_or_default();
    match text {
        "Name or service not known"
        | "No address associated with hostname"
        | "Name does not resolve"
        | "Name has no usable address" => "no such host".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_urls() {
        for (url, wanted) in [
            ("https://example.com/a.json", "example.com"),
            ("http://user:secret@example.com:8080", "example.com"),
            ("https://[::1]:8443/x", "::1"),
            ("https://example.com?x@y", "example.com"),
            ("https://", ""),
        ] {
            assert_eq!(host(url), wanted, "{url}");
        }
    }

    #[test]
    fn the_first_name_server_is_named() {
        for (text, wanted) in [
            ("# none\n", "127.0.0.1:53"),
            ("search a.b\nnameserver  10.0.0.2\nnameserver 10.0.0.3\n", "10.0.0.2:53"),
            ("nameserver ::1\n", "[::1]:53"),
        ] {
            assert_eq!(name_server(text), wanted);
        }
    }

    #[test]
    fn addresses_are_not_looked_up() {
        assert!(unreachable("https://127.0.0.1/a.json").starts_with("schemas are not fetched"));
        assert!(unreachable("https://[::1]/a.json").starts_with("schemas are not fetched"));
    }
}
