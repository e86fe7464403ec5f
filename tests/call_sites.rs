//! Call sites as people write them: each of these lines has to compile, and to send what it says.
#![allow(
    clippy::cmp_owned,
    clippy::needless_borrows_for_generic_args,
    clippy::nonminimal_bool,
    reason = "each form of a call or a comparison is what is tried"
)]

use segment_config_api::{
    Error, ErrorKind,
    enums::ConnectionMode,
    fake::Segment,
    names::{DestinationName, SourceName, TrackingPlanName, WorkspaceName},
    types::{ConfigItem, ListSourcesResponse, NewDestination, NewSource},
};
use serde_json::json;
use std::collections::HashSet;

const JS: &str = "workspaces/acme/sources/js";

#[tokio::test]
async fn a_call_takes_a_name_as_a_value_as_a_reference_and_as_a_text() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
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
        assert_eq!(call.send().await.unwrap().name, JS);
    }
    let list = client.list_destinations().parent(JS);
    let page = list.send().await.unwrap();
    assert!(page.destinations.iter().all(|d| d.parent == JS));
    let requests = segment.requests_of("list_destinations");
    assert_eq!(requests[0].part("source"), Some("js"));
}

#[tokio::test]
async fn a_text_that_is_no_name_is_refused_before_anything_is_sent() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
    let call = client.get_source().name("workspaces/acme");
    let error = call.send().await.unwrap_err();
    assert!(error.is_argument());
    assert!(
        error.to_string().contains("`name`: expected a name like"),
        "{error}"
    );
    let call = client.list_destinations().parent("js");
    let error = call.send().await.unwrap_err();
    assert!(
        error.to_string().contains("`parent`: expected a name like"),
        "{error}"
    );
    assert!(segment.requests().is_empty());
}

#[tokio::test]
async fn a_parameter_takes_the_last_part_of_the_name_that_it_ends() {
    let segment = Segment::start().await.unwrap();
    let connection = "workspaces/acme/tracking-plans/rs_1/source-connections/js";
    let plan = TrackingPlanName::new("acme", "rs_1").unwrap();
    segment.insert(plan.as_str(), json!({})).unwrap();
    segment.insert(connection, json!({})).unwrap();
    let workspace = WorkspaceName::new("acme").unwrap();
    let source: SourceName = JS.parse().unwrap();
    let client = segment.client();
    let call = client
        .delete_tracking_plan_source_connection()
        .workspace(&workspace);
    let call = call.tracking_plan(&plan).source(&source);
    call.send().await.unwrap();
    assert_eq!(segment.resource(connection), None);
}

#[tokio::test]
async fn a_list_goes_on_where_a_page_says() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
    let page = |token: Option<&str>| {
        let page = json!({"next_page_token": token});
        serde_json::from_value::<ListSourcesResponse>(page).unwrap()
    };
    let list = || client.list_sources().workspace("acme");
    // No page has these tokens; only that they are sent is of interest.
    let calls = [
        list().page_token(page(Some("A")).next_page_token),
        list().page_token(&page(Some("B")).next_page_token),
        list().page_token(page(None).next_page_token),
        list().page_token("C"),
    ];
    for call in calls {
        let _ = call.send().await;
    }
    let requests = segment.requests();
    let tokens: Vec<_> = requests.iter().map(|r| r.query("page_token")).collect();
    assert_eq!(tokens, [Some("A"), Some("B"), None, Some("C")]);
}

#[tokio::test]
async fn a_required_list_that_is_empty_is_refused_before_anything_is_sent() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
    let call = client
        .batch_get_event_delivery_metrics_summary()
        .workspace("acme");
    let error = call.names(Vec::<String>::new()).send().await.unwrap_err();
    assert!(error.is_argument());
    assert!(error.to_string().contains("`names` is empty"), "{error}");
    assert!(segment.requests().is_empty());
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

#[tokio::test]
async fn messages_name_the_setter() {
    let client = Segment::start().await.unwrap().client();
    let error = client.list_functions().workspace_id("w").send().await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("`type_` is required"), "{error}");
}
