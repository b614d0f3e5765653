//! Single- and double-quoted scalars.

use std::borrow::Cow;

use super::YamlError;
use super::plain::Gap;
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

impl<'a> Scanner<'a> {
    pub(super) fn scan_single_quoted(&mut self) -> Result<Token<'a>, YamlError> {
        self.scan_quoted(b'\'')
    }

    pub(super) fn scan_double_quoted(&mut self) -> Result<Token<'a>, YamlError> {
        self.scan_quoted(b'"')
    }

    /// A slice of the text where the scalar ends on its line and nothing in it
    /// is escaped.
    fn scan_quoted(&mut self, quote: u8) -> Result<Token<'a>, YamlError> {
        let line = self.line;
        self.pos += 1;
        let run = self.quoted_run(quote);
        let value = if self.text.get(run) == Some(&quote)
            && (quote == b'"' || self.text.get(run + 1) != Some(&b'\''))
        {
            let value = self.slice(self.pos, run);
            self.advance_to(run);
            Cow::Borrowed(value)
        } else {
            Cow::Owned(self.quoted_text(quote)?)
        };
        self.pos += 1;
        Ok(Token { line, kind: TokenKind::Scalar { value, plain: false } })
    }

    /// Where the first byte is that needs a look: a quote, an escape, a break.
    fn quoted_run(&self, quote: u8) -> usize {
        let mut at = self.pos;
        while let Some(&b) = self.text.get(at) {
            let look = match b {
                b'\n' | b'\r' => true,
                b'\\' => quote == b'"',
                0xC2 | 0xE2 => self.break_width(at) > 0,
                _ => b == quote,
            };
            if look {
                break;
            }
            at += 1;
        }
        at
    }

    /// The text up to the closing quote, which stays.
    fn quoted_text(&mut self, quote: u8) -> Result<Vec<u8>, YamlError> {
        let mut text = Vec::new();
        loop {
            if self.column() == 0 && self.document_indicator().is_some() {
                return Err(self.error("found unexpected document indicator"));
            }
            if self.at_end() {
                return Err(self.error("found unexpected end of stream"));
            }
            let escaped_break = self.quoted_words(quote, &mut text)?;
            if self.at(0) == quote {
                return Ok(text);
            }
            self.quoted_gap(escaped_break, &mut text);
        }
    }

    /// Characters up to a blank, a break or the quote. Says whether an escaped
    /// line break ended them.
    fn quoted_words(&mut self, quote: u8, text: &mut Vec<u8>) -> Result<bool, YamlError> {
        while !self.blank_or_end(0) {
            match (self.at(0), quote) {
                (b'\'', b'\'') if self.at(1) == b'\'' => {
                    text.push(b'\'');
                    self.pos += 2;
                }
                (b'"', b'"') | (b'\'', b'\'') => break,
                (b'\\', b'"') if self.break_width(self.pos + 1) > 0 => {
                    self.pos += 1;
                    self.skip_break();
                    return Ok(true);
                }
                (b'\\', b'"') => self.escape(text)?,
                _ => {
                    let from = self.pos;
                    let mut to = from + 1;
                    while let Some(&b) = self.text.get(to) {
                        if matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'\\' | b'\'' | b'"' | 0xC2 | 0xE2) {
                            break;
                        }
                        to += 1;
                    }
                    text.extend_from_slice(self.slice(from, to));
                    self.advance_to(to);
                }
            }
        }
        Ok(false)
    }

    /// Blanks and breaks inside: blanks stay unless a break is next to them.
    fn quoted_gap(&mut self, escaped_break: bool, text: &mut Vec<u8>) {
        let from = self.pos;
        let mut gap = Gap::default();
        loop {
            if matches!(self.at(0), b' ' | b'\t') {
                self.pos += 1;
            } else if self.break_width(self.pos) > 0 {
                if escaped_break && gap.lines == 0 {
                    // The first break is behind us; these are the ones after it.
                    gap.lines = 1;
                }
                gap.read_break(self);
            } else {
                break;
            }
        }
        if gap.lines > 0 {
            gap.fold_into(text);
        } else if !escaped_break {
            text.extend_from_slice(self.slice(from, self.pos));
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), YamlError> {
        let simple: &[u8] = match self.at(1) {
            b'0' => b"\0",
            b'a' => b"\x07",
            b'b' => b"\x08",
            b't' | b'\t' => b"\t",
            b'n' => b"\n",
            b'v' => b"\x0B",
            b'f' => b"\x0C",
            b'r' => b"\r",
            b'e' => b"\x1B",
            b' ' => b" ",
            b'"' => b"\"",
            b'\'' => b"'",
            b'\\' => b"\\",
            b'N' => "\u{85}".as_bytes(),
            b'_' => "\u{A0}".as_bytes(),
            b'L' => "\u{2028}".as_bytes(),
            b'P' => "\u{2029}".as_bytes(),
            b'x' => return self.escaped_code(2, text),
            b'u' => return self.escaped_code(4, text),
            b'U' => return self.escaped_code(8, text),
            _ => return Err(self.error("found unknown escape character")),
        };
        text.extend_from_slice(simple);
        self.pos += 2;
        Ok(())
    }

    fn escaped_code(&mut self, digits: usize, text: &mut Vec<u8>) -> Result<(), YamlError> {
        self.pos += 2;
        let mut code: u32 = 0;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.at(ahead)).to_digit(16) else {
                return Err(self.error("did not find expected hexdecimal number"));
            };
            code = code << 4 | digit;
        }
        let Some(c) = char::from_u32(code) else {
            return Err(self.error("found invalid Unicode character escape code"));
        };
        text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        self.pos += digits;
        Ok(())
    }
}
