//! Where the next character goes: columns, indents, and the four ways to write
//! a scalar (libyaml's emitter, for block collections).

use std::io::Write as _;

use super::scalar::{Style, is_break, is_printable};

/// The text so far and the state that decides about blanks and breaks.
#[derive(Debug)]
pub(super) struct Emitter {
    /// The text.
    pub out: Vec<u8>,
    limit: usize,
    /// The column after which a space becomes a line break.
    width: usize,
    column: usize,
    /// The indent of the innermost collection; none outside of the first.
    pub indent: Option<usize>,
    /// Whether the last character was a blank, so that no other is needed.
    whitespace: bool,
    /// Whether the line has only blanks and `-`, `?` or `:` so far.
    pub indention: bool,
}

/// By how much a collection is indented.
const INDENT: usize = 2;

impl Emitter {
    /// Writes up to about `limit` bytes, folding lines after `width` columns.
    pub(super) fn new(width: usize, limit: usize) -> Emitter {
        Emitter { out: Vec::new(), limit, width, column: 0, indent: None, whitespace: true, indention: true }
    }

    /// Whether the limit has been passed. Blanks are not written any more then.
    pub(super) fn is_full(&self) -> bool {
        self.out.len() > self.limit
    }

    /// Indents for a block collection, `indentless` for a sequence that stays in
    /// its key's column; gives the indent to restore after it.
    pub(super) fn enter(&mut self, indentless: bool) -> Option<usize> {
        let outer = self.indent;
        self.indent = match outer {
            None => Some(0),
            Some(indent) if indentless => Some(indent),
            Some(indent) => Some(indent + INDENT),
        };
        outer
    }

    /// Goes to the indent, in a new line where this one has text.
    pub(super) fn align(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.new_line();
        }
        if self.column < indent && !self.is_full() {
            self.out.resize(self.out.len() + (indent - self.column), b' ');
            self.column = indent;
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn new_line(&mut self) {
        self.out.push(b'\n');
        self.column = 0;
        self.indention = true;
    }

    fn blank(&mut self) {
        if !self.whitespace {
            self.put(" ");
        }
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.column += columns(text);
    }

    /// `-`, `?` or the `:` after a complex key: the line may go on being indented.
    pub(super) fn block_indicator(&mut self, mark: &str) {
        self.blank();
        self.put(mark);
        self.whitespace = false;
    }

    /// The `:` after a simple key.
    pub(super) fn colon(&mut self) {
        self.out.push(b':');
        self.column += 1;
        self.whitespace = false;
        self.indention = false;
    }

    /// Text that is written as it is: a number, a word, an empty collection, a tag.
    pub(super) fn token(&mut self, text: &str) {
        self.blank();
        self.put(text);
        self.whitespace = false;
        self.indention = false;
    }

    /// A scalar in its style. A simple key stays in one line.
    pub(super) fn scalar(&mut self, text: &str, style: Style, simple_key: bool) {
        let outer = self.indent;
        self.indent = Some(outer.unwrap_or(0) + INDENT);
        match style {
            Style::Plain => self.plain(text, !simple_key),
            Style::Single => self.single(text, !simple_key),
            Style::Double => self.double(text, !simple_key),
            Style::Literal => self.literal(text),
        }
        self.indent = outer;
    }

    fn plain(&mut self, text: &str, fold: bool) {
        self.blank();
        if !fold || self.column + text.len() <= self.width {
            self.put(text);
        } else {
            self.words(text, |_| true);
        }
        self.whitespace = false;
        self.indention = false;
    }

    /// The words of a text without line breaks. A single space past the width
    /// becomes a break where `may_break` allows it at that byte.
    fn words(&mut self, text: &str, may_break: impl Fn(usize) -> bool) {
        let bytes = text.as_bytes();
        let mut after_space = false;
        let mut at = 0;
        while at < bytes.len() {
            if bytes.get(at) == Some(&b' ') {
                let single = !after_space && bytes.get(at + 1) != Some(&b' ');
                if single && self.column > self.width && may_break(at) {
                    self.align();
                } else {
                    self.put(" ");
                }
                after_space = true;
                at += 1;
            } else {
                let rest = text.get(at..).unwrap_or_default();
                let word = rest.split(' ').next().unwrap_or_default();
                self.put(word);
                self.indention = false;
                after_space = false;
                at += word.len();
            }
        }
    }

    fn single(&mut self, text: &str, fold: bool) {
        self.token("'");
        let last = text.len().saturating_sub(1);
        // The breaks that may stand here are U+2028 and U+2029, each with its
        // own way through libyaml: the text goes on at the indent.
        for (n, line) in text.split_inclusive(['\u{2028}', '\u{2029}']).enumerate() {
            let start = line.as_ptr().addr() - text.as_ptr().addr();
            let words = line.strip_suffix(['\u{2028}', '\u{2029}']).unwrap_or(line);
            if n > 0 && !words.is_empty() {
                self.align();
            }
            for (m, part) in words.split('\'').enumerate() {
                if m > 0 {
                    self.put("''");
                }
                let offset = start + (part.as_ptr().addr() - line.as_ptr().addr());
                self.words(part, |at| fold && at + offset > 0 && at + offset < last);
            }
            if words.len() < line.len() {
                self.put(line.get(words.len()..).unwrap_or_default());
                self.column = 0;
                self.indention = true;
            }
        }
        self.put("'");
        self.whitespace = false;
        self.indention = false;
    }

    fn double(&mut self, text: &str, fold: bool) {
        self.token("\"");
        // libyaml asks for the mark at the start of the text, not where it is.
        let escape_all = text.starts_with('\u{feff}');
        let last = text.len().saturating_sub(1);
        let mut after_space = false;
        for (at, c) in text.char_indices() {
            if escape_all || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                self.escape(c);
                after_space = false;
            } else if c == ' ' {
                if fold && !after_space && self.column > self.width && at > 0 && at < last {
                    self.align();
                    if text.as_bytes().get(at + 1) == Some(&b' ') {
                        self.put("\\");
                    }
                } else {
                    self.put(" ");
                }
                after_space = true;
            } else {
                self.put(c.encode_utf8(&mut [0; 4]));
                after_space = false;
            }
        }
        self.put("\"");
        self.whitespace = false;
        self.indention = false;
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{a0}' => "\\_",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            _ => "",
        };
        if !short.is_empty() {
            self.put(short);
            return;
        }
        let before = self.out.len();
        // Writing to a Vec does not fail.
        let _ = match u32::from(c) {
            code @ ..=0xff => write!(self.out, "\\x{code:02X}"),
            code @ ..=0xffff => write!(self.out, "\\u{code:04X}"),
            code => write!(self.out, "\\U{code:08X}"),
        };
        self.column += self.out.len() - before;
    }

    fn literal(&mut self, text: &str) {
        self.token("|");
        if text.starts_with(|c: char| c == ' ' || is_break(c)) {
            self.put("2");
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next()) {
            (false, _) => self.put("-"),
            (true, None) => self.put("+"),
            (true, Some(c)) if is_break(c) => self.put("+"),
            (true, Some(_)) => {}
        }
        self.new_line();
        self.whitespace = true;
        for line in text.split_inclusive(is_break) {
            let content = line.strip_suffix(is_break).unwrap_or(line);
            if !content.is_empty() {
                self.align();
                self.put(content);
                self.indention = false;
            }
            match line.get(content.len()..).unwrap_or_default() {
                "" => {}
                "\n" => self.new_line(),
                other => {
                    self.put(other);
                    self.column = 0;
                    self.indention = true;
                }
            }
        }
    }
}

/// The width of `text`: a column a character.
fn columns(text: &str) -> usize {
    text.bytes().filter(|b| *b & 0xc0 != 0x80).count()
}
