//! The gate that requests pass: how many leave a minute, and when none does.

mod support;

use futures::future::join_all;
use segment_config_api::{Client, Error, ErrorKind, RetryPolicy};
use std::time::Duration;
use support::{
    answer, polled,
    server::{Reply, Server},
};
use tokio::time::{Instant, sleep, timeout};

const MINUTE: Duration = Duration::from_secs(60);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn ok() -> Reply {
    Reply::json(&answer("get_source"))
}

fn slow_down(seconds: u64) -> Reply {
    Reply::error(429, 8, "resource exhausted").header("retry-after", &seconds.to_string())
}

/// A client with this limit, patient enough for many calls.
fn client(server: &Server, per_minute: impl Into<Option<u32>>) -> Client {
    let builder = server.client_builder().rate_limit(per_minute);
    let client = builder.call_timeout(MINUTE * 60).build();
    client.expect("a client")
}

async fn call(client: Client) -> Result<(), Error> {
    let call = client.get_source().workspace("acme").source("js");
    call.send().await.map(drop)
}

/// Makes calls on clones, all at the same time.
async fn calls(client: &Client, count: usize) {
    for result in join_all((0..count).map(|_| call(client.clone()))).await {
        result.expect("a source");
    }
}

/// The most requests that came in within any minute.
fn most_a_minute(server: &Server) -> usize {
    let times = server.times();
    let within = |(n, first): (usize, &Duration)| {
        let rest = times[n..].iter();
        rest.take_while(|time| **time - *first < MINUTE).count()
    };
    times.iter().enumerate().map(within).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn no_more_than_200_requests_leave_in_any_minute() {
    let server = Server::replies([ok()]).await;
    let builder = Client::builder()
        .base_url(server.url())
        .access_token("EXAMPLE_TOKEN");
    calls(&builder.build().expect("a client"), 500).await;
    let most = most_a_minute(&server);
    // Close to the limit, or the client would be slower than it has to be.
    assert!((190..=200).contains(&most), "{most} in a minute");
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_what_the_client_was_given() {
    for (limit, count) in [(1, 4), (5, 20), (60, 150), (400, 500)] {
        let server = Server::replies([ok()]).await;
        calls(&client(&server, limit), count).await;
        let most = most_a_minute(&server);
        let least = limit as usize * 4 / 5;
        assert!(
            (least..=limit as usize).contains(&most),
            "{most}, not {limit}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn tries_after_a_failure_pass_the_gate_as_well() {
    let failing = |n: usize| {
        if n.is_multiple_of(2) {
            Reply::new(503, "down")
        } else {
            ok()
        }
    };
    let server = Server::start(move |n, _| failing(n)).await;
    let client = client(&server, 60);
    for _ in 0..50 {
        let _ = call(client.clone()).await;
    }
    assert!(server.count() > 60, "{} requests", server.count());
    let most = most_a_minute(&server);
    assert!(most <= 60, "{most} in a minute");
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_requests_leave_at_once() {
    let server = Server::replies([ok()]).await;
    let client = client(&server, None);
    for _ in 0..4 {
        calls(&client, 100).await;
    }
    let last = server.times()[399];
    assert!(last < seconds(5), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn fifty_tasks_send_nothing_during_a_429_pause_and_all_succeed_after_it() {
    for limit in [None, Some(200)] {
        let mut began = None;
        let server = Server::start(move |_, request| {
            let storm = request.at - *began.get_or_insert(request.at) < seconds(29);
            if storm { slow_down(30) } else { ok() }
        })
        .await;
        let client = client(&server, limit);
        let tasks = (0..50).map(|_| tokio::spawn(call(client.clone())));
        for task in join_all(tasks).await {
            task.expect("no panic").expect("a source");
        }
        for time in server.times() {
            let paused = time > seconds(1) && time < seconds(30);
            assert!(!paused, "{limit:?}: a request after {time:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_that_is_not_tried_again_holds_back_clones_too() {
    let server = Server::replies([slow_down(10), ok()]).await;
    let builder = server.client_builder().retry(RetryPolicy::none());
    let client = builder.build().expect("a client");
    call(client.clone()).await.expect_err("too many requests");
    sleep(seconds(3)).await;
    call(client.clone()).await.expect("a source");
    let second = server.times()[1];
    assert!(second >= seconds(10) && second < seconds(11), "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn a_shorter_pause_does_not_end_a_longer_one() {
    let server = Server::start(|n, _| match n {
        0 => slow_down(40),
        1 => slow_down(5),
        _ => ok(),
    })
    .await;
    calls(&client(&server, None), 2).await;
    let third = server.times()[2];
    assert!(third >= seconds(40), "{third:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_cancelled_waits_take_no_place() {
    let server = Server::replies([ok()]).await;
    // Six at once, and then one in 1.1 seconds.
    let client = client(&server, 60);
    calls(&client, 6).await;
    let waiting = join_all((0..1000).map(|_| call(client.clone())));
    timeout(seconds(1), waiting)
        .await
        .expect_err("no place yet");
    assert_eq!(server.count(), 6, "none of them has left");
    call(client.clone()).await.expect("a source");
    let last = server.times()[6];
    assert!(last < seconds(2), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_at_any_await_point_lets_the_next_one_through() {
    let script = |n: usize| {
        if n.is_multiple_of(3) {
            slow_down(2)
        } else {
            ok()
        }
    };
    let server = Server::start(move |n, _| script(n)).await;
    let client = client(&server, 60);
    let mut dropped = 0;
    for polls in 0..20 {
        let first = polled(polls, call(client.clone())).await;
        dropped += usize::from(first.is_none());
        let began = Instant::now();
        call(client.clone()).await.expect("a source");
        let took = began.elapsed();
        assert!(took < seconds(8), "after {polls} polls: {took:?}");
    }
    assert!((5..20).contains(&dropped), "{dropped} calls were dropped");
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_the_gate_counts_towards_the_deadline() {
    let server = Server::replies([ok()]).await;
    let builder = server.client_builder().rate_limit(1);
    let client = builder.call_timeout(seconds(30)).build().expect("a client");
    call(client.clone()).await.expect("a source");
    let began = Instant::now();
    let error = call(client)
        .await
        .expect_err("no place within the deadline");
    let took = began.elapsed();
    assert!(took >= seconds(29) && took < seconds(31), "{took:?}");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!((error.attempts(), error.may_have_been_sent()), (0, false));
    assert!(error.to_string().contains("rate limit"), "{error}");
    assert_eq!(server.count(), 1);
}
