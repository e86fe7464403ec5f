//! What a new resource has: what is said of it, and what the server adds.

use super::{
    clock::written,
    facts::{fill, fits, parameter},
    refusal::Refusal,
    services,
    state::{Object, State},
};
use serde_json::Value;

impl State {
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
        let required = described["required"].as_array();
        let required = |key: &str| required.is_some_and(|keys| keys.contains(&key.into()));
        for (key, property) in described["properties"].as_object().into_iter().flatten() {
            let value = given.get(key).cloned();
            let value = value.or_else(|| self.added(key, property, path));
            let value = value.or_else(|| required(key).then(|| self.initial(property)));
            resource.extend(value.map(|value| (key.clone(), value)));
        }
        resource
    }

    /// What the server adds on its own.
    fn added(&mut self, key: &str, property: &Value, path: &str) -> Option<Value> {
        if let Some(default) = property.get("default") {
            return Some(default.clone());
        }
        Some(match (key, property["format"].as_str()) {
            ("name", _) => self
                .name(property["x-resource-name"].as_str()?, path)
                .into(),
            ("parent", _) => self.parent(path).into(),
            ("id", _) => self.own_id(path).into(),
            ("create_time" | "created_at" | "update_time", Some("date-time")) => self.now().into(),
            (_, Some("password")) => self.next_secret(key),
            _ if property["items"]["format"] == "password" => vec![self.next_secret(key)].into(),
            _ => self.id_above(key.strip_suffix("_id")?, path)?.into(),
        })
    }

    /// The id of the resource at a path, which is its last part if it has no name.
    fn own_id(&mut self, path: &str) -> String {
        let schema = self.facts.kept(path).unwrap_or_default();
        match self.facts.schema(schema)["properties"].get("name") {
            Some(_) => self.next_id(None),
            None => path.rsplit('/').next().unwrap_or_default().to_string(),
        }
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
    fn initial(&self, schema: &Value) -> Value {
        self.value(schema, true)
    }

    /// The value of a field that was emptied: defaults are for the beginning.
    pub fn zero(&self, schema: &Value) -> Value {
        self.value(schema, false)
    }

    fn value(&self, schema: &Value, defaults: bool) -> Value {
        let default = schema.get("default").filter(|_| defaults);
        let schema = self.facts.resolve(schema);
        if let Some(value) = default.or_else(|| schema["enum"].get(0)) {
            return value.clone();
        }
        match schema["type"].as_str() {
            Some("string") => "".into(),
            Some("boolean") => false.into(),
            Some("integer" | "number") => 0.into(),
            Some("array") => Value::Array(Vec::new()),
            _ => {
                let required = schema["required"].as_array().into_iter().flatten();
                let fields = required.filter_map(Value::as_str).map(|key| {
                    let property = &schema["properties"][key];
                    (key.to_string(), self.value(property, defaults))
                });
                Value::Object(fields.collect())
            }
        }
    }
}

/// So many digits that look like chance and are the same each time.
fn digits(seed: u64, count: usize, base: u64) -> String {
    const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut random = fastrand::Rng::with_seed(seed);
    let digit = |_| char::from(DIGITS[usize::try_from(random.u64(0..base)).unwrap_or_default()]);
    (0..count).map(digit).collect()
}
