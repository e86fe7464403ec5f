//! What a source says that the document does not, and the other way round.
//!
//! Nothing is written here: a change comes with the edits that would bring the document in
//! line, and `refresh` makes them.

mod edit;
mod operations;
mod schemas;
mod tables;

pub use edit::Edit;
pub use schemas::{Shape, noun, shape};

use crate::{
    document::Document,
    finding::{Finding, Place},
    project::DOCUMENT,
    read::{Facts, schema::ORIGIN},
    rules::{self, Rule},
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A difference, and what in the document would have to change for it to go away. The
/// edits are empty where the document says more than the source, or where the client takes
/// both: then ours stays.
#[derive(Debug)]
pub struct Change {
    pub finding: Finding,
    pub edits: Vec<Edit>,
}

/// Whether a value goes to the server or comes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Sent,
    Received,
}

/// One thing in both documents.
#[derive(Clone, Copy)]
struct Pair<'a> {
    ours: At<'a>,
    theirs: At<'a>,
}

impl<'a> Pair<'a> {
    fn new(ours: At<'a>, theirs: At<'a>) -> Self {
        Self { ours, theirs }
    }
}

impl<'a> At<'a> {
    fn new(value: &'a Value, pointer: &'a str) -> Self {
        Self { value, pointer }
    }
}

/// A value of a document and where it is.
#[derive(Clone, Copy)]
struct At<'a> {
    value: &'a Value,
    pointer: &'a str,
}

struct Counted {
    rule: Rule,
    number: usize,
    place: Place,
    what: String,
}

pub struct Comparison<'a> {
    ours: &'a Document,
    theirs: &'a Document,
    source: &'a str,
    by_example: bool,
    /// Pairs of schemas that were compared, or are being compared.
    seen: HashSet<(Direction, String, String)>,
    changes: Vec<Change>,
    /// Differences that are counted and not listed, with the first place of each.
    counted: BTreeMap<&'static str, Counted>,
}

/// Compares what a source says with the document. `unlisted` are the services that the
/// source is known not to list.
pub fn compare(ours: &Document, theirs: &Facts, source: &str, unlisted: &[String]) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some(services) = &theirs.services {
        changes.extend(tables::services(ours, services, source, unlisted));
    }
    if let Some(errors) = &theirs.errors {
        changes.extend(tables::errors(ours, errors, source));
    }
    if let Some(document) = &theirs.document {
        let mut comparison = Comparison {
            ours,
            theirs: document,
            source,
            by_example: theirs.by_example,
            seen: HashSet::new(),
            changes: Vec::new(),
            counted: BTreeMap::new(),
        };
        comparison.servers();
        comparison.operations();
        changes.extend(comparison.finish());
    }
    changes
}

impl<'a> Comparison<'a> {
    fn finish(mut self) -> Vec<Change> {
        for counted in std::mem::take(&mut self.counted).into_values() {
            let Counted {
                rule,
                number,
                place,
                what,
            } = counted;
            let what = match number {
                1 => what,
                _ => format!("{number} times, first {what}"),
            };
            self.change(&rule, place, None, what, Vec::new());
        }
        self.each_once()
    }

    /// One schema is met on many ways, and is one finding with all edits.
    fn each_once(self) -> Vec<Change> {
        let mut once: Vec<Change> = Vec::new();
        let mut places: HashMap<Finding, usize> = HashMap::new();
        for change in self.changes {
            let mut finding = change.finding.clone();
            finding.beside = None;
            match places.get(&finding) {
                Some(index) => once[*index].edits.extend(change.edits),
                None => {
                    places.insert(finding, once.len());
                    once.push(change);
                }
            }
        }
        once
    }

    fn change(
        &mut self,
        rule: &Rule,
        place: Place,
        beside: Option<Place>,
        what: impl AsRef<str>,
        edits: Vec<Edit>,
    ) {
        let mut finding = rule.at(place, what);
        finding.beside = beside.map(Box::new);
        self.changes.push(Change { finding, edits });
    }

    /// A difference between two things, told where the document has it.
    fn differs(&mut self, rule: &Rule, pair: Pair, what: impl AsRef<str>, edits: Vec<Edit>) {
        let beside = self.there(pair.theirs);
        self.change(rule, here(pair.ours.pointer), Some(beside), what, edits);
    }

    /// What only the document has.
    fn gone(&mut self, rule: &Rule, ours: &str, what: impl AsRef<str>, edits: Vec<Edit>) {
        self.change(rule, here(ours), None, what, edits);
    }

    /// What only the source has, with the place in the document where it would be.
    fn added(
        &mut self,
        rule: &Rule,
        theirs: At,
        ours: &str,
        what: impl AsRef<str>,
        edits: Vec<Edit>,
    ) {
        let there = self.there(theirs);
        self.change(rule, there, Some(here(ours)), what, edits);
    }

    fn count(&mut self, rule: Rule, ours: &str, what: impl Into<String>) {
        let first = || Counted {
            number: 0,
            place: here(ours),
            what: what.into(),
            rule,
        };
        self.counted.entry(rule.id).or_insert_with(first).number += 1;
    }

    /// Texts and examples, which are ours to write.
    fn prose(&mut self, pair: Pair) {
        let texts = ["summary", "description"].map(|key| (rules::PROSE_CHANGED, key));
        let samples = ["example", "examples", "default"].map(|key| (rules::SAMPLE_CHANGED, key));
        for (rule, key) in texts.into_iter().chain(samples) {
            if self.differ(pair, key) {
                let at = match pair.ours.value.get(key) {
                    Some(_) => format!("{}/{key}", pair.ours.pointer),
                    None => pair.ours.pointer.into(),
                };
                self.count(rule, &at, format!("another {key}"));
            }
        }
    }

    fn differ(&self, pair: Pair, key: &str) -> bool {
        let theirs = pair.theirs.value.get(key);
        theirs.is_some() && theirs != pair.ours.value.get(key)
    }

    fn there(&self, theirs: At) -> Place {
        let pointer = theirs.value[ORIGIN].as_str().unwrap_or(theirs.pointer);
        Place::new(self.source, pointer)
    }
}

fn here(pointer: &str) -> Place {
    Place::new(DOCUMENT, pointer)
}
