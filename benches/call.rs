//! The CPU that a call costs, against the same request by hand.
//!
//! `cargo bench` prints the ratios, measured in turns within one run. The budget
//! is 1.10 for the same types: what a call adds is a gate, a span and a copy of
//! the request, and more than a tenth would be felt in a loop. Against bare
//! types, which drop what they do not know, reading liberally costs more.

#[path = "../tests/support/answering.rs"]
mod answering;

use cpu_time::ThreadTime;
use segment_config_api::{Client, types::ListSourcesResponse};
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeMap, hint::black_box};
use tokio::runtime::Builder;

/// What one would write by hand, without unknown fields and liberal reading.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Page {
    sources: Vec<Source>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Source {
    name: String,
    parent: String,
    catalog_name: String,
    write_keys: Vec<String>,
    library_config: LibraryConfig,
    create_time: Option<jiff::Timestamp>,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct LibraryConfig {
    metrics_enabled: bool,
    retry_queue: bool,
    cross_domain_id_enabled: bool,
    api_host: String,
}

/// The same request with reqwest and serde alone, read as a `T`.
async fn by_hand<T: DeserializeOwned>(http: &reqwest::Client, base_url: &str) -> T {
    let url = format!("{base_url}/workspaces/acme/sources");
    let request = http
        .get(url)
        .bearer_auth("EXAMPLE_TOKEN")
        .query(&[("page_size", "100")]);
    let response = request.send().await.expect("an answer");
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("a page")
}

async fn by_client(client: &Client) -> ListSourcesResponse {
    let call = client.list_sources().workspace("acme").page_size(100);
    call.send().await.expect("a page")
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for items in [1, 100] {
        let body = answering::page(items, "");
        let base_url = format!("http://{}", answering::start(move |_| body.clone()));
        let client = Client::builder()
            .base_url(&base_url)
            .access_token("EXAMPLE_TOKEN")
            .rate_limit(None);
        let client = client.build().expect("a client");
        let http = reqwest::Client::builder()
            .user_agent("floor")
            .build()
            .expect("a client");
        let time = |run: &dyn Fn()| {
            let start = ThreadTime::now();
            (0..200).for_each(|_| run());
            start.elapsed().as_secs_f64() / 200.0
        };
        let rounds: Vec<_> = (0..25)
            .map(|_| {
                let ours = time(&|| drop(black_box(runtime.block_on(by_client(&client)))));
                let same = time(&|| {
                    drop(black_box(
                        runtime.block_on(by_hand::<ListSourcesResponse>(&http, &base_url)),
                    ))
                });
                let bare = time(&|| {
                    drop(black_box(
                        runtime.block_on(by_hand::<Page>(&http, &base_url)),
                    ))
                });
                [ours / same, ours / bare, ours * 1e6]
            })
            .collect();
        let [same, bare, ours] =
            [0, 1, 2].map(|column| median(rounds.iter().map(|round| round[column])));
        println!(
            "{items:>3} sources: {same:.2} × by hand, {bare:.2} × by hand with bare types, {ours:.0} µs of CPU a call"
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
