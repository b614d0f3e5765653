//! Dates, times and durations.

use super::{Checked, no};
use crate::template::print::{quote, quote_rune};

pub(super) fn duration(text: &str) -> Checked {
    let Some(text) = text.strip_prefix('P') else { return no("must start with P") };
    if text.is_empty() {
        return no("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        if weeks.is_empty() {
            return no("no number in week");
        }
        return if weeks.bytes().all(|b| b.is_ascii_digit()) { Ok(()) } else { no("invalid week") };
    }
    for (i, part) in text.split('T').enumerate() {
        if i != 0 && part.is_empty() {
            return no("no time elements");
        }
        let all = match i {
            0 => "YMD",
            1 => "HMS",
            _ => return no("more than one T"),
        };
        let (mut units, mut rest) = (all, part);
        while !rest.is_empty() {
            let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            if unit.len() == rest.len() {
                return no("missing number");
            }
            let Some(name) = unit.chars().next() else { return no("missing unit") };
            match units.split_once(name) {
                Some((_, later)) => units = later,
                None if all.contains(name) => {
                    return no(format!("unit {} out of order", quote_rune(name, false)));
                }
                None => return no(format!("invalid unit {}", quote_rune(name, false))),
            }
            rest = unit.get(name.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(())
}

/// Go's time.Parse with `2006-01-02`.
pub(super) fn date(text: &str) -> Checked {
    let fail = |rest: &str, part: &str| {
        no(format!(
            "parsing time {} as \"2006-01-02\": cannot parse {} as {}",
            quote(text.as_bytes()),
            quote(rest.as_bytes()),
            quote(part.as_bytes())
        ))
    };
    let mut rest = text;
    let mut numbers = [0u32; 3];
    for (i, (part, width)) in [("2006", 4), ("01", 2), ("02", 2)].into_iter().enumerate() {
        if i > 0 {
            let Some(after) = rest.strip_prefix('-') else { return fail(rest, "-") };
            rest = after;
        }
        let digits = rest.get(..width).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        let Some(number) = digits.and_then(|d| d.parse().ok()) else { return fail(rest, part) };
        if let Some(slot) = numbers.get_mut(i) {
            *slot = number;
        }
        rest = rest.get(width..).unwrap_or_default();
        if i == 1 && !(1..=12).contains(&number) {
            return no(format!("parsing time {}: month out of range", quote(text.as_bytes())));
        }
    }
    if !rest.is_empty() {
        return no(format!(
            "parsing time {}: extra text: {}",
            quote(text.as_bytes()),
            quote(rest.as_bytes())
        ));
    }
    let [year, month, day] = numbers;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day < 1 || day > days {
        return no(format!("parsing time {}: day out of range", quote(text.as_bytes())));
    }
    Ok(())
}

pub(super) fn time(text: &str) -> Checked {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return no("less than 9 characters long");
    }
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return no("missing colon in correct place");
    }
    let number = |from: usize, to: usize| {
        bytes.get(from..to).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| d.parse::<i32>().ok())
    };
    let (Some(hour), Some(minute), Some(second)) = (number(0, 2), number(3, 5), number(6, 8)) else {
        return no("invalid hour/min/sec");
    };
    if hour < 0 || minute < 0 || second < 0 {
        return no("non-positive hour/min/sec");
    }
    if hour > 23 || minute > 59 || second > 60 {
        return no("hour/min/sec out of range");
    }
    let mut rest = text.get(8..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return no("no digits in second fraction");
        }
    }
    let mut minutes = hour * 60 + minute;
    if !matches!(rest, "z" | "Z") {
        minutes = (minutes + offset(rest)?).rem_euclid(24 * 60);
    }
    if second >= 60 && minutes != 23 * 60 + 59 {
        return no("invalid leap second");
    }
    Ok(())
}

/// Minutes to add for UTC.
fn offset(text: &str) -> Result<i32, String> {
    if text.len() != 6 {
        return Err("offset must be 6 characters long".to_owned());
    }
    let sign = match text.as_bytes().first() {
        Some(b'+') => -1,
        Some(b'-') => 1,
        _ => return Err("offset must begin with plus/minus".to_owned()),
    };
    if text.as_bytes().get(3) != Some(&b':') {
        return Err("missing colon in offset in correct place".to_owned());
    }
    let number = |from: usize, to: usize| text.get(from..to).and_then(|d| d.parse::<i32>().ok());
    let (Some(hours), Some(minutes)) = (number(1, 3), number(4, 6)) else {
        return Err("invalid hour/min in offset".to_owned());
    };
    if hours < 0 || minutes < 0 {
        return Err("non-positive hour/min in offset".to_owned());
    }
    if hours > 23 || minutes > 59 {
        return Err("hour/min in offset out of range".to_owned());
    }
    Ok(sign * (hours * 60 + minutes))
}

pub(super) fn date_time(text: &str) -> Checked {
    if text.len() < 20 {
        return no("less than 20 characters long");
    }
    if !matches!(text.as_bytes().get(10), Some(b't' | b'T')) {
        return no("11th character must be t or T");
    }
    date(text.get(..10).unwrap_or_default()).map_err(|why| format!("invalid date element: {why}"))?;
    time(text.get(11..).unwrap_or_default()).map_err(|why| format!("invalid time element: {why}"))
}

pub(super) fn period(text: &str) -> Checked {
    let Some((start, end)) = text.split_once('/') else { return no("missing slash") };
    let part = |text: &str, what: &str| match text.starts_with('P') {
        true => duration(text).map_err(|why| format!("invalid {what} duration: {why}")),
        false => date_time(text).map_err(|why| format!("invalid {what} date-time: {why}")),
    };
    part(start, "start")?;
    if start.starts_with('P') {
        return date_time(end).map_err(|why| format!("invalid end date-time: {why}"));
    }
    part(end, "end")
}
