//! Ids that look alike, and what a listing shows of a thing.

mod support;

use segment_config_api::{Error, ErrorKind, types::Source};
use serde_json::{Value, from_value, json};
use support::{
    read,
    server::{Reply, Server},
};

fn answer(operation: &str) -> Value {
    read(&format!("spec/samples/{operation}.json"))["response"].clone()
}

fn assert_refused(result: Result<impl std::fmt::Debug, Error>, texts: &[&str]) {
    let error = result.expect_err("an id of another kind");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(!error.may_have_been_sent());
    let error = error.to_string();
    assert!(texts.iter().all(|text| error.contains(text)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_id_of_another_kind_is_refused_with_the_remedy() {
    let server = Server::replies([]).await;
    let client = server.client();
    let call = client.deploy_function().workspace_id("w");
    let remedy = ["`function`", "`sfn_` and the id of the source"];
    assert_refused(call.function("sfnc_1").send().await, &remedy);
    let call = client.get_tracking_plan().workspace("acme");
    let remedy = ["`tracking_plan`", "`rs_`", "Public API uses other ids"];
    assert_refused(call.tracking_plan("tp_1").send().await, &remedy);
    assert_eq!(server.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_deployed_to_a_source() {
    let server = Server::replies([Reply::json(&json!({}))]).await;
    let mut source: Source = from_value(answer("get_source")).unwrap();
    source.id = Some("q8Lw3nVt6R".into());
    let call = server.client().deploy_function().workspace_id("w1");
    call.source(&source).send().await.unwrap();
    let target = &server.requests()[0].target;
    assert_eq!(
        target,
        "/v1beta/workspaces/w1/functions/sfn_q8Lw3nVt6R/deploy"
    );

    source.id = None;
    let call = server.client().deploy_function().workspace_id("w1");
    assert_refused(call.source(&source).send().await, &["`function`", "empty"]);
    assert_eq!(server.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_a_listing_gets_its_rules() {
    let mut listed = answer("list_tracking_plans");
    listed["next_page_token"] = json!("");
    let plan = answer("get_tracking_plan");
    let server = Server::replies([Reply::json(&listed), Reply::json(&plan)]).await;
    let client = server.client();
    let mut plans = client.list_tracking_plans().workspace("acme").stream();
    let summary = plans.try_next().await.unwrap().expect("a plan");
    let whole = summary.plan(&client).await.unwrap();
    assert!(!whole.rules.events.unwrap().is_empty());
    let target = &server.requests()[1].target;
    assert!(target.ends_with(&summary.name), "{target}");
}
