//! A secret never shows: not in an error, not in a log, not in a `Debug`.

#[path = "support/arbitrary.rs"]
mod arbitrary;
#[path = "support/calls.rs"]
mod calls;
#[path = "support/logs.rs"]
mod logs;
#[path = "support/schemas.rs"]
mod schemas;
mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use calls::send;
use logs::Logs;
use segment_config_api::{
    Client, ClientBuilder, Error, ErrorKind, RetryPolicy, credentials::Secret,
};
use serde_json::json;
use std::error::Error as _;
use support::{
    answer, document,
    server::{Refusing, Reply, Server},
};

const TOKEN: &str = "CANARY-token";
const PASSWORD: &str = "CANARY password";
const CLIENT_SECRET: &str = "CANARY/secret";

/// All credentials there are, in a client that tries once.
fn with_secrets(builder: ClientBuilder) -> ClientBuilder {
    builder
        .access_token(TOKEN)
        .account("someone@example.com", PASSWORD)
        .app("EXAMPLE_CLIENT_ID", CLIENT_SECRET)
        .retry(RetryPolicy::none())
}

/// Panics if a secret shows, as it is, escaped, or in its Basic form.
fn assert_hidden(text: &str, place: &str) {
    let account = STANDARD.encode(format!("someone@example.com:{PASSWORD}"));
    let app = STANDARD.encode(format!("EXAMPLE_CLIENT_ID:{CLIENT_SECRET}"));
    for secret in ["CANARY", &account, &app] {
        if let Some(at) = text.find(secret) {
            let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
            panic!("{place}: {}", &text[line..at + secret.len()]);
        }
    }
}

/// Everything that an error shows by itself.
fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}");
    text += &format!("\n{:?}\n{:?}", error.message(), error.retry_after());
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!("\n{cause}\n{cause:?}");
        source = cause.source();
    }
    text
}

/// The answers of a server that repeats the credentials it was sent.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Success,
    Failure,
    FailureInText,
    Undecodable,
    Broken,
}

impl Outcome {
    fn reply(self, operation: &str, proof: &str) -> Reply {
        match self {
            Self::Success => Reply::json(&answer(operation)),
            Self::Failure => Reply::error(403, 7, &format!("no access for {proof}")),
            Self::FailureInText => Reply::new(500, format!("cannot handle {proof}")),
            // No answer is a text or a list.
            Self::Undecodable => Reply::new(200, json!(proof).to_string()),
            Self::Broken => Reply::raw(format!("HTTP/1.1 {proof}\r\n\r\n").as_bytes()),
        }
        .header("x-echo", proof)
    }
}

#[tokio::test(start_paused = true)]
async fn no_call_of_any_operation_shows_a_secret_however_it_ends() {
    let logs = Logs::of_the_process();
    let operations = document().operations;
    for outcome in [
        Outcome::Success,
        Outcome::Failure,
        Outcome::FailureInText,
        Outcome::Undecodable,
        Outcome::Broken,
    ] {
        let ids: Vec<_> = operations.iter().map(|o| o.id.clone()).collect();
        let server = Server::start(move |n, request| {
            let proof = request.header("authorization").expect("credentials");
            outcome.reply(&ids[n], proof)
        })
        .await;
        let builder = with_secrets(server.light_client_builder());
        let client = builder.build().expect("a client");
        for operation in &operations {
            let place = format!("{}, {outcome:?}", operation.id);
            let result = send(&client, &operation.id).await;
            let succeeds = matches!(outcome, Outcome::Success);
            assert_eq!(result.is_ok(), succeeds, "{place}: {result:?}");
            assert_hidden(&format!("{result:?}"), &place);
            if let Err(error) = result {
                assert_hidden(&shown(&error), &place);
            }
            let log = logs.take();
            let all = [operation.id.as_str(), "hyper", "reqwest"];
            assert!(all.iter().all(|part| log.contains(part)), "{place}: {log}");
            assert_hidden(&log, &format!("{place}, log"));
        }
    }
    let nobody = Refusing::start();
    let client = with_secrets(nobody.client_builder()).build();
    let client = client.expect("a client");
    for operation in &operations {
        let error = send(&client, &operation.id)
            .await
            .expect_err("nobody listens");
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_hidden(&shown(&error), &operation.id);
        assert_hidden(&logs.take(), &format!("{}, log", operation.id));
    }
}

#[test]
fn the_debug_of_clients_and_calls_shows_no_secret() {
    let builder = with_secrets(Client::builder());
    assert_hidden(&format!("{builder:?} {builder:#?}"), "ClientBuilder");
    let client = builder.build().expect("a client");
    assert_hidden(&format!("{client:?} {client:#?}"), "Client");
    let provided = Client::builder().token_provider(|_| async { Ok::<_, Error>(TOKEN) });
    assert_hidden(&format!("{provided:?}"), "ClientBuilder");
    let calls = [
        format!("{:?}", client.list_access_tokens()),
        format!("{:?}", client.create_access_token()),
        format!("{:?}", client.get_install_token()),
        format!("{:?}", client.update_source()),
        format!("{:?}", client.delete_source()),
        format!("{:?}", client.list_sources().stream()),
        format!("{:?}", client.list_sources().pages()),
    ];
    for call in calls {
        assert_hidden(&call, "a call");
    }
}

#[test]
fn a_secret_is_compared_by_what_it_is_and_shows_that_it_is_there() {
    let secret = Secret::from("EXAMPLE_TOKEN");
    assert_eq!(secret, Secret::from(&"EXAMPLE_TOKEN".to_string()));
    assert_ne!(secret, Secret::default());
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    let shown = format!("{:?}", with_secrets(Client::builder()));
    assert_eq!(shown.matches("Secret(…)").count(), 3, "{shown}");
    let provided = Client::builder().token_provider(|_| async { Ok::<_, Error>(TOKEN) });
    assert!(format!("{provided:?}").contains("Provider"), "{provided:?}");
}

#[test]
fn the_debug_of_a_value_shows_nothing_that_may_be_a_secret() {
    let all = schemas::schemas();
    let mut hidden = 0;
    for (name, schema) in &all {
        let value = schemas::with_secret(&all, schema, "CANARY", 3).to_string();
        hidden += usize::from(value.contains("CANARY"));
        let Some(recoded) = calls::recode_schema(name, &value) else {
            continue;
        };
        let recoded = recoded.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_hidden(&recoded.shown, name);
        let kept = recoded.text.matches("CANARY").count();
        assert_eq!(kept, value.matches("CANARY").count(), "{name}: all is kept");
    }
    assert!(hidden > 10, "{hidden} types hold a secret");
}

#[tokio::test]
async fn the_debug_of_a_call_shows_nothing_that_may_be_a_secret() {
    let all = schemas::schemas();
    // Nothing is sent: the address is not loopback's, and there is no token.
    let client = Client::builder().build().expect("a client");
    let paths = support::read("spec/config-api.json")["paths"].clone();
    let mut hidden = 0;
    for operation in paths.as_object().expect("paths").values() {
        for operation in operation.as_object().expect("methods").values() {
            let id = operation["operationId"].as_str().expect("an id");
            let mut input = support::sample(id);
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !schema.is_null() {
                let mask = input["request"]["update_mask"].clone();
                input["request"] = schemas::with_secret(&all, schema, "CANARY", 3);
                if !mask.is_null() {
                    input["request"]["update_mask"] = mask;
                }
            }
            if id == "get_access_token" || id == "delete_access_token" {
                input["path"]["access_token"] = json!("CANARY");
            }
            hidden += usize::from(input.to_string().contains("CANARY"));
            let shown = calls::shown(&client, id, &input).await;
            assert!(!shown.is_empty(), "{id} was shown");
            assert_hidden(&shown, id);
        }
    }
    assert!(hidden > 3, "{hidden} calls hold a secret");
}

#[tokio::test(start_paused = true)]
async fn the_debug_of_an_answer_that_brings_a_secret_does_not_show_it() {
    let mut created = answer("create_access_token");
    created["token"] = json!(TOKEN);
    let server = Server::replies([Reply::json(&created)]).await;
    let client = with_secrets(server.client_builder()).build();
    let request = serde_json::from_value(support::sample("create_access_token")["request"].clone());
    let request: segment_config_api::types::CreateAccessTokenRequest = request.expect("a request");
    let call = client
        .expect("a client")
        .create_access_token()
        .body(request);
    let response = call.send_response().await.expect("a token");
    assert_hidden(&format!("{response:?} {:#?}", response.value()), "Response");
    let token = response.value().token.as_ref().expect("a token");
    assert_eq!(token.expose(), TOKEN);
}
