//! What a scalar means: go-yaml v2's reading of YAML 1.1.

use super::Numbers;
use super::timestamp::is_timestamp;
use crate::data::{IntKind, UintKind, Value};

/// What `!!` stands for.
pub(super) const PREFIX: &[u8] = b"tag:yaml.org,2002:";

/// The tags that mean something to a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// No tag.
    None,
    /// `!` by itself.
    NonSpecific,
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    /// Any other: the scalar is a string.
    Other,
}

impl Tag {
    pub(super) fn new(text: &[u8]) -> Tag {
        if text == b"!" {
            return Tag::NonSpecific;
        }
        match text.strip_prefix(PREFIX) {
            Some(b"str") => Tag::Str,
            Some(b"bool") => Tag::Bool,
            Some(b"int") => Tag::Int,
            Some(b"float") => Tag::Float,
            Some(b"null") => Tag::Null,
            Some(b"timestamp") => Tag::Timestamp,
            Some(b"binary") => Tag::Binary,
            Some(b"merge") => Tag::Merge,
            _ => Tag::Other,
        }
    }

    fn short(self) -> &'static str {
        match self {
            Tag::None | Tag::Other => "",
            Tag::NonSpecific => "!",
            Tag::Str => "!!str",
            Tag::Bool => "!!bool",
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Null => "!!null",
            Tag::Timestamp => "!!timestamp",
            Tag::Binary => "!!binary",
            Tag::Merge => "!!merge",
        }
    }
}

/// A scalar's meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    /// The text as it stands.
    Text,
    /// The text as it stands, which looks like a time.
    Time,
}

impl Scalar {
    fn tag(self) -> Tag {
        match self {
            Scalar::Null => Tag::Null,
            Scalar::Bool(_) => Tag::Bool,
            Scalar::Int(_) | Scalar::Uint(_) => Tag::Int,
            Scalar::Float(_) => Tag::Float,
            Scalar::Text => Tag::Str,
            Scalar::Time => Tag::Timestamp,
        }
    }

    /// The value it is, if it is not a text.
    #[allow(clippy::cast_precision_loss, reason = "as Go reads JSON's numbers")]
    pub(super) fn value(self, numbers: Numbers) -> Option<Value> {
        Some(match (self, numbers) {
            (Scalar::Null, _) => Value::Nil,
            (Scalar::Bool(b), _) => Value::Bool(b),
            (Scalar::Int(n), Numbers::Float64) => Value::Float(n as f64),
            (Scalar::Uint(n), Numbers::Float64) => Value::Float(n as f64),
            (Scalar::Int(n), Numbers::Exact) => Value::Int(n, IntKind::Int64),
            (Scalar::Uint(n), Numbers::Exact) => Value::Uint(n, UintKind::Uint64),
            (Scalar::Float(n), _) => Value::Float(n),
            (Scalar::Text | Scalar::Time, _) => return None,
        })
    }
}

/// The meaning of a scalar that is plain or has a tag. An error is go-yaml's,
/// without `yaml: `.
pub(super) fn resolve(tag: Tag, text: &[u8]) -> Result<Scalar, String> {
    if matches!(tag, Tag::NonSpecific | Tag::Binary | Tag::Merge | Tag::Other | Tag::Str) {
        return Ok(Scalar::Text);
    }
    let found = plain(tag, text);
    match (tag, found) {
        (Tag::None, found) => Ok(found),
        (Tag::Float, Scalar::Int(n)) => Ok(Scalar::Float(float(n))),
        (tag, found) if tag == found.tag() => Ok(found),
        (tag, found) => Err(format!(
            "cannot decode {} `{}` as a {}",
            found.tag().short(),
            String::from_utf8_lossy(text),
            tag.short()
        )),
    }
}

#[allow(clippy::cast_precision_loss, reason = "Go converts so too")]
fn float(n: i64) -> f64 {
    n as f64
}

/// The first byte tells what to try.
fn plain(tag: Tag, text: &[u8]) -> Scalar {
    match text {
        [] => Scalar::Null,
        [b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~', ..] => word(text),
        [b'.', ..] => match special(text) {
            Some(n) => Scalar::Float(n),
            None => pointed(text),
        },
        [b'+' | b'-' | b'0'..=b'9', ..] => number(tag, text),
        _ => Scalar::Text,
    }
}

fn word(text: &[u8]) -> Scalar {
    match text {
        b"y" | b"Y" | b"yes" | b"Yes" | b"YES" | b"true" | b"True" | b"TRUE" | b"on" | b"On" | b"ON" => {
            Scalar::Bool(true)
        }
        b"n" | b"N" | b"no" | b"No" | b"NO" | b"false" | b"False" | b"FALSE" | b"off" | b"Off" | b"OFF" => {
            Scalar::Bool(false)
        }
        b"~" | b"null" | b"Null" | b"NULL" => Scalar::Null,
        _ => Scalar::Text,
    }
}

fn special(text: &[u8]) -> Option<f64> {
    match text {
        b".nan" | b".NaN" | b".NAN" => Some(f64::NAN),
        b".inf" | b".Inf" | b".INF" | b"+.inf" | b"+.Inf" | b"+.INF" => Some(f64::INFINITY),
        b"-.inf" | b"-.Inf" | b"-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn number(tag: Tag, text: &[u8]) -> Scalar {
    if let Some(n) = special(text) {
        return Scalar::Float(n);
    }
    if matches!(tag, Tag::None | Tag::Timestamp) && is_timestamp(text) {
        return Scalar::Time;
    }
    if !text.contains(&b'_') {
        return digits(text);
    }
    let joined: Vec<u8> = text.iter().copied().filter(|b| *b != b'_').collect();
    digits(&joined)
}

fn digits(text: &[u8]) -> Scalar {
    if let Some(n) = integer(text) {
        return n;
    }
    if is_float(text) {
        return finite(text);
    }
    // go-yaml's own reading of binary numbers lets a second sign through.
    let signed = match text {
        [b'0', b'b', rest @ ..] => radix(rest, 2, true),
        [b'-', b'0', b'b', rest @ ..] if !rest.starts_with(b"-") && !rest.starts_with(b"+") => {
            radix(&[b"-", rest].concat(), 2, true)
        }
        _ => None,
    };
    signed.unwrap_or(Scalar::Text)
}

/// A number that starts with its point. Here strconv.ParseFloat itself meets the
/// underscores, which it takes only between digits.
fn pointed(text: &[u8]) -> Scalar {
    let misplaced = |at: usize| !digit_at(text, at.wrapping_sub(1)) || !digit_at(text, at + 1);
    let joined: Vec<u8> = text.iter().copied().filter(|b| *b != b'_').collect();
    let mut marks = text.iter().enumerate().filter(|(_, b)| **b == b'_');
    if marks.any(|(at, _)| misplaced(at)) || !is_float(&joined) {
        return Scalar::Text;
    }
    finite(&joined)
}

fn digit_at(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}

/// strconv.ParseInt and then ParseUint with base 0.
fn integer(text: &[u8]) -> Option<Scalar> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (base, digits) = match unsigned {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        _ => (10, unsigned),
    };
    if !digits.first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let signed = unsigned.len() < text.len();
    let n = u64::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok()?;
    match (i64::try_from(n), negative) {
        (Ok(n), false) => Some(Scalar::Int(n)),
        (Ok(n), true) => Some(Scalar::Int(-n)),
        (Err(_), true) => 0_i64.checked_sub_unsigned(n).map(Scalar::Int),
        (Err(_), false) if !signed => Some(Scalar::Uint(n)),
        (Err(_), false) => None,
    }
}

fn radix(digits: &[u8], base: u32, unsigned_too: bool) -> Option<Scalar> {
    let text = std::str::from_utf8(digits).ok()?;
    if let Ok(n) = i64::from_str_radix(text, base) {
        return Some(Scalar::Int(n));
    }
    if !unsigned_too || text.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(text, base).ok().map(Scalar::Uint)
}

/// A decimal number with an optional fraction and exponent.
fn is_float(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"+").or(text.strip_prefix(b"-")).unwrap_or(text);
    let (whole, rest) = leading_digits(rest);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => leading_digits(rest),
        _ => (0, rest),
    };
    if whole + fraction == 0 {
        return false;
    }
    match rest {
        [] => true,
        [b'e' | b'E', rest @ ..] => {
            let rest = rest.strip_prefix(b"+").or(rest.strip_prefix(b"-")).unwrap_or(rest);
            let (exponent, rest) = leading_digits(rest);
            exponent > 0 && rest.is_empty()
        }
        _ => false,
    }
}

fn leading_digits(text: &[u8]) -> (usize, &[u8]) {
    let n = text.iter().take_while(|b| b.is_ascii_digit()).count();
    (n, text.get(n..).unwrap_or_default())
}

/// A decimal number as float64; one that is too large stays text, as in Go.
fn finite(text: &[u8]) -> Scalar {
    match std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()) {
        Some(n) if n.is_finite() => Scalar::Float(n),
        _ => Scalar::Text,
    }
}
