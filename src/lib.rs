//! A client for the whole [Segment Config API](https://www.twilio.com/docs/segment/api/config-api) (`v1beta`), which
//! manages workspaces: sources, destinations, tracking plans, filters, functions, access and more.
//!
//! Everything begins with a [`Client`]. It has a method for each operation, which makes a call; calls that list are
//! streams too.
//!
//! # Install
//!
//! ```toml
//! [dependencies]
//! segment-config-api = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//!
//! [dev-dependencies]
//! segment-config-api = { version = "0.1", features = ["fake"] }
//! ```
//!
//! It builds with a C compiler and Rust 1.88 or newer. A newer Rust is asked for in a minor version, never in a patch.
//!
//! Segment creates no new tokens for this API without a request to its support since February 2024. The token is read
//! from `SEGMENT_ACCESS_TOKEN` by [`Client::from_env`], or given to [`Client::builder`].
//!
//! # The first call
//!
//! ```rust,no_run
//! use segment_config_api::{Client, patch::DestinationPatch};
//!
//! # async fn run() -> Result<(), segment_config_api::Error> {
//! let client = Client::from_env()?;                               // SEGMENT_ACCESS_TOKEN
//!
//! let mut sources = client.list_sources().workspace("acme").stream();   // all pages, lazily
//! while let Some(source) = sources.try_next().await? {
//!     println!("{}  {}", source.name, source.catalog_name);
//! }
//!
//! let name = "workspaces/acme/sources/js/destinations/google-analytics";
//! let destination = client.get_destination().name(name).send().await?;
//!
//! client.update_destination().name(name)
//!     .body(DestinationPatch::new().enabled(false))   // masks `destination.enabled` alone
//!     .send().await?;
//!
//! match client.get_source().workspace("acme").source("gone").send().await {
//!     Err(e) if e.is_not_found() => println!("gone"),
//!     other => drop(other?),
//! }
//! # drop(destination);
//! # Ok(())
//! # }
//! ```
//!
//! - `send()` returns the value; `send_response()` also its status and headers.
//! - Calls and streams are `'static`: spawn them as they are.
//! - Setters take plain values and convert; what is missing or unusable is an error before anything is sent.
//! - `name` and `parent` take a resource name, or a text that is one. Path parameters are called by the resource's
//!   noun, and take the last part as a text, or a name of that type. Functions want `workspace_id`, which is not
//!   the slug.
//! - What the document lacks is called by its path: `client.get("/workspaces/acme/warehouses").send::<Json>()`,
//!   with the same credentials, rate limit, retries and errors.
//!
//! [`services`] has a page for each service of the API, with all its calls.
//!
//! # Creating
//!
//! What a call sends is built, and what it needs is demanded:
//!
//! ```rust,no_run
//! use segment_config_api::{Client, names::SourceName, types::NewSource};
//!
//! # async fn run(client: Client) -> Result<(), segment_config_api::Error> {
//! let name = SourceName::new("acme", "orders-api")?;
//! let source = NewSource::builder()
//!     .name(&name)
//!     .catalog_name("catalog/sources/node.js")
//!     .labels([("team", "orders")]);
//! let source = client
//!     .create_source()
//!     .parent(name.parent())
//!     .body(source)
//!     .send()
//!     .await?;
//! println!("{} has {} write key(s)", source.name, source.write_keys.len());
//! # Ok(())
//! # }
//! ```
//!
//! # Paging
//!
//! Every list call has `stream()` for items, `pages()` for pages, and `all()` for a `Vec` of every item:
//! `client.list_sources().workspace("acme").all().await?`. They fetch a page when it is asked for, repeat
//! every other parameter, and ask for 100 items a page unless told otherwise. Keep a page's
//! `next_page_token` and start the same call with `.page_token(…)` to go on later. A server that gives a
//! page token twice ends the stream with an error, not in a circle: a stream remembers 8 bytes of each.
//! An item that cannot be read is an error in its place, after which `stream()` goes on. With
//! `.stream().prefetch()` the next page is fetched while this one is worked on, which halves the time of a
//! loop that takes as long for a page as the server.
//!
//! # Updating safely
//!
//! Resource names are types that parse, print and give their parts; a patch masks exactly what was called on
//! it, and cannot clear anything by accident:
//!
//! ```rust
//! use segment_config_api::{names::FilterName, patch::TrackingPlanPatch};
//!
//! let name: FilterName =
//!     "workspaces/acme/sources/js/destinations/customer.io/config/5f3a0c1e/filters/df_1JjE7f3gz8".parse()?;
//! assert_eq!((name.destination(), name.filter()), ("customer.io", "df_1JjE7f3gz8"));
//!
//! let patch = TrackingPlanPatch::new().display_name("Web and apps").clear_global();
//! assert_eq!(patch.paths(), ["tracking_plan.display_name", "tracking_plan.rules.global"]);
//! # Ok::<(), segment_config_api::names::InvalidName>(())
//! ```
//!
//! With the feature `schemars` the rule of an event is made from the type that the event is in your code:
//!
//! ```rust
//! # #[cfg(feature = "schemars")] {
//! use segment_config_api::types::EventRule;
//!
//! /// Someone bought something.
//! #[derive(schemars::JsonSchema)]
//! struct OrderCompleted {
//!     /// In the shop's own form.
//!     order_id: String,
//!     coupon: Option<String>,
//! }
//!
//! let rule = EventRule::of::<OrderCompleted>("Order Completed");
//! assert_eq!(rule.rules.value()?["properties"]["properties"]["required"], serde_json::json!(["order_id"]));
//! # }
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The modules [`tracking_plans`] (diff and merge), [`settings`] (checked against the catalog), [`filters`] and [`fql`]
//! (conditions that no input can break out of), [`regulations`] (any number of ids) and [`destinations`] (create or
//! update) do what people script with this API, and so do `find_function`, `find_tracking_plan`, `find_role` (by
//! what people call them) and `create_or_update_filter` (by title).
//!
//! # Errors
//!
//! There is one [`Error`]: a kind, predicates such as `is_not_found()`, and what is known: `status()`,
//! `code()` (gRPC), `message()`, `body()`, `operation()`, `attempts()`, `retry_after()`. After a failed write ask
//! `may_have_been_sent()`: `false` means that nothing has happened.
//!
//! ```rust,no_run
//! # use segment_config_api::{Client, Error, names::TrackingPlanName};
//! # async fn run(client: Client, plan: TrackingPlanName) -> Result<(), Error> {
//! match client.delete_tracking_plan().name(plan).send().await {
//!     Ok(()) => println!("deleted"),
//!     Err(e) if e.is_not_found() => println!("gone"),   // since before, or since a try whose answer was lost
//!     Err(e) if e.may_have_been_sent() => println!("look before you try again: {e}"),
//!     Err(e) => println!("nothing was sent: {e}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! 429 and connections that could not be made are tried again for every call, 429 until the call's time limit
//! and as late as the server asks; other failures only where doing it twice is the same as doing it once, so
//! never a POST. Waiting for the client's own rate limit is no failure and uses up no time limit before the
//! first try: 1,000 calls at once take five and a half minutes (`on_wait` tells, `queue_timeout` limits it).
//! The module [`troubleshooting`] says what each failure means and what to do.
//!
//! # Testing
//!
//! With `features = ["fake"]` among the dev-dependencies, a test has a Segment workspace in memory: state, names,
//! masks, pages, errors, limits, and faults on demand. It adds no crate to the build.
//!
//! ```rust
//! use segment_config_api::fake::{Fault, Segment};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let segment = Segment::start().await?;                          // `acme`, made up, with 264 sources
//! segment.fail_next(Fault::status(503).of("get_source"));
//!
//! let source = segment.client().get_source().workspace("acme").source("js").send().await?;
//!
//! assert_eq!(source.catalog_name, "catalog/sources/javascript");
//! assert_eq!(segment.requests_of("get_source").len(), 2);         // it was tried again
//! # Ok(())
//! # }
//! ```
//!
//! The module [`fake`] has a whole program with its test;
//! `cargo run --example fake-server` serves the same to other languages.
//!
//! # Times
//!
//! A `time::Timestamp` is a second and a nanosecond, read and written by the crate itself, and kept as it came.
//! It converts from and to `std::time::SystemTime`, and with the feature `jiff`, `chrono` or `time` (none by
//! default) from and to `jiff::Timestamp`, `chrono::DateTime<Utc>` or `time::OffsetDateTime`, by `try_into()`.
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `codegen` | yes | generates the client when the crate is built, by progenitor; without it, the files that the package brings are taken, which builds far faster |
//! | `rustls` | yes | TLS by rustls with ring |
//! | `rustls-no-provider` | | TLS by rustls with the provider that the application installs |
//! | `fake` | | [`fake`]: a workspace in memory to test against; no crate more |
//! | `schemars` | | rules of tracking plans from Rust types |
//! | `jiff`, `chrono`, `time` | | conversions of [`time::Timestamp`] |
//!
//! # TLS and proxies
//!
//! The default feature `rustls` brings rustls with ring. With `default-features = false` and
//! `rustls-no-provider` the application installs the provider, before the first client. A certificate of
//! your own is trusted with `Client::builder().root_certificate(…)`; `http_client(…)` takes a
//! `reqwest::Client` of yours, with whatever it was built with. `https` goes through the proxy that the
//! environment names (`HTTPS_PROXY`, `NO_PROXY`); plain `http`, which is for loopback only, never does.
//! TLS 1.2 and 1.3 are spoken, and HTTP/1.1 inside. HTTP/2 is not offered: it would cost every build the crate
//! `h2`, and at 200 requests a minute save nothing.
//!
//! Cargo adds up features over a whole build, so in an application these change reqwest and rustls for
//! everybody:
//!
//! | feature | turns on | what that means |
//! |---|---|---|
//! | `rustls` | `rustls/ring`, `reqwest/rustls-no-provider` | The first client, unless it has an `http_client`, installs ring as the provider of the process if there is none yet. Before that, and without another provider, `reqwest::Client::new()` panics in a build whose reqwest has no TLS of its own: install a provider at the start of `main`. One that you want instead of ring is installed there too. Where rustls has two providers, `rustls::ClientConfig::builder()` wants one installed. |
//! | `rustls-no-provider` | `reqwest/rustls-no-provider` | The same, but nothing is installed for you. |
//! | neither | nothing of TLS | `https` wants an `http_client`. |
//!
//! # The Public API
//!
//! Segment moves its users to the [Public API](https://docs.segmentapis.com/), which is another API with other names, ids and
//! tokens. The documentation of every call names what replaces it there. A reason to stay
//! is what the Public API leaves out, such as the connection mode of a destination.
//!
//! # How sure is it?
//!
//! The client is generated from a document that this project has written from public material. The documentation of a call
//! says whether it is documented by Segment, observed in clients in use, or inferred. What nobody knows, such as the answers
//! of the delivery metrics, is an open object.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The rooms, each of which knows only those above it here.
#[macro_use]
mod values;
#[macro_use]
mod call;
#[macro_use]
mod lists;
mod client;
#[cfg(feature = "fake")]
#[cfg_attr(docsrs, doc(cfg(feature = "fake")))]
pub mod fake;
mod generated;
mod resources;

pub mod troubleshooting;

/// The services of the API: what each is for, its calls, what is known of them, and what replaces
/// them in the Public API. The pages have no items: the calls are methods of [`Client`].
pub mod services {
    include!(concat!(env!("OUT_DIR"), "/services.rs"));
}

/// The README's blocks are tests.
#[cfg(all(doctest, feature = "fake", feature = "schemars"))]
#[doc = include_str!("../README.md")]
mod readme {}

pub use call::{
    Call, credentials,
    error::{Error, ErrorKind},
    rate_limit::Wait,
    raw_call::RawCall,
    response::Response,
    retry::RetryPolicy,
};
pub use client::{
    Client,
    builder::{ClientBuilder, Region},
};
pub use generated::{calls, patch, types};
pub use lists::pagination::{self, List};
pub use reqwest::{StatusCode, header::HeaderMap};
pub use resources::{
    destinations, filters, fql, functions, regulations, settings, snapshot, tracking_plans,
    upsert::CreatedOrUpdated,
};
pub use values::{
    enums, json, names, number,
    path::{InvalidPathSegment, PartOf, PathSegment},
    time,
};

// What else the signatures of this crate are made of.
pub use futures_core::Stream;
#[doc(no_inline)]
pub use {reqwest, serde_json};
