//! What goes wrong on demand, and what was asked for.

use crate::{acme, empty};
use segment_config_api::{
    Client, ErrorKind, RetryPolicy,
    fake::{Fault, Segment},
    names::SourceName,
    types::{NewSource, Source},
};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A client that tries once, and not for long.
fn impatient(segment: &Segment) -> Client {
    let client = segment.client_builder().retry(RetryPolicy::none());
    client
        .call_timeout(Duration::from_millis(300))
        .build()
        .expect("a client")
}

async fn create(client: &Client) -> Result<Source, segment_config_api::Error> {
    let name = SourceName::new("acme", "new").expect("a name");
    let new = NewSource::builder()
        .name(name)
        .catalog_name("catalog/sources/ios");
    client
        .create_source()
        .workspace("acme")
        .body(new)
        .send()
        .await
}

#[tokio::test]
async fn each_fault_is_seen_as_what_it_is_and_has_the_effect_that_it_says() {
    for (fault, kind, sent, effect) in [
        (Fault::reset(), ErrorKind::Connection, true, false),
        (
            Fault::reset_after_reading(),
            ErrorKind::Connection,
            true,
            false,
        ),
        (Fault::lost(), ErrorKind::Connection, true, true),
        (Fault::truncated(), ErrorKind::Connection, true, true),
        (Fault::stall(), ErrorKind::Timeout, true, true),
        (
            Fault::delay(Duration::from_secs(60)),
            ErrorKind::Timeout,
            true,
            true,
        ),
        (
            Fault::status(503).body("upstream"),
            ErrorKind::Unavailable,
            true,
            false,
        ),
        (
            Fault::refusal(400, 7, "insufficient scope"),
            ErrorKind::PermissionDenied,
            true,
            false,
        ),
    ] {
        let segment = empty().await;
        segment.fail_next(fault.clone().of("create_source"));
        let client = impatient(&segment);
        let error = create(&client).await.expect_err("it fails");
        assert_eq!(
            (error.kind(), error.may_have_been_sent()),
            (kind, sent),
            "{fault:?}: {error}"
        );
        let kept = segment.resource("workspaces/acme/sources/new").is_some();
        assert_eq!(kept, effect, "{fault:?}");
        let requests = segment.requests();
        assert_eq!(requests.len(), 1, "{fault:?}: it is in the journal");
        let again = create(&client).await;
        assert_eq!(again.is_err(), effect, "{fault:?}: it happens once");
    }
}

#[tokio::test]
async fn a_fault_happens_so_often_to_its_operation() {
    let segment = acme().await;
    segment.fail_next(
        Fault::status(429)
            .header("retry-after", "0")
            .times(2)
            .of("get_workspace"),
    );
    let client = segment.client();
    client
        .list_workspaces()
        .send()
        .await
        .expect("another operation");
    client
        .get_workspace()
        .workspace("acme")
        .send()
        .await
        .expect("the third try");
    let statuses = segment.requests_of("get_workspace");
    let statuses: Vec<_> = statuses.iter().map(|r| r.status).collect();
    assert_eq!(statuses, [Some(429), Some(429), Some(200)]);
    segment.fail_next(Fault::status(500));
    segment.fail_next(Fault::status(502));
    let client = impatient(&segment);
    for expected in [500, 502] {
        let error = client
            .list_workspaces()
            .send()
            .await
            .expect_err("any operation");
        assert_eq!(
            error.status().expect("a status").as_u16(),
            expected,
            "in their order"
        );
    }
    client
        .list_workspaces()
        .send()
        .await
        .expect("no fault is left");
}

#[tokio::test]
async fn a_fault_at_random_happens_to_its_share_and_the_same_each_time() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let segment = empty().await;
        segment.fail_next(Fault::status(503).of("list_workspaces").chance(0.2));
        segment.fail_next(
            Fault::status(502)
                .of("list_workspaces")
                .chance(0.5)
                .times(3),
        );
        let client = segment.client_builder().retry(RetryPolicy::none());
        let client = client.build().expect("a client");
        for _ in 0..200 {
            let _ = client.list_workspaces().send().await;
        }
        let statuses: Vec<_> = segment.take_requests().iter().map(|r| r.status).collect();
        assert!(segment.requests().is_empty(), "they are taken");
        let count = |status| statuses.iter().filter(|s| **s == Some(status)).count();
        assert!((20..60).contains(&count(503)), "{} of 200", count(503));
        assert_eq!(count(502), 3);
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_delay_is_a_delay() {
    let segment = acme().await;
    segment.fail_next(Fault::delay(Duration::from_millis(50)));
    let begin = Instant::now();
    segment
        .client()
        .list_workspaces()
        .send()
        .await
        .expect("late");
    assert!(begin.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn the_journal_has_what_was_asked_for() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = seen.clone();
    let segment = Segment::builder().on_request(move |request| {
        hook.lock().expect("the list").push(request.path.clone());
    });
    let segment = segment.start().await.expect("a free port");
    let client = segment.client();
    create(&client).await.expect("a source");
    let list = client
        .list_destinations()
        .workspace("acme")
        .source("new")
        .page_size(7);
    list.send().await.expect("none");
    let [create] = segment
        .requests_of("create_source")
        .try_into()
        .expect("one");
    assert_eq!((create.method.as_str(), create.status), ("POST", Some(200)));
    assert_eq!(create.path, "/v1beta/workspaces/acme/sources");
    assert_eq!(create.body["source"]["catalog_name"], "catalog/sources/ios");
    assert_eq!(create.part("workspace"), Some("acme"));
    let [list] = segment
        .requests_of("list_destinations")
        .try_into()
        .expect("one");
    assert_eq!(
        (list.part("source"), list.part("nonesuch")),
        (Some("new"), None)
    );
    assert_eq!(
        (list.query("page_size"), list.query("page_token")),
        (Some("7"), None)
    );
    assert_eq!(list.query_all("page_size").count(), 1);
    assert!(list.body.is_null());
    assert_eq!(segment.requests().len(), 2);
    let seen = seen.lock().expect("the list");
    let paths: Vec<_> = segment.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(*seen, paths);
}

#[tokio::test]
async fn what_is_no_http_is_answered_and_not_reset() {
    let segment = empty().await;
    let address = segment.base_url().trim_start_matches("http://");
    let address = address.split('/').next().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(b"nonsense\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("an answer to its end");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
