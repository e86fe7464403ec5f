//! What a source says that the document does not, and the other way round: the facts of one
//! against the facts of the other, operation by operation.
//!
//! Nothing is written here: a change comes with the edits that `refresh` would make.

mod difference;
mod pairs;
mod tables;

pub use difference::{Difference, Key, differences};

use crate::{
    answers::facts,
    codegen::adapt::Facts,
    document::Document,
    finding::{Finding, Place, Severity},
    model::{self, Call, Node, unfold},
    project::DOCUMENT,
    read::Source,
    rules::{self, Change as Kind, Fact, Merge, Rule, Way},
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
    Fact(usize, Key, &'static Rule),
    Add(Call),
    Remove(Call),
    Move(usize),
    Servers,
}

/// An operation that both have, unfolded.
pub struct Pair {
    pub ours: Call,
    pub theirs: Call,
    pub here: Node,
    pub there: Node,
}

#[derive(Default)]
pub struct Comparison {
    pub changes: Vec<Change>,
    pub pairs: Vec<Pair>,
    /// The operations of the document of which the source says nothing.
    pub silent: Vec<(Call, Node)>,
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
    tables::services(&mut comparison, ours, theirs, scope.unlisted);
    tables::errors(&mut comparison, ours, theirs);
    if let Some(document) = &theirs.document {
        comparison.documents(ours, document, theirs, scope);
    }
    comparison
}

impl Comparison {
    fn documents(&mut self, ours: &Document, theirs: &Value, source: &Source, scope: Scope) {
        let (facts, ours) = (facts(ours), &ours.value);
        let file = source.name.as_str();
        let (here, mut there) = (model::calls(ours), model::calls(theirs));
        // An example may have values in its path.
        for call in there.iter_mut().filter(|_| source.by_example) {
            let fits =
                |own: &&Call| own.method == call.method && model::is_path_of(&call.path, &own.path);
            let meant = here
                .iter()
                .filter(fits)
                .min_by_key(|own| own.path.matches('{').count());
            call.path = meant.map_or(&call.path, |own| &own.path).clone();
        }
        let paired = pairs::pairs(&here, &there);
        // A name alone may be that of another API's operation.
        let is_ours = |(call, found): (&Call, &Option<usize>)| {
            found.is_some_and(|n| there[n].key() == call.key())
        };
        if !here.iter().zip(&paired).any(is_ours) {
            let what = format!("{} operations", there.len());
            let finding = rules::seen::FOREIGN.at(Place::new(file, ""), what);
            self.findings.push(finding);
            return;
        }
        for pointer in model::strangers(theirs) {
            let place = Place::new(file, pointer);
            self.findings.push(
                rules::seen::NOT_UNDERSTOOD.at(place, "a part of a path that is no operation"),
            );
        }
        self.servers(ours, theirs, file);
        for (call, found) in here.iter().zip(&paired) {
            let (node, findings) = unfold(ours, call, DOCUMENT);
            self.findings.extend(findings);
            match found {
                Some(index) => self.pair(call, node, &there[*index], theirs, file),
                None => self.gone(call, node, &there, scope),
            }
        }
        for (index, call) in there.iter().enumerate() {
            let is_again = source.by_example && here.iter().any(|own| own.key() == call.key());
            if !paired.contains(&Some(index)) && !is_again {
                // What cannot be read of it is said now, and not only when it is merged.
                self.findings.extend(unfold(theirs, call, file).1);
                let places = [Place::new(file, &call.pointer), here_at("/paths")];
                let edit = Some(Edit::Add(call.clone()));
                self.say(Fact::Operation, Kind::Added, places, call.to_string(), edit);
            }
        }
        self.facts(file, source.by_example, facts.as_ref());
    }

    /// The first place is where it is told; a second one without a file is none.
    fn say(
        &mut self,
        fact: Fact,
        change: Kind,
        [place, beside]: [Place; 2],
        what: String,
        edit: Option<Edit>,
    ) {
        if let Some(rule) = rules::find(fact, Way::Both, change) {
            let mut finding = rule.at(place, what);
            if !beside.file.is_empty() {
                finding = finding.beside(beside);
            }
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
            let places = [
                Place::new(file, format!("/servers/{index}")),
                here_at("/servers"),
            ];
            let what = format!("the server `{url}`");
            self.say(Fact::Server, Kind::Added, places, what, None);
        }
        for (index, url) in here.iter().enumerate().filter(|(_, u)| !there.contains(u)) {
            let places = [here_at(format!("/servers/{index}")), Place::default()];
            let (what, edit) = (format!("the server `{url}`"), Some(Edit::Servers));
            self.say(Fact::Server, Kind::Removed, places, what, edit);
        }
    }

    fn gone(&mut self, call: &Call, node: Node, there: &[Call], scope: Scope) {
        let unspoken = !scope.operations.is_empty() && !scope.operations.contains(&call.id);
        let same_place = there.iter().any(|other| other.key() == call.key());
        let (fact, edit) = match same_place {
            true => (Fact::Indistinct, None),
            false => (Fact::Operation, Some(Edit::Remove(call.clone()))),
        };
        self.silent.push((call.clone(), node));
        if same_place || !scope.partial && !unspoken {
            let places = [here_at(&call.pointer), Place::default()];
            self.say(fact, Kind::Removed, places, call.to_string(), edit);
        }
    }

    fn pair(&mut self, call: &Call, here: Node, other: &Call, theirs: &Value, file: &str) {
        let (there, findings) = unfold(theirs, other, file);
        self.findings.extend(findings);
        let edit = Edit::Move(self.pairs.len());
        let mut say = |fact, what: String, edit| {
            let places = [here_at(&call.pointer), Place::new(file, &other.pointer)];
            self.say(fact, Kind::Other, places, what, edit);
        };
        if call.key() != other.key() {
            let method = other.method.to_uppercase();
            let what = format!("{}, {method} {} there", call.id, other.path);
            say(Fact::Moved, what, Some(edit));
        }
        if call.id != other.id {
            let what = format!("{}, `{}` there", call.id, other.id);
            say(Fact::OperationName, what, None);
        }
        let [tag, own] = [&there, &here].map(|node| &node.word("tags")[0]);
        if tag.is_string() && own != tag {
            let what = format!("{} belongs to {tag} there", call.id);
            say(Fact::OperationService, what, None);
        }
        let (ours, theirs) = (call.clone(), other.clone());
        self.pairs.push(Pair {
            ours,
            theirs,
            here,
            there,
        });
    }

    /// A difference is shown at what operations share if every use of that has changed
    /// alike, otherwise at the operations that changed. An operation of which the source says
    /// nothing goes on as it is: what breaks users is not shown, and not merged, at what it
    /// shares.
    fn facts(&mut self, file: &str, by_example: bool, facts: Option<&Facts>) {
        let [mut uses, mut silent] = [HashMap::new(), HashMap::new()];
        let mut alike: BTreeMap<_, Vec<(usize, Difference)>> = BTreeMap::new();
        for (index, pair) in self.pairs.iter().enumerate() {
            for difference in differences(&pair.here, &pair.there, by_example, facts, &mut uses) {
                let same = alike.entry(difference.likeness()).or_default();
                same.push((index, difference));
            }
        }
        let removed = |call: &Call| {
            let is_removal = |edit: &Edit| matches!(edit, Edit::Remove(gone) if gone == call);
            self.changes.iter().any(|c| c.edits.iter().any(is_removal))
        };
        let unheard = self.silent.iter().filter(|(call, _)| !removed(call));
        unheard.for_each(|(_, node)| places(node, &mut silent));
        let mut shown = Shown::default();
        for same in alike.into_values() {
            let Difference { owner, rule, .. } = &same[0].1;
            let is_silent = rule.severity == Severity::Breaking && silent.contains_key(owner);
            let shared = uses.get(owner) == Some(&same.len()) && !is_silent;
            for (index, difference) in same {
                let finding = difference.finding(&self.pairs[index].ours, file, shared);
                let edit = Edit::Fact(index, difference.key, difference.rule);
                let edit = Some(edit).filter(|_| difference.rule.merge == Merge::Theirs);
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
    counted: HashMap<&'static str, (usize, usize)>,
}

impl Shown {
    fn add(&mut self, rule: &'static Rule, finding: Finding, edit: Option<Edit>) {
        let mut bare = finding.clone();
        bare.beside = None;
        let index = *self.places.entry(bare).or_insert_with(|| {
            let new = self.changes.len();
            if rule.is_counted() {
                let (first, number) = self.counted.entry(rule.id).or_insert((new, 0));
                *number += 1;
                if *number > 1 {
                    return *first;
                }
            }
            self.changes.push(Change {
                finding,
                rule,
                edits: Vec::new(),
            });
            new
        });
        self.changes[index].edits.extend(edit);
    }

    fn changes(mut self) -> Vec<Change> {
        for (first, number) in self.counted.into_values().filter(|(_, number)| *number > 1) {
            let message = &mut self.changes[first].finding.message;
            *message = format!("{number} times, first {message}");
        }
        self.changes
    }
}

/// The places of an operation, each as often as it is there.
fn places(node: &Node, found: &mut HashMap<String, usize>) {
    if node.back.is_none() {
        *found.entry(node.place.clone()).or_default() += 1;
    }
    node.inside.iter().for_each(|(_, node)| places(node, found));
}

/// The hosts with their paths, without the version. An address without a host says nothing
/// of it.
pub fn servers(document: &Value) -> Vec<String> {
    let servers = document["servers"].as_array().into_iter().flatten();
    let urls = servers
        .map(model::address)
        .filter(|url| url.contains("://"));
    let urls = urls.map(|url| url::Url::parse(&url).map_or(url, String::from));
    let bare = |url: String| {
        url.trim_end_matches('/')
            .trim_end_matches("/v1beta")
            .to_string()
    };
    urls.map(bare)
        .map(|url| url.trim_end_matches('/').into())
        .collect()
}

fn here_at(pointer: impl Into<String>) -> Place {
    Place::new(DOCUMENT, pointer)
}
