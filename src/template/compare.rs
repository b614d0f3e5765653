//! Go's comparison functions for templates: which kinds compare, and how
//! (text/template's eq, lt and their negations).

use std::cmp::Ordering;
use std::rc::Rc;

use super::budget::Budget;
use super::function::FuncError;
use super::print;
use crate::data::{Kind, Value};

/// Go's basicKind: values of different kinds do not compare, but integers of
/// any sign do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basic {
    None,
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
}

fn basic(value: &Value) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(..) => Basic::Int,
        Value::Uint(..) => Basic::Uint,
        Value::Float(_) => Basic::Float,
        Value::Complex(..) => Basic::Complex,
        Value::Str(_) => Basic::String,
        Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Object(_) => Basic::None,
    }
}

/// Whether `first` equals any of `rest`.
pub fn equal_any(budget: &mut Budget, first: &Value, rest: &[Value]) -> Result<bool, FuncError> {
    if rest.is_empty() {
        return Err(FuncError::from("missing argument for comparison"));
    }
    for other in rest {
        if equal(budget, first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(budget: &mut Budget, a: &Value, b: &Value) -> Result<bool, FuncError> {
    match (a, b) {
        (Value::Bool(x), Value::Bool(y)) => Ok(x == y),
        (Value::Int(x, _), Value::Int(y, _)) => Ok(x == y),
        (Value::Uint(x, _), Value::Uint(y, _)) => Ok(x == y),
        (Value::Float(x), Value::Float(y)) => Ok(x == y),
        (Value::Complex(x, i), Value::Complex(y, j)) => Ok(x == y && i == j),
        (Value::Str(x), Value::Str(y)) => Ok(x == y),
        (Value::Int(x, _), Value::Uint(y, _)) | (Value::Uint(y, _), Value::Int(x, _)) => {
            Ok(u64::try_from(*x).is_ok_and(|x| x == *y))
        }
        (a, b) if basic(a) != basic(b) => {
            if a.is_nil() || b.is_nil() {
                return Ok(false);
            }
            Err(incompatible(a, b))
        }
        (a, b) => equal_others(budget, a, b),
    }
}

/// Nil, lists, maps and structs.
fn equal_others(budget: &mut Budget, a: &Value, b: &Value) -> Result<bool, FuncError> {
    if a.kind() != b.kind() && !a.is_nil() && !b.is_nil() {
        let (left, right) = (shown(budget, a, b"%s")?, shown(budget, b, b"%v")?);
        return Err(
            format!("non-comparable types {left}: {}, {}: {right}", a.type_name(), b.type_name()).into()
        );
    }
    if is_nil(a) || is_nil(b) {
        return Ok(is_nil(a) == is_nil(b));
    }
    match (a, b) {
        (Value::Object(x), Value::Object(y)) if b.kind() == Kind::Ptr => Ok(Rc::ptr_eq(x, y)),
        (Value::Object(_), Value::Object(_)) => Ok(a.deep_equal(b)),
        _ => {
            let text = shown(budget, b, b"%s")?;
            Err(format!("non-comparable type {text}: {}", b.type_name()).into())
        }
    }
}

/// Go's nil: no value, or a nil map or list.
fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        _ => false,
    }
}

/// Whether `a` is less than `b`. Only numbers and strings have an order; NaN is
/// not less than anything.
pub fn less(a: &Value, b: &Value) -> Result<bool, FuncError> {
    let unordered = || Err(FuncError::from("invalid type for comparison"));
    let order = match (a, b) {
        (Value::Int(x, _), Value::Int(y, _)) => x.cmp(y),
        (Value::Uint(x, _), Value::Uint(y, _)) => x.cmp(y),
        (Value::Int(x, _), Value::Uint(y, _)) => u64::try_from(*x).map_or(Ordering::Less, |x| x.cmp(y)),
        (Value::Uint(x, _), Value::Int(y, _)) => u64::try_from(*y).map_or(Ordering::Greater, |y| x.cmp(&y)),
        (Value::Float(x), Value::Float(y)) => return Ok(x < y),
        (Value::Str(x), Value::Str(y)) => x.cmp(y),
        (a, b) => match (basic(a), basic(b)) {
            (Basic::None, _) | (_, Basic::None) => return unordered(),
            (x, y) if x != y => return Err(incompatible(a, b)),
            _ => return unordered(),
        },
    };
    Ok(order == Ordering::Less)
}

/// Whether `a` is less than or equal to `b`.
pub fn less_or_equal(budget: &mut Budget, a: &Value, b: &Value) -> Result<bool, FuncError> {
    Ok(less(a, b)? || equal(budget, a, b)?)
}

fn incompatible(a: &Value, b: &Value) -> FuncError {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name()).into()
}

fn shown(budget: &mut Budget, value: &Value, format: &[u8]) -> Result<String, FuncError> {
    let text = print::sprintf(budget, format, std::slice::from_ref(value))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
