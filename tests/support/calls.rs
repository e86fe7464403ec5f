//! Calls of any operation, by its id and its sample. Large, so only for the tests that need it.
#![allow(dead_code, reason = "not every test uses everything")]

use segment_config_api::{Client, Error};
use serde_json::{Map, Value};

include!(concat!(env!("OUT_DIR"), "/contract.rs"));

/// Calls any operation.
pub async fn any(client: &Client, operation: &str, input: &Value) -> Result<Value, Error> {
    call(client, operation, input, &mut |_| {}).await
}

/// What `Debug` shows of a call of any operation, before it is sent.
pub async fn shown(client: &Client, operation: &str, input: &Value) -> String {
    let mut text = String::new();
    let _ = call(client, operation, input, &mut |call| {
        text = format!("{call:?} {call:#?}");
    })
    .await;
    text
}

/// A value that was read and written again, and what `Debug` shows of it.
pub struct Recoded {
    pub text: String,
    pub shown: String,
}

/// Reads a value of a schema and writes it again; none if the schema has no type.
pub fn recode_schema(schema: &str, text: &str) -> Option<Result<Recoded, serde_json::Error>> {
    recoded(schema, text)
}

fn recode<T: serde::Serialize + serde::de::DeserializeOwned + std::fmt::Debug>(
    text: &str,
) -> Result<Recoded, serde_json::Error> {
    let value: T = serde_json::from_str(text)?;
    let shown = format!("{value:?} {value:#?}");
    let text = serde_json::to_string(&value)?;
    Ok(Recoded { text, shown })
}

/// Calls an operation with its sample.
pub async fn send(client: &Client, operation: &str) -> Result<Value, Error> {
    any(client, operation, &super::support::sample(operation)).await
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
