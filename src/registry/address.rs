//! URLs of repositories and registries: what is printed of one never holds the
//! user and the password that stood in it, nor its query, which may be signed.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;

use crate::data::url::Url;
use crate::error::{Error, Result};

use super::secret::Secret;

/// An http or https URL. The user's name and password are kept apart from what is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
    user: Option<(String, Secret)>,
}

/// Where a connection goes: what has to be the same for credentials to go along.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether it is https.
    pub encrypted: bool,
    /// The host's name in lower case.
    pub host: String,
    /// The port, the scheme's own where none is given.
    pub port: u16,
}

impl Address {
    /// Reads an absolute http(s) URL.
    ///
    /// # Errors
    /// No URL, or one of another scheme; the text never shows a password.
    pub fn parse(text: &str) -> Result<Address> {
        let wrong = |why: &str| Error::usage(format!("{:?} is not a URL: {why}", without_secrets(text)));
        let url = Url::parse(text.as_bytes()).map_err(|_| wrong("it cannot be read"))?;
        if !matches!(url.scheme.as_slice(), b"http" | b"https") {
            return Err(wrong("its scheme is neither http nor https"));
        }
        if url.hostname().is_empty() {
            return Err(wrong("it names no host"));
        }
        let user = url.user.as_ref().map(|user| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (text(&user.name), Secret::new(text(user.password.as_deref().unwrap_or_default())))
        });
        let plain = Url { user: None, fragment: Vec::new(), ..url };
        let uri = Uri::try_from(plain.text()).map_err(|_| wrong("it cannot be sent"))?;
        Ok(Address { uri, user })
    }

    /// What `text` means on a page at this URL, where a chart's URL in an index is
    /// relative to the index's directory (Helm's ResolveReferenceURL).
    ///
    /// # Errors
    /// As [`Address::parse`].
    pub fn join(&self, text: &str) -> Result<Address> {
        if text.contains("://") {
            return Address::parse(text);
        }
        let base = self.text();
        let (base, query) = base.split_once('?').map_or((base.as_str(), None), |(b, q)| (b, Some(q)));
        let scheme_end = base.find("://").map_or(0, |at| at + 3);
        let after = base.get(scheme_end..).unwrap_or_default();
        let root = after.split('/').next().unwrap_or_default();
        let scheme = base.get(..scheme_end).unwrap_or_default();
        let joined = if let Some(rest) = text.strip_prefix("//") {
            format!("{scheme}{rest}")
        } else if text.starts_with('/') {
            format!("{scheme}{root}{}", clean(text))
        } else {
            let path = after.get(root.len()..).unwrap_or_default().trim_end_matches('/');
            format!("{scheme}{root}{}", clean(&format!("{path}/{text}")))
        };
        let joined = query.map_or(joined.clone(), |query| format!("{joined}?{query}"));
        let mut address = Address::parse(&joined)?;
        if address.origin() == self.origin() {
            address.user.clone_from(&self.user);
        }
        Ok(address)
    }

    /// Where a redirect from here leads (RFC 9110: a reference relative to this URL).
    ///
    /// # Errors
    /// As [`Address::parse`].
    pub fn redirect(&self, location: &str) -> Result<Address> {
        if location.contains("://") || location.starts_with('/') {
            return self.join_exactly(location);
        }
        let path = self.uri.path();
        let directory = path.get(..=path.rfind('/').unwrap_or_default()).unwrap_or("/");
        self.join_exactly(&format!("{directory}{location}"))
    }

    fn join_exactly(&self, location: &str) -> Result<Address> {
        if location.contains("://") {
            return Address::parse(location);
        }
        let scheme = if self.origin().encrypted { "https" } else { "http" };
        match location.strip_prefix("//") {
            Some(rest) => Address::parse(&format!("{scheme}://{rest}")),
            None => Address::parse(&format!("{scheme}://{}{location}", self.authority())),
        }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> Origin {
        let encrypted = self.uri.scheme_str() == Some("https");
        let port = self.uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        Origin { encrypted, host: self.host().to_ascii_lowercase(), port }
    }

    /// The host without port and brackets.
    pub fn host(&self) -> &str {
        let host = self.uri.host().unwrap_or_default();
        host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
    }

    /// Host and port as written.
    pub fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }

    /// The path.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The whole URL without the user, to make another one of; never to be shown.
    pub fn text(&self) -> String {
        self.uri.to_string()
    }

    /// What is asked for.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The user and password that stood in the URL.
    pub fn user(&self) -> Option<&(String, Secret)> {
        self.user.as_ref()
    }
}

impl Origin {
    /// Whether the host is an address of the link itself, as clouds serve
    /// credentials on: nothing that a server says may lead there.
    pub fn is_link_local(&self) -> bool {
        self.host.parse().is_ok_and(is_link_local)
    }
}

/// Whether an address is one of the link itself.
pub fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(|address| address.is_link_local())
        }
    }
}

/// A path without `.` and `..`.
fn clean(path: &str) -> String {
    let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path = format!("/{}", parts.join("/"));
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

/// A URL's text with user, password and query left out, whatever else is wrong with it.
pub fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        let path = if path == "/" { "" } else { path };
        write!(f, "{}://{}{path}", self.uri.scheme_str().unwrap_or_default(), self.authority())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        let address = Address::parse("https://user:se%40cret@charts.example.com/x?y#z").unwrap();
        assert_eq!(
            format!("{address} {address:?}"),
            "https://charts.example.com/x https://charts.example.com/x"
        );
        let (name, password) = address.user().unwrap();
        assert_eq!((name.as_str(), password.expose()), ("user", "se@cret"));
        assert_eq!(format!("{:?}", address.user()), "Some((\"user\", [hidden]))");
        for text in [
            "ftp://user:secret@host/",
            "https://user:secret@/",
            "https://user:secret@ho st/",
            "http://user:secret@host:x/",
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn relative_urls_are_resolved_as_helm_resolves_them() {
        for (base, text, joined) in [
            ("https://h/charts", "a-1.tgz", "https://h/charts/a-1.tgz"),
            ("https://h/charts/", "sub/a-1.tgz", "https://h/charts/sub/a-1.tgz"),
            ("https://h:8443/charts", "/a-1.tgz", "https://h:8443/a-1.tgz"),
            ("https://h/charts", "../a-1.tgz", "https://h/a-1.tgz"),
            ("https://h", "https://o/a-1.tgz?x=1", "https://o/a-1.tgz?x=1"),
            ("https://h/charts?token=1", "a-1.tgz", "https://h/charts/a-1.tgz?token=1"),
            ("https://h", "a b.tgz", "https://h/a%20b.tgz"),
        ] {
            assert_eq!(Address::parse(base).unwrap().join(text).unwrap().text(), joined);
        }
        let own = Address::parse("https://u:p@h/charts").unwrap();
        assert!(own.join("a.tgz").unwrap().user().is_some());
        assert!(own.join("//o/a.tgz").unwrap().user().is_none());
    }

    #[test]
    fn redirects_are_relative_to_what_was_asked_for() {
        let asked = Address::parse("https://u:p@h:8443/a/b?c").unwrap();
        for (location, leads) in [
            ("https://o/x?y", "https://o/x?y"),
            ("/x", "https://h:8443/x"),
            ("x", "https://h:8443/a/x"),
            ("//o/x", "https://o/x"),
        ] {
            assert_eq!(asked.redirect(location).unwrap().text(), leads);
        }
    }

    #[test]
    fn origins_differ_by_scheme_host_and_port() {
        let origin = |text: &str| Address::parse(text).unwrap().origin();
        assert_eq!(origin("https://H/x"), origin("https://h:443/y"));
        assert_ne!(origin("https://h"), origin("http://h"));
        assert_ne!(origin("https://h"), origin("https://h:8443"));
        for (text, link_local) in [
            ("http://169.254.169.254/x", true),
            ("http://[fe80::1]/x", true),
            ("http://[::ffff:169.254.170.2]/x", true),
            ("http://127.0.0.1/x", false),
            ("http://example.com", false),
        ] {
            assert_eq!(origin(text).is_link_local(), link_local, "{text}");
        }
    }
}
