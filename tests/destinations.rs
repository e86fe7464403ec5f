//! A destination that is created or, if it is there, changed where it was said.

use segment_config_api::{
    Client, CreatedOrUpdated, Error, ErrorKind,
    enums::ConnectionMode,
    fake::{Fault, Segment},
    names::DestinationName,
    types::{ConfigItem, Destination, NewDestination, builder},
};
use serde_json::{Value, json};

const NAME: &str = "workspaces/acme/sources/js/destinations/amplitude";

fn name() -> DestinationName {
    NAME.parse().unwrap()
}

fn new() -> builder::NewDestination {
    NewDestination::builder().name(name())
}

fn api_key() -> ConfigItem {
    ConfigItem::setting(&name(), "apiKey", "abcd1234").unwrap()
}

fn config() -> Value {
    json!([{"name": format!("{NAME}/config/apiKey"), "value": "abcd1234"}])
}

/// A workspace in which the destination exists.
async fn existing() -> Segment {
    let segment = Segment::start().await.unwrap();
    segment.insert(NAME, json!({"enabled": false})).unwrap();
    segment
}

async fn put(
    client: &Client,
    destination: builder::NewDestination,
) -> Result<CreatedOrUpdated<Destination>, Error> {
    client.create_or_update_destination(destination).await
}

/// The operations that were called.
fn operations(segment: &Segment) -> Vec<&'static str> {
    let requests = segment.requests().into_iter();
    requests.filter_map(|r| r.operation).collect()
}

#[tokio::test]
async fn a_new_destination_is_created_and_nothing_else_is_sent() {
    let segment = Segment::start().await.unwrap();
    let destination = new().enabled(true).config([api_key()]);
    let outcome = put(&segment.client(), destination).await.unwrap();
    assert!(outcome.is_created());
    assert_eq!(outcome.value().name, NAME);
    let [create] = segment.requests().try_into().unwrap();
    assert_eq!(create.operation, Some("create_destination"));
    assert_eq!(
        create.body,
        json!({"destination": {"name": NAME, "enabled": true, "config": config()}})
    );
}

#[tokio::test]
async fn of_an_existing_destination_exactly_the_given_fields_are_changed() {
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
                .enabled(true)
                .connection_mode(ConnectionMode::Cloud),
            json!({
                "destination": {"config": config(), "connection_mode": "CLOUD", "enabled": true},
                "update_mask": {"paths": ["destination.config", "destination.connection_mode", "destination.enabled"]},
            }),
        ),
    ];
    for (destination, body) in cases {
        let segment = existing().await;
        let outcome = put(&segment.client(), destination).await.unwrap();
        assert!(
            matches!(outcome, CreatedOrUpdated::Updated(_)),
            "{outcome:?}"
        );
        let enabled = body["destination"]["enabled"] == true;
        assert_eq!(outcome.into_value().enabled, enabled);
        let [create, update] = segment.requests().try_into().unwrap();
        assert_eq!(create.operation, Some("create_destination"));
        assert_eq!(update.operation, Some("update_destination"));
        assert_eq!(update.body, body);
    }
}

#[tokio::test]
async fn an_answer_of_the_known_text_counts_as_existing_whatever_its_status() {
    let segment = existing().await;
    let exists = Fault::refusal(400, 3, "the destination already exists");
    segment.fail_next(exists.of("create_destination"));
    let outcome = put(&segment.client(), new().enabled(true)).await;
    assert!(!outcome.unwrap().is_created());
    assert_eq!(segment.resource(NAME).unwrap()["enabled"], true);
}

#[tokio::test]
async fn an_existing_destination_with_nothing_to_change_is_left_alone() {
    let segment = existing().await;
    let outcome = put(&segment.client(), new()).await.unwrap();
    assert!(
        matches!(outcome, CreatedOrUpdated::Unchanged(_)),
        "{outcome:?}"
    );
    assert_eq!(outcome.value().name, NAME);
    let expected = ["create_destination", "get_destination"];
    assert_eq!(operations(&segment), expected);
}

#[tokio::test]
async fn another_failure_of_the_create_is_given_as_it_is() {
    let segment = existing().await;
    let builder = segment.client_builder();
    let client = builder.access_token(segment.read_only_token()).build();
    let error = put(&client.unwrap(), new().enabled(true))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::PermissionDenied, Some("create_destination"))
    );
    assert_eq!(operations(&segment), ["create_destination"]);
}

#[tokio::test]
async fn a_failure_of_the_update_says_that_it_was_the_update() {
    let segment = Segment::start().await.unwrap();
    // As if the destination had just been deleted.
    let exists = Fault::refusal(409, 6, "destination already exists");
    segment.fail_next(exists.of("create_destination"));
    let error = put(&segment.client(), new().enabled(true))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::NotFound, Some("update_destination"))
    );
}

#[tokio::test]
async fn a_destination_that_cannot_be_sent_is_refused_before() {
    let segment = Segment::start().await.unwrap();
    let masked = json!({"name": format!("{NAME}/config/apiKey"), "value": "••••1234"});
    let masked: ConfigItem = serde_json::from_value(masked).unwrap();
    let cases = [
        (
            NewDestination::builder().enabled(true),
            "`name` is required and was not set",
        ),
        (
            NewDestination::builder().name("amplitude"),
            "`name`: expected a name like",
        ),
        (
            new().config([masked]),
            "setting `apiKey`: the value is masked by the server",
        ),
    ];
    for (destination, reason) in cases {
        let error = put(&segment.client(), destination).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert!(segment.requests().is_empty());
}

/// Two calls and their arguments; a larger one is moved about at a cost.
#[test]
fn the_future_is_small() {
    let client = Client::builder().build().unwrap();
    let destination: NewDestination = new().try_into().unwrap();
    let future = client.create_or_update_destination(destination);
    let size = size_of_val(&future);
    assert!(size <= 2048, "{size} bytes");
}
