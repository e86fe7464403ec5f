use super::{run, stdout};
use segment_config_api::fake::{Fault, Segment};
use serde_json::Value;
use std::{fs, path::Path, process::Output, time::Duration};
use tempfile::TempDir;

/// More than is known to take a regulation to its end.
const ENOUGH: Duration = Duration::from_secs(600);

async fn acme() -> Segment {
    Segment::start().await.expect("a fake")
}

/// A directory with the ids of 12,000 users.
fn ids() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let ids: String = (0..12_000).map(|n| format!("customer-{n}\n")).collect();
    fs::write(dir.path().join("ids"), ids).expect("a file");
    dir
}

fn erase(segment: &Segment, dir: &Path, more: &[&str]) -> Output {
    let (ids, receipt) = (dir.join("ids"), dir.join("receipt"));
    let mut arguments = vec![ids.to_str().expect("a path"), "--workspace", "acme"];
    arguments.extend(["--receipt", receipt.to_str().expect("a path")]);
    arguments.extend(more);
    run(Some(segment), "erase-users", &arguments)
}

/// The statuses that it printed.
fn statuses(output: &Output) -> Vec<String> {
    let lines = stdout(output);
    let lines = lines.lines().map(serde_json::from_str::<Value>);
    lines
        .map(|line| line.expect("JSON")["status"].as_str().unwrap().to_string())
        .collect()
}

fn sizes(segment: &Segment) -> Vec<usize> {
    let requests = segment.requests_of("create_regulation");
    let values = |body: &Value| body["attributes"]["values"].as_array().map_or(0, Vec::len);
    requests.iter().map(|r| values(&r.body)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_as_it_stands() {
    let output = run(None, "erase-users", &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(statuses(&output), ["initialized"; 3]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("made up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_it_makes_up_no_ids() {
    let segment = acme().await;
    let output = run(Some(&segment), "erase-users", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(segment.requests().len(), 0);
}

#[test]
fn what_was_sent_to_a_made_up_workspace_is_on_no_receipt() {
    let dir = ids();
    let path = |name| dir.path().join(name).display().to_string();
    let output = run(
        None,
        "erase-users",
        &[&path("ids"), "--receipt", &path("receipt")],
    );
    assert!(output.status.success(), "{output:?}");
    assert!(!dir.path().join("receipt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_sent_in_batches_and_only_once() {
    let (segment, dir) = (acme().await, ids());
    let output = erase(&segment, dir.path(), &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sizes(&segment), [5_000, 5_000, 2_000]);
    let body = &segment.requests_of("create_regulation")[0].body;
    assert_eq!(body["regulation_type"], "Suppress_With_Delete");

    segment.advance(ENOUGH);
    let output = erase(&segment, dir.path(), &[]);
    assert_eq!(statuses(&output), ["finished"; 3]);
    assert_eq!(sizes(&segment).len(), 3, "nothing was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_it_goes_on_where_it_was() {
    let (segment, dir) = (acme().await, ids());
    segment.fail_next(Fault::delay(Duration::ZERO).of("create_regulation"));
    segment.fail_next(Fault::status(500).of("create_regulation"));
    let output = erase(&segment, dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");

    let output = erase(&segment, dir.path(), &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(statuses(&output).len(), 3);
    assert_eq!(sizes(&segment), [5_000, 5_000, 5_000, 2_000]);
    let [failed, again] = [1, 2].map(|n| segment.requests_of("create_regulation")[n].body.clone());
    assert_eq!(failed, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_something_else_is_refused() {
    let (segment, dir) = (acme().await, ids());
    erase(&segment, dir.path(), &[]);
    let receipt = fs::read_to_string(dir.path().join("receipt")).expect("a receipt");
    assert!(!receipt.contains("customer"), "it names users: {receipt}");

    let output = erase(&segment, dir.path(), &["--kind", "Suppress"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    fs::write(dir.path().join("ids"), "somebody-else\n").expect("a file");
    let output = erase(&segment, dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("receipt is of other ids"));
    assert_eq!(sizes(&segment).len(), 3, "nothing was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sends_and_writes_nothing() {
    let (segment, dir) = (acme().await, ids());
    let output = erase(&segment, dir.path(), &["--dry-run"]);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("3 batches, 0 of them sent before"));
    assert_eq!(segment.requests().len(), 0);
    assert!(!dir.path().join("receipt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_until_all_has_ended() {
    let (segment, dir) = (acme().await, ids());
    fs::write(dir.path().join("ids"), "\u{feff}ann\n\n bob\r\nann\n").expect("a file");
    let segment = std::sync::Arc::new(segment);
    let asked = segment.clone();
    let clock = tokio::spawn(async move {
        while asked.requests_of("get_regulation").len() < 2 {
            tokio::task::yield_now().await;
        }
        asked.advance(ENOUGH);
    });
    let output = tokio::task::block_in_place(|| erase(&segment, dir.path(), &["--interval", "0"]));
    clock.await.expect("the clock");
    assert_eq!(statuses(&output), ["finished"]);
    let body = &segment.requests_of("create_regulation")[0].body;
    assert_eq!(
        body["attributes"]["values"],
        serde_json::json!(["ann", "bob"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulation_that_failed_is_a_failure() {
    let (segment, dir) = (acme().await, ids());
    erase(&segment, dir.path(), &[]);
    let receipt = fs::read_to_string(dir.path().join("receipt")).expect("a receipt");
    let first: Value = serde_json::from_str(receipt.lines().next().expect("a line")).expect("JSON");
    let path = format!(
        "workspaces/acme/regulations/{}",
        first["regulate_id"].as_str().unwrap()
    );
    let mut regulation = segment.resource(&path).expect("a regulation");
    regulation["overall_status"] = "failed".into();
    segment.insert(&path, regulation).expect("it is put there");

    let output = erase(&segment, dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(statuses(&output)[0], "failed");
}
