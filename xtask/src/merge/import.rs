//! What the source describes and the document does not, as the document describes things.

use super::{Merge, fold::refer, write::IMPORTED};
use crate::{
    codegen::adapt::{parameters, reference},
    document::members,
    json::canonical,
    model::{
        Call,
        unfold::{BESIDE, ORIGIN, is_own},
    },
};
use heck::ToPascalCase;
use serde_json::{Map, Value, json};

impl Merge<'_> {
    /// An operation as the document has them: what it is known from, and what the client
    /// needs to know beyond the request.
    pub(super) fn operation(&mut self, theirs: &Value, call: &Call, template: &str) -> Value {
        let id = call.id.as_str();
        let origin = theirs[ORIGIN].as_str().unwrap_or_default();
        let mut operation = json!({
            "operationId": id,
            "x-confidence": "imported",
            "x-confidence-of": {"path": "imported", "request": "imported", "response": "imported"},
            "x-evidence": [format!("{}#{origin}", self.source)],
            "x-idempotent": call.method != "post",
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
        let known = &self.document["components"]["securitySchemes"];
        operation["security"] = match theirs["security"].as_array().map(Vec::as_slice) {
            Some([one])
                if members(one).count() == 1
                    && members(one).all(|(n, _)| known.get(n).is_some()) =>
            {
                theirs["security"].clone()
            }
            _ => self.document["security"].clone(),
        };
        let names = parameters(&call.path).into_iter().zip(parameters(template));
        let names: Vec<_> = names.collect();
        let all = theirs["parameters"].as_array().into_iter().flatten();
        let all = all.map(|p| {
            let mut own = p.clone();
            let ours = names
                .iter()
                .find(|(there, _)| p["name"] == *there && p["in"] == "path");
            if let Some((_, here)) = ours {
                own["name"] = (*here).into();
            }
            self.parameter(&own, id)
        });
        operation["parameters"] = all.collect();
        if theirs["deprecated"] == true {
            operation["deprecated"] = true.into();
        }
        if let Some(body) = theirs.get("requestBody") {
            operation["requestBody"] = self.body(body, id);
        }
        operation["responses"] = self.responses(&theirs["responses"], id);
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
    pub(super) fn body(&mut self, theirs: &Value, id: &str) -> Value {
        let name = format!("{}Request", id.to_pascal_case());
        let schema = self.fold(&theirs["schema"], &name, true);
        let schema = self.as_answer(schema, &name);
        json!({"required": true, "content": {"application/json": {"schema": schema}}})
    }

    /// A body is a named schema, whatever it is in the source.
    pub(super) fn as_answer(&mut self, schema: Value, name: &str) -> Value {
        if reference(&schema).is_some() {
            return match schema.get("allOf") {
                Some(all) => all[0].clone(),
                None => schema,
            };
        }
        let known = ["object", "array", "string", "integer", "number", "boolean"];
        let has_type = schema["type"]
            .as_str()
            .is_some_and(|t| known[1..].contains(&t));
        let inside = members(&schema["additionalProperties"]).next().is_some();
        if !has_type && !inside {
            return json!({"$ref": "#/components/schemas/Unknown"});
        }
        let own = self.free(name);
        let mut schema = schema;
        schema["description"] = "The answer.".into();
        self.set(&format!("/components/schemas/{own}"), schema);
        json!({"$ref": format!("#/components/schemas/{own}")})
    }

    /// One that operations share, if it is the same.
    pub(super) fn parameter(&mut self, theirs: &Value, id: &str) -> Value {
        let name = theirs["name"].as_str().unwrap_or_default().to_string();
        let shared = &self.document["components"]["parameters"][&name];
        let alike = |key: &str| shared[key] == theirs[key];
        if alike("name")
            && alike("in")
            && alike("required")
            && shared["schema"]["type"] == theirs["schema"]["type"]
        {
            return json!({"$ref": format!("#/components/parameters/{name}")});
        }
        let hint = format!("{}{}", id.to_pascal_case(), name.to_pascal_case());
        let own = members(theirs).filter(|(key, _)| !is_own(key) && **key != IMPORTED);
        let mut own: Value = own
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect::<Map<_, _>>()
            .into();
        describe(&mut own, &name);
        own["schema"] = self.fold(&theirs["schema"], &hint, true);
        // The description is the parameter's.
        if let Some(schema) = own["schema"]
            .as_object_mut()
            .filter(|s| !s.contains_key("allOf"))
        {
            schema.remove("description");
        }
        own
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
        let name = format!("{}Response", id.to_pascal_case());
        let schema = match success.map(|(_, s)| &s["schema"]) {
            Some(schema) if schema.is_object() => {
                let schema = self.fold(schema, &name, true);
                self.as_answer(schema, &name)
            }
            Some(_) => json!({"$ref": "#/components/schemas/Empty"}),
            None => json!({"$ref": "#/components/schemas/Unknown"}),
        };
        let text = success.and_then(|(_, s)| s["description"].as_str());
        let text = text.filter(|t| !t.is_empty());
        responses.insert(
            "200".into(),
            json!({
                "description": text.map_or("The answer.".into(), sentence),
                "content": {"application/json": {"schema": schema}},
            }),
        );
        responses.into()
    }

    /// The document's name for a schema of the source, which is taken over if it is new.
    pub(super) fn import(&mut self, name: &str, node: &Value, hint: &str) -> Value {
        // Our words for an answer of which there is nothing to say.
        if ["Empty", "Unknown"].contains(&name) {
            return refer(name, node);
        }
        if let Some(ours) = self.names.get(name) {
            return refer(ours, node);
        }
        let simple = !node["properties"].is_object()
            && !node["oneOf"].is_array()
            && !node["enum"].is_array();
        if simple {
            let mut content = self.content(node, hint, true);
            for (key, value) in members(&node[BESIDE]) {
                content[key] = value.clone();
            }
            return content;
        }
        let own = self.meant(&name.to_pascal_case(), node);
        self.names.insert(name.into(), own.clone());
        if self.document["components"]["schemas"].get(&own).is_none() {
            // Known before what is inside it, which may refer back.
            self.set(&format!("/components/schemas/{own}"), json!({}));
            let mut schema = self.content(node, &own, true);
            describe(&mut schema, &own);
            if schema["properties"].is_object() {
                schema["x-no-identifier"] = "The source does not say what is always there.".into();
            }
            self.set(&format!("/components/schemas/{own}"), schema);
        }
        refer(&own, node)
    }

    /// A schema of ours is the one meant if it has the fields and values that theirs has.
    fn meant(&self, name: &str, theirs: &Value) -> String {
        let ours = &self.document["components"]["schemas"];
        let covers = |ours: &Value| {
            let kind = |v: &Value| canonical(&json!([v["type"], v["items"]["type"]]));
            let has_values = |ours: &Value, theirs: &Value| {
                let values = ours["enum"].as_array();
                let mut theirs = theirs["enum"].as_array().into_iter().flatten();
                theirs.all(|v| values.is_none_or(|all| all.contains(v)))
            };
            let has = |key: &String, theirs: &Value| {
                let ours = ours["properties"].get(key.as_str());
                ours.is_some_and(|ours| has_values(ours, theirs))
            };
            kind(ours) == kind(theirs)
                && ours["enum"].is_array() == theirs["enum"].is_array()
                && members(&theirs["properties"]).all(|(key, theirs)| has(key, theirs))
                && has_values(ours, theirs)
        };
        let candidates = (1..).map(|n| match n {
            1 => name.to_string(),
            2 => format!("Imported{name}"),
            n => format!("Imported{name}{n}"),
        });
        let mut fits = candidates.filter(|n| ours.get(n).is_none_or(covers));
        fits.next().unwrap_or_default()
    }
}

/// Whether an operation has the parameter, written out or shared.
fn takes(operation: &Value, name: &str) -> bool {
    let shared = format!("#/components/parameters/{name}");
    let mut all = operation["parameters"].as_array().into_iter().flatten();
    all.any(|p| p["name"] == name || p["$ref"] == shared.as_str())
}

/// What has no description gets one that admits it. A reference has its target's.
pub(super) fn describe(schema: &mut Value, name: &str) {
    let present = schema["description"].as_str();
    if present.is_some_and(|text| !text.trim().is_empty()) || schema.get("$ref").is_some() {
        return;
    }
    if schema.is_object() {
        schema["description"] = format!("`{name}`, which the source does not explain.").into();
    }
}

pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?']) {
        true => text.into(),
        false => format!("{text}."),
    }
}
