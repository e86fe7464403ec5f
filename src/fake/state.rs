//! What is in a workspace, by the paths at which it is.

use super::{
    clock::{Clock, written},
    facts::{Facts, Operation, fill, fits, parameter},
    quirk::Quirk,
    refusal::Refusal,
    services,
};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub(super) type Object = Map<String, Value>;

/// A request that is understood and allowed.
pub(super) struct Call<'a> {
    pub operation: &'static Operation,
    pub parts: &'a [(&'static str, String)],
    /// Without the base path, decoded, with names in their documented form.
    pub path: &'a str,
    pub query: &'a [(String, String)],
    pub body: &'a Value,
}

impl Call<'_> {
    pub fn query(&self, key: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(name, _)| name == key);
        pair.map(|(_, value)| value.as_str())
    }

    pub fn part(&self, parameter: &str) -> &str {
        let part = self.parts.iter().find(|(name, _)| *name == parameter);
        part.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// What the body is about: the resource in it, or all of it.
    pub fn given(&self) -> &Value {
        match &self.operation.envelope {
            Some(key) => &self.body[key],
            None => self.body,
        }
    }
}

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
    made: u64,
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

    pub fn now(&self) -> String {
        written(self.clock.now())
    }

    /// A number that was not used before, and an id made of it: the form is that of the
    /// document's `generated`.
    pub fn next_id(&mut self, form: Option<&str>) -> String {
        self.made += 1;
        let number = (100 + self.made).to_string();
        let form = form.unwrap_or("{slug}");
        form.replace("{number}", &number)
            .replace("{ksuid}", &digits(self.made, 27, 62))
            .replace("{slug}", &digits(self.made, 10, 36))
    }

    /// A value that nobody takes for a secret, `EXAMPLE_WRITE_KEY_0007` for `write_keys`.
    pub fn next_secret(&mut self, key: &str) -> Value {
        self.made += 1;
        let key = key.trim_end_matches('s').to_uppercase();
        format!("EXAMPLE_{key}_{:04}", self.made).into()
    }

    /// Puts a resource where it belongs, with what the server adds to what is given.
    pub fn insert(&mut self, path: &str, given: Value) -> Result<(), Refusal> {
        let Value::Object(given) = given else {
            return Err(Refusal::invalid(format!("{path}: expected an object")));
        };
        let mut resource = match self.facts.kept(path) {
            Some(schema) => self.made(schema, path, &given),
            None => Object::new(),
        };
        resource.extend(given);
        services::changed(self, path, &mut resource)?;
        self.resources.insert(path.to_string(), resource);
        Ok(())
    }

    /// A new resource at a path, of what is given and of what the server adds.
    pub fn made(&mut self, schema: &str, path: &str, given: &Object) -> Object {
        let described = self.facts.schema(schema);
        let mut resource = Object::new();
        for (key, property) in described["properties"].as_object().into_iter().flatten() {
            let required = || {
                described["required"]
                    .as_array()?
                    .contains(&key.as_str().into())
                    .then_some(())
            };
            let value = given.get(key).cloned();
            let value = value.or_else(|| self.added(key, property, path));
            let value = value.or_else(|| required().map(|()| self.zero(property)));
            resource.extend(value.map(|value| (key.clone(), value)));
        }
        resource
    }

    /// What the server adds on its own.
    fn added(&mut self, key: &str, property: &Value, path: &str) -> Option<Value> {
        let last = path.rsplit('/').next().unwrap_or_default();
        let named = property["x-resource-name"].as_str();
        if let Some(default) = property.get("default") {
            return Some(default.clone());
        }
        Some(match (key, property["format"].as_str()) {
            ("name", _) => self.name(named?, path).into(),
            ("parent", _) => self.parent(path).into(),
            ("create_time" | "created_at" | "update_time", Some("date-time")) => self.now().into(),
            (_, Some("password")) => self.next_secret(key),
            _ if property["items"]["format"] == "password" => vec![self.next_secret(key)].into(),
            // What has no name is found by its id.
            ("id", _)
                if self
                    .facts
                    .kept(path)
                    .is_some_and(|s| self.facts.schema(s)["properties"]["name"].is_null()) =>
            {
                last.into()
            }
            ("id", _) => self.next_id(None).into(),
            _ => self.id_above(key.strip_suffix("_id")?, path)?.into(),
        })
    }

    /// The id of the resource of a kind that a path goes through: its own, or else the part of the path.
    fn id_above(&self, kind: &str, path: &str) -> Option<String> {
        let plural = format!("{}s", kind.replace('_', "-"));
        let segments: Vec<_> = path.split('/').collect();
        let at = segments.iter().position(|segment| *segment == plural)?;
        let part = *segments.get(at + 1)?;
        let own = self.text(&segments[..at + 2].join("/"), "id");
        Some(own.unwrap_or(part).to_string())
    }

    /// The name of the resource at a path.
    fn name(&self, resource: &str, path: &str) -> String {
        let last = path.rsplit('/').next().unwrap_or_default();
        match self.facts.names.get(resource) {
            Some(name) if !fits(&name.pattern, path) => {
                let parameter = name.pattern.rsplit('/').next().and_then(parameter);
                fill(&name.pattern, &[(parameter.unwrap_or_default(), last)])
            }
            _ => path.to_string(),
        }
    }

    /// The path of the resource that the one at a path belongs to.
    fn parent(&self, path: &str) -> String {
        let segments: Vec<_> = path.split('/').collect();
        let parents = (1..segments.len()).rev().map(|n| segments[..n].join("/"));
        let kept = |path: &String| self.facts.kept(path).is_some();
        parents.into_iter().find(kept).unwrap_or_default()
    }

    /// The value of a field that nobody has set.
    pub fn zero(&self, schema: &Value) -> Value {
        let default = schema.get("default");
        let schema = self.facts.resolve(schema);
        let first = || schema["enum"].get(0);
        if let Some(value) = default.or_else(|| schema.get("default")).or_else(first) {
            return value.clone();
        }
        match schema["type"].as_str() {
            Some("string") => "".into(),
            Some("boolean") => false.into(),
            Some("integer" | "number") => 0.into(),
            Some("array") => Value::Array(Vec::new()),
            _ => {
                let required = schema["required"].as_array().into_iter().flatten();
                let fields = required.filter_map(Value::as_str);
                fields
                    .map(|key| (key.to_string(), self.zero(&schema["properties"][key])))
                    .collect::<Object>()
                    .into()
            }
        }
    }
}

/// `the tracking plan does not exist`, for the parameter of a path.
pub(super) fn missing(parameter: &str) -> Refusal {
    let noun = parameter.trim_end_matches("_id").replace('_', " ");
    Refusal::not_found(format!("the {noun} does not exist"))
}

/// So many digits that look like chance and are the same each time.
fn digits(seed: u64, count: usize, base: u64) -> String {
    const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut random = fastrand::Rng::with_seed(seed);
    let digit = |_| char::from(DIGITS[usize::try_from(random.u64(0..base)).unwrap_or_default()]);
    (0..count).map(digit).collect()
}
