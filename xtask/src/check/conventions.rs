//! What the project asks of the document beyond OpenAPI: `spec/conventions.schema.json`.

use super::{Outcome, outcome};
use crate::{document::Document, finding::Finding, project::DOCUMENT};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::Value;
use std::sync::LazyLock;

static CONVENTIONS: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../spec/conventions.schema.json");
    serde_json::from_str(text).unwrap_or_default()
});

pub fn check(document: &Document) -> Outcome {
    let broken = |e| vec![Finding::error("conventions", DOCUMENT, "", format!("{e}"))];
    let validator = jsonschema::validator_for(&CONVENTIONS).map_err(broken)?;
    let errors = validator.iter_errors(&document.value);
    let mut findings: Vec<_> = errors.map(|error| finding(&error)).collect();
    let key = |f: &Finding| (f.place.pointer.clone(), f.id);
    findings.sort_by_key(key);
    findings.dedup_by_key(|f| key(f));
    outcome(findings, || {
        "every operation, schema, property and parameter says what it has to say of itself".into()
    })
}

/// The innermost part of the schema around an error that has an id, where that part stands.
fn finding(error: &ValidationError) -> Finding {
    let mut schema = &*CONVENTIONS;
    let (mut rule, mut holder) = (schema, schema);
    let (mut depth, mut inside, mut named) = (0, 0, false);
    for key in error.evaluation_path().as_str().split('/').skip(1) {
        holder = schema;
        let next = match (key, schema["$ref"].as_str()) {
            ("$ref", Some(part)) => CONVENTIONS.pointer(part.trim_start_matches('#')),
            _ => schema.pointer(&format!("/{key}")),
        };
        schema = next.unwrap_or(&Value::Null);
        depth += usize::from(named || ["additionalProperties", "items"].contains(&key));
        named = !named && ["properties", "patternProperties"].contains(&key);
        if schema["x-finding"].is_string() {
            (rule, inside) = (schema, depth);
        }
    }
    // What is missing has nothing around it but its holder.
    if let ValidationErrorKind::Required { property } = error.kind() {
        let missing = &holder["properties"][property.as_str().unwrap_or_default()];
        if missing["x-finding"].is_string() {
            (rule, inside) = (missing, depth);
        }
    }
    let place = error.instance_path().as_str().split('/').take(inside + 1);
    let place = place.collect::<Vec<_>>().join("/");
    let text = |key: &str| rule[key].as_str().unwrap_or_default();
    Finding::error(text("x-finding"), DOCUMENT, place, text("description"))
}
