use super::{run, stdout};
use segment_config_api::fake::Segment;
use serde_json::{Value, json};
use std::fs;

const AMPLITUDE: &str = "workspaces/acme/sources/js/destinations/amplitude";
const ANALYTICS: &str = "workspaces/acme/sources/js/destinations/google-analytics";

async fn acme() -> Segment {
    Segment::start().await.expect("a fake")
}

fn report(segment: Option<&Segment>, arguments: &[&str]) -> Value {
    let output = run(segment, "enable-destination", arguments);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

fn writes(segment: &Segment) -> usize {
    let requests = segment.requests();
    requests.iter().filter(|r| r.method != "GET").count()
}

fn setting(segment: &Segment, destination: &str, key: &str) -> Option<Value> {
    let config = segment.resource(destination)?["config"].clone();
    let name = format!("{destination}/config/{key}");
    let mut items = config.as_array()?.iter();
    Some(items.find(|item| item["name"] == name)?["value"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_as_it_stands() {
    let report = report(None, &[]);
    let settings = json!({"apiKey": "new"});
    let expected = json!({"name": AMPLITUDE, "outcome": "created", "settings": settings});
    assert_eq!(report, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_that_is_missing_is_created_and_on() {
    let segment = acme().await;
    let arguments = [
        AMPLITUDE,
        "apiKey=12345",
        "trackAllPages=true",
        "--connection-mode",
        "CLOUD",
    ];
    assert_eq!(report(Some(&segment), &arguments)["outcome"], "created");
    let destination = segment.resource(AMPLITUDE).expect("it is there");
    assert_eq!(
        (&destination["enabled"], &destination["connection_mode"]),
        (&json!(true), &json!("CLOUD"))
    );
    assert_eq!(
        setting(&segment, AMPLITUDE, "apiKey"),
        Some("12345".into()),
        "it stays a text"
    );
    assert_eq!(
        setting(&segment, AMPLITUDE, "trackAllPages"),
        Some(true.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_that_is_there_only_what_is_given_changes() {
    let segment = acme().await;
    let arguments = [
        ANALYTICS,
        "anonymizeIp=false",
        "trackingId=UA-EXAMPLE-1",
        "--off",
    ];
    let report = report(Some(&segment), &arguments);
    assert_eq!(report["outcome"], "updated");
    assert_eq!(
        report["settings"],
        json!({"anonymizeIp": "changed", "trackingId": "same"})
    );
    assert_eq!(
        segment.resource(ANALYTICS).expect("it is there")["enabled"],
        false
    );
    assert_eq!(
        setting(&segment, ANALYTICS, "anonymizeIp"),
        Some(false.into())
    );
    assert_eq!(
        setting(&segment, ANALYTICS, "dimensions"),
        Some(json!({"plan": "dimension1"}))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_settings_none_is_named_in_the_mask() {
    let segment = acme().await;
    report(Some(&segment), &[ANALYTICS]);
    let updates = segment.requests_of("update_destination");
    assert_eq!(
        updates[0].body["update_mask"]["paths"],
        json!(["destination.enabled"])
    );
    assert_eq!(
        setting(&segment, ANALYTICS, "anonymizeIp"),
        Some(true.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_catalog_is_not_sent() {
    let segment = acme().await;
    let wrong = [
        (
            "apiKey=k trackAllPages=often",
            "expected a boolean, found a text",
        ),
        ("apiKey=k apiKay=k", "apiKay"),
        ("secretKey=s", "setting `apiKey`: it is required"),
    ];
    for (settings, reason) in wrong {
        let mut arguments = vec![AMPLITUDE];
        arguments.extend(settings.split(' '));
        let output = run(Some(&segment), "enable-destination", &arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(writes(&segment), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let segment = acme().await;
    let of = |arguments: &[&str]| report(Some(&segment), arguments)["outcome"].clone();
    assert_eq!(
        of(&[AMPLITUDE, "apiKey=k", "--dry-run"]),
        "would be created"
    );
    assert_eq!(
        of(&[ANALYTICS, "anonymizeIp=false", "--dry-run"]),
        "would be updated"
    );
    assert_eq!(writes(&segment), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_comes_from_a_file_and_is_not_printed() {
    let segment = acme().await;
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("key");
    fs::write(&path, "EXAMPLE_SECRET\n").expect("a file");
    let secret = format!("secretKey=@{}", path.display());
    let output = run(
        Some(&segment),
        "enable-destination",
        &[AMPLITUDE, "apiKey=k", &secret],
    );
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        setting(&segment, AMPLITUDE, "secretKey"),
        Some("EXAMPLE_SECRET".into())
    );
    assert!(!format!("{output:?}").contains("EXAMPLE_SECRET"));
}
