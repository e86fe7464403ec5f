//! Every operation has a sample of its request and its answer, true to the document.
//!
//! A sample is what the contract test sends and receives, so a wrong one proves nothing.

use super::{Outcome, count, outcome, reason};
use crate::{
    codegen::adapt::{parameters, reference},
    document::{Document, Operation, members},
    finding::Finding,
    json, json_schema,
    project::{DOCUMENT, Project, SAMPLES},
};
use jsonschema::{Draft, ValidationError};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub fn check(project: &Project, document: &Document) -> Outcome {
    let operations = document.operations();
    let files = project
        .list(SAMPLES)
        .map_err(|e| vec![Finding::error("sample/unreadable", SAMPLES, "", reason(&e))])?;
    let mut findings = strays(&files, &operations);
    let mut samples = Map::new();
    for operation in operations.iter().filter(|o| !o.id.is_empty()) {
        match read(project, operation, &files) {
            Ok(sample) => drop(samples.insert(operation.id.to_string(), sample)),
            Err(finding) => findings.push(finding),
        }
    }
    let number = samples.len();
    findings.extend(invalid(&samples.into(), &operations, document));
    outcome(findings, || {
        format!(
            "{} in {SAMPLES} fit their operations",
            count(number, "sample")
        )
    })
}

fn file(operation: &str) -> String {
    format!("{SAMPLES}/{operation}.json")
}

fn strays(files: &BTreeSet<String>, operations: &[Operation]) -> Vec<Finding> {
    let known = |file: &String| operations.iter().any(|o| *file == format!("{}.json", o.id));
    let strays = files.iter().filter(|file| !known(file)).map(|file| {
        let path = format!("{SAMPLES}/{file}");
        Finding::error("sample/stray", path, "", "no operation has this name")
    });
    strays.collect()
}

fn read(
    project: &Project,
    operation: &Operation,
    files: &BTreeSet<String>,
) -> Result<Value, Finding> {
    let path = file(operation.id);
    if !files.contains(&format!("{}.json", operation.id)) {
        let message = format!("{}: no sample, expected {path}", operation.id);
        return Err(Finding::error(
            "sample/missing",
            DOCUMENT,
            &operation.pointer,
            message,
        ));
    }
    let sample = project
        .read(&path)
        .and_then(|text| json::parse(&path, &text));
    sample.map_err(|e| Finding::error("sample/not-json", path, "", reason(&e)))
}

/// All samples are validated at once, as one value with one schema: the named schemas are
/// compiled once, and the path to an error begins with the operation.
fn invalid(samples: &Value, operations: &[Operation], document: &Document) -> Vec<Finding> {
    let each: Map<_, _> = operations
        .iter()
        .map(|operation| (operation.id.to_string(), sample_schema(operation, document)))
        .collect();
    let schema = json!({"components": json_schema::components(document), "properties": each});
    let validator = jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(true)
        .build(&schema);
    match validator {
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
    let id = place
        .strip_prefix("/properties/")
        .and_then(|p| p.split('/').next());
    let operation = operations.iter().find(|o| Some(o.id) == id);
    let pointer = operation.map_or(place, |o| &o.pointer);
    let message = format!("no JSON Schema can be made of it: {error}");
    Finding::error("document/not-a-schema", DOCUMENT, pointer, message)
}

fn mismatch(error: &ValidationError, schema: &Value) -> Finding {
    let path = error.instance_path().as_str();
    let (operation, pointer) = match path.trim_start_matches('/').split_once('/') {
        Some((operation, rest)) => (operation, format!("/{rest}")),
        None => (path.trim_start_matches('/'), String::new()),
    };
    let id = match pointer.split('/').nth(1) {
        Some("path") => "sample/path",
        Some("query") => "sample/query",
        Some("request") => "sample/request",
        Some("response") => "sample/response",
        _ => "sample/parts",
    };
    // Only what this file makes has descriptions: they say more than the error does.
    let keyword = error.schema_path().as_str();
    let parent = keyword.rsplit_once('/').map_or("", |(parent, _)| parent);
    let why = schema
        .pointer(parent)
        .and_then(|s| s["description"].as_str());
    let message = match why {
        Some(why) => why.to_string(),
        None => error.masked().to_string(),
    };
    Finding::error(id, file(operation), pointer, message)
}

fn sample_schema(operation: &Operation, document: &Document) -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": path(operation),
            "query": query(operation, document),
            "request": request(operation, document),
            "response": response(operation, document),
        },
        "required": ["path", "query", "request", "response"],
        "additionalProperties": false,
    })
}

fn path(operation: &Operation) -> Value {
    let names = parameters(operation.path);
    let one = json!({"type": "string", "minLength": 1});
    let values = names.iter().map(|name| (name.to_string(), one.clone()));
    object(values.collect(), &names)
}

fn query(operation: &Operation, document: &Document) -> Value {
    let schemas = &document.value["components"]["schemas"];
    let declared = operation.parameters.iter().filter(|p| p["in"] == "query");
    let declared: Vec<_> = declared
        .filter_map(|p| Some((p["name"].as_str()?, p)))
        .collect();
    let values = declared
        .iter()
        .map(|(name, p)| (name.to_string(), json_schema::closed(&p["schema"], schemas)));
    let required = declared.iter().filter(|(_, p)| p["required"] == true);
    let required: Vec<_> = required.map(|(name, _)| *name).collect();
    object(values.collect(), &required)
}

/// Draft 4 has no empty `required`.
fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn request(operation: &Operation, document: &Document) -> Value {
    let body = operation.value.get("requestBody");
    content(body, document)
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
