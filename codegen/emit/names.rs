//! Resource names: their types, the setters that take them, and the fields that hold them.

use super::{
    super::{
        adapt::{Facts, Operation, ResourceName, Schema, identifiers::accessor, parameters},
        rewrite::{option, type_name},
    },
    structs::{Structs, field},
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;
use syn::Field;

/// `.name(…)` and `.parent(…)` fill path parameters from a resource name.
pub fn name_setters(operation: &Operation, facts: &Facts) -> TokenStream {
    let call = format_ident!("{}", operation.call());
    let setter = |method: &str, resource: &Option<String>, doc: &str| {
        let name = facts
            .names
            .iter()
            .find(|n| Some(&n.resource) == resource.as_ref())?;
        let method = format_ident!("{method}");
        let ty = format_ident!("{}Name", name.resource);
        let parts = parameters(&name.patterns[0])
            .into_iter()
            .map(|p| format_ident!("{p}"));
        Some(quote!(
            name_setter! { #[doc = #doc] #method(#ty) { #(#parts)* } }
        ))
    };
    let name = setter(
        "name",
        &operation.name,
        "The resource's name, or a text that is one: sets all path parameters.",
    );
    let parent = setter(
        "parent",
        &operation.parent,
        "The parent's name, or a text that is one: sets the path parameters it covers.",
    );
    if name.is_none() && parent.is_none() {
        return TokenStream::new();
    }
    quote!(impl #call { #name #parent })
}

/// Texts that are resource names can be had taken apart.
pub fn resource_names_of(name: &str, schema: &Schema, structs: &Structs) -> TokenStream {
    let accessors = schema.properties.iter().filter_map(|(property, fact)| {
        let resource = format_ident!("{}Name", fact.resource_name.as_ref()?);
        Some(name_accessor(
            property,
            &resource,
            field(structs, name, property)?,
        ))
    });
    let accessors: Vec<_> = accessors.collect();
    let name = format_ident!("{name}");
    match accessors.is_empty() {
        true => TokenStream::new(),
        false => quote!(impl #name { #(#accessors)* }),
    }
}

fn name_accessor(property: &str, resource: &syn::Ident, field: &Field) -> TokenStream {
    let accessor = format_ident!("{}", accessor(property));
    let ident = &field.ident;
    let name = quote!(Result<crate::names::#resource, crate::names::InvalidName>);
    let list = type_name(option(&field.ty).unwrap_or(&field.ty)).is_some_and(|ty| ty == "Vec");
    let (output, body) = match (list, option(&field.ty)) {
        (false, None) => (name, quote!(self.#ident.parse())),
        (false, Some(_)) => (
            quote!(Option<#name>),
            quote!(self.#ident.as_deref().map(str::parse)),
        ),
        (true, None) => (
            quote!(impl Iterator<Item = #name>),
            quote!(self.#ident.iter().map(|name| name.parse())),
        ),
        (true, Some(_)) => (
            quote!(impl Iterator<Item = #name>),
            quote!(self.#ident.iter().flatten().map(|name| name.parse())),
        ),
    };
    let docs = format!(
        "What `{property}` names, taken apart.\n\n# Errors\n\
         The name is of another form; the field has it as it came."
    );
    quote! {
        #[doc = #docs]
        pub fn #accessor(&self) -> #output {
            #body
        }
    }
}

pub fn resource_name(name: &ResourceName, facts: &Facts) -> TokenStream {
    let ty = format_ident!("{}Name", name.resource);
    let patterns = &name.patterns;
    let all = parameters(&patterns[0]);
    let docs = format!(
        "{}\n\n{}",
        name.description,
        name_example(&ty, &patterns[0], &all)
    );
    let parts: Vec<_> = all.iter().map(|p| format_ident!("{p}")).collect();
    let others = patterns[1..]
        .iter()
        .flat_map(|p| parameters(p))
        .filter(|p| !all.contains(p));
    let optional: BTreeSet<_> = others.map(|p| format_ident!("{p}")).collect();
    let parent = facts.parent_of(&name.patterns[0]).map(|parent| {
        let parent_ty = format_ident!("{parent}Name");
        quote!(parent #parent_ty)
    });
    let last = name.last_part().map(|part| {
        let part = format_ident!("{part}");
        quote!(last #part)
    });
    quote! {
        resource_name! {
            #[doc = #docs]
            #ty [#(#patterns),*] { #(#parts),* } { #(#optional),* } #parent #last
        }
    }
}

/// Shows a name and its parts, as a doctest.
fn name_example(ty: &syn::Ident, pattern: &str, parts: &[&str]) -> String {
    let name = pattern.replace(['{', '}'], "");
    let checks = parts
        .iter()
        .map(|p| format!("assert_eq!(name.{p}(), \"{p}\");\n"));
    format!(
        "```\nuse segment_config_api::names::{ty};\n\n\
         let name: {ty} = \"{name}\".parse()?;\n{}\
         assert_eq!(name.to_string(), \"{name}\");\n\
         # Ok::<(), segment_config_api::names::InvalidName>(())\n```",
        checks.collect::<String>()
    )
}
