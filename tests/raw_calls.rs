//! Calls of paths that the document lacks.

mod support;

use segment_config_api::{Client, ErrorKind, RawCall, json::Json};
use serde_json::json;
use support::server::{Reply, Server};

const PATH: &str = "/workspaces/acme/warehouses";

fn calls(client: &Client) -> [RawCall; 5] {
    [
        client.get(PATH),
        client.put(PATH),
        client.patch(PATH),
        client.delete(PATH),
        client.post(PATH),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_raw_call_goes_out_with_token_query_and_body_and_is_read_as_asked() {
    let answer = json!({"warehouses": [{"id": "w1", "cost": 1.5}]});
    let reply = Reply::json(&answer);
    let server = Server::start(move |_, _| reply.clone()).await;
    let client = server.client();
    let found: Json = client
        .get("workspaces/acme/a b%2f")
        .query("page_size", 10)
        .query("q", "a&b")
        .send()
        .await
        .expect("an answer");
    assert_eq!(found, answer);
    let sent = client.post(PATH).verb("batchGet").body(&json!({"a": 1}));
    let response = sent
        .send_response::<std::collections::BTreeMap<String, Json>>()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200);
    assert!(response.value().contains_key("warehouses"));
    let [get, post] = server.requests().try_into().expect("two requests");
    let base = "/workspaces/acme";
    assert!(
        get.target
            .ends_with(&format!("{base}/a%20b%252f?page_size=10&q=a%26b")),
        "{}",
        get.target
    );
    assert_eq!(get.header("authorization"), post.header("authorization"));
    assert!(get.header("authorization").is_some());
    assert!(
        post.target
            .ends_with(&format!("{base}/warehouses:batchGet"))
    );
    assert_eq!(post.header("content-type"), Some("application/json"));
    assert_eq!(
        (post.method.as_str(), &post.body[..]),
        ("POST", &br#"{"a":1}"#[..])
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_read_as_nothing() {
    for body in ["", " \n", "{}", "null"] {
        let server = Server::replies([Reply::new(200, body)]).await;
        let call = server.client().delete(PATH);
        call.send::<()>()
            .await
            .unwrap_or_else(|e| panic!("{body}: {e}"));
    }
    let server = Server::replies([Reply::new(204, ""), Reply::new(200, "[1]")]).await;
    let json: Json = server.client().delete(PATH).send().await.expect("nothing");
    assert!(json.is_null());
    let error = server.client().get(PATH).send::<()>().await;
    let error = error.expect_err("an answer");
    assert!(error.is_decode() && error.body() == b"[1]", "{error}");
}

#[tokio::test(start_paused = true)]
async fn all_but_a_post_are_repeated_after_an_outage_and_all_after_429() {
    for (call, status, tries) in (0..5).flat_map(|n| {
        let post = n == 4;
        [(n, 503, if post { 1 } else { 2 }), (n, 429, 2)]
    }) {
        let server = Server::start(move |n, _| match n {
            0 => Reply::new(status, ""),
            _ => Reply::new(200, "{}"),
        })
        .await;
        let result = calls(&server.client())[call].clone().send::<()>().await;
        assert_eq!(server.count(), tries, "{call} {status}");
        assert_eq!(result.is_ok(), tries == 2);
    }
    let server = Server::replies([Reply::never(), Reply::new(200, "{}")]).await;
    let error = server.client().post(PATH).send::<()>().await;
    let error = error.expect_err("no answer");
    assert!(error.may_have_been_sent() && server.count() == 1, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_path_that_would_lead_elsewhere_is_not_sent() {
    let server = Server::start(|_, _| Reply::new(200, "{}")).await;
    let client = server.client();
    for path in [
        "",
        "/",
        "//evil.example",
        "/workspaces/",
        "/workspaces/../users",
        "/workspaces/./users",
        "/workspaces/a\\b",
        "/workspaces/acme:delete",
        "/workspaces/acme:x/sources",
        "https://evil.example/",
        "/workspaces?page_size=1",
    ] {
        let error = client.get(path).send::<Json>().await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Argument, "{path}");
        assert_eq!(error.operation(), Some("GET"));
        assert!(!error.may_have_been_sent());
    }
    for verb in ["", "a/b", "..", "a:b", "a?b"] {
        let call = client.post(PATH).verb(verb).send::<Json>().await;
        assert_eq!(call.expect_err(verb).kind(), ErrorKind::Argument);
    }
    let unusable = std::collections::BTreeMap::from([((1, 2), 3)]);
    let call = client.post(PATH).body(&unusable).send::<Json>().await;
    let error = call.expect_err("no JSON");
    assert!(error.to_string().contains("`body`"), "{error}");
    assert_eq!(server.count(), 0);
}
