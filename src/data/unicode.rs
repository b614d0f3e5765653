//! Runes as Go reads them from bytes, and the classes that its lexer and its
//! quoting ask for.

use std::sync::LazyLock;

use regex::Regex;

/// The first rune of `bytes` and its width: an invalid byte reads as U+FFFD of
/// width 1 (`valid` is false then). `None` at the end.
pub fn decode_rune(bytes: &[u8]) -> Option<Rune> {
    let first = *bytes.first()?;
    if first < 0x80 {
        return Some(Rune { char: char::from(first), width: 1, valid: true });
    }
    Some(match bstr::decode_utf8(bytes) {
        (Some(char), width) => Rune { char, width, valid: true },
        (None, _) => Rune { char: char::REPLACEMENT_CHARACTER, width: 1, valid: false },
    })
}

/// A rune as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rune {
    /// The rune; U+FFFD for an invalid byte.
    pub char: char,
    /// How many bytes it takes.
    pub width: usize,
    /// Whether those bytes were valid UTF-8.
    pub valid: bool,
}

/// The runes of `bytes`, invalid bytes one by one.
pub fn runes(bytes: &[u8]) -> impl Iterator<Item = Rune> + '_ {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let rune = decode_rune(rest)?;
        rest = rest.get(rune.width..).unwrap_or_default();
        Some(rune)
    })
}

/// How many runes `bytes` has, invalid bytes one by one.
pub fn rune_count(bytes: &[u8]) -> usize {
    if bytes.is_ascii() { bytes.len() } else { runes(bytes).count() }
}

/// Without the white space at its start (Go's unicode.IsSpace).
pub fn trim_start(text: &[u8]) -> &[u8] {
    let rest = text.get(text.iter().take_while(|b| is_space(**b)).count()..).unwrap_or_default();
    // What is beyond ASCII asks tables, which take long to get at.
    if rest.first().is_none_or(u8::is_ascii) { rest } else { bstr::ByteSlice::trim_start(rest) }
}

/// Without the white space at its end.
pub fn trim_end(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|b| is_space(**b)).count();
    let rest = text.get(..text.len() - blanks).unwrap_or_default();
    if rest.last().is_none_or(u8::is_ascii) { rest } else { bstr::ByteSlice::trim_end(rest) }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r')
}

/// Whether `c` may be in a name: a letter, a decimal digit or `_`.
pub fn is_alphanumeric(c: char) -> bool {
    static CLASS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").ok());
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { matches(&CLASS, c) }
}

/// Whether Go prints `c` as it is (strconv.IsPrint): letters, marks, numbers,
/// punctuation, symbols and the ASCII space.
pub fn is_print(c: char) -> bool {
    static CLASS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").ok());
    match c {
        ' '..='~' => true,
        // Latin is all printable but the soft hyphen; no look at the tables.
        '\u{a1}'..='\u{24f}' => c != '\u{ad}',
        c if c.is_ascii() => false,
        c => matches(&CLASS, c),
    }
}

fn matches(class: &LazyLock<Option<Regex>>, c: char) -> bool {
    class.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
}
