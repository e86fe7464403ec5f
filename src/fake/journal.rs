//! What was asked for.

use serde_json::Value;

/// A request that the fake has seen, in the order in which they came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The operation that it called, for example `create_source`; none if it is not of the API.
    pub operation: Option<&'static str>,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// The path as it was sent, but decoded, with `/v1beta`.
    pub path: String,
    /// What stood for the parameters of the path.
    pub(super) parts: Vec<(&'static str, String)>,
    pub(super) query: Vec<(String, String)>,
    /// The body; `null` if there was none, a text if it was no JSON.
    pub body: Value,
    /// The status of the answer; none if there was no whole answer.
    pub status: Option<u16>,
}

impl Request {
    /// What stood for a parameter of the path, for example for `source`.
    pub fn part(&self, parameter: &str) -> Option<&str> {
        let part = self.parts.iter().find(|(name, _)| *name == parameter);
        part.map(|(_, value)| value.as_str())
    }

    /// The first value of a key of the query, for example of `page_token`.
    pub fn query(&self, key: &str) -> Option<&str> {
        self.query_all(key).next()
    }

    /// All values of a key of the query.
    pub fn query_all(&self, key: &str) -> impl Iterator<Item = &str> {
        let values = self.query.iter().filter(move |(name, _)| name == key);
        values.map(|(_, value)| value.as_str())
    }
}
