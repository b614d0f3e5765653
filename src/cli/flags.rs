//! Flags as Helm takes them: those that change nothing here but have to be
//! accepted, those that need a cluster or a plugin and are refused, and
//! switches with a value (`--include-crds=false`).

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::error::{Error, Result};

use super::kubeconfig;

/// Switches of `helm template` that a render without a cluster does not look at.
const SWITCHES: &[&str] = &[
    "atomic",
    "create-namespace",
    "debug",
    "dependency-update",
    "disable-openapi-validation",
    "enable-dns",
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
const REFUSED: [(&str, &str); 4] = [
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

/// Those of the flags that the arguments name, or all. Nobody is shown them, and
/// making them all takes longer than reading a small chart's values.
pub fn accepted(args: Option<&[OsString]>) -> Vec<Arg> {
    let hidden = |name: &'static str| Arg::new(name).long(name).hide(true);
    let is_given = |name: &&'static str| args.is_none_or(|args| args.iter().any(|arg| names(arg, name)));
    let given =
        |names: &[&'static str]| names.iter().copied().filter(is_given).map(hidden).collect::<Vec<_>>();
    let short = |arg: Arg| if arg.get_id() == "labels" { arg.short('l') } else { arg };
    let optional = |arg: Arg| {
        arg.num_args(0..=1).require_equals(true).default_missing_value("unset").action(ArgAction::Append)
    };
    let refused = |arg: Arg| {
        let switch = matches!(arg.get_id().as_str(), "validate" | "verify");
        arg.action(if switch { ArgAction::SetTrue } else { ArgAction::Append })
    };
    let switches = given(SWITCHES).into_iter().map(|arg| arg.action(ArgAction::SetTrue));
    let values = given(VALUES).into_iter();
    let values = values.map(|arg| short(arg.action(ArgAction::Append).allow_hyphen_values(true)));
    switches
        .chain(values)
        .chain(given(&REFUSED.map(|(name, _)| name)).into_iter().map(refused))
        .chain(given(&["dry-run", "wait"]).into_iter().map(optional))
        .collect()
}

/// Whether an argument may name the flag; so it does where it is the short one's,
/// among others.
fn names(arg: &OsStr, flag: &str) -> bool {
    let text = arg.to_string_lossy();
    match text.strip_prefix("--") {
        Some(long) => long.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')),
        None => flag == "labels" && text.starts_with('-') && text.contains('l'),
    }
}

/// The flags themselves are [`accepted`].
impl Args for Accepted {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

impl FromArgMatches for Accepted {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Accepted, clap::Error> {
        let mut accepted = Accepted::default();
        accepted.update_from_arg_matches(matches)?;
        Ok(accepted)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        // A flag that was not made was not given.
        let given = |name: &str| match matches.try_get_one::<bool>(name) {
            Ok(set) => set == Some(&true),
            Err(_) => matches.try_contains_id(name).unwrap_or_default(),
        };
        self.refused = REFUSED.iter().map(|(name, _)| *name).find(|name| given(name));
        let last = |name: &str| {
            matches.try_get_many::<String>(name).ok().flatten().and_then(Iterator::last).cloned()
        };
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
