//! Values to TOML, byte for byte as BurntSushi/toml's `Encoder` writes them.

use std::io::Write as _;

use crate::data::json::WriteError;
use crate::data::{IntKind, List, Map, Object, Value, number, time};

/// How many containers may stand in each other. (Go goes on until its stack ends.)
const MAX_DEPTH: usize = 10_000;

/// The value as BurntSushi/toml's `Encoder` writes it; nil is nothing.
///
/// A map's plain values come first, then its tables, each group in order of the
/// keys. The error is Go's text for what TOML cannot say; the text may have up to
/// `limit` bytes.
pub fn write(value: &Value, limit: usize) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer { out: Vec::new(), limit, visited: 0, depth: 0, path: Vec::new(), keys: 0 };
    writer.encode(value)?;
    Ok(writer.out)
}

/// What TOML makes of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Nil,
    Simple,
    Table,
    Tables,
}

struct Writer {
    out: Vec<u8>,
    limit: usize,
    visited: usize,
    depth: usize,
    /// The keys from the top to here, quoted and with dots between.
    path: Vec<u8>,
    /// How many keys `path` has.
    keys: usize,
}

type Written = Result<(), WriteError>;

impl Writer {
    /// A value under the current path.
    fn encode(&mut self, value: &Value) -> Written {
        match (self.shape(value)?, value) {
            (Shape::Nil, _) => Ok(()),
            (Shape::Table, _) => self.table(value),
            (Shape::Tables, Value::List(list)) => self.tables(list),
            _ => {
                if self.keys == 0 {
                    return self.element(value);
                }
                self.indent();
                let name = self.path.iter().rposition(|b| *b == 0).map_or(0, |at| at + 1);
                self.out.extend_from_slice(self.path.get(name..).unwrap_or_default());
                self.put(" = ");
                self.element(value)?;
                self.new_line();
                Ok(())
            }
        }
    }

    /// Counts a value looked at or written, and checks what has been written.
    fn visit(&mut self) -> Written {
        self.visited += 1;
        if self.visited > self.limit || self.out.len() > self.limit {
            return Err(WriteError::TooLarge);
        }
        Ok(())
    }

    fn deeper(&mut self) -> Written {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(WriteError::TooLarge) } else { self.visit() }
    }

    fn shape(&mut self, value: &Value) -> Result<Shape, WriteError> {
        self.visit()?;
        match value {
            Value::Nil => Ok(Shape::Nil),
            Value::Complex(..) => Err(unsupported("unsupported type: complex128")),
            Value::List(list) if list.is_nil() => Ok(Shape::Nil),
            Value::List(list) => self.list_shape(list),
            Value::Map(map) if map.is_nil() => Ok(Shape::Nil),
            Value::Map(_) => Ok(Shape::Table),
            Value::Object(object) => {
                Ok(if marshalled(object.as_ref()).is_some() { Shape::Simple } else { Shape::Table })
            }
            _ => Ok(Shape::Simple),
        }
    }

    fn list_shape(&mut self, list: &List) -> Result<Shape, WriteError> {
        self.deeper()?;
        let mut tables = !list.is_empty();
        for item in list.items() {
            match self.shape(item)? {
                Shape::Nil => return Err(unsupported("toml: cannot encode array with nil element")),
                shape => tables &= shape == Shape::Table,
            }
        }
        self.depth -= 1;
        Ok(if tables { Shape::Tables } else { Shape::Simple })
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A line break, unless nothing has been written yet.
    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self) {
        for _ in 1..self.keys {
            self.put("  ");
        }
    }

    fn header(&mut self, open: &str, close: &str) {
        self.indent();
        self.put(open);
        self.out.extend(self.path.iter().map(|b| if *b == 0 { b'.' } else { *b }));
        self.put(close);
        self.new_line();
    }

    fn table(&mut self, value: &Value) -> Written {
        if self.keys == 1 {
            self.new_line();
        }
        if self.keys > 0 {
            self.header("[", "]");
        }
        self.entries(value)
    }

    fn tables(&mut self, list: &List) -> Written {
        if self.keys == 0 {
            return Err(unsupported("toml: top-level values must be Go maps or structs"));
        }
        for item in list.items() {
            self.new_line();
            self.header("[[", "]]");
            self.entries(item)?;
        }
        Ok(())
    }

    /// The entries of a map or struct under the current path.
    fn entries(&mut self, value: &Value) -> Written {
        self.deeper()?;
        let (simple, tables) = self.split(value)?;
        for (key, value) in simple.iter().chain(&tables) {
            let length = self.path.len();
            if self.keys > 0 {
                // Stands for the dot, which a quoted key may hold as well.
                self.path.push(0);
            }
            push_key(&mut self.path, key);
            self.keys += 1;
            self.encode(value)?;
            self.keys -= 1;
            self.path.truncate(length);
        }
        self.depth -= 1;
        Ok(())
    }

    /// The entries that are written before the tables, and the tables.
    fn split(&mut self, value: &Value) -> Result<(Entries, Entries), WriteError> {
        let entries = match value {
            Value::Map(map) => map_entries(map),
            Value::Object(object) => {
                object.fields().into_iter().map(|(name, value)| (name.as_bytes().to_vec(), value)).collect()
            }
            _ => Entries::new(),
        };
        let (mut simple, mut tables) = (Entries::new(), Entries::new());
        for entry in entries {
            match self.shape(&entry.1)? {
                Shape::Table | Shape::Tables => tables.push(entry),
                Shape::Nil | Shape::Simple => simple.push(entry),
            }
        }
        Ok((simple, tables))
    }

    /// A value after `=` or inside of an array.
    fn element(&mut self, value: &Value) -> Written {
        self.visit()?;
        match value {
            Value::Nil => {}
            Value::Bool(b) => self.put(if *b { "true" } else { "false" }),
            Value::Int(n, IntKind::Duration) => {
                push_quoted(&mut self.out, time::duration::format(*n).as_bytes())
            }
            // Writing to a Vec does not fail.
            Value::Int(n, _) => drop(write!(self.out, "{n}")),
            Value::Uint(n, _) => drop(write!(self.out, "{n}")),
            Value::Float(n) => self.float(*n),
            Value::Complex(..) => return Err(unsupported("unexpected type: complex128")),
            Value::Str(s) => push_quoted(&mut self.out, s.as_bytes()),
            Value::Bytes(bytes) => {
                for (n, byte) in bytes.as_bytes().iter().enumerate() {
                    let _ = write!(self.out, "{}{byte}", if n == 0 { "[" } else { ", " });
                }
                self.put(if bytes.is_empty() { "[]" } else { "]" });
            }
            Value::List(list) => self.array(list)?,
            Value::Map(_) => self.inline(value)?,
            Value::Object(object) => match marshalled(object.as_ref()) {
                Some(text) if object.type_name() == "time.Time" => self.out.extend_from_slice(&text),
                Some(text) => push_quoted(&mut self.out, &text),
                None => self.inline(value)?,
            },
        }
        Ok(())
    }

    fn float(&mut self, n: f64) {
        match n {
            n if n.is_nan() => self.put("nan"),
            f64::INFINITY => self.put("inf"),
            f64::NEG_INFINITY => self.put("-inf"),
            n => {
                let text = number::format_g(n);
                self.put(&text);
                if !text.contains(['.', 'e']) {
                    self.put(".0");
                }
            }
        }
    }

    fn array(&mut self, list: &List) -> Written {
        self.deeper()?;
        self.put("[");
        for (n, item) in list.items().iter().enumerate() {
            if n > 0 {
                self.put(", ");
            }
            self.element(item)?;
        }
        self.put("]");
        self.depth -= 1;
        Ok(())
    }

    /// `{a = 1, b = 2}`. Nil is left out, but the comma before it is not.
    fn inline(&mut self, value: &Value) -> Written {
        self.deeper()?;
        let (simple, tables) = self.split(value)?;
        self.put("{");
        let last = (simple.len() + tables.len()).saturating_sub(1);
        for (n, (key, value)) in simple.iter().chain(&tables).enumerate() {
            if self.shape(value)? == Shape::Nil {
                continue;
            }
            push_key(&mut self.out, key);
            self.put(" = ");
            self.element(value)?;
            if n < last {
                self.put(", ");
            }
        }
        self.put("}");
        self.depth -= 1;
        Ok(())
    }
}

type Entries = Vec<(Vec<u8>, Value)>;

fn map_entries(map: &Map) -> Entries {
    map.entries().into_iter().map(|(key, value)| (key.as_bytes().to_vec(), value)).collect()
}

fn unsupported(text: &str) -> WriteError {
    WriteError::Unsupported(text.to_owned())
}

/// The text of a type that marshals to one.
fn marshalled(object: &dyn Object) -> Option<Vec<u8>> {
    match object.json() {
        Value::Str(text) => Some(text.as_bytes().to_vec()),
        _ => None,
    }
}

fn push_key(out: &mut Vec<u8>, key: &[u8]) {
    let bare = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if !key.is_empty() && key.iter().all(bare) {
        out.extend_from_slice(key);
    } else {
        push_quoted(out, key);
    }
}

fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..=0x1f | 0x7f => drop(write!(out, "\\u{byte:04x}")),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::json;

    fn toml(text: &str) -> Result<String, WriteError> {
        let value = json::parse(text.as_bytes()).unwrap();
        write(&value, 1 << 20).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn plain_values_come_before_tables() {
        let text = r#"{"a": [{"x": 1, "z": {"k": 1}}, {"b": [{"q": 1}]}], "b": {"c": 1, "d": {"e.f": 2, "": 3, "g": {}}},
            "z": "s\"\\\n\u0001\u007f", "l": [1, "a", 1.5, [1, 2], []], "n": null}"#;
        let out = "l = [1.0, \"a\", 1.5, [1.0, 2.0], []]\nz = \"s\\\"\\\\\\n\\u0001\\u007f\"\n\n[[a]]\n  x = 1.0\n  \
                   [a.z]\n    k = 1.0\n\n[[a]]\n\n  [[a.b]]\n    q = 1.0\n\n[b]\n  c = 1.0\n  [b.d]\n    \"\" = 3.0\n    \
                   \"e.f\" = 2.0\n    [b.d.g]\n";
        assert_eq!(toml(text).unwrap(), out);
    }

    #[test]
    fn tables_in_mixed_lists_are_inline() {
        let text = r#"{"m": [{"a": 1, "b": null}, 2, {"t": {"u": 1}, "s": 1, "zz": null}]}"#;
        assert_eq!(toml(text).unwrap(), "m = [{a = 1.0, }, 2.0, {s = 1.0, t = {u = 1.0}}]\n");
    }

    #[test]
    fn what_toml_cannot_say_is_an_error() {
        for (text, error) in [
            ("[{}]", "toml: top-level values must be Go maps or structs"),
            (r#"{"a": [1, null]}"#, "toml: cannot encode array with nil element"),
        ] {
            assert_eq!(toml(text).unwrap_err(), WriteError::Unsupported(error.to_owned()));
        }
        assert_eq!(toml("1e22").unwrap(), "1e+22");
    }

    #[test]
    fn shared_lists_stop_at_the_limit() {
        let shared = (0..60).fold(Value::int(1), |inner, _| List::new(vec![inner.clone(), inner]).into());
        let map: Map = [("a", shared)].into_iter().collect();
        assert_eq!(write(&map.into(), 1 << 16).unwrap_err(), WriteError::TooLarge);
    }
}
