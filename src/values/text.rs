//! Types that are texts: they compare with texts.

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
