//! Schemas of OpenAPI 3.0 and 3.1 in the form that our document has: 3.0, objects, enums
//! and unions named in PascalCase, everything else inline.

use super::not_understood;
use crate::{codegen::adapt::reference, document::members, finding::Finding, json::step};
use heck::ToPascalCase;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where the source has a schema; taken out again before anything is written.
pub const ORIGIN: &str = "x-origin";

/// What a schema may be limited to, beyond its type.
pub const LIMITS: [&str; 13] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maximum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minimum",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

const KEPT: [&str; 8] = [
    "default",
    "deprecated",
    "description",
    "enum",
    "example",
    "format",
    "readOnly",
    "writeOnly",
];

/// Words about a schema that say nothing of the values.
const IGNORED: [&str; 11] = [
    "$anchor",
    "$comment",
    "$id",
    "$schema",
    "discriminator",
    "examples",
    "externalDocs",
    "nullable",
    "title",
    "type",
    "xml",
];

pub struct Schemas<'a> {
    name: &'a str,
    raw: &'a Value,
    /// The names of the source's own schemas.
    names: BTreeMap<String, String>,
    /// Schemas of the source that are members of unions: their tags stay inline.
    members: BTreeSet<String>,
    pub defined: Map<String, Value>,
    pub findings: Vec<Finding>,
    depth: usize,
    /// The property that is being read: its items are called by its singular.
    property: String,
}

impl<'a> Schemas<'a> {
    pub fn read(name: &'a str, raw: &'a Value) -> Self {
        let mut this = Self {
            name,
            raw,
            names: BTreeMap::new(),
            members: BTreeSet::new(),
            defined: Map::new(),
            findings: Vec::new(),
            depth: 0,
            property: String::new(),
        };
        this.named();
        this
    }

    fn named(&mut self) {
        let raw = &self.raw["components"]["schemas"];
        union_members(&self.raw["components"], &mut self.members);
        for (name, _) in members(raw) {
            let ours = name.to_pascal_case();
            let pointer = format!("/components/schemas/{}", step(name));
            if self.names.values().any(|other| *other == ours) {
                self.puzzle(
                    &pointer,
                    &format!("another schema is called `{ours}` as well"),
                );
            }
            self.names.insert(name.clone(), ours);
        }
        for (name, schema) in members(raw) {
            let pointer = format!("/components/schemas/{}", step(name));
            let ours = self.names[name].clone();
            let tags = self.members.contains(name);
            let schema = self.definition(schema, &pointer, &ours, tags);
            self.defined.insert(ours, schema);
        }
    }

    pub fn puzzle(&mut self, pointer: &str, what: &str) {
        self.findings.push(not_understood(self.name, pointer, what));
    }

    /// A schema where it is used: what has to have a name gets `name` and is referred to.
    pub fn inline(&mut self, raw: &Value, pointer: &str, name: &str) -> Value {
        let mut schema = self.definition(raw, pointer, name, false);
        let named = schema["properties"].is_object()
            || schema["oneOf"].is_array()
            || schema["enum"].is_array();
        if !named || reference(&schema).is_some() {
            return schema;
        }
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("nullable");
        }
        let free = (1..).map(|n| {
            if n == 1 {
                name.into()
            } else {
                format!("{name}{n}")
            }
        });
        let taken = |n: &String| {
            self.defined.get(n).is_some_and(|d| *d != schema)
                || !self.defined.contains_key(n) && self.names.values().any(|other| other == n)
        };
        let name = free.into_iter().find(|n| !taken(n)).unwrap_or_default();
        self.defined.insert(name.clone(), schema);
        let mut used =
            json!({"$ref": format!("#/components/schemas/{name}"), ORIGIN: pointer.to_string()});
        if raw["nullable"] == true
            || raw["type"]
                .as_array()
                .is_some_and(|t| t.contains(&json!("null")))
        {
            used["nullable"] = true.into();
        }
        used
    }

    /// A schema as a whole, with what is inside it named after it.
    fn definition(&mut self, raw: &Value, pointer: &str, name: &str, tags: bool) -> Value {
        self.depth += 1;
        let schema = match self.depth {
            // A schema that holds itself inline, by references to places inside schemas.
            50.. => {
                self.puzzle(pointer, "the schema is nested too deeply");
                json!({})
            }
            _ => self.translated(raw, pointer, name, tags),
        };
        self.depth -= 1;
        schema
    }

    fn translated(&mut self, raw: &Value, pointer: &str, name: &str, tags: bool) -> Value {
        let mut schema = Map::new();
        schema.insert(ORIGIN.into(), pointer.into());
        if let Some(target) = raw["$ref"].as_str() {
            return self.referred(target, raw, pointer, name, schema);
        }
        self.kind(raw, pointer, &mut schema);
        for (key, value) in members(raw) {
            let at = format!("{pointer}/{}", step(key));
            match key.as_str() {
                "properties" => {
                    schema.insert(key.clone(), self.properties(value, &at, name, tags));
                }
                "items" => {
                    let item = self.item_name(name);
                    let item = self.inline(value, &at, &item);
                    schema.insert(key.clone(), item);
                }
                "additionalProperties" => {
                    let value = match value {
                        Value::Bool(_) => json!({}),
                        Value::Object(any) if any.is_empty() => json!({}),
                        value => self.inline(value, &at, &format!("{name}Value")),
                    };
                    schema.insert(key.clone(), value);
                }
                "required" => drop(schema.insert(key.clone(), value.clone())),
                "const" => drop(schema.insert("enum".into(), json!([value]))),
                "oneOf" | "anyOf" => self.union(value, &at, name, &mut schema),
                "allOf" => self.all_of(value, &at, name, &mut schema),
                key if KEPT.contains(&key) || LIMITS.contains(&key) || key.starts_with("x-") => {
                    schema.insert(key.into(), value.clone());
                }
                key if IGNORED.contains(&key) => {}
                key => self.puzzle(&at, &format!("the keyword `{key}`")),
            }
        }
        self.complete(raw, pointer, &mut schema);
        schema.into()
    }

    fn referred(
        &mut self,
        target: &str,
        raw: &Value,
        pointer: &str,
        name: &str,
        mut schema: Map<String, Value>,
    ) -> Value {
        let named = target.strip_prefix("#/components/schemas/");
        if let Some(ours) = named.and_then(|n| self.names.get(&n.replace("~1", "/"))) {
            let to = format!("#/components/schemas/{ours}");
            match raw.get("description") {
                // What stands beside a reference counts in 3.1, and takes this form in 3.0.
                Some(description) => {
                    schema.insert("description".into(), description.clone());
                    schema.insert("allOf".into(), json!([{ "$ref": to }]));
                }
                None => drop(schema.insert("$ref".into(), to.into())),
            }
            return schema.into();
        }
        let raw_root = self.raw;
        let inside = target.strip_prefix('#').filter(|p| p.starts_with('/'));
        match inside.and_then(|p| Some((p, raw_root.pointer(p)?))) {
            Some((place, found)) => self.definition(found, place, name, false),
            None => {
                self.puzzle(pointer, &format!("`{target}` is not in this document"));
                schema.into()
            }
        }
    }

    /// The type; in 3.1 a list of types may stand for one that may be null.
    fn kind(&mut self, raw: &Value, pointer: &str, schema: &mut Map<String, Value>) {
        if raw["nullable"] == true {
            schema.insert("nullable".into(), true.into());
        }
        let Some(kinds) = raw["type"].as_array() else {
            schema.extend(raw.get("type").map(|t| ("type".to_string(), t.clone())));
            return;
        };
        if kinds.iter().any(|k| k == "null") {
            schema.insert("nullable".into(), true.into());
        }
        let kinds: Vec<_> = kinds.iter().filter(|k| *k != "null").collect();
        match kinds.as_slice() {
            [one] => drop(schema.insert("type".into(), (*one).clone())),
            _ => self.puzzle(&format!("{pointer}/type"), "several types for one value"),
        }
    }

    fn properties(&mut self, raw: &Value, pointer: &str, name: &str, tags: bool) -> Value {
        let properties = members(raw).map(|(key, property)| {
            let at = format!("{pointer}/{}", step(key));
            let inside = format!("{name}{}", key.to_pascal_case());
            self.property.clone_from(key);
            let values = property["enum"].as_array().map_or(0, Vec::len);
            let is_tag = tags && (values == 1 || property.get("const").is_some());
            let property = match is_tag {
                true => self.definition(property, &at, &inside, false),
                false => self.inline(property, &at, &inside),
            };
            (key.clone(), property)
        });
        properties.collect::<Map<_, _>>().into()
    }

    fn item_name(&self, name: &str) -> String {
        let plural = self.property.to_pascal_case();
        let singular = match plural.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => plural.strip_suffix('s').unwrap_or(&plural).to_string(),
        };
        let taken =
            self.names.values().any(|n| *n == singular) || self.defined.contains_key(&singular);
        match taken || singular.is_empty() || singular == plural {
            true => format!("{name}Item"),
            false => singular,
        }
    }

    fn union(&mut self, raw: &Value, pointer: &str, name: &str, schema: &mut Map<String, Value>) {
        let all = raw.as_array().into_iter().flatten().enumerate();
        let (null, all): (Vec<_>, Vec<_>) = all.partition(|(_, m)| m["type"] == "null");
        if !null.is_empty() {
            schema.insert("nullable".into(), true.into());
        }
        let at = |index: &usize| format!("{pointer}/{index}");
        match all.as_slice() {
            [(index, one)] => {
                let one = self.definition(one, &at(index), name, false);
                schema.extend(members(&one).map(|(k, v)| (k.clone(), v.clone())));
            }
            _ => {
                let members: Vec<_> = all
                    .iter()
                    .map(|(index, m)| self.inline(m, &at(index), &format!("{name}{}", index + 1)))
                    .collect();
                schema.insert("oneOf".into(), members.into());
            }
        }
    }

    /// One member is a reference with a description; several are one object.
    fn all_of(&mut self, raw: &Value, pointer: &str, name: &str, schema: &mut Map<String, Value>) {
        let all: Vec<_> = raw.as_array().into_iter().flatten().collect();
        if let [one] = all.as_slice() {
            let one = self.definition(one, &format!("{pointer}/0"), name, false);
            match reference(&one) {
                Some(to) => {
                    let to = json!({"$ref": format!("#/components/schemas/{to}")});
                    schema.insert("allOf".into(), json!([to]));
                }
                None => merge(schema, &one),
            }
            return;
        }
        let raw_root = self.raw;
        for (index, member) in all.into_iter().enumerate() {
            let target = member["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
            let at = target.map_or(format!("{pointer}/{index}"), str::to_string);
            let member = target.map_or(member, |t| raw_root.pointer(t).unwrap_or(member));
            let one = self.definition(member, &at, name, false);
            merge(schema, &one);
        }
    }

    /// What our document has on every schema of its kind.
    fn complete(&mut self, raw: &Value, pointer: &str, schema: &mut Map<String, Value>) {
        if schema.contains_key("properties") {
            schema.insert("additionalProperties".into(), json!({}));
            schema.entry("type").or_insert_with(|| "object".into());
        }
        if schema.contains_key("enum") && !schema.contains_key("type") {
            let texts = schema["enum"]
                .as_array()
                .is_some_and(|v| v.iter().all(Value::is_string));
            schema.extend(texts.then(|| ("type".to_string(), "string".into())));
        }
        // null among the values of a nullable enum is not a value of it.
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.retain(|v| !v.is_null());
            if !values.iter().all(Value::is_string) {
                schema.remove("enum");
                self.puzzle(&format!("{pointer}/enum"), "an enum of other than texts");
            }
        }
        let known = ["object", "array", "string", "integer", "number", "boolean"];
        if let Some(kind) = schema.get("type").filter(|t| !known.iter().any(|k| t == k)) {
            let what = format!("the type {kind}");
            self.puzzle(pointer, &what);
        }
        if !raw.is_object() && !raw.is_boolean() {
            self.puzzle(pointer, "expected a schema");
        }
    }
}

/// Takes the members of an `allOf` together.
fn merge(schema: &mut Map<String, Value>, member: &Value) {
    for (key, value) in members(member) {
        match (schema.get_mut(key), value) {
            (Some(Value::Object(into)), Value::Object(more)) => {
                into.extend(more.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            (Some(Value::Array(into)), Value::Array(more)) => into.extend(more.iter().cloned()),
            (Some(_), _) => {}
            (None, _) => drop(schema.insert(key.clone(), value.clone())),
        }
    }
}

fn union_members(value: &Value, found: &mut BTreeSet<String>) {
    for key in ["oneOf", "anyOf"] {
        let all = value[key].as_array().into_iter().flatten();
        found.extend(
            all.filter_map(|m| m["$ref"].as_str()?.rsplit('/').next())
                .map(str::to_string),
        );
    }
    match value {
        Value::Object(map) => map.values().for_each(|v| union_members(v, found)),
        Value::Array(all) => all.iter().for_each(|v| union_members(v, found)),
        _ => {}
    }
}
