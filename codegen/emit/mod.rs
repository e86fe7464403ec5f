//! Writes what progenitor has no idea of, a file for each idea.

mod contract;
mod enums;
mod names;
mod operations;
mod patches;
mod streams;
mod structs;

use super::{
    adapt::{Facts, Problem},
    conversions::conversions,
};
use proc_macro2::TokenStream;
use structs::{extend, structs};
use syn::File;

pub fn emit(client: &mut File, facts: &Facts) -> Result<Vec<(&'static str, String)>, Problem> {
    let structs = structs(client);
    let mut calls = Vec::new();
    let mut patches = TokenStream::new();
    for operation in &facts.operations {
        if let Some(list) = &operation.list {
            calls.push(streams::stream(operation, list, &structs)?);
        }
        calls.push(names::name_setters(operation, facts));
        if let Some(mask) = &operation.mask {
            patches.extend(patches::patch(operation, mask, &structs, facts)?);
        }
    }
    extend(client, "calls", calls)?;
    let names = facts
        .schemas
        .iter()
        .filter(|(name, _)| !facts.is_partial(name))
        .map(|(name, schema)| names::resource_names_of(name, schema, &structs));
    extend(client, "types", names.collect())?;
    extend(client, "types", conversions(facts))?;
    patches::drop_partial_resources(client, facts);
    let enums = facts
        .enums
        .iter()
        .map(enums::open_enum)
        .collect::<Result<TokenStream, _>>()?;
    let operations: TokenStream = facts.operations.iter().map(operations::constant).collect();
    let names: TokenStream = facts
        .names
        .iter()
        .map(|name| names::resource_name(name, facts))
        .collect();
    Ok(vec![
        ("enums.rs", format(enums)?),
        ("operations.rs", format(operations)?),
        ("names.rs", format(names)?),
        ("patches.rs", format(patches)?),
        ("contract.rs", format(contract::contract(facts))?),
    ])
}

pub fn format(tokens: TokenStream) -> Result<String, Problem> {
    let file = syn::parse2(tokens)
        .map_err(|e| Problem::new("", format!("emitted code does not parse: {e}")))?;
    Ok(prettyplease::unparse(&file))
}
