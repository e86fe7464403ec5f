//! Conversions between the types of one resource: read, to be created, and as a body.

use crate::values::{
    json::Json,
    masked,
    object::{Demand, Object},
};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// A body that needs no more than what it is about can be given as that.
macro_rules! envelope {
    ($request:ident { $field:ident $key:literal: $inner:ident }) => {
        impl From<$inner> for $request {
            fn from(inner: $inner) -> Self {
                Self {
                    $field: inner,
                    ..crate::values::object::Object::empty()
                }
            }
        }

        impl TryFrom<builder::$inner> for $request {
            type Error = error::ConversionError;

            fn try_from(inner: builder::$inner) -> Result<Self, Self::Error> {
                let inner: $inner = crate::values::argument::one($key, inner)?;
                Ok(inner.into())
            }
        }
    };
}

/// A resource that was read can be created again.
macro_rules! copy {
    ($read:ident => $new:ident [$($key:literal),*]) => {
        /// Takes what can be given at a creation. What only the server sets is left
        /// out, and so are keys of the answer itself that the crate does not know.
        ///
        /// # Errors
        /// A field that is needed is missing, or a value is masked by the server.
        impl TryFrom<&$read> for $new {
            type Error = error::ConversionError;

            fn try_from(read: &$read) -> Result<Self, Self::Error> {
                Ok(crate::values::conversions::copy(read, &[$($key),*])?)
            }
        }

        /// As from a reference.
        impl TryFrom<$read> for $new {
            type Error = error::ConversionError;

            fn try_from(read: $read) -> Result<Self, Self::Error> {
                Self::try_from(&read)
            }
        }
    };
}

/// The new value that has the `keys` of what was read.
pub(crate) fn copy<N: Object + DeserializeOwned>(
    read: &impl Serialize,
    keys: &[&str],
) -> Result<N, String> {
    let needed: &[usize] = match N::DEMAND {
        Demand::Keys(needed) => needed,
        Demand::Any | Demand::AnyOrEmpty => &[],
    };
    let read = Json::of(read).and_then(|json| json.decode());
    let copied = copied(read.map_err(|e| e.to_string())?, keys, N::KEYS, needed)?;
    copied.decode().map_err(|e| e.to_string())
}

fn copied(
    mut read: BTreeMap<String, Json>,
    keys: &[&str],
    known: &[&str],
    needed: &[usize],
) -> Result<Json, String> {
    read.retain(|key, value| keys.contains(&key.as_str()) && !value.is_null());
    let mut needed = needed.iter().map(|key| known[*key]);
    if let Some(missing) = needed.find(|key| !read.contains_key(*key)) {
        return Err(format!("`{missing}` is missing"));
    }
    let copied = Json::of(&read).map_err(|e| e.to_string())?;
    masked::refuse_in(copied.text())?;
    Ok(copied)
}
