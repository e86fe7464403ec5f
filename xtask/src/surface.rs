//! `spec/surface.txt`: what the generated API offers.

use crate::{
    codegen::{
        adapt::{Facts, adapt},
        surface::surface,
    },
    document::Document,
    project::DOCUMENT,
};
use anyhow::{Result, bail};
use serde_json::Value;

const HEADER: &str = "# The public API that build.rs makes of spec/config-api.json, one fact a line. \
`cargo xtask surface` rewrites it.\n";

/// The text of the file as it should be.
pub fn current(document: &Document) -> Result<String> {
    match adapt(&document.value) {
        Ok((adapted, facts)) => Ok(text(&adapted, &facts)),
        Err(problems) => {
            let problems: Vec<_> = problems.iter().map(|p| format!("\n  {p}")).collect();
            bail!(
                "{DOCUMENT} cannot be turned into a client:{}",
                problems.concat()
            )
        }
    }
}

pub fn text(adapted: &Value, facts: &Facts) -> String {
    format!("{HEADER}{}\n", surface(adapted, facts).join("\n"))
}
