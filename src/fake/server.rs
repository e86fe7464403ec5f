//! The server: from bytes to calls and back, and what goes wrong on the way.

use super::{
    access::{Limit, allowed},
    call::Call,
    check::{check, check_query},
    facts::Facts,
    fault::{Canned, Faults, Kind},
    journal::Request,
    quirk::Quirk,
    refusal::Refusal,
    route::{Route, Target, decoded, find},
    standard,
    state::State,
};
use http_body_util::BodyExt;
use hyper::{
    Response,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    http::request::Parts,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};

/// What Segment's proxy answers to an address that leads nowhere.
const UNROUTABLE: &str = "upstream connect error or disconnect/reset before headers";

/// Called with each request that was answered or not.
pub(super) type Hook = Arc<dyn Fn(&Request) + Send + Sync>;

/// What all connections share.
pub(super) struct Shared {
    pub facts: &'static Facts,
    pub state: Mutex<State>,
    pub limit: Mutex<Limit>,
    pub faults: Mutex<Faults>,
    pub journal: Mutex<Vec<Request>>,
    pub hook: Option<Hook>,
}

/// What was locked is whole, whoever panicked while holding it.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes connections until it is dropped, and they with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(connection(stream, shared.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| Box::pin(exchange(request, shared.clone())));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    // A fault, or a body that ended too early; what is no HTTP has had its answer.
    if ended.is_err_and(|error| error.is_user()) {
        // Dropped so, a connection is reset.
        let connection = connection.into_parts().io.into_inner();
        // Zero blocks nobody.
        #[allow(deprecated)]
        let _ = connection.set_linger(Some(Duration::ZERO));
    }
}

async fn exchange(
    request: hyper::Request<Incoming>,
    shared: Arc<Shared>,
) -> io::Result<Response<Sent>> {
    let (head, body) = request.into_parts();
    let asked = Asked::new(&head, shared.facts);
    let fault = {
        let candidates: Vec<_> = asked.targets.iter().map(|(o, _)| o.id.as_str()).collect();
        locked(&shared.faults).next(&candidates)
    };
    let broken = || io::Error::from(io::ErrorKind::ConnectionReset);
    if matches!(fault, Some(Kind::Reset)) {
        shared.note(asked.noted(None, &[], None));
        return Err(broken());
    }
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let (operation, reply) = match &fault {
        Some(Kind::ResetAfterReading) => {
            shared.note(asked.noted(asked.targets.first(), &body, None));
            return Err(broken());
        }
        Some(Kind::Answer(canned)) => (asked.targets.first(), Reply::canned(canned)),
        _ => {
            let authorization = head
                .headers
                .get("authorization")
                .and_then(|v| v.to_str().ok());
            let (operation, answer) = shared.answer(&asked, &body, authorization);
            (operation, Reply::new(answer))
        }
    };
    let whole = !matches!(fault, Some(Kind::Lost | Kind::Truncated | Kind::Stall));
    shared.note(asked.noted(operation, &body, whole.then_some(reply.status)));
    let end = match fault {
        Some(Kind::Lost) => return Err(broken()),
        Some(Kind::Truncated) => End::Broken,
        Some(Kind::Stall) => End::Never,
        Some(Kind::Delay(time)) => {
            sleep(time).await;
            End::Whole
        }
        _ => End::Whole,
    };
    reply.response(end)
}

/// What a request asks for, before its body is read.
struct Asked {
    method: String,
    /// As it was sent, but decoded.
    path: String,
    /// Without the base path, and with names in their documented form; none outside it.
    below: Option<String>,
    query: Vec<(String, String)>,
    targets: Vec<Target>,
    /// The methods that the path has instead.
    others: BTreeSet<&'static str>,
}

impl Asked {
    fn new(head: &Parts, facts: &'static Facts) -> Self {
        let path = decoded(head.uri.path());
        let method = head.method.to_string();
        let below = path
            .strip_prefix(&facts.base)
            .and_then(|p| p.strip_prefix('/'));
        // Several clients end their paths with a slash, and the service lets them.
        let below = below.map(|p| facts.canonical(p.trim_end_matches('/')));
        let route = below.as_deref().map(|below| find(facts, &method, below));
        let (targets, others) = match route {
            Some(Route::To(targets)) => (targets, BTreeSet::new()),
            Some(Route::OtherMethods(others)) => (Vec::new(), others),
            Some(Route::Nowhere) | None => (Vec::new(), BTreeSet::new()),
        };
        let query = head.uri.query().unwrap_or_default().as_bytes();
        let query = url::form_urlencoded::parse(query).into_owned().collect();
        Self {
            method,
            path,
            below,
            query,
            targets,
            others,
        }
    }

    fn noted(&self, target: Option<&Target>, body: &[u8], status: Option<u16>) -> Request {
        let text = || String::from_utf8_lossy(body).into_owned().into();
        let json = || serde_json::from_slice(body).unwrap_or_else(|_| text());
        Request {
            operation: target.map(|(operation, _)| operation.id.as_str()),
            method: self.method.clone(),
            path: self.path.clone(),
            parts: target.map(|(_, parts)| parts.clone()).unwrap_or_default(),
            query: self.query.clone(),
            body: if body.is_empty() { Value::Null } else { json() },
            status,
        }
    }
}

impl Shared {
    fn note(&self, request: Request) {
        if let Some(hook) = &self.hook {
            hook(&request);
        }
        locked(&self.journal).push(request);
    }

    /// The operation that was meant, and what it answers; no refusal in JSON if nothing is there.
    fn answer<'a>(
        &self,
        asked: &'a Asked,
        body: &[u8],
        authorization: Option<&str>,
    ) -> (Option<&'a Target>, Result<Value, Option<Refusal>>) {
        let mut state = locked(&self.state);
        let Some(path) = &asked.below else {
            return (None, Err(None));
        };
        let Some(first) = asked.targets.first() else {
            let refusal = match &asked.others {
                others if others.is_empty() => Refusal::not_found("not found"),
                _ if state.has(Quirk::WrongMethodIsUnimplemented) => Refusal::unimplemented(),
                others => Refusal::not_allowed(others),
            };
            return (None, Err(Some(refusal)));
        };
        let allowed = allowed(&state, first.0, &first.1, authorization)
            .and_then(|()| locked(&self.limit).count(&state));
        let read = allowed.and_then(|()| read(state.facts, asked, body));
        let (target, body) = match read {
            Ok(read) => read,
            Err(refusal) => return (Some(first), Err(Some(refusal))),
        };
        let call = Call {
            operation: target.0,
            parts: &target.1,
            path,
            query: &asked.query,
            body: &body,
        };
        (
            Some(target),
            standard::answer(&mut state, &call).map_err(Some),
        )
    }
}

/// The operation that was meant, with a body that fits its schema.
fn read<'a>(facts: &Facts, asked: &'a Asked, body: &[u8]) -> Result<(&'a Target, Value), Refusal> {
    let mut result = Err(Refusal::unimplemented());
    // Of several that share a path, the one that fits and asks for most.
    let required = |(o, _): &&Target| {
        let schema = o.request.as_deref().map(|name| facts.schema(name));
        schema
            .and_then(|s| Some(s["required"].as_array()?.len()))
            .unwrap_or_default()
    };
    let mut targets: Vec<_> = asked.targets.iter().collect();
    targets.sort_by_key(|target| std::cmp::Reverse(required(target)));
    for target in targets {
        let operation = target.0;
        result = check_query(facts, &operation.query, &asked.query).and_then(|()| {
            let Some(schema) = &operation.request else {
                return Ok((target, Value::Null));
            };
            let value = serde_json::from_slice(body)
                .map_err(|error| Refusal::invalid(format!("the body is not JSON: {error}")))?;
            check(facts, facts.schema(schema), &value)?;
            Ok((target, value))
        });
        if result.is_ok() {
            break;
        }
    }
    result
}

struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    fn canned(canned: &Canned) -> Self {
        Self {
            status: canned.status,
            headers: canned.headers.clone().into_iter().collect(),
            body: canned.body.clone(),
        }
    }

    fn new(answer: Result<Value, Option<Refusal>>) -> Self {
        let (status, body, header) = match answer {
            Ok(value) => (200, value, None),
            Err(Some(refusal)) => (refusal.status, refusal.body(), refusal.header),
            Err(None) => {
                return Self {
                    status: 503,
                    headers: vec![("content-type".into(), "text/plain".into())],
                    body: UNROUTABLE.into(),
                };
            }
        };
        let header = header.map(|(name, value)| (name.to_string(), value));
        let json = ("content-type".to_string(), "application/json".to_string());
        Self {
            status,
            headers: header.into_iter().chain([json]).collect(),
            body: body.to_string(),
        }
    }

    fn response(self, end: End) -> io::Result<Response<Sent>> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let body = Sent {
            rest: Some(self.body.into()),
            end,
        };
        response.body(body).map_err(io::Error::other)
    }
}

/// How the body of an answer ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// In the middle, with the connection.
    Broken,
    /// The second half never comes.
    Never,
}

/// The body of an answer.
struct Sent {
    rest: Option<Bytes>,
    end: End,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match (self.rest.take(), self.end) {
            (Some(body), End::Whole) => Poll::Ready(Some(Ok(Frame::data(body)))),
            (Some(body), _) => Poll::Ready(Some(Ok(Frame::data(body.slice(..body.len() / 2))))),
            (None, End::Whole) => Poll::Ready(None),
            (None, End::Broken) => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            (None, End::Never) => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.as_ref().map_or(0, Bytes::len) as u64)
    }
}
