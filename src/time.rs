//! Times that keep the form they came in.

use crate::{
    json::Json,
    object::{Came, Field},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor},
};
use serde_json::Value;
use std::{fmt, ops::Deref, str::FromStr};

/// A point in time, as RFC 3339 in UTC on the wire.
///
/// It dereferences to [`jiff::Timestamp`]. What the server sent is sent back
/// to the letter, `…:25.000Z` too.
///
/// ```
/// use segment_config_api::time::Timestamp;
///
/// let time: Timestamp = "2019-02-05T01:21:25.000Z".parse()?;
/// assert_eq!(time.as_second(), 1_549_329_685);
/// assert_eq!(time.to_string(), "2019-02-05T01:21:25.000Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Timestamp {
    instant: jiff::Timestamp,
    /// What was parsed, where it differs from how `instant` prints.
    text: Option<Box<str>>,
}

impl Deref for Timestamp {
    type Target = jiff::Timestamp;

    fn deref(&self) -> &jiff::Timestamp {
        &self.instant
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self {
            instant,
            text: None,
        }
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.instant == other.instant
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.instant.cmp(&other.instant)
    }
}

impl std::hash::Hash for Timestamp {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.instant.hash(state);
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        let instant: jiff::Timestamp = text.parse()?;
        let differs = !is_shortest(text) && instant.to_string() != text;
        Ok(Self {
            instant,
            text: differs.then(|| text.into()),
        })
    }
}

/// Whether `text` is sure to be what a parsed time prints as: in UTC, without
/// zeros at the end of the fraction. Printing it to compare would cost far more.
fn is_shortest(text: &str) -> bool {
    let Some(text) = text.strip_suffix('Z') else {
        return false;
    };
    let fraction = match text.split_at_checked(19) {
        // A leap second is read as the second before it.
        Some((seconds, fraction)) if seconds.as_bytes()[10] == b'T' && !seconds.ends_with("60") => {
            fraction
        }
        _ => return false,
    };
    fraction.is_empty() || (fraction.starts_with('.') && !fraction.ends_with('0'))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => f.write_str(text),
            None => self.instant.fmt(f),
        }
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
            Came::Otherwise(..) => Err(D::Error::custom("an empty time")),
        }
    }
}

impl Field for Timestamp {
    fn empty() -> Self {
        jiff::Timestamp::UNIX_EPOCH.into()
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

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "" => Ok(Came::Otherwise(None, Json::from(&Value::from("")))),
            text => text.parse().map(Came::As).map_err(|e| {
                E::custom(format!("{e}, expected a time such as 2019-02-05T01:21:25Z"))
            }),
        }
    }
}
