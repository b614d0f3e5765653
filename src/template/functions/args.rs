//! How a function reads its arguments. The executor has checked them against
//! the signature, so a missing or strange one reads as Go's zero value.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::data::{Map, Signature, Str, Ty, UintKind, Value};
use crate::template::function::{Call, FuncError, Function};

/// What Go's runtime says of a method call on a nil interface, such as that of
/// `reflect.TypeOf(nil)`.
pub const NIL_DEREFERENCE: &str = "runtime error: invalid memory address or nil pointer dereference";

const NIL: &Value = &Value::Nil;

/// A row of the table with a fixed number of parameters.
pub const fn row(
    name: &'static str,
    params: &'static [Ty],
    help: &'static str,
    cases: &'static [(&'static str, &'static str)],
    call: Call,
) -> Function {
    Function { name, signature: Signature { params, variadic: false }, help, cases, call }
}

/// A row of the table whose last parameter repeats.
pub const fn variadic(
    name: &'static str,
    params: &'static [Ty],
    help: &'static str,
    cases: &'static [(&'static str, &'static str)],
    call: Call,
) -> Function {
    Function { name, signature: Signature { params, variadic: true }, help, cases, call }
}

/// Argument `i` as it is; nil where it is missing.
pub fn any(args: &[Value], i: usize) -> &Value {
    args.get(i).unwrap_or(NIL)
}

/// The arguments from `i` on.
pub fn rest(args: &[Value], i: usize) -> &[Value] {
    args.get(i..).unwrap_or_default()
}

/// Argument `i` of a `string` (or `[]byte`) parameter.
pub fn text(args: &[Value], i: usize) -> &Str {
    static EMPTY: LazyLock<Str> = LazyLock::new(Str::default);
    match args.get(i) {
        Some(Value::Str(text) | Value::Bytes(text)) => text,
        _ => &EMPTY,
    }
}

/// The bytes of argument `i` of a `string` (or `[]byte`) parameter.
pub fn bytes(args: &[Value], i: usize) -> &[u8] {
    text(args, i).as_bytes()
}

/// Argument `i` of an integer parameter.
pub fn int(args: &[Value], i: usize) -> i64 {
    match args.get(i) {
        Some(Value::Int(n, _)) => *n,
        Some(Value::Uint(n, _)) => i64::try_from(*n).unwrap_or(i64::MAX),
        _ => 0,
    }
}

/// Argument `i` of a `float64` parameter.
pub fn float(args: &[Value], i: usize) -> f64 {
    match args.get(i) {
        Some(Value::Float(n)) => *n,
        _ => 0.0,
    }
}

/// Argument `i` of a `bool` parameter.
pub fn boolean(args: &[Value], i: usize) -> bool {
    matches!(args.get(i), Some(Value::Bool(true)))
}

/// Argument `i` of a map parameter; an empty map where it is nil.
pub fn map(args: &[Value], i: usize) -> Map {
    match args.get(i) {
        Some(Value::Map(map)) => map.clone(),
        _ => Map::new(),
    }
}

/// The elements of a slice (`[]byte` gives `uint8` values); `None` for any
/// other kind.
pub fn elements(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::List(list) => Some(Cow::Borrowed(list.items())),
        Value::Bytes(bytes) => Some(Cow::Owned(
            bytes.as_bytes().iter().map(|b| Value::Uint(u64::from(*b), UintKind::Uint8)).collect(),
        )),
        _ => None,
    }
}

/// Go's panic of the string slice `s[low:high]` with `length` bytes in `s`.
pub fn slice_bounds(low: i64, high: i64, length: usize) -> FuncError {
    let text = match usize::try_from(high) {
        Err(_) => format!("[:{high}]"),
        Ok(end) if end > length => format!("[:{high}] with length {length}"),
        Ok(_) if low < 0 => format!("[{low}:]"),
        Ok(_) => format!("[{low}:{high}]"),
    };
    format!("runtime error: slice bounds out of range {text}").into()
}
