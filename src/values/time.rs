//! Times that keep the form they came in.

use crate::values::{
    json::Json,
    object::{Came, Field},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, MapAccess, Visitor},
};
use serde_json::Value;
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    time::{Duration, SystemTime},
};

const DAY: i64 = 24 * 3600;
/// 0000-01-01T00:00:00Z, the first second that RFC 3339 can write.
const FIRST: i64 = -719_528 * DAY;
/// 9999-12-31T23:59:59Z, the last.
const LAST: i64 = 2_932_897 * DAY - 1;

/// A point in time of the years 0 to 9999, as RFC 3339 in UTC on the wire.
///
/// What the server sent is sent back to the letter, `…:25.000Z` too. Two are equal
/// if they are the same instant, however they are written. A leap second is the
/// second before it, and digits after the ninth of a fraction do not count.
///
/// It converts from and to [`SystemTime`], and the types of `jiff`, `chrono` and `time` with the
/// features of these names.
///
/// ```
/// use segment_config_api::time::Timestamp;
/// use std::time::SystemTime;
///
/// let time: Timestamp = "2019-02-05T01:21:25.000Z".parse()?;
/// assert_eq!(time.as_second(), 1_549_329_685);
/// assert_eq!(time.to_string(), "2019-02-05T01:21:25.000Z");
/// assert_eq!(time, "2019-02-05T02:21:25+01:00".parse()?);
/// assert!(SystemTime::try_from(&time)? < SystemTime::now());
/// # Ok::<(), segment_config_api::time::InvalidTime>(())
/// ```
#[derive(Clone)]
pub struct Timestamp {
    second: i64,
    nanosecond: u32,
    /// What was parsed, where it differs from how the instant prints; else empty.
    text: Box<str>,
}

/// Why a value cannot be a [`Timestamp`], or a timestamp not a time of another type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidTime(&'static str);

const NO_TIME: InvalidTime = InvalidTime("expected a time such as 2019-02-05T01:21:25Z");
const OUTSIDE: InvalidTime = InvalidTime("the time is outside the years that can be expressed");

impl Timestamp {
    /// The time so many seconds, and nanoseconds of the second, after 1970 began.
    ///
    /// # Errors
    /// It is outside the years 0 to 9999, or the nanoseconds are a second or more.
    pub fn new(second: i64, nanosecond: u32) -> Result<Self, InvalidTime> {
        if !(FIRST..=LAST).contains(&second) || nanosecond >= 1_000_000_000 {
            return Err(OUTSIDE);
        }
        Ok(Self {
            second,
            nanosecond,
            text: Box::default(),
        })
    }

    /// The whole seconds since 1970 began, rounded down; below zero before it.
    pub fn as_second(&self) -> i64 {
        self.second
    }

    /// The nanoseconds since that second.
    pub fn subsec_nanosecond(&self) -> u32 {
        self.nanosecond
    }

    fn instant(&self) -> (i64, u32) {
        (self.second, self.nanosecond)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.instant() == other.instant()
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant().cmp(&other.instant())
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant().hash(state);
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let time = parse(text.as_bytes()).ok_or(NO_TIME)?;
        let (second, nanosecond) = time;
        let mut time = Self::new(second, nanosecond)?;
        if !is_shortest(text) {
            time.text = text.into();
        }
        Ok(time)
    }
}

impl TryFrom<&str> for Timestamp {
    type Error = InvalidTime;

    fn try_from(text: &str) -> Result<Self, InvalidTime> {
        text.parse()
    }
}

/// Seconds and nanoseconds of RFC 3339; ISO 8601 in its other usual spellings too:
/// a blank for the `T`, a comma for the point, offsets without colon or minutes.
fn parse(text: &[u8]) -> Option<(i64, u32)> {
    let (date, text) = text.split_at_checked(10)?;
    let (&[b'T' | b't' | b' '], text) = text.split_at_checked(1)? else {
        return None;
    };
    let (clock, text) = text.split_at_checked(8)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
        return None;
    };
    let &[h1, h2, b':', n1, n2, b':', s1, s2] = clock else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4], 9999)?;
    let month = number(&[m1, m2], 12).filter(|m| *m > 0)?;
    let day = number(&[d1, d2], days_in(year, month)).filter(|d| *d > 0)?;
    let hour = number(&[h1, h2], 23)?;
    let minute = number(&[n1, n2], 59)?;
    let second = number(&[s1, s2], 60)?.min(59);
    let (nanosecond, text) = fraction(text)?;
    let offset = offset(text)?;
    let clock = hour * 3600 + minute * 60 + second;
    Some((days(year, month, day) * DAY + clock - offset, nanosecond))
}

fn number(digits: &[u8], most: i64) -> Option<i64> {
    let number = digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i64::from(digit - b'0'))
    })?;
    (number <= most).then_some(number)
}

/// The nanoseconds of a fraction, if there is one, and what comes after it.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.' | b',', digits)) = text.split_first() else {
        return Some((0, text));
    };
    let length = digits.iter().take_while(|c| c.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(length).filter(|_| length > 0)?;
    let nine = digits.iter().copied().chain([b'0'; 9]).take(9);
    let nanosecond = nine.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    Some((nanosecond, rest))
}

/// How many seconds a zone is ahead of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hour, minute) = match *text {
        [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2] => (sign, [h1, h2], *b"00"),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, [h1, h2], [m1, m2]),
        _ => return None,
    };
    let ahead = number(&hour, 23)? * 3600 + number(&minute, 59)? * 60;
    match sign {
        b'+' => Some(ahead),
        b'-' => Some(-ahead),
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days since 1970 began. Years are counted from March, so that the leap day is
/// the last, and in eras of 400 years, which all have 146,097 days.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date that [`days`] are for.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Whether `text` is what a parsed time prints as: in UTC, without
/// zeros at the end of the fraction.
fn is_shortest(text: &str) -> bool {
    let Some(text) = text.strip_suffix('Z') else {
        return false;
    };
    let fraction = match text.split_at_checked(19) {
        Some((seconds, fraction)) if seconds.as_bytes()[10] == b'T' && !seconds.ends_with("60") => {
            fraction
        }
        _ => return false,
    };
    let of_nine = fraction.len() <= 10 && fraction.starts_with('.') && !fraction.ends_with('0');
    fraction.is_empty() || of_nine
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.text.is_empty() {
            return f.write_str(&self.text);
        }
        let (year, month, day) = date(self.second.div_euclid(DAY));
        let clock = self.second.rem_euclid(DAY);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        if self.nanosecond > 0 {
            let digits = format!("{:09}", self.nanosecond);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Conversions both ways, each with a reason to fail: none of the types covers all of another.
macro_rules! conversions {
    ($(#[$feature:meta])* $ty:ty, from |$from:ident| $seconds:expr, into |$second:ident, $nanosecond:ident| $into:expr) => {
        $(#[$feature])*
        impl TryFrom<$ty> for Timestamp {
            type Error = InvalidTime;

            fn try_from($from: $ty) -> Result<Self, InvalidTime> {
                let (second, nanosecond) = $seconds;
                Self::new(second, nanosecond)
            }
        }

        $(#[$feature])*
        impl TryFrom<&Timestamp> for $ty {
            type Error = InvalidTime;

            fn try_from(time: &Timestamp) -> Result<Self, InvalidTime> {
                let ($second, $nanosecond) = time.instant();
                $into.ok_or(OUTSIDE)
            }
        }

        $(#[$feature])*
        impl TryFrom<Timestamp> for $ty {
            type Error = InvalidTime;

            fn try_from(time: Timestamp) -> Result<Self, InvalidTime> {
                Self::try_from(&time)
            }
        }
    };
}

conversions! {
    SystemTime,
    from |time| since_1970(time)?,
    into |second, nanosecond| {
        let whole = Duration::from_secs(second.unsigned_abs());
        let start = match second < 0 {
            true => SystemTime::UNIX_EPOCH.checked_sub(whole),
            false => SystemTime::UNIX_EPOCH.checked_add(whole),
        };
        start.and_then(|start| start.checked_add(Duration::from_nanos(nanosecond.into())))
    }
}

fn since_1970(time: SystemTime) -> Result<(i64, u32), InvalidTime> {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).map_err(|_| OUTSIDE);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Ok((seconds(after)?, after.subsec_nanos())),
        Err(before) => {
            let before = before.duration();
            Ok(match before.subsec_nanos() {
                0 => (-seconds(before)?, 0),
                part => (-seconds(before)? - 1, 1_000_000_000 - part),
            })
        }
    }
}

#[cfg(feature = "jiff")]
conversions! {
    #[cfg_attr(docsrs, doc(cfg(feature = "jiff")))]
    jiff::Timestamp,
    from |time| {
        // Before 1970 both parts are negative.
        let part = time.subsec_nanosecond();
        let borrow = i64::from(part < 0);
        let part = part + 1_000_000_000 * borrow as i32;
        (time.as_second() - borrow, part.unsigned_abs())
    },
    into |second, nanosecond| jiff::Timestamp::new(second, nanosecond.cast_signed()).ok()
}

#[cfg(feature = "chrono")]
conversions! {
    #[cfg_attr(docsrs, doc(cfg(feature = "chrono")))]
    chrono::DateTime<chrono::Utc>,
    // In a leap second chrono counts on to two thousand million.
    from |time| (time.timestamp(), time.timestamp_subsec_nanos().min(999_999_999)),
    into |second, nanosecond| chrono::DateTime::from_timestamp(second, nanosecond)
}

#[cfg(feature = "time")]
conversions! {
    #[cfg_attr(docsrs, doc(cfg(feature = "time")))]
    time::OffsetDateTime,
    from |time| (time.unix_timestamp(), time.nanosecond()),
    into |second, nanosecond| {
        let start = time::OffsetDateTime::from_unix_timestamp(second).ok();
        start.and_then(|start| start.replace_nanosecond(nanosecond).ok())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(Text)? {
            Came::As(time) => Ok(time),
            Came::Otherwise(..) => Err(de::Error::custom("an empty time")),
        }
    }
}

impl Field for Timestamp {
    fn empty() -> Self {
        Self {
            second: 0,
            nanosecond: 0,
            text: Box::default(),
        }
    }

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Came<Self>, A::Error> {
        map.next_value_seed(Text)
    }
}

/// Parses a time where it stands, without a copy of its text. A `null` and an
/// empty time are none.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Came<Timestamp>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Came<Timestamp>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time such as 2019-02-05T01:21:25Z")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Came::or_null(None))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "" => Ok(Came::Otherwise(None, Json::from(&Value::from("")))),
            text => text.parse().map(Came::As).map_err(E::custom),
        }
    }
}
