//! Reads JSON as Go 1.27's `json.Unmarshal` into an `interface{}`: its numbers,
//! its leniency about broken text in strings, its messages.

use std::borrow::Cow;
use std::fmt;

use crate::data::quote::{quote, quote_rune};
use crate::data::str::lossy;
use crate::data::unicode::is_print;
use crate::data::{IntKind, List, Map, Str, UintKind, Value};

/// Containers inside each other that Go takes.
const MAX_DEPTH: usize = 10_000;

/// An error of reading JSON.
#[derive(Debug, Clone)]
pub struct JsonError {
    /// Go's text.
    pub message: String,
    /// What Go still fills in when a number fits no float64 (0 stands in its
    /// place); none for an error of syntax.
    pub partial: Option<Value>,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for JsonError {}

/// Reads one JSON value; numbers are float64. Of duplicate keys the last wins;
/// what is not UTF-8 in a string becomes U+FFFD.
///
/// # Errors
/// Go's message for broken syntax, nesting deeper than 10,000, or a number
/// beyond float64.
pub fn parse(text: &[u8]) -> Result<Value, JsonError> {
    Reader::new(text, false).read()
}

/// As [`parse`], but integers that fit stay `int64` or `uint64`.
///
/// # Errors
/// As [`parse`].
pub fn parse_exact(text: &[u8]) -> Result<Value, JsonError> {
    Reader::new(text, true).read()
}

/// The bytes with each one that is not part of valid UTF-8 replaced by U+FFFD,
/// as Go does wherever it reads runes.
pub fn valid_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match lossy(bytes) {
        Cow::Borrowed(_) => Cow::Borrowed(bytes),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// A container that is not closed yet.
enum Frame {
    Array(Vec<Value>),
    /// The entries, and the key whose value comes next.
    Object(Vec<(Str, Value)>, Str),
}

struct Reader<'a> {
    text: &'a [u8],
    pos: usize,
    exact: bool,
    stack: Vec<Frame>,
    overflow: Option<String>,
}

type Read<T> = Result<T, JsonError>;

fn error<T>(message: impl Into<String>) -> Read<T> {
    Err(JsonError { message: message.into(), partial: None })
}

fn unexpected_end<T>() -> Read<T> {
    error("unexpected end of JSON input")
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8], exact: bool) -> Reader<'a> {
        Reader { text, pos: 0, exact, stack: Vec::new(), overflow: None }
    }

    fn read(mut self) -> Read<Value> {
        let value = self.value()?;
        self.space();
        if self.pos < self.text.len() {
            return self.unexpected("after top-level value");
        }
        match self.overflow {
            Some(message) => Err(JsonError { message, partial: Some(value) }),
            None => Ok(value),
        }
    }

    /// The whole value; containers wait on the stack.
    fn value(&mut self) -> Read<Value> {
        let mut done = self.begin()?;
        loop {
            let Some(value) = done.take() else {
                done = self.begin()?;
                continue;
            };
            let Some(frame) = self.stack.last_mut() else { return Ok(value) };
            let (close, context) = match frame {
                Frame::Array(items) => {
                    items.push(value);
                    (b']', "after array element")
                }
                Frame::Object(entries, key) => {
                    entries.push((std::mem::take(key), value));
                    (b'}', "after object key:value pair")
                }
            };
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.pos += 1;
                    if close == b'}' {
                        self.key()?;
                    }
                }
                Some(b) if b == close => {
                    self.pos += 1;
                    done = self.close();
                }
                _ => return self.unexpected(context),
            }
        }
    }

    /// A scalar or an empty container; or none, with a container opened.
    fn begin(&mut self) -> Read<Option<Value>> {
        self.space();
        match self.peek() {
            Some(b'{') => {
                self.open(Frame::Object(Vec::new(), Str::default()))?;
                self.space();
                if self.peek() == Some(b'}') {
                    self.pos += 1;
                    return Ok(self.close());
                }
                self.key()?;
                Ok(None)
            }
            Some(b'[') => {
                self.open(Frame::Array(Vec::new()))?;
                self.space();
                if self.peek() == Some(b']') {
                    self.pos += 1;
                    return Ok(self.close());
                }
                Ok(None)
            }
            Some(b'"') => Ok(Some(Value::Str(self.string()?))),
            Some(b'-' | b'0'..=b'9') => self.number().map(Some),
            Some(b't') => self.literal("true", Value::Bool(true)).map(Some),
            Some(b'f') => self.literal("false", Value::Bool(false)).map(Some),
            Some(b'n') => self.literal("null", Value::Nil).map(Some),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    fn open(&mut self, frame: Frame) -> Read<()> {
        self.pos += 1;
        if self.stack.len() >= MAX_DEPTH {
            return error("exceeded max depth");
        }
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self) -> Option<Value> {
        Some(match self.stack.pop()? {
            Frame::Array(items) => List::new(items).into(),
            Frame::Object(entries, _) => entries.into_iter().collect::<Map>().into(),
        })
    }

    /// A key and its colon.
    fn key(&mut self) -> Read<()> {
        self.space();
        if self.peek() != Some(b'"') {
            return self.unexpected("looking for beginning of object key string");
        }
        let name = self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return self.unexpected("after object key");
        }
        self.pos += 1;
        if let Some(Frame::Object(_, key)) = self.stack.last_mut() {
            *key = name;
        }
        Ok(())
    }

    fn literal(&mut self, word: &str, value: Value) -> Read<Value> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                return self.unexpected(&format!("in literal {word} (expecting '{expected}')"));
            }
            self.pos += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) -> Read<()> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return self.unexpected("in numeric literal");
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.pos += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Read<Value> {
        let from = self.pos;
        let mut integer = true;
        if self.peek() == Some(b'-') {
            self.pos += 1;
        }
        if self.peek() == Some(b'0') {
            self.pos += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            integer = false;
            self.pos += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            integer = false;
            self.pos += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.pos += 1;
            }
            self.digits()?;
        }
        let text = self.text.get(from..self.pos).and_then(|text| std::str::from_utf8(text).ok());
        let text = text.unwrap_or_default();
        if self.exact && integer {
            if let Ok(n) = text.parse() {
                return Ok(Value::Int(n, IntKind::Int64));
            }
            if let Ok(n) = text.parse() {
                return Ok(Value::Uint(n, UintKind::Uint64));
            }
        }
        match text.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(Value::Float(n)),
            _ => {
                let message = self.overflowed(text);
                self.overflow.get_or_insert(message);
                Ok(Value::Float(0.0))
            }
        }
    }

    fn overflowed(&self, number: &str) -> String {
        let mut path = String::new();
        for frame in &self.stack {
            path.push('.');
            match frame {
                Frame::Array(items) => path.push_str(&items.len().to_string()),
                Frame::Object(_, key) => path.push_str(&key.to_str_lossy()),
            }
        }
        let place = match self.stack.last() {
            _ if path.len() < 2 => "Go value".to_owned(),
            Some(Frame::Array(_)) => path,
            _ => format!("Go struct field {path}"),
        };
        format!("json: cannot unmarshal number {number} into {place} of type float64")
    }

    /// A string, its quotes passed.
    fn string(&mut self) -> Read<Str> {
        self.pos += 1;
        let from = self.pos;
        self.run();
        if self.peek() == Some(b'"') {
            let text = valid_utf8(self.text.get(from..self.pos).unwrap_or_default());
            self.pos += 1;
            return Ok(Str::from(text.as_ref()));
        }
        let mut text = Vec::new();
        let mut from = from;
        loop {
            text.extend_from_slice(&valid_utf8(self.text.get(from..self.pos).unwrap_or_default()));
            match self.peek() {
                None => return unexpected_end(),
                Some(b'"') => {
                    self.pos += 1;
                    return Ok(text.into());
                }
                Some(b'\\') => self.escape(&mut text)?,
                Some(_) => return self.unexpected("in string"),
            }
            from = self.pos;
            self.run();
        }
    }

    /// Passes what stands for itself in a string.
    fn run(&mut self) {
        while self.peek().is_some_and(|b| b >= b' ' && b != b'"' && b != b'\\') {
            self.pos += 1;
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Read<()> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let c = match rest {
            [_, b'b', ..] => b'\x08',
            [_, b'f', ..] => b'\x0C',
            [_, b'n', ..] => b'\n',
            [_, b'r', ..] => b'\r',
            [_, b't', ..] => b'\t',
            [_, c @ (b'"' | b'\\' | b'/'), ..] => *c,
            [_, b'u', ..] => return self.unicode(text),
            [_, _, ..] => return invalid_escape(rest.get(..2)),
            _ => return unexpected_end(),
        };
        text.push(c);
        self.pos += 2;
        Ok(())
    }

    /// `\uXXXX`, two of them for a surrogate pair; half a pair is U+FFFD.
    fn unicode(&mut self, text: &mut Vec<u8>) -> Read<()> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let Some(first) = code(rest) else {
            let shown = rest.get(..6).unwrap_or(rest);
            let broken = shown.iter().skip(2).any(|b| !b.is_ascii_hexdigit());
            return if broken { invalid_escape(Some(shown)) } else { unexpected_end() };
        };
        self.pos += 6;
        let mut c = char::from_u32(first);
        if let (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) = (first, rest.get(6..).and_then(code)) {
            c = char::from_u32(0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF));
            self.pos += 6;
        }
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.pos += 1;
        }
    }

    /// The error at a character that must not be here.
    fn unexpected<T>(&self, context: &str) -> Read<T> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let Some(&b) = rest.first() else { return unexpected_end() };
        let start = rest.get(..4).unwrap_or(rest);
        let shown = match start.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
            Some(c) => quote_rune(c, false),
            None => format!("'\\x{b:02x}'"),
        };
        error(format!("invalid character {shown} {context}"))
    }
}

fn code(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |code, b| Some(code << 4 | char::from(*b).to_digit(16)?))
}

fn invalid_escape<T>(sequence: Option<&[u8]>) -> Read<T> {
    error(bad_escape(sequence.unwrap_or_default()))
}

/// Go's words for a `\` and what follows it in a string, if that means nothing.
pub fn bad_escape(sequence: &[u8]) -> String {
    let plain = |c: char| c != '`' && c != char::REPLACEMENT_CHARACTER && !c.is_whitespace() && is_print(c);
    match std::str::from_utf8(sequence) {
        Ok(text) if text.chars().all(plain) => format!("invalid escape sequence `{text}` in string"),
        _ => format!("invalid escape sequence {} in string", quote(sequence)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;

    /// Messages as `fromJson` of Helm 4.3.1 gives them.
    #[test]
    fn messages_are_gos() {
        for (text, message) in [
            ("", "unexpected end of JSON input"),
            ("{\"a\":1", "unexpected end of JSON input"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":b}", "invalid character 'b' looking for beginning of value"),
            ("{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
            ("{\"a\":1}x", "invalid character 'x' after top-level value"),
            ("trux", "invalid character 'x' in literal true (expecting 'e')"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("{\"a\":1 \"b\":2}", "invalid character '\"' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[1.]", "invalid character ']' in numeric literal"),
            ("[\"\\q\"]", "invalid escape sequence `\\q` in string"),
            ("[\"\\u12x\"]", "invalid escape sequence `\\u12x\"` in string"),
            ("[\"\\u1 \"]", "invalid escape sequence \"\\\\u1 \\\"]\" in string"),
            ("[\"\n\"]", "invalid character '\\n' in string"),
            ("[\u{a0}]", "invalid character '\\u00a0' looking for beginning of value"),
            ("[é]", "invalid character 'é' looking for beginning of value"),
            ("{\"a\":1e400}", "json: cannot unmarshal number 1e400 into Go struct field .a of type float64"),
            ("[[1e400]]", "json: cannot unmarshal number 1e400 into .0.0 of type float64"),
        ] {
            assert_eq!(parse(text.as_bytes()).map(|_| ()).map_err(|e| e.message), Err(message.to_owned()));
        }
    }

    #[test]
    fn strings_hold_only_utf8() {
        let value = parse(b"\"\xff\xe2\x82 \\ud800 \\ud83d\\ude00\"").unwrap();
        assert_eq!(value.as_str(), Some("\u{FFFD}\u{FFFD}\u{FFFD} \u{FFFD} 😀"));
    }

    #[test]
    fn numbers_are_floats_unless_exact_ones_are_asked_for() {
        let text = b"[9007199254740993, 18446744073709551615, 1.0, -0]";
        let floats = parse(text).unwrap();
        assert!(floats.as_list().unwrap().items().iter().all(|v| matches!(v, Value::Float(_))));
        let exact = parse_exact(text).unwrap();
        let json = write(&exact, true, usize::MAX).unwrap();
        assert_eq!(json, b"[9007199254740993,18446744073709551615,1,0]");
    }

    #[test]
    fn the_last_of_duplicate_keys_wins() {
        let value = parse(b"{\"a\":1,\"a\":{\"b\":2}}").unwrap();
        assert_eq!(write(&value, true, usize::MAX).unwrap(), br#"{"a":{"b":2}}"#);
    }

    #[test]
    fn nesting_ends_at_ten_thousand() {
        let nested = |n: usize| ["[".repeat(n), "]".repeat(n)].concat();
        assert!(parse(nested(10_000).as_bytes()).is_ok());
        assert_eq!(parse(nested(10_001).as_bytes()).unwrap_err().message, "exceeded max depth");
    }
}
