//! What large plans cost, against reading them by hand into trees of values.
//!
//! `cargo bench --bench plans` reads 20 plans of 200 events, holds them all, and prints the
//! ratios of CPU and of the memory held at the most, measured in turns within one run. The goal is at
//! most 0.35 of the CPU and 0.4 of the memory: rules are kept as text, since few
//! who read a plan look into the rules of every event.

#[allow(dead_code)]
#[path = "../tests/support/answering.rs"]
mod answering;

use allocation_counter::measure;
use cpu_time::ThreadTime;
use segment_config_api::{Client, types::TrackingPlan};
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;
use tokio::runtime::Builder;

const PLANS: usize = 20;
const EVENTS: usize = 200;
const ROUNDS: usize = 11;

/// What one would write by hand.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Plan {
    name: String,
    display_name: String,
    rules: Rules,
    create_time: jiff::Timestamp,
    update_time: jiff::Timestamp,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Rules {
    events: Vec<Event>,
    global: Value,
    identify: Value,
    group: Value,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Event {
    name: String,
    description: String,
    version: i64,
    rules: Value,
}

async fn by_hand(http: &reqwest::Client, base_url: &str) -> Vec<Plan> {
    let mut plans = Vec::new();
    for n in 0..PLANS {
        let url = format!("{base_url}/workspaces/acme/tracking-plans/rs_{n}");
        let request = http.get(url).bearer_auth("EXAMPLE_TOKEN");
        let response = request.send().await.expect("an answer");
        let body = response.bytes().await.expect("a body");
        plans.push(serde_json::from_slice(&body).expect("a plan"));
    }
    plans
}

async fn by_client(client: &Client) -> Vec<TrackingPlan> {
    let mut plans = Vec::new();
    for n in 0..PLANS {
        let call = client.get_tracking_plan().workspace("acme");
        let plan = call.tracking_plan(format!("rs_{n}")).send().await;
        plans.push(plan.expect("a plan"));
    }
    plans
}

/// The rules of an event with ten properties.
fn rules() -> Value {
    let property = |n| {
        let what = format!("What property {n} of the event is, as the team that sends it says");
        let property = json!({"id": format!("/properties/p_{n}"), "description": what, "type": ["string", "null"]});
        (format!("property_{n}"), property)
    };
    let properties: serde_json::Map<_, _> = (0..10).map(property).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "labels": {"team": "orders"},
        "properties": {
            "context": {}, "traits": {},
            "properties": {
                "type": "object", "properties": properties, "required": ["property_0", "property_1"],
            },
        },
    })
}

fn plan() -> String {
    let event = |n| {
        json!({
            "name": format!("Event {n}"), "description": "Someone did something.",
            "version": 1, "rules": rules(),
        })
    };
    let events: Vec<_> = (0..EVENTS).map(event).collect();
    json!({
        "name": "workspaces/acme/tracking-plans/rs_0",
        "display_name": "Web",
        "rules": {"events": events, "global": rules(), "identify": rules(), "group": rules()},
        "create_time": "2019-02-05T01:21:25Z",
        "update_time": "2019-02-05T01:21:25Z",
    })
    .to_string()
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let body = plan();
    println!(
        "{PLANS} plans of {EVENTS} events, {} KiB each",
        body.len() >> 10
    );
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
    let ours = || drop(black_box(runtime.block_on(by_client(&client))));
    let theirs = || drop(black_box(runtime.block_on(by_hand(&http, &base_url))));
    let cost = |run: &dyn Fn()| {
        run(); // Connects, and fills what is filled once.
        let memory = measure(run).bytes_max as f64;
        let start = ThreadTime::now();
        run();
        (start.elapsed().as_secs_f64(), memory)
    };
    let mut rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let ((cpu, memory), (their_cpu, their_memory)) = (cost(&ours), cost(&theirs));
            (
                cpu / their_cpu,
                memory / their_memory,
                cpu * 1e3,
                memory / 1e6,
            )
        })
        .collect();
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (cpu, memory, milliseconds, megabytes) = rounds[ROUNDS / 2];
    println!("CPU: {cpu:.2} × by hand, {milliseconds:.1} ms");
    println!("memory at the most: {memory:.2} × by hand, {megabytes:.1} MB");
}
