//! Floats and complex numbers: strconv.FormatFloat's formats and what fmt's
//! flags make of them.

use super::Printer;
use super::number::Case;
use crate::data::number::shortest_digits;

/// A float64 never has more decimal places than this, nor more digits than the
/// next: what a precision asks for beyond them is zeros.
const MAX_PLACES: usize = 1_074;
const MAX_DIGITS: usize = 800;

impl Printer<'_> {
    /// Prints a complex number; false where the verb is none for it.
    pub(super) fn complex(&mut self, re: f64, im: f64, verb: char) -> bool {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return false;
        }
        self.write("(");
        self.float(re, verb);
        let plus = std::mem::replace(&mut self.flags.plus, true);
        self.float(im, verb);
        self.flags.plus = plus;
        self.write("i)");
        true
    }

    /// Prints a float; false where the verb is none for it.
    pub(super) fn float(&mut self, n: f64, verb: char) -> bool {
        let (format, precision) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'e' | 'E' => (verb, Some(6)),
            'f' | 'F' => ('f', Some(6)),
            _ => return false,
        };
        let precision = self.flags.precision.or(precision);
        if !self.fits(precision.unwrap_or_default()) {
            return true;
        }
        let flags = self.flags;
        let sign = match () {
            () if n.is_sign_negative() && !n.is_nan() => "-",
            () if flags.plus => "+",
            () if flags.space => " ",
            // Go writes +Inf in any case, and the sign goes only where it is a number's.
            () if n.is_infinite() => "+",
            () => "",
        };
        if !n.is_finite() {
            let word = if n.is_nan() { "NaN" } else { "Inf" };
            self.pad_blank(format!("{sign}{word}"));
            return true;
        }
        let mut text = digits(n.abs(), format, precision);
        if flags.sharp && format != 'b' {
            text = with_point(&text, format, precision);
        }
        let length = sign.len() + text.len();
        match flags.width {
            // Zeros come between the sign and the digits.
            Some(width) if !sign.is_empty() && flags.zeros() && width > length => {
                self.write(sign);
                self.fill(b'0', width - length);
                self.write(text);
            }
            _ if sign.is_empty() => self.pad(text),
            _ => self.pad(format!("{sign}{text}")),
        }
        true
    }
}

/// strconv.FormatFloat of a finite number that is not negative.
fn digits(n: f64, format: char, precision: Option<usize>) -> String {
    match (format, precision) {
        ('b', _) => binary(n),
        ('x', _) => hexadecimal(n, precision, Case::Lower),
        ('X', _) => hexadecimal(n, precision, Case::Upper),
        ('f', Some(places)) => {
            let text = format!("{:.*}", places.min(MAX_PLACES), n);
            text + &"0".repeat(places.saturating_sub(MAX_PLACES))
        }
        ('e' | 'E', Some(places)) => {
            let (digits, point) = rounded(n, places.saturating_add(1));
            scientific(&digits, point, places, format)
        }
        _ => general(n, precision, if format == 'G' { 'E' } else { 'e' }),
    }
}

/// The `count` first significant digits, rounded, without zeros at the end, and
/// the position of the decimal point. Zero has no digits.
fn rounded(n: f64, count: usize) -> (String, i32) {
    let text = format!("{:.*e}", count.clamp(1, MAX_DIGITS) - 1, n);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let digits = digits.trim_end_matches('0');
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    (digits.to_owned(), if digits.is_empty() { 0 } else { point })
}

/// `%g`: the shorter of `%e` and `%f`, without zeros at the end.
fn general(n: f64, precision: Option<usize>, mark: char) -> String {
    if precision.is_none() && n < 1e6 && n.trunc() == n {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
        return (n as u32).to_string();
    }
    let (digits, point) = match precision {
        Some(precision) => rounded(n, precision.max(1)),
        None if n == 0.0 => (String::new(), 0),
        None => shortest_digits(n),
    };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let wanted = precision.map(|precision| i32::try_from(precision.max(1)).unwrap_or(i32::MAX));
    let limit = match wanted {
        // The shortest form decides as if the precision were 6.
        None => 6,
        Some(wanted) if wanted > count && count >= point => count,
        Some(wanted) => wanted,
    };
    let exponent = point - 1;
    if exponent < -4 || exponent >= limit {
        let places = wanted.map_or(count, |wanted| wanted.min(count)) - 1;
        return scientific(&digits, point, usize::try_from(places).unwrap_or_default(), mark);
    }
    fixed(&digits, point)
}

/// `d.ddde±dd` with so many places.
fn scientific(digits: &str, point: i32, places: usize, mark: char) -> String {
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    let exponent = if digits.is_empty() { 0 } else { point - 1 };
    let rest = rest.get(..places.min(rest.len())).unwrap_or_default();
    let zeros = "0".repeat(places - rest.len());
    let dot = if places > 0 { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{dot}{rest}{zeros}{mark}{sign}{:02}", exponent.unsigned_abs())
}

/// All digits, with the point where it belongs.
fn fixed(digits: &str, point: i32) -> String {
    match usize::try_from(point) {
        Ok(0) | Err(_) if digits.is_empty() => "0".to_owned(),
        Ok(0) | Err(_) => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Ok(point) => match digits.split_at_checked(point) {
            Some((whole, "")) => whole.to_owned(),
            Some((whole, fraction)) => format!("{whole}.{fraction}"),
            None => format!("{digits}{}", "0".repeat(point - digits.len())),
        },
    }
}

/// The mantissa as an integer and the exponent of its last bit.
fn parts(n: f64) -> (u64, i32) {
    let bits = n.to_bits();
    let mantissa = bits & ((1 << 52) - 1);
    match (bits >> 52) & 0x7ff {
        0 => (mantissa, -1074),
        // At most 2047, so the difference fits.
        exponent => (mantissa | 1 << 52, exponent as i32 - 1075),
    }
}

/// `%b`: `4503599627370496p-52`
fn binary(n: f64) -> String {
    let (mantissa, exponent) = parts(n);
    format!("{mantissa}p{exponent:+}")
}

/// `%x`: `0x1.8p+01`
fn hexadecimal(n: f64, precision: Option<usize>, case: Case) -> String {
    let (mantissa, exponent) = parts(n);
    // The leading 1, if there is one, goes to bit 60; 15 digits are below it.
    let (mut mantissa, mut exponent) = match mantissa.leading_zeros() {
        64 => (0, 0),
        zeros => (mantissa << (zeros - 3), exponent + 60 - (zeros as i32 - 3)),
    };
    if let Some(places) = precision.filter(|places| *places < 15) {
        let shift = places * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & 1 << 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(places) if places <= 15 => fraction.get(..places).unwrap_or_default().to_owned(),
        Some(places) => fraction.clone() + &"0".repeat(places - fraction.len()),
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("0x{}{dot}{fraction}p{sign}{:02}", mantissa >> 60, exponent.unsigned_abs());
    if case == Case::Upper { text.to_uppercase() } else { text }
}

/// `#`: a decimal point in any case, and the zeros that `%g` left out.
fn with_point(text: &str, format: char, precision: Option<usize>) -> String {
    let mut missing = match format {
        'g' | 'G' => precision.unwrap_or(6),
        'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let hex = matches!(format, 'x' | 'X');
    let end = text.find(if hex { ['p', 'P'] } else { ['e', 'E'] }).unwrap_or(text.len());
    let (number, tail) = text.split_at_checked(end).unwrap_or((text, ""));
    let significant = number.chars().filter(|c| *c != '.').skip_while(|c| *c == '0').count();
    missing = missing.saturating_sub(significant);
    let mut number = number.to_owned();
    if !number.contains('.') {
        if number == "0" {
            missing = missing.saturating_sub(1);
        }
        number.push('.');
    }
    number + &"0".repeat(missing) + tail
}
