use super::{run, stdout};
use segment_config_api::fake::{Fault, Segment};
use serde_json::{Value, json};
use std::fs;

/// Small enough for the rate limit of a client that thinks it talks to Segment: twelve
/// destinations in cloud mode, and one in device mode.
async fn acme() -> Segment {
    let segment = Segment::builder().start().await.expect("a fake");
    let put = |path: String, value| segment.insert(&path, value).expect("it is put there");
    for source in ["js", "orders-api"] {
        let source = format!("workspaces/acme/sources/{source}");
        put(
            source.clone(),
            json!({"catalog_name": "catalog/sources/javascript"}),
        );
        for slug in [
            "amplitude",
            "customer.io",
            "google-analytics",
            "intercom",
            "slack",
            "webhooks",
        ] {
            let cloud = json!({"enabled": true, "connection_mode": "CLOUD"});
            put(format!("{source}/destinations/{slug}"), cloud);
        }
    }
    let device = json!({"enabled": true, "connection_mode": "DEVICE"});
    put(
        "workspaces/acme/sources/js/destinations/example-crm-002".into(),
        device,
    );
    segment
}

fn delivery(segment: &Segment, more: &[&str]) -> (Option<i32>, String, String) {
    let mut arguments = vec!["--workspace", "acme"];
    arguments.extend(more);
    let output = run(Some(segment), "delivery", &arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stdout(&output), errors)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_as_it_stands() {
    let output = run(None, "delivery", &[]);
    let (chart, notes) = (stdout(&output), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(chart.lines().count(), 10);
    let bars = |line: &str| line.chars().filter(|c| ('▁'..='█').contains(c)).count();
    assert!(chart.lines().all(|line| bars(line) == 24), "{chart}");
    assert!(
        notes.contains("made up") && notes.contains("inferred"),
        "{notes}"
    );
    assert!(
        notes.contains("0 of 29 destinations have more than 5 %"),
        "{notes}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_destinations_are_there_in_json_those_with_most_retries_first() {
    let segment = acme().await;
    let (code, printed, _) = delivery(&segment, &["--json"]);
    let all: Vec<Value> = serde_json::from_str(&printed).expect("JSON");
    let retries: Vec<_> = all
        .iter()
        .map(|d| d["retries"].as_f64().expect("a number"))
        .collect();
    assert_eq!((code, all.len()), (Some(0), 12));
    assert!(retries.is_sorted_by(|a, b| a >= b), "{retries:?}");
    assert!(
        all.iter()
            .any(|d| d["destination"] == "orders-api/customer.io")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_over_the_threshold_is_told_by_the_exit_status() {
    let segment = acme().await;
    let (code, _, notes) = delivery(&segment, &["--alert", "0.5"]);
    assert_eq!(code, Some(1), "{notes}");
    assert!(
        notes.contains("12 of 12 destinations have more than 0.5 %"),
        "{notes}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chart_is_drawn_into_a_file() {
    let segment = acme().await;
    let dir = tempfile::tempdir().expect("a directory");
    let png = dir.path().join("chart.png");
    let (code, _, notes) = delivery(&segment, &["--png", png.to_str().expect("a path")]);
    assert_eq!(code, Some(0), "{notes}");
    let png = fs::read(png).expect("a file");
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!((&png[1..4], side(16), side(20)), (&b"PNG"[..], 640, 900));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_another_shape_is_shown() {
    for body in [
        r#"{"series": [{"successes": 7}]}"#,
        r#"{"metrics": {"successes": 7}}"#,
        r#"{"metrics": [{"name": "successes", "points": [{"value": "7"}]}]}"#,
        r#"{"metrics": [{"name": "successes", "points": []}]}"#,
        "{}",
    ] {
        let segment = acme().await;
        let fault = Fault::status(200).body(body);
        segment.fail_next(fault.of("list_destination_metrics"));
        let (code, printed, notes) = delivery(&segment, &[]);
        assert_eq!((code, printed.as_str()), (Some(1), ""), "{notes}");
        let compact = body.replace(": ", ":").replace(", ", ",");
        let message = format!("not of the shape that was inferred: {compact}");
        assert!(notes.contains(&message), "{notes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_many_points_is_drawn_as_well() {
    let segment = acme().await;
    let points = vec![r#"{"value": 3}"#; 2_000].join(",");
    let body = format!(r#"{{"metrics": [{{"name": "x/successes", "points": [{points}]}}]}}"#);
    let fault = Fault::status(200).body(body).times(12);
    segment.fail_next(fault.of("list_destination_metrics"));
    let dir = tempfile::tempdir().expect("a directory");
    let png = dir.path().join("chart.png");
    let (code, _, notes) = delivery(&segment, &["--png", png.to_str().expect("a path")]);
    assert_eq!(code, Some(0), "{notes}");
}
