//! What a comparison has to say, for people and for programs.

use crate::finding::{Finding, Severity};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::{fmt::Write as _, io::Write as _, process::ExitCode};

#[derive(Default)]
pub struct Report {
    pub compared: Vec<Compared>,
    pub findings: Vec<Finding>,
}

/// A source that was looked at, or could not be.
#[derive(Default)]
pub struct Compared {
    pub source: String,
    /// `OpenAPI 3.1.0 document`; empty if nothing could be read.
    pub kind: String,
    /// Of the normalised content.
    pub sha256: String,
    /// What it holds, in numbers.
    pub counts: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
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
    let _ = std::io::stdout().write_all(text.as_bytes());
}

impl Report {
    /// The worst finding; none counts as a note.
    pub fn worst(&self) -> Severity {
        let worst = self.findings.iter().map(|f| f.severity).max();
        worst.unwrap_or(Severity::Note)
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(status(self.worst()))
    }

    /// The worst first, one kind of change beside its like.
    pub fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
        self.findings.dedup();
    }

    pub fn print(&self, format: Format) {
        let text = match format {
            Format::Text => self.text(),
            Format::Json => format!("{:#}\n", self.json()),
            Format::Markdown => self.markdown(),
        };
        print(&text);
    }

    fn verdict(&self) -> &'static str {
        match self.worst() {
            Severity::Note => "in sync",
            Severity::Compatible => "compatible drift",
            Severity::Unreachable => "not everything could be looked at",
            Severity::Breaking => "breaking drift",
            Severity::Error => "not everything could be compared",
        }
    }

    fn totals(&self) -> String {
        let count = |severity| {
            self.findings
                .iter()
                .filter(|f| f.severity == severity)
                .count()
        };
        let counts = SEVERITIES.map(|s| (count(s), s.name()));
        let counts = counts.iter().filter(|(n, _)| *n > 0);
        let counts: Vec<_> = counts.map(|(n, name)| format!("{n} {name}")).collect();
        match counts.is_empty() {
            true => "no findings".into(),
            false => counts.join(", "),
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let _ = writeln!(text, "{finding}");
        }
        for compared in &self.compared {
            let _ = writeln!(text, "compared: {compared}");
        }
        let _ = writeln!(text, "{}: {}", self.verdict(), self.totals());
        text
    }

    fn json(&self) -> Value {
        let findings = self.findings.iter().map(|finding| {
            let place = |p: &crate::finding::Place| json!({"file": p.file, "pointer": p.pointer});
            json!({
                "id": finding.id,
                "severity": finding.severity.name(),
                "file": finding.place.file,
                "pointer": finding.place.pointer,
                "beside": finding.beside.as_deref().map(place),
                "message": finding.line(),
            })
        });
        let compared = self.compared.iter().map(
            |c| json!({"source": c.source, "kind": c.kind, "sha256": c.sha256, "counts": c.counts}),
        );
        let counts = SEVERITIES.map(|severity| {
            let count = self
                .findings
                .iter()
                .filter(|f| f.severity == severity)
                .count();
            (severity.name().to_string(), Value::from(count))
        });
        json!({
            "format": 1,
            "summary": {
                "verdict": self.verdict(),
                "exit": status(self.worst()),
                "counts": counts.into_iter().collect::<serde_json::Map<_, _>>(),
                "compared": compared.collect::<Vec<_>>(),
            },
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "### Segment Config API: {}\n\n{}.\n\n",
            self.verdict(),
            self.totals()
        );
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

const SEVERITIES: [Severity; 5] = [
    Severity::Error,
    Severity::Breaking,
    Severity::Unreachable,
    Severity::Compatible,
    Severity::Note,
];

/// 1 before 5 before 6 before 4: what went wrong hides nothing that was found.
fn status(worst: Severity) -> u8 {
    match worst {
        Severity::Note => 0,
        Severity::Compatible => 4,
        Severity::Unreachable => 6,
        Severity::Breaking => 5,
        Severity::Error => 1,
    }
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            source,
            kind,
            sha256,
            counts,
        } = self;
        if sha256.is_empty() {
            return write!(f, "nothing with {source}");
        }
        let counts = if counts.is_empty() {
            "no facts"
        } else {
            counts
        };
        write!(f, "{source}: {kind}, {counts}, sha256 {sha256}")
    }
}
