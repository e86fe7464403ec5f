//! Patches: what updates with a mask take.

use super::{
    super::{
        adapt::{Facts, Mask, Operation, Problem},
        rewrite::{method_name, option, prose, qualify, setter, type_name},
    },
    structs::{Structs, field},
};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{File, Item, ItemMod, Type};

pub fn patch(
    operation: &Operation,
    mask: &Mask,
    structs: &Structs,
    facts: &Facts,
) -> Result<TokenStream, Problem> {
    let patch = format_ident!("{}", mask.patch());
    let request = format_ident!("{}", operation.request.as_deref().unwrap_or_default());
    let Mask {
        resource, prefix, ..
    } = mask;
    let docs = format!(
        "What [`{0}`](crate::Client::{0}) is to change.",
        operation.id
    );
    let mut setters = TokenStream::new();
    for path in &mask.paths {
        let part = partial_field(structs, facts, &mask.schema, path).ok_or_else(|| {
            Problem::new(
                &operation.pointer,
                format!("{}: no type for `{path}`", operation.id),
            )
        })?;
        let last = path.rsplit('.').next().unwrap_or(path).to_snake_case();
        let ident = format_ident!("{}", method_name(&last));
        let clear = format_ident!("clear_{last}");
        let docs = format!("{} Masks `{prefix}{path}`.", part.docs);
        let clear_docs = format!("Empties `{path}`: masks `{prefix}{path}` and sends no value.");
        let setter = setter(Some(&ident), &part.ty, part.resource, &docs);
        setters.extend(quote!(#setter #path #[doc = #clear_docs] #clear;));
    }
    Ok(quote! {
        patch! {
            #[doc = #docs]
            #patch => #request { resource: #resource, prefix: #prefix }
        }
        impl #patch { patch_setters! { #setters } }
    })
}

/// A field of the partial resource.
struct Part<'a> {
    ty: Type,
    docs: String,
    /// The resource that its text names.
    resource: Option<&'a str>,
}

/// A field of the partial resource, at any depth.
fn partial_field<'a>(
    structs: &Structs,
    facts: &'a Facts,
    schema: &str,
    path: &str,
) -> Option<Part<'a>> {
    let mut schema = schema.to_string();
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let field = field(structs, &schema, step)?;
        let ty = option(&field.ty).unwrap_or(&field.ty);
        if steps.peek().is_none() {
            let property = facts.schemas.get(&schema)?.properties.get(step)?;
            return Some(Part {
                ty: qualify(ty, &syn::parse_quote!(crate::types)),
                docs: prose(&field.attrs, "\0"),
                resource: property.resource_name.as_deref(),
            });
        }
        schema = type_name(ty)?.to_string();
    }
    None
}

/// What a patch stands for cannot be sent without its mask, so it has no type.
pub fn drop_partial_resources(file: &mut File, facts: &Facts) {
    let partial =
        |ident: Option<syn::Ident>| ident.is_some_and(|name| facts.is_partial(&name.to_string()));
    for item in &mut file.items {
        if let Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) = item
            && ident == "types"
        {
            items.retain(|item| match item {
                Item::Struct(s) => !partial(Some(s.ident.clone())),
                Item::Impl(i) => !partial(type_name(&i.self_ty)),
                _ => true,
            });
        }
    }
}
