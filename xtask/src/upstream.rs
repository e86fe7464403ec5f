//! `spec/upstream.toml`: the document's pin, and the sources that it is compared with.

use crate::{
    document::Document,
    json,
    project::{DOCUMENT, Project, UPSTREAM},
};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{Array, DocumentMut, Item, Table, Value};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    pub document: Pin,
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
}

/// What the document was when somebody last reviewed it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    pub sha256: String,
    pub operations: usize,
    pub schemas: usize,
}

/// A published text that says something about the API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub id: String,
    pub kind: Kind,
    pub url: String,
    /// What the source is believed about; empty if about nothing.
    pub authority: Vec<String>,
    /// The services that it is known not to list.
    #[serde(default)]
    pub unlisted: Vec<String>,
    /// The operations that it speaks of, if it is known to speak of a part of them.
    #[serde(default)]
    pub operations: Vec<String>,
    /// For each authority what a page has to go on saying.
    #[serde(default)]
    pub says: BTreeMap<String, Vec<String>>,
    pub pinned: bool,
    /// Why there is no pin.
    pub note: Option<String>,
    /// Of the normalised content.
    pub sha256: Option<String>,
    /// In bytes, of the normalised content.
    pub size: Option<u64>,
    /// The day on which it was read, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The findings that were reviewed with the pin: they are notes from then on.
    #[serde(default)]
    pub accepted: Vec<String>,
}

impl Source {
    /// What the source is believed about, and no reader looks at.
    pub fn unread(&self) -> impl Iterator<Item = &String> {
        let tables: &[&str] = match self.kind {
            Kind::Markdown => &["services", "errors"],
            Kind::Openapi => &["operations"],
        };
        // A phrase without a word is in every page.
        let is_said = |phrase: &String| phrase.contains(char::is_alphanumeric);
        let said = move |authority: &String| {
            let phrases = self.says.get(authority).filter(|s| !s.is_empty());
            self.kind == Kind::Markdown && phrases.is_some_and(|s| s.iter().all(is_said))
        };
        let read = move |a: &&String| tables.contains(&a.as_str()) || said(a);
        self.authority.iter().filter(move |a| !read(a))
    }
}

/// Which reader understands a source.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Markdown,
    Openapi,
}

impl Pin {
    pub fn of(text: &str, document: &Document) -> Self {
        Self {
            sha256: sha256(text),
            operations: document.operations().len(),
            schemas: document.schemas().count(),
        }
    }
}

pub fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn parse(text: &str) -> Result<Upstream> {
    let upstream: Upstream = toml_edit::de::from_str(text).with_context(|| UPSTREAM.to_string())?;
    let mut ids = BTreeSet::new();
    for Source { id, date, .. } in &upstream.sources {
        ensure!(ids.insert(id), "{UPSTREAM}: two sources are called `{id}`");
        let is_day = |date: &String| date.parse::<jiff::civil::Date>().is_ok();
        let is_dated = date.as_ref().is_none_or(is_day);
        ensure!(is_dated, "{UPSTREAM}: the `date` of {id} is no day");
    }
    Ok(upstream)
}

/// The text of the file with the document's present pin, all else as it was.
pub fn pinned(project: &Project) -> Result<String> {
    let text = project.read(DOCUMENT)?;
    let document = Document::new(json::parse(DOCUMENT, &text)?);
    with_document(&project.read(UPSTREAM)?, &Pin::of(&text, &document))
}

pub fn with_document(upstream: &str, pin: &Pin) -> Result<String> {
    let mut upstream: DocumentMut = upstream.parse().with_context(|| UPSTREAM.to_string())?;
    let table = upstream.get_mut("document").and_then(Item::as_table_mut);
    let table = table.with_context(|| format!("{UPSTREAM}: no table `document`"))?;
    set(table, "sha256", pin.sha256.clone().into());
    set(table, "operations", count(pin.operations));
    set(table, "schemas", count(pin.schemas));
    Ok(upstream.to_string())
}

/// The text of the file with a source's pin: what it says now, today, and what of it is
/// accepted.
pub fn with_source(
    upstream: &str,
    id: &str,
    normalised: &str,
    accepted: impl IntoIterator<Item = String>,
) -> Result<String> {
    let mut upstream: DocumentMut = upstream.parse().with_context(|| UPSTREAM.to_string())?;
    let sources = upstream["source"].as_array_of_tables_mut();
    let found = sources.and_then(|sources| {
        let mut sources = sources.iter_mut();
        sources.find(|s| s.get("id").and_then(Item::as_str) == Some(id))
    });
    let table = found.with_context(|| format!("{UPSTREAM}: no source `{id}`"))?;
    set(table, "pinned", true.into());
    set(table, "sha256", sha256(normalised).into());
    set(table, "size", count(normalised.len()));
    let now = jiff::Timestamp::now().to_string();
    let (today, _) = now.split_once('T').unwrap_or_default();
    set(table, "date", today.into());
    table.remove("note");
    let mut accepted: Vec<_> = accepted.into_iter().collect();
    accepted.sort();
    accepted.dedup();
    table.remove("accepted");
    if !accepted.is_empty() {
        let mut list = Array::from_iter(accepted);
        list.iter_mut()
            .for_each(|value| value.decor_mut().set_prefix("\n    "));
        list.set_trailing("\n");
        table["accepted"] = toml_edit::value(list);
    }
    Ok(upstream.to_string())
}

fn count(number: usize) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// A comment behind the old value stays behind the new one.
fn set(table: &mut Table, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    table[key] = value.into();
}
