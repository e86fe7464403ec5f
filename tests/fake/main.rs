//! The fake, as the one who tests a program against it sees it.

#[path = "../support/calls.rs"]
mod calls;
#[path = "../support/mod.rs"]
mod support;

mod access;
mod faults;
mod price;
mod quirks;
mod resources;
mod stories;

use segment_config_api::{Error, fake::Segment};

/// A fake with the made-up workspace.
async fn acme() -> Segment {
    Segment::start().await.expect("a free port")
}

/// A fake whose workspace is empty.
async fn empty() -> Segment {
    Segment::builder().start().await.expect("a free port")
}

/// Status, code and message of a refusal.
#[track_caller]
fn refused<T>(result: Result<T, Error>) -> (u16, i64, String) {
    let error = result.err().expect("a refusal");
    let status = error.status().expect("a status").as_u16();
    let message = error.message().unwrap_or_default().to_string();
    (status, error.code().unwrap_or_default(), message)
}
