//! The code generation can make a client of the document, and reviewers see which.

use super::{Outcome, count};
use crate::{
    codegen::{self, adapt::Problem},
    document::Document,
    finding::Finding,
    project::{DOCUMENT, Project, SURFACE},
    surface,
};
use std::collections::BTreeSet;

pub fn check(project: &Project, document: &Document) -> Outcome {
    let found = |problems: Vec<Problem>| -> Vec<_> {
        let finding =
            |p: Problem| Finding::error("document/not-adaptable", DOCUMENT, p.pointer, p.message);
        problems.into_iter().map(finding).collect()
    };
    codegen::run(&document.value).map_err(found)?;
    let facts = surface::lines(document).map_err(found)?;
    // Without the file, every fact is missing.
    let present = project.read(SURFACE).unwrap_or_default();
    if present == surface::text(&facts) {
        return Ok(format!(
            "{SURFACE} is current: {}",
            count(facts.len(), "fact")
        ));
    }
    let message = format!(
        "{}: run `cargo xtask surface`",
        difference(&facts, &present)
    );
    Err(vec![Finding::error("surface/stale", SURFACE, "", message)])
}

fn difference(facts: &[String], present: &str) -> String {
    let expected: BTreeSet<_> = facts.iter().map(String::as_str).collect();
    let present: BTreeSet<_> = present
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let differences = [
        ("missing", expected.difference(&present).collect::<Vec<_>>()),
        ("no longer true", present.difference(&expected).collect()),
    ];
    let described = differences.iter().filter_map(|(what, lines)| {
        let facts = count(lines.len(), "fact");
        Some(format!("{facts} {what} (`{}`)", lines.first()?))
    });
    let described = described.collect::<Vec<_>>().join(", ");
    if described.is_empty() {
        return "not in the form in which it is written".into();
    }
    described
}
