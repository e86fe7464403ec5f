//! `cargo xtask refresh`: takes over what a source has that the document has not.
//!
//! A merge, not a replacement: what this project has written stays, and what the client
//! takes as it is stays, too. Everything is made and checked in a copy first; then all files
//! are written, or none.

use crate::{
    check,
    compare::{self, Change, Comparison, Scope},
    document::Document,
    finding::{Finding, Severity},
    json,
    looked::Looked,
    merge::{self, changelog, sample},
    project::{DOCUMENT, Files, Project, README, SAMPLES, SURFACE, UPSTREAM},
    read::{
        self,
        fetch::{Fetch, is_address},
    },
    readme,
    report::{Format, Report},
    rules::seen,
    surface,
    upstream::{self, Pin},
};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::{Map, Value};
use std::{process::ExitCode, time::Duration};

#[derive(Args)]
pub struct Refresh {
    /// An OpenAPI document (3.0 or 3.1, JSON or YAML) or a Postman collection (2.0, 2.1).
    #[arg(long, value_name = "URL|FILE")]
    from: String,

    /// Takes over what breaks users of the crate, too, removals among it.
    #[arg(long)]
    accept_breaking: bool,

    /// Leaves out what breaks users, and takes over the rest: for a source that knows a part
    /// of the API. Exits with 5 if something was left out.
    #[arg(long, conflicts_with = "accept_breaking")]
    skip_breaking: bool,

    /// The source knows a part of the API: an operation that it lacks is not gone.
    #[arg(long)]
    partial: bool,

    /// Goes on without a part of the source that was not understood; may be given again.
    #[arg(long, value_name = "POINTER")]
    allow_unread: Vec<String>,

    /// The source names other hosts than the document, and is meant all the same.
    #[arg(long)]
    another_api: bool,

    /// Says what would be written, and writes nothing.
    #[arg(long)]
    dry_run: bool,

    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// For the answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    timeout: u64,
}

impl Refresh {
    pub fn run(&self, project: &Project) -> Result<ExitCode> {
        let fetch = Fetch::new(Duration::from_secs(self.timeout));
        let ours = project.document()?;
        let scope = Scope {
            partial: self.partial,
            ..Scope::default()
        };
        let mut looked = Looked::at(&fetch, &ours, &self.from, scope);
        for finding in looked.found() {
            if finding.id == seen::NOT_UNDERSTOOD.id
                && self.allow_unread.contains(&finding.place.pointer)
            {
                finding.severity = Severity::Note;
            }
        }
        let mut report = Report::default();
        report.findings.extend(looked.found().map(|f| f.clone()));
        report.compared.push(looked.compared);
        report.sort();
        report.print(self.format);
        if let Some(refused) = self.refused(&ours, looked.read.document.as_ref(), &report) {
            eprintln!("nothing is written: {refused}");
            return Ok(match report.worst() {
                Severity::Note | Severity::Compatible => ExitCode::FAILURE,
                _ => report.exit_code(),
            });
        }
        let left_out = report.worst() == Severity::Breaking && self.skip_breaking;
        let theirs = looked
            .read
            .document
            .take()
            .context("the source has no operations")?;
        let mut files = Files::new();
        let accepted = |change: &Change| !left_out || change.finding.severity != Severity::Breaking;
        let changes = || looked.comparison.changes.iter();
        let mut rest = looked.comparison.findings.clone();
        rest.extend(changes().map(|c| c.finding.clone()));
        if changes().any(|change| accepted(change) && !change.edits.is_empty()) {
            let evidence = self.evidence();
            let merged = merge::merged(&ours, &theirs, evidence, &mut looked.comparison, accepted);
            let read = read::Source {
                name: self.from.clone(),
                document: Some(theirs),
                by_example: looked.read.by_example,
                ..Default::default()
            };
            rest = proved(&merged, &read, scope, &looked.comparison, &accepted)?;
            files = checked(project, &merged)?;
            let surface = project.read(SURFACE).ok();
            let changes = looked.comparison.changes.iter().filter(|c| accepted(c));
            changelog::print(changes, files[SURFACE] != surface, self.format);
        }
        // What was left out is still to be reviewed.
        if !left_out {
            self.pin_source(project, &mut files, &looked.normalised, &rest)?;
        }
        self.write(project, &files)?;
        Ok(match left_out {
            true => report.exit_code(),
            false => ExitCode::SUCCESS,
        })
    }

    /// Why nothing can be written.
    fn refused(&self, ours: &Document, theirs: Option<&Value>, report: &Report) -> Option<String> {
        if report
            .findings
            .iter()
            .any(|f| f.severity == Severity::Error)
        {
            let way = match report
                .findings
                .iter()
                .all(|f| f.severity != Severity::Error || f.id == seen::NOT_UNDERSTOOD.id)
            {
                true => ": --allow-unread POINTER goes on without a part",
                false => "",
            };
            return Some(format!("the source was not read whole{way}"));
        }
        if report.worst() == Severity::Unreachable {
            return Some("the source could not be reached".into());
        }
        let (here, there) = (compare::servers(&ours.value), theirs.map(compare::servers)?);
        let hosts = there.iter().filter(|url| url.contains("://"));
        if !self.another_api
            && hosts.clone().count() > 0
            && !hosts.clone().any(|url| here.contains(url))
        {
            let there = there.join(", ");
            return Some(format!(
                "the source describes {there}, which is another API or another host; --another-api says that it is meant"
            ));
        }
        if report.worst() == Severity::Breaking && !self.accept_breaking && !self.skip_breaking {
            return Some(
                "--accept-breaking takes over what breaks users, --skip-breaking leaves it out"
                    .into(),
            );
        }
        None
    }

    /// How the document names the source; a file by its name, wherever it lay.
    fn evidence(&self) -> &str {
        match is_address(&self.from) {
            true => &self.from,
            false => self.from.rsplit(['/', '\\']).next().unwrap_or(&self.from),
        }
    }

    /// What has been merged counts as reviewed.
    fn pin_source(
        &self,
        project: &Project,
        files: &mut Files,
        normalised: &str,
        rest: &[Finding],
    ) -> Result<()> {
        let present = match files.get(UPSTREAM) {
            Some(Some(text)) => text.clone(),
            _ => project.read(UPSTREAM)?,
        };
        let sources = upstream::parse(&present)?.sources;
        if let Some(source) = sources.iter().find(|s| s.url == self.from) {
            let rest = rest.iter().filter(|f| f.severity > Severity::Note);
            let rest = rest.map(Finding::accepted_as);
            let text = upstream::with_source(&present, &source.id, normalised, rest)?;
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
    let invalid = merge::valid::findings(merged);
    if !invalid.is_empty() {
        bail!("{}", would_not_do(&invalid));
    }
    let mut files = made(project, merged)?;
    let mut findings = check::findings(&project.copy_with(&files)?);
    // What is new has nothing yet that it cannot be used without.
    let mut admitted = merged.clone();
    for finding in findings.iter().filter(|f| f.id == "schema/identifier") {
        if let Some(schema) = admitted.value.pointer_mut(&finding.place.pointer) {
            schema["x-no-identifier"] = "The source does not say what is always there.".into();
        }
    }
    let merged = &admitted;
    if findings.iter().any(|f| f.id == "schema/identifier") {
        files = made(project, merged)?;
        findings = check::findings(&project.copy_with(&files)?);
    }
    let findings = match mend(&mut files, merged, &findings) {
        true => check::findings(&project.copy_with(&files)?),
        false => findings,
    };
    if !findings.is_empty() {
        bail!("{}", would_not_do(&findings));
    }
    Ok(files)
}

fn would_not_do(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings.iter().map(Finding::to_string).collect();
    let lines = lines.join("\n  ");
    format!("the merged document would not do, so nothing is written:\n  {lines}")
}

/// What is left after the merge: nothing that breaks users, but for what was left out.
fn proved(
    merged: &Document,
    theirs: &read::Source,
    scope: Scope,
    before: &Comparison,
    accepted: &impl Fn(&Change) -> bool,
) -> Result<Vec<Finding>> {
    ensure!(
        !merged.operations().is_empty(),
        "the merge would leave no operation"
    );
    let after = compare::compare(merged, theirs, scope);
    let left_out = |c: &Change| {
        before
            .changes
            .iter()
            .any(|b| !accepted(b) && b.finding.id == c.finding.id)
    };
    let kept = |c: &Change| c.rule.merge == crate::rules::Merge::Ours;
    let left = after
        .changes
        .iter()
        .filter(|c| c.finding.severity == Severity::Breaking && !left_out(c) && !kept(c));
    let lines: Vec<_> = left.map(|c| c.finding.to_string()).collect();
    if !lines.is_empty() {
        let lines = lines.join("\n  ");
        bail!("not everything could be merged, so nothing is written; what is left:\n  {lines}");
    }
    Ok(after.changes.into_iter().map(|c| c.finding).collect())
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
