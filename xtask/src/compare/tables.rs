//! The tables of a page against the document.

use super::{Change, here};
use crate::{
    document::Document,
    finding::Place,
    read::Row,
    rules::{self, Rule},
};
use std::collections::BTreeMap;

/// The services against the tags.
pub fn services(ours: &Document, theirs: &[Row], source: &str, unlisted: &[String]) -> Vec<Change> {
    let tags = ours.value["tags"].as_array().into_iter().flatten();
    let tags: Vec<_> = tags.filter_map(|tag| tag["name"].as_str()).collect();
    let added = theirs
        .iter()
        .filter(|row| !tags.contains(&row.name.as_str()));
    let added = added.map(|row| at(&rules::SERVICE_ADDED, source, row, &row.name));
    let listed =
        |tag: &str| theirs.iter().any(|row| row.name == tag) || unlisted.iter().any(|u| u == tag);
    let removed = tags.iter().enumerate().filter(|(_, tag)| !listed(tag));
    let removed = removed.map(|(index, tag)| {
        change(rules::SERVICE_REMOVED.at(
            here(&format!("/tags/{index}")),
            format!("the service `{tag}`"),
        ))
    });
    added.chain(removed).collect()
}

/// The errors against what the document's error schema says of its code.
pub fn errors(ours: &Document, theirs: &[Row], source: &str) -> Vec<Change> {
    const CODE: &str = "/components/schemas/Error/properties/code/description";
    let text = ours.value.pointer(CODE).and_then(|d| d.as_str());
    let known = text.map(codes).unwrap_or_default();
    let mut changes = Vec::new();
    for row in theirs {
        let code = row.code.unwrap_or_default();
        match known.get(&code) {
            None => changes.push(at(
                &rules::ERROR_CODE_ADDED,
                source,
                row,
                &format!("{code}, {}", row.name),
            )),
            Some(name) if letters(name) != letters(&row.name) => {
                let what = format!("{code}, `{name}` here, `{}` there", row.name);
                changes.push(at(&rules::ERROR_CODE_RENAMED, source, row, &what));
            }
            Some(_) => {}
        }
    }
    let gone = known
        .iter()
        .filter(|(code, _)| theirs.iter().all(|row| row.code != Some(**code)));
    changes.extend(gone.map(|(code, name)| {
        change(rules::ERROR_CODE_REMOVED.at(here(CODE), format!("the error code {code}, {name}")))
    }));
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

fn at(rule: &Rule, source: &str, row: &Row, what: &str) -> Change {
    change(rule.at(
        Place::new(source, format!("L{}", row.line)),
        format!("`{what}`"),
    ))
}

fn change(finding: crate::finding::Finding) -> Change {
    Change {
        finding,
        edits: Vec::new(),
    }
}
