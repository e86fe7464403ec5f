//! Resource names: what the API calls things, such as `workspaces/acme/sources/js`.
//!
//! Each kind of name is a type that parses, prints, compares and gives its
//! parts. A name that parses is safe to use in a path: none of its parts is
//! empty, `.` or `..`, or holds a backslash or a colon.
//!
//! ```
//! use segment_config_api::names::{DestinationName, SourceName};
//!
//! let name: DestinationName = "workspaces/acme/sources/js/destinations/customer.io".parse()?;
//! assert_eq!(name.destination(), "customer.io");
//! assert_eq!(name.parent(), SourceName::new("acme", "js")?);
//! assert!("workspaces/acme/sources/..".parse::<SourceName>().is_err());
//! # Ok::<(), segment_config_api::names::InvalidName>(())
//! ```

use crate::values::path::{PartOf, PathSegment, unsafe_reason};

/// A text that is no name of the expected kind; says what was expected and what was met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a name like `{expected}`, found {found:?}{}", .reason.map(|(part, why)| format!(": `{part}` cannot be used, {why}")).unwrap_or_default())]
pub struct InvalidName {
    expected: &'static str,
    found: String,
    reason: Option<(&'static str, &'static str)>,
}

/// Finds the pattern that `name` follows.
fn matching(patterns: &'static [&'static str], name: &str) -> Result<&'static str, InvalidName> {
    let invalid = |reason| InvalidName {
        expected: patterns[0],
        found: name.chars().take(200).collect(),
        reason,
    };
    for pattern in patterns {
        let Some(parts) = parts(pattern, name) else {
            continue;
        };
        let bad = parts
            .into_iter()
            .find_map(|(part, value)| Some((part, unsafe_reason(value)?)));
        return bad.map_or(Ok(pattern), |bad| Err(invalid(Some(bad))));
    }
    Err(invalid(None))
}

/// The parts of `name` by what the pattern calls them, if its fixed parts fit.
fn parts<'n>(pattern: &'static str, name: &'n str) -> Option<Vec<(&'static str, &'n str)>> {
    let mut found = Vec::new();
    let mut values = name.split('/');
    for expected in pattern.split('/') {
        let value = values.next()?;
        match expected.strip_prefix('{').and_then(|e| e.strip_suffix('}')) {
            Some(part) => found.push((part, value)),
            None if expected == value => {}
            None => return None,
        }
    }
    values.next().is_none().then_some(found)
}

/// The part of a name that has been parsed.
fn part<'n>(patterns: &'static [&'static str], name: &'n str, wanted: &str) -> Option<&'n str> {
    let mut matching = patterns.iter().filter_map(|pattern| parts(pattern, name));
    matching
        .next()?
        .into_iter()
        .find(|(part, _)| *part == wanted)
        .map(|(_, value)| value)
}

/// A name made from its parts, which have to be parts: `a/b` is two.
fn build(
    patterns: &'static [&'static str],
    values: &[(&'static str, &str)],
) -> Result<String, InvalidName> {
    for (part, value) in values {
        if let Some(reason) = unsafe_reason(value) {
            let found = value.chars().take(200).collect();
            return Err(InvalidName {
                expected: patterns[0],
                found,
                reason: Some((part, reason)),
            });
        }
    }
    let value = |part: &str| {
        values
            .iter()
            .find(|(name, _)| *name == part)
            .map(|(_, value)| *value)
    };
    let segments = patterns[0].split('/').map(|segment| {
        let part = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
        part.and_then(value).unwrap_or(segment)
    });
    Ok(segments.collect::<Vec<_>>().join("/"))
}

macro_rules! resource_name {
    (
        #[doc = $docs:literal]
        $name:ident [$($pattern:literal),*] { $($part:ident),* } { $($optional:ident),* } $(parent $parent:ident)? $(last $last:ident)?
    ) => {
        #[doc = $docs]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            const PATTERNS: &'static [&'static str] = &[$($pattern),*];

            /// The name with these parts.
            ///
            /// # Errors
            /// A part is empty, `.` or `..`, or holds a slash, a backslash or a colon.
            #[allow(clippy::too_many_arguments)]
            pub fn new($($part: impl AsRef<str>),*) -> Result<Self, InvalidName> {
                build(Self::PATTERNS, &[$((stringify!($part), $part.as_ref())),*]).map(Self)
            }

            /// The name as the API spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            $(
                #[doc = concat!("The part of the name that stands for `", stringify!($part), "`.")]
                pub fn $part(&self) -> &str {
                    part(Self::PATTERNS, &self.0, stringify!($part)).unwrap_or_default()
                }
            )*

            $(
                #[doc = concat!("The part of the name that stands for `", stringify!($optional), "`, if it has one.")]
                pub fn $optional(&self) -> Option<&str> {
                    part(Self::PATTERNS, &self.0, stringify!($optional))
                }
            )*

            $(
                /// The name of the resource that this one belongs to.
                pub fn parent(&self) -> $parent {
                    let segments = $parent::PATTERNS[0].split('/').count();
                    let parent: Vec<_> = self.0.split('/').take(segments).collect();
                    $parent(parent.join("/"))
                }
            )?
        }

        impl std::str::FromStr for $name {
            type Err = InvalidName;

            fn from_str(name: &str) -> Result<Self, InvalidName> {
                matching(Self::PATTERNS, name)?;
                Ok(Self(name.to_string()))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidName;

            fn try_from(name: &str) -> Result<Self, InvalidName> {
                name.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(name: String) -> Result<Self, InvalidName> {
                name.parse()
            }
        }

        impl TryFrom<&String> for $name {
            type Error = InvalidName;

            fn try_from(name: &String) -> Result<Self, InvalidName> {
                name.parse()
            }
        }

        impl From<&$name> for $name {
            fn from(name: &$name) -> Self {
                name.clone()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl From<&$name> for String {
            fn from(name: &$name) -> String {
                name.0.clone()
            }
        }

        compares_with_texts! { $name }

        // Names are equal, ordered and hashed as their texts are.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        $(
            impl PartOf<$name> for &$name {
                fn part(self) -> Result<PathSegment, String> {
                    PartOf::<$name>::part(self.$last())
                }
            }

            impl PartOf<$name> for $name {
                fn part(self) -> Result<PathSegment, String> {
                    (&self).part()
                }
            }
        )?

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                name.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/names.rs"));
