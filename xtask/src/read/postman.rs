//! Postman collections, format 2.1: requests in folders, with examples of their answers.

use super::{Facts, not_understood, openapi};
use crate::{document::members, finding::Finding};
use heck::ToSnakeCase;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Turns the collection into an OpenAPI document, and reads that.
pub fn read(name: &str, raw: &Value) -> Facts {
    let mut collection = Collection {
        name,
        variables: variables(raw),
        paths: Map::new(),
        findings: Vec::new(),
    };
    collection.folder(raw, None, "");
    let document = json!({
        "openapi": "3.0.3",
        "info": raw["info"],
        "security": [{"bearer": []}],
        "paths": collection.paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    });
    let mut facts = openapi::read(name, &document);
    facts.kind = "Postman collection 2.1".into();
    facts.by_example = true;
    facts.findings.extend(collection.findings);
    facts
}

struct Collection<'a> {
    name: &'a str,
    variables: BTreeMap<String, String>,
    paths: Map<String, Value>,
    findings: Vec<Finding>,
}

impl Collection<'_> {
    fn folder(&mut self, folder: &Value, service: Option<&str>, pointer: &str) {
        for (index, item) in folder["item"].as_array().into_iter().flatten().enumerate() {
            let at = format!("{pointer}/item/{index}");
            if item["item"].is_array() {
                // The outermost folder is the service.
                self.folder(item, service.or(item["name"].as_str()), &at);
            } else {
                self.request(item, service, &at);
            }
        }
    }

    fn request(&mut self, item: &Value, service: Option<&str>, pointer: &str) {
        let request = &item["request"];
        let url = request["url"].as_str().or(request["url"]["raw"].as_str());
        let (Some(url), Some(method)) = (url, request["method"].as_str()) else {
            let what = "an item without a request";
            self.findings.push(not_understood(self.name, pointer, what));
            return;
        };
        let template = template(&self.substituted(url));
        let mut operation = json!({
            "operationId": item["name"].as_str().unwrap_or(&template).to_snake_case(),
            "summary": item["name"],
            "tags": [service],
            "parameters": self.parameters(request, &template),
            "responses": {},
        });
        if let Some(text) = request["description"].as_str() {
            operation["description"] = text.into();
        }
        if let Some(raw) = request["body"]["raw"]
            .as_str()
            .filter(|b| !b.trim().is_empty())
        {
            match serde_json::from_str(&self.substituted(raw)) {
                Ok(body) => {
                    let content = json!({"application/json": {"schema": infer(&body)}});
                    operation["requestBody"] = json!({"required": true, "content": content});
                }
                Err(error) => self.findings.push(not_understood(
                    self.name,
                    format!("{pointer}/request/body/raw"),
                    &format!("a body that is not JSON (line {})", error.line()),
                )),
            }
        } else if request["body"]["mode"]
            .as_str()
            .is_some_and(|mode| mode != "raw")
        {
            let at = format!("{pointer}/request/body");
            self.findings
                .push(not_understood(self.name, at, "a body that is not JSON"));
        }
        self.answers(item, pointer, &mut operation["responses"]);
        let methods = self.paths.entry(template).or_insert_with(|| json!({}));
        methods[method.to_lowercase()] = operation;
    }

    fn answers(&mut self, item: &Value, pointer: &str, responses: &mut Value) {
        for (index, answer) in item["response"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let status = answer["code"].as_u64().unwrap_or(200);
            let body = answer["body"].as_str().unwrap_or_default();
            let mut read = json!({"description": answer["name"]});
            match serde_json::from_str(body) {
                Ok(body) => read["content"]["application/json"]["schema"] = infer(&body),
                Err(_) if body.trim().is_empty() || status >= 300 => {}
                Err(error) => self.findings.push(not_understood(
                    self.name,
                    format!("{pointer}/response/{index}/body"),
                    &format!("an answer that is not JSON (line {})", error.line()),
                )),
            }
            responses[status.to_string()] = read;
        }
        if members(responses).all(|(status, _)| !status.starts_with('2')) {
            // No example is not an empty answer.
            responses["200"] =
                json!({"description": "", "content": {"application/json": {"schema": {}}}});
        }
    }

    fn parameters(&self, request: &Value, template: &str) -> Value {
        let path = crate::codegen::adapt::parameters(template).into_iter().map(
            |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
        );
        let query = request["url"]["query"].as_array().into_iter().flatten();
        let query = query.filter_map(|parameter| {
            let name = parameter["key"].as_str()?;
            let value = self.substituted(parameter["value"].as_str().unwrap_or_default());
            let kind = match value.parse::<i64>() {
                Ok(_) => "integer",
                Err(_) => "string",
            };
            let mut read = json!({"name": name, "in": "query", "schema": {"type": kind}});
            if let Some(text) = parameter["description"].as_str() {
                read["description"] = text.into();
            }
            Some(read)
        });
        path.chain(query).collect()
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

/// The path of an address, its `:name` and `{{name}}` as `{name}`.
fn template(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_string(),
        // `{{base_url}}/workspaces` without a value for the variable.
        None => url.find('/').map_or("/", |at| &url[at..]).to_string(),
    };
    let segments = path.split('/').map(|segment| {
        let variable = segment.strip_prefix(':').or_else(|| {
            segment
                .strip_prefix("{{")
                .and_then(|s| s.strip_suffix("}}"))
        });
        match variable {
            Some(name) => format!("{{{}}}", name.to_snake_case()),
            None => segment.to_string(),
        }
    });
    let path = segments.collect::<Vec<_>>().join("/");
    path.strip_prefix("/v1beta")
        .unwrap_or(&path)
        .trim_end_matches('/')
        .to_string()
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
