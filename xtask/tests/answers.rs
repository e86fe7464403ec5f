//! `cargo xtask drift --har` and `--live`: answers held against the schemas, and no secret
//! of theirs shown.

mod support;

use httpmock::MockServer;
use serde_json::{Value, json};
use support::{Checkout, Output};

const TOKEN: &str = "qiTgISif4zprgBb5j4hXfp3qhDbxrntWwwOaHgAMr8";

fn entry(method: &str, url: &str, status: u16, answer: &str) -> Value {
    json!({
        "request": {
            "method": method,
            "url": url,
            "headers": [{"name": "Authorization", "value": format!("Bearer {TOKEN}")}],
            "cookies": [{"name": "session", "value": "COOKIE_SECRET"}],
            "queryString": [],
        },
        "response": {
            "status": status,
            "headers": [{"name": "Set-Cookie", "value": "session=COOKIE_SECRET; Secure"}],
            "cookies": [],
            "content": {"mimeType": "application/json", "text": answer},
        },
    })
}

fn drift(entries: &[Value]) -> Output {
    let checkout = Checkout::new();
    let har = json!({"log": {"version": "1.2", "entries": entries}});
    checkout.write("calls.har", &har.to_string());
    checkout.run("drift --har calls.har")
}

fn url(path: &str) -> String {
    format!("https://platform.segmentapis.com/v1beta{path}")
}

/// The findings without their messages.
fn found(output: &Output) -> Vec<&str> {
    let lines = output.stdout.lines().filter(|l| l.contains('#'));
    lines
        .filter_map(|l| l.split_once(": ").map(|(head, _)| head))
        .collect()
}

fn destination() -> Value {
    let sample = Checkout::new().json("spec/samples/get_destination.json");
    sample["response"].clone()
}

const DESTINATION: &str = "/workspaces/acme/sources/js/destinations/google-analytics";

#[test]
fn an_answer_that_fits_is_in_sync() {
    let output = drift(&[entry(
        "GET",
        &url(DESTINATION),
        200,
        &destination().to_string(),
    )]);
    assert_eq!(output.status, 0, "{}", output.stdout);
    assert!(
        output
            .stdout
            .contains("compared: calls.har: HAR 1.2, 1 calls, sha256 ")
    );
}

#[test]
fn four_differences_are_four_findings_with_two_pointers_each() {
    let mut answer = destination();
    let fields = answer.as_object_mut().expect("an object");
    fields.insert("colour".into(), json!("blue"));
    fields.remove("display_name");
    fields.insert("enabled".into(), json!("yes"));
    fields.insert("connection_mode".into(), json!("PIGEON"));
    let output = drift(&[entry("GET", &url(DESTINATION), 200, &answer.to_string())]);
    assert_eq!(output.status, 5);
    let at = "calls.har#/log/entries/0/response/content/text";
    assert_eq!(
        found(&output),
        [
            format!("answer/wrong-type breaking {at}/enabled"),
            format!("answer/missing-field compatible {at}"),
            format!("answer/unknown-enum-value compatible {at}/connection_mode"),
            format!("answer/unknown-field compatible {at}/colour"),
        ],
        "{}",
        output.stdout
    );
    for schema in [
        "(spec/config-api.json#/components/schemas/Destination/properties/enabled)",
        "(spec/config-api.json#/components/schemas/Destination/properties/display_name)",
        "(spec/config-api.json#/components/schemas/ConnectionMode/enum)",
        "(spec/config-api.json#/components/schemas/Destination/properties)",
    ] {
        assert!(
            output.stdout.contains(schema),
            "{schema}: {}",
            output.stdout
        );
    }
    assert!(
        output.stdout.contains("enabled")
            && output.stdout.contains("string where boolean is expected")
    );
    assert!(output.stdout.contains("`PIGEON`"));
    // Alone, what the types tolerate is compatible.
    let mut answer = destination();
    answer["colour"] = json!(1);
    let output = drift(&[entry("GET", &url(DESTINATION), 200, &answer.to_string())]);
    assert_eq!(output.status, 4, "{}", output.stdout);
}

#[test]
fn a_limit_of_the_document_does_not_hide_the_answers() {
    let checkout = Checkout::new();
    checkout.edit("spec/config-api.json", |d| {
        let fields = &mut d["components"]["schemas"]["Destination"]["properties"];
        fields["size"] = json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true});
    });
    let mut answer = destination();
    answer["size"] = json!("small");
    let har = entry("GET", &url(DESTINATION), 200, &answer.to_string());
    let har = json!({"log": {"version": "1.2", "entries": [har]}});
    checkout.write("calls.har", &har.to_string());
    let output = checkout.run("drift --har calls.har");
    assert_eq!(output.status, 5, "{}", output.stdout);
    assert!(output.stdout.contains("answer/wrong-type breaking"));
}

#[test]
fn what_may_be_null_and_has_a_name_may_have_the_wrong_type() {
    let checkout = Checkout::new();
    checkout.edit("spec/config-api.json", |d| {
        let fields = &mut d["components"]["schemas"]["Destination"]["properties"];
        fields["kept"] =
            json!({"allOf": [{"$ref": "#/components/schemas/LibraryConfig"}], "nullable": true});
    });
    let mut answer = destination();
    answer["kept"] = json!("small");
    let har = entry("GET", &url(DESTINATION), 200, &answer.to_string());
    let har = json!({"log": {"version": "1.2", "entries": [har]}});
    checkout.write("calls.har", &har.to_string());
    let output = checkout.run("drift --har calls.har");
    assert_eq!(output.status, 5, "{}", output.stdout);
    let first = found(&output)[0];
    assert!(first.starts_with("answer/wrong-type breaking"), "{first}");
}

#[test]
fn an_answer_without_its_identifier_cannot_be_read() {
    let mut answer = destination();
    answer["name"] = Value::Null;
    let output = drift(&[entry("GET", &url(DESTINATION), 200, &answer.to_string())]);
    assert_eq!(output.status, 5);
    assert!(found(&output)[0].starts_with("answer/missing-identifier breaking"));
    // The only thing that an answer always has, and a page of something else.
    for (method, path, answer) in [
        ("POST", "/workspaces/acme/regulations", r#"{"id": "x"}"#),
        ("GET", "/workspaces/acme/users", r#"{"people": []}"#),
    ] {
        let output = drift(&[entry(method, &url(path), 200, answer)]);
        assert_eq!(output.status, 5, "{}", output.stdout);
        assert!(found(&output)[0].starts_with("answer/missing-identifier breaking"));
    }
    let output = drift(&[entry("GET", &url("/workspaces/acme/users"), 200, "{}")]);
    assert_eq!(output.status, 4, "{}", output.stdout);
}

#[test]
fn an_answer_is_judged_as_the_client_reads_it() {
    let created = |time: &str| {
        let mut answer = destination();
        answer["create_time"] = json!(time);
        answer.to_string()
    };
    let metric = "/workspaces/acme/sources/js/destinations/x/metrics/y";
    let source = "/workspaces/acme/sources/js";
    for (method, path, answer, expected) in [
        // Where nothing is to be read, nothing has to be there.
        ("DELETE", source, "", None),
        ("GET", metric, "", None),
        ("GET", metric, "oops", Some("answer/unreadable breaking")),
        ("GET", source, "null", Some("answer/wrong-type breaking")),
        ("GET", DESTINATION, &created(""), None),
        (
            "GET",
            DESTINATION,
            &created("soon"),
            Some("answer/wrong-type breaking"),
        ),
        (
            "GET",
            "/workspaces/acme/invites",
            r#"{"invites": [{"people": 1}]}"#,
            Some("answer/missing-identifier breaking"),
        ),
    ] {
        let output = drift(&[entry(method, &url(path), 200, answer)]);
        let status = if expected.is_some() { 5 } else { 0 };
        assert_eq!(output.status, status, "{path} {answer}: {}", output.stdout);
        let first = found(&output).first().map_or("", |line| *line).to_string();
        let expected = expected.unwrap_or_default();
        assert!(first.starts_with(expected), "{path} {answer}: {first}");
    }
}

#[test]
fn an_answer_that_was_not_recorded_was_not_looked_at() {
    for content in [
        json!({"size": 20}),
        json!({"encoding": "base64", "text": "!"}),
        json!({"encoding": "gzip", "text": "{}"}),
    ] {
        let path = "/workspaces/acme/sources/js/destinations/x/metrics/y";
        let mut entry = entry("GET", &url(path), 200, "{}");
        entry["response"]["content"] = content;
        let other = self::entry("GET", &url(path), 200, "{}");
        let output = drift(&[entry, other]);
        assert_eq!(output.status, 1, "{}", output.stdout);
        assert!(
            output.stdout.contains("was not recorded"),
            "{}",
            output.stdout
        );
    }
}

#[test]
fn each_kind_of_call_is_told_from_the_others() {
    let query = "?page_size=5&sort=name";
    let output = drift(&[
        entry("GET", &url("/robots"), 200, "{}"),
        entry(
            "GET",
            &url(&format!("/workspaces{query}")),
            200,
            r#"{"workspaces": []}"#,
        ),
        entry(
            "GET",
            &url("/workspaces/acme/sources/gone"),
            404,
            r#"{"code": 5}"#,
        ),
        entry("GET", &url("/workspaces/acme/sources/js"), 200, "<html>"),
        entry("GET", "https://www.example.com/", 200, "{}"),
        entry(
            "GET",
            &url(&format!("{DESTINATION}/metrics:getSummary")),
            200,
            r#"{"rows": []}"#,
        ),
        json!({"request": {}}),
    ]);
    assert_eq!(output.status, 1, "{}", output.stdout);
    let ids: Vec<_> = found(&output)
        .iter()
        .filter_map(|l| l.rsplit_once(' '))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(
        ids,
        [
            "source/not-understood error",
            "answer/unreadable breaking",
            "answer/undescribed compatible",
            "answer/unknown-operation compatible",
            "answer/unknown-parameter compatible",
            "answer/failed note",
            "answer/other-host note",
        ],
        "{}",
        output.stdout
    );
    assert!(
        output.stdout.contains("get_destination_metrics_summary"),
        "the custom verb is matched"
    );
}

#[test]
fn two_operations_on_one_path_are_told_apart_by_the_body() {
    let checkout = Checkout::new();
    let calls = ["create_source_regulation", "delete_cloud_source_object"].map(|id| {
        let sample = checkout.json(&format!("spec/samples/{id}.json"));
        let mut answer = sample["response"].clone();
        answer["colour"] = json!(1);
        let mut call = entry(
            "POST",
            &url("/workspaces/acme/sources/js/regulations"),
            200,
            &answer.to_string(),
        );
        call["request"]["postData"] = json!({"text": sample["request"].to_string()});
        call
    });
    let output = drift(&calls);
    for id in [
        "create_source_regulation: the field",
        "delete_cloud_source_object: the field",
    ] {
        assert!(output.stdout.contains(id), "{id}: {}", output.stdout);
    }
}

#[test]
fn no_secret_of_a_recording_is_shown() {
    let mut answer = destination();
    answer["connection_mode"] = json!(TOKEN);
    answer["write_key"] = json!("BODY_SECRET");
    answer[TOKEN] = json!(1);
    answer["COOKIE_SECRET"] = json!(1);
    let address = format!("{}?access_token={TOKEN}&{TOKEN}=1", url(DESTINATION));
    let mut calls = vec![entry("GET", &address, 200, &answer.to_string())];
    calls.push(entry(
        "GET",
        &url(&format!("/workspaces/{TOKEN}/x")),
        500,
        TOKEN,
    ));
    let checkout = Checkout::new();
    let har = json!({"log": {"version": "1.2", "entries": calls}});
    checkout.write("calls.har", &har.to_string());
    for format in ["text", "json", "markdown"] {
        let output = checkout.run(&format!("drift --har calls.har --format {format}"));
        assert_eq!(output.status, 4, "{}", output.stdout);
        for secret in [TOKEN, "COOKIE_SECRET", "BODY_SECRET"] {
            assert!(
                !output.stdout.contains(secret) && !output.stderr.contains(secret),
                "{format}: {}",
                output.stdout
            );
        }
    }
}

#[test]
fn a_recording_without_a_call_of_the_api_is_not_in_sync() {
    let output = drift(&[]);
    assert_eq!(output.status, 1);
    assert!(
        output
            .stdout
            .contains("source/unreadable error calls.har: no call of this API")
    );
}

#[test]
fn live_answers_are_read_with_a_token_and_by_get_alone() {
    let server = MockServer::start();
    let sample =
        |id: &str| Checkout::new().json(&format!("spec/samples/{id}.json"))["response"].clone();
    let mut workspaces = sample("list_workspaces");
    workspaces["workspaces"][0]["colour"] = json!("blue");
    let workspaces = server.mock(|when, then| {
        when.method("GET")
            .path("/v1beta/workspaces")
            .header("authorization", format!("Bearer {TOKEN}"));
        then.status(200).json_body(workspaces);
    });
    let sources = server.mock(|when, then| {
        when.method("GET")
            .path_matches("^/v1beta/workspaces/[a-z-]+/sources$");
        then.status(200).json_body(sample("list_sources"));
    });
    let functions = server.mock(|when, then| {
        when.method("GET")
            .path_matches("^/v1beta/workspaces/[a-z0-9]+/functions$")
            .query_param("type", "SOURCE");
        then.status(200).json_body(sample("list_functions"));
    });
    let rest = server.mock(|when, then| {
        when.is_true(|request| {
            request.method_str() == "GET"
                && !["workspaces", "sources", "functions"]
                    .iter()
                    .any(|e| request.uri().path().ends_with(e))
        });
        then.status(404)
            .json_body(json!({"error": "not found", "code": 5}));
    });
    let base = server.url("/v1beta");
    let environment = [
        ("SEGMENT_ACCESS_TOKEN", TOKEN),
        ("SEGMENT_CONFIG_API_URL", &base),
    ];
    let output = Checkout::new().run_with("drift --live", &environment);
    assert_eq!(output.status, 4, "{}{}", output.stdout, output.stderr);
    assert!(
        output.stdout.contains("answer/unknown-field compatible"),
        "{}",
        output.stdout
    );
    assert!(
        output.stdout.contains("live answers, "),
        "{}",
        output.stdout
    );
    assert!(!output.stdout.contains(TOKEN));
    assert_eq!(
        (workspaces.calls(), sources.calls(), functions.calls()),
        (1, 1, 1)
    );
    assert!(rest.calls() > 10, "{} other calls", rest.calls());
}

#[test]
fn a_live_look_says_what_it_could_not_call_and_uses_real_names() {
    let server = MockServer::start();
    let at = "workspaces/acme/sources/js/destinations/ga";
    let answers = [
        (
            "/v1beta/workspaces".to_string(),
            json!({"workspaces": [{"name": "workspaces/acme"}]}),
        ),
        (
            "/v1beta/workspaces/acme/sources".into(),
            json!({"sources": [{"name": "workspaces/acme/sources/js"}]}),
        ),
        (
            "/v1beta/workspaces/acme/sources/js/destinations".into(),
            json!({"destinations": [{"name": at}]}),
        ),
        (
            format!("/v1beta/{at}/filters"),
            json!({"filters": [{"name": format!("{at}/config/c1/filters/df_1")}]}),
        ),
    ];
    for (path, answer) in answers {
        server.mock(|when, then| {
            when.method("GET").path(path);
            then.status(200).json_body(answer);
        });
    }
    let filter = server.mock(|when, then| {
        when.path(format!("/v1beta/{at}/filters/df_1"));
        then.status(404);
    });
    let batch = server.mock(|when, then| {
        when.path("/v1beta/workspaces/acme/event-delivery-metrics:batchGetSummary")
            .query_param("names", at);
        then.status(404);
    });
    let basic = server.mock(|when, then| {
        when.path_matches("^/v1beta/(access-tokens|installs).*");
        then.status(401);
    });
    let made_up = server.mock(|when, then| {
        when.path_matches(".*metrics:batchGet$");
        then.status(404);
    });
    server.mock(|when, then| {
        when.method("GET");
        then.status(404);
    });
    let command = format!("drift --live --base-url {}", server.url("/v1beta"));
    let output = Checkout::new().run_with(&command, &[("SEGMENT_ACCESS_TOKEN", TOKEN)]);
    assert!([0, 4, 5].contains(&output.status), "{}", output.stdout);
    assert_eq!((filter.calls(), batch.calls()), (1, 1), "{}", output.stdout);
    assert_eq!(
        (basic.calls(), made_up.calls()),
        (0, 0),
        "{}",
        output.stdout
    );
    for unseen in [
        "list_access_tokens: it takes other credentials than a token",
        "batch_get_destination_metrics: no name is known",
    ] {
        assert!(
            output.stdout.contains(unseen),
            "{unseen}: {}",
            output.stdout
        );
    }
    assert!(output.stdout.contains("answer/not-called note"));
}

#[test]
fn a_service_that_lets_nobody_in_was_not_looked_at() {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.method("GET");
        then.status(401)
            .json_body(json!({"error": "unauthenticated", "code": 16}));
    });
    let command = format!("drift --live --base-url {}", server.url("/v1beta"));
    let output = Checkout::new().run_with(&command, &[("SEGMENT_ACCESS_TOKEN", TOKEN)]);
    assert_eq!(output.status, 6, "{}", output.stdout);
    assert!(output.stdout.contains("source/unreachable unreachable"));
}

#[test]
fn a_token_is_needed_and_goes_to_no_plain_host() {
    let output = Checkout::new().run("drift --live");
    assert_eq!(output.status, 1);
    assert!(output.stderr.contains("SEGMENT_ACCESS_TOKEN"));
    let command = "drift --live --base-url http://segment.invalid/v1beta";
    let output = Checkout::new().run_with(command, &[("SEGMENT_ACCESS_TOKEN", TOKEN)]);
    assert_eq!(output.status, 1);
    assert!(output.stderr.contains("https only"), "{}", output.stderr);
}

#[test]
fn the_keys_of_a_map_are_data() {
    let mut answer = destination();
    let field = answer.as_object_mut().expect("an object");
    field.insert("k3y0fAcust0mer".into(), json!(1));
    let filter = json!({"filters": [{
        "name": "workspaces/acme/sources/js/destinations/ga/filters/df_1",
        "actions": [{"type": "whitelist_fields", "fields": {"traits": {"fields": ["a"]}, "correcthorse": 5}}],
    }]});
    let path = format!("{DESTINATION}/filters");
    let labels = json!({"sources": [{"name": "workspaces/acme/sources/js", "labels": {"correcthorsebattery": 5}}]});
    let output = drift(&[
        entry("GET", &url(DESTINATION), 200, &answer.to_string()),
        entry("GET", &url(&path), 200, &filter.to_string()),
        entry(
            "GET",
            &url("/workspaces/acme/sources"),
            200,
            &labels.to_string(),
        ),
    ]);
    assert!(
        output.stdout.contains("the field (not shown)"),
        "{}",
        output.stdout
    );
    assert!(
        output.stdout.contains("/sources/0/labels/…"),
        "{}",
        output.stdout
    );
    for key in ["k3y0fAcust0mer", "correcthorsebattery"] {
        assert!(!output.stdout.contains(key), "{}", output.stdout);
    }
}
