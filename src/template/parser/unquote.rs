//! strconv.Unquote: string and character constants to the bytes they mean.

use std::borrow::Cow;

use super::super::unicode::decode_rune;

/// Go's words for every failure.
pub const SYNTAX: &str = "invalid syntax";

/// The bytes a string constant stands for, with its quotes: `"…"` with escapes
/// or a raw one between backquotes, which loses its carriage returns.
pub fn unquote(literal: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    let (mark, body) = match literal {
        [mark @ (b'"' | b'`'), body @ .., end] if mark == end => (*mark, body),
        _ => return Err(SYNTAX),
    };
    if mark == b'`' {
        return Ok(if body.contains(&b'\r') {
            Cow::Owned(body.iter().copied().filter(|b| *b != b'\r').collect())
        } else {
            Cow::Borrowed(body)
        });
    }
    if body.iter().all(|b| b.is_ascii() && *b != b'\\') {
        return Ok(Cow::Borrowed(body));
    }
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        let (unit, tail) = unquote_char(rest, mark)?;
        match unit {
            Unit::Byte(byte) => out.push(byte),
            Unit::Rune(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = tail;
    }
    Ok(Cow::Owned(out))
}

/// What one character or escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A byte (`\xff`, `\377`).
    Byte(u8),
    /// A rune.
    Rune(char),
}

impl Unit {
    /// The number a character constant has.
    pub fn code(self) -> u32 {
        match self {
            Unit::Byte(byte) => u32::from(byte),
            Unit::Rune(c) => u32::from(c),
        }
    }
}

/// The first character or escape of `text` between quotes of kind `mark`, and
/// what follows it (strconv.UnquoteChar).
pub fn unquote_char(text: &[u8], mark: u8) -> Result<(Unit, &[u8]), &'static str> {
    match text {
        [] => Err(SYNTAX),
        [b, ..] if *b == mark => Err(SYNTAX),
        [b'\\', escape @ ..] => unescape(escape, mark),
        _ => {
            let rune = decode_rune(text).ok_or(SYNTAX)?;
            Ok((Unit::Rune(rune.char), text.get(rune.width..).unwrap_or_default()))
        }
    }
}

fn unescape(escape: &[u8], mark: u8) -> Result<(Unit, &[u8]), &'static str> {
    let (kind, rest) = escape.split_first().ok_or(SYNTAX)?;
    let byte = match kind {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' => b'\\',
        b'\'' | b'"' if *kind == mark => mark,
        b'x' => {
            let (value, rest) = digits(rest, 2, 16)?;
            return Ok((Unit::Byte(u8::try_from(value).map_err(|_| SYNTAX)?), rest));
        }
        b'0'..=b'7' => {
            let (value, rest) = digits(escape, 3, 8)?;
            return Ok((Unit::Byte(u8::try_from(value).map_err(|_| SYNTAX)?), rest));
        }
        b'u' | b'U' => {
            let (value, rest) = digits(rest, if *kind == b'u' { 4 } else { 8 }, 16)?;
            return Ok((Unit::Rune(char::from_u32(value).ok_or(SYNTAX)?), rest));
        }
        _ => return Err(SYNTAX),
    };
    Ok((Unit::Byte(byte), rest))
}

fn digits(text: &[u8], count: usize, radix: u32) -> Result<(u32, &[u8]), &'static str> {
    let (number, rest) = text.split_at_checked(count).ok_or(SYNTAX)?;
    let value = number.iter().try_fold(0u32, |value, b| {
        let digit = char::from(*b).to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    });
    Ok((value.ok_or(SYNTAX)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_mean_what_go_says() {
        for (literal, value) in [
            (&br#""a\n\x41\101\"\\""#[..], Ok(&b"a\nAA\"\\"[..])),
            (r#""\u263a\U0001f600\xff""#.as_bytes(), Ok(b"\xe2\x98\xba\xf0\x9f\x98\x80\xff")),
            (b"\"a\xffb\"", Ok("a\u{fffd}b".as_bytes())),
            (b"`a\\n\r\nb`", Ok(b"a\\n\nb")),
            (br#""\'""#, Err(SYNTAX)),
            (br#""\400""#, Err(SYNTAX)),
            (br#""\ud800""#, Err(SYNTAX)),
            (br#""\x4""#, Err(SYNTAX)),
            (b"\"", Err(SYNTAX)),
        ] {
            assert_eq!(unquote(literal).as_deref(), value.as_deref());
        }
    }
}
