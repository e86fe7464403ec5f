//! Path parameters that cannot change the path.

use std::{fmt, str::FromStr};

/// A value that is safe as one segment of a request's path.
///
/// It is not empty, not `.` or `..`, and without `/`, `\` and `:`. A `/` tells that
/// it is a whole name (`workspaces/acme`) where a part is wanted (`acme`). URL parsers
/// remove dot segments however they are spelled and turn `\` into `/`, and a
/// `:` would select another verb (`sources/x` would become `sources/x:verb`).
/// Everything else is percent-encoded, `%` too.
///
/// Builders convert to it on their own:
///
/// ```
/// use segment_config_api::Segment;
///
/// let segment: Segment = "customer.io".parse()?;
/// assert_eq!(segment.as_str(), "customer.io");
/// assert!("..".parse::<Segment>().is_err());
/// # Ok::<(), segment_config_api::InvalidSegment>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment(String);

impl Segment {
    /// The value as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a value cannot be a [`Segment`]; does not show it, since it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be part of a path: {0}")]
pub struct InvalidSegment(&'static str);

/// Why `value` is not safe as one segment of a path.
pub(crate) fn unsafe_reason(value: &str) -> Option<&'static str> {
    match value {
        "" => Some("it is empty"),
        "." | ".." => Some("it would name another path"),
        v if v.contains('/') => Some(
            "it holds a slash; give the last part of the name, or the whole name to `name` or `parent`",
        ),
        v if v.contains('\\') => Some("it holds a backslash"),
        v if v.contains(':') => Some("it holds a colon, which would select another verb"),
        _ => None,
    }
}

/// An id of another kind is refused, with what the document says of the right one.
pub(crate) fn expect_prefix(
    id: &Segment,
    parameter: &str,
    prefix: &str,
    description: &str,
) -> Result<(), String> {
    match id.as_str().starts_with(prefix) {
        true => Ok(()),
        false => Err(format!(
            "`{parameter}`: it does not start with `{prefix}`. {description}"
        )),
    }
}

impl TryFrom<String> for Segment {
    type Error = InvalidSegment;

    fn try_from(value: String) -> Result<Self, InvalidSegment> {
        match unsafe_reason(&value) {
            Some(reason) => Err(InvalidSegment(reason)),
            None => Ok(Self(value)),
        }
    }
}

impl TryFrom<&str> for Segment {
    type Error = InvalidSegment;

    fn try_from(value: &str) -> Result<Self, InvalidSegment> {
        value.to_string().try_into()
    }
}

impl TryFrom<&String> for Segment {
    type Error = InvalidSegment;

    fn try_from(value: &String) -> Result<Self, InvalidSegment> {
        value.clone().try_into()
    }
}

impl FromStr for Segment {
    type Err = InvalidSegment;

    fn from_str(value: &str) -> Result<Self, InvalidSegment> {
        value.try_into()
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
