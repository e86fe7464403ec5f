//! The document is OpenAPI 3.0, and what it refers to is there.

use super::{Outcome, found, outcome};
use crate::{
    document::{Document, members},
    finding::Finding,
    json::step,
    project::DOCUMENT,
};
use openapiv3::{OpenAPI, Operation, Parameter, Response, Schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub fn check(document: &Document) -> Outcome {
    // Of another version, the conventions have said it.
    let version = document.value["openapi"].as_str();
    let version = version
        .filter(|v| v.starts_with("3.0."))
        .ok_or_else(Vec::new)?;
    let mut findings = Vec::new();
    if let Some(whole) = part::<OpenAPI>("", &document.value) {
        findings = parts(document);
        if findings.is_empty() {
            findings.push(whole);
        }
    }
    broken_references(&document.value, "", document, &mut findings);
    outcome(findings, || {
        format!("{DOCUMENT} is valid OpenAPI {version}")
    })
}

/// Part by part, since a parser of the whole does not say where it failed.
fn parts(document: &Document) -> Vec<Finding> {
    let operations = document.operations().into_iter();
    let operations = operations.filter_map(|o| part::<Operation>(&o.pointer, o.value));
    operations
        .chain(named::<Parameter>("parameters", document))
        .chain(named::<Response>("responses", document))
        .chain(named::<Schema>("schemas", document))
        .collect()
}

fn named<T: DeserializeOwned>(kind: &str, document: &Document) -> Vec<Finding> {
    let own = members(&document.value["components"][kind]);
    own.filter(|(_, value)| value.get("$ref").is_none())
        .filter_map(|(name, value)| part::<T>(&format!("/components/{kind}/{}", step(name)), value))
        .collect()
}

fn part<T: DeserializeOwned>(pointer: &str, value: &Value) -> Option<Finding> {
    let error = T::deserialize(value).err()?;
    let message = format!("not OpenAPI 3.0: {error}");
    Some(found("document/not-openapi", pointer, message))
}

fn broken_references(value: &Value, pointer: &str, document: &Document, broken: &mut Vec<Finding>) {
    if value["$ref"].is_string() && document.follow(value).is_none() {
        let message = format!("{} refers to nothing in this document", value["$ref"]);
        broken.push(found(
            "document/broken-reference",
            &format!("{pointer}/$ref"),
            message,
        ));
    }
    let named = members(value).map(|(key, inner)| (step(key), inner));
    let listed = value.as_array().into_iter().flatten().enumerate();
    let listed = listed.map(|(index, inner)| (index.to_string(), inner));
    for (key, inner) in named.chain(listed) {
        broken_references(inner, &format!("{pointer}/{key}"), document, broken);
    }
}
