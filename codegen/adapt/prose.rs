//! Descriptions become rustdoc.

use super::{
    Adapter,
    json::{Object, object, operations, text_of},
};
use serde_json::Value;

impl Adapter {
    /// Descriptions become rustdoc, which reads more into a text than OpenAPI does.
    pub(super) fn documentation(&mut self) {
        for (_, operation) in operations(&mut self.document) {
            let description = operation_description(operation);
            operation.insert("description".into(), description.into());
        }
        rustdoc_texts(&mut self.document);
        for e in &mut self.facts.enums {
            e.description = rustdoc(&e.description);
        }
        for n in &mut self.facts.names {
            n.description = rustdoc(&n.description);
        }
    }
}

/// The rustdoc says what a reader of the document would see: how sure the
/// shape is, and what replaces the call.
fn operation_description(operation: &Object) -> String {
    let mut paragraphs = vec![text_of(operation, "description")];
    let (paging, inferred): (Vec<_>, Vec<_>) =
        object(operation.get("x-confidence-of").unwrap_or(&Value::Null))
            .filter(|(_, confidence)| *confidence == "inferred")
            .map(|(part, _)| part.as_str())
            .partition(|part| *part == "paging");
    if !inferred.is_empty() {
        paragraphs.push(format!(
            "**Inferred**: no public source shows the {} of this call.",
            inferred.join(" and the ")
        ));
    }
    if !paging.is_empty() {
        paragraphs.push(
            "**Paging is inferred**: it is the rule for every list of this API, \
             but no public source shows a second page of this one."
                .into(),
        );
    }
    if let Some(confidence) = operation
        .get("x-confidence")
        .and_then(Value::as_str)
        .filter(|_| inferred.is_empty() && paging.is_empty())
    {
        paragraphs.push(format!("Confidence: {confidence}."));
    }
    let unpaged = text_of(operation, "x-unpaged");
    if !unpaged.is_empty() {
        paragraphs.push(format!("There is no stream: {unpaged}"));
    }
    let note = text_of(operation, "x-public-api-note");
    paragraphs.push(
        match operation.get("x-public-api").and_then(Value::as_str) {
            Some(call) => format!("In the Public API: `{call}`. {note}"),
            None => note,
        },
    );
    paragraphs.retain(|p| !p.trim().is_empty());
    paragraphs
        .iter()
        .map(|p| p.trim())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn rustdoc_texts(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" || key == "summary" => {
                        *text = rustdoc(text)
                    }
                    _ => rustdoc_texts(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(rustdoc_texts),
        _ => {}
    }
}

/// Indented lines and fences, also in quotations and lists, would become doctests; `<x>`, `[x]` and bare
/// addresses trip rustdoc's lints.
pub fn rustdoc(text: &str) -> String {
    let word = |word: &str| {
        let address = word.trim_start_matches(['(', '"']);
        if address.starts_with("https://") || address.starts_with("http://") {
            let (before, rest) = word.split_at(word.len() - address.len());
            let end = rest.trim_end_matches(['.', ',', ')', ';', '"']).len();
            return format!("{before}<{}>{}", &rest[..end], &rest[end..]);
        }
        word.to_string()
    };
    let line = |line: &str| {
        // Odd pieces between backticks are code, which rustdoc leaves alone.
        let pieces = line.trim().split('`').enumerate().map(|(i, piece)| {
            if i % 2 == 1 {
                return piece.to_string();
            }
            let escaped = piece.replace('<', "\\<").replace('[', "\\[");
            escaped.split(' ').map(word).collect::<Vec<_>>().join(" ")
        });
        pieces.collect::<Vec<_>>().join("`")
    };
    let lines = text
        .lines()
        .filter(|line| !["```", "~~~"].iter().any(|fence| line.contains(fence)));
    lines.map(line).collect::<Vec<_>>().join("\n")
}
