//! Text to items: literal text, and the words between `{{` and `}}`. The rules
//! and messages are those of Go's text/template/parse.

use super::ast::Pos;
use super::unicode::{decode_rune, is_alphanumeric};

use super::item::{Item, ItemKind, Keyword, LexError};

const LEFT: [u8; 2] = *b"{{";
const RIGHT: [u8; 2] = *b"}}";
const COMMENT_START: [u8; 2] = *b"/*";
const COMMENT_END: [u8; 2] = *b"*/";
/// A `-` and the blank that has to stand beside it.
const TRIM_MARKER: usize = 2;

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
    input: &'a [u8],
    /// Where the item being read starts.
    start: usize,
    /// How far it was read.
    pos: usize,
    /// Whether blanks were before it.
    spaced: bool,
    inside_action: bool,
    paren_depth: u32,
    error: Option<LexError>,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `input`.
    pub fn new(input: &'a [u8]) -> Lexer<'a> {
        Lexer { input, start: 0, pos: 0, spaced: false, inside_action: false, paren_depth: 0, error: None }
    }

    /// The next item. After an error the text counts as over.
    pub fn next_item(&mut self) -> Item {
        if self.inside_action { self.inside_action() } else { self.text() }
    }

    /// Why the text could not be read on, if it could not.
    pub fn error(&self) -> Option<LexError> {
        self.error
    }

    fn rest(&self) -> &'a [u8] {
        self.input.get(self.pos..).unwrap_or_default()
    }

    fn read(&self) -> &'a [u8] {
        self.input.get(self.start..self.pos).unwrap_or_default()
    }

    /// The item that ends here; the next one starts here.
    #[inline]
    fn item(&mut self, kind: ItemKind) -> Item {
        let at = |pos: usize| Pos::try_from(pos).unwrap_or(Pos::MAX);
        let item = Item { kind, spaced: self.spaced, pos: at(self.start), end: at(self.pos) };
        self.skip();
        item
    }

    /// Starts the next item here and drops what was read before.
    fn skip(&mut self) {
        self.start = self.pos;
        self.spaced = false;
    }

    #[cold]
    fn refuse(&mut self, error: LexError) -> Item {
        self.error.get_or_insert(error);
        let start = self.start;
        let item = self.item(ItemKind::Error);
        self.input = self.input.get(..start).unwrap_or_default();
        self.start = start;
        self.pos = start;
        self.inside_action = false;
        item
    }

    fn fail(&mut self, message: &'static str) -> Item {
        self.refuse(LexError::Message(message))
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
    fn text(&mut self) -> Item {
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
    fn left_delim(&mut self) -> Option<Item> {
        self.pos += LEFT.len();
        let marker = if left_trim_marker(self.rest()) { TRIM_MARKER } else { 0 };
        if self.rest().get(marker..).is_some_and(|rest| rest.starts_with(&COMMENT_START)) {
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

    fn comment(&mut self) -> Option<Item> {
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

    fn right_delim(&mut self, trims: bool) -> Item {
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

    fn inside_action(&mut self) -> Item {
        if self.rest().first().copied().is_some_and(is_space)
            && let Some(end) = self.space()
        {
            return end;
        }
        let rest = self.rest();
        let Some(&first) = rest.first() else { return self.fail("unclosed action") };
        match first {
            b'}' if rest.get(1) == Some(&b'}') => return self.end_of_action(false),
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => return self.identifier(),
            b'+' | b'-' | b'0'..=b'9' => return self.number(),
            b'.' if matches!(rest.get(1), None | Some(b'0'..=b'9')) => return self.number(),
            0x80.. => return self.beyond_ascii(),
            _ => self.pos += 1,
        }
        match first {
            b'.' => self.fields(),
            b'$' => self.variable(),
            b'"' => self.quoted(b'"', ItemKind::String, "unterminated quoted string"),
            b'|' => self.item(ItemKind::Pipe),
            b'=' => self.item(ItemKind::Assign),
            b':' if self.next() == Some('=') => self.item(ItemKind::Declare),
            b':' => self.fail("expected :="),
            b'\'' => self.quoted(b'\'', ItemKind::CharConstant, "unterminated character constant"),
            b'`' => self.raw_string(),
            b'(' => {
                self.paren_depth = self.paren_depth.saturating_add(1);
                self.item(ItemKind::LeftParen)
            }
            b')' => match self.paren_depth.checked_sub(1) {
                Some(depth) => {
                    self.paren_depth = depth;
                    self.item(ItemKind::RightParen)
                }
                None => self.fail("unexpected right paren"),
            },
            b'!'..=b'~' => self.item(ItemKind::Char),
            _ => self.refuse(LexError::Unrecognized(char::from(first))),
        }
    }

    fn end_of_action(&mut self, trims: bool) -> Item {
        if self.paren_depth == 0 { self.right_delim(trims) } else { self.fail("unclosed left paren") }
    }

    fn beyond_ascii(&mut self) -> Item {
        match self.peek() {
            Some(c) if is_alphanumeric(c) => self.identifier(),
            c => {
                self.next();
                self.refuse(LexError::Unrecognized(c.unwrap_or_default()))
            }
        }
    }

    /// Skips blanks. The last one may belong to a ` -}}`, which is read then.
    fn space(&mut self) -> Option<Item> {
        let rest = self.rest();
        let blanks = rest.iter().take_while(|b| is_space(**b)).count();
        let ends = rest.get(blanks..).is_some_and(|rest| rest.starts_with(b"-}}"));
        self.pos += if ends { blanks - 1 } else { blanks };
        self.start = self.pos;
        self.spaced = true;
        ends.then(|| self.end_of_action(true))
    }

    fn name(&mut self) {
        let rest = self.rest();
        let goes_on = |b: &&u8| NAME.get(usize::from(**b)) == Some(&true);
        let length = rest.iter().take_while(goes_on).count();
        self.pos += length;
        if rest.get(length).is_none_or(u8::is_ascii) {
            return;
        }
        while let Some(rune) = decode_rune(self.rest()).filter(|rune| is_alphanumeric(rune.char)) {
            self.pos += rune.width;
        }
    }

    fn identifier(&mut self) -> Item {
        self.name();
        if let Some(c) = self.bad_terminator() {
            return self.refuse(LexError::BadCharacter(c));
        }
        let word = self.read();
        self.item(match Keyword::find(word) {
            Some(keyword) => ItemKind::Keyword(keyword),
            None if word == b"true" || word == b"false" => ItemKind::Bool,
            None => ItemKind::Identifier,
        })
    }

    /// What starts with the `$` just read.
    fn variable(&mut self) -> Item {
        self.name();
        match self.bad_terminator() {
            Some(c) => self.refuse(LexError::BadCharacter(c)),
            None => self.item(ItemKind::Variable),
        }
    }

    /// What starts with the `.` just read: a field and those behind it, which are items
    /// of their own in Go, or a dot. What is wrong behind a field is left for later.
    fn fields(&mut self) -> Item {
        let mut read = self.pos;
        let mut kind = ItemKind::Keyword(Keyword::Dot);
        loop {
            let start = self.pos;
            self.name();
            match self.bad_terminator() {
                Some(c) if kind != ItemKind::Field => return self.refuse(LexError::BadCharacter(c)),
                None if self.pos > start => (read, kind) = (self.pos, ItemKind::Field),
                _ => break,
            }
            match self.rest() {
                [b'.', b'0'..=b'9', ..] | [b'.'] => break,
                [b'.', ..] => self.pos += 1,
                _ => break,
            }
        }
        self.pos = read;
        self.item(kind)
    }

    /// The next character, if it cannot follow a name: so `$x+2` is an error
    /// instead of a surprise.
    fn bad_terminator(&self) -> Option<char> {
        match self.rest() {
            [] | [b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(', ..] => None,
            rest if rest.starts_with(&RIGHT) => None,
            _ => self.peek(),
        }
    }

    /// A string or character constant in one line, whose opening quote was read.
    fn quoted(&mut self, mark: u8, kind: ItemKind, unterminated: &'static str) -> Item {
        while let Some(length) = memchr::memchr3(mark, b'\\', b'\n', self.rest()) {
            self.pos += length;
            match self.rest() {
                [b'\n', ..] | [b'\\'] | [b'\\', b'\n', ..] => break,
                [b'\\', ..] => self.pos += 2,
                _ => {
                    self.pos += 1;
                    return self.item(kind);
                }
            }
        }
        self.fail(unterminated)
    }

    fn raw_string(&mut self) -> Item {
        match memchr::memchr(b'`', self.rest()) {
            Some(length) => {
                self.pos += length + 1;
                self.item(ItemKind::RawString)
            }
            None => self.fail("unterminated raw quoted string"),
        }
    }

    /// A number as far as it looks like one; the parser reads its value.
    fn number(&mut self) -> Item {
        if !self.scan_number() {
            return self.refuse(LexError::BadNumber);
        }
        if !matches!(self.peek(), Some('+' | '-')) {
            return self.item(ItemKind::Number);
        }
        if self.scan_number() && self.read().ends_with(b"i") {
            self.item(ItemKind::Complex)
        } else {
            self.refuse(LexError::BadNumber)
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

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

fn left_trim_marker(rest: &[u8]) -> bool {
    matches!(rest, [b'-', space, ..] if is_space(*space))
}

/// Whether an action ends here, and if so whether it trims what follows.
fn right_delim(rest: &[u8]) -> Option<bool> {
    match rest {
        [b'}', b'}', ..] => Some(false),
        [space, b'-', b'}', b'}', ..] if is_space(*space) => Some(true),
        _ => None,
    }
}

fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|b| is_space(**b)).count();
    text.get(blanks..).unwrap_or_default()
}

fn trim_end(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|b| is_space(**b)).count();
    text.get(..text.len() - blanks).unwrap_or_default()
}

/// Where the two bytes stand that begin or end something.
fn find(text: &[u8], [first, second]: [u8; 2]) -> Option<usize> {
    memchr::memchr_iter(first, text).find(|at| text.get(at + 1) == Some(&second))
}
