//! Makes the edits that a comparison asks for, in the document and in its own words.

use crate::{
    codegen::adapt::reference,
    compare::Edit,
    document::{Document, members},
    json::canonical,
    read::schema::ORIGIN,
};
use heck::ToPascalCase;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub struct Merge<'a> {
    document: Value,
    theirs: &'a Document,
    source: &'a str,
    /// What a schema of the source is called in the document.
    names: BTreeMap<String, String>,
}

impl<'a> Merge<'a> {
    pub fn new(ours: &Document, theirs: &'a Document, source: &'a str) -> Self {
        Self {
            document: ours.value.clone(),
            theirs,
            source,
            names: BTreeMap::new(),
        }
    }

    pub fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Set(pointer, value) if is_operation(pointer, value) => {
                let path = pointer.rsplit_once('/').map_or("", |(path, _)| path);
                if self.document.pointer(path).is_none() {
                    self.set(path, json!({}));
                }
                let operation = self.operation(value);
                self.set(pointer, operation);
            }
            Edit::Set(pointer, value) if pointer.ends_with("/requestBody") => {
                let body = self.body(value, &self.id_at(pointer));
                self.set(pointer, body);
            }
            Edit::Set(pointer, value) if pointer.ends_with("/content") => {
                let schema = &value["application/json"]["schema"];
                let name = format!("{}Response", self.id_at(pointer).to_pascal_case());
                let schema = self.named(schema, &name, "The answer.");
                self.set(pointer, json!({"application/json": {"schema": schema}}));
            }
            Edit::Include(pointer, value) if pointer.ends_with("/parameters") => {
                let parameter = if value.get("$ref").is_some() {
                    value.clone()
                } else {
                    self.parameter(value)
                };
                self.include(pointer, parameter);
            }
            Edit::Set(pointer, value) => {
                let name = pointer.split('/').rfind(|s| !s.is_empty());
                let value = self.schema(value, name.unwrap_or_default());
                self.set(pointer, value);
            }
            Edit::Remove(pointer) => drop(self.take(pointer)),
            Edit::Include(pointer, value) => {
                let name = value["name"].as_str().unwrap_or_default();
                let value = self.schema(value, name);
                self.include(pointer, value);
            }
            Edit::Exclude(pointer, value) => {
                let list = self
                    .document
                    .pointer_mut(pointer)
                    .and_then(Value::as_array_mut);
                if let Some(list) = list {
                    list.retain(|v| v != value);
                    if list.is_empty() {
                        self.take(pointer);
                    }
                }
            }
            Edit::Move(from, to) => self.relocate(from, to),
        }
    }

    /// What depends on what was merged in.
    pub fn finish(mut self) -> Value {
        self.mask_paths();
        self.tags();
        self.without_empty_paths();
        self.document
    }

    fn set(&mut self, pointer: &str, value: Value) {
        let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let key = key.replace("~1", "/").replace("~0", "~");
        if let Some(parent) = self
            .document
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
        {
            parent.insert(key, value);
        }
    }

    fn take(&mut self, pointer: &str) -> Option<Value> {
        let (parent, key) = pointer.rsplit_once('/')?;
        let key = key.replace("~1", "/").replace("~0", "~");
        self.document
            .pointer_mut(parent)?
            .as_object_mut()?
            .remove(&key)
    }

    /// A member that takes the rest stays the last one.
    fn include(&mut self, pointer: &str, value: Value) {
        if self.document.pointer(pointer).is_none() {
            self.set(pointer, json!([]));
        }
        let document = Document::new(self.document.clone());
        let last = |v: &Value| document.follow(v).is_some_and(|m| m["x-catch-all"] == true);
        let Some(list) = self
            .document
            .pointer_mut(pointer)
            .and_then(Value::as_array_mut)
        else {
            return;
        };
        if !list.contains(&value) {
            let end = list.len() - usize::from(list.last().is_some_and(last));
            list.insert(end, value);
        }
    }

    /// The parameters of the new path are the source's: our names fit the old one only.
    fn relocate(&mut self, from: &str, to: &str) {
        let Some(mut operation) = self.take(from) else {
            return;
        };
        let theirs = self.theirs.value.pointer(to).cloned().unwrap_or_default();
        let document = Document::new(self.document.clone());
        let list = |o: &Value| o["parameters"].as_array().cloned().unwrap_or_default();
        let is_path = |p: &Value| document.follow(p).is_some_and(|p| p["in"] == "path");
        let mut parameters: Vec<_> = list(&theirs)
            .iter()
            .filter(|p| p["in"] == "path")
            .map(|p| self.parameter(p))
            .collect();
        parameters.extend(list(&operation).into_iter().filter(|p| !is_path(p)));
        operation["parameters"] = parameters.into();
        let path = to.rsplit_once('/').map_or("", |(path, _)| path);
        if self.document.pointer(path).is_none() {
            self.set(path, json!({}));
        }
        self.set(to, operation);
    }

    /// An operation as the document has them: what it is known from, and what the client
    /// needs to know beyond the request.
    fn operation(&mut self, theirs: &Value) -> Value {
        let id = theirs["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_string();
        let origin = theirs[ORIGIN].as_str().unwrap_or_default();
        let method = origin.rsplit('/').next().unwrap_or_default();
        let mut operation = json!({
            "operationId": id,
            "x-confidence": "imported",
            "x-confidence-of": {"path": "imported", "request": "imported", "response": "imported"},
            "x-evidence": [format!("{}#{origin}", self.source)],
            "x-idempotent": method != "post",
            "x-public-api": null,
            "x-public-api-note": "Which call replaces it is not known.",
        });
        let text = |key: &str| theirs[key].as_str().filter(|t| !t.trim().is_empty());
        let words = id.replace('_', " ");
        let summary = text("summary").map_or(format!("Calls `{words}`."), sentence);
        let description = text("description")
            .map_or("Known from a published description alone.".into(), sentence);
        operation["summary"] = summary.into();
        operation["description"] = description.into();
        operation["tags"] = match theirs["tags"][0].as_str() {
            Some(tag) => json!([tag]),
            None => json!(["Other"]),
        };
        operation["security"] = self.security(&theirs["security"]);
        let parameters = theirs["parameters"].as_array().into_iter().flatten();
        operation["parameters"] = parameters.map(|p| self.parameter(p)).collect();
        if theirs["deprecated"] == true {
            operation["deprecated"] = true.into();
        }
        if let Some(body) = theirs.get("requestBody") {
            operation["requestBody"] = self.body(body, &id);
        }
        operation["responses"] = self.responses(&theirs["responses"], &id);
        if takes(&operation, "page_token") {
            operation["x-confidence-of"]["paging"] = "imported".into();
        }
        if id.starts_with("list_") && !self.pages(&operation) {
            operation["x-unpaged"] = "The source shows nothing of paging.".into();
        }
        operation
    }

    /// Whether the client can go through the pages of a list: it takes two parameters and
    /// answers with one list and the token of the next page.
    fn pages(&self, operation: &Value) -> bool {
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let answer = reference(answer).unwrap_or_default();
        let fields = &self.document["components"]["schemas"][answer]["properties"];
        let lists = members(fields).filter(|(_, f)| reference(&f["items"]).is_some());
        let token = fields.get("next_page_token").is_some();
        takes(operation, "page_size")
            && takes(operation, "page_token")
            && token
            && lists.count() == 1
    }

    /// The client always sends a body.
    fn body(&mut self, theirs: &Value, id: &str) -> Value {
        let schema = &theirs["content"]["application/json"]["schema"];
        let name = format!("{}Request", id.to_pascal_case());
        let schema = self.named(schema, &name, "The body of the request.");
        json!({"required": true, "content": {"application/json": {"schema": schema}}})
    }

    /// The operation that a place belongs to.
    fn id_at(&self, pointer: &str) -> String {
        let operation: Vec<_> = pointer.split('/').take(4).collect();
        let operation = self.document.pointer(&operation.join("/"));
        operation
            .and_then(|o| o["operationId"].as_str())
            .unwrap_or_default()
            .to_string()
    }

    fn security(&self, theirs: &Value) -> Value {
        match theirs.as_array().map(Vec::as_slice) {
            Some([one]) if members(one).count() == 1 => theirs.clone(),
            _ => self.document["security"].clone(),
        }
    }

    /// One that operations share, if it is the same.
    fn parameter(&mut self, theirs: &Value) -> Value {
        let name = theirs["name"].as_str().unwrap_or_default().to_string();
        let shared = &self.document["components"]["parameters"][&name];
        let alike = |key: &str| shared[key] == theirs[key];
        if alike("in") && alike("required") && shared["schema"]["type"] == theirs["schema"]["type"]
        {
            return json!({"$ref": format!("#/components/parameters/{name}")});
        }
        let mut parameter = self.schema(theirs, &name);
        parameter["schema"] = self.schema(&theirs["schema"], &name);
        // The description is the parameter's.
        if let Some(schema) = parameter["schema"].as_object_mut()
            && !schema.contains_key("allOf")
        {
            schema.remove("description");
        }
        parameter
    }

    fn responses(&mut self, theirs: &Value, id: &str) -> Value {
        let mut responses = Map::new();
        let shared = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
        responses.insert("429".into(), shared("TooManyRequests"));
        responses.insert("503".into(), shared("Unavailable"));
        responses.insert("default".into(), shared("Error"));
        for (status, _) in members(theirs).filter(|(s, _)| !s.starts_with('2')) {
            responses.entry(status).or_insert_with(|| shared("Error"));
        }
        // To the client every success is one; the first says what it holds.
        let success = members(theirs).find(|(status, _)| status.starts_with('2'));
        let schema = match success.map(|(_, s)| s.get("content")) {
            Some(Some(content)) => {
                let schema = &content["application/json"]["schema"];
                self.named(
                    schema,
                    &format!("{}Response", id.to_pascal_case()),
                    "The answer.",
                )
            }
            Some(None) => json!({"$ref": "#/components/schemas/Empty"}),
            None => json!({"$ref": "#/components/schemas/Unknown"}),
        };
        let text = success
            .and_then(|(_, s)| s["description"].as_str())
            .filter(|t| !t.is_empty());
        responses.insert(
            "200".into(),
            json!({
                "description": text.map_or("The answer.".into(), sentence),
                "content": {"application/json": {"schema": schema}},
            }),
        );
        responses.into()
    }

    /// A body is a named schema, whatever it is in the source.
    fn named(&mut self, schema: &Value, name: &str, description: &str) -> Value {
        let known = self.theirs.follow(schema).unwrap_or(schema);
        let says_nothing = known["properties"].as_object().is_none_or(Map::is_empty)
            && !known["oneOf"].is_array()
            && known["type"].as_str().is_none_or(|t| t == "object")
            && !known["additionalProperties"].is_object();
        if says_nothing {
            return json!({"$ref": "#/components/schemas/Unknown"});
        }
        if reference(schema).is_some() {
            return self.schema(schema, name);
        }
        let mut schema = self.schema(schema, name);
        schema["description"] = description.into();
        self.set(&format!("/components/schemas/{name}"), schema);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// A schema without what only the reader needs, with the schemas that it refers to.
    fn schema(&mut self, theirs: &Value, name: &str) -> Value {
        match theirs {
            Value::Object(map) => {
                let mut schema = Map::new();
                for (key, value) in map.iter().filter(|(key, _)| *key != ORIGIN) {
                    let value = match (key.as_str(), value) {
                        ("$ref", Value::String(to)) => {
                            let to = to.rsplit('/').next().unwrap_or_default();
                            format!("#/components/schemas/{}", self.import(to)).into()
                        }
                        ("properties", Value::Object(fields)) => {
                            let fields = fields
                                .iter()
                                .map(|(name, field)| (name.clone(), self.described(field, name)));
                            fields.collect::<Map<_, _>>().into()
                        }
                        _ => self.schema(value, name),
                    };
                    schema.insert(key.clone(), value);
                }
                if map.get("in").is_some() || map.get(ORIGIN).is_some() {
                    describe(&mut schema, name);
                }
                schema.into()
            }
            Value::Array(all) => all.iter().map(|v| self.schema(v, name)).collect(),
            other => other.clone(),
        }
    }

    fn described(&mut self, field: &Value, name: &str) -> Value {
        let mut field = self.schema(field, name);
        if let Some(field) = field.as_object_mut() {
            describe(field, name);
        }
        field
    }

    /// The document's name for a schema of the source, which is taken over if it is new.
    fn import(&mut self, name: &str) -> String {
        if let Some(ours) = self.names.get(name) {
            return ours.clone();
        }
        // Our words for an answer of which there is nothing to say.
        if ["Empty", "Unknown"].contains(&name) {
            return name.into();
        }
        let theirs = &self.theirs.value["components"]["schemas"][name];
        let ours = self.free(name, theirs);
        self.names.insert(name.into(), ours.clone());
        if self.document["components"]["schemas"].get(&ours).is_none() {
            // Known before what is inside it, which may refer back.
            self.set(&format!("/components/schemas/{ours}"), json!({}));
            let mut schema = self.schema(theirs, &ours);
            if let Some(schema) = schema.as_object_mut() {
                describe(schema, &ours);
                if schema.contains_key("properties") {
                    let unknown = "The source does not say what is always there.";
                    schema.insert("x-no-identifier".into(), unknown.into());
                }
            }
            self.set(&format!("/components/schemas/{ours}"), schema);
        }
        ours
    }

    /// A schema of ours is the one meant if it has the fields and values that theirs has.
    fn free(&self, name: &str, theirs: &Value) -> String {
        let ours = &self.document["components"]["schemas"];
        let covers = |ours: &Value| {
            let kind = |v: &Value| canonical(&json!([v["type"], v["items"]["type"]]));
            let has = |key: &String| ours["properties"].get(key.as_str()).is_some();
            let values = ours["enum"].as_array();
            let theirs_values = theirs["enum"].as_array().into_iter().flatten();
            kind(ours) == kind(theirs)
                && members(&theirs["properties"]).all(|(key, _)| has(key))
                && theirs_values
                    .clone()
                    .all(|v| values.is_some_and(|all| all.contains(v)))
        };
        let candidates = (1..).map(|n| match n {
            1 => name.to_string(),
            2 => format!("Imported{name}"),
            n => format!("Imported{name}{n}"),
        });
        let mut fits = candidates.filter(|n| ours.get(n).is_none_or(covers));
        fits.next().unwrap_or_default()
    }

    /// Every field of a partial resource can be updated.
    fn mask_paths(&mut self) {
        let document = Document::new(self.document.clone());
        for operation in document.operations() {
            let mask = &operation.value["x-update-mask"];
            let body = &operation.value["requestBody"]["content"]["application/json"]["schema"];
            let (Some(resource), Some(body)) = (mask["resource"].as_str(), document.follow(body))
            else {
                continue;
            };
            let partial = &body["properties"][resource];
            let partial =
                reference(partial).map(|name| &document.value["components"]["schemas"][name]);
            let list = format!("{}/x-update-mask/paths", operation.pointer);
            let fields = &partial.unwrap_or(&Value::Null)["properties"];
            for (name, _) in members(fields) {
                self.include(&list, json!(name));
            }
            let paths = self
                .document
                .pointer_mut(&list)
                .and_then(Value::as_array_mut);
            if let Some(paths) = paths {
                let first = |path: &Value| {
                    path.as_str()
                        .and_then(|p| p.split('.').next())
                        .map(str::to_string)
                };
                paths.retain(|path| first(path).is_some_and(|f| fields.get(&f).is_some()));
            }
        }
    }

    /// Every service that has an operation is a tag of the document.
    fn tags(&mut self) {
        let document = Document::new(self.document.clone());
        for operation in document.operations() {
            let Some(name) = operation.value["tags"][0].as_str() else {
                continue;
            };
            let tags = self.document["tags"].as_array_mut();
            let Some(tags) = tags.filter(|t| t.iter().all(|t| t["name"] != name)) else {
                continue;
            };
            let theirs = self.theirs.value["tags"].as_array().into_iter().flatten();
            let text = theirs
                .filter(|t| t["name"] == name)
                .find_map(|t| t["description"].as_str());
            let text = text.map_or("Imported.".into(), sentence);
            tags.push(json!({"name": name, "description": text}));
        }
    }

    fn without_empty_paths(&mut self) {
        if let Some(paths) = self.document["paths"].as_object_mut() {
            paths.retain(|_, item| members(item).next().is_some());
        }
    }
}

fn is_operation(pointer: &str, value: &Value) -> bool {
    pointer.starts_with("/paths/") && value["operationId"].is_string()
}

/// Whether an operation has the parameter, written out or shared.
fn takes(operation: &Value, name: &str) -> bool {
    let shared = format!("#/components/parameters/{name}");
    let mut all = operation["parameters"].as_array().into_iter().flatten();
    all.any(|p| p["name"] == name || p["$ref"] == shared.as_str())
}

/// What has no description gets one that admits it. A reference has its target's.
fn describe(schema: &mut Map<String, Value>, name: &str) {
    let present = schema.get("description").and_then(Value::as_str);
    if present.is_some_and(|text| !text.trim().is_empty()) || schema.contains_key("$ref") {
        return;
    }
    let text = format!("`{name}`, which the source does not explain.");
    schema.insert("description".into(), text.into());
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?']) {
        true => text.into(),
        false => format!("{text}."),
    }
}
