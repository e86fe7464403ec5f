//! What a workspace's tooling calls in the Config API, and what replaces it in the Public API.

use anyhow::{Context, Result};
use clap::Parser;
use segment_config_api::reqwest::Url;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::{cmp::Reverse, fs, process::ExitCode};

/// Lists the Config API's operations in a HAR file, the call of the Public API that replaces each,
/// and what changes.
///
/// The network tab of a browser and most proxies write HAR files. Nothing is sent. Values are not
/// printed: only names of operations and fields, and paths that are not known. The exit status is 1
/// if something has no replacement.
#[derive(Parser)]
struct Cli {
    /// A recording of what the tooling sends; a short one is made up without it.
    har: Option<String>,
    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// What is called, and what is known of it.
#[derive(Default, serde::Serialize)]
struct Used<'a> {
    calls: usize,
    fields: BTreeSet<String>,
    public_api: Option<&'a str>,
    note: Option<&'a str>,
}

const MADE_UP: &str = r#"{"log": {"entries": [
  {"request": {"method": "GET", "url": "https://platform.segmentapis.com/v1beta/workspaces/acme/sources"}},
  {"request": {"method": "PATCH", "url": "https://platform.segmentapis.com/v1beta/workspaces/acme/sources/js/destinations/slack",
    "postData": {"text": "{\"destination\": {\"enabled\": false}, \"update_mask\": {\"paths\": [\"destination.enabled\"]}}"}}},
  {"request": {"method": "POST", "url": "https://platform.segmentapis.com/v1beta/workspaces/acme/regulations",
    "postData": {"text": "{\"regulation_type\": \"Delete\", \"attributes\": {\"name\": \"userId\", \"values\": [\"ann\"]}}"}}}
]}}"#;

fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    let document: Value = serde_json::from_str(include_str!("../spec/config-api.json"))?;
    let har = cli.har.as_ref().map(fs::read_to_string).transpose()?;
    if har.is_none() {
        eprintln!("No file was given: this recording is made up.");
    }
    let har = har.as_deref().unwrap_or(MADE_UP);
    let har: Value = serde_json::from_str(har.trim_start_matches('\u{feff}'))?;
    let entries = har["log"]["entries"].as_array();
    let entries = entries.context("this is no HAR: it has no log.entries")?;
    let mut all = BTreeMap::<_, Used>::new();
    for (method, path, body) in entries.iter().filter_map(request) {
        let operation = find(&document, &method, &path, &body).unwrap_or(&Value::Null);
        let fact = |key: &str| operation[key].as_str();
        let name = fact("operationId").map_or_else(|| format!("{method} {path}"), String::from);
        let used: &mut Used = all.entry(name).or_default();
        used.calls += 1;
        (used.public_api, used.note) = (fact("x-public-api"), fact("x-public-api-note"));
        let fields = &mut used.fields;
        for (key, value) in body.as_object().into_iter().flatten() {
            match value.as_object() {
                Some(inner) => fields.extend(inner.keys().map(|name| format!("{key}.{name}"))),
                None => fields.extend([key.clone()]),
            }
        }
    }
    if cli.json {
        println!("{:#}", json!(all));
    }
    for (name, used) in all.iter().filter(|_| !cli.json) {
        let public = used.public_api.unwrap_or("no replacement");
        println!("{:>5} × {name:<40} {public}", used.calls);
        let fields = Vec::from_iter(used.fields.clone()).join(", ");
        if !fields.is_empty() {
            println!("        sends {fields}");
        }
        used.note.iter().for_each(|note| println!("        {note}"));
    }
    let lost = all.values().filter(|used| used.public_api.is_none());
    let (lost, all) = (lost.count(), all.len());
    eprintln!("{lost} of {all} have no replacement. For the others host and token change too,");
    eprintln!("ids replace names and slugs, fields are in camelCase, and pages have cursors.");
    Ok(ExitCode::from(u8::from(lost > 0)))
}

/// Method, path and body, if it is to the Config API.
fn request(entry: &Value) -> Option<(String, String, Value)> {
    let request = &entry["request"];
    let (method, url) = (request["method"].as_str()?, request["url"].as_str()?);
    let url = Url::parse(url).ok()?;
    let counts = url.host_str()?.ends_with(".segmentapis.com");
    let path = url.path().strip_prefix("/v1beta")?.trim_end_matches('/');
    let body = request["postData"]["text"].as_str().unwrap_or_default();
    let body = serde_json::from_str(body).unwrap_or_default();
    (counts && method != "OPTIONS").then(|| (method.to_string(), path.to_string(), body))
}

/// The operation of a request.
fn find<'a>(document: &'a Value, method: &str, path: &str, body: &Value) -> Option<&'a Value> {
    let mut parts: Vec<_> = path.split('/').collect();
    // The service puts `config/{id}` into the names of filters.
    if parts.get(7) == Some(&"config") {
        parts.drain(7..parts.len().min(9));
    }
    let (method, has_collection) = (method.to_lowercase(), body.get("collection").is_some());
    let fits = |(template, methods): &(&String, &Value)| {
        // The body tells the two operations of one path apart.
        let (template, variant) = template.split_once('#').unwrap_or((template, ""));
        let words: Vec<_> = template.split('/').collect();
        let fits = |(word, part): (&&str, &&str)| word.starts_with('{') || word == part;
        let same = words.len() == parts.len() && words.iter().zip(&parts).all(fits);
        same && methods.get(&method).is_some() && (variant.is_empty() || has_collection)
    };
    let fitting = document["paths"].as_object()?.iter().filter(fits);
    // A word fits better than a parameter.
    let best = fitting.max_by_key(|(path, _)| (Reverse(path.matches('{').count()), path.len()));
    best?.1.get(method)
}
