//! Helm's repositories.yaml: names of HTTP repositories and how to speak to them.

use std::path::PathBuf;

use crate::data::yaml::{self, Numbers};
use crate::data::{Map, Value};
use crate::error::{Error, Result};
use crate::registry::config::Config;
use crate::registry::secret::Secret;
use crate::registry::tls::Tls;

use super::{Authorization, covers, read, tls};

/// One repository of the file.
#[derive(Debug, Clone)]
pub struct Repository {
    /// What charts call it: `@name`, `alias:name`, `name/chart`.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Who we are there.
    pub authorization: Option<Authorization>,
    /// `pass_credentials_all`
    pub pass_credentials: bool,
    files: [Option<PathBuf>; 3],
    insecure: bool,
}

impl Repository {
    /// Its TLS settings; the files that it names are read now.
    ///
    /// # Errors
    /// A file that is not there.
    pub fn tls(&self) -> Result<Tls> {
        let [ca, certificate, key] = &self.files;
        tls(ca.as_deref(), certificate.as_deref(), key.as_deref(), self.insecure)
    }
}

/// All repositories; none where there is no file.
///
/// # Errors
/// A file that is not YAML.
pub fn all(config: &Config) -> Result<Vec<Repository>> {
    let Some(path) = config.repositories() else { return Ok(Vec::new()) };
    let Some(text) = read(&path)? else { return Ok(Vec::new()) };
    let document = yaml::parse(text.as_bytes(), Numbers::Exact)
        .map_err(|_| Error::invalid(format!("{} is not valid YAML", path.display())))?;
    let list = document.as_map().and_then(|root| root.get("repositories"));
    let list = list.as_ref().and_then(Value::as_list).cloned();
    Ok(list.iter().flat_map(|list| list.items()).filter_map(Value::as_map).map(repository).collect())
}

fn repository(entry: &Map) -> Repository {
    let text = |key: &str| match entry.get(key) {
        Some(Value::Str(text)) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    };
    let is_set = |key: &str| matches!(entry.get(key), Some(Value::Bool(true)));
    let basic = |user: String| Authorization::Basic(user, Secret::new(text("password").unwrap_or_default()));
    Repository {
        name: text("name").unwrap_or_default(),
        url: text("url").unwrap_or_default(),
        authorization: text("username").map(basic),
        pass_credentials: is_set("pass_credentials_all"),
        files: ["caFile", "certFile", "keyFile"].map(|key| text(key).map(PathBuf::from)),
        insecure: is_set("insecure_skip_tls_verify"),
    }
}

/// The repository that covers most of `url`.
///
/// # Errors
/// As [`all`].
pub fn find(config: &Config, url: &str) -> Result<Option<Repository>> {
    let length = |repository: &Repository| covers(&repository.url, url);
    let known = all(config)?;
    Ok(known.into_iter().filter(|r| length(r).is_some()).max_by_key(|r| length(r)))
}
