//! OpenAPI 3.0 and 3.1 documents.

use super::{
    Facts,
    schema::{ORIGIN, Schemas},
};
use crate::{
    document::{Document, members},
    finding::Place,
    json::step,
    rules::seen::LEFT_OUT,
};
use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value, json};

/// Paths are relative to it, in our document as in its servers.
const BASE: &str = "/v1beta";

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

pub fn read(name: &str, raw: &Value) -> Facts {
    let mut reader = Reader {
        name,
        raw,
        schemas: Schemas::read(name, raw),
    };
    let paths = reader.paths();
    for key in ["webhooks", "jsonSchemaDialect"] {
        if raw.get(key).is_some() {
            reader
                .schemas
                .puzzle(&format!("/{key}"), &format!("`{key}`"));
        }
    }
    let document = json!({
        "openapi": raw["openapi"],
        "info": raw["info"],
        "servers": raw["servers"],
        "tags": raw["tags"],
        "paths": paths,
        "components": {"schemas": reader.schemas.defined},
    });
    Facts {
        kind: format!(
            "OpenAPI {} document",
            raw["openapi"].as_str().unwrap_or_default()
        ),
        document: Some(Document::new(document)),
        findings: reader.schemas.findings,
        ..Facts::default()
    }
}

struct Reader<'a> {
    name: &'a str,
    raw: &'a Value,
    schemas: Schemas<'a>,
}

impl<'a> Reader<'a> {
    fn paths(&mut self) -> Value {
        let raw = self.raw;
        let mut paths = Map::new();
        let prefix = prefix(&raw["servers"]);
        for (template, item) in members(&raw["paths"]) {
            let pointer = format!("/paths/{}", step(template));
            let full = format!("{prefix}{template}");
            let path = full.strip_prefix(BASE).unwrap_or(template);
            let mut methods = Map::new();
            for (key, value) in members(item) {
                let at = format!("{pointer}/{key}");
                match key.as_str() {
                    key if METHODS.contains(&key) => {
                        let operation = self.operation(path, key, value, &item["parameters"], &at);
                        methods.insert(key.into(), operation);
                    }
                    "parameters" | "summary" | "description" => {}
                    key if key.starts_with("x-") => {}
                    key => self.schemas.puzzle(&at, &format!("`{key}`")),
                }
            }
            paths.insert(path.into(), methods.into());
        }
        paths.into()
    }

    fn operation(
        &mut self,
        path: &str,
        method: &str,
        raw: &Value,
        shared: &Value,
        pointer: &str,
    ) -> Value {
        let id = raw["operationId"].as_str().map_or_else(
            || format!("{method}_{path}").to_snake_case(),
            ToSnakeCase::to_snake_case,
        );
        let mut operation = json!({"operationId": id, ORIGIN: pointer});
        for (key, value) in members(raw) {
            let at = format!("{pointer}/{key}");
            match key.as_str() {
                "operationId" | "externalDocs" => {}
                "summary" | "description" | "tags" | "deprecated" => operation[key] = value.clone(),
                key if key.starts_with("x-") => operation[key] = value.clone(),
                "parameters" | "security" => {}
                "requestBody" => {
                    operation[key] =
                        self.body(value, &at, &format!("{}Request", id.to_pascal_case()));
                }
                "responses" => operation[key] = self.responses(value, &at, &id),
                key => self
                    .schemas
                    .puzzle(&at, &format!("`{key}` of an operation")),
            }
        }
        operation["parameters"] = self.parameters(raw, shared, pointer, &id);
        operation["security"] = self.security(raw);
        operation
    }

    fn follow<'v>(&mut self, value: &'v Value, pointer: &str) -> (&'v Value, String)
    where
        'a: 'v,
    {
        let Some(target) = value["$ref"].as_str() else {
            return (value, pointer.into());
        };
        let inside = target.strip_prefix('#');
        match inside.and_then(|p| Some((self.raw.pointer(p)?, p.to_string()))) {
            Some(found) => found,
            None => {
                self.schemas
                    .puzzle(pointer, &format!("`{target}` is not in this document"));
                (value, pointer.into())
            }
        }
    }

    /// What an operation has itself and what it shares with others on its path.
    fn parameters(&mut self, raw: &Value, shared: &Value, pointer: &str, id: &str) -> Value {
        // These are never parameters, as OpenAPI has it.
        const HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];
        let mut parameters: Vec<Value> = Vec::new();
        let path = pointer.rsplit_once('/').map_or("", |(path, _)| path);
        for (from, all) in [(pointer, &raw["parameters"]), (path, shared)] {
            for (index, parameter) in all.as_array().into_iter().flatten().enumerate() {
                let at = format!("{from}/parameters/{index}");
                let (parameter, at) = self.follow(parameter, &at);
                let name = parameter["name"].as_str().unwrap_or_default();
                let kind = parameter["in"].as_str().unwrap_or_default();
                if parameters
                    .iter()
                    .any(|p| p["name"] == name && p["in"] == kind)
                {
                    continue;
                }
                match kind {
                    "path" | "query" => {}
                    "header" if HEADERS.contains(&name.to_lowercase().as_str()) => continue,
                    kind => {
                        self.schemas
                            .puzzle(&at, &format!("`{name}`, a parameter in `{kind}`"));
                        continue;
                    }
                }
                let named = format!("{}{}", id.to_pascal_case(), name.to_pascal_case());
                if parameter.get("content").is_some() {
                    self.schemas
                        .puzzle(&at, &format!("`{name}`, a parameter with `content`"));
                }
                let schema =
                    self.schemas
                        .inline(&parameter["schema"], &format!("{at}/schema"), &named);
                let mut read = json!({"name": name, "in": kind, "schema": schema, ORIGIN: at});
                read["required"] = (kind == "path" || parameter["required"] == true).into();
                for key in ["description", "deprecated"] {
                    if let Some(value) = parameter.get(key) {
                        read[key] = value.clone();
                    }
                }
                parameters.push(read);
            }
        }
        // As our document has them.
        parameters.sort_by_key(|p| p["in"] != "path");
        parameters.into()
    }

    fn body(&mut self, raw: &Value, pointer: &str, name: &str) -> Value {
        let (body, at) = self.follow(raw, pointer);
        let content = self.content(&body["content"], &format!("{at}/content"), name);
        json!({"content": content, "required": body["required"] == true, ORIGIN: at})
    }

    fn responses(&mut self, raw: &Value, pointer: &str, id: &str) -> Value {
        let mut responses = Map::new();
        for (status, response) in members(raw) {
            let at = format!("{pointer}/{status}");
            let (response, at) = self.follow(response, &at);
            let mut read = json!({"description": response["description"], ORIGIN: at});
            if status.starts_with('2') && response.get("content").is_some() {
                let name = format!("{}Response", id.to_pascal_case());
                read["content"] =
                    self.content(&response["content"], &format!("{at}/content"), &name);
            }
            if let Some((name, _)) = members(&response["headers"]).next() {
                let place = Place::new(self.name, format!("{at}/headers"));
                let finding = LEFT_OUT.at(place, format!("the header `{name}` of an answer"));
                self.schemas.findings.push(finding);
            }
            responses.insert(status.clone(), read);
        }
        responses.into()
    }

    /// Of the media types, the one that the client speaks.
    fn content(&mut self, raw: &Value, pointer: &str, name: &str) -> Value {
        let is_json = |kind: &&String| {
            kind.split(';').next() == Some("application/json")
                || kind.ends_with("+json")
                || *kind == "*/*"
        };
        let Some((kind, media)) = members(raw).find(|(kind, _)| is_json(kind)) else {
            self.schemas.puzzle(pointer, "a body that is not JSON");
            return Value::Null;
        };
        let at = format!("{pointer}/{}", step(kind));
        let schema = self
            .schemas
            .inline(&media["schema"], &format!("{at}/schema"), name);
        let mut read = json!({"application/json": {"schema": schema}});
        for key in ["example", "examples"] {
            if let Some(example) = media.get(key) {
                read["application/json"][key] = example.clone();
            }
        }
        read
    }

    /// The alternatives, by our names for the kinds of credentials.
    fn security(&mut self, raw: &Value) -> Value {
        let alternatives = raw.get("security").unwrap_or(&self.raw["security"]);
        let alternatives = alternatives.as_array().cloned().unwrap_or_default();
        let alternatives = alternatives.iter().map(|alternative| {
            let schemes =
                members(alternative).map(|(name, scopes)| (self.scheme(name), scopes.clone()));
            schemes.collect::<Map<_, _>>().into()
        });
        Value::Array(alternatives.collect())
    }

    fn scheme(&self, name: &str) -> String {
        let scheme = &self.raw["components"]["securitySchemes"][name];
        let kind = |key: &str| scheme[key].as_str().unwrap_or_default().to_lowercase();
        match (kind("type").as_str(), kind("scheme").as_str()) {
            ("http", "bearer") | ("oauth2" | "openidconnect", _) => "bearer".into(),
            ("apikey", _) if kind("name") == "authorization" => "bearer".into(),
            // Which of the two it is, only the name can say.
            ("http", "basic") if name == "app" => "app".into(),
            ("http", "basic") => "account".into(),
            _ => name.into(),
        }
    }
}

/// The path of the first server: paths are relative to it.
fn prefix(servers: &Value) -> String {
    let url = servers[0]["url"].as_str().unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.trim_end_matches('/').into()
}
