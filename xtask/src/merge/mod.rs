//! Takes over what a source has that the document has not, in the document's own words.
//!
//! What an operation refers to is unfolded, changed where it stands, and folded again: a
//! schema that has changed alike wherever it is used changes as a whole, and one that only
//! some operations see otherwise is split off under a name of its own.

pub mod changelog;
mod fold;
mod import;
pub mod sample;
mod write;

use crate::{
    codegen::adapt::reference,
    compare::{Change, Comparison, Edit, Pair},
    document::{Document, Operation, members},
    json::step,
    model::{self, Call, Node, unfold},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub struct Merge<'a> {
    document: Value,
    theirs: &'a Value,
    source: &'a str,
    /// What a schema of the source is called in the document.
    names: BTreeMap<String, String>,
    /// What a schema that has changed is called, by its name and what it has become.
    decided: BTreeMap<(String, String), String>,
}

/// The document with the changes that are accepted; `source` is how it names the source.
pub fn merged(
    ours: &Document,
    theirs: &Value,
    source: &str,
    comparison: &mut Comparison,
    accepted: impl Fn(&Change) -> bool,
) -> Document {
    let mut merge = Merge {
        document: ours.value.clone(),
        theirs,
        source,
        names: BTreeMap::new(),
        decided: BTreeMap::new(),
    };
    let before = references(&merge.document);
    let changes = comparison.changes.iter().filter(|c| accepted(c));
    let edits: Vec<_> = changes.flat_map(|c| &c.edits).cloned().collect();
    for edit in &edits {
        if let Edit::Fact(pair, key, rule) = edit {
            merge.write(&mut comparison.pairs[*pair], key, rule);
        }
    }
    merge.decide(comparison, &edits);
    for pair in &comparison.pairs {
        merge.fold_operation(pair);
    }
    for edit in &edits {
        match edit {
            Edit::Add(call) => merge.add(call),
            Edit::Remove(call) => drop(merge.take(&call.pointer)),
            Edit::Move(pair) => merge.relocate(&comparison.pairs[*pair]),
            Edit::Servers => merge.set("/servers", theirs["servers"].clone()),
            Edit::Fact(..) => {}
        }
    }
    Document::new(merge.finish(&before))
}

/// The names of the schemas that something refers to.
fn references(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        found.extend(reference(value).map(str::to_string));
        match value {
            Value::Object(map) => open.extend(map.values()),
            Value::Array(all) => open.extend(all),
            _ => {}
        }
    }
    found
}

impl Merge<'_> {
    fn set(&mut self, pointer: &str, value: Value) {
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        let key = key.replace("~1", "/").replace("~0", "~");
        let parent = self.document.pointer_mut(parent);
        if let Some(parent) = parent.and_then(Value::as_object_mut) {
            parent.insert(key, value);
        }
    }

    fn take(&mut self, pointer: &str) -> Option<Value> {
        let (parent, key) = pointer.rsplit_once('/')?;
        let key = key.replace("~1", "/").replace("~0", "~");
        let parent = self.document.pointer_mut(parent)?;
        parent.as_object_mut()?.remove(&key)
    }

    fn place(&mut self, path: &str, method: &str, operation: Value) {
        let at = format!("/paths/{}", step(path));
        if self.document.pointer(&at).is_none() {
            self.set(&at, json!({}));
        }
        self.set(&format!("{at}/{method}"), operation);
    }

    /// A new operation, on our path and with our names for its parameters if there is one.
    fn add(&mut self, call: &Call) {
        let (mut node, _) = unfold(self.theirs, call, "");
        for (_, inside) in &mut node.inside {
            inside.imported = true;
        }
        let calls = model::calls(&self.document);
        let path = call.key().1;
        let sibling = calls.iter().find(|other| other.key().1 == path);
        let mut template = sibling.map_or(&call.path, |other| &other.path).clone();
        let operation = self.operation(&node, call, &template);
        // A path and a method that are taken are told apart by the operation's name.
        if calls.iter().any(|other| other.key() == call.key()) {
            template += &format!("#{}", call.id);
        }
        self.place(&template, &call.method, operation);
    }

    /// The parameters of the new path are the source's: our names fit the old one only.
    fn relocate(&mut self, pair: &Pair) {
        let Some(mut operation) = self.take(&pair.ours.pointer) else {
            return;
        };
        let is_path = |p: &Value| {
            let p = p["$ref"]
                .as_str()
                .map_or(Some(p), |r| self.document.pointer(&r[1..]));
            p.is_some_and(|p| p["in"] == "path")
        };
        let own = operation["parameters"].as_array().into_iter().flatten();
        let own: Vec<_> = own.filter(|p| !is_path(p)).cloned().collect();
        let theirs = pair.there.parameters().filter(|p| p.text("in") == "path");
        let path = theirs.map(|theirs| {
            let imported = true;
            let theirs = Node {
                imported,
                ..theirs.clone()
            };
            self.parameter(&theirs, &pair.ours.id)
        });
        operation["parameters"] = path.chain(own).collect();
        self.place(&pair.theirs.path, &pair.theirs.method, operation);
    }

    /// What depends on what was merged in.
    fn finish(mut self, before: &BTreeSet<String>) -> Value {
        let merged = Document::new(self.document.clone());
        for operation in merged.operations() {
            self.mask_paths(&operation, &merged);
            self.tag(operation.value["tags"][0].as_str());
        }
        if let Some(paths) = self.document["paths"].as_object_mut() {
            paths.retain(|_, item| members(item).next().is_some());
        }
        // What nothing refers to any more goes, and what it referred to itself may follow.
        loop {
            let after = references(&self.document);
            let schemas = self.document["components"]["schemas"].as_object_mut();
            let Some(schemas) = schemas else { break };
            let number = schemas.len();
            schemas.retain(|name, _| after.contains(name) || !before.contains(name));
            if schemas.len() == number {
                break;
            }
        }
        self.document
    }

    /// Every field of a partial resource can be updated.
    fn mask_paths(&mut self, operation: &Operation, merged: &Document) {
        let mask = &operation.value["x-update-mask"];
        let body = &operation.value["requestBody"]["content"]["application/json"]["schema"];
        let (Some(resource), Some(body)) = (mask["resource"].as_str(), merged.follow(body)) else {
            return;
        };
        let partial = merged.follow(&body["properties"][resource]);
        let fields = &partial.unwrap_or(&Value::Null)["properties"];
        let first = |path: &Value| {
            let path = path.as_str().unwrap_or_default();
            path.split('.').next().unwrap_or(path).to_string()
        };
        let mut paths = mask["paths"].as_array().cloned().unwrap_or_default();
        let known: Vec<_> = paths.iter().map(first).collect();
        let new = members(fields).filter(|(name, _)| !known.contains(name));
        paths.extend(new.map(|(name, _)| json!(name)));
        paths.retain(|path| fields.get(first(path)).is_some());
        let at = format!("{}/x-update-mask/paths", operation.pointer);
        self.set(&at, paths.into());
    }

    /// Every service that has an operation is a tag of the document.
    fn tag(&mut self, name: Option<&str>) {
        let (Some(name), Some(tags)) = (name, self.document["tags"].as_array_mut()) else {
            return;
        };
        if tags.iter().all(|tag| tag["name"] != name) {
            let theirs = self.theirs["tags"].as_array().into_iter().flatten();
            let text = theirs.filter(|tag| tag["name"] == name);
            let text = text.map(|tag| &tag["description"]).find_map(Value::as_str);
            let text = import::sentence(text.unwrap_or("Imported"));
            tags.push(json!({"name": name, "description": text}));
        }
    }
}
