//! Edits progenitor's output where it has no setting.
//!
//! Each edit counts what it changed, so that a progenitor whose output looks
//! different fails the build instead of silently losing the edit.

mod calls;
mod syntax;
mod types;

pub use syntax::{arguments, method_name, option, prose, qualify, type_name};
pub use types::{property, setter, shown};

use super::adapt::{Answer, Facts, Operation, Problem};
use heck::ToSnakeCase;
use quote::format_ident;
use syn::{
    File, ImplItem, Item, Type, parse_quote,
    visit_mut::{self, VisitMut},
};
use syntax::{expect, is, module};

pub fn rewrite(file: &mut File, facts: &Facts) -> Result<(), Problem> {
    own_client(file, facts)?;
    ShortPaths.visit_file_mut(file);
    OwnJson.visit_file_mut(file);
    types::rewrite(module(file, "types")?, facts)?;
    calls::rewrite(module(file, "builder")?, facts)?;
    rename_module(file, "builder", "calls")
}

/// `types` has a module `builder` too.
fn rename_module(file: &mut File, from: &str, to: &str) -> Result<(), Problem> {
    let modules = file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(m) if m.ident == from => Some(m),
        _ => None,
    });
    let mut renamed = 0;
    for module in modules {
        module.ident = format_ident!("{to}");
        renamed += 1;
    }
    expect("modules of calls", renamed, 1)
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
        example(operation, facts.envelope(operation))
    );
    method.attrs = vec![parse_quote!(#[doc = #docs])];
    method.sig.output = parse_quote!(-> calls::#builder);
    method.block = parse_quote!({ calls::#builder::new(self) });
    true
}

/// How the call is made, as a doctest.
fn example(operation: &Operation, envelope: Option<(&str, &str)>) -> String {
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
            None => (
                "types",
                envelope.map_or(request.clone(), |(_, inner)| inner.into()),
            ),
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
