//! What is written is OpenAPI 3.0, by the schema that its authors publish.

use crate::{document::Document, finding::Finding, project::DOCUMENT};
use jsonschema::{Draft, ValidationError};

/// Of 2021-09-28, Apache-2.0.
const SCHEMA: &str = include_str!("../../openapi-3.0.schema.json");

pub fn findings(document: &Document) -> Vec<Finding> {
    let finding = |error: ValidationError| {
        let pointer = error.instance_path().as_str();
        let what = error.masked().to_string();
        Finding::error("document/not-openapi", DOCUMENT, pointer, what)
    };
    let schema = serde_json::from_str(SCHEMA).unwrap_or_default();
    let options = jsonschema::options().with_draft(Draft::Draft4);
    match options.build(&schema) {
        Ok(validator) => validator
            .iter_errors(&document.value)
            .map(finding)
            .collect(),
        Err(error) => vec![finding(error)],
    }
}
