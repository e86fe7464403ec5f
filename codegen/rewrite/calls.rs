//! Calls: they own their client, and make requests that only the transport sends.

use super::{
    super::adapt::{Facts, Operation, Parameter, Problem},
    syntax::{arguments, expect, method_name, type_name},
    types::{initial, setter, shown},
};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Field, Ident, ImplItem, Item, ItemImpl, ItemStruct, ReturnType, Type, parse_quote};

pub(super) fn rewrite(
    calls: &mut Vec<Item>,
    facts: &Facts,
    docs: &super::Docs,
) -> Result<(), Problem> {
    let mut rewritten = Vec::new();
    for operation in &facts.operations {
        let (structure, methods) = call(calls, operation)?;
        let docs = docs.get(&operation.id).map_or("", String::as_str);
        rewritten.extend(rewritten_call(structure, methods, operation, facts, docs)?);
    }
    expect("calls", rewritten.len(), facts.operations.len() * 4)?;
    *calls = vec![
        parse_quote!(
            use super::types;
        ),
        parse_quote!(
            use crate::{client::Client, values::path::PathSegment};
        ),
    ];
    calls.append(&mut rewritten);
    Ok(())
}

fn call<'a>(
    calls: &'a [Item],
    operation: &Operation,
) -> Result<(&'a ItemStruct, &'a ItemImpl), Problem> {
    let name = operation.call();
    let mut structure = None;
    let mut methods = None;
    for item in calls {
        match item {
            Item::Struct(s) if s.ident == name => structure = Some(s),
            Item::Impl(i)
                if i.trait_.is_none() && type_name(&i.self_ty).is_some_and(|n| n == name) =>
            {
                methods = Some(i)
            }
            _ => {}
        }
    }
    structure
        .zip(methods)
        .ok_or_else(|| unexpected(operation, format!("there is no builder called {name}")))
}

fn rewritten_call(
    s: &ItemStruct,
    i: &ItemImpl,
    operation: &Operation,
    facts: &Facts,
    docs: &str,
) -> Result<[Item; 4], Problem> {
    let name = &s.ident;
    let send = i.items.iter().find_map(|item| match item {
        ImplItem::Fn(f) if f.sig.ident == "send" => Some(f),
        _ => None,
    });
    let send = send.ok_or_else(|| unexpected(operation, "the builder has no `send`"))?;
    let answer = answer_type(&send.sig.output)
        .ok_or_else(|| unexpected(operation, "`send` returns something new"))?;
    let fields: Vec<_> = s
        .fields
        .iter()
        .filter(|f| f.ident.as_ref().is_some_and(|i| i != "client"))
        .collect();
    let idents: Vec<_> = fields.iter().filter_map(|f| f.ident.as_ref()).collect();
    let types: Vec<Type> = fields
        .iter()
        .map(|f| argument_type(f))
        .collect::<Option<_>>()
        .ok_or_else(|| unexpected(operation, "a field of the builder is no `Result`"))?;
    let inits = fields
        .iter()
        .zip(&types)
        .map(|(f, ty)| initial(f.ident.as_ref(), ty));
    let setters = fields.iter().zip(&types).map(|(f, ty)| {
        let docs = argument_docs(f, operation);
        own_setter(f, operation, facts, &docs).unwrap_or_else(|| {
            let resource = query(f, operation).and_then(|p| p.resource_name.as_deref());
            setter(f.ident.as_ref(), ty, resource, &docs)
        })
    });
    let debug = fields.iter().filter_map(|f| {
        let ident = f.ident.as_ref()?;
        let shown = shown(
            operation
                .secrets
                .iter()
                .any(|s| *ident == method_name(&s.to_snake_case())),
        );
        Some(quote!(#ident #shown))
    });
    let debug = quote!(arguments_debug! { #name { #(#debug)* } });
    let constant = format_ident!("{}", operation.id.to_uppercase());
    let request = request(&fields, operation, &constant);
    let doc = format!(
        "The call that [`Client::{0}`](crate::Client::{0}) makes: its parameters are the methods below.\n\n{docs}",
        operation.id
    );
    let structure = parse_quote! {
        #[doc = #doc]
        #[derive(Clone)]
        #[must_use = "nothing is sent before `send`"]
        pub struct #name {
            client: Client,
            #(#idents: Result<#types, String>,)*
        }
    };
    let methods = parse_quote! {
        impl #name {
            pub(crate) fn new(client: &Client) -> Self {
                Self { client: client.clone(), #(#idents: #inits,)* }
            }
            setters! { #(#setters)* }
            fn request(self) -> crate::call::request::Request { #request }
        }
    };
    let call = parse_quote!(send! { #name #constant -> #answer });
    Ok([structure, methods, call, parse_quote!(#debug)])
}

/// The setter of a parameter that takes more than its text: the last part of a name, or where a list goes on.
fn own_setter(
    field: &Field,
    operation: &Operation,
    facts: &Facts,
    docs: &str,
) -> Option<TokenStream> {
    let ident = field.ident.as_ref()?;
    let name = ident.to_string();
    if operation.list.is_some() && name == "page_token" {
        return Some(quote!(#[doc = #docs] #ident #name token;));
    }
    let mut path = operation.path_parameters.iter();
    let parameter = path.find(|p| ident == *p)?;
    let resource = &facts.name_ending_with(parameter, operation)?.resource;
    let ty = format_ident!("{resource}Name");
    Some(quote!(#[doc = #docs] #ident #name part(crate::names::#ty);))
}

/// `Result<ResponseValue<T>, …>` gives `T`.
fn answer_type(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, ty) = output else {
        return None;
    };
    let value = arguments(ty, "Result")?.into_iter().next()?;
    arguments(value, "ResponseValue")?
        .into_iter()
        .next()
        .cloned()
}

/// A body is kept as a value, not as its builder: what fails to convert says so once.
fn argument_type(field: &Field) -> Option<Type> {
    let ty = arguments(&field.ty, "Result")?.into_iter().next()?;
    Some(match (ty, type_name(ty)) {
        (Type::Path(p), Some(name)) if p.path.segments.iter().any(|s| s.ident == "builder") => {
            parse_quote!(types::#name)
        }
        (_, Some(name)) if name == "PathSegment" => parse_quote!(PathSegment),
        _ => ty.clone(),
    })
}

fn argument_docs(field: &Field, operation: &Operation) -> String {
    let name = field
        .ident
        .as_ref()
        .map(Ident::to_string)
        .unwrap_or_default();
    let name = name.trim_end_matches('_');
    if name == "body" {
        return "What to send; builders and patches convert to it. Required.".into();
    }
    let description = operation
        .descriptions
        .get(name)
        .map(String::as_str)
        .unwrap_or_default();
    match query(field, operation) {
        Some(p) if !p.required => format!("{description} Optional."),
        _ => format!("{description} Required."),
    }
    .trim()
    .to_string()
}

/// The query parameter that a field of the builder is.
fn query<'a>(field: &Field, operation: &'a Operation) -> Option<&'a Parameter> {
    let name = field.ident.as_ref()?.to_string();
    let mut query = operation.query.iter();
    query.find(|p| p.name.to_snake_case() == name.trim_end_matches('_'))
}

/// What is sent, in place of progenitor's `send`: path, query and body, in this order.
fn request(fields: &[&Field], operation: &Operation, constant: &Ident) -> TokenStream {
    let segments = operation.path_parameters.iter();
    let segments = segments.map(|p| format_ident!("{p}"));
    // Ids that look alike are told apart by how they begin.
    let prefixes = operation.id_prefixes.iter().map(|(parameter, prefix)| {
        let name = parameter.to_snake_case();
        let (ident, description) = (format_ident!("{name}"), operation.descriptions.get(&name));
        let description = description.map_or("", String::as_str);
        quote!(.prefix(&self.#ident, #parameter, #prefix, #description))
    });
    let rest = fields.iter().filter_map(|field| {
        let ident = field.ident.as_ref()?;
        let Some(parameter) = query(field, operation) else {
            let unmasked = operation.masked.then(|| quote!(.unmasked()));
            return (ident == "body").then(|| quote!(.body(&self.body) #unmasked));
        };
        let name = &parameter.name;
        let values = quote!(self.#ident.as_ref());
        Some(match (parameter.kind.as_str(), parameter.required) {
            ("array", true) => quote!(.needed(#name, #values.map(Vec::as_slice))),
            ("array", false) => {
                quote!(.query(#name, #values.map(|v| v.as_deref().unwrap_or_default())))
            }
            (_, true) => quote!(.query(#name, #values.map(std::slice::from_ref))),
            (_, false) => quote!(.query(#name, #values.map(Option::as_slice))),
        })
    });
    quote! {
        crate::call::request::Arguments::of(&crate::call::operation::#constant, &[#(&self.#segments),*])
            #(#prefixes)* #(#rest)*
            .to(self.client.endpoint())
    }
}

fn unexpected(operation: &Operation, message: impl std::fmt::Display) -> Problem {
    Problem::new(
        &operation.pointer,
        format!(
            "{}: progenitor's output has changed: {message}",
            operation.id
        ),
    )
}
