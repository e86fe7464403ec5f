//! The document is the one that was last reviewed, and its sources are declared.

use super::{Outcome, outcome, reason};
use crate::{
    document::Document,
    finding::Finding,
    project::{Project, UPSTREAM},
    upstream::{self, Pin, Source},
};

pub fn check(project: &Project, text: &str, document: &Document) -> Outcome {
    let upstream = project
        .read(UPSTREAM)
        .and_then(|text| upstream::parse(&text))
        .map_err(|e| {
            vec![Finding::error(
                "upstream/unreadable",
                UPSTREAM,
                "",
                reason(&e),
            )]
        })?;
    let pin = Pin::of(text, document);
    let mut findings = stale(&upstream.document, &pin);
    for (index, source) in upstream.sources.iter().enumerate() {
        findings.extend(undeclared(index, source));
        findings.extend(unread(index, source));
    }
    outcome(findings, || {
        let Pin {
            sha256,
            operations,
            schemas,
        } = pin;
        let sources = upstream.sources.len();
        format!(
            "as pinned in {UPSTREAM}: {operations} operations, {schemas} schemas, sha256 {sha256}; {sources} sources declared"
        )
    })
}

fn stale(pinned: &Pin, present: &Pin) -> Vec<Finding> {
    let number = |n: usize| n.to_string();
    let facts = [
        ("sha256", pinned.sha256.clone(), present.sha256.clone()),
        (
            "operations",
            number(pinned.operations),
            number(present.operations),
        ),
        ("schemas", number(pinned.schemas), number(present.schemas)),
    ];
    let different = facts
        .into_iter()
        .filter(|(_, pinned, present)| pinned != present);
    let finding = |(key, pinned, present): (&str, String, String)| {
        let message = format!(
            "`{key}` is `{pinned}`, but the document's is `{present}`: review its change, then run `cargo xtask pin`"
        );
        Finding::error("pin/stale", UPSTREAM, format!("/document/{key}"), message)
    };
    different.map(finding).collect()
}

/// A source has a whole pin, or says why it has none.
fn undeclared(index: usize, source: &Source) -> Option<Finding> {
    let Source {
        id,
        url,
        pinned,
        note,
        sha256,
        size,
        date,
        ..
    } = source;
    let pin = [sha256.is_some(), size.is_some(), date.is_some()];
    let message = match pinned {
        true if pin.contains(&false) => "is `pinned`, which takes `sha256`, `size` and `date`",
        false if pin.contains(&true) => "has a pin, but is not `pinned`",
        _ if !url.starts_with("https://") => "has a `url` that is not https",
        false if note.is_none() => "is not `pinned` and has no `note` that says why",
        _ => return None,
    };
    let pointer = format!("/source/{index}");
    Some(Finding::error(
        "upstream/source",
        UPSTREAM,
        pointer,
        format!("{id} {message}"),
    ))
}

/// What a source is believed about and no reader looks at would never be found to change.
fn unread(index: usize, source: &Source) -> Option<Finding> {
    let unread: Vec<_> = source.unread().map(String::as_str).collect();
    let message = format!(
        "{} is an authority for {}, and nothing reads that: `says` takes the phrases that have to stay",
        source.id,
        unread.join(", ")
    );
    let pointer = format!("/source/{index}/authority");
    (!unread.is_empty()).then(|| Finding::error("upstream/unread", UPSTREAM, pointer, message))
}
