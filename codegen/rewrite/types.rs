//! Types: read liberally, documented, built where they are sent.

use super::{
    super::adapt::{Facts, Problem, Schema},
    syntax::{collection, expect, in_super, option, prose, type_name},
};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};
use syn::{Field, Ident, ImplItem, Item, ItemStruct, Type, parse_quote};

pub(super) fn rewrite(types: &mut Vec<Item>, facts: &Facts) -> Result<(), Problem> {
    let tags = single_variant_enums(types);
    let defaults = defaults(types, &tags);
    let built = |name: &Ident| {
        let name = name.to_string();
        facts.schemas.get(&name).is_some_and(|s| s.sent) && !facts.is_partial(&name)
    };
    let mut builders = Vec::new();
    let mut seen = 0;
    for item in types.iter_mut() {
        match item {
            Item::Struct(s) => {
                let Some(schema) = facts.schemas.get(&s.ident.to_string()) else {
                    continue;
                };
                seen += 1;
                s.attrs.push(parse_quote!(#[non_exhaustive]));
                document_fields(s, schema);
                if built(&s.ident) {
                    builders.push(value_builder(s, &tags));
                }
                if schema.received {
                    if defaults.contains(&s.ident.to_string()) {
                        s.attrs.push(parse_quote!(#[derive(Default)]));
                    }
                    // A member that is not whole is left to the member that catches the rest.
                    if !schema.is_tagged() {
                        liberal_reading(s, schema);
                    }
                }
            }
            Item::Enum(e) => {
                let tag = tags.contains_key(&e.ident.to_string());
                if tag {
                    e.attrs.push(parse_quote!(#[derive(Default)]));
                }
                e.attrs.push(parse_quote!(#[non_exhaustive]));
                for variant in &mut e.variants {
                    let doc = if tag {
                        "The only value.".into()
                    } else {
                        format!("A [`{}`].", variant.ident)
                    };
                    variant.attrs.insert(0, parse_quote!(#[doc = #doc]));
                    if tag {
                        variant.attrs.push(parse_quote!(#[default]));
                    }
                }
            }
            _ => {}
        }
    }
    let structs = facts.schemas.values().filter(|s| !s.properties.is_empty());
    expect("structs", seen, structs.count())?;
    // Answers are not built by hand, and typify's builders want every unknown key spelled out.
    types.retain(|item| match item {
        Item::Impl(i) if i.trait_.is_none() => {
            !i.items
                .iter()
                .any(|f| matches!(f, ImplItem::Fn(f) if f.sig.ident == "builder"))
                || type_name(&i.self_ty).is_some_and(|name| built(&name))
        }
        Item::Mod(m) => m.ident != "builder",
        _ => true,
    });
    for item in types.iter_mut() {
        if let Item::Impl(i) = item
            && let [ImplItem::Fn(f)] = i.items.as_mut_slice()
            && f.sig.ident == "builder"
        {
            f.attrs.push(parse_quote!(#[doc = "Starts a value of this type; what it needs is checked when the call is sent."]));
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

/// The tag of a union member is an enum with one value.
fn single_variant_enums(types: &[Item]) -> BTreeMap<String, Ident> {
    let enums = types.iter().filter_map(|item| match item {
        Item::Enum(e) if e.variants.len() == 1 && e.variants[0].fields.is_empty() => {
            Some((e.ident.to_string(), e.variants[0].ident.clone()))
        }
        _ => None,
    });
    enums.collect()
}

/// The structs that can stand for an absent value: all but those with a field
/// that cannot, such as a union.
fn defaults(types: &[Item], tags: &BTreeMap<String, Ident>) -> BTreeSet<String> {
    let mut unable: BTreeSet<String> = types
        .iter()
        .filter_map(|item| match item {
            Item::Enum(e) => Some(e.ident.to_string()),
            _ => None,
        })
        .filter(|name| !tags.contains_key(name))
        .collect();
    let structs: Vec<_> = types
        .iter()
        .filter_map(|item| match item {
            Item::Struct(s) => Some(s),
            _ => None,
        })
        .collect();
    loop {
        let cannot =
            |f: &Field| type_name(&f.ty).is_some_and(|name| unable.contains(&name.to_string()));
        let found = structs
            .iter()
            .find(|s| !unable.contains(&s.ident.to_string()) && s.fields.iter().any(cannot));
        match found {
            Some(s) => unable.insert(s.ident.to_string()),
            None => break,
        };
    }
    structs
        .iter()
        .map(|s| s.ident.to_string())
        .filter(|name| !unable.contains(name))
        .collect()
}

/// An answer that lacks a field, or has it `null`, is an answer all the same;
/// only the identifier has to be there.
fn liberal_reading(s: &mut ItemStruct, schema: &Schema) {
    let identifier = schema.identifier().map(str::to_snake_case);
    for field in &mut s.fields {
        let name = field_name(field);
        if option(&field.ty).is_some_and(|ty| type_name(ty).is_some_and(|n| n == "Timestamp")) {
            let time = parse_quote!(#[serde(default, deserialize_with = "crate::time::optional")]);
            field.attrs.push(time);
        } else if name != "extra"
            && option(&field.ty).is_none()
            && identifier.as_deref() != Some(name.as_str())
        {
            let default =
                parse_quote!(#[serde(default, deserialize_with = "crate::decode::or_default")]);
            field.attrs.push(default);
            if type_name(&field.ty).is_some_and(|n| n == "Value") {
                // What was read as nothing is not sent as `null`.
                let skip =
                    parse_quote!(#[serde(skip_serializing_if = "::serde_json::Value::is_null")]);
                field.attrs.push(skip);
            }
        }
    }
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
        let name = field_name(field);
        if name == "extra" {
            let doc = "Keys that this version of the crate does not know, kept as they came.";
            field.attrs.insert(0, parse_quote!(#[doc = #doc]));
        } else if prose(&field.attrs, "\0").is_empty() {
            let property = schema
                .properties
                .iter()
                .find(|(p, _)| p.to_snake_case() == name);
            let doc = property
                .map(|(_, p)| p.description.clone())
                .filter(|d| !d.is_empty());
            let doc = doc.unwrap_or_else(|| format!("`{name}`"));
            field.attrs.insert(0, parse_quote!(#[doc = #doc]));
        }
    }
}

/// The builder of a value that is sent: what is required is demanded, plain
/// values are taken, and unknown keys start out empty.
fn value_builder(s: &ItemStruct, tags: &BTreeMap<String, Ident>) -> TokenStream {
    let name = &s.ident;
    let fields: Vec<_> = s
        .fields
        .iter()
        .filter(|f| f.ident.as_ref().is_some_and(|i| i != "extra"))
        .collect();
    let idents: Vec<_> = fields.iter().filter_map(|f| f.ident.as_ref()).collect();
    let types: Vec<_> = fields.iter().map(|f| in_super(&f.ty)).collect();
    let inits = fields.iter().zip(&types).map(|(f, ty)| {
        let tag = type_name(&f.ty).and_then(|t| Some((t.clone(), tags.get(&t.to_string())?)));
        match tag {
            Some((ty, variant)) => quote!(Ok(super::#ty::#variant)),
            None => initial(f.ident.as_ref(), ty),
        }
    });
    let setters = fields
        .iter()
        .zip(&types)
        .map(|(f, ty)| setter(f.ident.as_ref(), ty, &prose(&f.attrs, "\0")));
    let doc = format!("Builder of [`{name}`](super::{name}).");
    let open = s.fields.len() > fields.len();
    let extra = open.then(|| quote!(extra));
    quote! {
        value_builder! {
            #[doc = #doc]
            #name { #(#idents: #types = #inits,)* } #extra
        }
        impl #name {
            setters! { #(#setters)* }
        }
    }
}

pub(super) fn initial(ident: Option<&Ident>, ty: &Type) -> TokenStream {
    match option(ty) {
        Some(_) => quote!(Ok(None)),
        None => {
            let name = ident.map(Ident::to_string).unwrap_or_default();
            let name = name.trim_end_matches('_');
            quote!(Err(crate::argument::unset(#name)))
        }
    }
}

/// Setters take plain values and whatever converts to them, keep the reason
/// when that fails, and take lists and maps from any iterator.
pub fn setter(ident: Option<&Ident>, ty: &Type, docs: &str) -> TokenStream {
    let name = ident.map(Ident::to_string).unwrap_or_default();
    let name = name.trim_end_matches('_');
    let some = option(ty).map(|_| quote!(Some));
    let inner = option(ty).unwrap_or(ty);
    let kind = match collection(inner) {
        Some(("Vec", arguments)) => {
            let item = arguments[0];
            quote!(list(#item))
        }
        Some((_, arguments)) => {
            let value = arguments[1];
            quote!(map(#value))
        }
        None => quote!(one(#inner)),
    };
    quote!(#[doc = #docs] #ident #name #kind #some;)
}
