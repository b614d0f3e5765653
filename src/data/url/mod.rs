//! URLs as Go's net/url takes them apart and writes them.

pub mod address;
mod escape;

use address::Address;
use escape::{Part, escape, unescape};

/// A URL's parts, decoded where Go decodes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of RFC 3986")]
pub struct Url {
    pub scheme: Vec<u8>,
    /// What follows a scheme without a slash, as written.
    pub opaque: Vec<u8>,
    pub user: Option<User>,
    /// Host and port.
    pub host: Vec<u8>,
    pub path: Vec<u8>,
    /// Without the `?`, as written.
    pub query: Vec<u8>,
    pub fragment: Vec<u8>,
}

/// The part before the `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: Vec<u8>,
    /// The password, perhaps empty; None where there is no colon.
    pub password: Option<Vec<u8>>,
}

impl User {
    /// Name and password, escaped.
    pub fn text(&self) -> Vec<u8> {
        let mut out = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend(escape(password, Part::User));
        }
        out
    }
}

impl Url {
    /// Go's `url.Parse`; the error is its text.
    pub fn parse(text: &[u8]) -> Result<Url, String> {
        let (main, fragment) = cut(text, b'#');
        let failed = |of: &[u8], why: String| format!("parse {}: {why}", quoted(of));
        let mut url = Url::parse_main(main).map_err(|why| failed(main, why))?;
        url.fragment =
            unescape(fragment.unwrap_or_default(), Part::Fragment).map_err(|why| failed(text, why))?;
        Ok(url)
    }

    fn parse_main(text: &[u8]) -> Result<Url, String> {
        if text.iter().any(|b| *b < b' ' || *b == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        if text == b"*" {
            return Ok(Url { path: text.to_vec(), ..Url::default() });
        }
        let (scheme, rest) = scheme(text)?;
        let (rest, query) = cut(rest, b'?');
        let mut url = Url {
            scheme: scheme.to_ascii_lowercase(),
            query: query.unwrap_or_default().to_vec(),
            ..Url::default()
        };
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let mut path = rest;
        if (!url.scheme.is_empty() || !rest.starts_with(b"///")) && rest.starts_with(b"//") {
            let after = rest.split_at(2).1;
            let end = after.iter().position(|b| *b == b'/').unwrap_or(after.len());
            let (authority, rest) = after.split_at(end);
            path = rest;
            (url.user, url.host) = self::authority(&url.scheme, authority)?;
        }
        url.path = unescape(path, Part::Path)?;
        Ok(url)
    }

    /// The host without port and brackets.
    pub fn hostname(&self) -> &[u8] {
        let colon = self.host.iter().rposition(|b| *b == b':');
        let host = match colon {
            Some(at) if valid_port(self.host.split_at(at).1) => self.host.split_at(at).0,
            _ => &self.host,
        };
        host.strip_prefix(b"[").and_then(|h| h.strip_suffix(b"]")).unwrap_or(host)
    }

    /// Go's `URL.String`, of a URL whose parts were set one by one.
    pub fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.push_hierarchy(&mut out);
        } else {
            out.extend(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn push_hierarchy(&self, out: &mut Vec<u8>) {
        let named = !self.host.is_empty() || self.user.is_some();
        if named || (!self.scheme.is_empty() && !self.path.is_empty()) {
            out.extend(b"//");
        }
        if let Some(user) = &self.user {
            out.extend(user.text());
            out.push(b'@');
        }
        out.extend(escape(&self.host, Part::Host));
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        // A colon in the first segment would read as a scheme.
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend(b"./");
        }
        out.extend(path);
    }
}

fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|b| *b == at) {
        Some(i) => (text.split_at(i).0, text.get(i + 1..)),
        None => (text, None),
    }
}

/// The scheme and what follows it; no scheme where a byte cannot be in one.
fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (i, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if i > 0 => {}
            b':' if i == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((text.split_at(i).0, text.get(i + 1..).unwrap_or_default())),
            _ => break,
        }
    }
    Ok((&[], text))
}

fn authority(scheme: &[u8], text: &[u8]) -> Result<(Option<User>, Vec<u8>), String> {
    let Some(at) = text.iter().rposition(|b| *b == b'@') else {
        return Ok((None, host(scheme, text)?));
    };
    let host = host(scheme, text.get(at + 1..).unwrap_or_default())?;
    let userinfo = text.split_at(at).0;
    let fine = |b: &u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(b);
    if !userinfo.iter().all(fine) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(userinfo, b':');
    let name = unescape(name, Part::User)?;
    let password = password.map(|p| unescape(p, Part::User)).transpose()?;
    Ok((Some(User { name, password }), host))
}

fn valid_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn host(scheme: &[u8], text: &[u8]) -> Result<Vec<u8>, String> {
    let port_of = |at: usize| {
        let port = text.split_at(at.min(text.len())).1;
        if valid_port(port) { Ok(port) } else { Err(format!("invalid port {} after host", quoted(port))) }
    };
    match text.iter().rposition(|b| *b == b'[') {
        Some(0) => {
            let end = text.iter().rposition(|b| *b == b']').ok_or("missing ']' in host")?;
            let port = unescape(port_of(end + 1)?, Part::Host)?;
            let literal = ip_literal(text.get(1..end).unwrap_or_default())?;
            return Ok([b"[", &literal[..], b"]", &port].concat());
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Web addresses have one colon; others may list hosts with ports.
    let web = matches!(scheme, b"http" | b"https");
    let is_colon = |b: &u8| *b == b':';
    let colon = if web { text.iter().position(is_colon) } else { text.iter().rposition(is_colon) };
    if let Some(at) = colon {
        port_of(at)?;
    }
    unescape(text, Part::Host)
}

/// What stands in brackets: an IPv6 address, perhaps with an escaped zone.
fn ip_literal(text: &[u8]) -> Result<Vec<u8>, String> {
    let zone = text.windows(3).position(|w| w == b"%25").unwrap_or(text.len());
    let (address, zone) = text.split_at(zone);
    let mut literal = unescape(address, Part::Host)?;
    literal.extend(unescape(zone, Part::Zone)?);
    match address::parse(&literal) {
        Ok(Address::V6(..)) => Ok(literal),
        Ok(Address::V4(_)) => Err("invalid IP-literal".to_owned()),
        Err(why) => Err(format!("invalid host: {why}")),
    }
}

/// Go's `%q`.
fn quoted(text: &[u8]) -> String {
    crate::data::quote::quote(text)
}
