//! Recorded answers against the document's schemas, read as the client's types read them.
//!
//! Nothing of an answer is shown but names of fields, types, and values of enums that look
//! like identifiers: an answer may be full of secrets.

use crate::{
    codegen::adapt::reference,
    compare::{Shape, noun, shape},
    document::{Document, Operation, members},
    finding::{Finding, Place},
    json::step,
    project::DOCUMENT,
    rules::{Rule, seen},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// One call and its answer.
pub struct Exchange {
    pub method: String,
    /// Without host and base path.
    pub path: String,
    pub query: Vec<String>,
    pub request: Option<Value>,
    pub status: u16,
    /// None if it is not JSON.
    pub answer: Option<Value>,
    /// Where the answer's body is in the recording.
    pub place: Place,
    /// Credentials that were sent: never shown, wherever they come up again.
    pub secrets: BTreeSet<String>,
}

/// What a recording has that the document does not.
pub fn compare(document: &Document, exchange: &Exchange) -> Vec<Finding> {
    let Some(operation) = operation(document, exchange) else {
        let what = format!(
            "{} with {} path segments",
            exchange.method,
            exchange.path.split('/').count() - 1
        );
        return vec![seen::UNKNOWN_OPERATION.at(exchange.place.clone(), what)];
    };
    let mut findings = unknown_parameters(&operation, exchange);
    if !(200..300).contains(&exchange.status) {
        let what = format!("{} answered with {}", operation.id, exchange.status);
        findings.push(seen::FAILED.at(exchange.place.clone(), what));
        return findings;
    }
    let responses = &operation.value["responses"];
    let success = members(responses).find(|(status, _)| status.starts_with('2'));
    let Some((status, response)) = success else {
        return findings;
    };
    let pointer = format!(
        "{}/responses/{status}/content/application~1json/schema",
        operation.pointer
    );
    let schema = &response["content"]["application/json"]["schema"];
    let mut reading = Reading {
        document,
        exchange,
        operation: operation.id,
        findings,
    };
    match (&exchange.answer, reference(schema)) {
        // Whatever an empty answer holds, the client does not look at it.
        (None, Some("Empty")) | (_, None) => {}
        (None, _) => reading.find(&seen::UNREADABLE, "", &pointer, "not JSON"),
        (Some(answer), Some("Empty" | "Unknown")) => {
            if members(answer).next().is_some() {
                reading.find(&seen::UNDESCRIBED, "", &pointer, "an answer with fields");
            }
        }
        (Some(answer), _) => reading.read(answer, "", schema, &pointer),
    }
    reading.findings
}

/// The operation that a call is of. Of two on one path, the one whose body's fields it has.
fn operation<'a>(document: &'a Document, exchange: &Exchange) -> Option<Operation<'a>> {
    let all = document.operations().into_iter();
    let matching = all.filter(|o| o.method().eq_ignore_ascii_case(&exchange.method));
    let mut matching: Vec<_> = matching
        .filter(|o| matches(o.path, &exchange.path))
        .collect();
    // `/roles/-/policies` before `/roles/{role}/policies`.
    matching.sort_by_key(|o| {
        (
            o.path.matches('{').count(),
            strangers(document, o, exchange),
        )
    });
    matching.into_iter().next()
}

/// The number of the body's fields that an operation does not have.
fn strangers(document: &Document, operation: &Operation, exchange: &Exchange) -> usize {
    let schema = &operation.value["requestBody"]["content"]["application/json"]["schema"];
    let schema = document.follow(schema).unwrap_or(schema);
    let sent = exchange.request.iter().flat_map(members);
    let known = |name: &&String| schema["properties"].get(name.as_str()).is_some();
    let missing = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|name| {
            name.as_str().is_some_and(|name| {
                exchange
                    .request
                    .as_ref()
                    .is_none_or(|r| r.get(name).is_none())
            })
        });
    sent.map(|(name, _)| name)
        .filter(|name| !known(name))
        .count()
        + missing.count()
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.trim_end_matches('/').split('/'));
    let (template, path): (Vec<_>, Vec<_>) = (template.collect(), path.collect());
    let fits = |(pattern, segment): (&&str, &&str)| match pattern.split_once('{') {
        Some((before, rest)) => {
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            let inner = segment
                .strip_prefix(before)
                .and_then(|s| s.strip_suffix(after));
            // A custom verb is not part of a name.
            inner.is_some_and(|i| !i.is_empty() && !i.contains(':'))
        }
        None => pattern == segment,
    };
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

fn unknown_parameters(operation: &Operation, exchange: &Exchange) -> Vec<Finding> {
    let known = |name: &str| {
        operation
            .parameters
            .iter()
            .any(|p| p["in"] == "query" && p["name"] == name)
    };
    let unknown = exchange.query.iter().filter(|name| !known(name));
    let find = |name: &String| {
        // A token in the query is known by its name, never shown by its value.
        let what = format!("{}: the parameter {}", operation.id, quoted(name, exchange));
        seen::UNKNOWN_PARAMETER.at(exchange.place.clone(), what)
    };
    unknown.map(find).collect()
}

struct Reading<'a> {
    document: &'a Document,
    exchange: &'a Exchange,
    operation: &'a str,
    findings: Vec<Finding>,
}

impl Reading<'_> {
    fn find(&mut self, rule: &Rule, at: &str, schema: &str, what: &str) {
        let Place { file, pointer } = &self.exchange.place;
        let place = Place::new(file, format!("{pointer}{at}"));
        let finding = rule.at(place, format!("{}: {what}", self.operation));
        self.findings
            .push(finding.beside(Place::new(DOCUMENT, schema)));
    }

    fn read(&mut self, value: &Value, at: &str, schema: &Value, pointer: &str) {
        let document = self.document;
        let (mut schema, mut pointer) = (schema, pointer.to_string());
        while let Some(name) = reference(schema) {
            schema = &document.value["components"]["schemas"][name];
            pointer = format!("/components/schemas/{}", step(name));
        }
        // The client reads null as absent, wherever it stands.
        if value.is_null() && !at.is_empty() {
            return;
        }
        match (shape(schema), value) {
            (Shape::Any, _) | (Shape::Open, Value::Object(_)) => {}
            (Shape::Object, Value::Object(_)) => self.object(value, at, schema, &pointer),
            (Shape::Map, Value::Object(map)) => {
                let pointer = format!("{pointer}/additionalProperties");
                for (key, value) in map {
                    let at = format!("{at}/{}", self.key(key));
                    self.read(value, &at, &schema["additionalProperties"], &pointer);
                }
            }
            (Shape::Array, Value::Array(all)) => {
                for (index, value) in all.iter().enumerate() {
                    self.read(
                        value,
                        &format!("{at}/{index}"),
                        &schema["items"],
                        &format!("{pointer}/items"),
                    );
                }
            }
            (Shape::Union, Value::Object(_)) => self.union(value, at, schema, &pointer),
            (Shape::Scalar(kind), value) if is_a(value, kind) => {
                self.scalar(value, at, schema, &pointer)
            }
            (expected, value) => {
                let what = format!("{} where {} is expected", kind(value), noun(expected));
                self.find(&seen::WRONG_TYPE, at, &pointer, &what);
            }
        }
    }

    fn object(&mut self, value: &Value, at: &str, schema: &Value, pointer: &str) {
        let properties = &schema["properties"];
        for (name, inner) in members(value) {
            let place = format!("{at}/{}", self.key(name));
            match properties.get(name) {
                Some(property) => {
                    self.read(
                        inner,
                        &place,
                        property,
                        &format!("{pointer}/properties/{}", step(name)),
                    );
                }
                None if schema["x-catch-all"] == true => {}
                None => {
                    let what =
                        format!("the field {}, {}", quoted(name, self.exchange), kind(inner));
                    self.find(
                        &seen::UNKNOWN_FIELD,
                        &place,
                        &format!("{pointer}/properties"),
                        &what,
                    );
                }
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        let required: Vec<_> = required.filter_map(Value::as_str).collect();
        let named = || {
            ["name", "id"]
                .into_iter()
                .find(|name| required.contains(name))
        };
        let identifier = schema["x-identifier"].as_str().or_else(named);
        for name in required.iter().filter(|name| value[**name].is_null()) {
            let rule = match identifier == Some(*name) {
                true => seen::MISSING_IDENTIFIER,
                false => seen::MISSING_FIELD,
            };
            let what = format!("no field `{name}`");
            self.find(
                &rule,
                at,
                &format!("{pointer}/properties/{}", step(name)),
                &what,
            );
        }
    }

    /// The member whose tag the value has, or the one that takes the rest.
    fn union(&mut self, value: &Value, at: &str, schema: &Value, pointer: &str) {
        let document = self.document;
        let all: Vec<_> = schema["oneOf"].as_array().into_iter().flatten().collect();
        let fits = |member: &&Value| {
            let member = document.follow(member).unwrap_or(member);
            members(&member["properties"]).any(|(name, property)| {
                let one = property["enum"].as_array().filter(|v| v.len() == 1);
                one.is_some_and(|v| v[0] == value[name])
            })
        };
        if let Some(member) = all.iter().copied().find(fits).or(all.last().copied()) {
            self.read(value, at, member, &format!("{pointer}/oneOf"));
        }
    }

    fn scalar(&mut self, value: &Value, at: &str, schema: &Value, pointer: &str) {
        if let (Some(values), Some(text)) = (schema["enum"].as_array(), value.as_str())
            && !values.contains(value)
        {
            let what = format!("the value {}", quoted(text, self.exchange));
            self.find(&seen::UNKNOWN_VALUE, at, &format!("{pointer}/enum"), &what);
        }
        // An empty time is none.
        let time = value
            .as_str()
            .filter(|t| !t.is_empty() && schema["format"] == "date-time");
        if time.is_some_and(|t| t.parse::<jiff::Timestamp>().is_err()) {
            self.find(
                &seen::WRONG_TYPE,
                at,
                pointer,
                "a text where a time is expected",
            );
        }
    }

    /// A key as a step of a pointer; a map's keys are data, as values are.
    fn key(&self, key: &str) -> String {
        match presentable(key, self.exchange) {
            true => step(key),
            false => "…".into(),
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => true,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn quoted(text: &str, exchange: &Exchange) -> String {
    match presentable(text, exchange) {
        true => format!("`{text}`"),
        false => "(not shown)".into(),
    }
}

/// Whether a text is a name and no secret: short, of letters in one case, and nothing that
/// was sent as a credential.
fn presentable(text: &str, exchange: &Exchange) -> bool {
    let name = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-.$".contains(c));
    let cases = [char::is_uppercase as fn(char) -> bool, char::is_lowercase];
    // Names in camelCase exist, but a run of capitals inside small letters is random.
    let turns = text
        .as_bytes()
        .windows(2)
        .filter(|w| w[1].is_ascii_uppercase() && !w[0].is_ascii_uppercase());
    let mixed = cases.iter().all(|case| text.contains(*case)) && turns.count() > 2;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let secret = exchange.secrets.iter().any(|s| text.contains(s.as_str()));
    name && !secret
        && !mixed
        && (1..=40).contains(&text.len())
        && digits <= 3
        && digits < text.len()
}
