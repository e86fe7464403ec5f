//! What the source describes and the document does not, as the document describes things.

use super::{
    Merge,
    fold::{describe, refer},
};
use crate::{
    codegen::adapt::{parameters, reference},
    document::members,
    model::{Call, Node},
};
use heck::ToPascalCase;
use serde_json::{Map, Value, json};

impl Merge<'_> {
    /// An operation as the document has them: what it is known from, and what the client
    /// needs to know beyond the request.
    pub(super) fn operation(&mut self, theirs: &Node, call: &Call, template: &str) -> Value {
        let id = call.id.as_str();
        let text = |key: &str| Some(theirs.text(key)).filter(|t| !t.trim().is_empty());
        let summary = format!("Calls `{}`.", id.replace('_', " "));
        let description = "Known from a published description alone.";
        let security = match self.known_security(theirs).as_slice() {
            [one] if members(one).count() == 1 && theirs.word("security")[1].is_null() => {
                json!([one])
            }
            _ => self.document["security"].clone(),
        };
        let names = parameters(&call.path).into_iter().zip(parameters(template));
        let names: Vec<_> = names.collect();
        let mut all = Vec::new();
        for theirs in theirs.parameters() {
            let mut own = theirs.clone();
            let ours = names.iter().find(|(there, _)| *there == own.text("name"));
            if let Some((_, here)) = ours.filter(|_| own.text("in") == "path") {
                own.words.insert("name".into(), (*here).into());
            }
            all.push(self.parameter(&own, id));
        }
        let mut operation = json!({
            "operationId": id,
            "x-confidence": "imported",
            "x-confidence-of": {"path": "imported", "request": "imported", "response": "imported"},
            "x-evidence": [format!("{}#{}", self.source, theirs.place)],
            "x-idempotent": call.method != "post",
            "x-public-api": null,
            "x-public-api-note": "Which call replaces it is not known.",
            "summary": text("summary").map_or(summary, sentence),
            "description": text("description").map_or(description.into(), sentence),
            "tags": [theirs.word("tags")[0].as_str().unwrap_or("Other")],
            "security": security,
            "parameters": all,
        });
        if *theirs.word("deprecated") == true {
            operation["deprecated"] = true.into();
        }
        if let Some(body) = theirs.get("sent") {
            operation["requestBody"] = self.body(body, id);
        }
        operation["responses"] = self.responses(theirs, id);
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
        takes(operation, "page_size")
            && takes(operation, "page_token")
            && fields.get("next_page_token").is_some()
            && lists.count() == 1
    }

    /// The schema of a body, without words beside it.
    pub(super) fn holding(&mut self, holder: &Node, name: &str) -> Value {
        let is_open = |node: &&Node| ["anything", "open object"].contains(&node.shape());
        let Some(node) = holder.get("=").filter(|node| !is_open(node)) else {
            return json!({"$ref": "#/components/schemas/Unknown"});
        };
        let mut schema = self.fold(node, name, holder.imported);
        match schema.get_mut("allOf").and_then(|all| all.get_mut(0)) {
            Some(to) => to.take(),
            None => schema,
        }
    }

    fn responses(&mut self, theirs: &Node, id: &str) -> Value {
        let shared = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
        let mut responses = Map::from_iter([
            ("429".to_string(), shared("TooManyRequests")),
            ("503".to_string(), shared("Unavailable")),
        ]);
        let failed = theirs
            .inside
            .iter()
            .filter_map(|(step, _)| step.strip_prefix("failed/"));
        for status in failed.chain(["default"]) {
            responses.entry(status).or_insert_with(|| shared("Error"));
        }
        let (text, schema) = match theirs.get("received") {
            Some(answer) => (answer.text("description"), self.answer(answer, id)),
            None => ("", json!({"$ref": "#/components/schemas/Unknown"})),
        };
        let text = if text.is_empty() { "The answer" } else { text };
        let content = json!({"application/json": {"schema": schema}});
        let success = json!({"description": sentence(text), "content": content});
        responses.insert("200".into(), success);
        responses.into()
    }

    /// The document's name for a schema of the source, which is taken over if it is new.
    pub(super) fn import(&mut self, name: &str, node: &Node) -> Value {
        if let Some(ours) = self.names.get(name) {
            return refer(ours, node);
        }
        let own = self.meant(&name.to_pascal_case(), node);
        self.names.insert(name.into(), own.clone());
        if self.document["components"]["schemas"].get(&own).is_none() {
            // Known before what is inside it, which may refer back.
            self.set(&format!("/components/schemas/{own}"), json!({}));
            let content = self.content(node, &own, true);
            self.add_schema(&own, content);
        }
        refer(&own, node)
    }

    pub(super) fn add_schema(&mut self, name: &str, mut schema: Value) {
        describe(&mut schema, name);
        self.set(&format!("/components/schemas/{name}"), schema);
    }

    /// A schema of ours is the one meant if it has the fields and values that theirs has.
    fn meant(&self, name: &str, theirs: &Node) -> String {
        let ours = &self.document["components"]["schemas"];
        let has_values = |ours: &Value, theirs: &Node| {
            let values = ours["enum"].as_array();
            let mut theirs = theirs.word("enum").as_array().into_iter().flatten();
            theirs.all(|v| values.is_none_or(|all| all.contains(v)))
        };
        let covers = |ours: &Value| {
            let has = |(key, theirs): (&str, &Node)| {
                let ours = ours["properties"].get(key);
                ours.is_some_and(|ours| has_values(ours, theirs))
            };
            ours["type"] == *theirs.word("type")
                && ours["enum"].is_array() == theirs.word("enum").is_array()
                && theirs.fields().all(has)
                && has_values(ours, theirs)
        };
        let imported = (2..).map(|n| match n {
            2 => format!("Imported{name}"),
            n => format!("Imported{name}{n}"),
        });
        let mut candidates = std::iter::once(name.to_string()).chain(imported);
        let fits = candidates.find(|n| ours.get(n).is_none_or(covers));
        fits.unwrap_or_default()
    }
}

/// Whether an operation has the parameter, written out or shared.
fn takes(operation: &Value, name: &str) -> bool {
    let shared = format!("#/components/parameters/{name}");
    let mut all = operation["parameters"].as_array().into_iter().flatten();
    all.any(|p| p["name"] == name || p["$ref"] == shared.as_str())
}

pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?']) {
        true => text.into(),
        false => format!("{text}."),
    }
}
