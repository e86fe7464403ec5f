//! The gate that requests pass: how many leave a minute, and when none does.

mod support;

use futures::{
    StreamExt,
    future::{join_all, poll_immediate},
    stream,
};
use segment_config_api::{Client, Error, ErrorKind, RetryPolicy, Wait};
use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support::{
    answer, polled,
    server::{Reply, Server},
};
use tokio::time::{Instant, sleep, sleep_until, timeout};

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
async fn a_waiting_arm_of_a_select_that_is_not_polled_holds_nobody_up() {
    let server = Server::replies([ok()]).await;
    let client = client(&server, 60);
    calls(&client, 6).await;
    let mut waiting = pin!(call(client.clone()));
    tokio::select! {
        _ = &mut waiting => panic!("there is no place yet"),
        () = sleep(seconds(1)) => {}
    }
    let began = Instant::now();
    for _ in 0..10 {
        call(client.clone()).await.expect("a source");
    }
    let took = began.elapsed();
    assert!(took < seconds(14), "{took:?}");
    waiting.await.expect("a source, once it is polled again");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_kept_after_a_timeout_of_its_next_holds_nobody_up() {
    let sources = answer("list_sources");
    let both = move |path: &str| {
        if path.ends_with("/js") {
            ok()
        } else {
            Reply::json(&sources)
        }
    };
    let server = Server::start(move |_, request| both(&request.target)).await;
    let client = client(&server, 60);
    calls(&client, 6).await;
    let mut list = client.list_sources().workspace("acme").stream();
    let item = timeout(seconds(1), list.next()).await;
    assert!(item.is_err(), "there is no place yet");
    let began = Instant::now();
    for _ in 0..10 {
        call(client.clone()).await.expect("a source");
    }
    let took = began.elapsed();
    assert!(took < seconds(14), "{took:?}");
    let item = list.next().await.expect("an item");
    item.expect("a source, once it is polled again");
}

#[tokio::test(start_paused = true)]
async fn calls_inside_the_body_of_a_loop_over_buffered_calls_go_through() {
    let server = Server::replies([ok()]).await;
    let client = client(&server, 60);
    let calls = stream::iter(0..20).map(|_| call(client.clone()));
    let mut buffered = calls.buffer_unordered(10);
    let began = Instant::now();
    while let Some(result) = buffered.next().await {
        result.expect("a source");
        // Meanwhile nobody polls the nine others.
        call(client.clone()).await.expect("a source");
    }
    // Forty calls, of which six go at once; some places are lost to those that are not polled.
    let took = began.elapsed();
    assert!(took < seconds(90), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_the_first_place_does_not_count_towards_the_deadline() {
    // (calls at once, seconds for each)
    for (count, limit) in [(60, 5), (1000, 300)] {
        let server = Server::replies([ok()]).await;
        let builder = Client::builder().base_url(server.url());
        let builder = builder
            .access_token("EXAMPLE_TOKEN")
            .call_timeout(seconds(limit));
        calls(&builder.build().expect("a client"), count).await;
        let last = server.times()[count - 1];
        assert!(last > seconds(limit), "{last:?}");
        assert!(last < seconds(335), "{last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_comes_after_the_queue_timeout_is_not_waited_for() {
    let server = Server::replies([ok()]).await;
    let builder = server.client_builder().rate_limit(60);
    let client = builder.queue_timeout(seconds(3)).build();
    let client = client.expect("a client");
    let began = Instant::now();
    // Six leave at once, and then one in 1.1 seconds.
    let results = join_all((0..20).map(|_| call(client.clone()))).await;
    let failed = || results.iter().filter_map(|result| result.as_ref().err());
    assert_eq!(failed().count(), 12);
    for error in failed() {
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!((error.attempts(), error.may_have_been_sent()), (0, false));
        assert!(error.to_string().contains("queue timeout"), "{error}");
    }
    assert!(began.elapsed() < seconds(3), "{:?}", began.elapsed());
    assert_eq!(server.count(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_call_fails_at_once_where_only_its_place_is_too_late() {
    let server = Server::replies([ok()]).await;
    let builder = server.client_builder().rate_limit(1);
    let client = builder.queue_timeout(seconds(30)).build();
    let client = client.expect("a client");
    call(client.clone()).await.expect("a source");
    let began = Instant::now();
    let error = call(client.clone()).await.expect_err("no place in time");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(began.elapsed() < seconds(1), "{:?}", began.elapsed());
    sleep(seconds(32)).await;
    call(client)
        .await
        .expect("a source, since the place is near enough");
}

#[tokio::test(start_paused = true)]
async fn a_place_at_the_very_end_of_the_queue_timeout_is_waited_for() {
    let server = Server::replies([ok()]).await;
    // A second more than a minute lies between two.
    for (limit, fine) in [(61, true), (60, false)] {
        let builder = server.client_builder().rate_limit(1);
        let client = builder.queue_timeout(seconds(limit)).build();
        let client = client.expect("a client");
        let (first, second) = tokio::join!(call(client.clone()), call(client.clone()));
        assert_eq!((first.is_ok(), second.is_ok()), (true, fine), "{limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_after_a_failure_goes_before_those_that_have_not_been_let_through() {
    let down = Reply::new(503, "down").header("retry-after", "1");
    let server = Server::replies([down, ok()]).await;
    let builder = server.client_builder().rate_limit(60);
    let client = builder.call_timeout(seconds(5)).build();
    let client = client.expect("a client");
    let began = Instant::now();
    let first = async {
        call(client.clone())
            .await
            .expect("a source at the second try");
        began.elapsed()
    };
    let (took, ()) = tokio::join!(first, calls(&client, 60));
    assert!(took < seconds(4), "{took:?}");
    assert_eq!(server.count(), 62);
}

#[tokio::test(start_paused = true)]
async fn the_wait_before_a_second_try_counts_towards_the_deadline() {
    let server = Server::replies([Reply::new(503, "down").header("retry-after", "1")]).await;
    let builder = server.client_builder().rate_limit(1);
    let client = builder.call_timeout(seconds(30)).build();
    let began = Instant::now();
    let error = call(client.expect("a client")).await;
    let error = error.expect_err("no place within the deadline");
    // What the server said, and when it is known that there is no other try.
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Unavailable, 1)
    );
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert!(
        source.is_some_and(|text| text.contains("rate limit")),
        "{error:?}"
    );
    assert!(began.elapsed() < seconds(2), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn those_behind_a_cancelled_wait_move_up() {
    let server = Server::replies([ok()]).await;
    let client = client(&server, 60);
    calls(&client, 6).await;
    let mut waiting: Vec<_> = (0..40)
        .map(|_| tokio::spawn(call(client.clone())))
        .collect();
    sleep(seconds(1)).await;
    for task in waiting.drain(..30) {
        task.abort();
    }
    for task in waiting {
        task.await.expect("no panic").expect("a source");
    }
    let last = server.times()[15];
    assert!(last > seconds(10) && last < seconds(13), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_told_with_its_call_and_its_likely_length() {
    let server = Server::replies([ok()]).await;
    let waits: Arc<Mutex<Vec<Wait>>> = Arc::default();
    let told = waits.clone();
    let hook = move |wait: &Wait| told.lock().expect("the waits").push(wait.clone());
    let builder = server.client_builder().rate_limit(60).on_wait(hook);
    calls(&builder.build().expect("a client"), 9).await;
    let waits = waits.lock().expect("the waits");
    let expected: Vec<_> = waits
        .iter()
        .map(|wait| wait.expected().as_millis())
        .collect();
    // A minute and a second, in 55 parts.
    assert_eq!(expected, [1109, 2218, 3327]);
    assert!(waits.iter().all(|wait| wait.operation() == "get_source"));
}

#[test]
fn the_debug_of_a_configuration_says_that_somebody_is_told_of_waits() {
    let builder = Client::builder().on_wait(|_| {});
    assert!(format!("{builder:?}").contains("OnWait"), "{builder:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_during_a_pause_reckons_with_those_before_it() {
    let server = Server::replies([slow_down(30), ok()]).await;
    let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let told = waits.clone();
    let hook = move |wait: &Wait| told.lock().expect("the waits").push(wait.expected());
    let builder = server.client_builder().rate_limit(60).on_wait(hook);
    let client = builder.build().expect("a client");
    let late = async {
        sleep(seconds(1)).await;
        call(client.clone()).await.expect("a source");
    };
    // Six leave, of which one is told to wait; three are in line before the late one.
    tokio::join!(calls(&client, 9), late);
    let expected = waits.lock().expect("the waits")[3];
    // The rest of the pause, and three places of 1.1 seconds.
    assert!(
        expected > seconds(32) && expected < seconds(33),
        "{expected:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn calls_that_leave_later_than_they_could_count_when_they_leave() {
    let server = Server::replies([ok()]).await;
    let client = client(&server, 60);
    calls(&client, 6).await;
    let mut crowd = pin!(calls(&client, 40));
    assert!(poll_immediate(&mut crowd).await.is_none(), "no place yet");
    let late = async {
        sleep(seconds(50)).await;
        crowd.await;
    };
    // Their places come after those of the crowd, but not a minute after it has left.
    tokio::join!(late, calls(&client, 60));
    let most = most_a_minute(&server);
    assert!((55..=60).contains(&most), "{most} in a minute");
}

/// What somebody does with a call.
async fn anything(client: Client, began: Instant, random: &mut fastrand::Rng, waits: &AtomicUsize) {
    let time = Duration::from_millis(random.u64(..20_000));
    match random.u8(..4) {
        0 => drop(timeout(time, call(client)).await),
        1 | 2 => {
            let before = waits.load(Ordering::SeqCst);
            let mut call = pin!(call(client));
            let first = poll_immediate(&mut call).await;
            // Left alone until a crowd goes on together, unless it is on its way.
            if waits.load(Ordering::SeqCst) > before {
                let crowd = began.elapsed().as_secs() / 30 + 1;
                sleep_until(began + seconds(30 * crowd)).await;
            }
            if first.is_none() && random.u8(..4) > 0 {
                let _ = call.await;
            }
        }
        _ => drop(call(client).await),
    }
}

#[tokio::test(start_paused = true)]
async fn no_minute_has_more_requests_whatever_is_cancelled_left_alone_or_told_to_wait() {
    const LIMIT: u32 = 60;
    for seed in 0..2 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut storms = random.fork();
        let server = Server::start(move |_, _| match storms.u8(..200) {
            0 => slow_down(storms.u64(1..15)),
            1..5 => Reply::new(503, "down"),
            _ => ok(),
        })
        .await;
        let waits = Arc::new(AtomicUsize::new(0));
        let told = waits.clone();
        let hook = move |_: &Wait| {
            told.fetch_add(1, Ordering::SeqCst);
        };
        let builder = server.client_builder().rate_limit(LIMIT).on_wait(hook);
        let client = builder.build().expect("a client");
        let began = Instant::now();
        let mut tasks = Vec::new();
        while began.elapsed() < MINUTE * 4 {
            let (client, waits, mut chance) = (client.clone(), waits.clone(), random.fork());
            tasks.push(tokio::spawn(async move {
                anything(client, began, &mut chance, &waits).await;
            }));
            // Now a crowd, now nobody for a while, on average a little more than the limit lets through.
            let pause = if random.u8(..20) == 0 { 15_000 } else { 400 };
            sleep(Duration::from_millis(random.u64(..pause))).await;
        }
        join_all(tasks).await;
        let most = most_a_minute(&server);
        assert!(most <= LIMIT as usize, "{most} in a minute, seed {seed}");
        assert!(most >= LIMIT as usize * 4 / 5, "only {most}, seed {seed}");
    }
}
