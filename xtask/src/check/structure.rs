//! The document is OpenAPI 3.0, and what it refers to is there.

use super::{Outcome, found, outcome};
use crate::{
    document::{Document, members},
    finding::Finding,
    json::step,
    project::DOCUMENT,
};
use jsonschema::{Draft, ValidationError, error::ValidationErrorKind};
use openapiv3::{OpenAPI, Operation, Parameter, Response, Schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Of 2021-09-28, Apache-2.0.
const SCHEMA: &str = include_str!("../../openapi-3.0.schema.json");

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
    references(&document.value, "", document, &mut findings);
    outcome(findings, || {
        format!("{DOCUMENT} is OpenAPI {version}, and what it refers to is there")
    })
}

/// What a parser lets pass, and the schema that the authors of OpenAPI publish does not.
pub fn published(document: &Document) -> Vec<Finding> {
    let finding = |error: ValidationError| {
        let error = innermost(&error);
        let message = format!("not OpenAPI 3.0: {}", error.masked());
        let pointer = error.instance_path().as_str();
        found("document/not-openapi", pointer, message)
    };
    let schema = serde_json::from_str(SCHEMA).unwrap_or_default();
    match jsonschema::options()
        .with_draft(Draft::Draft4)
        .build(&schema)
    {
        Ok(validator) => {
            let errors = validator.iter_errors(&document.value);
            errors.map(finding).collect()
        }
        Err(error) => vec![finding(error)],
    }
}

/// Of the alternatives that a value does not fit, the one that it comes closest to says what is wrong.
fn innermost<'a>(error: &'a ValidationError<'a>) -> &'a ValidationError<'a> {
    let (ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context }) =
        error.kind()
    else {
        return error;
    };
    let depth = |e: &&ValidationError| e.instance_path().as_str().matches('/').count();
    let inside = context.iter().flatten().map(innermost);
    inside.max_by_key(depth).unwrap_or(error)
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

/// Where that is which can be referred to at a place.
fn components(pointer: &str) -> &'static str {
    let steps: Vec<_> = pointer.rsplit('/').take(2).collect();
    match steps[..] {
        [_, "properties"] => "#/components/schemas/",
        ["requestBody", _] => "#/components/requestBodies/",
        [n, "parameters"] if n.parse::<usize>().is_ok() => "#/components/parameters/",
        [status, "responses"] if status == "default" || status.parse::<u16>().is_ok() => {
            "#/components/responses/"
        }
        _ => "#/components/schemas/",
    }
}

fn references(value: &Value, pointer: &str, document: &Document, findings: &mut Vec<Finding>) {
    if let Some(target) = value["$ref"].as_str() {
        let mut say = |id, key: &str, what| {
            findings.push(found(id, &format!("{pointer}/{}", step(key)), what));
        };
        if document.follow(value).is_none() || !target.starts_with(components(pointer)) {
            let what = format!("`{target}` refers to nothing in this document that fits here");
            say("document/broken-reference", "$ref", what);
        }
        for (key, _) in members(value).filter(|(key, _)| *key != "$ref") {
            let what = "nothing counts beside a `$ref`: refer in an `allOf` of one";
            say("document/beside-reference", key, what.into());
        }
    }
    let named = members(value).map(|(key, inner)| (step(key), inner));
    let listed = value.as_array().into_iter().flatten().enumerate();
    let listed = listed.map(|(index, inner)| (index.to_string(), inner));
    for (key, inner) in named.chain(listed) {
        references(inner, &format!("{pointer}/{key}"), document, findings);
    }
}
