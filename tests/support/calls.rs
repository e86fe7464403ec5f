//! Calls of any operation, by its id and its sample. Large, so only for the tests that need it.
#![allow(dead_code, reason = "not every test uses everything")]

use segment_config_api::{Client, Error};
use serde_json::{Map, Value};

include!(concat!(env!("OUT_DIR"), "/contract.rs"));

/// The future of a call of any operation.
pub fn any(
    client: &Client,
    operation: &str,
    input: &Value,
) -> impl Future<Output = Result<Value, Error>> {
    call(client, operation, input)
}

/// Calls an operation with its sample.
pub async fn send(client: &Client, operation: &str) -> Result<Value, Error> {
    call(client, operation, &super::support::sample(operation)).await
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is not a text"))
}

fn texts(value: &Value) -> Vec<String> {
    let values = value
        .as_array()
        .unwrap_or_else(|| panic!("{value} is not a list"));
    values.iter().map(|v| text(v).to_string()).collect()
}

fn integer(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("{value} is not an integer"))
}

fn object(value: &Value) -> Map<String, Value> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("{value} is not an object"))
        .clone()
}

fn decode<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{value}: {e}"))
}

fn encode(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("an answer encodes")
}
