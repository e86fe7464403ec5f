//! Streams of the calls that list.

use super::{
    super::{
        adapt::{Answer, List, Operation, Problem},
        rewrite::{arguments, option, qualify},
    },
    structs::{Structs, field},
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub fn stream(
    operation: &Operation,
    list: &List,
    structs: &Structs,
) -> Result<TokenStream, Problem> {
    let call = format_ident!("{}", operation.call());
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
    Ok(quote!(list! { #call #name -> #item, |answer| #items }))
}
