//! Go's `time.Duration`: reading, writing and rounding nanoseconds.

use super::parse::quoted;

const SECOND: u64 = 1_000_000_000;

/// What a duration prints: `1h0m0s`, `1.5s`, `100ms`, `0s`.
pub fn format(nanos: i64) -> String {
    let n = nanos.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    if n == 0 {
        return "0s".to_owned();
    }
    if n < SECOND {
        let (unit, name, digits) = match n {
            0..1_000 => (1, "ns", 0),
            1_000..1_000_000 => (1_000, "µs", 3),
            _ => (1_000_000, "ms", 6),
        };
        return format!("{sign}{}{name}", decimal(n, unit, digits));
    }
    let minutes = n / SECOND / 60;
    let seconds = decimal(n % (60 * SECOND), SECOND, 9);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, m) => format!("{sign}{m}m{seconds}s"),
        (h, m) => format!("{sign}{h}h{m}m{seconds}s"),
    }
}

/// `n / unit` with a fraction of up to `digits` digits, zeros at its end dropped.
fn decimal(n: u64, unit: u64, digits: usize) -> String {
    let (whole, rest) = (n / unit, n % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let fraction = format!("{rest:0digits$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// Go's `time.ParseDuration`: numbers with units, such as `-1h2.5m`; the error
/// is Go's text.
pub fn parse(text: &[u8]) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quoted(text));
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    const MOST: u64 = 1 << 63;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, after) = leading_int(rest).ok_or_else(invalid)?;
        let (fraction, scale, unit_at) = match after {
            [b'.', digits @ ..] => leading_fraction(digits),
            other => (0, 1.0, other),
        };
        let only_dot = after.len() - unit_at.len() == 1;
        if after.len() == rest.len() && (only_dot || unit_at.len() == after.len()) {
            return Err(invalid());
        }
        let length = unit_at.iter().position(|b| matches!(b, b'.' | b'0'..=b'9')).unwrap_or(unit_at.len());
        let (name, next) = unit_at.split_at(length);
        if name.is_empty() {
            return Err(format!("time: missing unit in duration {}", quoted(text)));
        }
        let unit = unit(name)
            .ok_or_else(|| format!("time: unknown unit {} in duration {}", quoted(name), quoted(text)))?;
        if whole > MOST / unit {
            return Err(invalid());
        }
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let part = (fraction as f64 * (unit as f64 / scale)) as u64;
        total = (whole * unit)
            .checked_add(part)
            .filter(|v| *v <= MOST)
            .and_then(|v| total.checked_add(v))
            .filter(|v| *v <= MOST)
            .ok_or_else(invalid)?;
        rest = next;
    }
    if negative {
        return Ok(0i64.wrapping_sub_unsigned(total));
    }
    i64::try_from(total).map_err(|_| invalid())
}

fn unit(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        // The micro sign and the Greek letter.
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => SECOND,
        b"m" => 60 * SECOND,
        b"h" => 3600 * SECOND,
        _ => return None,
    })
}

/// The digits at the start, and what follows; None beyond 2⁶³.
pub(super) fn leading_int(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let mut value: u64 = 0;
    for digit in digits {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0')).filter(|v| *v <= 1 << 63)?;
    }
    Some((value, rest))
}

/// The digits at the start as a fraction of `scale`; digits beyond 2⁶³ are dropped.
fn leading_fraction(text: &[u8]) -> (u64, f64, &[u8]) {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let (mut value, mut scale) = (0u64, 1.0);
    for digit in digits {
        let next = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0')));
        let Some(next) = next.filter(|v| *v <= 1 << 63) else { break };
        (value, scale) = (next, scale * 10.0);
    }
    (value, scale, rest)
}

/// Towards zero to a multiple of `unit`; unchanged where `unit` is not positive.
pub fn truncate(nanos: i64, unit: i64) -> i64 {
    if unit <= 0 { nanos } else { nanos - nanos % unit }
}

/// To the nearest multiple of `unit`, halves away from zero; at the ends of the
/// range where it does not fit, unchanged where `unit` is not positive.
pub fn round(nanos: i64, unit: i64) -> i64 {
    if unit <= 0 {
        return nanos;
    }
    let rest = nanos % unit;
    let half_or_more = rest.unsigned_abs() >= unit.unsigned_abs() - rest.unsigned_abs();
    let down = nanos - rest;
    match (half_or_more, nanos < 0) {
        (false, _) => down,
        (true, false) => down.saturating_add(unit),
        (true, true) => down.saturating_sub(unit),
    }
}

/// As a float of hours, minutes or seconds: whole units and the rest apart, as
/// Go adds them.
#[allow(clippy::cast_precision_loss)]
pub fn as_float(nanos: i64, unit: i64) -> f64 {
    let unit = unit.max(1);
    (nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64
}
