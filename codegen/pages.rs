//! Writes a page of documentation for each service.

use super::{
    adapt::{Facts, Operation, rustdoc},
    example::example,
    rewrite::method_name,
};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

/// A module for each tag of the document that has operations and is a name in Rust.
pub fn pages(document: &Value, facts: &Facts) -> TokenStream {
    let tags = document["tags"].as_array().into_iter().flatten();
    let pages = tags.filter_map(|tag| {
        let name = tag["name"].as_str()?;
        let module = method_name(&name.to_snake_case());
        syn::parse_str::<syn::Ident>(&module).ok()?;
        let told = |o: &&Operation| {
            document
                .pointer(&o.pointer)
                .is_some_and(|v| v["tags"][0] == name)
        };
        let operations: Vec<_> = facts.operations.iter().filter(told).collect();
        let first = operations
            .iter()
            .find(|o| o.list.is_some())
            .or(operations.first())?;
        let docs = format!(
            "{}\n\n{}\n# Example\n\n{}",
            rustdoc(tag["description"].as_str().unwrap_or(name)),
            table(document, &operations),
            example(first, facts),
        );
        let module = format_ident!("{module}");
        Some(quote!(#[doc = #docs] pub mod #module {}))
    });
    pages.collect()
}

/// The calls of a service, what is known of them, and what replaces them.
fn table(document: &Value, operations: &[&Operation]) -> String {
    let mut table =
        String::from("| call | does | known from | in the Public API |\n|---|---|---|---|\n");
    for operation in operations {
        let value = document.pointer(&operation.pointer).unwrap_or(&Value::Null);
        let text = |key: &str| value[key].as_str().unwrap_or_default();
        let known = match text("x-confidence") {
            "documented" => "Segment's documentation",
            "observed" => "clients in use",
            "inferred" => "inferred in part",
            other => other,
        };
        let replaced = match value["x-public-api"].as_str() {
            Some(call) => format!("`{call}`"),
            None => "none".into(),
        };
        let id = &operation.id;
        let summary = rustdoc(text("summary")).replace('|', "\\|");
        table += &format!("| [`{id}`](crate::Client::{id}) | {summary} | {known} | {replaced} |\n");
    }
    table
}
