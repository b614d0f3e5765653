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
