//! Who a request says it is from.

#[path = "support/calls.rs"]
mod calls;
mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use calls::send;
use segment_config_api::{
    Client, ErrorKind,
    credentials::TokenRequest::{self, Any, Fresh},
};
use std::{
    error::Error as _,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use support::{
    answer, document,
    server::{Reply, Server},
};

fn unauthenticated() -> Reply {
    Reply::error(401, 16, "malformed token")
}

fn ok() -> Reply {
    Reply::json(&answer("get_source"))
}

/// The `Authorization` header of each request.
fn proofs(server: &Server) -> Vec<String> {
    let requests = server.requests();
    let proof = |r: &support::server::Received| r.header("authorization").map(str::to_string);
    requests
        .iter()
        .map(|r| proof(r).unwrap_or_default())
        .collect()
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A client whose tokens come from a provider that gives `token-1`, `token-2` and so on, and what it was asked.
fn provided(server: &Server) -> (Client, Arc<Mutex<Vec<TokenRequest>>>) {
    let asked: Arc<Mutex<Vec<_>>> = Arc::default();
    let log = asked.clone();
    let provider = move |request| {
        let mut log = log.lock().expect("the requests");
        log.push(request);
        let token = format!("token-{}", log.len());
        async move { Ok::<_, io::Error>(token) }
    };
    let builder = server.client_builder().token_provider(provider);
    (builder.build().expect("a client"), asked)
}

#[tokio::test(start_paused = true)]
async fn every_operation_proves_itself_as_the_document_says() {
    let mut schemes = Vec::new();
    let server = Server::start(|_, _| Reply::new(501, "")).await;
    let client = support::client(&server.url());
    for operation in document().operations {
        send(&client, &operation.id).await.expect_err("501");
        let expected = match operation.security.as_str() {
            "bearer" => "Bearer EXAMPLE_TOKEN".into(),
            "account" => basic("someone@example.com", "EXAMPLE_PASSWORD"),
            "app" => basic("EXAMPLE_CLIENT_ID", "EXAMPLE_CLIENT_SECRET"),
            other => panic!("{}: no such security scheme: {other}", operation.id),
        };
        let proof = proofs(&server).pop().expect("a request");
        assert_eq!(proof, expected, "{}", operation.id);
        schemes.push(operation.security);
    }
    for scheme in ["bearer", "account", "app"] {
        assert!(schemes.iter().any(|s| s == scheme), "nothing uses {scheme}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_right_credentials_nothing_is_sent_and_the_remedy_is_named() {
    let server = Server::replies([ok()]).await;
    let base = || Client::builder().base_url(server.url()).rate_limit(None);
    let token = || base().access_token("EXAMPLE_TOKEN");
    let table = [
        (
            base().account("a@example.com", "p").app("id", "s"),
            "get_source",
            "access_token",
        ),
        (token().app("id", "s"), "list_access_tokens", "account"),
        (
            token().account("a@example.com", "p"),
            "get_install_token",
            "app",
        ),
        (base(), "list_workspaces", "token_provider"),
    ];
    for (builder, operation, remedy) in table {
        let client = builder.build().expect("a client");
        let error = send(&client, operation).await.expect_err("no credentials");
        assert_eq!(error.kind(), ErrorKind::Credentials, "{operation}");
        assert!(error.to_string().contains(remedy), "{error}");
        assert_eq!(error.operation(), Some(operation));
        assert!(!error.may_have_been_sent(), "{operation}");
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_token_is_not_sent_again_after_a_401() {
    let server = Server::replies([unauthenticated()]).await;
    let error = send(&server.client(), "get_source").await;
    assert_eq!(error.expect_err("401").kind(), ErrorKind::Unauthenticated);
    assert_eq!(server.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_is_asked_for_each_request() {
    let server = Server::replies([ok(), Reply::new(503, ""), ok()]).await;
    let (client, asked) = provided(&server);
    for _ in 0..2 {
        send(&client, "get_source").await.expect("a source");
    }
    assert_eq!(*asked.lock().expect("the requests"), [Any, Any, Any]);
    let tokens = ["Bearer token-1", "Bearer token-2", "Bearer token-3"];
    assert_eq!(proofs(&server), tokens);
}

#[tokio::test(start_paused = true)]
async fn a_provider_is_asked_once_for_a_fresh_token_after_a_401() {
    // A POST too: a refused request has done nothing.
    for operation in ["get_source", "create_source"] {
        let server = Server::replies([unauthenticated(), Reply::json(&answer(operation))]).await;
        let (client, asked) = provided(&server);
        send(&client, operation).await.expect("a source");
        assert_eq!(*asked.lock().expect("the requests"), [Any, Fresh]);
        assert_eq!(proofs(&server), ["Bearer token-1", "Bearer token-2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_is_never_asked_for_twice_in_a_call() {
    for replies in [
        vec![unauthenticated()],
        vec![unauthenticated(), Reply::new(503, ""), unauthenticated()],
    ] {
        let server = Server::replies(replies).await;
        let (client, asked) = provided(&server);
        let error = send(&client, "get_source").await.expect_err("401");
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        let asked = asked.lock().expect("the requests");
        let fresh = asked.iter().filter(|r| **r == Fresh).count();
        assert_eq!(fresh, 1, "{asked:?}");
        assert_eq!(error.attempts() as usize, server.count());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_of_one_attempt_renews_its_token_all_the_same() {
    let server = Server::replies([unauthenticated(), ok()]).await;
    let builder = server
        .client_builder()
        .retry(segment_config_api::RetryPolicy::none());
    let builder = builder.token_provider(|_| async { Ok::<_, io::Error>("EXAMPLE_TOKEN") });
    let client = builder.build().expect("a client");
    send(&client, "get_source").await.expect("a source");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_fails_stops_the_call_before_it_is_sent() {
    let server = Server::replies([ok()]).await;
    let builder = server
        .client_builder()
        .token_provider(|_| async { Err::<String, _>(io::Error::other("the vault is sealed")) });
    let client = builder.build().expect("a client");
    let error = send(&client, "get_source").await.expect_err("no token");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(!error.may_have_been_sent());
    assert_eq!((error.attempts(), server.count()), (0, 0));
    let cause = error.source().expect("the provider's error");
    assert_eq!(cause.to_string(), "the vault is sealed");
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_does_not_hide_that_the_first_try_was_sent() {
    let server = Server::replies([unauthenticated()]).await;
    let builder = server
        .client_builder()
        .token_provider(|request| async move {
            match request {
                Any => Ok("EXAMPLE_TOKEN"),
                _ => Err(io::Error::other("the vault is sealed")),
            }
        });
    let client = builder.build().expect("a client");
    let error = send(&client, "get_source").await.expect_err("no token");
    assert_eq!((error.attempts(), server.count()), (1, 1));
    assert!(error.may_have_been_sent());
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    let source = std::error::Error::source(&error).expect("why there is no other token");
    assert!(source.to_string().contains("token provider"), "{source}");
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_provider_counts_towards_the_deadline() {
    let server = Server::replies([ok()]).await;
    let builder = server.client_builder().token_provider(|_| async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ok::<_, io::Error>("EXAMPLE_TOKEN")
    });
    let client = builder.call_timeout(Duration::from_secs(30)).build();
    let call = send(&client.expect("a client"), "get_source").await;
    let error = call.expect_err("no token within the deadline");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("token"), "{error}");
    assert!(!error.may_have_been_sent());
    assert_eq!(server.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn white_space_around_a_token_is_dropped() {
    let server = Server::replies([ok()]).await;
    let padded = " \tEXAMPLE_TOKEN\r\n";
    let fixed = server.client_builder().access_token(padded);
    let provided = server.client_builder();
    let provided = provided.token_provider(move |_| async move { Ok::<_, io::Error>(padded) });
    for builder in [fixed, provided] {
        let client = builder.build().expect("a client");
        send(&client, "get_source").await.expect("a source");
    }
    assert_eq!(proofs(&server), ["Bearer EXAMPLE_TOKEN"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_none_is_refused_and_not_echoed() {
    let server = Server::replies([ok()]).await;
    for token in [
        "",
        "  ",
        "CANARY two",
        "CANARY\r\nx-evil: 1",
        "CANARY\0",
        "CANARYé",
    ] {
        let fixed = server.client_builder().access_token(token).build();
        let error = fixed.expect_err("no token");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{token:?}");
        assert!(error.to_string().contains("access_token"), "{error}");

        let builder = server.client_builder();
        let builder = builder.token_provider(move |_| async move { Ok::<_, io::Error>(token) });
        let client = builder.build().expect("a client");
        let late = send(&client, "get_source").await.expect_err("no token");
        assert_eq!(late.kind(), ErrorKind::Credentials, "{token:?}");

        for error in [error, late] {
            let text = format!("{error} {error:?}");
            assert!(!text.contains("CANARY"), "{text}");
        }
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_password_may_hold_anything() {
    let server = Server::replies([Reply::json(&answer("list_access_tokens"))]).await;
    for password in ["p:a s\"s", "é漢\n", " padded "] {
        let builder = server.client_builder().account("a@example.com", password);
        let client = builder.build().expect("a client");
        send(&client, "list_access_tokens").await.expect("a list");
        let proof = proofs(&server).pop().expect("a request");
        assert_eq!(proof, basic("a@example.com", password));
    }
}
