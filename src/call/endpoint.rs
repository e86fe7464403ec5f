//! Where calls go, with all that they share.

use crate::call::{
    credentials::Credentials,
    rate_limit::{Gate, OnWait},
    retry::{Budget, RetryPolicy},
};
use reqwest::{Url, header::HeaderValue};
use std::time::Duration;

/// What the clones of a client have in common, and each call of theirs needs.
pub struct Endpoint {
    /// Its path has no slash at the end, but where it is one.
    pub(crate) base_url: Url,
    pub(crate) http: reqwest::Client,
    pub(crate) user_agent: HeaderValue,
    pub(crate) credentials: Credentials,
    pub(crate) limits: Limits,
    pub(crate) retry: RetryPolicy,
    pub(crate) gate: Gate,
    pub(crate) on_wait: Option<OnWait>,
    pub(crate) budget: Budget,
}

impl Endpoint {
    /// The address of an encoded path. The rest of it is parsed once, when the client is built.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let base = url.path().trim_end_matches('/');
        url.set_path(&[base, path].concat());
        url
    }
}

/// How long and how much at the most.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub connect: Duration,
    pub attempt: Duration,
    pub call: Duration,
    /// For the first place at the gate.
    pub queue: Option<Duration>,
    pub response_bytes: usize,
}
