//! What is made of the document is what would be made of it now.

use super::{Outcome, count, reason};
use crate::{
    codegen::adapt::Facts,
    document::Document,
    finding::Finding,
    json,
    project::{DOCUMENT, Project, README, SURFACE},
    readme, surface,
};
use serde_json::Value;

/// One text for one document: a difference shows what changed and nothing else.
pub fn canonical(text: &str, document: &Document) -> Outcome {
    let id = "document/not-canonical";
    compare(id, DOCUMENT, "fmt", &json::canonical(&document.value), text)?;
    Ok(format!("{DOCUMENT} is in canonical form"))
}

pub fn readme(project: &Project, document: &Document) -> Outcome {
    let id = "readme/stale";
    let wrong = |e| vec![Finding::error(id, README, "", reason(&e))];
    let present = project.read(README).map_err(wrong)?;
    let current = readme::current(&present, document).map_err(wrong)?;
    compare(id, README, "surface", &current, &present)?;
    Ok(format!("{README} counts the operations that there are"))
}

/// Reviewers see which client the code generation makes.
pub fn surface(project: &Project, adapted: &Value, facts: &Facts) -> Outcome {
    let current = surface::text(adapted, facts);
    // Without the file, every fact is missing.
    let present = project.read(SURFACE).unwrap_or_default();
    compare("surface/stale", SURFACE, "surface", &current, &present)?;
    let facts = count(current.lines().count() - 1, "fact");
    Ok(format!("{SURFACE} is current: {facts}"))
}

fn compare(
    id: &'static str,
    file: &str,
    command: &str,
    current: &str,
    present: &str,
) -> Result<(), Vec<Finding>> {
    if current == present {
        return Ok(());
    }
    let same = current.lines().zip(present.lines());
    let same = same.take_while(|(a, b)| a == b).count();
    let line = current.lines().nth(same).unwrap_or("the end");
    let message = format!(
        "line {} is not as it would be made, `{line}`: run `cargo xtask {command}`",
        same + 1
    );
    Err(vec![Finding::error(id, file, "", message)])
}
