//! What Segment does in a way of its own.

use crate::{acme, refused};
use segment_config_api::{
    fake::{Quirk, Segment},
    json::Json,
    names::{FilterName, SourceName},
    patch::SchemaConfigPatch,
    types::{NewFunction, TrackingPlan},
};
use serde_json::{Value, json};
use std::time::Duration;

const FILTERS: &str = "workspaces/acme/sources/js/destinations/google-analytics/filters";

async fn without(quirk: Quirk) -> Segment {
    let segment = Segment::builder().acme().without(quirk).start();
    segment.await.expect("a free port")
}

async fn error(segment: &Segment, path: &str) -> (u16, i64, String) {
    refused(segment.client().get(path).send::<Json>().await)
}

async fn found(segment: &Segment, path: &str) -> Value {
    segment.client().get(path).send().await.expect("it")
}

#[tokio::test]
async fn a_missing_filter_is_an_invalid_argument() {
    let path = format!("{FILTERS}/df_gone");
    let usual = (404, 5, "the filter does not exist".to_string());
    assert_eq!(
        error(&acme().await, &path).await,
        (400, 3, "filter does not exist".into())
    );
    assert_eq!(
        error(&without(Quirk::MissingFilterIsInvalid).await, &path).await,
        usual
    );
}

#[tokio::test]
async fn a_filter_of_a_missing_destination_is_an_internal_error() {
    let path = "workspaces/acme/sources/js/destinations/slack/filters/df_gone";
    let usual = (404, 5, "the destination does not exist".to_string());
    let message = "failed to validate permissions due to an internal error";
    assert_eq!(error(&acme().await, path).await, (500, 13, message.into()));
    assert_eq!(
        error(&without(Quirk::MissingParentOfFilterIsInternal).await, path).await,
        usual
    );
}

#[tokio::test]
async fn the_schema_configuration_of_a_missing_source_is_an_internal_error() {
    let path = "workspaces/acme/sources/gone/schema-config";
    let usual = (404, 5, "the source does not exist".to_string());
    let message = "runtime error: invalid memory address or nil pointer dereference";
    assert_eq!(error(&acme().await, path).await, (500, 13, message.into()));
    assert_eq!(
        error(&without(Quirk::MissingSchemaConfigIsInternal).await, path).await,
        usual
    );
}

#[tokio::test]
async fn the_names_of_filters_hold_a_configuration_and_work_with_it() {
    let segment = acme().await;
    let filters = segment.client().list_destination_filters();
    let filters = filters
        .workspace("acme")
        .source("js")
        .destination("google-analytics")
        .all()
        .await;
    let filters = filters.expect("filters");
    assert_eq!(filters.len(), 2);
    for filter in filters {
        let name: FilterName = filter.name.parse().expect("a name");
        assert!(filter.name.contains("/config/"), "{}", filter.name);
        let got = segment
            .client()
            .get_destination_filter()
            .name(&name)
            .send()
            .await;
        assert_eq!(got.expect("by its name"), filter);
        let got = found(&segment, &filter.name).await;
        assert_eq!(got["name"], filter.name.as_str(), "by its path");
    }
    let filter = found(
        &without(Quirk::FilterNamesHoldConfig).await,
        &format!("{FILTERS}/df_drop_internal"),
    )
    .await;
    assert_eq!(filter["name"], format!("{FILTERS}/df_drop_internal"));
}

#[tokio::test]
async fn destination_functions_have_the_workspace_in_their_names() {
    for (segment, kind, expected) in [
        (acme().await, "DESTINATION", "Log orders (Acme)"),
        (acme().await, "SOURCE", "Log orders"),
        (
            without(Quirk::FunctionNamesHoldWorkspace).await,
            "DESTINATION",
            "Log orders",
        ),
    ] {
        let new = NewFunction::builder()
            .display_name("Log orders")
            .code("x")
            .buildpack("boreal");
        let create = segment
            .client()
            .create_function()
            .workspace_id("w1x9c2k7bq")
            .type_(kind);
        let function = create.body(new).send().await.expect("a function");
        assert_eq!(function.display_name, expected, "{kind}");
        let prefix = if kind == "SOURCE" { "sfnc_" } else { "dfnc_" };
        assert!(function.id.starts_with(prefix), "{}", function.id);
    }
}

#[tokio::test]
async fn passwords_are_shown_as_bullets() {
    let path = "workspaces/acme/sources/js/destinations/webhooks";
    let secret = |destination: Value| {
        let settings = destination["config"].as_array().cloned().expect("settings");
        let secret = settings.into_iter().find(|s| s["type"] == "password");
        secret.expect("a password")["value"].clone()
    };
    let segment = acme().await;
    assert_eq!(secret(found(&segment, path).await), "••••••••");
    assert_eq!(
        secret(segment.resource(path).expect("it")),
        "EXAMPLE_SHARED_SECRET"
    );
    let open = without(Quirk::SecretsAreMasked).await;
    assert_eq!(secret(found(&open, path).await), "EXAMPLE_SHARED_SECRET");
}

#[tokio::test]
async fn a_destination_has_all_settings_of_its_catalog_entry() {
    let path = "workspaces/acme/sources/js/destinations/webhooks";
    let count = |destination: Value| destination["config"].as_array().map(Vec::len);
    assert_eq!(count(found(&acme().await, path).await), Some(3));
    assert_eq!(
        count(found(&without(Quirk::DestinationsHaveAllSettings).await, path).await),
        Some(2)
    );
}

#[tokio::test]
async fn listed_plans_have_no_events() {
    let events = |plans: Value| {
        plans["tracking_plans"][0]["rules"]["events"]
            .as_array()
            .map(Vec::len)
    };
    let path = "workspaces/acme/tracking-plans";
    let segment = acme().await;
    assert_eq!(events(found(&segment, path).await), Some(0));
    assert_eq!(
        events(found(&without(Quirk::ListedPlansHaveNoEvents).await, path).await),
        Some(3)
    );
    let plans = segment
        .client()
        .list_tracking_plans()
        .workspace("acme")
        .all()
        .await;
    let name = plans.expect("plans")[0].resource_name().expect("a name");
    let plan: TrackingPlan = segment
        .client()
        .get_tracking_plan()
        .name(&name)
        .send()
        .await
        .expect("it");
    assert_eq!(plan.rules.events.map(|e| e.len()), Some(3));
}

#[tokio::test]
async fn a_wrong_method_is_unimplemented_and_a_wrong_path_is_not_there() {
    let message = "method not supported".to_string();
    let segment = acme().await;
    let delete = segment
        .client()
        .delete("workspaces/acme")
        .send::<Json>()
        .await;
    assert_eq!(refused(delete), (501, 12, message));
    let plain = without(Quirk::WrongMethodIsUnimplemented).await;
    let delete = plain
        .client()
        .delete("workspaces/acme")
        .send::<Json>()
        .await;
    let error = delete.expect_err("a refusal");
    assert_eq!(error.status().expect("a status").as_u16(), 405);
    assert_eq!(error.headers().expect("headers")["allow"], "GET");
    for (path, allowed) in [
        ("workspaces/acme/sources/js/regulations", "POST"),
        ("workspaces/acme/roles/-/policies", "GET"),
    ] {
        let put = plain.client().put(path).send::<Json>().await;
        let error = put.expect_err("a refusal");
        assert_eq!(error.headers().expect("headers")["allow"], allowed);
    }
    assert_eq!(
        error_of(&segment, "workspaces/acme/unheard-of").await,
        (404, 5)
    );
    let outside = segment.base_url().replace("/v1beta", "/v2");
    let outside = reqwest::get(format!("{outside}/workspaces"))
        .await
        .expect("an answer");
    assert_eq!(outside.status(), 503);
    let text = outside.text().await.expect("a body");
    assert_eq!(
        text,
        "upstream connect error or disconnect/reset before headers"
    );
}

async fn error_of(segment: &Segment, path: &str) -> (u16, i64) {
    let (status, code, _) = error(segment, path).await;
    (status, code)
}

#[tokio::test]
async fn a_schema_configuration_shows_late_if_asked_for() {
    let delay = Duration::from_secs(60);
    let segment = Segment::builder().acme().schema_config_delay(delay).start();
    let segment = segment.await.expect("a free port");
    let client = segment.client();
    let name = SourceName::new("acme", "js").expect("a name");
    let get = || client.get_source_schema_config().parent(&name).send();
    let update = |patch: SchemaConfigPatch| {
        client
            .update_source_schema_config()
            .parent(&name)
            .body(patch)
            .send()
    };
    let patch = SchemaConfigPatch::new().allow_unplanned_track_events(false);
    assert!(
        !update(patch)
            .await
            .expect("updated")
            .allow_unplanned_track_events
    );
    assert!(
        get().await.expect("it").allow_unplanned_track_events,
        "not yet"
    );
    let patch = SchemaConfigPatch::new().allow_unplanned_group_traits(false);
    update(patch).await.expect("updated");
    segment.advance(delay);
    let late = get().await.expect("it");
    assert!(
        !late.allow_unplanned_track_events && !late.allow_unplanned_group_traits,
        "nothing is lost"
    );
}

#[tokio::test]
async fn a_preview_says_what_the_fake_does_not_do() {
    let client = acme().await;
    let client = client.client();
    let preview = |code: &str| {
        let body = json!({"function": {"code": code, "buildpack": "boreal"}, "payload": "{}"});
        client
            .post("/workspaces/w1x9c2k7bq/functions/preview")
            .query("type", "SOURCE")
            .body(&body)
            .send::<Value>()
    };
    let answer = preview("async function onRequest(request) {}")
        .await
        .expect("a preview");
    assert_eq!(answer["invoke"]["success"], true);
    assert_eq!(answer["logs"][0]["message"], "the code was not run");
    let answer = preview("").await.expect("a preview");
    assert_eq!(
        answer["invoke"]["error_reason"],
        "the code has no function onRequest"
    );
}
