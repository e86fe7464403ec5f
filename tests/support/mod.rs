//! The document and its samples, as the tests see them.
#![allow(dead_code, reason = "not every test uses everything")]

pub mod server;

use segment_config_api::Client;
use serde_json::Value;
use std::{fs, future::poll_fn, path::Path, pin::pin, task::Poll};

/// A client for a server on loopback, with credentials of every kind.
pub fn client(base_url: &str) -> Client {
    Client::builder()
        .base_url(base_url)
        .access_token("EXAMPLE_TOKEN")
        .rate_limit(None)
        .account("someone@example.com", "EXAMPLE_PASSWORD")
        .app("EXAMPLE_CLIENT_ID", "EXAMPLE_CLIENT_SECRET")
        .build()
        .expect("a loopback address and fake credentials are fine")
}

pub struct Document {
    pub operations: Vec<Operation>,
}

/// What a request for an operation looks like, read from the document without the crate's help.
pub struct Operation {
    pub id: String,
    pub service: String,
    pub method: String,
    pub template: String,
    pub has_body: bool,
    /// Whether doing it twice is the same as doing it once.
    pub idempotent: bool,
    /// The security scheme: `bearer`, `account` or `app`.
    pub security: String,
    /// The name of the answer's schema.
    pub answer: String,
}

impl Operation {
    /// The path with the sample's values.
    pub fn path_for(&self, sample: &Value) -> String {
        let values = sample["path"].as_object().expect("a sample has `path`");
        values.iter().fold(
            format!("/v1beta{}", self.template),
            |path, (name, value)| {
                let placeholder = format!("{{{name}}}");
                assert!(
                    path.contains(&placeholder),
                    "{}: no {placeholder} in the path",
                    self.id
                );
                path.replace(&placeholder, value.as_str().expect("path values are texts"))
            },
        )
    }

    /// The query as it appears in the address: lists repeat their key.
    pub fn query_for(&self, sample: &Value) -> Vec<(String, String)> {
        let query = sample["query"].as_object().expect("a sample has `query`");
        let pairs = query.iter().flat_map(|(key, value)| {
            let values = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            values.into_iter().map(move |v| {
                (
                    key.clone(),
                    v.as_str().map_or(v.to_string(), str::to_string),
                )
            })
        });
        pairs.collect()
    }
}

pub fn read(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub fn sample(operation: &str) -> Value {
    read(&format!("spec/samples/{operation}.json"))
}

/// What the server answers: the sample's, or an object where nobody knows it.
pub fn answer(operation: &str) -> Value {
    match &sample(operation)["response"] {
        Value::Null => serde_json::json!({}),
        known => known.clone(),
    }
}

pub fn document() -> Document {
    let document = read("spec/config-api.json");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let schema =
                &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
            let security = operation["security"][0].as_object().expect("security");
            operations.push(Operation {
                id: operation["operationId"]
                    .as_str()
                    .expect("operationId")
                    .into(),
                method: method.to_uppercase(),
                service: operation["tags"][0].as_str().expect("a service").into(),
                template: path.split('#').next().unwrap_or_default().into(),
                has_body: operation.get("requestBody").is_some(),
                idempotent: operation["x-idempotent"] == true,
                security: security.keys().next().expect("a scheme").clone(),
                answer: schema
                    .as_str()
                    .and_then(|s| s.rsplit('/').next())
                    .expect("a named answer")
                    .into(),
            });
        }
    }
    Document { operations }
}

/// Polls a future so often, and drops it; its output if it came to its end.
pub async fn polled<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
