//! The one place where requests leave and answers come in.
//!
//! A call passes the gate, proves who it is, goes out, and is tried again
//! where that is safe; the caller gets the answer or the last real failure.

use crate::{
    call::{
        answer::{self, Answer},
        body::Body,
        encoding,
        endpoint::Endpoint,
        error::{Error, ErrorKind},
        operation::{self, Operation},
        proof::Proof,
        rate_limit::{Rank, Wait},
        request,
        response::Response,
        retry::{self, Cause},
    },
    values::object,
};
use futures_util::future::BoxFuture;
use reqwest::{
    Request, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT},
};
use serde::de::DeserializeOwned;
use std::{any::TypeId, error::Error as _, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, Span, field};

/// Everything that is sent goes through here.
pub(crate) async fn call<T: DeserializeOwned + 'static>(
    operation: &'static Operation,
    request: request::Request,
) -> Result<Response<T>, Error> {
    let raw = raw(operation, request).await?;
    let is_unit = TypeId::of::<T>() == TypeId::of::<()>();
    let text = raw.text(operation, is_unit);
    match text.and_then(|text| serde_json::from_str(text).map_err(|e| object::placed(&e))) {
        Ok(value) => Ok(Response::new(value, raw.status, raw.headers)),
        Err(found) => Err(raw.unreadable(operation, found)),
    }
}

/// On the heap, so that the futures of callers stay small.
fn raw(
    operation: &'static Operation,
    request: request::Request,
) -> BoxFuture<'static, Result<Raw, Error>> {
    let call = async move {
        let (endpoint, parts) =
            request.map_err(|reason| Error::new(ErrorKind::Argument, reason).of(operation))?;
        let span = tracing::debug_span!(
            "segment_config_api.call",
            operation = operation.id,
            method = operation.method.as_str(),
            path = operation.path,
            status = field::Empty,
            attempts = field::Empty,
            waited_ms = field::Empty,
        );
        let request = parts.into_request(&endpoint, operation);
        let call = Call::new(endpoint, operation, request);
        call.run(span.clone()).instrument(span).await
    };
    Box::pin(call)
}

/// A call under way.
struct Call {
    endpoint: Arc<Endpoint>,
    operation: &'static Operation,
    request: Request,
    deadline: Instant,
    attempts: u32,
    /// How many of them were answered with 429.
    limited: u32,
    waited: Duration,
    may_have_been_sent: bool,
    /// Whether the server has failed with 500 before.
    failed: bool,
    /// The latest failure that the server itself told of.
    answered: Option<Error>,
}

impl Call {
    fn new(endpoint: Arc<Endpoint>, operation: &'static Operation, request: Request) -> Self {
        Self {
            deadline: Instant::now() + endpoint.limits.call,
            endpoint,
            operation,
            request,
            attempts: 0,
            limited: 0,
            waited: Duration::ZERO,
            may_have_been_sent: false,
            failed: false,
            answered: None,
        }
    }

    /// Records on the call's own span: the current one is the caller's where that is off.
    async fn run(mut self, span: Span) -> Result<Raw, Error> {
        let result = self.attempts().await;
        let status = match &result {
            Ok(raw) => Some(raw.status),
            Err(error) => error.status(),
        };
        span.record("status", status.map(|s| s.as_u16()));
        span.record("attempts", self.attempts);
        span.record("waited_ms", self.waited.as_millis() as u64);
        result.map_err(|error| {
            let sent = self.may_have_been_sent;
            error.of(self.operation).tried(self.attempts, sent)
        })
    }

    /// Tries until there is an answer, no other try is due, or the deadline has passed.
    async fn attempts(&mut self) -> Result<Raw, Error> {
        self.endpoint.budget.deposit();
        let mut renewed = false;
        let mut renew = false;
        loop {
            let error = match self.attempt(std::mem::take(&mut renew)).await {
                Ok(raw) => return Ok(raw),
                Err(error) => error,
            };
            self.may_have_been_sent |= error.may_have_been_sent();
            if error.kind() == ErrorKind::Unauthenticated && !renewed && self.can_renew() {
                (renewed, renew) = (true, true);
                self.answered = Some(error);
                continue;
            }
            let Some(wait) = self.wait_before_retry(&error) else {
                return Err(self.last_answer(error));
            };
            tracing::info!(
                attempt = self.attempts,
                kind = ?error.kind(),
                status = error.status().map(|s| s.as_u16()),
                wait_ms = wait.as_millis() as u64,
                "trying again"
            );
            if error.status().is_some() {
                self.answered = Some(error);
            }
            self.waited += wait;
            sleep(wait).await;
        }
    }

    fn can_renew(&self) -> bool {
        self.endpoint.credentials.can_renew(self.operation.auth)
    }

    /// How long to wait for another try; none if there is to be none.
    fn wait_before_retry(&mut self, error: &Error) -> Option<Duration> {
        let cause = retry::cause(self.operation, error, self.failed);
        self.failed |= error.status() == Some(StatusCode::INTERNAL_SERVER_ERROR);
        let cause = cause?;
        let policy = &self.endpoint.retry;
        let (wait, counted) = match cause {
            Cause::RateLimited => {
                self.limited += 1;
                let hint = error.retry_after();
                let wait = hint.unwrap_or_else(|| retry::patience(self.limited));
                let pause = retry::pause(wait, self.endpoint.limits.call);
                self.endpoint.gate.pause(pause);
                // However many there were: only a policy of one attempt forbids another.
                (wait, 1)
            }
            Cause::Failure => {
                let failures = self.attempts - self.limited;
                let jittered = || policy.ceiling(failures).mul_f64(fastrand::f64());
                (error.retry_after().unwrap_or_else(jittered), failures)
            }
        };
        let allowed = counted < policy.max_attempts && Instant::now() + wait < self.deadline;
        (allowed && (cause == Cause::RateLimited || self.endpoint.budget.withdraw()))
            .then_some(wait)
    }

    /// What the server has said explains more than that it could then not be asked again.
    fn last_answer(&mut self, error: Error) -> Error {
        // That a write may have happened is what its caller has to know before anything else.
        let harmless = !error.may_have_been_sent() || self.operation.idempotent;
        match self.answered.take() {
            Some(answer) if error.status().is_none() && harmless => answer.with_source(error),
            _ => error,
        }
    }

    /// Waits for a place at the gate. The clock of a call that has never had one stands still.
    async fn pass_gate(&mut self) -> Result<(), Error> {
        let first = self.attempts == 0;
        let (rank, latest, detail) = if first {
            let limit = self.endpoint.limits.queue;
            let latest = limit.map(|limit| Instant::now() + limit);
            let detail = "the rate limit lets it through only after the queue timeout";
            (Rank::First, latest, detail)
        } else {
            let detail = "the rate limit lets it through only after the call's time limit";
            (Rank::Again, Some(self.deadline), detail)
        };
        let announce = |expected| {
            if let Some(hook) = &self.endpoint.on_wait {
                let operation = self.operation.id;
                hook.0(&Wait {
                    operation,
                    expected,
                });
            }
        };
        let passed = self.endpoint.gate.pass(rank, latest, announce).await;
        let waited = passed.map_err(|_| Error::new(ErrorKind::Timeout, detail))?;
        self.waited += waited;
        if first {
            self.deadline += waited;
        }
        Ok(())
    }

    /// One try: credentials, gate, request, answer.
    async fn attempt(&mut self, renew: bool) -> Result<Raw, Error> {
        let overdue = "the call's time limit passed while it waited for a token";
        let credentials = &self.endpoint.credentials;
        let proof = timeout_at(self.deadline, credentials.prove(self.operation.auth, renew))
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, overdue))??;
        self.pass_gate().await?;
        let request = self.request.try_clone();
        let mut request = request
            .ok_or_else(|| Error::new(ErrorKind::Argument, "the body cannot be sent twice"))?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(encoding::ACCEPT));
        headers.insert(USER_AGENT, self.endpoint.user_agent.clone());
        headers.insert(AUTHORIZATION, proof.header());
        self.attempts += 1;
        let limits = &self.endpoint.limits;
        let end = self.deadline.min(Instant::now() + limits.attempt);
        let exchange = exchange(&self.endpoint.http, request, limits.response_bytes, end);
        match exchange.await {
            Ok((status, headers, body)) => Ok(Raw {
                status,
                headers,
                body,
                attempts: self.attempts,
                proof,
            }),
            Err(error) => Err(error.without(&proof)),
        }
    }
}

/// A success that has not been decoded.
struct Raw {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    attempts: u32,
    /// What must not appear in an error about it.
    proof: Arc<Proof>,
}

impl Raw {
    /// What is to be read; `is_unit` is whether the caller wants to know no more than that it
    /// went well.
    fn text(&self, operation: &Operation, is_unit: bool) -> Result<&str, String> {
        let body = &self.body;
        let blank = body.iter().all(u8::is_ascii_whitespace);
        let object =
            || serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body).is_ok();
        match operation.answer {
            operation::Answer::Empty if blank || object() => Ok("null"),
            operation::Answer::Unknown if blank => Ok("{}"),
            operation::Answer::Raw if blank || (is_unit && object()) => Ok("null"),
            // Checked as a whole, which is quicker than text by text.
            _ => str::from_utf8(body).map_err(|e| format!("the answer: {e}")),
        }
    }

    /// The error of an answer that cannot be read, with what was found.
    fn unreadable(self, operation: &'static Operation, found: String) -> Error {
        let detail = match operation.answer {
            operation::Answer::Empty => "expected `{}` or no body".into(),
            _ => found,
        };
        let encoded = encoding::foreign(&self.headers).map(encoding::left_encoded);
        // The body is no message of the server's.
        let (code, message) = (None, None);
        let answer = Answer {
            status: self.status,
            headers: self.headers,
            body: self.body,
            code,
            message,
        };
        Error::new(ErrorKind::Decode, encoded.unwrap_or(detail))
            .with_answer(answer)
            .without(&self.proof)
            .of(operation)
            .tried(self.attempts, true)
    }
}

/// Sends one request and reads its answer until `end`.
async fn exchange(
    http: &reqwest::Client,
    request: Request,
    most: usize,
    end: Instant,
) -> Result<(StatusCode, HeaderMap, Vec<u8>), Error> {
    let late = || {
        Error::new(
            ErrorKind::Timeout,
            "no complete answer within the time limit",
        )
        .maybe_sent()
    };
    let response = timeout_at(end, http.execute(request))
        .await
        .map_err(|_| late())?;
    let mut response = response.map_err(broken)?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = Body::new(&headers, most);
    let read = timeout_at(end, read(&mut response, &mut body))
        .await
        .unwrap_or_else(|_| Err(late()));
    let body = body.into_bytes();
    match read {
        // A failure is one, however its body ends.
        _ if !status.is_success() => {
            let detail = answer::beside_the_message(status, &headers, response.url());
            let answer = Answer::new(status, headers, body);
            Err(Error::of_answer(answer).with_detail(detail))
        }
        Ok(()) => match Answer::disguised(status, &headers, &body) {
            Some(answer) => Err(Error::of_answer(answer)),
            None => Ok((status, headers, body)),
        },
        Err(error) => Err(error.with_answer(Answer::new(status, headers, Vec::new()))),
    }
}

/// Reads the body to its end.
async fn read(response: &mut reqwest::Response, body: &mut Body) -> Result<(), Error> {
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        body.push(&chunk)?;
    }
    body.finish()
}

fn broken(error: reqwest::Error) -> Error {
    // The address may hold a page token or names.
    let error = error.without_url();
    let why = why(&error);
    if error.is_connect() {
        let refused = why.contains("certificate");
        let error = Error::new(ErrorKind::Connect, why).with_source(error);
        return if refused { error.permanent() } else { error };
    }
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Connection
    };
    Error::new(kind, why).with_source(error).maybe_sent()
}

/// What is wrong, in the words of whatever is below us: of a certificate if they are about one, otherwise
/// of the last cause. A few words more where those say little to people.
fn why(error: &reqwest::Error) -> String {
    let mut why = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("certificate") || !why.contains("certificate") {
            why = text;
        }
        cause = error.source();
    }
    let hint = match &why {
        why if why.ends_with("UnknownIssuer") => ": trust its issuer with `root_certificate`",
        why if why.ends_with("InvalidContentType") => ": no TLS is spoken there",
        _ => "",
    };
    why + hint
}
