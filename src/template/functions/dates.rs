//! Dates: the clock, Go's layouts, zones of the bundled database.

use super::args::{any, bytes, row, text};
use crate::data::time::{Time, Zone, duration as durations};
use crate::data::{IntKind, Ty, Value};
use crate::template::function::{Call, FuncError, Function, Host};

const TIME: Ty = Ty::Object("time.Time");
const DATE: &[u8] = b"2006-01-02";
const SECOND: i64 = 1_000_000_000;

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row("now", &[], "the time of the render", &[("{{ now | typeOf }}", "time.Time")], |host, _| {
        Ok(Time::now(host.now()).into_value())
    }),
    row(
        "date",
        &[Ty::Str, Ty::Any],
        "a time, or seconds since 1970, by a layout of Go in UTC; anything else is now",
        &[(r#"{{ date "2006-01-02 15:04:05 MST" 1700000000 }}"#, "2023-11-14 22:13:20 UTC")],
        |host, args| Ok(format(host, bytes(args, 0), any(args, 1), Zone::Local)),
    ),
    row("dateInZone", &[Ty::Str, Ty::Any, Ty::Str], IN_ZONE_HELP, IN_ZONE_CASES, IN_ZONE),
    row(
        "date_in_zone",
        &[Ty::Str, Ty::Any, Ty::Str],
        IN_ZONE_HELP,
        &[(r#"{{ date_in_zone "15:04 MST -0700" 1700000000 "Asia/Tokyo" }}"#, "07:13 JST +0900")],
        IN_ZONE,
    ),
    row("dateModify", &[Ty::Str, TIME], MODIFY_HELP, MODIFY_CASES, MODIFY),
    row(
        "date_modify",
        &[Ty::Str, TIME],
        MODIFY_HELP,
        &[(r#"{{ toDate "2006" "2000" | date_modify "36h" }}"#, "2000-01-02 12:00:00 +0000 UTC")],
        MODIFY,
    ),
    row("mustDateModify", &[Ty::Str, TIME], MUST_MODIFY_HELP, MUST_MODIFY_CASES, MUST_MODIFY),
    row(
        "must_date_modify",
        &[Ty::Str, TIME],
        MUST_MODIFY_HELP,
        &[(r#"{{ must_date_modify "1m" (toDate "2006" "2000") }}"#, "2000-01-01 00:01:00 +0000 UTC")],
        MUST_MODIFY,
    ),
    row(
        "ago",
        &[Ty::Any],
        "how long ago a time, or seconds since 1970, was; to the second",
        &[(r#"{{ ago (toDate "2006" "1700") }}"#, "2562047h47m16.854775807s")],
        ago,
    ),
    row(
        "duration",
        &[Ty::Any],
        "a text or int64 of seconds as a duration; anything else is 0s",
        &[(r#"{{ duration "95" }}"#, "1m35s"), ("{{ duration 95 }}", "0s")],
        |_, args| Ok(Value::from(durations::format(seconds(any(args, 0)).wrapping_mul(SECOND)))),
    ),
    row(
        "durationRound",
        &[Ty::Any],
        "a duration, or the time since a date, to its largest unit: y, mo, d, h, m or s",
        &[(r#"{{ durationRound "2h3m" }}"#, "2h"), (r#"{{ durationRound "400h" }}"#, "16d")],
        duration_round,
    ),
    row(
        "htmlDate",
        &[Ty::Any],
        "a time, or seconds since 1970, as year-month-day in UTC",
        &[("{{ htmlDate 0 }}", "1970-01-01")],
        |host, args| Ok(format(host, DATE, any(args, 0), Zone::Local)),
    ),
    row(
        "htmlDateInZone",
        &[Ty::Any, Ty::Str],
        "a time, or seconds since 1970, as year-month-day in a zone",
        &[(r#"{{ htmlDateInZone 0 "America/New_York" }}"#, "1969-12-31")],
        |host, args| Ok(format(host, DATE, any(args, 0), zone(args, 1))),
    ),
    row(
        "toDate",
        &[Ty::Str, Ty::Str],
        "the time that a text says by a layout of Go; year 1 where it does not fit",
        &[
            (r#"{{ toDate "2006-01-02" "2020-02-29" }}"#, "2020-02-29 00:00:00 +0000 UTC"),
            (r#"{{ toDate "2006-01-02" "x" }}"#, "0001-01-01 00:00:00 +0000 UTC"),
        ],
        |_, args| {
            Ok(Time::parse(bytes(args, 0), bytes(args, 1)).unwrap_or_else(|_| Time::zero()).into_value())
        },
    ),
    row(
        "mustToDate",
        &[Ty::Str, Ty::Str],
        "the time that a text says by a layout of Go; fails where it does not fit",
        &[(
            r#"{{ mustToDate "2006-01-02" "2020-13-01" }}"#,
            r#"!parsing time "2020-13-01": month out of range"#,
        )],
        |_, args| Ok(Time::parse(bytes(args, 0), bytes(args, 1)).map_err(|e| e.to_string())?.into_value()),
    ),
    row(
        "unixEpoch",
        &[TIME],
        "the seconds from 1970 to a time",
        &[(r#"{{ unixEpoch (toDate "2006" "2000") }}"#, "946684800")],
        |_, args| Ok(Value::from(time(any(args, 0)).seconds().to_string())),
    ),
];

const IN_ZONE_HELP: &str = "a time, or seconds since 1970, by a layout of Go in a zone; a bad zone is UTC";
const IN_ZONE_CASES: &[(&str, &str)] = &[
    (r#"{{ dateInZone "15:04 MST -0700" 1700000000 "Europe/Berlin" }}"#, "23:13 CET +0100"),
    (r#"{{ dateInZone "15:04 MST" 1700000000 "nowhere" }}"#, "22:13 UTC"),
];
const IN_ZONE: Call = |host, args| Ok(format(host, bytes(args, 0), any(args, 1), zone(args, 2)));

const MODIFY_HELP: &str = "a time moved by a duration; unmoved where the duration is none";
const MODIFY_CASES: &[(&str, &str)] =
    &[(r#"{{ dateModify "-1.5h" (toDate "2006" "2000") }}"#, "1999-12-31 22:30:00 +0000 UTC")];
const MODIFY: Call = |_, args| {
    let moved = durations::parse(bytes(args, 0)).unwrap_or(0);
    Ok(time(any(args, 1)).add(moved).into_value())
};

const MUST_MODIFY_HELP: &str = "a time moved by a duration; fails where the duration is none";
const MUST_MODIFY_CASES: &[(&str, &str)] =
    &[(r#"{{ mustDateModify "1" (toDate "2006" "2000") }}"#, r#"!time: missing unit in duration "1""#)];
const MUST_MODIFY: Call =
    |_, args| Ok(time(any(args, 1)).add(durations::parse(bytes(args, 0))?).into_value());

fn time(value: &Value) -> Time {
    Time::from_value(value).cloned().unwrap_or_else(Time::zero)
}

fn zone(args: &[Value], i: usize) -> Zone {
    text(args, i).to_str().and_then(Zone::load).unwrap_or(Zone::Utc)
}

fn format(host: &mut dyn Host, layout: &[u8], of: &Value, zone: Zone) -> Value {
    let time = match of {
        Value::Int(secs, IntKind::Int | IntKind::Int32 | IntKind::Int64) => Time::unix(*secs, 0),
        other => Time::from_value(other).cloned().unwrap_or_else(|| Time::now(host.now())),
    };
    Value::Str(time.in_zone(zone).format(layout).into())
}

fn ago(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let now = Time::now(host.now());
    let then = match any(args, 0) {
        Value::Int(secs, IntKind::Int | IntKind::Int64) => Time::unix(*secs, 0),
        other => Time::from_value(other).cloned().unwrap_or_else(|| now.clone()),
    };
    Ok(Value::from(durations::format(durations::round(now.since(&then), SECOND))))
}

/// strconv.ParseInt, whose error Sprig drops: the nearest number where it does not fit.
fn seconds(of: &Value) -> i64 {
    match of {
        Value::Int(n, IntKind::Int64) => *n,
        Value::Str(text) => {
            let text = text.to_str().unwrap_or_default();
            text.parse().unwrap_or_else(|e: std::num::ParseIntError| match e.kind() {
                std::num::IntErrorKind::PosOverflow => i64::MAX,
                std::num::IntErrorKind::NegOverflow => i64::MIN,
                _ => 0,
            })
        }
        _ => 0,
    }
}

fn duration_round(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let nanos = match any(args, 0) {
        Value::Int(n, IntKind::Int64) => *n,
        Value::Str(text) => durations::parse(text.as_bytes()).unwrap_or(0),
        other => Time::from_value(other).map_or(0, |then| Time::now(host.now()).since(then)),
    };
    const HOURS: u64 = 3600 * 1_000_000_000;
    const UNITS: [(u64, &str); 6] = [
        (365 * 24 * HOURS, "y"),
        (30 * 24 * HOURS, "mo"),
        (24 * HOURS, "d"),
        (HOURS, "h"),
        (HOURS / 60, "m"),
        (HOURS / 3600, "s"),
    ];
    let nanos = nanos.unsigned_abs();
    // A unit counts only above one of it, so that a minute is `60s`.
    let unit = UNITS.iter().find(|(unit, _)| nanos > *unit);
    Ok(Value::from(unit.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", nanos / unit))))
}
