//! Recorded answers against the document's schemas, read as the client's types read them.
//!
//! Nothing of an answer is shown but the names that the document knows, types, and what is
//! plainly a word: an answer may be full of secrets.

use crate::{
    codegen::adapt::reference,
    document::{Document, Operation, members},
    finding::{Finding, Place},
    json::step,
    json_schema,
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
    /// None if no JSON Schema can be made of the document, which `check` says.
    validator: Option<Validator>,
}

impl<'a> Answers<'a> {
    pub fn new(document: &'a Document) -> Self {
        let operations = document.operations();
        let mut told_apart = document.clone();
        let schemas = document.value["components"]["schemas"].clone();
        for (_, schema) in told_apart.value["components"]["schemas"]
            .as_object_mut()
            .into_iter()
            .flatten()
        {
            tell_apart(schema, &schemas);
        }
        let answers = operations.iter().map(|o| {
            let (schema, _) = answer(o);
            (o.id.to_string(), schema.cloned().unwrap_or_default())
        });
        let schema = json!({
            "components": json_schema::components(&told_apart),
            "properties": answers.filter(|(_, s)| s.is_object()).collect::<Map<_, _>>(),
        });
        let options = jsonschema::options().with_draft(Draft::Draft7);
        Self {
            validator: options.should_validate_formats(true).build(&schema).ok(),
            document,
            operations,
        }
    }

    /// What a recording has that the document does not.
    pub fn compare(&self, exchange: &Exchange) -> Vec<Finding> {
        let Some(operation) = self.operation(exchange) else {
            let parts = exchange.path.split('/').count() - 1;
            let what = format!("{} with {parts} path segments", exchange.method);
            return vec![seen::UNKNOWN_OPERATION.at(exchange.place.clone(), what)];
        };
        let mut findings = unknown_parameters(operation, exchange);
        if !(200..300).contains(&exchange.status) {
            let what = format!("{} answered with {}", operation.id, exchange.status);
            findings.push(seen::FAILED.at(exchange.place.clone(), what));
            return findings;
        }
        let (Some(schema), pointer) = answer(operation) else {
            return findings;
        };
        let found = Found {
            exchange,
            operation: operation.id,
        };
        match (&exchange.answer, reference(schema)) {
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
                let value = json!({operation.id: without_null(answer)});
                for error in self.validator.iter().flat_map(|v| v.iter_errors(&value)) {
                    findings.extend(found.of(&error, &pointer, self.document));
                }
            }
        }
        findings
    }

    /// The operation that a call is of. Of two on one path, the one whose body's fields it has.
    fn operation(&self, exchange: &Exchange) -> Option<&Operation<'a>> {
        let fits = |o: &&Operation| {
            o.method().eq_ignore_ascii_case(&exchange.method) && matches(o.path, &exchange.path)
        };
        // `/roles/-/policies` before `/roles/{role}/policies`.
        let rank = |o: &&Operation| {
            (
                o.path.matches('{').count(),
                strangers(self.document, o, exchange),
            )
        };
        self.operations.iter().filter(fits).min_by_key(rank)
    }
}

/// The schema of a success, and where it is.
fn answer<'a>(operation: &Operation<'a>) -> (Option<&'a Value>, String) {
    let success = members(&operation.value["responses"]).find(|(s, _)| s.starts_with('2'));
    let Some((status, response)) = success else {
        return (None, String::new());
    };
    let inside = "content/application~1json/schema";
    let pointer = format!("{}/responses/{status}/{inside}", operation.pointer);
    (
        Some(&response["content"]["application/json"]["schema"]),
        pointer,
    )
}

/// A union as the client reads it: the member whose tag the value has, so that what is wrong
/// is told of that one; what has no member's tag is the last one's.
fn tell_apart(schema: &mut Value, schemas: &Value) {
    if let Some(all) = schema["oneOf"].as_array().cloned() {
        let tag = |member: &Value| {
            let member = reference(member).map_or(member, |name| &schemas[name]);
            members(&member["properties"]).find_map(|(key, property)| {
                let one = property["enum"].as_array().filter(|v| v.len() == 1)?;
                Some(json!({"required": [key], "properties": {key: {"enum": one}}}))
            })
        };
        let tagged = all
            .iter()
            .filter_map(|m| Some(json!({"if": tag(m)?, "then": m})));
        let tagged: Vec<_> = tagged.collect();
        if let (Some(object), false) = (schema.as_object_mut(), tagged.is_empty()) {
            object.remove("oneOf");
            object.insert("allOf".into(), tagged.into());
        }
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(|v| tell_apart(v, schemas)),
        Value::Array(all) => all.iter_mut().for_each(|v| tell_apart(v, schemas)),
        _ => {}
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
}

impl Found<'_> {
    fn at(&self, rule: &Rule, at: &str, schema: &str, what: &str) -> Finding {
        let Place { file, pointer } = &self.exchange.place;
        let place = Place::new(file, format!("{pointer}{at}"));
        let finding = rule.at(place, format!("{}: {what}", self.operation));
        finding.beside(Place::new(DOCUMENT, schema))
    }

    fn of(&self, error: &ValidationError, root: &str, document: &Document) -> Vec<Finding> {
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
        let at = self.shown(error.instance_path().as_str(), document);
        let wrong = |expected: &str| {
            let what = format!("{} where {expected} is expected", kind(value));
            vec![self.at(&seen::WRONG_TYPE, &at, &schema, &what)]
        };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let find = |name: &String| {
                    let what = format!("the field {}, {}", self.quoted(name), kind(&value[name]));
                    let at = format!("{at}/{}", self.step(name));
                    self.at(
                        &seen::UNKNOWN_FIELD,
                        &at,
                        &format!("{schema}/properties"),
                        &what,
                    )
                };
                unexpected.iter().map(find).collect()
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let rule = match identifier(document.value.pointer(&schema)) == Some(name) {
                    true => &seen::MISSING_IDENTIFIER,
                    false => &seen::MISSING_FIELD,
                };
                let schema = format!("{schema}/properties/{}", step(name));
                vec![self.at(rule, &at, &schema, &format!("no field `{name}`"))]
            }
            ValidationErrorKind::Enum { .. } => {
                let text = value
                    .as_str()
                    .map_or(kind(value).into(), |text| self.quoted(text));
                let what = format!("the value {text}");
                vec![self.at(&seen::UNKNOWN_VALUE, &at, &format!("{schema}/enum"), &what)]
            }
            // An empty time is none.
            ValidationErrorKind::Format { .. } if value.as_str() == Some("") => Vec::new(),
            ValidationErrorKind::Format { format } => wrong(&format!("a {format}")),
            ValidationErrorKind::Type { .. } => {
                let expected = document
                    .value
                    .pointer(&schema)
                    .and_then(|s| s["type"].as_str());
                wrong(expected.unwrap_or("another type"))
            }
            ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::AnyOf { .. } => {
                wrong("another form")
            }
            // Answers are not held to limits.
            _ => Vec::new(),
        }
    }

    /// The way into an answer, without the keys that are data.
    fn shown(&self, path: &str, document: &Document) -> String {
        let steps = path.split('/').skip(2);
        let named = |s: &str| s.parse::<usize>().is_ok() || self.is_field(s, document);
        let steps = steps.map(|s| {
            if named(s) {
                format!("/{s}")
            } else {
                "/…".into()
            }
        });
        steps.collect()
    }

    /// Whether a key is a field of some schema, and not one of a map.
    fn is_field(&self, key: &str, document: &Document) -> bool {
        let mut schemas = document.schemas();
        schemas.any(|(_, schema)| schema["properties"].get(key).is_some())
    }

    fn step(&self, name: &str) -> String {
        match presentable(name, self.exchange) {
            true => step(name),
            false => "…".into(),
        }
    }

    fn quoted(&self, text: &str) -> String {
        quoted(text, self.exchange)
    }
}

/// What an answer cannot be used without.
fn identifier(schema: Option<&Value>) -> Option<&str> {
    let schema = schema?;
    let required = schema["required"].as_array()?;
    let named = ["name", "id"]
        .into_iter()
        .find(|name| required.iter().any(|r| r == name));
    schema["x-identifier"].as_str().or(named)
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

/// Whether a text is plainly a word, or several with `_`, `-` or `.` between them, and no
/// credential that was sent. A name of ten letters may be a secret all the same, but nobody
/// draws secrets from a dictionary.
fn presentable(text: &str, exchange: &Exchange) -> bool {
    let is_secret = exchange.secrets.iter().any(|s| text.contains(s.as_str()));
    let words = text.split(['_', '-', '.']);
    let is_word = |word: &str| {
        let letters = word.trim_start_matches('$');
        let turns = letters.as_bytes().windows(2);
        let turns = turns.filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
        let vowels = letters
            .chars()
            .filter(|c| "aeiouyAEIOUY".contains(*c))
            .count();
        let turns = turns.count();
        let capitals = letters.chars().filter(char::is_ascii_uppercase).count();
        letters.chars().all(|c| c.is_ascii_alphabetic())
            && (1..=16 + 8 * turns).contains(&letters.len())
            && (letters.len() < 4 || vowels * 6 >= letters.len())
            && (capitals == letters.len() || capitals <= turns + 1 && turns <= 2)
    };
    !is_secret && text.len() <= 40 && words.into_iter().all(is_word)
}
