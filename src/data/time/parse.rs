//! Reading a time by a layout, with Go's error texts.

use std::fmt;
use std::rc::Rc;

use super::duration::leading_int;
use super::layout::{self, Fraction, Offset, Part};
use super::{Civil, MONTHS, Time, WEEKDAYS, Zone, days_in, is_leap};

/// Why a text is no time of a layout; prints Go's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

/// Why one part could not be read.
enum Bad {
    /// The text does not fit the part.
    Text,
    /// The number is out of the range of what is named.
    Range(&'static str),
}

impl Time {
    /// Go's `time.ParseInLocation(layout, value, time.Local)`.
    pub fn parse(layout: &[u8], value: &[u8]) -> Result<Time, ParseError> {
        let mut read = Read { rest: value, ..Read::default() };
        let mut pending = layout;
        loop {
            let chunk = layout::next(pending);
            let at = read.rest;
            read.rest = skip(at, chunk.before).map_err(|rest| cannot(layout, value, chunk.before, rest))?;
            let Some((part, text)) = chunk.part else { break };
            pending = chunk.rest;
            let before = read.rest;
            match read.part(part, pending) {
                Ok(()) => {}
                Err(Bad::Text) => return Err(cannot(layout, value, text, before)),
                Err(Bad::Range(what)) => return Err(wrong(value, &format!("{what} out of range"))),
            }
        }
        if !read.rest.is_empty() {
            return Err(wrong(value, &format!("extra text: {}", quoted(read.rest))));
        }
        read.finish().map_err(|why| wrong(value, why))
    }
}

fn cannot(layout: &[u8], value: &[u8], element: &[u8], rest: &[u8]) -> ParseError {
    ParseError(format!(
        "parsing time {} as {}: cannot parse {} as {}",
        quoted(value),
        quoted(layout),
        quoted(rest),
        quoted(element)
    ))
}

fn wrong(value: &[u8], why: &str) -> ParseError {
    ParseError(format!("parsing time {}: {why}", quoted(value)))
}

/// What has been read so far.
#[derive(Default)]
struct Read<'a> {
    rest: &'a [u8],
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u32,
    afternoon: Option<bool>,
    utc: bool,
    offset: Option<i32>,
    zone: Option<&'a [u8]>,
}

impl<'a> Read<'a> {
    /// Reads one part; `after` is what the layout asks for next.
    fn part(&mut self, part: Part, after: &[u8]) -> Result<(), Bad> {
        match part {
            Part::ShortYear => {
                let year = signed(self.take(2)?).ok_or(Bad::Text)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Part::Year => {
                if !self.rest.first().is_some_and(u8::is_ascii_digit) {
                    return Err(Bad::Text);
                }
                self.year = signed(self.take(4)?).ok_or(Bad::Text)?;
            }
            Part::ShortMonth => self.month = Some(self.name(&MONTHS, true)? + 1),
            Part::LongMonth => self.month = Some(self.name(&MONTHS, false)? + 1),
            Part::Month | Part::ZeroMonth => {
                let month = self.number(part == Part::ZeroMonth)?;
                self.month = Some(within(month, 1, 12, "month")?);
            }
            Part::ShortWeekday => drop(self.name(&WEEKDAYS, true)?),
            Part::LongWeekday => drop(self.name(&WEEKDAYS, false)?),
            Part::Day | Part::SpaceDay | Part::ZeroDay => {
                if part == Part::SpaceDay {
                    self.space();
                }
                self.day = Some(self.number(part == Part::ZeroDay)?);
            }
            Part::SpaceYearDay | Part::ZeroYearDay => {
                if part == Part::SpaceYearDay {
                    self.space();
                    self.space();
                }
                self.year_day = Some(self.three_digits(part == Part::ZeroYearDay)?);
            }
            Part::Hour => self.hour = within(self.number(false)?, 0, 23, "hour")?,
            Part::Hour12 | Part::ZeroHour12 => {
                self.hour = within(self.number(part == Part::ZeroHour12)?, 0, 12, "hour")?;
            }
            Part::Minute | Part::ZeroMinute => {
                self.minute = within(self.number(part == Part::ZeroMinute)?, 0, 59, "minute")?;
            }
            Part::Second | Part::ZeroSecond => {
                self.second = within(self.number(part == Part::ZeroSecond)?, 0, 59, "second")?;
                self.unasked_fraction(after)?;
            }
            Part::UpperHalf => self.afternoon = Some(half(self.take(2)?, b"AM", b"PM")?),
            Part::LowerHalf => self.afternoon = Some(half(self.take(2)?, b"am", b"pm")?),
            Part::Offset(form) => self.offset(form)?,
            Part::ZoneName => self.zone_name()?,
            Part::Fraction(Fraction { digits, .. }) => self.fraction(digits + 1)?,
            Part::FractionTrimmed(_) => {
                let digits = self.fraction_digits();
                if digits > 0 {
                    self.fraction(digits + 1)?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Bad> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(Bad::Text)?;
        self.rest = rest;
        Ok(taken)
    }

    fn space(&mut self) {
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
    }

    /// One or two digits, or exactly two.
    fn number(&mut self, two: bool) -> Result<i64, Bad> {
        let (n, length) = match self.rest {
            [a @ b'0'..=b'9', b @ b'0'..=b'9', ..] => (i64::from(a - b'0') * 10 + i64::from(b - b'0'), 2),
            [a @ b'0'..=b'9', ..] if !two => (i64::from(a - b'0'), 1),
            _ => return Err(Bad::Text),
        };
        self.take(length)?;
        Ok(n)
    }

    /// One to three digits, or exactly three.
    fn three_digits(&mut self, three: bool) -> Result<i64, Bad> {
        let length = self.rest.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        if length == 0 || (three && length != 3) {
            return Err(Bad::Text);
        }
        signed(self.take(length)?).ok_or(Bad::Text)
    }

    /// The index of the name at the start, in any case of letters.
    fn name(&mut self, names: &[&'static str], short: bool) -> Result<i64, Bad> {
        for (index, name) in (0..).zip(names) {
            let name = if short { name.get(..3).unwrap_or(name) } else { name };
            if self.rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name.as_bytes())) {
                self.take(name.len())?;
                return Ok(index);
            }
        }
        Err(Bad::Text)
    }

    /// How many digits a fraction at the start has; 0 where there is none.
    fn fraction_digits(&self) -> usize {
        match self.rest {
            [b'.' | b',', digits @ ..] => digits.iter().take_while(|b| b.is_ascii_digit()).count(),
            _ => 0,
        }
    }

    /// A separator and digits, `length` bytes in all; beyond nine digits they are dropped.
    fn fraction(&mut self, length: usize) -> Result<(), Bad> {
        let text = self.take(length)?;
        let [b'.' | b',', digits @ ..] = text else { return Err(Bad::Text) };
        let digits = digits.get(..9).unwrap_or(digits);
        let value = signed(digits).ok_or(Bad::Text)?;
        let scale = u32::try_from(digits.len()).ok().and_then(|n| 9u32.checked_sub(n)).unwrap_or(0);
        let nanos = value.checked_mul(10i64.pow(scale)).ok_or(Bad::Text)?;
        self.nanos = u32::try_from(nanos).map_err(|_| Bad::Range("fractional second"))?;
        Ok(())
    }

    /// A fraction is read after the seconds even where the layout has none.
    fn unasked_fraction(&mut self, after: &[u8]) -> Result<(), Bad> {
        let digits = self.fraction_digits();
        let asked =
            matches!(layout::next(after).part, Some((Part::Fraction(_) | Part::FractionTrimmed(_), _)));
        if digits == 0 || asked { Ok(()) } else { self.fraction(digits + 1) }
    }

    fn offset(&mut self, form: Offset) -> Result<(), Bad> {
        if form.z && self.rest.first() == Some(&b'Z') {
            self.take(1)?;
            self.utc = true;
            return Ok(());
        }
        let colon = usize::from(form.colons);
        let length = 3 + if form.minutes { 2 + colon } else { 0 } + if form.seconds { 2 + colon } else { 0 };
        let text = self.take(length)?;
        let two = |at: usize| match text.get(at..at + 2) {
            Some([a @ b'0'..=b'9', b @ b'0'..=b'9']) => Ok(i32::from(a - b'0') * 10 + i32::from(b - b'0')),
            _ => Err(Bad::Text),
        };
        let colon_at = |at: usize| !form.colons || text.get(at) == Some(&b':');
        if !(colon_at(3) && (!form.seconds || colon_at(6))) {
            return Err(Bad::Text);
        }
        // What can be read is checked before what cannot is told.
        let (mut values, mut readable) = ([0; 3], true);
        let places = [(true, 1), (form.minutes, 3 + colon), (form.seconds, 5 + 2 * colon)];
        for (value, (written, at)) in values.iter_mut().zip(places) {
            match two(at) {
                Ok(digits) if written && readable => *value = digits,
                Err(_) if written => readable = false,
                _ => {}
            }
        }
        let [hours, minutes, seconds] = values;
        // Some write offsets of 24 hours or 60 minutes.
        for (value, most, what) in [
            (hours, 24, "time zone offset hour"),
            (minutes, 60, "time zone offset minute"),
            (seconds, 60, "time zone offset second"),
        ] {
            if value > most {
                return Err(Bad::Range(what));
            }
        }
        let offset = (hours * 60 + minutes) * 60 + seconds;
        self.offset = Some(match text.first() {
            Some(b'+') if readable => offset,
            Some(b'-') if readable => -offset,
            _ => return Err(Bad::Text),
        });
        Ok(())
    }

    fn zone_name(&mut self) -> Result<(), Bad> {
        if self.rest.starts_with(b"UTC") {
            self.take(3)?;
            self.utc = true;
            return Ok(());
        }
        let length = zone_length(self.rest).ok_or(Bad::Text)?;
        self.zone = Some(self.take(length)?);
        Ok(())
    }

    fn finish(mut self) -> Result<Time, &'static str> {
        match self.afternoon {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let (month, day) = match self.year_day {
            Some(year_day) => self.by_year_day(year_day)?,
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range");
        }
        let civil =
            Civil { year: self.year, month, day, hour: self.hour, minute: self.minute, second: self.second };
        let zone = match (self.utc, self.offset, self.zone) {
            (true, ..) => Zone::Utc,
            // An offset that local time has just then is local time.
            (_, Some(0), None | Some(b"UTC")) => Zone::Local,
            // Go takes this offset for none at all.
            (_, Some(-1), None) | (_, None, None) => Zone::Local,
            (_, Some(offset), name) if offset != -1 || name.is_none() => {
                fixed(name.unwrap_or_default(), offset)
            }
            (_, _, name) => {
                let name = name.unwrap_or_default();
                let hours = name.strip_prefix(b"GMT").and_then(signed).unwrap_or(0);
                let offset = i32::try_from(hours.saturating_mul(3600)).unwrap_or(0);
                // The text of a named zone counts as UTC, whatever the name says.
                return Ok(Time::date(civil, self.nanos, Zone::Utc).in_zone(fixed(name, offset)));
            }
        };
        Ok(Time::date(civil, self.nanos, zone))
    }

    /// Month and day of a day of the year; they must be those that were read.
    fn by_year_day(&self, year_day: i64) -> Result<(i64, i64), &'static str> {
        let last = if is_leap(self.year) { 366 } else { 365 };
        if year_day < 1 || year_day > last {
            return Err("day-of-year out of range");
        }
        let (mut month, mut day) = (1, year_day);
        while day > days_in(month, self.year) {
            day -= days_in(month, self.year);
            month += 1;
        }
        if self.month.is_some_and(|m| m != month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|d| d != day) {
            return Err("day-of-year does not match day");
        }
        Ok((month, day))
    }
}

fn fixed(name: &[u8], offset: i32) -> Zone {
    Zone::Fixed(Rc::from(String::from_utf8_lossy(name)), offset)
}

fn within(n: i64, least: i64, most: i64, what: &'static str) -> Result<i64, Bad> {
    if (least..=most).contains(&n) { Ok(n) } else { Err(Bad::Range(what)) }
}

fn half(text: &[u8], morning: &[u8], afternoon: &[u8]) -> Result<bool, Bad> {
    match text {
        _ if text == afternoon => Ok(true),
        _ if text == morning => Ok(false),
        _ => Err(Bad::Text),
    }
}

/// A number with an optional sign. No digits at all are 0, as in Go.
fn signed(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (value, rest) = leading_int(digits)?;
    let value = i64::try_from(value).ok().filter(|_| rest.is_empty())?;
    Some(if negative { -value } else { value })
}

/// Skips literal text, any run of spaces standing for any other.
fn skip<'a>(mut value: &'a [u8], mut literal: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    let spaces = |text: &[u8]| text.iter().take_while(|b| **b == b' ').count();
    while let Some((first, rest)) = literal.split_first() {
        if *first == b' ' {
            if value.first().is_some_and(|b| *b != b' ') {
                return Err(value);
            }
            literal = literal.split_at(spaces(literal)).1;
            value = value.split_at(spaces(value)).1;
            continue;
        }
        match value.split_first() {
            Some((byte, after)) if byte == first => (value, literal) = (after, rest),
            _ => return Err(value),
        }
    }
    Ok(value)
}

/// The length of what looks like a zone's abbreviation.
fn zone_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_hours(rest));
    }
    if matches!(text.first(), Some(b'+' | b'-')) {
        return Some(signed_hours(text)).filter(|n| *n > 0);
    }
    let upper = text.iter().take(6).take_while(|b| b.is_ascii_uppercase()).count();
    match upper {
        3 => Some(3),
        4 if text.get(3) == Some(&b'T') || text.starts_with(b"WITA") => Some(4),
        5 if text.get(4) == Some(&b'T') => Some(5),
        _ => None,
    }
}

/// The length of a sign and a number up to 23; 0 where there is none.
fn signed_hours(text: &[u8]) -> usize {
    let [b'+' | b'-', digits @ ..] = text else { return 0 };
    match leading_int(digits) {
        Some((hours, rest)) if hours <= 23 && rest.len() < digits.len() => text.len() - rest.len(),
        _ => 0,
    }
}

/// The quoting of package time: bytes that are no printable ASCII are escaped one by one.
pub(super) fn quoted(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=0x7f => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}
