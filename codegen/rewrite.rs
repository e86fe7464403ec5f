//! Edits progenitor's output where it has no setting.
//!
//! Each edit counts what it changed, so that a progenitor whose output looks
//! different fails the build instead of silently losing the edit.

mod calls;
mod syntax;
mod types;

pub use syntax::{arguments, method_name, option, prose, qualify, type_name};
pub use types::{property, setter, shown};

use super::{
    adapt::{Facts, Problem},
    example::example,
};
use quote::format_ident;
use std::collections::BTreeMap;
use syn::{
    File, ImplItem, Item, Type, parse_quote,
    visit_mut::{self, VisitMut},
};
use syntax::{expect, is, module};

pub fn rewrite(file: &mut File, facts: &Facts) -> Result<(), Problem> {
    let docs = own_client(file, facts)?;
    ShortPaths.visit_file_mut(file);
    OwnJson.visit_file_mut(file);
    types::rewrite(module(file, "types")?, facts)?;
    calls::rewrite(module(file, "builder")?, facts, &docs)?;
    describe_modules(file)
}

/// progenitor describes its modules to its own users; and `types` has a module `builder` too.
fn describe_modules(file: &mut File) -> Result<(), Problem> {
    let mut described = 0;
    for item in &mut file.items {
        let Item::Mod(module) = item else { continue };
        let docs = match module.ident.to_string().as_str() {
            "types" => "What calls send and answer: the objects of the API.",
            "builder" => {
                module.ident = format_ident!("calls");
                "The calls, one for each operation. [`Client`](crate::Client) makes them."
            }
            _ => continue,
        };
        module.attrs = vec![parse_quote!(#[doc = #docs])];
        described += 1;
    }
    expect("modules", described, 2)
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

/// What is any JSON, or a map of it, stays the text it came as.
struct OwnJson;

impl VisitMut for OwnJson {
    fn visit_field_mut(&mut self, field: &mut syn::Field) {
        if field.ident.as_ref().is_some_and(|ident| ident == "extra") {
            field.ty = parse_quote!(crate::json::Extra);
        }
        visit_mut::visit_field_mut(self, field);
    }

    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        visit_mut::visit_type_mut(self, ty);
        let Type::Path(path) = ty else { return };
        let segments = &path.path.segments;
        let names = segments.first().zip(segments.last());
        match names.filter(|(first, _)| first.ident == "serde_json") {
            Some((_, last)) if last.ident == "Value" => *ty = parse_quote!(crate::json::Json),
            Some((_, last)) if last.ident == "Map" => {
                *ty = parse_quote!(std::collections::BTreeMap<String, crate::json::Json>);
            }
            _ => {}
        }
    }
}

/// What is said of each call, by the operation's id.
type Docs = BTreeMap<String, String>;

/// progenitor's client cannot carry this crate's configuration and errors:
/// only its operation methods stay, on the crate's own `Client`.
fn own_client(file: &mut File, facts: &Facts) -> Result<Docs, Problem> {
    file.attrs.clear();
    let mut docs = Docs::new();
    file.items.retain_mut(|item| match item {
        Item::Mod(m) => m.ident != "prelude",
        Item::Impl(i) if i.trait_.is_none() && is(&i.self_ty, "Client") => {
            i.items.retain_mut(|item| match own_method(item, facts) {
                Some((id, text)) => docs.insert(id, text).is_none(),
                None => false,
            });
            *i.self_ty = parse_quote!(crate::Client);
            !i.items.is_empty()
        }
        _ => false,
    });
    let methods = "operation methods of the client";
    expect(methods, docs.len(), facts.operations.len()).map(|()| docs)
}

/// The operation that a method makes a call of, and what is said of it.
fn own_method(item: &mut ImplItem, facts: &Facts) -> Option<(String, String)> {
    let ImplItem::Fn(method) = item else {
        return None;
    };
    let mut operations = facts.operations.iter();
    let operation = operations.find(|o| method.sig.ident == o.id)?;
    let call = format_ident!("{}", operation.call());
    let docs = format!(
        "{}\n\n`{} {}`\n\n{}",
        prose(&method.attrs, "Sends a `"),
        operation.method,
        operation.path,
        example(operation, facts)
    );
    // What somebody types who knows the API and not this crate.
    let aliases = operation.public_api.iter().chain([&operation.path]);
    let aliases = aliases.filter(|alias| !alias.contains(['"', '\'']));
    method.attrs = vec![parse_quote!(#[doc = #docs])];
    method
        .attrs
        .extend(aliases.map(|alias| parse_quote!(#[doc(alias = #alias)])));
    method.sig.output = parse_quote!(-> calls::#call);
    method.block = parse_quote!({ calls::#call::new(self) });
    Some((operation.id.clone(), docs))
}
