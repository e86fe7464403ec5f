//! Resources by what people call them: found, and created or updated.

use segment_config_api::{
    Client, CreatedOrUpdated, ErrorKind,
    enums::FunctionType,
    fake::{Fault, Request, Segment},
    names::{DestinationName, WorkspaceName},
    types::{FilterAction, Function, NewFilter, NewFunction},
};
use serde_json::{Value, json};

/// A workspace with these, whose lists have one item a page.
async fn workspace<'r>(resources: impl IntoIterator<Item = (&'r str, Value)>) -> Segment {
    let segment = Segment::builder().acme().max_page_size(1);
    let segment = segment.start().await.unwrap();
    for (path, resource) in resources {
        segment.insert(path, resource).unwrap();
    }
    segment
}

const WORKSPACE_ID: &str = "w1x9c2k7bq";

/// A workspace with destination functions of these names, whose ids are `id0`, `id1` and so on.
async fn functions(names: &[&str]) -> Segment {
    let segment = workspace([]).await;
    for (n, name) in names.iter().enumerate() {
        let path = format!("workspaces/{WORKSPACE_ID}/functions/id{n}");
        let function = json!({"type": "DESTINATION", "display_name": name});
        segment.insert(&path, function).unwrap();
    }
    segment
}

#[tokio::test]
async fn a_function_is_found_by_its_name_as_written_and_as_read() {
    use FunctionType::{Destination, Source};
    let names = [
        "Orders (EU) (Acme)",
        "Orders 2 (Acme)",
        "Orders (Acme)",
        "Refunds (B (C))",
        "Plain",
        "Refunds (B",
    ];
    let segment = functions(&names).await;
    let path = format!("workspaces/{WORKSPACE_ID}/functions/source");
    let source = json!({"type": "SOURCE", "display_name": "Returns (Acme)"});
    segment.insert(&path, source).unwrap();
    let cases = [
        (Destination, "Orders", Some("id2")),
        (Destination, "Orders (Acme)", Some("id2")),
        (Destination, "Orders (EU)", Some("id0")),
        (Destination, "Refunds", Some("id3")),
        (Destination, "Plain", Some("id4")),
        (Destination, "Plai", None),
        (Destination, "Refunds (B", Some("id5")),
        (Destination, "orders", None),
        (Destination, "Returns", None),
        (Source, "Returns (Acme)", Some("source")),
        // Nothing is appended to the name of a source function.
        (Source, "Returns", None),
    ];
    for (type_, name, id) in cases {
        let client = segment.client();
        let found = client.find_function(WORKSPACE_ID, &type_, name).await;
        let found = found.unwrap().map(|f| f.id);
        assert_eq!(found.as_deref(), id, "{type_} {name}");
    }
}

#[tokio::test]
async fn the_name_as_it_is_read_comes_first() {
    let segment = functions(&["Orders (Acme)", "x", "Orders"]).await;
    let client = segment.client();
    let found = client.find_function(WORKSPACE_ID, "DESTINATION", "Orders");
    assert_eq!(found.await.unwrap().unwrap().id, "id2");
}

#[tokio::test]
async fn two_functions_of_a_name_are_an_error_that_has_their_ids() {
    for name in ["Orders (Acme)", "Orders"] {
        let segment = functions(&[name, "x", "y", name]).await;
        let client = segment.client();
        let found = client.find_function(WORKSPACE_ID, "DESTINATION", "Orders");
        let error = found.await.unwrap_err();
        assert!(error.is_ambiguous() && !error.may_have_been_sent());
        assert_eq!(error.operation(), Some("list_functions"));
        assert!(error.to_string().contains("id0, id3"), "{error}");
    }
}

#[test]
fn the_title_of_a_function_is_the_name_as_it_was_written() {
    let cases = [
        (json!("DESTINATION"), "Orders (Acme)", "Orders"),
        (json!("DESTINATION"), "Orders (Acme (EU))", "Orders"),
        (json!("DESTINATION"), "Größe (中)", "Größe"),
        (json!("DESTINATION"), "Orders of all", "Orders of all"),
        (json!("DESTINATION"), "Plan B", "Plan B"),
        (json!("DESTINATION"), "Orders(1)", "Orders(1)"),
        (json!("DESTINATION"), "Orders )", "Orders )"),
        (json!("DESTINATION"), "", ""),
        (json!("SOURCE"), "Orders (EU)", "Orders (EU)"),
        (Value::Null, "Orders (EU)", "Orders (EU)"),
    ];
    for (type_, name, title) in cases {
        let function = json!({"id": "1", "type": type_, "display_name": name});
        let function: Function = serde_json::from_value(function).unwrap();
        assert_eq!(function.title(), title);
    }
}

#[tokio::test]
async fn a_plan_is_found_by_its_display_name() {
    let plan = |name: &str| json!({"display_name": name});
    let segment = workspace([
        ("workspaces/acme/tracking-plans/rs_1", plan("Web")),
        ("workspaces/acme/tracking-plans/rs_2", plan("Web ")),
        ("workspaces/acme/tracking-plans/rs_3", plan("Apps")),
        ("workspaces/acme/tracking-plans/rs_4", plan("Web")),
    ])
    .await;
    let client = segment.client();
    let workspace = WorkspaceName::new("acme").unwrap();
    let found = client.find_tracking_plan(&workspace, "Apps").await.unwrap();
    assert_eq!(found.unwrap().name, "workspaces/acme/tracking-plans/rs_3");
    let found = client.find_tracking_plan("acme", "apps").await.unwrap();
    assert_eq!(found, None);
    let error = client.find_tracking_plan("acme", "Web").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(
        error
            .to_string()
            .contains("rs_1, workspaces/acme/tracking-plans/rs_4"),
        "{error}"
    );
}

#[tokio::test]
async fn a_role_is_found_by_its_title() {
    let viewer = json!({"display_name": "Source Viewer"});
    let segment = workspace([
        ("workspaces/acme/roles/untitled", json!({})),
        ("workspaces/acme/roles/viewer-2", viewer),
    ])
    .await;
    let client = segment.client();
    let found = client.find_role("acme", "Workspace Owner").await.unwrap();
    assert_eq!(found.unwrap().name, "workspaces/acme/roles/owner");
    assert_eq!(client.find_role("acme", "Owner").await.unwrap(), None);
    assert_eq!(client.find_role("acme", "").await.unwrap(), None);
    let error = client.find_role("acme", "Source Viewer").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("roles/viewer, workspaces/acme/roles/viewer-2"),
        "{error}"
    );
}

#[tokio::test]
async fn an_item_that_cannot_be_read_may_be_the_second_and_is_an_error() {
    let segment = workspace([]).await;
    let odd = json!({"roles": [{"name": "a", "display_name": "A"}, {"nom": "b"}]});
    segment.fail_next(Fault::status(200).body(odd.to_string()));
    let error = segment.client().find_role("acme", "A").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_parent_that_cannot_be_used_is_refused_before_anything_is_sent() {
    let segment = workspace([]).await;
    let client = segment.client();
    let errors = [
        client.find_role("..", "A").await.unwrap_err(),
        client.find_tracking_plan("a/b", "A").await.unwrap_err(),
        client.find_function("", "SOURCE", "A").await.unwrap_err(),
    ];
    assert!(errors.iter().all(|e| e.is_argument()), "{errors:?}");
    assert!(segment.requests().is_empty());
}

const DESTINATION: &str = "workspaces/acme/sources/js/destinations/webhooks";

/// A workspace with filters of these titles, whose ids are `df_1`, `df_2` and so on.
async fn filters(titles: &[&str]) -> Segment {
    let segment = workspace([]).await;
    for (n, title) in (1..).zip(titles) {
        let filter = json!({
            "title": title, "if": "all", "description": "kept", "enabled": true,
            "actions": [{"type": "sample_event", "percent": 0.5}],
        });
        let path = format!("{DESTINATION}/filters/df_{n}");
        segment.insert(&path, filter).unwrap();
    }
    segment
}

fn no_pages() -> segment_config_api::types::builder::NewFilter {
    NewFilter::builder()
        .title("No pages")
        .if_("type = 'page'")
        .actions([FilterAction::drop_event()])
}

fn writes(segment: &Segment) -> Vec<Request> {
    let mut requests = segment.requests();
    requests.retain(|r| r.method != "GET");
    requests
}

#[tokio::test]
async fn a_filter_of_a_new_title_is_created() {
    let segment = filters(&["no pages"]).await;
    let name: DestinationName = DESTINATION.parse().unwrap();
    let client = segment.client();
    let outcome = client.create_or_update_filter(&name, no_pages());
    let outcome = outcome.await.unwrap();
    assert!(outcome.is_created());
    assert_eq!(outcome.value().if_, "type = 'page'");
    let [create] = writes(&segment).try_into().unwrap();
    assert_eq!(create.operation, Some("create_destination_filter"));
    assert_eq!(create.path, format!("/v1beta/{DESTINATION}/filters"));
    let body = json!({"filter": {
        "title": "No pages", "if": "type = 'page'", "actions": [{"type": "drop_event"}],
    }});
    assert_eq!(create.body, body);
}

#[tokio::test]
async fn of_a_filter_of_the_title_exactly_the_given_fields_are_changed() {
    let given = json!({"if": "type = 'page'", "actions": [{"type": "drop_event"}]});
    let mut more = given.clone();
    more["enabled"] = false.into();
    let cases = [
        (no_pages(), given, json!(["actions", "if"])),
        (
            no_pages().enabled(false),
            more,
            json!(["actions", "enabled", "if"]),
        ),
    ];
    for (new, changed, paths) in cases {
        let segment = filters(&["Other", "No pages"]).await;
        let client = segment.client();
        let outcome = client.create_or_update_filter(DESTINATION, new);
        let outcome = outcome.await.unwrap();
        assert!(
            matches!(outcome, CreatedOrUpdated::Updated(_)),
            "{outcome:?}"
        );
        assert_eq!(outcome.value().if_, "type = 'page'");
        assert_eq!(outcome.value().description, "kept");
        let [mut update] = writes(&segment).try_into().unwrap();
        assert_eq!(update.operation, Some("update_destination_filter"));
        assert_eq!(update.path, format!("/v1beta/{DESTINATION}/filters/df_2"));
        let mask = update.body["update_mask"]["paths"].as_array_mut().unwrap();
        mask.sort_by_key(Value::to_string);
        let body = json!({"filter": changed, "update_mask": {"paths": paths}});
        assert_eq!(update.body, body);
    }
}

#[tokio::test]
async fn of_two_filters_of_a_title_none_is_changed() {
    let segment = filters(&["No pages", "No pages"]).await;
    let client = segment.client();
    let outcome = client.create_or_update_filter(DESTINATION, no_pages());
    let error = outcome.await.unwrap_err();
    assert!(error.is_ambiguous());
    for id in ["df_1", "df_2"] {
        assert!(error.to_string().contains(id), "{error}");
    }
    assert!(writes(&segment).is_empty());
}

#[tokio::test]
async fn a_filter_that_cannot_be_known_is_refused_before_anything_is_sent() {
    let segment = workspace([]).await;
    let untitled = NewFilter::builder()
        .if_("all")
        .actions([FilterAction::drop_event()]);
    let cases = [
        (DESTINATION, untitled, "`title`"),
        (DESTINATION, no_pages().title(""), "`title`"),
        (
            DESTINATION,
            NewFilter::builder().title("No pages"),
            "`actions` is required",
        ),
        (
            "webhooks",
            no_pages(),
            "`destination`: expected a name like",
        ),
    ];
    for (name, filter, reason) in cases {
        let outcome = segment.client().create_or_update_filter(name, filter).await;
        let error = outcome.unwrap_err();
        assert!(
            error.is_argument() && error.to_string().contains(reason),
            "{error}"
        );
    }
    assert!(segment.requests().is_empty());
}

/// Three calls and their arguments; a larger one is moved about at a cost.
#[test]
fn the_futures_are_small() {
    let client = Client::builder().build().unwrap();
    let filter: NewFilter = no_pages().try_into().unwrap();
    let name: DestinationName = DESTINATION.parse().unwrap();
    let sizes = [
        size_of_val(&client.create_or_update_filter(&name, filter)),
        size_of_val(&client.find_function("w1", "SOURCE", "A")),
    ];
    assert!(sizes.iter().all(|size| *size <= 2048), "{sizes:?}");
}

#[tokio::test]
async fn a_plan_is_created_updated_or_left_alone_by_title() {
    let segment = segment_config_api::fake::Segment::start().await.unwrap();
    let client = segment.client();
    let workspace = WorkspaceName::new("acme").unwrap();
    let put = |title: &'static str, rules| {
        client.create_or_update_tracking_plan(&workspace, title, rules)
    };
    let plans = client.tracking_plans_by_title("acme").await.unwrap();
    let titles: Vec<_> = plans.keys().map(String::as_str).collect();
    assert_eq!(titles, ["Mobile events", "Orders events", "Web events"]);
    let mut rules = plans["Web events"].rules.clone();

    let outcome = put("Web events", rules.clone()).await.unwrap();
    assert!(
        matches!(outcome, CreatedOrUpdated::Unchanged(_)),
        "{outcome:?}"
    );
    rules.remove_events(["Signed Up"]);
    let outcome = put("Web events", rules.clone()).await.unwrap();
    assert!(
        matches!(outcome, CreatedOrUpdated::Updated(_)),
        "{outcome:?}"
    );
    assert_eq!(outcome.value().name, plans["Web events"].name);
    assert_eq!(outcome.value().rules.events.as_ref().unwrap().len(), 2);
    let outcome = put("Mobile events 2", rules.clone()).await.unwrap();
    assert!(outcome.is_created());

    for _ in 0..2 {
        let plan = json!({"display_name": "Web events", "rules": {"events": []}});
        client
            .post("/workspaces/acme/tracking-plans")
            .body(&json!({"tracking_plan": plan}))
            .send::<Value>()
            .await
            .unwrap();
    }
    assert_eq!(
        put("Web events", rules).await.unwrap_err().kind(),
        ErrorKind::Ambiguous
    );
    let error = client.tracking_plans_by_title("acme").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
}

#[tokio::test]
async fn a_function_is_created_updated_or_left_alone_by_display_name() {
    let segment = segment_config_api::fake::Segment::start().await.unwrap();
    let client = segment.client();
    let put = |code: &'static str| {
        let new = NewFunction::builder()
            .display_name("Refunds")
            .code(code)
            .buildpack("boreal");
        client.create_or_update_function("w1x9c2k7bq", "DESTINATION", new)
    };
    let created = put("one").await.unwrap();
    assert!(created.is_created());
    assert_eq!(created.value().display_name, "Refunds (Acme)");
    let same = put("one").await.unwrap();
    assert!(matches!(same, CreatedOrUpdated::Unchanged(_)), "{same:?}");
    let updated = put("two").await.unwrap();
    assert!(
        matches!(updated, CreatedOrUpdated::Updated(_)),
        "{updated:?}"
    );
    assert_eq!(updated.value().id, created.value().id);
    let mask = &segment.requests_of("update_function")[0].body["update_mask"];
    assert_eq!(mask["paths"], json!(["function.code"]));
    let refused = client.create_or_update_function("w1", "SOURCE", NewFunction::builder());
    assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Argument);
}
