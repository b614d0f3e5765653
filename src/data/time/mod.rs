//! Go's time: instants, their calendar, layouts to write and read them, and
//! durations. Zones come from the bundled database, never from the machine.

pub mod duration;
mod format;
mod layout;
pub mod named;
mod object;
mod parse;
#[cfg(test)]
mod tests;
mod zone;

use std::cmp::Ordering;

pub use parse::ParseError;
pub use zone::Zone;

/// English names as Go prints them.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// English names as Go prints them, Sunday first.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const DAY: i64 = 86_400;
const NANOS: i64 = 1_000_000_000;
/// 0001-01-01 00:00:00 UTC, Go's zero time.
const ZERO: i64 = -62_135_596_800;

/// Go's `time.Time`: an instant and the zone it is shown in.
#[derive(Debug, Clone)]
pub struct Time {
    /// Seconds since 1970.
    secs: i64,
    /// Nanoseconds of the second, under 10⁹.
    nanos: u32,
    zone: Zone,
    /// Go's monotonic reading in nanoseconds, which `%v` of `now` shows.
    monotonic: Option<i64>,
}

/// A date and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// The year; 0 is 1 BC.
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// From 1.
    pub day: i64,
    /// From 0.
    pub hour: i64,
    /// From 0.
    pub minute: i64,
    /// From 0.
    pub second: i64,
}

impl Time {
    /// Seconds since 1970 and nanoseconds (any number), in local time, which is
    /// UTC here: a render must not depend on the machine's zone.
    pub fn unix(secs: i64, nanos: i64) -> Time {
        let carried = secs.wrapping_add(nanos.div_euclid(NANOS));
        let nanos = u32::try_from(nanos.rem_euclid(NANOS)).unwrap_or(0);
        Time { secs: carried, nanos, zone: Zone::Local, monotonic: None }
    }

    /// Go's `time.Now()` at this instant. Its monotonic reading is always the
    /// smallest, so that equal requests give equal bytes.
    pub fn now(at: jiff::Timestamp) -> Time {
        let nanos = i64::from(at.subsec_nanosecond());
        Time { monotonic: Some(1), ..Time::unix(at.as_second(), nanos) }
    }

    /// Go's zero time, year 1 in UTC.
    pub fn zero() -> Time {
        Time { zone: Zone::Utc, ..Time::unix(ZERO, 0) }
    }

    /// The instant of a date in a zone. Parts beyond their range carry over.
    pub fn date(civil: Civil, nanos: u32, zone: Zone) -> Time {
        let as_utc = civil.seconds();
        let mut secs = as_utc;
        let offset = i64::from(zone.at(as_utc).offset);
        if offset != 0 {
            let other = i64::from(zone.at(as_utc.wrapping_sub(offset)).offset);
            secs = as_utc.wrapping_sub(other);
        }
        Time { secs, nanos, zone, monotonic: None }
    }

    /// Seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.secs
    }

    /// Nanoseconds of the second.
    pub fn nanoseconds(&self) -> u32 {
        self.nanos
    }

    /// Nanoseconds since 1970, wrapping as Go's do beyond the year 2262.
    pub fn unix_nanos(&self) -> i64 {
        self.secs.wrapping_mul(NANOS).wrapping_add(i64::from(self.nanos))
    }

    /// The zone it is shown in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The same instant shown in another zone.
    #[must_use]
    pub fn in_zone(&self, zone: Zone) -> Time {
        Time { zone, monotonic: None, ..self.clone() }
    }

    /// Year to second in its zone.
    pub fn civil(&self) -> Civil {
        Civil::of(self.local_seconds())
    }

    fn local_seconds(&self) -> i64 {
        self.secs.wrapping_add(i64::from(self.zone.at(self.secs).offset))
    }

    /// 0 is Sunday.
    pub fn weekday(&self) -> i64 {
        let (days, _) = days_and_seconds(self.local_seconds());
        (days + 4).rem_euclid(7)
    }

    /// From 1.
    pub fn year_day(&self) -> i64 {
        let civil = self.civil();
        days_from_civil(civil.year, civil.month, civil.day) - days_from_civil(civil.year, 1, 1) + 1
    }

    /// That many nanoseconds later; a monotonic reading moves along.
    #[must_use]
    pub fn add(&self, nanos: i64) -> Time {
        let total = i64::from(self.nanos) + nanos.rem_euclid(NANOS);
        let secs = self.secs.wrapping_add(nanos.div_euclid(NANOS)).wrapping_add(total / NANOS);
        let monotonic = self.monotonic.and_then(|m| m.checked_add(nanos));
        Time { secs, nanos: u32::try_from(total % NANOS).unwrap_or(0), zone: self.zone.clone(), monotonic }
    }

    /// That many years, months and days later, carrying over as Go does.
    #[must_use]
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let mut civil = self.civil();
        civil.year = civil.year.wrapping_add(years);
        civil.month = civil.month.wrapping_add(months);
        civil.day = civil.day.wrapping_add(days);
        Time::date(civil, self.nanos, self.zone.clone())
    }

    /// Nanoseconds from `other` to this, at the ends of the range where it does not fit.
    pub fn since(&self, other: &Time) -> i64 {
        let secs = i128::from(self.secs) - i128::from(other.secs);
        let nanos = secs * i128::from(NANOS) + i128::from(self.nanos) - i128::from(other.nanos);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// The order of the instants.
    pub fn compare(&self, other: &Time) -> Ordering {
        (self.secs, self.nanos).cmp(&(other.secs, other.nanos))
    }

    /// Whether it is Go's zero time.
    pub fn is_zero(&self) -> bool {
        (self.secs, self.nanos) == (ZERO, 0)
    }

    /// Rounded to a multiple of `unit` nanoseconds since year 1: down, or to the
    /// nearest with halves up. No monotonic reading stays.
    #[must_use]
    pub fn rounded(&self, unit: i64, nearest: bool) -> Time {
        let still = Time { monotonic: None, ..self.clone() };
        if unit <= 0 {
            return still;
        }
        let since_zero =
            (i128::from(self.secs) - i128::from(ZERO)) * i128::from(NANOS) + i128::from(self.nanos);
        let unit = i128::from(unit);
        let rest = since_zero.rem_euclid(unit);
        let up = nearest && rest + rest >= unit;
        let by = if up { unit - rest } else { -rest };
        still.add(i64::try_from(by).unwrap_or(0))
    }
}

impl Civil {
    /// The date and time that is `secs` after 1970-01-01 00:00.
    fn of(secs: i64) -> Civil {
        let (days, rest) = days_and_seconds(secs);
        let (year, month, day) = civil_from_days(days);
        Civil { year, month, day, hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60 }
    }

    /// The seconds since 1970-01-01 00:00; parts beyond their range carry over.
    fn seconds(self) -> i64 {
        let months = self.month.wrapping_sub(1);
        let year = self.year.wrapping_add(months.div_euclid(12));
        let days = days_from_civil(year, months.rem_euclid(12) + 1, 1).wrapping_add(self.day).wrapping_sub(1);
        let clock = self.hour * 3600 + self.minute * 60 + self.second;
        days.wrapping_mul(DAY).wrapping_add(clock)
    }
}

/// Days since 1970-01-01 and seconds of the day. Go counts from the year
/// -292277022400 in 64 bits without sign, so that earlier times wrap around.
fn days_and_seconds(secs: i64) -> (i64, i64) {
    const ERAS: i64 = 730_692_556;
    const DAYS: i64 = ERAS * 146_097 + 719_468;
    let since = secs.cast_unsigned().wrapping_add((DAYS * DAY).cast_unsigned());
    let (days, rest) = (since / DAY.cast_unsigned(), since % DAY.cast_unsigned());
    (days.cast_signed() - DAYS, rest.cast_signed())
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted
/// in eras of 400 years that start in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Beyond this, seconds would not fit 64 bits anyway.
    let year = year.clamp(-300_000_000_000, 300_000_000_000);
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
