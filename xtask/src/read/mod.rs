//! Readers: whatever form a source has, a document of operations comes out, calls with their
//! answers, or the facts of a page. What cannot be read is a finding, and the rest goes on.

pub mod fetch;
pub mod har;
pub mod page;
mod postman;

use crate::{
    answers::Exchange,
    finding::{Finding, Place},
    json,
    rules::seen,
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// What a source says of the API.
#[derive(Default)]
pub struct Source {
    pub name: String,
    /// What the source is: `OpenAPI 3.1.0 document`.
    pub kind: String,
    /// The calls, as an OpenAPI document.
    pub document: Option<Value>,
    /// Known from examples, which show what there is and not what there is not.
    pub by_example: bool,
    pub exchanges: Vec<Exchange>,
    pub services: Option<Vec<Row>>,
    pub errors: Option<Vec<Row>>,
    /// What it holds, in numbers.
    pub counts: String,
    /// What was not understood.
    pub findings: Vec<Finding>,
}

/// A row of a table: a service, or an error with its code.
pub struct Row {
    pub name: String,
    pub code: Option<i64>,
    pub line: usize,
}

/// Reads a document of operations: OpenAPI 3 or a Postman collection.
pub fn operations(name: &str, text: &str) -> Result<Source> {
    let value = structured(name, text)?;
    if let Some(version) = value.get("swagger") {
        bail!("{name} is Swagger {version}, not OpenAPI 3: convert it first");
    }
    let schema = value["info"]["schema"].as_str().unwrap_or_default();
    match value["openapi"].as_str() {
        Some(version) if version.starts_with("3.0") || version.starts_with("3.1") => {
            Ok(openapi(name, version.to_string(), value))
        }
        Some(version) => bail!("{name} is OpenAPI {version}; 3.0 and 3.1 can be read"),
        None if schema.contains("collection/v2") => Ok(postman::read(name, &value)),
        None if value["item"].is_array() => {
            bail!("{name} is a Postman collection of another version than 2: export it as 2.1")
        }
        None if value["log"].is_object() => bail!("{name} is a HAR: use --har"),
        None => bail!("{name} is neither an OpenAPI document nor a Postman collection"),
    }
}

fn openapi(name: &str, version: String, value: Value) -> Source {
    let mut findings = Vec::new();
    for key in ["webhooks", "jsonSchemaDialect"] {
        if value.get(key).is_some() {
            findings.push(not_understood(name, format!("/{key}"), &format!("`{key}`")));
        }
    }
    let schemas = value["components"]["schemas"]
        .as_object()
        .map_or(0, |s| s.len());
    Source {
        name: name.into(),
        kind: format!("OpenAPI {version} document"),
        counts: format!(
            "{} operations, {schemas} schemas",
            crate::model::calls(&value).len()
        ),
        document: Some(value),
        findings,
        ..Source::default()
    }
}

/// JSON or YAML.
pub fn structured(name: &str, text: &str) -> Result<Value> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    ensure!(!start.is_empty(), "{name} is empty");
    not_html(name, text)?;
    let value = match start.starts_with(['{', '[']) {
        true => json::parse(name, start)?,
        false => json::parse_yaml(name, start)?,
    };
    if !value.is_object() {
        bail!("{name} is not a document");
    }
    Ok(value)
}

/// A page for people in place of a document: a login, or an error of a proxy.
fn not_html(name: &str, text: &str) -> Result<()> {
    let start = text.trim_start().get(..14).unwrap_or_default();
    let html = ["<!doctype html", "<html"];
    let html = html.iter().any(|h| start.to_lowercase().starts_with(h));
    ensure!(!html, "{name} is HTML: a page for people, not the document");
    Ok(())
}

/// The text as it is pinned: whatever its indentation and line ends, or a page's trailing
/// blanks.
pub fn normalised(name: &str, text: &str) -> Result<String> {
    if page::read(name, text).is_ok() {
        let lines = text.lines().map(str::trim_end);
        return Ok(format!("{}\n", lines.collect::<Vec<_>>().join("\n").trim()));
    }
    let value = structured(name, text).with_context(|| format!("{name} cannot be pinned"))?;
    Ok(json::canonical(&value))
}

/// Something that a reader cannot turn into facts.
fn not_understood(name: &str, pointer: impl Into<String>, what: &str) -> Finding {
    seen::NOT_UNDERSTOOD.at(Place::new(name, pointer), what)
}
