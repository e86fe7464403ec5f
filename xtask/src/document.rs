//! The document as it stands, before anything is made of it.

use crate::json::step;
use serde_json::{Map, Value};

pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An OpenAPI document, valid or not: what is not where it should be is left out.
#[derive(Clone)]
pub struct Document {
    pub value: Value,
}

pub struct Operation<'a> {
    pub id: &'a str,
    pub pointer: String,
    /// The path template, without the fragment that tells two operations apart.
    pub path: &'a str,
    pub value: &'a Value,
    /// The parameters, references followed.
    pub parameters: Vec<&'a Value>,
}

impl Operation<'_> {
    /// In lower case.
    pub fn method(&self) -> &str {
        self.pointer.rsplit('/').next().unwrap_or_default()
    }
}

impl Document {
    pub fn new(value: Value) -> Self {
        Self { value }
    }

    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = members(&self.value["paths"]);
        let operations = paths.flat_map(|(path, item)| {
            members(item)
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(|(method, value)| self.operation(path, method, value))
        });
        operations.collect()
    }

    fn operation<'a>(&'a self, path: &'a str, method: &str, value: &'a Value) -> Operation<'a> {
        let parameters = value["parameters"].as_array().into_iter().flatten();
        Operation {
            id: value["operationId"].as_str().unwrap_or_default(),
            pointer: format!("/paths/{}/{method}", step(path)),
            path: path.split('#').next().unwrap_or_default(),
            parameters: parameters.filter_map(|p| self.follow(p)).collect(),
            value,
        }
    }

    /// The named schemas with their pointers.
    pub fn schemas(&self) -> impl Iterator<Item = (String, &Value)> {
        let schemas = members(&self.value["components"]["schemas"]);
        schemas.map(|(name, schema)| (format!("/components/schemas/{}", step(name)), schema))
    }

    /// What a reference refers to, or the value itself if it is none.
    pub fn follow<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        match value["$ref"].as_str() {
            None => Some(value),
            Some(reference) => self.value.pointer(reference.strip_prefix('#')?),
        }
    }
}

/// The members of an object; none for anything else.
pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
