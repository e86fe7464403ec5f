//! The table of services in README.md, which is made from the document.

use crate::document::Document;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

const HEAD: &str = "| service | operations |\n";

/// The text with the table and the sentence below it as they should be.
pub fn current(text: &str, document: &Document) -> Result<String> {
    let missing = "README.md has no table that begins with `| service | operations |`";
    let (before, rest) = text.split_once(HEAD).context(missing)?;
    let rule = rest.lines().next().unwrap_or("|---|---:|");
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    let rows: String = rows(document)
        .iter()
        .map(|(s, n)| format!("| {s} | {n} |\n"))
        .collect();
    let text = format!("{before}{HEAD}{rule}\n{rows}\n{after}");
    Ok(with_confidence(&text, document))
}

/// In the order of the document's tags.
fn rows(document: &Document) -> Vec<(String, usize)> {
    let tags = document.value["tags"].as_array().into_iter().flatten();
    let tags = tags.filter_map(|tag| tag["name"].as_str());
    let operations = document.operations();
    let count = |tag: &str| {
        operations
            .iter()
            .filter(|o| o.value["tags"][0] == tag)
            .count()
    };
    let rows = tags.map(|tag| (tag.to_string(), count(tag)));
    rows.filter(|(_, n)| *n > 0).collect()
}

/// `Of these, 14 are documented by Segment, 26 are known …`: the numbers before the words.
fn with_confidence(text: &str, document: &Document) -> String {
    let Some((before, rest)) = text.split_once("Of these, ") else {
        return text.into();
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let operations = document.operations();
    for operation in &operations {
        let confidence = operation.value["x-confidence"].as_str().unwrap_or_default();
        *counts.entry(confidence).or_default() += 1;
    }
    let count = |confidence| counts.get(confidence).copied().unwrap_or_default();
    let mut numbers = [count("documented"), count("observed"), count("inferred")].into_iter();
    let (sentence, after) = rest.split_once('.').unwrap_or((rest, ""));
    let words = sentence.split(' ').map(|word| match word.parse::<usize>() {
        Ok(_) => numbers.next().map_or(word.into(), |n| n.to_string()),
        Err(_) => word.into(),
    });
    let sentence = words.collect::<Vec<_>>().join(" ");
    format!("{before}Of these, {sentence}.{after}")
}
