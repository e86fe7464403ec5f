//! Arguments: what is refused before anything is sent, and what arrives whole.

#[path = "support/calls.rs"]
mod calls;
mod support;

use segment_config_api::{
    Client, Error, ErrorKind,
    enums::ConnectionMode,
    types::{CreateTrackingPlanSourceConnectionRequest, NewDestination, NewSource},
};
use serde_json::{Value, json};
use support::{
    answer, document, sample,
    server::{Reply, Server},
};

/// The sample of each operation, once for each parameter of its path, which has `value` there.
fn inputs(value: &str) -> Vec<(String, String, Value)> {
    let mut inputs = Vec::new();
    for operation in document().operations {
        let sample = sample(&operation.id);
        for parameter in sample["path"].as_object().expect("a path").keys() {
            let mut input = sample.clone();
            input["path"][parameter] = value.into();
            inputs.push((operation.id.clone(), parameter.clone(), input));
        }
    }
    inputs
}

/// Everything is refused here, so that no answer has to fit.
async fn refusing_server() -> (Server, Client) {
    let server = Server::replies([Reply::error(501, 12, "no")]).await;
    let client = support::client(&server.url());
    (server, client)
}

fn assert_not_sent(error: &Error, operation: &str, parameter: &str) {
    assert_eq!(error.kind(), ErrorKind::Argument, "{operation}: {error}");
    assert_eq!(error.operation(), Some(operation));
    assert!(
        error.to_string().contains(&format!("`{parameter}`")),
        "{error}"
    );
    assert_eq!((error.attempts(), error.may_have_been_sent()), (0, false));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_would_change_the_path_is_refused_by_name_and_not_sent() {
    let (server, client) = refusing_server().await;
    for value in [
        "",
        ".",
        "..",
        "\\",
        "..\\x",
        "a\\b",
        ":",
        "js:batch",
        "/",
        "a/b",
        "../x",
        "workspaces/acme",
    ] {
        for (operation, parameter, input) in inputs(value) {
            let result = calls::any(&client, &operation, &input).await;
            let error = result.expect_err("a value that is not safe");
            assert_not_sent(&error, &operation, &parameter);
        }
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_odd_value_stays_one_segment_of_the_path() {
    let (server, client) = refusing_server().await;
    for (value, expected) in [
        ("customer.io", "customer.io"),
        ("...", "..."),
        ("%2e%2e", "%252e%252e"),
        ("é漢", "%C3%A9%E6%BC%A2"),
        (" a b ", "%20a%20b%20"),
        ("a?b#c", "a%3Fb%23c"),
        ("a\r\n\t\0", "a%0D%0A%09%00"),
    ] {
        let call = client.get_source().workspace("acme").source(value);
        call.send().await.expect_err("no");
        let target = server.requests().pop().expect("a request").target;
        let path = format!("/v1beta/workspaces/acme/sources/{expected}");
        assert_eq!(target, path, "{value:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_parameter_of_every_path_is_encoded() {
    let (server, client) = refusing_server().await;
    let operations = document().operations;
    for (id, parameter, mut input) in inputs("") {
        // Some ids have to begin as they do.
        let known = sample(&id)["path"][&parameter].clone();
        let known = known.as_str().expect("a text");
        input["path"][&parameter] = format!("{known}..a?b").into();
        let result = calls::any(&client, &id, &input).await;
        result.expect_err("no");
        let target = server.requests().pop().expect("a request").target;
        input["path"][&parameter] = format!("{known}..a%3Fb").into();
        let operation = operations.iter().find(|o| o.id == id).expect(&id);
        let path = target.split('?').next();
        assert_eq!(path, Some(operation.path_for(&input).as_str()), "{id}");
    }
}

/// A slug and a resource name are not the same, and neither passes for the other.
#[tokio::test(start_paused = true)]
async fn a_slug_is_told_from_a_name() {
    let (server, client) = refusing_server().await;
    let whole = client
        .list_sources()
        .workspace("workspaces/acme")
        .send()
        .await;
    let error = whole.expect_err("a whole name");
    assert_not_sent(&error, "list_sources", "workspace");
    assert!(
        error.to_string().contains("the last part of the name"),
        "{error}"
    );

    let source = |name: &str, catalog: &str| {
        let source = NewSource::builder().name(name).catalog_name(catalog);
        client.create_source().workspace("acme").body(source).send()
    };
    let (name, catalog) = ("workspaces/acme/sources/js", "catalog/sources/javascript");
    let error = source("js", catalog).await.expect_err("a slug");
    assert_not_sent(&error, "create_source", "name");
    assert!(
        error
            .to_string()
            .contains("workspaces/{workspace}/sources/{source}"),
        "{error}"
    );
    let error = source(name, "javascript").await.expect_err("a slug");
    assert_not_sent(&error, "create_source", "catalog_name");
    let connect = CreateTrackingPlanSourceConnectionRequest::builder().source_name("js");
    let call = client.create_tracking_plan_source_connection();
    let call = call.workspace("acme").tracking_plan("rs_1").body(connect);
    let error = call.send().await.expect_err("a slug");
    assert_not_sent(
        &error,
        "create_tracking_plan_source_connection",
        "source_name",
    );
    let metrics = client
        .batch_get_destination_metrics()
        .parent("workspaces/acme/sources/js/destinations/mixpanel")
        .names(["js"]);
    let error = metrics.send().await.expect_err("a slug");
    assert_not_sent(&error, "batch_get_destination_metrics", "names[0]");
    assert_eq!(server.count(), 0);
    source(name, catalog).await.expect_err("no");
    assert_eq!(server.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_required_argument_that_is_not_set_is_named() {
    let (server, client) = refusing_server().await;
    let source = client.get_source().source("js").send().await;
    assert_not_sent(&source.expect_err("unset"), "get_source", "workspace");
    let source = client.get_source().workspace("acme").send().await;
    assert_not_sent(&source.expect_err("unset"), "get_source", "source");
    let created = client.create_source().workspace("acme").send().await;
    assert_not_sent(&created.expect_err("unset"), "create_source", "body");
    let updated = client
        .update_source()
        .workspace("a")
        .source("b")
        .send()
        .await;
    assert_not_sent(&updated.expect_err("unset"), "update_source", "body");
    let functions = client.list_functions().workspace_id("w").send().await;
    assert_not_sent(&functions.expect_err("unset"), "list_functions", "type_");
    let named = client.create_destination().workspace("acme").source("js");
    let named = named.body(NewDestination::builder()).send().await;
    assert_not_sent(&named.expect_err("unset"), "create_destination", "name");
    assert_eq!(server.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn values_and_keys_that_nobody_knows_survive_the_way_here_and_back() {
    let mut known = answer("get_destination");
    known["connection_mode"] = json!("QUANTUM");
    known["config"][0]["type"] = json!("hologram");
    known["config"][0]["from_the_future"] = json!({"kept": [1, null, 2.5]});
    known["from_the_future"] = json!(true);
    let server = Server::replies([Reply::json(&known)]).await;
    let client = server.client();
    let call = client.get_destination().workspace("acme").source("js");
    let found = call
        .destination("webhooks")
        .send()
        .await
        .expect("a destination");
    assert_eq!(
        found.connection_mode,
        ConnectionMode::Unknown("QUANTUM".into())
    );
    assert_eq!(serde_json::to_value(&found).expect("JSON"), known);

    let destination = NewDestination::builder()
        .name(found.name)
        .connection_mode(found.connection_mode)
        .config(found.config.expect("settings"))
        .extra(found.extra);
    let call = client.create_destination().workspace("acme").source("js");
    call.body(destination).send().await.expect("a destination");
    let sent = server.requests().pop().expect("a request").body;
    let sent: Value = serde_json::from_slice(&sent).expect("JSON");
    for key in ["name", "connection_mode", "config", "from_the_future"] {
        assert_eq!(sent["destination"][key], known[key], "{key}");
    }
}
