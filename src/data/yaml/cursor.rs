//! Where the scanner stands in the text: looking ahead, moving on, line breaks,
//! columns and indices in characters.

use super::YamlError;
use super::scanner::Scanner;

impl<'a> Scanner<'a> {
    /// Passes the rest of the line.
    pub(super) fn skip_comment(&mut self) {
        let end = self.line_end(self.pos);
        self.advance_to(end);
    }

    /// Where the line break (or the end) is that follows `from`.
    pub(super) fn line_end(&self, from: usize) -> usize {
        if self.ascii {
            let rest = self.text.get(from..).unwrap_or_default();
            return memchr::memchr2(b'\n', b'\r', rest).map_or(self.text.len(), |length| from + length);
        }
        let mut at = from;
        while let Some(b) = self.text.get(at) {
            if matches!(b, b'\n' | b'\r' | 0xC2 | 0xE2) && self.break_width(at) > 0 {
                break;
            }
            at += 1;
        }
        at
    }

    /// The byte `ahead` of the position; 0 past the end.
    pub(super) fn at(&self, ahead: usize) -> u8 {
        self.text.get(self.pos + ahead).copied().unwrap_or(0)
    }

    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.text.len()
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The width in bytes of the line break at byte `at`; 0 if there is none.
    pub(super) fn break_width(&self, at: usize) -> usize {
        match self.text.get(at..).unwrap_or_default() {
            [b'\r', b'\n', ..] | [0xC2, 0x85, ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
            _ => 0,
        }
    }

    /// Whether a blank, a line break or the end is `ahead` of the position.
    pub(super) fn blank_or_end(&self, ahead: usize) -> bool {
        match self.text.get(self.pos + ahead) {
            None | Some(b' ' | b'\t' | b'\n' | b'\r') => true,
            Some(0xC2 | 0xE2) => self.break_width(self.pos + ahead) > 0,
            Some(_) => false,
        }
    }

    /// Passes one line break, if one is here.
    pub(super) fn skip_break(&mut self) -> bool {
        let width = self.break_width(self.pos);
        if width == 0 {
            return false;
        }
        if !self.ascii && self.at(0) >= 0x80 {
            self.excess += width - 1;
        }
        self.pos += width;
        self.line = self.line.saturating_add(1);
        self.line_start = self.pos;
        true
    }

    /// Passes one line break and appends what it means: `\n`, or itself for the
    /// Unicode separators.
    pub(super) fn read_break(&mut self, into: &mut Vec<u8>) {
        let from = self.pos;
        if self.skip_break() {
            match self.slice(from, self.pos) {
                separator @ [0xE2, ..] => into.extend_from_slice(separator),
                _ => into.push(b'\n'),
            }
        }
    }

    /// Moves on within the line.
    pub(super) fn advance_to(&mut self, end: usize) {
        if !self.ascii {
            let passed = self.slice(self.pos, end);
            let more = passed.iter().filter(|b| **b & 0xC0 == 0x80).count();
            self.line_start += more;
            self.excess += more;
        }
        self.pos = end;
    }

    /// The column in characters.
    pub(super) fn column(&self) -> isize {
        isize::try_from(self.pos.saturating_sub(self.line_start)).unwrap_or(isize::MAX)
    }

    /// How many characters stand before the position.
    pub(super) fn index(&self) -> usize {
        self.pos.saturating_sub(self.excess)
    }

    /// An error at the current line.
    pub(super) fn error(&self, problem: &str) -> YamlError {
        YamlError::scanner(problem, self.line)
    }
}
