//! What the document says, as the fake needs it.

use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, io, sync::LazyLock};

/// The facts that the build took from the document.
#[derive(Debug, Deserialize)]
pub(super) struct Facts {
    /// The path that all operations are below.
    pub base: String,
    pub operations: Vec<Operation>,
    kept: Vec<Kept>,
    pub names: BTreeMap<String, Name>,
    pub schemas: BTreeMap<String, Value>,
}

/// What is kept at paths of a template.
#[derive(Debug, Deserialize)]
struct Kept {
    path: String,
    schema: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    pub id: String,
    pub method: String,
    /// The template of the path, without the slash before it.
    pub path: String,
    pub auth: Auth,
    pub does: Does,
    pub query: Vec<Parameter>,
    /// The schema of the body.
    pub request: Option<String>,
    /// The key of the body that holds what it is about; none if it is the body.
    pub envelope: Option<String>,
    /// The schema of the answer.
    pub answer: String,
    pub list: Option<List>,
    pub mask: Option<Mask>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Auth {
    Bearer,
    Account,
    App,
}

/// One of the standard methods, or something of its own.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Does {
    List,
    Get,
    Create,
    Update,
    Delete,
    Own,
}

#[derive(Debug, Deserialize)]
pub(super) struct Parameter {
    pub name: String,
    pub required: bool,
    /// What each of its values has to be.
    pub schema: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct List {
    pub key: String,
    pub item: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mask {
    /// The key of the body that holds the partial resource.
    pub resource: String,
    pub schema: String,
    /// What stands before each path in the mask.
    pub prefix: String,
    pub paths: Vec<String>,
}

/// A resource's name.
#[derive(Debug, Deserialize)]
pub(super) struct Name {
    pub pattern: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// The form of the last part, where the server chooses it.
    #[serde(default)]
    pub generated: Option<String>,
}

impl Name {
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.pattern)
            .chain(&self.also)
            .map(String::as_str)
    }
}

impl Facts {
    pub fn get() -> io::Result<&'static Self> {
        static FACTS: LazyLock<serde_json::Result<Facts>> = LazyLock::new(|| {
            serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/fake.json")))
        });
        FACTS.as_ref().map_err(io::Error::other)
    }

    /// The schema of what is kept at a path, if the document has calls for it.
    pub fn kept(&self, path: &str) -> Option<&str> {
        let kept = self.kept.iter().find(|kept| fits(&kept.path, path));
        kept.map(|kept| kept.schema.as_str())
    }

    /// The path with the documented form of a resource's name, where it has another.
    pub fn canonical(&self, path: &str) -> String {
        let others = self
            .names
            .values()
            .flat_map(|name| name.also.iter().map(|also| (&name.pattern, also)));
        let fitting = others
            .filter_map(|(pattern, also)| Some(fill(pattern, &parts(also, path)?)))
            .next();
        fitting.unwrap_or_else(|| path.to_string())
    }

    /// The schema, or what it refers to.
    pub fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let direct = schema["$ref"]
            .as_str()
            .or(schema["allOf"][0]["$ref"].as_str());
        match direct.and_then(|name| name.rsplit('/').next()) {
            Some(name) => self.schema(name),
            None => schema,
        }
    }

    pub fn schema(&self, name: &str) -> &Value {
        self.schemas.get(name).unwrap_or(&Value::Null)
    }
}

/// What stands for the parameters of a template in a path that fits it.
pub(super) fn parts<'t, 'p>(template: &'t str, path: &'p str) -> Option<Vec<(&'t str, &'p str)>> {
    let pairs = template.split('/').zip(path.split('/'));
    let parts = pairs.filter_map(|(part, segment)| Some((parameter(part)?, segment)));
    fits(template, path).then(|| parts.collect())
}

/// Whether a path has the words of a template, and something for each parameter.
pub(super) fn fits(template: &str, path: &str) -> bool {
    let mut pairs = template.split('/').zip(path.split('/'));
    template.split('/').count() == path.split('/').count()
        && pairs.all(|(part, segment)| match parameter(part) {
            Some(_) => !segment.is_empty(),
            None => part == segment,
        })
}

/// The parameter that a segment of a template stands for.
pub(super) fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The template with the parts that are given; what is not given stays.
pub(super) fn fill(template: &str, parts: &[(&str, &str)]) -> String {
    parts
        .iter()
        .fold(template.to_string(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        })
}
