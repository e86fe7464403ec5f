//! Every operation has a sample of its request and its answer, true to the document.
//!
//! A sample is what the contract test sends and receives, so a wrong one proves nothing.

use super::{Outcome, count, found, outcome, reason};
use crate::{
    codegen::adapt::{parameters, reference},
    document::{Document, Operation, members},
    finding::Finding,
    json, json_schema,
    project::{Project, SAMPLES},
};
use jsonschema::{Draft, ValidationError};
use serde_json::{Map, Value, json};

pub fn check(project: &Project, document: &Document) -> Outcome {
    let mut files = project
        .list(SAMPLES)
        .map_err(|e| vec![Finding::error("sample/unreadable", SAMPLES, "", reason(&e))])?;
    let (mut findings, mut samples) = (Vec::new(), Map::new());
    let operations = document.operations();
    for operation in operations.iter().filter(|o| !o.id.is_empty()) {
        let path = file(operation.id);
        if !files.remove(&format!("{}.json", operation.id)) {
            let message = format!("{}: no sample, expected {path}", operation.id);
            findings.push(found("sample/missing", &operation.pointer, message));
            continue;
        }
        let text = project.read(&path);
        match text.and_then(|text| json::parse(&path, &text)) {
            Ok(sample) => drop(samples.insert(operation.id.into(), sample)),
            Err(e) => findings.push(Finding::error("sample/not-json", path, "", reason(&e))),
        }
    }
    findings.extend(files.iter().map(|stray| {
        let path = format!("{SAMPLES}/{stray}");
        Finding::error("sample/stray", path, "", "no operation has this name")
    }));
    let number = count(samples.len(), "sample");
    findings.extend(invalid(&samples.into(), &operations, document));
    outcome(findings, || {
        format!("{number} in {SAMPLES} fit their operations")
    })
}

fn file(operation: &str) -> String {
    format!("{SAMPLES}/{operation}.json")
}

/// All samples are validated at once, as one value with one schema: the named schemas are
/// compiled once, and the path to an error begins with the operation.
fn invalid(samples: &Value, operations: &[Operation], document: &Document) -> Vec<Finding> {
    let each = operations
        .iter()
        .map(|o| (o.id.to_string(), sample_schema(o, document)));
    let each: Map<_, _> = each.collect();
    let schema = json!({"components": json_schema::components(document), "properties": each});
    let options = jsonschema::options().with_draft(Draft::Draft7);
    match options.should_validate_formats(true).build(&schema) {
        Ok(validator) => {
            let errors = validator.iter_errors(samples);
            errors.map(|error| mismatch(&error, &schema)).collect()
        }
        Err(error) => vec![not_a_schema(&error, operations)],
    }
}

/// The place is in the named schemas, whose pointers are the document's, or in the
/// parameters of an operation.
fn not_a_schema(error: &ValidationError, operations: &[Operation]) -> Finding {
    let place = error.instance_path().as_str();
    let of = |o: &&Operation| place.starts_with(&format!("/properties/{}/", o.id));
    let pointer = operations.iter().find(of).map_or(place, |o| &o.pointer);
    let message = format!("no JSON Schema can be made of it: {error}");
    found("document/not-a-schema", pointer, message)
}

fn mismatch(error: &ValidationError, schema: &Value) -> Finding {
    let path = error.instance_path().as_str();
    let path = path.strip_prefix('/').unwrap_or_default();
    let (operation, pointer) = path.split_at(path.find('/').unwrap_or(path.len()));
    let id = match pointer.split('/').nth(1) {
        Some("path") => "sample/path",
        Some("query") => "sample/query",
        Some("request") => "sample/request",
        Some("response") => "sample/response",
        _ => "sample/parts",
    };
    // Only what this file makes has descriptions: they say more than the error does.
    let keyword = error.schema_path().as_str();
    let around = keyword
        .rsplit_once('/')
        .and_then(|(around, _)| schema.pointer(around));
    let why = around.and_then(|s| s["description"].as_str());
    let message = why.map_or_else(|| error.masked().to_string(), str::to_string);
    Finding::error(id, file(operation), pointer, message)
}

fn sample_schema(operation: &Operation, document: &Document) -> Value {
    let path = parameters(operation.path).into_iter();
    let path = path.map(|name| (name, json!({"type": "string", "minLength": 1}), true));
    let query = operation.parameters.iter().filter(|p| p["in"] == "query");
    let query = query.filter_map(|p| {
        let schema = json_schema::closed(&p["schema"], &document.value["components"]["schemas"]);
        Some((p["name"].as_str()?, schema, p["required"] == true))
    });
    let parts = [
        ("path", object(path)),
        ("query", object(query)),
        ("request", request(operation, document)),
        ("response", response(operation, document)),
    ];
    object(parts.into_iter().map(|(name, schema)| (name, schema, true)))
}

/// An object with these properties, and none else; each with whether it has to be there.
fn object<'a>(properties: impl Iterator<Item = (&'a str, Value, bool)>) -> Value {
    let mut schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let mut needed = Vec::new();
    for (name, property, required) in properties {
        schema["properties"][name] = property;
        needed.extend(required.then_some(name));
    }
    // Draft 4 has no empty `required`.
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    schema
}

fn request(operation: &Operation, document: &Document) -> Value {
    content(operation.value.get("requestBody"), document)
        .unwrap_or_else(|| only(Value::Null, "the operation takes no body: expected null"))
}

fn response(operation: &Operation, document: &Document) -> Value {
    let mut answers = members(&operation.value["responses"]);
    let success = answers.find(|(status, _)| status.starts_with('2'));
    let schema = content(success.map(|(_, answer)| answer), document);
    match schema.as_ref().map(reference) {
        Some(Some("Unknown")) => only(Value::Null, "nothing is known of the answer: expected null"),
        Some(Some("Empty")) | None => only(json!({}), "the answer is empty: expected {}"),
        Some(_) => schema.unwrap_or_default(),
    }
}

/// A schema for one value, and what to say of any other.
fn only(value: Value, message: &str) -> Value {
    json!({"enum": [value], "description": message})
}

/// The schema of a body or an answer.
fn content(holder: Option<&Value>, document: &Document) -> Option<Value> {
    let schema = &document.follow(holder?)?["content"]["application/json"]["schema"];
    let schemas = &document.value["components"]["schemas"];
    (!schema.is_null()).then(|| json_schema::closed(schema, schemas))
}
