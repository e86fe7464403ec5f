//! The one error of the crate.

use crate::{
    call::{
        answer::{self, Answer},
        operation::Operation,
        proof::Proof,
    },
    values::json::Json,
};
use reqwest::{StatusCode, header::HeaderMap};
use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

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
    operation: Option<Cow<'static, str>>,
    attempts: u32,
    may_have_been_sent: bool,
    /// Another try would end the same.
    permanent: bool,
    answer: Option<Answer>,
    /// What happened, for people; no credential, no body, one line.
    detail: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
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
    /// The service is down (502, 503, 504, code 14), or Envoy, the proxy in front of it, cannot get
    /// through to it (`upstream connect error … reset reason: …`).
    Unavailable,
    /// The proxy in front of the API has no service for the address (Envoy's `upstream connect error …`
    /// without a reason). Not tried again.
    Unroutable,
    /// Another status than a success, redirects included: they are not followed.
    Status,
    /// No connection could be made, so the last try sent nothing. Where the server's
    /// certificate is why, the text says so, and there was no other try.
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
    /// Several resources have the name that one was looked for by. Nothing was changed.
    Ambiguous,
}

impl ErrorKind {
    /// The kind that a status and a gRPC code stand for; the code is the more exact.
    fn of_answer(answer: &Answer) -> Self {
        // Documented for an address that leads to no service. With a reason after it
        // (`. reset reason: connection termination`) there is a service, which failed.
        const NO_SERVICE: &[u8] = b"upstream connect error or disconnect/reset before headers";
        if answer.body.trim_ascii() == NO_SERVICE {
            return Self::Unroutable;
        }
        match answer.code {
            Some(3) => Self::InvalidArgument,
            Some(5) => Self::NotFound,
            Some(6) => Self::AlreadyExists,
            Some(7) => Self::PermissionDenied,
            Some(8) => Self::RateLimited,
            Some(12) => Self::Unimplemented,
            Some(13) => Self::Internal,
            Some(14) => Self::Unavailable,
            Some(16) => Self::Unauthenticated,
            _ => Self::of_status(answer.status),
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            400 => Self::InvalidArgument,
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            409 => Self::AlreadyExists,
            429 => Self::RateLimited,
            500 => Self::Internal,
            501 => Self::Unimplemented,
            502..=504 => Self::Unavailable,
            _ => Self::Status,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Configuration => "the client cannot be configured like this",
            Self::Argument => "not sent",
            Self::Credentials => "no credentials",
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
            Self::Ambiguous => "several have this name",
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
            permanent: false,
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

    /// The error of one item of the page that this one is about.
    pub(crate) fn of_item(&self, detail: &str, item: &Json) -> Self {
        let mut error = Self::new(self.0.kind, detail).tried(self.0.attempts, true);
        error.0.operation = self.0.operation.clone();
        error.0.answer = self.0.answer.as_ref().map(|page| Answer {
            status: page.status,
            headers: page.headers.clone(),
            body: item.text().into(),
            code: None,
            message: None,
        });
        error
    }

    pub(crate) fn of(mut self, operation: &'static Operation) -> Self {
        self.0.operation = Some(Cow::Borrowed(operation.id));
        self
    }

    /// The error of a call that only its path names.
    pub(crate) fn of_raw_call(mut self, name: String) -> Self {
        self.0.operation = Some(Cow::Owned(name));
        self
    }

    pub(crate) fn tried(mut self, attempts: u32, may_have_been_sent: bool) -> Self {
        self.0.attempts = attempts;
        self.0.may_have_been_sent |= may_have_been_sent;
        self
    }

    /// Takes the secret of `proof` out of the texts.
    pub(crate) fn without(mut self, proof: &Proof) -> Self {
        let message = self.0.answer.as_mut().and_then(|a| a.message.as_mut());
        for text in message.into_iter().chain([&mut self.0.detail]) {
            proof.redact(text);
        }
        self
    }

    pub(crate) fn with_answer(mut self, answer: Answer) -> Self {
        self.0.may_have_been_sent = true;
        self.0.answer = Some(answer);
        self
    }

    pub(crate) fn with_detail(mut self, detail: String) -> Self {
        self.0.detail = detail;
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

    pub(crate) fn permanent(mut self) -> Self {
        self.0.permanent = true;
        self
    }

    pub(crate) fn is_permanent(&self) -> bool {
        self.0.permanent
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The call that failed, as the document names it (`get_source`), or method and path of a
    /// [raw call](crate::RawCall); none if no call was made.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
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

    /// How long the server asked to wait before another try (`Retry-After`), exactly as
    /// it said, however long that is; none if it said nothing, zero, or nonsense.
    ///
    /// A call whose time limit comes before that has failed at once.
    pub fn retry_after(&self) -> Option<Duration> {
        self.headers().and_then(answer::retry_after)
    }

    /// Whether the request can have reached the server, and so can have had its effect.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.may_have_been_sent
    }

    /// The resource does not exist.
    ///
    /// 404, code 5; and 400, code 3 with a text that says "does not exist",
    /// which is how the live service answers for a missing filter.
    ///
    /// A delete that was tried more than once may have deleted the resource itself:
    /// see [`attempts`](Self::attempts).
    ///
    /// # Troubleshooting
    /// A wrong slug, another workspace than the token's, or a Functions call
    /// with the workspace's slug in place of its id. A filter whose
    /// destination is gone, and the schema configuration of a source that is
    /// gone, are answered with 500, which this does not cover.
    pub fn is_not_found(&self) -> bool {
        let missing = |message: &str| message.contains("does not exist");
        let quirk =
            || self.kind() == ErrorKind::InvalidArgument && self.message().is_some_and(missing);
        self.kind() == ErrorKind::NotFound || quirk()
    }

    /// A resource of that name exists: 409, code 6.
    ///
    /// # Troubleshooting
    /// The slug is taken, or an earlier try has created the resource although
    /// its answer was lost. Read it and update it.
    pub fn is_already_exists(&self) -> bool {
        self.kind() == ErrorKind::AlreadyExists
    }

    /// The server does not take the token or password: 401, code 16.
    ///
    /// # Troubleshooting
    /// The token is misspelt or revoked, or is that of an install and older
    /// than an hour: see [`token_provider`](crate::ClientBuilder::token_provider).
    pub fn is_unauthenticated(&self) -> bool {
        self.kind() == ErrorKind::Unauthenticated
    }

    /// The token may not do this: 403, code 7.
    ///
    /// # Troubleshooting
    /// Writing wants more than the scope `workspace:read`; regulations want
    /// the token of a workspace owner.
    pub fn is_permission_denied(&self) -> bool {
        self.kind() == ErrorKind::PermissionDenied
    }

    /// The request's content was refused: 400, code 3.
    ///
    /// # Troubleshooting
    /// The server's [text](Self::message) names the field. See also
    /// [`is_not_found`](Self::is_not_found).
    pub fn is_invalid_argument(&self) -> bool {
        self.kind() == ErrorKind::InvalidArgument
    }

    /// Too many requests: 429, code 8. The call was tried until its
    /// [time](crate::ClientBuilder::call_timeout) was used up, or would have been
    /// by the wait that the server [asked for](Self::retry_after).
    ///
    /// # Troubleshooting
    /// 200 requests a minute are documented. Other processes count too: give
    /// each its part with [`rate_limit`](crate::ClientBuilder::rate_limit).
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// The service is down or cannot be reached: 502, 503, 504, code 14,
    /// or no connection at all.
    ///
    /// # Troubleshooting
    /// It may be over later. If there is no connection at all, check the address and the network.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.kind(), ErrorKind::Unavailable | ErrorKind::Connect)
    }

    /// The address leads to no service: Envoy's `upstream connect error …` without a reason.
    ///
    /// # Troubleshooting
    /// Check [`base_url`](crate::ClientBuilder::base_url). If it is right, the service behind the proxy may be
    /// down all the same: old versions of Envoy give no reasons.
    pub fn is_unroutable(&self) -> bool {
        self.kind() == ErrorKind::Unroutable
    }

    /// A time limit passed.
    ///
    /// # Troubleshooting
    /// Large tracking plans take long: raise
    /// [`attempt_timeout`](crate::ClientBuilder::attempt_timeout). If nothing was
    /// [sent](Self::may_have_been_sent), the token provider took too long, or the rate limit had no place
    /// within [`queue_timeout`](crate::ClientBuilder::queue_timeout); the text says which.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// The client's configuration is unusable, as [`build`](crate::ClientBuilder::build) says. Nothing was sent.
    pub fn is_configuration(&self) -> bool {
        self.kind() == ErrorKind::Configuration
    }

    /// An argument of the call is missing or unusable. Nothing was sent.
    ///
    /// # Troubleshooting
    /// The text names the setter.
    pub fn is_argument(&self) -> bool {
        self.kind() == ErrorKind::Argument
    }

    /// There are no credentials of the kind the call needs, or they could not be had. Nothing was sent.
    ///
    /// # Troubleshooting
    /// Access tokens are managed with an [`account`](crate::ClientBuilder::account), the tokens of
    /// installs are had with an [`app`](crate::ClientBuilder::app).
    pub fn is_credentials(&self) -> bool {
        self.kind() == ErrorKind::Credentials
    }

    /// The server failed: 500, code 13.
    ///
    /// # Troubleshooting
    /// Some resources that are gone are answered like this: see [`is_not_found`](Self::is_not_found).
    pub fn is_internal(&self) -> bool {
        self.kind() == ErrorKind::Internal
    }

    /// No connection could be made, so the last try sent nothing. See also [`is_unavailable`](Self::is_unavailable).
    ///
    /// # Troubleshooting
    /// Check the address, the network and the proxy; of a certificate the text says what is wrong.
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// The connection broke before the answer was complete.
    ///
    /// # Troubleshooting
    /// A write may have had its effect: see [`may_have_been_sent`](Self::may_have_been_sent).
    pub fn is_connection(&self) -> bool {
        self.kind() == ErrorKind::Connection
    }

    /// The answer is larger than the client takes.
    ///
    /// # Troubleshooting
    /// Raise [`max_response_bytes`](crate::ClientBuilder::max_response_bytes).
    pub fn is_too_large(&self) -> bool {
        self.kind() == ErrorKind::TooLarge
    }

    /// The server gave a page token a second time, so the list would never end.
    pub fn is_repeated_page_token(&self) -> bool {
        self.kind() == ErrorKind::RepeatedPageToken
    }

    /// Several resources have the name that one was looked for by. Nothing was changed.
    ///
    /// # Troubleshooting
    /// The text names them: take the one that is meant by its name or id.
    pub fn is_ambiguous(&self) -> bool {
        self.kind() == ErrorKind::Ambiguous
    }

    /// The answer was a success of another form than documented.
    ///
    /// # Troubleshooting
    /// The text names the place; [`body`](Self::body) has the whole answer.
    /// The document this crate is made from wants a correction: report it.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }
}

/// An argument that could not be made is as good as one that was refused.
macro_rules! argument_error {
    ($error:path) => {
        impl From<$error> for crate::call::error::Error {
            fn from(error: $error) -> Self {
                Self::new(crate::call::error::ErrorKind::Argument, error.to_string())
            }
        }
    };
}

argument_error!(crate::values::names::InvalidName);
argument_error!(crate::values::number::InvalidNumber);
argument_error!(crate::values::patch::InvalidPatch);
argument_error!(crate::values::path::InvalidPathSegment);
argument_error!(crate::values::time::InvalidTime);

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
            write!(f, "{}: ", one_line(operation))?;
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
        .split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
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
            .field("detail", &one_line(&self.0.detail))
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
