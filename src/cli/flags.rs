//! Switches with a value (`--devel=false`), as Go's flags take them.

use std::ffi::OsString;

use clap::{ArgAction, Command};

use crate::data::quote::quote;
use crate::error::{Error, Result};

/// strconv.ParseBool.
///
/// # Errors
/// Go's text for what is no bool.
pub fn boolean(text: &str) -> std::result::Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {}: invalid syntax", quote(text.as_bytes()))),
    }
}

/// pflag's words for a value that `flag` (such as `-f, --values`) does not take.
pub fn invalid(value: &str, flag: &str, why: &str) -> Error {
    Error::usage(format!("invalid argument {} for \"{flag}\" flag: {why}", quote(value.as_bytes())))
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
        if boolean(value).map_err(|why| invalid(value, &format!("--{name}"), &why))? {
            kept.push(flag.into());
        }
    }
    Ok(kept)
}
