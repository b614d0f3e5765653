//! The flags that say how registries and repositories are spoken to, and the
//! network's door that they make.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::data::quote::quote;
use crate::error::{Error, Result};
use crate::registry::Registry;
use crate::registry::config::{Config, Flags};
use crate::registry::secret::Secret;
use crate::repository::disk::io_error;

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
    pub(super) username: Option<String>,
    /// Your password
    #[arg(long, value_name = "TEXT", overrides_with = "password")]
    pub(super) password: Option<String>,
    /// Trust these authorities instead of the system's
    #[arg(long, value_name = "FILE", overrides_with = "ca_file")]
    pub(super) ca_file: Option<PathBuf>,
    /// Your certificate
    #[arg(long, value_name = "FILE", overrides_with = "cert_file")]
    pub(super) cert_file: Option<PathBuf>,
    /// Your certificate's key
    #[arg(long, value_name = "FILE", overrides_with = "key_file")]
    pub(super) key_file: Option<PathBuf>,
    /// Take any certificate
    #[arg(long)]
    pub(super) insecure_skip_tls_verify: bool,
    /// Speak to the registry without TLS
    #[arg(long)]
    pub(super) plain_http: bool,
    /// Send your password to every host that serves charts of the repository
    #[arg(long)]
    pub(super) pass_credentials: bool,
    /// The file of `registry login`
    #[arg(long, value_name = "FILE", overrides_with = "registry_config")]
    pub(super) registry_config: Option<PathBuf>,
    /// The file of configured repositories
    #[arg(long, value_name = "FILE", overrides_with = "repository_config")]
    pub(super) repository_config: Option<PathBuf>,
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

    /// Whether the files of certificates can be read: Helm opens them whatever it then
    /// does. What is in them is looked at where something is fetched.
    ///
    /// # Errors
    /// In Helm's words, the file that cannot.
    pub fn check_files(&self) -> Result<()> {
        let (certificate, key) = (self.cert_file.as_deref(), self.key_file.as_deref());
        let both = certificate.is_some() && key.is_some();
        if !both && self.ca_file.is_none() && !self.insecure_skip_tls_verify {
            return Ok(());
        }
        if certificate.is_some() || key.is_some() {
            readable("unable to read cert file", certificate)?;
            readable("unable to read key file", key)?;
        }
        match self.ca_file.as_deref() {
            Some(authority) => readable("can't read CA file", Some(authority)),
            None => Ok(()),
        }
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

fn readable(wrong: &str, file: Option<&Path>) -> Result<()> {
    let path = file.unwrap_or(Path::new(""));
    let name = path.to_string_lossy();
    let failed = |operation: &str, e: &std::io::Error| {
        let file = quote(path.as_os_str().as_encoded_bytes());
        let context = format!("missing registry client: can't create TLS config for client: {wrong}: {file}");
        io_error(operation, &name, e).context(context)
    };
    let mut file = File::open(path).map_err(|e| failed("open", &e))?;
    file.read_to_end(&mut Vec::new()).map(drop).map_err(|e| failed("read", &e))
}

/// The configuration that this process's environment says.
pub fn from_environment() -> Config {
    Config::new(|name| std::env::var(name).ok())
}
