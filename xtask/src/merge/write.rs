//! Writes a fact of the source into an operation of ours that was unfolded.

use super::Merge;
use crate::{
    codegen::adapt::parameters,
    compare::Pair,
    model::{
        Call, Key, member_names,
        unfold::{BESIDE, NAME},
    },
    rules::{
        Change::{self, Removed},
        Fact,
    },
};
use serde_json::{Value, json};

/// What was changed, and what comes from the source as a whole.
pub const EDITED: &str = "x-edited";
pub const IMPORTED: &str = "x-imported";

impl Merge<'_> {
    pub(super) fn write(&mut self, pair: &mut Pair, key: &Key, change: Change) {
        let gone = change == Removed;
        match key.fact {
            Fact::OperationDeprecated => {
                let at = format!("{}/deprecated", pair.ours.pointer);
                match gone {
                    true => drop(self.take(&at)),
                    false => self.set(&at, true.into()),
                }
            }
            Fact::Scheme => {
                let known = &self.document["components"]["securitySchemes"];
                let all = pair.there["security"].as_array().into_iter().flatten();
                let all = all.filter(|a| {
                    a.as_object()
                        .is_some_and(|a| a.keys().all(|k| known.get(k).is_some()))
                });
                let all: Vec<_> = all.cloned().collect();
                if !all.is_empty() {
                    self.set(&format!("{}/security", pair.ours.pointer), all.into());
                }
            }
            Fact::Status => {
                let status = key.steps.last().map_or("", String::as_str);
                let at = format!("{}/responses/{status}", pair.ours.pointer);
                self.set(&at, json!({"$ref": "#/components/responses/Error"}));
            }
            _ => drop(write(pair, key, gone)),
        }
    }
}

fn write(pair: &mut Pair, key: &Key, gone: bool) -> Option<()> {
    let (here, ours) = (&mut pair.here, &pair.ours);
    let mut there = pair.there.clone();
    let steps = &key.steps;
    let (last, above) = steps.split_last()?;
    match key.fact {
        Fact::Parameter if gone => {
            let list = here["parameters"].as_array_mut()?;
            list.retain(|p| p["in"] != *above[0] || p["name"] != *last);
            here[EDITED] = true.into();
        }
        Fact::Parameter => {
            let mut new = parameter(&mut there, steps, &pair.theirs)?.clone();
            new[IMPORTED] = true.into();
            here["parameters"].as_array_mut()?.push(new);
        }
        Fact::ParameterRequired | Fact::Style => {
            let theirs = parameter(&mut there, steps, &pair.theirs)?.clone();
            let own = parameter(here, steps, ours)?;
            let keys: &[&str] = match key.fact {
                Fact::Style => &["style", "explode"],
                _ => &["required"],
            };
            for key in keys {
                replace(own, key, theirs.get(*key).cloned());
            }
            own[EDITED] = true.into();
        }
        Fact::Body => {
            replace(
                here,
                "requestBody",
                there.get("requestBody").filter(|_| !gone).cloned(),
            );
            if !gone {
                here["requestBody"][IMPORTED] = true.into();
            }
        }
        Fact::BodyRequired => {
            here["requestBody"]["required"] = true.into();
            here["requestBody"][EDITED] = true.into();
        }
        Fact::Answer if gone => {
            answer(here)?["schema"] = json!({NAME: "Empty", "type": "object", EDITED: true});
        }
        Fact::Answer => {
            answer(here)?["schema"] = imported(answer(&mut there)?["schema"].clone());
        }
        Fact::Field => {
            let theirs = node(&mut there, above, &pair.theirs);
            let name = last.trim_start_matches('.');
            let own = node(here, above, ours)?;
            own[EDITED] = true.into();
            if gone {
                own["properties"].as_object_mut()?.remove(name);
                require(own, name, false);
                return Some(());
            }
            let theirs = theirs?;
            own["properties"][name] = imported(theirs["properties"][name].clone());
            let needed = theirs["required"]
                .as_array()
                .is_some_and(|r| r.iter().any(|r| r == name));
            if needed && steps[0] != "received" {
                require(own, name, true);
            }
        }
        Fact::Required => {
            let own = node(here, above, ours)?;
            own[EDITED] = true.into();
            require(own, last.trim_start_matches('.'), !gone);
        }
        Fact::Member => {
            let name = last.trim_start_matches('|').to_string();
            let index = |node: &Value| member_names(node).iter().position(|n| *n == name);
            let own = node(here, above, ours)?;
            own[EDITED] = true.into();
            if gone {
                let at = index(own)?;
                own["oneOf"].as_array_mut()?.remove(at);
                return Some(());
            }
            let theirs = node(&mut there, above, &pair.theirs)?;
            let new = imported(theirs["oneOf"][index(theirs)?].clone());
            // A member that takes the rest stays the last one.
            let list = own["oneOf"].as_array_mut()?;
            let rest = list.last().is_some_and(|m| m["x-catch-all"] == true);
            list.insert(list.len() - usize::from(rest), new);
        }
        Fact::Deprecated => {
            let value = (!gone).then_some(Value::Bool(true));
            if ["query", "header", "cookie", "path"].contains(&steps[0].as_str())
                && steps.len() == 2
            {
                let own = parameter(here, steps, ours)?;
                replace(own, "deprecated", value);
                own[EDITED] = true.into();
                return Some(());
            }
            let own = node(here, steps, ours)?;
            // What others use as well has it beside the reference.
            if own.get(NAME).is_some() {
                if !own[BESIDE].is_object() {
                    own[BESIDE] = json!({});
                }
                replace(&mut own[BESIDE], "deprecated", value);
                node(here, above, ours)?[EDITED] = true.into();
            } else {
                replace(own, "deprecated", value);
                own[EDITED] = true.into();
            }
        }
        Fact::Value => {
            let value: Value = serde_json::from_str(&key.item).ok()?;
            let own = node(here, steps, ours)?;
            own[EDITED] = true.into();
            let list = own["enum"].as_array_mut()?;
            match gone {
                true => list.retain(|v| *v != value),
                false => list.push(value),
            }
        }
        // The type as a whole, with our words for it.
        Fact::Shape => {
            let theirs = node(&mut there, steps, &pair.theirs)?.clone();
            let own = node(here, steps, ours)?;
            let text = own[BESIDE]
                .get("description")
                .or(own.get("description"))
                .cloned();
            let mut new = imported(theirs);
            // An answer is described where its operation is.
            if let Some(text) = text.filter(|_| own.get(NAME).is_none() || own[BESIDE].is_object())
            {
                match new.get(NAME) {
                    Some(_) => new[BESIDE] = json!({"description": text}),
                    None => new["description"] = text,
                }
            }
            *own = new;
        }
        fact => {
            let word = match fact {
                Fact::Time => "format",
                Fact::Null => "nullable",
                Fact::Enum => "enum",
                Fact::Limit => key.item.as_str(),
                _ => return None,
            };
            let theirs = node(&mut there, steps, &pair.theirs)?.get(word).cloned();
            let own = node(here, steps, ours)?;
            replace(own, word, theirs);
            own[EDITED] = true.into();
        }
    }
    Some(())
}

fn imported(mut schema: Value) -> Value {
    if schema.is_object() {
        schema[IMPORTED] = true.into();
    }
    schema
}

fn replace(object: &mut Value, key: &str, value: Option<Value>) {
    match (object.as_object_mut(), value) {
        (Some(object), Some(value)) => drop(object.insert(key.into(), value)),
        (Some(object), None) => drop(object.remove(key)),
        _ => {}
    }
}

fn require(object: &mut Value, name: &str, needed: bool) {
    let mut list = object["required"].as_array().cloned().unwrap_or_default();
    list.retain(|r| r != name);
    if needed {
        list.push(name.into());
    }
    replace(object, "required", (!list.is_empty()).then(|| list.into()));
}

fn answer(operation: &mut Value) -> Option<&mut Value> {
    let responses = operation["responses"].as_object_mut()?;
    let mut success = responses
        .iter_mut()
        .filter(|(status, _)| status.starts_with('2'));
    success.next().map(|(_, answer)| answer)
}

fn parameter<'a>(operation: &'a mut Value, steps: &[String], call: &Call) -> Option<&'a mut Value> {
    let [kind, name, ..] = steps else { return None };
    let name = match kind.as_str() {
        "path" => parameters(&call.path)
            .get(name.parse::<usize>().ok()?)?
            .to_string(),
        _ => name.clone(),
    };
    let list = operation["parameters"].as_array_mut()?;
    list.iter_mut()
        .find(|p| p["in"] == *kind && p["name"] == *name)
}

/// The schema that a path leads to.
fn node<'a>(operation: &'a mut Value, steps: &[String], call: &Call) -> Option<&'a mut Value> {
    let (holder, rest) = match steps.first()?.as_str() {
        "sent" => (operation.get_mut("requestBody")?, &steps[1..]),
        "received" => (answer(operation)?, &steps[1..]),
        "failed" => (operation["responses"].get_mut(steps.get(1)?)?, &steps[2..]),
        _ => (parameter(operation, steps, call)?, steps.get(2..)?),
    };
    let mut node = holder.get_mut("schema")?;
    for step in rest {
        node = match step.as_str() {
            "[]" => node.get_mut("items")?,
            "{}" => node.get_mut("additionalProperties")?,
            member if member.starts_with('|') => {
                let at = member_names(node).iter().position(|n| *n == member[1..])?;
                node["oneOf"].get_mut(at)?
            }
            field => node.get_mut("properties")?.get_mut(&field[1..])?,
        };
    }
    Some(node)
}
