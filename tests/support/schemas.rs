//! Values that schemas of the document describe, read from it without the crate's help.
#![allow(dead_code, reason = "not every test uses everything")]

use super::{arbitrary, support};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The document's schemas by name.
pub fn schemas() -> Map<String, Value> {
    let document = support::read("spec/config-api.json");
    let schemas = document["components"]["schemas"].as_object();
    schemas.expect("schemas").clone()
}

/// The schemas that answers hold, whole or as a part.
pub fn answers(schemas: &Map<String, Value>) -> BTreeMap<&String, &Value> {
    let document = support::read("spec/config-api.json");
    let operations = document["paths"].as_object().expect("paths").values();
    let operations = operations.flat_map(|item| item.as_object().expect("methods").values());
    let mut texts: Vec<_> = operations.map(|o| o["responses"].to_string()).collect();
    let mut answers = BTreeMap::new();
    while let Some(text) = texts.pop() {
        let names = text.split("#/components/schemas/").skip(1);
        for name in names.filter_map(|rest| rest.split('"').next()) {
            let (name, schema) = schemas.get_key_value(name).expect("a schema");
            if answers.insert(name, schema).is_none() {
                texts.push(schema.to_string());
            }
        }
    }
    answers
}

/// The schema behind a reference, direct or as the only member of an `allOf`.
fn resolved<'a>(schemas: &'a Map<String, Value>, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"]
        .as_str()
        .or(schema["allOf"][0]["$ref"].as_str());
    let name = reference.and_then(|r| r.rsplit('/').next());
    name.map_or(schema, |name| &schemas[name])
}

/// Any value of a schema: with keys that are missing, unknown, null or odd.
pub fn any_value(schemas: &Map<String, Value>, schema: &Value, depth: u32) -> BoxedStrategy<Value> {
    let schema = resolved(schemas, schema);
    if let Some(members) = schema["oneOf"].as_array() {
        let members = members.iter().map(|m| any_value(schemas, m, depth));
        return proptest::strategy::Union::new(members).boxed();
    }
    if let Some(values) = schema["enum"].as_array() {
        return match values.as_slice() {
            [tag] => Just(tag.clone()).boxed(),
            values => prop_oneof![select(values.to_vec()), Just(json!("NEW"))].boxed(),
        };
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("date-time")) => select(vec![
            json!("2019-02-05T01:21:25Z"),
            json!("2019-02-05T01:21:25.000Z"),
            json!("0001-01-01T00:00:00Z"),
            json!("2019-02-05T01:21:25+01:00"),
        ])
        .boxed(),
        (Some("string"), _) => arbitrary::string(),
        (Some("integer"), _) => any::<i64>().prop_map(Value::from).boxed(),
        (Some("number"), _) => prop::num::f64::NORMAL.prop_map(Value::from).boxed(),
        (Some("boolean"), _) => any::<bool>().prop_map(Value::from).boxed(),
        (Some("array"), _) if depth == 0 => Just(json!([])).boxed(),
        (Some("array"), _) => arbitrary::list(any_value(schemas, &schema["items"], depth - 1)),
        (Some("object"), _) if schema.get("properties").is_some() => {
            any_object(schemas, schema, depth)
        }
        (Some("object"), _) => {
            let value = any_value(schemas, &schema["additionalProperties"], depth);
            let entries = vec((arbitrary::text(), value), 0..3);
            entries
                .prop_map(|entries| Value::Object(Map::from_iter(entries)))
                .boxed()
        }
        _ => arbitrary::json().boxed(),
    }
}

fn any_object(schemas: &Map<String, Value>, schema: &Value, depth: u32) -> BoxedStrategy<Value> {
    let tagged = |property: &Value| property["enum"].as_array().is_some_and(|v| v.len() == 1);
    let properties = schema["properties"].as_object().expect("properties");
    let member = properties.values().any(tagged);
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut demanded = Vec::new();
    let mut others = Vec::new();
    for (key, property) in properties {
        let value = any_value(schemas, property, depth);
        let only = required.len() == 1 && !properties.contains_key("next_page_token");
        let named = key == "name" || key == "id" || schema["x-identifier"] == key.as_str();
        if required.contains(&json!(key)) && (named || only || member) {
            demanded.push(value.prop_map({
                let key = key.clone();
                move |v| (key.clone(), v)
            }));
        } else {
            let odd = odd(resolved(schemas, property));
            let value = prop_oneof![4 => value, 1 => Just(Value::Null), 1 => Just(odd)];
            others.push(prop::option::of(value.prop_map({
                let key = key.clone();
                move |v| (key.clone(), v)
            })));
        }
    }
    let unknown = vec(
        (
            arbitrary::text().prop_map(|key| format!("x-{key}")),
            arbitrary::json(),
        ),
        0..2,
    );
    (demanded, others, unknown)
        .prop_map(|(demanded, others, unknown)| {
            let known = demanded.into_iter().chain(others.into_iter().flatten());
            Value::Object(known.chain(unknown).collect())
        })
        .boxed()
}

/// What stands for a value of this type although it has another form.
fn odd(property: &Value) -> Value {
    match (property["type"].as_str(), property["format"].as_str()) {
        (Some("string"), Some("date-time")) => json!(""),
        (Some("string"), None) if property.get("enum").is_none() => json!(1234567),
        (Some("integer"), _) => json!(12.0),
        _ => Value::Null,
    }
}

/// A value of a schema with `secret` at each place that is marked to hold one.
pub fn with_secret(
    schemas: &Map<String, Value>,
    schema: &Value,
    secret: &str,
    depth: u32,
) -> Value {
    let marked = schema["x-secret"] == true;
    let schema = resolved(schemas, schema);
    if let Some(member) = schema["oneOf"].as_array().and_then(|m| m.first()) {
        return with_secret(schemas, member, secret, depth);
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        _ if marked => json!({ secret: [secret] }),
        (Some("string"), Some("password")) => json!(secret),
        (Some("string"), Some("date-time")) => json!("2019-02-05T01:21:25Z"),
        (Some("string"), _) => schema["enum"].get(0).cloned().unwrap_or(json!("some text")),
        (Some("integer"), _) => json!(1),
        (Some("number"), _) => json!(0.5),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) if depth == 0 => json!([]),
        (Some("array"), _) => json!([with_secret(schemas, &schema["items"], secret, depth - 1)]),
        (Some("object"), _) => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let filled =
                properties.map(|(k, p)| (k.clone(), with_secret(schemas, p, secret, depth)));
            Value::Object(filled.collect())
        }
        _ => json!({"type": "object"}),
    }
}
