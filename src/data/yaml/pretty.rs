//! Values to YAML as Helm's `toYamlPretty` writes them: go-yaml 3 with an indent
//! of 2, straight from the Go values without JSON between.

use std::borrow::Cow;

use crate::data::json::{Nesting, WriteError, object_fields};
use crate::data::{IntKind, List, Map, Object, Str, Value, base64, number, time};

use super::emit::Emitter;
use super::natural;
use super::reads_as::Version;
use super::scalar::{Style, analyse, is_simple};

/// How many containers may stand in each other. (Go goes on until its stack ends.)
const MAX_DEPTH: usize = 10_000;
/// The longest key that stands before its colon in one line, with its tag.
const SIMPLE_KEY: usize = 128;
/// go-yaml writes what is no UTF-8 in base64, in lines of this length.
const BINARY_LINE: usize = 70;
const BINARY_TAG: &str = "!!binary";

/// The value as go-yaml 3's `Encoder` with an indent of 2 writes it.
///
/// The text may have up to about `limit` bytes. Nesting without end, on which Go
/// dies, is [`WriteError::TooLarge`].
pub fn write_pretty(value: &Value, limit: usize) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer { emit: Emitter::new(usize::MAX, limit), nesting: Nesting::default() };
    writer.node(value)?;
    writer.emit.align();
    Ok(writer.emit.out)
}

struct Writer {
    emit: Emitter,
    nesting: Nesting,
}

impl Writer {
    fn node(&mut self, value: &Value) -> Result<(), WriteError> {
        match value {
            Value::Nil => self.emit.token("null"),
            Value::Bool(true) => self.emit.token("true"),
            Value::Bool(false) => self.emit.token("false"),
            Value::Int(n, IntKind::Duration) => self.string(time::duration::format(*n).as_bytes()),
            Value::Int(n, _) => self.emit.token(&n.to_string()),
            Value::Uint(n, _) => self.emit.token(&n.to_string()),
            Value::Float(n) => self.float(*n),
            Value::Complex(..) => {
                return Err(WriteError::Unsupported("cannot marshal type: complex128".to_owned()));
            }
            Value::Str(s) => self.string(s.as_bytes()),
            Value::Bytes(s) => self.bytes(s.as_bytes()),
            Value::List(list) => self.list(list)?,
            Value::Map(map) => self.map(map)?,
            Value::Object(object) => self.object(object.as_ref())?,
        }
        if self.emit.is_full() { Err(WriteError::TooLarge) } else { Ok(()) }
    }

    fn float(&mut self, n: f64) {
        match n {
            f64::INFINITY => self.emit.token(".inf"),
            f64::NEG_INFINITY => self.emit.token("-.inf"),
            n if n.is_nan() => self.emit.token(".nan"),
            n => self.emit.token(&number::format_g(n)),
        }
    }

    fn string(&mut self, bytes: &[u8]) {
        let (tag, text) = tagged(bytes);
        let style = style(tag, &text, false);
        if let Some(tag) = tag {
            self.emit.token(tag);
        }
        self.emit.scalar(&text, style, false);
    }

    fn enter(&mut self, address: usize, type_name: &str) -> Result<(), WriteError> {
        self.nesting.enter(address, type_name).map_err(|_| WriteError::TooLarge)?;
        if self.nesting.depth() > MAX_DEPTH { Err(WriteError::TooLarge) } else { Ok(()) }
    }

    fn list(&mut self, list: &List) -> Result<(), WriteError> {
        if list.is_empty() {
            self.emit.token("[]");
            return Ok(());
        }
        self.enter(list.address(), list.ty().name)?;
        let outer = self.emit.enter(false);
        for item in list.items() {
            self.item();
            self.node(item)?;
        }
        self.emit.indent = outer;
        self.nesting.leave(list.address());
        Ok(())
    }

    fn item(&mut self) {
        self.emit.align();
        self.emit.block_indicator("-");
    }

    /// `[]byte` is a list of numbers here.
    fn bytes(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.emit.token("[]");
            return;
        }
        let outer = self.emit.enter(false);
        for byte in bytes {
            if self.emit.is_full() {
                break;
            }
            self.item();
            self.emit.token(&byte.to_string());
        }
        self.emit.indent = outer;
    }

    fn map(&mut self, map: &Map) -> Result<(), WriteError> {
        if map.is_empty() {
            self.emit.token("{}");
            return Ok(());
        }
        self.enter(map.address(), map.ty().name)?;
        let outer = self.emit.enter(false);
        map.with(|entries| {
            let keys =
                entries.iter().map(|(key, value)| (crate::data::str::lossy(key.as_bytes()), key, value));
            let sorted = natural::sort(keys.collect::<Vec<(Cow<'_, str>, &Str, &Value)>>(), &|a, b| {
                natural::less(&a.0, &b.0, Version::V3)
            });
            sorted.into_iter().try_for_each(|(_, key, value)| self.member(key.as_bytes(), value))
        })?;
        self.emit.indent = outer;
        self.nesting.leave(map.address());
        Ok(())
    }

    fn member(&mut self, key: &[u8], value: &Value) -> Result<(), WriteError> {
        self.emit.align();
        let (tag, text) = tagged(key);
        let simple = text.len() + tag.map_or(0, str::len) <= SIMPLE_KEY
            && (is_simple(text.as_bytes()) || !analyse(&text, Version::V3).multiline);
        let style = style(tag, &text, simple);
        if !simple {
            self.emit.block_indicator("?");
        }
        if let Some(tag) = tag {
            self.emit.token(tag);
        }
        self.emit.scalar(&text, style, simple);
        if simple {
            self.emit.colon();
        } else {
            self.emit.align();
            self.emit.block_indicator(":");
        }
        self.node(value)
    }

    /// A struct: its fields in lower case, or the text that it marshals to. A
    /// time is written as YAML's own, without quotes.
    fn object(&mut self, object: &dyn Object) -> Result<(), WriteError> {
        let json = object.json();
        if let (Value::Str(text), "time.Time") = (&json, object.type_name()) {
            self.emit.token(&text.to_str_lossy());
            return Ok(());
        }
        let fields = if json.as_map().is_some() { object.fields() } else { Vec::new() };
        if fields.is_empty() && object_fields(object, &json).is_none() {
            return self.node(&json);
        }
        if fields.is_empty() {
            self.emit.token("{}");
            return Ok(());
        }
        let address = std::ptr::from_ref(object).addr();
        self.enter(address, object.type_name())?;
        let outer = self.emit.enter(false);
        for (name, value) in &fields {
            self.member(name.to_lowercase().as_bytes(), value)?;
        }
        self.emit.indent = outer;
        self.nesting.leave(address);
        Ok(())
    }
}

/// The text of a scalar; what is no UTF-8 is in base64, under its tag.
fn tagged(bytes: &[u8]) -> (Option<&'static str>, Cow<'_, str>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (None, Cow::Borrowed(text)),
        Err(_) => (Some(BINARY_TAG), Cow::Owned(binary(bytes))),
    }
}

/// Lines of base64, each ended where there is more than one (or just as much as
/// fills one, as Go counts them).
fn binary(bytes: &[u8]) -> String {
    let encoded = base64::encode(bytes);
    let mut text = String::with_capacity(encoded.len() + encoded.len() / BINARY_LINE + 1);
    for line in encoded.chunks(BINARY_LINE) {
        text.push_str(std::str::from_utf8(line).unwrap_or_default());
        if encoded.len() >= BINARY_LINE {
            text.push('\n');
        }
    }
    text
}

fn style(tag: Option<&str>, text: &str, simple_key: bool) -> Style {
    match tag {
        None if is_simple(text.as_bytes()) => Style::Plain,
        None => analyse(text, Version::V3).style(text, simple_key, Version::V3),
        Some(_) => analyse(text, Version::V3).tagged_style(text, simple_key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::json;

    fn pretty(value: &Value) -> String {
        String::from_utf8(write_pretty(value, 1 << 20).unwrap()).unwrap()
    }

    #[test]
    fn lists_are_indented_and_lines_are_not_folded() {
        let words = "word ".repeat(30);
        let value =
            json::parse(format!(r#"{{"a": [1, [2, {{"x": []}}]], "b": "{words}."}}"#).as_bytes()).unwrap();
        assert_eq!(pretty(&value), format!("a:\n  - 1\n  - - 2\n    - x: []\nb: {words}.\n"));
    }

    #[test]
    fn scalars_are_gos_own() {
        for (value, out) in [
            (Value::Float(1e6), "1e+06"),
            (Value::Float(f64::NEG_INFINITY), "-.inf"),
            (Value::Int(60_000_000_000, IntKind::Duration), "1m0s"),
            (Value::Bytes("ab".into()), "- 97\n- 98"),
            (Value::str("a\tb"), "\"a\\tb\""),
            (Value::str("a\tb\nc"), "|-\n  a\tb\n  c"),
            (Value::str("off"), "\"off\""),
            (Value::str("0o-7"), "\"0o-7\""),
            (Value::str(&b"\x98"[..]), "!!binary mA=="),
            (Map::nil(&crate::data::map::MAP_ANY).into(), "{}"),
        ] {
            assert_eq!(pretty(&value), format!("{out}\n"));
        }
    }
}
