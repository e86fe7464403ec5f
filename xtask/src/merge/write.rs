//! Writes a fact of the source into an operation of ours that was unfolded.

use super::Merge;
use crate::{
    compare::{Key, Pair},
    finding::Severity,
    model::{Node, is_schema, way},
    rules::{Change, Fact, Rule, Way},
};
use serde_json::{Value, json};

impl Merge<'_> {
    pub(super) fn write(&mut self, pair: &mut Pair, key: &Key, rule: &Rule) {
        let gone = rule.change == Change::Removed;
        let at = &pair.ours.pointer;
        match key.fact {
            Fact::OperationDeprecated if gone => drop(self.take(&format!("{at}/deprecated"))),
            Fact::OperationDeprecated => self.set(&format!("{at}/deprecated"), true.into()),
            Fact::Scheme => {
                let known = self.known_security(&pair.there);
                if !known.is_empty() {
                    self.set(&format!("{at}/security"), known.into());
                }
            }
            Fact::Status => {
                let status = key.steps[0].trim_start_matches("failed/");
                let shared = json!({"$ref": "#/components/responses/Error"});
                self.set(&format!("{at}/responses/{status}"), shared);
            }
            _ => drop(write(pair, key, gone, rule.severity)),
        }
    }

    /// The alternatives of the source whose credentials the document knows.
    pub(super) fn known_security(&self, theirs: &Node) -> Vec<Value> {
        let known = &self.document["components"]["securitySchemes"];
        let all = theirs.word("security").as_array().into_iter().flatten();
        let all = all.filter(|alternative| {
            let names = alternative.as_object();
            names.is_some_and(|names| names.keys().all(|name| known.get(name).is_some()))
        });
        all.cloned().collect()
    }
}

fn write(pair: &mut Pair, key: &Key, gone: bool, severity: Severity) -> Option<()> {
    let Key { steps, fact, item } = key;
    let (last, above) = steps.split_last()?;
    let theirs = pair.there.find(steps);
    let is_presence = Fact::presence(steps) == Some(*fact);
    if is_presence || *fact == Fact::Shape {
        let new = match gone && is_presence {
            true => None,
            false => Some(imported(theirs?, pair.here.find(steps), way(steps))),
        };
        let around = pair.here.find_mut(above)?;
        around.edit(severity);
        if let (None, Some(Value::Array(required))) = (&new, around.words.get_mut("required")) {
            required.retain(|r| r.as_str() != last.strip_prefix('.'));
        }
        put(&mut around.inside, last, new);
        return Some(());
    }
    let said_around = matches!(fact, Fact::Required | Fact::Deprecated) && is_schema(last);
    if said_around {
        pair.here.find_mut(above)?.edit(severity);
    }
    let own = pair.here.find_mut(steps)?;
    if !said_around || own.name.is_none() {
        own.edit(severity);
    }
    let words: &[&str] = match fact {
        Fact::Required | Fact::ParameterRequired | Fact::BodyRequired => {
            own.required = !gone;
            return Some(());
        }
        Fact::Value => {
            let value: Value = serde_json::from_str(item).ok()?;
            let values = own.words.get_mut("enum")?.as_array_mut()?;
            match gone {
                true => values.retain(|v| *v != value),
                false => values.push(value),
            }
            return Some(());
        }
        Fact::Deprecated => &["deprecated"],
        Fact::Style => &["style", "explode"],
        Fact::Time => &["format"],
        Fact::Null => &["nullable"],
        Fact::Enum => &["enum"],
        Fact::Limit => &[item],
        _ => return None,
    };
    // What others use as well has it beside the reference.
    let into = match said_around && own.name.is_some() {
        true => &mut own.beside,
        false => &mut own.words,
    };
    for word in words {
        match theirs?.word(word) {
            Value::Null => drop(into.remove(*word)),
            value => drop(into.insert((*word).into(), value.clone())),
        }
    }
    Some(())
}

impl Node {
    fn edit(&mut self, severity: Severity) {
        self.edited = self.edited.max(Some(severity));
    }
}

/// A place of the source in the place of ours, with our words for it.
fn imported(theirs: &Node, ours: Option<&Node>, way: Way) -> Node {
    let mut new = Node {
        imported: true,
        ..theirs.clone()
    };
    // An answer is read without what it lacks.
    new.required &= way == Way::Sent;
    if let Some(ours) = ours {
        new.required = ours.required;
        new.is_member = ours.is_member;
        // What has a name is described there, unless it is described here as well.
        let text = match &ours.name {
            Some(_) => ours.beside.get("description"),
            None => ours.words.get("description"),
        };
        let words = match &new.name {
            Some(_) => &mut new.beside,
            None => &mut new.words,
        };
        if let Some(text) = text {
            words.insert("description".into(), text.clone());
        }
    }
    new
}

/// A member that takes the rest stays the last one.
fn put(inside: &mut Vec<(String, Node)>, step: &str, new: Option<Node>) {
    let place = inside.iter().position(|(present, _)| present == step);
    let rest = |(_, node): &(String, Node)| *node.word("x-catch-all") == true;
    match (place, new) {
        (Some(place), Some(new)) => inside[place].1 = new,
        (Some(place), None) => drop(inside.remove(place)),
        (None, Some(new)) => {
            let place = inside.len() - usize::from(inside.last().is_some_and(rest));
            inside.insert(place, (step.into(), new));
        }
        (None, None) => {}
    }
}
