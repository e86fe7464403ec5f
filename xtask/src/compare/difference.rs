//! How one operation of the document differs from the same operation of a source.

use crate::{
    finding::{Finding, Place},
    model::{Call, Facts, Key, Known, readable},
    project::DOCUMENT,
    rules::{
        self,
        Change::{self, Added, Other, Removed},
        Fact, Rule, Way,
    },
};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

#[derive(Debug)]
pub struct Difference {
    pub key: Key,
    pub rule: &'static Rule,
    /// The place in the document that would have to change; none if it is the operation.
    pub owner: Option<String>,
    ours: Option<Known>,
    theirs: Option<Known>,
}

/// The differences; `used` is told of each place of the document that was compared.
pub fn differences(
    ours: &Facts,
    theirs: &Facts,
    by_example: bool,
    used: impl FnMut(&str),
) -> Vec<Difference> {
    let mut look = Look {
        ours,
        theirs,
        by_example,
        used,
        cut: HashSet::new(),
        told: HashSet::new(),
        found: Vec::new(),
    };
    let keys: BTreeSet<&Key> = ours.map.keys().chain(theirs.map.keys()).collect();
    for key in keys {
        let is_cut = (1..=key.steps.len()).any(|n| look.cut.contains(&key.steps[..n]));
        if !is_cut && !look.told.contains(&(key.steps.clone(), key.fact)) {
            look.at(key);
        }
    }
    look.found
}

struct Look<'a, U> {
    ours: &'a Facts,
    theirs: &'a Facts,
    by_example: bool,
    used: U,
    /// Below these, nothing can be compared.
    cut: HashSet<Vec<String>>,
    /// Facts of which another one has said what there is to say.
    told: HashSet<(Vec<String>, Fact)>,
    found: Vec<Difference>,
}

impl<U: FnMut(&str)> Look<'_, U> {
    fn at(&mut self, key: &Key) {
        let (ours, theirs) = (self.ours.get(key), self.theirs.get(key));
        let root = key.steps.first().map(String::as_str);
        // Recorded answers are read one by one, as the client reads them.
        let unsaid = root == Some("received") && !(self.ours.succeeds && self.theirs.succeeds);
        if unsaid || self.by_example && key.way() == Way::Received {
            return;
        }
        let change = match (ours, theirs) {
            (None, _) => Added,
            (_, None) => Removed,
            (Some(a), Some(b)) => {
                if matches!(
                    key.fact,
                    Fact::Shape | Fact::Parameter | Fact::ParameterName
                ) {
                    (self.used)(&a.place);
                }
                if a.value == b.value {
                    if key.fact == Fact::Shape
                        && a.value == "object"
                        && self.shares_nothing(&key.steps)
                    {
                        self.cut.insert(key.steps.clone());
                        self.find(key, Fact::Shape, Other);
                    }
                    return;
                }
                Other
            }
        };
        let only_shows = self.by_example && change == Removed;
        match key.fact {
            Fact::Scheme | Fact::Scope => {
                // No security there means that none is described.
                let said = self.theirs.map.keys().any(|k| k.fact == Fact::Scheme);
                if said {
                    self.find(key, key.fact, change);
                }
            }
            Fact::Parameter
            | Fact::Body
            | Fact::Answer
            | Fact::Status
            | Fact::Field
            | Fact::Member => {
                self.cut.insert(key.steps.clone());
                self.presence(key, change);
            }
            Fact::Shape => self.shape(key, ours, theirs),
            Fact::Time | Fact::Enum if change != Other => {
                let tells = match key.fact {
                    Fact::Time => vec![Fact::Format],
                    _ => vec![Fact::Value, Fact::Order],
                };
                self.told
                    .extend(tells.into_iter().map(|f| (key.steps.clone(), f)));
                if !only_shows {
                    self.find(key, key.fact, change);
                }
            }
            Fact::Limit if !self.by_example => {
                let value = |known: Option<&Known>| known.map(|k| k.value.clone());
                let change = match key.way() {
                    Way::Received => Other,
                    _ if tightened(&key.item, value(ours), value(theirs)) => Added,
                    _ => Removed,
                };
                self.find(key, key.fact, change);
            }
            Fact::Order if change == Other => {
                let sorted = |known: Option<&Known>| -> Option<BTreeSet<String>> {
                    let all = known?.value.as_array()?.iter();
                    Some(all.map(Value::to_string).collect())
                };
                if sorted(ours) == sorted(theirs) {
                    self.find(key, key.fact, Other);
                }
            }
            Fact::Order => {}
            // Ours to write; what the source does not say is no news.
            Fact::Prose | Fact::Sample if theirs.is_some() => self.find(key, key.fact, Other),
            Fact::Prose | Fact::Sample => {}
            Fact::Format if !self.by_example => self.find(key, key.fact, Other),
            Fact::Media | Fact::Style | Fact::ParameterName if change == Other => {
                self.find(key, key.fact, Other);
            }
            Fact::Media | Fact::Style | Fact::ParameterName | Fact::Format | Fact::Limit => {}
            Fact::Required | Fact::ParameterRequired | Fact::Closed if self.by_example => {}
            fact if !only_shows => self.find(key, fact, change),
            _ => {}
        }
    }

    /// Whether two objects have no field in common: one in the place of another.
    fn shares_nothing(&self, steps: &[String]) -> bool {
        let fields = |facts: &Facts| -> BTreeSet<Vec<String>> {
            let from = Key::new(steps, Fact::Server);
            let inside = facts.map.range(from..).map(|(key, _)| key);
            let inside = inside.take_while(|key| key.steps.starts_with(steps));
            let fields =
                inside.filter(|key| key.fact == Fact::Field && key.steps.len() == steps.len() + 1);
            fields.map(|key| key.steps.clone()).collect()
        };
        let (ours, theirs) = (fields(self.ours), fields(self.theirs));
        !self.by_example && !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs)
    }

    fn presence(&mut self, key: &Key, change: Change) {
        let theirs_has = |fact| self.theirs.map.contains_key(&Key::new(&key.steps, fact));
        let fact = match (key.fact, change) {
            (_, Removed) if self.by_example => return,
            (Fact::Parameter, Added) if theirs_has(Fact::ParameterRequired) => {
                Fact::NeededParameter
            }
            (Fact::Body, Added) if theirs_has(Fact::BodyRequired) => Fact::NeededBody,
            (Fact::Field, Added) if theirs_has(Fact::Required) && !self.by_example => {
                Fact::NeededField
            }
            // The member that takes the rest is ours alone.
            (Fact::Member, Removed)
                if self.ours.get(key).is_some_and(|k| k.value["rest"] == true) =>
            {
                return;
            }
            // An object of which nothing is said is no answer.
            (Fact::Answer, Added)
                if self
                    .theirs
                    .get(&Key::new(&key.steps, Fact::Shape))
                    .is_some_and(|k| is_open(&k.value)) =>
            {
                return;
            }
            (fact, _) => fact,
        };
        self.find(key, fact, change);
    }

    fn shape(&mut self, key: &Key, ours: Option<&Known>, theirs: Option<&Known>) {
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            // Of an error's body, one of the two says nothing.
            self.cut.insert(key.steps.clone());
            return;
        };
        let (here, there) = (&ours.value, &theirs.value);
        let open = |value: &Value| *value == "anything" || is_open(value);
        let object = |value: &Value| *value == "object" || *value == "map" || is_open(value);
        let says_more =
            |a: &Value, b: &Value| *a == "anything" || is_open(a) && object(b) && !open(b);
        let (fact, change) = if *here == "integer" && *there == "number" {
            (Fact::Fraction, Added)
        } else if *here == "number" && *there == "integer" {
            (Fact::Fraction, Removed)
        } else if says_more(here, there) && !open(there) {
            let is_answer = key.steps == ["received"];
            (
                if is_answer {
                    Fact::Known
                } else {
                    Fact::Described
                },
                Added,
            )
        } else if says_more(there, here) && !open(here) {
            (Fact::Described, Removed)
        } else if open(here) && open(there) {
            return;
        } else {
            (Fact::Shape, Other)
        };
        if fact != Fact::Fraction {
            self.cut.insert(key.steps.clone());
        }
        self.find(key, fact, change);
    }

    fn find(&mut self, key: &Key, fact: Fact, change: Change) {
        let Some(rule) = rules::find(fact, key.way(), change) else {
            return;
        };
        let place = |steps: &[String], fact| {
            self.ours
                .get(&Key::new(steps, fact))
                .map(|k| k.place.clone())
        };
        let above = &key.steps[..key.steps.len().saturating_sub(1)];
        let owner = match key.fact {
            Fact::Field | Fact::Required | Fact::Member => place(above, Fact::Shape),
            Fact::Deprecated => place(above, Fact::Shape),
            Fact::ParameterRequired | Fact::Style | Fact::ParameterName => {
                place(&key.steps, Fact::Parameter).or(place(&key.steps, Fact::ParameterName))
            }
            _ => place(&key.steps, Fact::Shape),
        };
        self.found.push(Difference {
            rule,
            owner: owner.filter(|_| !key.steps.is_empty()),
            ours: self.ours.get(key).cloned(),
            theirs: self.theirs.get(key).cloned(),
            key: key.clone(),
        });
    }
}

fn is_open(shape: &Value) -> bool {
    *shape == "open object"
}

/// Whether a limit lets through less than before.
fn tightened(limit: &str, ours: Option<Value>, theirs: Option<Value>) -> bool {
    let (Some(ours), Some(theirs)) = (ours, &theirs) else {
        return theirs.is_some();
    };
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) if limit.to_lowercase().contains("max") => theirs < ours,
        (Some(ours), Some(theirs)) => theirs > ours,
        _ => true,
    }
}

impl Difference {
    /// Differences of which this is the same are one change of what operations share.
    pub fn likeness(&self, operation: usize) -> (String, Fact, Change, String, String) {
        let own = || format!("{operation} {}", self.key.steps.join("/"));
        let mut what = self
            .theirs
            .as_ref()
            .map_or(String::new(), |k| k.value.to_string());
        if matches!(
            self.key.fact,
            Fact::Field | Fact::Required | Fact::Member | Fact::Deprecated
        ) {
            what += self.key.steps.last().map_or("", String::as_str);
        }
        (
            self.owner.clone().unwrap_or_else(own),
            self.rule.fact,
            self.rule.change,
            self.key.item.clone(),
            what,
        )
    }

    pub fn finding(&self, call: &Call, facts: &Facts, file: &str, shared: bool) -> Finding {
        let here = self.here(call, facts);
        let root = facts.root(&self.key.steps).unwrap_or(&call.pointer);
        let is_shared = here.starts_with("/components/");
        let (here, what) = match is_shared {
            true if shared => (here, self.what()),
            false => (here, format!("{}: {}", call.id, self.what())),
            true => {
                let path = readable(&self.key.steps);
                (
                    root.to_string(),
                    format!("{}: {} at {path}", call.id, self.what()),
                )
            }
        };
        let ours = Place::new(DOCUMENT, here);
        let theirs = self
            .theirs
            .as_ref()
            .map(|known| Place::new(file, self.spot(known)));
        match (self.ours.is_some(), theirs) {
            // What only the source has is told where it has it.
            (false, Some(theirs)) if self.is_presence() => self.rule.at(theirs, what).beside(ours),
            (_, Some(theirs)) => self.rule.at(ours, what).beside(theirs),
            (_, None) => self.rule.at(ours, what),
        }
    }

    fn is_presence(&self) -> bool {
        use Fact::{Answer, Body, Field, Member, Parameter, Scheme, Scope, Status, Value};
        matches!(
            self.key.fact,
            Answer | Body | Field | Member | Parameter | Scheme | Scope | Status | Value
        )
    }

    fn spot<'a>(&self, known: &'a Known) -> &'a str {
        match self.key.fact {
            Fact::Shape | Fact::Value | Fact::Enum | Fact::Order => &known.place,
            Fact::Prose if !self.key.steps.is_empty() => &known.place,
            _ if self.is_presence() || self.key.fact == Fact::Required => &known.site,
            _ => &known.place,
        }
    }

    /// Where the document has it, or what is around it.
    fn here(&self, call: &Call, facts: &Facts) -> String {
        if let Some(known) = &self.ours {
            return self.spot(known).to_string();
        }
        let steps = &self.key.steps;
        let of = |steps: &[String], fact| facts.get(&Key::new(steps, fact));
        let above = &steps[..steps.len().saturating_sub(1)];
        let known = match self.key.fact {
            Fact::Required => of(steps, Fact::Field).map(|k| k.site.clone()),
            Fact::Field | Fact::Member => of(above, Fact::Shape).map(|k| k.place.clone()),
            Fact::ParameterRequired | Fact::Style => {
                of(steps, Fact::Parameter).map(|k| k.place.clone())
            }
            Fact::Deprecated => [Fact::Field, Fact::Parameter, Fact::Shape]
                .iter()
                .find_map(|f| of(steps, *f))
                .map(|k| k.site.clone()),
            _ => of(steps, Fact::Shape).map(|k| k.place.clone()),
        };
        known.unwrap_or_else(|| call.pointer.clone())
    }

    fn what(&self) -> String {
        let subject = subject(&self.key.steps);
        let text = |known: &Option<Known>| match known.as_ref().map(|k| &k.value) {
            None => "none".to_string(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let (here, there) = (text(&self.ours), text(&self.theirs));
        let item = &self.key.item;
        match self.key.fact {
            Fact::Value => format!("the value {item} of {subject}"),
            Fact::Scheme => format!("the credentials `{item}`"),
            Fact::Scope => format!("the scope `{item}`"),
            Fact::Null => format!("`null` in {subject}"),
            Fact::Limit => format!("`{item}` of {subject} is {here} here, {there} there"),
            Fact::Enum => match self.ours {
                None => format!("{subject}: any text here, an enum there"),
                Some(_) => format!("{subject}: an enum here, any text there"),
            },
            Fact::Time => format!(
                "{subject}: date-time {}",
                if self.ours.is_some() { "here" } else { "there" }
            ),
            Fact::Shape if here == there => format!("{subject}: an object with other fields there"),
            Fact::Shape | Fact::Format | Fact::Style | Fact::Media | Fact::ParameterName => {
                format!("{subject}: {here} here, {there} there")
            }
            Fact::Prose | Fact::Sample => format!("{subject}: another {item}"),
            Fact::Order => format!("{subject}: another order"),
            _ => subject,
        }
    }
}

/// What a path leads to, in words.
fn subject(steps: &[String]) -> String {
    let Some((last, above)) = steps.split_last() else {
        return "the operation".into();
    };
    match (steps, last.as_str()) {
        ([root, status], _) if root == "failed" => format!("the status {status}"),
        ([root, index], _) if root == "path" => format!("part {index} of the path"),
        ([_, name], _) if !["sent", "received"].contains(&&*steps[0]) => {
            format!("the parameter `{name}`")
        }
        ([root], _) if root == "sent" => "the body".into(),
        ([_], _) => "the answer".into(),
        (_, "[]") => format!("an item of {}", subject(above)),
        (_, "{}") => format!("a value of {}", subject(above)),
        (_, last) if last.starts_with('|') => format!("the member `{}`", &last[1..]),
        (_, last) => format!("the field `{}`", last.trim_start_matches('.')),
    }
}
