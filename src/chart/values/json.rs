//! JSON as Go's encoding/json reads it, with numbers kept as they are written
//! (a schema's messages show `1.50` and `1e3` that way).

use crate::data::fields::Fields;
use crate::data::json::bad_escape;
use crate::data::{List, Map, Str, Value};
use crate::template::print::quote_rune;

/// Nesting beyond this is an error, as in Go.
const MAX_DEPTH: usize = 10_000;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names are JSON's")]
pub enum Json {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(Box<str>),
    /// A number of the values, as Go prints it.
    Float(f64),
    /// An integer of the values.
    Int(i64),
    String(Str),
    Array(Vec<Json>),
    Object(Fields<Json>),
}

impl Json {
    /// Go's plain value with float64 numbers; nothing where one overflows.
    pub fn to_value(&self) -> Option<Value> {
        Some(match self {
            Json::Null => Value::Nil,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(text) => Value::Float(text.parse().ok().filter(|n: &f64| n.is_finite())?),
            Json::Float(n) => Value::Float(*n),
            Json::Int(n) => Value::int64(*n),
            Json::String(s) => Value::Str(s.clone()),
            Json::Array(items) => List::new(items.iter().map(Json::to_value).collect::<Option<_>>()?).into(),
            Json::Object(entries) => entries
                .iter()
                .map(|(key, item)| Some((key.clone(), item.to_value()?)))
                .collect::<Option<Map>>()?
                .into(),
        })
    }
}

/// The one JSON value that `text` is, or Go's error text.
pub fn parse(text: &[u8]) -> Result<Json, String> {
    let (value, used) = parse_prefix(text)?;
    let mut rest = text.get(used..).unwrap_or_default().iter();
    match rest.find(|b| !is_space(**b)) {
        None => Ok(value),
        Some(_) => Err("invalid character after top-level value".to_owned()),
    }
}

/// The JSON value at the start of `text` and how many bytes it takes.
pub fn parse_prefix(text: &[u8]) -> Result<(Json, usize), String> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_space();
    if reader.peek().is_none() {
        return Err("EOF".to_owned());
    }
    let value = reader.value(0)?;
    Ok((value, reader.at))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// Go's complaint about the byte here.
    fn unexpected<T>(&self, context: &str) -> Result<T, String> {
        match self.peek() {
            None => Err("unexpected EOF".to_owned()),
            Some(b'\'') => Err(format!("invalid character '\\'' {context}")),
            Some(b'"') => Err(format!("invalid character '\"' {context}")),
            Some(byte) => Err(format!("invalid character {} {context}", quote_rune(char::from(byte), false))),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => Err("exceeded max depth".to_owned()),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, String> {
        for (i, expected) in word.bytes().enumerate() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                return self
                    .unexpected(&format!("in literal {word} (expecting {})", quote_rune(expected, false)));
            }
            debug_assert!(i < word.len());
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.unexpected("in numeric literal"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
                return self.unexpected("after decimal point in numeric literal");
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
                return self.unexpected("in exponent of numeric literal");
            }
            self.digits();
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Json::Number(std::str::from_utf8(text).unwrap_or_default().into()))
    }

    fn array(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::Array(items));
                }
                _ => return self.unexpected("after array element"),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut entries = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(entries.into()));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.unexpected("looking for beginning of object key string");
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.unexpected("after object key");
            }
            self.at += 1;
            self.skip_space();
            let value = self.value(depth + 1)?;
            entries.push((key, value));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(entries.into()));
                }
                _ => return self.unexpected("after object key:value pair"),
            }
        }
    }

    fn string(&mut self) -> Result<Str, String> {
        self.at += 1;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\') || !(b' '..0x80).contains(b));
        if let Some((text, [b'"', ..])) = plain.and_then(|length| rest.split_at_checked(length)) {
            self.at += text.len() + 1;
            return Ok(text.into());
        }
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    // Go reads invalid UTF-8 as U+FFFD.
                    return Ok(match String::from_utf8(out) {
                        Ok(text) => text.into(),
                        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into(),
                    });
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut out)?;
                }
                Some(byte) if byte >= b' ' => {
                    out.push(byte);
                    self.at += 1;
                }
                _ => return self.unexpected("in string"),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let c = self.unicode()?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.bad_escape(2)),
        };
        self.at += 1;
        out.push(plain);
        Ok(())
    }

    /// The rune of `\uXXXX`, or of a surrogate pair; half a pair is U+FFFD.
    fn unicode(&mut self) -> Result<char, String> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let back = self.at;
        if self.text.get(self.at..self.at + 2) == Some(b"\\u") {
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let rune = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(rune).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// The error for the escape that was read up to here, were it `length` bytes long.
    fn bad_escape(&self, length: usize) -> String {
        let read = self.text.get(..self.at).unwrap_or_default();
        let start = read.iter().rposition(|b| *b == b'\\').unwrap_or_default();
        let rest = self.text.get(start..).unwrap_or_default();
        let whole = rest.len() >= length || rest.iter().skip(2).any(|b| !b.is_ascii_hexdigit());
        if whole { bad_escape(rest.get(..length).unwrap_or(rest)) } else { "unexpected EOF".to_owned() }
    }

    fn hex4(&mut self) -> Result<u32, String> {
        let mut rune = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|b| char::from(b).to_digit(16)) else {
                return Err(self.bad_escape(6));
            };
            rune = rune * 16 + digit;
            self.at += 1;
        }
        Ok(rune)
    }
}
