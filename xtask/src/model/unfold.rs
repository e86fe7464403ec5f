//! An operation as a whole: what it refers to stands where it is used, `allOf` is taken
//! together, and the words of OpenAPI 3.1 are those of 3.0.
//!
//! What is not understood is a finding, and the rest goes on.

use super::Call;
use crate::{
    document::members,
    finding::{Finding, Place},
    json::step,
    rules::seen,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Where the document has a schema, and where it is used if that is elsewhere.
pub const ORIGIN: &str = "x-origin";
pub const SITE: &str = "x-site";
/// What the document calls it.
pub const NAME: &str = "x-name";
/// What stands beside a reference to it.
pub const BESIDE: &str = "x-beside";
/// In place of a schema that holds itself: how many steps it goes back.
pub const BACK: &str = "x-back";

const OWN: [&str; 5] = [ORIGIN, SITE, NAME, BESIDE, BACK];

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
    "example",
    "format",
    "readOnly",
    "required",
    "writeOnly",
];

/// Words about a schema that say nothing of the values.
const IGNORED: [&str; 14] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "discriminator",
    "contentEncoding",
    "contentMediaType",
    "examples",
    "externalDocs",
    "nullable",
    "title",
    "type",
    "xml",
];

/// What one operation may unfold to, in schemas, and how deep.
const SIZE: usize = 50_000;
const DEPTH: usize = 60;

/// These are never parameters, as OpenAPI has it.
const HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

pub struct Unfolded {
    pub value: Value,
    pub findings: BTreeSet<Finding>,
}

/// An operation of a document; `file` is what findings call the document.
pub fn unfold(document: &Value, call: &Call, file: &str) -> Unfolded {
    let mut unfolding = Unfolding {
        document,
        file,
        operation: &call.pointer,
        left: SIZE,
        open: Vec::new(),
        findings: BTreeSet::new(),
    };
    let raw = document.pointer(&call.pointer).unwrap_or(&Value::Null);
    Unfolded {
        value: unfolding.operation(raw, call),
        findings: unfolding.findings,
    }
}

/// A schema without what only the unfolding needs.
pub fn is_own(key: &str) -> bool {
    OWN.contains(&key)
}

struct Unfolding<'a> {
    document: &'a Value,
    file: &'a str,
    operation: &'a str,
    left: usize,
    /// The references that lead here, with the depth at which each was followed.
    open: Vec<(String, usize)>,
    findings: BTreeSet<Finding>,
}

impl<'a> Unfolding<'a> {
    fn puzzle(&mut self, pointer: &str, what: &str) {
        let place = Place::new(self.file, pointer);
        self.findings.insert(seen::NOT_UNDERSTOOD.at(place, what));
    }

    fn operation(&mut self, raw: &'a Value, call: &Call) -> Value {
        let at = &call.pointer;
        let mut operation = json!({ORIGIN: at, "operationId": call.id});
        for (key, value) in members(raw) {
            match key.as_str() {
                "summary" | "description" | "tags" | "deprecated" => operation[key] = value.clone(),
                "operationId" | "externalDocs" | "parameters" | "security" | "requestBody"
                | "responses" => {}
                key if key.starts_with("x-") => operation[key] = value.clone(),
                key => self.puzzle(
                    &format!("{at}/{}", step(key)),
                    &format!("`{key}` of an operation"),
                ),
            }
        }
        operation["parameters"] = self.parameters(raw, call);
        operation["security"] = self.security(raw);
        if let Some(body) = raw.get("requestBody") {
            let (body, at) = self.follow(body, format!("{at}/requestBody"));
            let mut read = self.content(body, &at);
            read["required"] = (body["required"] == true).into();
            operation["requestBody"] = read;
        }
        operation["responses"] = self.responses(&raw["responses"], &format!("{at}/responses"));
        operation
    }

    /// What a reference to a component leads to, and where that is.
    fn follow(&mut self, value: &'a Value, at: String) -> (&'a Value, String) {
        let (mut found, mut place) = (value, at);
        for _ in 0..20 {
            let Some(target) = found["$ref"].as_str() else {
                return (found, place);
            };
            let inside = target.strip_prefix('#').map(str::to_string);
            let next = inside.and_then(|p| Some((self.document.pointer(&p)?, p)));
            let Some(next) = next else {
                self.puzzle(&place, &format!("`{target}` is not in this document"));
                return (&Value::Null, place);
            };
            (found, place) = next;
        }
        self.puzzle(&place, "a reference that leads back to itself");
        (&Value::Null, place)
    }

    /// What an operation has itself and what it shares with others on its path, in the order
    /// of the path, then the others.
    fn parameters(&mut self, raw: &'a Value, call: &Call) -> Value {
        let item = call.pointer.rsplit_once('/').map_or("", |(path, _)| path);
        let shared = self.document.pointer(item).unwrap_or(&Value::Null);
        let mut parameters: Vec<Value> = Vec::new();
        for (from, all) in [
            (call.pointer.as_str(), &raw["parameters"]),
            (item, &shared["parameters"]),
        ] {
            for (index, raw) in all.as_array().into_iter().flatten().enumerate() {
                let site = format!("{from}/parameters/{index}");
                let (parameter, at) = self.follow(raw, site.clone());
                let name = parameter["name"].as_str().unwrap_or_default();
                let kind = parameter["in"].as_str().unwrap_or_default();
                let is_same = |p: &Value| p["name"] == name && p["in"] == kind;
                let never = kind == "header" && HEADERS.contains(&name.to_lowercase().as_str());
                if never || parameters.iter().any(is_same) {
                    continue;
                }
                if !["path", "query", "header", "cookie"].contains(&kind) {
                    self.puzzle(&site, "a parameter without a place");
                    continue;
                }
                let mut read = json!({"name": name, "in": kind, ORIGIN: at, SITE: site});
                if let Some(name) = at.strip_prefix("/components/parameters/") {
                    read[NAME] = name.into();
                }
                for (key, value) in members(parameter) {
                    let is_kept = ["description", "deprecated", "style", "explode"];
                    if is_kept.contains(&key.as_str()) || key.starts_with("x-") {
                        read[key] = value.clone();
                    }
                }
                read["required"] = (kind == "path" || parameter["required"] == true).into();
                read["schema"] = match parameter.get("content") {
                    Some(content) => {
                        self.puzzle(&at, &format!("`{name}`, a parameter with `content`"));
                        let schema = members(content).next().map(|(_, media)| &media["schema"]);
                        self.used(schema.unwrap_or(&Value::Null), format!("{at}/content"), 0)
                    }
                    None => self.used(&parameter["schema"], format!("{at}/schema"), 0),
                };
                parameters.push(read);
            }
        }
        parameters.sort_by_key(|p| {
            let name = format!("{{{}}}", p["name"].as_str().unwrap_or_default());
            (
                p["in"] != "path",
                call.path.find(&name).filter(|_| p["in"] == "path"),
            )
        });
        parameters.into()
    }

    fn responses(&mut self, raw: &'a Value, at: &str) -> Value {
        let mut responses = Map::new();
        for (status, response) in members(raw).filter(|(s, _)| !s.starts_with("x-")) {
            let site = format!("{at}/{}", step(status));
            let (response, place) = self.follow(response, site.clone());
            let has_content = members(&response["content"]).next().is_some();
            let mut read = match (has_content, status.starts_with('2')) {
                (false, _) => json!({ORIGIN: place}),
                (true, true) => self.content(response, &place),
                // Errors come in any form, and only what is JSON can be compared.
                (true, false) if media(&response["content"]).is_none() => json!({ORIGIN: place}),
                (true, false) => self.content(response, &place),
            };
            read["description"] = response["description"].clone();
            read[SITE] = site.into();
            if let Some((name, _)) = members(&response["headers"]).next() {
                let place = Place::new(self.file, format!("{place}/headers"));
                let finding = seen::LEFT_OUT.at(place, format!("the header `{name}` of an answer"));
                self.findings.insert(finding);
            }
            responses.insert(status.clone(), read);
        }
        responses.into()
    }

    /// Of the media types, the one that the client speaks.
    fn content(&mut self, holder: &'a Value, at: &str) -> Value {
        let Some((kind, content)) = media(&holder["content"]) else {
            self.puzzle(&format!("{at}/content"), "a body that is not JSON");
            return json!({ORIGIN: at});
        };
        let at_media = format!("{at}/content/{}", step(kind));
        let schema = self.used(&content["schema"], format!("{at_media}/schema"), 0);
        let is_plain = kind.split(';').next() == Some("application/json") || kind == "*/*";
        let kind = if is_plain { "application/json" } else { kind };
        let mut read = json!({ORIGIN: at, "media": kind, "schema": schema});
        for key in ["example", "examples"] {
            if let Some(example) = content.get(key) {
                read[key] = example.clone();
            }
        }
        read
    }

    /// The alternatives, each with its kinds of credentials and their scopes.
    fn security(&mut self, raw: &'a Value) -> Value {
        let alternatives = raw.get("security").unwrap_or(&self.document["security"]);
        let mut read = Vec::new();
        for alternative in alternatives.as_array().into_iter().flatten() {
            let schemes = members(alternative).map(|(name, scopes)| {
                let scheme = &self.document["components"]["securitySchemes"][name.as_str()];
                (scheme_name(name, scheme), scopes.clone())
            });
            read.push(schemes.collect::<Map<_, _>>().into());
        }
        Value::Array(read)
    }

    /// A schema where it is used.
    fn used(&mut self, raw: &'a Value, site: String, depth: usize) -> Value {
        let mut schema = self.schema(raw, &site, depth);
        if schema.get(ORIGIN).is_none_or(|origin| *origin != site) {
            schema.insert(SITE.into(), site.into());
        }
        schema.into()
    }

    fn schema(&mut self, raw: &'a Value, at: &str, depth: usize) -> Map<String, Value> {
        let mut schema = Map::from_iter([(ORIGIN.to_string(), at.into())]);
        if self.left == 0 {
            return schema;
        }
        self.left -= 1;
        if self.left == 0 {
            let what = format!("an operation that unfolds to more than {SIZE} schemas");
            self.puzzle(self.operation, &what);
        }
        if depth > DEPTH || self.open.len() > 4 * DEPTH {
            self.puzzle(at, "the schema is nested too deeply");
            return schema;
        }
        if !raw.is_object() && !raw.is_boolean() && !raw.is_null() {
            self.puzzle(at, "expected a schema");
        }
        if let Some(target) = raw["$ref"].as_str() {
            return self.referred(target, raw, at, depth);
        }
        if let Some([one]) = raw["allOf"].as_array().map(Vec::as_slice)
            && one["$ref"].is_string()
            && !members(raw).any(|(key, _)| ["properties", "required", "enum"].contains(&&**key))
        {
            let mut schema = self.schema(one, &format!("{at}/allOf/0"), depth);
            lay_beside(&mut schema, raw);
            return schema;
        }
        self.kind(raw, at, &mut schema);
        for (key, value) in members(raw) {
            let inside = format!("{at}/{}", step(key));
            match key.as_str() {
                "properties" => {
                    let mut fields = Map::new();
                    for (name, field) in members(value) {
                        let site = format!("{inside}/{}", step(name));
                        fields.insert(name.clone(), self.used(field, site, depth + 1));
                    }
                    schema.insert(key.clone(), fields.into());
                }
                "items" => {
                    let items = self.used(value, inside, depth + 1);
                    schema.insert(key.clone(), items);
                }
                "additionalProperties" => match value {
                    Value::Bool(false) => drop(schema.insert(key.clone(), false.into())),
                    Value::Object(map) if !map.is_empty() => {
                        let values = self.used(value, inside, depth + 1);
                        schema.insert(key.clone(), values);
                    }
                    _ => {}
                },
                "enum" => drop(schema.insert(key.clone(), value.clone())),
                "const" => drop(schema.insert("enum".into(), json!([value]))),
                "oneOf" | "anyOf" => self.union(value, &inside, depth, &mut schema),
                "allOf" => {
                    for (index, part) in value.as_array().into_iter().flatten().enumerate() {
                        if self.left == 0 {
                            break;
                        }
                        let part = self.schema(part, &format!("{inside}/{index}"), depth);
                        take_together(&mut schema, part);
                    }
                }
                key if KEPT.contains(&key) || LIMITS.contains(&key) || key.starts_with("x-") => {
                    schema.insert(key.into(), value.clone());
                }
                key if IGNORED.contains(&key) => {}
                key => self.puzzle(&inside, &format!("the keyword `{key}`")),
            }
        }
        self.complete(at, &mut schema);
        schema
    }

    fn referred(
        &mut self,
        target: &'a str,
        raw: &'a Value,
        at: &str,
        depth: usize,
    ) -> Map<String, Value> {
        let mut schema = Map::from_iter([(ORIGIN.to_string(), at.into())]);
        let document = self.document;
        let found = target
            .strip_prefix('#')
            .and_then(|p| Some((p, document.pointer(p)?)));
        let Some((place, found)) = found else {
            self.puzzle(at, &format!("`{target}` is not in this document"));
            return schema;
        };
        let name = place.strip_prefix("/components/schemas/");
        let name = name.filter(|name| !name.contains('/'));
        match self.open.iter().rev().find(|(open, _)| open == place) {
            Some((_, followed)) if *followed == depth => {
                self.puzzle(at, "a reference that leads back to itself");
                return schema;
            }
            Some((_, followed)) => {
                schema.insert(BACK.into(), (depth - followed).into());
            }
            None => {
                self.open.push((place.into(), depth));
                schema = self.schema(found, place, depth);
                self.open.pop();
            }
        }
        if let Some(name) = name {
            schema.insert(NAME.into(), name.into());
        }
        // Our words for an answer of which there is nothing to say belong to its operation.
        if ["Empty", "Unknown"].map(Some).contains(&name) && !schema.contains_key("properties") {
            schema.insert(ORIGIN.into(), at.into());
        }
        lay_beside(&mut schema, raw);
        schema
    }

    /// The type; in 3.1 a list of types may stand for one that may be null.
    fn kind(&mut self, raw: &Value, at: &str, schema: &mut Map<String, Value>) {
        let kinds: Vec<_> = match &raw["type"] {
            Value::Null => Vec::new(),
            Value::Array(all) => all.iter().collect(),
            one => vec![one],
        };
        if raw["nullable"] == true || kinds.iter().any(|k| *k == "null") {
            schema.insert("nullable".into(), true.into());
        }
        const KNOWN: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
        let kinds: Vec<_> = kinds.into_iter().filter(|k| *k != "null").collect();
        match kinds.as_slice() {
            [] => {}
            [one] if KNOWN.iter().any(|known| *one == known) => {
                schema.insert("type".into(), (*one).clone());
            }
            [one] => self.puzzle(&format!("{at}/type"), &format!("the type {one}")),
            _ => self.puzzle(&format!("{at}/type"), "several types for one value"),
        }
    }

    fn union(&mut self, raw: &'a Value, at: &str, depth: usize, schema: &mut Map<String, Value>) {
        let all = raw.as_array().into_iter().flatten().enumerate();
        let (null, all): (Vec<_>, Vec<_>) = all.partition(|(_, m)| m["type"] == "null");
        if !null.is_empty() {
            schema.insert("nullable".into(), true.into());
        }
        if let [(index, one)] = all.as_slice() {
            let one = self.schema(one, &format!("{at}/{index}"), depth);
            let beside = std::mem::replace(schema, one);
            lay_beside(schema, &beside.into());
            return;
        }
        let mut members = Vec::new();
        for (index, member) in all {
            members.push(self.used(member, format!("{at}/{index}"), depth + 1));
        }
        // In 3.1, a list of constants is how values are explained one by one.
        let constants = members.iter().map(|m| match m["enum"].as_array() {
            Some(values) if m["type"] == "string" => Some(values.clone()),
            _ => None,
        });
        match constants.collect::<Option<Vec<_>>>() {
            Some(values) if !values.is_empty() => {
                schema.insert("type".into(), "string".into());
                schema.insert("enum".into(), values.concat().into());
            }
            _ => drop(schema.insert("oneOf".into(), members.into())),
        }
    }

    /// What goes without saying.
    fn complete(&mut self, at: &str, schema: &mut Map<String, Value>) {
        let implied = ["properties", "additionalProperties"].map(|key| (key, "object"));
        for (key, kind) in implied.into_iter().chain([("items", "array")]) {
            if schema.contains_key(key) {
                schema.entry("type").or_insert_with(|| kind.into());
            }
        }
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            // null among the values of a nullable enum is not a value of it.
            values.retain(|v| !v.is_null());
            let texts = values.iter().all(Value::is_string);
            if texts {
                schema.entry("type").or_insert_with(|| "string".into());
            }
        } else if schema.remove("enum").is_some() {
            self.puzzle(&format!("{at}/enum"), "an enum that is no list");
        }
        // 3.0 says that a limit is left out itself, 3.1 has a limit for that.
        for (limit, exclusive) in [
            ("minimum", "exclusiveMinimum"),
            ("maximum", "exclusiveMaximum"),
        ] {
            match schema.get(exclusive) {
                Some(Value::Bool(true)) => {
                    let value = schema.remove(limit).unwrap_or_default();
                    schema.insert(exclusive.into(), value);
                }
                Some(Value::Bool(false)) => drop(schema.remove(exclusive)),
                _ => {}
            }
        }
    }
}

fn media(content: &Value) -> Option<(&String, &Value)> {
    let is_json = |kind: &&String| {
        kind.split(';').next() == Some("application/json")
            || kind.ends_with("+json")
            || *kind == "*/*"
    };
    members(content).find(|(kind, _)| is_json(kind))
}

/// What stands beside a reference counts in 3.1, and in 3.0 beside an `allOf` of one.
fn lay_beside(schema: &mut Map<String, Value>, raw: &Value) {
    let words = members(raw).filter(|(key, _)| {
        !["$ref", "allOf", "anyOf", "oneOf", "type"].contains(&key.as_str())
            && !OWN.contains(&key.as_str())
    });
    let mut words: Map<_, _> = words.map(|(k, v)| (k.clone(), v.clone())).collect();
    if words.is_empty() {
        return;
    }
    if !schema.contains_key(NAME) {
        schema.extend(words);
        return;
    }
    if let Some(Value::Object(inner)) = schema.remove(BESIDE) {
        for (key, value) in inner {
            words.entry(key).or_insert(value);
        }
    }
    schema.insert(BESIDE.into(), words.into());
}

/// Takes the members of an `allOf` together.
fn take_together(schema: &mut Map<String, Value>, part: Map<String, Value>) {
    for (key, value) in part {
        match (schema.get_mut(&key), value) {
            _ if OWN.contains(&key.as_str()) => {}
            (Some(Value::Object(into)), Value::Object(more)) => into.extend(more),
            (Some(Value::Array(into)), Value::Array(more)) => {
                let new = more.into_iter().filter(|v| !into.contains(v));
                let new: Vec<_> = new.collect();
                into.extend(new);
            }
            (Some(_), _) => {}
            (None, value) => drop(schema.insert(key, value)),
        }
    }
}

/// What the client has to send: a name of ours for it where there is one.
fn scheme_name(name: &str, scheme: &Value) -> String {
    let word = |key: &str| scheme[key].as_str().unwrap_or_default();
    match (
        word("type").to_lowercase().as_str(),
        word("scheme").to_lowercase().as_str(),
    ) {
        ("http", "bearer") | ("oauth2" | "openidconnect", _) => "bearer".into(),
        ("apikey", _) if word("name").eq_ignore_ascii_case("authorization") => "bearer".into(),
        // Which of the two it is, only the name can say.
        ("http", "basic") if name == "app" => "app".into(),
        ("http", "basic") => "account".into(),
        ("apikey", _) => format!("{} in {}", word("name"), word("in")),
        ("http", scheme) => format!("http {scheme}"),
        _ => name.into(),
    }
}
