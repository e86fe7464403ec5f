//! How one operation of the document differs from the same operation of a source.

use crate::{
    codegen::adapt::{Demand, Facts},
    finding::{Finding, Place},
    model::{Call, Node, is_schema, readable, subject, tightened, way},
    project::DOCUMENT,
    rules::{
        self,
        Change::{self, Added, Needed, Other, Removed},
        Fact, Rule, Way,
    },
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A path through an operation, and what is said there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub steps: Vec<String>,
    pub fact: Fact,
    /// Which of several: a value of an enum, the name of a limit, a scope.
    pub item: String,
}

pub struct Difference {
    pub key: Key,
    pub rule: &'static Rule,
    /// The place in the document that would have to change.
    pub owner: String,
    /// The parameter, the body or the answer, as the operation has it.
    root: String,
    here: String,
    there: Option<String>,
    /// Whether it is told where the source has it.
    is_new: bool,
    what: String,
    /// What the source says.
    value: String,
}

/// The differences. The places of the document that were compared are counted in `uses`.
pub fn differences(
    ours: &Node,
    theirs: &Node,
    by_example: bool,
    facts: Option<&Facts>,
    uses: &mut HashMap<String, usize>,
) -> Vec<Difference> {
    let mut look = Look {
        by_example,
        facts,
        uses,
        seen: HashSet::new(),
        found: Vec::new(),
    };
    look.at(&Spot {
        steps: Vec::new(),
        around: ours,
        used: [ours, theirs],
        ways: [vec![ours], vec![theirs]],
    });
    look.found
}

struct Look<'a> {
    by_example: bool,
    facts: Option<&'a Facts>,
    uses: &'a mut HashMap<String, usize>,
    /// Pairs of places, which meet again where a schema holds itself.
    seen: HashSet<[*const Node; 2]>,
    found: Vec<Difference>,
}

/// A place that both have.
struct Spot<'a> {
    steps: Vec<String>,
    around: &'a Node,
    /// As it stands there: of what holds itself, only that it does.
    used: [&'a Node; 2],
    /// All that leads to it, and itself at the end.
    ways: [Vec<&'a Node>; 2],
}

type Said = BTreeMap<(Fact, String), Value>;

impl<'a> Spot<'a> {
    fn nodes(&self) -> [&'a Node; 2] {
        [0, 1].map(|side| self.ways[side].last().copied().unwrap_or(self.used[side]))
    }

    fn inside(&self, step: &str, used: [&'a Node; 2]) -> Self {
        let way = |side: usize| {
            let way: &[_] = &self.ways[side];
            match used[side].back {
                Some(back) => way[..=way.len().saturating_sub(back)].to_vec(),
                None => [way, &[used[side]]].concat(),
            }
        };
        Spot {
            steps: [&self.steps[..], &[step.to_string()]].concat(),
            around: self.nodes()[0],
            used,
            ways: [way(0), way(1)],
        }
    }

    /// What is said where it stands, and, unless that has been compared already, of itself.
    fn facts(&self, is_new: bool) -> [Said; 2] {
        let step = self.steps.last().map_or("", String::as_str);
        [0, 1].map(|side| {
            let (node, used) = (self.nodes()[side], self.used[side]);
            let mut facts = match is_new {
                true => node.facts(step),
                false => Said::new(),
            };
            if used.back.is_some() {
                facts.remove(&(Fact::Required, String::new()));
                facts.extend(used.facts(step));
            }
            facts
        })
    }
}

impl Look<'_> {
    fn at(&mut self, spot: &Spot) {
        let nodes = spot.nodes();
        let is_schema = spot.steps.last().is_some_and(|step| is_schema(step));
        let is_new = self.seen.insert(nodes.map(std::ptr::from_ref));
        if is_new {
            *self.uses.entry(nodes[0].place.clone()).or_default() += 1;
        }
        let goes_on = is_new && (!is_schema || self.shape(spot));
        let facts = spot.facts(is_new);
        let keys: BTreeSet<_> = facts.iter().flat_map(Said::keys).collect();
        // Of another shape, only whether it has to be there can be said.
        for key in keys
            .into_iter()
            .filter(|(f, _)| goes_on || !is_new || *f == Fact::Required)
        {
            if let Some(change) = self.change(key, &facts, way(&spot.steps)) {
                let values = facts.each_ref().map(|f| f.get(key));
                let what = what(&subject(&spot.steps), key, values);
                let judged = match key.0 {
                    Fact::Required if self.is_demanded(spot) => Fact::Identifier,
                    fact => fact,
                };
                self.find(spot, key.clone(), judged, change, values[1], what);
            }
        }
        if goes_on {
            self.inside(spot);
        }
    }

    /// Whether the client refuses an answer for want of it. No rule speaks of that in a
    /// request, where the rule of what is required holds.
    fn is_demanded(&self, spot: &Spot) -> bool {
        let find = || {
            let schema = self.facts?.schemas.get(spot.around.name.as_ref()?)?;
            let field = spot.steps.last()?.strip_prefix('.')?;
            let is_named = |keys: &[String]| keys.iter().any(|key| key == field);
            let is_demanded = matches!(schema.demand(), Demand::Keys(keys) if is_named(&keys));
            // What lacks a field of its member is left to the member that takes the rest.
            Some(is_demanded && !schema.is_tagged())
        };
        find() == Some(true)
    }

    fn inside(&mut self, spot: &Spot) {
        let [here, there] = spot.nodes();
        let new = there.inside.iter().filter(|(s, _)| here.get(s).is_none());
        for (step, _) in here.inside.iter().chain(new) {
            let steps = [&spot.steps[..], std::slice::from_ref(step)].concat();
            // What is only read is not sent, and the other way round.
            let other_way = match way(&steps) {
                // Recorded answers are read one by one, as the client reads them.
                Way::Received if self.by_example => continue,
                Way::Received => "writeOnly",
                _ => "readOnly",
            };
            let is_there = |node: &&Node| *node.word(other_way) != true;
            let [a, b] = [here, there].map(|n| n.get(step).filter(is_there));
            match (a, b) {
                (Some(a), Some(b)) => self.at(&spot.inside(step, [a, b])),
                _ => self.presence(spot, steps, a, b),
            }
        }
    }

    /// What only one of the two has.
    fn presence(&mut self, spot: &Spot, steps: Vec<String>, a: Option<&Node>, b: Option<&Node>) {
        let Some(fact) = Fact::presence(&steps) else {
            return;
        };
        let change = match (a, b) {
            (None, None) => return,
            (Some(_), None) if self.by_example => return,
            // The member that takes the rest is ours alone.
            (Some(own), None) if fact == Fact::Member && *own.word("x-catch-all") == true => return,
            (Some(_), _) => Removed,
            // An object of which nothing is said is no answer.
            (_, Some(new)) if fact == Fact::Answer && new.shape() == "open object" => return,
            (_, Some(new)) if new.required => Needed,
            _ => Added,
        };
        let Some(rule) = rules::find(fact, way(&steps), change) else {
            return;
        };
        let around = spot.nodes()[0];
        self.found.push(Difference {
            rule,
            owner: around.place.clone(),
            root: root(spot),
            here: a.map_or(&around.place, |own| &own.site).clone(),
            there: b.map(|new| new.site.clone()),
            is_new: b.is_some(),
            what: subject(&steps),
            value: steps.last().cloned().unwrap_or_default(),
            key: Key {
                steps,
                fact,
                item: String::new(),
            },
        });
    }

    /// Whether the two are alike enough to be compared further.
    fn shape(&mut self, spot: &Spot) -> bool {
        let nodes = spot.nodes();
        let [a, b] = nodes.map(Node::shape);
        let is_open = |shape: &str| shape == "anything" || shape == "open object";
        let says_more = |a: &str, b: &str| {
            !is_open(b) && (a == "anything" || a == "open object" && ["object", "map"].contains(&b))
        };
        // An example shows one form of several, and in an address everything is a text.
        let is_text = spot.steps[0].starts_with("query/");
        let takes = match a {
            "union" => true,
            "map" => b == "object",
            "number" => b == "integer",
            _ => is_text && ["array", "string"].contains(&a),
        };
        let (judged, change) = match (a, b) {
            _ if self.by_example && takes => return false,
            ("object", "object") if !self.by_example && share_nothing(nodes) => {
                (Fact::Shape, Other)
            }
            (a, b) if a == b || is_open(a) && is_open(b) => return true,
            ("integer", "number") => (Fact::Fraction, Added),
            ("number", "integer") => (Fact::Fraction, Removed),
            (a, b) if says_more(a, b) && spot.steps == ["received", "="] => (Fact::Known, Added),
            (a, b) if says_more(a, b) => (Fact::Described, Added),
            (a, b) if says_more(b, a) => (Fact::Described, Removed),
            _ => (Fact::Shape, Other),
        };
        let what = match a == b {
            true => "an object with other fields there".into(),
            false => format!("{a} here, {b} there"),
        };
        let what = format!("{}: {what}", subject(&spot.steps));
        let key = (Fact::Shape, String::new());
        self.find(spot, key, judged, change, Some(&b.into()), what);
        judged == Fact::Fraction
    }

    /// How a fact has changed, if it has in a way that counts.
    fn change(&self, key: &(Fact, String), facts: &[Said; 2], way: Way) -> Option<Change> {
        let [ours, theirs] = facts.each_ref().map(|f| f.get(key));
        let alike = |fact: Fact| {
            let [a, b] = facts
                .each_ref()
                .map(|f| f.contains_key(&(fact, String::new())));
            a == b
        };
        let change = match (ours, theirs) {
            (a, b) if a == b => return None,
            (None, _) => Added,
            (_, None) => Removed,
            _ => Other,
        };
        let counts = match key.0 {
            // No security there means that none is described.
            Fact::Scheme | Fact::Scope => facts[1].keys().any(|(f, _)| *f == Fact::Scheme),
            // Another fact says what there is to say.
            Fact::Value => alike(Fact::Enum) && (change != Removed || !self.by_example),
            Fact::Format => alike(Fact::Time) && !self.by_example,
            // A text may look like a time.
            Fact::Time => change != Added || !self.by_example,
            Fact::Media | Fact::Style | Fact::ParameterName => change == Other,
            Fact::Order => change == Other && sorted(ours) == sorted(theirs),
            // Ours to write; what the source does not say is no news.
            Fact::Prose | Fact::Sample => change != Removed,
            Fact::Required | Fact::ParameterRequired | Fact::Closed | Fact::Limit => {
                !self.by_example
            }
            _ => change != Removed || !self.by_example,
        };
        counts.then_some(match key.0 {
            Fact::Prose | Fact::Sample | Fact::Format => Other,
            Fact::Limit if way == Way::Received => Other,
            Fact::Limit if tightened(&key.1, ours, theirs) => Added,
            Fact::Limit => Removed,
            _ => change,
        })
    }

    /// A fact of a place; `judged` is by what it is judged, if that is another one.
    fn find(
        &mut self,
        spot: &Spot,
        (fact, item): (Fact, String),
        judged: Fact,
        change: Change,
        value: Option<&Value>,
        what: String,
    ) {
        let Some(rule) = rules::find(judged, way(&spot.steps), change) else {
            return;
        };
        let step = spot.steps.last().map_or("", String::as_str);
        let [here, there] = spot.nodes();
        // These are said of a field by what is around it.
        let around = matches!(fact, Fact::Required | Fact::Deprecated) && is_schema(step);
        let (owner, places) = match around {
            true => (spot.around, spot.used.map(|used| used.site.clone())),
            false => (here, [here.place.clone(), there.place.clone()]),
        };
        let [here, there] = places;
        let value = match around {
            true => step.into(),
            false => value.map(Value::to_string).unwrap_or_default(),
        };
        let is_listed = matches!(fact, Fact::Value | Fact::Scheme | Fact::Scope);
        self.found.push(Difference {
            rule,
            owner: owner.place.clone(),
            root: root(spot),
            here,
            there: Some(there).filter(|_| change != Removed),
            is_new: is_listed && change == Added,
            what,
            value,
            key: Key {
                steps: spot.steps.clone(),
                fact,
                item,
            },
        });
    }
}

fn root(spot: &Spot) -> String {
    let way = &spot.ways[0];
    way.get(1).unwrap_or(&way[0]).site.clone()
}

/// Whether two objects have no field in common: one in the place of another.
fn share_nothing(nodes: [&Node; 2]) -> bool {
    let mut all = nodes.iter().map(|n| n.fields());
    all.all(|mut fields| fields.next().is_some())
        && nodes[0]
            .fields()
            .all(|(name, _)| nodes[1].get(&format!(".{name}")).is_none())
}

fn sorted(list: Option<&Value>) -> Option<BTreeSet<String>> {
    Some(list?.as_array()?.iter().map(Value::to_string).collect())
}

fn what(subject: &str, (fact, item): &(Fact, String), values: [Option<&Value>; 2]) -> String {
    let [here, there] = values.map(|value| match value {
        None => "none".to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    });
    match fact {
        Fact::Value => format!("the value {item} of {subject}"),
        Fact::Scheme => format!("the credentials `{item}`"),
        Fact::Scope => format!("the scope `{item}`"),
        Fact::Null => format!("`null` in {subject}"),
        Fact::Limit => format!("`{item}` of {subject} is {here} here, {there} there"),
        Fact::Enum if values[0].is_none() => format!("{subject}: any text here, an enum there"),
        Fact::Enum => format!("{subject}: an enum here, any text there"),
        Fact::Time if values[0].is_some() => format!("{subject}: date-time here"),
        Fact::Time => format!("{subject}: date-time there"),
        Fact::Format | Fact::Style | Fact::Media | Fact::ParameterName => {
            format!("{subject}: {here} here, {there} there")
        }
        Fact::Prose | Fact::Sample => format!("{subject}: another {item}"),
        Fact::Order => format!("{subject}: another order"),
        _ => subject.into(),
    }
}

impl Difference {
    /// Differences of which this is the same are one change of what operations share.
    pub fn likeness(&self) -> impl Ord + use<> {
        let what = (self.rule.fact, self.rule.change, self.key.item.clone());
        (self.owner.clone(), what, self.value.clone())
    }

    /// `shared` is whether all that share the place differ alike.
    pub fn finding(&self, call: &Call, file: &str, shared: bool) -> Finding {
        let Self {
            key, rule, what, ..
        } = self;
        let (here, what) = match self.here.starts_with("/components/") {
            true if shared => (&self.here, what.clone()),
            false => (&self.here, format!("{}: {what}", call.id)),
            true => {
                let what = format!("{}: {what} at {}", call.id, readable(&key.steps));
                (&self.root, what)
            }
        };
        let ours = Place::new(DOCUMENT, here);
        let theirs = self.there.as_ref().map(|there| Place::new(file, there));
        match theirs {
            // What only the source has is told where it has it.
            Some(theirs) if self.is_new => rule.at(theirs, what).beside(ours),
            Some(theirs) => rule.at(ours, what).beside(theirs),
            None => rule.at(ours, what),
        }
    }
}
