//! The grammars of `--set`, `--set-string`, `--set-json`, `--set-file` and
//! `--set-literal` (Helm's pkg/strvals), written onto a map in place.

use super::json;
use super::merge_maps;
use crate::data::{List, Map, Str, Value};
use crate::error::{Error, Kind, Result};
use crate::template::print::{quote, quote_rune};

/// The highest list index.
const MAX_INDEX: i64 = 65536;
/// How many dots a key may have.
const MAX_NESTED_NAMES: usize = 30;
/// How many brackets and dots may follow each other; Helm has no such limit.
const MAX_RECURSION: usize = 200;
/// How many nulls the indices of one expression may pad lists with; Helm has
/// no such limit.
const MAX_PADDING: usize = 1 << 20;

/// Gives the content of a file that `--set-file` names.
pub type ReadFile<'a> = dyn FnMut(&str) -> Result<Str> + 'a;

/// `--set`: `text` (`a.b=1,l[0]=x,m={1,2}`) onto `values`. Integers, true,
/// false and null are typed, everything else is a string.
pub fn set(text: &str, values: &Map) -> Result<()> {
    run(text, values, Mode::Typed).map_err(|e| e.context("failed parsing --set data"))
}

/// `--set-string`: the same with strings only.
pub fn set_string(text: &str, values: &Map) -> Result<()> {
    run(text, values, Mode::Strings).map_err(|e| e.context("failed parsing --set-string data"))
}

/// `--set-file`: the same with paths, whose files' contents are set.
pub fn set_file(text: &str, values: &Map, read: &mut ReadFile<'_>) -> Result<()> {
    run(text, values, Mode::Files(read)).map_err(|e| e.context("failed parsing --set-file data"))
}

/// `--set-literal`: one key, and all the rest of `text` as its string.
pub fn set_literal(text: &str, values: &Map) -> Result<()> {
    run(text, values, Mode::Literal).map_err(|e| e.context("failed parsing --set-literal data"))
}

/// `--set-json`: keys with JSON values, or one whole JSON object.
pub fn set_json(text: &str, values: &Map) -> Result<()> {
    let trimmed = text.trim();
    if trimmed.starts_with('{') {
        let object = json::parse(trimmed.as_bytes()).ok().and_then(|object| object.to_value());
        let Some(Value::Map(object)) = object else {
            return Err(Error::usage(format!("failed parsing --set-json data JSON: {text}")));
        };
        return merge_maps(values, &object);
    }
    run(text, values, Mode::Json).map_err(|e| match e.kind {
        Kind::Limit => e.context("failed parsing --set-json data"),
        _ => Error::usage(format!("failed parsing --set-json data {text}")),
    })
}

fn run(text: &str, values: &Map, mode: Mode<'_, '_>) -> Result<()> {
    let mut parser = Parser { text, mode, depth: 0, padded: 0 };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(error)) => return Err(error),
        }
    }
}

enum Mode<'a, 'f> {
    Typed,
    Strings,
    Json,
    Literal,
    Files(&'a mut ReadFile<'f>),
}

/// Why a part of the text is over before its value: Helm takes the end of the
/// text for success, also where it comes in the middle of an index.
enum Stop {
    End,
    Error(Error),
}

type Parsed<T> = std::result::Result<T, Stop>;

fn fail<T>(message: impl Into<String>) -> Parsed<T> {
    Err(Stop::Error(Error::usage(message)))
}

fn over_limit<T>(message: impl Into<String>) -> Parsed<T> {
    Err(Stop::Error(Error::new(Kind::Limit, message)))
}

/// Go's panic of a type assertion, as Helm recovers and words it.
fn not_a<T>(value: &Value, wanted: &str) -> Parsed<T> {
    let got = if value.is_nil() { "nil" } else { value.type_name() };
    fail(format!("unable to parse key: interface conversion: interface {{}} is {got}, not {wanted}"))
}

struct Parser<'t, 'a, 'f> {
    text: &'t str,
    mode: Mode<'a, 'f>,
    depth: usize,
    padded: usize,
}

impl Parser<'_, '_, '_> {
    fn literal(&self) -> bool {
        matches!(self.mode, Mode::Literal)
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.text.chars();
        let c = chars.next()?;
        self.text = chars.as_str();
        Some(c)
    }

    /// The text up to one of `stops` and that one; none at the end of the text.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut out = String::new();
        while let Some(c) = self.next() {
            if stops.contains(&c) {
                return (out, Some(c));
            }
            if c != '\\' || self.literal() {
                out.push(c);
                continue;
            }
            match self.next() {
                Some(escaped) => out.push(escaped),
                None => break,
            }
        }
        (out, None)
    }

    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_RECURSION {
            return over_limit(format!("a key has more than {MAX_RECURSION} parts"));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// One key and its value.
    fn key(&mut self, data: &Map, names: usize) -> Parsed<()> {
        let stops: &[char] = if self.literal() { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, stop) = self.until(stops);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => fail(format!("key {} has no value", quote(key.as_bytes()))),
            Some('[') => self.list_of_key(data, key, names),
            Some('=') => self.value_of_key(data, key),
            Some('.') => self.table_of_key(data, key, names),
            Some(_) => fail(format!("key {} has no value (cannot end with ,)", quote(key.as_bytes()))),
        }
    }

    fn list_of_key(&mut self, data: &Map, key: String, names: usize) -> Parsed<()> {
        let index = self.index()?;
        // The list is taken out so that it can change without a copy.
        let list = match data.remove(&key) {
            None => Vec::new(),
            Some(Value::List(list)) => list.into_items(),
            Some(other) => return not_a(&other, "[]interface {}"),
        };
        // Where the text ends before a value the list is set all the same.
        let mut list = list;
        let done = self.deeper(|parser| parser.item(&mut list, index, names));
        put(data, key, List::new(list).into());
        done
    }

    fn value_of_key(&mut self, data: &Map, key: String) -> Parsed<()> {
        if matches!(self.mode, Mode::Json) {
            let value = self.json()?;
            put(data, key, value);
            return self.skip_json_comma();
        }
        let (value, end) = self.value()?;
        put(data, key, value);
        if end { Err(Stop::End) } else { Ok(()) }
    }

    fn table_of_key(&mut self, data: &Map, key: String, names: usize) -> Parsed<()> {
        let names = names + 1;
        if names > MAX_NESTED_NAMES {
            return fail(format!(
                "value name nested level is greater than maximum supported nested level of {MAX_NESTED_NAMES}"
            ));
        }
        let inner = match data.get(&key) {
            None => Map::new(),
            Some(Value::Map(map)) => map,
            Some(other) => return not_a(&other, "map[string]interface {}"),
        };
        let done = self.deeper(|parser| parser.key(&inner, names));
        if inner.is_empty() {
            done?;
            return fail(format!("key map {} has no value", quote(key.as_bytes())));
        }
        put(data, key, inner.into());
        done
    }

    /// The number before `]`.
    fn index(&mut self) -> Parsed<i64> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        text.parse::<i64>().or_else(|error| {
            use std::num::IntErrorKind::{NegOverflow, PosOverflow};
            let why = match error.kind() {
                PosOverflow | NegOverflow => "value out of range",
                _ => "invalid syntax",
            };
            fail(format!("error parsing index: strconv.Atoi: parsing {}: {why}", quote(text.as_bytes())))
        })
    }

    /// What follows `]`: a value, a deeper index or a key of a table.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, names: usize) -> Parsed<()> {
        if index < 0 {
            return fail(format!("negative {index} index not allowed"));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let runes: Vec<String> = text.chars().map(|c| quote_rune(c, false)).collect();
            return fail(format!("unexpected data at end of array index: [{}]", runes.join(" ")));
        }
        let value = match stop {
            None => return Err(Stop::End),
            Some('=') if matches!(self.mode, Mode::Json) => {
                let value = self.json()?;
                self.put_item(list, index, value)?;
                return self.skip_json_comma();
            }
            Some('=') => self.value()?.0,
            Some('[') => {
                let next = self.index()?;
                let (mut inner, there) = match list.get_mut(at).map(std::mem::take) {
                    None | Some(Value::Nil) => (Vec::new(), false),
                    Some(Value::List(inner)) => (inner.into_items(), true),
                    Some(other) => return not_a(&other, "[]interface {}"),
                };
                let done = self.deeper(|parser| parser.item(&mut inner, next, names));
                if done.is_err() {
                    if let Some(slot) = list.get_mut(at).filter(|_| there) {
                        *slot = List::new(inner).into();
                    }
                    return done;
                }
                List::new(inner).into()
            }
            Some(_) => {
                let inner = match list.get(at) {
                    Some(Value::Map(map)) => map.clone(),
                    _ => Map::new(),
                };
                if let Some(slot) = list.get_mut(at) {
                    *slot = inner.clone().into();
                }
                self.deeper(|parser| parser.key(&inner, names))?;
                inner.into()
            }
        };
        self.put_item(list, index, value)
    }

    fn put_item(&mut self, list: &mut Vec<Value>, index: i64, value: Value) -> Parsed<()> {
        if index > MAX_INDEX {
            return fail(format!("index of {index} is greater than maximum supported index of {MAX_INDEX}"));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        if at >= list.len() {
            self.padded += at - list.len();
            if self.padded > MAX_PADDING {
                return over_limit(format!("list indices skip more than {MAX_PADDING} items"));
            }
            list.resize(at + 1, Value::Nil);
        }
        if let Some(slot) = list.get_mut(at) {
            *slot = value;
        }
        Ok(())
    }

    /// The value after `=`, and whether the text ended right there.
    fn value(&mut self) -> Parsed<(Value, bool)> {
        if self.literal() {
            let rest = std::mem::take(&mut self.text);
            return Ok((rest.into(), false));
        }
        if self.text.is_empty() {
            return Ok(("".into(), true));
        }
        if let Some(rest) = self.text.strip_prefix('{') {
            self.text = rest;
            return Ok((self.braces()?.into(), false));
        }
        let (text, _) = self.until(&[',']);
        Ok((self.scalar(text)?, false))
    }

    fn braces(&mut self) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            if stop.is_none() {
                return fail("list must terminate with '}'");
            }
            if stop == Some('}') {
                self.text = self.text.strip_prefix(',').unwrap_or(self.text);
            }
            items.push(self.scalar(text)?);
            if stop == Some('}') {
                return Ok(List::new(items));
            }
        }
    }

    fn scalar(&mut self, text: String) -> Parsed<Value> {
        match &mut self.mode {
            Mode::Typed => Ok(typed(text)),
            Mode::Files(read) => read(&text).map(Value::Str).map_err(Stop::Error),
            _ => Ok(text.into()),
        }
    }

    /// The JSON value at the front; none at all is null.
    fn json(&mut self) -> Parsed<Value> {
        if self.blank_json() {
            return Ok(Value::Nil);
        }
        let Ok((value, used)) = json::parse_prefix(self.text.as_bytes()) else { return fail("") };
        let Some(value) = value.to_value() else { return fail("") };
        self.text = self.text.get(used..).unwrap_or_default();
        Ok(value)
    }

    fn skip_json_comma(&mut self) -> Parsed<()> {
        self.blank_json();
        Ok(())
    }

    /// Skips spaces, and a comma behind them; whether there was nothing else.
    fn blank_json(&mut self) -> bool {
        self.text = self.text.trim_start();
        if let Some(rest) = self.text.strip_prefix(',') {
            self.text = rest;
            return true;
        }
        self.text.is_empty()
    }
}

/// Sets a key; an empty one is not set.
fn put(data: &Map, key: String, value: Value) {
    if !key.is_empty() {
        data.insert(key, value);
    }
}

fn typed(text: String) -> Value {
    // Go's EqualFold knows the long s as an s.
    let folded = |word: &str| {
        text.chars().count() == word.len()
            && text
                .chars()
                .zip(word.chars())
                .all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == 'ſ' && b == 's'))
    };
    if folded("true") {
        return Value::Bool(true);
    }
    if folded("false") {
        return Value::Bool(false);
    }
    if folded("null") {
        return Value::Nil;
    }
    if text == "0" {
        return Value::int64(0);
    }
    if !text.starts_with('0')
        && let Ok(n) = text.parse::<i64>()
    {
        return Value::int64(n);
    }
    text.into()
}
