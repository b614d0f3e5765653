//! What the lexer makes of a text and the parser reads: items, and how Go's
//! messages show them.

use std::fmt;

use super::ast::{Pos, Span};
use super::print::quote;
use super::unicode::{is_print, runes};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// The text cannot be read on; the lexer says why.
    Error,
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
    /// The keyword that says `word`.
    pub fn find(word: &[u8]) -> Option<Keyword> {
        if !matches!(word, [b'b'..=b'e' | b'i' | b'n' | b'r' | b't' | b'w', _, ..]) || word.len() > 8 {
            return None;
        }
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
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Blanks stand before it, inside an action: Go has an item of its own for them. The
    /// one of a ` -}}` is no such blank.
    pub spaced: bool,
    /// Where it starts.
    pub pos: Pos,
    /// Where it ends.
    pub end: Pos,
}

impl Item {
    /// What it says in the source.
    pub fn span(self) -> Span {
        Span { start: self.pos, end: self.end }
    }
}

/// An item as Go's error messages show it.
pub struct Shown<'a> {
    /// What it is.
    pub kind: ItemKind,
    /// What it says.
    pub text: &'a [u8],
    /// Why the text could not be read on, if it could not.
    pub error: Option<LexError>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.error) {
            (ItemKind::Eof, _) => f.write_str("EOF"),
            (ItemKind::Error, Some(LexError::Message(message))) => f.write_str(message),
            (ItemKind::Error, Some(LexError::BadCharacter(c))) => {
                write!(f, "bad character {}", code_point(c))
            }
            (ItemKind::Error, Some(LexError::Unrecognized(c))) => {
                write!(f, "unrecognized character in action: {}", code_point(c))
            }
            (ItemKind::Error, Some(LexError::BadNumber)) => {
                write!(f, "bad number syntax: {}", quote(self.text))
            }
            (ItemKind::Keyword(_), _) => write!(f, "<{}>", String::from_utf8_lossy(self.text)),
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
