//! Every operation called from JSON, for the contract test.

use super::super::{adapt::Facts, rewrite::method_name};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Calls every operation from JSON, for the contract test.
pub fn contract(facts: &Facts) -> TokenStream {
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
