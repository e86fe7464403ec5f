//! Enums that stay open: a value this version does not know is kept, never an error.
//!
//! Match with a fallback arm, and compare with texts where a value may be newer
//! than the crate:
//!
//! ```
//! use segment_config_api::enums::ConnectionMode;
//!
//! let mode: ConnectionMode = "QUANTUM".into();
//! assert_eq!(mode, ConnectionMode::Unknown("QUANTUM".into()));
//! assert_eq!(mode, "QUANTUM");
//! assert_eq!(ConnectionMode::from("CLOUD"), ConnectionMode::Cloud);
//! ```

macro_rules! open_enum {
    (#[doc = $docs:literal] pub enum $name:ident { $($variant:ident = $value:literal),* $(,)? }) => {
        #[doc = $docs]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $value, "`")]
                $variant,
            )*
            /// A value that this version of the crate does not know; `""` where the server sent none.
            Unknown(String),
        }

        impl $name {
            /// The values that this version of the crate knows.
            pub const KNOWN: &'static [&'static str] = &[$($value),*];

            /// The value as the API spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unknown(value) => value,
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    other => Self::Unknown(other.to_string()),
                }
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                value.as_str().into()
            }
        }

        impl From<&String> for $name {
            fn from(value: &String) -> Self {
                value.as_str().into()
            }
        }

        impl From<&$name> for $name {
            fn from(value: &$name) -> Self {
                value.clone()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                match value {
                    $name::Unknown(value) => value,
                    known => known.as_str().to_string(),
                }
            }
        }

        impl From<&$name> for String {
            fn from(value: &$name) -> String {
                value.as_str().to_string()
            }
        }

        compares_with_texts! { $name }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok(value.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        plain_field!($name);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::values::text::Read::default())
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/enums.rs"));
