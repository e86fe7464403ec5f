//! A sample of a request and its answer, made from the schemas.

use crate::{
    codegen::adapt::{parameters, reference},
    document::{Document, Operation, members},
    json::step,
    model::shape,
};
use serde_json::{Map, Value, json};

/// `known` are the path values of other samples, by parameter.
pub fn of(operation: &Operation, document: &Document, known: &Map<String, Value>) -> Value {
    let path = parameters(operation.path).into_iter().map(|name| {
        let value = known.get(name).cloned();
        (name.to_string(), value.unwrap_or_else(|| "example".into()))
    });
    let query = operation.parameters.iter().filter(|p| p["in"] == "query");
    let query = query.filter_map(|p| {
        let name = p["name"].as_str()?;
        let value = match name {
            "page_size" if p["schema"]["type"] == "integer" => json!(100),
            "page_token" if p["schema"]["format"].is_null() => json!("EXAMPLE_PAGE_2"),
            _ => value(&p["schema"], name, document, 0),
        };
        Some((name.to_string(), value))
    });
    json!({
        "path": path.collect::<Map<_, _>>(),
        "query": query.collect::<Map<_, _>>(),
        "request": request(operation, document),
        "response": response(operation, document),
    })
}

fn request(operation: &Operation, document: &Document) -> Value {
    let schema = &operation.value["requestBody"]["content"]["application/json"]["schema"];
    let mut request = match schema {
        Value::Null => return Value::Null,
        schema => value(schema, "request", document, 0),
    };
    let mask = &operation.value["x-update-mask"];
    if let Some(resource) = mask["resource"].as_str() {
        let prefix = mask["prefix"].as_str().unwrap_or_default();
        let paths = members(&request[resource]).map(|(name, _)| format!("{prefix}{name}"));
        request["update_mask"] = json!({"paths": paths.collect::<Vec<_>>()});
    }
    request
}

fn response(operation: &Operation, document: &Document) -> Value {
    let mut answers = members(&operation.value["responses"]);
    let success = answers.find(|(status, _)| status.starts_with('2'));
    let schema = success.map(|(_, a)| &a["content"]["application/json"]["schema"]);
    match schema.and_then(reference) {
        Some("Unknown") => Value::Null,
        Some("Empty") | None => json!({}),
        Some(_) => value(schema.unwrap_or(&Value::Null), "response", document, 0),
    }
}

/// A value that fits a schema, with all of its fields as far as that has an end.
fn value(schema: &Value, name: &str, document: &Document, depth: usize) -> Value {
    let target = reference(schema).map(|r| format!("/components/schemas/{}", step(r)));
    let schema = target
        .and_then(|t| document.value.pointer(&t))
        .unwrap_or(schema);
    let inside = |schema: &Value, name: &str| value(schema, name, document, depth + 1);
    if let Some(first) = schema["enum"].as_array().and_then(|v| v.first()) {
        return first.clone();
    }
    match shape(schema) {
        "anything" | "open object" => json!({}),
        "map" => json!({"key": inside(&schema["additionalProperties"], name)}),
        "array" if depth > 6 => json!([]),
        "array" => json!([inside(&schema["items"], name)]),
        "union" => inside(&schema["oneOf"][0], name),
        "object" => {
            let required = schema["required"].as_array();
            let needed = |name: &str| required.is_some_and(|r| r.iter().any(|r| r == name));
            // A type that holds itself ends where it may.
            let fields =
                members(&schema["properties"]).filter(|(name, _)| depth < 6 || needed(name));
            let fields = fields.map(|(name, field)| (name.clone(), inside(field, name)));
            fields.collect::<Map<_, _>>().into()
        }
        kind => scalar(kind, schema, name),
    }
}

fn scalar(kind: &str, schema: &Value, name: &str) -> Value {
    let least = ["minimum", "minLength"]
        .iter()
        .find_map(|key| schema[key].as_i64());
    match (kind, schema["format"].as_str()) {
        ("integer", _) => json!(least.unwrap_or(1)),
        ("number", _) => json!(least.map_or(0.5, |n| n as f64)),
        ("boolean", _) => json!(true),
        (_, Some("date-time")) => json!("2024-01-02T03:04:05Z"),
        _ if name == "next_page_token" => json!(""),
        _ => {
            let text = format!("example {}", name.replace('_', " "));
            let most = schema["maxLength"]
                .as_u64()
                .and_then(|n| usize::try_from(n).ok());
            let least = least.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            let text: String = text.chars().take(most.unwrap_or(usize::MAX)).collect();
            json!(format!("{text:x<least$}"))
        }
    }
}
