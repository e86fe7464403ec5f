//! A successful answer.

use reqwest::{StatusCode, header::HeaderMap};

/// What the server answered: a value, with status and headers.
///
/// `send_response()` of every call returns it; `send()` returns the value alone.
#[derive(Clone, Debug)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            value,
            status,
            headers,
        }
    }

    /// The decoded body.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The decoded body, without the rest.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The status, which is always a success (2xx).
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers, as the server sent them.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}
