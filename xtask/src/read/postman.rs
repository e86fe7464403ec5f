//! Postman collections, format 2.1: requests in folders, with examples of their answers.

use super::{Source, not_understood};
use crate::{
    answers::Exchange,
    codegen::adapt::parameters,
    finding::{Finding, Place},
    model::{METHODS, calls},
};
use heck::ToSnakeCase;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The requests become an OpenAPI document, the examples calls with their answers.
pub fn read(name: &str, raw: &Value) -> Source {
    let mut collection = Collection {
        name,
        variables: variables(raw),
        paths: Map::new(),
        hosts: BTreeSet::new(),
        exchanges: Vec::new(),
        findings: Vec::new(),
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
    Source {
        name: name.into(),
        kind: "Postman collection 2.1".into(),
        counts: format!("{number} operations, {examples} examples"),
        document: Some(document),
        by_example: true,
        exchanges: collection.exchanges,
        findings: collection.findings,
        ..Source::default()
    }
}

struct Collection<'a> {
    name: &'a str,
    variables: BTreeMap<String, String>,
    paths: Map<String, Value>,
    /// With their schemes, as far as addresses have them written out.
    hosts: BTreeSet<String>,
    exchanges: Vec<Exchange>,
    findings: Vec<Finding>,
}

impl Collection<'_> {
    fn puzzle(&mut self, pointer: String, what: &str) {
        self.findings.push(not_understood(self.name, pointer, what));
    }

    fn folder(&mut self, folder: &Value, service: Option<&str>, pointer: &str) {
        for (index, item) in folder["item"].as_array().into_iter().flatten().enumerate() {
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
        let url = if request.is_string() {
            request
        } else {
            &request["url"]
        };
        let method = request["method"].as_str().unwrap_or("GET").to_lowercase();
        let Some(path) = self.path(url).filter(|_| METHODS.contains(&&*method)) else {
            self.puzzle(pointer.into(), "an item without a request");
            return;
        };
        let text = url.as_str().or(url["raw"].as_str()).unwrap_or_default();
        if let Some((scheme, rest)) = self.substituted(text).split_once("://") {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            if !host.contains(['{', ':']) {
                self.hosts.insert(format!("{scheme}://{host}"));
            }
        }
        let template = template(&path);
        let mut operation = json!({
            "operationId": item["name"].as_str().unwrap_or(&template).to_snake_case(),
            "summary": item["name"],
            "tags": [service],
            "parameters": self.parameters(url, &template),
            "responses": {},
        });
        if let Some(text) = request["description"].as_str() {
            operation["description"] = text.into();
        }
        if let Some(body) = self.body(&request["body"], &format!("{pointer}/request/body")) {
            let content = json!({"application/json": {"schema": infer(&body)}});
            operation["requestBody"] = json!({"content": content});
        }
        operation["responses"] = self.answers(item, &method, &template, pointer);
        let methods = self.paths.entry(template).or_insert_with(|| json!({}));
        methods[method] = operation;
    }

    /// The path of an address, as one text or in its parts.
    fn path(&self, url: &Value) -> Option<String> {
        let part = |p: &Value| p.as_str().or(p["value"].as_str()).map(str::to_string);
        if let Some(parts) = url["path"].as_array() {
            let parts: Vec<_> = parts.iter().filter_map(part).collect();
            return Some(self.substituted(&format!("/{}", parts.join("/"))));
        }
        if let Some(path) = url["path"].as_str() {
            return Some(self.substituted(&format!("/{}", path.trim_start_matches('/'))));
        }
        let url = self.substituted(url.as_str().or(url["raw"].as_str())?);
        let url = url.split(['?', '#']).next().unwrap_or_default();
        // `{{base_url}}/workspaces` without a value for the variable has no scheme.
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        Some(rest.find('/').map_or("/", |at| &rest[at..]).to_string())
    }

    fn parameters(&self, url: &Value, template: &str) -> Value {
        let path = parameters(template).into_iter().map(
            |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
        );
        let text = url.as_str().or(url["raw"].as_str()).unwrap_or_default();
        let text = text.split_once('?').map_or("", |(_, query)| query);
        let mut query: Vec<(String, String, Value)> = Vec::new();
        for parameter in url["query"].as_array().into_iter().flatten() {
            let word = |key: &str| parameter[key].as_str().unwrap_or_default();
            query.push((
                word("key").into(),
                word("value").into(),
                parameter["description"].clone(),
            ));
        }
        if url["query"].is_null() {
            let pairs = url::form_urlencoded::parse(text.as_bytes());
            query.extend(pairs.map(|(k, v)| (k.into(), v.into(), Value::Null)));
        }
        let query = query.into_iter().filter(|(name, ..)| !name.is_empty());
        let query = query.map(|(name, value, text)| {
            let value = self.substituted(&value);
            let kind = match (value.parse::<i64>(), infer(&value.as_str().into())) {
                (Ok(_), _) => json!({"type": "integer"}),
                (_, kind) => kind,
            };
            let mut read = json!({"name": name, "in": "query", "schema": kind});
            if text.is_string() {
                read["description"] = text;
            }
            read
        });
        path.chain(query).collect()
    }

    fn body(&mut self, body: &Value, pointer: &str) -> Option<Value> {
        let raw = body["raw"].as_str().unwrap_or_default();
        match body["mode"].as_str() {
            None | Some("raw") if raw.trim().is_empty() => None,
            None | Some("raw") => match serde_json::from_str(&self.substituted(raw)) {
                Ok(body) => Some(body),
                Err(error) => {
                    let what = format!("a body that is not JSON (line {})", error.line());
                    self.puzzle(format!("{pointer}/raw"), &what);
                    None
                }
            },
            Some(mode) if body[mode].as_array().is_some_and(Vec::is_empty) => None,
            Some(_) => {
                self.puzzle(pointer.into(), "a body that is not JSON");
                None
            }
        }
    }

    fn answers(&mut self, item: &Value, method: &str, path: &str, pointer: &str) -> Value {
        let mut responses = Map::new();
        for (index, answer) in item["response"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let code = answer["code"].as_u64().and_then(|c| u16::try_from(c).ok());
            let status = code.unwrap_or(200);
            let text = answer["body"].as_str().unwrap_or_default();
            let body = serde_json::from_str::<Value>(text).ok();
            let mut read = json!({"description": answer["name"].as_str().unwrap_or_default()});
            if let Some(body) = &body {
                read["content"]["application/json"]["schema"] = infer(body);
            }
            responses.insert(status.to_string(), read);
            let request = self.body(&item["request"]["body"], &format!("{pointer}/request/body"));
            self.exchanges.push(Exchange {
                method: method.to_uppercase(),
                path: path.into(),
                query: Vec::new(),
                request,
                status,
                is_empty: text.trim().is_empty(),
                answer: body.map(sampled),
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
        let mut text = text.to_string();
        for (name, value) in &self.variables {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        text
    }
}

fn variables(raw: &Value) -> BTreeMap<String, String> {
    let variables = raw["variable"].as_array().into_iter().flatten();
    let pair = |v: &Value| Some((v["key"].as_str()?.into(), v["value"].as_str()?.into()));
    variables
        .filter_map(pair)
        .filter(|(_, value): &(_, String)| !value.is_empty())
        .collect()
}

/// A path with its `:name` and `{{name}}` as `{name}`.
fn template(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let braced = || {
            segment
                .strip_prefix("{{")
                .and_then(|s| s.strip_suffix("}}"))
        };
        match segment.strip_prefix(':').or_else(braced) {
            Some(name) => format!("{{{}}}", name.to_snake_case()),
            None => segment.to_string(),
        }
    });
    let path = segments.collect::<Vec<_>>().join("/");
    let path = path.strip_prefix("/v1beta").unwrap_or(&path);
    path.trim_end_matches('/').to_string()
}

/// What a converter writes where it knows the type and no value: `"<boolean>"`.
fn placeholder(text: &str) -> Option<(Value, Value)> {
    let kind = text.strip_prefix('<')?.strip_suffix('>')?;
    Some(match kind {
        "boolean" => (json!({"type": "boolean"}), json!(true)),
        "integer" | "long" => (json!({"type": "integer"}), json!(1)),
        "number" | "double" | "float" => (json!({"type": "number"}), json!(0.5)),
        "dateTime" => (
            json!({"type": "string", "format": "date-time"}),
            json!("2024-01-02T03:04:05Z"),
        ),
        "object" => (json!({"type": "object"}), json!({})),
        "array" => (json!({"type": "array", "items": {}}), json!([])),
        "string" | "uuid" | "date" | "email" | "uri" | "url" => {
            (json!({"type": "string"}), json!("example"))
        }
        _ => return None,
    })
}

/// An example with values in place of placeholders.
fn sampled(value: Value) -> Value {
    match value {
        Value::String(text) => placeholder(&text).map_or(text.into(), |(_, sample)| sample),
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
        Value::String(text) => match placeholder(text) {
            Some((schema, _)) => schema,
            None => json!({"type": "string"}),
        },
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(n) if n.is_f64() => json!({"type": "number"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::Null => json!({}),
    }
}
