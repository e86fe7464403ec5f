//! The README counts the operations that there are.

use super::{Outcome, reason};
use crate::{
    document::Document,
    finding::Finding,
    project::{Project, README},
    readme,
};

pub fn check(project: &Project, document: &Document) -> Outcome {
    let text = project.read(README);
    let current = text.and_then(|text| Ok((readme::current(&text, document)?, text)));
    let message = match current {
        Ok((current, text)) if current == text => {
            return Ok(format!("{README} counts the operations that there are"));
        }
        Ok(_) => "the table of services is not current: run `cargo xtask surface`".into(),
        Err(error) => reason(&error),
    };
    Err(vec![Finding::error("readme/stale", README, "", message)])
}
