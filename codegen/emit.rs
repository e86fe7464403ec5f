//! Writes what progenitor has no idea of: streams, setters by resource name,
//! open enums, resource names, patches, and the table of operations.

use super::{
    adapt::{
        Answer, Auth, Facts, List, Mask, OpenEnum, Operation, Problem, ResourceName, Schema,
        identifiers::{accessor, is_identifier},
        parameters,
    },
    conversions::conversions,
    rewrite::{arguments, method_name, option, prose, qualify, setter, type_name},
};
use heck::{ToPascalCase, ToSnakeCase};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::{BTreeMap, BTreeSet};
use syn::{Field, File, Item, ItemMod, ItemStruct, Type};

pub fn emit(client: &mut File, facts: &Facts) -> Result<Vec<(&'static str, String)>, Problem> {
    let structs = structs(client);
    let mut calls = Vec::new();
    let mut patches = TokenStream::new();
    for operation in &facts.operations {
        if let Some(list) = &operation.list {
            calls.push(stream(operation, list, &structs)?);
        }
        calls.push(name_setters(operation, facts));
        if let Some(mask) = &operation.mask {
            patches.extend(patch(operation, mask, &structs, facts)?);
        }
    }
    extend(client, "calls", calls)?;
    let names = facts
        .schemas
        .iter()
        .filter(|(name, _)| !facts.is_partial(name))
        .map(|(name, schema)| resource_names_of(name, schema, &structs));
    extend(client, "types", names.collect())?;
    extend(client, "types", conversions(facts))?;
    drop_partial_resources(client, facts);
    let enums = facts
        .enums
        .iter()
        .map(open_enum)
        .collect::<Result<TokenStream, _>>()?;
    let operations: TokenStream = facts.operations.iter().map(constant).collect();
    let names: TokenStream = facts
        .names
        .iter()
        .map(|name| resource_name(name, facts))
        .collect();
    Ok(vec![
        ("enums.rs", format(enums)?),
        ("operations.rs", format(operations)?),
        ("names.rs", format(names)?),
        ("patches.rs", format(patches)?),
        ("contract.rs", format(contract(facts))?),
    ])
}

pub fn format(tokens: TokenStream) -> Result<String, Problem> {
    let file = syn::parse2(tokens)
        .map_err(|e| Problem::new("", format!("emitted code does not parse: {e}")))?;
    Ok(prettyplease::unparse(&file))
}

/// The generated structs by name.
fn structs(file: &File) -> BTreeMap<String, ItemStruct> {
    let modules = file.items.iter().filter_map(|item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == "types" => Some(items),
        _ => None,
    });
    let structs = modules.flatten().filter_map(|item| match item {
        Item::Struct(s) => Some((s.ident.to_string(), s.clone())),
        _ => None,
    });
    structs.collect()
}

fn field<'a>(
    structs: &'a BTreeMap<String, ItemStruct>,
    schema: &str,
    property: &str,
) -> Option<&'a Field> {
    let matches =
        |ident: &syn::Ident| ident.to_string().trim_end_matches('_') == property.to_snake_case();
    structs
        .get(schema)?
        .fields
        .iter()
        .find(|f| f.ident.as_ref().is_some_and(matches))
}

fn extend(file: &mut File, name: &str, tokens: Vec<TokenStream>) -> Result<(), Problem> {
    for item in &mut file.items {
        if let Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) = item
            && ident == name
        {
            let added: File = syn::parse2(quote!(#(#tokens)*)).map_err(|e| {
                Problem::new("", format!("emitted code for `{name}` does not parse: {e}"))
            })?;
            items.extend(added.items);
        }
    }
    Ok(())
}

fn stream(
    operation: &Operation,
    list: &List,
    structs: &BTreeMap<String, ItemStruct>,
) -> Result<TokenStream, Problem> {
    let builder = format_ident!("{}", operation.builder());
    let Answer::Schema(answer) = &operation.answer else {
        return Ok(TokenStream::new());
    };
    let items = field(structs, answer, &list.key).ok_or_else(|| {
        Problem::new(
            &operation.pointer,
            format!(
                "{}: {answer} has no `{}` of {}",
                operation.id, list.key, list.item
            ),
        )
    })?;
    let key = &items.ident;
    let list_type = option(&items.ty).unwrap_or(&items.ty);
    let item = arguments(list_type, "Vec").and_then(|items| items.into_iter().next());
    let item = item.map(|item| qualify(item, &syn::parse_quote!(types)));
    let items = match option(&items.ty) {
        Some(_) => quote!(answer.#key.unwrap_or_default()),
        None => quote!(answer.#key),
    };
    let name = &list.key;
    Ok(quote!(list! { #builder #name -> #item, |answer| #items }))
}

/// `.name(…)` and `.parent(…)` fill path parameters from a resource name.
fn name_setters(operation: &Operation, facts: &Facts) -> TokenStream {
    let builder = format_ident!("{}", operation.builder());
    let setter = |method: &str, resource: &Option<String>, doc: &str| {
        let name = facts
            .names
            .iter()
            .find(|n| Some(&n.resource) == resource.as_ref())?;
        let method = format_ident!("{method}");
        let ty = format_ident!("{}Name", name.resource);
        let parts = parameters(&name.patterns[0])
            .into_iter()
            .map(|p| format_ident!("{p}"));
        Some(quote!(
            name_setter! { #[doc = #doc] #method(#ty) { #(#parts)* } }
        ))
    };
    let name = setter(
        "name",
        &operation.name,
        "The resource's name, or a text that is one: sets all path parameters.",
    );
    let parent = setter(
        "parent",
        &operation.parent,
        "The parent's name, or a text that is one: sets the path parameters it covers.",
    );
    if name.is_none() && parent.is_none() {
        return TokenStream::new();
    }
    quote!(impl #builder { #name #parent })
}

/// Texts that are resource names can be had taken apart.
fn resource_names_of(
    name: &str,
    schema: &Schema,
    structs: &BTreeMap<String, ItemStruct>,
) -> TokenStream {
    let accessors = schema.properties.iter().filter_map(|(property, fact)| {
        let resource = format_ident!("{}Name", fact.resource_name.as_ref()?);
        Some(name_accessor(
            property,
            &resource,
            field(structs, name, property)?,
        ))
    });
    let accessors: Vec<_> = accessors.collect();
    let name = format_ident!("{name}");
    match accessors.is_empty() {
        true => TokenStream::new(),
        false => quote!(impl #name { #(#accessors)* }),
    }
}

fn name_accessor(property: &str, resource: &syn::Ident, field: &Field) -> TokenStream {
    let accessor = format_ident!("{}", accessor(property));
    let ident = &field.ident;
    let name = quote!(Result<crate::names::#resource, crate::names::InvalidName>);
    let list = type_name(option(&field.ty).unwrap_or(&field.ty)).is_some_and(|ty| ty == "Vec");
    let (output, body) = match (list, option(&field.ty)) {
        (false, None) => (name, quote!(self.#ident.parse())),
        (false, Some(_)) => (
            quote!(Option<#name>),
            quote!(self.#ident.as_deref().map(str::parse)),
        ),
        (true, None) => (
            quote!(impl Iterator<Item = #name>),
            quote!(self.#ident.iter().map(|name| name.parse())),
        ),
        (true, Some(_)) => (
            quote!(impl Iterator<Item = #name>),
            quote!(self.#ident.iter().flatten().map(|name| name.parse())),
        ),
    };
    let docs = format!(
        "What `{property}` names, taken apart.\n\n# Errors\n\
         The name is of another form; the field has it as it came."
    );
    quote! {
        #[doc = #docs]
        pub fn #accessor(&self) -> #output {
            #body
        }
    }
}

fn resource_name(name: &ResourceName, facts: &Facts) -> TokenStream {
    let ty = format_ident!("{}Name", name.resource);
    let patterns = &name.patterns;
    let all = parameters(&patterns[0]);
    let docs = format!(
        "{}\n\n{}",
        name.description,
        name_example(&ty, &patterns[0], &all)
    );
    let parts: Vec<_> = all.iter().map(|p| format_ident!("{p}")).collect();
    let others = patterns[1..]
        .iter()
        .flat_map(|p| parameters(p))
        .filter(|p| !all.contains(p));
    let optional: BTreeSet<_> = others.map(|p| format_ident!("{p}")).collect();
    let parent = facts.parent_of(&name.patterns[0]).map(|parent| {
        let parent_ty = format_ident!("{parent}Name");
        quote!(parent #parent_ty)
    });
    let last = name.last_part().map(|part| {
        let part = format_ident!("{part}");
        quote!(last #part)
    });
    quote! {
        resource_name! {
            #[doc = #docs]
            #ty [#(#patterns),*] { #(#parts),* } { #(#optional),* } #parent #last
        }
    }
}

/// Shows a name and its parts, as a doctest.
fn name_example(ty: &syn::Ident, pattern: &str, parts: &[&str]) -> String {
    let name = pattern.replace(['{', '}'], "");
    let checks = parts
        .iter()
        .map(|p| format!("assert_eq!(name.{p}(), \"{p}\");\n"));
    format!(
        "```\nuse segment_config_api::names::{ty};\n\n\
         let name: {ty} = \"{name}\".parse()?;\n{}\
         assert_eq!(name.to_string(), \"{name}\");\n\
         # Ok::<(), segment_config_api::names::InvalidName>(())\n```",
        checks.collect::<String>()
    )
}

fn open_enum(e: &OpenEnum) -> Result<TokenStream, Problem> {
    let name = format_ident!("{}", e.name);
    let docs = &e.description;
    let mut variants = BTreeMap::new();
    for value in &e.values {
        let variant = value.to_pascal_case();
        let pointer = format!("/components/schemas/{}", e.name);
        if !is_identifier(&variant) || variant == "Unknown" {
            return Err(Problem::new(
                pointer,
                format!("`{value}` cannot be a variant of an enum in Rust"),
            ));
        }
        if let Some(other) = variants.insert(variant, value) {
            return Err(Problem::new(
                pointer,
                format!("`{other}` and `{value}` are the same variant in Rust"),
            ));
        }
    }
    let idents = e
        .values
        .iter()
        .map(|v| format_ident!("{}", v.to_pascal_case()));
    let values = &e.values;
    Ok(quote! {
        open_enum! {
            #[doc = #docs]
            pub enum #name { #(#idents = #values),* }
        }
    })
}

fn constant(operation: &Operation) -> TokenStream {
    let constant = format_ident!("{}", operation.id.to_uppercase());
    let Operation {
        id,
        method,
        path,
        idempotent,
        ..
    } = operation;
    let auth = match operation.auth {
        Auth::Bearer => quote!(Bearer),
        Auth::Account => quote!(Account),
        Auth::App => quote!(App),
    };
    let answer = match operation.answer {
        Answer::Empty => quote!(Empty),
        Answer::Unknown => quote!(Unknown),
        Answer::Schema(_) => quote!(Value),
    };
    quote! {
        pub(crate) static #constant: Operation = Operation {
            id: #id,
            method: #method,
            path: #path,
            auth: Auth::#auth,
            idempotent: #idempotent,
            answer: Answer::#answer,
        };
    }
}

fn patch(
    operation: &Operation,
    mask: &Mask,
    structs: &BTreeMap<String, ItemStruct>,
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
    structs: &BTreeMap<String, ItemStruct>,
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
fn drop_partial_resources(file: &mut File, facts: &Facts) {
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

/// Calls every operation from JSON, for the contract test.
fn contract(facts: &Facts) -> TokenStream {
    let arms = facts.operations.iter().map(|operation| {
        let id = &operation.id;
        let call = format_ident!("{id}");
        let segments = operation.path_parameters.iter().map(|p| {
            let setter = format_ident!("{}", p.to_snake_case());
            quote!(.#setter(text(&input["path"][#p])))
        });
        let query = operation.query.iter().map(|p| {
            let name = &p.name;
            let setter = format_ident!("{}", method_name(&name.to_snake_case()));
            let value = match p.kind.as_str() {
                "integer" => quote!(integer(value)),
                "boolean" => quote!(decode::<bool>(value)),
                "number" => quote!(decode::<segment_config_api::number::Number>(value)),
                "array" => quote!(texts(value)),
                _ => quote!(text(value)),
            };
            quote! {
                if let Some(value) = input["query"].get(#name) {
                    call = call.#setter(#value);
                }
            }
        });
        let body = operation.request.as_ref().map(|request| match &operation.mask {
            None => {
                let ty = format_ident!("{request}");
                quote!(call = call.body(decode::<segment_config_api::types::#ty>(&input["request"]));)
            }
            Some(mask) => {
                let patch = format_ident!("{}", mask.patch());
                let resource = &mask.resource;
                quote! {
                    let paths = texts(&input["request"]["update_mask"]["paths"]);
                    let patch = segment_config_api::patch::#patch::raw(object(&input["request"][#resource]), paths);
                    call = call.body(patch);
                }
            }
        });
        quote! {
            #id => {
                #[allow(unused_mut)]
                let mut call = client.#call() #(#segments)*;
                #(#query)*
                #body
                seen(&call);
                encode(call.send().await?)
            }
        }
    });
    let schemas = facts.schemas.iter().filter(|(name, schema)| {
        let structured =
            !schema.properties.is_empty() || facts.unions.iter().any(|u| u.name == **name);
        structured && !facts.is_partial(name)
    });
    let recoded = schemas.map(|(name, _)| {
        let ty = format_ident!("{name}");
        quote!(#name => recode::<segment_config_api::types::#ty>(text),)
    });
    quote! {
        /// Calls `operation` with the path, query and request of `input`, and shows the call before.
        async fn call(
            client: &segment_config_api::Client,
            operation: &str,
            input: &serde_json::Value,
            seen: &mut (dyn FnMut(&dyn std::fmt::Debug) + Send),
        ) -> Result<serde_json::Value, segment_config_api::Error> {
            Ok(match operation {
                #(#arms)*
                other => panic!("{other} is not an operation of the document"),
            })
        }

        /// Reads a value of a schema and writes it again; none if the schema has no type.
        fn recoded(schema: &str, text: &str) -> Option<Result<Recoded, serde_json::Error>> {
            Some(match schema {
                #(#recoded)*
                _ => return None,
            })
        }
    }
}
