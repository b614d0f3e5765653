//! Times and durations, with the answers of the real Helm.

use super::*;

fn shown(secs: i64, layout: &str) -> String {
    String::from_utf8(Time::unix(secs, 0).format(layout.as_bytes())).unwrap()
}

#[test]
fn layouts_write_what_go_writes() {
    for (layout, text) in [
        ("2006-01-02T15:04:05Z07:00", "2023-11-14T22:13:20Z"),
        ("Mon Jan _2 3:04PM 2006 MST -0700", "Tue Nov 14 10:13PM 2023 UTC +0000"),
        ("__2 002 06 1 2 5 .000 ,999 Z070000", "318 318 23 11 14 20 .000  Z"),
        ("Month Jane Mondayish 20060102 _2006", "Month Jane Tuesdayish 20231114 _2023"),
    ] {
        assert_eq!(shown(1_700_000_000, layout), text);
    }
    // Before year 0, beyond four digits, and where 64 bits wrap.
    assert_eq!(shown(-99_999_999_999, "2006-01-02"), "-1199-02-15");
    assert_eq!(shown(i64::MAX, "2006-01-02 15:04:05"), "292277026596-12-04 15:30:07");
    assert_eq!(shown(-i64::MAX, "2006-01-02 15:04:05"), "292277026596-12-04 15:30:09");
}

#[test]
fn zones_come_from_the_bundled_database() {
    let at = |zone: &str, secs| {
        let zone = Zone::load(zone)?;
        Some(
            String::from_utf8(Time::unix(secs, 0).in_zone(zone).format(b"2006-01-02 15:04 MST -07:00:00"))
                .unwrap(),
        )
    };
    assert_eq!(at("Europe/Berlin", 1_700_000_000).unwrap(), "2023-11-14 23:13 CET +01:00:00");
    assert_eq!(at("America/Sao_Paulo", 1_700_000_000).unwrap(), "2023-11-14 19:13 -03 -03:00:00");
    assert_eq!(at("Europe/London", -9_999_999_999).unwrap(), "1653-02-10 06:12 LMT -00:01:15");
    assert_eq!(at("America/New_York", 999_999_999_999_999).unwrap(), "31690708-07-04 21:46 EDT -04:00:00");
    for bad in ["europe/berlin", "Europe", "../etc", "utc"] {
        assert_eq!(at(bad, 0), None);
    }
}

#[test]
fn texts_are_read_by_a_layout() {
    for (layout, text, read) in [
        ("2006-01-02", "2020-02-29", "2020-02-29 00:00:00 +0000 UTC"),
        ("2006-01-02T15:04:05Z07:00", "2020-01-02T03:04:05.5+02:00", "2020-01-02 03:04:05.5 +0200 +0200"),
        (
            "2006-01-02T15:04:05Z07:00",
            "2020-01-02T3:04:05,123456789123Z",
            "2020-01-02 03:04:05.123456789 +0000 UTC",
        ),
        ("Jan _2 2006 3:04PM MST", "feb  3 2021 12:05AM PST", "2021-02-03 00:05:00 +0000 PST"),
        ("Jan 2 2006 3:04PM -0700 MST", "FEB 13 2021 12:05PM -0800 PST", "2021-02-13 12:05:00 -0800 PST"),
        ("MST 15", "GMT+3 12", "0000-01-01 15:00:00 +0300 GMT+3"),
        ("2006 __2", "2020  60", "2020-02-29 00:00:00 +0000 UTC"),
        ("06", "69", "1969-01-01 00:00:00 +0000 UTC"),
    ] {
        assert_eq!(
            Time::parse(layout.as_bytes(), text.as_bytes()).map(|t| t.text()),
            Ok(read.to_owned()),
            "{text}"
        );
    }
    for (layout, text, error) in [
        ("2006-01-02", "2020-13-01", "parsing time \"2020-13-01\": month out of range"),
        ("2006-01-02", "2020-02-30", "parsing time \"2020-02-30\": day out of range"),
        ("2006-01-02", "x", "parsing time \"x\" as \"2006-01-02\": cannot parse \"x\" as \"2006\""),
        ("2006", "2020é", "parsing time \"2020\\xc3\\xa9\": extra text: \"\\xc3\\xa9\""),
        ("2006 002 01", "2021 060 02", "parsing time \"2021 060 02\": day-of-year does not match month"),
        ("MST", "ABCDEF", "parsing time \"ABCDEF\" as \"MST\": cannot parse \"ABCDEF\" as \"MST\""),
    ] {
        assert_eq!(Time::parse(layout.as_bytes(), text.as_bytes()).unwrap_err().to_string(), error);
    }
}

#[test]
fn times_are_counted_with() {
    let leap = Time::parse(b"2006-01-02", b"2020-02-29").unwrap();
    assert_eq!(leap.add_date(1, 0, 0).text(), "2021-03-01 00:00:00 +0000 UTC");
    assert_eq!(leap.add(-1).text(), "2020-02-28 23:59:59.999999999 +0000 UTC");
    assert_eq!(leap.since(&Time::zero()), i64::MAX);
    assert_eq!((leap.weekday(), leap.year_day()), (6, 60));
    let week = 7 * 24 * 3600 * NANOS;
    assert_eq!(leap.rounded(week, false).text(), "2020-02-24 00:00:00 +0000 UTC");
    let now = Time::now(jiff::Timestamp::new(0, 5_000_000).unwrap());
    assert_eq!(now.text(), "1970-01-01 00:00:00.005 +0000 UTC m=+0.000000001");
    assert_eq!(now.in_zone(Zone::Utc).text(), "1970-01-01 00:00:00.005 +0000 UTC");
    assert_eq!(now.rfc3339(), "1970-01-01T00:00:00.005Z");
}

#[test]
fn durations_are_read_and_written() {
    for (text, nanos, written) in [
        ("1h2.5m", 3_750_000_000_000, "1h2m30s"),
        ("-1.000000001s", -1_000_000_001, "-1.000000001s"),
        ("1.5µs", 1_500, "1.5µs"),
        ("0", 0, "0s"),
        (".5ms", 500_000, "500µs"),
        ("-9223372036854775808ns", i64::MIN, "-2562047h47m16.854775808s"),
    ] {
        assert_eq!(duration::parse(text.as_bytes()), Ok(nanos));
        assert_eq!(duration::format(nanos), written);
    }
    for (text, error) in [
        ("", "time: invalid duration \"\""),
        ("1", "time: missing unit in duration \"1\""),
        ("1y", "time: unknown unit \"y\" in duration \"1y\""),
        (".s", "time: invalid duration \".s\""),
        ("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""),
    ] {
        assert_eq!(duration::parse(text.as_bytes()), Err(error.to_owned()));
    }
    let minute = 60 * NANOS;
    assert_eq!(duration::round(-45 * minute, 30 * minute), -60 * minute);
    assert_eq!(duration::truncate(95 * minute, 30 * minute), 90 * minute);
    assert_eq!(duration::round(i64::MAX, 1 << 62), i64::MAX);
}

proptest::proptest! {
    /// Any date survives its way to seconds and back.
    #[test]
    fn civil_dates_go_to_seconds_and_back(secs in -200_000_000_000_000i64..200_000_000_000_000) {
        proptest::prop_assert_eq!(Civil::of(secs).seconds(), secs);
    }

    /// No layout or text makes the reader panic.
    #[test]
    fn any_text_is_read(layout in "[ -~]{0,12}|(2006|01|02|Jan|MST|_2|__2|\\.000|Z07:00|-0700|15|:| ){0,8}", text in "[ -~]{0,20}") {
        let _ = Time::parse(layout.as_bytes(), text.as_bytes());
        let _ = Time::unix(0, 0).format(layout.as_bytes());
    }
}
