//! What came of looking at a source.

use crate::{
    answers::Answers,
    compare::{self, Comparison, Scope},
    document::Document,
    finding::{Finding, Place, Severity},
    project::UPSTREAM,
    read::{self, Source as Read, fetch::Fetch},
    report::{Compared, Report},
    rules::seen,
    upstream::{self, Kind, Source},
};
use anyhow::Result;

const ACCEPTED: &str = " (accepted when the source was pinned)";

#[derive(Default)]
pub struct Looked {
    pub compared: Compared,
    pub comparison: Comparison,
    pub read: Read,
    /// What would be pinned.
    pub normalised: String,
}

impl Looked {
    pub fn nothing(source: &str, finding: Finding) -> Self {
        let mut looked = Self::default();
        looked.compared.source = source.into();
        looked.comparison.findings.push(finding);
        looked
    }

    /// A document of operations against ours.
    pub fn at(fetch: &Fetch, ours: &Document, from: &str, scope: Scope) -> Self {
        Self::of(fetch, ours, from, scope, |text| {
            read::operations(from, text)
        })
    }

    pub fn of(
        fetch: &Fetch,
        ours: &Document,
        from: &str,
        scope: Scope,
        read: impl FnOnce(&str) -> Result<Read>,
    ) -> Self {
        let text = match fetch.text(from) {
            Ok(text) => text,
            Err(finding) => return Self::nothing(from, finding),
        };
        let read = read(&text).and_then(|read| Ok((read, read::normalised(from, &text)?)));
        let (mut read, normalised) = match read {
            Ok(read) => read,
            Err(error) => {
                // The context names the source, which the finding does already.
                let what = error.root_cause().to_string();
                let finding = seen::UNREADABLE_SOURCE.at(Place::new(from, ""), what);
                return Self::nothing(from, finding);
            }
        };
        let mut comparison = compare::compare(ours, &read, scope);
        comparison.findings.append(&mut read.findings);
        if !read.exchanges.is_empty() {
            let answers = Answers::new(ours);
            let found = read.exchanges.iter().flat_map(|e| answers.compare(e));
            comparison.findings.extend(found);
        }
        Self {
            compared: Compared {
                source: from.into(),
                kind: read.kind.clone(),
                sha256: upstream::sha256(&normalised),
                counts: read.counts.clone(),
            },
            comparison,
            read,
            normalised,
        }
    }

    /// A declared source, believed as far as it is an authority, and since its pin.
    pub fn at_source(fetch: &Fetch, ours: &Document, source: &Source) -> Self {
        let scope = Scope {
            unlisted: &source.unlisted,
            partial: false,
            operations: &source.operations,
        };
        let read = |text: &str| match source.kind {
            Kind::Openapi => read::operations(&source.url, text),
            Kind::Markdown => read::page::of(source, text),
        };
        let mut looked = Self::of(fetch, ours, &source.url, scope, read);
        if looked.normalised.is_empty() {
            return looked;
        }
        let place = || Place::new(&source.url, "");
        let found = looked.found().count();
        if source.authority.is_empty() && found > 0 {
            let what = format!("{found} differences");
            looked.comparison.changes.clear();
            looked.comparison.findings = vec![seen::DISBELIEVED.at(place(), what)];
        }
        let known = ours.operations();
        for id in &source.operations {
            if !known.iter().any(|operation| operation.id == id) {
                let what = format!("`{id}`, which is no operation of the document");
                let finding = seen::NOT_UNDERSTOOD.at(Place::new(UPSTREAM, ""), what);
                looked.comparison.findings.push(finding);
            }
        }
        for finding in looked.found() {
            // What was accepted is told by what it says, wherever it has moved.
            if source.accepted.contains(&finding.accepted_as()) {
                finding.message += ACCEPTED;
                finding.severity = Severity::Note;
            }
        }
        let is_same = source.sha256.as_ref() == Some(&looked.compared.sha256);
        if !source.pinned {
            let what = source.note.as_deref().unwrap_or("not pinned yet");
            let finding = seen::NO_PIN.at(place(), what);
            looked.comparison.findings.push(finding);
        } else if !is_same {
            let since = source.date.as_deref().unwrap_or("its pin");
            let finding = seen::MOVED_ON.at(place(), format!("changed since {since}"));
            looked.comparison.findings.push(finding);
        }
        looked
    }

    /// What a pin accepts: all but what it does away with itself.
    pub fn accepted(&mut self) -> Vec<String> {
        let own = [seen::MOVED_ON.id, seen::NO_PIN.id, seen::DISBELIEVED.id];
        let found = self.found().filter(|f| !own.contains(&f.id));
        let found = found.filter(|f| f.severity > Severity::Note || f.message.ends_with(ACCEPTED));
        let found = found.map(|f| f.accepted_as().replace(ACCEPTED, ""));
        found.collect()
    }

    pub fn found(&mut self) -> impl Iterator<Item = &mut Finding> {
        let changes = self.comparison.changes.iter_mut().map(|c| &mut c.finding);
        self.comparison.findings.iter_mut().chain(changes)
    }
}

impl Report {
    pub fn add(&mut self, looked: &mut Looked) {
        self.findings.extend(looked.found().map(|f| f.clone()));
        self.compared.push(std::mem::take(&mut looked.compared));
    }
}
