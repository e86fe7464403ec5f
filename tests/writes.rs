//! That nothing below this crate sends a write twice: not the pool of connections, and not the
//! layer over it. What this crate repeats itself is switched off here.

mod support;

use fastrand::Rng;
use futures::{StreamExt, stream};
use segment_config_api::{Client, RetryPolicy, patch::TrackingPlanPatch, types::NewSource};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use support::{answer, server::client_builder};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Duration, sleep},
};

const METHODS: [&str; 3] = ["POST", "PUT", "DELETE"];

/// How often a part of each write came in.
type Log = Mutex<HashMap<usize, usize>>;

/// How a server lets go of a connection.
#[derive(Clone, Copy, Debug)]
enum End {
    Fin,
    Reset,
}

/// When it does, in the life of the request that it does not answer.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// When the connection is idle, so soon that the next request may be on its way.
    Before(Duration),
    /// When so many bytes of the request have been read.
    Read(usize),
    /// When all of it has been read.
    Whole,
    /// When all of it has been read, and the head of an answer sent.
    Answering,
}

/// A server that answers the first request of each connection, then lets go of it as a script
/// says, and counts how often a part of each write came in.
struct Server {
    address: SocketAddr,
    seen: Arc<Log>,
}

impl Server {
    async fn start(script: impl Fn(usize) -> (Moment, End) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Log> = Arc::default();
        let log = seen.clone();
        tokio::spawn(async move {
            let mut connections = 0;
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script(connections), log.clone()));
                connections += 1;
            }
        });
        Self { address, seen }
    }

    fn client(&self) -> Client {
        let builder = client_builder(&format!("http://{}", self.address));
        builder
            .retry(RetryPolicy::none())
            .build()
            .expect("a client")
    }

    fn times_seen(&self, id: usize) -> usize {
        let seen = self.seen.lock().expect("the writes");
        seen.get(&id).copied().unwrap_or(0)
    }
}

async fn serve(mut stream: TcpStream, (moment, end): (Moment, End), log: Arc<Log>) {
    if let Some(()) = receive(&mut stream, &log, usize::MAX).await {
        let body = answer("get_source").to_string();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all((head + &body).as_bytes()).await;
        match moment {
            Moment::Before(time) => sleep(time).await,
            Moment::Read(bytes) => drop(receive(&mut stream, &log, bytes).await),
            Moment::Whole => drop(receive(&mut stream, &log, usize::MAX).await),
            Moment::Answering => {
                let _ = receive(&mut stream, &log, usize::MAX).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-").await;
            }
        }
    }
    if let End::Reset = end {
        let _ = stream.set_zero_linger();
    }
}

/// Reads a request, up to so many bytes, and counts it if it is a write.
async fn receive(stream: &mut TcpStream, log: &Log, most: usize) -> Option<()> {
    let mut bytes = Vec::new();
    let mut counted = false;
    while bytes.len() < most {
        let mut part = vec![0; (most - bytes.len()).min(1024)];
        let length = stream.read(&mut part).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&bytes);
        if let (Some(id), false) = (id(&text), counted) {
            counted = true;
            *log.lock().expect("the writes").entry(id).or_default() += 1;
        }
        if text
            .split_once("\r\n\r\n")
            .is_some_and(|(head, body)| body.len() >= announced(head))
        {
            break;
        }
    }
    Some(())
}

/// The number of a write, once its path has come in.
fn id(text: &str) -> Option<usize> {
    let (id, _) = text.split_once("/write-")?.1.split_once('/')?;
    Some(id.parse().expect("a number"))
}

fn announced(head: &str) -> usize {
    let length = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    length.map_or(0, |l| l.parse().expect("a length"))
}

/// Sends a write over a connection that has been used, and checks that it came in once at most.
async fn write(server: &Server, client: &Client, method: &str, id: usize, size: usize) {
    // The first connections may have been let go of already.
    let _ = client
        .get_source()
        .workspace("acme")
        .source("js")
        .send()
        .await;
    let workspace = format!("write-{id}");
    let text = "x".repeat(size);
    let result = match method {
        "POST" => {
            let source = NewSource::builder().name("workspaces/acme/sources/js");
            let source = source.catalog_name("catalog/sources/javascript");
            let request = source.labels([("text", &text)]);
            let call = client.create_source().workspace(workspace);
            call.body(request).send().await.map(drop)
        }
        "PUT" => {
            let call = client.update_tracking_plan().workspace(workspace);
            let patch = TrackingPlanPatch::new().display_name(text);
            call.tracking_plan("rs_1")
                .body(patch)
                .send()
                .await
                .map(drop)
        }
        _ => {
            let call = client.delete_source().workspace(workspace);
            call.source("js").send().await
        }
    };
    let seen = server.times_seen(id);
    assert!(seen <= 1, "{method} came in {seen} times: {result:?}");
    if let Err(error) = result {
        assert_eq!(error.attempts(), 1, "{method}: {error:?}");
        let told = error.may_have_been_sent();
        assert!(
            told || seen == 0,
            "{method} came in, and is called unsent: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_write_is_not_repeated_when_its_connection_goes_before_the_answer() {
    for end in [End::Fin, End::Reset] {
        for moment in [
            Moment::Before(Duration::ZERO),
            Moment::Read(1),
            Moment::Read(200),
            Moment::Read(2000),
            Moment::Whole,
            Moment::Answering,
        ] {
            let server = Server::start(move |_| (moment, end)).await;
            let client = server.client();
            for (id, method) in METHODS.into_iter().enumerate() {
                write(&server, &client, method, id, 4000).await;
            }
            if let Moment::Whole | Moment::Answering = moment {
                let seen = (0..METHODS.len()).map(|id| server.times_seen(id));
                assert_eq!(seen.sum::<usize>(), METHODS.len(), "{moment:?} {end:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_write_is_not_repeated_at_whatever_moment_its_connection_goes() {
    let random = |connection: usize| {
        let mut random = Rng::with_seed(connection as u64);
        let moment = match random.u32(..4) {
            0 => Moment::Before(Duration::from_micros(random.u64(..3000))),
            1 => Moment::Read(random.usize(1..6000)),
            2 => Moment::Whole,
            _ => Moment::Answering,
        };
        (
            moment,
            random.choice([End::Fin, End::Reset]).expect("an end"),
        )
    };
    let server = Server::start(random).await;
    let client = server.client();
    let mut sizes = Rng::with_seed(20181212);
    let writes = (0..300).map(|id| {
        let method = METHODS[id % METHODS.len()];
        write(&server, &client, method, id, sizes.usize(..100_000))
    });
    stream::iter(writes)
        .buffer_unordered(4)
        .collect::<()>()
        .await;
    let seen = (0..300).filter(|id| server.times_seen(*id) == 1).count();
    assert!(seen > 100, "only {seen} of 300 came in");
}
