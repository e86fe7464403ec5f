//! A request, as the methods see it.

use super::facts::Operation;
use serde_json::Value;

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
