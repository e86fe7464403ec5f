//! Writes how a type becomes another: what a body is about becomes the body,
//! and a resource that was read becomes one to create.

use super::{
    adapt::{Facts, Schema},
    rewrite::method_name,
};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;

pub fn conversions(facts: &Facts) -> Vec<TokenStream> {
    let mut bodies = BTreeSet::new();
    let envelopes = facts.operations.iter().filter_map(|operation| {
        let (key, inner) = facts.envelope(operation)?;
        let request = operation.request.as_ref()?;
        bodies
            .insert(request)
            .then(|| envelope(request, key, inner))
    });
    let envelopes: Vec<_> = envelopes.collect();
    let copies = facts.schemas.iter().flat_map(|(name, read)| {
        [format!("New{name}"), format!("{name}Draft")]
            .into_iter()
            .filter_map(|new| copy(name, read, &new, facts.schemas.get(&new)?))
    });
    envelopes.into_iter().chain(copies).collect()
}

fn envelope(request: &str, key: &str, inner: &str) -> TokenStream {
    let (request, inner) = (format_ident!("{request}"), format_ident!("{inner}"));
    let field = format_ident!("{}", method_name(&key.to_snake_case()));
    quote!(envelope! { #request { #field #key: #inner } })
}

/// What was read can be created again if it has all that a creation needs.
fn copy(name: &str, read: &Schema, new_name: &str, new: &Schema) -> Option<TokenStream> {
    let copied = |key: &String| {
        let (read, new) = (read.properties.get(key), &new.properties[key]);
        read.is_some_and(|read| read.form == new.form)
    };
    let required = new.properties.iter().filter(|(_, p)| p.required);
    let possible = read.received && new.sent && required.map(|(key, _)| key).all(copied);
    let keys = new.properties.keys().filter(|key| copied(key));
    let (name, new_name) = (format_ident!("{name}"), format_ident!("{new_name}"));
    possible.then(|| quote!(copy! { #name => #new_name [#(#keys),*] }))
}
