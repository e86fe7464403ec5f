//! One text for one document: a difference shows what changed and nothing else.

use super::Outcome;
use crate::{document::Document, finding::Finding, json, project::DOCUMENT};

pub fn check(text: &str, document: &Document) -> Outcome {
    let canonical = json::canonical(&document.value);
    if text == canonical {
        return Ok(format!("{DOCUMENT} is in canonical form"));
    }
    let same = text
        .lines()
        .zip(canonical.lines())
        .take_while(|(a, b)| a == b);
    let message = format!(
        "not in canonical form from line {} on: run `cargo xtask fmt`",
        same.count() + 1
    );
    Err(vec![Finding::error(
        "document/not-canonical",
        DOCUMENT,
        "",
        message,
    )])
}
