//! What a document says of the API: its operations, each unfolded to a tree of places with
//! the facts of each.

mod node;
mod unfold;

pub use node::{Node, is_schema, readable, subject, way};
pub use unfold::{EXCLUSIVE, tightened, unfold};

use crate::{
    document::{METHODS, members},
    json::step,
};
use heck::ToSnakeCase;
use serde_json::Value;

/// Paths are relative to it, in our document as in its servers.
const BASE: &str = "/v1beta";

/// An operation and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub id: String,
    /// In lower case.
    pub method: String,
    /// The path template, without the fragment that tells two operations apart.
    pub path: String,
    pub pointer: String,
}

impl Call {
    /// Method and path, whatever the parameters in it are called.
    pub fn key(&self) -> (String, String) {
        let pieces = self.path.trim_end_matches('/').split(['{', '}']);
        let pieces = pieces.enumerate();
        let path = pieces.map(|(index, piece)| if index % 2 == 1 { "{}" } else { piece });
        (self.method.clone(), path.collect())
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let method = self.method.to_uppercase();
        write!(f, "{}, {method} {}", self.id, self.path)
    }
}

/// The operations of a document, with their paths as ours has them.
pub fn calls(document: &Value) -> Vec<Call> {
    let address = address(&document["servers"][0]);
    let prefix = url_path(&address);
    let mut calls = Vec::new();
    for (template, item) in members(&document["paths"]) {
        let full = format!("{prefix}{template}");
        let path = full.strip_prefix(BASE).unwrap_or(template);
        let path = path.split('#').next().unwrap_or_default().to_string();
        for (method, value) in
            members(item).filter(|(m, v)| METHODS.contains(&m.as_str()) && v.is_object())
        {
            let id = value["operationId"].as_str().map_or_else(
                || format!("{method}_{path}").to_snake_case(),
                ToSnakeCase::to_snake_case,
            );
            calls.push(Call {
                id,
                method: method.clone(),
                path: path.clone(),
                pointer: format!("/paths/{}/{method}", step(template)),
            });
        }
    }
    calls
}

/// Whether a path is what a template stands for, or the same template in other words.
pub fn is_path_of(path: &str, template: &str) -> bool {
    let (template, path) = (template.split('/'), path.trim_end_matches('/').split('/'));
    let (template, path): (Vec<_>, Vec<_>) = (template.collect(), path.collect());
    let fits = |(pattern, segment): (&&str, &&str)| match pattern.split_once('{') {
        Some((before, rest)) => {
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            let inner = segment
                .strip_prefix(before)
                .and_then(|s| s.strip_suffix(after));
            // A custom verb is not part of a name.
            inner.is_some_and(|i| !i.is_empty() && !i.contains(':'))
        }
        None => pattern == segment,
    };
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

/// What stands beside the operations of a path, is more than a text and is not looked at.
pub fn strangers(document: &Value) -> Vec<String> {
    let paths = members(&document["paths"]).filter(|(path, _)| !path.starts_with("x-"));
    let found = paths.flat_map(|(path, item)| {
        let at = format!("/paths/{}", step(path));
        let whole = (!item.is_object()).then(|| at.clone());
        let is_known = |key: &str, value: &Value| match key {
            "parameters" => value.is_array(),
            "summary" | "description" => true,
            key => key.starts_with("x-") || METHODS.contains(&key) && value.is_object(),
        };
        let parts = members(item).filter(move |(key, value)| !is_known(key, value));
        whole
            .into_iter()
            .chain(parts.map(move |(key, _)| format!("{at}/{}", step(key))))
    });
    found.collect()
}

/// The address of a server, with what its variables are by default.
pub fn address(server: &Value) -> String {
    let url = server["url"].as_str().unwrap_or_default().to_string();
    members(&server["variables"]).fold(url, |url, (name, variable)| {
        let value = variable["default"].as_str().unwrap_or_default();
        url.replace(&format!("{{{name}}}"), value)
    })
}

/// The path of an address, without a slash at its end.
fn url_path(url: &str) -> &str {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.trim_end_matches('/')
}
