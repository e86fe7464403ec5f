//! The document's schemas as JSON Schema of draft 4, which is what OpenAPI 3.0's dialect
//! comes from.
//!
//! References keep their form, so a schema that holds [`components`] under `components` can
//! refer to a named schema just as the document does.

use crate::document::{Document, members};
use serde_json::{Map, Value, json};

/// All named schemas, closed: a key that a schema does not name is an error, which the
/// document's own `additionalProperties: {}` would let pass. (Its `allOf`s have one member,
/// so closing a schema cannot contradict another.)
pub fn components(document: &Document) -> Value {
    let schemas = &document.value["components"]["schemas"];
    let closed: Map<_, _> = members(schemas)
        .map(|(name, schema)| (name.clone(), closed(schema, schemas)))
        .collect();
    json!({ "schemas": closed })
}

/// One schema of the document, closed like those of [`components`].
pub fn closed(schema: &Value, schemas: &Value) -> Value {
    let Some(object) = schema.as_object() else {
        return schema.clone();
    };
    let mut translated = Map::new();
    for (key, value) in object {
        if let Some(value) = keyword(key, value, schemas) {
            translated.insert(key.clone(), value);
        }
    }
    let open = matches!(
        schema["additionalProperties"],
        Value::Null | Value::Bool(true)
    ) || schema["additionalProperties"] == json!({});
    if schema["properties"].is_object() && open && !is_catch_all(schema) {
        translated.insert("additionalProperties".into(), false.into());
    }
    match schema["nullable"] {
        Value::Bool(true) => nullable(translated),
        _ => translated.into(),
    }
}

/// Annotations and extensions say nothing about a value.
fn keyword(key: &str, value: &Value, schemas: &Value) -> Option<Value> {
    const ANNOTATIONS: [&str; 11] = [
        "default",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "externalDocs",
        "nullable",
        "readOnly",
        "title",
        "writeOnly",
        "xml",
    ];
    Some(match (key, value) {
        _ if key.starts_with("x-") || ANNOTATIONS.contains(&key) => return None,
        ("properties", Value::Object(properties)) => properties
            .iter()
            .map(|(name, property)| (name.clone(), closed(property, schemas)))
            .collect(),
        ("oneOf", Value::Array(all)) => all.iter().map(|m| member(m, all, schemas)).collect(),
        ("allOf" | "anyOf", Value::Array(all)) => all.iter().map(|m| closed(m, schemas)).collect(),
        ("items" | "additionalProperties" | "not", value) => closed(value, schemas),
        _ => value.clone(),
    })
}

/// A member of a union. The one that catches the rest takes only what has no other member's
/// tag: otherwise it would excuse whatever is wrong with the others.
fn member(member: &Value, all: &[Value], schemas: &Value) -> Value {
    let translated = closed(member, schemas);
    if !is_catch_all(named(member, schemas)) {
        return translated;
    }
    let claimed = all.iter().filter_map(|m| tag(named(m, schemas)));
    let claimed: Vec<_> = claimed
        .map(|(key, values)| json!({"properties": {key: {"enum": values}}, "required": [key]}))
        .collect();
    if claimed.is_empty() {
        return translated;
    }
    json!({"allOf": [translated], "not": {"anyOf": claimed}})
}

fn named<'a>(member: &'a Value, schemas: &'a Value) -> &'a Value {
    let name = member["$ref"].as_str().and_then(|r| r.rsplit('/').next());
    name.map_or(member, |name| &schemas[name])
}

fn is_catch_all(schema: &Value) -> bool {
    schema["x-catch-all"] == true
}

/// The property by whose single value a union's member is told from the others.
fn tag(schema: &Value) -> Option<(&String, &Value)> {
    members(&schema["properties"]).find_map(|(key, property)| {
        let values = &property["enum"];
        (values.as_array()?.len() == 1).then_some((key, values))
    })
}

/// `nullable` is OpenAPI's own word.
fn nullable(mut schema: Map<String, Value>) -> Value {
    let Some(kind) = schema.get("type").cloned() else {
        return json!({"anyOf": [{"enum": [null]}, schema]});
    };
    schema.insert("type".into(), json!([kind, "null"]));
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
    }
    schema.into()
}
