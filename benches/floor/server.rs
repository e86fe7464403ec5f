//! The server, in a process of its own, so that its CPU is nobody's.

use crate::answering;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};
use std::{collections::HashMap, io, sync::Arc, thread, time::Duration};

pub const SOURCES: usize = 10_000;
pub const DESTINATIONS: usize = 322;
pub const EVENTS: usize = 200;
pub const DELAY: Duration = Duration::from_millis(20);

/// Says where it is, and serves until standard input is closed.
pub fn serve() {
    let lists = Arc::new(lists());
    let address = answering::start(move |head| {
        let target = head.split(' ').nth(1).unwrap_or_default();
        match target.strip_prefix("/slow") {
            Some(target) => {
                thread::sleep(DELAY);
                answer(&lists, target)
            }
            None => answer(&lists, target),
        }
    });
    println!("{address}");
    io::copy(&mut io::stdin(), &mut io::sink()).expect("an end");
}

/// A list's page or, of a path that ends with a name, the first item of the list before it.
fn answer(lists: &HashMap<&str, Vec<String>>, target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let Some(items) = lists.get(last) else {
        return lists[parts.next().unwrap_or_default()][0].clone();
    };
    let parameter = |name: &str| -> Option<usize> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|pair| pair.0 == name);
        values.next()?.1.parse().ok()
    };
    let first = parameter("page_token").unwrap_or(0);
    let end = items
        .len()
        .min(first + parameter("page_size").unwrap_or(10));
    let next = if end < items.len() {
        end.to_string()
    } else {
        String::new()
    };
    let page = items[first..end].join(",");
    format!(r#"{{"{last}":[{page}],"next_page_token":"{next}"}}"#)
}

/// The items of each list by the last part of its path.
fn lists() -> HashMap<&'static str, Vec<String>> {
    let sources = (0..SOURCES).map(answering::source);
    HashMap::from([
        ("sources", sources.collect()),
        ("destinations", destinations()),
        ("tracking-plans", vec![plan().to_string()]),
    ])
}

/// Those of the sample, over and over.
fn destinations() -> Vec<String> {
    #[derive(Deserialize)]
    struct Sample {
        response: Response,
    }
    #[derive(Deserialize)]
    struct Response {
        destinations: Vec<Box<RawValue>>,
    }
    let sample = include_str!("../../spec/samples/list_catalog_destinations.json");
    let sample: String = sample.lines().map(str::trim).collect();
    let sample: Sample = serde_json::from_str(&sample).expect("a sample");
    let sample = sample.response.destinations.iter();
    let texts = sample.map(|destination| destination.get().to_string());
    texts.cycle().take(DESTINATIONS).collect()
}

fn plan() -> Value {
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
}

/// The rules of an event with ten properties.
fn rules() -> Value {
    let property = |n| {
        let what = format!("What property {n} of the event is, as the team that sends it says");
        let property = json!({"id": format!("/properties/p_{n}"), "description": what, "type": ["string", "null"]});
        (format!("property_{n}"), property)
    };
    let properties: Map<_, _> = (0..10).map(property).collect();
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
