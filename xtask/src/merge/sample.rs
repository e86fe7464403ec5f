//! A sample of a request and its answer, made from what an operation unfolds to.

use crate::{
    codegen::adapt::parameters,
    document::{Operation, members},
    model::Node,
};
use serde_json::{Map, Value, json};

/// `known` are the path values of other samples, by parameter.
pub fn of(operation: &Operation, node: &Node, known: &Map<String, Value>) -> Value {
    let path = parameters(operation.path).into_iter().map(|name| {
        let value = known.get(name).cloned();
        (name.to_string(), value.unwrap_or_else(|| "example".into()))
    });
    let query = node.parameters().filter(|p| p.text("in") == "query");
    let query = query.filter_map(|p| {
        let (name, schema) = (p.text("name"), p.get("=")?);
        let value = match name {
            "page_size" if schema.shape() == "integer" => json!(whole(schema, 100)),
            "page_token" if schema.word("format").is_null() => json!("EXAMPLE_PAGE_2"),
            _ => value(schema, name),
        };
        Some((name.to_string(), value))
    });
    let (path, query): (Map<_, _>, Map<_, _>) = (path.collect(), query.collect());
    let [request, response] = [("sent", "request"), ("received", "response")]
        .map(|(step, name)| Some(value(node.get(step)?.get("=")?, name)));
    let mut request = request.unwrap_or_default();
    let mask = &operation.value["x-update-mask"];
    if let Some(resource) = mask["resource"].as_str() {
        let prefix = mask["prefix"].as_str().unwrap_or_default();
        let paths = members(&request[resource]).map(|(name, _)| format!("{prefix}{name}"));
        request["update_mask"] = json!({"paths": paths.collect::<Vec<_>>()});
    }
    let answer = node.get("received").and_then(|answer| answer.get("="));
    let response = match answer.and_then(|answer| answer.name.as_deref()) {
        Some("Unknown") => Value::Null,
        _ => response.unwrap_or_else(|| json!({})),
    };
    json!({"path": path, "query": query, "request": request, "response": response})
}

/// A value that fits a schema, with all of its fields as far as that has an end.
fn value(node: &Node, name: &str) -> Value {
    if let Some(first) = node.word("enum").as_array().and_then(|v| v.first()) {
        return first.clone();
    }
    match (node.shape(), node.inside.first()) {
        ("map", Some((_, values))) => json!({"key": value(values, name)}),
        ("array", Some((_, items))) if items.back.is_none() => {
            let number = node
                .word("minItems")
                .as_u64()
                .map_or(1, |n| n.clamp(1, 100));
            (0..number).map(|_| value(items, name)).collect()
        }
        ("array", _) => json!([]),
        ("union", Some((_, member))) => value(member, name),
        ("anything" | "object" | "open object" | "map" | "union", _) => {
            // What holds itself ends where it may.
            let fields = node
                .fields()
                .filter(|(_, f)| f.back.is_none() || f.required);
            let fields = fields.map(|(name, field)| (name.to_string(), value(field, name)));
            fields.collect::<Map<_, _>>().into()
        }
        (kind, _) => scalar(kind, node, name),
    }
}

fn scalar(kind: &str, node: &Node, name: &str) -> Value {
    match (kind, node.text("format")) {
        ("integer", _) => json!(whole(node, 1)),
        ("number", _) => {
            let bound = |key: &str| node.word(key).as_f64();
            let value = bound("minimum").unwrap_or(0.5);
            json!(bound("maximum").map_or(value, |most| value.min(most)))
        }
        ("boolean", _) => json!(true),
        (_, "date-time") => json!("2024-01-02T03:04:05Z"),
        (_, "date") => json!("2024-01-02"),
        (_, "time") => json!("03:04:05Z"),
        (_, "duration") => json!("P1D"),
        (_, "email") => json!("someone@example.com"),
        (_, "hostname") => json!("www.example.com"),
        (_, "ipv4") => json!("192.0.2.1"),
        (_, "ipv6") => json!("2001:db8::1"),
        (_, "uri") => json!("https://www.example.com/"),
        (_, "uuid") => json!("01234567-89ab-4cde-8f01-23456789abcd"),
        _ if node.word("pattern").is_string() && node.word("example").is_string() => {
            node.word("example").clone()
        }
        _ if name == "next_page_token" => json!(""),
        _ => {
            let size = |key: &str| usize::try_from(node.word(key).as_u64()?).ok();
            let least = size("minLength").unwrap_or(0);
            let most = size("maxLength").unwrap_or(usize::MAX);
            let text = format!("example {}", name.replace('_', " "));
            let text: String = text.chars().take(most).collect();
            json!(format!("{text:x<least$}"))
        }
    }
}

/// The number, or the next one that the limits let through.
fn whole(node: &Node, number: i64) -> i64 {
    let limit = |key: &str| node.word(key).as_i64();
    let above = limit("exclusiveMinimum")
        .map(|n| n + 1)
        .max(limit("minimum"));
    let below = [limit("exclusiveMaximum").map(|n| n - 1), limit("maximum")];
    let below = below.into_iter().flatten().min().unwrap_or(i64::MAX);
    let number = number.max(above.unwrap_or(i64::MIN)).min(below);
    let step = limit("multipleOf").filter(|step| *step > 0).unwrap_or(1);
    let next = number + (step - number.rem_euclid(step)) % step;
    if next > below { next - step } else { next }
}
