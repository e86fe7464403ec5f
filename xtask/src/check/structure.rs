//! The document is OpenAPI 3.0, and what it refers to is there.

use super::{Outcome, outcome};
use crate::{
    document::{Document, members},
    finding::Finding,
    json::step,
    project::DOCUMENT,
};
use openapiv3::{OpenAPI, Parameter, Response, Schema};
use serde::Deserialize;
use serde_json::Value;

pub fn check(document: &Document) -> Outcome {
    // Of another version, the conventions have said it.
    let version = document.value["openapi"].as_str();
    let version = version
        .filter(|v| v.starts_with("3.0."))
        .ok_or_else(Vec::new)?;
    let mut findings = not_openapi(document);
    broken_references(&document.value, "", document, &mut findings);
    outcome(findings, || {
        format!("{DOCUMENT} is valid OpenAPI {version}")
    })
}

/// Read part by part, since a parser of the whole does not say where it failed.
fn not_openapi(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in document.operations() {
        findings.extend(part::<openapiv3::Operation>(
            &operation.pointer,
            operation.value,
        ));
    }
    let components = &document.value["components"];
    findings.extend(parts::<Parameter>("parameters", components));
    findings.extend(parts::<Response>("responses", components));
    findings.extend(parts::<Schema>("schemas", components));
    if findings.is_empty() {
        findings.extend(part::<OpenAPI>("", &document.value));
    }
    findings
}

fn parts<'de, T: Deserialize<'de>>(kind: &str, components: &'de Value) -> Vec<Finding> {
    let parts = members(&components[kind]);
    parts
        .filter(|(_, value)| value.get("$ref").is_none())
        .filter_map(|(name, value)| part::<T>(&format!("/components/{kind}/{}", step(name)), value))
        .collect()
}

fn part<'de, T: Deserialize<'de>>(pointer: &str, value: &'de Value) -> Option<Finding> {
    let error = T::deserialize(value).err()?;
    let message = format!("not OpenAPI 3.0: {error}");
    Some(Finding::error(
        "document/not-openapi",
        DOCUMENT,
        pointer,
        message,
    ))
}

fn broken_references(value: &Value, pointer: &str, document: &Document, found: &mut Vec<Finding>) {
    if value["$ref"].is_string() && document.follow(value).is_none() {
        let message = format!("{} refers to nothing in this document", value["$ref"]);
        let pointer = format!("{pointer}/$ref");
        found.push(Finding::error(
            "document/broken-reference",
            DOCUMENT,
            pointer,
            message,
        ));
    }
    for (key, inner) in members(value) {
        broken_references(inner, &format!("{pointer}/{}", step(key)), document, found);
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        broken_references(inner, &format!("{pointer}/{index}"), document, found);
    }
}
