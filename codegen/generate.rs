//! Runs progenitor with the settings that fit the adapted document.

use super::adapt::{Facts, Problem};
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle, TypeImpl};
use schemars08::schema::{InstanceType, SchemaObject};
use serde_json::Value;

/// The schema that says no more than that something is a JSON Schema.
const JSON_SCHEMA: &str = "JsonSchema";

pub fn generate(document: Value, facts: &Facts) -> Result<syn::File, Problem> {
    let document: openapiv3::OpenAPI = serde_path(document)?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_tag(TagStyle::Merged)
        .with_derive("PartialEq")
        .with_map_type("::std::collections::BTreeMap");
    for (instance, format, rust) in [
        (
            InstanceType::String,
            Some("path-segment"),
            "crate::PathSegment",
        ),
        (
            InstanceType::String,
            Some("date-time"),
            "crate::time::Timestamp",
        ),
        (
            InstanceType::String,
            Some("password"),
            "crate::credentials::Secret",
        ),
        (InstanceType::Number, None, "crate::number::Number"),
    ] {
        let schema = SchemaObject {
            instance_type: Some(instance.into()),
            format: format.map(str::to_string),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, rust, text_traits());
    }
    settings.with_replacement(JSON_SCHEMA, "crate::json::Json", std::iter::empty());
    for e in &facts.enums {
        settings.with_replacement(&e.name, format!("crate::enums::{}", e.name), text_traits());
    }
    for operation in &facts.operations {
        if let (Some(_), Some(request)) = (&operation.mask, &operation.request) {
            settings.with_replacement(
                request,
                format!("crate::patch::{request}"),
                std::iter::empty(),
            );
        }
    }
    let failed = |e: &dyn std::fmt::Display| Problem::new("", format!("progenitor: {e}"));
    let tokens = Generator::new(&settings)
        .generate_tokens(&document)
        .map_err(|e| failed(&e))?;
    syn::parse2(tokens).map_err(|e| failed(&e))
}

fn text_traits() -> impl Iterator<Item = TypeImpl> {
    [TypeImpl::Display, TypeImpl::FromStr].into_iter()
}

fn serde_path(document: Value) -> Result<openapiv3::OpenAPI, Problem> {
    serde_json::from_value(document).map_err(|e| Problem::new("", format!("not OpenAPI 3.0: {e}")))
}
