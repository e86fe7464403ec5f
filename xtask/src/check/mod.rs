//! `cargo xtask check`: everything that has to be true of spec/ and can be seen offline.

mod conventions;
mod current;
mod identifiers;
mod masks;
mod pin;
mod samples;
mod structure;

use crate::{
    codegen::{
        self,
        adapt::{Problem, adapt},
    },
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
        match read(project) {
            Ok((text, document)) => report.look(project, &text, &document),
            Err(finding) => {
                report.findings.push(finding);
                report.unseen = Some("nothing else was looked at: all of it needs the document");
            }
        }
        report
    }

    fn look(&mut self, project: &Project, text: &str, document: &Document) {
        let sound = self.add(structure::check(document));
        thread::scope(|scope| {
            // The generator takes longer than all the rest.
            let generator = sound.then(|| scope.spawn(|| codegen::run(&document.value)));
            self.add(current::canonical(text, document));
            self.add(pin::check(project, text, document));
            self.add(conventions::check(document));
            let Some(generator) = generator else {
                self.unseen = Some(
                    "the samples, the adaptability and the surface were not looked at: they need a sound document",
                );
                return;
            };
            self.add(samples::check(project, document));
            self.add(current::readme(project, document));
            // What cannot be adapted is found by the generator.
            if let Ok((adapted, facts)) = adapt(&document.value) {
                self.add(identifiers::check(document, &facts));
                self.add(masks::check(document, &facts));
                self.add(current::surface(project, &adapted, &facts));
            }
            let mut published = structure::published(document);
            self.add(generated(
                generator
                    .join()
                    .unwrap_or_else(|panic| resume_unwind(panic)),
            ));
            // What another check has found there says more.
            published.retain(|p| self.findings.iter().all(|f| f.place != p.place));
            self.add(outcome(published, || {
                "the schema of OpenAPI's authors takes it".into()
            }));
        });
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

fn generated<Files>(generated: Result<Files, Vec<Problem>>) -> Outcome {
    let refused = |p: Problem| found("document/not-adaptable", &p.pointer, p.message);
    let problems = generated.err().unwrap_or_default().into_iter();
    outcome(problems.map(refused).collect(), || {
        "a client can be made of it".into()
    })
}

fn read(project: &Project) -> Result<(String, Document), Finding> {
    let unreadable = |id, error: anyhow::Error| found(id, "", reason(&error));
    let text = project.read(DOCUMENT);
    let text = text.map_err(|e| unreadable("document/unreadable", e))?;
    let value = json::parse(DOCUMENT, &text).map_err(|e| unreadable("document/not-json", e))?;
    Ok((text, Document::new(value)))
}

/// What is wrong in the document.
fn found(id: &'static str, pointer: &str, message: impl Into<String>) -> Finding {
    Finding::error(id, DOCUMENT, pointer, message)
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
