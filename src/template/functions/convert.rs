//! Sprig's conversions to numbers, which never fail: what is no number is 0
//! (spf13/cast's rules).

use super::args::{any, bytes, row};
use super::number_text::{NotInt, parse_float, parse_int};
use super::text;
use crate::data::{IntKind, Ty, Value};
use crate::template::function::{FuncError, Function, Host};

const ANY: &[Ty] = &[Ty::Any];

/// `int`, `int64`, `float64`, `atoi`, `toDecimal`.
pub static FUNCTIONS: &[Function] = &[
    row(
        "int",
        ANY,
        "Value to an int; texts may have a base prefix and underscores, floats are cut.",
        &[(r#"{{ int "0x10" }} {{ int 5.99 }} {{ int "1.5" }}"#, "16 5 0"), (r#"{{ int "010" }}"#, "8")],
        |_, args| Ok(Value::int(to_int64(any(args, 0)))),
    ),
    row(
        "int64",
        ANY,
        "Value to an int64, like int.",
        &[(r#"{{ int64 "1_000" }} {{ int64 true }}"#, "1000 1")],
        |_, args| Ok(Value::int64(to_int64(any(args, 0)))),
    ),
    row(
        "float64",
        ANY,
        "Value to a float64.",
        &[(r#"{{ float64 "3.25" }} {{ float64 nil }}"#, "3.25 0")],
        |_, args| Ok(to_float64(any(args, 0)).into()),
    ),
    row(
        "atoi",
        &[Ty::Str],
        "Decimal text to an int; 0 where it is none.",
        &[(r#"{{ atoi "012" }} {{ atoi "1x" }}"#, "12 0")],
        |_, args| {
            Ok(Value::int(match parse_int(bytes(args, 0), 10) {
                Ok(n) | Err(NotInt::Range(n)) => n,
                Err(NotInt::Syntax) => 0,
            }))
        },
    ),
    row(
        "toDecimal",
        ANY,
        "Octal text or number to an int64; 0 where it is none.",
        &[(r#"{{ toDecimal "777" }} {{ toDecimal 8 }}"#, "511 0")],
        to_decimal,
    ),
];

fn to_decimal(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let text = text::print(host, any(args, 0))?;
    Ok(Value::int64(parse_int(text.as_bytes(), 8).unwrap_or(0)))
}

/// cast.ToInt64.
pub fn to_int64(value: &Value) -> i64 {
    match value {
        // The type switch knows no named integer but these.
        Value::Int(_, IntKind::Duration) => 0,
        Value::Int(n, _) => *n,
        Value::Uint(n, _) => *n as i64,
        Value::Float(n) => truncate(*n),
        Value::Bool(b) => i64::from(*b),
        Value::Str(text) => parse_int(without_zero_fraction(text.as_bytes()), 0).unwrap_or(0),
        _ => 0,
    }
}

/// cast.ToFloat64.
pub fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Int(_, IntKind::Duration) => 0.0,
        Value::Int(n, _) => *n as f64,
        Value::Uint(n, _) => *n as f64,
        Value::Float(n) => *n,
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::Str(text) => parse_float(text.as_bytes()).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// Go's conversion of a float to int64 on amd64: what does not fit is the least.
pub fn truncate(n: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&n) { n as i64 } else { i64::MIN }
}

/// `12.00` without its fraction of zeros.
fn without_zero_fraction(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|b| **b == b'0').count();
    match text.get(..text.len() - zeros) {
        Some([whole @ .., b'.']) if zeros > 0 => whole,
        _ => text,
    }
}
