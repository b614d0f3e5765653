//! Chart.lock and requirements.lock: nothing of them reaches a template, but a
//! broken one stops Helm from loading the chart.

use crate::data::Value;
use crate::data::time::Time;

use super::decode::{self, Decoded, is, json_error, string};
use super::metadata;

const RFC3339: &[u8] = b"2006-01-02T15:04:05Z07:00";

/// Checks that a lock file can be read.
///
/// # Errors
/// The text of `yaml.Unmarshal`.
pub fn check(text: &[u8]) -> Result<(), String> {
    let mut generated = None;
    let mut digest = String::new();
    let mut dependencies = None;
    decode::unmarshal(text, "v2.Lock", |name, value| match name {
        _ if is(name, "generated") => time(value, &mut generated),
        _ if is(name, "digest") => string(value, &mut digest),
        _ if is(name, "dependencies") => metadata::dependencies(value, &mut dependencies),
        _ => Ok(()),
    })?;
    match generated {
        Some(text) => {
            let parsed = Time::parse(RFC3339, text.as_bytes());
            parsed.map(drop).map_err(|error| json_error(&error.to_string()))
        }
        None => Ok(()),
    }
}

/// `time.Time`: a string.
fn time(value: &Value, into: &mut Option<String>) -> Decoded {
    match value {
        Value::Nil => Ok(()),
        Value::Str(text) => {
            *into = Some(text.to_str_lossy().into_owned());
            Ok(())
        }
        other => Err(decode::Mismatch::new(other, "time.Time")),
    }
}
