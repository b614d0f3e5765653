//! References to charts in OCI registries: `oci://host/path:tag@sha256:…`.

use std::fmt;

use crate::error::{Error, Result};

use crate::data::digest::Digest;

/// The scheme that says that something lies in an OCI registry.
pub const SCHEME: &str = "oci://";

/// A chart in a registry: where, and which one of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Host, and port where one is given.
    pub registry: String,
    /// The path below the host.
    pub repository: String,
    /// As the user writes it: with `+`, not with the `_` that registries need.
    pub tag: Option<String>,
    /// Which content, whatever a tag says.
    pub digest: Option<Digest>,
}

impl Reference {
    /// Reads a reference, with or without `oci://`.
    ///
    /// # Errors
    /// A part that the distribution specification does not allow.
    pub fn parse(text: &str) -> Result<Reference> {
        let wrong = |why: &str| Error::usage(format!("invalid reference {text:?}: {why}"));
        let rest = text.strip_prefix(SCHEME).unwrap_or(text);
        if rest.contains("://") {
            return Err(wrong("only oci:// names a registry"));
        }
        let (rest, digest) = match rest.rsplit_once('@') {
            Some((rest, digest)) => (
                rest,
                Some(Digest::parse(digest).map_err(|_| wrong("the digest is not sha256:<64 digits>"))?),
            ),
            None => (rest, None),
        };
        let rest = rest.trim_end_matches('/');
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((before, tag)) if !tag.contains('/') && before.contains('/') => (before, Some(tag)),
            _ => (rest, None),
        };
        let (registry, repository) = rest.split_once('/').ok_or_else(|| wrong("missing repository"))?;
        if !is_host(registry) {
            return Err(wrong("invalid registry"));
        }
        if !repository.split('/').all(is_component) {
            return Err(wrong("invalid repository"));
        }
        if tag.is_some_and(|tag| !is_tag(&tag.replace('+', "_"))) {
            return Err(wrong("invalid tag"));
        }
        Ok(Reference {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        })
    }

    /// The same chart at a version; a digest goes with the old tag.
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Reference {
        Reference { tag: Some(tag.to_owned()), digest: None, ..self.clone() }
    }

    /// What the registry calls it: a digest, or a tag with `_` for `+`.
    pub fn name(&self) -> Option<String> {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => Some(digest.to_string()),
            (None, Some(tag)) => Some(registry_tag(tag)),
            (None, None) => None,
        }
    }
}

/// A version as a tag: registries do not allow `+`.
pub fn registry_tag(version: &str) -> String {
    version.replace('+', "_")
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{}", registry_tag(tag))?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// A host name, an address, or an IPv6 address in brackets; with a port or not.
fn is_host(text: &str) -> bool {
    let port = |text: &str| text.is_empty() || (text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit()));
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        return address.parse::<std::net::Ipv6Addr>().is_ok() && port(rest);
    }
    let (host, after) = text.split_once(':').unwrap_or((text, ""));
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    !host.is_empty() && host.bytes().all(fine) && port(after)
}

/// One component of a repository's path: lower-case words joined by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let separator = |c: char| matches!(c, '.' | '_' | '-');
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let joined = |join: &str| join.len() == 1 || join == "__" || join.bytes().all(|b| b == b'-');
    text.starts_with(word)
        && text.ends_with(word)
        && text.chars().all(|c| word(c) || separator(c))
        && text.split(word).filter(|join| !join.is_empty()).all(joined)
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart_and_written_again() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, written, name) in [
            (
                "oci://ghcr.io/org/charts/app:1.2.3+build.1",
                "ghcr.io/org/charts/app:1.2.3_build.1",
                "1.2.3_build.1",
            ),
            ("oci://localhost:5000/app", "localhost:5000/app", ""),
            ("127.0.0.1:5000/a/b__c/d--e:v1", "127.0.0.1:5000/a/b__c/d--e:v1", "v1"),
            ("oci://[::1]:5000/app:1", "[::1]:5000/app:1", "1"),
            (&format!("oci://r.io/app:1@{digest}"), &format!("r.io/app:1@{digest}"), &digest),
        ] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(reference.to_string(), written);
            assert_eq!(reference.name().unwrap_or_default(), name);
        }
        assert_eq!(Reference::parse("oci://r.io/app:1").unwrap().with_tag("2+x").to_string(), "r.io/app:2_x");
    }

    #[test]
    fn what_no_registry_allows_is_refused() {
        for (text, why) in [
            ("oci://host", "missing repository"),
            ("oci://host/App", "invalid repository"),
            ("oci://host/a//b", "invalid repository"),
            ("oci://host/../b", "invalid repository"),
            ("oci://ho st/a", "invalid registry"),
            ("oci://user:p@host/a", "the digest is not sha256:<64 digits>"),
            ("oci://host:port/a", "invalid registry"),
            ("oci://host/a:-x", "invalid tag"),
            ("https://host/a", "only oci:// names a registry"),
            ("oci://host/a@md5:00", "the digest is not sha256:<64 digits>"),
        ] {
            let error = Reference::parse(text).unwrap_err().to_string();
            assert_eq!(error, format!("invalid reference {text:?}: {why}"));
        }
    }
}
