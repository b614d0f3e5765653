//! Flags as Helm takes them: those that change nothing here but have to be
//! accepted, those that need a cluster or a plugin and are refused, and
//! switches with a value (`--include-crds=false`).

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::error::{Error, Result};

use super::kubeconfig;

/// Switches of `helm template` that a render without a cluster does not look at.
const SWITCHES: &[&str] = &[
    "atomic",
    "create-namespace",
    "dependency-update",
    "disable-openapi-validation",
    "force",
    "force-conflicts",
    "force-replace",
    "hide-notes",
    "kube-insecure-skip-tls-verify",
    "render-subchart-notes",
    "replace",
    "rollback-on-failure",
    "server-side",
    "take-ownership",
    "wait-for-jobs",
];

/// Flags with a value that a render does not look at: of installing, of a cluster.
const VALUES: &[&str] = &[
    "burst-limit",
    "color",
    "colour",
    "content-cache",
    "description",
    "keyring",
    "kube-apiserver",
    "kube-as-group",
    "kube-as-user",
    "kube-ca-file",
    "kube-context",
    "kube-tls-server-name",
    "kube-token",
    "kubeconfig",
    "labels",
    "qps",
    "repository-cache",
    "timeout",
];

/// Flags that ask for what a render does not do, and why not.
const REFUSED: &[(&str, &str)] = &[
    ("post-renderer", "no plugin is ever run"),
    ("post-renderer-args", "no plugin is ever run"),
    ("validate", "a render has no cluster"),
    ("verify", "signatures are not verified"),
];

/// The flags of Helm's that have no field of their own.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    refused: Option<&'static str>,
    dry_run: Option<String>,
    kubeconfig: Option<String>,
    kube_context: Option<String>,
}

impl Accepted {
    /// Whether what the flags ask for can be done.
    ///
    /// # Errors
    /// A flag that needs a cluster or a plugin; a wrong `--dry-run`.
    pub fn check(&self) -> Result<()> {
        match self.dry_run.as_deref() {
            None | Some("client" | "none" | "true" | "false" | "unset") => {}
            Some("server") => return Err(Error::usage("--dry-run=server: a render has no cluster")),
            Some(other) => {
                let message =
                    format!("invalid dry-run value ({other:?}). Must be \"none\", \"server\", or \"client\"");
                return Err(Error::usage(message));
            }
        }
        match REFUSED.iter().find(|(name, _)| Some(*name) == self.refused) {
            Some((name, why)) => Err(Error::usage(format!("--{name}: {why}"))),
            None => Ok(()),
        }
    }
}

impl Accepted {
    /// The namespace of the context that the flags, or the kubeconfig, name.
    pub fn context_namespace(&self) -> Option<String> {
        kubeconfig::namespace(self.kubeconfig.as_deref(), self.kube_context.as_deref())
    }
}

impl Args for Accepted {
    fn augment_args(command: Command) -> Command {
        let hidden = |name: &'static str| Arg::new(name).long(name).hide(true);
        let short = |arg: Arg| if arg.get_id() == "labels" { arg.short('l') } else { arg };
        let optional = |name| {
            hidden(name)
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("unset")
                .action(ArgAction::Append)
        };
        command
            .args(SWITCHES.iter().map(|name| hidden(name).action(ArgAction::SetTrue)))
            .args(
                VALUES
                    .iter()
                    .map(|name| short(hidden(name).action(ArgAction::Append).allow_hyphen_values(true))),
            )
            .args(REFUSED.iter().map(|(name, _)| {
                let switch = matches!(*name, "validate" | "verify");
                hidden(name).action(if switch { ArgAction::SetTrue } else { ArgAction::Append })
            }))
            .args([optional("dry-run"), optional("wait")])
            .args([hidden("enable-dns"), hidden("debug")].map(|arg| arg.action(ArgAction::SetTrue)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Accepted::augment_args(command)
    }
}

impl FromArgMatches for Accepted {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Accepted, clap::Error> {
        let mut accepted = Accepted::default();
        accepted.update_from_arg_matches(matches)?;
        Ok(accepted)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        let given = |name: &str| match name {
            "validate" | "verify" => matches.get_flag(name),
            _ => matches.contains_id(name),
        };
        self.refused = REFUSED.iter().map(|(name, _)| *name).find(|name| given(name));
        let last = |name: &str| matches.get_many::<String>(name).and_then(Iterator::last).cloned();
        self.dry_run = last("dry-run");
        self.kubeconfig = last("kubeconfig");
        self.kube_context = last("kube-context");
        Ok(())
    }
}

/// Rewrites `--switch=true` to `--switch`, and takes out what `--switch=false`
/// undoes, for every switch of `command`: clap's switches take no value and come
/// once, Go's take one and may be repeated.
///
/// # Errors
/// A value that Go does not read as a bool.
pub fn without_switch_values(command: &Command, args: Vec<OsString>) -> Result<Vec<OsString>> {
    let is_switch = |name: &str| {
        let mut switches =
            command.get_arguments().filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue));
        switches.any(|arg| arg.get_long() == Some(name))
    };
    let mut kept: Vec<OsString> = Vec::with_capacity(args.len());
    for arg in args {
        let text = arg.to_string_lossy();
        let (flag, value) = text.split_once('=').unwrap_or((&text, "true"));
        let Some(name) = flag.strip_prefix("--").filter(|name| is_switch(name)) else {
            kept.push(arg);
            continue;
        };
        kept.retain(|earlier| earlier != flag);
        match value {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => kept.push(flag.into()),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => {}
            _ => {
                let message = format!(
                    "invalid argument {value:?} for \"--{name}\" flag: strconv.ParseBool: parsing {value:?}: invalid syntax"
                );
                return Err(Error::usage(message));
            }
        }
    }
    Ok(kept)
}
