//! The CPU that a call costs, against the same request by hand.
//!
//! `cargo bench` prints the ratio of the two, measured in turns within one run.
//! The budget is 1.10: what the crate adds is a gate, a span and liberal
//! reading, and more than a tenth of a plain request would be felt in a loop.

#[path = "../tests/support/answering.rs"]
mod answering;

use cpu_time::ThreadTime;
use segment_config_api::{Client, types::ListSourcesResponse};
use serde::Deserialize;
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

async fn by_hand(http: &reqwest::Client, base_url: &str) -> Page {
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
            .gzip(true)
            .build()
            .expect("a client");
        let time = |run: &dyn Fn()| {
            let start = ThreadTime::now();
            (0..200).for_each(|_| run());
            start.elapsed().as_secs_f64() / 200.0
        };
        let mut rounds: Vec<_> = (0..15)
            .map(|_| {
                let floor = time(&|| drop(black_box(runtime.block_on(by_hand(&http, &base_url)))));
                let ours = time(&|| drop(black_box(runtime.block_on(by_client(&client)))));
                (ours / floor, ours, floor)
            })
            .collect();
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (ratio, ours, floor) = rounds[rounds.len() / 2];
        let (ours, floor) = (ours * 1e6, floor * 1e6);
        println!(
            "{items:>3} sources: {ratio:.2} × by hand ({ours:.0} µs, {floor:.0} µs of CPU a call)"
        );
    }
}
