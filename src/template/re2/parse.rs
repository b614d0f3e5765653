//! The small pieces of RE2's syntax: escapes, counts and Go's error texts.

/// A piece of syntax and the text after it, or Go's error text.
pub type Parsed<'p, T> = Result<(T, &'p str), String>;

/// The text of a syntax error: what is wrong, and where.
pub fn fail(what: &str, expression: &str) -> String {
    format!("error parsing regexp: {what}: `{expression}`")
}

/// `text` without its first `n` bytes.
pub fn skip(text: &str, n: usize) -> &str {
    text.get(n..).unwrap_or_default()
}

/// The part of `before` that `after` no longer holds.
pub fn taken<'p>(before: &'p str, after: &str) -> &'p str {
    before.get(..before.len().saturating_sub(after.len())).unwrap_or_default()
}

/// The first character and the rest.
pub fn next(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|c| (c, chars.as_str()))
}

/// The character that the escape at the start of `text` stands for; its code may
/// be that of a surrogate.
pub fn escape(text: &str) -> Parsed<'_, u32> {
    let Some((c, rest)) = next(skip(text, 1)) else {
        return Err(fail("trailing backslash at end of expression", ""));
    };
    let simple = match c {
        'x' => return hexadecimal(text, rest),
        '0'..='7' if c == '0' || rest.starts_with(|d| matches!(d, '0'..='7')) => return Ok(octal(c, rest)),
        'a' => '\x07',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        _ => return Err(invalid_escape(text, rest)),
    };
    Ok((simple.into(), rest))
}

fn invalid_escape(text: &str, rest: &str) -> String {
    fail("invalid escape sequence", taken(text, rest))
}

fn octal(first: char, mut rest: &str) -> (u32, &str) {
    let mut code = first.to_digit(8).unwrap_or(0);
    for _ in 0..2 {
        let Some((digit, after)) = next(rest).and_then(|(c, after)| Some((c.to_digit(8)?, after))) else {
            break;
        };
        (code, rest) = (code * 8 + digit, after);
    }
    (code, rest)
}

/// `\x7F` or `\x{10FFFF}`; `rest` is what follows the x.
fn hexadecimal<'p>(text: &'p str, rest: &'p str) -> Parsed<'p, u32> {
    let Some((c, rest)) = next(rest) else { return Err(invalid_escape(text, rest)) };
    if c != '{' {
        let Some((d, after)) = next(rest) else { return Err(invalid_escape(text, rest)) };
        return match (c.to_digit(16), d.to_digit(16)) {
            (Some(high), Some(low)) => Ok((high * 16 + low, after)),
            _ => Err(invalid_escape(text, after)),
        };
    }
    let (mut code, mut digits, mut rest) = (0, 0, rest);
    loop {
        let Some((c, after)) = next(rest) else { return Err(invalid_escape(text, rest)) };
        rest = after;
        match c.to_digit(16) {
            Some(digit) if code * 16 + digit <= 0x10_FFFF => (code, digits) = (code * 16 + digit, digits + 1),
            None if c == '}' && digits > 0 => return Ok((code, rest)),
            _ => return Err(invalid_escape(text, rest)),
        }
    }
}

/// The bounds of a counted repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The least number.
    pub min: u32,
    /// The greatest number, if there is one.
    pub max: Option<u32>,
}

/// `{2}`, `{2,}` or `{2,3}` at the start of `text`; `None` where it is none of
/// these, which makes the brace a literal. Huge numbers are cut to one that is
/// still too big.
pub fn count(text: &str) -> Option<(Count, &str)> {
    let (min, rest) = number(skip(text, 1))?;
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => number(rest).map(|(max, rest)| (Some(max), rest))?,
    };
    Some((Count { min, max }, rest.strip_prefix('}')?))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}
