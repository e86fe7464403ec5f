//! Recorded answers against the document's schemas, read as the client's types read them.
//!
//! Nothing of an answer is shown but the names that the document knows, types, and what is
//! plainly a word: an answer may be full of secrets.

use crate::{
    codegen::adapt::{self, Demand, Facts, reference},
    document::{Document, Operation, members},
    finding::{Finding, Place},
    json::step,
    json_schema,
    model::is_path_of,
    project::DOCUMENT,
    rules::{Rule, seen},
};
use jsonschema::{Draft, ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// One call and its answer.
pub struct Exchange {
    pub method: String,
    /// Without host and base path.
    pub path: String,
    pub query: Vec<String>,
    pub request: Option<Value>,
    pub status: u16,
    pub is_empty: bool,
    /// None if it is not JSON.
    pub answer: Option<Value>,
    /// Where the answer's body is in the recording.
    pub place: Place,
    /// Credentials that were sent: never shown, wherever they come up again.
    pub secrets: BTreeSet<String>,
}

/// What the client reads, operation by operation.
pub struct Answers<'a> {
    document: &'a Document,
    operations: Vec<Operation<'a>>,
    /// None if no JSON Schema or no client can be made of the document, which `check` says.
    validator: Option<Validator>,
    facts: Option<Facts>,
}

impl<'a> Answers<'a> {
    pub fn new(document: &'a Document) -> Self {
        let operations = document.operations();
        let answers = operations
            .iter()
            .map(|o| (o.id.to_string(), answer(o).0.clone()));
        let facts = facts(document);
        let schema = json!({
            "components": demanding(json_schema::components(document), facts.as_ref()),
            "properties": answers.filter(|(_, s)| s.is_object()).collect::<Map<_, _>>(),
        });
        let options = jsonschema::options().with_draft(Draft::Draft7);
        Self {
            validator: options.should_validate_formats(true).build(&schema).ok(),
            facts,
            document,
            operations,
        }
    }

    /// What a recording has that the document does not.
    pub fn compare(&self, exchange: &Exchange) -> Vec<Finding> {
        let at = |rule: &Rule, what: String| rule.at(exchange.place.clone(), what);
        let Some(operation) = self.operation(exchange) else {
            let parts = exchange.path.split('/').count() - 1;
            let what = format!("{} with {parts} path segments", exchange.method);
            return vec![at(&seen::UNKNOWN_OPERATION, what)];
        };
        let id = operation.id;
        let is_known = |name: &str| {
            let mut parameters = operation.parameters.iter();
            parameters.any(|p| p["in"] == "query" && p["name"] == name)
        };
        let unknown = exchange.query.iter().filter(|name| !is_known(name));
        let mut findings: Vec<_> = unknown
            // A token in the query is known by its name, never shown by its value.
            .map(|name| format!("{id}: the parameter {}", exchange.quoted(name)))
            .map(|what| at(&seen::UNKNOWN_PARAMETER, what))
            .collect();
        if !(200..300).contains(&exchange.status) {
            let what = format!("{id} answered with {}", exchange.status);
            findings.push(at(&seen::FAILED, what));
            return findings;
        }
        let (schema, pointer) = answer(operation);
        let found = Found {
            exchange,
            operation: id,
            document: &self.document.value,
            facts: self.facts.as_ref(),
        };
        match (&exchange.answer, reference(schema)) {
            _ if pointer.is_empty() => {}
            // Whatever an empty answer holds, the client does not look at it.
            (None, Some("Empty")) => {}
            (None, Some("Unknown")) if exchange.is_empty => {}
            (None, _) => findings.push(found.at(&seen::UNREADABLE, "", &pointer, "not JSON")),
            (Some(answer), Some("Empty" | "Unknown")) => {
                if members(answer).next().is_some() {
                    let what = "an answer with fields";
                    findings.push(found.at(&seen::UNDESCRIBED, "", &pointer, what));
                }
            }
            (Some(answer), _) => {
                let value = json!({id: without_null(answer)});
                let errors = self.validator.iter().flat_map(|v| v.iter_errors(&value));
                findings.extend(errors.flat_map(|error| found.of(&error, &pointer)));
            }
        }
        findings
    }

    /// The operation that a call is of. Of two on one path, the one whose body's fields it has.
    fn operation(&self, exchange: &Exchange) -> Option<&Operation<'a>> {
        let fits = |o: &&Operation| {
            o.method().eq_ignore_ascii_case(&exchange.method) && is_path_of(&exchange.path, o.path)
        };
        // `/roles/-/policies` before `/roles/{role}/policies`.
        let rank = |o: &&Operation| (o.path.matches('{').count(), self.strangers(o, exchange));
        self.operations.iter().filter(fits).min_by_key(rank)
    }

    /// The number of the body's fields that an operation does not have, or misses.
    fn strangers(&self, operation: &Operation, exchange: &Exchange) -> usize {
        let schema = &operation.value["requestBody"]["content"]["application/json"]["schema"];
        let schema = self.document.follow(schema).unwrap_or(schema);
        let sent = exchange.request.as_ref().unwrap_or(&Value::Null);
        let unknown = members(sent).filter(|(name, _)| schema["properties"].get(name).is_none());
        let required = schema["required"].as_array().into_iter().flatten();
        let missing = required.filter(|r| r.as_str().is_some_and(|r| sent.get(r).is_none()));
        unknown.count() + missing.count()
    }
}

/// What the client makes of a document that it can be made of.
pub fn facts(document: &Document) -> Option<Facts> {
    Some(adapt::adapt(&document.value).ok()?.1)
}

/// The schemas, with what the client demands of an object that requires nothing by name.
fn demanding(mut components: Value, facts: Option<&Facts>) -> Value {
    for (name, schema) in facts.into_iter().flat_map(|f| &f.schemas) {
        let own = &mut components["schemas"][name];
        let keys = schema.properties.keys();
        let mut any: Vec<_> = keys.map(|key| json!({"required": [key]})).collect();
        match schema.demand() {
            Demand::Any => {}
            Demand::AnyOrEmpty => any.push(json!({"maxProperties": 0})),
            Demand::Keys(_) => continue,
        }
        if own["required"].is_null() {
            own["anyOf"] = any.into();
        }
    }
    components
}

/// The schema of a success, and where it is.
fn answer<'a>(operation: &Operation<'a>) -> (&'a Value, String) {
    let mut responses = members(&operation.value["responses"]);
    match responses.find(|(status, _)| status.starts_with('2')) {
        None => (&Value::Null, String::new()),
        Some((status, response)) => (
            &response["content"]["application/json"]["schema"],
            format!(
                "{}/responses/{status}/content/application~1json/schema",
                operation.pointer
            ),
        ),
    }
}

/// The client reads null as absent, wherever it stands.
fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let present = map.iter().filter(|(_, v)| !v.is_null());
            present.map(|(k, v)| (k.clone(), without_null(v))).collect()
        }
        Value::Array(all) => all.iter().map(without_null).collect(),
        other => other.clone(),
    }
}

struct Found<'a> {
    exchange: &'a Exchange,
    operation: &'a str,
    document: &'a Value,
    facts: Option<&'a Facts>,
}

impl Found<'_> {
    /// Whether the client refuses an object for want of a property.
    fn is_demanded(&self, schema: &str, property: &str, value: &Value) -> Option<bool> {
        let name = schema.strip_prefix("/components/schemas/")?;
        let schema = self.facts?.schemas.get(name)?;
        let is_unknown = schema.properties.keys().all(|key| value.get(key).is_none());
        Some(match schema.demand() {
            Demand::Keys(keys) => keys.iter().any(|key| key == property),
            Demand::Any => is_unknown,
            Demand::AnyOrEmpty => is_unknown && members(value).next().is_some(),
        })
    }

    fn at(&self, rule: &Rule, at: &str, schema: &str, what: &str) -> Finding {
        let Place { file, pointer } = &self.exchange.place;
        let place = Place::new(file, format!("{pointer}{at}"));
        let finding = rule.at(place, format!("{}: {what}", self.operation));
        finding.beside(Place::new(DOCUMENT, schema))
    }

    fn of(&self, error: &ValidationError, root: &str) -> Vec<Finding> {
        let value = error.instance();
        // Null in a list is read as absent, too.
        if value.is_null() && error.instance_path().as_str().matches('/').count() > 1 {
            return Vec::new();
        }
        let own = format!("/properties/{}", step(self.operation));
        let schema = error.schema_path().as_str();
        let schema = schema.rsplit_once('/').map_or("", |(schema, _)| schema);
        let schema = match schema.strip_prefix(&own) {
            Some(rest) => format!("{root}{rest}"),
            None => schema.to_string(),
        };
        let described = self.document.pointer(&schema).unwrap_or(&Value::Null);
        let at = self.shown(error.instance_path().as_str());
        let wrong = |expected: &str| {
            let what = format!("{} where {expected} is expected", kind(value));
            vec![self.at(&seen::WRONG_TYPE, &at, &schema, &what)]
        };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let fields = format!("{schema}/properties");
                let find = |name: &String| {
                    let (name, kind) = (self.exchange.quoted(name), kind(&value[name]));
                    let shown = name.strip_prefix('`').and_then(|n| n.strip_suffix('`'));
                    let at = format!("{at}/{}", step(shown.unwrap_or("…")));
                    let what = format!("the field {name}, {kind}");
                    self.at(&seen::UNKNOWN_FIELD, &at, &fields, &what)
                };
                unexpected.iter().map(find).collect()
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let rule = match self.is_demanded(&schema, name, value) {
                    Some(true) => &seen::MISSING_IDENTIFIER,
                    _ => &seen::MISSING_FIELD,
                };
                let schema = format!("{schema}/properties/{}", step(name));
                vec![self.at(rule, &at, &schema, &format!("no field `{name}`"))]
            }
            ValidationErrorKind::Enum { .. } => {
                let text = value.as_str().map(|text| self.exchange.quoted(text));
                let what = format!("the value {}", text.unwrap_or_else(|| kind(value).into()));
                vec![self.at(&seen::UNKNOWN_VALUE, &at, &format!("{schema}/enum"), &what)]
            }
            // An empty time is none.
            ValidationErrorKind::Format { .. } if value.as_str() == Some("") => Vec::new(),
            ValidationErrorKind::Format { format } => wrong(&format!("a {format}")),
            ValidationErrorKind::Type { .. } => {
                wrong(described["type"].as_str().unwrap_or("another type"))
            }
            // What an object demands; what may be null and has a name is another form.
            ValidationErrorKind::AnyOf { .. } if described["properties"].is_object() => {
                let what = "none of its fields";
                vec![self.at(&seen::MISSING_IDENTIFIER, &at, &schema, what)]
            }
            ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::AnyOf { .. } => {
                wrong("another form")
            }
            // Answers are not held to limits.
            _ => Vec::new(),
        }
    }

    /// The way into an answer, without the keys that are data and no fields.
    fn shown(&self, path: &str) -> String {
        let is_field = |key: &str| {
            let mut schemas = members(&self.document["components"]["schemas"]);
            schemas.any(|(_, schema)| schema["properties"].get(key).is_some())
        };
        let steps = path.split('/').skip(2);
        let steps = steps.map(|s| match s.parse::<usize>().is_ok() || is_field(s) {
            true => format!("/{s}"),
            false => "/…".into(),
        });
        steps.collect()
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

impl Exchange {
    fn quoted(&self, text: &str) -> String {
        let is_secret = self.secrets.iter().any(|s| text.contains(s.as_str()));
        match !is_secret && text.len() <= 40 && text.split(['_', '-', '.']).all(is_word) {
            true => format!("`{text}`"),
            false => "(not shown)".into(),
        }
    }
}

/// Whether a text is plainly a word. A name of ten letters may be a secret all the same, but
/// nobody draws secrets from a dictionary.
fn is_word(word: &str) -> bool {
    let letters = word.trim_start_matches('$');
    let turns = letters.as_bytes().windows(2);
    let turns = turns.filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    let turns = turns.count();
    let vowels = letters
        .chars()
        .filter(|c| "aeiouyAEIOUY".contains(*c))
        .count();
    let capitals = letters.chars().filter(char::is_ascii_uppercase).count();
    letters.chars().all(|c| c.is_ascii_alphabetic())
        && (1..=16 + 8 * turns).contains(&letters.len())
        && (letters.len() < 4 || vowels * 6 >= letters.len())
        && (capitals == letters.len() || capitals <= turns + 1 && turns <= 2)
}
