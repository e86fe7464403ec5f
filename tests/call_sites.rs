//! Call sites as people write them: each of these lines has to compile, and to send what it says.
#![allow(
    clippy::cmp_owned,
    clippy::needless_borrows_for_generic_args,
    clippy::nonminimal_bool,
    reason = "each form of a call or a comparison is what is tried"
)]

mod support;

use segment_config_api::{
    Client, Error, ErrorKind,
    enums::ConnectionMode,
    names::{DestinationName, SourceName, TrackingPlanName, WorkspaceName},
    types::{ConfigItem, ListSourcesResponse, NewDestination, NewSource},
};
use std::collections::HashSet;
use support::server::{Reply, Server};

const JS: &str = "workspaces/acme/sources/js";

/// A server that refuses everything, and its client, which tries once.
async fn refusing_server() -> (Server, Client) {
    let server = Server::replies([Reply::error(501, 12, "no")]).await;
    let client = support::client(&server.url());
    (server, client)
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_a_name_as_a_value_as_a_reference_and_as_a_text() {
    let (server, client) = refusing_server().await;
    let name: SourceName = JS.parse().unwrap();
    let call = || client.get_source();
    let calls = [
        call().name(&name),
        call().name(name.clone()),
        call().name(JS),
        call().name(JS.to_string()),
        call().name(&JS.to_string()),
        call().workspace(name.parent()).source(&name),
    ];
    for call in calls {
        assert!(call.send().await.unwrap_err().attempts() > 0);
    }
    let _ = client.list_destinations().parent(JS).send().await;
    let mut targets: Vec<_> = server.requests().into_iter().map(|r| r.target).collect();
    let last = targets.pop().unwrap();
    assert!(
        last.contains("/workspaces/acme/sources/js/destinations"),
        "{last}"
    );
    assert!(
        targets
            .iter()
            .all(|t| t.ends_with("/workspaces/acme/sources/js")),
        "{targets:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_no_name_is_refused_before_anything_is_sent() {
    let (server, client) = refusing_server().await;
    let error = client
        .get_source()
        .name("workspaces/acme")
        .send()
        .await
        .unwrap_err();
    assert!(error.is_argument());
    assert!(
        error.to_string().contains("`name`: expected a name like"),
        "{error}"
    );
    let error = client
        .list_destinations()
        .parent("js")
        .send()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("`parent`: expected a name like"),
        "{error}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_parameter_takes_the_last_part_of_the_name_that_it_ends() {
    let (server, client) = refusing_server().await;
    let workspace = WorkspaceName::new("acme").unwrap();
    let plan = TrackingPlanName::new("acme", "rs_1").unwrap();
    let source: SourceName = JS.parse().unwrap();
    let call = client
        .delete_tracking_plan_source_connection()
        .workspace(&workspace);
    let _ = call.tracking_plan(&plan).source(&source).send().await;
    let target = &server.requests()[0].target;
    assert!(
        target.ends_with("/workspaces/acme/tracking-plans/rs_1/source-connections/js"),
        "{target}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_where_a_page_says() {
    let (server, client) = refusing_server().await;
    let page = |token: Option<&str>| {
        let page = serde_json::json!({"next_page_token": token});
        serde_json::from_value::<ListSourcesResponse>(page).unwrap()
    };
    let list = || client.list_sources().workspace("acme");
    let _ = list()
        .page_token(page(Some("A")).next_page_token)
        .send()
        .await;
    let _ = list()
        .page_token(&page(Some("B")).next_page_token)
        .send()
        .await;
    let _ = list().page_token(page(None).next_page_token).send().await;
    let _ = list().page_token("C").send().await;
    let received = server.requests();
    let tokens: Vec<_> = received.iter().map(|r| r.query("page_token")).collect();
    assert_eq!(tokens, [Some("A"), Some("B"), None, Some("C")]);
}

#[tokio::test(start_paused = true)]
async fn a_required_list_that_is_empty_is_refused_before_anything_is_sent() {
    let (server, client) = refusing_server().await;
    let call = client
        .batch_get_event_delivery_metrics_summary()
        .workspace("acme");
    let error = call.names(Vec::<String>::new()).send().await.unwrap_err();
    assert!(error.is_argument());
    assert!(error.to_string().contains("`names` is empty"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn names_compare_with_texts_and_are_found_by_them() {
    let name: SourceName = JS.parse().unwrap();
    assert!(name == JS && JS == name && name == *JS && *JS == name);
    assert!(name == JS.to_string() && JS.to_string() == name);
    assert_ne!(name, "workspaces/acme/sources/ios");
    assert!(HashSet::from([name]).contains(JS));
}

#[test]
fn open_enums_compare_with_texts_and_are_texts() {
    let mode = ConnectionMode::from("CLOUD");
    assert!(mode == "CLOUD" && "CLOUD" == mode && mode == "CLOUD".to_string());
    assert_eq!(mode.as_ref() as &str, "CLOUD");
    assert_eq!(String::from(&mode), "CLOUD");
    assert_eq!(String::from(ConnectionMode::from("QUANTUM")), "QUANTUM");
    // A setter takes the enum, a reference to it, its text, and the enum where it wants a text.
    let _ = NewDestination::builder()
        .connection_mode(&mode)
        .connection_mode(&String::from("CLOUD"));
    let _ = NewSource::builder().catalog_name(mode.to_string());
}

#[test]
fn the_crates_errors_become_its_one_error() {
    fn name() -> Result<WorkspaceName, Error> {
        Ok("acme".parse()?)
    }
    fn setting(name: &DestinationName) -> Result<ConfigItem, Error> {
        Ok(ConfigItem::setting(name, "apiKey", "••••")?)
    }
    let destination = DestinationName::new("acme", "js", "mixpanel").unwrap();
    let errors = [name().unwrap_err(), setting(&destination).unwrap_err()];
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(std::error::Error::source(error).is_none());
    }
    assert!(
        errors[0]
            .to_string()
            .contains("expected a name like `workspaces/{workspace}`")
    );
    assert!(
        errors[1]
            .to_string()
            .contains("setting `apiKey`: the value is masked")
    );
}

#[tokio::test(start_paused = true)]
async fn messages_name_the_setter() {
    let (_server, client) = refusing_server().await;
    let error = client
        .list_functions()
        .workspace_id("w")
        .send()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`type_` is required"), "{error}");
}
