//! Times: read like jiff reads them, kept as they came, converted to the types of others.

use proptest::prelude::*;
use segment_config_api::{Error, time::Timestamp};
use std::time::{Duration, SystemTime};

fn parsed(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn of_jiff(time: jiff::Timestamp) -> (i64, u32) {
    let nanoseconds = time.as_nanosecond();
    let second = nanoseconds.div_euclid(1_000_000_000);
    let rest = nanoseconds.rem_euclid(1_000_000_000);
    (second as i64, rest as u32)
}

/// RFC 3339, mostly: dates that are not there and other spellings too.
fn text() -> impl Strategy<Value = String> {
    let date = (0..=9999u16, 0..=13u8, 0..=32u8);
    let clock = (0..=24u8, 0..=60u8, 0..=61u8);
    let zone = prop_oneof![
        4 => Just("Z".to_string()),
        1 => Just("z".to_string()),
        4 => (r"[+-]", 0..=24u8, 0..=60u8).prop_map(|(s, h, m)| format!("{s}{h:02}:{m:02}")),
        1 => r"[+-][012][0-9](:?[0-5][0-9])?",
    ];
    (date, "[Tt ]", clock, r"([.,][0-9]{1,9})?", zone).prop_map(
        |((y, mo, d), t, (h, mi, s), fraction, zone)| {
            format!("{y:04}-{mo:02}-{d:02}{t}{h:02}:{mi:02}:{s:02}{fraction}{zone}")
        },
    )
}

proptest! {
    #[test]
    fn a_time_is_read_as_jiff_reads_it(text in text()) {
        // jiff ends a day before the year does, so that no zone leads beyond it, and has wider zones.
        prop_assume!(!text.starts_with("9999-12-3"));
        let zone = text.get(text.len().saturating_sub(6)..).unwrap_or_default();
        prop_assume!(!(zone.contains("+24") || zone.contains("-24") || zone.contains("+25") || zone.contains("-25")));
        let theirs: Option<jiff::Timestamp> = text.parse().ok();
        let ours: Option<Timestamp> = text.parse().ok();
        let instant = |t: &Timestamp| (t.as_second(), t.subsec_nanosecond());
        // A zone can lead before the year 0, which RFC 3339 cannot write.
        let theirs = theirs.map(of_jiff).filter(|(second, _)| *second >= -62_167_219_200);
        prop_assert_eq!(ours.as_ref().map(instant), theirs);
        if let Some(ours) = ours {
            prop_assert_eq!(ours.to_string(), text);
        }
    }

    #[test]
    fn nothing_that_is_cut_or_changed_is_read_as_another_time(text in text(), at in 0..30usize, byte in "[ -~é]?") {
        let mut changed: Vec<char> = text.chars().collect();
        changed.splice(at.min(changed.len())..(at + 1).min(changed.len()), byte.chars());
        let changed: String = changed.into_iter().collect();
        if let Ok(ours) = changed.parse::<Timestamp>()
            && let Ok(theirs) = changed.parse::<jiff::Timestamp>() {
            prop_assert_eq!((ours.as_second(), ours.subsec_nanosecond()), of_jiff(theirs));
            prop_assert_eq!(ours.to_string(), changed);
        }
    }

    #[test]
    fn an_instant_prints_as_jiff_prints_it(second in -62_167_219_200i64..253_402_200_000, nanosecond in prop_oneof![Just(0), 0..1_000_000_000u32]) {
        let ours = Timestamp::new(second, nanosecond).expect("a time");
        let theirs = jiff::Timestamp::new(second, nanosecond as i32).expect("a time");
        prop_assert_eq!(ours.to_string(), theirs.to_string());
        let system = SystemTime::try_from(&ours).expect("a time");
        prop_assert_eq!(&Timestamp::try_from(system).expect("a time"), &ours);
        #[cfg(feature = "jiff")]
        {
            prop_assert_eq!(jiff::Timestamp::try_from(&ours).expect("a time"), theirs);
            prop_assert_eq!(&Timestamp::try_from(theirs).expect("a time"), &ours);
        }
        #[cfg(feature = "chrono")]
        {
            let other = chrono::DateTime::try_from(&ours).expect("a time");
            prop_assert_eq!((other.timestamp(), other.timestamp_subsec_nanos()), (second, nanosecond));
            prop_assert_eq!(&Timestamp::try_from(other).expect("a time"), &ours);
        }
        #[cfg(feature = "time")]
        {
            let other = time::OffsetDateTime::try_from(&ours).expect("a time");
            prop_assert_eq!((other.unix_timestamp(), other.nanosecond()), (second, nanosecond));
            prop_assert_eq!(&Timestamp::try_from(other).expect("a time"), &ours);
        }
    }
}

#[test]
fn a_time_shows_as_it_came() {
    for text in [
        "2019-02-05T01:21:25.000Z",
        "0001-01-01T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "2019-02-05T02:21:25+01:00",
        "2019-02-05T01:21:25.12345678901Z",
    ] {
        let time = parsed(text);
        assert_eq!(format!("{time} {time:?}"), format!("{text} {text}"));
    }
}

#[test]
fn times_are_ordered_and_equal_by_instant() {
    let time = parsed("2019-02-05T01:21:25Z");
    assert_eq!(time, parsed("2019-02-04T20:21:25.000-0500"));
    assert!(time < parsed("2019-02-05T01:21:25.000000001Z"));
    assert_eq!(
        parsed("2016-12-31T23:59:60Z"),
        parsed("2016-12-31T23:59:59Z")
    );
    assert_eq!(parsed("0001-01-01T00:00:00Z").as_second(), -62_135_596_800);
}

#[test]
fn a_time_that_cannot_be_written_is_none() {
    for text in [
        "0000-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2019-02-29T00:00:00Z",
        "2019-02-05",
        "",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
    assert!(Timestamp::new(0, 1_000_000_000).is_err());
    assert!(Timestamp::new(i64::MAX, 0).is_err());
}

#[test]
fn the_question_mark_works_where_the_crates_error_is_returned() {
    fn now() -> Result<Timestamp, Error> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        Ok(now.try_into()?)
    }
    assert_eq!(now().expect("a time").to_string(), "1970-01-01T00:00:01.5Z");
    assert!("never".parse::<Timestamp>().map_err(Error::from).is_err());
}
