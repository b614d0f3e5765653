//! What is wrong with the arguments, as Helm says it.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// The error's words; without Helm's, those of the parser.
pub fn of(error: &Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let arg = text(ContextKind::InvalidArg);
    let flag = arg.split([' ', '=', '[']).next().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => {
            match flag.strip_prefix('-').map(|name| (name, name.starts_with('-'))) {
                Some((_, true)) => format!("unknown flag: {flag}"),
                Some((name, false)) => format!("unknown shorthand flag: '{name}' in -{name}"),
                None => format!("unexpected argument {arg:?}"),
            }
        }
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand);
            format!("unknown command {name:?} for \"tiphys\"\nRun 'tiphys --help' for usage.")
        }
        ErrorKind::InvalidValue if text(ContextKind::InvalidValue).is_empty() => {
            format!("flag needs an argument: {flag}")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(known)) => format!("use {}", known.join(" or ")),
                _ => std::error::Error::source(error).map(ToString::to_string).unwrap_or_default(),
            };
            format!("invalid argument {:?} for {flag:?} flag: {why}", text(ContextKind::InvalidValue))
        }
        _ => {
            let text = error.to_string();
            text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned()
        }
    }
}
