//! Arguments of calls and of builders of values: converted when they are set, refused when the call is sent.

use crate::values::path::{PartOf, PathSegment};
use std::{collections::BTreeMap, fmt::Display};

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

pub(crate) fn name<N>(name: &str, value: impl TryInto<N, Error: Display>) -> Result<String, String>
where
    String: From<N>,
{
    one(name, value).map(String::from)
}

pub(crate) fn names<N>(
    name: &str,
    values: impl IntoIterator<Item = impl TryInto<N, Error: Display>>,
) -> Result<Vec<String>, String>
where
    String: From<N>,
{
    let names: Vec<N> = list(name, values)?;
    Ok(names.into_iter().map(String::from).collect())
}

/// The last part of a resource name, which is given alone or with the name around it.
pub(crate) fn last_part<N>(name: &str, value: impl PartOf<N>) -> Result<PathSegment, String> {
    value.part().map_err(|reason| format!("`{name}`: {reason}"))
}

/// A part of the name that a setter was given, or why that is no name.
pub(crate) fn part<N>(
    setter: &str,
    name: &Result<N, String>,
    part: impl Fn(&N) -> &str,
) -> Result<PathSegment, String> {
    let name = name.as_ref().map_err(String::clone)?;
    one(setter, part(name))
}

/// A setter that fills path parameters from a resource name.
macro_rules! name_setter {
    (#[doc = $docs:literal] $setter:ident($name:ident) { $($part:ident)* }) => {
        #[doc = $docs]
        pub fn $setter(
            mut self,
            name: impl TryInto<crate::values::names::$name, Error: std::fmt::Display>,
        ) -> Self {
            let name = crate::values::argument::one(stringify!($setter), name);
            $(
                let part = crate::values::names::$name::$part;
                self.$part = crate::values::argument::part(stringify!($setter), &name, part);
            )*
            self
        }
    };
}

/// Setters of a call or a builder whose fields are `Result<T, String>`.
macro_rules! setters {
    () => {};
    (#[doc = $docs:literal] $field:ident $name:literal one($ty:ty) $($some:ident)?; $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(mut self, value: impl TryInto<$ty, Error: std::fmt::Display>) -> Self {
            self.$field = crate::values::argument::one($name, value)$(.map($some))?;
            self
        }
        setters! { $($rest)* }
    };
    (#[doc = $docs:literal] $field:ident $name:literal part($ty:ty); $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(mut self, value: impl crate::values::path::PartOf<$ty>) -> Self {
            self.$field = crate::values::argument::last_part::<$ty>($name, value);
            self
        }
        setters! { $($rest)* }
    };
    (#[doc = $docs:literal] $field:ident $name:literal token; $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(
            mut self,
            token: impl TryInto<crate::values::page_token::PageToken, Error: std::fmt::Display>,
        ) -> Self {
            self.$field = crate::values::argument::one($name, token).map(crate::values::page_token::PageToken::into);
            self
        }
        setters! { $($rest)* }
    };
    (#[doc = $docs:literal] $field:ident $name:literal name($ty:ty) $($some:ident)?; $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(mut self, name: impl TryInto<$ty, Error: std::fmt::Display>) -> Self {
            self.$field = crate::values::argument::name::<$ty>($name, name)$(.map($some))?;
            self
        }
        setters! { $($rest)* }
    };
    (#[doc = $docs:literal] $field:ident $name:literal names($ty:ty) $($some:ident)?; $($rest:tt)*) => {
        #[doc = $docs]
        pub fn $field(
            mut self,
            names: impl IntoIterator<Item = impl TryInto<$ty, Error: std::fmt::Display>>,
        ) -> Self {
            self.$field = crate::values::argument::names::<$ty>($name, names)$(.map($some))?;
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
            self.$field = crate::values::argument::list($name, values)$(.map($some))?;
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
            self.$field = crate::values::argument::map($name, values)$(.map($some))?;
            self
        }
        setters! { $($rest)* }
    };
}

/// Shows the arguments, but for those that may hold a secret.
macro_rules! arguments_debug {
    ($name:ident { $($field:ident $shown:ident)* }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), arguments_debug!(@ $shown self $field)))*
                    .finish_non_exhaustive()
            }
        }
    };
    (@ shown $self:ident $field:ident) => { &$self.$field };
    (@ hidden $self:ident $field:ident) => { &crate::values::object::Hidden };
}

/// The builder of a value that is sent: what it needs is demanded, and unknown
/// keys can be added.
macro_rules! value_builder {
    (#[doc = $docs:literal] $name:ident { $($field:ident: $ty:ty = $initial:expr, $shown:ident;)* }) => {
        #[doc = $docs]
        #[derive(Clone)]
        #[must_use = "a builder does nothing until its value is sent"]
        pub struct $name {
            $($field: Result<$ty, String>,)*
            extra: crate::values::json::Extra,
        }

        arguments_debug! { $name { $($field $shown)* } }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $initial,)* extra: Default::default() }
            }
        }

        impl $name {
            /// Keys that this version of the crate does not know.
            pub fn extra(mut self, keys: impl Into<crate::values::json::Extra>) -> Self {
                self.extra = keys.into();
                self
            }
        }

        impl super::$name {
            /// Starts a value of this type; what it needs is checked when the call is sent.
            pub fn builder() -> $name {
                Default::default()
            }
        }

        impl TryFrom<$name> for super::$name {
            type Error = super::error::ConversionError;

            fn try_from(builder: $name) -> Result<Self, Self::Error> {
                Ok(Self { $($field: builder.$field?,)* extra: builder.extra })
            }
        }
    };
}
