//! Numbers that keep the form they came in.

use crate::values::json::Json;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{fmt, str::FromStr};

/// A JSON number: `1`, `1.0`, `1e2` and `0.10` are sent back as they came.
///
/// ```
/// use segment_config_api::number::Number;
///
/// let percent = Number::try_from(0.1)?;
/// assert_eq!(percent.as_f64(), 0.1);
/// assert_eq!(percent, "0.10".parse()?);
/// assert!(Number::try_from(f64::NAN).is_err());
/// # Ok::<(), segment_config_api::number::InvalidNumber>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Number(Json);

/// JSON has no such number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a number in JSON")]
pub struct InvalidNumber(String);

impl Number {
    /// The nearest floating-point number.
    pub fn as_f64(&self) -> f64 {
        // Rust reads every number that JSON can write, the largest as infinite.
        self.0.text().parse().unwrap_or(f64::NAN)
    }
}

impl Default for Number {
    fn default() -> Self {
        Self::from(0)
    }
}

impl TryFrom<f64> for Number {
    type Error = InvalidNumber;

    fn try_from(value: f64) -> Result<Self, InvalidNumber> {
        value.to_string().parse()
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Json::from(serde_json::Value::from(value)))
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        i64::from(value).into()
    }
}

impl FromStr for Number {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let json = text.parse().ok().filter(is_number);
        json.map(Self)
            .ok_or_else(|| InvalidNumber(text.to_string()))
    }
}

fn is_number(json: &Json) -> bool {
    json.text()
        .starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        match is_number(&json) {
            true => Ok(Self(json)),
            false => Err(D::Error::custom("something else, expected a number")),
        }
    }
}
