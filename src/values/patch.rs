//! What every patch is made of: a value, and the mask that goes with it.

use crate::values::{json::Json, masked};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};

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
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Masked {
    resource: BTreeMap<String, Part>,
    /// Mask paths without their prefix, in the order they were named.
    paths: Vec<String>,
    invalid: Option<InvalidPatch>,
}

/// A part of the resource: a value, which stays the text that it is, or an object of parts.
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Part {
    Value(Json),
    Object(BTreeMap<String, Part>),
}

impl Masked {
    /// With a mask as it was given.
    pub fn raw(
        resource: Map<String, Value>,
        paths: impl IntoIterator<Item = impl Into<String>>,
        prefix: &str,
    ) -> Self {
        let strip = |path: String| {
            path.strip_prefix(prefix)
                .map(str::to_string)
                .unwrap_or(path)
        };
        let part = |(key, value)| (key, Part::Value(Json::from(&value)));
        Self {
            resource: resource.into_iter().map(part).collect(),
            paths: paths.into_iter().map(|path| strip(path.into())).collect(),
            invalid: None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Shows what is masked; the values may be secrets.
    pub fn debug(&self, name: &str, prefix: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("paths", &self.masks(prefix))
            .field("invalid", &self.invalid)
            .finish_non_exhaustive()
    }

    pub fn set<T: Serialize>(&mut self, path: &str, value: Result<T, String>) {
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

    pub fn clear(&mut self, path: &str) {
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

    pub fn masks(&self, prefix: &str) -> Vec<String> {
        let paths = self.paths.iter();
        paths.map(|path| format!("{prefix}{path}")).collect()
    }

    pub fn write<S: Serializer>(
        &self,
        resource: &str,
        prefix: &str,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mask = BTreeMap::from([("paths", self.masks(prefix))]);
        let mut body = serializer.serialize_map(Some(2))?;
        body.serialize_entry(resource, &self.resource)?;
        body.serialize_entry("update_mask", &mask)?;
        body.end()
    }

    pub fn check(&self) -> Result<(), InvalidPatch> {
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

/// The value as JSON, unless it would clear the field or is one that the server has masked.
fn usable(path: &str, value: impl Serialize) -> Result<Json, String> {
    let value = Json::of(&value).map_err(|e| format!("`{path}`: {e}"))?;
    if matches!(value.text(), "null" | "[]" | "{}") {
        let (found, last) = (value.text(), path.rsplit('.').next().unwrap_or(path));
        return Err(format!(
            "`{path}`: {found} would empty the field; if that is meant, say `clear_{last}()`"
        ));
    }
    masked::refuse(&value).map_err(|e| format!("`{path}`: {e}"))?;
    Ok(value)
}

fn put(object: &mut BTreeMap<String, Part>, path: &str, value: Json) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_string(), Part::Value(value))),
        Some((first, rest)) => {
            let inner = object.entry(first.to_string());
            if let Part::Object(inner) = inner.or_insert_with(|| Part::Object(BTreeMap::new())) {
                put(inner, rest, value);
            }
        }
    }
}

fn remove(object: &mut BTreeMap<String, Part>, path: &str) {
    match path.split_once('.') {
        None => drop(object.remove(path)),
        Some((first, rest)) => {
            if let Some(Part::Object(inner)) = object.get_mut(first) {
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
        #[derive(Clone, Default, PartialEq)]
        #[must_use = "a patch does nothing until it is sent"]
        pub struct $patch(Masked);

        impl fmt::Debug for $patch {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.debug(stringify!($patch), $prefix, f)
            }
        }

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
                Self(Masked::raw(resource, paths, $prefix))
            }

            /// Whether the patch changes nothing; such a patch is refused.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            /// What the mask will list.
            pub fn paths(&self) -> Vec<String> {
                self.0.masks($prefix)
            }
        }

        impl Serialize for $patch {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.write($resource, $prefix, serializer)
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
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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
    (@ #[doc = $docs:literal] $field:ident $name:literal name($ty:ty) $path:literal) => {
        #[doc = $docs]
        pub fn $field(mut self, name: impl TryInto<$ty, Error: Display>) -> Self {
            self.0.set($path, argument::name::<$ty>($name, name));
            self
        }
    };
    (@ #[doc = $docs:literal] $field:ident $name:literal names($ty:ty) $path:literal) => {
        #[doc = $docs]
        pub fn $field(mut self, names: impl IntoIterator<Item = impl TryInto<$ty, Error: Display>>) -> Self {
            self.0.set($path, argument::names::<$ty>($name, names));
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
