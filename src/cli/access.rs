//! The flags that say how registries and repositories are spoken to, and the
//! network's door that they make.

use std::path::PathBuf;

use clap::Args;

use crate::error::{Error, Result};
use crate::registry::Registry;
use crate::registry::config::{Config, Flags};
use crate::registry::secret::Secret;

/// Helm's flags of signatures, which are not verified.
#[derive(Debug, Args)]
pub struct Signatures {
    /// Refused: signatures are not verified
    #[arg(long, hide = true)]
    verify: bool,
    /// Accepted
    #[arg(long, hide = true)]
    keyring: Option<PathBuf>,
}

impl Signatures {
    /// Refuses what would promise more than is done.
    ///
    /// # Errors
    /// `--verify` is given.
    pub fn check(&self) -> Result<()> {
        match self.verify {
            true => Err(Error::usage("--verify: signatures are not verified")),
            false => Ok(()),
        }
    }
}

/// Helm's flags of registries and repositories.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Registries and repositories")]
pub struct Access {
    /// Who you are
    #[arg(long, value_name = "NAME", overrides_with = "username")]
    username: Option<String>,
    /// Your password
    #[arg(long, value_name = "TEXT", overrides_with = "password")]
    password: Option<String>,
    /// Trust these authorities instead of the system's
    #[arg(long, value_name = "FILE", overrides_with = "ca_file")]
    ca_file: Option<PathBuf>,
    /// Your certificate
    #[arg(long, value_name = "FILE", overrides_with = "cert_file")]
    cert_file: Option<PathBuf>,
    /// Your certificate's key
    #[arg(long, value_name = "FILE", overrides_with = "key_file")]
    key_file: Option<PathBuf>,
    /// Take any certificate
    #[arg(long)]
    insecure_skip_tls_verify: bool,
    /// Speak to the registry without TLS
    #[arg(long)]
    plain_http: bool,
    /// Send your password to every host that serves charts of the repository
    #[arg(long)]
    pass_credentials: bool,
    /// The file of `registry login`
    #[arg(long, value_name = "FILE", overrides_with = "registry_config")]
    registry_config: Option<PathBuf>,
    /// The file of configured repositories
    #[arg(long, value_name = "FILE", overrides_with = "repository_config")]
    repository_config: Option<PathBuf>,
}

impl Access {
    /// The network's door; nothing is read or opened yet.
    pub fn registry(&self) -> Registry {
        let mut config = from_environment();
        config.flags = Flags {
            username: self.username.clone().unwrap_or_default(),
            password: Secret::new(self.password.clone().unwrap_or_default()),
            ca_file: self.ca_file.clone(),
            cert_file: self.cert_file.clone(),
            key_file: self.key_file.clone(),
            insecure: self.insecure_skip_tls_verify,
            plain_http: self.plain_http,
            pass_credentials: self.pass_credentials,
            registry_config: self.registry_config.clone(),
            repository_config: self.repository_config.clone(),
        };
        Registry::new(config)
    }

    /// Takes any certificate, where another flag asks for it.
    pub fn take_any_certificate(&mut self, any: bool) {
        self.insecure_skip_tls_verify |= any;
    }

    /// The name and the password that were given.
    pub fn user(&self) -> (Option<String>, Option<String>) {
        (self.username.clone(), self.password.clone())
    }
}

/// The configuration that this process's environment says.
pub fn from_environment() -> Config {
    Config::new(|name| std::env::var(name).ok())
}
