//! Arguments of builders: converted when they are set, refused when the call is sent.

use std::{collections::BTreeMap, fmt::Display};

/// Why a request could not be made of a builder's arguments.
#[derive(Debug)]
pub(crate) enum Refused {
    /// An argument is missing or unusable.
    Argument(String),
    /// The arguments do not make a request.
    Request(reqwest::Error),
}

/// A request ready to be sent, with the client to send it.
pub(crate) type Request = Result<(crate::Client, reqwest::Request), Refused>;

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self::Argument(reason)
    }
}

impl From<reqwest::Error> for Refused {
    fn from(error: reqwest::Error) -> Self {
        Self::Request(error.without_url())
    }
}

pub(crate) fn unset(name: &str) -> String {
    format!("`{name}` is required and was not set")
}

pub(crate) fn one<T>(name: &str, value: impl TryInto<T, Error: Display>) -> Result<T, String> {
    value.try_into().map_err(|e| format!("`{name}`: {e}"))
}

pub(crate) fn list<T>(
    name: &str,
    values: impl IntoIterator<Item = impl TryInto<T, Error: Display>>,
) -> Result<Vec<T>, String> {
    let convert = |(index, value): (usize, _)| one(&format!("{name}[{index}]"), value);
    values.into_iter().enumerate().map(convert).collect()
}

pub(crate) fn map<T>(
    name: &str,
    values: impl IntoIterator<Item = (impl Into<String>, impl TryInto<T, Error: Display>)>,
) -> Result<BTreeMap<String, T>, String> {
    let convert = |(key, value): (_, _)| {
        let key = Into::<String>::into(key);
        let value = one(&format!("{name}.{key}"), value)?;
        Ok((key, value))
    };
    values.into_iter().map(convert).collect()
}

/// Setters of a builder whose fields are `Result<T, String>`.
macro_rules! setters {
    () => {};
    (#[doc = $docs:literal] $field:ident $name:literal one($ty:ty) $($some:ident)?; $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(mut self, value: impl TryInto<$ty, Error: std::fmt::Display>) -> Self {
            self.$field = crate::argument::one($name, value)$(.map($some))?;
            self
        }
        setters! { $($rest)* }
    };
    (#[doc = $docs:literal] $field:ident $name:literal list($item:ty) $($some:ident)?; $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(
            mut self,
            values: impl IntoIterator<Item = impl TryInto<$item, Error: std::fmt::Display>>,
        ) -> Self {
            self.$field = crate::argument::list($name, values)$(.map($some))?;
            self
        }
        setters! { $($rest)* }
    };
    (#[doc = $docs:literal] $field:ident $name:literal map($value:ty) $($some:ident)?; $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(
            mut self,
            values: impl IntoIterator<Item = (impl Into<String>, impl TryInto<$value, Error: std::fmt::Display>)>,
        ) -> Self {
            self.$field = crate::argument::map($name, values)$(.map($some))?;
            self
        }
        setters! { $($rest)* }
    };
}

/// The builder of a value that is sent: what it needs is demanded, and unknown
/// keys can be added where the schema is open.
macro_rules! value_builder {
    (#[doc = $docs:literal] $name:ident { $($field:ident: $ty:ty = $initial:expr,)* } $($extra:ident)?) => {
        #[doc = $docs]
        #[derive(Clone, Debug)]
        #[must_use = "a builder does nothing until its value is sent"]
        pub struct $name {
            $($field: Result<$ty, String>,)*
            $($extra: serde_json::Map<String, serde_json::Value>,)?
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $initial,)* $($extra: Default::default(),)? }
            }
        }

        $(
            impl $name {
                /// Keys that this version of the crate does not know.
                pub fn $extra(mut self, keys: serde_json::Map<String, serde_json::Value>) -> Self {
                    self.$extra = keys;
                    self
                }
            }
        )?

        impl TryFrom<$name> for super::$name {
            type Error = super::error::ConversionError;

            fn try_from(builder: $name) -> Result<Self, Self::Error> {
                Ok(Self { $($field: builder.$field?,)* $($extra: builder.$extra,)? })
            }
        }
    };
}
