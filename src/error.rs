//! The one error of the crate.

use crate::operation::Operation;
use reqwest::{StatusCode, header::HeaderMap};
use std::{error::Error as StdError, fmt, time::Duration};

/// Why a call failed, or why the client could not be built.
///
/// [`kind`](Self::kind) and the predicates say what to do about it; the
/// accessors have what is known. The text is one short line without the body,
/// the query or any credential.
///
/// ```
/// # async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {
/// match client.get_source().workspace("acme").source("gone").send().await {
///     Ok(source) => println!("{}", source.name),
///     Err(e) if e.is_not_found() => println!("no such source"),
///     Err(e) => return Err(e),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static Operation>,
    attempts: u32,
    may_have_been_sent: bool,
    retry_after: Option<Duration>,
    answer: Option<Answer>,
    /// What happened, for people; no credential, no body, one line.
    detail: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What the server said.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub code: Option<i64>,
    pub message: Option<String>,
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client's configuration is unusable. Nothing was sent.
    Configuration,
    /// An argument of the call is missing or unusable. Nothing was sent.
    Argument,
    /// There are no credentials of the kind the call needs, or they could not be had. Nothing was sent.
    Credentials,
    /// The server refused the request's content (400, code 3).
    InvalidArgument,
    /// The token or password is missing, wrong or expired (401, code 16).
    Unauthenticated,
    /// The token may not do this, for example write with `workspace:read` (403, code 7).
    PermissionDenied,
    /// No such resource in this workspace, or no such path (404, code 5).
    NotFound,
    /// A resource of that name exists (409, code 6).
    AlreadyExists,
    /// Too many requests: 200 a minute are documented (429, code 8).
    RateLimited,
    /// The server failed (500, code 13).
    Internal,
    /// The method is not supported (501, code 12).
    Unimplemented,
    /// The service is down (502, 503, 504, code 14).
    Unavailable,
    /// The proxy in front of the API has no service for the address (Envoy's `upstream connect error`).
    Unroutable,
    /// Another status than a success, redirects included: they are not followed.
    Status,
    /// No connection could be made. Nothing was sent.
    Connect,
    /// A time limit passed, for one try or for the call.
    Timeout,
    /// The connection broke before the answer was complete.
    Connection,
    /// The answer is larger than the client takes.
    TooLarge,
    /// The answer was a success, but not of the documented form.
    Decode,
    /// The server gave a page token a second time, so the list would never end.
    RepeatedPageToken,
}

impl ErrorKind {
    /// The kind that a status and a gRPC code stand for; the code is the more exact.
    fn of_answer(answer: &Answer) -> Self {
        if answer.body.starts_with(b"upstream connect error") {
            return Self::Unroutable;
        }
        match (answer.code, answer.status.as_u16()) {
            (Some(3), _) | (_, 400) => Self::InvalidArgument,
            (Some(16), _) | (_, 401) => Self::Unauthenticated,
            (Some(7), _) | (_, 403) => Self::PermissionDenied,
            (Some(5), _) | (_, 404) => Self::NotFound,
            (Some(6), _) | (_, 409) => Self::AlreadyExists,
            (Some(8), _) | (_, 429) => Self::RateLimited,
            (Some(13), _) | (_, 500) => Self::Internal,
            (Some(12), _) | (_, 501) => Self::Unimplemented,
            (Some(14), _) | (_, 502..=504) => Self::Unavailable,
            _ => Self::Status,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Configuration => "the client cannot be configured like this",
            Self::Argument => "not sent",
            Self::Credentials => "not sent, no credentials",
            Self::InvalidArgument => "invalid argument",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "not found",
            Self::AlreadyExists => "already exists",
            Self::RateLimited => "rate limited",
            Self::Internal => "internal server error",
            Self::Unimplemented => "unimplemented",
            Self::Unavailable => "unavailable",
            Self::Unroutable => "the address leads to no service",
            Self::Status => "unexpected status",
            Self::Connect => "could not connect",
            Self::Timeout => "timed out",
            Self::Connection => "the connection broke",
            Self::TooLarge => "the answer is too large",
            Self::Decode => "the answer cannot be read",
            Self::RepeatedPageToken => "the list does not end",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            attempts: 0,
            may_have_been_sent: false,
            retry_after: None,
            answer: None,
            detail: detail.into(),
            source: None,
        }))
    }

    /// The error that an answer is.
    pub(crate) fn of_answer(answer: Answer) -> Self {
        let mut error = Self::new(ErrorKind::of_answer(&answer), "");
        error.0.may_have_been_sent = true;
        error.0.answer = Some(answer);
        error
    }

    pub(crate) fn with_operation(mut self, operation: &'static Operation, attempts: u32) -> Self {
        self.0.operation = Some(operation);
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_answer(mut self, answer: Answer) -> Self {
        self.0.may_have_been_sent = true;
        self.0.answer = Some(answer);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn maybe_sent(mut self) -> Self {
        self.0.may_have_been_sent = true;
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The call that failed, as the document names it (`get_source`); none if no call was made.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.map(|o| o.id)
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.answer.as_ref().map(|a| a.status)
    }

    /// The gRPC status code in the answer, if it had one; codes this crate does not know too.
    pub fn code(&self) -> Option<i64> {
        self.0.answer.as_ref().and_then(|a| a.code)
    }

    /// The server's own text, if it could be found in the answer.
    pub fn message(&self) -> Option<&str> {
        self.0.answer.as_ref().and_then(|a| a.message.as_deref())
    }

    /// The body of the answer, whole and as it came; empty if there was none.
    pub fn body(&self) -> &[u8] {
        self.0.answer.as_ref().map_or(&[], |a| &a.body)
    }

    /// The headers of the answer, if there was one.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|a| &a.headers)
    }

    /// How often the request was tried; 0 if it was not.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the server asked to wait before another try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the request can have reached the server, and so can have had its effect.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.may_have_been_sent
    }

    /// The resource does not exist.
    pub fn is_not_found(&self) -> bool {
        // The live service answers a missing filter with 400, code 3.
        let quirk = || {
            self.kind() == ErrorKind::InvalidArgument
                && self.message().is_some_and(|m| m.contains("does not exist"))
        };
        self.kind() == ErrorKind::NotFound || quirk()
    }

    /// The server refused because of too many requests.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            operation,
            answer,
            detail,
            ..
        } = &*self.0;
        if let Some(operation) = operation {
            write!(f, "{}: ", operation.id)?;
        }
        if let Some(answer) = answer {
            write!(f, "{} ", answer.status.as_u16())?;
        }
        f.write_str(kind.words())?;
        if let Some(message) = answer.as_ref().and_then(|a| a.message.as_deref()) {
            write!(f, ": {}", one_line(message))?;
        }
        if !detail.is_empty() {
            write!(f, ": {}", one_line(detail))?;
        }
        if let Some(code) = answer.as_ref().and_then(|a| a.code) {
            write!(f, " (code {code})")?;
        }
        Ok(())
    }
}

/// The beginning of a text, without line breaks and other control characters.
fn one_line(text: &str) -> String {
    const MOST: usize = 200;
    let mut line: String = text
        .split(|c: char| c.is_control())
        .collect::<Vec<_>>()
        .join(" ");
    if let Some((end, _)) = line.char_indices().nth(MOST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.operation())
            .field("status", &self.status().map(|s| s.as_u16()))
            .field("code", &self.code())
            .field("message", &self.message().map(one_line))
            .field("detail", &self.0.detail)
            .field("attempts", &self.attempts())
            .field("may_have_been_sent", &self.may_have_been_sent())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|s| s as &(dyn StdError + 'static))
    }
}
