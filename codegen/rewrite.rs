//! Edits progenitor's output where it has no setting.
//!
//! Each edit counts what it changed, so that a progenitor whose output looks
//! different fails the build instead of silently losing the edit.

use super::adapt::{Answer, Facts, Operation, Problem, Schema};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::{BTreeMap, BTreeSet};
use syn::{
    Expr, Field, File, GenericArgument, Ident, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod,
    ItemStruct, PathArguments, ReturnType, Stmt, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

pub fn rewrite(file: &mut File, facts: &Facts) -> Result<(), Problem> {
    own_client(file, facts)?;
    ShortPaths.visit_file_mut(file);
    rewrite_types(module(file, "types")?, facts)?;
    rewrite_calls(module(file, "builder")?, facts)
}

/// Names of the prelude need no path: it makes signatures hard to read in the docs.
struct ShortPaths;

impl VisitMut for ShortPaths {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        const PRELUDE: [&str; 5] = ["String", "Option", "Vec", "BTreeMap", "From"];
        visit_mut::visit_path_mut(self, path);
        let std = path.segments.first().is_some_and(|s| s.ident == "std");
        if let Some(last) = path
            .segments
            .last()
            .filter(|s| std && PRELUDE.iter().any(|p| s.ident == p))
        {
            *path = last.clone().into();
        }
    }
}

/// progenitor's client cannot carry this crate's configuration and errors:
/// only its operation methods stay, on the crate's own `Client`.
fn own_client(file: &mut File, facts: &Facts) -> Result<(), Problem> {
    file.attrs.clear();
    let mut methods = 0;
    file.items.retain_mut(|item| match item {
        Item::Mod(m) => m.ident != "prelude",
        Item::Impl(i) if i.trait_.is_none() && is(&i.self_ty, "Client") => {
            i.items.retain_mut(|item| own_method(item, facts));
            methods += i.items.len();
            *i.self_ty = parse_quote!(crate::Client);
            !i.items.is_empty()
        }
        _ => false,
    });
    expect(
        "operation methods of the client",
        methods,
        facts.operations.len(),
    )
}

fn own_method(item: &mut ImplItem, facts: &Facts) -> bool {
    let ImplItem::Fn(method) = item else {
        return false;
    };
    let Some(operation) = facts.operations.iter().find(|o| method.sig.ident == o.id) else {
        return false;
    };
    let builder = format_ident!("{}", operation.builder());
    let docs = format!(
        "{}\n\n`{} {}`\n\n{}",
        prose(&method.attrs, "Sends a `"),
        operation.method,
        operation.path,
        example(operation)
    );
    method.attrs = vec![parse_quote!(#[doc = #docs])];
    method.sig.output = parse_quote!(-> builder::#builder);
    true
}

/// How the call is made, as a doctest.
fn example(operation: &Operation) -> String {
    let mut arguments = "client: segment_config_api::Client".to_string();
    let mut call = format!("client.{}()", operation.id);
    let required = operation.query.iter().filter(|p| p.required);
    for parameter in operation
        .path_parameters
        .iter()
        .chain(required.clone().map(|p| &p.name))
    {
        let name = parameter.to_snake_case();
        let list = required
            .clone()
            .any(|p| p.name == *parameter && p.kind == "array");
        let value = if list {
            format!("[\"{name}\"]")
        } else {
            format!("\"{name}\"")
        };
        call += &format!(".{}({value})", method_name(&name));
    }
    if let Some(request) = &operation.request {
        let (module, ty) = match &operation.mask {
            Some(mask) => ("patch", mask.patch()),
            None => ("types", request.clone()),
        };
        arguments += &format!(", body: segment_config_api::{module}::{ty}");
        call += ".body(body)";
    }
    let result = if operation.answer == Answer::Empty {
        ""
    } else {
        "let answer = "
    };
    format!(
        "```no_run\n# async fn run({arguments}) -> Result<(), segment_config_api::Error> {{\n\
         {result}{call}.send().await?;\n# Ok(())\n# }}\n```"
    )
}

/// `type` is called `type_` in Rust.
pub fn method_name(name: &str) -> String {
    match syn::parse_str::<Ident>(name) {
        Ok(_) => name.to_string(),
        Err(_) => format!("{name}_"),
    }
}

/// The part of a doc comment before `end`.
pub fn prose(attrs: &[syn::Attribute], end: &str) -> String {
    let lines = attrs.iter().filter_map(|a| match &a.meta {
        syn::Meta::NameValue(doc) => match &doc.value {
            Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split(end)
        .next()
        .unwrap_or_default()
        .trim()
        .to_string()
}

// Types.

fn rewrite_types(types: &mut Vec<Item>, facts: &Facts) -> Result<(), Problem> {
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

fn initial(ident: Option<&Ident>, ty: &Type) -> TokenStream {
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

// Calls.

fn rewrite_calls(calls: &mut Vec<Item>, facts: &Facts) -> Result<(), Problem> {
    let mut rewritten = Vec::new();
    for operation in &facts.operations {
        let (structure, methods) = call(calls, operation)?;
        rewritten.extend(rewritten_call(structure, methods, operation)?);
    }
    expect("calls", rewritten.len(), facts.operations.len() * 2)?;
    *calls = vec![
        parse_quote!(
            use super::types;
        ),
        parse_quote!(
            use crate::{Client, path::Segment};
        ),
        parse_quote!(
            use progenitor_client::{QueryParam, encode_path};
        ),
    ];
    calls.append(&mut rewritten);
    Ok(())
}

fn call<'a>(
    calls: &'a [Item],
    operation: &Operation,
) -> Result<(&'a ItemStruct, &'a ItemImpl), Problem> {
    let name = operation.builder();
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
) -> Result<[Item; 2], Problem> {
    let name = &s.ident;
    let send = i.items.iter().find_map(|item| match item {
        ImplItem::Fn(f) if f.sig.ident == "send" => Some(f),
        _ => None,
    });
    let send = send.ok_or_else(|| unexpected(operation, "the builder has no `send`"))?;
    let answer = answer_type(&send.sig.output)
        .ok_or_else(|| unexpected(operation, "`send` returns something new"))?;
    let request = request(send, operation)?;
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
    let setters = fields
        .iter()
        .zip(&types)
        .map(|(f, ty)| setter(f.ident.as_ref(), ty, &argument_docs(f, operation)));
    let constant = format_ident!("{}", operation.id.to_uppercase());
    let doc = format!(
        "Builder of the call [`{0}`](crate::Client::{0}).",
        operation.id
    );
    let structure = parse_quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
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
            fn request(self) -> crate::argument::Request #request
            send! { #constant -> #answer }
        }
    };
    Ok([structure, methods])
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
        (_, Some(name)) if name == "Segment" => parse_quote!(Segment),
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
    let query = operation
        .query
        .iter()
        .find(|p| p.name.to_snake_case() == name);
    let description = operation
        .descriptions
        .get(name)
        .map(String::as_str)
        .unwrap_or_default();
    match query {
        Some(p) if !p.required => format!("{description} Optional."),
        _ => format!("{description} Required."),
    }
    .trim()
    .to_string()
}

/// The first half of progenitor's `send`: arguments in, request out. The rest
/// of it belongs to `transport::call`.
fn request(send: &ImplItemFn, operation: &Operation) -> Result<TokenStream, Problem> {
    let mut cut = RequestHalf::default();
    let mut statements = Vec::new();
    for statement in &send.block.stmts {
        let mut statement = statement.clone();
        match binding(&statement).as_deref() {
            Some("info") => {
                cut.ends += 1;
                break;
            }
            Some("url") => {
                statements.push(url(operation));
                cut.urls += 1;
                continue;
            }
            Some("header_map") => {
                cut.headers += 1;
                continue;
            }
            Some("body") => {
                statements.push(parse_quote!(let body = body?;));
                if operation.masked {
                    statements.push(parse_quote!(crate::settings::refuse_masked_in(&body)?;));
                }
                continue;
            }
            _ => {}
        }
        if cut.urls == 1 && binding(&statement).is_none() {
            cut.headers += 1; // `header_map.append(…)`
            continue;
        }
        cut.visit_stmt_mut(&mut statement);
        if let Stmt::Local(local) = &mut statement {
            local.attrs.clear();
            if let syn::Pat::Ident(pattern) = &mut local.pat {
                pattern.mutability = None;
            }
        }
        statements.push(statement);
    }
    let expected = RequestHalf {
        ends: 1,
        urls: 1,
        headers: 2,
        header_calls: 1,
        clients: 1,
    };
    if cut != expected {
        return Err(unexpected(
            operation,
            format!("`send` is not built as expected: {cut:?} instead of {expected:?}"),
        ));
    }
    Ok(quote!({ #(#statements)* Ok((client, request)) }))
}

fn url(operation: &Operation) -> Stmt {
    let mut format = String::from("{}");
    let mut rest = operation.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        format.push_str(before);
        format.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    format.push_str(rest);
    let segments = operation
        .path_parameters
        .iter()
        .map(|p| format_ident!("{p}"));
    parse_quote!(let url = format!(#format, client.base_url() #(, encode_path(#segments.as_str()))*);)
}

/// The name a `let` binds.
fn binding(statement: &Stmt) -> Option<String> {
    match statement {
        Stmt::Local(local) => match &local.pat {
            syn::Pat::Ident(pattern) => Some(pattern.ident.to_string()),
            syn::Pat::Struct(_) => Some("Self".into()),
            _ => None,
        },
        _ => None,
    }
}

#[derive(Debug, Default, PartialEq)]
struct RequestHalf {
    ends: usize,
    urls: usize,
    headers: usize,
    header_calls: usize,
    clients: usize,
}

impl VisitMut for RequestHalf {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        match expr {
            // progenitor sends `api-version`, which no other server than dropshot knows.
            Expr::MethodCall(m) if m.method == "headers" => {
                self.header_calls += 1;
                *expr = (*m.receiver).clone();
            }
            // The transport sends it, always.
            Expr::MethodCall(m) if m.method == "header" => *expr = (*m.receiver).clone(),
            // Arguments carry their own reason.
            Expr::MethodCall(m) if m.method == "map_err" => *expr = (*m.receiver).clone(),
            Expr::Path(p)
                if p.path.segments.len() == 3 && p.path.segments[1].ident == "QueryParam" =>
            {
                *expr = parse_quote!(QueryParam::new);
            }
            Expr::Field(f) if matches!(&f.member, syn::Member::Named(n) if n == "client") => {
                self.clients += 1;
                *expr = parse_quote!(client.http());
            }
            _ => {}
        }
    }
}

// Helpers over syn.

fn module<'a>(file: &'a mut File, name: &str) -> Result<&'a mut Vec<Item>, Problem> {
    let found = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == name => Some(items),
        _ => None,
    });
    found.ok_or_else(|| Problem::new("", format!("progenitor's output has no module `{name}`")))
}

fn expect(what: &str, found: usize, expected: usize) -> Result<(), Problem> {
    if found == expected {
        return Ok(());
    }
    let message = format!("progenitor's output has changed: {found} {what} instead of {expected}");
    Err(Problem::new("", message))
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

fn is(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(p) if p.path.is_ident(name))
}

pub fn type_name(ty: &Type) -> Option<Ident> {
    match ty {
        Type::Path(p) => p.path.segments.last().map(|s| s.ident.clone()),
        _ => None,
    }
}

/// The type arguments of `ty`, if its last segment is `name`.
fn arguments<'a>(ty: &'a Type, name: &str) -> Option<Vec<&'a Type>> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|s| s.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let types = arguments.args.iter().filter_map(|a| match a {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}

pub fn option(ty: &Type) -> Option<&Type> {
    arguments(ty, "Option")?.into_iter().next()
}

pub fn collection(ty: &Type) -> Option<(&'static str, Vec<&Type>)> {
    ["Vec", "BTreeMap"]
        .into_iter()
        .find_map(|name| Some((name, arguments(ty, name)?)))
}

/// A type of the module above, seen from a module inside it.
fn in_super(ty: &Type) -> Type {
    qualify(ty, &parse_quote!(super))
}

/// `ty` with generated types named by their path from elsewhere.
pub fn qualify(ty: &Type, module: &syn::Path) -> Type {
    const KNOWN: [&str; 7] = ["bool", "i64", "f64", "String", "Option", "Vec", "BTreeMap"];
    struct Qualify<'a>(&'a syn::Path);
    impl VisitMut for Qualify<'_> {
        fn visit_type_path_mut(&mut self, ty: &mut syn::TypePath) {
            visit_mut::visit_type_path_mut(self, ty);
            let first = ty
                .path
                .segments
                .first()
                .map(|s| s.ident.to_string())
                .unwrap_or_default();
            let known = KNOWN.contains(&first.as_str());
            if ty.path.leading_colon.is_none() && ty.path.segments.len() == 1 && !known {
                let (module, path) = (self.0, &ty.path);
                ty.path = parse_quote!(#module::#path);
            }
        }
    }
    let mut ty = ty.clone();
    Qualify(module).visit_type_mut(&mut ty);
    ty
}
