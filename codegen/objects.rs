//! Declares the objects and unions of the API, which `src/values/object.rs` reads and writes.

use super::{
    adapt::{Demand, Facts, Problem, Schema, Union},
    rewrite::{option, property, prose, shown, type_name},
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{File, Item, ItemMod, ItemStruct, parse_quote};

/// Replaces typify's types, with what serde derives for them, by declarations.
pub fn declare(client: &mut File, facts: &Facts) -> Result<(), Problem> {
    for item in &mut client.items {
        if let Item::Mod(ItemMod {
            ident,
            content: Some((_, types)),
            ..
        }) = item
            && ident == "types"
        {
            types.retain(|item| !converts_to_union(item, facts));
            types
                .iter_mut()
                .try_for_each(|item| declared(item, facts))?;
        }
    }
    Ok(())
}

fn declared(item: &mut Item, facts: &Facts) -> Result<(), Problem> {
    let declaration = match item {
        Item::Struct(s) => match facts.schemas.get(&s.ident.to_string()) {
            Some(schema) if !schema.properties.is_empty() => {
                // A union is what takes the rest, until it is something else.
                let rest = facts.unions.iter().any(|u| s.ident == u.other);
                object(s, schema, schema.received || rest)?
            }
            _ => return Ok(()),
        },
        Item::Enum(e) => match facts.unions.iter().find(|u| e.ident == u.name) {
            Some(u) => union(u),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    *item = parse_quote!(#declaration);
    Ok(())
}

/// The declaration of a union makes its conversions itself.
fn converts_to_union(item: &Item, facts: &Facts) -> bool {
    match item {
        Item::Impl(i) => {
            let name = type_name(&i.self_ty).map(|name| name.to_string());
            i.trait_.is_some() && facts.unions.iter().any(|u| Some(&u.name) == name.as_ref())
        }
        _ => false,
    }
}

fn object(s: &ItemStruct, schema: &Schema, default: bool) -> Result<TokenStream, Problem> {
    let name = &s.ident;
    let docs = prose(&s.attrs, "\0");
    let fields = s
        .fields
        .iter()
        .filter_map(|f| Some((f, property(f, schema)?)));
    let mut keys: Vec<&str> = Vec::new();
    let mut rows = TokenStream::new();
    for (field, (key, property)) in fields {
        let (index, ident, ty) = (keys.len(), &field.ident, &field.ty);
        let docs = prose(&field.attrs, "\0");
        let kind = match option(ty) {
            Some(_) => quote!(optional),
            None => quote!(required),
        };
        let shown = shown(property.secret);
        keys.push(key);
        rows.extend(quote!(#[doc = #docs] #index #key #ident: #ty = #kind #shown;));
    }
    let tag = schema
        .properties
        .iter()
        .find_map(|(key, p)| Some((key, p.tag.as_ref()?)));
    let tag = tag.map(|(key, tag)| {
        let index = keys.len();
        keys.push(key);
        quote!({ #index #key = #tag })
    });
    let index = |key: &String| keys.iter().position(|k| k == key);
    let demand = match schema.demand() {
        Demand::Any => quote!(Any),
        Demand::AnyOrEmpty => quote!(AnyOrEmpty),
        Demand::Keys(demanded) => {
            let indices = demanded.iter().map(index).collect::<Option<Vec<_>>>();
            let indices = indices.ok_or_else(|| {
                let pointer = format!("/components/schemas/{name}");
                Problem::new(pointer, "a property that is demanded has no field")
            })?;
            quote!(Keys(#(#indices),*))
        }
    };
    let default = default.then(|| quote!(: default));
    Ok(quote!(
        object! { #[doc = #docs] #name #default, #demand { #rows } #tag }
    ))
}

fn union(union: &Union) -> TokenStream {
    let Union {
        key, description, ..
    } = union;
    let name = format_ident!("{}", union.name);
    let other = format_ident!("{}", union.other);
    let members = union.members.iter().map(|(tag, member)| {
        let member = format_ident!("{member}");
        quote!(#tag #member;)
    });
    quote!(union! { #[doc = #description] #name by #key { #(#members)* } else #other })
}
