//! Plain (unquoted) scalars.

use std::borrow::Cow;

use super::YamlError;
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

/// Ends or interrupts a plain scalar anywhere, if what follows agrees.
const STOP: u8 = 1;
/// Ends a plain scalar in a flow collection.
const FLOW: u8 = 2;

#[allow(clippy::indexing_slicing, reason = "the compiler evaluates it")]
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut b = 0_usize;
    while b < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "below 256")]
        let byte = b as u8;
        class[b] = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b':' | 0xC2 | 0xE2 => STOP,
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => FLOW,
            _ => 0,
        };
        b += 1;
    }
    class
};

impl<'a> Scanner<'a> {
    /// Scans a plain scalar. On one line it is a slice of the text; over several
    /// lines their breaks are folded.
    pub(super) fn scan_plain(&mut self) -> Result<Token<'a>, YamlError> {
        let (start, line) = (self.pos, self.line);
        let mut end = start;
        let mut folded: Option<Vec<u8>> = None;
        let mut gap = Gap::default();
        loop {
            if self.column() == 0 && self.document_indicator().is_some() || self.at(0) == b'#' {
                break;
            }
            let stop = self.plain_run();
            if stop > self.pos {
                if gap.lines > 0 {
                    let text = folded.get_or_insert_with(|| self.slice(start, end).to_vec());
                    gap.fold_into(text);
                } else if let Some(text) = &mut folded {
                    text.extend_from_slice(self.slice(end, self.pos));
                }
                if let Some(text) = &mut folded {
                    text.extend_from_slice(self.slice(self.pos, stop));
                }
                gap = Gap::default();
                self.advance_to(stop);
                end = stop;
            }
            if !matches!(self.at(0), b' ' | b'\t') && self.break_width(self.pos) == 0 {
                break;
            }
            self.plain_gap(&mut gap)?;
            if self.flow_level == 0 && self.column() <= self.indent {
                break;
            }
        }
        if gap.lines > 0 {
            self.simple_key_allowed = true;
        }
        let value = folded.map_or_else(|| Cow::Borrowed(self.slice(start, end)), Cow::Owned);
        Ok(Token { line, kind: TokenKind::Scalar { value, plain: true } })
    }

    /// Where the run of content ends that starts here.
    fn plain_run(&self) -> usize {
        let mask = if self.flow_level > 0 { STOP | FLOW } else { STOP };
        let mut at = self.pos;
        while let Some(&b) = self.text.get(at) {
            if CLASS.get(usize::from(b)).is_some_and(|class| class & mask != 0) {
                let ends = match b {
                    b':' => self.blank_or_end(at - self.pos + 1),
                    0xC2 | 0xE2 => self.break_width(at) > 0,
                    _ => true,
                };
                if ends {
                    break;
                }
            }
            at += 1;
        }
        at
    }

    /// Passes blanks and line breaks between two runs.
    fn plain_gap(&mut self, gap: &mut Gap) -> Result<(), YamlError> {
        loop {
            match self.at(0) {
                b'\t' if gap.lines > 0 && self.column() <= self.indent => {
                    return Err(self.error("found a tab character that violates indentation"));
                }
                b' ' | b'\t' => self.pos += 1,
                _ => {
                    if self.break_width(self.pos) == 0 {
                        return Ok(());
                    }
                    gap.read_break(self);
                }
            }
        }
    }
}

/// The line breaks between two runs of a scalar.
#[derive(Default)]
pub(super) struct Gap {
    pub(super) lines: usize,
    first: Vec<u8>,
    rest: Vec<u8>,
}

impl Gap {
    /// Passes one line break.
    pub(super) fn read_break(&mut self, scanner: &mut Scanner<'_>) {
        scanner.read_break(if self.lines == 0 { &mut self.first } else { &mut self.rest });
        self.lines += 1;
    }

    /// One break is a space, more are one less; Unicode separators stay.
    pub(super) fn fold_into(&self, text: &mut Vec<u8>) {
        match (self.first.as_slice(), self.rest.as_slice()) {
            (b"\n", []) => text.push(b' '),
            (b"\n", rest) => text.extend_from_slice(rest),
            (first, rest) => {
                text.extend_from_slice(first);
                text.extend_from_slice(rest);
            }
        }
    }
}
