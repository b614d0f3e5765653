//! strconv's quoting: strings and runes as Go source would write them.

use std::fmt::Write as _;

use super::unicode::{decode_rune, is_print};

/// strconv.Quote: `bytes` between double quotes; control characters,
/// unprintable runes and invalid bytes escaped.
pub fn quote(bytes: &[u8]) -> String {
    quote_with(bytes, '"', false)
}

/// strconv.QuoteToASCII: the same with everything beyond ASCII escaped.
pub fn quote_ascii(bytes: &[u8]) -> String {
    quote_with(bytes, '"', true)
}

/// strconv.QuoteRune, or QuoteRuneToASCII: `c` between single quotes.
pub fn quote_rune(c: char, ascii: bool) -> String {
    quote_with(c.encode_utf8(&mut [0; 4]).as_bytes(), '\'', ascii)
}

/// Whether a raw string literal can hold `bytes` (strconv.CanBackquote): valid
/// UTF-8 in one line, without control characters but tab, backquotes or a byte
/// order mark.
pub fn can_backquote(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars().all(|c| c == '\t' || (c >= ' ' && !matches!(c, '`' | '\x7f' | '\u{feff}')))
    })
}

fn quote_with(bytes: &[u8], mark: char, ascii: bool) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push(mark);
    let mut rest = bytes;
    loop {
        // Plain ASCII goes over in runs: it is nearly all there is.
        let plain = rest.iter().take_while(|b| matches!(b, b' '..=b'~') && **b != b'\\' && **b != mark as u8);
        let (run, tail) = rest.split_at(plain.count());
        out.push_str(std::str::from_utf8(run).unwrap_or_default());
        let Some(rune) = decode_rune(tail) else { break };
        if rune.valid {
            push_rune(&mut out, rune.char, mark, ascii);
        } else {
            let _ = write!(out, "\\x{:02x}", tail.first().copied().unwrap_or_default());
        }
        rest = tail.get(rune.width..).unwrap_or_default();
    }
    out.push(mark);
    out
}

fn push_rune(out: &mut String, c: char, mark: char, ascii: bool) {
    if c == mark || c == '\\' {
        out.push('\\');
        out.push(c);
        return;
    }
    if if ascii { matches!(c, ' '..='~') } else { is_print(c) } {
        out.push(c);
        return;
    }
    let short = match c {
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        _ => {
            let _ = match u32::from(c) {
                n if n < 0x80 => write!(out, "\\x{n:02x}"),
                n if n < 0x10000 => write!(out, "\\u{n:04x}"),
                n => write!(out, "\\U{n:08x}"),
            };
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_strconv_quotes_them() {
        for (bytes, quoted) in [
            (&b""[..], r#""""#),
            (b"a\"b\\c'`", r#""a\"b\\c'`""#),
            (b"\xc3", r#""\xc3""#),
            (b"a\xff\xe2\x98z", r#""a\xff\xe2\x98z""#),
            (b"\x00\x07\x08\x0c\n\r\t\x0b\x1b\x7f", r#""\x00\a\b\f\n\r\t\v\x1b\x7f""#),
            ("é☺\u{ad}\u{a0}\u{200b}\u{feff}\u{1f600}".as_bytes(), "\"é☺\\u00ad\\u00a0\\u200b\\ufeff😀\""),
            ("\u{fffd}\u{e000}\u{10ffff}".as_bytes(), "\"\u{fffd}\\ue000\\U0010ffff\""),
        ] {
            assert_eq!(quote(bytes), quoted);
        }
        assert_eq!(quote_ascii("é☺\u{1f600}".as_bytes()), r#""\u00e9\u263a\U0001f600""#);
        assert_eq!(quote_rune('\'', false), r"'\''");
        assert_eq!(quote_rune('☺', true), r"'\u263a'");
    }

    #[test]
    fn raw_strings_hold_one_line_without_backquotes() {
        assert!(can_backquote("a\té".as_bytes()));
        for bytes in [&b"a`"[..], b"a\n", b"\xff", "\u{feff}".as_bytes(), b"\x7f"] {
            assert!(!can_backquote(bytes));
        }
    }
}
