//! The tables of a page against the document.

use super::{Change, here_at as here};
use crate::{
    document::Document,
    finding::Place,
    read::Row,
    rules::{
        self,
        Change::{Added, Other, Removed},
        Fact, Way,
    },
};
use std::collections::BTreeMap;

/// The services against the tags.
pub fn services(ours: &Document, theirs: &[Row], source: &str, unlisted: &[String]) -> Vec<Change> {
    let tags = ours.value["tags"].as_array().into_iter().flatten();
    let tags: Vec<_> = tags.filter_map(|tag| tag["name"].as_str()).collect();
    let listed =
        |tag: &str| theirs.iter().any(|row| row.name == tag) || unlisted.iter().any(|u| u == tag);
    let mut changes = Vec::new();
    for row in theirs
        .iter()
        .filter(|row| !tags.contains(&row.name.as_str()))
    {
        let what = format!("the service `{}`", row.name);
        changes.extend(change(Fact::Service, Added, line(source, row), what));
    }
    for (index, tag) in tags.iter().enumerate().filter(|(_, tag)| !listed(tag)) {
        let place = here(&format!("/tags/{index}"));
        changes.extend(change(
            Fact::Service,
            Removed,
            place,
            format!("the service `{tag}`"),
        ));
    }
    changes
}

/// The errors against what the document's error schema says of its code.
pub fn errors(ours: &Document, theirs: &[Row], source: &str) -> Vec<Change> {
    const CODE: &str = "/components/schemas/Error/properties/code/description";
    let text = ours.value.pointer(CODE).and_then(|d| d.as_str());
    let known = text.map(codes).unwrap_or_default();
    let mut changes = Vec::new();
    for row in theirs {
        let code = row.code.unwrap_or_default();
        let found = match known.get(&code) {
            None => change(
                Fact::ErrorCode,
                Added,
                line(source, row),
                format!("{code}, {}", row.name),
            ),
            Some(name) if letters(name) != letters(&row.name) => {
                let what = format!("{code}, `{name}` here, `{}` there", row.name);
                change(Fact::ErrorName, Other, line(source, row), what)
            }
            Some(_) => None,
        };
        changes.extend(found);
    }
    for (code, name) in known
        .iter()
        .filter(|(code, _)| theirs.iter().all(|r| r.code != Some(**code)))
    {
        let what = format!("the error code {code}, {name}");
        changes.extend(change(Fact::ErrorCode, Removed, here(CODE), what));
    }
    changes
}

/// `…: 3 invalid argument, 5 not found.`
fn codes(description: &str) -> BTreeMap<i64, &str> {
    let list = description.split_once(':').map_or("", |(_, list)| list);
    let pairs = list.trim_end_matches('.').split(',');
    let pairs = pairs.filter_map(|pair| pair.trim().split_once(' '));
    pairs
        .filter_map(|(code, name)| Some((code.parse().ok()?, name)))
        .collect()
}

/// `PermissionDenied` and `permission denied` are one name.
fn letters(name: &str) -> String {
    name.to_lowercase().replace(' ', "")
}

fn line(source: &str, row: &Row) -> Place {
    Place::new(source, format!("L{}", row.line))
}

fn change(fact: Fact, change: rules::Change, place: Place, what: String) -> Option<Change> {
    let rule = rules::find(fact, Way::Both, change)?;
    Some(Change {
        finding: rule.at(place, what),
        rule,
        edits: Vec::new(),
    })
}
