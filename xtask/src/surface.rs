//! `spec/surface.txt`: what the generated API offers.

use crate::{
    codegen::{
        adapt::{Problem, adapt},
        surface::surface,
    },
    document::Document,
    project::DOCUMENT,
};
use anyhow::{Result, bail};

const HEADER: &str = "# The public API that build.rs makes of spec/config-api.json, one fact a line. \
`cargo xtask surface` rewrites it.\n";

/// The text of the file as it should be.
pub fn current(document: &Document) -> Result<String> {
    match lines(document) {
        Ok(lines) => Ok(text(&lines)),
        Err(problems) => {
            let problems: Vec<_> = problems.iter().map(Problem::to_string).collect();
            bail!(
                "{DOCUMENT} cannot be turned into a client:\n  {}",
                problems.join("\n  ")
            )
        }
    }
}

/// The facts, or what keeps the document from becoming a client.
pub fn lines(document: &Document) -> Result<Vec<String>, Vec<Problem>> {
    let (adapted, facts) = adapt(&document.value)?;
    Ok(surface(&adapted, &facts))
}

pub fn text(lines: &[String]) -> String {
    format!("{HEADER}{}\n", lines.join("\n"))
}
