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

/// `How sure they are: 14 documented by Segment, …;`
fn with_confidence(text: &str, document: &Document) -> String {
    const GRADES: [(&str, &str); 4] = [
        ("documented", "documented by Segment"),
        ("observed", "known from clients in use"),
        ("inferred", "partly inferred"),
        ("imported", "known from a published description alone"),
    ];
    let Some((before, rest)) = text.split_once("How sure they are: ") else {
        return text.into();
    };
    let numbers = GRADES.map(|(grade, words)| (count(document, "/x-confidence", grade), words));
    let numbers = numbers.into_iter().filter(|(number, _)| *number > 0);
    let grades: Vec<_> = numbers.map(|(n, words)| format!("{n} {words}")).collect();
    let after = rest.split_once(';').map_or("", |(_, after)| after);
    format!("{before}How sure they are: {};{after}", grades.join(", "))
}
