//! Arguments as Go's pflag reads them, one by one: the first mistake is the one that
//! is named, and a flag takes whatever follows it.

use std::ffi::OsString;

use crate::cli::Refusal;
use crate::cli::flags::{boolean, invalid};
use crate::data::csv;
use crate::data::quote::{quote, quote_rune};
use crate::error::{Error, Result};
use crate::notice::{Level, Notice, Notices};

use super::flags::{CLASHES, FLAGS, Flag, To};
use super::value;
use super::{Args, without_chart};

/// Labels that Helm sets itself.
pub const RESERVED: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// What the arguments ask for.
pub enum Asked {
    Render(Box<Args>),
    Help,
}

/// What is said of the arguments, whether they are good or not.
#[derive(Default)]
pub struct Remarks {
    pub notices: Notices,
    /// Lines of their own.
    pub deprecated: Vec<String>,
}

/// Reads the arguments behind `template`.
///
/// # Errors
/// In pflag's and Helm's words.
pub fn read(given: &[OsString], remarks: &mut Remarks) -> std::result::Result<Asked, Refusal> {
    let not_utf8 = |arg: &OsString| Error::usage(format!("an argument is not UTF-8: {}", arg.display()));
    let given: Vec<&str> =
        given.iter().map(|arg| arg.to_str().ok_or_else(|| not_utf8(arg))).collect::<Result<_>>()?;
    let mut reading = Reading::default();
    reading.args.namespace = match std::env::var_os("HELM_NAMESPACE").map(OsString::into_string) {
        Some(Err(name)) => return Err(not_utf8(&name).into()),
        name => name.and_then(std::result::Result::ok),
    };
    // Helm looks for the flags of all commands first, as far as it can, and stops at a
    // wrong color.
    let _ = walk(&given, false, &mut |flag, value| reading.set(flag, value));
    if let Some(color) = reading.color.as_deref().filter(|mode| !matches!(*mode, "never" | "auto" | "always"))
    {
        let why =
            format!("invalid color mode {}: must be one of: never, auto, always", quote(color.as_bytes()));
        let message = "command failed".to_owned();
        remarks.notices.0.push(Notice { level: Level::Warn, message, fields: vec![("error", why)] });
        return Err(Refusal::Logged);
    }
    reading.names.clear();
    let args = walk(&given, true, &mut |flag, value| reading.set(flag, value));
    remarks.notices = std::mem::take(&mut reading.notices);
    reading.args.args = args?.into_iter().map(str::to_owned).collect();
    remarks.deprecated = reading.deprecated();
    if reading.help {
        return Ok(Asked::Help);
    }
    if reading.args.args.is_empty() {
        return Err(without_chart().into());
    }
    reading.check_clashes()?;
    Ok(Asked::Render(Box::new(reading.args)))
}

/// The flags that were read so far.
#[derive(Default)]
struct Reading {
    args: Args,
    help: bool,
    color: Option<String>,
    /// All of them, in their order.
    names: Vec<&'static str>,
    notices: Notices,
}

impl Reading {
    fn set(&mut self, flag: &'static Flag, text: &str) -> Result<()> {
        self.take(flag, text).map_err(|why| {
            let letter = flag.short.map(|letter| format!("-{}, ", char::from(letter))).unwrap_or_default();
            invalid(text, &format!("{letter}--{}", flag.name), &why)
        })?;
        self.names.push(flag.name);
        Ok(())
    }

    fn take(&mut self, flag: &Flag, text: &str) -> std::result::Result<(), String> {
        let args = &mut self.args;
        match flag.to {
            To::Switch(field) => *field(args) = boolean(text)?,
            To::Text(field) => *field(args) = Some(text.to_owned()),
            To::Path(field) => *field(args) = Some(text.into()).filter(|_| !text.is_empty()),
            To::Each(field) => field(args).push(text.to_owned()),
            To::List(_) if text.is_empty() => {}
            To::List(field) => field(args).extend(csv::first_record(text)?),
            To::Checked(check) => check(text)?,
            To::Labels => {
                let is_reserved = |(name, _): &(String, String)| RESERVED.contains(&name.as_str());
                args.accepted.reserved_label |= value::pairs(text)?.iter().any(is_reserved);
            }
            To::Wait => self.notices.0.extend(value::wait(text)?.map(|message| Notice {
                level: Level::Warn,
                message,
                fields: Vec::new(),
            })),
            To::Color => self.color = Some(text.to_owned()),
            To::Help => self.help = boolean(text)?,
        }
        Ok(())
    }

    /// A line for each flag that has another name by now.
    fn deprecated(&self) -> Vec<String> {
        let flags = self.names.iter().filter_map(|name| FLAGS.iter().find(|flag| flag.name == *name));
        let line =
            |flag: &Flag| Some(format!("Flag --{} has been deprecated, {}", flag.name, flag.deprecated?));
        flags.filter_map(line).collect()
    }

    /// cobra's words for flags that exclude each other.
    fn check_clashes(&self) -> Result<()> {
        let both = |group: &&[&str; 2]| group.iter().all(|name| self.names.contains(name));
        let Some(group) = CLASHES.iter().find(both) else { return Ok(()) };
        let mut set = *group;
        set.sort_unstable();
        Err(Error::usage(format!(
            "if any flags in the group [{}] are set none of the others can be; [{}] were all set",
            group.join(" "),
            set.join(" ")
        )))
    }
}

/// Goes through the arguments, hands each flag with its value on, and returns what
/// are none. Where not `all` flags are asked for, but those of all commands, others
/// are passed over, with what follows them unless that looks like a flag.
fn walk<'a>(
    given: &[&'a str],
    all: bool,
    set: &mut dyn FnMut(&'static Flag, &'a str) -> Result<()>,
) -> Result<Vec<&'a str>> {
    let (mut names, mut rest) = (Vec::new(), given);
    while let Some((arg, after)) = rest.split_first() {
        rest = match arg.strip_prefix('-') {
            None | Some("") => {
                names.push(*arg);
                after
            }
            Some("-") => {
                names.extend(after);
                break;
            }
            Some(flag) => match flag.strip_prefix('-') {
                Some(long) => walk_long(long, after, all, set)?,
                None => walk_short(flag, after, all, set)?,
            },
        }
    }
    Ok(names)
}

/// `--flag`, `--flag=value`; returns what is behind it.
fn walk_long<'a, 'g>(
    long: &'a str,
    after: &'g [&'a str],
    all: bool,
    set: &mut dyn FnMut(&'static Flag, &'a str) -> Result<()>,
) -> Result<&'g [&'a str]> {
    if long.starts_with(['-', '=']) {
        return Err(Error::usage(format!("bad flag syntax: --{long}")));
    }
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let Some(flag) = FLAGS.iter().find(|flag| flag.name == name && (all || flag.global)) else {
        return match value {
            _ if all || name == "help" => Err(Error::usage(format!("unknown flag: --{name}"))),
            Some(_) => Ok(after),
            None => Ok(without_value(after)),
        };
    };
    let (value, after) = match (value.or(flag.alone), after) {
        (Some(value), after) => (value, after),
        (None, [value, after @ ..]) => (*value, after),
        (None, []) => return Err(Error::usage(format!("flag needs an argument: --{name}"))),
    };
    set(flag, value)?;
    Ok(after)
}

/// `-f value`, `-fvalue`, `-f=value`, `-gf value`; returns what is behind it.
fn walk_short<'a, 'g>(
    mut letters: &'a str,
    behind: &'g [&'a str],
    all: bool,
    set: &mut dyn FnMut(&'static Flag, &'a str) -> Result<()>,
) -> Result<&'g [&'a str]> {
    let mut after = behind;
    while let Some(first) = letters.chars().next() {
        after = behind;
        // Left alone for the flags of Go's tests.
        if letters.starts_with("test.") {
            break;
        }
        let rest = letters.get(first.len_utf8()..).unwrap_or_default();
        let written = rest.strip_prefix('=').filter(|value| !value.is_empty());
        let known = |flag: &&Flag| flag.short.map(char::from) == Some(first) && (all || flag.global);
        let Some(flag) = FLAGS.iter().find(known) else {
            if all || first == 'h' {
                return Err(unknown_letter(first, letters));
            }
            if written.is_some() {
                break;
            }
            (letters, after) = (rest, without_value(behind));
            continue;
        };
        let value = match (written.or(flag.alone), behind) {
            (Some(value), _) => value,
            (None, _) if !rest.is_empty() => rest,
            (None, [value, next @ ..]) => {
                after = next;
                value
            }
            (None, []) => {
                let letter = quote_rune(first, false);
                return Err(Error::usage(format!("flag needs an argument: {letter} in -{letters}")));
            }
        };
        set(flag, value)?;
        match written.is_none() && flag.alone.is_some() {
            true => letters = rest,
            false => break,
        }
    }
    Ok(after)
}

/// Go names a letter beyond ASCII by the first byte of its first byte.
fn unknown_letter(letter: char, letters: &str) -> Error {
    let shown = if letter.is_ascii() { letter } else { '\u{c3}' };
    Error::usage(format!("unknown shorthand flag: {} in -{letters}", quote_rune(shown, false)))
}

/// What is left behind a flag that is not known.
fn without_value<'g, 'a>(after: &'g [&'a str]) -> &'g [&'a str] {
    match after {
        [value, after @ ..] if !value.starts_with('-') => after,
        after => after,
    }
}
