//! strconv's reading of numbers: bases, underscores, hexadecimal floats.

/// Why a text is no integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotInt {
    /// It is not written like one.
    Syntax,
    /// It is beyond 64 bits; the nearest one that is not.
    Range(i64),
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    }
}

/// strconv.ParseInt with 64 bits. Base 0 is told by the prefix (`0x`, `0o`, `0`,
/// `0b`) and allows underscores between digits.
///
/// # Errors
/// As [`NotInt`] says.
pub fn parse_int(text: &[u8], base: u32) -> Result<i64, NotInt> {
    let (negative, unsigned) = split_sign(text);
    let value = magnitude(unsigned, base, u64::MAX)?;
    let signed = if negative { -(value as i128) } else { value as i128 };
    i64::try_from(signed).map_err(|_| NotInt::Range(if negative { i64::MIN } else { i64::MAX }))
}

/// strconv.ParseInt with base 10 and 32 bits.
///
/// # Errors
/// As [`NotInt`] says.
pub fn parse_int32(text: &[u8]) -> Result<i32, NotInt> {
    let (negative, unsigned) = split_sign(text);
    let value = magnitude(unsigned, 10, u32::MAX.into())?;
    let signed = if negative { -(value as i128) } else { value as i128 };
    i32::try_from(signed).map_err(|_| NotInt::Range((if negative { i32::MIN } else { i32::MAX }).into()))
}

/// strconv.ParseUint with 64 bits.
///
/// # Errors
/// As [`NotInt`] says.
pub fn parse_uint(text: &[u8], base: u32) -> Result<u64, NotInt> {
    u64::try_from(magnitude(text, base, u64::MAX)?).map_err(|_| NotInt::Range(i64::MAX))
}

/// The number that these digits say; the first one beyond `most` where they say more,
/// whatever follows.
fn magnitude(unsigned: &[u8], base: u32, most: u64) -> Result<u128, NotInt> {
    let (radix, digits) = match (base, unsigned) {
        (_, []) => return Err(NotInt::Syntax),
        (0, [b'0', b'x' | b'X', rest @ ..]) if !rest.is_empty() => (16, rest),
        (0, [b'0', b'o' | b'O', rest @ ..]) if !rest.is_empty() => (8, rest),
        (0, [b'0', b'b' | b'B', rest @ ..]) if !rest.is_empty() => (2, rest),
        (0, [b'0', rest @ ..]) => (8, rest),
        (0, rest) => (10, rest),
        (base, rest) => (base, rest),
    };
    let (mut value, mut underscores) = (0_u128, false);
    for byte in digits {
        if *byte == b'_' && base == 0 {
            underscores = true;
            continue;
        }
        let digit = char::from(*byte).to_digit(radix).ok_or(NotInt::Syntax)?;
        value = value * u128::from(radix) + u128::from(digit);
        if value > u128::from(most) {
            return Ok(value);
        }
    }
    match underscores && !underscores_separate(unsigned) {
        true => Err(NotInt::Syntax),
        false => Ok(value),
    }
}

/// Go's rule for underscores: each between two digits or after a base prefix.
fn underscores_separate(unsigned: &[u8]) -> bool {
    let (mut previous, mut rest, mut hex) = ('^', unsigned, false);
    if let [b'0', letter, after @ ..] = unsigned
        && matches!(letter | 0x20, b'b' | b'o' | b'x')
    {
        (previous, rest, hex) = ('0', after, letter | 0x20 == b'x');
    }
    for byte in rest {
        previous = match byte {
            b'0'..=b'9' => '0',
            b'a'..=b'f' | b'A'..=b'F' if hex => '0',
            b'_' if previous != '0' => return false,
            b'_' => '_',
            _ if previous == '_' => return false,
            _ => '!',
        };
    }
    previous != '_'
}

/// Why a text is no float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFloat {
    /// It is not written like one.
    Syntax,
    /// It is beyond 64 bits.
    Range,
}

/// strconv.ParseFloat with 64 bits.
///
/// # Errors
/// As [`NotFloat`] says.
pub fn parse_float(text: &[u8]) -> Result<f64, NotFloat> {
    let (negative, unsigned) = split_sign(text);
    let lower = unsigned.to_ascii_lowercase();
    if lower == b"inf" || lower == b"infinity" {
        return Ok(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if lower == b"nan" && unsigned.len() == text.len() {
        return Ok(f64::NAN);
    }
    if !matches!(lower.first(), Some(b'0'..=b'9' | b'.')) {
        return Err(NotFloat::Syntax);
    }
    if lower.contains(&b'_') && !underscores_separate(&lower) {
        return Err(NotFloat::Syntax);
    }
    let value = finite_or_beyond(lower).ok_or(NotFloat::Syntax)?;
    match value.is_finite() {
        true => Ok(if negative { -value } else { value }),
        false => Err(NotFloat::Range),
    }
}

/// The value of digits in lower case; infinite where it is beyond 64 bits.
fn finite_or_beyond(lower: Vec<u8>) -> Option<f64> {
    let plain: Vec<u8> = lower.into_iter().filter(|b| *b != b'_').collect();
    match plain.strip_prefix(b"0x") {
        Some(digits) => parse_hexadecimal(digits),
        None => std::str::from_utf8(&plain).ok()?.parse().ok(),
    }
}

/// `1.8p3`: the exponent is decimal and must be there.
fn parse_hexadecimal(text: &[u8]) -> Option<f64> {
    let split = text.iter().position(|b| *b == b'p')?;
    let (mantissa, exponent) = (text.get(..split)?, text.get(split + 1..)?);
    let (negative, digits) = split_sign(exponent);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let exponent = parse_int(digits, 10).unwrap_or(i64::MAX).min(1 << 40);
    let mut power = if negative { -exponent } else { exponent };
    let (mut bits, mut seen, mut point) = (0_u64, false, false);
    for byte in mantissa {
        if *byte == b'.' && !point {
            point = true;
            continue;
        }
        let digit = char::from(*byte).to_digit(16)?;
        seen = true;
        if bits >> 58 == 0 {
            bits = bits << 4 | u64::from(digit);
            power -= if point { 4 } else { 0 };
        } else {
            // Digits beyond the precision only say which way to round.
            bits |= u64::from(digit != 0);
            power += if point { 0 } else { 4 };
        }
    }
    seen.then(|| scale(bits as f64, power))
}

/// math.Ldexp: `n` times a power of two.
pub fn scale(mut n: f64, mut power: i64) -> f64 {
    while power != 0 && n != 0.0 && n.is_finite() {
        let step = power.clamp(-1000, 1000);
        n *= 2_f64.powi(i32::try_from(step).unwrap_or(0));
        power -= step;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_strconv_does() {
        for (text, value) in [
            ("010", Ok(8)),
            ("0x1F", Ok(31)),
            ("0b11", Ok(3)),
            ("0o17", Ok(15)),
            ("1_000", Ok(1000)),
            ("0_7", Ok(7)),
            ("-5", Ok(-5)),
            ("+5", Ok(5)),
            ("0", Ok(0)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("9223372036854775808", Err(NotInt::Range(i64::MAX))),
            ("08", Err(NotInt::Syntax)),
            ("1__0", Err(NotInt::Syntax)),
            ("1_", Err(NotInt::Syntax)),
            ("0x", Err(NotInt::Syntax)),
            ("-", Err(NotInt::Syntax)),
            ("", Err(NotInt::Syntax)),
            ("1.5", Err(NotInt::Syntax)),
            ("99999999999999999999x", Err(NotInt::Range(i64::MAX))),
        ] {
            assert_eq!(parse_int(text.as_bytes(), 0), value, "{text}");
        }
        for (text, value) in [
            ("-2147483648", Ok(i32::MIN)),
            ("2147483648", Err(NotInt::Range(i32::MAX.into()))),
            ("99999999999h", Err(NotInt::Range(i32::MAX.into()))),
            ("4294967295h", Err(NotInt::Syntax)),
            ("0x1", Err(NotInt::Syntax)),
        ] {
            assert_eq!(parse_int32(text.as_bytes()), value, "{text}");
        }
        for (text, value) in [
            ("1e3", Ok(1000.0)),
            ("1_000.5", Ok(1000.5)),
            ("0x1p4", Ok(16.0)),
            ("0x1.8p1", Ok(3.0)),
            ("0x10", Err(NotFloat::Syntax)),
            ("1e400", Err(NotFloat::Range)),
            ("-inf", Ok(f64::NEG_INFINITY)),
            (".5", Ok(0.5)),
            ("5.", Ok(5.0)),
            (".", Err(NotFloat::Syntax)),
            ("", Err(NotFloat::Syntax)),
            ("1e", Err(NotFloat::Syntax)),
            ("+nan", Err(NotFloat::Syntax)),
            ("0x1p99999999999999999999", Err(NotFloat::Range)),
        ] {
            assert_eq!(parse_float(text.as_bytes()), value, "{text}");
        }
    }
}
