//! What the environment says of registries: where files of credentials and the
//! cache are, how long things are believed. The environment itself is read by
//! whoever makes a [`Config`]; nothing is looked at before it is needed.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::cache;
use super::http::Proxies;
use super::secret::Secret;

/// How a variable of the environment is read.
pub type Env = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where to look for credentials and where to keep downloads.
#[derive(Clone)]
pub struct Config {
    /// The environment.
    pub env: Env,
    /// What the command line says, over everything else.
    pub flags: Flags,
}

/// Helm's flags of registries and repositories. They hold for what the command
/// line names, and for nothing that a chart names.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--username`
    pub username: String,
    /// `--password`
    pub password: Secret,
    /// `--ca-file`
    pub ca_file: Option<PathBuf>,
    /// `--cert-file`
    pub cert_file: Option<PathBuf>,
    /// `--key-file`
    pub key_file: Option<PathBuf>,
    /// `--insecure-skip-tls-verify`
    pub insecure: bool,
    /// `--plain-http`
    pub plain_http: bool,
    /// `--pass-credentials`
    pub pass_credentials: bool,
    /// `--registry-config`
    pub registry_config: Option<PathBuf>,
    /// `--repository-config`
    pub repository_config: Option<PathBuf>,
}

impl Config {
    /// A configuration out of an environment, with no flags.
    pub fn new(env: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Config {
        Config { env: Arc::new(env), flags: Flags::default() }
    }

    /// A variable, where it is set to something.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|value| !value.is_empty())
    }

    /// The proxies.
    pub fn proxies(&self) -> Proxies {
        let get = |name: &str| {
            let lower = self.variable(&name.to_lowercase());
            self.variable(name).or(lower).unwrap_or_default()
        };
        Proxies { http: get("HTTP_PROXY"), https: get("HTTPS_PROXY"), no: get("NO_PROXY") }
    }

    /// Where the cache is and how long it is believed.
    pub fn cache(&self) -> cache::Settings {
        let number = |name: &str| self.variable(name).and_then(|text| text.parse().ok());
        let seconds = |name: &str, default| Duration::from_secs(number(name).unwrap_or(default));
        cache::Settings {
            directory: self.cache_directory(),
            tag_life: seconds("TIPHYS_CACHE_TAG_SECONDS", 300),
            index_life: seconds("TIPHYS_CACHE_INDEX_SECONDS", 60),
            size: number("TIPHYS_CACHE_MIB").unwrap_or(1024).saturating_mul(1 << 20),
        }
    }

    /// TIPHYS_CACHE_DIR, else below the user's cache, else below the temporary directory.
    fn cache_directory(&self) -> PathBuf {
        if let Some(directory) = self.variable("TIPHYS_CACHE_DIR") {
            return directory.into();
        }
        let own = self.variable("XDG_CACHE_HOME").map(|base| PathBuf::from(base).join("tiphys"));
        // Containers without a user of their own have the root, which they cannot write, as home.
        let home = || {
            let home = self.variable("HOME").filter(|home| home != "/").map(PathBuf::from)?;
            home.is_dir().then(|| home.join(".cache/tiphys"))
        };
        own.or_else(home).unwrap_or_else(|| {
            let temporary = self.variable("TMPDIR").unwrap_or_else(|| "/tmp".to_owned());
            PathBuf::from(temporary).join("tiphys-cache")
        })
    }

    /// Helm's directory of configuration.
    fn helm_home(&self) -> Option<PathBuf> {
        if let Some(home) = self.variable("HELM_CONFIG_HOME") {
            return Some(home.into());
        }
        let base = self.variable("XDG_CONFIG_HOME").map(PathBuf::from);
        let base = base.or_else(|| Some(PathBuf::from(self.variable("HOME")?).join(".config")));
        Some(base?.join("helm"))
    }

    /// The file of `helm registry login`.
    pub fn registry_config(&self) -> Option<PathBuf> {
        let flag = self.flags.registry_config.clone();
        flag.or_else(|| self.variable("HELM_REGISTRY_CONFIG").map(PathBuf::from))
            .or_else(|| Some(self.helm_home()?.join("registry/config.json")))
    }

    /// Docker's configuration.
    pub fn docker_config(&self) -> Option<PathBuf> {
        let directory = self.variable("DOCKER_CONFIG").map(PathBuf::from);
        let directory = directory.or_else(|| Some(PathBuf::from(self.variable("HOME")?).join(".docker")));
        Some(directory?.join("config.json"))
    }

    /// The file of `helm repo add`.
    pub fn repositories(&self) -> Option<PathBuf> {
        let flag = self.flags.repository_config.clone();
        flag.or_else(|| self.variable("HELM_REPOSITORY_CONFIG").map(PathBuf::from))
            .or_else(|| Some(self.helm_home()?.join("repositories.yaml")))
    }

    /// The directory with one directory for each of Argo CD's repository Secrets.
    pub fn argo_secrets(&self) -> PathBuf {
        let set = self.variable("TIPHYS_REPOSITORIES_DIR");
        set.unwrap_or_else(|| "/app/config/repositories".to_owned()).into()
    }

    /// Argo CD's certificates of servers: a file a host.
    pub fn argo_certificates(&self) -> PathBuf {
        self.variable("ARGOCD_TLS_DATA_PATH").unwrap_or_else(|| "/app/config/tls".to_owned()).into()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("flags", &self.flags).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_the_users_own() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().display().to_string();
        let directory = |env: &[(&str, &str)]| {
            let env: Vec<(String, String)> =
                env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let get = move |name: &str| env.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
            Config::new(get).cache().directory.display().to_string()
        };
        assert_eq!(directory(&[("HOME", &at), ("TIPHYS_CACHE_DIR", "/c")]), "/c");
        assert_eq!(directory(&[("HOME", &at), ("XDG_CACHE_HOME", "/x")]), "/x/tiphys");
        assert_eq!(directory(&[("HOME", &at)]), format!("{at}/.cache/tiphys"));
        assert_eq!(directory(&[("HOME", "/")]), "/tmp/tiphys-cache");
        assert_eq!(directory(&[("TMPDIR", "/t")]), "/t/tiphys-cache");
    }
}
