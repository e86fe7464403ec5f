//! Names that the document must leave alone are those that the code uses: they are read from
//! the sources, so that the lists in `codegen` cannot go stale.

#[path = "../codegen/mod.rs"]
#[allow(dead_code, reason = "the build uses all of it")]
mod codegen;

use codegen::adapt::{adapt, identifiers};
use heck::ToPascalCase;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};
use syn::{File, ImplItem, Item, UseTree};

type Names = BTreeSet<String>;

fn document() -> Value {
    let text = fs::read_to_string("spec/config-api.json").expect("the document");
    serde_json::from_str(&text).expect("JSON")
}

/// The sources with their names.
fn sources() -> Vec<(String, File)> {
    let mut sources = Vec::new();
    let mut queue = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = queue.pop() {
        match fs::read_dir(&path) {
            Ok(inner) => queue.extend(inner.map(|entry| entry.expect("a file").path())),
            Err(_) => {
                let text = fs::read_to_string(&path).expect("text");
                let name = path.file_name().expect("a name").to_string_lossy();
                sources.push((name.into_owned(), syn::parse_file(&text).expect("Rust")));
            }
        }
    }
    sources
}

/// The macros of the crate, by name.
fn macros() -> Vec<(String, TokenStream)> {
    let items = sources().into_iter().flat_map(|(_, file)| file.items);
    let macros = items.filter_map(|item| match item {
        Item::Macro(item) => Some((item.ident?.to_string(), item.mac.tokens)),
        _ => None,
    });
    macros.collect()
}

/// What generated code is made of: its own tokens, and those of the macros that it calls.
fn generated() -> Vec<TokenStream> {
    let files = codegen::run(&document()).expect("a client");
    let mut tokens: Vec<TokenStream> = files
        .iter()
        .filter(|(name, _)| !["contract.rs", "operations.rs"].contains(name))
        .map(|(_, text)| text.parse().expect("Rust"))
        .collect();
    let mut macros = macros();
    let mut next = 0;
    while next < tokens.len() {
        let called = calls(&tokens[next]);
        let (found, left) = macros
            .into_iter()
            .partition(|(name, _)| called.contains(name));
        macros = left;
        tokens.extend(Vec::into_iter(found).map(|(_, body)| body));
        next += 1;
    }
    tokens
}

/// All tokens, those in groups too.
fn flat(tokens: &TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens.clone() {
        let inner = match &token {
            TokenTree::Group(group) => flat(&group.stream()),
            _ => Vec::new(),
        };
        all.push(token);
        all.extend(inner);
    }
    all
}

fn is(token: Option<&TokenTree>, text: &str) -> bool {
    token.is_some_and(|token| token.to_string() == text)
}

fn calls(tokens: &TokenStream) -> Names {
    let all = flat(tokens);
    let calls = all.windows(2).filter(|pair| is(pair.get(1), "!"));
    calls.map(|pair| pair[0].to_string()).collect()
}

/// The names of types that stand alone: not after `::`, not declared, not a macro's variable.
fn unqualified(tokens: &TokenStream) -> Names {
    let all = flat(tokens);
    let mut names = Names::new();
    for (at, token) in all.iter().enumerate() {
        let TokenTree::Ident(ident) = token else {
            continue;
        };
        let name = ident.to_string();
        let before = at.checked_sub(1).and_then(|at| all.get(at));
        let after = (all.get(at + 1), all.get(at + 2));
        let qualified = [":", "$", "'", "type"].iter().any(|t| is(before, t))
            && !matches!((before, at.checked_sub(2).and_then(|at| all.get(at))), (b, two) if is(b, ":") && !is(two, ":"));
        let named = is(after.0, "=") || is(after.0, ":") && !is(after.1, ":");
        if name.len() > 1
            && name == name.to_pascal_case()
            && !name.starts_with(|c: char| c.is_ascii_digit() || c.is_lowercase())
            && !qualified
            && !named
        {
            names.insert(name);
        }
    }
    names
}

/// What the document itself calls something.
fn own() -> Names {
    let (_, facts) = adapt(&document()).expect("facts");
    let mut own: Names = facts.schemas.keys().cloned().collect();
    own.extend(facts.operations.iter().map(|o| o.call()));
    own.extend(facts.operations.iter().filter_map(|o| o.request.clone()));
    own.extend(
        facts
            .operations
            .iter()
            .filter_map(|o| Some(o.mask.as_ref()?.patch())),
    );
    own.extend(facts.names.iter().map(|n| format!("{}Name", n.resource)));
    // What `object!` says of its demand, a variant of every enum, and what is a word of Rust.
    own.extend(["Any", "AnyOrEmpty", "Keys", "Unknown", "Self"].map(str::to_string));
    for e in facts.enums {
        own.extend(e.values.iter().map(|value| value.to_pascal_case()));
        own.insert(e.name);
    }
    own
}

/// What the files that include generated types have in scope.
fn in_scope() -> Names {
    let mut names = Names::new();
    for (name, file) in sources() {
        if !["enums.rs", "names.rs", "patch.rs"].contains(&name.as_str()) {
            continue;
        }
        for item in file.items {
            match item {
                Item::Use(item) => leaves(&item.tree, &mut names),
                Item::Struct(item) => drop(names.insert(item.ident.to_string())),
                Item::Enum(item) => drop(names.insert(item.ident.to_string())),
                _ => {}
            }
        }
    }
    names.retain(|name| *name == name.to_pascal_case());
    names
}

fn leaves(tree: &UseTree, names: &mut Names) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(name) => drop(names.insert(name.rename.to_string())),
        UseTree::Glob(_) => {}
    }
}

/// The functions that a macro makes, for anyone to call or for traits too.
fn functions(name: &str, public: bool) -> Names {
    let macros = macros();
    let (_, body) = macros
        .iter()
        .find(|(m, _)| m == name)
        .unwrap_or_else(|| panic!("no {name}!"));
    let all = flat(body);
    let functions = all.windows(4).filter(|tokens| {
        let [before, inner, keyword, name] = tokens else {
            return false;
        };
        let shown = [before, inner].iter().any(|t| is(Some(t), "pub"));
        is(Some(keyword), "fn") && !is(Some(name), "$") && (shown || !public)
    });
    functions.map(|pair| pair[3].to_string()).collect()
}

#[track_caller]
fn assert_taken(used: Names, taken: &[&str]) {
    let free: Vec<_> = used
        .iter()
        .filter(|name| !taken.contains(&name.as_str()))
        .collect();
    assert!(
        free.is_empty(),
        "codegen/adapt/identifiers.rs lets the document use {free:?}"
    );
}

#[test]
fn no_schema_takes_the_name_of_a_type_that_generated_code_uses() {
    let used = generated().iter().flat_map(unqualified).collect::<Names>();
    let own = own();
    let used = used.difference(&own).cloned().chain(in_scope());
    assert_taken(used.collect(), &identifiers::TYPES);
}

#[test]
fn no_operation_takes_the_name_of_a_method_of_the_client() {
    let mut methods = Names::new();
    for (_, file) in sources() {
        let makes_methods = file.items.iter().filter_map(|item| match item {
            Item::Macro(m) if m.mac.tokens.to_string().contains("impl Client") => m.ident.clone(),
            _ => None,
        });
        let makes_methods: Vec<_> = makes_methods.map(|ident| ident.to_string()).collect();
        for item in &file.items {
            match item {
                Item::Impl(i) if i.self_ty.to_token_stream().to_string() == "Client" => {
                    methods.extend(i.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(f) => Some(f.sig.ident.to_string()),
                        _ => None,
                    }));
                }
                Item::Macro(m) if makes_methods.iter().any(|name| m.mac.path.is_ident(name)) => {
                    let words = flat(&m.mac.tokens)
                        .into_iter()
                        .map(|token| token.to_string());
                    methods.extend(words.filter(|w| w.chars().all(|c| c.is_ascii_lowercase())));
                }
                _ => {}
            }
        }
    }
    methods.retain(|name| !["true", "false"].contains(&name.as_str()));
    assert!(methods.len() > 10, "{methods:?}");
    assert_taken(methods, &identifiers::CLIENT);
}

#[test]
fn no_parameter_takes_the_name_of_a_method_of_every_call() {
    let used = ["send", "list"]
        .iter()
        .flat_map(|name| functions(name, true));
    assert_taken(used.collect(), &identifiers::CALL);
}

#[test]
fn no_mask_takes_the_name_of_a_method_of_every_patch() {
    assert_taken(functions("patch", false), &identifiers::PATCH);
}

#[test]
fn no_part_takes_the_name_of_a_method_of_every_resource_name() {
    assert_taken(functions("resource_name", false), &identifiers::NAME);
}
