//! What becomes a type, a field or an argument is explained: it becomes their rustdoc.

use super::{Outcome, outcome};
use crate::{
    document::{Document, members},
    finding::Finding,
    json::step,
    project::DOCUMENT,
};
use serde_json::Value;

pub fn check(document: &Document) -> Outcome {
    let mut findings = Vec::new();
    for (pointer, schema) in document.schemas() {
        findings.extend(undescribed("schema/description", &pointer, schema));
        for (name, property) in members(&schema["properties"]) {
            let pointer = format!("{pointer}/properties/{}", step(name));
            findings.extend(undescribed("property/description", &pointer, property));
        }
    }
    for (pointer, parameter) in parameters(document) {
        findings.extend(undescribed("parameter/description", &pointer, parameter));
    }
    outcome(findings, || {
        "every schema, property and parameter has a description".into()
    })
}

/// Those that operations share and those that they have to themselves.
fn parameters(document: &Document) -> Vec<(String, &Value)> {
    let shared = members(&document.value["components"]["parameters"]);
    let mut parameters: Vec<_> = shared
        .map(|(name, p)| (format!("/components/parameters/{}", step(name)), p))
        .collect();
    for operation in document.operations() {
        let own = operation.value["parameters"]
            .as_array()
            .into_iter()
            .flatten();
        let pointer = |index| format!("{}/parameters/{index}", operation.pointer);
        parameters.extend(own.enumerate().map(|(index, p)| (pointer(index), p)));
    }
    parameters
}

/// A reference is described where it leads.
fn undescribed(id: &'static str, pointer: &str, value: &Value) -> Option<Finding> {
    let described = value["description"]
        .as_str()
        .is_some_and(|d| !d.trim().is_empty());
    if described || value["$ref"].is_string() {
        return None;
    }
    Some(Finding::error(id, DOCUMENT, pointer, "no `description`"))
}
