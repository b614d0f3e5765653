//! Argo CD's repository Secrets, mounted as files: one directory a Secret, one file
//! a key; and its certificates of servers, one file a host.

use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::registry::reference::SCHEME;
use crate::registry::secret::Secret;
use crate::registry::tls::Tls;

use super::{Authorization, covers, read};

/// What a Secret says of a repository.
#[derive(Debug)]
pub struct Repository {
    /// The directory's name, which is the Secret's.
    pub file: String,
    /// `name`
    pub name: Option<String>,
    /// `username` and `password`, or `bearerToken`
    pub authorization: Option<Authorization>,
    /// `tlsClientCertData`, `tlsClientCertKey`, `insecure`
    pub tls: Tls,
    /// `insecureOCIForceHttp`
    pub plain_http: bool,
}

/// The Secret that covers most of `url`: one for the repository wins over one for
/// all below a prefix.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn find(directory: &Path, url: &str) -> Result<Option<Repository>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => {
            return Err(Error::new(Kind::Io, format!("{} cannot be read: {e}", directory.display())));
        }
    };
    let mut names: Vec<String> = entries.flatten().filter_map(|e| e.file_name().into_string().ok()).collect();
    // Kubernetes keeps the versions of a mount in names with a dot.
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    let mut best: Option<(usize, String)> = None;
    for name in names {
        let Some(own) = read(&directory.join(&name).join("url"))? else { continue };
        let length = [own.trim().to_owned(), format!("{SCHEME}{}", own.trim())]
            .iter()
            .filter_map(|pattern| covers(pattern, url))
            .max();
        if let Some(length) = length
            && best.as_ref().is_none_or(|(most, _)| length > *most)
        {
            best = Some((length, name));
        }
    }
    best.map(|(_, name)| load(directory, name)).transpose()
}

fn load(directory: &Path, file: String) -> Result<Repository> {
    let key = |name: &str| -> Result<Option<String>> {
        let text = read(&directory.join(&file).join(name))?;
        Ok(text.map(|text| text.trim_end_matches('\n').to_owned()).filter(|text| !text.is_empty()))
    };
    let is_set = |name: &str| -> Result<bool> { Ok(key(name)?.as_deref() == Some("true")) };
    let authorization = match (key("bearerToken")?, key("username")?) {
        (Some(token), _) => Some(Authorization::Bearer(Secret::new(token))),
        (None, Some(user)) => {
            Some(Authorization::Basic(user, Secret::new(key("password")?.unwrap_or_default())))
        }
        (None, None) => None,
    };
    let identity = match (key("tlsClientCertData")?, key("tlsClientCertKey")?) {
        (Some(certificate), Some(key)) => Some((certificate, Secret::new(key))),
        _ => None,
    };
    Ok(Repository {
        authorization,
        tls: Tls { authorities: None, identity, insecure: is_set("insecure")? },
        plain_http: is_set("insecureOCIForceHttp")?,
        name: key("name")?,
        file,
    })
}

/// The certificates that Argo CD trusts for a host (argocd-tls-certs-cm).
///
/// # Errors
/// A file that is there and cannot be read.
pub fn certificate(directory: &Path, host: &str) -> Result<Option<String>> {
    if host.is_empty() || host.starts_with('.') || host.contains('/') {
        return Ok(None);
    }
    read(&directory.join(host))
}
