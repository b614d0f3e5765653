//! Package time's named integers: the words that durations, months and weekdays
//! print as, and their methods.

use super::{MONTHS, WEEKDAYS, duration};
use crate::data::{IntKind, Method, Signature, Ty, Value};

const NONE: Signature = Signature { params: &[], variadic: false };
const DURATION: Signature = Signature { params: &[Ty::Object("time.Duration")], variadic: false };

const fn method(name: &'static str, call: fn(&Value, &[Value]) -> Result<Value, String>) -> Method {
    Method { name, signature: NONE, call }
}

static NAMES: &[Method] = &[method("String", string)];

static DURATIONS: &[Method] = &[
    method("String", string),
    method("Hours", |d, _| Ok(float(d, 3_600_000_000_000))),
    method("Minutes", |d, _| Ok(float(d, 60_000_000_000))),
    method("Seconds", |d, _| Ok(float(d, 1_000_000_000))),
    method("Milliseconds", |d, _| Ok(Value::int64(nanoseconds(d) / 1_000_000))),
    method("Microseconds", |d, _| Ok(Value::int64(nanoseconds(d) / 1_000))),
    method("Nanoseconds", |d, _| Ok(Value::int64(nanoseconds(d)))),
    method("Abs", |d, _| Ok(value(nanoseconds(d).saturating_abs()))),
    Method {
        name: "Round",
        signature: DURATION,
        call: |d, args| Ok(value(duration::round(nanoseconds(d), unit(args)))),
    },
    Method {
        name: "Truncate",
        signature: DURATION,
        call: |d, args| Ok(value(duration::truncate(nanoseconds(d), unit(args)))),
    },
];

/// What its String method answers; the numbers of other types have none.
pub fn text(n: i64, kind: IntKind) -> Option<String> {
    Some(match kind {
        IntKind::Duration => duration::format(n),
        IntKind::Month => named(&MONTHS, n.checked_sub(1)).unwrap_or_else(|| unnamed("Month", n)),
        IntKind::Weekday => named(&WEEKDAYS, Some(n)).unwrap_or_else(|| unnamed("Weekday", n)),
        IntKind::Int | IntKind::Int32 | IntKind::Int64 => return None,
    })
}

fn named(names: &[&str], at: Option<i64>) -> Option<String> {
    names.get(usize::try_from(at?).ok()?).map(|name| (*name).to_owned())
}

/// Months and days that there are not.
fn unnamed(ty: &str, n: i64) -> String {
    format!("%!{ty}({})", n.cast_unsigned())
}

/// The methods of an integer type.
pub fn methods(kind: IntKind) -> &'static [Method] {
    match kind {
        IntKind::Duration => DURATIONS,
        IntKind::Month | IntKind::Weekday => NAMES,
        IntKind::Int | IntKind::Int32 | IntKind::Int64 => &[],
    }
}

fn string(value: &Value, _: &[Value]) -> Result<Value, String> {
    match value {
        Value::Int(n, kind) => text(*n, *kind).map(Value::from).ok_or_else(|| "no String method".to_owned()),
        _ => Err("no String method".to_owned()),
    }
}

fn nanoseconds(value: &Value) -> i64 {
    match value {
        Value::Int(n, _) => *n,
        _ => 0,
    }
}

fn unit(args: &[Value]) -> i64 {
    args.first().map_or(0, nanoseconds)
}

fn value(n: i64) -> Value {
    Value::Int(n, IntKind::Duration)
}

fn float(value: &Value, unit: i64) -> Value {
    Value::Float(duration::as_float(nanoseconds(value), unit))
}
