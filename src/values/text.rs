//! Types that are texts: they compare with texts, and read from them.

use serde::de::{Error, Visitor};
use std::{fmt, marker::PhantomData};

/// Reads a type from a text that it takes as a reference, so that the text need not be copied first.
pub(crate) struct Read<T>(PhantomData<T>);

impl<T> Default for Read<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: for<'t> From<&'t str>> Visitor<'_> for Read<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(text.into())
    }
}

/// For a type with `as_str`.
macro_rules! compares_with_texts {
    ($name:ident) => {
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        compares_with_texts! { @ $name str }
        compares_with_texts! { @ $name &str }
        compares_with_texts! { @ $name String }
    };
    (@ $name:ident $text:ty) => {
        impl PartialEq<$text> for $name {
            fn eq(&self, text: &$text) -> bool {
                self.as_str() == AsRef::<str>::as_ref(text)
            }
        }

        impl PartialEq<$name> for $text {
            fn eq(&self, value: &$name) -> bool {
                value == self
            }
        }
    };
}
