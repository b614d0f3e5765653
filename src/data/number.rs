//! Numbers as Go writes them (strconv's shortest forms).

/// The shortest decimal digits that read back as `n` (finite, sign dropped),
/// and the position of the decimal point relative to their start.
pub fn shortest_digits(n: f64) -> (String, i32) {
    let text = format!("{:e}", n.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return ("0".to_owned(), 1);
    }
    let mut digits = digits.to_owned();
    if digits.len() >= 15 {
        halves_to_even(n, &mut digits);
    }
    (digits, exponent.parse::<i32>().unwrap_or(0) + 1)
}

/// Where `n` stands exactly between two texts of the same length, Rust takes the
/// greater and Go the one with the even last digit (622762856703164.25).
fn halves_to_even(n: f64, digits: &mut String) {
    let exact = format!("{:.40e}", n.abs());
    let mut rest = exact.bytes().filter(|b| *b != b'.').take_while(|b| *b != b'e').skip(digits.len());
    let half = rest.next() == Some(b'5') && rest.all(|b| b == b'0');
    if let (true, Some(last @ ('1' | '3' | '5' | '7' | '9'))) = (half, digits.chars().next_back()) {
        digits.pop();
        digits.push(char::from_u32(u32::from(last) - 1).unwrap_or(last));
    }
}

/// strconv.FormatFloat(n, 'g', -1, 64), which is fmt's `%v`: an exponent below
/// 1e-4 and from 1e6 on (`999999`, `1e+06`, `2.097152e+07`, `0.0001`, `1e-05`).
pub fn format_g(n: f64) -> String {
    if let Some(special) = special(n) {
        return special.to_owned();
    }
    let (digits, point) = shortest_digits(n);
    let exponent = point - 1;
    if n != 0.0 && !(-4..6).contains(&exponent) {
        return with_exponent(n, &digits, exponent, 2);
    }
    plain(n, &digits, point)
}

/// A float as encoding/json writes it: an exponent only below 1e-6 and from
/// 1e21 on, and then without a leading zero in it.
pub fn format_json(n: f64) -> String {
    let (digits, point) = shortest_digits(n);
    let exponent = point - 1;
    if n != 0.0 && !(-6..21).contains(&exponent) {
        return with_exponent(n, &digits, exponent, 1);
    }
    plain(n, &digits, point)
}

fn special(n: f64) -> Option<&'static str> {
    match n {
        _ if n.is_nan() => Some("NaN"),
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

fn sign(n: f64) -> &'static str {
    if n.is_sign_negative() { "-" } else { "" }
}

fn with_exponent(n: f64, digits: &str, exponent: i32, width: usize) -> String {
    let (first, rest) = digits.split_at(1);
    let dot = if rest.is_empty() { "" } else { "." };
    let mark = if exponent < 0 { '-' } else { '+' };
    format!("{}{first}{dot}{rest}e{mark}{:0width$}", sign(n), exponent.unsigned_abs())
}

fn plain(n: f64, digits: &str, point: i32) -> String {
    let sign = sign(n);
    match usize::try_from(point) {
        Ok(0) | Err(_) => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Ok(p) if p >= digits.len() => format!("{sign}{digits}{}", "0".repeat(p - digits.len())),
        Ok(p) => {
            let (whole, fraction) = digits.split_at(p);
            format!("{sign}{whole}.{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_go_prints_them() {
        for (n, g, json) in [
            (1_234_567.0, "1.234567e+06", "1234567"),
            (123_456_789.5, "1.234567895e+08", "123456789.5"),
            (999_999.0, "999999", "999999"),
            (1e21, "1e+21", "1e+21"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_01, "1e-05", "0.00001"),
            (0.000_000_1, "1e-07", "1e-7"),
            (-2.5, "-2.5", "-2.5"),
            (0.0, "0", "0"),
            (-0.0, "-0", "-0"),
            (5e-324, "5e-324", "5e-324"),
            (622_762_856_703_164.2, "6.227628567031642e+14", "622762856703164.2"),
            (2_026_308_918_831_232.2, "2.0263089188312322e+15", "2026308918831232.2"),
            (0.3, "0.3", "0.3"),
        ] {
            assert_eq!(format_g(n), g);
            assert_eq!(format_json(n), json);
        }
        assert_eq!(format_g(f64::NAN), "NaN");
        assert_eq!(format_g(f64::INFINITY), "+Inf");
        assert_eq!(format_g(f64::NEG_INFINITY), "-Inf");
    }
}
