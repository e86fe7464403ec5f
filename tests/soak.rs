//! Mixed calls from many tasks while everything goes wrong: each call comes to its end, no POST is doubled,
//! and nothing grows.
//!
//! It takes 20 seconds. `SOAK_SECONDS=1800 cargo test --test soak -- --nocapture` takes half an hour, and
//! shows its summary.

#[path = "support/calls.rs"]
mod calls;
mod support;

use fastrand::Rng;
use segment_config_api::{
    Client, Error, ErrorKind, RetryPolicy,
    fake::{Fault, Segment},
    json::Json,
    names::SourceName,
    patch::SourcePatch,
    types::NewSource,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    env, fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    task::JoinSet,
    time::{sleep, timeout},
};

const TASKS: usize = 32;
/// A 429 holds back all calls of a client, so there are several.
const CLIENTS: usize = 8;
const MIB: usize = 1 << 20;

/// What may come of a call whose request is right, or about something that is not there.
const EXPECTED: [ErrorKind; 8] = [
    ErrorKind::NotFound,
    ErrorKind::AlreadyExists,
    ErrorKind::InvalidArgument,
    ErrorKind::Internal,
    ErrorKind::RateLimited,
    ErrorKind::Unavailable,
    ErrorKind::Connection,
    ErrorKind::Timeout,
];

fn break_things(segment: &Segment) {
    let limited = Fault::status(429).header("retry-after", "1");
    for (share, fault) in [
        (0.05, limited),
        (0.05, Fault::status(503)),
        (0.02, Fault::reset()),
        (0.02, Fault::reset_after_reading()),
        (0.01, Fault::lost()),
        (0.02, Fault::truncated()),
        (0.05, Fault::delay(Duration::from_millis(100))),
        (0.005, Fault::stall()),
    ] {
        segment.fail_next(fault.chance(share));
    }
}

/// What has become of the calls so far.
#[derive(Default)]
struct Tally {
    ends: Mutex<BTreeMap<String, usize>>,
    begun: AtomicUsize,
    /// Numbers of writes that have succeeded, and of writes that are said not to have been sent.
    done: Mutex<Vec<usize>>,
    unsent: Mutex<Vec<usize>>,
    longest_wait: Mutex<Duration>,
}

impl Tally {
    /// Brings a call to its end: its own, or that it is dropped at some moment.
    async fn end<T>(
        &self,
        random: &mut Rng,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Option<Result<T, Error>> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        // Longer than any call may take, with its wait for the client's pause.
        let mut limit = Duration::from_secs(60);
        let cancelled = random.f64() < 0.05;
        if cancelled {
            limit = Duration::from_micros(random.u64(..30_000));
        }
        let result = timeout(limit, call).await.ok();
        let end = match &result {
            Some(Ok(_)) => "value".into(),
            Some(Err(error)) => {
                assert!(EXPECTED.contains(&error.kind()), "{error:?}");
                format!("{:?}", error.kind())
            }
            None if cancelled => "cancelled".into(),
            None => panic!("a call has not come to its end"),
        };
        *self.ends.lock().expect("ends").entry(end).or_default() += 1;
        result
    }

    /// The same of a POST with a number that its path or its body has.
    async fn post<T>(
        &self,
        random: &mut Rng,
        number: usize,
        call: impl Future<Output = Result<T, Error>>,
    ) {
        match self.end(random, call).await {
            Some(Ok(_)) => self.done.lock().expect("writes").push(number),
            Some(Err(e)) if !e.may_have_been_sent() => {
                self.unsent.lock().expect("writes").push(number);
            }
            _ => {}
        }
    }
}

/// One of the tasks.
struct Task {
    client: Client,
    random: Rng,
    source: SourceName,
    samples: Arc<Vec<(String, bool, Value)>>,
    tally: Arc<Tally>,
    numbers: Arc<AtomicUsize>,
}

impl Task {
    async fn run(mut self, end: Instant) {
        while Instant::now() < end {
            match self.random.u32(..10) {
                0..5 => self.any_operation().await,
                5..8 => self.own_source().await,
                8 => self.list().await,
                _ => self.raw().await,
            }
        }
    }

    fn number(&self) -> usize {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// An operation with its sample; a POST leads nowhere, so that the workspace does not grow.
    async fn any_operation(&mut self) {
        let (operation, post, mut sample) =
            self.random.choice(&*self.samples).expect("one").clone();
        if !post {
            let call = calls::any(&self.client, &operation, &sample);
            self.tally.end(&mut self.random, call).await;
            return;
        }
        let number = self.number();
        let parts = sample["path"].as_object_mut().expect("a path");
        let part = parts.values_mut().next().expect("a part");
        *part = format!("{}.write-{number}", part.as_str().expect("a text")).into();
        let call = calls::any(&self.client, &operation, &sample);
        self.tally.post(&mut self.random, number, call).await;
    }

    async fn own_source(&mut self) {
        let Self { client, source, .. } = self;
        let (tally, random) = (&self.tally, &mut self.random);
        match random.u32(..4) {
            0 => {
                let number = self.numbers.fetch_add(1, Ordering::Relaxed);
                let new = NewSource::builder()
                    .name(&*source)
                    .catalog_name("catalog/sources/ios")
                    .labels([("number", format!("write-{number}"))]);
                let call = client.create_source().parent(source.parent()).body(new);
                tally.post(random, number, call.send()).await;
            }
            1 => {
                let call = client.get_source().name(&*source).send();
                if let Some(Ok(found)) = tally.end(random, call).await {
                    assert_eq!(found.name, source.as_str(), "an answer to another call");
                }
            }
            2 => {
                let patch = SourcePatch::new().labels([("updated", "yes")]);
                let call = client.update_source().name(&*source).body(patch).send();
                tally.end(random, call).await;
            }
            _ => {
                let call = client.delete_source().name(&*source).send();
                tally.end(random, call).await;
            }
        }
    }

    async fn list(&mut self) {
        let list = self.client.list_sources().workspace("acme");
        let call = list.page_size(self.random.i64(20..101)).all();
        if let Some(Ok(sources)) = self.tally.end(&mut self.random, call).await {
            let names: HashSet<_> = sources.iter().map(|s| &s.name).collect();
            assert!(names.len() > 250 && names.len() == sources.len());
        }
    }

    async fn raw(&mut self) {
        let path = format!("/{}", self.source);
        if self.random.bool() {
            let call = self.client.get(path).send::<Json>();
            self.tally.end(&mut self.random, call).await;
            return;
        }
        let number = self.number();
        let body = json!({"source": {
            "name": self.source.as_str(),
            "catalog_name": "catalog/sources/ios",
            "labels": {"number": format!("write-{number}")},
        }});
        let call = self.client.post("/workspaces/acme/sources").body(&body);
        self.tally
            .post(&mut self.random, number, call.send::<Json>())
            .await;
    }
}

/// Every operation but POSTs without a path that can hold a number.
fn samples() -> Vec<(String, bool, Value)> {
    let operations = support::document().operations.into_iter();
    let samples = operations.map(|operation| {
        let mut sample = support::sample(&operation.id);
        if let Some(query) = sample["query"].as_object_mut() {
            query.remove("page_token");
        }
        (operation.id, operation.method == "POST", sample)
    });
    samples
        .filter(|(_, post, sample)| !post || sample["path"] != json!({}))
        .collect()
}

/// How often each write came in and was not put off.
fn count(segment: &Segment, seen: &mut Vec<u8>) -> usize {
    let requests = segment.take_requests();
    for request in &requests {
        let text = format!("{} {}", request.path, request.body);
        let Some((_, rest)) = text.split_once("write-") else {
            continue;
        };
        if request.method != "POST" || request.status == Some(429) {
            continue;
        }
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        let number: usize = digits.unwrap_or_default().parse().expect("a number");
        seen.resize(seen.len().max(number + 1), 0);
        seen[number] += 1;
    }
    requests.len()
}

/// The memory and the sockets of this process; nothing where `/proc` is not.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.unwrap_or(0) * 1024
}

fn sockets() -> usize {
    let open = fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten();
    let links = open.filter_map(|entry| fs::read_link(entry.path()).ok());
    links
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_comes_to_its_end_once_and_nothing_grows() {
    let seconds = env::var("SOAK_SECONDS").map_or(20, |s| s.parse().expect("seconds"));
    let duration = Duration::from_secs(seconds);
    let segment = Segment::start().await.expect("a fake");
    let (tasks_before, sockets_before) = (Handle::current().metrics().num_alive_tasks(), sockets());
    break_things(&segment);
    let tally: Arc<Tally> = Arc::default();
    let clients: Vec<_> = (0..CLIENTS).map(|_| client(&segment, &tally)).collect();
    let (samples, numbers) = (Arc::new(samples()), Arc::default());
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for n in 0..TASKS {
        let task = Task {
            client: clients[n % CLIENTS].clone(),
            random: Rng::with_seed(n as u64),
            source: SourceName::new("acme", format!("soak-{n}")).expect("a name"),
            samples: Arc::clone(&samples),
            tally: tally.clone(),
            numbers: Arc::clone(&numbers),
        };
        tasks.spawn(task.run(begin + duration));
    }

    let (mut seen, mut requests, mut memory, mut most_sockets) = (Vec::new(), 0, 0, 0);
    let warm = (duration / 4).min(Duration::from_secs(60));
    while let Err(_elapsed) = timeout(Duration::from_secs(1), tasks.join_next()).await {
        requests += count(&segment, &mut seen);
        most_sockets = most_sockets.max(sockets());
        if memory == 0 && begin.elapsed() > warm {
            memory = resident();
        }
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("no task fails");
    }
    let grown = resident().saturating_sub(memory);
    requests += count(&segment, &mut seen);
    drop(clients);
    for _ in 0..100 {
        if sockets() <= sockets_before {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let (tasks_left, sockets_left) = (Handle::current().metrics().num_alive_tasks(), sockets());

    let ends = tally.ends.lock().expect("ends").clone();
    let begun = tally.begun.load(Ordering::Relaxed);
    let wait = *tally.longest_wait.lock().expect("the wait");
    let doubled = seen.iter().filter(|times| **times > 1).count();
    println!("{:<28}{:>10}", "seconds", begin.elapsed().as_secs());
    println!("{:<28}{begun:>10}", "calls");
    for (end, calls) in &ends {
        println!("  {end:<26}{calls:>10}");
    }
    println!("{:<28}{requests:>10}", "requests");
    println!(
        "{:<28}{:>10}",
        "POSTs that came in",
        seen.iter().filter(|t| **t > 0).count()
    );
    println!("{:<28}{doubled:>10}", "  more than once");
    println!("{:<28}{:>10}", "longest wait, ms", wait.as_millis());
    println!("{:<28}{:>10}", "memory when warm, KiB", memory >> 10);
    println!("{:<28}{:>10}", "  grown by, KiB", grown >> 10);
    println!("{:<28}{most_sockets:>10}", "sockets, both ends, at most");
    println!("{:<28}{sockets_left:>10}", "  left, with the listener");
    println!("{:<28}{tasks_left:>10}", "tasks left, with the fake's");

    assert_eq!(ends.values().sum::<usize>(), begun, "a call was lost");
    assert!(begun > 100, "too little has happened");
    assert_eq!(doubled, 0, "a POST came in twice");
    for number in tally.done.lock().expect("writes").iter() {
        assert_eq!(seen[*number], 1, "a POST that succeeded");
    }
    for number in tally.unsent.lock().expect("writes").iter() {
        assert_eq!(
            seen.get(*number).unwrap_or(&0),
            &0,
            "a POST that was not sent"
        );
    }
    assert!(grown < 16 * MIB, "{} KiB more", grown >> 10);
    assert!(
        wait < Duration::from_millis(1500),
        "{wait:?} is longer than any pause"
    );
    assert!(most_sockets < 4 * TASKS, "{most_sockets} sockets");
    assert_eq!((tasks_left, sockets_left), (tasks_before, sockets_before));
}

fn client(segment: &Segment, tally: &Arc<Tally>) -> Client {
    let tally = tally.clone();
    segment
        .client_builder()
        // Far from what the tasks can do.
        .rate_limit(60_000)
        .attempt_timeout(Duration::from_secs(1))
        .call_timeout(Duration::from_secs(15))
        .retry(RetryPolicy::new().backoff(Duration::from_millis(10), Duration::from_millis(100)))
        .on_wait(move |wait| {
            let mut longest = tally.longest_wait.lock().expect("the wait");
            *longest = wait.expected().max(*longest);
        })
        .build()
        .expect("a client")
}
