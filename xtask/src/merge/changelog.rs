//! What a change of the document means for the crate's users: the lines for CHANGELOG.md
//! and the step of the version.

use crate::{
    compare::Change,
    finding::Severity,
    report::{self, Format},
};

/// `more` is whether the crate offers something that it has not offered before.
pub fn print<'a>(merged: impl Iterator<Item = &'a Change>, more: bool, format: Format) {
    // Standard output is for one kind of text.
    if format == Format::Json {
        return;
    }
    // A status is in no type: users do not see it.
    let seen = merged.filter(|c| !c.finding.id.starts_with("status/"));
    let (mut breaking, mut added) = (String::new(), String::new());
    for change in seen {
        match change.finding.severity {
            Severity::Breaking => breaking += &line(change, "**Breaking.** "),
            Severity::Compatible => added += &line(change, ""),
            _ => {}
        }
    }
    let step = match breaking.is_empty() {
        false => "major (0.x: the second number)",
        true if more => "minor (0.x: the third number)",
        true => "patch",
    };
    let mut text = String::from("\nFor CHANGELOG.md:\n\n");
    for (title, lines) in [("Changed", breaking), ("Added", added)] {
        if !lines.is_empty() {
            text += &format!("### {title}\n\n{lines}\n");
        }
    }
    report::print(&format!("{text}Version step: {step}\n"));
}

/// The reason is for reviewers; what changed, and in which type, is for users.
fn line(change: &Change, breaking: &str) -> String {
    let finding = &change.finding;
    let line = finding.line();
    let what = line.rsplit_once(": ").map_or(&*line, |(what, _)| what);
    let kind = finding.id.replace(['/', '-'], " ");
    let schema = finding
        .schema()
        .map_or(String::new(), |name| format!(" (`{name}`)"));
    format!("- {breaking}{kind}: {what}{schema}\n")
}
