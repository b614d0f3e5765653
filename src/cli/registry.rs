//! `tiphys registry login` and `logout`: what a registry lets us in with.

use std::io::Read;
use std::time::Instant;

use clap::{Parser, Subcommand};

use crate::error::{Error, Result};
use crate::notice::Notices;
use crate::registry::secret::Secret;
use crate::source::dependencies::PATIENCE;

use super::access::Access;

/// Log in to a registry, or out of it, as `helm registry` does
#[derive(Debug, Parser)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Login(Login),
    Logout(Logout),
}

/// Ask a registry whether it lets you in, and remember it
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys registry login HOST [flags]",
    after_help = "Example:\n  tiphys registry login registry.example.com -u me --password-stdin < password.txt"
)]
struct Login {
    /// The registry
    #[arg(hide = true)]
    host: Vec<String>,
    /// Who you are
    #[arg(short = 'u', value_name = "NAME", id = "short_username")]
    user: Option<String>,
    /// Your password
    #[arg(short = 'p', value_name = "TEXT", id = "short_password")]
    secret: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Take any certificate
    #[arg(long)]
    insecure: bool,
    #[command(flatten)]
    access: Access,
}

/// Forget what a registry let you in with
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys registry logout HOST",
    after_help = "Example:\n  tiphys registry logout registry.example.com"
)]
struct Logout {
    /// The registry
    #[arg(hide = true)]
    host: Vec<String>,
    #[command(flatten)]
    access: Access,
}

/// Logs in or out.
pub fn run(args: &Args) -> Result<()> {
    match &args.command {
        Command::Login(login) => login.run(),
        Command::Logout(logout) => {
            let Some(host) = logout.host.first() else {
                return Err(super::requires("registry logout", 1, "[host] [flags]"));
            };
            logout.access.registry().logout(host)?;
            super::print(format!("Removing login credentials for {host}\n").as_bytes())
        }
    }
}

impl Login {
    fn run(&self) -> Result<()> {
        let Some(host) = self.host.first() else {
            return Err(super::requires("registry login", 1, "[host] [flags]"));
        };
        let (user, password) = self.access.user();
        let user = self.user.clone().or(user).unwrap_or_default();
        let password = self.password(self.secret.clone().or(password))?;
        let mut access = self.access.clone();
        access.take_any_certificate(self.insecure);
        let registry = access.registry();
        let login = || registry.login(host, &user, &password, Instant::now() + PATIENCE);
        super::progress::during("logging in", login)
            .map_err(|e| e.context(format_args!("authenticating to {host:?}")))?;
        super::print(b"Login Succeeded\n")
    }

    fn password(&self, given: Option<String>) -> Result<Secret> {
        if self.password_stdin {
            let mut text = String::new();
            let read = std::io::stdin().lock().take(1 << 20).read_to_string(&mut text);
            read.map_err(|e| Error::usage(format!("the password cannot be read: {e}")))?;
            let text = text.strip_suffix('\n').unwrap_or(&text);
            return Ok(Secret::new(text.strip_suffix('\r').unwrap_or(text)));
        }
        let Some(given) = given else {
            let error = Error::usage("password required");
            return Err(error.hint("pass it on standard input with --password-stdin"));
        };
        let mut notices = Notices::default();
        notices.warn("using --password via the CLI is insecure. Use --password-stdin");
        super::print_notices(&notices);
        Ok(Secret::new(given))
    }
}
