//! Reading Rust's syntax trees.

use super::super::adapt::Problem;
use syn::{
    Expr, File, GenericArgument, Ident, Item, ItemMod, PathArguments, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

pub(super) fn module<'a>(file: &'a mut File, name: &str) -> Result<&'a mut Vec<Item>, Problem> {
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

pub(super) fn expect(what: &str, found: usize, expected: usize) -> Result<(), Problem> {
    if found == expected {
        return Ok(());
    }
    let message = format!("progenitor's output has changed: {found} {what} instead of {expected}");
    Err(Problem::new("", message))
}

pub(super) fn is(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(p) if p.path.is_ident(name))
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

pub fn type_name(ty: &Type) -> Option<Ident> {
    match ty {
        Type::Path(p) => p.path.segments.last().map(|s| s.ident.clone()),
        _ => None,
    }
}

/// The type arguments of `ty`, if its last segment is `name`.
pub fn arguments<'a>(ty: &'a Type, name: &str) -> Option<Vec<&'a Type>> {
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

pub(super) fn collection(ty: &Type) -> Option<(&'static str, Vec<&Type>)> {
    ["Vec", "BTreeMap"]
        .into_iter()
        .find_map(|name| Some((name, arguments(ty, name)?)))
}

/// A type of the module above, seen from a module inside it.
pub(super) fn in_super(ty: &Type) -> Type {
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
