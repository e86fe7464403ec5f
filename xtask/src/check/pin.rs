//! The document is the one that was last reviewed, and its sources are declared.

use super::{Outcome, outcome, reason};
use crate::{
    document::Document,
    finding::Finding,
    project::{Project, UPSTREAM},
    upstream::{self, Pin, Source},
};

pub fn check(project: &Project, text: &str, document: &Document) -> Outcome {
    let upstream = project.read(UPSTREAM);
    let upstream = upstream
        .and_then(|text| upstream::parse(&text))
        .map_err(|e| vec![wrong("upstream/unreadable", "", reason(&e))])?;
    let pin = Pin::of(text, document);
    let mut findings = stale(&upstream.document, &pin);
    for (index, source) in upstream.sources.iter().enumerate() {
        let at = format!("/source/{index}");
        findings.extend(undeclared(source).map(|what| wrong("upstream/source", &at, what)));
        let at = format!("{at}/authority");
        findings.extend(unread(source).map(|what| wrong("upstream/unread", &at, what)));
    }
    let (
        sources,
        Pin {
            sha256,
            operations,
            schemas,
        },
    ) = (upstream.sources.len(), pin);
    outcome(findings, || {
        format!(
            "as pinned in {UPSTREAM}: {operations} operations, {schemas} schemas, sha256 {sha256}; {sources} sources declared"
        )
    })
}

fn wrong(id: &'static str, pointer: &str, what: String) -> Finding {
    Finding::error(id, UPSTREAM, pointer, what)
}

fn stale(pinned: &Pin, present: &Pin) -> Vec<Finding> {
    let facts = |pin: &Pin| {
        let Pin {
            sha256,
            operations,
            schemas,
        } = pin;
        [sha256.clone(), operations.to_string(), schemas.to_string()]
    };
    let facts = facts(pinned).into_iter().zip(facts(present));
    let named = ["sha256", "operations", "schemas"].into_iter().zip(facts);
    let different = named.filter(|(_, (pinned, present))| pinned != present);
    let finding = |(key, (pinned, present))| {
        let what = format!(
            "`{key}` is `{pinned}`, but the document's is `{present}`: review its change, then run `cargo xtask pin`"
        );
        wrong("pin/stale", &format!("/document/{key}"), what)
    };
    different.map(finding).collect()
}

/// A source has a whole pin, or says why it has none.
fn undeclared(source: &Source) -> Option<String> {
    let pin = [
        source.sha256.is_some(),
        source.size.is_some(),
        source.date.is_some(),
    ];
    let what = match source.pinned {
        true if pin.contains(&false) => "is `pinned`, which takes `sha256`, `size` and `date`",
        false if pin.contains(&true) => "has a pin, but is not `pinned`",
        _ if !source.url.starts_with("https://") => "has a `url` that is not https",
        false if source.note.is_none() => "is not `pinned` and has no `note` that says why",
        _ => return None,
    };
    Some(format!("{} {what}", source.id))
}

/// What a source is believed about and no reader looks at would never be found to change.
fn unread(source: &Source) -> Option<String> {
    let unread: Vec<_> = source.unread().map(String::as_str).collect();
    let what = format!(
        "{} is an authority for {}, and nothing reads that: `says` takes the phrases that have to stay",
        source.id,
        unread.join(", ")
    );
    (!unread.is_empty()).then_some(what)
}
