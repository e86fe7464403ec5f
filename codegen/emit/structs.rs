//! The structs that progenitor has made, and what is added to its modules.

use super::super::adapt::Problem;
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;
use syn::{Field, File, Item, ItemMod, ItemStruct};

pub type Structs = BTreeMap<String, ItemStruct>;

/// The generated structs by name.
pub fn structs(file: &File) -> Structs {
    let modules = file.items.iter().filter_map(|item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == "types" => Some(items),
        _ => None,
    });
    let structs = modules.flatten().filter_map(|item| match item {
        Item::Struct(s) => Some((s.ident.to_string(), s.clone())),
        _ => None,
    });
    structs.collect()
}

pub fn field<'a>(structs: &'a Structs, schema: &str, property: &str) -> Option<&'a Field> {
    let matches =
        |ident: &syn::Ident| ident.to_string().trim_end_matches('_') == property.to_snake_case();
    structs
        .get(schema)?
        .fields
        .iter()
        .find(|f| f.ident.as_ref().is_some_and(matches))
}

pub fn extend(file: &mut File, name: &str, tokens: Vec<TokenStream>) -> Result<(), Problem> {
    for item in &mut file.items {
        if let Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) = item
            && ident == name
        {
            let added: File = syn::parse2(quote!(#(#tokens)*)).map_err(|e| {
                Problem::new("", format!("emitted code for `{name}` does not parse: {e}"))
            })?;
            items.extend(added.items);
        }
    }
    Ok(())
}
