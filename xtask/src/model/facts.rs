//! The facts of an operation, by the path that leads to them.

use super::{
    Call,
    unfold::{BACK, BESIDE, LIMITS, NAME, ORIGIN, SITE},
};
use crate::{
    codegen::adapt::parameters,
    document::members,
    json::step,
    rules::{Fact, Way},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A path through an operation, and what is said there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// `received`, `.library_config`, `.api_host`: fields begin with a dot, members of a
    /// union with a bar; `[]` are the items of a list, `{}` the values of a map.
    pub steps: Vec<String>,
    pub fact: Fact,
    /// Which of several: a value of an enum, the name of a limit, a scope.
    pub item: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub value: Value,
    /// Where the document says so, and where it uses what says so.
    pub place: String,
    pub site: String,
}

#[derive(Default)]
pub struct Facts {
    pub map: BTreeMap<Key, Known>,
    /// Places that hold themselves: the path, and how many steps it goes back.
    back: BTreeMap<Vec<String>, usize>,
    /// Whether there is a success among the answers.
    pub succeeds: bool,
}

impl Key {
    pub fn new(steps: &[String], fact: Fact) -> Self {
        Self {
            steps: steps.to_vec(),
            fact,
            item: String::new(),
        }
    }

    pub fn way(&self) -> Way {
        match self.steps.first().map(String::as_str) {
            None => Way::Both,
            Some("received" | "failed") => Way::Received,
            Some(_) => Way::Sent,
        }
    }
}

/// Where something is when it is used by what is around it.
pub fn site(value: &Value) -> &str {
    let site = value[SITE].as_str().or(value[ORIGIN].as_str());
    site.unwrap_or_default()
}

/// What counts of a schema: a word beside a reference before the schema's own.
pub fn word<'a>(schema: &'a Value, key: &str) -> &'a Value {
    match schema[BESIDE].get(key) {
        Some(word) => word,
        None => &schema[key],
    }
}

/// What a schema is, as far as types go.
pub fn shape(schema: &Value) -> &str {
    if schema["oneOf"].is_array() {
        return "union";
    }
    match schema["type"].as_str() {
        Some("object") if schema["properties"].is_object() => "object",
        Some("object") if members(&schema["additionalProperties"]).next().is_some() => "map",
        Some("object") => "open object",
        Some(kind) => kind,
        None => "anything",
    }
}

/// By what a member is told from the others: the value of its tag, or what it is.
pub fn member_names(union: &Value) -> Vec<String> {
    let all = union["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
    let tag = |m: &Value| {
        members(&m["properties"]).find_map(|(_, p)| match p["enum"].as_array()?.as_slice() {
            [one] => one.as_str().map(str::to_string),
            _ => None,
        })
    };
    let plain = |m: &Value| tag(m).unwrap_or_else(|| shape(m).into());
    let names: Vec<_> = all.iter().map(plain).collect();
    let number = |name: &String| names.iter().filter(|n| *n == name).count();
    let distinct = |(index, name): (usize, &String)| match number(name) {
        1 => name.clone(),
        _ => {
            let fields = members(&all[index]["properties"]).map(|(n, _)| n.as_str());
            format!("{name} of {}", fields.collect::<Vec<_>>().join(", "))
        }
    };
    names.iter().enumerate().map(distinct).collect()
}

/// The facts of an operation that was unfolded.
pub fn facts(operation: &Value, call: &Call) -> Facts {
    let mut facts = Facts::default();
    facts.operation(operation, call);
    facts
}

impl Facts {
    fn operation(&mut self, operation: &Value, call: &Call) {
        if operation["deprecated"] == true {
            self.add(&[], Fact::OperationDeprecated, "", true.into(), operation);
        }
        self.prose(&[], operation);
        for alternative in operation["security"].as_array().into_iter().flatten() {
            let names: Vec<_> = members(alternative).map(|(n, _)| n.as_str()).collect();
            self.add(
                &[],
                Fact::Scheme,
                &names.join(" + "),
                true.into(),
                operation,
            );
            for (name, scopes) in members(alternative) {
                for scope in scopes.as_array().into_iter().flatten() {
                    let scope = format!("{name}: {}", scope.as_str().unwrap_or_default());
                    self.add(&[], Fact::Scope, &scope, true.into(), operation);
                }
            }
        }
        self.parameters(operation, call);
        if let Some(body) = operation.get("requestBody") {
            let steps = ["sent".to_string()];
            self.add(&steps, Fact::Body, "", true.into(), body);
            if body["required"] == true {
                self.add(&steps, Fact::BodyRequired, "", true.into(), body);
            }
            self.body(&steps, body);
        }
        let success = members(&operation["responses"]).find(|(s, _)| s.starts_with('2'));
        if let Some((_, answer)) = success {
            self.succeeds = true;
            let steps = ["received".to_string()];
            // In our conventions, `Empty` is nothing.
            if answer["schema"].is_object() && answer["schema"][NAME] != "Empty" {
                self.add(&steps, Fact::Answer, "", true.into(), answer);
                self.body(&steps, answer);
            }
            self.prose(&steps, answer);
        }
        for (status, answer) in members(&operation["responses"]) {
            if status.starts_with('2') {
                continue;
            }
            let steps = ["failed".to_string(), status.clone()];
            self.add(&steps, Fact::Status, "", true.into(), answer);
            if answer["schema"].is_object() {
                self.body(&steps, answer);
            }
        }
    }

    fn parameters(&mut self, operation: &Value, call: &Call) {
        let all = || operation["parameters"].as_array().into_iter().flatten();
        for parameter in all().filter(|p| p["in"] != "path") {
            let word = |key: &str| parameter[key].as_str().unwrap_or_default().to_string();
            let steps = [word("in"), word("name")];
            self.add(&steps, Fact::Parameter, "", true.into(), parameter);
            if parameter["required"] == true {
                self.add(&steps, Fact::ParameterRequired, "", true.into(), parameter);
            }
            self.parameter(&steps, parameter);
        }
        let names = parameters(&call.path);
        for (index, name) in names.iter().enumerate() {
            let steps = ["path".to_string(), index.to_string()];
            if let Some(parameter) = all().find(|p| p["in"] == "path" && p["name"] == *name) {
                self.add(&steps, Fact::ParameterName, "", (*name).into(), parameter);
                self.parameter(&steps, parameter);
            }
        }
        let order = all().filter(|p| p["in"] == "query");
        let order: Vec<_> = order.map(|p| p["name"].clone()).collect();
        self.add(&[], Fact::Order, "", order.into(), operation);
    }

    fn parameter(&mut self, steps: &[String], parameter: &Value) {
        if parameter["deprecated"] == true {
            self.add(steps, Fact::Deprecated, "", true.into(), parameter);
        }
        let usual = match parameter["in"].as_str() {
            Some("query" | "cookie") => "form",
            _ => "simple",
        };
        let style = parameter["style"].as_str().unwrap_or(usual);
        let explode = parameter["explode"].as_bool().unwrap_or(style == "form");
        // Of a single value, they say nothing.
        if ["array", "map", "object"].contains(&shape(&parameter["schema"])) {
            let value = format!("{style}, {}", if explode { "one by one" } else { "in one" });
            self.add(steps, Fact::Style, "", value.into(), parameter);
        }
        self.prose(steps, parameter);
        self.schema(steps, &parameter["schema"]);
    }

    fn body(&mut self, steps: &[String], holder: &Value) {
        self.add(steps, Fact::Media, "", holder["media"].clone(), holder);
        for key in ["example", "examples"] {
            if let Some(example) = holder.get(key) {
                self.add(
                    steps,
                    Fact::Sample,
                    &format!("beside, {key}"),
                    example.clone(),
                    holder,
                );
            }
        }
        self.schema(steps, &holder["schema"]);
    }

    fn schema(&mut self, steps: &[String], schema: &Value) {
        if word(schema, "deprecated") == true {
            self.add(steps, Fact::Deprecated, "", true.into(), schema);
        }
        if let Some(back) = schema[BACK].as_u64().and_then(|b| usize::try_from(b).ok()) {
            self.back.insert(steps.to_vec(), back);
            return;
        }
        let shape = shape(schema);
        self.add(steps, Fact::Shape, "", shape.into(), schema);
        if word(schema, "nullable") == true {
            self.add(steps, Fact::Null, "", true.into(), schema);
        }
        match word(schema, "format").as_str() {
            Some("date-time") => self.add(steps, Fact::Time, "", true.into(), schema),
            Some(other) => self.add(steps, Fact::Format, "", other.into(), schema),
            None => {}
        }
        if let Some(values) = schema["enum"].as_array() {
            self.add(steps, Fact::Enum, "", true.into(), schema);
            self.add(steps, Fact::Order, "", schema["enum"].clone(), schema);
            for value in values {
                self.add(steps, Fact::Value, &value.to_string(), true.into(), schema);
            }
        }
        for limit in LIMITS {
            let value = word(schema, limit);
            if !value.is_null() && *value != false {
                self.add(steps, Fact::Limit, limit, value.clone(), schema);
            }
        }
        if schema["additionalProperties"] == false {
            self.add(steps, Fact::Closed, "", true.into(), schema);
        }
        self.prose(steps, schema);
        for key in ["default", "example"] {
            if !word(schema, key).is_null() {
                self.add(steps, Fact::Sample, key, word(schema, key).clone(), schema);
            }
        }
        self.inside(steps, schema);
    }

    fn inside(&mut self, steps: &[String], schema: &Value) {
        let inside = |step: String| [steps, &[step]].concat();
        // What is only read is not sent, and the other way round.
        let other_way = match steps.first().map(String::as_str) {
            Some("received" | "failed") => "writeOnly",
            _ => "readOnly",
        };
        let required = schema["required"].as_array();
        for (name, field) in members(&schema["properties"]) {
            if word(field, other_way) == true {
                continue;
            }
            let steps = inside(format!(".{name}"));
            self.add(&steps, Fact::Field, "", true.into(), field);
            if required.is_some_and(|r| r.iter().any(|r| r == name)) {
                self.add(&steps, Fact::Required, "", true.into(), field);
            }
            self.schema(&steps, field);
        }
        if schema["items"].is_object() {
            self.schema(&inside("[]".into()), &schema["items"]);
        }
        if schema["additionalProperties"].is_object() {
            self.schema(&inside("{}".into()), &schema["additionalProperties"]);
        }
        let all = schema["oneOf"].as_array().into_iter().flatten();
        for (member, name) in all.zip(member_names(schema)) {
            let steps = inside(format!("|{name}"));
            let is_rest = member["x-catch-all"] == true;
            self.add(&steps, Fact::Member, "", json!({"rest": is_rest}), member);
            self.schema(&steps, member);
        }
    }

    fn prose(&mut self, steps: &[String], value: &Value) {
        for key in ["summary", "description"] {
            let text = word(value, key);
            if text.is_string() {
                self.add(steps, Fact::Prose, key, text.clone(), value);
            }
        }
    }

    fn add(&mut self, steps: &[String], fact: Fact, item: &str, value: Value, at: &Value) {
        let key = Key {
            steps: steps.to_vec(),
            fact,
            item: item.into(),
        };
        let known = Known {
            value,
            place: at[ORIGIN].as_str().unwrap_or_default().into(),
            site: site(at).into(),
        };
        self.map.insert(key, known);
    }

    /// What is known under a key; what holds itself is known at every depth.
    pub fn get(&self, key: &Key) -> Option<&Known> {
        if self.back.is_empty() {
            return self.map.get(key);
        }
        let mut key = key.clone();
        for _ in 0..40 {
            if let Some(known) = self.map.get(&key) {
                return Some(known);
            }
            // A field of its own, whatever it holds.
            let inner = matches!(
                key.fact,
                Fact::Field | Fact::Required | Fact::Member | Fact::Deprecated
            );
            let longest = key.steps.len() - usize::from(inner && !key.steps.is_empty());
            let cut = (1..=longest).find_map(|n| Some((n, *self.back.get(&key.steps[..n])?)));
            let (at, back) = cut?;
            key.steps.drain(at - back..at);
        }
        None
    }

    /// Where a path begins: the parameter, the body or the answer, as the operation has it.
    pub fn root(&self, steps: &[String]) -> Option<&str> {
        let root = &steps[..steps.len().min(match steps.first().map(String::as_str) {
            Some("sent" | "received") => 1,
            _ => 2,
        })];
        let facts = [
            Fact::Parameter,
            Fact::ParameterName,
            Fact::Body,
            Fact::Answer,
            Fact::Status,
        ];
        let mut known = facts
            .iter()
            .filter_map(|f| self.map.get(&Key::new(root, *f)));
        known.next().map(|known| known.site.as_str())
    }
}

/// A path for people: `received/library_config/api_host`.
pub fn readable(steps: &[String]) -> String {
    let steps = steps
        .iter()
        .map(|s| step(s.strip_prefix(['.', '|']).unwrap_or(s)));
    steps.collect::<Vec<_>>().join("/")
}
