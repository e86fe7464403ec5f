//! `cargo xtask refresh`: takes over what a source has that the document has not.
//!
//! A merge, not a replacement: what this project has written stays, and what the client
//! takes as it is stays, too. Everything is made and checked in a copy first; then all files
//! are written, or none.

use crate::{
    check,
    compare::{self, Change, Comparison, Scope},
    document::Document,
    finding::{Finding, Place, Severity, printable},
    json,
    looked::Looked,
    merge::{self, changelog, sample},
    model,
    project::{DOCUMENT, Files, Project, README, SAMPLES, SURFACE, UPSTREAM},
    read::{
        self,
        fetch::{Fetch, is_address},
    },
    readme,
    report::{Format, Report},
    rules::{Merge, seen},
    surface,
    upstream::{self, Pin},
};
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, value_parser};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, process::ExitCode, time::Duration};

#[derive(Args)]
pub struct Refresh {
    /// An OpenAPI document (3.0 or 3.1, JSON or YAML) or a Postman collection (2.0, 2.1).
    #[arg(long, value_name = "URL|FILE")]
    from: String,

    /// Takes over what breaks users of the crate, too, removals among it. Exits with 5 if
    /// something is left that no document can follow: a scope, a media type, a closed object.
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
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = value_parser!(u64).range(1..=86_400))]
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
            let place = &finding.place.pointer;
            if finding.id == seen::NOT_UNDERSTOOD.id && self.allow_unread.contains(place) {
                finding.severity = Severity::Note;
            }
        }
        let mut report = Report::default();
        report.add(&mut looked);
        report.sort();
        report.print(self.format);
        if let Some(refused) = self.refused(&ours, looked.read.document.as_ref(), &report) {
            eprintln!("nothing is written: {}", printable(&refused));
            return Ok(match report.worst() {
                Severity::Note | Severity::Compatible => ExitCode::FAILURE,
                _ => report.exit_code(),
            });
        }
        let left_out = report.worst() == Severity::Breaking && self.skip_breaking;
        let theirs = looked.read.document.as_ref();
        let theirs = theirs.context("the source has no operations")?;
        let accepted = |change: &Change| !left_out || change.finding.severity != Severity::Breaking;
        let is_merged = |change: &&Change| accepted(change) && !change.edits.is_empty();
        let (mut files, mut rest) = (Files::new(), report.findings.clone());
        if looked.comparison.changes.iter().any(|c| is_merged(&c)) {
            let comparison = &mut looked.comparison;
            let merged = merge::merged(&ours, theirs, self.evidence(), comparison, accepted);
            rest = proved(&merged, &looked.read, scope, comparison, accepted)?;
            files = checked(project, merged)?;
            let is_seen = files[SURFACE] != project.read(SURFACE).ok();
            let changes = comparison.changes.iter().filter(is_merged);
            changelog::print(changes, is_seen, self.format);
        }
        let left = rest.iter().filter(|f| f.severity == Severity::Breaking);
        let left = left.count();
        let is_whole = left == 0 && !left_out;
        // What is left is still to be reviewed.
        if is_whole {
            self.pin_source(project, &mut files, &looked.normalised, &rest)?;
        }
        ensure!(
            project.document()?.value == ours.value,
            "{DOCUMENT} was changed meanwhile, so nothing is written: run it again"
        );
        self.write(project, &files)?;
        if is_whole {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("{left} breaking: left as it is");
        Ok(report.exit_code())
    }

    /// Why nothing can be written.
    fn refused(&self, ours: &Document, theirs: Option<&Value>, report: &Report) -> Option<String> {
        let all = report.findings.iter();
        let mut errors = all.filter(|f| f.severity == Severity::Error);
        match report.worst() {
            Severity::Error => {
                let way = match errors.all(|f| f.id == seen::NOT_UNDERSTOOD.id) {
                    true => ": --allow-unread POINTER goes on without a part",
                    false => "",
                };
                return Some(format!("the source was not read whole{way}"));
            }
            Severity::Unreachable => return Some("the source could not be reached".into()),
            _ => {}
        }
        let (here, there) = (compare::servers(&ours.value), compare::servers(theirs?));
        let is_another = !there.is_empty() && !there.iter().any(|url| here.contains(url));
        if is_another && !self.another_api {
            let there = there.join(", ");
            return Some(format!(
                "the source describes {there}, which is another API or another host; --another-api says that it is meant"
            ));
        }
        let is_decided = self.accept_breaking || self.skip_breaking;
        (report.worst() == Severity::Breaking && !is_decided).then(|| {
            "--accept-breaking takes over what breaks users, --skip-breaking leaves it out".into()
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
    fn pin_source(
        &self,
        project: &Project,
        files: &mut Files,
        normalised: &str,
        rest: &[Finding],
    ) -> Result<()> {
        let present = match files.get(UPSTREAM).cloned().flatten() {
            Some(text) => text,
            None => project.read(UPSTREAM)?,
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
        let (written, would) = match self.dry_run {
            true => (project.different(files)?, "would be "),
            false => (project.write_all(files)?, ""),
        };
        for file in &written {
            let done = match files[file] {
                Some(_) => "written",
                None => "removed",
            };
            eprintln!("{file}: {would}{done}");
        }
        if written.is_empty() {
            eprintln!("nothing to write");
        }
        Ok(())
    }
}

/// Everything that follows from the document, after a check of it all in a copy. What is new
/// has nothing yet that it cannot be used without, and a sample that no longer fits its
/// operation is made anew.
fn checked(project: &Project, mut merged: Document) -> Result<Files> {
    let mut unfit = BTreeSet::new();
    let findings = loop {
        let files = made(project, &merged, &unfit)?;
        let findings = check::findings(&project.copy_with(&files)?);
        if findings.is_empty() {
            return Ok(files);
        }
        let mut is_mended = false;
        for finding in &findings {
            let Place { file, pointer } = &finding.place;
            if finding.id == "schema/identifier"
                && let Some(schema) = merged.value.pointer_mut(pointer)
                && schema.get("x-no-identifier").is_none()
            {
                schema["x-no-identifier"] = "The source does not say what is always there.".into();
                is_mended = true;
            }
            if finding.id.starts_with("sample/") && unfit.insert(file.clone()) {
                eprintln!("{file}: made anew, since the present sample no longer fits");
                is_mended = true;
            }
        }
        if !is_mended {
            break findings;
        }
    };
    let lines: Vec<_> = findings.iter().map(Finding::to_string).collect();
    let lines = lines.join("\n  ");
    bail!("the merged document would not do, so nothing is written:\n  {lines}")
}

/// What is left after the merge: nothing that breaks users, but for what was left out.
fn proved(
    merged: &Document,
    theirs: &read::Source,
    scope: Scope,
    before: &Comparison,
    accepted: impl Fn(&Change) -> bool,
) -> Result<Vec<Finding>> {
    ensure!(
        !merged.operations().is_empty(),
        "the merge would leave no operation"
    );
    let after = compare::compare(merged, theirs, scope);
    let left_out: Vec<_> = before.changes.iter().filter(|c| !accepted(c)).collect();
    let is_left = |c: &&Change| {
        c.finding.severity == Severity::Breaking
            && c.rule.merge == Merge::Theirs
            && !left_out.iter().any(|b| b.finding.id == c.finding.id)
    };
    let left = after.changes.iter().filter(is_left);
    let lines: Vec<_> = left.map(|c| c.finding.to_string()).collect();
    ensure!(
        lines.is_empty(),
        "not everything could be merged, so nothing is written; what is left:\n  {}",
        lines.join("\n  ")
    );
    Ok(after.changes.into_iter().map(|c| c.finding).collect())
}

/// The document, and what is made from it; samples where there is none, or none that fits.
fn made(project: &Project, merged: &Document, unfit: &BTreeSet<String>) -> Result<Files> {
    let text = json::canonical(&merged.value);
    let pin = Pin::of(&text, merged);
    let upstream = upstream::with_document(&project.read(UPSTREAM)?, &pin)?;
    let readme = readme::current(&project.read(README)?, merged)?;
    let mut files = Files::from([
        (UPSTREAM.into(), Some(upstream)),
        (DOCUMENT.into(), Some(text)),
        (SURFACE.into(), Some(surface::current(merged)?)),
        (README.into(), Some(readme)),
    ]);
    let (mut known, mut present) = (Map::new(), BTreeSet::new());
    for name in project.list(SAMPLES)? {
        let file = format!("{SAMPLES}/{name}");
        let sample = json::parse(&file, &project.read(&file)?)?;
        for (parameter, value) in sample["path"].as_object().into_iter().flatten() {
            known.entry(parameter).or_insert_with(|| value.clone());
        }
        present.insert(file);
    }
    for (operation, call) in merged.operations().iter().zip(model::calls(&merged.value)) {
        let file = format!("{SAMPLES}/{}.json", operation.id);
        if !present.remove(&file) || unfit.contains(&file) {
            let (node, _) = model::unfold(&merged.value, &call, DOCUMENT);
            let sample = sample::of(operation, &node, &known);
            files.insert(file, Some(json::canonical(&sample)));
        }
    }
    files.extend(present.into_iter().map(|stray| (stray, None)));
    Ok(files)
}
