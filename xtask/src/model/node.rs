//! An operation as a tree of places, with what is said at each.

use super::unfold::is_limit;
use crate::{
    finding::Severity,
    rules::{Fact, Way},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A place: the operation, what it takes and answers, and each schema inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// In the words of OpenAPI 3.0, without what has a place of its own.
    pub words: Map<String, Value>,
    /// What stands beside a reference to it; it counts before its own words.
    pub beside: Map<String, Value>,
    /// By the step that leads there: `query/state`, `sent`, `received`, `failed/404`, the
    /// schema `=` of these, a field `.name`, a member `|name` of a union, the items `[]` of
    /// a list, the values `{}` of a map.
    pub inside: Vec<(String, Node)>,
    /// Whether what is around it has to have it.
    pub required: bool,
    /// Where the document has it, and where it uses that.
    pub place: String,
    pub site: String,
    /// What the document calls it.
    pub name: Option<String>,
    /// In place of a schema that holds itself: how many steps it goes back.
    pub back: Option<usize>,
    pub is_member: bool,
    /// The worst of what a merge has changed here.
    pub edited: Option<Severity>,
    /// Whether it is the source's as a whole.
    pub imported: bool,
}

impl Node {
    pub fn at(place: &str) -> Self {
        Self {
            place: place.into(),
            site: place.into(),
            ..Self::default()
        }
    }

    pub fn word(&self, key: &str) -> &Value {
        let word = self.beside.get(key).or_else(|| self.words.get(key));
        word.unwrap_or(&Value::Null)
    }

    pub fn text(&self, key: &str) -> &str {
        self.word(key).as_str().unwrap_or_default()
    }

    pub fn get(&self, step: &str) -> Option<&Node> {
        let mut inside = self.inside.iter();
        inside.find(|(s, _)| s == step).map(|(_, node)| node)
    }

    /// What the steps lead to, without going back.
    pub fn find(&self, steps: &[String]) -> Option<&Node> {
        steps.iter().try_fold(self, |node, step| node.get(step))
    }

    pub fn find_mut(&mut self, steps: &[String]) -> Option<&mut Node> {
        steps.iter().try_fold(self, |node, step| {
            let mut inside = node.inside.iter_mut();
            inside.find(|(s, _)| s == step).map(|(_, node)| node)
        })
    }

    /// What it is, as far as types go.
    pub fn shape(&self) -> &str {
        match self.words.get("type").and_then(Value::as_str) {
            _ if self.words.contains_key("oneOf") => "union",
            Some("object") if self.words.contains_key("properties") => "object",
            Some("object") if self.get("{}").is_some() => "map",
            Some("object") => "open object",
            Some(kind) => kind,
            None => "anything",
        }
    }

    pub fn fields(&self) -> impl Iterator<Item = (&str, &Node)> {
        let inside = self.inside.iter();
        inside.filter_map(|(step, node)| Some((step.strip_prefix('.')?, node)))
    }

    pub fn parameters(&self) -> impl Iterator<Item = &Node> {
        let inside = self.inside.iter().map(|(_, node)| node);
        inside.filter(|node| node.words.contains_key("in"))
    }

    /// The value by which a member of a union is told from the others.
    pub fn tag(&self) -> Option<&str> {
        self.fields()
            .find_map(|(_, field)| field.constant()?.as_str())
    }

    /// The only value that there can be.
    pub fn constant(&self) -> Option<&Value> {
        match self.words.get("enum")?.as_array()?.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// What is said here, by fact and by which of several: a value of an enum, the name of
    /// a limit, a scope. `step` is the one that leads here.
    pub fn facts(&self, step: &str) -> BTreeMap<(Fact, String), Value> {
        let mut facts = BTreeMap::new();
        let mut say = |fact, item: &str, value| drop(facts.insert((fact, item.into()), value));
        let mut words = self.words.clone();
        words.extend(self.beside.clone());
        if self.required && !step.starts_with("path/") {
            say(Fact::required(step), "", true.into());
        }
        for (word, value) in words {
            match (word.as_str(), &value) {
                ("deprecated" | "nullable" | "uniqueItems", Value::Bool(false) | Value::Null) => {}
                ("deprecated", _) if step.is_empty() => say(Fact::OperationDeprecated, "", value),
                ("deprecated", _) => say(Fact::Deprecated, "", value),
                ("nullable", _) => say(Fact::Null, "", value),
                ("format", Value::String(form)) if form == "date-time" => {
                    say(Fact::Time, "", value);
                }
                ("format", _) => say(Fact::Format, "", value),
                ("enum", Value::Array(values)) => {
                    for one in values {
                        say(Fact::Value, &one.to_string(), true.into());
                    }
                    say(Fact::Enum, "", true.into());
                    say(Fact::Order, "", value);
                }
                ("additionalProperties", Value::Bool(false)) => say(Fact::Closed, "", value),
                ("media", _) => say(Fact::Media, "", value),
                ("name", _) if step.starts_with("path/") => say(Fact::ParameterName, "", value),
                ("security", _) => self.security(&value, &mut say),
                ("summary" | "description", Value::String(_)) if !step.starts_with("failed/") => {
                    say(Fact::Prose, &word, value);
                }
                ("default" | "example" | "examples", _) if !value.is_null() => {
                    say(Fact::Sample, &word, value);
                }
                (limit, _) if is_limit(limit) => say(Fact::Limit, limit, value),
                _ => {}
            }
        }
        // Of a single value, the style says nothing.
        let several = |s: &Node| ["array", "map", "object"].contains(&s.shape());
        if self.words.contains_key("in") && self.get("=").is_some_and(several) {
            say(Fact::Style, "", self.style().into());
        }
        let query = self.inside.iter().filter(|(s, _)| s.starts_with("query/"));
        let query: Vec<_> = query.map(|(step, _)| step.as_str()).collect();
        if !query.is_empty() {
            say(Fact::Order, "", query.into());
        }
        facts
    }

    fn security(&self, alternatives: &Value, say: &mut impl FnMut(Fact, &str, Value)) {
        let alternatives = alternatives.as_array().into_iter().flatten();
        // An empty one takes any credentials.
        let alternatives = alternatives.filter_map(Value::as_object);
        for alternative in alternatives.filter(|a| !a.is_empty()) {
            let names: Vec<_> = alternative.keys().map(String::as_str).collect();
            say(Fact::Scheme, &names.join(" + "), true.into());
            for (name, scopes) in alternative {
                for scope in scopes.as_array().into_iter().flatten() {
                    let scope = scope.as_str().unwrap_or_default();
                    say(Fact::Scope, &format!("{name}: {scope}"), true.into());
                }
            }
        }
    }

    fn style(&self) -> String {
        let usual = match self.text("in") {
            "query" | "cookie" => "form",
            _ => "simple",
        };
        let style = self.word("style").as_str().unwrap_or(usual);
        let explode = self.word("explode").as_bool().unwrap_or(style == "form");
        format!("{style}, {}", if explode { "one by one" } else { "in one" })
    }
}

pub fn is_schema(step: &str) -> bool {
    step.starts_with(['=', '.', '|', '[', '{'])
}

pub fn way(steps: &[String]) -> Way {
    match steps.first() {
        None => Way::Both,
        Some(root) if root == "received" || root.starts_with("failed/") => Way::Received,
        Some(_) => Way::Sent,
    }
}

/// A path for people: `received/library_config/api_host`.
pub fn readable(steps: &[String]) -> String {
    let steps = steps.iter().filter(|s| *s != "=");
    let steps = steps.map(|s| s.strip_prefix(['.', '|']).unwrap_or(s));
    steps.collect::<Vec<_>>().join("/")
}

/// What a path leads to, in words.
pub fn subject(steps: &[String]) -> String {
    let Some((last, above)) = steps.split_last() else {
        return "the operation".into();
    };
    match (last.as_str(), last.split_once('/')) {
        ("=", _) => subject(above),
        ("[]", _) => format!("an item of {}", subject(above)),
        ("{}", _) => format!("a value of {}", subject(above)),
        ("sent", _) => "the body".into(),
        ("received", _) => "the answer".into(),
        (last, _) if last.starts_with('.') => format!("the field `{}`", &last[1..]),
        (last, _) if last.starts_with('|') => format!("the member `{}`", &last[1..]),
        (_, Some(("failed", status))) => format!("the status {status}"),
        (_, Some(("path", index))) => format!("part {index} of the path"),
        (_, name) => format!("the parameter `{}`", name.map_or("", |(_, name)| name)),
    }
}
