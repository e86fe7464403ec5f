//! A server of raw TCP that answers as a script says, well-formed or not.
//!
//! It runs in the runtime of the test, to be used with paused time. tokio moves
//! paused time to the next timer as soon as all tasks wait, also when they wait
//! for a socket, so left alone every exchange would run into its time limit. The
//! server therefore keeps a clock: time stands still while an exchange is under
//! way, and goes in small steps when none is. A test must not wait for time while
//! it holds a call that it does not poll.

use segment_config_api::{Client, ClientBuilder};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::{AbortHandle, yield_now},
    time::{Instant, sleep},
};

/// The steps in which time goes.
pub const STEP: Duration = Duration::from_millis(25);

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub at: Instant,
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter, as it is in the address.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    fn parse(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let mut request = lines.next().unwrap_or_default().split(' ');
        let mut word = || request.next().unwrap_or_default().to_string();
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            at: Instant::now(),
            method: word(),
            target: word(),
            headers: headers
                .map(|(n, v)| (n.to_ascii_lowercase(), v.to_string()))
                .collect(),
            body: Vec::new(),
        }
    }
}

/// What the server does with a request. Connections are not used twice.
#[derive(Clone, Debug)]
pub struct Reply {
    head: String,
    body: Vec<u8>,
    announced: usize,
    end: End,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Close,
    Reset,
    Stall,
    Endless,
}

impl Reply {
    /// An answer with a status and a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self {
            head: format!("HTTP/1.1 {status} Status\r\nconnection: close\r\n"),
            announced: body.len(),
            body,
            end: End::Close,
        }
    }

    /// A success with a value.
    pub fn json(value: &Value) -> Self {
        Self::new(200, value.to_string()).header("content-type", "application/json")
    }

    /// An answer of the API's own, with its error object.
    pub fn error(status: u16, code: i64, error: &str) -> Self {
        Self::new(
            status,
            serde_json::json!({"error": error, "code": code}).to_string(),
        )
    }

    /// These bytes and no others.
    pub fn raw(bytes: &[u8]) -> Self {
        Self {
            head: String::new(),
            ..Self::new(0, bytes)
        }
    }

    /// Nothing at all, on a connection that stays open.
    pub fn never() -> Self {
        Self::raw(b"").stall()
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head += &format!("{name}: {value}\r\n");
        self
    }

    /// Announces a body of another length than the one that is sent.
    pub fn announcing(mut self, length: usize) -> Self {
        self.announced = length;
        self
    }

    /// Resets the connection instead of closing it.
    pub fn reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// Sends no more, and leaves the connection open.
    pub fn stall(mut self) -> Self {
        self.end = End::Stall;
        self
    }

    /// Repeats the body for ever.
    pub fn endless(mut self) -> Self {
        self.end = End::Endless;
        self.announcing(usize::MAX >> 1)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone().into_bytes();
        if !bytes.is_empty() {
            bytes.extend(format!("content-length: {}\r\n\r\n", self.announced).bytes());
        }
        bytes.extend(&self.body);
        bytes
    }
}

type Script = Box<dyn FnMut(usize, &Received) -> Reply + Send>;

/// A server on loopback, and the requests it has had.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Received>>>,
    _tasks: [Task; 2],
}

impl Server {
    /// Starts one; `script` answers the n-th request, from zero.
    pub async fn start(script: impl FnMut(usize, &Received) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests: Arc<Mutex<Vec<_>>> = Arc::default();
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let (busy, clock) = keep_time();
        let log = requests.clone();
        let accept = async move {
            while let Ok((stream, _)) = listener.accept().await {
                let under_way = UnderWay::new(&busy);
                tokio::spawn(serve(stream, script.clone(), log.clone(), under_way));
            }
        };
        let _tasks = [clock, Task::spawn(accept)];
        Self {
            address,
            requests,
            _tasks,
        }
    }

    /// Answers with these, one after the other, and then with the last one.
    pub async fn replies(replies: impl Into<Vec<Reply>>) -> Self {
        let replies = replies.into();
        Self::start(move |n, _| replies[n.min(replies.len() - 1)].clone()).await
    }

    pub fn url(&self) -> String {
        format!("http://{}/v1beta", self.address)
    }

    /// The configuration of a client of this server, without a rate limit.
    pub fn client_builder(&self) -> ClientBuilder {
        client_builder(&self.url())
    }

    /// The same without TLS of its own, for tests that make many clients.
    pub fn light_client_builder(&self) -> ClientBuilder {
        static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
            // Only plain HTTP is used, but reqwest wants a provider of TLS all the same.
            #[cfg(feature = "rustls")]
            let _ = rustls::crypto::ring::default_provider().install_default();
            let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
            builder.build().expect("a client")
        });
        self.client_builder().http_client(HTTP.clone())
    }

    /// A client of this server, without a rate limit.
    pub fn client(&self) -> Client {
        self.client_builder().build().expect("a client")
    }

    /// All requests so far, in the order they came in.
    pub fn requests(&self) -> Vec<Received> {
        self.requests.lock().expect("the requests").clone()
    }

    /// How many requests came in so far.
    pub fn count(&self) -> usize {
        self.requests.lock().expect("the requests").len()
    }

    /// When the requests came in, from the first one on.
    pub fn times(&self) -> Vec<Duration> {
        let requests = self.requests();
        requests.iter().map(|r| r.at - requests[0].at).collect()
    }
}

/// The configuration of a client with a token and without a rate limit.
pub fn client_builder(base_url: &str) -> ClientBuilder {
    Client::builder()
        .base_url(base_url)
        .access_token("EXAMPLE_TOKEN")
        .rate_limit(None)
}

/// An address on loopback where connections are refused, as long as it is held.
pub struct Refusing {
    socket: TcpSocket,
    _clock: Task,
}

impl Refusing {
    pub fn start() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        socket.bind(any).expect("a free port");
        let (_, _clock) = keep_time();
        Self { socket, _clock }
    }

    pub fn client_builder(&self) -> ClientBuilder {
        let address = self.socket.local_addr().expect("an address");
        client_builder(&format!("http://{address}/v1beta"))
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Arc<Mutex<Script>>,
    log: Arc<Mutex<Vec<Received>>>,
    under_way: UnderWay,
) {
    let Some(request) = receive(&mut stream).await else {
        return;
    };
    let reply = {
        let mut log = log.lock().expect("the requests");
        log.push(request);
        let n = log.len() - 1;
        (script.lock().expect("the script"))(n, &log[n])
    };
    if stream.write_all(&reply.bytes()).await.is_err() {
        return;
    }
    match reply.end {
        End::Close => {
            let _ = stream.shutdown().await;
            hung_up(&mut stream).await;
        }
        End::Reset => {
            // Time to read what has been sent.
            drop(under_way);
            sleep(STEP * 2).await;
            let _ = stream.set_zero_linger();
        }
        End::Stall => {
            drop(under_way);
            hung_up(&mut stream).await;
        }
        End::Endless => while stream.write_all(&reply.body).await.is_ok() {},
    }
}

async fn receive(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut request = Received::parse(&String::from_utf8_lossy(&bytes[..end]));
    let length = request.header("content-length").map(str::parse);
    let length = length.transpose().expect("a length").unwrap_or(0);
    request.body = bytes.split_off(end + 4);
    while request.body.len() < length {
        if stream.read_buf(&mut request.body).await.ok()? == 0 {
            return None;
        }
    }
    Some(request)
}

/// Waits until the client has closed the connection.
async fn hung_up(stream: &mut TcpStream) {
    let mut rest = [0; 256];
    while stream.read(&mut rest).await.is_ok_and(|n| n > 0) {}
}

/// An exchange that holds the time as long as it lives.
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn new(busy: &Arc<AtomicUsize>) -> Self {
        busy.fetch_add(1, Ordering::SeqCst);
        Self(busy.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A task that ends when this is dropped.
struct Task(AbortHandle);

impl Task {
    fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task).abort_handle())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Lets time go in steps, and not at all while the count it returns is not zero.
fn keep_time() -> (Arc<AtomicUsize>, Task) {
    let busy = Arc::new(AtomicUsize::new(0));
    let count = busy.clone();
    let clock = async move {
        loop {
            sleep(STEP).await;
            loop {
                // Each looks at the sockets; what is ready runs first.
                for _ in 0..3 {
                    yield_now().await;
                }
                if count.load(Ordering::SeqCst) == 0 {
                    break;
                }
            }
        }
    };
    (busy, Task::spawn(clock))
}
