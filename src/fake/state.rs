//! What is in a workspace, by the paths at which it is.

use super::{
    call::Call,
    clock::Clock,
    facts::{Facts, fits, parameter},
    quirk::Quirk,
    refusal::Refusal,
};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub(super) type Object = Map<String, Value>;

#[derive(Clone)]
pub(super) struct State {
    pub facts: &'static Facts,
    pub resources: BTreeMap<String, Object>,
    /// What is still shown of resources that have changed, and until when.
    pub stale: BTreeMap<String, (Duration, Object)>,
    /// How long a schema configuration is shown as it was before it changed.
    pub delay: Duration,
    /// How many items a page has at most.
    pub max_page_size: usize,
    pub clock: Clock,
    pub without: BTreeSet<Quirk>,
    /// How many ids and secrets were made.
    pub made: u64,
}

impl State {
    pub fn new(facts: &'static Facts) -> Self {
        Self {
            facts,
            resources: BTreeMap::new(),
            stale: BTreeMap::new(),
            delay: Duration::ZERO,
            max_page_size: usize::MAX,
            clock: Clock::default(),
            without: BTreeSet::new(),
            made: 0,
        }
    }

    pub fn has(&self, quirk: Quirk) -> bool {
        !self.without.contains(&quirk)
    }

    /// The text at a path.
    pub fn text(&self, path: &str, key: &str) -> Option<&str> {
        self.resources.get(path)?.get(key)?.as_str()
    }

    /// Those directly below the path of a collection, in which `-` stands for anything.
    pub fn below(&self, collection: &str) -> Vec<(String, Object)> {
        let pattern = format!("{collection}/-").replace("/-", "/{any}");
        let start = pattern.split("{any}").next().unwrap_or_default();
        let from_start = self.resources.range(start.to_string()..);
        from_start
            .take_while(|(path, _)| path.starts_with(start))
            .filter(|(path, _)| fits(&pattern, path))
            .map(|(path, resource)| (path.clone(), resource.clone()))
            .collect()
    }

    /// Removes a resource with everything below it.
    pub fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        self.resources
            .retain(|p, _| p != path && !p.starts_with(&below));
        self.stale
            .retain(|p, _| p != path && !p.starts_with(&below));
    }

    /// The path of the resource that a call's own one, or the collection it is about, belongs to.
    pub fn owner(call: &Call<'_>) -> Option<(&'static str, String)> {
        let template: Vec<_> = call.operation.path.split('/').collect();
        let path: Vec<_> = call.path.split('/').collect();
        let above = template.len().checked_sub(1)?;
        let last = (0..above)
            .rev()
            .find_map(|i| Some((i, parameter(template[i])?)))?;
        Some((last.1, path[..=last.0].join("/")))
    }

    /// Refuses a call about something that belongs to nothing.
    pub fn owner_exists(&self, call: &Call<'_>) -> Result<(), Refusal> {
        match Self::owner(call) {
            Some((parameter, path)) if !self.exists(parameter, &path) => Err(missing(parameter)),
            _ => Ok(()),
        }
    }

    /// Whether there is a resource at the path, whose last part is its id if the parameter says so.
    fn exists(&self, parameter: &str, path: &str) -> bool {
        match path.rsplit_once('/') {
            Some((collection, id)) if parameter.ends_with("_id") => {
                let mut siblings = self.resources.iter();
                let sibling = format!("{collection}/{{any}}");
                siblings.any(|(p, r)| fits(&sibling, p) && r.get("id").is_some_and(|v| v == id))
            }
            _ => self.resources.contains_key(path),
        }
    }

    /// Refuses a body that names something that is not there, of what the document has calls for.
    pub fn names_exist(&self, schema: &Value, value: &Value, own: &str) -> Result<(), Refusal> {
        let resolved = self.facts.resolve(schema);
        if schema["x-resource-name"].is_string() {
            let texts = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            let mut named = texts
                .iter()
                .filter_map(Value::as_str)
                .filter(|name| *name != own);
            let absent = named.find(|name| {
                self.facts.kept(name).is_some() && !self.resources.contains_key(*name)
            });
            if let Some(name) = absent {
                return Err(Refusal::not_found(format!("{name} does not exist")));
            }
        }
        for (key, value) in value.as_object().into_iter().flatten() {
            self.names_exist(&resolved["properties"][key], value, own)?;
        }
        for item in value.as_array().into_iter().flatten() {
            self.names_exist(&resolved["items"], item, own)?;
        }
        Ok(())
    }
}

/// `the tracking plan does not exist`, for the parameter of a path.
pub(super) fn missing(parameter: &str) -> Refusal {
    let noun = parameter.trim_end_matches("_id").replace('_', " ");
    Refusal::not_found(format!("the {noun} does not exist"))
}
