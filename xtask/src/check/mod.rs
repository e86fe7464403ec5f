//! `cargo xtask check`: everything that has to be true of spec/ and can be seen offline.

mod adaptable;
mod canonical;
mod conventions;
mod identifiers;
mod pin;
mod readme;
mod samples;
mod structure;

use crate::{
    document::Document,
    finding::Finding,
    json,
    project::{DOCUMENT, Project},
    report::print,
};
use std::{panic::resume_unwind, process::ExitCode, thread};

/// The findings alone.
pub fn findings(project: &Project) -> Vec<Finding> {
    Report::of(project).findings
}

/// Prints the findings on standard output, or what was looked at if there are none.
pub fn run(project: &Project) -> ExitCode {
    let report = Report::of(project);
    for finding in &report.findings {
        print(&format!("{finding}\n"));
    }
    if report.findings.is_empty() {
        for line in &report.seen {
            print(&format!("ok: {line}\n"));
        }
        return ExitCode::SUCCESS;
    }
    eprintln!("{} to mend", count(report.findings.len(), "finding"));
    if let Some(unseen) = report.unseen {
        eprintln!("{unseen}");
    }
    ExitCode::FAILURE
}

#[derive(Default)]
struct Report {
    findings: Vec<Finding>,
    /// What was looked at and found in order.
    seen: Vec<String>,
    /// What could not be looked at, and why.
    unseen: Option<&'static str>,
}

/// What a check has found, or what it can say it has seen.
type Outcome = Result<String, Vec<Finding>>;

impl Report {
    fn of(project: &Project) -> Self {
        let mut report = Self::default();
        let (text, document) = match read(project) {
            Ok(read) => read,
            Err(finding) => {
                report.add(Err(vec![finding]));
                report.unseen = Some("nothing else was looked at: all of it needs the document");
                return report;
            }
        };
        report.add(canonical::check(&text, &document));
        report.add(pin::check(project, &text, &document));
        report.add(conventions::check(&document));
        let sound = report.add(structure::check(&document));
        if sound {
            // The two that take time, at once.
            let (samples, adaptable) = thread::scope(|scope| {
                let adaptable = scope.spawn(|| adaptable::check(project, &document));
                let samples = samples::check(project, &document);
                let adaptable = adaptable.join();
                (
                    samples,
                    adaptable.unwrap_or_else(|panic| resume_unwind(panic)),
                )
            });
            report.add(samples);
            report.add(adaptable);
            report.add(identifiers::check(&document));
            report.add(readme::check(project, &document));
        } else {
            report.unseen = Some(
                "the samples, the adaptability and the surface were not looked at: they need a sound document",
            );
        }
        report
    }

    /// Whether there was nothing to find.
    fn add(&mut self, outcome: Outcome) -> bool {
        let sound = outcome.is_ok();
        match outcome {
            Ok(seen) => self.seen.push(seen),
            Err(findings) => self.findings.extend(findings),
        }
        sound
    }
}

fn read(project: &Project) -> Result<(String, Document), Finding> {
    let unreadable = |id, error: anyhow::Error| Finding::error(id, DOCUMENT, "", reason(&error));
    let text = project
        .read(DOCUMENT)
        .map_err(|e| unreadable("document/unreadable", e))?;
    let value = json::parse(DOCUMENT, &text).map_err(|e| unreadable("document/not-json", e))?;
    Ok((text, Document::new(value)))
}

fn outcome(findings: Vec<Finding>, seen: impl FnOnce() -> String) -> Outcome {
    if findings.is_empty() {
        Ok(seen())
    } else {
        Err(findings)
    }
}

/// Why something failed; the context, which names the file, is the finding's own.
fn reason(error: &anyhow::Error) -> String {
    error.root_cause().to_string()
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
