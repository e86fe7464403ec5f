//! Numbers that keep the form they came in.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A JSON number: `1`, `1.0` and `0.1` are sent back as they came.
///
/// ```
/// use segment_config_api::number::Number;
///
/// let percent = Number::try_from(0.1)?;
/// assert_eq!(percent.as_f64(), 0.1);
/// assert_eq!(percent.to_string(), "0.1");
/// assert!(Number::try_from(f64::NAN).is_err());
/// # Ok::<(), segment_config_api::number::InvalidNumber>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(serde_json::Number);

/// JSON has no such number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a number in JSON")]
pub struct InvalidNumber(String);

impl Number {
    /// The nearest floating-point number.
    pub fn as_f64(&self) -> f64 {
        // Without serde_json's arbitrary precision every number has one.
        self.0.as_f64().unwrap_or(f64::NAN)
    }
}

impl Default for Number {
    fn default() -> Self {
        Self(0.into())
    }
}

impl TryFrom<f64> for Number {
    type Error = InvalidNumber;

    fn try_from(value: f64) -> Result<Self, InvalidNumber> {
        serde_json::Number::from_f64(value)
            .map(Self)
            .ok_or_else(|| InvalidNumber(value.to_string()))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.into())
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self(value.into())
    }
}

impl FromStr for Number {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        text.parse()
            .map(Self)
            .map_err(|_| InvalidNumber(text.to_string()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
