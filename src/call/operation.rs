//! What the document says of each operation, as far as sending it goes.

use reqwest::Method;

/// An operation of the API.
#[derive(Debug)]
pub struct Operation {
    pub id: &'static str,
    pub method: Method,
    /// The path template, which is safe to show.
    pub path: &'static str,
    pub auth: Auth,
    /// Whether doing it twice is the same as doing it once.
    pub idempotent: bool,
    pub answer: Answer,
}

/// The credentials an operation wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// A token.
    Bearer,
    /// E-mail address and password of an account.
    Account,
    /// Id and secret of an app.
    App,
}

/// What the body of a success holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing that matters: `{}`, or no body at all.
    Empty,
    /// An object of which nothing is known; no body reads as an empty one.
    Unknown,
    /// A value.
    Value,
    /// Whatever the caller asked for; no body reads as `null`.
    Raw,
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));
