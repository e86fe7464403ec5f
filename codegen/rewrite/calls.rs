//! Calls: they own their client, and make requests that only the transport sends.

use super::{
    super::adapt::{Facts, Operation, Parameter, Problem},
    syntax::{arguments, expect, method_name, type_name},
    types::{initial, setter, shown},
};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Expr, Field, Ident, ImplItem, ImplItemFn, Item, ItemImpl, ItemStruct, ReturnType, Stmt, Type,
    parse_quote,
    visit_mut::{self, VisitMut},
};

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
            fn request(self) -> crate::call::request::Request #request
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

/// The first half of progenitor's `send`: arguments in, request out. The rest
/// of it belongs to `transport::call`.
fn request(send: &ImplItemFn, operation: &Operation) -> Result<TokenStream, Problem> {
    let mut cut = RequestHalf {
        query: &operation.query,
        ..RequestHalf::default()
    };
    let address = unique("url", operation);
    let mut statements = Vec::new();
    for statement in &send.block.stmts {
        let mut statement = statement.clone();
        // Before the address there are arguments alone, which may have any name.
        match binding(&statement).as_deref() {
            Some("info") if cut.urls == 1 => {
                cut.ends += 1;
                break;
            }
            Some(name) if name == address => {
                statements.extend(id_prefixes(operation));
                statements.push(url(operation, &address));
                cut.urls += 1;
                continue;
            }
            Some("header_map") if cut.urls == 1 => {
                cut.headers += 1;
                continue;
            }
            Some("body") => {
                statements.push(parse_quote!(let body = body?;));
                if operation.masked {
                    statements.push(parse_quote!(crate::values::masked::refuse_in(&body)?;));
                }
                continue;
            }
            _ => {}
        }
        let list = binding(&statement).filter(|name| has_to_name(operation, name));
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
        if let Some(name) = list {
            let ident = format_ident!("{name}");
            statements.push(parse_quote!(crate::values::argument::not_empty(#name, &#ident)?;));
        }
    }
    let expected = RequestHalf {
        query: &operation.query,
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
    Ok(quote!({ #(#statements)* Ok((client.endpoint().clone(), request)) }))
}

/// Ids that look alike are told apart by how they begin.
fn id_prefixes(operation: &Operation) -> impl Iterator<Item = Stmt> {
    operation.id_prefixes.iter().map(|(parameter, prefix)| {
        let ident = format_ident!("{}", parameter.to_snake_case());
        let description = operation.descriptions.get(&parameter.to_snake_case());
        let description = description.map(String::as_str).unwrap_or_default();
        parse_quote!(crate::values::path::expect_prefix(&#ident, #parameter, #prefix, #description)?;)
    })
}

/// Whether a parameter is a list that is required: empty, it would not be sent at all.
fn has_to_name(operation: &Operation, parameter: &str) -> bool {
    let mut query = operation.query.iter();
    query.any(|p| p.required && p.kind == "array" && p.name.to_snake_case() == parameter)
}

/// What progenitor calls a variable of its own beside the arguments.
fn unique(variable: &str, operation: &Operation) -> String {
    let query = operation.query.iter().map(|p| &p.name);
    let arguments = operation.path_parameters.iter().chain(query);
    let arguments: Vec<_> = arguments.map(|name| name.to_snake_case()).collect();
    let mut variable = variable.to_string();
    while arguments.contains(&variable) {
        variable.insert(0, '_');
    }
    variable
}

fn url(operation: &Operation, address: &str) -> Stmt {
    let mut format = String::new();
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
    let url = format_ident!("{address}");
    parse_quote!(let #url = client.endpoint().url(&format!(#format #(, crate::values::path::encoded(#segments.as_str()))*));)
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
struct RequestHalf<'a> {
    query: &'a [Parameter],
    ends: usize,
    urls: usize,
    headers: usize,
    header_calls: usize,
    clients: usize,
}

impl VisitMut for RequestHalf<'_> {
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
            Expr::Call(c) if calls_query_param(&c.func) => {
                let (name, value) = (&c.args[0], &c.args[1]);
                *expr = match self.query.iter().find(|p| is_text(name, &p.name)) {
                    Some(p) if p.kind == "array" && p.required => {
                        parse_quote!(crate::call::request::each(#name, #value))
                    }
                    Some(p) if p.kind == "array" => {
                        parse_quote!(crate::call::request::each(#name, (#value).iter().flatten()))
                    }
                    _ => parse_quote!([(#name, #value)]),
                };
            }
            Expr::Field(f) if matches!(&f.member, syn::Member::Named(n) if n == "client") => {
                self.clients += 1;
                *expr = parse_quote!(client.endpoint().http);
            }
            _ => {}
        }
    }
}

fn calls_query_param(function: &Expr) -> bool {
    match function {
        Expr::Path(p) => p.path.segments.iter().any(|s| s.ident == "QueryParam"),
        _ => false,
    }
}

fn is_text(expr: &Expr, text: &str) -> bool {
    matches!(expr, Expr::Lit(literal) if matches!(&literal.lit, syn::Lit::Str(s) if s.value() == text))
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
