//! The table of services in README.md, which is made from the document.

use crate::document::Document;
use anyhow::{Context, Result};

const HEAD: &str = "| service | operations |\n";

/// The text with the table and the sentence below it as they should be.
pub fn current(text: &str, document: &Document) -> Result<String> {
    let missing = "README.md has no table that begins with `| service | operations |`";
    let (before, rest) = text.split_once(HEAD).context(missing)?;
    let rule = rest.lines().next().unwrap_or("|---|---:|");
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    // In the order of the document's tags.
    let tags = document.value["tags"].as_array().into_iter().flatten();
    let tags = tags.filter_map(|tag| tag["name"].as_str());
    let rows = tags.map(|tag| (tag, count(document, "/tags/0", tag)));
    let rows = rows.filter(|(_, number)| *number > 0);
    let rows: String = rows.map(|(tag, n)| format!("| {tag} | {n} |\n")).collect();
    let text = format!("{before}{HEAD}{rule}\n{rows}\n{after}");
    Ok(with_confidence(&text, document))
}

/// The operations that have a value at a place.
fn count(document: &Document, place: &str, value: &str) -> usize {
    let operations = document.operations().into_iter();
    let values = operations.filter_map(|o| o.value.pointer(place)?.as_str());
    values.filter(|v| *v == value).count()
}

/// `Of these, 14 are documented by Segment, 26 are known …`: the numbers before the words.
fn with_confidence(text: &str, document: &Document) -> String {
    let Some((before, rest)) = text.split_once("Of these, ") else {
        return text.into();
    };
    let grades = ["documented", "observed", "inferred"].into_iter();
    let mut numbers = grades.map(|grade| count(document, "/x-confidence", grade));
    let (sentence, after) = rest.split_once('.').unwrap_or((rest, ""));
    let words = sentence.split(' ').map(|word| match word.parse::<usize>() {
        Ok(_) => numbers.next().map_or(word.into(), |n| n.to_string()),
        Err(_) => word.into(),
    });
    let sentence = words.collect::<Vec<_>>().join(" ");
    format!("{before}Of these, {sentence}.{after}")
}
