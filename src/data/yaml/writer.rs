//! Values to YAML, byte for byte as sigs.k8s.io/yaml writes them, which is what
//! `toYaml` prints. It goes through JSON there; here the text is written at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;

use crate::data::fields::Fields;
use crate::data::json::{Nesting, WriteError};
use crate::data::{List, Map, Value, base64, number};

use super::emit::Emitter;
use super::reads_as::Version;
use super::scalar::{Style, analyse, is_simple};
use super::{natural, through_json};

/// The column after which go-yaml 2 folds lines.
const WIDTH: usize = 80;
/// How many containers go-yaml reads in each other.
const MAX_DEPTH: usize = 10_000;
/// The longest key that stands before its colon in one line.
const SIMPLE_KEY: usize = 128;

/// The value as sigs.k8s.io/yaml's `Marshal` writes it; ends with a newline.
///
/// The text may have up to about `limit` bytes.
pub fn write(value: &Value, limit: usize) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer { emit: Emitter::new(WIDTH, limit), nesting: Nesting::default() };
    writer.node(value, false)?;
    writer.emit.align();
    Ok(writer.emit.out)
}

struct Writer {
    emit: Emitter,
    nesting: Nesting,
}

impl Writer {
    /// A value, `in_map` when it stands after a key.
    fn node(&mut self, value: &Value, in_map: bool) -> Result<(), WriteError> {
        match value {
            Value::Nil => self.emit.token("null"),
            Value::Bool(true) => self.emit.token("true"),
            Value::Bool(false) => self.emit.token("false"),
            Value::Int(n, _) => self.integer(*n),
            Value::Uint(n, _) => self.emit.token(&n.to_string()),
            Value::Float(n) => self.float(*n)?,
            Value::Complex(..) => return Err(json_error("json: unsupported type: complex128")),
            Value::Str(s) => self.string(s.as_bytes())?,
            Value::Bytes(s) => self.string(&base64::encode(s.as_bytes()))?,
            Value::List(list) => self.list(list, in_map)?,
            Value::Map(map) => self.map(map)?,
            Value::Object(object) => {
                let address = std::ptr::from_ref(object.as_ref()).addr();
                self.enter(address, object.type_name())?;
                self.node(&object.json(), in_map)?;
                self.nesting.leave(address);
            }
        }
        if self.emit.is_full() { Err(WriteError::TooLarge) } else { Ok(()) }
    }

    fn integer(&mut self, n: i64) {
        let mut digits = [0u8; 20];
        let mut rest = digits.as_mut_slice();
        // Twenty bytes hold every i64.
        let _ = write!(rest, "{n}");
        let unused = rest.len();
        let length = digits.len() - unused;
        let text = digits.get(..length).and_then(|digits| std::str::from_utf8(digits).ok());
        self.emit.token(text.unwrap_or_default());
    }

    /// JSON has the shortest digits; what reads as an integer again stays one.
    fn float(&mut self, n: f64) -> Result<(), WriteError> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if !n.is_finite() {
            return Err(json_error(&format!("json: unsupported value: {}", number::format_g(n))));
        }
        if n.fract() == 0.0 && n.abs() <= EXACT {
            #[allow(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
            self.integer(n as i64);
            return Ok(());
        }
        let json = number::format_json(n);
        let whole = json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok();
        self.emit.token(&if whole { json } else { number::format_g(n) });
        Ok(())
    }

    fn string(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if is_simple(bytes) {
            self.emit.scalar(ascii(bytes), Style::Plain, false);
            return Ok(());
        }
        let text = through_json::string(bytes)?;
        let style = analyse(&text, Version::V2).style(&text, false, Version::V2);
        self.emit.scalar(&text, style, false);
        Ok(())
    }

    fn enter(&mut self, address: usize, type_name: &str) -> Result<(), WriteError> {
        self.nesting.enter(address, type_name).map_err(|error| match error {
            WriteError::Unsupported(text) => json_error(&text),
            WriteError::TooLarge => error,
        })?;
        if self.nesting.depth() > MAX_DEPTH {
            let text = format!("yaml: exceeded max depth of {MAX_DEPTH}");
            return Err(WriteError::Unsupported(text));
        }
        Ok(())
    }

    fn list(&mut self, list: &List, in_map: bool) -> Result<(), WriteError> {
        if list.is_nil() {
            self.emit.token("null");
            return Ok(());
        }
        self.enter(list.address(), list.ty().name)?;
        if list.is_empty() {
            self.emit.token("[]");
        }
        let outer = self.emit.enter(in_map && !self.emit.indention);
        for item in list.items() {
            self.emit.align();
            self.emit.block_indicator("-");
            self.node(item, false)?;
        }
        self.emit.indent = outer;
        self.nesting.leave(list.address());
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), WriteError> {
        if map.is_nil() {
            self.emit.token("null");
            return Ok(());
        }
        self.enter(map.address(), map.ty().name)?;
        if map.is_empty() {
            self.emit.token("{}");
        }
        let outer = self.emit.enter(false);
        map.with(|entries| {
            if are_in_order(entries) {
                entries.iter().try_for_each(|(key, value)| self.member(ascii(key.as_bytes()), value))
            } else {
                in_order(entries)?.iter().try_for_each(|(key, value)| self.member(key, value))
            }
        })?;
        self.emit.indent = outer;
        self.nesting.leave(map.address());
        Ok(())
    }

    fn member(&mut self, key: &str, value: &Value) -> Result<(), WriteError> {
        self.emit.align();
        if key.len() <= SIMPLE_KEY && is_simple(key.as_bytes()) {
            self.emit.scalar(key, Style::Plain, true);
            self.emit.colon();
            return self.node(value, true);
        }
        let analysis = analyse(key, Version::V2);
        let simple = key.len() <= SIMPLE_KEY && !analysis.multiline;
        let style = analysis.style(key, simple, Version::V2);
        if simple {
            self.emit.scalar(key, style, true);
            self.emit.colon();
        } else {
            self.emit.block_indicator("?");
            self.emit.scalar(key, style, false);
            self.emit.align();
            self.emit.block_indicator(":");
        }
        self.node(value, true)
    }
}

fn json_error(text: &str) -> WriteError {
    WriteError::Unsupported(format!("error marshaling into JSON: {text}"))
}

/// Bytes that are known to be ASCII.
fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Whether all keys come through JSON as they are and stand in order already.
fn are_in_order(entries: &Fields<Value>) -> bool {
    let mut last: Option<&str> = None;
    entries.keys().all(|key| {
        let bytes = key.as_bytes();
        if bytes.len() > SIMPLE_KEY || !bytes.iter().all(|b| matches!(b, b' '..=b'~')) {
            return false;
        }
        let key = ascii(bytes);
        let follows = last.is_none_or(|last| natural::less(last, key, Version::V2));
        last = Some(key);
        follows
    })
}

type Entries<'a> = Vec<(Cow<'a, str>, &'a Value)>;

/// The entries in natural order. Keys that become the same on the way through
/// JSON are one key, with the value of the last.
fn in_order(entries: &Fields<Value>) -> Result<Entries<'_>, WriteError> {
    let mut unique: BTreeMap<Cow<'_, str>, &Value> = BTreeMap::new();
    for (key, value) in entries {
        unique.insert(through_json::key(key.as_bytes())?, value);
    }
    Ok(natural::sort(unique.into_iter().collect(), &|a: &(Cow<'_, str>, _), b| {
        natural::less(&a.0, &b.0, Version::V2)
    }))
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
