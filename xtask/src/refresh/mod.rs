//! `cargo xtask refresh`: takes over what a source has that the document has not.
//!
//! A merge, not a replacement: what this project has written stays, and what the client
//! takes as it is stays, too. Everything is made and checked in a copy first; then all files
//! are written, or none.

mod changelog;
mod merge;
mod sample;

use crate::{
    check,
    compare::Change,
    document::Document,
    drift::Looked,
    fetch::{Fetch, is_address},
    finding::{Finding, Severity},
    json,
    project::{DOCUMENT, Project, README, SAMPLES, SURFACE, UPSTREAM},
    readme,
    report::{Format, Report},
    rules, surface,
    upstream::{self, Pin},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use merge::Merge;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, process::ExitCode, time::Duration};

#[derive(Args)]
pub struct Refresh {
    /// An OpenAPI document (3.0 or 3.1, JSON or YAML) or a Postman collection (2.1).
    #[arg(long, value_name = "URL|FILE")]
    from: String,

    /// Takes over what breaks users of the crate, too, removals among it.
    #[arg(long)]
    accept_breaking: bool,

    /// Leaves out what breaks users, and takes over the rest: for a source that knows a part
    /// of the API. Exits with 5 if something was left out.
    #[arg(long, conflicts_with = "accept_breaking")]
    skip_breaking: bool,

    /// Says what would be written, and writes nothing.
    #[arg(long)]
    dry_run: bool,

    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// For the answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    timeout: u64,
}

/// Texts of files by name; none for a file that goes.
pub type Files = BTreeMap<String, Option<String>>;

impl Refresh {
    pub fn run(&self, project: &Project) -> Result<ExitCode> {
        let fetch = Fetch::new(Duration::from_secs(self.timeout));
        let ours = project.document()?;
        let looked = Looked::at(&fetch, &ours, &self.from);
        let mut report = Report::default();
        report.findings.extend(looked.findings.iter().cloned());
        report
            .findings
            .extend(looked.changes.iter().map(|c| c.finding.clone()));
        report.compared.push(looked.compared);
        report.sort();
        report.print(self.format);
        let refused = match report.worst() {
            Severity::Error | Severity::Unreachable => Some("nothing is written"),
            Severity::Breaking if !self.accept_breaking && !self.skip_breaking => Some(
                "nothing is written: --accept-breaking takes over what breaks users, --skip-breaking leaves it out",
            ),
            _ => None,
        };
        if let Some(refused) = refused {
            eprintln!("{refused}");
            return Ok(report.exit_code());
        }
        let mut changes = looked.changes;
        let left_out = report.worst() == Severity::Breaking && self.skip_breaking;
        if left_out {
            changes.retain(|change| change.finding.severity != Severity::Breaking);
        }
        let theirs = looked.facts.document;
        let theirs = theirs.context("the source has no operations")?;
        let mut files = Files::new();
        if changes.iter().any(|change| !change.edits.is_empty()) {
            let merged = merged(&ours, &theirs, self.evidence(), &changes);
            files = checked(project, &merged)?;
            let surface = project.read(SURFACE).ok();
            changelog::print(&changes, files[SURFACE] != surface, self.format);
        }
        self.pin_source(project, &mut files, &looked.normalised)?;
        self.write(project, &files)?;
        Ok(match left_out {
            true => report.exit_code(),
            false => ExitCode::SUCCESS,
        })
    }

    /// How the document names the source; a file by its name, wherever it lay.
    fn evidence(&self) -> &str {
        match is_address(&self.from) {
            true => &self.from,
            false => self.from.rsplit(['/', '\\']).next().unwrap_or(&self.from),
        }
    }

    /// What has been merged counts as reviewed.
    fn pin_source(&self, project: &Project, files: &mut Files, normalised: &str) -> Result<()> {
        let present = match files.get(UPSTREAM) {
            Some(Some(text)) => text.clone(),
            _ => project.read(UPSTREAM)?,
        };
        let sources = upstream::parse(&present)?.sources;
        if let Some(source) = sources.iter().find(|s| s.url == self.from) {
            let text = upstream::with_source(&present, &source.id, normalised)?;
            files.insert(UPSTREAM.into(), Some(text));
        }
        Ok(())
    }

    fn write(&self, project: &Project, files: &Files) -> Result<()> {
        let written = match self.dry_run {
            true => project.different(files)?,
            false => project.write_all(files)?,
        };
        let verb = if self.dry_run {
            "would be written"
        } else {
            "written"
        };
        for file in &written {
            eprintln!("{file}: {verb}");
        }
        if written.is_empty() {
            eprintln!("nothing to write");
        }
        Ok(())
    }
}

/// Everything that follows from the document, after a check of it all in a copy.
fn checked(project: &Project, merged: &Document) -> Result<Files> {
    let mut files = made(project, merged)?;
    let findings = check::findings(&project.copy_with(&files)?);
    let findings = match mend(&mut files, merged, &findings) {
        true => check::findings(&project.copy_with(&files)?),
        false => findings,
    };
    if !findings.is_empty() {
        let lines: Vec<_> = findings.iter().map(Finding::to_string).collect();
        bail!(
            "the merged document would not do, so nothing is written:\n  {}",
            lines.join("\n  ")
        );
    }
    Ok(files)
}

fn merged(ours: &Document, theirs: &Document, source: &str, changes: &[Change]) -> Document {
    let mut merge = Merge::new(ours, theirs, source);
    // New operations come last: they refer to schemas that other changes have brought.
    let is_new = |change: &&Change| change.finding.id == rules::OPERATION_ADDED.id;
    let (new, changed): (Vec<_>, Vec<_>) = changes.iter().partition(is_new);
    for edit in changed
        .into_iter()
        .chain(new)
        .flat_map(|change| &change.edits)
    {
        merge.apply(edit);
    }
    Document::new(merge.finish())
}

/// The document, and what is made from it.
fn made(project: &Project, merged: &Document) -> Result<Files> {
    let mut files = Files::new();
    let text = json::canonical(&merged.value);
    let pin = Pin::of(&text, merged);
    let upstream = upstream::with_document(&project.read(UPSTREAM)?, &pin)?;
    files.insert(UPSTREAM.into(), Some(upstream));
    files.insert(DOCUMENT.into(), Some(text));
    files.insert(SURFACE.into(), Some(surface::current(merged)?));
    files.insert(
        README.into(),
        Some(readme::current(&project.read(README)?, merged)?),
    );
    let mut known = Map::new();
    let present = project.list(SAMPLES)?;
    for name in &present {
        let file = format!("{SAMPLES}/{name}");
        let sample = json::parse(&file, &project.read(&file)?)?;
        for (parameter, value) in sample["path"].as_object().into_iter().flatten() {
            known.entry(parameter).or_insert_with(|| value.clone());
        }
    }
    let operations = merged.operations();
    for operation in operations
        .iter()
        .filter(|o| !present.contains(&format!("{}.json", o.id)))
    {
        let sample = sample::of(operation, merged, &known);
        files.insert(
            format!("{SAMPLES}/{}.json", operation.id),
            Some(json::canonical(&sample)),
        );
    }
    let stray = |name: &&String| {
        operations
            .iter()
            .all(|o| **name != format!("{}.json", o.id))
    };
    files.extend(
        present
            .iter()
            .filter(stray)
            .map(|name| (format!("{SAMPLES}/{name}"), None)),
    );
    Ok(files)
}

/// A sample that no longer fits its operation is made anew. Says whether there was one.
fn mend(files: &mut Files, merged: &Document, findings: &[Finding]) -> bool {
    let unfit = findings.iter().filter(|f| f.id.starts_with("sample/"));
    let unfit: Vec<_> = unfit.map(|f| f.place.file.clone()).collect();
    let operations = merged.operations();
    for operation in &operations {
        let file = format!("{SAMPLES}/{}.json", operation.id);
        if unfit.contains(&file) {
            let sample: Value = sample::of(operation, merged, &Map::new());
            eprintln!("{file}: made anew, since the present sample no longer fits");
            files.insert(file, Some(json::canonical(&sample)));
        }
    }
    !unfit.is_empty()
}
