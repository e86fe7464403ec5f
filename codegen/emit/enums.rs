//! Enums that stay open.

use super::super::adapt::{OpenEnum, Problem, identifiers::is_identifier};
use heck::ToPascalCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeMap;

pub fn open_enum(e: &OpenEnum) -> Result<TokenStream, Problem> {
    let name = format_ident!("{}", e.name);
    let docs = &e.description;
    let mut variants = BTreeMap::new();
    for value in &e.values {
        let variant = value.to_pascal_case();
        let pointer = format!("/components/schemas/{}", e.name);
        if !is_identifier(&variant) || variant == "Unknown" {
            return Err(Problem::new(
                pointer,
                format!("`{value}` cannot be a variant of an enum in Rust"),
            ));
        }
        if let Some(other) = variants.insert(variant, value) {
            return Err(Problem::new(
                pointer,
                format!("`{other}` and `{value}` are the same variant in Rust"),
            ));
        }
    }
    let idents = e
        .values
        .iter()
        .map(|v| format_ident!("{}", v.to_pascal_case()));
    let values = &e.values;
    Ok(quote! {
        open_enum! {
            #[doc = #docs]
            pub enum #name { #(#idents = #values),* }
        }
    })
}
