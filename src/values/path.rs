//! Path parameters that cannot change the path.

use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};
use std::{fmt, str::FromStr};

/// A value that is safe as one segment of a request's path.
///
/// It is not empty, not `.` or `..`, and without `/`, `\` and `:`. A `/` tells that
/// it is a whole name (`workspaces/acme`) where a part is wanted (`acme`). URL parsers
/// remove dot segments however they are spelled and turn `\` into `/`, and a
/// `:` would select another verb (`sources/x` would become `sources/x:verb`).
/// Everything else is percent-encoded, `%` too.
///
/// Calls convert to it on their own:
///
/// ```
/// use segment_config_api::PathSegment;
///
/// let segment: PathSegment = "customer.io".parse()?;
/// assert_eq!(segment.as_str(), "customer.io");
/// assert!("..".parse::<PathSegment>().is_err());
/// # Ok::<(), segment_config_api::InvalidPathSegment>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathSegment(String);

impl PathSegment {
    /// The value as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a value cannot be a [`PathSegment`]; does not show it, since it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be part of a path: {0}")]
pub struct InvalidPathSegment(&'static str);

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

/// What the URL standard encodes in a path, and what would end a segment or decode to something else.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// A segment as it stands in an address.
pub(crate) fn encoded(segment: &str) -> PercentEncode<'_> {
    utf8_percent_encode(segment, ENCODED)
}

impl TryFrom<String> for PathSegment {
    type Error = InvalidPathSegment;

    fn try_from(value: String) -> Result<Self, InvalidPathSegment> {
        match unsafe_reason(&value) {
            Some(reason) => Err(InvalidPathSegment(reason)),
            None => Ok(Self(value)),
        }
    }
}

impl TryFrom<&str> for PathSegment {
    type Error = InvalidPathSegment;

    fn try_from(value: &str) -> Result<Self, InvalidPathSegment> {
        value.to_string().try_into()
    }
}

impl TryFrom<&String> for PathSegment {
    type Error = InvalidPathSegment;

    fn try_from(value: &String) -> Result<Self, InvalidPathSegment> {
        value.clone().try_into()
    }
}

impl From<&PathSegment> for PathSegment {
    fn from(segment: &PathSegment) -> Self {
        segment.clone()
    }
}

impl FromStr for PathSegment {
    type Err = InvalidPathSegment;

    fn from_str(value: &str) -> Result<Self, InvalidPathSegment> {
        value.try_into()
    }
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a path parameter that ends the names of kind `N` takes: its text, or a
/// name of that kind, which gives its last part.
///
/// ```
/// # use segment_config_api::{Client, names::{RoleName, WorkspaceName}, types::CreatePolicyRequest};
/// # fn call(client: Client, workspace: WorkspaceName, role: RoleName, body: CreatePolicyRequest) {
/// client.create_policy().workspace(&workspace).role(&role).body(body);
/// # }
/// ```
///
/// The other parts of the name set nothing; `name` and `parent` of a call set
/// all parts. A name of another kind does not compile:
///
/// ```compile_fail,E0277
/// # use segment_config_api::{Client, names::SourceName};
/// # fn call(client: Client, source: SourceName) {
/// client.get_workspace().workspace(&source);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a text nor a `{N}`",
    note = "give the last part as a text, or the whole name to `name` or `parent`"
)]
pub trait PartOf<N> {
    /// The part, or why it cannot be one.
    ///
    /// # Errors
    /// The value is not safe as one segment of a path.
    fn part(self) -> Result<PathSegment, String>;
}

impl<N, T: TryInto<PathSegment, Error: fmt::Display>> PartOf<N> for T {
    fn part(self) -> Result<PathSegment, String> {
        self.try_into().map_err(|e| e.to_string())
    }
}
