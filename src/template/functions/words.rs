//! How xstrings finds the words of a text and joins them again: the rules behind
//! `snakecase`, `kebabcase` and `camelcase`.

use super::case::{is_letter, is_punctuation, is_upper, to_lower, to_upper};
use crate::template::unicode::{decode_rune, runes};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invalid,
    Number,
    Upper,
    Letters,
    Connector,
    Punctuation,
    Other,
}

impl Kind {
    /// Whether a connector goes between this word and the one before it.
    fn is_joined(self) -> bool {
        !matches!(self, Kind::Invalid | Kind::Connector | Kind::Punctuation)
    }

    fn continues_number(self) -> bool {
        matches!(self, Kind::Letters | Kind::Number)
    }
}

/// A word and what follows it.
#[derive(Clone, Copy)]
struct Word<'t> {
    kind: Kind,
    text: &'t [u8],
    rest: &'t [u8],
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

/// A letter, but none of the Chinese characters, which have no case.
fn is_alphabet(c: char) -> bool {
    let chinese = matches!(c, '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}');
    !chinese && is_letter(c)
}

/// The next rune that is not U+FFFD and how many bytes end with it; `previous`
/// where there is none.
fn next_valid(text: &[u8], previous: char) -> (char, usize) {
    let mut size = 0;
    for rune in runes(text) {
        size += rune.width;
        if rune.char != char::REPLACEMENT_CHARACTER {
            return (rune.char, size);
        }
    }
    (previous, size)
}

/// Where the run of runes that `belongs` takes ends, the last rune looked at,
/// and the width of the last one taken.
fn run(text: &[u8], from: usize, first: char, belongs: impl Fn(char) -> bool) -> (usize, char, usize) {
    let (mut end, mut last, mut width) = (from, first, 0);
    while end < text.len() {
        let (c, size) = next_valid(text.get(end..).unwrap_or_default(), last);
        last = c;
        if !belongs(c) {
            break;
        }
        (end, width) = (end + size, size);
    }
    (end, last, width)
}

fn next_word(text: &[u8]) -> Word<'_> {
    let (c, first) = next_valid(text, char::REPLACEMENT_CHARACTER);
    let small = |c: char| is_alphabet(c) && !is_upper(c);
    let (kind, end) = if c == char::REPLACEMENT_CHARACTER {
        (Kind::Invalid, first)
    } else if is_connector(c) {
        (Kind::Connector, run(text, first, c, is_connector).0)
    } else if is_punctuation(c) {
        (Kind::Punctuation, run(text, first, c, is_punctuation).0)
    } else if is_upper(c) {
        (Kind::Upper, upper_word(text, first, c))
    } else if is_alphabet(c) {
        (Kind::Letters, run(text, first, c, small).0)
    } else if c.is_numeric() {
        (Kind::Number, run(text, first, c, char::is_numeric).0)
    } else {
        let other = |c: char| !(is_connector(c) || is_alphabet(c) || c.is_numeric() || is_punctuation(c));
        (Kind::Other, run(text, first, c, other).0)
    };
    let (text, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    Word { kind, text, rest }
}

/// The end of a word that begins with a capital: `Status`, or `HTTP` of
/// `HTTPStatus`, whose last capital belongs to the next word.
fn upper_word(text: &[u8], first: usize, c: char) -> usize {
    let (end, last, width) = run(text, first, c, is_upper);
    if end > first {
        return if end < text.len() && is_alphabet(last) { end - width } else { end };
    }
    run(text, first, c, |c| is_alphabet(c) && !is_upper(c)).0
}

/// xstrings' ToSnakeCase and ToKebabCase.
pub fn split_case(text: &[u8], connector: char) -> Vec<u8> {
    let mut out = Out { bytes: Vec::with_capacity(text.len() + 8), connector };
    let mut word = next_word(text);
    while !word.rest.is_empty() {
        if word.kind != Kind::Connector {
            out.word(word);
        }
        let previous = word;
        word = next_word(word.rest);
        word = match previous.kind {
            Kind::Number => out.number_tail(word),
            Kind::Connector => {
                out.word(previous);
                word
            }
            Kind::Punctuation => word,
            _ if word.kind != Kind::Number => {
                if !matches!(word.kind, Kind::Connector | Kind::Punctuation) {
                    out.connect();
                }
                word
            }
            _ if word.rest.is_empty() => word,
            _ => out.after_letters(word),
        };
    }
    out.word(word);
    out.bytes
}

struct Out {
    bytes: Vec<u8>,
    connector: char,
}

impl Out {
    fn connect(&mut self) {
        self.char(self.connector);
    }

    fn char(&mut self, c: char) {
        self.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// A word in lower case.
    fn word(&mut self, word: Word<'_>) {
        if !matches!(word.kind, Kind::Upper | Kind::Connector) {
            self.bytes.extend_from_slice(word.text);
            return;
        }
        for rune in runes(word.text) {
            match rune.char {
                c if is_connector(c) => self.connect(),
                c if is_upper(c) => self.char(to_lower(c)),
                c => self.char(c),
            }
        }
    }

    /// Letters and digits that follow a number stay with it (`2m3s`).
    fn number_tail<'t>(&mut self, mut word: Word<'t>) -> Word<'t> {
        while word.kind.continues_number() {
            self.word(word);
            word = next_word(word.rest);
        }
        if word.kind.is_joined() {
            self.connect();
        }
        word
    }

    /// A number after letters belongs to them (`Bld4Floor`) unless small letters
    /// follow it (`HTTP2xx`).
    fn after_letters<'t>(&mut self, number: Word<'t>) -> Word<'t> {
        let word = next_word(number.rest);
        if word.kind == Kind::Letters {
            self.connect();
            self.word(number);
            return self.number_tail(word);
        }
        self.word(number);
        if !matches!(word.kind, Kind::Connector | Kind::Punctuation) {
            self.connect();
        }
        word
    }
}

/// xstrings' ToPascalCase: connectors at the start and doubled ones stay, a run
/// of capitals at a word's start keeps only the first.
pub fn camel_case(text: &[u8]) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut take = || {
        let rune = decode_rune(rest)?;
        rest = rest.get(rune.width..).unwrap_or_default();
        Some(rune.char)
    };
    let mut first = take();
    while let Some(c) = first.filter(|c| is_connector(*c)) {
        first = take();
        match first {
            Some(_) => out.push(c),
            // A text of connectors alone has its last one twice.
            None => out.extend([c, c]),
        }
    }
    let Some(c) = first else { return out.into_bytes() };
    let mut capitals = is_upper(c);
    let mut current = to_upper(c);
    while let Some(next) = take() {
        let previous = std::mem::replace(&mut current, next);
        match (is_connector(previous), is_connector(next)) {
            (true, true) => out.push(previous),
            (true, false) => {
                capitals = is_upper(next);
                current = to_upper(next);
            }
            (false, _) => {
                if capitals && is_upper(next) {
                    current = to_lower(next);
                } else {
                    capitals = false;
                }
                out.push(previous);
            }
        }
    }
    out.push(current);
    out.into_bytes()
}
