//! What calls are to the runtime that runs them: small, and free to move.

#[path = "support/calls.rs"]
mod calls;
mod support;

use futures::TryStreamExt;
use segment_config_api::{Client, fake::Segment, json::Extra, time::Timestamp};
use serde_json::Value;

/// Futures hold the futures they wait for, so those of applications grow with
/// ours, and a task is copied when it is spawned.
const MOST: usize = 2048;

fn client() -> Client {
    let builder = Client::builder().access_token("EXAMPLE_TOKEN");
    builder.build().expect("a client")
}

#[test]
fn the_future_of_no_call_is_large() {
    let (client, input) = (client(), Value::Null);
    // It can be that of any operation, so it is as large as the largest of them, and then some.
    let any = calls::any(&client, "get_source", &input);
    let response = client.get_source().send_response();
    for (name, size) in [
        ("send", size_of_val(&any)),
        ("send_response", size_of_val(&response)),
    ] {
        assert!(size <= MOST, "{name}: {size} bytes");
    }
}

#[test]
fn a_stream_is_as_small_as_a_box_and_a_list() {
    let stream = client().list_sources().workspace("acme").stream();
    // One for the pages, and what is left of the latest.
    assert!(size_of_val(&stream) <= 6 * size_of::<usize>());
}

/// Every object has one, and hardly any has unknown keys.
#[test]
fn what_an_object_keeps_of_unknown_keys_is_small() {
    assert!(size_of::<Extra>() <= 2 * size_of::<usize>());
}

/// Most resources have one or two, and some none.
#[test]
fn a_time_that_may_be_missing_is_no_larger_than_a_time() {
    assert_eq!(size_of::<Option<Timestamp>>(), size_of::<Timestamp>());
}

#[tokio::test]
async fn calls_and_streams_run_in_tasks_that_outlive_what_made_them() {
    let segment = Segment::start().await.expect("a fake");
    let (call, list) = {
        let client = segment.client_builder().build().expect("a client");
        let call = client.list_sources().workspace("acme".to_string());
        let list = call.clone().stream().try_collect::<Vec<_>>();
        (tokio::spawn(call.send()), tokio::spawn(list))
    };
    let page = call.await.expect("no panic").expect("a page");
    assert_eq!(page.sources.len(), 10);
    let sources = list.await.expect("no panic").expect("all pages");
    assert!(sources.len() > 200, "{}", sources.len());
}
