//! From the vendored OpenAPI document to Rust, step by step.
//!
//! `adapt` turns the document into one that progenitor handles well and
//! collects the facts the other steps need, `generate` runs progenitor,
//! `rewrite` edits its output, `emit` writes what progenitor has no idea of (with
//! `conversions` between types), `objects` declares the types, and `fake` says what the
//! fake needs to know. None of them knows a particular operation.

pub mod adapt;
pub mod attempt;
pub mod conversions;
pub mod emit;
mod example;
pub mod fake;
pub mod generate;
pub mod objects;
mod pages;
pub mod rewrite;

use adapt::Problem;
use serde_json::Value;

/// The generated files, by name.
pub type Files = Vec<(&'static str, String)>;

/// Generates everything that the crate includes from `OUT_DIR`.
pub fn run(document: &Value) -> Result<Files, Vec<Problem>> {
    attempt::attempt(document, client)
}

fn client(document: &Value) -> Result<Files, Vec<Problem>> {
    let (adapted, facts) = adapt::adapt(document)?;
    let mut client = generate::generate(adapted, &facts).map_err(|problem| vec![problem])?;
    rewrite::rewrite(&mut client, &facts).map_err(|problem| vec![problem])?;
    let mut files = emit::emit(&mut client, &facts).map_err(|problem| vec![problem])?;
    objects::declare(&mut client, &facts).map_err(|problem| vec![problem])?;
    files.push(("client.rs", prettyplease::unparse(&client)));
    let pages = emit::format(pages::pages(document, &facts)).map_err(|problem| vec![problem])?;
    files.push(("services.rs", pages));
    files.extend(fake::emit(document, &facts).map_err(|problem| vec![problem])?);
    Ok(files)
}
