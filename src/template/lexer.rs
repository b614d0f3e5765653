//! Text to items: literal text, and the words between `{{` and `}}`. The rules
//! and messages are those of Go's text/template/parse.

use super::ast::Pos;
use super::unicode::{decode_rune, is_alphanumeric};

use super::item::{Item, ItemKind, Keyword, LexError};
use crate::data::str::find;

const LEFT: [u8; 2] = *b"{{";
const RIGHT: [u8; 2] = *b"}}";
const COMMENT_START: [u8; 2] = *b"/*";
const COMMENT_END: [u8; 2] = *b"*/";

/// The bytes that go on a name.
#[allow(clippy::indexing_slicing, reason = "the compiler evaluates it")]
static NAME: [bool; 256] = {
    let mut name = [false; 256];
    let mut b = 0_u8;
    while b < 128 {
        name[b as usize] = b.is_ascii_alphanumeric() || b == b'_';
        b += 1;
    }
    name
};

/// Reads the items of a text one by one.
#[derive(Debug)]
pub struct Lexer<'a> {
    length: usize,
    /// What was not read yet.
    rest: &'a [u8],
    inside_action: bool,
    paren_depth: u32,
    error: Option<LexError>,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `input`.
    pub fn new(input: &'a [u8]) -> Lexer<'a> {
        Lexer { length: input.len(), rest: input, inside_action: false, paren_depth: 0, error: None }
    }

    /// The next item. After an error the text counts as over.
    pub fn next_item(&mut self) -> Item {
        if self.inside_action { self.inside_action() } else { self.text() }
    }

    /// Why the text could not be read on, if it could not.
    pub fn error(&self) -> Option<LexError> {
        self.error
    }

    /// The item from `from` up to `after`, where the next one starts.
    #[inline]
    fn item(&mut self, kind: ItemKind, spaced: bool, from: &[u8], after: &'a [u8]) -> Item {
        let at = |rest: &[u8]| Pos::try_from(self.length - rest.len()).unwrap_or(Pos::MAX);
        self.rest = after;
        Item { kind, spaced, pos: at(from), end: at(after) }
    }

    /// The item that cannot be read, as far as it was looked at.
    #[cold]
    fn refuse(&mut self, error: LexError, from: &[u8], after: &'a [u8]) -> Item {
        self.error.get_or_insert(error);
        self.inside_action = false;
        let item = self.item(ItemKind::Error, false, from, after);
        self.rest = &[];
        item
    }

    #[cold]
    fn fail(&mut self, message: &'static str, from: &[u8]) -> Item {
        self.refuse(LexError::Message(message), from, &[])
    }

    /// Literal text up to the next action, blanks before a trim marker left out.
    fn text(&mut self) -> Item {
        loop {
            let from = self.rest;
            let Some(length) = find(from, LEFT) else {
                return self.item(
                    if from.is_empty() { ItemKind::Eof } else { ItemKind::Text },
                    false,
                    from,
                    &[],
                );
            };
            let (text, action) = from.split_at_checked(length).unwrap_or_default();
            let (marker, inside) = match action {
                [_, _, b'-', b' ' | b'\t' | b'\r' | b'\n', inside @ ..] => (true, inside),
                [_, _, inside @ ..] => (false, inside),
                _ => (false, action),
            };
            let length = if marker { trim_end(text).len() } else { text.len() };
            if length > 0 {
                let item = self.item(ItemKind::Text, false, from, from.get(length..).unwrap_or_default());
                self.rest = action;
                return item;
            }
            if inside.starts_with(&COMMENT_START) {
                match self.comment(inside) {
                    Some(error) => return error,
                    None => continue,
                }
            }
            let item =
                self.item(ItemKind::LeftDelim, false, action, action.get(LEFT.len()..).unwrap_or_default());
            self.rest = inside;
            self.inside_action = true;
            self.paren_depth = 0;
            return item;
        }
    }

    /// Skips a comment, or says what is wrong with it.
    fn comment(&mut self, from: &'a [u8]) -> Option<Item> {
        let inside = from.get(COMMENT_START.len()..).unwrap_or_default();
        let Some(length) = find(inside, COMMENT_END) else {
            return Some(self.fail("unclosed comment", from));
        };
        self.rest = match inside.get(length + COMMENT_END.len()..).unwrap_or_default() {
            [b'}', b'}', after @ ..] => after,
            [space, b'-', b'}', b'}', after @ ..] if is_space(*space) => trim_start(after),
            _ => return Some(self.fail("comment ends before closing delimiter", from)),
        };
        None
    }

    fn inside_action(&mut self) -> Item {
        let mut from = self.rest;
        let mut spaced = false;
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = from {
            if let [b'-', end @ ..] = rest
                && end.starts_with(&RIGHT)
            {
                return self.end_of_action(from, end, spaced);
            }
            from = rest;
            spaced = true;
        }
        let one = |lexer: &mut Self, kind, after| lexer.item(kind, spaced, from, after);
        match from {
            [b'}', b'}', ..] => self.end_of_action(from, from, spaced),
            [b'A'..=b'Z' | b'a'..=b'z' | b'_', ..] => self.identifier(from, spaced),
            [b'+' | b'-' | b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] | [b'.'] => self.number(from, spaced),
            [b'.', after @ ..] => self.fields(from, after, spaced),
            [b'$', after @ ..] => self.variable(from, after, spaced),
            [b'"', after @ ..] => self.quoted(ItemKind::String, from, after, spaced),
            [b'|', after @ ..] => one(self, ItemKind::Pipe, after),
            [b'=', after @ ..] => one(self, ItemKind::Assign, after),
            [b':', b'=', after @ ..] => one(self, ItemKind::Declare, after),
            [b':', ..] => self.fail("expected :=", from),
            [b'\'', after @ ..] => self.quoted(ItemKind::CharConstant, from, after, spaced),
            [b'`', after @ ..] => {
                match memchr::memchr(b'`', after).and_then(|length| after.get(length + 1..)) {
                    Some(after) => one(self, ItemKind::RawString, after),
                    None => self.fail("unterminated raw quoted string", from),
                }
            }
            [b'(', after @ ..] => {
                self.paren_depth = self.paren_depth.saturating_add(1);
                one(self, ItemKind::LeftParen, after)
            }
            [b')', after @ ..] => match self.paren_depth.checked_sub(1) {
                Some(depth) => {
                    self.paren_depth = depth;
                    one(self, ItemKind::RightParen, after)
                }
                None => self.fail("unexpected right paren", from),
            },
            [b'!'..=b'~', after @ ..] => one(self, ItemKind::Char, after),
            [0x80..=0xff, ..] => match decode_rune(from) {
                Some(rune) if is_alphanumeric(rune.char) => self.identifier(from, spaced),
                rune => {
                    let (c, width) = rune.map(|rune| (rune.char, rune.width)).unwrap_or_default();
                    self.refuse(LexError::Unrecognized(c), from, from.get(width..).unwrap_or_default())
                }
            },
            [other, after @ ..] => self.refuse(LexError::Unrecognized(char::from(*other)), from, after),
            [] => self.fail("unclosed action", from),
        }
    }

    /// The `}}` at `from`, and what it trims, if the blank of a ` -}}` is at `start`.
    fn end_of_action(&mut self, start: &'a [u8], from: &'a [u8], spaced: bool) -> Item {
        if self.paren_depth > 0 {
            return self.fail("unclosed left paren", start);
        }
        let after = from.get(RIGHT.len()..).unwrap_or_default();
        let item = self.item(ItemKind::RightDelim, spaced, from, after);
        if start.len() > from.len() {
            self.rest = trim_start(after);
        }
        self.inside_action = false;
        item
    }

    fn identifier(&mut self, from: &'a [u8], spaced: bool) -> Item {
        let after = after_name(from);
        if let Some(c) = bad_terminator(after) {
            return self.refuse(LexError::BadCharacter(c), from, after);
        }
        let word = from.get(..from.len() - after.len()).unwrap_or_default();
        let kind = match Keyword::find(word) {
            Some(keyword) => ItemKind::Keyword(keyword),
            None if word == b"true" || word == b"false" => ItemKind::Bool,
            None => ItemKind::Identifier,
        };
        self.item(kind, spaced, from, after)
    }

    /// `after` follows the `$`.
    fn variable(&mut self, from: &'a [u8], after: &'a [u8], spaced: bool) -> Item {
        let after = after_name(after);
        match bad_terminator(after) {
            Some(c) => self.refuse(LexError::BadCharacter(c), from, after),
            None => self.item(ItemKind::Variable, spaced, from, after),
        }
    }

    /// A field and those behind it, which are items of their own in Go, or a dot;
    /// `after` follows the first `.`. What is wrong behind a field is left for later.
    fn fields(&mut self, from: &'a [u8], after: &'a [u8], spaced: bool) -> Item {
        let (mut read, mut left) = (after, after);
        let mut kind = ItemKind::Keyword(Keyword::Dot);
        loop {
            let after = after_name(left);
            match bad_terminator(after) {
                Some(c) if kind != ItemKind::Field => {
                    return self.refuse(LexError::BadCharacter(c), from, after);
                }
                None if after.len() < left.len() => (read, kind) = (after, ItemKind::Field),
                _ => break,
            }
            match after {
                [b'.', b'0'..=b'9', ..] | [b'.'] => break,
                [b'.', next @ ..] => left = next,
                _ => break,
            }
        }
        self.item(kind, spaced, from, read)
    }

    /// A string or character constant in one line; `left` follows the opening quote.
    fn quoted(&mut self, kind: ItemKind, from: &'a [u8], mut left: &'a [u8], spaced: bool) -> Item {
        let string = kind == ItemKind::String;
        let mark = if string { b'"' } else { b'\'' };
        while let Some(length) = memchr::memchr3(mark, b'\\', b'\n', left) {
            match left.get(length..).unwrap_or_default() {
                [b'\n', ..] | [b'\\'] | [b'\\', b'\n', ..] => break,
                [b'\\', _, after @ ..] => left = after,
                [_, after @ ..] => return self.item(kind, spaced, from, after),
                [] => break,
            }
        }
        self.fail(if string { "unterminated quoted string" } else { "unterminated character constant" }, from)
    }

    /// A number as far as it looks like one; the parser reads its value.
    fn number(&mut self, from: &'a [u8], spaced: bool) -> Item {
        let (mut after, mut is_number) = scan_number(from);
        let mut kind = ItemKind::Number;
        if is_number && matches!(after, [b'+' | b'-', ..]) {
            (after, is_number) = scan_number(after);
            kind = ItemKind::Complex;
            is_number &= from.get(..from.len() - after.len()).is_some_and(|text| text.ends_with(b"i"));
        }
        if is_number {
            self.item(kind, spaced, from, after)
        } else {
            self.refuse(LexError::BadNumber, from, after)
        }
    }
}

/// What follows the name that may begin here.
#[inline]
fn after_name(text: &[u8]) -> &[u8] {
    let ends = |b: &u8| NAME.get(usize::from(*b)) != Some(&true);
    let length = text.iter().position(ends).unwrap_or(text.len());
    let after = text.get(length..).unwrap_or_default();
    if after.first().is_none_or(u8::is_ascii) { after } else { after_letters(after) }
}

/// The same where the name goes on beyond ASCII.
#[cold]
fn after_letters(mut text: &[u8]) -> &[u8] {
    while let Some(rune) = decode_rune(text).filter(|rune| is_alphanumeric(rune.char)) {
        text = text.get(rune.width..).unwrap_or_default();
    }
    text
}

/// The character behind a name, if it cannot follow one: so `$x+2` is an error
/// instead of a surprise.
#[inline]
fn bad_terminator(after: &[u8]) -> Option<char> {
    #[cold]
    fn bad(after: &[u8]) -> Option<char> {
        decode_rune(after).map(|rune| rune.char)
    }
    match after {
        []
        | [b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(', ..]
        | [b'}', b'}', ..] => None,
        rest => bad(rest),
    }
}

/// What follows the number that may begin here, and whether it is one; the character
/// that is too many counts to what is none.
fn scan_number(text: &[u8]) -> (&[u8], bool) {
    let mut left = text;
    let mut accept = |valid: fn(u8) -> bool| match left {
        [b, rest @ ..] if valid(*b) => {
            left = rest;
            true
        }
        _ => false,
    };
    accept(|b| matches!(b, b'+' | b'-'));
    let mut digit: fn(u8) -> bool = |b| b.is_ascii_digit() || b == b'_';
    let (mut decimal, mut hex) = (true, false);
    if accept(|b| b == b'0') {
        if accept(|b| matches!(b, b'x' | b'X')) {
            digit = |b| b.is_ascii_hexdigit() || b == b'_';
            (decimal, hex) = (false, true);
        } else if accept(|b| matches!(b, b'o' | b'O')) {
            digit = |b| matches!(b, b'0'..=b'7' | b'_');
            decimal = false;
        } else if accept(|b| matches!(b, b'b' | b'B')) {
            digit = |b| matches!(b, b'0' | b'1' | b'_');
            decimal = false;
        }
    }
    while accept(digit) {}
    if accept(|b| b == b'.') {
        while accept(digit) {}
    }
    if decimal && accept(|b| matches!(b, b'e' | b'E')) || hex && accept(|b| matches!(b, b'p' | b'P')) {
        accept(|b| matches!(b, b'+' | b'-'));
        while accept(|b| b.is_ascii_digit() || b == b'_') {}
    }
    accept(|b| b == b'i');
    match decode_rune(left) {
        Some(rune) if is_alphanumeric(rune.char) => (left.get(rune.width..).unwrap_or_default(), false),
        _ => (left, true),
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|b| is_space(**b)).count();
    text.get(blanks..).unwrap_or_default()
}

fn trim_end(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|b| is_space(**b)).count();
    text.get(..text.len() - blanks).unwrap_or_default()
}
