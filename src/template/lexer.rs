//! Text to items: literal text, and the words between `{{` and `}}`. The rules
//! and messages are those of Go's text/template/parse.

use std::fmt;

use super::ast::Pos;
use super::print::quote;
use super::unicode::{decode_rune, is_alphanumeric, is_print, runes};

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
const COMMENT_START: &[u8] = b"/*";
const COMMENT_END: &[u8] = b"*/";
/// A `-` and the blank that has to stand beside it.
const TRIM_MARKER: usize = 2;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// The text cannot be read on.
    Error(LexError),
    /// `true`, `false`
    Bool,
    /// A printable ASCII character with no meaning of its own, such as a comma.
    Char,
    /// `'a'`
    CharConstant,
    /// `1+2i`
    Complex,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    /// The end of the text.
    Eof,
    /// `.name`
    Field,
    /// A function's name.
    Identifier,
    /// `{{`
    LeftDelim,
    /// `(`
    LeftParen,
    /// A number, also an imaginary one.
    Number,
    /// `|`
    Pipe,
    /// A string between backquotes, which are included.
    RawString,
    /// `}}`
    RightDelim,
    /// `)`
    RightParen,
    /// A run of blanks.
    Space,
    /// A string between double quotes, which are included.
    String,
    /// Literal text.
    Text,
    /// `$name`
    Variable,
    /// One of the words of the language.
    Keyword(Keyword),
}

/// The words of the language (and the dot, which Go counts among them).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Keyword {
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Keyword {
    fn find(word: &[u8]) -> Option<Keyword> {
        Some(match word {
            b"block" => Keyword::Block,
            b"break" => Keyword::Break,
            b"continue" => Keyword::Continue,
            b"define" => Keyword::Define,
            b"else" => Keyword::Else,
            b"end" => Keyword::End,
            b"if" => Keyword::If,
            b"nil" => Keyword::Nil,
            b"range" => Keyword::Range,
            b"template" => Keyword::Template,
            b"with" => Keyword::With,
            _ => return None,
        })
    }
}

/// Why the text cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexError {
    /// Go's words.
    Message(&'static str),
    /// A name ends in a character that cannot follow one.
    BadCharacter(char),
    /// A character that means nothing in an action.
    Unrecognized(char),
    /// A number runs on into something else; the item's text is what was read.
    BadNumber,
}

/// One item of the text.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// What it is.
    pub kind: ItemKind,
    /// Where it starts.
    pub pos: Pos,
    /// What it says.
    pub text: &'a [u8],
    /// The line it starts on.
    pub line: u32,
}

impl fmt::Display for Item<'_> {
    /// As Go's error messages show an item.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ItemKind::Eof => f.write_str("EOF"),
            ItemKind::Error(LexError::Message(message)) => f.write_str(message),
            ItemKind::Error(LexError::BadCharacter(c)) => write!(f, "bad character {}", code_point(c)),
            ItemKind::Error(LexError::Unrecognized(c)) => {
                write!(f, "unrecognized character in action: {}", code_point(c))
            }
            ItemKind::Error(LexError::BadNumber) => write!(f, "bad number syntax: {}", quote(self.text)),
            ItemKind::Keyword(_) => write!(f, "<{}>", String::from_utf8_lossy(self.text)),
            _ if self.text.len() > 10 => {
                let width: usize = runes(self.text).take(10).map(|rune| rune.width).sum();
                write!(f, "{}...", quote(self.text.get(..width).unwrap_or(self.text)))
            }
            _ => f.write_str(&quote(self.text)),
        }
    }
}

/// `%#U`: `U+263A '☺'`.
fn code_point(c: char) -> String {
    let number = format!("U+{:04X}", u32::from(c));
    if is_print(c) { format!("{number} '{c}'") } else { number }
}

/// Reads the items of a text one by one.
#[derive(Debug)]
pub struct Lexer<'a> {
    input: &'a [u8],
    /// Where the item being read starts.
    start: usize,
    /// How far it was read.
    pos: usize,
    /// The line of `start`.
    line: u32,
    inside_action: bool,
    paren_depth: u32,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `input`.
    pub fn new(input: &'a [u8]) -> Lexer<'a> {
        Lexer { input, start: 0, pos: 0, line: 1, inside_action: false, paren_depth: 0 }
    }

    /// The next item. After an error the text counts as over.
    pub fn next_item(&mut self) -> Item<'a> {
        if self.inside_action { self.inside_action() } else { self.text() }
    }

    fn rest(&self) -> &'a [u8] {
        self.input.get(self.pos..).unwrap_or_default()
    }

    fn read(&self) -> &'a [u8] {
        self.input.get(self.start..self.pos).unwrap_or_default()
    }

    /// Ends the item here and starts the next one.
    fn item(&mut self, kind: ItemKind) -> Item<'a> {
        let text = self.read();
        let pos = Pos::try_from(self.start).unwrap_or(Pos::MAX);
        let item = Item { kind, pos, text, line: self.line };
        self.skip();
        item
    }

    /// Starts the next item here and drops what was read before.
    fn skip(&mut self) {
        let lines = self.read().iter().filter(|b| **b == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.start = self.pos;
    }

    fn error(&mut self, error: LexError) -> Item<'a> {
        let pos = Pos::try_from(self.start).unwrap_or(Pos::MAX);
        let item = Item { kind: ItemKind::Error(error), pos, text: self.read(), line: self.line };
        self.input = &[];
        self.start = 0;
        self.pos = 0;
        item
    }

    fn fail(&mut self, message: &'static str) -> Item<'a> {
        self.error(LexError::Message(message))
    }

    fn peek(&self) -> Option<char> {
        decode_rune(self.rest()).map(|rune| rune.char)
    }

    fn next(&mut self) -> Option<char> {
        let rune = decode_rune(self.rest())?;
        self.pos += rune.width;
        Some(rune.char)
    }

    /// Literal text up to the next action, blanks before a trim marker left out.
    fn text(&mut self) -> Item<'a> {
        loop {
            let rest = self.rest();
            let Some(length) = find(rest, LEFT) else {
                self.pos = self.input.len();
                return self.item(if rest.is_empty() { ItemKind::Eof } else { ItemKind::Text });
            };
            let action = self.pos + length;
            let text = rest.get(..length).unwrap_or_default();
            let trims = left_trim_marker(self.input.get(action + LEFT.len()..).unwrap_or_default());
            self.pos += if trims { trim_end(text).len() } else { length };
            if self.pos > self.start {
                let item = self.item(ItemKind::Text);
                self.pos = action;
                self.skip();
                return item;
            }
            self.pos = action;
            self.skip();
            if let Some(item) = self.left_delim() {
                return item;
            }
        }
    }

    /// The `{{` that is here, or nothing where a comment follows it, which is
    /// skipped.
    fn left_delim(&mut self) -> Option<Item<'a>> {
        self.pos += LEFT.len();
        let marker = if left_trim_marker(self.rest()) { TRIM_MARKER } else { 0 };
        if self.rest().get(marker..).is_some_and(|rest| rest.starts_with(COMMENT_START)) {
            self.pos += marker;
            self.skip();
            return self.comment();
        }
        let item = self.item(ItemKind::LeftDelim);
        self.inside_action = true;
        self.pos += marker;
        self.skip();
        self.paren_depth = 0;
        Some(item)
    }

    fn comment(&mut self) -> Option<Item<'a>> {
        self.pos += COMMENT_START.len();
        let Some(length) = find(self.rest(), COMMENT_END) else {
            return Some(self.fail("unclosed comment"));
        };
        self.pos += length + COMMENT_END.len();
        let Some(trims) = right_delim(self.rest()) else {
            return Some(self.fail("comment ends before closing delimiter"));
        };
        self.pos += RIGHT.len();
        if trims {
            self.pos += TRIM_MARKER;
            self.pos = self.input.len() - trim_start(self.rest()).len();
        }
        self.skip();
        None
    }

    fn right_delim(&mut self, trims: bool) -> Item<'a> {
        if trims {
            self.pos += TRIM_MARKER;
            self.skip();
        }
        self.pos += RIGHT.len();
        let item = self.item(ItemKind::RightDelim);
        if trims {
            self.pos = self.input.len() - trim_start(self.rest()).len();
            self.skip();
        }
        self.inside_action = false;
        item
    }

    fn inside_action(&mut self) -> Item<'a> {
        if let Some(trims) = right_delim(self.rest()) {
            if self.paren_depth == 0 {
                return self.right_delim(trims);
            }
            return self.fail("unclosed left paren");
        }
        let Some(c) = self.peek() else { return self.fail("unclosed action") };
        match c {
            _ if is_space(c) => return self.space(),
            '+' | '-' | '0'..='9' => return self.number(),
            '.' if matches!(self.rest().get(1), None | Some(b'0'..=b'9')) => return self.number(),
            _ if is_alphanumeric(c) => return self.identifier(),
            _ => self.next(),
        };
        match c {
            '=' => self.item(ItemKind::Assign),
            ':' if self.next() == Some('=') => self.item(ItemKind::Declare),
            ':' => self.fail("expected :="),
            '|' => self.item(ItemKind::Pipe),
            '"' => self.quoted('"', ItemKind::String, "unterminated quoted string"),
            '\'' => self.quoted('\'', ItemKind::CharConstant, "unterminated character constant"),
            '`' => self.raw_string(),
            '$' => self.field_or_variable(ItemKind::Variable, ItemKind::Variable),
            '.' => self.field_or_variable(ItemKind::Field, ItemKind::Keyword(Keyword::Dot)),
            '(' => {
                self.paren_depth = self.paren_depth.saturating_add(1);
                self.item(ItemKind::LeftParen)
            }
            ')' => match self.paren_depth.checked_sub(1) {
                Some(depth) => {
                    self.paren_depth = depth;
                    self.item(ItemKind::RightParen)
                }
                None => self.fail("unexpected right paren"),
            },
            '!'..='~' => self.item(ItemKind::Char),
            _ => self.error(LexError::Unrecognized(c)),
        }
    }

    /// A run of blanks, but for the last one where it belongs to ` -}}`.
    fn space(&mut self) -> Item<'a> {
        let blanks = self.rest().iter().take_while(|b| is_space(char::from(**b))).count();
        let last = blanks.saturating_sub(1);
        if right_delim(self.rest().get(last..).unwrap_or_default()) == Some(true) {
            if last == 0 {
                return self.right_delim(true);
            }
            self.pos += last;
        } else {
            self.pos += blanks;
        }
        self.item(ItemKind::Space)
    }

    fn name(&mut self) {
        while let Some(rune) = decode_rune(self.rest()).filter(|rune| is_alphanumeric(rune.char)) {
            self.pos += rune.width;
        }
    }

    fn identifier(&mut self) -> Item<'a> {
        self.name();
        if let Some(c) = self.bad_terminator() {
            return self.error(LexError::BadCharacter(c));
        }
        let word = self.read();
        self.item(match Keyword::find(word) {
            Some(keyword) => ItemKind::Keyword(keyword),
            None if word == b"true" || word == b"false" => ItemKind::Bool,
            None => ItemKind::Identifier,
        })
    }

    /// What starts with the `.` or `$` just read: `alone` where no name follows.
    fn field_or_variable(&mut self, kind: ItemKind, alone: ItemKind) -> Item<'a> {
        if self.bad_terminator().is_none() {
            return self.item(alone);
        }
        self.name();
        match self.bad_terminator() {
            Some(c) => self.error(LexError::BadCharacter(c)),
            None => self.item(kind),
        }
    }

    /// The next character, if it cannot follow a name: so `$x+2` is an error
    /// instead of a surprise.
    fn bad_terminator(&self) -> Option<char> {
        let c = self.peek()?;
        let ends =
            is_space(c) || matches!(c, '.' | ',' | '|' | ':' | ')' | '(') || self.rest().starts_with(RIGHT);
        (!ends).then_some(c)
    }

    /// A string or character constant in one line, whose opening quote was read.
    fn quoted(&mut self, mark: char, kind: ItemKind, unterminated: &'static str) -> Item<'a> {
        loop {
            let c = match self.next() {
                Some('\\') => self.next().map(|c| if c == '\n' { c } else { '\\' }),
                c => c,
            };
            match c {
                None | Some('\n') => return self.fail(unterminated),
                Some(c) if c == mark => return self.item(kind),
                Some(_) => {}
            }
        }
    }

    fn raw_string(&mut self) -> Item<'a> {
        match find(self.rest(), b"`") {
            Some(length) => {
                self.pos += length + 1;
                self.item(ItemKind::RawString)
            }
            None => self.fail("unterminated raw quoted string"),
        }
    }

    /// A number as far as it looks like one; the parser reads its value.
    fn number(&mut self) -> Item<'a> {
        if !self.scan_number() {
            return self.error(LexError::BadNumber);
        }
        if !matches!(self.peek(), Some('+' | '-')) {
            return self.item(ItemKind::Number);
        }
        if self.scan_number() && self.read().ends_with(b"i") {
            self.item(ItemKind::Complex)
        } else {
            self.error(LexError::BadNumber)
        }
    }

    fn scan_number(&mut self) -> bool {
        self.accept(|b| matches!(b, b'+' | b'-'));
        let mut digit: fn(u8) -> bool = |b| b.is_ascii_digit() || b == b'_';
        let (mut decimal, mut hex) = (true, false);
        if self.accept(|b| b == b'0') {
            if self.accept(|b| matches!(b, b'x' | b'X')) {
                digit = |b| b.is_ascii_hexdigit() || b == b'_';
                (decimal, hex) = (false, true);
            } else if self.accept(|b| matches!(b, b'o' | b'O')) {
                digit = |b| matches!(b, b'0'..=b'7' | b'_');
                decimal = false;
            } else if self.accept(|b| matches!(b, b'b' | b'B')) {
                digit = |b| matches!(b, b'0' | b'1' | b'_');
                decimal = false;
            }
        }
        while self.accept(digit) {}
        if self.accept(|b| b == b'.') {
            while self.accept(digit) {}
        }
        if decimal && self.accept(|b| matches!(b, b'e' | b'E'))
            || hex && self.accept(|b| matches!(b, b'p' | b'P'))
        {
            self.accept(|b| matches!(b, b'+' | b'-'));
            while self.accept(|b| b.is_ascii_digit() || b == b'_') {}
        }
        self.accept(|b| b == b'i');
        if self.peek().is_some_and(is_alphanumeric) {
            // The message shows the character that is too many.
            self.next();
            return false;
        }
        true
    }

    fn accept(&mut self, valid: impl Fn(u8) -> bool) -> bool {
        let found = self.rest().first().is_some_and(|b| valid(*b));
        self.pos += usize::from(found);
        found
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn left_trim_marker(rest: &[u8]) -> bool {
    matches!(rest, [b'-', space, ..] if is_space(char::from(*space)))
}

/// Whether an action ends here, and if so whether it trims what follows.
fn right_delim(rest: &[u8]) -> Option<bool> {
    match rest {
        [b'}', b'}', ..] => Some(false),
        [space, b'-', b'}', b'}', ..] if is_space(char::from(*space)) => Some(true),
        _ => None,
    }
}

fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|b| is_space(char::from(**b))).count();
    text.get(blanks..).unwrap_or_default()
}

fn trim_end(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|b| is_space(char::from(**b))).count();
    text.get(..text.len() - blanks).unwrap_or_default()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    bstr::ByteSlice::find(text, what)
}
