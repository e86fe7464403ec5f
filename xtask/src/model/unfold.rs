//! An operation as a whole: what it refers to stands where it is used, `allOf` is taken
//! together, and the words of OpenAPI 3.1 are those of 3.0.
//!
//! What is not understood is a finding, and the rest goes on.

use super::{Call, Node};
use crate::{
    codegen::adapt::parameters,
    document::members,
    finding::{Finding, Place},
    json::step,
    rules::seen,
};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const LIMITS: &str = "exclusiveMaximum exclusiveMinimum maximum maxItems maxLength maxProperties \
    minimum minItems minLength minProperties multipleOf pattern uniqueItems";

const KEPT: &str = "additionalProperties default deprecated description enum example format readOnly \
    required writeOnly";

/// Said by the kind, or nothing of the values.
const IGNORED: &str = "type nullable title examples externalDocs xml discriminator contentEncoding \
    contentMediaType $anchor $comment $defs $id $schema";

fn is_in(words: &str, word: &str) -> bool {
    words.split(' ').any(|w| w == word)
}

/// Whether a word limits a schema, beyond its type.
pub fn is_limit(word: &str) -> bool {
    is_in(LIMITS, word)
}

/// Whether a limit lets through less than before.
pub fn tightened(limit: &str, ours: Option<&Value>, theirs: Option<&Value>) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return theirs.is_some();
    };
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) if limit.to_lowercase().contains("max") => theirs < ours,
        (Some(ours), Some(theirs)) => theirs > ours,
        _ => true,
    }
}

/// Whether a word has a value of the kind that it takes. Null says as much as nothing.
fn is_sound(word: &str, value: &Value) -> bool {
    value.is_null()
        || match word {
            "properties" | "responses" => value.is_object(),
            "allOf" | "anyOf" | "enum" | "oneOf" | "parameters" | "security" => value.is_array(),
            "required" => value.is_array() || value.is_boolean(),
            "deprecated" | "nullable" | "readOnly" | "uniqueItems" | "writeOnly" => {
                value.is_boolean()
            }
            "exclusiveMaximum" | "exclusiveMinimum" => value.is_boolean() || value.is_number(),
            "pattern" => value.is_string(),
            word => !is_limit(word) || value.is_number(),
        }
}

fn is_kept(word: &str) -> bool {
    is_in(KEPT, word) || is_limit(word) || word.starts_with("x-")
}

/// In 3.0, a word beside a limit says that it is left out itself; in 3.1 it is a limit.
pub const EXCLUSIVE: [(&str, &str); 2] = [
    ("minimum", "exclusiveMinimum"),
    ("maximum", "exclusiveMaximum"),
];

/// Beside a reference, these change what it refers to; other words are about it.
const SHAPING: &str = "anyOf enum items oneOf properties required";

/// What one operation may unfold to, in schemas, and how deep.
const SIZE: usize = 50_000;
const DEPTH: usize = 60;

/// These are never parameters, as OpenAPI has it.
const HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

/// An operation of a document, and what was not understood of it; `file` is what findings
/// call the document.
pub fn unfold(document: &Value, call: &Call, file: &str) -> (Node, BTreeSet<Finding>) {
    let mut unfolding = Unfolding {
        document,
        file,
        operation: &call.pointer,
        left: SIZE,
        open: Vec::new(),
        findings: BTreeSet::new(),
    };
    let raw = document.pointer(&call.pointer).unwrap_or(&Value::Null);
    (unfolding.operation(raw, call), unfolding.findings)
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

    fn operation(&mut self, raw: &'a Value, call: &Call) -> Node {
        let at = &call.pointer;
        let mut operation = Node::at(at);
        for (key, value) in members(raw) {
            if !is_sound(key, value) {
                self.puzzle(
                    &format!("{at}/{}", step(key)),
                    &format!("the value of `{key}`"),
                );
            }
            match key.as_str() {
                "operationId" | "externalDocs" | "parameters" | "security" | "requestBody"
                | "responses" => {}
                "summary" | "description" | "tags" | "deprecated" => {
                    operation.words.insert(key.clone(), value.clone());
                }
                key if key.starts_with("x-") => {}
                key => self.puzzle(
                    &format!("{at}/{}", step(key)),
                    &format!("`{key}` of an operation"),
                ),
            }
        }
        operation
            .words
            .insert("security".into(), self.security(raw));
        operation.inside = self.parameters(raw, call);
        if let Some(body) = raw.get("requestBody") {
            let (body, at) = self.follow(body, format!("{at}/requestBody"));
            let mut read = self.content(body, &at);
            read.required = body["required"] == true;
            operation.inside.push(("sent".into(), read));
        }
        self.responses(&raw["responses"], &mut operation);
        operation
    }

    /// What a reference to a component leads to, and where that is.
    fn follow(&mut self, value: &'a Value, at: String) -> (&'a Value, String) {
        let (mut found, mut place) = (value, at);
        for _ in 0..20 {
            let Some(target) = found["$ref"].as_str() else {
                return (found, place);
            };
            let Some((next, pointer)) = self.target(target) else {
                self.puzzle(&place, &format!("`{target}` is not in this document"));
                return (&Value::Null, place);
            };
            (found, place) = (next, pointer.into());
        }
        self.puzzle(&place, "a reference that leads back to itself");
        (&Value::Null, place)
    }

    fn target(&self, reference: &'a str) -> Option<(&'a Value, &'a str)> {
        let pointer = reference.strip_prefix('#')?;
        let plain = percent_decode_str(pointer).decode_utf8_lossy();
        let found = self.document.pointer(pointer);
        Some((found.or_else(|| self.document.pointer(&plain))?, pointer))
    }

    /// What an operation has itself and what it shares with others on its path, in the order
    /// of the path, then the others.
    fn parameters(&mut self, raw: &'a Value, call: &Call) -> Vec<(String, Node)> {
        let item = call.pointer.rsplit_once('/').map_or("", |(path, _)| path);
        let shared = self.document.pointer(item).unwrap_or(&Value::Null);
        let own = (call.pointer.as_str(), &raw["parameters"]);
        let path = parameters(&call.path);
        let mut all: Vec<(String, Node)> = Vec::new();
        for (from, raw) in [own, (item, &shared["parameters"])] {
            for (index, raw) in raw.as_array().into_iter().flatten().enumerate() {
                let site = format!("{from}/parameters/{index}");
                let (parameter, at) = self.follow(raw, site.clone());
                let name = parameter["name"].as_str().unwrap_or_default();
                let step = match parameter["in"].as_str().unwrap_or_default() {
                    "header" if HEADERS.contains(&name.to_lowercase().as_str()) => continue,
                    "path" => match path.iter().position(|n| *n == name) {
                        Some(index) => format!("path/{index}"),
                        None => format!("path/{name}"),
                    },
                    kind @ ("query" | "header" | "cookie") => format!("{kind}/{name}"),
                    _ => {
                        self.puzzle(&site, "a parameter without a place");
                        continue;
                    }
                };
                match all.iter().find(|(present, _)| *present == step) {
                    None => all.push((step, self.parameter(parameter, &at, site))),
                    Some((_, other)) if other.site.starts_with(&format!("{from}/parameters/")) => {
                        self.puzzle(&site, &format!("`{name}` is there twice"));
                    }
                    Some(_) => {}
                }
            }
        }
        all.sort_by_key(|(step, _)| {
            let index = step.strip_prefix("path/").and_then(|i| i.parse().ok());
            index.unwrap_or(usize::MAX)
        });
        all
    }

    fn parameter(&mut self, raw: &'a Value, at: &str, site: String) -> Node {
        let mut node = Node::at(at);
        node.site = site;
        node.name = at
            .strip_prefix("/components/parameters/")
            .map(str::to_string);
        node.required = raw["in"] == "path" || raw["required"] == true;
        for (key, value) in members(raw) {
            let is_switch = ["required", "explode"].contains(&key.as_str());
            if !is_sound(key, value) || is_switch && !value.is_boolean() && !value.is_null() {
                self.puzzle(
                    &format!("{at}/{}", step(key)),
                    &format!("the value of `{key}`"),
                );
            }
            if is_in("name in description deprecated style explode", key) || key.starts_with("x-") {
                node.words.insert(key.clone(), value.clone());
            }
        }
        let schema = match raw.get("content") {
            Some(content) => {
                let name = node.text("name").to_string();
                self.puzzle(at, &format!("`{name}`, a parameter with `content`"));
                let schema = members(content).next().map(|(_, media)| &media["schema"]);
                self.used(schema.unwrap_or(&Value::Null), format!("{at}/content"), 0)
            }
            None => self.used(&raw["schema"], format!("{at}/schema"), 0),
        };
        node.inside.push(("=".into(), schema));
        node
    }

    fn responses(&mut self, raw: &'a Value, operation: &mut Node) {
        let statuses = format!("{}/responses", operation.place);
        let mut success = None;
        for (status, response) in members(raw).filter(|(s, _)| !s.starts_with("x-")) {
            let site = format!("{statuses}/{}", step(status));
            let (response, place) = self.follow(response, site.clone());
            let is_success = status.starts_with('2');
            // Errors come in any form, and only what is JSON can be compared.
            let has_content = match is_success {
                true => members(&response["content"]).next().is_some(),
                false => media(&response["content"]).is_some(),
            };
            let mut read = match has_content {
                true => self.content(response, &place),
                false => Node::at(&place),
            };
            // In our conventions, `Empty` is nothing.
            if is_success {
                read.inside
                    .retain(|(_, s)| s.name.as_deref() != Some("Empty"));
            }
            read.words
                .insert("description".into(), response["description"].clone());
            if let Some((name, _)) = members(&response["headers"]).next() {
                let place = Place::new(self.file, format!("{place}/headers"));
                let finding = seen::LEFT_OUT.at(place, format!("the header `{name}` of an answer"));
                self.findings.insert(finding);
            }
            // To the client every success is one: all that hold something hold the same.
            let content = &response["content"];
            if is_success && has_content && *success.get_or_insert(content) != content {
                self.puzzle(&site, "a success that holds something else than the others");
            }
            read.site = site;
            let step = match is_success {
                true => "received".into(),
                false => format!("failed/{status}"),
            };
            if operation.get(&step).is_none() {
                operation.inside.push((step, read));
            }
        }
    }

    /// Of the media types, the one that the client speaks.
    fn content(&mut self, holder: &'a Value, at: &str) -> Node {
        let mut node = Node::at(at);
        let Some((kind, content)) = media(&holder["content"]) else {
            self.puzzle(&format!("{at}/content"), "a body that is not JSON");
            return node;
        };
        let site = format!("{at}/content/{}/schema", step(kind));
        let kind = if is_plain(kind) {
            "application/json"
        } else {
            kind
        };
        node.words.insert("media".into(), kind.into());
        for key in ["example", "examples"] {
            if let Some(example) = content.get(key) {
                node.words.insert(key.into(), example.clone());
            }
        }
        node.inside
            .push(("=".into(), self.used(&content["schema"], site, 0)));
        node
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
    fn used(&mut self, raw: &'a Value, site: String, depth: usize) -> Node {
        let mut node = self.schema(raw, &site, depth);
        node.site = site;
        node
    }

    fn schema(&mut self, raw: &'a Value, at: &str, depth: usize) -> Node {
        let mut node = Node::at(at);
        if self.left == 0 {
            return node;
        }
        self.left -= 1;
        if self.left == 0 {
            let what = format!("an operation that unfolds to more than {SIZE} schemas");
            self.puzzle(self.operation, &what);
        }
        if depth > DEPTH || self.open.len() > 4 * DEPTH {
            self.puzzle(at, "the schema is nested too deeply");
            return node;
        }
        if !raw.is_object() && *raw != true && !raw.is_null() {
            self.puzzle(at, "expected a schema");
        }
        // In 3.0, nothing counts beside a reference.
        let has_more = members(raw).any(|(key, _)| is_in(SHAPING, key));
        let version = self.document["openapi"].as_str().unwrap_or_default();
        if let Some(target) = raw["$ref"].as_str()
            && !(has_more && version.starts_with("3.1"))
        {
            return self.referred(target, raw, at, depth);
        }
        if let Some([one]) = raw["allOf"].as_array().map(Vec::as_slice)
            && one["$ref"].is_string()
            && !has_more
        {
            let mut node = self.schema(one, &format!("{at}/allOf/0"), depth);
            lay_beside(&mut node, members(raw));
            return node;
        }
        self.kind(raw, at, &mut node);
        // Its own words stand before those of its parts.
        let (parts, own): (Vec<_>, Vec<_>) =
            members(raw).partition(|(key, _)| is_in("$ref allOf", key));
        for (key, value) in own.into_iter().chain(parts) {
            let inside = format!("{at}/{}", step(key));
            match key.as_str() {
                key if !is_sound(key, value) || key == "required" && value.is_boolean() => {
                    self.puzzle(&inside, &format!("the value of `{key}`"));
                }
                "$ref" => {
                    let target = value.as_str().unwrap_or_default();
                    let part = self.referred(target, &Value::Null, at, depth);
                    take_together(&mut node, part);
                }
                "properties" => {
                    // Even if there are none, they are listed.
                    node.words.insert(key.clone(), json!({}));
                    let fields = members(value).map(|(name, field)| {
                        let site = format!("{inside}/{}", step(name));
                        (format!(".{name}"), self.used(field, site, depth + 1))
                    });
                    let fields = fields.collect();
                    take(&mut node, fields);
                }
                "items" => {
                    let items = self.used(value, inside, depth + 1);
                    take(&mut node, vec![("[]".into(), items)]);
                }
                "additionalProperties" if members(value).next().is_some() => {
                    let values = self.used(value, inside, depth + 1);
                    take(&mut node, vec![("{}".into(), values)]);
                }
                "additionalProperties" if *value != false => {}
                "const" => drop(node.words.insert("enum".into(), json!([value]))),
                "oneOf" | "anyOf" => self.union(value, &inside, depth, &mut node),
                "allOf" => {
                    for (index, part) in value.as_array().into_iter().flatten().enumerate() {
                        if self.left == 0 {
                            break;
                        }
                        let part = self.schema(part, &format!("{inside}/{index}"), depth);
                        take_together(&mut node, part);
                    }
                }
                key if is_kept(key) => drop(node.words.insert(key.into(), value.clone())),
                key if is_in(IGNORED, key) => {}
                key => self.puzzle(&inside, &format!("the keyword `{key}`")),
            }
        }
        Self::complete(&mut node);
        node
    }

    fn referred(&mut self, target: &'a str, raw: &'a Value, at: &str, depth: usize) -> Node {
        let mut node = Node::at(at);
        let Some((found, place)) = self.target(target) else {
            self.puzzle(at, &format!("`{target}` is not in this document"));
            return node;
        };
        match self.open.iter().rev().find(|(open, _)| open == place) {
            Some((_, followed)) if *followed == depth => {
                self.puzzle(at, "a reference that leads back to itself");
                return node;
            }
            Some((_, followed)) => node.back = Some(depth - followed),
            None => {
                self.open.push((place.into(), depth));
                node = self.schema(found, place, depth);
                self.open.pop();
            }
        }
        let name = place.strip_prefix("/components/schemas/");
        if let Some(name) = name.filter(|name| !name.contains('/')) {
            node.name = Some(name.into());
            // Our words for an answer of which there is nothing to say belong to its operation.
            if ["Empty", "Unknown"].contains(&name) && node.inside.is_empty() {
                node.place = at.into();
            }
        }
        lay_beside(&mut node, members(raw));
        node
    }

    /// The type; in 3.1 a list of types may stand for one that may be null.
    fn kind(&mut self, raw: &Value, at: &str, node: &mut Node) {
        let kinds: Vec<_> = match &raw["type"] {
            Value::Null => Vec::new(),
            Value::Array(all) => all.iter().collect(),
            one => vec![one],
        };
        if raw["nullable"] == true || kinds.iter().any(|k| *k == "null") {
            node.words.insert("nullable".into(), true.into());
        }
        const KNOWN: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
        let kinds: Vec<_> = kinds.into_iter().filter(|k| *k != "null").collect();
        match kinds.as_slice() {
            [] => {}
            [one] if KNOWN.iter().any(|known| *one == known) => {
                node.words.insert("type".into(), (*one).clone());
            }
            [one] => self.puzzle(&format!("{at}/type"), &format!("the type {one}")),
            _ => self.puzzle(&format!("{at}/type"), "several types for one value"),
        }
    }

    fn union(&mut self, raw: &'a Value, at: &str, depth: usize, node: &mut Node) {
        let all = raw.as_array().into_iter().flatten().enumerate();
        let (null, all): (Vec<_>, Vec<_>) = all.partition(|(_, m)| m["type"] == "null");
        if !null.is_empty() {
            node.words.insert("nullable".into(), true.into());
        }
        if let [(index, one)] = all.as_slice() {
            let one = self.schema(one, &format!("{at}/{index}"), depth);
            let beside = std::mem::replace(node, one);
            lay_beside(node, beside.words.iter());
            return;
        }
        let mut members = Vec::new();
        for (index, member) in all {
            members.push(self.used(member, format!("{at}/{index}"), depth + 1));
        }
        // In 3.1, a list of constants is how values are explained one by one.
        let constants = members.iter().map(|m| match m.words.get("enum") {
            Some(Value::Array(values)) if m.shape() == "string" => Some(values.clone()),
            _ => None,
        });
        match constants.collect::<Option<Vec<_>>>() {
            Some(values) if !values.is_empty() => {
                node.words.insert("type".into(), "string".into());
                node.words.insert("enum".into(), values.concat().into());
            }
            _ => {
                node.words.insert("oneOf".into(), json!([]));
                members.iter_mut().for_each(|m| m.is_member = true);
                let names = names(&members).into_iter().map(|name| format!("|{name}"));
                take(node, names.zip(members).collect());
            }
        }
    }

    /// What goes without saying.
    fn complete(node: &mut Node) {
        let implied = [(".", "object"), ("{}", "object"), ("[]", "array")];
        for (sign, kind) in implied {
            if node.inside.iter().any(|(step, _)| step.starts_with(sign)) {
                node.words.entry("type").or_insert_with(|| kind.into());
            }
        }
        if ["properties", "additionalProperties"]
            .iter()
            .any(|k| node.words.contains_key(*k))
        {
            node.words.entry("type").or_insert_with(|| "object".into());
        }
        let required = node.words.get("required").and_then(Value::as_array);
        for (step, field) in &mut node.inside {
            let is_field = |r: &Value| step.strip_prefix('.') == r.as_str();
            field.required = required.is_some_and(|r| r.iter().any(is_field));
        }
        if let Some(values) = node.words.get_mut("enum").and_then(Value::as_array_mut) {
            // null among the values of a nullable enum is not a value of it.
            values.retain(|v| !v.is_null());
            if values.iter().all(Value::is_string) {
                node.words.entry("type").or_insert_with(|| "string".into());
            }
        }
        // 3.0 says that a limit is left out itself, 3.1 has a limit for that.
        for (limit, exclusive) in EXCLUSIVE {
            match node.words.get(exclusive) {
                Some(Value::Bool(true)) => {
                    let value = node.words.remove(limit).unwrap_or_default();
                    node.words.insert(exclusive.into(), value);
                }
                Some(Value::Bool(false)) => drop(node.words.remove(exclusive)),
                _ => {}
            }
        }
    }
}

/// By what the members of a union are told apart: the value of a tag, or what they are.
fn names(members: &[Node]) -> Vec<String> {
    let plain = |m: &Node| m.tag().unwrap_or_else(|| m.shape()).to_string();
    let plain: Vec<_> = members.iter().map(plain).collect();
    let distinct = |(name, member): (&String, &Node)| {
        if plain.iter().filter(|n| *n == name).count() == 1 {
            return name.clone();
        }
        let fields: Vec<_> = member.fields().map(|(field, _)| field).collect();
        format!("{name} of {}", fields.join(", "))
    };
    plain.iter().zip(members).map(distinct).collect()
}

/// Whether a media type is JSON by that name.
fn is_plain(kind: &str) -> bool {
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    ["application/json", "application/*", "*/*"].contains(&kind.as_str())
}

fn media(content: &Value) -> Option<(&String, &Value)> {
    members(content).find(|(kind, _)| is_plain(kind) || kind.ends_with("+json"))
}

/// What stands beside a reference counts in 3.1, and in 3.0 beside an `allOf` of one.
fn lay_beside<'a>(node: &mut Node, raw: impl Iterator<Item = (&'a String, &'a Value)>) {
    let words = raw.filter(|(key, _)| !is_in("$ref allOf type", key) && !is_in(SHAPING, key));
    let words = words.map(|(key, value)| (key.clone(), value.clone()));
    match node.name {
        Some(_) => node.beside.extend(words),
        None => node.words.extend(words),
    }
}

/// Takes the members of an `allOf` together.
fn take_together(node: &mut Node, part: Node) {
    for (key, value) in part.words {
        match (node.words.get_mut(&key), value) {
            (Some(Value::Object(into)), Value::Object(more)) => into.extend(more),
            (Some(Value::Array(into)), Value::Array(more)) if key == "enum" => {
                into.retain(|v| more.contains(v));
            }
            (Some(into), more) if is_limit(&key) && tightened(&key, Some(&*into), Some(&more)) => {
                *into = more;
            }
            (Some(Value::Array(into)), Value::Array(more)) => {
                let new: Vec<_> = more.into_iter().filter(|v| !into.contains(v)).collect();
                into.extend(new);
            }
            (Some(_), _) => {}
            (None, value) => drop(node.words.insert(key, value)),
        }
    }
    take(node, part.inside);
}

fn take(node: &mut Node, new: Vec<(String, Node)>) {
    let known = node.inside.len();
    for (step, new) in new {
        let mut present = node.inside[..known].iter_mut();
        match present.find(|(present, _)| *present == step) {
            Some((_, present)) => take_together(present, new),
            None => node.inside.push((step, new)),
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
