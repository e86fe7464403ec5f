//! What a change of the document means for the crate's users: the lines for CHANGELOG.md
//! and the step of the version.

use crate::{
    compare::Change,
    finding::Severity,
    project::DOCUMENT,
    report::{self, Format},
};

/// `more` is whether the crate offers something that it has not offered before.
pub fn print<'a>(changes: impl Iterator<Item = &'a Change>, more: bool, format: Format) {
    // Standard output is for one kind of text.
    if !matches!(format, Format::Text | Format::Markdown) {
        return;
    }
    // A status is in no type: users do not see it.
    let seen = |c: &&Change| !c.edits.is_empty() && !c.finding.id.starts_with("status/");
    let changes: Vec<_> = changes.collect();
    let merged = || changes.iter().copied().filter(seen);
    let worst = merged().map(|c| c.finding.severity).max();
    let mut text = String::from("\nFor CHANGELOG.md:\n\n");
    for (title, severity) in [
        ("Changed", Severity::Breaking),
        ("Added", Severity::Compatible),
    ] {
        let lines: Vec<_> = merged()
            .filter(|c| c.finding.severity == severity)
            .map(line)
            .collect();
        if !lines.is_empty() {
            text += &format!("### {title}\n\n{}\n\n", lines.join("\n"));
        }
    }
    let step = match worst {
        Some(Severity::Breaking) => "major (0.x: the second number)",
        _ if more => "minor (0.x: the third number)",
        _ => "patch",
    };
    report::print(&format!("{text}Version step: {step}\n"));
}

/// The reason is for reviewers; what changed, and in which type, is for users.
fn line(change: &Change) -> String {
    let finding = &change.finding;
    let line = finding.line();
    let what = line.rsplit_once(": ").map_or(&*line, |(what, _)| what);
    let kind = finding.id.replace(['/', '-'], " ");
    let breaking = match finding.severity {
        Severity::Breaking => "**Breaking.** ",
        _ => "",
    };
    let places = [Some(&finding.place), finding.beside.as_deref()];
    let mut ours = places.into_iter().flatten().filter(|p| p.file == DOCUMENT);
    let schema = ours.find_map(|p| p.pointer.strip_prefix("/components/schemas/"));
    let schema = schema.and_then(|s| s.split('/').next());
    let schema = schema.map_or(String::new(), |name| format!(" (`{name}`)"));
    format!("- {breaking}{kind}: {what}{schema}")
}
