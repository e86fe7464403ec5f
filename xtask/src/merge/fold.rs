//! Folds what was unfolded and changed into the document again.

use super::{
    Merge,
    import::describe,
    write::{EDITED, IMPORTED},
};
use crate::{
    compare::Pair,
    document::members,
    json::step,
    model::{
        facts::site,
        unfold::{BACK, BESIDE, NAME, ORIGIN, SITE, is_own},
    },
};
use heck::ToPascalCase;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A member of a union: the property that tells it from the others stays with it.
const MEMBER: &str = "x-member";

impl Merge<'_> {
    /// What each schema and parameter that has changed is called from now on.
    pub(super) fn decide(&mut self, pairs: &[Pair]) {
        let mut uses: BTreeMap<String, Uses> = BTreeMap::new();
        for pair in pairs {
            look(&pair.here, &pair.ours.id, &mut uses);
        }
        for (name, Uses { clean, variants }) in uses {
            let most = variants.iter().max_by_key(|(_, (number, _))| *number);
            let heir = most.map(|(variant, _)| variant.clone()).filter(|_| !clean);
            for (variant, (_, operation)) in variants {
                let own = match Some(&variant) == heir.as_ref() {
                    true => name.clone(),
                    false => {
                        let bare = name.rsplit('/').next().unwrap_or(&name);
                        self.free(&format!("{}{bare}", operation.to_pascal_case()))
                    }
                };
                self.decided.insert((name.clone(), variant), own);
            }
        }
    }

    /// A name that no schema has, and none will have.
    pub(super) fn free(&self, name: &str) -> String {
        let schemas = &self.document["components"]["schemas"];
        let is_free = |n: &String| {
            schemas.get(n).is_none()
                && !self
                    .decided
                    .values()
                    .chain(self.names.values())
                    .any(|other| other == n)
        };
        let candidates = (1..).map(|n| {
            if n == 1 {
                name.into()
            } else {
                format!("{name}{n}")
            }
        });
        candidates.into_iter().find(is_free).unwrap_or_default()
    }

    pub(super) fn fold_operation(&mut self, pair: &Pair) {
        let (here, at) = (&pair.here, pair.ours.pointer.clone());
        let id = pair.ours.id.as_str();
        let parameters = here["parameters"].as_array().into_iter().flatten();
        if here[EDITED] == true || parameters.clone().any(is_dirty) {
            let folded: Vec<_> = parameters.map(|p| self.folded_parameter(p, id)).collect();
            self.set(&format!("{at}/parameters"), folded.into());
        }
        match here.get("requestBody") {
            Some(body) if body[IMPORTED] == true && body["schema"].is_object() => {
                let folded = self.body(body, id);
                self.set(&format!("{at}/requestBody"), folded);
            }
            Some(body) if body["schema"].is_object() && is_dirty(body) => {
                let name = format!("{}Request", id.to_pascal_case());
                let folded = self.fold(&body["schema"], &name, false);
                self.set(
                    &format!("{at}/requestBody/content/application~1json/schema"),
                    folded,
                );
                self.set(
                    &format!("{at}/requestBody/required"),
                    body["required"].clone(),
                );
            }
            Some(_) => {}
            None => drop(self.take(&format!("{at}/requestBody"))),
        }
        for (status, answer) in members(&here["responses"]).filter(|(_, a)| is_dirty(a)) {
            let name = format!("{}Response", id.to_pascal_case());
            let mut schema = answer["schema"].clone();
            if schema[NAME] == "Empty" {
                schema = json!({"$ref": "#/components/schemas/Empty"});
            } else {
                let imported = schema[IMPORTED] == true;
                schema = self.fold(&schema, &name, imported);
                schema = self.as_answer(schema, &name);
            }
            let content = json!({"application/json": {"schema": schema}});
            let shared = format!(
                "{}/content/application~1json/schema",
                answer[ORIGIN].as_str().unwrap_or_default()
            );
            let is_own = site(answer) == answer[ORIGIN];
            if !is_own
                && self.document.pointer(&shared) == Some(&content["application/json"]["schema"])
            {
                continue;
            }
            match is_own {
                true => self.set(&format!("{}/content", site(answer)), content),
                false => {
                    let own = json!({"description": answer["description"], "content": content});
                    self.set(&format!("{at}/responses/{}", step(status)), own);
                }
            }
        }
    }

    fn folded_parameter(&mut self, parameter: &Value, id: &str) -> Value {
        if parameter[IMPORTED] == true {
            return self.parameter(parameter, id);
        }
        let name = parameter[NAME].as_str();
        let shared = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
        if !is_dirty(parameter) {
            let raw = || {
                self.document
                    .pointer(site(parameter))
                    .cloned()
                    .unwrap_or_default()
            };
            return name.map_or_else(raw, shared);
        }
        let word = parameter["name"].as_str().unwrap_or_default();
        let hint = format!("{}{}", id.to_pascal_case(), word.to_pascal_case());
        let mut own: Map<_, _> = members(parameter)
            .filter(|(key, _)| !is_own(key) && **key != EDITED)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        own.insert(
            "schema".into(),
            self.fold(&parameter["schema"], &hint, false),
        );
        match name.filter(|n| {
            let key = (format!("parameters/{n}"), variant(parameter));
            self.decided.get(&key).is_some_and(|own| *own == key.0)
        }) {
            Some(name) => {
                self.set(
                    &format!("/components/parameters/{}", step(name)),
                    own.into(),
                );
                shared(name)
            }
            None => own.into(),
        }
    }

    /// A schema as the document has it: what has to have a name is referred to.
    pub(super) fn fold(&mut self, node: &Value, hint: &str, imported: bool) -> Value {
        let imported = imported || node[IMPORTED] == true;
        let name = node[NAME].as_str();
        if let (Some(name), true) = (name, node.get(BACK).is_some()) {
            let ours = self.names.get(name).filter(|_| imported);
            return refer(ours.map_or(name, String::as_str), node);
        }
        match name {
            Some(name) if imported => return self.import(name, node, hint),
            Some(name) if !is_dirty(node) => return refer(name, node),
            Some(name) => {
                let decided = self.decided.get(&(name.to_string(), variant(node)));
                let own = decided.cloned().unwrap_or_else(|| name.into());
                let mut content = self.content(node, &own, false);
                if own != name {
                    rename(&mut content, name, &own);
                }
                self.set(&format!("/components/schemas/{own}"), content);
                return refer(&own, node);
            }
            None => {}
        }
        if !imported && !is_dirty(node) {
            let raw = self.document.pointer(site(node)).cloned();
            return raw.unwrap_or_else(|| self.content(node, hint, imported));
        }
        let mut content = self.content(node, hint, imported);
        if !needs_name(&content) {
            return content;
        }
        let own = self.free(hint);
        let nullable = content.as_object_mut().and_then(|c| c.remove("nullable"));
        describe(&mut content, &own);
        if content["properties"].is_object() {
            content["x-no-identifier"] = "The source does not say what is always there.".into();
        }
        self.set(&format!("/components/schemas/{own}"), content);
        let to = json!({"$ref": format!("#/components/schemas/{own}")});
        match nullable {
            Some(value) => json!({"allOf": [to], "nullable": value}),
            None => to,
        }
    }

    /// What a schema says, with what is inside it folded.
    pub(super) fn content(&mut self, node: &Value, name: &str, imported: bool) -> Value {
        let mut content = Map::new();
        for (key, value) in members(node).filter(|(key, _)| !is_own(key)) {
            let value = match (key.as_str(), value) {
                (EDITED | IMPORTED | MEMBER, _) => continue,
                ("properties", Value::Object(fields)) => {
                    let mut folded = Map::new();
                    for (field, schema) in fields {
                        let hint = format!("{name}{}", field.to_pascal_case());
                        let hint = self.item_hint(field, schema, hint);
                        let new = imported || schema[IMPORTED] == true;
                        let one = schema["enum"].as_array().is_some_and(|v| v.len() == 1);
                        let mut schema = match node[MEMBER] == true && one && new {
                            true => self.content(schema, &hint, imported),
                            false => self.fold(schema, &hint, imported),
                        };
                        if new {
                            describe(&mut schema, field);
                        }
                        folded.insert(field.clone(), schema);
                    }
                    folded.into()
                }
                ("items", item) => self.fold(item, name, imported),
                ("additionalProperties", Value::Object(_)) => {
                    self.fold(value, &format!("{name}Value"), imported)
                }
                ("oneOf", Value::Array(all)) => {
                    let all = all.iter().enumerate();
                    let all = all.map(|(n, member)| {
                        let mut member = member.clone();
                        member[MEMBER] = true.into();
                        self.fold(&member, &format!("{name}{}", n + 1), imported)
                    });
                    all.collect()
                }
                _ => value.clone(),
            };
            content.insert(key.clone(), value);
        }
        if content.contains_key("properties") || content.get("type").is_some_and(|t| t == "object")
        {
            // All objects of the document are open.
            content
                .entry("additionalProperties")
                .or_insert_with(|| json!({}));
        }
        exclusive(&mut content);
        content.into()
    }

    /// The items of a list are called by its singular.
    fn item_hint(&self, field: &str, schema: &Value, hint: String) -> String {
        let plural = field.to_pascal_case();
        let singular = match plural.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => plural.strip_suffix('s').unwrap_or(&plural).to_string(),
        };
        let taken = self.document["components"]["schemas"]
            .get(&singular)
            .is_some();
        match schema["items"].is_object() {
            true if taken || singular == plural => format!("{hint}Item"),
            true => singular,
            false => hint,
        }
    }
}

/// The uses of a schema by those that have not changed and those that have.
#[derive(Default)]
struct Uses {
    clean: bool,
    variants: BTreeMap<String, (usize, String)>,
}

fn look(value: &Value, operation: &str, uses: &mut BTreeMap<String, Uses>) {
    if value[IMPORTED] == true {
        return;
    }
    if let Some(name) = value[NAME].as_str().filter(|_| value.get(BACK).is_none()) {
        let name = match value["in"].is_string() {
            true => format!("parameters/{name}"),
            false => name.to_string(),
        };
        let uses = uses.entry(name).or_default();
        match is_dirty(value) {
            false => uses.clean = true,
            true => {
                let first = || (0, operation.to_string());
                uses.variants.entry(variant(value)).or_insert_with(first).0 += 1;
            }
        }
    }
    match value {
        Value::Object(map) => map.values().for_each(|v| look(v, operation, uses)),
        Value::Array(all) => all.iter().for_each(|v| look(v, operation, uses)),
        _ => {}
    }
}

/// Whether anything in it has changed.
pub fn is_dirty(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.contains_key(EDITED) || map.contains_key(IMPORTED) || map.values().any(is_dirty)
        }
        Value::Array(all) => all.iter().any(is_dirty),
        _ => false,
    }
}

/// What a schema has become, wherever it stands.
fn variant(node: &Value) -> String {
    fn bare(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let own = [ORIGIN, SITE, EDITED, IMPORTED, MEMBER];
                let kept = map.iter().filter(|(key, _)| !own.contains(&key.as_str()));
                kept.map(|(key, value)| (key.clone(), bare(value)))
                    .collect()
            }
            Value::Array(all) => all.iter().map(bare).collect(),
            other => other.clone(),
        }
    }
    let mut node = bare(node);
    if let Some(node) = node.as_object_mut() {
        node.remove(BESIDE);
    }
    node.to_string()
}

/// A reference, with the words beside it.
pub fn refer(name: &str, node: &Value) -> Value {
    let to = json!({"$ref": format!("#/components/schemas/{name}")});
    match node[BESIDE].as_object().filter(|words| !words.is_empty()) {
        Some(words) => {
            let mut used = words.clone();
            used.insert("allOf".into(), json!([to]));
            used.into()
        }
        None => to,
    }
}

/// Objects, unions and enums become types.
fn needs_name(schema: &Value) -> bool {
    schema["properties"].is_object() || schema["oneOf"].is_array() || schema["enum"].is_array()
}

/// A schema that holds itself goes on holding itself under its new name.
fn rename(content: &mut Value, from: &str, to: &str) {
    match content {
        Value::Object(map) => {
            if map
                .get("$ref")
                .is_some_and(|r| *r == format!("#/components/schemas/{from}"))
            {
                map.insert("$ref".into(), format!("#/components/schemas/{to}").into());
            }
            map.values_mut().for_each(|v| rename(v, from, to));
        }
        Value::Array(all) => all.iter_mut().for_each(|v| rename(v, from, to)),
        _ => {}
    }
}

/// In 3.0, a limit is a number, and another word says that it is left out itself.
fn exclusive(schema: &mut Map<String, Value>) {
    for (limit, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        if let Some(value) = schema.get_mut(exclusive).filter(|v| v.is_number()) {
            let value = std::mem::replace(value, true.into());
            schema.insert(limit.into(), value);
        }
    }
}
