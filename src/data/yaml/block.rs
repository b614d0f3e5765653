//! Literal (`|`) and folded (`>`) scalars.

use std::borrow::Cow;

use super::YamlError;
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

/// What happens to the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomp {
    Clip,
    Strip,
    Keep,
}

impl<'a> Scanner<'a> {
    /// Scans a literal or folded scalar with its header.
    pub(super) fn scan_block_scalar(&mut self) -> Result<Token<'a>, YamlError> {
        let line = self.line;
        let literal = self.at(0) == b'|';
        self.pos += 1;
        let (chomp, increment) = self.block_header()?;
        let mut indent = match increment {
            0 => 0,
            _ => self.indent.max(0) + increment,
        };
        let text = self.block_text(literal, chomp, &mut indent)?;
        Ok(Token { line, kind: TokenKind::Scalar { value: Cow::Owned(text), plain: false } })
    }

    /// The indicators behind `|` or `>` and the rest of that line.
    fn block_header(&mut self) -> Result<(Chomp, isize), YamlError> {
        let mut chomp = Chomp::Clip;
        let mut increment = 0;
        let chomped = self.chomp_indicator(&mut chomp);
        if self.at(0).is_ascii_digit() {
            if self.at(0) == b'0' {
                return Err(self.error("found an indentation indicator equal to 0"));
            }
            increment = isize::from(self.at(0) - b'0');
            self.pos += 1;
            if !chomped {
                self.chomp_indicator(&mut chomp);
            }
        }
        while matches!(self.at(0), b' ' | b'\t') {
            self.pos += 1;
        }
        if self.at(0) == b'#' {
            self.skip_comment();
        }
        if !self.skip_break() && !self.at_end() {
            return Err(self.error("did not find expected comment or line break"));
        }
        Ok((chomp, increment))
    }

    fn chomp_indicator(&mut self, chomp: &mut Chomp) -> bool {
        *chomp = match self.at(0) {
            b'+' => Chomp::Keep,
            b'-' => Chomp::Strip,
            _ => return false,
        };
        self.pos += 1;
        true
    }

    fn block_text(&mut self, literal: bool, chomp: Chomp, indent: &mut isize) -> Result<Vec<u8>, YamlError> {
        let mut text = Vec::new();
        let mut leading: Vec<u8> = Vec::new();
        let mut trailing: Vec<u8> = Vec::new();
        let mut leading_blank = false;
        self.block_breaks(indent, &mut trailing)?;
        while self.column() == *indent && !self.at_end() {
            let blank = matches!(self.at(0), b' ' | b'\t');
            if !literal && !leading_blank && !blank && leading == b"\n" {
                if trailing.is_empty() {
                    text.push(b' ');
                }
            } else {
                text.append(&mut leading);
            }
            leading.clear();
            text.append(&mut trailing);
            leading_blank = blank;
            let end = self.line_end(self.pos);
            text.extend_from_slice(self.slice(self.pos, end));
            self.advance_to(end);
            self.read_break(&mut leading);
            self.block_breaks(indent, &mut trailing)?;
        }
        if chomp != Chomp::Strip {
            text.append(&mut leading);
        }
        if chomp == Chomp::Keep {
            text.append(&mut trailing);
        }
        Ok(text)
    }

    /// Passes indentation and empty lines; the deepest of the first ones sets
    /// the indentation where the header did not.
    fn block_breaks(&mut self, indent: &mut isize, breaks: &mut Vec<u8>) -> Result<(), YamlError> {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.column() < *indent) && self.at(0) == b' ' {
                self.pos += 1;
            }
            deepest = deepest.max(self.column());
            if (*indent == 0 || self.column() < *indent) && self.at(0) == b'\t' {
                return Err(self.error("found a tab character where an indentation space is expected"));
            }
            if self.break_width(self.pos) == 0 {
                break;
            }
            self.read_break(breaks);
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}
