//! Updates that touch what they name and nothing else.
//!
//! An update of this API carries a mask. A field that is masked and has no
//! value is emptied by the server, a value that is not masked is ignored. A
//! patch keeps the two together: each setter masks its field, `clear_…`
//! empties it, and a patch that changes nothing is refused before it is sent.
//! Of a field and a part of it (`rules`, `rules.events`) a patch takes one:
//! the whole replaces every part, so with both it would be open which is meant.
//!
//! ```
//! use segment_config_api::patch::DestinationPatch;
//!
//! let patch = DestinationPatch::new().enabled(false);
//! assert_eq!(
//!     serde_json::to_value(&patch)?,
//!     serde_json::json!({
//!         "destination": {"enabled": false},
//!         "update_mask": {"paths": ["destination.enabled"]},
//!     }),
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

use crate::{argument, settings::refuse_masked};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt::Display};

/// Why a patch cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPatch {
    /// Nothing was set or cleared, so the call would do nothing.
    #[error("the patch changes nothing")]
    Empty,
    /// A value could not be used; the text names it.
    #[error("{0}")]
    Value(String),
    /// A field was named as a whole and in part, which leaves open what becomes of the rest.
    #[error("`{0}` holds `{1}`: a patch has one or the other")]
    Overlap(String, String),
}

/// What every patch is made of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Masked {
    resource: Map<String, Value>,
    /// Mask paths without their prefix, in the order they were named.
    paths: Vec<String>,
    invalid: Option<InvalidPatch>,
}

impl Masked {
    fn set<T: Serialize>(&mut self, path: &str, value: Result<T, String>) {
        match value.and_then(|value| usable(path, value)) {
            Ok(value) => {
                self.mask(path);
                put(&mut self.resource, path, value);
            }
            Err(reason) => self.refuse(InvalidPatch::Value(reason)),
        }
    }

    /// Only the first reason is kept: the others may follow from it.
    fn refuse(&mut self, reason: InvalidPatch) {
        self.invalid.get_or_insert(reason);
    }

    fn clear(&mut self, path: &str) {
        self.mask(path);
        remove(&mut self.resource, path);
    }

    fn mask(&mut self, path: &str) {
        let overlap = self.paths.iter().find_map(|other| match other.as_str() {
            part if is_part(part, path) => Some((path, part)),
            whole if is_part(path, whole) => Some((whole, path)),
            _ => None,
        });
        if let Some((whole, part)) = overlap {
            let overlap = InvalidPatch::Overlap(whole.to_string(), part.to_string());
            return self.refuse(overlap);
        }
        if !self.paths.iter().any(|p| p == path) {
            self.paths.push(path.to_string());
        }
    }

    fn body(&self, resource: &str, prefix: &str) -> Value {
        let paths: Vec<_> = self
            .paths
            .iter()
            .map(|path| format!("{prefix}{path}"))
            .collect();
        json!({ resource: self.resource, "update_mask": { "paths": paths } })
    }

    fn check(&self) -> Result<(), InvalidPatch> {
        match &self.invalid {
            Some(reason) => Err(reason.clone()),
            None if self.paths.is_empty() => Err(InvalidPatch::Empty),
            None => Ok(()),
        }
    }
}

/// Whether a path leads into another: `rules.events` into `rules`.
fn is_part(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// The value as JSON, unless it is one that the server has masked.
fn usable(path: &str, value: impl Serialize) -> Result<Value, String> {
    let value = serde_json::to_value(value).map_err(|e| format!("`{path}`: {e}"))?;
    refuse_masked(&value).map_err(|e| format!("`{path}`: {e}"))?;
    Ok(value)
}

fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_string(), value)),
        Some((first, rest)) => {
            let inner = object.entry(first).or_insert_with(|| Map::new().into());
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}

fn remove(object: &mut Map<String, Value>, path: &str) {
    match path.split_once('.') {
        None => drop(object.remove(path)),
        Some((first, rest)) => {
            if let Some(inner) = object.get_mut(first).and_then(Value::as_object_mut) {
                remove(inner, rest);
                if inner.is_empty() {
                    object.remove(first);
                }
            }
        }
    }
}

macro_rules! patch {
    (#[doc = $docs:literal] $patch:ident => $request:ident { resource: $resource:literal, prefix: $prefix:literal }) => {
        #[doc = $docs]
        #[derive(Clone, Debug, Default, PartialEq)]
        #[must_use = "a patch does nothing until it is sent"]
        pub struct $patch(Masked);

        impl $patch {
            /// A patch that changes nothing yet.
            ///
            /// ```
            #[doc = concat!("use segment_config_api::patch::", stringify!($patch), ";")]
            ///
            #[doc = concat!("assert!(", stringify!($patch), "::new().is_empty());")]
            /// ```
            pub fn new() -> Self {
                Self::default()
            }

            /// A patch with a mask of your own, for paths that this crate does not know.
            ///
            /// `paths` are sent as they are given, with their prefix if the call has
            /// one. A path without a value in `resource` empties its field; a value
            /// without a path is ignored by the server. The patch is sent as it is: with
            /// secrets that the server has hidden and with overlapping paths too.
            ///
            /// ```
            #[doc = concat!("use segment_config_api::patch::", stringify!($patch), ";")]
            ///
            #[doc = concat!("let patch = ", stringify!($patch), "::raw(Default::default(), [\"", $prefix, "a_new_field\"]);")]
            #[doc = concat!("assert_eq!(patch.paths(), [\"", $prefix, "a_new_field\"]);")]
            /// ```
            pub fn raw(
                resource: Map<String, Value>,
                paths: impl IntoIterator<Item = impl Into<String>>,
            ) -> Self {
                let strip = |path: String| {
                    path.strip_prefix($prefix)
                        .map(str::to_string)
                        .unwrap_or(path)
                };
                let paths = paths.into_iter().map(|path| strip(path.into())).collect();
                Self(Masked {
                    resource,
                    paths,
                    invalid: None,
                })
            }

            /// Whether the patch changes nothing; such a patch is refused.
            pub fn is_empty(&self) -> bool {
                self.0.paths.is_empty()
            }

            /// What the mask will list.
            pub fn paths(&self) -> Vec<String> {
                self.0
                    .paths
                    .iter()
                    .map(|path| format!("{}{path}", $prefix))
                    .collect()
            }
        }

        impl Serialize for $patch {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.body($resource, $prefix).serialize(serializer)
            }
        }

        #[doc = concat!("The body that a [`", stringify!($patch), "`] makes.")]
        #[derive(Clone, Debug, PartialEq)]
        pub struct $request($patch);

        impl TryFrom<$patch> for $request {
            type Error = InvalidPatch;

            fn try_from(patch: $patch) -> Result<Self, InvalidPatch> {
                patch.0.check()?;
                Ok(Self(patch))
            }
        }

        impl Serialize for $request {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
    };
}

/// Setters of a patch, each with its path, and what clears it.
macro_rules! patch_setters {
    () => {};
    (
        #[doc = $docs:literal] $field:ident $name:literal $kind:ident($ty:ty) $($some:ident)?;
        $path:literal #[doc = $clear_docs:literal] $clear:ident; $($rest:tt)*
    ) => {
        patch_setters! { @ #[doc = $docs] $field $name $kind($ty) $path }

        #[doc = $clear_docs]
        pub fn $clear(mut self) -> Self {
            self.0.clear($path);
            self
        }

        patch_setters! { $($rest)* }
    };
    (@ #[doc = $docs:literal] $field:ident $name:literal one($ty:ty) $path:literal) => {
        #[doc = $docs]
        pub fn $field(mut self, value: impl TryInto<$ty, Error: Display>) -> Self {
            self.0.set($path, argument::one::<$ty>($name, value));
            self
        }
    };
    (@ #[doc = $docs:literal] $field:ident $name:literal list($item:ty) $path:literal) => {
        #[doc = $docs]
        pub fn $field(mut self, values: impl IntoIterator<Item = impl TryInto<$item, Error: Display>>) -> Self {
            let values: Result<Vec<$item>, _> = argument::list($name, values);
            self.0.set($path, values);
            self
        }
    };
    (@ #[doc = $docs:literal] $field:ident $name:literal map($value:ty) $path:literal) => {
        #[doc = $docs]
        pub fn $field(
            mut self,
            values: impl IntoIterator<Item = (impl Into<String>, impl TryInto<$value, Error: Display>)>,
        ) -> Self {
            let values: Result<BTreeMap<String, $value>, _> = argument::map($name, values);
            self.0.set($path, values);
            self
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/patches.rs"));
