//! Schemas, in the direction in which their values travel.

use super::{At, Comparison, Direction, Edit, Pair};
use crate::{
    codegen::adapt::reference,
    document::members,
    json::step,
    read::schema::{LIMITS, ORIGIN},
    rules::{self, Rule},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a schema is, as far as types go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape<'a> {
    /// Any JSON value.
    Any,
    /// An object of which no field is known.
    Open,
    Object,
    Map,
    Array,
    Union,
    Scalar(&'a str),
}

pub fn shape(schema: &Value) -> Shape<'_> {
    if schema["oneOf"].is_array() {
        return Shape::Union;
    }
    if schema["properties"].is_object() {
        return Shape::Object;
    }
    match schema["type"].as_str() {
        Some("object") if members(&schema["additionalProperties"]).any(|(k, _)| k != ORIGIN) => {
            Shape::Map
        }
        Some("object") => Shape::Open,
        Some("array") => Shape::Array,
        Some(kind) => Shape::Scalar(kind),
        None => Shape::Any,
    }
}

/// A shape in words.
pub fn noun(shape: Shape<'_>) -> &str {
    match shape {
        Shape::Any => "anything",
        Shape::Open | Shape::Object => "an object",
        Shape::Map => "a map",
        Shape::Array => "an array",
        Shape::Union => "a union",
        Shape::Scalar(kind) => kind,
    }
}

impl Direction {
    fn pick(self, sent: Rule, received: Rule) -> Rule {
        match self {
            Direction::Sent => sent,
            Direction::Received => received,
        }
    }
}

impl<'a> Comparison<'a> {
    pub(super) fn schema(&mut self, way: Direction, pair: Pair) {
        let (ours, theirs) = (self.ours, self.theirs);
        let (mut here, mut there) = (String::new(), String::new());
        let pair = Pair {
            ours: resolved(ours, pair.ours, &mut here),
            theirs: resolved(theirs, pair.theirs, &mut there),
        };
        let key = (
            way,
            pair.ours.pointer.to_string(),
            pair.theirs.pointer.to_string(),
        );
        if !self.seen.insert(key) {
            return;
        }
        self.prose(pair);
        self.null(way, pair);
        let (ours, theirs) = (shape(pair.ours.value), shape(pair.theirs.value));
        match (ours, theirs) {
            (Shape::Object, Shape::Object) => self.object(way, pair),
            (Shape::Map, Shape::Map) => self.schema(
                way,
                pair.inside("additionalProperties", &mut Default::default()),
            ),
            (Shape::Array, Shape::Array) => {
                self.schema(way, pair.inside("items", &mut Default::default()))
            }
            (Shape::Union, Shape::Union) => self.union(way, pair),
            (Shape::Scalar(a), Shape::Scalar(b)) if a == b => self.scalar(way, pair),
            (Shape::Scalar("integer"), Shape::Scalar("number")) => {
                let rule = way.pick(rules::REQUEST_TYPE_WIDENED, rules::RESPONSE_TYPE_WIDENED);
                self.retyped(&rule, way, pair, "integer, number there");
            }
            (Shape::Scalar("number"), Shape::Scalar("integer")) => {
                let rule = way.pick(rules::REQUEST_TYPE_NARROWED, rules::RESPONSE_TYPE_NARROWED);
                self.retyped(&rule, way, pair, "number, integer there");
            }
            (Shape::Any, Shape::Any) | (Shape::Open, Shape::Open) => {}
            (Shape::Any, _) | (Shape::Open, Shape::Object | Shape::Map) => {
                self.differs(
                    &rules::SCHEMA_DESCRIBED,
                    pair,
                    format!("{} there", noun(theirs)),
                    Vec::new(),
                );
            }
            (_, Shape::Any) | (Shape::Object | Shape::Map, Shape::Open) => {
                self.differs(
                    &rules::SCHEMA_UNDESCRIBED,
                    pair,
                    format!("{} here", noun(ours)),
                    Vec::new(),
                );
            }
            (ours, theirs) => {
                let rule = way.pick(rules::REQUEST_TYPE_CHANGED, rules::RESPONSE_TYPE_CHANGED);
                let what = format!("{} here, {} there", noun(ours), noun(theirs));
                self.retyped(&rule, way, pair, &what);
            }
        }
        self.limits(way, pair);
    }

    /// Another type, which the document takes over where present types will not do.
    fn retyped(&mut self, rule: &Rule, way: Direction, pair: Pair, what: &str) {
        let tolerated = way == Direction::Received && rule.id == rules::RESPONSE_TYPE_NARROWED.id
            || rule.id == rules::REQUEST_TYPE_WIDENED.id;
        let mut new = pair.theirs.value.clone();
        if let Some(text) = pair.ours.value.get("description") {
            new["description"] = text.clone();
        }
        let edits = match tolerated {
            true => Vec::new(),
            false => vec![Edit::Set(pair.ours.pointer.into(), new)],
        };
        self.differs(rule, pair, what, edits);
    }

    fn null(&mut self, way: Direction, pair: Pair) {
        let rule = match (
            pair.ours.value["nullable"] == true,
            pair.theirs.value["nullable"] == true,
        ) {
            (false, true) => way.pick(rules::REQUEST_NULL_ADDED, rules::RESPONSE_NULL_ADDED),
            (true, false) if !self.by_example => {
                way.pick(rules::REQUEST_NULL_REMOVED, rules::RESPONSE_NULL_REMOVED)
            }
            _ => return,
        };
        // What is read as absent needs no type of its own.
        let edits = match rule.id == rules::REQUEST_NULL_REMOVED.id {
            true => vec![Edit::Remove(format!("{}/nullable", pair.ours.pointer))],
            false => Vec::new(),
        };
        self.differs(&rule, pair, "`null`", edits);
    }

    fn scalar(&mut self, way: Direction, pair: Pair) {
        self.format(way, pair);
        let values = |at: At<'_>| at.value["enum"].as_array().cloned();
        match (values(pair.ours), values(pair.theirs)) {
            (Some(ours), Some(theirs)) => self.values(way, pair, &ours, &theirs),
            (None, Some(_)) => {
                let rule = way.pick(rules::REQUEST_ENUM_CLOSED, rules::RESPONSE_ENUM_CLOSED);
                self.differs(&rule, pair, "any text here, an enum there", Vec::new());
            }
            (Some(_), None) if !self.by_example => {
                let rule = way.pick(rules::REQUEST_ENUM_OPENED, rules::RESPONSE_ENUM_OPENED);
                self.differs(&rule, pair, "an enum here, any text there", Vec::new());
            }
            _ => {}
        }
    }

    fn values(&mut self, way: Direction, pair: Pair, ours: &[Value], theirs: &[Value]) {
        let list = format!("{}/enum", pair.ours.pointer);
        for value in theirs.iter().filter(|v| !ours.contains(v)) {
            let rule = way.pick(rules::REQUEST_VALUE_ADDED, rules::RESPONSE_VALUE_ADDED);
            let edits = vec![Edit::Include(list.clone(), value.clone())];
            self.added(
                &rule,
                pair.theirs,
                &list,
                format!("the value {value}"),
                edits,
            );
        }
        for (index, value) in ours.iter().enumerate().filter(|(_, v)| !theirs.contains(v)) {
            let rule = way.pick(rules::REQUEST_VALUE_REMOVED, rules::RESPONSE_VALUE_REMOVED);
            let edits = vec![Edit::Exclude(list.clone(), value.clone())];
            self.gone(
                &rule,
                &format!("{list}/{index}"),
                format!("the value {value}"),
                edits,
            );
        }
        if ours != theirs && ours.len() == theirs.len() && ours.iter().all(|v| theirs.contains(v)) {
            self.count(rules::ORDER_CHANGED, &list, "another order");
        }
    }

    /// Of the formats, only a time has a type of its own.
    fn format(&mut self, way: Direction, pair: Pair) {
        let (ours, theirs) = (
            pair.ours.value["format"].as_str(),
            pair.theirs.value["format"].as_str(),
        );
        if ours == theirs {
            return;
        }
        let key = format!("{}/format", pair.ours.pointer);
        let edits = |needed: bool| match theirs {
            _ if !needed => Vec::new(),
            Some(format) => vec![Edit::Set(key.clone(), format.into())],
            None => vec![Edit::Remove(key.clone())],
        };
        let what = format!(
            "{} here, {} there",
            ours.unwrap_or("none"),
            theirs.unwrap_or("none")
        );
        if theirs == Some("date-time") {
            let rule = way.pick(rules::REQUEST_FORMAT_ADDED, rules::RESPONSE_FORMAT_ADDED);
            self.differs(&rule, pair, what, edits(way == Direction::Sent));
        } else if ours == Some("date-time") {
            if self.by_example {
                return;
            }
            let rule = way.pick(
                rules::REQUEST_FORMAT_REMOVED,
                rules::RESPONSE_FORMAT_REMOVED,
            );
            self.differs(&rule, pair, what, edits(way == Direction::Received));
        } else {
            self.differs(&rules::FORMAT_ANNOTATED, pair, what, Vec::new());
        }
    }

    fn limits(&mut self, way: Direction, pair: Pair) {
        if self.by_example {
            return;
        }
        for key in LIMITS {
            let (ours, theirs) = (pair.ours.value.get(key), pair.theirs.value.get(key));
            if ours == theirs {
                continue;
            }
            let rule = match (way, tightened(key, ours, theirs)) {
                (Direction::Received, _) => rules::RESPONSE_LIMIT_CHANGED,
                (_, true) => rules::REQUEST_LIMIT_TIGHTENED,
                (_, false) => rules::REQUEST_LIMIT_LOOSENED,
            };
            let at = format!("{}/{key}", pair.ours.pointer);
            let edits = match (way, theirs) {
                (Direction::Received, _) => Vec::new(),
                (_, Some(limit)) => vec![Edit::Set(at, limit.clone())],
                (_, None) => vec![Edit::Remove(at)],
            };
            let text = |limit: Option<&Value>| limit.map_or("none".into(), Value::to_string);
            let what = format!("`{key}` is {} here, {} there", text(ours), text(theirs));
            self.differs(&rule, pair, what, edits);
        }
    }

    fn object(&mut self, way: Direction, pair: Pair) {
        let (ours, theirs) = (
            &pair.ours.value["properties"],
            &pair.theirs.value["properties"],
        );
        let properties = format!("{}/properties", pair.ours.pointer);
        let required = format!("{}/required", pair.ours.pointer);
        let inside = |at: &str, name: &str| format!("{at}/properties/{}", step(name));
        for (name, property) in members(ours) {
            let at = inside(pair.ours.pointer, name);
            let Some(other) = theirs.get(name) else {
                if self.by_example {
                    continue;
                }
                let rule = way.pick(rules::REQUEST_FIELD_REMOVED, rules::RESPONSE_FIELD_REMOVED);
                let edits = vec![
                    Edit::Exclude(required.clone(), json!(name)),
                    Edit::Remove(at.clone()),
                ];
                self.gone(&rule, &at, format!("the field `{name}`"), edits);
                continue;
            };
            let there = inside(pair.theirs.pointer, name);
            let field = Pair::new(At::new(property, &at), At::new(other, &there));
            self.requiredness(way, pair, field, name);
            self.deprecation(field, name);
            self.schema(way, field);
        }
        for (name, property) in members(theirs).filter(|(name, _)| ours.get(name).is_none()) {
            // What is only read is not sent, and the other way round.
            let other_way = match way {
                Direction::Sent => "readOnly",
                Direction::Received => "writeOnly",
            };
            if property[other_way] == true {
                continue;
            }
            let there = inside(pair.theirs.pointer, name);
            let theirs = At::new(property, &there);
            let needed = way == Direction::Sent && is_required(pair.theirs.value, name);
            let mut edits = vec![Edit::Set(
                format!("{properties}/{}", step(name)),
                property.clone(),
            )];
            let rule = if needed && !self.by_example {
                edits.push(Edit::Include(required.clone(), json!(name)));
                rules::REQUEST_FIELD_ADDED_REQUIRED
            } else {
                way.pick(rules::REQUEST_FIELD_ADDED, rules::RESPONSE_FIELD_ADDED)
            };
            self.added(
                &rule,
                theirs,
                pair.ours.pointer,
                format!("the field `{name}`"),
                edits,
            );
        }
    }

    /// Of an answer, the document keeps what it says: its types read both.
    fn requiredness(&mut self, way: Direction, object: Pair, field: Pair, name: &str) {
        if self.by_example {
            return;
        }
        let list = format!("{}/required", object.ours.pointer);
        let value = json!(name);
        let (rule, edit) = match (
            is_required(object.ours.value, name),
            is_required(object.theirs.value, name),
        ) {
            (false, true) => (
                way.pick(
                    rules::REQUEST_FIELD_REQUIRED,
                    rules::RESPONSE_FIELD_REQUIRED,
                ),
                Edit::Include(list, value),
            ),
            (true, false) => (
                way.pick(
                    rules::REQUEST_FIELD_OPTIONAL,
                    rules::RESPONSE_FIELD_OPTIONAL,
                ),
                Edit::Exclude(list, value),
            ),
            _ => return,
        };
        let edits = match rule.id == rules::REQUEST_FIELD_REQUIRED.id {
            true => vec![edit],
            false => Vec::new(),
        };
        self.differs(&rule, field, format!("the field `{name}`"), edits);
    }

    fn deprecation(&mut self, field: Pair, name: &str) {
        let at = format!("{}/deprecated", field.ours.pointer);
        let (rule, edit) = match (
            field.ours.value["deprecated"] == true,
            field.theirs.value["deprecated"] == true,
        ) {
            (false, true) => (rules::FIELD_DEPRECATED, Edit::Set(at, true.into())),
            (true, false) if !self.by_example => (rules::FIELD_UNDEPRECATED, Edit::Remove(at)),
            _ => return,
        };
        // A reference has no room for it.
        let edits = if field.ours.value.get("$ref").is_some() {
            Vec::new()
        } else {
            vec![edit]
        };
        self.differs(&rule, field, format!("the field `{name}`"), edits);
    }

    fn union(&mut self, way: Direction, pair: Pair) {
        let list = format!("{}/oneOf", pair.ours.pointer);
        let (ours_document, theirs_document) = (self.ours, self.theirs);
        let mut matched = BTreeSet::new();
        for (index, ours) in all(pair.ours).into_iter().enumerate() {
            let here = format!("{list}/{index}");
            let name = member_name(ours_document, ours);
            let found = all(pair.theirs)
                .into_iter()
                .enumerate()
                .find(|(_, theirs)| member_name(theirs_document, theirs) == name);
            match found {
                Some((other, theirs)) => {
                    matched.insert(other);
                    let there = format!("{}/oneOf/{other}", pair.theirs.pointer);
                    self.schema(
                        way,
                        Pair::new(At::new(ours, &here), At::new(theirs, &there)),
                    );
                }
                // The member that takes the rest is ours alone.
                None if ours_document
                    .follow(ours)
                    .is_some_and(|m| m["x-catch-all"] == true) => {}
                None if self.by_example => {}
                None => {
                    let rule = way.pick(
                        rules::REQUEST_MEMBER_REMOVED,
                        rules::RESPONSE_MEMBER_REMOVED,
                    );
                    let edits = vec![Edit::Exclude(list.clone(), ours.clone())];
                    self.gone(&rule, &here, format!("the member `{name}`"), edits);
                }
            }
        }
        for (index, theirs) in all(pair.theirs)
            .into_iter()
            .enumerate()
            .filter(|(i, _)| !matched.contains(i))
        {
            let there = format!("{}/oneOf/{index}", pair.theirs.pointer);
            let name = member_name(theirs_document, theirs);
            let rule = way.pick(rules::REQUEST_MEMBER_ADDED, rules::RESPONSE_MEMBER_ADDED);
            let edits = vec![Edit::Include(list.clone(), theirs.clone())];
            self.added(
                &rule,
                At::new(theirs, &there),
                &list,
                format!("the member `{name}`"),
                edits,
            );
        }
    }
}

impl<'a> Pair<'a> {
    /// The schemas under a key of both.
    fn inside(self, key: &str, pointers: &'a mut (String, String)) -> Pair<'a> {
        *pointers = (
            format!("{}/{key}", self.ours.pointer),
            format!("{}/{key}", self.theirs.pointer),
        );
        Pair::new(
            At::new(&self.ours.value[key], &pointers.0),
            At::new(&self.theirs.value[key], &pointers.1),
        )
    }
}

/// What a schema refers to, if it does.
pub fn resolved<'a>(
    document: &'a crate::document::Document,
    mut at: At<'a>,
    pointer: &'a mut String,
) -> At<'a> {
    let mut found = None;
    // A reference to itself leads nowhere.
    for _ in 0..20 {
        let Some(name) = reference(at.value) else {
            break;
        };
        at.value = &document.value["components"]["schemas"][name];
        found = Some(name);
    }
    if let Some(name) = found {
        *pointer = format!("/components/schemas/{}", step(name));
        at.pointer = pointer;
    }
    at
}

fn all(union: At<'_>) -> Vec<&Value> {
    union.value["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .collect()
}

/// By what a member is told from the others: the value of its tag, or its name.
fn member_name(document: &crate::document::Document, member: &Value) -> String {
    let schema = document.follow(member).unwrap_or(member);
    let tag = members(&schema["properties"]).find_map(|(_, property)| {
        match property["enum"].as_array()?.as_slice() {
            [one] => one.as_str(),
            _ => None,
        }
    });
    let name = || reference(member).or(schema["type"].as_str());
    tag.or_else(name).unwrap_or("other").to_string()
}

fn is_required(object: &Value, name: &str) -> bool {
    let required = object["required"].as_array();
    required.is_some_and(|r| r.iter().any(|r| r == name))
}

/// Whether a limit lets through less than before.
fn tightened(key: &str, ours: Option<&Value>, theirs: Option<&Value>) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return theirs.is_some_and(|limit| *limit != false);
    };
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) if key.to_lowercase().contains("max") => theirs < ours,
        (Some(ours), Some(theirs)) => theirs > ours,
        _ => *theirs != false,
    }
}
