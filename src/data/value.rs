//! One value of a template, of the Go kind it has there.

use std::collections::HashSet;
use std::rc::Rc;

use super::{List, Map, Object, Str};

/// A value as Go's templates see it. Cloning is cheap and shares what it holds.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Go's nil interface, and what a missing key reads as.
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// A signed integer and its Go type.
    Int(i64, IntKind),
    /// An unsigned integer and its Go type.
    Uint(u64, UintKind),
    /// `float64`
    Float(f64),
    /// `complex128`
    Complex(f64, f64),
    /// `string`
    Str(Str),
    /// `[]byte`
    Bytes(Str),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A struct.
    Object(Rc<dyn Object>),
}

/// Go's signed integer types that templates meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntKind {
    /// `int`
    Int,
    /// `int32` (also `rune`)
    Int32,
    /// `int64`
    Int64,
    /// `time.Duration`: an int64 that prints as `1h0m0s`.
    Duration,
    /// `time.Month`: an int that prints as `January`.
    Month,
    /// `time.Weekday`: an int that prints as `Sunday`.
    Weekday,
}

/// Go's unsigned integer types that templates meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UintKind {
    /// `uint8` (also `byte`)
    Uint8,
    /// `uint32`
    Uint32,
    /// `uint64`
    Uint64,
}

/// Go's `reflect.Kind`, as far as templates meet it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Go's")]
pub enum Kind {
    Invalid,
    Bool,
    Int,
    Int32,
    Int64,
    Uint8,
    Uint32,
    Uint64,
    Float64,
    Complex128,
    String,
    Slice,
    Map,
    Struct,
    Ptr,
}

impl Kind {
    /// The name `kindOf` prints.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Int32 => "int32",
            Kind::Int64 => "int64",
            Kind::Uint8 => "uint8",
            Kind::Uint32 => "uint32",
            Kind::Uint64 => "uint64",
            Kind::Float64 => "float64",
            Kind::Complex128 => "complex128",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Struct => "struct",
            Kind::Ptr => "ptr",
        }
    }
}

impl Value {
    /// A string value.
    pub fn str(text: impl Into<Str>) -> Value {
        Value::Str(text.into())
    }

    /// A Go `int`.
    pub fn int(n: i64) -> Value {
        Value::Int(n, IntKind::Int)
    }

    /// A Go `int64`.
    pub fn int64(n: i64) -> Value {
        Value::Int(n, IntKind::Int64)
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Invalid,
            Value::Bool(_) => Kind::Bool,
            Value::Int(_, IntKind::Int | IntKind::Month | IntKind::Weekday) => Kind::Int,
            Value::Int(_, IntKind::Int32) => Kind::Int32,
            Value::Int(_, IntKind::Int64 | IntKind::Duration) => Kind::Int64,
            Value::Uint(_, UintKind::Uint8) => Kind::Uint8,
            Value::Uint(_, UintKind::Uint32) => Kind::Uint32,
            Value::Uint(_, UintKind::Uint64) => Kind::Uint64,
            Value::Float(_) => Kind::Float64,
            Value::Complex(..) => Kind::Complex128,
            Value::Str(_) => Kind::String,
            Value::Bytes(_) | Value::List(_) => Kind::Slice,
            Value::Map(_) => Kind::Map,
            Value::Object(object) => object.kind(),
        }
    }

    /// What `%T` prints: `<nil>` for nil.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Nil => "<nil>",
            Value::Int(_, IntKind::Duration) => "time.Duration",
            Value::Int(_, IntKind::Month) => "time.Month",
            Value::Int(_, IntKind::Weekday) => "time.Weekday",
            Value::Bytes(_) => "[]uint8",
            Value::List(list) => list.ty().name,
            Value::Map(map) => map.ty().name,
            Value::Object(object) => object.type_name(),
            _ => self.kind().name(),
        }
    }

    /// Whether the value can hold others.
    pub fn is_container(&self) -> bool {
        matches!(self, Value::List(_) | Value::Map(_))
    }

    /// Whether the value is Go's nil interface.
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    /// Go's truth of a template condition: false, 0, "", nil and empty
    /// containers are false, structs are true (text/template `isTrue`).
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(b) => *b,
            Value::Int(n, _) => *n != 0,
            Value::Uint(n, _) => *n != 0,
            Value::Float(n) => *n != 0.0,
            Value::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Value::Str(s) | Value::Bytes(s) => !s.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(_) => true,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The string's bytes, if it is a string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Str(s) => Some(s.as_bytes()),
            _ => None,
        }
    }

    /// The string, if it is one of valid UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => s.to_str(),
            _ => None,
        }
    }

    /// Go's `reflect.DeepEqual`: same type, same content, nested; NaN differs
    /// from itself, a nil slice from an empty one.
    ///
    /// Pairs that were compared before are not compared again, so that cyclic and
    /// heavily shared values end in the time their parts take.
    pub fn deep_equal(&self, other: &Value) -> bool {
        let mut seen = HashSet::new();
        let mut pending = vec![(self.clone(), other.clone())];
        while let Some((a, b)) = pending.pop() {
            if a.type_name() != b.type_name() {
                return false;
            }
            let same = match (&a, &b) {
                (Value::Nil, Value::Nil) => true,
                (Value::Bool(x), Value::Bool(y)) => x == y,
                (Value::Int(x, _), Value::Int(y, _)) => x == y,
                (Value::Uint(x, _), Value::Uint(y, _)) => x == y,
                (Value::Float(x), Value::Float(y)) => x == y,
                (Value::Complex(x, i), Value::Complex(y, j)) => x == y && i == j,
                (Value::Str(x), Value::Str(y)) | (Value::Bytes(x), Value::Bytes(y)) => x == y,
                (Value::List(x), Value::List(y)) if x.address() == y.address() => true,
                (Value::List(x), Value::List(y)) if !seen.insert((x.address(), y.address())) => true,
                (Value::List(x), Value::List(y)) => {
                    pending.extend(x.items().iter().cloned().zip(y.items().iter().cloned()));
                    x.len() == y.len() && x.is_nil() == y.is_nil()
                }
                (Value::Map(x), Value::Map(y)) if !seen.insert((x.address(), y.address())) => true,
                (Value::Map(x), Value::Map(y)) if x.same(y) => true,
                (Value::Map(x), Value::Map(y)) => {
                    let (left, right) = (x.entries(), y.entries());
                    let keys = left.iter().map(|(k, _)| k).eq(right.iter().map(|(k, _)| k));
                    pending.extend(left.into_iter().zip(right).map(|((_, v), (_, w))| (v, w)));
                    keys && x.is_nil() == y.is_nil()
                }
                (Value::Object(x), Value::Object(y)) => {
                    let (left, right) = (x.fields(), y.fields());
                    let shown = x.display() == y.display() && left.len() == right.len();
                    pending.extend(left.into_iter().zip(right).map(|((_, v), (_, w))| (v, w)));
                    shown
                }
                _ => false,
            };
            if !same {
                return false;
            }
        }
        true
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Value::Float(n)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Value::Str(s.into())
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Value::Str(s.into())
    }
}

impl From<Str> for Value {
    fn from(s: Str) -> Self {
        Value::Str(s)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Value::List(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_lists_compare_once() {
        let doubled = || (0..60).fold(Value::Nil, |value, _| List::new(vec![value.clone(), value]).into());
        assert!(doubled().deep_equal(&doubled()));
    }
}
