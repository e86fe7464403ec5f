//! The tables of a page against the document.

use super::{Comparison, here_at};
use crate::{
    document::Document,
    finding::Place,
    read::{Row, Source},
    rules::{
        Change::{Added, Other, Removed},
        Fact,
    },
};
use std::collections::BTreeMap;

/// The services against the tags.
pub fn services(found: &mut Comparison, ours: &Document, theirs: &Source, unlisted: &[String]) {
    let Some(rows) = &theirs.services else { return };
    let tags = ours.value["tags"].as_array().into_iter().flatten();
    let tags: Vec<_> = tags.filter_map(|tag| tag["name"].as_str()).collect();
    let mut say = |change, places, name: &str| {
        let what = format!("the service `{name}`");
        found.say(Fact::Service, change, places, what, None);
    };
    for row in rows.iter().filter(|row| !tags.contains(&&*row.name)) {
        say(Added, line(theirs, row), &row.name);
    }
    for (index, tag) in tags.iter().enumerate() {
        if !rows.iter().any(|row| row.name == *tag) && !unlisted.iter().any(|u| u == tag) {
            let places = [here_at(format!("/tags/{index}")), Place::default()];
            say(Removed, places, tag);
        }
    }
}

/// The errors against what the document's error schema says of its code.
pub fn errors(found: &mut Comparison, ours: &Document, theirs: &Source) {
    const CODE: &str = "/components/schemas/Error/properties/code/description";
    let Some(rows) = &theirs.errors else { return };
    let text = ours.value.pointer(CODE).and_then(|d| d.as_str());
    let mut known = text.map(codes).unwrap_or_default();
    let mut say = |fact, change, places, what| found.say(fact, change, places, what, None);
    for row in rows {
        let (name, code) = (&row.name, row.code.unwrap_or_default());
        let places = line(theirs, row);
        match known.get(&code) {
            None => say(Fact::ErrorCode, Added, places, format!("{code}, {name}")),
            Some(own) if letters(own) != letters(name) => {
                let what = format!("{code}, `{own}` here, `{name}` there");
                say(Fact::ErrorName, Other, places, what);
            }
            Some(_) => {}
        }
    }
    known.retain(|code, _| rows.iter().all(|row| row.code != Some(*code)));
    for (code, name) in known {
        let what = format!("the error code {code}, {name}");
        let places = [here_at(CODE), Place::default()];
        say(Fact::ErrorCode, Removed, places, what);
    }
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

fn line(source: &Source, row: &Row) -> [Place; 2] {
    let line = format!("L{}", row.line);
    [Place::new(&source.name, line), Place::default()]
}
