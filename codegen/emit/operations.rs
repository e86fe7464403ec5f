//! The table of operations.

use super::super::adapt::{Answer, Auth, Operation};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub fn constant(operation: &Operation) -> TokenStream {
    let constant = format_ident!("{}", operation.id.to_uppercase());
    let Operation {
        id,
        path,
        idempotent,
        ..
    } = operation;
    let method = format_ident!("{}", operation.method);
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
            method: Method::#method,
            path: #path,
            auth: Auth::#auth,
            idempotent: #idempotent,
            answer: Answer::#answer,
        };
    }
}
