//! Testing your automation: a Segment workspace in memory.
//!
//! Nobody can make a new token of the Config API, and a test has no business in a real workspace.
//! [`Segment`] is a server on loopback that behaves as the documentation says. It needs the
//! feature `fake`, which adds no crate to a build:
//!
//! ```toml
//! [dev-dependencies]
//! segment-config-api = { version = "0.1", features = ["fake"] }
//! ```
//!
//! # A program and its test
//!
//! The program takes a [`Client`], and the test gives it one of the fake's. It looks at what the program
//! did in two ways: what is in the workspace afterwards, and what was asked for.
//!
//! ```
//! use segment_config_api::{
//!     Client, Error,
//!     fake::{Fault, Segment},
//!     patch::DestinationPatch,
//! };
//!
//! /// Switches off all destinations of the sources that are for trying things out.
//! async fn quiet(client: &Client, workspace: &str) -> Result<usize, Error> {
//!     let mut quieted = 0;
//!     let mut sources = client.list_sources().workspace(workspace).stream();
//!     while let Some(source) = sources.try_next().await? {
//!         if source.labels.get("environment").is_none_or(|stage| stage != "dev") {
//!             continue;
//!         }
//!         let name = source.resource_name()?;
//!         for destination in client.list_destinations().parent(&name).all().await? {
//!             if destination.enabled {
//!                 let patch = DestinationPatch::new().enabled(false);
//!                 let update = client.update_destination().name(&destination.resource_name()?);
//!                 update.body(patch).send().await?;
//!                 quieted += 1;
//!             }
//!         }
//!     }
//!     Ok(quieted)
//! }
//!
//! // #[tokio::test]
//! async fn only_what_is_for_trying_out_is_switched_off() -> Result<(), Box<dyn std::error::Error>> {
//!     let segment = Segment::start().await?;
//!     let slack = "workspaces/acme/sources/checkout-web-dev/destinations/slack";
//!     segment.insert(slack, serde_json::json!({"enabled": true}))?;
//!     segment.fail_next(Fault::status(503).of("update_destination"));
//!
//!     assert_eq!(quiet(&segment.client(), "acme").await?, 1);
//!
//!     let destination = segment.resource(slack).ok_or("it is gone")?;
//!     assert_eq!(destination["enabled"], false);
//!     let updates = segment.requests_of("update_destination");
//!     assert_eq!(updates.len(), 2, "the first one failed");
//!     assert_eq!(updates[0].body["update_mask"]["paths"][0], "destination.enabled");
//!     Ok(())
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     only_what_is_for_trying_out_is_switched_off().await
//! # }
//! ```
//!
//! # What is in it
//!
//! [`Segment::start`] begins with a workspace of some size, `acme`, so that lists have pages;
//! [`Segment::builder`] with an empty one. What no call creates (catalog entries, users, roles) is
//! put there with [`Segment::insert`]. All values are made up, and the same each time.
//!
//! Routes, names, parents, masks, required fields and pages come from the document that the client
//! is made from, and so does what a new resource has. Bodies are checked against its schemas: a
//! mistake is a 400 that names the field. What Segment does in a way of its own is a [`Quirk`], on
//! unless it is switched off.
//!
//! # What goes wrong
//!
//! [`Segment::fail_next`] lets the next requests fail, or some at random: with any status and body, late, or
//! with a connection that is reset before or after the request took effect. [`SegmentBuilder::rate_limit`]
//! is Segment's limit, and [`Segment::read_only_token`] may not write.
//!
//! Nothing waits for real time: [`SegmentBuilder::now`] stops the fake's clock and
//! [`Segment::advance`] puts it forward, so that limits end, regulations finish, and a schema
//! configuration that [shows late](SegmentBuilder::schema_config_delay) shows.
//!
//! The clock is the fake's, not tokio's: with tokio's paused, timers run out while an answer is on its way.
//!
//! # What it does not know
//!
//! Functions are not run and filters not evaluated; the answers about delivery are made up, since
//! nobody knows their form. Where nothing is known of an error, it is the one that the
//! documentation makes one expect.
//!
//! # Other languages
//!
//! `cargo run --example fake-server` in this crate's repository serves it to programs in any language, with
//! `--empty`, `--port` and `--rate-limit`, and prints a line for each request.

mod access;
mod call;
mod check;
mod clock;
mod facts;
mod fault;
mod journal;
mod made;
mod page;
mod quirk;
mod refusal;
mod route;
mod seed;
mod server;
mod services;
mod standard;
mod state;

mod generated {
    include!(concat!(env!("OUT_DIR"), "/fake.rs"));
}

pub use fault::Fault;
pub use journal::Request;
pub use quirk::Quirk;

use crate::client::{Client, builder::ClientBuilder};
use call::Call;
use facts::Facts;
use generated::own;
use seed::Seed;
use server::{Shared, locked, serve};
use state::State;
use std::{
    collections::BTreeSet,
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio::{net::TcpListener, task::AbortHandle};

/// What an operation does that is none of the standard methods.
type Own = fn(&mut State, &Call<'_>) -> Result<serde_json::Value, refusal::Refusal>;

/// A Segment workspace on loopback; it ends with this value.
///
/// Any number of them can run side by side, each on a free port of its own. It runs on the
/// runtime that it is started on.
pub struct Segment {
    base_url: String,
    shared: Arc<Shared>,
    client: Client,
    server: AbortHandle,
}

impl Segment {
    /// Starts it with a made-up workspace, `acme`: several hundred catalog entries and sources,
    /// with destinations, filters, tracking plans, functions, users, roles and regulations.
    ///
    /// # Errors
    /// There is no free port on loopback.
    pub async fn start() -> io::Result<Self> {
        Self::builder().acme().start().await
    }

    /// The configuration of one whose workspace `acme` is empty; the catalogs are there.
    pub fn builder() -> SegmentBuilder {
        SegmentBuilder::default()
    }

    /// Where it listens, for example `http://127.0.0.1:41234/v1beta`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// A token that may do everything.
    pub fn token(&self) -> &str {
        access::TOKEN
    }

    /// A token of the scope `workspace:read`: it may not write.
    pub fn read_only_token(&self) -> &str {
        access::READ_ONLY_TOKEN
    }

    /// A client of it, with credentials of every kind and without a rate limit of its own.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The configuration of such a client.
    pub fn client_builder(&self) -> ClientBuilder {
        client_builder(&self.base_url)
    }

    /// Lets something go wrong with a request to come, or with [some](Fault::chance) of them. Of several faults that concern a request,
    /// the first that was asked for happens.
    pub fn fail_next(&self, fault: Fault) {
        locked(&self.shared.faults).add(fault);
    }

    /// The requests so far, in the order in which they were answered.
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.shared.journal).clone()
    }

    /// The requests since the last time they were taken, which are forgotten: for programs that run so
    /// long that the journal would fill the memory.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut locked(&self.shared.journal))
    }

    /// The requests of an operation, for example of `create_source`.
    pub fn requests_of(&self, operation: &str) -> Vec<Request> {
        let of = |request: &Request| request.operation == Some(operation);
        self.requests().into_iter().filter(of).collect()
    }

    /// Puts its clock forward, so that what takes time at Segment is over: limits, a schema
    /// configuration that shows late, regulations.
    pub fn advance(&self, by: Duration) {
        locked(&self.shared.state).clock.advance(by);
    }

    /// Puts a resource at its path, for example at `catalog/sources/my-source`, with what the
    /// server adds. It replaces what is there. It is the way to what no call can create.
    ///
    /// # Errors
    /// It is no object, or has something that Segment would refuse.
    pub fn insert(&self, path: &str, resource: serde_json::Value) -> io::Result<()> {
        let path = path.trim_matches('/');
        locked(&self.shared.state)
            .insert(path, resource)
            .map_err(|refusal| io::Error::other(refusal.body().to_string()))
    }

    /// What is kept at a path, without what answers leave out or mask.
    pub fn resource(&self, path: &str) -> Option<serde_json::Value> {
        let state = locked(&self.shared.state);
        state.resources.get(path).cloned().map(Into::into)
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// The configuration of a [`Segment`].
#[derive(Clone, Default)]
#[must_use = "it does nothing until `start` is called"]
pub struct SegmentBuilder {
    seed: Seed,
    port: u16,
    rate_limit: Option<usize>,
    schema_config_delay: Duration,
    max_page_size: Option<usize>,
    now: Option<SystemTime>,
    without: BTreeSet<Quirk>,
    hook: Option<server::Hook>,
}

impl SegmentBuilder {
    /// Fills the workspace, as [`Segment::start`] does.
    pub fn acme(mut self) -> Self {
        self.seed = Seed::Acme;
        self
    }

    /// Listens on this port instead of a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Answers with 429 to more requests than so many in any minute. There is no limit unless
    /// this is called; Segment's is 200.
    pub fn rate_limit(mut self, per_minute: usize) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// Puts at most so many items on a page, whatever is asked for, so that a few are several
    /// pages; at least one. There is no such limit unless this is called.
    pub fn max_page_size(mut self, items: usize) -> Self {
        self.max_page_size = Some(items.max(1));
        self
    }

    /// Shows a schema configuration for so long as it was before an update. No time by default.
    // forteilgmbh/terraform-provider-segment@3e4b3d0 asks again for up to a minute.
    pub fn schema_config_delay(mut self, time: Duration) -> Self {
        self.schema_config_delay = time;
        self
    }

    /// Lets its clock stand still at a time, until it is put [forward](Segment::advance).
    pub fn now(mut self, time: SystemTime) -> Self {
        self.now = Some(time);
        self
    }

    /// Switches a quirk off.
    pub fn without(mut self, quirk: Quirk) -> Self {
        self.without.insert(quirk);
        self
    }

    /// Calls `hook` with each request, when its answer is known and before it is sent.
    pub fn on_request(mut self, hook: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Starts it on the runtime that this is awaited on.
    ///
    /// # Errors
    /// The port is taken, or there is none that is free on loopback.
    pub async fn start(self) -> io::Result<Segment> {
        let facts = Facts::get()?;
        let state = self.seed.state(facts);
        let mut state = state.map_err(|refusal| io::Error::other(refusal.body().to_string()))?;
        state.clock = clock::Clock::standing_at(self.now);
        state.without = self.without;
        state.delay = self.schema_config_delay;
        state.max_page_size = self.max_page_size.unwrap_or(usize::MAX);
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], self.port))).await?;
        let base_url = format!("http://{}{}", listener.local_addr()?, facts.base);
        let client = client_builder(&base_url)
            .build()
            .map_err(io::Error::other)?;
        let shared = Arc::new(Shared {
            facts,
            state: Mutex::new(state),
            limit: Mutex::new(access::Limit::new(self.rate_limit)),
            faults: Mutex::default(),
            journal: Mutex::default(),
            hook: self.hook,
        });
        let server = tokio::spawn(serve(listener, shared.clone())).abort_handle();
        Ok(Segment {
            base_url,
            shared,
            client,
            server,
        })
    }
}

impl fmt::Debug for SegmentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentBuilder").finish_non_exhaustive()
    }
}

fn client_builder(base_url: &str) -> ClientBuilder {
    let (email, password) = access::ACCOUNT;
    let (id, secret) = access::APP;
    Client::builder()
        .base_url(base_url)
        .access_token(access::TOKEN)
        .account(email, password)
        .app(id, secret)
        .rate_limit(None)
}
