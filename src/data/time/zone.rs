//! Zones: UTC, local time (UTC as well), fixed offsets, and the bundled database.

use std::rc::Rc;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Go's `time.Location`.
#[derive(Debug, Clone)]
pub enum Zone {
    /// UTC.
    Utc,
    /// The local zone. It is UTC, so that a render does not depend on where it runs.
    Local,
    /// An offset in seconds east of UTC with its abbreviation, perhaps empty.
    Fixed(Rc<str>, i32),
    /// A zone of the database.
    Named(TimeZone),
}

/// What a zone is at an instant.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The abbreviation, perhaps empty.
    pub name: String,
    /// Seconds east of UTC.
    pub offset: i32,
    /// Whether daylight saving time is in effect.
    pub dst: bool,
}

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

impl Zone {
    /// Go's `time.LoadLocation`; None where it fails. Names are case-sensitive.
    pub fn load(name: &str) -> Option<Zone> {
        match name {
            "" | "UTC" => return Some(Zone::Utc),
            "Local" => return Some(Zone::Local),
            _ => {}
        }
        let zone = DATABASE.get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Zone::Named(zone))
    }

    /// The name of the location.
    pub fn name(&self) -> &str {
        match self {
            Zone::Utc => "UTC",
            Zone::Local => "Local",
            Zone::Fixed(name, _) => name,
            Zone::Named(zone) => zone.iana_name().unwrap_or_default(),
        }
    }

    /// Abbreviation and offset at an instant (seconds since 1970).
    pub fn at(&self, secs: i64) -> Observed {
        match self {
            Zone::Utc | Zone::Local => Observed { name: "UTC".to_owned(), offset: 0, dst: false },
            Zone::Fixed(name, offset) => Observed { name: name.to_string(), offset: *offset, dst: false },
            Zone::Named(zone) => {
                let info = zone.to_offset_info(representable(secs));
                Observed {
                    name: info.abbreviation().to_owned(),
                    offset: info.offset().seconds(),
                    dst: info.dst().is_dst(),
                }
            }
        }
    }
}

/// The instant, or one that the calendar's cycle of 400 years makes alike where
/// jiff's range ends: rules repeat, and the first zone goes back for ever.
fn representable(secs: i64) -> Timestamp {
    const CYCLE: i64 = 146_097 * 86_400;
    let most = Timestamp::MAX.as_second();
    let secs = if secs > most { most - CYCLE + (secs - most).rem_euclid(CYCLE) } else { secs };
    Timestamp::from_second(secs).unwrap_or(Timestamp::MIN)
}
