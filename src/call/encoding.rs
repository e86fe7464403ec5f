//! The encodings of bodies.

use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// What requests say that they take.
pub(crate) const ACCEPT: &str = "gzip";

const GZIP: [&str; 2] = ["gzip", "x-gzip"];

/// Whether a body is to be decompressed.
pub(crate) fn is_gzip(headers: &HeaderMap) -> bool {
    encoding(headers).is_some_and(|name| is(name, &GZIP))
}

/// The encoding that a body is left in, since nobody has asked for it.
pub(crate) fn foreign(headers: &HeaderMap) -> Option<&str> {
    encoding(headers).filter(|name| !is(name, &GZIP) && !is(name, &["identity", ""]))
}

/// What to say of such a body.
pub(crate) fn left_encoded(encoding: &str) -> String {
    format!("the body is encoded with `{encoding}`, which was not asked for")
}

/// Names of encodings are told apart without regard to case.
fn is(name: &str, names: &[&str]) -> bool {
    names.iter().any(|n| name.eq_ignore_ascii_case(n))
}

fn encoding(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_ENCODING)?.to_str().ok().map(str::trim)
}
