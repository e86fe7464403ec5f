//! The document's schemas as JSON Schema of draft 7, which can say which member of a union is
//! meant.
//!
//! References keep their form, so a schema that holds [`components`] under `components` can
//! refer to a named schema just as the document does.

use crate::{
    codegen::adapt::reference,
    document::{Document, members},
    model::EXCLUSIVE,
};
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
    let words = object.iter();
    let words = words.filter_map(|(key, value)| Some((key.clone(), keyword(key, value, schemas)?)));
    let mut translated: Map<_, _> = words.collect();
    let more = &schema["additionalProperties"];
    let is_open = more.is_null() || *more == true || *more == json!({});
    if schema["properties"].is_object() && is_open && !is_catch_all(schema) {
        translated.insert("additionalProperties".into(), false.into());
    }
    for (limit, exclusive) in EXCLUSIVE {
        if translated.remove(exclusive) == Some(true.into()) {
            let value = translated.remove(limit).unwrap_or_default();
            translated.insert(exclusive.into(), value);
        }
    }
    if let Some(told_apart) = schema["oneOf"]
        .as_array()
        .and_then(|all| union(all, schemas))
    {
        translated.remove("oneOf");
        translated.insert("allOf".into(), told_apart);
    }
    match schema["nullable"] {
        Value::Bool(true) => nullable(translated),
        _ => translated.into(),
    }
}

/// Annotations and extensions say nothing about a value.
fn keyword(key: &str, value: &Value, schemas: &Value) -> Option<Value> {
    const ANNOTATIONS: &str = "default deprecated description discriminator example externalDocs \
        nullable readOnly title writeOnly xml";
    let is_annotation = ANNOTATIONS.split(' ').any(|word| word == key);
    Some(match (key, value) {
        _ if is_annotation || key.starts_with("x-") => return None,
        ("properties", Value::Object(properties)) => properties
            .iter()
            .map(|(name, property)| (name.clone(), closed(property, schemas)))
            .collect(),
        ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => {
            all.iter().map(|m| closed(m, schemas)).collect()
        }
        ("items" | "additionalProperties" | "not", value) => closed(value, schemas),
        _ => value.clone(),
    })
}

/// A union as the client reads it: the member whose tag a value has, so that what is wrong is
/// told of that one, and the member that catches the rest; none if there are no tags.
fn union(all: &[Value], schemas: &Value) -> Option<Value> {
    let (mut tags, mut told_apart) = (Vec::new(), Vec::new());
    for member in all {
        if let Some((key, values)) = tag(named(member, schemas)) {
            let tag = json!({"required": [key], "properties": {key: {"enum": values}}});
            told_apart.push(json!({"if": tag, "then": closed(member, schemas)}));
            tags.push(tag);
        }
    }
    let no_tag = json!({"not": {"anyOf": tags}});
    let rest = all.iter().filter(|m| is_catch_all(named(m, schemas)));
    told_apart.extend(rest.map(|m| json!({"if": no_tag, "then": closed(m, schemas)})));
    (!tags.is_empty()).then(|| told_apart.into())
}

fn named<'a>(member: &'a Value, schemas: &'a Value) -> &'a Value {
    reference(member).map_or(member, |name| &schemas[name])
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
