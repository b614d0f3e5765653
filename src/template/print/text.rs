//! Strings and bytes.

use super::number::{Case, Integer};
use super::{Printer, can_backquote, quote, quote_ascii};
use crate::template::unicode::runes;

impl Printer<'_> {
    /// Prints a string; false where the verb is none for it.
    pub(super) fn string(&mut self, text: &[u8], verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.pad(self.truncated(text)),
            'x' => self.hex(text, Case::Lower),
            'X' => self.hex(text, Case::Upper),
            'q' => self.quoted(text),
            _ => return false,
        }
        true
    }

    /// Prints a byte slice of the named type; false where every byte has to be
    /// printed as a number of its own.
    pub(super) fn bytes(&mut self, bytes: &[u8], verb: char, type_name: &str) -> bool {
        match verb {
            'v' if self.flags.sharp_v => {
                self.write(type_name);
                self.write("{");
                for (i, byte) in bytes.iter().enumerate() {
                    self.write(if i > 0 { ", " } else { "" });
                    self.hex_0x(u64::from(*byte), true);
                }
                self.write("}");
            }
            'v' | 'd' => {
                self.write("[");
                for (i, byte) in bytes.iter().enumerate() {
                    self.write(if i > 0 { " " } else { "" });
                    self.integer(Integer { bits: u64::from(*byte), signed: false }, verb);
                }
                self.write("]");
            }
            's' | 'x' | 'X' | 'q' => return self.string(bytes, verb),
            _ => return false,
        }
        true
    }

    /// As many runes as the precision allows.
    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else { return text };
        let width: usize = runes(text).take(precision).map(|rune| rune.width).sum();
        text.get(..width).unwrap_or(text)
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        if !self.fits(text.len()) {
            return;
        }
        let quoted = match std::str::from_utf8(text) {
            Ok(raw) if self.flags.sharp && can_backquote(text) => format!("`{raw}`"),
            _ if self.flags.plus => quote_ascii(text),
            _ => quote(text),
        };
        self.pad(quoted);
    }

    /// The bytes as hexadecimal digits; with a space between them and `0x`
    /// before, as the flags say. The precision counts bytes.
    fn hex(&mut self, text: &[u8], case: Case) {
        let text = self.flags.precision.and_then(|precision| text.get(..precision)).unwrap_or(text);
        let flags = self.flags;
        let width = flags.width.unwrap_or_default();
        if text.is_empty() {
            return self.padding(width);
        }
        let prefix = match (flags.sharp, case) {
            (false, _) => "",
            (true, Case::Lower) => "0x",
            (true, Case::Upper) => "0X",
        };
        let each = 2 + if flags.space { 1 + prefix.len() } else { 0 };
        let length = if flags.space { text.len() * each - 1 } else { text.len() * each + prefix.len() };
        let missing = width.saturating_sub(length);
        if !flags.minus {
            self.padding(missing);
        }
        if !self.fits(length) {
            return;
        }
        let digits: &[u8; 16] = if case == Case::Lower { b"0123456789abcdef" } else { b"0123456789ABCDEF" };
        self.write(prefix);
        for (i, byte) in text.iter().enumerate() {
            if flags.space && i > 0 {
                self.write(" ");
                self.write(prefix);
            }
            for half in [byte >> 4, byte & 15] {
                self.out.extend(digits.get(usize::from(half)));
            }
        }
        if flags.minus {
            self.padding(missing);
        }
    }
}
