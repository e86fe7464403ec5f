//! Tells the fake what the document says: what each operation does, to which
//! resources, and the schemas of what is sent and answered.

use super::adapt::{Answer, Auth, Facts, Operation, Problem};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Map, Value, json};

/// The facts as JSON, and the operations that need code of their own: one
/// without it does not compile.
pub fn emit(document: &Value, facts: &Facts) -> Result<[(&'static str, String); 2], Problem> {
    let own: TokenStream = facts
        .operations
        .iter()
        .filter(|o| behaviour(o, facts) == "own")
        .map(|o| own(document, o))
        .collect();
    let own = quote! {
        /// What an operation does that is like no other.
        pub(super) fn own(operation: &str) -> Option<super::Own> {
            match operation {
                #own
                _ => None,
            }
        }
    };
    let operations = facts.operations.iter().map(|o| operation(o, facts));
    let told = json!({
        "base": base_path(document),
        "operations": operations.collect::<Vec<_>>(),
        "kept": kept(facts),
        "names": document["x-resource-names"],
        "schemas": without_prose(&document["components"]["schemas"]),
    });
    Ok([
        ("fake.json", told.to_string()),
        ("fake.rs", super::emit::format(own)?),
    ])
}

fn own(document: &Value, operation: &Operation) -> TokenStream {
    let id = &operation.id;
    let module = format_ident!("{}", service(document, operation).to_snake_case());
    let function = format_ident!("{id}");
    quote!(#id => Some(super::services::#module::#function),)
}

fn operation(operation: &Operation, facts: &Facts) -> Value {
    let auth = match operation.auth {
        Auth::Bearer => "bearer",
        Auth::Account => "account",
        Auth::App => "app",
    };
    let answer = match &operation.answer {
        Answer::Schema(schema) => schema.as_str(),
        Answer::Unknown => "Unknown",
        Answer::Empty => "Empty",
    };
    let query = operation.query.iter();
    let list = operation.list.as_ref();
    let mask = operation.mask.as_ref();
    json!({
        "id": operation.id,
        "method": operation.method,
        "path": operation.path.trim_start_matches('/'),
        "auth": auth,
        "does": behaviour(operation, facts),
        "query": query.map(|p| json!({"name": p.name, "required": p.required, "schema": schema(&p.schema)})).collect::<Vec<_>>(),
        "request": operation.request,
        "envelope": facts.envelope(operation).map(|(key, _)| key),
        "answer": answer,
        "list": list.map(|l| json!({"key": l.key, "item": l.item})),
        "mask": mask.map(|m| json!({"resource": m.resource, "prefix": m.prefix, "paths": m.paths, "schema": m.schema})),
    })
}

/// What is kept where: as it is got, else as it is created, else as it is listed.
fn kept(facts: &Facts) -> Vec<Value> {
    let path = |operation: &Operation| operation.path.trim_start_matches('/').to_string();
    let of = |wanted: &'static str| {
        let operations = facts.operations.iter();
        operations.filter(move |o| behaviour(o, facts) == wanted)
    };
    let answer = |operation: &Operation| match &operation.answer {
        Answer::Schema(schema) => Some(schema.clone()),
        _ => None,
    };
    let got = of("get").map(|o| (path(o), answer(o)));
    let created = of("create").map(|o| (path(o) + "/{id}", answer(o)));
    let item = |o: &Operation| o.list.as_ref().map(|list| list.item.clone());
    let listed = of("list").map(|o| (path(o) + "/{id}", item(o)));
    let kept = got.chain(created).chain(listed);
    kept.map(|(path, schema)| json!({"path": path, "schema": schema}))
        .collect()
}

/// One of the standard methods, or `own`.
fn behaviour(operation: &Operation, facts: &Facts) -> &'static str {
    let is_resource = operation.path.ends_with('}') || operation.name.is_some();
    let is_known = matches!(operation.answer, Answer::Schema(_));
    match operation.method.as_str() {
        "GET" if operation.list.is_some() => "list",
        "GET" if is_resource && is_known => "get",
        "POST" if creates(operation, facts) => "create",
        "PATCH" | "PUT" if is_resource && operation.mask.is_some() => "update",
        "DELETE" if is_resource => "delete",
        _ => "own",
    }
}

/// Whether what is answered is what can be got, listed or named below the path.
fn creates(operation: &Operation, facts: &Facts) -> bool {
    let Answer::Schema(answer) = &operation.answer else {
        return false;
    };
    let path = operation.path.as_str();
    let shown = |o: &Operation| match &o.list {
        Some(list) => o.path == path && list.item == *answer,
        None => {
            o.method == "GET" && collection(&o.path) == Some(path) && o.answer == operation.answer
        }
    };
    let pattern = path.trim_start_matches('/');
    let mut names = facts.names.iter();
    facts.operations.iter().any(shown)
        || names.any(|name| collection(&name.patterns[0]) == Some(pattern))
}

/// The path of the collection that the last part of a path chooses from.
fn collection(path: &str) -> Option<&str> {
    let (collection, last) = path.rsplit_once('/')?;
    last.starts_with('{').then_some(collection)
}

/// The path that all operations are below, as the first server has it.
fn base_path(document: &Value) -> &str {
    let url = document["servers"][0]["url"].as_str().unwrap_or_default();
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    path.find('/')
        .map_or("", |start| path[start..].trim_end_matches('/'))
}

fn service(document: &Value, operation: &Operation) -> String {
    let operation = document.pointer(&operation.pointer);
    let tag = operation.and_then(|o| o["tags"][0].as_str());
    tag.unwrap_or_default().to_string()
}

/// Schemas without descriptions; a property may be called `description`.
fn without_prose(schemas: &Value) -> Value {
    let each = |map: &Map<String, Value>| map.iter().map(|(k, v)| (k.clone(), schema(v))).collect();
    Value::Object(schemas.as_object().map(each).unwrap_or_default())
}

fn schema(value: &Value) -> Value {
    let Some(map) = value.as_object() else {
        return value.clone();
    };
    let kept = map.iter().filter(|(key, _)| *key != "description");
    let kept = kept.map(|(key, value)| {
        let value = match (key.as_str(), value) {
            ("properties", properties) => without_prose(properties),
            ("oneOf" | "allOf", Value::Array(members)) => members.iter().map(schema).collect(),
            (_, value) => schema(value),
        };
        (key.clone(), value)
    });
    Value::Object(kept.collect())
}
