//! Who we are to a registry. The sources are asked in one order and the first that
//! has something for a place wins; each is named in the log at level debug, and
//! none of what they hold can be printed.

mod argo;
mod docker;
mod ecr;
mod repositories;

use std::path::Path;
use std::time::Instant;

use crate::data::base64;
use crate::error::{Error, Kind, Result};

use super::config::Config;
use super::reference::SCHEME;
use super::secret::Secret;
use super::tls::Tls;

pub use docker::{forget, remember};
pub use ecr::is_host as is_ecr;
pub use repositories::{Repository, all as repositories};

/// What proves who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// A name and a password.
    Basic(String, Secret),
    /// What buys tokens at the registry's token service (OAuth 2's refresh token).
    Identity(Secret),
    /// A token to send as it is.
    Bearer(Secret),
}

impl Authorization {
    /// The header's value, where it is sent to the registry itself.
    pub fn header(&self) -> Option<Secret> {
        match self {
            Authorization::Basic(user, password) => {
                let pair = format!("{user}:{}", password.expose());
                let text = base64::encode(pair.as_bytes());
                Some(Secret::new(format!("Basic {}", String::from_utf8_lossy(&text))))
            }
            Authorization::Bearer(token) => Some(Secret::new(format!("Bearer {}", token.expose()))),
            Authorization::Identity(_) => None,
        }
    }
}

/// How a place is spoken to.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Who we are there, if anybody.
    pub authorization: Option<Authorization>,
    /// Which source said so.
    pub source: String,
    /// How the connection is trusted.
    pub tls: Tls,
    /// A registry without TLS.
    pub plain_http: bool,
    /// Credentials go along to any host that serves the charts.
    pub pass_credentials: bool,
}

/// A repository or registry that somebody named.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// `oci://host/path` or an http(s) URL, without user and password.
    pub url: &'a str,
    /// The user and password that stood in the URL.
    pub user: Option<&'a (String, Secret)>,
    /// Whether the command line names it: its flags hold then.
    pub named: bool,
}

/// All sources.
#[derive(Debug)]
pub struct Credentials {
    config: Config,
    ecr: ecr::Tokens,
}

/// The largest file of credentials or certificates.
const LARGEST: u64 = 1 << 20;

impl Credentials {
    /// The sources that the configuration names; none is read yet.
    pub fn new(config: Config) -> Credentials {
        Credentials { config, ecr: ecr::Tokens::default() }
    }

    /// How to speak to a place.
    ///
    /// # Errors
    /// A source that cannot be read, or ECR's refusal to give a token.
    pub async fn access(&self, place: &Place<'_>, deadline: Instant) -> Result<Access> {
        let mut access = Access::default();
        let argo = argo::find(&self.config.argo_secrets(), place.url)?;
        let repository = repositories::find(&self.config, place.url)?;
        self.connection(place, argo.as_ref(), repository.as_ref(), &mut access)?;
        let found = match self.files(place, argo, repository)? {
            Some(found) => Some(found),
            None => self.made(place, deadline).await?,
        };
        if let Some((source, authorization)) = found {
            tracing::debug!(source = source.as_str(), place = place.url, "credentials found");
            access.authorization = Some(authorization);
            access.source = source;
        } else {
            tracing::debug!(place = place.url, "no source has credentials");
        }
        Ok(access)
    }

    /// Throws away a token that was refused, so that the next look-up makes another.
    pub async fn refused(&self, host: &str) {
        self.ecr.forget(host).await;
    }

    /// Trust and plain http: of the flags, then of Argo CD's Secret, then of
    /// repositories.yaml, then Argo CD's certificate for the host.
    fn connection(
        &self,
        place: &Place<'_>,
        argo: Option<&argo::Repository>,
        repository: Option<&Repository>,
        access: &mut Access,
    ) -> Result<()> {
        let flags = &self.config.flags;
        if place.named {
            access.plain_http = flags.plain_http;
            access.pass_credentials = flags.pass_credentials;
            access.tls = tls(
                flags.ca_file.as_deref(),
                flags.cert_file.as_deref(),
                flags.key_file.as_deref(),
                flags.insecure,
            )?;
        }
        if let Some(argo) = argo {
            access.plain_http |= argo.plain_http;
            if access.tls == Tls::default() {
                access.tls = argo.tls.clone();
            }
        }
        if let Some(repository) = repository {
            access.pass_credentials |= repository.pass_credentials;
            if access.tls == Tls::default() {
                access.tls = repository.tls()?;
            }
        }
        if access.tls.authorities.is_none() {
            let host = host(place.url).1;
            access.tls.authorities = argo::certificate(&self.config.argo_certificates(), host)?;
        }
        Ok(())
    }

    /// What is written down somewhere.
    fn files(
        &self,
        place: &Place<'_>,
        argo: Option<argo::Repository>,
        repository: Option<Repository>,
    ) -> Result<Option<(String, Authorization)>> {
        let flags = &self.config.flags;
        if place.named && !flags.username.is_empty() {
            let basic = Authorization::Basic(flags.username.clone(), flags.password.clone());
            return Ok(Some(("--username and --password".to_owned(), basic)));
        }
        if let Some((user, password)) = place.user {
            let basic = Authorization::Basic(user.clone(), password.clone());
            return Ok(Some(("the URL".to_owned(), basic)));
        }
        let argo_name = argo.as_ref().and_then(|argo| argo.name.clone());
        if let Some((argo, authorization)) =
            argo.and_then(|argo| Some((argo.file.clone(), argo.authorization?)))
        {
            return Ok(Some((format!("Argo CD's Secret {argo}"), authorization)));
        }
        if place.url.starts_with(SCHEME) {
            let files = [
                ("HELM_REGISTRY_CONFIG", self.config.registry_config()),
                ("DOCKER_CONFIG", self.config.docker_config()),
            ];
            for (source, file) in files {
                let Some(file) = file else { continue };
                if let Some(found) = docker::find(&file, host(place.url).0)? {
                    return Ok(Some((source.to_owned(), found)));
                }
            }
        }
        let name = repository.as_ref().map(|repository| repository.name.clone()).or(argo_name);
        if let Some(authorization) = repository.and_then(|repository| repository.authorization) {
            return Ok(Some(("repositories.yaml".to_owned(), authorization)));
        }
        Ok(name.and_then(|name| self.variables(&name)))
    }

    /// `<NAME>_USERNAME` and `<NAME>_PASSWORD`, as helmfile reads them.
    fn variables(&self, name: &str) -> Option<(String, Authorization)> {
        let name = name.to_uppercase().replace('-', "_");
        let user = self.config.variable(&format!("{name}_USERNAME"))?;
        let password = self.config.variable(&format!("{name}_PASSWORD"))?;
        Some((format!("{name}_USERNAME"), Authorization::Basic(user, Secret::new(password))))
    }

    /// What a cloud makes for us.
    async fn made(&self, place: &Place<'_>, deadline: Instant) -> Result<Option<(String, Authorization)>> {
        let host = host(place.url).1;
        if !place.url.starts_with(SCHEME) || !ecr::is_host(host) {
            return Ok(None);
        }
        Ok(self.ecr.token(host, deadline).await?.map(|found| ("ECR".to_owned(), found)))
    }
}

/// Host and port of a URL, and the host alone.
pub fn host(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => authority,
    };
    (authority, name)
}

/// How far `pattern` covers `url`: the length of it where it is the same place or
/// one above, whole components only, so that `https://a.com` does not cover
/// `https://a.com.example.org`.
fn covers(pattern: &str, url: &str) -> Option<usize> {
    let plain = |text: &str| {
        let text = text.trim_end_matches('/');
        let start = text.find("://").map_or(0, |at| at + 3);
        let end = text.get(start..).and_then(|rest| rest.find('/')).map_or(text.len(), |at| start + at);
        let (host, path) = text.split_at(end);
        format!("{}{path}", host.to_lowercase())
    };
    let (pattern, url) = (plain(pattern), plain(url));
    let rest = url.strip_prefix(&pattern).filter(|_| !pattern.is_empty())?;
    (rest.is_empty() || rest.starts_with('/')).then_some(pattern.len())
}

/// The text of a small file; `None` where there is none.
fn read(path: &Path) -> Result<Option<String>> {
    use std::io::Read;
    let failed = |e: std::io::Error| Error::new(Kind::Io, format!("{} cannot be read: {e}", path.display()));
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(e) => return Err(failed(e)),
    };
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text))
}

/// TLS settings out of files that flags or repositories.yaml name.
fn tls(ca: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>, insecure: bool) -> Result<Tls> {
    let text = |path: &Path| {
        read(path)?.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("open {}: no such file or directory", path.display()))
        })
    };
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((text(certificate)?, Secret::new(text(key)?))),
        _ => None,
    };
    Ok(Tls { authorities: ca.map(text).transpose()?, identity, insecure })
}

#[cfg(test)]
mod tests;
