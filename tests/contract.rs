//! Every operation of the document, called with its sample: the request is the
//! one the document describes, and the answer survives decoding and encoding,
//! with the keys it has and with keys that nobody knows.

#[path = "support/calls.rs"]
mod calls;
mod support;

use serde_json::{Value, json};
use support::{Operation, document, sample};

/// What the server answers, and what the client has to give back for it.
fn answers(operation: &Operation, sample: &Value) -> Vec<(Value, Value)> {
    if operation.answer == "Empty" {
        return vec![(json!({}), Value::Null)];
    }
    let answer = match &sample["response"] {
        Value::Null => json!({"shape": ["unknown", 1, null]}),
        known => known.clone(),
    };
    let mut extended = answer.clone();
    with_unknown_keys(&mut extended);
    [answer, extended]
        .into_iter()
        .map(|a| (a.clone(), a))
        .collect()
}

/// Adds a key that no schema has to every object.
fn with_unknown_keys(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(with_unknown_keys);
            // A table of labels has texts for values; a text fits everywhere else too.
            map.insert("a_key_from_the_future".into(), "kept".into());
        }
        Value::Array(values) => values.iter_mut().for_each(with_unknown_keys),
        _ => {}
    }
}

#[tokio::test]
async fn every_operation_sends_its_sample_and_keeps_its_answer() {
    let operations = document().operations;
    assert!(!operations.is_empty(), "the document has operations");
    let server = httpmock::MockServer::start_async().await;
    let client = support::client(&server.url("/v1beta"));
    for operation in &operations {
        let sample = sample(&operation.id);
        for (answer, expected) in answers(operation, &sample) {
            let mock = server
                .mock_async(|mut when, then| {
                    when = when
                        .method(operation.method.as_str())
                        .path(operation.path_for(&sample));
                    for (key, value) in operation.query_for(&sample) {
                        when = when.query_param(key, value);
                    }
                    if operation.has_body {
                        when.header("content-type", "application/json")
                            .json_body(sample["request"].clone());
                    }
                    then.status(200).json_body(answer.clone());
                })
                .await;
            let result = calls::any(&client, &operation.id, &sample).await;
            let found = result.unwrap_or_else(|e| panic!("{}: {e:?}", operation.id));
            assert_eq!(
                found, expected,
                "{}: the answer has changed on its way",
                operation.id
            );
            assert_eq!(mock.calls_async().await, 1, "{}: one request", operation.id);
            mock.delete_async().await;
        }
    }
}
