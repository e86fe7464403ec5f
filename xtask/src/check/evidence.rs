//! Every operation says how sure it is, where that is from, and what replaces it.

use super::{Outcome, outcome};
use crate::{
    document::{Document, Operation, members},
    finding::Finding,
    project::DOCUMENT,
};
use serde_json::Value;

/// From the surest to the least sure. What was imported, nobody has judged yet.
const CONFIDENCE: [&str; 4] = ["documented", "observed", "inferred", "imported"];

/// What `x-confidence-of` grades one by one; [`PAGING`] comes on top where there are pages.
const PARTS: [&str; 3] = ["path", "request", "response"];

/// That a list is continued with `page_token`: often known from the general rule alone.
const PAGING: &str = "paging";

pub fn check(document: &Document) -> Outcome {
    let operations = document.operations();
    let findings = operations.iter().flat_map(|operation| {
        let found = [
            confidence(operation),
            evidence(operation),
            idempotence(operation),
            public_api(operation),
            text(operation, "summary", "operation/summary"),
            text(operation, "description", "operation/description"),
        ];
        found.into_iter().flatten()
    });
    outcome(findings.collect(), || {
        "every operation has its confidence, evidence, idempotence and Public API call".into()
    })
}

fn finding(operation: &Operation, id: &'static str, key: &str, message: &str) -> Option<Finding> {
    let pointer = match operation.value.get(key) {
        Some(_) => format!("{}/{key}", operation.pointer),
        None => operation.pointer.clone(),
    };
    let message = format!("{}: {message}", operation.id);
    Some(Finding::error(id, DOCUMENT, pointer, message))
}

fn confidence(operation: &Operation) -> Option<Finding> {
    let grade = |value: &Value| CONFIDENCE.iter().position(|c| value == c);
    let Some(whole) = grade(&operation.value["x-confidence"]) else {
        let message = format!("`x-confidence` has to be one of {}", CONFIDENCE.join(", "));
        return finding(operation, "operation/confidence", "x-confidence", &message);
    };
    let id = "operation/confidence-of";
    let of = &operation.value["x-confidence-of"];
    let pages = operation
        .parameters
        .iter()
        .any(|p| p["name"] == "page_token");
    let parts: Vec<_> = PARTS.into_iter().chain(pages.then_some(PAGING)).collect();
    let grades: Option<Vec<_>> = parts.iter().map(|part| grade(&of[part])).collect();
    let Some(grades) = grades.filter(|_| members(of).count() == parts.len()) else {
        let message = format!("`x-confidence-of` has to grade {}", parts.join(", "));
        return finding(operation, id, "x-confidence-of", &message);
    };
    let weakest = grades
        .into_iter()
        .max()
        .filter(|weakest| *weakest != whole)?;
    let message = format!(
        "`x-confidence` is {}, but the weakest of its parts is {}",
        CONFIDENCE[whole], CONFIDENCE[weakest]
    );
    finding(operation, id, "x-confidence-of", &message)
}

fn evidence(operation: &Operation) -> Option<Finding> {
    let sources = operation.value["x-evidence"].as_array();
    let named = |source: &Value| source.as_str().is_some_and(|s| !s.trim().is_empty());
    if sources.is_some_and(|s| !s.is_empty() && s.iter().all(named)) {
        return None;
    }
    let message = "`x-evidence` has to list at least one source";
    finding(operation, "operation/evidence", "x-evidence", message)
}

fn idempotence(operation: &Operation) -> Option<Finding> {
    if operation.value["x-idempotent"].is_boolean() {
        return None;
    }
    let message = "`x-idempotent` has to say whether the call may be repeated";
    finding(operation, "operation/idempotent", "x-idempotent", message)
}

fn public_api(operation: &Operation) -> Option<Finding> {
    let filled = |key: &str| is_text(operation.value.get(key));
    let message = match operation.value.get("x-public-api") {
        Some(Value::String(_)) if filled("x-public-api") => return None,
        Some(Value::Null) if filled("x-public-api-note") => return None,
        Some(Value::Null) => "without a Public API call, `x-public-api-note` has to say why",
        _ => "`x-public-api` has to be the Public API call that replaces this one, or null",
    };
    finding(operation, "operation/public-api", "x-public-api", message)
}

fn text(operation: &Operation, key: &str, id: &'static str) -> Option<Finding> {
    if is_text(operation.value.get(key)) {
        return None;
    }
    finding(operation, id, key, &format!("no `{key}`"))
}

fn is_text(value: Option<&Value>) -> bool {
    value
        .and_then(Value::as_str)
        .is_some_and(|text| !text.trim().is_empty())
}
