//! Postman collections, format 2: requests in folders, with examples of their answers.

use super::{Source, not_understood};
use crate::{
    answers::Exchange,
    codegen::adapt::parameters,
    document::METHODS,
    finding::{Finding, Place},
    model::calls,
};
use heck::ToSnakeCase;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The requests become an OpenAPI document, the examples calls with their answers.
pub fn read(name: &str, raw: &Value) -> Source {
    let mut collection = Collection {
        name,
        variables: variables(raw),
        ..Collection::default()
    };
    collection.folder(raw, None, "");
    let servers = collection.hosts.iter().map(|host| json!({"url": host}));
    let document = json!({
        "openapi": "3.0.3",
        "info": raw["info"],
        "servers": servers.collect::<Vec<_>>(),
        "paths": collection.paths,
    });
    let (number, examples) = (calls(&document).len(), collection.exchanges.len());
    let schema = raw["info"]["schema"].as_str().unwrap_or_default();
    let version = if schema.contains("/v2.1.") {
        "2.1"
    } else {
        "2.0"
    };
    Source {
        name: name.into(),
        kind: format!("Postman collection {version}"),
        counts: format!("{number} operations, {examples} examples"),
        document: Some(document),
        by_example: true,
        exchanges: collection.exchanges,
        findings: collection.findings,
        ..Source::default()
    }
}

#[derive(Default)]
struct Collection<'a> {
    name: &'a str,
    variables: BTreeMap<String, String>,
    paths: Map<String, Value>,
    /// With their schemes, as far as addresses have them written out.
    hosts: BTreeSet<String>,
    exchanges: Vec<Exchange>,
    findings: Vec<Finding>,
}

struct Address {
    host: Option<String>,
    /// The path with its `:name` and `{{name}}` as `{name}`.
    template: String,
    /// Names, values and descriptions.
    query: Vec<(String, String, Value)>,
}

impl Collection<'_> {
    fn puzzle(&mut self, pointer: String, what: &str) {
        self.findings.push(not_understood(self.name, pointer, what));
    }

    fn folder(&mut self, folder: &Value, service: Option<&str>, pointer: &str) {
        for (index, item) in list(&folder["item"]).enumerate() {
            let at = format!("{pointer}/item/{index}");
            match item["item"].is_array() {
                // The outermost folder is the service.
                true => self.folder(item, service.or(item["name"].as_str()), &at),
                false => self.request(item, service, &at),
            }
        }
    }

    fn request(&mut self, item: &Value, service: Option<&str>, pointer: &str) {
        let request = &item["request"];
        // A request may be written as its address alone.
        let whole = request.is_string();
        let url = if whole { request } else { &request["url"] };
        let Some(address) = self.address(url) else {
            return self.puzzle(pointer.into(), "an item without a request");
        };
        let method = request["method"].as_str().unwrap_or("GET").to_lowercase();
        if !METHODS.contains(&&*method) {
            return self.puzzle(pointer.into(), "a method that OpenAPI does not have");
        }
        self.hosts.extend(address.host);
        let template = address.template;
        let body = self.body(&request["body"], &format!("{pointer}/request/body"));
        let path = parameters(&template).into_iter();
        let path = path.map(
            |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
        );
        let query = address.query.into_iter().map(parameter);
        let mut operation = json!({
            "operationId": item["name"].as_str().unwrap_or(&template).to_snake_case(),
            "summary": item["name"],
            "tags": [service],
            "parameters": path.chain(query).collect::<Vec<_>>(),
            "responses": self.answers(item, &method, &template, body.as_ref(), pointer),
        });
        if let Some(text) = request["description"].as_str() {
            operation["description"] = text.into();
        }
        if let Some(body) = body {
            let content = json!({"application/json": {"schema": infer(&body)}});
            operation["requestBody"] = json!({"content": content});
        }
        let methods = self.paths.entry(template).or_insert_with(|| json!({}));
        unite(&mut methods[method], operation);
    }

    /// An address as one text or in its parts.
    fn address(&self, url: &Value) -> Option<Address> {
        let text = url.as_str().or(url["raw"].as_str()).unwrap_or_default();
        let text = self.substituted(text.split('#').next().unwrap_or_default());
        let (text, query) = text.split_once('?').unwrap_or((&text, ""));
        // `{{base_url}}/workspaces` without a value for the variable has no scheme.
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let part = |p: &Value| p.as_str().or(p["value"].as_str()).map(str::to_string);
        let path = match &url["path"] {
            Value::Array(parts) => parts.iter().filter_map(part).collect::<Vec<_>>().join("/"),
            Value::String(path) => path.clone(),
            _ if text.is_empty() => return None,
            _ => path.into(),
        };
        let query = match url["query"].as_array() {
            Some(all) => all
                .iter()
                .map(|p| {
                    let word = |key: &str| self.substituted(p[key].as_str().unwrap_or_default());
                    (word("key"), word("value"), p["description"].clone())
                })
                .collect(),
            None => url::form_urlencoded::parse(query.as_bytes())
                .map(|(key, value)| (key.into(), value.into(), Value::Null))
                .collect::<Vec<_>>(),
        };
        let written_out = !scheme.is_empty() && !host.contains(['{', ':']);
        Some(Address {
            host: written_out.then(|| format!("{scheme}://{host}")),
            template: template(&self.substituted(&path)),
            query: query
                .into_iter()
                .filter(|(name, ..)| !name.is_empty())
                .collect(),
        })
    }

    fn body(&mut self, body: &Value, pointer: &str) -> Option<Value> {
        let text = self.substituted(body["raw"].as_str().unwrap_or_default());
        let mode = body["mode"].as_str().unwrap_or("raw");
        let form = body[mode].as_array();
        if form.map_or(mode == "raw" && text.trim().is_empty(), Vec::is_empty) {
            return None;
        }
        // A variable without quotes stands for a number or a part of its own.
        let texts = [without_variables(&text), text];
        let read = texts
            .iter()
            .rev()
            .find_map(|text| serde_json::from_str(text).ok());
        if read.is_none() {
            self.puzzle(format!("{pointer}/{mode}"), "a body that is not JSON");
        }
        read.map(sampled)
    }

    fn answers(
        &mut self,
        item: &Value,
        method: &str,
        path: &str,
        request: Option<&Value>,
        pointer: &str,
    ) -> Value {
        let mut responses = Map::new();
        for (index, answer) in list(&item["response"]).enumerate() {
            let code = answer["code"].as_u64().and_then(|c| u16::try_from(c).ok());
            let status = code.unwrap_or(200);
            let text = answer["body"].as_str().unwrap_or_default();
            let body = serde_json::from_str(text).ok().map(sampled);
            let mut read = json!({"description": answer["name"].as_str().unwrap_or_default()});
            if let Some(body) = &body {
                read["content"]["application/json"]["schema"] = infer(body);
            }
            responses.insert(status.to_string(), read);
            self.exchanges.push(Exchange {
                method: method.to_uppercase(),
                path: path.into(),
                query: Vec::new(),
                request: request.cloned(),
                status,
                is_empty: text.trim().is_empty(),
                answer: body,
                place: Place::new(self.name, format!("{pointer}/response/{index}/body")),
                secrets: BTreeSet::new(),
            });
        }
        if !responses.keys().any(|status| status.starts_with('2')) {
            // No example is not an empty answer.
            let schema = json!({"application/json": {"schema": {}}});
            responses.insert("200".into(), json!({"description": "", "content": schema}));
        }
        responses.into()
    }

    /// `{{variable}}` by its value in the collection, if it has one.
    fn substituted(&self, text: &str) -> String {
        let replace = |text: String, (name, value): (&String, &String)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        };
        self.variables.iter().fold(text.to_string(), replace)
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn variables(raw: &Value) -> BTreeMap<String, String> {
    let pair = |v: &Value| Some((v["key"].as_str()?.into(), v["value"].as_str()?.into()));
    list(&raw["variable"])
        .filter_map(pair)
        .filter(|(_, value): &(_, String)| !value.is_empty())
        .collect()
}

fn parameter((name, value, text): (String, String, Value)) -> Value {
    let schema = match value.parse::<i64>() {
        Ok(_) => json!({"type": "integer"}),
        Err(_) if value.is_empty() || value.contains("{{") => json!({}),
        Err(_) => infer(&sampled(value.into())),
    };
    let mut read = json!({"name": name, "in": "query", "schema": schema});
    if text.is_string() {
        read["description"] = text;
    }
    read
}

/// Several requests of one call show more of it than one: what the first has stays.
fn unite(first: &mut Value, other: Value) {
    if first.is_null() {
        *first = other;
        return;
    }
    match (first, other) {
        (Value::Object(first), Value::Object(other)) => {
            let kind =
                |map: &Map<String, Value>| map.get("type").filter(|t| t.is_string()).cloned();
            let alike = kind(first) == kind(&other);
            for (key, value) in other.into_iter().filter(|_| alike) {
                unite(first.entry(key).or_insert(Value::Null), value);
            }
        }
        // Parameters.
        (Value::Array(first), Value::Array(other)) => {
            let new =
                |p: &Value| p["in"].is_string() && first.iter().all(|f| f["name"] != p["name"]);
            let new: Vec<_> = other.into_iter().filter(new).collect();
            first.extend(new);
        }
        _ => {}
    }
}

fn without_variables(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut read = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let bare = read.trim_end().ends_with([':', ',', '[']);
        match part.split_once("}}") {
            Some((_, rest)) if bare => read.extend(["null", rest]),
            _ => read.extend(["{{", part]),
        }
    }
    read
}

fn template(path: &str) -> String {
    let segments = path.trim_start_matches('/').split('/').map(|segment| {
        let braced = || segment.strip_prefix("{{")?.strip_suffix("}}");
        match segment.strip_prefix(':').or_else(braced) {
            Some(name) => format!("/{{{}}}", name.to_snake_case()),
            None => format!("/{segment}"),
        }
    });
    let path: String = segments.collect();
    let path = path.strip_prefix("/v1beta").unwrap_or(&path);
    path.trim_end_matches('/').to_string()
}

/// A value in place of what a converter writes where it knows the type alone: `"<boolean>"`.
fn sampled(value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('<').and_then(|t| t.strip_suffix('>')) {
            Some("boolean") => json!(true),
            Some("integer" | "long") => json!(1),
            Some("number" | "double" | "float") => json!(0.5),
            Some("dateTime") => json!("2024-01-02T03:04:05Z"),
            Some("object") => json!({}),
            Some("array") => json!([]),
            Some("string" | "uuid" | "date" | "email" | "uri" | "url") => json!("example"),
            _ => text.into(),
        },
        Value::Array(all) => all.into_iter().map(sampled).collect(),
        Value::Object(map) => map.into_iter().map(|(k, v)| (k, sampled(v))).collect(),
        other => other,
    }
}

/// The schema that an example shows.
fn infer(value: &Value) -> Value {
    match value {
        Value::Object(map) if map.is_empty() => json!({"type": "object"}),
        Value::Object(map) => {
            let properties = map.iter().map(|(key, value)| (key.clone(), infer(value)));
            json!({"type": "object", "properties": properties.collect::<Map<_, _>>()})
        }
        Value::Array(all) => {
            json!({"type": "array", "items": all.first().map_or(json!({}), infer)})
        }
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => {
            json!({"type": "string", "format": "date-time"})
        }
        Value::String(_) => json!({"type": "string"}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(n) if n.is_f64() => json!({"type": "number"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::Null => json!({}),
    }
}
