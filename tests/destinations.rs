//! A destination that is created or, if it is there, changed where it was said.

mod support;

use httpmock::{Method::GET, Method::PATCH, Method::POST, Mock, MockServer};
use segment_config_api::{
    CreatedOrUpdated, ErrorKind,
    enums::ConnectionMode,
    names::DestinationName,
    types::{ConfigItem, NewDestination},
};
use serde_json::{Value, json};

const COLLECTION: &str = "/v1beta/workspaces/acme/sources/js/destinations";
const NAME: &str = "workspaces/acme/sources/js/destinations/clearbrain";

fn name() -> DestinationName {
    NAME.parse().unwrap()
}

fn api_key() -> ConfigItem {
    ConfigItem::setting(&name(), "apiKey", "abcd1234").unwrap()
}

fn config() -> Value {
    json!([{"name": format!("{NAME}/config/apiKey"), "value": "abcd1234"}])
}

async fn create(server: &MockServer, status: u16, answer: Value) -> Mock<'_> {
    server
        .mock_async(|when, then| {
            when.method(POST).path(COLLECTION);
            then.status(status).json_body(answer);
        })
        .await
}

async fn update(server: &MockServer, body: Value) -> Mock<'_> {
    server
        .mock_async(|when, then| {
            when.method(PATCH)
                .path(format!("/v1beta/{NAME}"))
                .json_body(body);
            then.status(200)
                .json_body(json!({"name": NAME, "enabled": true}));
        })
        .await
}

fn exists() -> Value {
    json!({"error": "destination already exists", "code": 6})
}

#[tokio::test]
async fn a_new_destination_is_created_and_nothing_else_is_sent() {
    let server = MockServer::start_async().await;
    let created = server
        .mock_async(|when, then| {
            let body = json!({"destination": {"name": NAME, "enabled": true, "config": config()}});
            when.method(POST).path(COLLECTION).json_body(body);
            then.status(200)
                .json_body(json!({"name": NAME, "enabled": true}));
        })
        .await;
    let client = support::client(&server.url("/v1beta"));
    let destination = NewDestination::builder()
        .name(name())
        .enabled(true)
        .config([api_key()]);
    let outcome = client
        .create_or_update_destination(destination)
        .await
        .unwrap();
    assert!(outcome.is_created());
    assert_eq!(outcome.value().name, NAME);
    assert_eq!(created.calls_async().await, 1);
}

#[tokio::test]
async fn of_an_existing_destination_exactly_the_given_fields_are_changed() {
    let new = || NewDestination::builder().name(name());
    let cases = [
        (
            new().enabled(true),
            json!({"destination": {"enabled": true}, "update_mask": {"paths": ["destination.enabled"]}}),
        ),
        (
            new().config([api_key()]),
            json!({"destination": {"config": config()}, "update_mask": {"paths": ["destination.config"]}}),
        ),
        (
            new()
                .config([api_key()])
                .enabled(false)
                .connection_mode(ConnectionMode::Cloud),
            json!({
                "destination": {"config": config(), "connection_mode": "CLOUD", "enabled": false},
                "update_mask": {"paths": ["destination.config", "destination.connection_mode", "destination.enabled"]},
            }),
        ),
    ];
    for (destination, body) in cases {
        let server = MockServer::start_async().await;
        let create = create(&server, 409, exists()).await;
        let update = update(&server, body).await;
        let client = support::client(&server.url("/v1beta"));
        let outcome = client
            .create_or_update_destination(destination)
            .await
            .unwrap();
        assert!(
            matches!(outcome, CreatedOrUpdated::Updated(_)),
            "{outcome:?}"
        );
        assert!(outcome.into_value().enabled);
        assert_eq!(
            (create.calls_async().await, update.calls_async().await),
            (1, 1)
        );
    }
}

#[tokio::test]
async fn an_answer_of_the_known_text_counts_as_existing_whatever_its_status() {
    let server = MockServer::start_async().await;
    create(
        &server,
        400,
        json!({"error": "the destination already exists", "code": 3}),
    )
    .await;
    let update = update(&server, json!({"destination": {"enabled": true}, "update_mask": {"paths": ["destination.enabled"]}})).await;
    let client = support::client(&server.url("/v1beta"));
    let destination = NewDestination::builder().name(name()).enabled(true);
    assert!(
        !client
            .create_or_update_destination(destination)
            .await
            .unwrap()
            .is_created()
    );
    assert_eq!(update.calls_async().await, 1);
}

#[tokio::test]
async fn an_existing_destination_with_nothing_to_change_is_left_alone() {
    let server = MockServer::start_async().await;
    create(&server, 409, exists()).await;
    let get = server
        .mock_async(|when, then| {
            when.method(GET).path(format!("/v1beta/{NAME}"));
            then.status(200)
                .json_body(json!({"name": NAME, "enabled": true}));
        })
        .await;
    let client = support::client(&server.url("/v1beta"));
    let outcome = client
        .create_or_update_destination(NewDestination::builder().name(name()))
        .await
        .unwrap();
    assert!(
        matches!(outcome, CreatedOrUpdated::Unchanged(_)),
        "{outcome:?}"
    );
    assert_eq!(get.calls_async().await, 1);
}

#[tokio::test]
async fn another_failure_of_the_create_is_given_as_it_is() {
    let server = MockServer::start_async().await;
    let create = create(
        &server,
        403,
        json!({"error": "insufficient scope", "code": 7}),
    )
    .await;
    let client = support::client(&server.url("/v1beta"));
    let destination = NewDestination::builder().name(name()).enabled(true);
    let error = client
        .create_or_update_destination(destination)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::PermissionDenied, Some("create_destination"))
    );
    assert_eq!(create.calls_async().await, 1);
}

#[tokio::test]
async fn a_failure_of_the_update_says_that_it_was_the_update() {
    let server = MockServer::start_async().await;
    create(&server, 409, exists()).await;
    let client = support::client(&server.url("/v1beta"));
    let destination = NewDestination::builder().name(name()).enabled(true);
    // The server knows no such address, as if the destination had just been deleted.
    let error = client
        .create_or_update_destination(destination)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::NotFound, Some("update_destination"))
    );
}

#[tokio::test]
async fn a_destination_that_cannot_be_sent_is_refused_before() {
    let server = MockServer::start_async().await;
    let create = create(&server, 200, json!({"name": NAME})).await;
    let client = support::client(&server.url("/v1beta"));
    let masked: ConfigItem = serde_json::from_value(
        json!({"name": format!("{NAME}/config/apiKey"), "value": "••••1234"}),
    )
    .unwrap();
    let cases = [
        (
            NewDestination::builder().enabled(true),
            "`name` is required and was not set",
        ),
        (
            NewDestination::builder().name("clearbrain"),
            "`name`: expected a name like",
        ),
        (
            NewDestination::builder().name(name()).config([masked]),
            "setting `apiKey`: the value is masked by the server",
        ),
    ];
    for (destination, reason) in cases {
        let error = client
            .create_or_update_destination(destination)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert_eq!(create.calls_async().await, 0);
}

/// Two calls and their arguments; a larger one is moved about at a cost.
#[tokio::test]
async fn the_future_is_small() {
    let client = support::client("http://127.0.0.1:9");
    let destination: NewDestination = NewDestination::builder().name(name()).try_into().unwrap();
    let future = client.create_or_update_destination(destination);
    let size = size_of_val(&future);
    assert!(size <= 2048, "{size} bytes");
}
