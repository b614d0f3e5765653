//! The bytes of a YAML stream: their encoding, and the first character that
//! YAML does not allow.

use std::borrow::Cow;

use super::YamlError;

/// go-yaml's reader takes its input in pieces of this size and refuses a whole
/// piece for one bad character in it.
const PIECE: usize = 512;

const INCOMPLETE: &str = "incomplete UTF-8 octet sequence";

/// UTF-8 text that holds only characters YAML allows.
pub(super) struct Input<'a> {
    text: Cow<'a, [u8]>,
    /// How much of `text` may be read before `bad` is reported.
    readable: usize,
    /// Whether there is nothing but ASCII, so that bytes are columns.
    pub(super) ascii: bool,
    /// Why nothing behind the readable part counts.
    pub(super) bad: Option<YamlError>,
}

impl<'a> Input<'a> {
    /// Detects the encoding by the byte order mark (which is dropped) and finds
    /// the first character that is not allowed.
    pub(super) fn new(bytes: &'a [u8]) -> Input<'a> {
        let (text, offset, broken) = match bytes {
            [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
            [0xEF, 0xBB, 0xBF, rest @ ..] => (Cow::Borrowed(rest), 3, None),
            _ => (Cow::Borrowed(bytes), 0, None),
        };
        let found = first_bad(&text);
        let ascii = found.is_none() && text.is_ascii();
        let at = found.or(broken.map(|why| (text.len(), why)));
        let bad = at.map(|(at, why)| {
            let line = text.iter().take(at).filter(|b| **b == b'\n').count();
            YamlError::unplaced(why, u32::try_from(line).unwrap_or(u32::MAX))
        });
        // A cut character is known to be one only at the end of the input.
        let readable = at.map_or(text.len(), |(at, why)| match why {
            INCOMPLETE => at,
            _ => piece_start(&text, offset, at),
        });
        Input { text, readable, ascii, bad }
    }

    /// The part that may be read.
    pub(super) fn text(&self) -> &[u8] {
        self.text.get(..self.readable).unwrap_or_default()
    }
}

/// Where the piece begins that holds the bad character at `at`. A character cut
/// by the end of a piece is read with the next one.
fn piece_start(text: &[u8], offset: usize, at: usize) -> usize {
    let mut start = 0;
    let mut end = PIECE.saturating_sub(offset);
    while end <= at {
        start = end;
        while start > 0 && text.get(start).is_some_and(|b| b & 0xC0 == 0x80) {
            start -= 1;
        }
        end = start + PIECE;
    }
    start
}

fn plain_ascii(b: u8) -> bool {
    matches!(b, 0x20..=0x7E | b'\t' | b'\n' | b'\r')
}

/// Whether a text holds only characters that YAML allows, and no line break but the
/// line feed.
pub(super) fn is_simple(text: &[u8]) -> bool {
    if text.iter().fold(true, |good, b| good & (plain_ascii(*b) & (*b != b'\r'))) {
        return true;
    }
    let is_break =
        |rest: &[u8]| matches!(rest, [b'\r', ..] | [0xC2, 0x85, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..]);
    first_bad(text).is_none() && !(0..text.len()).any(|at| text.get(at..).is_some_and(is_break))
}

/// The first character outside YAML's set, and go-yaml's words for it.
fn first_bad(text: &[u8]) -> Option<(usize, &'static str)> {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let piece = rest.get(..64).unwrap_or(rest);
        if piece.iter().fold(true, |good, b| good & plain_ascii(*b)) {
            at += piece.len();
            continue;
        }
        let end = at + piece.len();
        while at < end {
            match character(text.get(at..).unwrap_or_default()) {
                Ok(width) => at += width,
                Err(why) => return Some((at, why)),
            }
        }
    }
    None
}

/// The width of the character that `text` starts with, if YAML allows it.
fn character(text: &[u8]) -> Result<usize, &'static str> {
    let Some(&lead) = text.first() else { return Ok(1) };
    let (width, mut value) = match lead {
        0..=0x7F => (1, u32::from(lead)),
        0xC0..=0xDF => (2, u32::from(lead & 0x1F)),
        0xE0..=0xEF => (3, u32::from(lead & 0x0F)),
        0xF0..=0xF7 => (4, u32::from(lead & 0x07)),
        _ => return Err("invalid leading UTF-8 octet"),
    };
    let Some(trail) = text.get(1..width) else { return Err(INCOMPLETE) };
    for b in trail {
        if b & 0xC0 != 0x80 {
            return Err("invalid trailing UTF-8 octet");
        }
        value = value << 6 | u32::from(b & 0x3F);
    }
    let shortest = match width {
        1 => 0,
        2 => 0x80,
        3 => 0x800,
        _ => 0x1_0000,
    };
    if value < shortest {
        return Err("invalid length of a UTF-8 sequence");
    }
    match value {
        0xD800..=0xDFFF | 0x11_0000.. => Err("invalid Unicode character"),
        0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0x85 | 0xA0..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000.. => Ok(width),
        _ => Err("control characters are not allowed"),
    }
}

/// UTF-16 as UTF-8, up to where it breaks.
fn utf16<'a>(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (Cow<'a, [u8]>, usize, Option<&'static str>) {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut broken = None;
    let mut units = pairs.iter().map(|pair| unit(*pair)).peekable();
    while let Some(first) = units.next() {
        let c = match first {
            0xDC00..=0xDFFF => Err("unexpected low surrogate area"),
            0xD800..=0xDBFF => match units.next() {
                None => Err("incomplete UTF-16 surrogate pair"),
                Some(second @ 0xDC00..=0xDFFF) => {
                    let high = u32::from(first & 0x3FF) << 10;
                    Ok(0x1_0000 + high + u32::from(second & 0x3FF))
                }
                Some(_) => Err("expected low surrogate area"),
            },
            _ => Ok(u32::from(first)),
        };
        match c.map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER)) {
            Ok(c) => text.push(c),
            Err(why) => {
                broken = Some(why);
                break;
            }
        }
    }
    if broken.is_none() && !odd.is_empty() {
        broken = Some("incomplete UTF-16 character");
    }
    (Cow::Owned(text.into_bytes()), 0, broken)
}
