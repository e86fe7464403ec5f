#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// In the order a request meets them.
mod client;
pub mod credentials;
#[cfg(feature = "rustls-no-provider")]
mod tls;
#[macro_use]
mod argument;
#[macro_use]
mod text;
mod operation;
mod path;
mod raw_call;
mod transport;
#[macro_use]
mod call;
mod answer;
mod body;
mod error;
mod rate_limit;
mod response;
mod retry;

// What calls take and answer.
#[macro_use]
mod object;
#[macro_use]
mod conversions;
mod access;
pub mod destinations;
pub mod enums;
pub mod filters;
pub mod fql;
pub mod functions;
pub mod json;
mod lookup;
pub mod names;
pub mod number;
#[macro_use]
pub mod pagination;
pub mod patch;
pub mod regulations;
pub mod settings;
pub mod snapshot;
pub mod time;
pub mod tracking_plans;
mod upsert;
mod workspaces;

pub mod troubleshooting;

#[cfg(feature = "fake")]
#[cfg_attr(docsrs, doc(cfg(feature = "fake")))]
pub mod fake;

mod generated {
    #![allow(clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

pub use call::Call;
pub use client::{Client, ClientBuilder, Region};
pub use error::{Error, ErrorKind};
pub use generated::{calls, types};
pub use pagination::List;
pub use path::{InvalidPathSegment, PartOf, PathSegment};
pub use rate_limit::Wait;
pub use raw_call::RawCall;
pub use reqwest::{StatusCode, header::HeaderMap};
pub use response::Response;
pub use retry::RetryPolicy;
pub use upsert::CreatedOrUpdated;

// What else the signatures of this crate are made of.
pub use futures_core::Stream;
#[doc(no_inline)]
pub use {reqwest, serde_json};
