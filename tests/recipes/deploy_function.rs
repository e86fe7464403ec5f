use super::{run, stdout};
use segment_config_api::{
    enums::FunctionType,
    fake::{Fault, Segment},
};
use serde_json::json;
use std::{fs, process::Output};

const ID: &str = "w1x9c2k7bq";
const CODE: &str = "async function onRequest(request, settings) { Segment.track({}) }";

async fn acme() -> Segment {
    Segment::start().await.expect("a fake")
}

/// Runs the example with files of these texts.
fn deploy(segment: &Segment, code: &str, settings: Option<&str>, more: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    };
    let code = file("code.js", code);
    let mut arguments = vec!["--code", &code];
    let settings = settings.map(|text| file("settings.json", text));
    if let Some(settings) = &settings {
        arguments.extend(["--settings", settings]);
    }
    arguments.extend(more);
    run(Some(segment), "deploy-function", &arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_as_it_stands_and_writes_nothing() {
    let output = run(None, "deploy-function", &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(stdout(&output), "would update: Orders\n");
    let segment = acme().await;
    assert_eq!(
        run(Some(&segment), "deploy-function", &[]).status.code(),
        Some(0)
    );
    assert!(segment.requests_of("update_function").is_empty());
    assert!(segment.requests_of("deploy_function").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_updated_where_it_differs_and_deployed() {
    let segment = acme().await;
    let path = format!("workspaces/{ID}/functions/sfnc_example_orders");
    let before = segment.resource(&path).expect("a function");
    let output = deploy(
        &segment,
        CODE,
        None,
        &["--name", "Orders", "--deploy-to", "orders-api"],
    );
    assert_eq!(
        stdout(&output),
        "updated: Orders -> orders-api\n",
        "{output:?}"
    );
    let after = segment.resource(&path).expect("a function");
    assert_eq!(after["code"], CODE);
    assert_eq!(after["settings"], before["settings"], "they were not given");
    let updates = segment.requests_of("update_function");
    assert_eq!(
        updates[0].body["update_mask"]["paths"],
        json!(["function.code"])
    );
    let source = segment
        .resource("workspaces/acme/sources/orders-api")
        .expect("a source");
    let deployed = &segment.requests_of("deploy_function")[0].path;
    assert!(
        deployed.contains(&format!("sfn_{}", source["id"].as_str().expect("an id"))),
        "{deployed}"
    );

    let again = deploy(&segment, CODE, None, &["--name", "Orders", "--json"]);
    let report = json!({"function": "Orders", "action": "left as it is", "deploy_to": []});
    assert_eq!(stdout(&again), format!("{report}\n"));
    assert_eq!(segment.requests_of("update_function").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_destination_function_is_found_again_under_its_longer_name() {
    let segment = acme().await;
    let code = "async function onTrack(event, settings) {}";
    let settings =
        r#"[{"name": "apiKey", "label": "API key", "type": "string", "sensitive": true}]"#;
    let more = ["--name", "Refunds", "--type", "destination"];
    let output = deploy(&segment, code, Some(settings), &more);
    assert_eq!(stdout(&output), "created: Refunds\n", "{output:?}");
    let client = segment.client();
    let found = client
        .find_function(ID, FunctionType::Destination, "Refunds")
        .await;
    let found = found.expect("functions").expect("the function");
    assert_eq!(found.display_name, "Refunds (Acme)");
    assert_eq!(found.settings.expect("settings")[0].name, "apiKey");
    let again = deploy(&segment, code, Some(settings), &more);
    assert_eq!(stdout(&again), "left as it is: Refunds\n", "{again:?}");
    assert_eq!(segment.requests_of("create_function").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_if_the_preview_fails_or_a_source_is_gone() {
    let segment = acme().await;
    let output = deploy(&segment, "oops", None, &["--name", "Orders"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("the preview failed"));
    let output = deploy(
        &segment,
        CODE,
        None,
        &["--name", "Orders", "--deploy-to", "gone"],
    );
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output = deploy(&segment, CODE, None, &["--name", "Orders", "--dry-run"]);
    assert_eq!(stdout(&output), "would update: Orders\n");
    segment.fail_next(Fault::status(500).of("preview_function"));
    let output = deploy(&segment, CODE, None, &["--name", "Orders"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(segment.requests_of("update_function").is_empty());
    assert_eq!(
        deploy(&segment, CODE, None, &[]).status.code(),
        Some(2),
        "code wants a name"
    );
}
