//! What is written is OpenAPI 3.0, by the schema that its authors publish.

use crate::{document::Document, finding::Finding, project::DOCUMENT};
use jsonschema::Draft;

/// Of 2021-09-28, Apache-2.0.
const SCHEMA: &str = include_str!("../../openapi-3.0.schema.json");

pub fn findings(document: &Document) -> Vec<Finding> {
    let schema = serde_json::from_str(SCHEMA).unwrap_or_default();
    let validator = match jsonschema::options()
        .with_draft(Draft::Draft4)
        .build(&schema)
    {
        Ok(validator) => validator,
        Err(error) => {
            let what = format!("the schema of OpenAPI itself: {error}");
            return vec![Finding::error("document/not-openapi", DOCUMENT, "", what)];
        }
    };
    let finding = |error: jsonschema::ValidationError| {
        let pointer = error.instance_path().as_str();
        let what = error.masked().to_string();
        Finding::error("document/not-openapi", DOCUMENT, pointer, what)
    };
    validator
        .iter_errors(&document.value)
        .map(finding)
        .collect()
}
