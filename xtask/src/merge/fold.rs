//! Folds what was unfolded and changed into the document again.

use super::Merge;
use crate::{
    compare::{Comparison, Edit, Pair},
    finding::Severity,
    json::step,
    model::{Call, EXCLUSIVE, Node},
};
use heck::ToPascalCase;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The uses of a schema.
#[derive(Default)]
struct Uses<'a> {
    /// From which severity on a change leaves the name to others: those that have not changed,
    /// or of which the source says nothing.
    kept_from: Option<Severity>,
    /// What has become of it: how often, the worst change, and the first operation.
    changed: BTreeMap<String, (usize, Severity, &'a str)>,
}

impl Merge<'_> {
    /// What each schema and parameter that has changed is called from now on. Most uses keep
    /// the name, unless one of the others has not changed.
    pub(super) fn decide(&mut self, comparison: &Comparison, edits: &[Edit]) {
        let mut all: BTreeMap<String, Uses> = BTreeMap::new();
        let is_removed = |call: &Call| {
            let mut edits = edits.iter();
            edits.any(|edit| matches!(edit, Edit::Remove(gone) if gone == call))
        };
        let silent = comparison.silent.iter();
        for (_, node) in silent.filter(|(call, _)| !is_removed(call)) {
            look(node, &mut |name, _| {
                all.entry(name).or_default().kept_from = Some(Severity::Breaking);
            });
        }
        for pair in &comparison.pairs {
            look(&pair.here, &mut |name, node| {
                let uses = all.entry(name).or_default();
                let first = |worst| (0, worst, pair.ours.id.as_str());
                match dirt(node) {
                    None => uses.kept_from = Some(Severity::Note),
                    Some(worst) => {
                        let changed = uses.changed.entry(variant(node));
                        changed.or_insert_with(|| first(worst)).0 += 1;
                    }
                }
            });
        }
        for (name, Uses { kept_from, changed }) in all {
            let most = changed.iter().max_by_key(|(_, (number, ..))| *number);
            let heir = most.filter(|(_, (_, worst, _))| kept_from.is_none_or(|k| *worst < k));
            let heir = heir.map(|(variant, _)| variant.clone());
            for (variant, (_, _, operation)) in changed {
                let bare = name.rsplit('/').next().unwrap_or(&name);
                let own = match Some(&variant) == heir.as_ref() {
                    true => name.clone(),
                    false => self.free(&format!("{}{bare}", operation.to_pascal_case())),
                };
                self.decided.insert((name.clone(), variant), own);
            }
        }
    }

    /// A name that no schema has, and none will have.
    pub(super) fn free(&self, name: &str) -> String {
        let schemas = &self.document["components"]["schemas"];
        let is_free = |n: &String| {
            let mut given = self.decided.values().chain(self.names.values());
            schemas.get(n).is_none() && !given.any(|other| other == n)
        };
        let numbered = (2..).map(|n| format!("{name}{n}"));
        let mut candidates = std::iter::once(name.to_string()).chain(numbered);
        candidates.find(is_free).unwrap_or_default()
    }

    pub(super) fn fold_operation(&mut self, pair: &Pair) {
        let (here, at, id) = (&pair.here, &pair.ours.pointer, pair.ours.id.as_str());
        if here.edited.is_some() || here.parameters().any(|p| dirt(p).is_some()) {
            let folded: Vec<_> = here.parameters().map(|p| self.parameter(p, id)).collect();
            self.set(&format!("{at}/parameters"), folded.into());
        }
        match here.get("sent") {
            Some(body) if dirt(body).is_some() => {
                let folded = self.body(body, id);
                self.set(&format!("{at}/requestBody"), folded);
            }
            Some(_) => {}
            None => drop(self.take(&format!("{at}/requestBody"))),
        }
        let answers = here.inside.iter();
        let answers = answers.filter(|(s, _)| s == "received" || s.starts_with("failed/"));
        for (_, answer) in answers.filter(|(_, a)| dirt(a).is_some()) {
            let schema = self.answer(answer, id);
            let present = self.document.pointer(&answer.place);
            let mut own = present.cloned().unwrap_or_default();
            let media = &mut own["content"]["application/json"];
            if media["schema"] != schema {
                *media = json!({"schema": schema});
                self.set(&answer.site, own);
            }
        }
    }

    /// The client always sends a body.
    pub(super) fn body(&mut self, body: &Node, id: &str) -> Value {
        let schema = self.holding(body, &format!("{}Request", id.to_pascal_case()));
        let required = body.required || body.imported;
        json!({"required": required, "content": {"application/json": {"schema": schema}}})
    }

    pub(super) fn answer(&mut self, answer: &Node, id: &str) -> Value {
        match answer.get("=") {
            Some(_) => self.holding(answer, &format!("{}Response", id.to_pascal_case())),
            None => json!({"$ref": "#/components/schemas/Empty"}),
        }
    }

    /// A parameter as the document has it; one that operations share is referred to.
    pub(super) fn parameter(&mut self, node: &Node, id: &str) -> Value {
        let shared = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
        let name = node.text("name");
        if node.imported && self.has_parameter(node) {
            return shared(name);
        }
        if dirt(node).is_none() {
            let raw = self.document.pointer(&node.site).cloned();
            return node.name.as_deref().map_or(raw.unwrap_or_default(), shared);
        }
        let hint = format!("{}{}", id.to_pascal_case(), name.to_pascal_case());
        let schema = node.get("=").map(|s| self.fold(s, &hint, node.imported));
        let mut schema = schema.unwrap_or_else(|| json!({}));
        let mut own = Value::from(node.words.clone());
        if node.imported {
            // The description is the parameter's.
            if let Some(schema) = schema.as_object_mut().filter(|s| !s.contains_key("allOf")) {
                schema.remove("description");
            }
            describe(&mut own, name);
        }
        own["required"] = node.required.into();
        own["schema"] = schema;
        let name = node.name.as_ref().filter(|name| {
            let key = (format!("parameters/{name}"), variant(node));
            self.decided.get(&key) == Some(&key.0)
        });
        let Some(name) = name else { return own };
        self.set(&format!("/components/parameters/{}", step(name)), own);
        shared(name)
    }

    /// Whether one that operations share is the same.
    fn has_parameter(&self, theirs: &Node) -> bool {
        let shared = &self.document["components"]["parameters"][theirs.text("name")];
        let kind = theirs.get("=").map_or(&Value::Null, |s| s.word("type"));
        shared["name"] == *theirs.word("name")
            && shared["in"] == *theirs.word("in")
            && shared["required"] == theirs.required
            && shared["schema"]["type"] == *kind
    }

    /// A schema as the document has it: what has to have a name is referred to.
    pub(super) fn fold(&mut self, node: &Node, hint: &str, imported: bool) -> Value {
        let imported = imported || node.imported;
        let is_clean = !imported && dirt(node).is_none();
        match node.name.as_deref() {
            Some(name) if node.back.is_some() => {
                let ours = self.names.get(name).filter(|_| imported);
                return refer(ours.map_or(name, String::as_str), node);
            }
            Some(name) if imported && node.needs_name() => return self.import(name, node),
            Some(_) if imported => {}
            Some(name) if is_clean => return refer(name, node),
            Some(name) => {
                let decided = self.decided.get(&(name.to_string(), variant(node)));
                let own = decided.cloned().unwrap_or_else(|| name.into());
                let mut content = self.content(node, &own, false);
                rename(&mut content, &reference_to(name), &reference_to(&own));
                self.set(&format!("/components/schemas/{own}"), content);
                return refer(&own, node);
            }
            None => {}
        }
        if let Some(raw) = self.document.pointer(&node.site).filter(|_| is_clean) {
            return raw.clone();
        }
        let mut content = self.content(node, hint, imported);
        for (key, value) in &node.beside {
            content[key] = value.clone();
        }
        if !node.needs_name() {
            return content;
        }
        let nullable = content.as_object_mut().and_then(|c| c.remove("nullable"));
        let own = self.free(hint);
        self.add_schema(&own, content);
        let to = json!({"$ref": reference_to(&own)});
        match nullable {
            Some(value) => json!({"allOf": [to], "nullable": value}),
            None => to,
        }
    }

    /// What a schema says, with what is inside it folded.
    pub(super) fn content(&mut self, node: &Node, name: &str, imported: bool) -> Value {
        let mut content = node.words.clone();
        let mut required = match content.remove("required") {
            Some(Value::Array(all)) => all,
            _ => Vec::new(),
        };
        let (mut fields, mut members) = (Map::new(), Vec::new());
        for (step, inside) in &node.inside {
            let sign = step.chars().next().unwrap_or_default();
            match (sign, &step[1..]) {
                ('.', field) => {
                    required.retain(|r| r != field || inside.required);
                    if inside.required && required.iter().all(|r| r != field) {
                        required.push(field.into());
                    }
                    let folded = self.field(node, name, field, inside, imported);
                    fields.insert(field.into(), folded);
                }
                ('|', _) => {
                    let hint = format!("{name}{}", members.len() + 1);
                    members.push(self.fold(inside, &hint, imported));
                }
                ('[', _) => drop(content.insert("items".into(), self.fold(inside, name, imported))),
                _ => {
                    let values = self.fold(inside, &format!("{name}Value"), imported);
                    content.insert("additionalProperties".into(), values);
                }
            }
        }
        if !required.is_empty() {
            content.insert("required".into(), required.into());
        }
        if content.contains_key("properties") {
            content.insert("properties".into(), fields.into());
        }
        if content.contains_key("oneOf") {
            content.insert("oneOf".into(), members.into());
        }
        // A resource name is a text, or each text of a list.
        let is_text = |n: &Node| n.shape() == "string" && n.word("format").is_null();
        if !is_text(node) && !node.get("[]").is_some_and(is_text) {
            content.remove("x-resource-name");
        }
        // All objects of the document are open.
        if content.get("type").is_some_and(|kind| kind == "object") {
            content
                .entry("additionalProperties")
                .or_insert_with(|| json!({}));
        }
        for (limit, exclusive) in EXCLUSIVE {
            if let Some(value) = content.get_mut(exclusive).filter(|v| v.is_number()) {
                let value = std::mem::replace(value, true.into());
                content.insert(limit.into(), value);
            }
        }
        content.into()
    }

    fn field(
        &mut self,
        node: &Node,
        name: &str,
        field: &str,
        inside: &Node,
        imported: bool,
    ) -> Value {
        let hint = self.field_hint(name, field, inside);
        let new = imported || inside.imported;
        // The tag of a member stays with it.
        let is_tag = node.is_member && new && inside.constant().is_some();
        let mut folded = match is_tag {
            true => self.content(inside, &hint, imported),
            false => self.fold(inside, &hint, imported),
        };
        if new {
            describe(&mut folded, field);
        }
        folded
    }

    /// The items of a list are called by its singular.
    fn field_hint(&self, name: &str, field: &str, schema: &Node) -> String {
        let plural = field.to_pascal_case();
        let singular = match plural.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => plural.strip_suffix('s').unwrap_or(&plural).to_string(),
        };
        let is_taken = self.document["components"]["schemas"]
            .get(&singular)
            .is_some();
        match schema.get("[]") {
            Some(_) if is_taken || singular == plural => format!("{name}{plural}Item"),
            Some(_) => singular,
            None => format!("{name}{plural}"),
        }
    }
}

impl Node {
    /// Objects, unions and enums become types.
    pub(super) fn needs_name(&self) -> bool {
        ["object", "union"].contains(&self.shape()) || self.words.contains_key("enum")
    }
}

/// Tells of each use of what has a name.
fn look(node: &Node, tell: &mut impl FnMut(String, &Node)) {
    if node.imported {
        return;
    }
    if let Some(name) = node.name.as_ref().filter(|_| node.back.is_none()) {
        let is_parameter = node.words.contains_key("in");
        let folder = if is_parameter { "parameters/" } else { "" };
        tell(format!("{folder}{name}"), node);
    }
    node.inside
        .iter()
        .for_each(|(_, inside)| look(inside, tell));
}

/// The worst change of what is in it; none if there is none.
fn dirt(node: &Node) -> Option<Severity> {
    let own = node.edited.max(node.imported.then_some(Severity::Note));
    let inside = node.inside.iter().map(|(_, inside)| dirt(inside));
    inside.fold(own, Option::max)
}

/// What a schema has become, wherever it stands.
fn variant(node: &Node) -> String {
    fn strip(node: &mut Node) {
        (node.edited, node.imported) = (None, false);
        node.place.clear();
        node.site.clear();
        node.inside.iter_mut().for_each(|(_, inside)| strip(inside));
    }
    let mut node = node.clone();
    strip(&mut node);
    node.beside.clear();
    node.required &= node.words.contains_key("in");
    node.is_member = false;
    format!("{node:?}")
}

fn reference_to(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// A reference, with the words beside it.
pub fn refer(name: &str, node: &Node) -> Value {
    let to = json!({"$ref": reference_to(name)});
    let mut used = node.beside.clone();
    if used.is_empty() {
        return to;
    }
    used.insert("allOf".into(), json!([to]));
    used.into()
}

/// What has no description gets one that admits it. A reference has its target's.
pub(super) fn describe(schema: &mut Value, name: &str) {
    let present = schema["description"].as_str();
    let is_described = present.is_some_and(|text| !text.trim().is_empty());
    if !is_described && schema.is_object() && schema.get("$ref").is_none() {
        schema["description"] = format!("`{name}`, which the source does not explain.").into();
    }
}

/// A schema that holds itself goes on holding itself under its new name.
fn rename(content: &mut Value, from: &str, to: &str) {
    match content {
        Value::String(reference) if reference == from => *reference = to.into(),
        Value::Object(map) => map.values_mut().for_each(|v| rename(v, from, to)),
        Value::Array(all) => all.iter_mut().for_each(|v| rename(v, from, to)),
        _ => {}
    }
}
