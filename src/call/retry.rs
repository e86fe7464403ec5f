//! When a call is tried again, and after how long.

use crate::call::{
    error::{Error, ErrorKind},
    operation::Operation,
};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// How often and how fast calls are tried again.
///
/// What is tried again is not a matter of policy but of safety:
///
/// - 429: every call, since nothing has happened, until the
///   [call's time](crate::ClientBuilder::call_timeout) is used up. All clones wait as long as the server says
///   (`Retry-After`); if it says nothing, 2 seconds, 4, 8, 16, and then 32 each time, so that the minute
///   by which it counts is over after five waits. These tries are not counted as attempts;
/// - a connection that could not be made: every call too;
/// - 502, 503, 504, a broken connection and a passed time limit: calls that
///   do the same when done twice (GET, PUT, DELETE, and PATCH, whose updates set values);
/// - 500: those too, but only once, since this API's code 13 is often permanent;
/// - everything else: never, nor is anything for which the server says to come back
///   after the call's time. A DELETE whose first answer was lost may so be
///   answered with 404: see [`Error::is_not_found`]. A POST that may have been sent is left to the
///   caller: see [`Error::may_have_been_sent`].
///
/// ```
/// use segment_config_api::{Client, RetryPolicy};
/// use std::time::Duration;
///
/// let patient = RetryPolicy::new().max_attempts(8).backoff(Duration::from_secs(1), Duration::from_secs(60));
/// let client = Client::builder().access_token("EXAMPLE_TOKEN").retry(patient).build()?;
/// # Ok::<(), segment_config_api::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) shortest: Duration,
    pub(crate) longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// The default: up to four attempts, with waits that start below half a
    /// second and stay below twenty seconds.
    pub fn new() -> Self {
        Self {
            max_attempts: 4,
            shortest: Duration::from_millis(500),
            longest: Duration::from_secs(20),
        }
    }

    /// One attempt and no more, after a 429 too, for callers with a retry of their own. Only a token
    /// that is [renewed](crate::ClientBuilder::token_provider) after a 401 gets another.
    pub fn none() -> Self {
        Self::new().max_attempts(1)
    }

    /// How often a call is tried at the most, the first time included. At least 1; the default is 4.
    ///
    /// Tries that were answered with 429 are not counted, except that 1 means one try whatever its answer.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The bounds of the waits between attempts.
    ///
    /// The wait before the n-th retry is chosen at random from zero to
    /// `shortest` × 2ⁿ⁻¹, but no more than `longest` (full jitter). A hint of
    /// the server (`Retry-After`) goes before it; waits after a 429 have lengths of their own.
    pub fn backoff(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest;
        self.longest = longest;
        self
    }

    /// The most that is waited before the retry after `attempt` attempts.
    pub(crate) fn ceiling(&self, attempt: u32) -> Duration {
        let doubled = self
            .shortest
            .saturating_mul(1 << attempt.saturating_sub(1).min(20));
        doubled.min(self.longest)
    }
}

/// Why a call may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// 429: the server has not looked at it.
    RateLimited,
    /// Nothing was sent, or doing it twice is the same as doing it once.
    Failure,
}

/// Whether another try is safe and has a chance.
pub(crate) fn cause(operation: &Operation, error: &Error, failed_before: bool) -> Option<Cause> {
    if error.kind() == ErrorKind::Connect {
        return (!error.is_permanent()).then_some(Cause::Failure);
    }
    let worth_it = match error.status().map(|s| s.as_u16()) {
        Some(429) => return Some(Cause::RateLimited),
        // The proxy answers so however often it is asked.
        _ if error.kind() == ErrorKind::Unroutable => false,
        Some(500) => !failed_before,
        Some(502..=504) => true,
        // A limit that passed before anything was sent leaves no time for another try.
        _ => {
            matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Connection)
                && error.may_have_been_sent()
        }
    };
    (operation.idempotent && worth_it).then_some(Cause::Failure)
}

/// The wait after the n-th 429 of a call to which the server adds no hint. The
/// limit is counted by the minute, and the first five outlast one.
pub(crate) fn patience(n: u32) -> Duration {
    Duration::from_secs(1 << n.min(5))
}

/// How long all clones wait when a call is answered with 429 and told to come
/// back in `wait`. What no call could wait for would only stall them, so then
/// it is the minute by which the limit is counted.
pub(crate) fn pause(wait: Duration, longest_call: Duration) -> Duration {
    if wait < longest_call {
        wait
    } else {
        Duration::from_secs(60)
    }
}

/// Keeps retries of failures to a fifth of the calls, so that an outage does
/// not multiply the load. Shared by clones. Waiting out a 429 is not counted:
/// the gate spaces those.
#[derive(Debug)]
pub(crate) struct Budget(AtomicI64);

impl Budget {
    const RETRY: i64 = 5;
    const FULL: i64 = 20 * Self::RETRY;

    /// A call began: a fifth of a retry more.
    pub fn deposit(&self) {
        let more = |balance: i64| Some((balance + 1).min(Self::FULL));
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// Takes one retry, if there is one.
    pub fn withdraw(&self) -> bool {
        let less = |balance: i64| (balance >= Self::RETRY).then_some(balance - Self::RETRY);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI64::new(Self::FULL))
    }
}
