//! Characters of TOML and the small things made of them: blanks, comments,
//! strings. Errors are BurntSushi's, without their place.

use crate::data::quote::quote_rune;

/// What is wrong, in Go's words, and the 1-based line.
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) text: String,
}

pub(super) type Lexed<T> = Result<T, Problem>;

/// A position in the text.
pub(super) struct Lexer<'a> {
    text: &'a str,
    pos: usize,
}

/// A character as `%q` writes it; the end is NUL.
pub(super) fn quoted(c: Option<char>) -> String {
    quote_rune(c.unwrap_or('\0'), false)
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, pos: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.pos).unwrap_or_default()
    }

    pub(super) fn bump(&mut self) {
        self.pos += self.peek().map_or(0, char::len_utf8);
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let here = self.rest().starts_with(text);
        if here {
            self.pos += text.len();
        }
        here
    }

    /// Passes characters for which `is` holds and returns them.
    pub(super) fn take_while(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let from = self.pos;
        while self.peek().is_some_and(&is) {
            self.bump();
        }
        self.since(from)
    }

    /// The line of the current character; at the end, of the last one.
    pub(super) fn line(&self) -> usize {
        let end = if self.rest().is_empty() { self.pos.saturating_sub(1) } else { self.pos };
        let before = self.text.as_bytes().get(..end).unwrap_or_default();
        before.iter().filter(|b| **b == b'\n').count() + 1
    }

    /// An error here. A character that no TOML file may hold comes first.
    pub(super) fn fail<T>(&self, text: impl Into<String>) -> Lexed<T> {
        self.allowed()?;
        Err(Problem { line: self.line(), text: text.into() })
    }

    /// Refuses a control character here.
    pub(super) fn allowed(&self) -> Lexed<()> {
        match self.peek() {
            Some(c)
                if c.is_ascii_control() && !matches!(c, '\t' | '\n') && !self.rest().starts_with("\r\n") =>
            {
                let text = format!("TOML files cannot contain control characters: '0x{:02x}'", u32::from(c));
                Err(Problem { line: self.line(), text })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn blanks(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t'));
    }

    /// A line break, if one is here.
    pub(super) fn newline(&mut self) -> bool {
        self.eat("\n") || self.eat("\r\n")
    }

    /// A comment up to its line break, if one is here.
    pub(super) fn comment(&mut self) -> Lexed<()> {
        if self.peek() == Some('#') {
            self.take_while(|c| c == '\t' || !c.is_ascii_control());
            if !matches!(self.peek(), None | Some('\n')) && !self.rest().starts_with("\r\n") {
                return self.fail("");
            }
        }
        Ok(())
    }

    /// Blanks, line breaks and comments.
    pub(super) fn space(&mut self) -> Lexed<()> {
        loop {
            self.blanks();
            self.comment()?;
            if !self.newline() {
                return Ok(());
            }
        }
    }

    /// A string of any of the four forms, its opening quote being here.
    pub(super) fn string(&mut self, multiline: bool) -> Lexed<String> {
        for quote in ["\"\"\"", "'''"] {
            if multiline && self.eat(quote) {
                self.newline();
                return self.long_string(quote);
            }
        }
        let quote = if self.peek() == Some('\'') { "'" } else { "\"" };
        self.bump();
        let mut text = String::new();
        while !self.eat(quote) {
            match self.peek() {
                Some('\n') => return self.fail("strings cannot contain newlines"),
                Some('\\') if quote == "\"" => self.escape(&mut text)?,
                _ => self.string_char(quote, &mut text)?,
            }
        }
        Ok(text)
    }

    /// Up to the closing quotes; two more may stand before them.
    fn long_string(&mut self, quote: &str) -> Lexed<String> {
        let one = quote.get(..1).unwrap_or_default();
        let mut text = String::new();
        loop {
            if self.eat(quote) {
                for _ in 0..2 {
                    if self.eat(one) {
                        text.push_str(one);
                    }
                }
                return Ok(text);
            }
            if one == "\"" && self.peek() == Some('\\') {
                let from = self.pos;
                self.bump();
                self.blanks();
                if self.newline() {
                    self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
                } else {
                    self.pos = from;
                    self.escape(&mut text)?;
                }
            } else if self.newline() {
                text.push('\n');
            } else {
                self.string_char(quote, &mut text)?;
            }
        }
    }

    fn string_char(&mut self, quote: &str, text: &mut String) -> Lexed<()> {
        match self.peek() {
            None => {
                let shown =
                    if quote.starts_with('"') { format!("'{quote}'") } else { format!("\"{quote}\"") };
                self.fail(format!("unexpected EOF; expected {shown}"))
            }
            Some(c) => {
                self.allowed()?;
                text.push(c);
                self.bump();
                Ok(())
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Lexed<()> {
        let from = self.pos;
        self.bump();
        let c = match self.peek() {
            Some('b') => '\x08',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('f') => '\x0C',
            Some('r') => '\r',
            Some('e') => '\x1B',
            Some(c @ ('"' | '\\')) => c,
            Some('x') => return self.escaped_code(from, 2, "two", text),
            Some('u') => return self.escaped_code(from, 4, "four", text),
            Some('U') => return self.escaped_code(from, 8, "eight", text),
            other => {
                // Go counts the line back once more at the end of the file.
                let line = self.line() - usize::from(other.is_none());
                let text = format!("invalid escape in string '\\{}'", other.unwrap_or('\0'));
                return Err(Problem { line, text });
            }
        };
        text.push(c);
        self.bump();
        Ok(())
    }

    fn escaped_code(&mut self, from: usize, digits: usize, word: &str, text: &mut String) -> Lexed<()> {
        let letter = self.peek().unwrap_or_default();
        self.bump();
        let start = self.pos;
        for _ in 0..digits {
            if !self.peek().is_some_and(|c| c.is_ascii_hexdigit()) {
                self.bump();
                let shown = self.since(from).escape_debug();
                let text = format!(
                    "expected {word} hexadecimal digits after '\\{letter}', but got \"{shown}\" instead"
                );
                return Err(Problem { line: self.line(), text });
            }
            self.bump();
        }
        let hex = self.since(start);
        match u32::from_str_radix(hex, 16).ok().and_then(char::from_u32) {
            Some(c) => text.push(c),
            None => return self.fail(format!("Escaped character '\\u{hex}' is not valid UTF-8.")),
        }
        Ok(())
    }
}
