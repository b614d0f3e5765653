//! What becomes of a string on its way through JSON.
//!
//! sigs.k8s.io/yaml writes JSON and has go-yaml read it again before it writes
//! YAML. Nearly every string comes through unchanged; this file knows the rest
//! without writing the JSON.

use std::borrow::Cow;

use crate::data::json::WriteError;
use crate::data::str::lossy;

/// The longest key that go-yaml reads as one, in characters of JSON with its quotes.
const KEY_LENGTH: usize = 1024;
/// Next Line: JSON leaves it as it is, YAML takes it for a line break.
const NEXT_LINE: char = '\u{85}';

/// The string as it comes out again.
pub(super) fn string(bytes: &[u8]) -> Result<Cow<'_, str>, WriteError> {
    let text = lossy(bytes);
    if !text.bytes().any(|b| matches!(b, 0x7f | 0xc2 | 0xef)) {
        return Ok(text);
    }
    if text.contains(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}') && c != NEXT_LINE) {
        return Err(error("control characters are not allowed"));
    }
    if text.contains(NEXT_LINE) { fold(&text).map(Cow::Owned) } else { Ok(text) }
}

/// A key as it comes out again. It has to be short and in one line.
pub(super) fn key(bytes: &[u8]) -> Result<Cow<'_, str>, WriteError> {
    let text = lossy(bytes);
    if text.contains(NEXT_LINE) {
        return Err(error("line 1: did not find expected ',' or '}'"));
    }
    if text.len() > KEY_LENGTH / 6 - 2 && text.chars().map(json_length).sum::<usize>() + 2 > KEY_LENGTH {
        return Err(error("did not find expected ',' or '}'"));
    }
    match text {
        Cow::Borrowed(_) => string(bytes),
        Cow::Owned(text) => string(text.as_bytes()).map(|text| Cow::Owned(text.into_owned())),
    }
}

fn error(text: &str) -> WriteError {
    WriteError::Unsupported(format!("yaml: {text}"))
}

/// The characters that JSON writes for one.
fn json_length(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
        _ => 1,
    }
}

/// Line breaks in quotes: one is a space, more are one less, and the spaces
/// around them go.
fn fold(text: &str) -> Result<String, WriteError> {
    let is_blank = |c: char| c == ' ' || c == NEXT_LINE;
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(is_blank).unwrap_or(rest.len()));
        let (blanks, after) = after.split_at(after.find(|c| !is_blank(c)).unwrap_or(after.len()));
        folded.push_str(word);
        match blanks.matches(NEXT_LINE).count() {
            0 => folded.push_str(blanks),
            1 => folded.push(' '),
            breaks => folded.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        let mark = after.strip_prefix("---").or_else(|| after.strip_prefix("..."));
        if blanks.ends_with(NEXT_LINE) && mark.is_some_and(|after| after.starts_with(is_blank)) {
            return Err(error("line 2: found unexpected document indicator"));
        }
        rest = after;
    }
    Ok(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_lines_fold() {
        for (text, out) in [("a\u{85}b", "a b"), ("a \u{85} b\u{85}\u{85}c", "a b\nc"), ("\u{85}", " ")] {
            assert_eq!(string(text.as_bytes()).unwrap(), out);
        }
        assert!(string("a\u{85}--- b".as_bytes()).is_err());
        assert!(key("a\u{85}b".as_bytes()).is_err());
    }

    #[test]
    fn control_characters_and_long_keys_fail() {
        for text in ["\u{7f}", "a\u{80}", "\u{ffff}"] {
            assert!(string(text.as_bytes()).is_err());
        }
        assert!(key("a".repeat(1022).as_bytes()).is_ok());
        assert!(key("a".repeat(1023).as_bytes()).is_err());
        assert!(key("<".repeat(171).as_bytes()).is_err());
    }
}
