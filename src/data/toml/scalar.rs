//! TOML's numbers and times.

use super::lexer::{Lexed, Lexer, quoted};
use crate::data::Value;
use crate::data::time::{Time, Zone};

/// A number or time, its first character (a digit or sign) being here.
pub(super) fn number_or_time(lexer: &mut Lexer<'_>) -> Lexed<Value> {
    let from = lexer.pos();
    let signed = matches!(lexer.peek(), Some('+' | '-'));
    if signed {
        lexer.bump();
        for special in ["inf", "nan"] {
            if lexer.eat(special) {
                return float(lexer, lexer.since(from));
            }
        }
        if !lexer.peek().is_some_and(|c| c.is_ascii_digit()) {
            return lexer.fail(format!("expected a digit but got {}", quoted(lexer.peek())));
        }
    }
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if lexer.eat(prefix) {
            if signed {
                let text = lexer.since(from);
                return lexer.fail(format!("cannot use sign with non-decimal numbers: '{text}'"));
            }
            return with_base(lexer, from, base);
        }
    }
    lexer.take_while(|c| c.is_ascii_digit());
    match lexer.peek() {
        Some('-' | ':') if !signed => {
            lexer
                .take_while(|c| matches!(c, '0'..='9' | '-' | '+' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z'));
            return time(lexer, lexer.since(from).trim_end_matches(' '));
        }
        _ => lexer.take_while(|c| c.is_ascii_digit() || c == '_'),
    };
    if matches!(lexer.peek(), Some('.' | 'e' | 'E')) {
        lexer.take_while(|c| matches!(c, '0'..='9' | '_' | '.' | '-' | '+' | 'e' | 'E'));
        return float(lexer, lexer.since(from));
    }
    integer(lexer, lexer.since(from))
}

fn with_base(lexer: &mut Lexer<'_>, from: usize, base: u32) -> Lexed<Value> {
    let name = match base {
        16 => "a hexadecimal",
        8 => "an octal",
        _ => "a binary",
    };
    if !lexer.peek().is_some_and(|c| c.is_digit(base)) {
        let shown = lexer.peek().unwrap_or('\0');
        return lexer.fail(format!("not {name} number: '{}{shown}'", lexer.since(from)));
    }
    lexer.take_while(|c| c.is_digit(base) || c == '_');
    integer(lexer, lexer.since(from))
}

fn underscores_fit(text: &str) -> bool {
    let mut accept = false;
    for c in text.chars() {
        if c == '_' && !accept {
            return false;
        }
        accept = c.is_ascii_hexdigit();
    }
    accept
}

fn leading_zero(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let mut chars = digits.chars();
    chars.next() == Some('0') && chars.next().is_some_and(|c| !matches!(c, 'b' | 'o' | 'x'))
}

fn integer(lexer: &Lexer<'_>, text: &str) -> Lexed<Value> {
    if !underscores_fit(text) {
        return lexer.fail(format!("Invalid integer \"{text}\": underscores must be surrounded by digits"));
    }
    if leading_zero(text) {
        return lexer.fail(format!("Invalid integer \"{text}\": cannot have leading zeroes"));
    }
    let joined = text.replace('_', "");
    let (digits, base) = match joined.get(..2) {
        Some("0x") => (joined.get(2..), 16),
        Some("0o") => (joined.get(2..), 8),
        Some("0b") => (joined.get(2..), 2),
        _ => (Some(joined.as_str()), 10),
    };
    match i64::from_str_radix(digits.unwrap_or_default(), base) {
        Ok(n) => Ok(Value::int64(n)),
        Err(_) => lexer.fail(format!("{text} is out of range for int64")),
    }
}

/// A float, or one of the special ones by name.
pub(super) fn float(lexer: &Lexer<'_>, text: &str) -> Lexed<Value> {
    if text.ends_with("inf") || text.ends_with("nan") {
        return Ok(Value::Float(text.parse().unwrap_or(f64::NAN)));
    }
    let mut parts = text.split(['.', 'e', 'E']).filter(|part| !part.is_empty());
    if !parts.clone().all(underscores_fit) {
        return lexer.fail(format!("Invalid float \"{text}\": underscores must be surrounded by digits"));
    }
    if parts.next().is_some_and(leading_zero) {
        return lexer.fail(format!("Invalid float \"{text}\": cannot have leading zeroes"));
    }
    let digit_follows = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    if !text.split('.').skip(1).all(digit_follows) {
        return lexer.fail(format!("Invalid float \"{text}\": '.' must be followed by one or more digits"));
    }
    match text.replace('_', "").parse::<f64>() {
        Ok(n) if n.is_finite() => Ok(Value::Float(n)),
        Ok(_) => lexer.fail(format!("{text} is out of range for float64")),
        Err(_) => lexer.fail(format!("Invalid float value: \"{text}\"")),
    }
}

/// Go's layouts for TOML's times; those without a zone get a zone of that name.
const LAYOUTS: [(&str, Option<&str>); 7] = [
    ("2006-01-02T15:04:05.999999999Z07:00", None),
    ("2006-01-02T15:04:05.999999999", Some("datetime-local")),
    ("2006-01-02", Some("date-local")),
    ("15:04:05.999999999", Some("time-local")),
    ("2006-01-02T15:04Z07:00", None),
    ("2006-01-02T15:04", Some("datetime-local")),
    ("15:04", Some("time-local")),
];

fn time(lexer: &Lexer<'_>, text: &str) -> Lexed<Value> {
    let plain = text.replace(['t', ' '], "T").replace('z', "Z");
    // Go's layouts take hours of one digit; TOML does not.
    let hour = plain.split_once('T').map_or(plain.as_str(), |(_, clock)| clock);
    let short = plain.contains(':') && hour.find(':').is_some_and(|at| at < 2);
    for (layout, local) in LAYOUTS {
        if let (Ok(time), false) = (Time::parse(layout.as_bytes(), plain.as_bytes()), short) {
            let time = match local {
                Some(name) => Time::date(time.civil(), time.nanoseconds(), Zone::Fixed(name.into(), 0)),
                None => time,
            };
            return Ok(time.into_value());
        }
    }
    lexer.fail(format!("invalid datetime: \"{text}\""))
}
