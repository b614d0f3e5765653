//! Helm's functions of durations (since 4.1).

use super::args::{any, row};
use crate::data::time::duration;
use crate::data::{IntKind, Ty, Value, number};
use crate::template::function::Function;
use crate::template::print::quote;

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "mustToDuration",
        &[Ty::Any],
        "a duration of a text such as `1h30m`, or of a number (also as text) of seconds; fails on others",
        &[
            (r#"{{ mustToDuration "90m" }}"#, "1h30m0s"),
            (r#"{{ mustToDuration 2.5 }}"#, "2.5s"),
            (r#"{{ mustToDuration "x" }}"#, r#"!could not parse duration "x""#),
        ],
        |_, args| Ok(value(read(any(args, 0))?)),
    ),
    row(
        "durationSeconds",
        &[Ty::Any],
        "the seconds of a duration; 0 where it is none",
        &[(r#"{{ durationSeconds "90m" }}"#, "5400")],
        |_, args| Ok(float(any(args, 0), SECOND, 1.0)),
    ),
    row(
        "durationMilliseconds",
        &[Ty::Any],
        "the whole milliseconds of a duration; 0 where it is none",
        &[(r#"{{ durationMilliseconds "1.5s" }}"#, "1500")],
        |_, args| Ok(whole(any(args, 0), 1_000_000)),
    ),
    row(
        "durationMicroseconds",
        &[Ty::Any],
        "the whole microseconds of a duration; 0 where it is none",
        &[("{{ durationMicroseconds 1 }}", "1000000")],
        |_, args| Ok(whole(any(args, 0), 1_000)),
    ),
    row(
        "durationNanoseconds",
        &[Ty::Any],
        "the nanoseconds of a duration; 0 where it is none",
        &[(r#"{{ durationNanoseconds "1us" }}"#, "1000")],
        |_, args| Ok(whole(any(args, 0), 1)),
    ),
    row(
        "durationMinutes",
        &[Ty::Any],
        "the minutes of a duration; 0 where it is none",
        &[(r#"{{ durationMinutes "90s" }}"#, "1.5")],
        |_, args| Ok(float(any(args, 0), 60 * SECOND, 1.0)),
    ),
    row(
        "durationHours",
        &[Ty::Any],
        "the hours of a duration; 0 where it is none",
        &[(r#"{{ durationHours "90m" }}"#, "1.5"), (r#"{{ durationHours "x" }}"#, "0")],
        |_, args| Ok(float(any(args, 0), HOUR, 1.0)),
    ),
    row(
        "durationDays",
        &[Ty::Any],
        "the days of a duration; 0 where it is none",
        &[(r#"{{ durationDays "36h" }}"#, "1.5")],
        |_, args| Ok(float(any(args, 0), HOUR, 24.0)),
    ),
    row(
        "durationWeeks",
        &[Ty::Any],
        "the weeks of a duration; 0 where it is none",
        &[(r#"{{ durationWeeks "36h" }}"#, "0.21428571428571427")],
        // Go divides twice, which rounds twice.
        |_, args| match float(any(args, 0), HOUR, 24.0) {
            Value::Float(days) => Ok(Value::Float(days / 7.0)),
            other => Ok(other),
        },
    ),
    row(
        "durationRoundTo",
        &[Ty::Any, Ty::Any],
        "a duration rounded to the nearest multiple of another",
        &[
            (r#"{{ durationRoundTo "1h35m" "30m" }}"#, "1h30m0s"),
            (r#"{{ durationRoundTo "-45m" "30m" }}"#, "-1h0m0s"),
        ],
        |_, args| Ok(fit(any(args, 0), any(args, 1), duration::round)),
    ),
    row(
        "durationTruncateTo",
        &[Ty::Any, Ty::Any],
        "a duration cut down to a multiple of another",
        &[(r#"{{ durationTruncateTo "1h35m" "30m" }}"#, "1h30m0s")],
        |_, args| Ok(fit(any(args, 0), any(args, 1), duration::truncate)),
    ),
];

fn value(nanos: i64) -> Value {
    Value::Int(nanos, IntKind::Duration)
}

fn float(of: &Value, unit: i64, divisor: f64) -> Value {
    Value::Float(read(of).map_or(0.0, |nanos| duration::as_float(nanos, unit) / divisor))
}

fn whole(of: &Value, unit: i64) -> Value {
    Value::int64(read(of).map_or(0, |nanos| nanos / unit))
}

/// A bad duration is 0; a bad unit leaves the duration as it is.
fn fit(of: &Value, unit: &Value, with: fn(i64, i64) -> i64) -> Value {
    value(match (read(of), read(unit)) {
        (Ok(nanos), Ok(unit)) => with(nanos, unit),
        (Ok(nanos), Err(_)) => nanos,
        (Err(_), _) => 0,
    })
}

/// Nanoseconds of any value that can be read as a duration; bare numbers are seconds.
fn read(of: &Value) -> Result<i64, String> {
    match of {
        Value::Int(nanos, IntKind::Duration) => Ok(*nanos),
        Value::Int(n, _) => n.checked_mul(SECOND).ok_or_else(|| format!("duration seconds overflow: {n}")),
        Value::Uint(n, _) => i64::try_from(*n)
            .ok()
            .and_then(|n| n.checked_mul(SECOND))
            .ok_or_else(|| format!("duration seconds overflow: {n}")),
        Value::Float(n) => seconds(*n),
        Value::Str(text) => {
            let trimmed = text.to_str_lossy();
            let trimmed = trimmed.trim();
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            if let Ok(nanos) = duration::parse(trimmed.as_bytes()) {
                return Ok(nanos);
            }
            match parse_float(trimmed) {
                Some(n) => seconds(n),
                None => Err(format!("could not parse duration {}", quote(text.as_bytes()))),
            }
        }
        Value::Nil => Err("invalid duration".to_owned()),
        other => Err(format!("unsupported duration type {}", other.type_name())),
    }
}

fn seconds(n: f64) -> Result<i64, String> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if !n.is_finite() {
        return Err(format!("invalid duration seconds: {}", number::format_g(n)));
    }
    if n.abs() > LIMIT / 1e9 {
        return Err(format!("duration seconds overflow: {}", number::format_g(n)));
    }
    let nanos = n * 1e9;
    if nanos.abs() > LIMIT {
        return Err(format!("duration nanoseconds overflow: {}", number::format_g(nanos)));
    }
    // Go's conversion of 2⁶³ gives the least number.
    #[allow(clippy::cast_possible_truncation)]
    Ok(if nanos >= LIMIT { i64::MIN } else { nanos as i64 })
}

/// strconv.ParseFloat of decimal texts: digits may have underscores between
/// them, and what does not fit is an error.
fn parse_float(text: &str) -> Option<f64> {
    let digit = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit);
    let between = |(at, _)| digit(usize::checked_sub(at, 1)) && digit(Some(at + 1));
    if !text.match_indices('_').all(between) {
        return None;
    }
    let value: f64 = text.replace('_', "").parse().ok()?;
    // Rust reads a number that is too large as infinity.
    let spelled = text.bytes().any(|b| matches!(b, b'i' | b'I'));
    (value.is_finite() || value.is_nan() || spelled).then_some(value)
}
