//! `cargo xtask drift`: what the sources say that the document does not.

use crate::{
    answers,
    compare::{self, Change},
    document::Document,
    fetch::Fetch,
    finding::{Finding, Place, Severity},
    live,
    project::{Project, UPSTREAM},
    read::{self, Facts},
    report::{Compared, Format, Report},
    rules::seen,
    upstream::{self, Kind, Source},
};
use anyhow::{Result, ensure};
use clap::Args;
use std::{process::ExitCode, time::Duration};

#[derive(Args)]
pub struct Drift {
    /// An OpenAPI document (3.0 or 3.1, JSON or YAML) or a Postman collection (2.1).
    #[arg(long, value_name = "URL|FILE")]
    from: Vec<String>,

    /// Recorded calls (HAR 1.2): their answers are held against the schemas.
    #[arg(long, value_name = "FILE")]
    har: Vec<String>,

    /// The same with answers to read-only calls, made with the token in SEGMENT_ACCESS_TOKEN.
    #[arg(long)]
    live: bool,

    /// Where --live calls; also SEGMENT_CONFIG_API_URL.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// For one answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    timeout: u64,
}

impl Drift {
    pub fn run(&self, project: &Project) -> Result<ExitCode> {
        let fetch = Fetch::new(Duration::from_secs(self.timeout));
        let document = project.document()?;
        let mut report = Report::default();
        for from in &self.from {
            report.add(Looked::at(&fetch, &document, from));
        }
        for file in &self.har {
            report.add(recorded(&fetch, &document, file));
        }
        if self.live {
            report.add(live::look(
                &fetch,
                project,
                &document,
                self.base_url.as_deref(),
            )?);
        }
        if self.from.is_empty() && self.har.is_empty() && !self.live {
            let upstream = upstream::parse(&project.read(UPSTREAM)?)?;
            ensure!(
                !upstream.sources.is_empty(),
                "{UPSTREAM} declares no sources to compare with"
            );
            for source in &upstream.sources {
                report.add(Looked::at_source(&fetch, &document, source));
            }
        }
        report.sort();
        report.print(self.format);
        Ok(report.exit_code())
    }
}

/// What came of looking at a source.
pub struct Looked {
    pub compared: Compared,
    pub findings: Vec<Finding>,
    pub changes: Vec<Change>,
    pub facts: Facts,
    /// What would be pinned.
    pub normalised: String,
}

impl Looked {
    pub fn nothing(source: &str, finding: Finding) -> Self {
        let compared = Compared {
            source: source.into(),
            kind: String::new(),
            sha256: String::new(),
            counts: String::new(),
        };
        Self {
            compared,
            findings: vec![finding],
            changes: Vec::new(),
            facts: Facts::default(),
            normalised: String::new(),
        }
    }

    /// A document of operations against ours.
    pub fn at(fetch: &Fetch, ours: &Document, from: &str) -> Self {
        let read = |text: &str| read::operations(from, text);
        Self::compared(fetch, ours, from, &[], read)
    }

    fn compared(
        fetch: &Fetch,
        ours: &Document,
        from: &str,
        unlisted: &[String],
        read: impl FnOnce(&str) -> Result<Facts>,
    ) -> Self {
        let text = match fetch.text(from) {
            Ok(text) => text,
            Err(finding) => return Self::nothing(from, finding),
        };
        let facts = read(&text).and_then(|facts| Ok((facts, read::normalised(from, &text)?)));
        let (mut facts, normalised) = match facts {
            Ok(facts) => facts,
            Err(error) => {
                // The context names the source, which the finding does already.
                let what = error.root_cause().to_string();
                let finding = seen::UNREADABLE_SOURCE.at(Place::new(from, ""), what);
                return Self::nothing(from, finding);
            }
        };
        Self {
            changes: compare::compare(ours, &facts, from, unlisted),
            compared: Compared {
                source: from.into(),
                kind: facts.kind.clone(),
                sha256: upstream::sha256(&normalised),
                counts: facts.counts(),
            },
            findings: std::mem::take(&mut facts.findings),
            facts,
            normalised,
        }
    }

    /// A declared source, believed as far as it is an authority, and since its pin.
    fn at_source(fetch: &Fetch, ours: &Document, source: &Source) -> Self {
        let read = |text: &str| match source.kind {
            Kind::Openapi => read::operations(&source.url, text),
            Kind::Markdown => tables(source, text),
        };
        let mut looked = Self::compared(fetch, ours, &source.url, &source.unlisted, read);
        if looked.normalised.is_empty() {
            return looked;
        }
        let place = || Place::new(&source.url, "");
        let same = source.sha256.as_ref() == Some(&looked.compared.sha256);
        let found = looked.findings.iter_mut();
        let found = found.chain(looked.changes.iter_mut().map(|c| &mut c.finding));
        match (source.authority.is_empty(), source.pinned && same) {
            (true, _) => found.for_each(|f| excuse(f, "the source is believed in nothing")),
            (_, true) => found.for_each(|f| excuse(f, "so it was when the source was pinned")),
            _ => {}
        }
        match source.pinned {
            false => {
                let what = source.note.as_deref().unwrap_or("not pinned yet");
                looked.findings.push(seen::NO_PIN.at(place(), what));
            }
            true if !same => {
                let what = format!(
                    "changed since {}",
                    source.date.as_deref().unwrap_or("its pin")
                );
                looked.findings.push(seen::MOVED_ON.at(place(), what));
            }
            true => {}
        }
        looked
    }
}

/// A source's word is worth no more than a note.
fn excuse(finding: &mut Finding, why: &str) {
    finding.message = format!("{} ({why})", finding.message);
    finding.severity = Severity::Note;
}

/// The tables for which a page is an authority, which it has to have.
fn tables(source: &Source, text: &str) -> Result<Facts> {
    let mut facts = read::page(&source.url, text)?;
    let is_authority = |what: &str| source.authority.iter().any(|a| a == what);
    for (what, table) in [
        ("services", &mut facts.services),
        ("errors", &mut facts.errors),
    ] {
        match is_authority(what) {
            false => *table = None,
            true => ensure!(table.is_some(), "{}: no table of {what}", source.url),
        }
    }
    Ok(facts)
}

fn recorded(fetch: &Fetch, document: &Document, file: &str) -> Looked {
    let nothing = |what: String| {
        Looked::nothing(file, seen::UNREADABLE_SOURCE.at(Place::new(file, ""), what))
    };
    let text = match fetch.text(file) {
        Ok(text) => text,
        Err(finding) => return Looked::nothing(file, finding),
    };
    let (exchanges, mut findings) = match read::har::read(file, &text) {
        Ok(read) => read,
        Err(error) => return nothing(error.root_cause().to_string()),
    };
    if exchanges.is_empty() {
        return nothing("no call of this API in it".into());
    }
    findings.extend(exchanges.iter().flat_map(|e| answers::compare(document, e)));
    let compared = Compared {
        source: file.into(),
        kind: "HAR 1.2".into(),
        sha256: upstream::sha256(&text),
        counts: format!("{} calls", exchanges.len()),
    };
    Looked {
        compared,
        findings,
        changes: Vec::new(),
        facts: Facts::default(),
        normalised: String::new(),
    }
}

impl Report {
    pub fn add(&mut self, looked: Looked) {
        self.compared.push(looked.compared);
        self.findings.extend(looked.findings);
        self.findings
            .extend(looked.changes.into_iter().map(|change| change.finding));
    }
}
