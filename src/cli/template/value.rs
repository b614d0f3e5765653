//! Values of flags that a render does not look at and Helm checks: each check as the
//! Go type behind the flag makes it, with its words.

use crate::cli::flags::boolean;
use crate::data::csv;
use crate::data::quote::quote;
use crate::data::time::duration as go_duration;
use crate::template::functions::number_text::{
    NotFloat, NotInt, parse_float, parse_int, parse_int32, parse_uint,
};

/// What is wrong with a value, in Go's words.
pub type Check = Result<(), String>;

/// Any text.
pub fn any(_: &str) -> Check {
    Ok(())
}

/// A switch.
pub fn switch(text: &str) -> Check {
    boolean(text).map(drop)
}

/// pflag's int.
pub fn int(text: &str) -> Check {
    integer(text, parse_int(text.as_bytes(), 0))
}

fn integer<T>(text: &str, parsed: Result<T, NotInt>) -> Check {
    let why = match parsed {
        Ok(_) => return Ok(()),
        Err(NotInt::Syntax) => "invalid syntax",
        Err(NotInt::Range(_)) => "value out of range",
    };
    Err(format!("strconv.ParseInt: parsing {}: {why}", quote(text.as_bytes())))
}

/// pflag's float32.
pub fn float32(text: &str) -> Check {
    let why = match parse_float(text.as_bytes()) {
        #[allow(clippy::cast_possible_truncation, reason = "what does not fit becomes infinite")]
        Ok(value) if value.is_infinite() || !(value as f32).is_infinite() => return Ok(()),
        Ok(_) | Err(NotFloat::Range) => "value out of range",
        Err(NotFloat::Syntax) => "invalid syntax",
    };
    Err(format!("strconv.ParseFloat: parsing {}: {why}", quote(text.as_bytes())))
}

/// time.Duration.
pub fn duration(text: &str) -> Check {
    go_duration::parse(text.as_bytes()).map(drop)
}

/// pflag's stringToString: pairs of names and values, as CSV where there are several.
///
/// # Errors
/// What is no pair.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let fields = match text.matches('=').count() {
        0 => return Err(format!("{text} must be formatted as key=value")),
        1 => vec![text.trim_matches('"').to_owned()],
        _ => csv::first_record(text)?,
    };
    let pair = |field: String| match field.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(format!("{field} must be formatted as key=value")),
    };
    fields.into_iter().map(pair).collect()
}

/// What waiting there is, for `--wait`; as it is said where it is said in the old way.
///
/// # Errors
/// Another word.
pub fn wait(text: &str) -> Result<Option<String>, String> {
    let now = match text {
        "watcher" | "hookOnly" | "legacy" => return Ok(None),
        "true" => "watcher",
        "false" => "hookOnly",
        _ => {
            let given = quote(text.as_bytes());
            return Err(format!(
                "invalid wait input {given}. Valid inputs are watcher, hookOnly, and legacy"
            ));
        }
    };
    Ok(Some(format!("--wait={text} is deprecated (boolean value) and can be replaced with --wait={now}")))
}

/// A switch of klog's.
pub fn log_switch(text: &str) -> Check {
    boolean(text).map(drop).map_err(|_| "parse error".to_owned())
}

/// klog's uint64.
pub fn log_size(text: &str) -> Check {
    match parse_uint(text.as_bytes(), 0) {
        Ok(_) => Ok(()),
        Err(NotInt::Syntax) => Err("parse error".to_owned()),
        Err(NotInt::Range(_)) => Err("value out of range".to_owned()),
    }
}

/// klog's level.
pub fn log_level(text: &str) -> Check {
    integer(text, parse_int32(text.as_bytes()))
}

/// klog's severity: a name or a number.
pub fn log_severity(text: &str) -> Check {
    match text.to_uppercase().as_str() {
        "INFO" | "WARNING" | "ERROR" | "FATAL" => Ok(()),
        _ => log_level(text),
    }
}

/// klog's levels of files: `name=level,…`.
pub fn log_modules(text: &str) -> Check {
    const SYNTAX: &str = "syntax error: expect comma-separated list of filename=N";
    for entry in text.split(',').filter(|entry| !entry.is_empty()) {
        let pair = entry.split_once('=').filter(|(name, level)| !name.is_empty() && !level.is_empty());
        let level = pair.and_then(|(_, level)| parse_int32(level.as_bytes()).ok());
        if level.ok_or(SYNTAX)? < 0 {
            return Err("negative value for vmodule level".to_owned());
        }
    }
    Ok(())
}

/// klog's place in a file: `file.go:234`.
pub fn log_place(text: &str) -> Check {
    if text.is_empty() {
        return Ok(());
    }
    let place = text.split_once(':').filter(|(file, _)| file.contains('.'));
    let line = place.and_then(|(_, line)| parse_int(line.as_bytes(), 10).ok());
    match line.ok_or("syntax error: expect file.go:234")? {
        ..=0 => Err("negative or zero value for level".to_owned()),
        _ => Ok(()),
    }
}
