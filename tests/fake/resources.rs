//! What is there, how it is listed, and what becomes of it.

use crate::{acme, empty, refused};
use segment_config_api::{
    fake::Segment,
    json::Json,
    names::{DestinationName, SourceName},
    patch::{DestinationPatch, SchemaConfigPatch, SourcePatch, TrackingPlanPatch},
    types::{ConfigItem, NewDestination, NewSource},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn the_workspace_is_large_enough_to_have_pages() {
    let client = acme().await;
    let client = client.client();
    let sources = client.list_sources().workspace("acme").all().await;
    assert_eq!(sources.expect("sources").len(), 264);
    let entries = client.list_catalog_destinations().all().await;
    let entries = entries.expect("a catalog");
    assert!(entries.len() > 300, "{}", entries.len());
    let types = entries.iter().flat_map(|e| &e.settings);
    let types: BTreeSet<_> = types.map(|s| s.type_.to_string()).collect();
    assert_eq!(types.len(), 10, "settings of every type: {types:?}");
}

#[tokio::test]
async fn any_number_runs_side_by_side_and_ends_with_its_value() {
    let (one, other) = (acme().await, empty().await);
    assert_ne!(one.base_url(), other.base_url());
    let sources = |segment: &Segment| segment.client().list_sources().workspace("acme").all();
    assert!(sources(&other).await.expect("no sources").is_empty());
    let client = one
        .client_builder()
        .retry(segment_config_api::RetryPolicy::none());
    let client = client.build().expect("a client");
    drop(one);
    let error = client
        .list_workspaces()
        .send()
        .await
        .expect_err("nobody is there");
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn pages_are_as_large_as_asked_for_and_tokens_say_nothing() {
    let segment = acme().await;
    let client = segment.client();
    let list = || client.list_sources().workspace("acme");
    let first = list().send().await.expect("a page");
    assert_eq!(first.sources.len(), 10, "the size that nobody asked for");
    let mut token = None;
    let mut names = Vec::new();
    let mut tokens = Vec::new();
    loop {
        let call = match &token {
            Some(token) => list().page_size(50).page_token(token),
            None => list().page_size(50),
        };
        let page = call.send().await.expect("a page");
        names.extend(page.sources.iter().map(|s| s.name.clone()));
        match page.next_page_token.filter(|t| !t.is_empty()) {
            Some(next) => tokens.push(next.clone()),
            None => break,
        }
        token = tokens.last().cloned();
    }
    assert_eq!((names.len(), tokens.len()), (264, 5));
    assert!(names.is_sorted(), "in one order");
    for sign in ["+", "/", "="] {
        assert!(
            tokens.iter().all(|t| t.contains(sign)),
            "{sign} in {tokens:?}"
        );
    }
    let wrong = list().page_token("EXAMPLE_PAGE").send().await;
    assert_eq!(
        refused(wrong),
        (400, 3, "page_token: not of this list".into())
    );
    let wrong = client
        .get("/workspaces/acme/sources")
        .query("page_size", "many");
    assert_eq!(refused(wrong.send::<Json>().await).0, 400);
}

#[tokio::test]
async fn a_few_items_are_several_pages_where_pages_are_small() {
    for (most, expected) in [(0, vec![1, 1, 1]), (2, vec![2, 1]), (3, vec![3])] {
        let segment = Segment::builder().acme().max_page_size(most).start();
        let segment = segment.await.expect("a free port");
        let pages = segment.client().list_roles().workspace("acme").pages();
        let pages = pages.all().await.expect("pages");
        let sizes: Vec<_> = pages.iter().map(|page| page.items.len()).collect();
        assert_eq!(sizes, expected, "at most {most}");
    }
}

#[tokio::test]
async fn a_page_token_outlives_what_it_was_made_from() {
    let segment = acme().await;
    let client = segment.client();
    let list = || client.list_sources().workspace("acme").page_size(2);
    let page = list().send().await.expect("a page");
    let last = page
        .sources
        .last()
        .expect("two")
        .resource_name()
        .expect("a name");
    client
        .delete_source()
        .name(&last)
        .send()
        .await
        .expect("deleted");
    let token = page.next_page_token.expect("a token");
    let next = list().page_token(token).send().await.expect("a page");
    assert!(next.sources[0].name.as_str() > last.to_string().as_str());
}

#[tokio::test]
async fn a_source_gets_what_the_server_adds() {
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_554_113_730);
    let segment = Segment::builder()
        .now(now)
        .start()
        .await
        .expect("a free port");
    let client = segment.client();
    let name = SourceName::new("acme", "orders").expect("a name");
    let new = NewSource::builder()
        .name(&name)
        .catalog_name("catalog/sources/javascript");
    let source = client
        .create_source()
        .workspace("acme")
        .body(new)
        .send()
        .await;
    let source = source.expect("a source");
    assert_eq!(source.parent, "workspaces/acme");
    assert_eq!(source.write_keys.len(), 1);
    assert!(
        source.library_config.metrics_enabled,
        "the document's default"
    );
    let created = source.create_time.expect("a time").to_string();
    assert_eq!(created, "2019-04-01T10:15:30Z", "its clock stands still");
    let config = client.get_source_schema_config().parent(&name).send().await;
    let config = config.expect("it comes with the source");
    assert_eq!(config.name, format!("{name}/schema-config"));
    assert_eq!(config.parent, name.to_string());
    assert!(config.allow_unplanned_track_events);
    assert_eq!(config.common_track_event_on_violations.to_string(), "ALLOW");
}

#[tokio::test]
async fn what_contradicts_what_is_there_is_refused() {
    let segment = empty().await;
    let client = segment.client();
    let new = |slug: &str, kind: &str| {
        NewSource::builder()
            .name(SourceName::new("acme", slug).expect("a name"))
            .catalog_name(format!("catalog/sources/{kind}"))
    };
    let create = || client.create_source().workspace("acme");
    create()
        .body(new("js", "javascript"))
        .send()
        .await
        .expect("a source");
    let again = create().body(new("js", "javascript")).send().await;
    assert_eq!(refused(again), (409, 6, "source already exists".into()));
    let unknown = create().body(new("ios", "unheard-of")).send().await;
    let message = "catalog/sources/unheard-of does not exist";
    assert_eq!(refused(unknown), (404, 5, message.into()));
    let elsewhere = client
        .create_source()
        .workspace("other")
        .body(new("js", "javascript"));
    let message = "the workspace does not exist";
    assert_eq!(refused(elsewhere.send().await), (404, 5, message.into()));
    let list = client
        .list_destinations()
        .workspace("acme")
        .source("gone")
        .send()
        .await;
    assert_eq!(refused(list), (404, 5, "the source does not exist".into()));
    let body = json!({"source": {"name": "workspaces/other/sources/js", "catalog_name": "catalog/sources/ios"}});
    let elsewhere = client
        .post("/workspaces/acme/sources")
        .body(&body)
        .send::<Json>()
        .await;
    let message = "name: expected a name below workspaces/acme/sources";
    assert_eq!(refused(elsewhere), (400, 3, message.into()));
}

#[tokio::test]
async fn a_body_that_the_document_does_not_describe_is_refused_with_the_field() {
    let segment = empty().await;
    let client = segment.client();
    let sources = "/workspaces/acme/sources";
    let plans = "/workspaces/acme/tracking-plans";
    let regulations = "/workspaces/acme/regulations";
    for (path, body, message) in [
        (sources, json!({}), "source: missing"),
        (sources, json!([]), "the body: expected object"),
        (
            sources,
            json!({"source": {"name": "workspaces/acme/sources/js"}}),
            "source.catalog_name: missing",
        ),
        (
            sources,
            json!({"source": {"name": "js", "catalog_name": "catalog/sources/ios"}}),
            "source.name: expected a name as `workspaces/{workspace}/sources/{source}`",
        ),
        (
            sources,
            json!({"source": {"name": "workspaces/acme/sources/js", "catalog_name": "catalog/sources/ios", "labels": {"team": 7}}}),
            "source.labels.team: expected string",
        ),
        (
            plans,
            json!({"tracking_plan": {"display_name": "Web", "rules": {"events": [{"name": "x"}]}}}),
            "tracking_plan.rules.events[0].rules: missing",
        ),
        (
            regulations,
            json!({"regulation_type": "Forget", "attributes": {"name": "userId", "values": ["1"]}}),
            "regulation_type: expected one of \"Suppress_With_Delete\", \"Delete\", \"Unsuppress\", \"Suppress\", \"Delete_Internal\"",
        ),
        (
            regulations,
            json!({"regulation_type": "Delete", "attributes": {"name": "userId", "values": []}}),
            "attributes.values: expected 1 to 5000",
        ),
    ] {
        let result = client.post(path).body(&body).send::<Json>().await;
        assert_eq!(refused(result), (400, 3, message.into()), "{body}");
    }
    let http = reqwest::Client::new();
    let url = format!("{}{sources}", segment.base_url());
    let response = http
        .post(url)
        .bearer_auth(segment.token())
        .body("{'source': {}}")
        .send()
        .await;
    let response = response.expect("an answer");
    assert_eq!(response.status(), 400);
    let error: Value = response.json().await.expect("JSON");
    assert!(
        error["error"]
            .as_str()
            .expect("a message")
            .starts_with("the body is not JSON: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_query_that_the_document_does_not_describe_is_refused_with_the_key() {
    let segment = acme().await;
    let functions = "/workspaces/w1x9c2k7bq/functions";
    let regulations = "/workspaces/acme/regulations";
    for (path, key, value, message) in [
        (
            functions,
            "type",
            "OTHER",
            "type: expected one of \"SOURCE\", \"DESTINATION\"",
        ),
        (
            regulations,
            "regulation_types",
            "Forget",
            "regulation_types: expected one of \"Suppress_With_Delete\", \"Delete\", \"Unsuppress\", \"Suppress\", \"Delete_Internal\"",
        ),
        (
            regulations,
            "page_size",
            "1.5",
            "page_size: expected integer",
        ),
        (
            regulations,
            "page_size",
            "18425890150606213585708253184",
            "page_size: expected integer",
        ),
    ] {
        let get = segment.client().get(path).query(key, value);
        assert_eq!(refused(get.send::<Json>().await), (400, 3, message.into()));
    }
}

#[tokio::test]
async fn what_is_masked_and_absent_is_emptied_and_the_rest_is_not_touched() {
    let segment = empty().await;
    let client = segment.client();
    let rules =
        json!({"events": [{"name": "Signed Up", "rules": {}}], "global": {"type": "object"}});
    let new = json!({"tracking_plan": {"display_name": "Web", "rules": rules}});
    let plan: Value = client
        .post("/workspaces/acme/tracking-plans")
        .body(&new)
        .send()
        .await
        .expect("a plan");
    let name: segment_config_api::names::TrackingPlanName = plan["name"]
        .as_str()
        .expect("a name")
        .parse()
        .expect("a name");
    let update =
        |patch: TrackingPlanPatch| client.update_tracking_plan().name(&name).body(patch).send();
    let renamed = update(TrackingPlanPatch::new().display_name("Apps"))
        .await
        .expect("a plan");
    assert_eq!(renamed.display_name, "Apps");
    assert_eq!(renamed.rules.events.as_ref().map(Vec::len), Some(1));
    let cleared = update(TrackingPlanPatch::new().clear_global())
        .await
        .expect("a plan");
    assert!(cleared.rules.global.is_none());
    assert_eq!(cleared.rules.events.as_ref().map(Vec::len), Some(1));
    let cleared = update(TrackingPlanPatch::new().clear_events().clear_display_name()).await;
    let cleared = cleared.expect("a plan");
    assert_eq!(
        (
            cleared.display_name.as_str(),
            cleared.rules.events.as_deref()
        ),
        ("", Some(&[][..]))
    );
    let raw = json!({"tracking_plan": {"display_name": "Ignored"}, "update_mask": {"paths": []}});
    let path = format!("/{name}");
    let same: Value = client.put(&path).body(&raw).send().await.expect("a plan");
    assert_eq!(same["display_name"], "", "what is not masked has no effect");
    let raw = json!({"tracking_plan": {}, "update_mask": {"paths": ["tracking_plan.name"]}});
    let wrong = client.put(&path).body(&raw).send::<Json>().await;
    let message = "update_mask: `tracking_plan.name` cannot be updated";
    assert_eq!(refused(wrong), (400, 3, message.into()));
    let raw = json!({"tracking_plan": {"display_name": "x"}});
    let wrong = client.put(&path).body(&raw).send::<Json>().await;
    assert_eq!(refused(wrong), (400, 3, "update_mask: missing".into()));
}

#[tokio::test]
async fn what_is_on_by_default_is_off_when_it_is_emptied() {
    let segment = acme().await;
    let client = segment.client();
    let name = SourceName::new("acme", "js").expect("a name");
    let patch = SchemaConfigPatch::new().clear_allow_unplanned_track_events();
    let update = client.update_source_schema_config().parent(&name);
    let config = update.body(patch).send().await.expect("updated");
    assert!(!config.allow_unplanned_track_events);
    assert!(config.allow_unplanned_group_traits, "not touched");
}

#[tokio::test]
async fn what_only_the_server_says_is_not_taken_from_a_body() {
    let segment = empty().await;
    let body = json!({"source": {
        "name": "workspaces/acme/sources/js", "catalog_name": "catalog/sources/ios",
        "write_keys": ["EXAMPLE_MINE"], "parent": "workspaces/other",
    }});
    let create = segment
        .client()
        .post("/workspaces/acme/sources")
        .body(&body);
    let source: Value = create.send().await.expect("a source");
    assert_eq!(source["parent"], "workspaces/acme");
    assert_ne!(source["write_keys"][0], "EXAMPLE_MINE");
}

#[tokio::test]
async fn settings_are_merged_by_name() {
    let segment = acme().await;
    let client = segment.client();
    let name = DestinationName::new("acme", "js", "google-analytics").expect("a name");
    let setting = ConfigItem::setting(&name, "anonymizeIp", false).expect("a setting");
    let patch = DestinationPatch::new().config([setting]);
    let after = client
        .update_destination()
        .name(&name)
        .body(patch)
        .send()
        .await;
    let after = after.expect("a destination");
    let value = |key: &str| after.setting(key).expect(key).value.value().expect("JSON");
    assert_eq!(value("anonymizeIp"), json!(false));
    assert_eq!(value("trackingId"), json!("UA-EXAMPLE-1"), "not touched");
    assert!(after.update_time > after.create_time, "{after:?}");
    let setting = ConfigItem::setting(&name, "nonesuch", 1).expect("a setting");
    let patch = DestinationPatch::new().config([setting]);
    let wrong = client
        .update_destination()
        .name(&name)
        .body(patch)
        .send()
        .await;
    let message = "destination.config: Google Analytics has no setting `nonesuch`";
    assert_eq!(refused(wrong), (400, 3, message.into()));
}

#[tokio::test]
async fn a_destination_belongs_to_its_catalog_entry() {
    let segment = acme().await;
    let client = segment.client();
    let create = |slug: &str| {
        let name = DestinationName::new("acme", "ios", slug).expect("a name");
        let new = NewDestination::builder().name(&name).enabled(true);
        client
            .create_destination()
            .parent(name.parent())
            .body(new)
            .send()
    };
    let destination = create("amplitude").await.expect("a destination");
    assert_eq!(destination.display_name, "Amplitude");
    assert_eq!(
        refused(create("amplitude").await),
        (409, 6, "destination already exists".into())
    );
    let message = "catalog/destinations/unheard-of does not exist";
    assert_eq!(
        refused(create("unheard-of").await),
        (404, 5, message.into())
    );
}

#[tokio::test]
async fn what_belongs_to_something_goes_with_it() {
    let segment = acme().await;
    let client = segment.client();
    let name = SourceName::new("acme", "js").expect("a name");
    client
        .delete_source()
        .name(&name)
        .send()
        .await
        .expect("deleted");
    assert!(
        segment
            .resource("workspaces/acme/sources/js/destinations/webhooks")
            .is_none()
    );
    let get = client
        .get_destination()
        .workspace("acme")
        .source("js")
        .destination("webhooks");
    assert_eq!(refused(get.send().await).0, 404);
    let again = client.delete_source().name(&name).send().await;
    assert_eq!(refused(again), (404, 5, "the source does not exist".into()));
    assert!(
        segment.resource("workspaces/acme/sources/ios").is_some(),
        "others stay"
    );
}

#[tokio::test]
async fn what_no_call_creates_is_put_there() {
    let segment = empty().await;
    segment
        .insert("catalog/sources/my-source", json!({"display_name": "Mine"}))
        .expect("an entry");
    let entry = segment
        .client()
        .get_catalog_source()
        .source("my-source")
        .send()
        .await;
    let entry = entry.expect("an entry");
    assert_eq!(entry.name, "catalog/sources/my-source");
    assert_eq!(entry.display_name, "Mine");
    let refused = segment.insert("catalog/sources/other", json!("text"));
    assert!(refused.is_err());
}

#[tokio::test]
async fn regulations_run_on_their_own_and_can_be_taken_back_before_they_do() {
    let segment = empty().await;
    let client = segment.client();
    let create = || {
        let body = json!({"regulation_type": "Suppress", "attributes": {"name": "userId", "values": ["u-1", "u-2"]}});
        client
            .post("/workspaces/acme/regulations")
            .body(&body)
            .send::<Value>()
    };
    let early = create().await.expect("a regulation")["regulate_id"].clone();
    let get = |id: &Value| {
        client
            .get_regulation()
            .workspace("acme")
            .regulation(id.as_str().expect("an id"))
            .send()
    };
    assert_eq!(
        get(&early).await.expect("it").overall_status.to_string(),
        "initialized"
    );
    let minute = std::time::Duration::from_secs(60);
    segment.advance(minute);
    let late = create().await.expect("a regulation")["regulate_id"].clone();
    assert_eq!(
        get(&early).await.expect("it").overall_status.to_string(),
        "running"
    );
    let delete = |id: &Value| {
        client
            .delete_regulation()
            .workspace("acme")
            .regulation(id.as_str().expect("an id"))
            .send()
    };
    assert_eq!(
        refused(delete(&early).await),
        (400, 3, "the regulation has begun".into())
    );
    delete(&late).await.expect("not begun");
    segment.advance(minute);
    let finished = get(&early).await.expect("it");
    assert_eq!(finished.overall_status.to_string(), "finished");
    assert!(finished.finished_at > Some(finished.created_at.expect("a time")));
    let list = |status: &str| {
        client
            .get("/workspaces/acme/regulations")
            .query("status", status)
            .send::<Value>()
    };
    assert_eq!(
        list("finished").await.expect("a page")["entries"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        list("running").await.expect("a page")["entries"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    let suppressed = client
        .list_suppressed_users()
        .workspace("acme")
        .all()
        .await
        .expect("a list");
    assert_eq!(suppressed[0].values, ["u-1", "u-2"]);
    let body = json!({"regulation_type": "Unsuppress", "attributes": {"name": "userId", "values": ["u-1"]}});
    client
        .post("/workspaces/acme/regulations")
        .body(&body)
        .send::<Json>()
        .await
        .expect("made");
    let suppressed = client
        .list_suppressed_users()
        .workspace("acme")
        .all()
        .await
        .expect("a list");
    assert_eq!(suppressed[0].values, ["u-2"]);
}

#[tokio::test]
async fn functions_are_found_by_the_id_of_the_workspace_and_deployed_by_that_of_a_source() {
    let segment = acme().await;
    let client = segment.client();
    let list = |workspace: &str| {
        client
            .get(format!("/workspaces/{workspace}/functions"))
            .query("type", "SOURCE")
            .send::<Value>()
    };
    let functions = list("w1x9c2k7bq").await.expect("functions");
    assert_eq!(
        functions["functions"].as_array().map(Vec::len),
        Some(1),
        "of the type"
    );
    assert_eq!(
        refused(list("acme").await),
        (404, 5, "the workspace does not exist".into())
    );
    let untyped = client
        .get("/workspaces/w1x9c2k7bq/functions")
        .send::<Json>()
        .await;
    assert_eq!(refused(untyped), (400, 3, "type: missing".into()));
    let source = segment
        .resource("workspaces/acme/sources/js")
        .expect("a source");
    let instance = format!("sfn_{}", source["id"].as_str().expect("an id"));
    let latest = || {
        client
            .get_function_is_latest_version()
            .workspace_id("w1x9c2k7bq")
            .function(&instance)
            .send()
    };
    assert!(!latest().await.expect("known").is_latest);
    let deploy = |instance: &str| {
        client
            .deploy_function()
            .workspace_id("w1x9c2k7bq")
            .function(instance)
            .send()
    };
    deploy(&instance).await.expect("deployed");
    assert!(latest().await.expect("known").is_latest);
    let patch =
        segment_config_api::patch::FunctionPatch::new().code("async function onRequest() {}");
    let update = client
        .update_function()
        .workspace_id("w1x9c2k7bq")
        .function("sfnc_example_orders");
    update.body(patch).send().await.expect("updated");
    assert!(!latest().await.expect("known").is_latest);
    assert_eq!(
        refused(deploy("sfn_gone").await),
        (404, 5, "the function does not exist".into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_between_many_tasks() {
    let segment = empty().await;
    let client = segment.client();
    let tasks = (0..64).map(|task| {
        let client = client.clone();
        tokio::spawn(async move {
            for number in (task..1000).step_by(64) {
                let name = SourceName::new("acme", format!("source-{number}")).expect("a name");
                let new = NewSource::builder()
                    .name(&name)
                    .catalog_name("catalog/sources/ios");
                client
                    .create_source()
                    .workspace("acme")
                    .body(new)
                    .send()
                    .await
                    .expect("a source");
                let patch = SourcePatch::new().display_name(format!("Source {number}"));
                client
                    .update_source()
                    .name(&name)
                    .body(patch)
                    .send()
                    .await
                    .expect("updated");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("it ends");
    }
    let sources = client
        .list_sources()
        .workspace("acme")
        .all()
        .await
        .expect("sources");
    assert_eq!(sources.len(), 1000);
    for source in &sources {
        let number = source.name.rsplit('-').next().expect("a number");
        let expected = format!("Source {number}");
        assert_eq!(source.display_name.as_deref(), Some(expected.as_str()));
    }
    assert_eq!(
        segment.requests_of("create_source").len(),
        1000,
        "each once"
    );
    assert_eq!(
        segment.requests_of("update_source").len(),
        1000,
        "each once"
    );
}
