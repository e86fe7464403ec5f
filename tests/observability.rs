//! What a call tells about itself while it runs: a span, and events.
//!
//! Each test here listens: where one that does not meets a span for the first time, it may be
//! switched off for those that do.

#[path = "support/logs.rs"]
mod logs;
mod support;

use futures::future::join_all;
use logs::Logs;
use segment_config_api::{Client, Error, json::Json};
use support::{
    answer,
    server::{Reply, Server},
};
use tracing::Instrument;

async fn call(client: &Client) -> Result<(), Error> {
    let call = client.get_source().workspace("acme-corp").source("js-site");
    call.send().await.map(drop)
}

fn ok() -> Reply {
    Reply::json(&answer("get_source"))
}

/// The lines with `text` in them.
fn lines<'a>(log: &'a str, text: &str) -> Vec<&'a str> {
    log.lines().filter(|line| line.contains(text)).collect()
}

fn assert_has(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "no {part} in {line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_a_span_with_what_it_was_and_what_it_came_to() {
    let (logs, _guard) = Logs::of_the_thread();
    let hint = Reply::new(503, "").header("retry-after", "3");
    let server = Server::replies([hint, ok(), Reply::error(404, 5, "gone")]).await;
    let client = server.client();
    call(&client).await.expect("a source");
    call(&client).await.expect_err("gone");
    let log = logs.take();
    let ends = lines(&log, ": close");
    let parts = [
        "segment_config_api.call",
        r#"operation="get_source""#,
        r#"method="GET""#,
        r#"path="/workspaces/{workspace}/sources/{source}""#,
    ];
    for (end, result) in ends.iter().zip([
        ["status=200", "attempts=2", "waited_ms=3000"],
        ["status=404", "attempts=1", "waited_ms=0"],
    ]) {
        assert_has(end, &parts);
        assert_has(end, &result);
    }
    assert_eq!(ends.len(), 2, "{log}");
}

#[tokio::test(start_paused = true)]
async fn a_span_of_the_caller_is_left_alone_where_that_of_the_call_is_off() {
    let (logs, _guard) = Logs::of_the_thread_from(tracing::Level::INFO);
    let server = Server::replies([ok()]).await;
    let client = server.client();
    let theirs = tracing::info_span!("theirs", status = tracing::field::Empty);
    call(&client).instrument(theirs).await.expect("a source");
    let log = logs.take();
    assert_has(&log, &["INFO theirs", "close"]);
    assert!(!log.contains("status=200"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn a_try_after_a_failure_is_an_event_with_its_reason() {
    let (logs, _guard) = Logs::of_the_thread();
    let hint = Reply::new(503, "").header("retry-after", "3");
    let server = Server::replies([hint, ok()]).await;
    call(&server.client()).await.expect("a source");
    let log = logs.take();
    let events = lines(&log, "trying again");
    assert_eq!(events.len(), 1, "{log}");
    assert_has(
        events[0],
        &[
            "INFO",
            "Unavailable",
            "attempt=1",
            "status=503",
            "wait_ms=3000",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_rate_limit_is_an_event_when_it_is_longer_than_a_second() {
    // Of each, the last call waits for a place: 1.1 seconds, exactly one, and 0.1.
    for (per_minute, events) in [(60, 1), (66, 0), (600, 0)] {
        let (logs, _guard) = Logs::of_the_thread();
        let server = Server::replies([ok()]).await;
        let builder = server.client_builder().rate_limit(per_minute);
        let client = builder.build().expect("a client");
        let at_once = per_minute / 10;
        join_all((0..=at_once).map(|_| call(&client))).await;
        let log = logs.take();
        let found = lines(&log, "held back by the rate limit");
        assert_eq!(found.len(), events, "{found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn names_and_bodies_are_in_no_span_and_no_event() {
    let (logs, _guard) = Logs::of_the_thread();
    let server = Server::replies([Reply::new(503, "a body"), ok()]).await;
    call(&server.client()).await.expect("a source");
    let log = logs.take();
    let own = lines(&log, "segment_config_api");
    assert!(!own.is_empty(), "{log}");
    for part in ["acme-corp", "js-site", "a body", "EXAMPLE_TOKEN"] {
        assert_eq!(lines(&log, part), [""; 0], "{part}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_raw_call_names_the_path_and_logs_do_not() {
    let (logs, _guard) = Logs::of_the_thread();
    let gone = || Reply::error(404, 5, "gone");
    let server = Server::replies([Reply::new(503, ""), gone()]).await;
    let call = server
        .client()
        .get("/workspaces/acme/a\nb")
        .query("email", "SECRET");
    assert!(!format!("{call:?}").contains("SECRET"));
    let error = call.send::<Json>().await.expect_err("gone");
    assert!(error.is_not_found() && error.attempts() == 2);
    assert_eq!(error.operation(), Some("GET /workspaces/acme/a%0Ab"));
    assert!(
        error
            .to_string()
            .starts_with("GET /workspaces/acme/a%0Ab: 404"),
        "{error}"
    );
    let log = logs.take();
    for part in [r#"operation="raw_call""#, r#"method="GET""#, "status=404"] {
        assert!(log.contains(part), "no {part} in {log}");
    }
    assert!(!log.contains("acme") && !log.contains("SECRET"), "{log}");
}
