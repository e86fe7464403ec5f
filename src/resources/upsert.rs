//! Create or update: what was given, and what became of it.

use serde::Serialize;
use serde_json::{Map, Value};

/// What a call that creates or updates has done, with the resource as it is now.
///
/// ```
/// use segment_config_api::{CreatedOrUpdated, types::Destination};
///
/// fn log(outcome: &CreatedOrUpdated<Destination>) {
///     let what = if outcome.is_created() { "created" } else { "updated" };
///     println!("{what} {}", outcome.value().name);
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CreatedOrUpdated<T> {
    /// It was not there.
    Created(T),
    /// It was there, and the fields that were given have been changed.
    Updated(T),
    /// It was there, and nothing was given but what it is known by or has already: nothing was changed.
    Unchanged(T),
}

impl<T> CreatedOrUpdated<T> {
    /// Whether the resource is new.
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }

    /// The resource as the server answered it.
    pub fn value(&self) -> &T {
        match self {
            Self::Created(value) | Self::Updated(value) | Self::Unchanged(value) => value,
        }
    }

    /// The resource as the server answered it.
    pub fn into_value(self) -> T {
        match self {
            Self::Created(value) | Self::Updated(value) | Self::Unchanged(value) => value,
        }
    }
}

/// What an update has to change: all that was given but the `key` that the resource is known by.
pub(crate) fn given(new: &impl Serialize, key: &str) -> Result<Map<String, Value>, String> {
    let mut given = match serde_json::to_value(new).map_err(|e| e.to_string())? {
        Value::Object(given) => given,
        _ => Map::new(),
    };
    given.remove(key);
    Ok(given)
}
