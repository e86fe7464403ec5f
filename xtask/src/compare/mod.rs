//! What a source says that the document does not, and the other way round: the facts of one
//! against the facts of the other, operation by operation.
//!
//! Nothing is written here: a change comes with the edits that `refresh` would make.

mod difference;
mod pairs;
mod tables;

pub use difference::{Difference, differences};

use crate::{
    document::Document,
    finding::{Finding, Place},
    model::{
        self, Call, Facts, Key, facts, unfold,
        unfold::{BACK, ORIGIN},
    },
    project::DOCUMENT,
    read::Source,
    rules::{self, Change as Kind, Fact, Rule, Way},
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// A difference, and what in the document would have to change for it to go away.
#[derive(Debug)]
pub struct Change {
    pub finding: Finding,
    pub rule: &'static Rule,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug)]
pub enum Edit {
    /// A fact of an operation, which stands in [`Comparison::pairs`].
    Fact(usize, Key, Kind),
    Add(Call),
    Remove(Call),
    Move(usize),
    Servers,
}

/// An operation that both have, unfolded.
pub struct Pair {
    pub ours: Call,
    pub theirs: Call,
    pub here: Value,
    pub there: Value,
    /// None where both are the same to the letter.
    facts: Option<(Facts, Facts)>,
}

#[derive(Default)]
pub struct Comparison {
    pub changes: Vec<Change>,
    pub pairs: Vec<Pair>,
    /// What was not understood.
    pub findings: Vec<Finding>,
}

/// What a source is known not to say.
#[derive(Clone, Copy, Default)]
pub struct Scope<'a> {
    /// Services that it does not list.
    pub unlisted: &'a [String],
    /// It knows a part of the operations, and says nothing of the others.
    pub partial: bool,
    /// The operations that it speaks of; all if there are none here.
    pub operations: &'a [String],
}

/// Compares what a source says with the document.
pub fn compare(ours: &Document, theirs: &Source, scope: Scope) -> Comparison {
    let mut comparison = Comparison::default();
    let file = &theirs.name;
    let services = theirs.services.iter();
    let services = services.flat_map(|rows| tables::services(ours, rows, file, scope.unlisted));
    let errors = theirs.errors.iter();
    let errors = errors.flat_map(|rows| tables::errors(ours, rows, file));
    comparison.changes.extend(services.chain(errors));
    if let Some(document) = &theirs.document {
        comparison.documents(&ours.value, document, theirs, scope);
    }
    comparison
}

impl Comparison {
    fn documents(&mut self, ours: &Value, theirs: &Value, source: &Source, scope: Scope) {
        let file = source.name.as_str();
        let (here, there) = (model::calls(ours), model::calls(theirs));
        let paired = pairs::pairs(&here, &there);
        // A name alone may be that of another API's operation.
        let is_ours = |(call, found): (&Call, &Option<usize>)| {
            found.is_some_and(|n| there[n].key() == call.key())
        };
        if !here.iter().zip(&paired).any(is_ours) {
            let what = format!("{} operations", there.len());
            self.findings
                .push(rules::seen::FOREIGN.at(Place::new(file, ""), what));
            return;
        }
        self.servers(ours, theirs, file);
        let mut taken = vec![false; there.len()];
        for (call, found) in here.iter().zip(&paired) {
            match found {
                Some(index) => {
                    taken[*index] = true;
                    self.pair(ours, theirs, call, &there[*index], source);
                }
                None => self.gone(call, &there, scope),
            }
        }
        for (call, _) in there.iter().zip(taken).filter(|(_, taken)| !taken) {
            // What cannot be read of it is said now, and not only when it is merged.
            self.findings.extend(unfold(theirs, call, file).findings);
            let place = Place::new(file, &call.pointer);
            let (beside, edit) = (Some(here_at("/paths")), Edit::Add(call.clone()));
            let what = call.to_string();
            self.say(
                Fact::Operation,
                Kind::Added,
                place,
                beside,
                what,
                Some(edit),
            );
        }
        self.facts(file, source.by_example);
    }

    fn say(
        &mut self,
        fact: Fact,
        change: Kind,
        place: Place,
        beside: Option<Place>,
        what: String,
        edit: Option<Edit>,
    ) {
        if let Some(rule) = rules::find(fact, Way::Both, change) {
            let mut finding = rule.at(place, what);
            finding.beside = beside.map(Box::new);
            let edits = edit.into_iter().collect();
            self.changes.push(Change {
                finding,
                rule,
                edits,
            });
        }
    }

    fn servers(&mut self, ours: &Value, theirs: &Value, file: &str) {
        let (here, there) = (servers(ours), servers(theirs));
        // A document without servers says nothing of them.
        if there.is_empty() {
            return;
        }
        for (index, url) in there.iter().enumerate().filter(|(_, u)| !here.contains(u)) {
            let place = Place::new(file, format!("/servers/{index}"));
            let (beside, what) = (Some(here_at("/servers")), format!("the server `{url}`"));
            self.say(Fact::Server, Kind::Added, place, beside, what, None);
        }
        for (index, url) in here.iter().enumerate().filter(|(_, u)| !there.contains(u)) {
            let place = here_at(&format!("/servers/{index}"));
            let what = format!("the server `{url}`");
            self.say(
                Fact::Server,
                Kind::Removed,
                place,
                None,
                what,
                Some(Edit::Servers),
            );
        }
    }

    fn gone(&mut self, call: &Call, there: &[Call], scope: Scope) {
        let unspoken = !scope.operations.is_empty() && !scope.operations.contains(&call.id);
        let same_place = there.iter().any(|other| other.key() == call.key());
        if (scope.partial || unspoken) && !same_place {
            return;
        }
        let (fact, edit) = match same_place {
            true => (Fact::Indistinct, None),
            false => (Fact::Operation, Some(Edit::Remove(call.clone()))),
        };
        let place = here_at(&call.pointer);
        self.say(fact, Kind::Removed, place, None, call.to_string(), edit);
    }

    fn pair(&mut self, ours: &Value, theirs: &Value, call: &Call, other: &Call, source: &Source) {
        let here = unfold(ours, call, DOCUMENT);
        let there = unfold(theirs, other, &source.name);
        self.findings.extend(here.findings);
        self.findings.extend(there.findings);
        let index = self.pairs.len();
        let mut say = |fact, what: String, edit| {
            let beside = Some(Place::new(&source.name, &other.pointer));
            self.say(
                fact,
                Kind::Other,
                here_at(&call.pointer),
                beside,
                what,
                edit,
            );
        };
        if call.key() != other.key() {
            let what = format!(
                "{}, {} {} there",
                call.id,
                other.method.to_uppercase(),
                other.path
            );
            say(Fact::Moved, what, Some(Edit::Move(index)));
        }
        if call.id != other.id {
            let what = format!("{}, `{}` there", call.id, other.id);
            say(Fact::OperationName, what, None);
        }
        let tag = &there.value["tags"][0];
        if tag.is_string() && here.value["tags"][0] != *tag {
            let what = format!("{} belongs to {tag} there", call.id);
            say(Fact::OperationService, what, None);
        }
        self.pairs.push(Pair {
            facts: (here.value != there.value || call != other)
                .then(|| (facts(&here.value, call), facts(&there.value, other))),
            ours: call.clone(),
            theirs: other.clone(),
            here: here.value,
            there: there.value,
        });
    }

    /// A difference is shown at what operations share if every use of that has changed
    /// alike, otherwise at the operations that changed.
    fn facts(&mut self, file: &str, by_example: bool) {
        let mut uses: HashMap<String, usize> = HashMap::new();
        let mut alike: BTreeMap<_, Vec<(usize, Difference)>> = BTreeMap::new();
        for (index, pair) in self.pairs.iter().enumerate() {
            let mut used = |place: &str| *uses.entry(place.into()).or_default() += 1;
            let Some((ours, theirs)) = &pair.facts else {
                origins(&pair.here, &mut used);
                continue;
            };
            for difference in differences(ours, theirs, by_example, used) {
                let key = difference.likeness(index);
                alike.entry(key).or_default().push((index, difference));
            }
        }
        let mut shown = Shown::default();
        for same in alike.into_values() {
            let shared = same[0]
                .1
                .owner
                .as_ref()
                .is_some_and(|owner| uses.get(owner) == Some(&same.len()));
            for (index, difference) in same {
                let pair = &self.pairs[index];
                let Some((facts, _)) = &pair.facts else {
                    continue;
                };
                let finding = difference.finding(&pair.ours, facts, file, shared);
                let edit = match difference.rule.merge {
                    rules::Merge::Theirs => Some(Edit::Fact(
                        index,
                        difference.key.clone(),
                        difference.rule.change,
                    )),
                    rules::Merge::Ours => None,
                };
                shown.add(difference.rule, finding, edit);
            }
        }
        self.changes.extend(shown.changes());
    }
}

/// One schema is met on many ways, and is one finding with all edits; what is not worth a
/// line each is counted.
#[derive(Default)]
struct Shown {
    changes: Vec<Change>,
    places: HashMap<Finding, usize>,
    counted: BTreeMap<&'static str, usize>,
}

impl Shown {
    fn add(&mut self, rule: &'static Rule, finding: Finding, edit: Option<Edit>) {
        let mut bare = finding.clone();
        bare.beside = None;
        let index = *self.places.entry(bare).or_insert_with(|| {
            self.changes.push(Change {
                finding,
                rule,
                edits: Vec::new(),
            });
            self.changes.len() - 1
        });
        self.changes[index].edits.extend(edit);
    }

    fn changes(mut self) -> Vec<Change> {
        let is_counted = |c: &Change| {
            matches!(
                c.rule.fact,
                Fact::Prose | Fact::Order | Fact::Sample | Fact::ParameterName
            ) || c.rule.fact == Fact::Status && c.rule.change == Kind::Removed
        };
        for change in self.changes.iter().filter(|c| is_counted(c)) {
            *self.counted.entry(change.rule.id).or_default() += 1;
        }
        let mut first = self.counted.clone();
        self.changes
            .retain(|c| !is_counted(c) || first.remove(c.rule.id).is_some());
        for change in &mut self.changes {
            if let Some(number) = self.counted.get(change.rule.id).filter(|n| **n > 1) {
                change.finding.message =
                    format!("{number} times, first {}", change.finding.message);
            }
        }
        self.changes
    }
}

/// The places in what was unfolded, each as often as it is there.
fn origins(value: &Value, used: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => {
            let place = map.get(ORIGIN).and_then(Value::as_str);
            place
                .into_iter()
                .filter(|_| !map.contains_key(BACK))
                .for_each(&mut *used);
            map.values().for_each(|v| origins(v, used));
        }
        Value::Array(all) => all.iter().for_each(|v| origins(v, used)),
        _ => {}
    }
}

/// The hosts with their paths, without the version.
pub fn servers(document: &Value) -> Vec<String> {
    let servers = document["servers"].as_array().into_iter().flatten();
    let urls = servers.filter_map(|s| s["url"].as_str());
    let urls = urls.map(|url| url.trim_end_matches('/').trim_end_matches("/v1beta"));
    urls.map(str::to_string).collect()
}

fn here_at(pointer: &str) -> Place {
    Place::new(DOCUMENT, pointer)
}
