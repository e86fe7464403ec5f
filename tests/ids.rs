//! Ids that look alike, and what a listing shows of a thing.

use segment_config_api::{Error, ErrorKind, fake::Segment};
use serde_json::json;

fn assert_refused(result: Result<impl std::fmt::Debug, Error>, texts: &[&str]) {
    let error = result.expect_err("an id of another kind");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(!error.may_have_been_sent());
    let error = error.to_string();
    assert!(texts.iter().all(|text| error.contains(text)), "{error}");
}

#[tokio::test]
async fn an_id_of_another_kind_is_refused_with_the_remedy() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
    let call = client.deploy_function().workspace_id("w");
    let remedy = ["`function`", "`sfn_` and the id of the source"];
    assert_refused(call.function("sfnc_1").send().await, &remedy);
    let call = client.get_tracking_plan().workspace("acme");
    let remedy = ["`tracking_plan`", "`rs_`", "Public API uses other ids"];
    assert_refused(call.tracking_plan("tp_1").send().await, &remedy);
    assert!(segment.requests().is_empty());
}

#[tokio::test]
async fn a_function_is_deployed_to_a_source() {
    let segment = Segment::start().await.unwrap();
    let name = "workspaces/acme/sources/cloud";
    segment.insert(name, json!({"id": "q8Lw3nVt6R"})).unwrap();
    let client = segment.client();
    let mut source = client.get_source().name(name).send().await.unwrap();
    let call = client.deploy_function().workspace_id("w1");
    call.source(&source).send().await.unwrap();
    let deployments = segment.requests_of("deploy_function");
    assert_eq!(deployments[0].part("workspace_id"), Some("w1"));
    assert_eq!(deployments[0].part("function"), Some("sfn_q8Lw3nVt6R"));

    source.id = None;
    let call = client.deploy_function().workspace_id("w1");
    assert_refused(call.source(&source).send().await, &["`function`", "empty"]);
    assert_eq!(segment.requests_of("deploy_function").len(), 1);
}

#[tokio::test]
async fn a_plan_of_a_listing_gets_its_rules() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
    let mut plans = client.list_tracking_plans().workspace("acme").stream();
    let summary = plans.try_next().await.unwrap().expect("a plan");
    let whole = summary.plan(&client).await.unwrap();
    assert_eq!(whole.name, summary.name);
    assert!(!whole.rules.events.unwrap().is_empty());
}
