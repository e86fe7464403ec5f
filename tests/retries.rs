//! What is tried again, when, and when not.

#[path = "support/calls.rs"]
mod calls;
mod support;

use calls::send;
use futures::{StreamExt, stream};
use segment_config_api::{Client, Error, ErrorKind, RetryPolicy};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, SystemTime},
};
use support::{
    answer, document,
    server::{Refusing, Reply, STEP, Server},
};
use tokio::time::Instant;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The answer of `get_source`.
fn ok() -> Reply {
    Reply::json(&answer("get_source"))
}

fn down() -> Reply {
    Reply::new(503, "upstream is down")
}

fn limited(retry_after: &str) -> Reply {
    Reply::error(429, 8, "resource exhausted").header("retry-after", retry_after)
}

fn client(server: &Server) -> Client {
    server.light_client_builder().build().expect("a client")
}

fn in_seconds(n: i64) -> String {
    let now = SystemTime::now();
    let shift = seconds(n.unsigned_abs());
    httpdate::fmt_http_date(if n < 0 { now - shift } else { now + shift })
}

/// The error of a call, and how long the call took.
async fn failure(client: &Client, operation: &str) -> (Error, Duration) {
    let began = Instant::now();
    let error = send(client, operation).await.expect_err("a failure");
    (error, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_429_is_tried_again_after_the_hinted_wait() {
    // A date is in whole seconds, and told by the clock of the machine, which goes on.
    for (date, least, most) in [(false, 7, 8), (true, 25, 31)] {
        let hint = move || if date { in_seconds(30) } else { "7".into() };
        let server = Server::start(move |n, _| match n {
            0 => limited(&hint()),
            _ => ok(),
        })
        .await;
        let source = send(&client(&server), "get_source").await;
        source.expect("a source");
        let waited = server.times()[1];
        assert!(waited >= seconds(least), "{waited:?}");
        assert!(waited < seconds(most), "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_is_tried_again_for_a_post_too() {
    let reply = Reply::json(&answer("create_source"));
    let server = Server::replies([limited("1"), reply]).await;
    send(&client(&server), "create_source")
        .await
        .expect("a source");
    assert_eq!(server.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_429_for_ever_ends_as_rate_limited_before_the_deadline() {
    let server = Server::replies([limited("20")]).await;
    let patient = RetryPolicy::new().max_attempts(100);
    let builder = server.light_client_builder().retry(patient);
    let client = builder.call_timeout(seconds(90)).build().expect("a client");
    let (error, took) = failure(&client, "get_source").await;
    assert!(error.is_rate_limited(), "{error:?}");
    assert_eq!(error.retry_after(), Some(seconds(20)));
    assert_eq!((error.attempts(), server.count()), (5, 5));
    assert!(took < seconds(90), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_is_followed_and_ignored_when_it_is_nonsense() {
    let hints = [
        ("0", None),
        ("1", Some(1)),
        ("5", Some(5)),
        (" 5 ", Some(5)),
        ("200", Some(200)),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        (&in_seconds(-60), None),
        ("Sun, 99 Foo 2026 00:00:00 GMT", None),
    ];
    for (hint, expected) in hints {
        let server = Server::replies([limited(hint), limited(hint), ok()]).await;
        let one = server
            .light_client_builder()
            .retry(RetryPolicy::none())
            .build();
        let (error, _) = failure(&one.expect("a client"), "get_source").await;
        assert_eq!(error.retry_after(), expected.map(seconds), "{hint:?}");

        send(&client(&server), "get_source")
            .await
            .expect("a source");
        let times = server.times();
        let waited = times[2] - times[1];
        let least = seconds(expected.unwrap_or(2));
        let most = least + 4 * STEP;
        assert!(waited >= least && waited <= most, "{hint:?}: {waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_beyond_the_deadline_fails_at_once_with_what_the_server_said() {
    let century = 100 * 365 * 86_400;
    let hints = [
        ("301", 301..=301),
        ("999999", 999_999..=999_999),
        ("99999999999999999999999999", century..=u64::MAX),
        (&in_seconds(86_400), 86_000..=86_400),
    ];
    for (hint, told) in hints {
        for status in [429, 503] {
            let reply = Reply::error(status, 8, "not now").header("retry-after", hint);
            let server = Server::replies([reply]).await;
            let (error, took) = failure(&client(&server), "get_source").await;
            assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
            assert_eq!((error.attempts(), server.count()), (1, 1), "{hint}");
            assert!(took < seconds(1), "{hint}: {took:?}");
            let hint = error.retry_after().expect("what the server said");
            assert!(told.contains(&hint.as_secs()), "{hint:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_absurd_hint_holds_clones_back_for_a_minute() {
    // The first is the longest that a call of five minutes could wait for.
    for (hint, paused) in [("299", 299), ("300", 60), ("999999", 60)] {
        let server = Server::replies([limited(hint), ok()]).await;
        let builder = server.light_client_builder().retry(RetryPolicy::none());
        let client = builder.build().expect("a client");
        failure(&client, "get_source").await;
        send(&client, "get_source").await.expect("a source");
        let second = server.times()[1];
        let expected = seconds(paused)..seconds(paused + 1);
        assert!(expected.contains(&second), "{hint}: {second:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_without_a_hint_is_waited_out_for_more_than_a_minute() {
    let mut began = None;
    let server = Server::start(move |_, request| {
        let minute = request.at - *began.get_or_insert(request.at) < seconds(60);
        let created = Reply::json(&answer("create_source"));
        if minute { Reply::new(429, "") } else { created }
    })
    .await;
    // Less patience for failures changes nothing.
    let hasty = RetryPolicy::new().max_attempts(2);
    let hasty = hasty.backoff(Duration::ZERO, Duration::ZERO);
    let builder = server.light_client_builder().retry(hasty);
    let client = builder.call_timeout(seconds(65)).build();
    let source = send(&client.expect("a client"), "create_source").await;
    source.expect("a source");
    let times: Vec<_> = server.times().iter().map(Duration::as_secs).collect();
    assert_eq!(times, [0, 2, 6, 14, 30, 62]);
}

#[tokio::test(start_paused = true)]
async fn a_429_without_a_hint_for_ever_ends_before_the_deadline() {
    let server = Server::replies([Reply::new(429, "")]).await;
    let (error, took) = failure(&client(&server), "create_source").await;
    assert!(error.is_rate_limited(), "{error:?}");
    assert_eq!(error.retry_after(), None);
    let times: Vec<_> = server.times().iter().map(Duration::as_secs).collect();
    assert_eq!(
        times,
        [0, 2, 6, 14, 30, 62, 94, 126, 158, 190, 222, 254, 286]
    );
    assert!(took < seconds(290), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_429_is_no_attempt() {
    let server = Server::start(|n, _| if n < 5 { limited("1") } else { down() }).await;
    let (error, _) = failure(&client(&server), "get_source").await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!((error.attempts(), server.count()), (9, 9));
}

#[tokio::test(start_paused = true)]
async fn the_wait_after_a_failure_does_not_grow_with_the_429s_before_it() {
    let policy = RetryPolicy::new().backoff(seconds(1), seconds(1000));
    let server = Server::start(|n, _| match n {
        0..8 => limited("1"),
        8 => down(),
        _ => ok(),
    })
    .await;
    let builder = server.light_client_builder().retry(policy);
    let client = builder.build().expect("a client");
    send(&client, "get_source").await.expect("a source");
    let wait = server.times()[9] - server.times()[8];
    assert!(wait <= seconds(1) + 2 * STEP, "{wait:?}");
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_of_another_failure_is_followed_too() {
    let server = Server::replies([down().header("retry-after", "9"), ok()]).await;
    send(&client(&server), "get_source")
        .await
        .expect("a source");
    assert!(server.times()[1] >= seconds(9), "{:?}", server.times());
}

#[tokio::test(start_paused = true)]
async fn failures_are_tried_again_as_often_as_their_cause_deserves() {
    let attempts = [
        (400, 1),
        (401, 1),
        (403, 1),
        (404, 1),
        (409, 1),
        (500, 2),
        (501, 1),
        (502, 4),
        (503, 4),
        (504, 4),
    ];
    for (status, expected) in attempts {
        let server = Server::replies([Reply::error(status, 99, "no")]).await;
        let (error, _) = failure(&client(&server), "get_source").await;
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
        assert_eq!(server.count(), expected, "{status}");
        assert_eq!(error.attempts() as usize, expected, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_operation_is_repeated_exactly_when_the_document_calls_it_idempotent() {
    for operation in document().operations {
        let reply = Reply::json(&answer(&operation.id));
        let server = Server::replies([down(), reply]).await;
        let builder = server.light_client_builder();
        let builder = builder.account("someone@example.com", "EXAMPLE_PASSWORD");
        let client = builder.app("EXAMPLE_ID", "EXAMPLE_SECRET").build();
        let result = send(&client.expect("a client"), &operation.id).await;
        assert_eq!(
            server.count(),
            if operation.idempotent { 2 } else { 1 },
            "{}: {result:?}",
            operation.id
        );
        assert_eq!(result.is_ok(), operation.idempotent, "{}", operation.id);
    }
}

#[tokio::test(start_paused = true)]
async fn get_put_patch_and_delete_are_repeated_after_a_timeout() {
    for operation in [
        "get_source",
        "update_tracking_plan",
        "update_source",
        "delete_source",
    ] {
        let reply = Reply::json(&answer(operation));
        let server = Server::replies([Reply::never(), reply]).await;
        let result = send(&client(&server), operation).await;
        assert!(result.is_ok(), "{operation}: {result:?}");
        assert_eq!(server.count(), 2, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_is_not_repeated_after_a_timeout() {
    let server = Server::replies([Reply::never()]).await;
    let (error, _) = failure(&client(&server), "create_source").await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.may_have_been_sent());
    assert_eq!((error.attempts(), server.count()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_post_is_not_repeated_after_a_reset() {
    let server = Server::replies([Reply::raw(b"").reset()]).await;
    let (error, _) = failure(&client(&server), "create_source").await;
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.may_have_been_sent());
    assert_eq!(server.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_tried_again_and_nothing_was_sent() {
    let nobody = Refusing::start();
    for operation in ["get_source", "create_source"] {
        let client = nobody.client_builder().build().expect("a client");
        let (error, _) = failure(&client, operation).await;
        assert_eq!(error.kind(), ErrorKind::Connect, "{operation}");
        assert!(!error.may_have_been_sent(), "{operation}");
        assert_eq!(error.attempts(), 4, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_never_passed() {
    let slow = RetryPolicy::new().max_attempts(1000);
    let replies = [
        down(),
        down().header("retry-after", "8"),
        limited("25"),
        limited(""),
        Reply::never(),
        Reply::raw(b"").reset(),
        Reply::new(200, "{").announcing(10).stall(),
    ];
    for reply in replies {
        let text = format!("{reply:?}");
        let server = Server::replies([reply]).await;
        let builder = server.light_client_builder().retry(slow.clone());
        let builder = builder.attempt_timeout(seconds(7));
        let client = builder.call_timeout(seconds(30)).build();
        let (_, took) = failure(&client.expect("a client"), "get_source").await;
        assert!(took <= seconds(30) + 2 * STEP, "{text}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_try_ends_with_the_deadline() {
    let server = Server::replies([Reply::never()]).await;
    let at_once = RetryPolicy::new().max_attempts(1000);
    let at_once = at_once.backoff(Duration::ZERO, Duration::ZERO);
    let builder = server.light_client_builder().retry(at_once);
    let builder = builder.attempt_timeout(seconds(7));
    let client = builder.call_timeout(seconds(30)).build();
    let (error, took) = failure(&client.expect("a client"), "get_source").await;
    // After four tries of seven seconds there are two left.
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 5));
    let expected = seconds(30)..=seconds(30) + 2 * STEP;
    assert!(expected.contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_address_that_leads_nowhere_is_not_tried_again_and_an_outage_behind_a_proxy_is() {
    const ENVOY: &str = "upstream connect error or disconnect/reset before headers";
    let reasons = [
        ("", 1),
        ("\n", 1),
        (". reset reason: connection termination", 4),
        (". reset reason: overflow", 4),
        (". reset reason: connection failure", 4),
        (
            ". reset reason: remote connection failure, transport failure reason: delayed connect error: 111",
            4,
        ),
        (
            ". retried and the latest reset reason: connection timeout",
            4,
        ),
    ];
    for (reason, tries) in reasons {
        let server = Server::replies([Reply::new(503, format!("{ENVOY}{reason}"))]).await;
        let (error, _) = failure(&client(&server), "get_source").await;
        assert_eq!(error.is_unroutable(), tries == 1, "{error}");
        assert_eq!(error.is_unavailable(), tries > 1, "{error}");
        assert_eq!(server.count(), tries, "{error}");
        // What a write has come to is not known.
        let (error, _) = failure(&client(&server), "create_source").await;
        assert!(error.may_have_been_sent(), "{error}");
        assert_eq!(server.count(), tries + 1, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_500_is_tried_again_once_whatever_comes_between() {
    let server = Server::start(|n, _| Reply::new([500, 503, 500, 200][n], "")).await;
    let patient = RetryPolicy::new().max_attempts(10);
    let client = server.light_client_builder().retry(patient).build();
    let (error, _) = failure(&client.expect("a client"), "get_source").await;
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(server.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_dropped_and_could_not_be_repeated_may_have_been_sent() {
    let tokens = AtomicUsize::new(0);
    let server = Server::replies([Reply::raw(b"").reset()]).await;
    let builder = server.light_client_builder();
    let builder = builder.token_provider(move |_| {
        let first = tokens.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if first {
                Ok("EXAMPLE_TOKEN")
            } else {
                Err("no token")
            }
        }
    });
    let (error, _) = failure(&builder.build().expect("a client"), "delete_source").await;
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Credentials, 1)
    );
    assert!(error.may_have_been_sent());
}

#[tokio::test(start_paused = true)]
async fn a_try_may_take_as_long_as_its_own_limit() {
    let server = Server::replies([Reply::never(), ok()]).await;
    let client = server
        .light_client_builder()
        .attempt_timeout(seconds(5))
        .build();
    send(&client.expect("a client"), "get_source")
        .await
        .expect("a source");
    let second = server.times()[1];
    assert!(second >= seconds(5) && second <= seconds(6), "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn the_last_real_answer_is_what_the_caller_gets_when_time_runs_out() {
    let server = Server::replies([down(), Reply::never()]).await;
    let client = server
        .light_client_builder()
        .call_timeout(seconds(30))
        .build();
    let (error, _) = failure(&client.expect("a client"), "get_source").await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.message(), Some("upstream is down"));
    assert_eq!(error.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_post_that_may_have_happened_is_not_reported_as_the_429_before_it() {
    let limited = Reply::error(429, 8, "slow down").header("retry-after", "1");
    let server = Server::replies([limited, Reply::raw(b"").reset()]).await;
    let client = server.light_client_builder().build();
    let (error, _) = failure(&client.expect("a client"), "create_source").await;
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.may_have_been_sent());
    assert_eq!(error.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn waits_are_random_and_below_a_ceiling_that_doubles() {
    let policy = RetryPolicy::new().max_attempts(5);
    let policy = policy.backoff(seconds(4), seconds(16));
    // What is random below is the same each time.
    fastrand::seed(1);
    let mut bounds = [(Duration::MAX, Duration::ZERO); 4];
    for _ in 0..8 {
        let server = Server::replies([down()]).await;
        let client = server.light_client_builder().retry(policy.clone()).build();
        failure(&client.expect("a client"), "get_source").await;
        let times = server.times();
        let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (wait, (shortest, longest)) in waits.iter().zip(&mut bounds) {
            (*shortest, *longest) = ((*shortest).min(*wait), (*longest).max(*wait));
        }
    }
    for ((shortest, longest), ceiling) in bounds.iter().zip([4, 8, 16, 16]) {
        let (half, whole) = (seconds(ceiling) / 2, seconds(ceiling) + 2 * STEP);
        let fine = *shortest < half && *longest > half && *longest < whole;
        assert!(fine, "{shortest:?} to {longest:?}, below {ceiling}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_has_twenty_retries_to_begin_with() {
    let server = Server::replies([down()]).await;
    let stubborn = RetryPolicy::new().max_attempts(1000);
    let stubborn = stubborn.backoff(Duration::ZERO, Duration::ZERO);
    let client = server.light_client_builder().retry(stubborn).build();
    let (error, _) = failure(&client.expect("a client"), "get_source").await;
    assert_eq!((error.attempts(), server.count()), (21, 21));
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_amplified() {
    let server = Server::replies([down()]).await;
    let client = client(&server);
    let calls = (0..200).map(|_| {
        let clone = client.clone();
        async move { send(&clone, "get_source").await.is_err() }
    });
    // No more at once than connections may wait to be accepted.
    let results = stream::iter(calls).buffer_unordered(100);
    assert!(results.all(|failed| async move { failed }).await);
    // Twenty retries are there to begin with, and each call brings a fifth of one.
    let count = server.count();
    assert!(
        (201..=260).contains(&count),
        "{count} requests for 200 calls"
    );
}

#[tokio::test(start_paused = true)]
async fn the_retry_budget_recovers_with_calls() {
    let server = Server::start(|n, _| if n < 200 || n == 300 { down() } else { ok() }).await;
    let client = client(&server);
    while server.count() < 200 {
        let _ = send(&client, "get_source").await;
    }
    while server.count() < 300 {
        send(&client, "get_source").await.expect("a source");
    }
    send(&client, "get_source")
        .await
        .expect("a source, at the second try");
    assert_eq!(server.count(), 302);
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_none_tries_once() {
    for reply in [down(), limited("1"), Reply::never()] {
        let server = Server::replies([reply]).await;
        let client = server
            .light_client_builder()
            .retry(RetryPolicy::none())
            .build();
        let (error, _) = failure(&client.expect("a client"), "get_source").await;
        assert_eq!((error.attempts(), server.count()), (1, 1), "{error:?}");
    }
}
