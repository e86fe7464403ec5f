//! What a comparison has to say, for people and for programs.

use crate::finding::{Finding, Place, Severity, printable};
use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{fmt::Write as _, io::Write as _, process::ExitCode};

#[derive(Default)]
pub struct Report {
    pub compared: Vec<Compared>,
    pub findings: Vec<Finding>,
}

/// A source that was looked at, or could not be.
#[derive(Default, Serialize)]
pub struct Compared {
    pub source: String,
    /// `OpenAPI 3.1.0 document`; empty if nothing could be read.
    pub kind: String,
    /// Of the normalised content.
    pub sha256: String,
    /// What it holds, in numbers.
    pub counts: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line for each finding.
    Text,
    /// One object; CONTRIBUTING.md describes it.
    Json,
    /// A table, for an issue or a pull request.
    Markdown,
}

/// Writes to standard output; a reader that has seen enough is none to complain to.
pub fn print(text: &str) {
    let _ = std::io::stdout().write_all(printable(text).as_bytes());
}

impl Report {
    /// The worst finding; none counts as a note.
    pub fn worst(&self) -> Severity {
        let worst = self.findings.iter().map(|f| f.severity).max();
        worst.unwrap_or(Severity::Note)
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.worst().exit())
    }

    /// The worst first, one kind of change beside its like.
    pub fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
        self.findings.dedup();
    }

    pub fn print(&self, format: Format) {
        print(&match format {
            Format::Text => self.text(),
            Format::Json => format!("{:#}\n", self.json()),
            Format::Markdown => self.markdown(),
        });
    }

    fn counts(&self) -> [(Severity, usize); 5] {
        Severity::ALL.map(|severity| {
            let alike = self.findings.iter().filter(|f| f.severity == severity);
            (severity, alike.count())
        })
    }

    fn totals(&self) -> String {
        let counts = self.counts();
        let counts = counts.iter().filter(|(_, number)| *number > 0);
        let counts: Vec<_> = counts.map(|(s, n)| format!("{n} {s}")).collect();
        match counts.is_empty() {
            true => "no findings".into(),
            false => counts.join(", "),
        }
    }

    fn text(&self) -> String {
        let findings = self.findings.iter().map(|finding| format!("{finding}\n"));
        let compared = self.compared.iter().map(|c| format!("compared: {c}\n"));
        let lines: String = findings.chain(compared).collect();
        format!("{lines}{}: {}\n", self.worst().verdict(), self.totals())
    }

    fn json(&self) -> Value {
        let counts = self.counts().map(|(s, n)| (s.to_string(), n.into()));
        json!({
            "format": 1,
            "summary": {
                "verdict": self.worst().verdict(),
                "exit": self.worst().exit(),
                "counts": Map::from_iter(counts),
                "compared": self.compared,
            },
            "findings": self.findings,
        })
    }

    fn markdown(&self) -> String {
        let (verdict, totals) = (self.worst().verdict(), self.totals());
        let mut text = format!("### Segment Config API: {verdict}\n\n{totals}.\n\n");
        for compared in &self.compared {
            let _ = writeln!(text, "- {compared}");
        }
        if !self.findings.is_empty() {
            text += "\n| severity | id | place | finding |\n|---|---|---|---|\n";
        }
        for finding in &self.findings {
            let cell = |text: String| text.replace('|', "\\|");
            let (place, line) = (cell(finding.place.to_string()), cell(finding.line()));
            let Finding { severity, id, .. } = finding;
            let _ = writeln!(text, "| {severity} | `{id}` | `{place}` | {line} |");
        }
        text
    }
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = Place::new(&self.source, "");
        if self.sha256.is_empty() {
            return write!(f, "nothing with {source}");
        }
        let counts = match self.counts.as_str() {
            "" => "no facts",
            counts => counts,
        };
        write!(
            f,
            "{source}: {}, {counts}, sha256 {}",
            self.kind, self.sha256
        )
    }
}
