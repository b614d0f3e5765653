//! Numbers of schemas: exact decimals, as wide as a schema writes them.

use std::cmp::Ordering;

use crate::chart::values::json::Json;
use crate::data::number::{format_g, shortest_digits};

/// Go reads no rational with a larger exponent.
const MAX_EXPONENT: i64 = 1_000_000;

/// An exact decimal: 0.DIGITS × 10^point, without zeros at either end of the
/// digits; no digits are zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: Box<str>,
    point: i64,
}

impl Decimal {
    /// The number of a JSON value; nothing where it is none, or where Go finds
    /// its exponent too large.
    pub fn of(json: &Json) -> Option<Decimal> {
        match json {
            Json::Number(text) => Decimal::parse(text),
            Json::Int(n) => Decimal::parse(&n.to_string()),
            Json::Float(n) if n.is_finite() => {
                let (digits, point) = shortest_digits(*n);
                Some(Decimal::new(*n < 0.0, &digits, i64::from(point)))
            }
            _ => None,
        }
    }

    fn new(negative: bool, digits: &str, point: i64) -> Decimal {
        let kept = digits.trim_start_matches('0');
        let point = point - i64::try_from(digits.len() - kept.len()).unwrap_or(0);
        let kept = kept.trim_end_matches('0');
        if kept.is_empty() {
            return Decimal { negative: false, digits: "".into(), point: 0 };
        }
        Decimal { negative, digits: kept.into(), point }
    }

    fn parse(text: &str) -> Option<Decimal> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let number = Decimal::new(negative, &format!("{whole}{fraction}"), i64::try_from(whole.len()).ok()?);
        if number.is_zero() {
            return Some(number);
        }
        let exponent: i64 = exponent.parse().ok()?;
        let scale = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        if scale.abs() > MAX_EXPONENT {
            return None;
        }
        Some(Decimal { point: number.point + exponent, ..number })
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether it is whole, as 1.0 is.
    pub fn is_integer(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|n| n <= self.point) || self.is_zero()
    }

    /// The number if it is whole and counts something.
    pub fn to_count(&self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        let zeros = usize::try_from(self.point).ok()?.checked_sub(self.digits.len())?;
        if zeros > 20 {
            return Some(i64::MAX);
        }
        let text = format!("{}{}{}", if self.negative { "-" } else { "" }, self.digits, "0".repeat(zeros));
        if self.is_zero() { Some(0) } else { Some(text.parse().unwrap_or(i64::MAX)) }
    }

    /// Whether it is a whole multiple of `unit`.
    pub fn is_multiple_of(&self, unit: &Decimal) -> bool {
        if self.is_zero() {
            return true;
        }
        // As whole numbers: digits × 10^exponent.
        let exponent = |n: &Decimal| n.point - i64::try_from(n.digits.len()).unwrap_or(0);
        let zeros = exponent(self) - exponent(unit);
        if zeros < 0 {
            // The digits end in no zero, so they divide by no power of ten.
            return false;
        }
        // Only factors of 2 and 5 take up zeros, and 30 digits have at most 100 of them.
        let Ok(divisor) = unit.digits.parse::<u128>() else { return false };
        if unit.digits.len() > 30 {
            return (self.to_f64() / unit.to_f64()).fract() == 0.0;
        }
        if divisor == 0 {
            return false;
        }
        let zeros = std::iter::repeat_n(b'0', usize::try_from(zeros.min(128)).unwrap_or(0));
        let rest =
            self.digits.bytes().chain(zeros).fold(0, |rest, d| (rest * 10 + u128::from(d - b'0')) % divisor);
        rest == 0
    }

    /// The nearest float64.
    pub fn to_f64(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0.{}e{}", if self.is_zero() { "0" } else { &self.digits }, self.point)
            .parse()
            .unwrap_or(0.0)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let sign = |n: &Decimal| {
            if n.is_zero() {
                0
            } else if n.negative {
                -1
            } else {
                1
            }
        };
        let size = || (self.point, &*self.digits).cmp(&(other.point, &*other.digits));
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => size(),
            _ => size().reverse(),
        })
    }
}

/// A float as the English printer of golang.org/x/text writes it: `1,234.5`,
/// `1×10⁰⁶`.
pub fn english(n: f64) -> String {
    if n.is_infinite() {
        return if n < 0.0 { "-∞" } else { "∞" }.to_owned();
    }
    let text = format_g(n);
    match text.split_once('e') {
        None => group(&text),
        Some((mantissa, exponent)) => {
            let exponent: String = exponent.chars().filter_map(superscript).collect();
            format!("{mantissa}×10{exponent}")
        }
    }
}

/// A count as that printer writes it.
pub fn english_count(n: i64) -> String {
    group(&n.to_string())
}

fn superscript(c: char) -> Option<char> {
    Some(match c {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32(u32::from('⁴') + u32::from(c) - u32::from('4'))?,
        _ => return None,
    })
}

fn group(text: &str) -> String {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, whole) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut out = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(fraction);
    out
}
