//! The made-up workspace.

use httpmock::{Method::GET, MockServer};
use serde_json::{Value, json};

const SOURCES: usize = 260;
const PAGE: usize = 100;

/// Starts the server on a free port of the loopback address.
pub async fn start() -> MockServer {
    let server = MockServer::start_async().await;
    let workspace = json!({
        "name": "workspaces/acme", "display_name": "Acme", "id": "w1x9c2k7bq",
        "create_time": "2018-08-08T13:24:02.651Z",
    });
    answer(
        &server,
        "/workspaces",
        json!({"workspaces": [workspace], "next_page_token": ""}),
    )
    .await;
    for start in (0..SOURCES).step_by(PAGE) {
        sources(&server, start).await;
    }
    let destination = json!({
        "name": "workspaces/acme/sources/source-0/destinations/google-analytics",
        "parent": "workspaces/acme/sources/source-0",
        "display_name": "Google Analytics",
        "enabled": true,
        "connection_mode": "CLOUD",
        "config": [
            setting("trackingId", "string", json!("UA-EXAMPLE-1")),
            setting("anonymizeIp", "boolean", json!(true)),
            setting("dimensions", "map", json!({"plan": "dimension1"})),
        ],
        "create_time": "2019-04-01T10:15:30.123Z",
        "update_time": "2019-04-02T08:00:00.000Z",
    });
    let destinations = "/workspaces/acme/sources/source-0/destinations";
    answer(
        &server,
        destinations,
        json!({"destinations": [destination]}),
    )
    .await;
    answer(
        &server,
        &format!("{destinations}/google-analytics"),
        destination,
    )
    .await;
    server
        .mock_async(|when, then| {
            when.method(GET)
                .path("/v1beta/workspaces/acme/sources/gone");
            then.status(404)
                .json_body(json!({"error": "the source does not exist", "code": 5}));
        })
        .await;
    server
}

async fn answer(server: &MockServer, path: &str, body: Value) {
    server
        .mock_async(|when, then| {
            when.method(GET).path(format!("/v1beta{path}"));
            then.status(200).json_body(body);
        })
        .await;
}

/// One page of sources, whose token is the number of its first one.
async fn sources(server: &MockServer, start: usize) {
    let end = (start + PAGE).min(SOURCES);
    let sources: Vec<_> = (start..end).map(source).collect();
    let next = if end == SOURCES {
        String::new()
    } else {
        end.to_string()
    };
    server
        .mock_async(|when, then| {
            let when = when.method(GET).path("/v1beta/workspaces/acme/sources");
            match start {
                0 => when.query_param_missing("page_token"),
                _ => when.query_param("page_token", start.to_string()),
            };
            then.status(200)
                .json_body(json!({"sources": sources, "next_page_token": next}));
        })
        .await;
}

fn source(number: usize) -> Value {
    let kind = ["javascript", "ios", "node.js", "android", "customer.io"][number % 5];
    json!({
        "name": format!("workspaces/acme/sources/source-{number}"),
        "parent": "workspaces/acme",
        "catalog_name": format!("catalog/sources/{kind}"),
        "write_keys": [format!("EXAMPLE_WRITE_KEY_{number:04}")],
        "library_config": {
            "metrics_enabled": true, "retry_queue": true, "cross_domain_id_enabled": false, "api_host": "",
        },
        "create_time": "2019-04-01T10:15:30.123Z",
    })
}

fn setting(name: &str, kind: &str, value: Value) -> Value {
    let parent = "workspaces/acme/sources/source-0/destinations/google-analytics";
    json!({"name": format!("{parent}/config/{name}"), "value": value, "type": kind})
}
