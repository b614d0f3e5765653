//! Writing a time by a layout.

use super::layout::{self, Fraction, Offset, Part};
use super::zone::Observed;
use super::{Civil, MONTHS, Time, WEEKDAYS};

/// The layout of `%v`.
const PRINTED: &[u8] = b"2006-01-02 15:04:05.999999999 -0700 MST";
const RFC3339_NANO: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";

impl Time {
    /// Go's `Time.Format`. Any bytes that are no part of a time are copied.
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        let writer = Writer {
            zone: self.zone.at(self.secs),
            civil: self.civil(),
            weekday: self.weekday(),
            year_day: self.year_day(),
            nanos: self.nanos,
        };
        let mut out = Vec::with_capacity(layout.len() + 10);
        let mut rest = layout;
        loop {
            let chunk = layout::next(rest);
            out.extend_from_slice(chunk.before);
            let Some((part, _)) = chunk.part else { return out };
            writer.write(&mut out, part);
            rest = chunk.rest;
        }
    }

    /// What `%v` prints; the monotonic reading of `now` comes last.
    pub fn text(&self) -> String {
        let mut text = self.format(PRINTED);
        if let Some(nanos) = self.monotonic {
            let sign = if nanos < 0 { '-' } else { '+' };
            let nanos = nanos.unsigned_abs();
            text.extend(format!(" m={sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000).bytes());
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// RFC 3339 with as many digits of the second as there are, as JSON has it.
    pub fn rfc3339(&self) -> String {
        String::from_utf8_lossy(&self.format(RFC3339_NANO)).into_owned()
    }
}

struct Writer {
    zone: Observed,
    civil: Civil,
    weekday: i64,
    year_day: i64,
    nanos: u32,
}

impl Writer {
    fn write(&self, out: &mut Vec<u8>, part: Part) {
        let c = &self.civil;
        let hour12 = if c.hour % 12 == 0 { 12 } else { c.hour % 12 };
        let name = |names: &[&'static str], index: i64| {
            usize::try_from(index).ok().and_then(|i| names.get(i)).copied().unwrap_or_default()
        };
        let short = |name: &'static str| name.get(..3).unwrap_or(name);
        match part {
            Part::LongMonth => out.extend(name(&MONTHS, c.month - 1).bytes()),
            Part::ShortMonth => out.extend(short(name(&MONTHS, c.month - 1)).bytes()),
            Part::Month => number(out, c.month, 0),
            Part::ZeroMonth => number(out, c.month, 2),
            Part::LongWeekday => out.extend(name(&WEEKDAYS, self.weekday).bytes()),
            Part::ShortWeekday => out.extend(short(name(&WEEKDAYS, self.weekday)).bytes()),
            Part::Day => number(out, c.day, 0),
            Part::SpaceDay => out.extend(format!("{:2}", c.day).bytes()),
            Part::ZeroDay => number(out, c.day, 2),
            Part::SpaceYearDay => out.extend(format!("{:3}", self.year_day).bytes()),
            Part::ZeroYearDay => number(out, self.year_day, 3),
            Part::Hour => number(out, c.hour, 2),
            Part::Hour12 => number(out, hour12, 0),
            Part::ZeroHour12 => number(out, hour12, 2),
            Part::Minute => number(out, c.minute, 0),
            Part::ZeroMinute => number(out, c.minute, 2),
            Part::Second => number(out, c.second, 0),
            Part::ZeroSecond => number(out, c.second, 2),
            Part::Year => number(out, c.year, 4),
            Part::ShortYear => number(out, c.year.abs() % 100, 2),
            Part::UpperHalf => out.extend(if c.hour >= 12 { b"PM" } else { b"AM" }),
            Part::LowerHalf => out.extend(if c.hour >= 12 { b"pm" } else { b"am" }),
            Part::ZoneName if self.zone.name.is_empty() => {
                let plain = Offset { z: false, colons: false, minutes: true, seconds: false };
                offset(out, self.zone.offset, plain);
            }
            Part::ZoneName => out.extend(self.zone.name.bytes()),
            Part::Offset(form) if form.z && self.zone.offset == 0 => out.push(b'Z'),
            Part::Offset(form) => offset(out, self.zone.offset, form),
            Part::Fraction(form) => fraction(out, self.nanos, form, false),
            Part::FractionTrimmed(form) => fraction(out, self.nanos, form, true),
        }
    }
}

/// Padded with zeros to a width that does not count the sign.
fn number(out: &mut Vec<u8>, n: i64, width: usize) {
    if n < 0 {
        out.push(b'-');
    }
    out.extend(format!("{:0width$}", n.unsigned_abs()).bytes());
}

fn offset(out: &mut Vec<u8>, seconds: i32, form: Offset) {
    let minutes = i64::from(seconds / 60);
    out.push(if minutes < 0 { b'-' } else { b'+' });
    number(out, minutes.abs() / 60, 2);
    if form.colons {
        out.push(b':');
    }
    if form.minutes {
        number(out, minutes.abs() % 60, 2);
    }
    if form.seconds {
        if form.colons {
            out.push(b':');
        }
        // Go turns the sign by that of the minutes.
        let seconds = if minutes < 0 { -i64::from(seconds) } else { i64::from(seconds) };
        number(out, seconds % 60, 2);
    }
}

fn fraction(out: &mut Vec<u8>, nanos: u32, form: Fraction, trim: bool) {
    if trim && (form.digits == 0 || nanos == 0) {
        return;
    }
    let mut digits = format!("{nanos:09}");
    digits.truncate(form.digits);
    let digits = if trim { digits.trim_end_matches('0') } else { &digits };
    if !(trim && digits.is_empty()) {
        out.push(form.separator);
        out.extend(digits.bytes());
    }
}
