//! Types: documented, without what typify knows of reading them, built where they are sent.

use super::{
    super::adapt::{Facts, Problem, Property, Schema},
    syntax::{collection, expect, in_super, option, prose, type_name},
};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Field, Ident, Item, ItemStruct, Type, parse_quote};

pub(super) fn rewrite(types: &mut Vec<Item>, facts: &Facts) -> Result<(), Problem> {
    let mut builders = Vec::new();
    let mut seen = 0;
    for item in types.iter_mut() {
        let Item::Struct(s) = item else { continue };
        let name = s.ident.to_string();
        let Some(schema) = facts.schemas.get(&name) else {
            continue;
        };
        seen += 1;
        without_tag(s, schema);
        document_fields(s, schema);
        if schema.sent && !facts.is_partial(&name) {
            builders.push(value_builder(s, schema));
        }
    }
    let structs = facts.schemas.values().filter(|s| !s.properties.is_empty());
    expect("structs", seen, structs.count())?;
    // typify's builders want every unknown key spelled out.
    types.retain(|item| match item {
        Item::Impl(i) if i.trait_.is_none() => {
            !type_name(&i.self_ty).is_some_and(|name| facts.schemas.contains_key(&name.to_string()))
        }
        Item::Mod(m) => m.ident != "builder",
        _ => true,
    });
    for item in types.iter_mut() {
        if let Item::Mod(errors) = item
            && errors.ident == "error"
        {
            errors.attrs = vec![parse_quote!(#[doc = "Why a text is no value of a type."])];
        }
    }
    types.insert(
        0,
        parse_quote!(
            use std::collections::BTreeMap;
        ),
    );
    types.push(parse_quote! {
        /// Builders of the values that calls send.
        pub mod builder {
            use std::collections::BTreeMap;
            #(#builders)*
        }
    });
    Ok(())
}

/// The tag of a union's member has one value, so there is nothing to read or set.
fn without_tag(s: &mut ItemStruct, schema: &Schema) {
    if let syn::Fields::Named(fields) = &mut s.fields {
        let kept = std::mem::take(&mut fields.named).into_iter();
        let tag = |field: &Field| property(field, schema).is_some_and(|(_, p)| p.tag.is_some());
        fields.named = kept.filter(|field| !tag(field)).collect();
    }
}

/// The property that a field stands for, with its name.
pub fn property<'a>(field: &Field, schema: &'a Schema) -> Option<(&'a String, &'a Property)> {
    let name = field_name(field);
    let mut properties = schema.properties.iter();
    properties.find(|(p, _)| p.to_snake_case() == name)
}

/// What a field is called in the document, in snake case.
fn field_name(field: &Field) -> String {
    let name = field
        .ident
        .as_ref()
        .map(Ident::to_string)
        .unwrap_or_default();
    name.trim_end_matches('_').to_string()
}

/// Every field says what it is, also where the document says so elsewhere.
fn document_fields(s: &mut ItemStruct, schema: &Schema) {
    for field in &mut s.fields {
        if prose(&field.attrs, "\0").is_empty() {
            let doc = property(field, schema)
                .map(|(_, p)| p.description.clone())
                .filter(|d| !d.is_empty());
            let doc = doc.unwrap_or_else(|| format!("`{}`", field_name(field)));
            field.attrs.insert(0, parse_quote!(#[doc = #doc]));
        }
    }
}

/// The builder of a value that is sent: what is required is demanded, plain
/// values are taken, and unknown keys start out empty.
fn value_builder(s: &ItemStruct, schema: &Schema) -> TokenStream {
    let name = &s.ident;
    let fields: Vec<_> = s
        .fields
        .iter()
        .filter(|f| f.ident.as_ref().is_some_and(|i| i != "extra"))
        .collect();
    let rows = fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, in_super(&field.ty));
        let initial = initial(ident.as_ref(), &ty);
        let shown = shown(property(field, schema).is_some_and(|(_, p)| p.secret));
        quote!(#ident: #ty = #initial, #shown;)
    });
    let setters = fields.iter().map(|field| {
        let resource = property(field, schema).and_then(|(_, p)| p.resource_name.as_deref());
        let docs = prose(&field.attrs, "\0");
        setter(field.ident.as_ref(), &in_super(&field.ty), resource, &docs)
    });
    let doc = format!("Builder of [`{name}`](super::{name}).");
    quote! {
        value_builder! {
            #[doc = #doc]
            #name { #(#rows)* }
        }
        impl #name {
            setters! { #(#setters)* }
        }
    }
}

/// Whether `Debug` shows a value.
pub fn shown(secret: bool) -> Ident {
    format_ident!("{}", if secret { "hidden" } else { "shown" })
}

pub(super) fn initial(ident: Option<&Ident>, ty: &Type) -> TokenStream {
    match option(ty) {
        Some(_) => quote!(Ok(None)),
        None => {
            let name = ident.map(Ident::to_string).unwrap_or_default();
            quote!(Err(crate::values::argument::unset(#name)))
        }
    }
}

/// Setters take plain values and whatever converts to them, keep the reason
/// when that fails, and take lists and maps from any iterator. What is the name
/// of a `resource` has to be one.
pub fn setter(ident: Option<&Ident>, ty: &Type, resource: Option<&str>, docs: &str) -> TokenStream {
    let name = ident.map(Ident::to_string).unwrap_or_default();
    let some = option(ty).map(|_| quote!(Some));
    let inner = option(ty).unwrap_or(ty);
    let resource = resource.map(|resource| format_ident!("{resource}Name"));
    let kind = match (collection(inner), resource) {
        (Some(("Vec", _)), Some(resource)) => quote!(names(crate::names::#resource)),
        (None, Some(resource)) => quote!(name(crate::names::#resource)),
        (Some(("Vec", arguments)), None) => {
            let item = arguments[0];
            quote!(list(#item))
        }
        (Some((_, arguments)), _) => {
            let value = arguments[1];
            quote!(map(#value))
        }
        (None, None) => quote!(one(#inner)),
    };
    quote!(#[doc = #docs] #ident #name #kind #some;)
}
