use super::{run, stdout};
use serde_json::{Value, json};
use std::{fs, process::Output};

/// What it makes of requests: method, URL below that of Segment, and body.
fn migrate(requests: &[(&str, &str, Value)], more: &[&str]) -> Output {
    let entry = |(method, path, body): &(&str, &str, Value)| {
        let url = format!("https://platform.segmentapis.com/v1beta/workspaces/acme{path}");
        let body = json!({"mimeType": "application/json", "text": body.to_string()});
        json!({"request": {"method": method, "url": url, "postData": body}})
    };
    let entries: Vec<_> = requests.iter().map(entry).collect();
    migrate_har(&json!({"log": {"entries": entries}}), more)
}

fn migrate_har(har: &Value, more: &[&str]) -> Output {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("tooling.har");
    fs::write(&path, format!("\u{feff}{har}")).expect("a file");
    let mut arguments = vec![path.to_str().expect("a path")];
    arguments.extend(more);
    run(None, "migrate", &arguments)
}

/// The operations that it finds, with the calls that replace them.
fn found(output: &Output) -> Value {
    let rows: Value = serde_json::from_str(&stdout(output)).expect("JSON");
    let rows = rows.as_object().expect("an object").iter();
    rows.map(|(name, row)| (name.clone(), row["public_api"].clone()))
        .collect()
}

#[test]
fn it_runs_as_it_stands() {
    let output = run(None, "migrate", &[]);
    let printed = stdout(&output);
    assert!(output.status.success(), "{output:?}");
    assert!(
        printed.contains(
            "    1 × update_destination                       PATCH /destinations/{destinationId}\n"
        ),
        "{printed}"
    );
    assert!(
        printed.contains("sends destination.enabled, update_mask.paths\n"),
        "{printed}"
    );
    assert!(
        printed.contains("connection mode can be neither read nor set"),
        "{printed}"
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("made up"));
}

#[test]
fn what_has_no_replacement_is_told_by_the_exit_status() {
    let requests = [
        ("GET", "/sources?page_token=2", json!(null)),
        ("GET", "/sources/", json!(null)),
        (
            "POST",
            "/functions/preview",
            json!({"code": "EXAMPLE_CODE"}),
        ),
    ];
    let output = migrate(&requests, &[]);
    let printed = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        printed.contains("    2 × list_sources                             GET /sources\n"),
        "{printed}"
    );
    assert!(
        printed.contains("preview_function                         no replacement\n"),
        "{printed}"
    );
    assert!(
        printed.contains("The Public API has no preview of functions."),
        "{printed}"
    );
    assert!(!printed.contains("EXAMPLE_CODE"), "{printed}");
}

#[test]
fn operations_that_look_alike_are_told_apart() {
    let destination = "/sources/js/destinations/slack";
    let requests = [
        ("GET", "/roles/-/policies", json!(null)),
        ("POST", "/sources/js/regulations", json!({"attributes": {}})),
        (
            "POST",
            "/sources/js/regulations",
            json!({"collection": "users"}),
        ),
        (
            "GET",
            &format!("{destination}/config/5f3a/filters/df_1"),
            json!(null),
        ),
        (
            "GET",
            &format!("{destination}/metrics:getSummary"),
            json!(null),
        ),
    ];
    let output = migrate(&requests, &["--json"]);
    let expected = json!({
        "list_policies": null,
        "create_source_regulation": "POST /regulations/sources/{sourceId}",
        "delete_cloud_source_object": "POST /regulations/cloudsources/{sourceId}",
        "get_destination_filter": "GET /destination/{destinationId}/filters/{filterId}",
        "get_destination_metrics_summary": "GET /destinations/{destinationId}/delivery-metrics",
    });
    assert_eq!(found(&output), expected);
}

#[test]
fn every_operation_of_the_document_is_found() {
    let document = include_str!("../../spec/config-api.json");
    let document: Value = serde_json::from_str(document).expect("JSON");
    let (mut entries, mut expected) = (Vec::new(), serde_json::Map::new());
    for (template, methods) in document["paths"].as_object().expect("paths") {
        let (path, variant) = template.split_once('#').unwrap_or((template, ""));
        let path = path.replace(['{', '}'], "");
        let body = if variant.is_empty() {
            json!({})
        } else {
            json!({"collection": "x"})
        };
        for (method, operation) in methods.as_object().expect("methods") {
            let request = json!({
                "method": method.to_uppercase(),
                "url": format!("https://platform.segmentapis.com/v1beta{path}"),
                "postData": {"text": body.to_string()},
            });
            entries.push(json!({ "request": request }));
            let name = operation["operationId"].as_str().expect("a name");
            expected.insert(name.into(), operation["x-public-api"].clone());
        }
    }
    let output = migrate_har(&json!({"log": {"entries": entries}}), &["--json"]);
    assert_eq!(found(&output), Value::from(expected));
}

#[test]
fn what_is_not_of_the_api_is_left_out_and_what_is_not_known_is_shown() {
    let request = |method: &str, url: &str| json!({"request": {"method": method, "url": url}});
    let entries = json!([
        request("GET", "https://api.example.com/v1beta/workspaces"),
        request(
            "OPTIONS",
            "https://platform.segmentapis.com/v1beta/workspaces"
        ),
        request(
            "GET",
            "https://platform.segmentapis.com/v1beta/workspaces/acme/unheard-of"
        ),
        {},
    ]);
    let output = migrate_har(&json!({"log": {"entries": entries}}), &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        found(&output),
        json!({"GET /workspaces/acme/unheard-of": null})
    );
}

#[test]
fn what_is_no_har_is_an_error() {
    let output = migrate_har(&json!([1, 2]), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("no HAR"),
        "{output:?}"
    );
}
