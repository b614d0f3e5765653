//! Number and character constants, with every type they can be: Go's ideal
//! constants as parse.NumberNode imitates them.

use super::super::ast::Number;
use super::super::item::ItemKind;
use super::super::print::quote;
use super::unquote::unquote_char;
use crate::data::str::lossy;

/// The number that `text` is. The error is Go's message.
pub fn number(kind: ItemKind, text: &[u8]) -> Result<Number, String> {
    let written = lossy(text);
    let mut number = Number { int: None, uint: None, float: None, complex: None };
    match kind {
        ItemKind::CharConstant => character(&mut number, text)?,
        ItemKind::Complex => {
            let (re, im) = complex(&written)?;
            number.set_complex(re, im);
        }
        _ => match written.strip_suffix('i').map(parse_float) {
            Some(Ok(im)) => number.set_complex(0.0, im),
            _ => plain(&mut number, &written)?,
        },
    }
    Ok(number)
}

impl Number {
    fn set_complex(&mut self, re: f64, im: f64) {
        self.complex = Some((re, im));
        if im == 0.0 {
            self.float = Some(re);
            self.int = whole_int(re);
            self.uint = whole_uint(re);
        }
    }
}

fn character(number: &mut Number, text: &[u8]) -> Result<(), String> {
    let (unit, tail) = unquote_char(text.get(1..).unwrap_or_default(), b'\'')?;
    if tail != b"'" {
        return Err(format!("malformed character constant: {}", lossy(text)));
    }
    let code = unit.code();
    number.int = Some(i64::from(code));
    number.uint = Some(u64::from(code));
    number.float = Some(f64::from(code));
    Ok(())
}

fn plain(number: &mut Number, text: &str) -> Result<(), String> {
    number.uint = parse_uint(text);
    number.int = parse_int(text);
    if number.int == Some(0) {
        number.uint = Some(0); // also of -0
    }
    if let Some(int) = number.int {
        number.float = Some(int as f64);
    } else if let Some(uint) = number.uint {
        number.float = Some(uint as f64);
    } else if let Ok(float) = parse_float(text) {
        // What looks like an integer but is none of them is too big for one.
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", quote(text.as_bytes())));
        }
        number.float = Some(float);
        number.int = whole_int(float);
        number.uint = whole_uint(float);
    } else {
        return Err(format!("illegal number syntax: {}", quote(text.as_bytes())));
    }
    Ok(())
}

fn whole_int(n: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    ((-LIMIT..LIMIT).contains(&n) && n.trunc() == n).then_some(n as i64)
}

fn whole_uint(n: f64) -> Option<u64> {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    ((0.0..LIMIT).contains(&n) && n.trunc() == n).then_some(n as u64)
}

/// strconv.ParseUint(text, 0, 64)
fn parse_uint(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [] => return None,
        [b'0', b'b' | b'B', _, ..] => (text.get(2..)?, 2),
        [b'0', b'o' | b'O', _, ..] => (text.get(2..)?, 8),
        [b'0', b'x' | b'X', _, ..] => (text.get(2..)?, 16),
        [b'0', ..] => (text.get(1..)?, 8),
        _ => (text, 10),
    };
    let value = digits.chars().filter(|c| *c != '_').try_fold(0u64, |value, c| {
        let digit = c.to_digit(radix)?;
        value.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))
    })?;
    underscores_part_digits(text).then_some(value)
}

/// strconv.ParseInt(text, 0, 64)
fn parse_int(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(text) => 0i64.checked_sub_unsigned(parse_uint(text)?),
        None => i64::try_from(parse_uint(text.strip_prefix('+').unwrap_or(text))?).ok(),
    }
}

/// Whether each `_` stands between digits, or between a base prefix and one.
fn underscores_part_digits(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    let (digits, hex, prefix) = match text {
        [b'0', b'x' | b'X', rest @ ..] => (rest, true, true),
        [b'0', b'b' | b'B' | b'o' | b'O', rest @ ..] => (rest, false, true),
        _ => (text, false, false),
    };
    let (mut after_digit, mut after_underscore) = (prefix, false);
    for b in digits {
        let is_digit = if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        if (*b == b'_' && !after_digit) || (after_underscore && !is_digit) {
            return false;
        }
        after_underscore = *b == b'_';
        after_digit = is_digit;
    }
    !after_underscore
}

/// Why a text is no float: Go's words.
type FloatError = &'static str;
const SYNTAX: FloatError = "invalid syntax";
const RANGE: FloatError = "value out of range";

/// strconv.ParseFloat(text, 64) of a literal: decimal or hexadecimal.
fn parse_float(text: &str) -> Result<f64, FloatError> {
    if text.contains('_') && !underscores_part_digits(text) {
        return Err(SYNTAX);
    }
    let text = text.replace('_', "");
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text.as_str()),
    };
    let hex = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    let value = match hex {
        Some(digits) => hex_float(digits)?,
        None => decimal_float(unsigned)?,
    };
    Ok(if negative { -value } else { value })
}

fn decimal_float(text: &str) -> Result<f64, FloatError> {
    // Rust also reads words such as "inf" and a second sign.
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(SYNTAX);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(RANGE),
        Err(_) => Err(SYNTAX),
    }
}

/// `1.8p-3` behind its `0x`; the exponent is required.
fn hex_float(text: &str) -> Result<f64, FloatError> {
    let (mantissa, power) = text.split_once(['p', 'P']).ok_or(SYNTAX)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = power.strip_prefix(['+', '-']).unwrap_or(power);
    if whole.len() + fraction.len() == 0 || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SYNTAX);
    }
    // Exponents beyond this are out of range whatever the mantissa (Go's bound).
    let power =
        digits.parse::<i64>().unwrap_or(10_000).min(10_000) * if power.starts_with('-') { -1 } else { 1 };
    let (mut bits, mut exponent) = (0u64, power);
    for (i, c) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u64::from(c.to_digit(16).ok_or(SYNTAX)?);
        let in_fraction = i >= whole.len();
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
            exponent -= if in_fraction { 4 } else { 0 };
        } else {
            // Digits beyond the precision only matter for rounding.
            bits |= u64::from(digit != 0);
            exponent += if in_fraction { 0 } else { 4 };
        }
    }
    scale(bits, exponent).ok_or(RANGE)
}

/// `bits` × 2^`exponent`, rounded to even; nothing where it is out of range.
fn scale(bits: u64, exponent: i64) -> Option<f64> {
    if bits == 0 {
        return Some(0.0);
    }
    let shift = bits.leading_zeros();
    let bits = u128::from(bits << shift);
    // The value is 1.… × 2^top.
    let top = exponent.saturating_sub(i64::from(shift)).saturating_add(63);
    if top > 1023 {
        return None;
    }
    let kept = 53 - (-1022 - top).max(0);
    if kept < 0 {
        return Some(0.0);
    }
    let drop = u32::try_from(64 - kept).ok()?;
    let (mut mantissa, rest, half) = (bits >> drop, bits & ((1 << drop) - 1), 1u128 << (drop - 1));
    if rest > half || (rest == half && mantissa & 1 == 1) {
        mantissa += 1;
    }
    let power = top - 63 + i64::from(drop);
    let unit = if power >= -1022 {
        f64::from_bits(u64::try_from(power + 1023).ok()? << 52)
    } else {
        f64::from_bits(1 << u32::try_from(power + 1074).ok()?)
    };
    Some(mantissa as f64 * unit).filter(|value| value.is_finite())
}

/// A complex constant `re±imi`, as fmt.Sscan reads it.
fn complex(text: &str) -> Result<(f64, f64), String> {
    const BROKEN: &str = "syntax error scanning complex number";
    let (re, rest) = text.split_at_checked(float_token(text)).ok_or(BROKEN)?;
    let sign = usize::from(rest.starts_with(['+', '-']));
    let width = sign + rest.get(sign..).map_or(0, float_token);
    let (im, unit) = rest.split_at_checked(width).ok_or(BROKEN)?;
    if sign == 0 || !unit.starts_with('i') {
        return Err(BROKEN.to_owned());
    }
    let read = |part: &str| {
        parse_float(part)
            .map_err(|error| format!("strconv.ParseFloat: parsing {}: {error}", quote(part.as_bytes())))
    };
    Ok((read(re)?, read(im)?))
}

/// How much of `text` fmt takes for one float.
fn float_token(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let skip = |at: &mut usize, valid: &dyn Fn(u8) -> bool| {
        let start = *at;
        while bytes.get(*at).is_some_and(|b| valid(*b)) {
            *at += 1;
        }
        *at > start
    };
    at += usize::from(text.starts_with(['+', '-']));
    let hex = matches!(bytes.get(at..), Some([b'0', b'x' | b'X', ..]));
    at += if hex { 2 } else { 0 };
    let digit = |b: u8| b == b'_' || if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
    skip(&mut at, &digit);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        skip(&mut at, &digit);
    }
    if bytes.get(at).is_some_and(|b| matches!(b, b'p' | b'P') || !hex && matches!(b, b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        skip(&mut at, &|b| b.is_ascii_digit() || b == b'_');
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_have_every_type_they_fit() {
        type Types = (Option<i64>, Option<u64>, Option<f64>);
        let cases: [(&str, Types); 17] = [
            ("017", (Some(15), Some(15), Some(15.0))),
            ("0b1_1", (Some(3), Some(3), Some(3.0))),
            ("-0", (Some(0), Some(0), Some(0.0))),
            ("+5", (Some(5), None, Some(5.0))),
            ("1_000.5", (None, None, Some(1000.5))),
            ("1e3", (Some(1000), Some(1000), Some(1000.0))),
            ("-1e3", (Some(-1000), None, Some(-1000.0))),
            ("1e19", (None, Some(10_000_000_000_000_000_000), Some(1e19))),
            ("18446744073709551615", (None, Some(u64::MAX), Some(18_446_744_073_709_551_615.0))),
            ("-9223372036854775808", (Some(i64::MIN), None, Some(-9_223_372_036_854_775_808.0))),
            ("0x_1.8p1", (Some(3), Some(3), Some(3.0))),
            ("0x1p-1074", (None, None, Some(5e-324))),
            ("0x1.8p-1075", (None, None, Some(5e-324))),
            ("0x1p-1075", (Some(0), Some(0), Some(0.0))),
            ("0x1.fffffffffffff7p1023", (None, None, Some(f64::MAX))),
            ("0x123456789abcdef0123p0", (None, None, Some(5_373_003_642_731_685_151_011.0))),
            ("1e-400", (Some(0), Some(0), Some(0.0))),
        ];
        for (text, types) in cases {
            let number = number(ItemKind::Number, text.as_bytes()).unwrap();
            assert_eq!((number.int, number.uint, number.float), types, "{text}");
        }
        let imaginary = number(ItemKind::Number, b"010i").unwrap();
        assert_eq!((imaginary.complex, imaginary.float), (Some((0.0, 10.0)), None));
        let whole = number(ItemKind::Complex, b"3+0i").unwrap();
        assert_eq!((whole.complex, whole.int), (Some((3.0, 0.0)), Some(3)));
        let letter = number(ItemKind::CharConstant, r"'\u263a'".as_bytes()).unwrap();
        assert_eq!(letter.int, Some(0x263a));
    }

    #[test]
    fn broken_constants_fail_in_gos_words() {
        for (kind, text, message) in [
            (ItemKind::Number, "089", "integer overflow: \"089\""),
            (ItemKind::Number, "1__0", "illegal number syntax: \"1__0\""),
            (ItemKind::Number, "0x1p1024", "illegal number syntax: \"0x1p1024\""),
            (
                ItemKind::Number,
                "0x1.fffffffffffff8p1023",
                "illegal number syntax: \"0x1.fffffffffffff8p1023\"",
            ),
            (ItemKind::Complex, "1_+2i", "strconv.ParseFloat: parsing \"1_\": invalid syntax"),
            (ItemKind::Complex, "1+1e999i", "strconv.ParseFloat: parsing \"+1e999\": value out of range"),
            (ItemKind::Complex, "0b1+2i", "syntax error scanning complex number"),
            (ItemKind::CharConstant, "''", "invalid syntax"),
        ] {
            assert_eq!(number(kind, text.as_bytes()).unwrap_err(), message);
        }
    }
}
