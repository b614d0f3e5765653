//! Scalars on one line, and texts of lines.

use std::borrow::Cow;

use super::super::resolve::{Scalar, Tag, resolve};
use super::{Made, Reader, quoted_length};
use crate::data::Value;

impl<'a, T: Made> Reader<'a, T> {
    /// A scalar or flow collection and the end of its line, inside the collection
    /// at `column`.
    pub(super) fn scalar(&mut self, column: usize) -> Option<T> {
        let value = match self.rest() {
            [b'|', rest @ ..] => return self.literal(rest, column),
            [quote @ (b'"' | b'\''), ..] => {
                let text = self.quoted(*quote, true)?;
                self.text(&text)
            }
            [b'[' | b'{', ..] => self.flow()?,
            [b'-', b' ' | b'\n', ..] | [b'-'] => return None,
            [b'&' | b'*' | b'!' | b'>' | b'%' | b'@' | b'`' | b',' | b'?' | b'#' | b']' | b'}', ..] => {
                return None;
            }
            _ => {
                let line = self.plain()?;
                let text = self.folded(line, column)?;
                self.meaning(&text)?
            }
        };
        self.end_line()?;
        Some(value)
    }

    /// What a quoted scalar says, on one line or, where they may, on several.
    pub(super) fn quoted(&mut self, quote: u8, lines: bool) -> Option<Cow<'a, [u8]>> {
        let rest = self.rest().get(1..)?;
        if let Some(length) = quoted_length(rest, quote) {
            self.pos += length + 2;
            return rest.get(..length).map(Cow::Borrowed);
        }
        let mut text = Vec::new();
        // Blanks behind this are taken away by the end of a line.
        let mut solid = 0;
        let mut at = 0;
        loop {
            let (b, next) = (*rest.get(at)?, rest.get(at + 1));
            at += 1;
            match b {
                b'\n' if lines => {
                    let feeds = below(rest, &mut at)?;
                    text.truncate(solid);
                    text.resize(solid + feeds.max(1), if feeds == 0 { b' ' } else { b'\n' });
                }
                b'\n' => return None,
                b'\\' if quote == b'"' => {
                    at += 1;
                    match next? {
                        same @ (b'"' | b'\\' | b' ') => text.push(*same),
                        b'n' => text.push(b'\n'),
                        b't' => text.push(b'\t'),
                        b'r' => text.push(b'\r'),
                        b'\n' if lines => {
                            let feeds = below(rest, &mut at)?;
                            text.resize(text.len() + feeds, b'\n');
                        }
                        _ => return None,
                    }
                }
                b' ' | b'\t' => {
                    text.push(b);
                    continue;
                }
                _ if b != quote => text.push(b),
                _ if quote == b'\'' && next == Some(&quote) => {
                    at += 1;
                    text.push(quote);
                }
                _ => {
                    self.pos += at + 1;
                    return Some(Cow::Owned(text));
                }
            }
            solid = text.len();
        }
    }

    /// A plain scalar on one line.
    pub(super) fn plain(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let mut end = 0;
        for (at, b) in rest.iter().enumerate() {
            match b {
                b'\n' => break,
                b' ' => {}
                b'\t' => return None,
                b':' if matches!(rest.get(at + 1), None | Some(b' ' | b'\n')) => return None,
                b'#' if at > end => break,
                _ => end = at + 1,
            }
        }
        self.pos += end;
        rest.get(..end)
    }

    /// The plain scalar that begins with `line`, with the lines that follow further
    /// inside than `column`: a line feed between them is a space, and one more for
    /// each empty line is one.
    fn folded(&mut self, line: &'a [u8], column: usize) -> Option<Cow<'a, [u8]>> {
        let mut text = Cow::Borrowed(line);
        while let Some((start, feeds)) = self.line_below(column) {
            self.pos = start;
            let line = self.plain()?;
            if !self.skipping {
                let text = text.to_mut();
                text.resize(text.len() + feeds.max(1), if feeds == 0 { b' ' } else { b'\n' });
                text.extend_from_slice(line);
            }
        }
        Some(text)
    }

    /// Where the next line with something on it begins, if nothing else is on this one
    /// and that one is further inside than `column`; and how many lines are between.
    fn line_below(&self, column: usize) -> Option<(usize, usize)> {
        let blanks = |text: &[u8]| text.iter().take_while(|b| **b == b' ').count();
        let mut at = self.pos + blanks(self.rest());
        let mut lines = 0_usize;
        while self.text.get(at) == Some(&b'\n') {
            let indent = blanks(self.text.get(at + 1..)?);
            at += 1 + indent;
            match self.text.get(at)? {
                b'\n' => lines += 1,
                // A comment ends it too.
                b'#' => return None,
                _ => return (indent > column).then_some((at, lines)),
            }
        }
        None
    }

    pub(super) fn text(&self, text: &[u8]) -> T {
        self.made(|| T::scalar(Value::Str(text.into())))
    }

    /// What a plain scalar means, if JSON can say it.
    pub(super) fn meaning(&self, text: &[u8]) -> Option<T> {
        if self.skipping && !matches!(text, [b'.' | b'+' | b'-', ..]) {
            return Some(T::default());
        }
        match resolve(Tag::None, text).ok()? {
            Scalar::Float(n) if !n.is_finite() => None,
            scalar => Some(scalar.value(self.numbers).map_or_else(|| self.text(text), T::scalar)),
        }
    }

    /// A text of lines, `rest` of which follows the `|`.
    pub(super) fn literal(&mut self, rest: &'a [u8], column: usize) -> Option<T> {
        let (chomp, rest) = match rest {
            [chomp @ (b'-' | b'+'), rest @ ..] => (Some(*chomp), rest),
            _ => (None, rest),
        };
        let [b'\n', lines @ ..] = rest else { return None };
        self.pos = self.text.len() - lines.len();
        if is_outside(lines, column) {
            // Nothing belongs to it; only `+` keeps line feeds then.
            self.content()?;
            return (chomp != Some(b'+')).then(|| self.text(b""));
        }
        let indent = indentation(lines).filter(|indent| *indent > column)?;
        let mut text = Vec::new();
        // Line feeds that belong to the text if more of it follows.
        let mut feeds = 0_usize;
        while !self.at_end() {
            let rest = self.rest();
            let blanks = rest.iter().take(indent).take_while(|b| **b == b' ').count();
            let line = rest.get(blanks..).unwrap_or_default();
            let length = memchr::memchr(b'\n', line).unwrap_or(line.len());
            if length > 0 {
                if blanks < indent {
                    break;
                }
                if !self.skipping {
                    text.resize(text.len() + feeds, b'\n');
                    text.extend_from_slice(line.get(..length).unwrap_or_default());
                }
                feeds = 0;
            }
            feeds += usize::from(line.len() > length);
            self.pos += blanks + length + usize::from(line.len() > length);
        }
        let kept = match chomp {
            None => feeds.min(1),
            Some(b'-') => 0,
            _ => feeds,
        };
        text.resize(text.len() + kept, b'\n');
        self.content()?;
        Some(self.text(&text))
    }
}

/// From the start of a line inside quotes to what is on it or a later one; how many
/// lines were empty. What looks like a document's end there is an error.
fn below(text: &[u8], at: &mut usize) -> Option<usize> {
    let mut empty = 0;
    loop {
        let line = text.get(*at..)?;
        let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        *at += blanks;
        match line.get(blanks)? {
            b'\n' => empty += 1,
            b'-' | b'.' if blanks == 0 => return None,
            _ => return Some(empty),
        }
        *at += 1;
    }
}

/// Whether the first line that is not blank, if there is one, is indented no further
/// than `column`.
fn is_outside(lines: &[u8], column: usize) -> bool {
    let first = lines.iter().position(|b| !matches!(b, b' ' | b'\n'));
    let Some((before, [b, ..])) = first.and_then(|first| lines.split_at_checked(first)) else { return true };
    *b != b'\t' && before.iter().rev().take_while(|b| **b == b' ').count() <= column
}

/// How far the first line is indented that is not blank. No blank line before it
/// may be longer, and no tab stand there.
fn indentation(lines: &[u8]) -> Option<usize> {
    let mut deepest = 0;
    for line in lines.split(|b| *b == b'\n') {
        let blanks = line.iter().take_while(|b| **b == b' ').count();
        match line.get(blanks) {
            None => deepest = deepest.max(blanks),
            Some(b'\t') => return None,
            Some(_) => return (deepest <= blanks).then_some(blanks),
        }
    }
    None
}
