//! Values to JSON, byte for byte as Go's encoding/json writes them.

use std::collections::HashSet;
use std::io::Write as _;

use crate::data::str::lossy;
use crate::data::{List, Map, Object, Str, Value, base64, number};

/// Why a value could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteError {
    /// The value has no such form; Go's text, as in `json: unsupported value: NaN`.
    Unsupported(String),
    /// The text would be longer than the limit.
    TooLarge,
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WriteError::Unsupported(text) => f.write_str(text),
            WriteError::TooLarge => f.write_str("the text is too large"),
        }
    }
}

impl std::error::Error for WriteError {}

/// The value as encoding/json's `Marshal` writes it, in one line.
///
/// `escape_html` writes `<`, `>` and `&` as `\u003c` and so on. The text may have
/// up to `limit` bytes: shared parts are written out again each time, so a small
/// value can become a huge text.
pub fn write(value: &Value, escape_html: bool, limit: usize) -> Result<Vec<u8>, WriteError> {
    Writer::new(escape_html, None, limit).finish(value)
}

/// The value as encoding/json's `MarshalIndent` writes it, one entry a line.
pub fn write_pretty(
    value: &Value,
    indent: &str,
    escape_html: bool,
    limit: usize,
) -> Result<Vec<u8>, WriteError> {
    Writer::new(escape_html, Some(indent), limit).finish(value)
}

/// How many containers may stand in each other (encoding/json's limit).
const MAX_DEPTH: usize = 10_001;
/// From how many containers on Go looks for cycles.
const CYCLES_FROM: usize = 1_000;

/// The containers that the writer is inside of. Ends cyclic values as Go does:
/// only maps can be cyclic, and only after a thousand levels one looks for it.
#[derive(Debug, Default)]
pub(in crate::data) struct Nesting {
    depth: usize,
    seen: HashSet<usize>,
}

impl Nesting {
    /// Enters a container, given its address and Go type.
    pub(in crate::data) fn enter(&mut self, address: usize, type_name: &str) -> Result<(), WriteError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(WriteError::Unsupported("exceeded max depth".to_owned()));
        }
        if self.depth > CYCLES_FROM && !self.seen.insert(address) {
            let text = format!("json: unsupported value: encountered a cycle via {type_name}");
            return Err(WriteError::Unsupported(text));
        }
        Ok(())
    }

    /// Leaves the container entered last.
    pub(in crate::data) fn leave(&mut self, address: usize) {
        if self.depth > CYCLES_FROM {
            self.seen.remove(&address);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// The number of containers entered.
    pub(in crate::data) fn depth(&self) -> usize {
        self.depth
    }
}

/// The fields of a struct under their names in JSON, in the order of their
/// declaration; none for a type that writes itself in another way.
pub(in crate::data) fn object_fields(object: &dyn Object, json: &Value) -> Option<Vec<(Str, Value)>> {
    let map = json.as_map()?;
    let names = object.json_names();
    if names.len() != map.len() {
        return None;
    }
    names.into_iter().map(|name| map.get(name).map(|value| (Str::from(name), value))).collect()
}

struct Writer<'a> {
    out: Vec<u8>,
    limit: usize,
    escape_html: bool,
    indent: Option<&'a str>,
    nesting: Nesting,
}

impl<'a> Writer<'a> {
    fn new(escape_html: bool, indent: Option<&'a str>, limit: usize) -> Writer<'a> {
        Writer { out: Vec::new(), limit, escape_html, indent, nesting: Nesting::default() }
    }

    fn finish(mut self, value: &Value) -> Result<Vec<u8>, WriteError> {
        self.value(value)?;
        Ok(self.out)
    }

    fn value(&mut self, value: &Value) -> Result<(), WriteError> {
        match value {
            Value::Nil => self.token("null"),
            Value::Bool(true) => self.token("true"),
            Value::Bool(false) => self.token("false"),
            // Writing to a Vec does not fail.
            Value::Int(n, _) => drop(write!(self.out, "{n}")),
            Value::Uint(n, _) => drop(write!(self.out, "{n}")),
            Value::Float(n) => self.float(*n)?,
            Value::Complex(..) => {
                return Err(WriteError::Unsupported("json: unsupported type: complex128".to_owned()));
            }
            Value::Str(s) => self.string(s.as_bytes()),
            Value::Bytes(s) => {
                self.out.push(b'"');
                base64::encode_into(&mut self.out, s.as_bytes());
                self.out.push(b'"');
            }
            Value::List(list) => self.list(list)?,
            Value::Map(map) => self.map(map)?,
            Value::Object(object) => self.object(object.as_ref())?,
        }
        if self.out.len() > self.limit { Err(WriteError::TooLarge) } else { Ok(()) }
    }

    fn token(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn float(&mut self, n: f64) -> Result<(), WriteError> {
        if !n.is_finite() {
            let text = format!("json: unsupported value: {}", number::format_g(n));
            return Err(WriteError::Unsupported(text));
        }
        self.token(&number::format_json(n));
        Ok(())
    }

    fn list(&mut self, list: &List) -> Result<(), WriteError> {
        if list.is_nil() {
            self.token("null");
            return Ok(());
        }
        self.nesting.enter(list.address(), list.ty().name)?;
        self.out.push(b'[');
        for (n, item) in list.items().iter().enumerate() {
            self.entry(n);
            self.value(item)?;
        }
        self.nesting.leave(list.address());
        self.close(b']', list.is_empty());
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), WriteError> {
        if map.is_nil() {
            self.token("null");
            return Ok(());
        }
        self.nesting.enter(map.address(), map.ty().name)?;
        self.out.push(b'{');
        map.with(|entries| entries.iter().enumerate().try_for_each(|(n, (k, v))| self.member(n, k, v)))?;
        self.nesting.leave(map.address());
        self.close(b'}', map.is_empty());
        Ok(())
    }

    fn object(&mut self, object: &dyn Object) -> Result<(), WriteError> {
        let json = object.json();
        let Some(fields) = object_fields(object, &json) else { return self.value(&json) };
        self.nesting.enter(std::ptr::from_ref(object).addr(), object.type_name())?;
        self.out.push(b'{');
        for (n, (name, value)) in fields.iter().enumerate() {
            self.member(n, name, value)?;
        }
        self.nesting.leave(std::ptr::from_ref(object).addr());
        self.close(b'}', fields.is_empty());
        Ok(())
    }

    fn member(&mut self, n: usize, key: &Str, value: &Value) -> Result<(), WriteError> {
        self.entry(n);
        self.string(key.as_bytes());
        self.token(if self.indent.is_some() { ": " } else { ":" });
        self.value(value)
    }

    /// What stands before entry number `n` of a container.
    fn entry(&mut self, n: usize) {
        if n > 0 {
            self.out.push(b',');
        }
        self.line();
    }

    fn close(&mut self, bracket: u8, empty: bool) {
        if !empty {
            self.line();
        }
        self.out.push(bracket);
    }

    fn line(&mut self) {
        let Some(indent) = self.indent else { return };
        self.out.push(b'\n');
        for _ in 0..self.nesting.depth() {
            self.out.extend_from_slice(indent.as_bytes());
        }
    }

    fn string(&mut self, bytes: &[u8]) {
        let text = lossy(bytes);
        let text = text.as_bytes();
        self.out.push(b'"');
        let mut copied = 0;
        for (at, &byte) in text.iter().enumerate() {
            let escape = match byte {
                b' ' | b'!' | b'#'..=b'%' | b'\''..=b';' | b'=' | b'?'..=b'[' | b']'..=0x7f => continue,
                b'<' | b'>' | b'&' if !self.escape_html => continue,
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0x08 => "\\b",
                0x0c => "\\f",
                b'<' => "\\u003c",
                b'>' => "\\u003e",
                b'&' => "\\u0026",
                0xe2 => match text.get(at + 1..at + 3) {
                    Some([0x80, 0xa8]) => "\\u2028",
                    Some([0x80, 0xa9]) => "\\u2029",
                    _ => continue,
                },
                0..=0x1f => "",
                _ => continue,
            };
            self.out.extend_from_slice(text.get(copied..at).unwrap_or_default());
            if escape.is_empty() {
                let _ = write!(self.out, "\\u{byte:04x}");
            }
            self.out.extend_from_slice(escape.as_bytes());
            copied = at + if byte == 0xe2 { 3 } else { 1 };
        }
        self.out.extend_from_slice(text.get(copied..).unwrap_or_default());
        self.out.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &Value, escape_html: bool) -> String {
        String::from_utf8(write(value, escape_html, 1 << 20).unwrap()).unwrap()
    }

    #[test]
    fn strings_are_escaped_as_go_escapes_them() {
        let text =
            Value::str(&b"\"\\\x7f\x00\x08\x0c\x0b\n\r\t\xe2\x80\xa8\xc2\x85<>&\xff\xe2\x82\xc3\xa9"[..]);
        let html = "\"\\\"\\\\\u{7f}\\u0000\\b\\f\\u000b\\n\\r\\t\\u2028\u{85}\\u003c\\u003e\\u0026\u{fffd}\u{fffd}\u{fffd}é\"";
        assert_eq!(json(&text, true), html);
        let raw = html.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&");
        assert_eq!(json(&text, false), raw);
    }

    #[test]
    fn values_of_all_kinds() {
        let list = List::new(vec![
            Value::Nil,
            Value::Bool(true),
            Value::int(-5),
            Value::Float(1e21),
            Value::Float(1e6),
            Value::Bytes("ab".into()),
            List::nil(&crate::data::list::LIST_ANY).into(),
            List::new(Vec::new()).into(),
            Map::new().into(),
        ]);
        assert_eq!(json(&list.into(), true), r#"[null,true,-5,1e+21,1000000,"YWI=",null,[],{}]"#);
    }

    #[test]
    fn pretty_puts_each_entry_on_a_line() {
        let inner: Map = [("x", Value::str("<"))].into_iter().collect();
        let list = List::new(vec![Value::int(1), inner.into()]);
        let map: Map = [("a", List::new(Vec::new()).into()), ("b", list.into())].into_iter().collect();
        let text = String::from_utf8(write_pretty(&map.into(), "  ", true, 1 << 10).unwrap()).unwrap();
        assert_eq!(
            text,
            "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {\n      \"x\": \"\\u003c\"\n    }\n  ]\n}"
        );
    }

    #[test]
    fn what_json_cannot_say_is_an_error() {
        let error = |value: Value| match write(&value, true, 1 << 20) {
            Err(WriteError::Unsupported(text)) => text,
            other => format!("{other:?}"),
        };
        assert_eq!(error(Value::Float(f64::INFINITY)), "json: unsupported value: +Inf");
        assert_eq!(error(Value::Complex(0.0, 1.0)), "json: unsupported type: complex128");
    }

    #[test]
    fn cycles_and_depth_end_as_in_go() {
        let test = || {
            let map = Map::new();
            let list = List::new(vec![map.clone().into()]);
            map.insert("x", list.clone().into());
            let text = "json: unsupported value: encountered a cycle via []interface {}";
            let error = write(&list.into(), true, 1 << 20).unwrap_err();
            assert_eq!(error, WriteError::Unsupported(text.to_owned()));
            map.remove("x");
            let nested = (0..10_001).fold(Value::Nil, |inner, _| List::new(vec![inner]).into());
            assert!(write(&nested, true, 1 << 20).is_ok());
            let error = write(&List::new(vec![nested]).into(), true, 1 << 20).unwrap_err();
            assert_eq!(error, WriteError::Unsupported("exceeded max depth".to_owned()));
        };
        std::thread::Builder::new().stack_size(256 << 20).spawn(test).unwrap().join().unwrap();
    }
}
