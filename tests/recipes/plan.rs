use super::{run, stdout};
use segment_config_api::fake::Segment;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

const WEB: &str = "workspaces/acme/tracking-plans/rs_example0000000000000000001";

/// The three plans of the fake's workspace, in files.
async fn pulled() -> (Segment, TempDir) {
    let segment = Segment::start().await.expect("a fake");
    let directory = tempfile::tempdir().expect("a directory");
    let output = run(Some(&segment), "plan", &["pull", path(&directory)]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    (segment, directory)
}

fn path(directory: &TempDir) -> &str {
    directory.path().to_str().expect("a path")
}

fn edit(directory: &TempDir, edit: impl Fn(&mut Value)) {
    let file = directory.path().join("Web events.json");
    let mut rules = serde_json::from_slice(&fs::read(&file).expect("read")).expect("JSON");
    edit(&mut rules);
    fs::write(file, rules.to_string()).expect("written");
}

fn writes(segment: &Segment) -> Vec<&'static str> {
    let written = segment.requests().into_iter().filter(|r| r.method != "GET");
    written.filter_map(|r| r.operation).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_as_it_stands() {
    let output = run(None, "plan", &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        stdout(&output),
        "./Mobile events.json\n./Orders events.json\n./Web events.json\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pulled_is_what_is_there() {
    let (segment, directory) = pulled().await;
    let diff = run(Some(&segment), "plan", &["diff", path(&directory)]);
    assert_eq!((diff.status.code(), stdout(&diff).as_str()), (Some(0), ""));
    run(Some(&segment), "plan", &["push", path(&directory)]);
    assert!(writes(&segment).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_is_shown_and_pushed() {
    let (segment, directory) = pulled().await;
    edit(&directory, |rules| {
        rules["events"][0]["description"] = "Paid.".into()
    });
    fs::write(
        directory.path().join("New.json"),
        r#"{"events": [{"name": "Left", "rules": {}}]}"#,
    )
    .expect("written");
    fs::write(directory.path().join("README.md"), "ours").expect("written");
    let expected = "\
plan \"New\" (new)
+ event \"Left\"
plan \"Web events\"
~ event \"Order Completed\"
    ~ /description: \"Sent when: Order Completed.\" -> \"Paid.\"
";
    let diff = run(Some(&segment), "plan", &["diff", path(&directory)]);
    assert_eq!(
        (diff.status.code(), stdout(&diff).as_str()),
        (Some(1), expected)
    );
    let dry = run(
        Some(&segment),
        "plan",
        &["push", path(&directory), "--dry-run"],
    );
    assert_eq!(
        (dry.status.code(), stdout(&dry).as_str()),
        (Some(0), expected)
    );
    assert!(writes(&segment).is_empty());

    let push = run(Some(&segment), "plan", &["push", path(&directory)]);
    assert_eq!(
        (push.status.code(), stdout(&push).as_str()),
        (Some(0), expected)
    );
    assert_eq!(
        writes(&segment),
        ["create_tracking_plan", "update_tracking_plan"]
    );
    let plan = segment.resource(WEB).expect("the plan");
    assert_eq!(plan["rules"]["events"][0]["description"], "Paid.");
    assert_eq!(plan["rules"]["events"].as_array().expect("events").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_copied_to_another_workspace() {
    let segment = Segment::start().await.expect("a fake");
    let other = json!({"display_name": "Other", "id": "w2"});
    segment
        .insert("workspaces/other", other)
        .expect("a workspace");
    let copy = || {
        run(
            Some(&segment),
            "plan",
            &["copy", "other", "--workspace", "acme"],
        )
    };
    let output = copy();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(writes(&segment), ["create_tracking_plan"; 3]);
    let client = segment.client();
    let plans = client
        .tracking_plans_by_title("other")
        .await
        .expect("plans");
    let here = client.tracking_plans_by_title("acme").await.expect("plans");
    assert!(
        here["Web events"]
            .rules
            .diff(&plans["Web events"].rules)
            .is_empty()
    );
    assert_eq!(stdout(&copy()), "", "there is nothing left to do");
}

#[cfg(feature = "schemars")]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_rust_type_joins_the_others() {
    let segment = Segment::start().await.expect("a fake");
    let output = run(Some(&segment), "plan", &["event", "Web events"]);
    assert_eq!(
        stdout(&output),
        "plan \"Web events\"\n+ event \"Order Paid\"\n"
    );
    let plan = segment.resource(WEB).expect("the plan");
    let events = plan["rules"]["events"].as_array().expect("events");
    assert_eq!(events.len(), 4);
    assert_eq!(events[3]["description"], "A customer has paid.");
    assert_eq!(
        events[3]["rules"]["properties"]["properties"]["required"],
        json!(["order_id"])
    );
}
