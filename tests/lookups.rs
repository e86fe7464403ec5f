//! Resources by what people call them: found, and created or updated.

mod support;

use segment_config_api::{
    CreatedOrUpdated, ErrorKind,
    enums::FunctionType,
    names::{DestinationName, WorkspaceName},
    types::{FilterAction, Function, NewFilter, NewFunction},
};
use serde_json::{Value, json};
use support::server::{Reply, Server};

/// A server of one list, two items a page.
async fn lists(key: &'static str, items: Value) -> Server {
    let items: Vec<_> = items.as_array().unwrap().clone();
    Server::start(move |_, request| {
        let page: usize = request.query("page_token").unwrap_or("0").parse().unwrap();
        let pages: Vec<_> = items.chunks(2).collect();
        let next = (page + 1 < pages.len()).then(|| (page + 1).to_string());
        let items = pages.get(page).copied().unwrap_or_default();
        Reply::json(&json!({key: items, "next_page_token": next.unwrap_or_default()}))
    })
    .await
}

fn functions(names: &[&str]) -> Value {
    let function =
        |(n, name): (usize, &&str)| json!({"id": format!("id{n}"), "display_name": name});
    names.iter().enumerate().map(function).collect()
}

#[tokio::test(start_paused = true)]
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
    let server = lists("functions", functions(&names)).await;
    let client = server.client();
    let cases = [
        (Destination, "Orders", Some("id2")),
        (Destination, "Orders (Acme)", Some("id2")),
        (Destination, "Orders (EU)", Some("id0")),
        (Destination, "Refunds", Some("id3")),
        (Destination, "Plain", Some("id4")),
        (Destination, "Plai", None),
        (Destination, "Refunds (B", Some("id5")),
        (Destination, "orders", None),
        (Source, "Orders (Acme)", Some("id2")),
        // Nothing is appended to the name of a source function.
        (Source, "Orders", None),
    ];
    for (type_, name, id) in cases {
        let found = client.find_function("w1", &type_, name).await.unwrap();
        assert_eq!(found.map(|f| f.id).as_deref(), id, "{type_} {name}");
    }
    let request = &server.requests()[0];
    assert!(
        request
            .target
            .starts_with("/v1beta/workspaces/w1/functions?")
    );
    assert_eq!(request.query("type"), Some("DESTINATION"));
}

#[tokio::test(start_paused = true)]
async fn the_name_as_it_is_read_comes_first() {
    let server = lists("functions", functions(&["Orders (Acme)", "x", "Orders"])).await;
    let client = server.client();
    let found = client.find_function("w1", "DESTINATION", "Orders");
    assert_eq!(found.await.unwrap().unwrap().id, "id2");
}

#[tokio::test(start_paused = true)]
async fn two_functions_of_a_name_are_an_error_that_has_their_ids() {
    for name in ["Orders (Acme)", "Orders"] {
        // The second is on another page.
        let server = lists("functions", functions(&[name, "x", "y", name])).await;
        let client = server.client();
        let found = client.find_function("w1", "DESTINATION", "Orders");
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

#[tokio::test(start_paused = true)]
async fn a_plan_is_found_by_its_display_name() {
    let plan = |id: &str, name: &str| json!({"name": format!("workspaces/acme/tracking-plans/rs_{id}"), "display_name": name, "rules": {}});
    let plans = json!([
        plan("1", "Web"),
        plan("2", "Web "),
        plan("3", "Apps"),
        plan("4", "Web")
    ]);
    let server = lists("tracking_plans", plans).await;
    let client = server.client();
    let workspace = WorkspaceName::new("acme").unwrap();
    let found = client.find_tracking_plan(&workspace, "Apps").await.unwrap();
    assert_eq!(found.unwrap().name, "workspaces/acme/tracking-plans/rs_3");
    assert!(
        server.requests()[0]
            .target
            .starts_with("/v1beta/workspaces/acme/tracking-plans?")
    );
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

#[tokio::test(start_paused = true)]
async fn a_role_is_found_by_its_title() {
    let roles = json!([
        {"name": "workspaces/acme/roles/1"},
        {"name": "workspaces/acme/roles/2", "display_name": "Workspace Owner"},
        {"name": "workspaces/acme/roles/3", "display_name": "Source Viewer"},
        {"name": "workspaces/acme/roles/4", "display_name": "Source Viewer"},
    ]);
    let server = lists("roles", roles).await;
    let client = server.client();
    let found = client.find_role("acme", "Workspace Owner").await.unwrap();
    assert_eq!(found.unwrap().name, "workspaces/acme/roles/2");
    assert_eq!(client.find_role("acme", "Owner").await.unwrap(), None);
    assert_eq!(client.find_role("acme", "").await.unwrap(), None);
    let error = client.find_role("acme", "Source Viewer").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("roles/3, workspaces/acme/roles/4"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_item_that_cannot_be_read_may_be_the_second_and_is_an_error() {
    let server = lists(
        "roles",
        json!([{"name": "a", "display_name": "A"}, {"nom": "b"}]),
    )
    .await;
    let error = server.client().find_role("acme", "A").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_cannot_be_used_is_refused_before_anything_is_sent() {
    let server = lists("roles", json!([])).await;
    let client = server.client();
    let errors = [
        client.find_role("..", "A").await.unwrap_err(),
        client.find_tracking_plan("a/b", "A").await.unwrap_err(),
        client.find_function("", "SOURCE", "A").await.unwrap_err(),
    ];
    assert!(errors.iter().all(|e| e.is_argument()), "{errors:?}");
    assert_eq!(server.count(), 0);
}

const DESTINATION: &str = "workspaces/acme/sources/js/destinations/webhooks";

/// A server of a destination with these filters, which answers a write with what was sent.
async fn destination(filters: Value) -> Server {
    Server::start(move |_, request| match request.method.as_str() {
        "GET" if request.query("page_token").is_none() => {
            Reply::json(&json!({"filters": [], "next_page_token": "2"}))
        }
        "GET" => Reply::json(&json!({"filters": filters})),
        _ => {
            let sent: Value = serde_json::from_slice(&request.body).unwrap();
            let mut filter = sent["filter"].clone();
            filter["name"] = "written".into();
            Reply::json(&filter)
        }
    })
    .await
}

fn filter(id: &str, title: &str) -> Value {
    json!({
        "name": format!("{DESTINATION}/config/5f3a/filters/df_{id}"), "title": title, "if": "all",
        "description": "kept", "enabled": true, "actions": [{"type": "drop_event"}],
    })
}

fn no_pages() -> segment_config_api::types::builder::NewFilter {
    NewFilter::builder()
        .title("No pages")
        .if_("type = 'page'")
        .actions([FilterAction::drop_event()])
}

fn writes(server: &Server) -> Vec<(String, String, Value)> {
    let writes = server.requests().into_iter().filter(|r| r.method != "GET");
    let shown = writes.map(|r| (r.method, r.target, serde_json::from_slice(&r.body).unwrap()));
    shown.collect()
}

#[tokio::test(start_paused = true)]
async fn a_filter_of_a_new_title_is_created() {
    let server = destination(json!([filter("1", "no pages")])).await;
    let name: DestinationName = DESTINATION.parse().unwrap();
    let client = server.client();
    let outcome = client.create_or_update_filter(&name, no_pages());
    let outcome = outcome.await.unwrap();
    assert!(outcome.is_created());
    assert_eq!(outcome.value().name, "written");
    let body = json!({"filter": {
        "title": "No pages", "if": "type = 'page'", "actions": [{"type": "drop_event"}],
    }});
    let path = format!("/v1beta/{DESTINATION}/filters");
    assert_eq!(writes(&server), [("POST".to_string(), path, body)]);
}

#[tokio::test(start_paused = true)]
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
        let server = destination(json!([filter("1", "Other"), filter("2", "No pages")])).await;
        let client = server.client();
        let outcome = client.create_or_update_filter(DESTINATION, new);
        let outcome = outcome.await.unwrap();
        assert!(
            matches!(outcome, CreatedOrUpdated::Updated(_)),
            "{outcome:?}"
        );
        assert_eq!(outcome.into_value().name, "written");
        let [(method, path, mut body)] = writes(&server).try_into().unwrap();
        assert_eq!(
            (method.as_str(), path),
            ("PATCH", format!("/v1beta/{DESTINATION}/filters/df_2"))
        );
        let mask = body["update_mask"]["paths"].as_array_mut().unwrap();
        mask.sort_by_key(Value::to_string);
        assert_eq!(
            body,
            json!({"filter": changed, "update_mask": {"paths": paths}})
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_filters_of_a_title_none_is_changed() {
    let server = destination(json!([filter("1", "No pages"), filter("2", "No pages")])).await;
    let client = server.client();
    let outcome = client.create_or_update_filter(DESTINATION, no_pages());
    let error = outcome.await.unwrap_err();
    assert!(error.is_ambiguous());
    for id in ["df_1", "df_2"] {
        assert!(error.to_string().contains(id), "{error}");
    }
    assert_eq!(writes(&server), []);
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_cannot_be_known_is_refused_before_anything_is_sent() {
    let server = destination(json!([])).await;
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
        let outcome = server.client().create_or_update_filter(name, filter).await;
        let error = outcome.unwrap_err();
        assert!(
            error.is_argument() && error.to_string().contains(reason),
            "{error}"
        );
    }
    assert_eq!(server.count(), 0);
}

/// Three calls and their arguments; a larger one is moved about at a cost.
#[tokio::test]
async fn the_futures_are_small() {
    let client = support::client("http://127.0.0.1:9");
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
