//! Calls of paths that the document lacks.

use crate::{
    call::{
        endpoint::Endpoint,
        error::Error,
        operation::{Answer, Auth, Operation},
        request::{self, Parts},
        response::Response,
        transport,
    },
    values::path,
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::{borrow::Cow, fmt, sync::Arc};

/// A call of a path that this crate has no method for.
///
/// It goes out like any other: with the client's token, through its rate limit and retries, and it
/// fails with the same [`Error`]. GET, PUT, PATCH and DELETE count as the same done once or twice;
/// a POST is never repeated unless nothing was sent or it was answered with 429.
///
/// ```no_run
/// use segment_config_api::{Client, json::Json};
///
/// # async fn run(client: Client) -> Result<(), segment_config_api::Error> {
/// let warehouses: Json = client
///     .get("/workspaces/acme/warehouses")
///     .query("page_size", 10)
///     .send()
///     .await?;
/// client
///     .post("/workspaces/acme/warehouses")
///     .body(&serde_json::json!({"warehouse": {"display_name": "Ours"}}))
///     .send::<Json>()
///     .await?;
/// client.delete("/workspaces/acme/warehouses/w1").send::<()>().await?;
/// # drop(warehouses);
/// # Ok(())
/// # }
/// ```
///
/// The path comes after the [base URL](crate::ClientBuilder::base_url). Each part of it is checked
/// like a path parameter: none is empty, `.` or `..`, and none holds `\` or `:`. A verb
/// (`metrics:batchGet`) is given to [`verb`](Self::verb), so that no id can choose one. An id from
/// outside that may hold a `/` wants a check of its own before it becomes part of a path.
///
/// Logs show the method, and that it was a raw call, but not the path; [`Error::operation`] has it.
#[derive(Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct RawCall {
    endpoint: Arc<Endpoint>,
    operation: &'static Operation,
    path: String,
    verb: Option<String>,
    query: Vec<(Cow<'static, str>, String)>,
    body: Option<Result<Vec<u8>, String>>,
}

pub(crate) static GET: Operation = operation(Method::GET, true);
pub(crate) static POST: Operation = operation(Method::POST, false);
pub(crate) static PUT: Operation = operation(Method::PUT, true);
pub(crate) static PATCH: Operation = operation(Method::PATCH, true);
pub(crate) static DELETE: Operation = operation(Method::DELETE, true);

const fn operation(method: Method, idempotent: bool) -> Operation {
    Operation {
        id: "raw_call",
        method,
        path: "",
        auth: Auth::Bearer,
        idempotent,
        answer: Answer::Raw,
    }
}

impl RawCall {
    pub(crate) fn new(
        endpoint: Arc<Endpoint>,
        operation: &'static Operation,
        path: String,
    ) -> Self {
        Self {
            endpoint,
            operation,
            path,
            verb: None,
            query: Vec::new(),
            body: None,
        }
    }

    /// The verb after a colon at the end of the path: `batchGet` for `…/metrics:batchGet`.
    pub fn verb(mut self, verb: impl Into<String>) -> Self {
        self.verb = Some(verb.into());
        self
    }

    /// Adds a query parameter; may be called again, with the same name too.
    pub fn query(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.query.push((name.into().into(), value.to_string()));
        self
    }

    /// What to send, as JSON.
    pub fn body(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.body = Some(request::json(body));
        self
    }

    /// Sends the call and returns what the server answered, read as a `T`: a type of yours,
    /// [`Json`](crate::json::Json) for whatever it is, or `()` for `{}` and no body at all.
    ///
    /// # Errors
    /// Any [`Error`]; nothing is sent if the path, the verb or the body is unusable.
    pub async fn send<T: DeserializeOwned + 'static>(self) -> Result<T, Error> {
        self.send_response().await.map(Response::into_value)
    }

    /// Like [`send`](Self::send), with the answer's status and headers.
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub async fn send_response<T: DeserializeOwned + 'static>(self) -> Result<Response<T>, Error> {
        let operation = self.operation;
        let (name, request) = match self.address() {
            Ok(address) => {
                let name = format!("{} {address}", operation.method);
                (name, self.request(address))
            }
            Err(reason) => (
                operation.method.to_string(),
                Err(format!("`path`: {reason}")),
            ),
        };
        let answer = transport::call(operation, request).await;
        answer.map_err(|error: Error| error.of_raw_call(name))
    }

    /// The path as it is sent.
    fn address(&self) -> Result<String, &'static str> {
        let mut address = String::new();
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        for segment in path.split('/') {
            match segment {
                "" => return Err("a part of it is empty"),
                s if s.contains('?') => return Err("it holds a question mark; see `query`"),
                s if s.contains(':') => return Err("it holds a colon; a verb is set with `verb`"),
                s => path::unsafe_reason(s).map_or(Ok(()), Err)?,
            }
            address.push('/');
            address.extend(path::encoded(segment));
        }
        if let Some(verb) = &self.verb {
            if verb.is_empty() || !verb.bytes().all(|b| b.is_ascii_alphabetic()) {
                return Err("its verb is not a word of letters");
            }
            address.push(':');
            address.push_str(verb);
        }
        Ok(address)
    }

    fn request(self, path: String) -> request::Request {
        let parts = Parts {
            path,
            query: self.query,
            body: self.body.transpose()?,
        };
        Ok((self.endpoint, parts))
    }
}

/// Without query and body, which may hold secrets.
impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall")
            .field("method", &self.operation.method.as_str())
            .field("path", &self.path)
            .field("verb", &self.verb)
            .finish_non_exhaustive()
    }
}
