//! Answers that are errors.

use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What Segment answers to a call that it does not carry out: the statuses and codes are those
/// of its documentation (`src/api/config-api/api-design.md` in `segmentio/segment-docs`), and
/// so is the body, `{"error": …, "code": …}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    code: u8,
    message: String,
    /// A header that goes with it.
    pub header: Option<(&'static str, String)>,
}

impl Refusal {
    fn new(status: u16, code: u8, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            header: None,
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, 3, message)
    }

    pub fn unauthenticated(message: &str) -> Self {
        Self::new(401, 16, message)
    }

    pub fn denied() -> Self {
        Self::new(403, 7, "insufficient scope")
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, 5, message)
    }

    pub fn exists(message: impl Into<String>) -> Self {
        Self::new(409, 6, message)
    }

    /// With the seconds to wait, if they are told.
    pub fn exhausted(seconds: Option<u64>) -> Self {
        Self {
            header: seconds.map(|s| ("retry-after", s.to_string())),
            ..Self::new(429, 8, "rate limit exceeded")
        }
    }

    pub fn internal(message: &str) -> Self {
        Self::new(500, 13, message)
    }

    pub fn unimplemented() -> Self {
        Self::new(501, 12, "method not supported")
    }

    /// What other servers say to a method that a path does not have.
    pub fn not_allowed(methods: &BTreeSet<&str>) -> Self {
        Self {
            header: Some(("allow", Vec::from_iter(methods.iter().copied()).join(", "))),
            ..Self::new(405, 12, "method not allowed")
        }
    }

    pub fn body(&self) -> Value {
        json!({"error": self.message, "code": self.code})
    }
}
