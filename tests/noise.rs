//! Whatever comes from outside, as an argument or as an answer: it is taken as what it is, or it is an error.
//! A few cases of each by default, and so many as `PROPTEST_CASES` says.

#[path = "support/arbitrary.rs"]
mod arbitrary;
#[path = "support/calls.rs"]
mod calls;
mod support;

use arbitrary::{mutated, some, text};
use proptest::{collection::vec, prelude::*, sample::select};
use segment_config_api::{Error, ErrorKind};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use support::{
    answer, document, sample,
    server::{Reply, STEP, Server},
};
use tokio::time::Instant;
use url::Url;

/// Something that is no answer, or one that nobody expects.
fn noise(known: &Value) -> impl Strategy<Value = Vec<u8>> + use<> {
    let known = known.clone();
    let whole = known.to_string().into_bytes();
    let json = prop_oneof![6 => mutated(&known), 1 => arbitrary::json(), 1 => error_object()];
    prop_oneof![
        6 => json.prop_map(|value| value.to_string().into_bytes()),
        1 => (0..=whole.len()).prop_map(move |end| whole[..end].to_vec()),
        1 => vec(any::<u8>(), 0..50),
    ]
}

fn error_object() -> impl Strategy<Value = Value> {
    let values = (arbitrary::json(), arbitrary::json(), arbitrary::json());
    values.prop_map(|(error, code, message)| {
        serde_json::json!({"error": error, "code": code, "message": message})
    })
}

fn status() -> impl Strategy<Value = u16> {
    let known = [400, 401, 403, 404, 409, 429, 500, 501, 502, 503, 504];
    prop_oneof![8 => Just(200), 1 => 200..600u16, 2 => select(known.to_vec())]
}

/// What a `Retry-After` or another header may hold.
fn header() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,30}",
        "-?[0-9]{1,3}(\\.[0-9])?",
        "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
        Just("Wed, 21 Oct 2065 07:28:00 GMT".to_string()),
        "[ -~]{0,40}",
        Just("gzip".to_string()),
    ]
}

fn assert_readable(error: &Error, operation: &str) {
    let text = error.to_string();
    let line = text.chars().all(|c| !c.is_control());
    assert!(line && text.chars().count() < 500, "{operation}: {text:?}");
    assert!(format!("{error:?}").len() < 8192, "{operation}");
    let _ = error.retry_after();
}

/// The retries that an answer asks for go by in paused time.
#[tokio::test(start_paused = true)]
async fn any_answer_to_any_call_is_read_whole_or_an_error() {
    let reply = Arc::new(Mutex::new(Reply::new(200, "")));
    let next = reply.clone();
    let server = Server::start(move |_, _| next.lock().expect("a reply").clone()).await;
    // However long the answers ask it to wait. A call may have to wait before it begins, for the pause
    // after a 429: a minute at the most.
    let limit = Duration::from_secs(10);
    let client = server
        .client_builder()
        .account("someone@example.com", "EXAMPLE_PASSWORD")
        .app("EXAMPLE_CLIENT_ID", "EXAMPLE_CLIENT_SECRET")
        .call_timeout(limit)
        .build()
        .expect("a client");
    let operations: Vec<_> = document().operations.into_iter().map(|o| o.id).collect();
    let names = "retry-after|content-type|location|link|date|content-encoding";
    let head = (status(), names, header(), "[ -~]{0,20}");
    let case = (select(operations), head).prop_flat_map(|(operation, head)| {
        let body = noise(&answer(&operation));
        (Just(operation), Just(head), body)
    });
    let (mut read, mut failed) = (0, 0);
    for (operation, (status, name, value, other), body) in some(600, case) {
        *reply.lock().expect("a reply") = Reply::new(status, body.clone())
            .header(&name, &value)
            .header("x-other", &other);
        let begin = Instant::now();
        let result = calls::send(&client, &operation).await;
        let took = begin.elapsed();
        let most = limit + Duration::from_secs(60) + STEP * 4;
        assert!(took < most, "{operation}: {took:?}");
        match result {
            Ok(value) => {
                read += 1;
                assert!((200..300).contains(&status), "{operation}: {status}");
                // With 204 comes no body, whatever was sent.
                let body = if status == 204 { &[][..] } else { &body };
                let came: Value = serde_json::from_slice(body).unwrap_or_default();
                let whole = value == came || value.is_null() || came.is_null();
                assert!(whole, "{operation}: {came} was read as {value}");
            }
            Err(error) => {
                failed += 1;
                assert_readable(&error, &operation);
            }
        }
    }
    assert!(
        read > 60 && failed > 60,
        "{read} were read, {failed} failed"
    );
}

#[tokio::test(start_paused = true)]
async fn any_value_of_any_path_is_refused_or_stays_in_its_place() {
    let server = Server::replies([Reply::error(501, 12, "no")]).await;
    let client = support::client(&server.url());
    let parameters = document().operations.into_iter().flat_map(|operation| {
        let sample = sample(&operation.id);
        let path = sample["path"].as_object().expect("a path").clone();
        path.into_iter().map(move |(name, known)| {
            let known = known.as_str().expect("a text").to_string();
            (
                operation.id.clone(),
                operation.template.clone(),
                name,
                known,
            )
        })
    });
    let parameters = select(parameters.collect::<Vec<_>>());
    // Some ids have to begin as they do.
    let case = (
        parameters,
        any::<bool>(),
        prop_oneof![text(), any::<String>()],
    );
    let (mut sent, mut refused) = (0, 0);
    for ((id, template, parameter, known), prefixed, text) in some(1_000, case) {
        let value = if prefixed { known + &text } else { text };
        let mut input = sample(&id);
        input["path"][&parameter] = value.as_str().into();
        let before = server.count();
        let error = calls::any(&client, &id, &input).await.expect_err("no");
        assert_readable(&error, &id);
        if error.kind() == ErrorKind::Argument {
            refused += 1;
            assert_eq!(server.count(), before, "{id}: {value:?}");
            continue;
        }
        sent += 1;
        let target = server.requests().pop().expect("a request").target;
        let url = Url::parse(&format!("http://127.0.0.1{target}")).expect("an address");
        let found: Vec<_> = url.path_segments().expect("a path").collect();
        let path = format!("v1beta{template}");
        let expected: Vec<_> = path.split('/').collect();
        assert_eq!(found.len(), expected.len(), "{id}: {value:?}: {target}");
        for (found, expected) in found.iter().zip(expected) {
            let (name, verb) = expected.split_once(':').unwrap_or((expected, ""));
            let found = found.strip_suffix(verb).expect(verb).trim_end_matches(':');
            let expected = match name.trim_matches(['{', '}']) {
                word if word == name => word,
                part => input["path"][part].as_str().expect("a text"),
            };
            let decoded = percent_decoded(found);
            assert_eq!(decoded, expected.as_bytes(), "{id}: {value:?}: {target}");
        }
    }
    assert!(
        sent > 60 && refused > 60,
        "{sent} were sent, {refused} refused"
    );
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let hex = hex.and_then(|hex| str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => bytes.push(*first),
        }
    }
    bytes
}

/// Pages with tokens of a few letters, so that they come again.
#[tokio::test(start_paused = true)]
async fn any_pages_come_to_an_end() {
    let token = prop_oneof!["[ab]{0,2}".prop_map(Value::from), arbitrary::json()];
    let items = prop_oneof![
        vec(mutated(&answer("get_source")), 0..3).prop_map(Value::from),
        arbitrary::json(),
    ];
    let page = (items, token).prop_map(|(sources, token)| {
        serde_json::json!({"sources": sources, "next_page_token": token}).to_string()
    });
    for pages in some(100, vec(page, 1..6)) {
        let shown = pages.join("\n");
        let server =
            Server::start(move |n, _| Reply::new(200, pages[n % pages.len()].clone())).await;
        let mut sources = server.client().list_sources().workspace("acme").stream();
        let mut items = 0;
        while let Some(item) = sources.next().await {
            items += 1;
            assert!(items < 100, "{shown}");
            if let Err(error) = item {
                assert_readable(&error, &shown);
            }
        }
    }
}
