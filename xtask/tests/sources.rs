//! Where `drift` reads from: whatever a source does, it is said, and never taken for peace.

mod support;

use httpmock::MockServer;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    thread,
};
use support::{Checkout, DOCUMENT, Output, UPSTREAM};

/// A page that lists the services of the document, but for those that are documented elsewhere.
fn overview() -> String {
    let document = Checkout::new().json(DOCUMENT);
    let tags = document["tags"].as_array().expect("tags");
    let names = tags.iter().filter_map(|tag| tag["name"].as_str());
    let listed = names.filter(|name| !["Apps & Installs", "Deletion & Suppression"].contains(name));
    let rows = listed.map(|name| format!("| [{name}][1] | x |\n"));
    format!(
        "# Config API\n\n| Service | Description |\n|---|---|\n{}\n\
         The Config API is at `https://platform.segmentapis.com/v1beta/workspaces`.\n",
        rows.collect::<String>()
    )
}

const DESIGN: &str = "# API Design\n\n## Errors\n\n| Error | HTTP Status | Code | Reasons |\n|---|---|---|---|\n\
| Invalid Argument | 400 | 3 | x |\n| Unauthenticated | 401 | 16 | x |\n| PermissionDenied | 403 | 7 | x |\n\
| Not Found | 404 | 5 | x |\n| Already Exists | 409 | 6 | x |\n| Resource Exhausted | 429 | 8 | x |\n\
| Internal | 500 | 13 | x |\n| Unimplemented | 501 | 12 | x |\n| Unavailable | 503 | 14 | x |\n\
| upstream connect error | 503 | n/a | x |\n\n\
The 200 req / min rate limit.\n\n| Method | HTTP Mapping |\n|---|---|\n| Create | POST |\n| Update | PATCH |\n| Delete | DELETE |\n\n\
Requests take `page_size`; the answer has `next_page_token`, which is the `page_token` of the next.\n\n\
The method requires an explicit set of field names to update.\n\
Note that specifying an update path with no value will change the\nfield to an empty value, and that specifying data but no paths will not change the field value.\n\n\
`workspaces/<workspace>/sources/<source>`\n";

const AUTHENTICATION: &str = "# Authentication\n\n`-H \"Authorization: Bearer $TOKEN\"`; the scope `workspace:read` reads.\n";

/// What a source serves, and what is said of it.
fn served(status: u16, body: &str) -> Output {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.path("/api");
        then.status(status)
            .body(body)
            .header("location", "/elsewhere");
    });
    Checkout::new().run(&format!("drift --from {}", server.url("/api")))
}

fn document() -> String {
    Checkout::new().read(DOCUMENT)
}

fn says(output: &Output, status: i32, parts: &[&str]) {
    assert_eq!(output.status, status, "{}{}", output.stdout, output.stderr);
    for part in parts {
        assert!(
            output.stdout.contains(part),
            "no {part:?} in {}",
            output.stdout
        );
    }
    assert_eq!(
        output.stdout.contains("in sync"),
        status == 0,
        "{}",
        output.stdout
    );
}

#[test]
fn a_document_that_is_served_is_compared() {
    says(
        &served(200, &document()),
        0,
        &["in sync: no findings", " sha256 "],
    );
}

#[test]
fn a_source_that_fails_could_not_be_reached() {
    for status in [404, 500, 503] {
        says(
            &served(status, "{}"),
            6,
            &[
                "source/unreachable unreachable http://127.0.0.1",
                &status.to_string(),
            ],
        );
    }
    let output = Checkout::new().run("drift --from http://127.0.0.1:9/api");
    says(
        &output,
        6,
        &["source/unreachable unreachable", "nothing was compared"],
    );
}

#[test]
fn a_redirect_is_said_and_not_followed() {
    let output = served(302, "");
    says(
        &output,
        6,
        &["source/redirected unreachable", "302 Found to /elsewhere"],
    );
}

#[test]
fn a_page_for_people_is_not_a_document() {
    for page in ["<!DOCTYPE html><html></html>", "\n<html lang=en>"] {
        says(&served(200, page), 1, &["source/unreadable error", "HTML"]);
    }
}

#[test]
fn a_source_that_is_no_document_is_said_to_be_none() {
    let swagger = "swagger: '2.0'\npaths: {}\n";
    let collection = r#"{"info": {"schema": "https://schema.getpostman.com/json/collection/v3.0.0/collection.json"}, "item": []}"#;
    let cases = [
        ("", "is empty"),
        (" \n", "is empty"),
        ("just words", "is not a document"),
        ("{\"openapi\": ", "EOF"),
        (
            "{\"openapi\": \"3.0.3\", \"openapi\": \"3.1.0\"}",
            "is there twice",
        ),
        ("{\"openapi\": \"4.0.0\"}", "3.0 and 3.1 can be read"),
        ("{\"log\": {\"entries\": []}}", "use --har"),
        ("{\"a\": 1}", "neither"),
        (swagger, "Swagger \"2.0\""),
        (collection, "export it as 2.1"),
        ("a: [\n", "at line"),
    ];
    for (text, why) in cases {
        says(&served(200, text), 1, &["source/unreadable error", why]);
    }
}

#[test]
fn a_huge_answer_is_not_read() {
    let huge = "x".repeat(17 << 20);
    says(
        &served(200, &huge),
        1,
        &["source/unreadable error", "more than 16777216 bytes"],
    );
}

#[test]
fn an_answer_that_breaks_off_could_not_be_reached() {
    let (url, _asked) = once("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"openapi\": ");
    let output = Checkout::new().run(&format!("drift --from {url}"));
    says(&output, 6, &["source/unreachable unreachable"]);
}

#[test]
fn a_source_that_does_not_answer_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let output = Checkout::new().run(&format!("drift --timeout 1 --from http://{address}/"));
    says(&output, 6, &["source/unreachable unreachable", "timeout"]);
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let (proxy, asked) = once("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    let environment = [("ALL_PROXY", proxy.as_str())];
    let command = "drift --from http://segment.invalid/api";
    let output = Checkout::new().run_with(command, &environment);
    says(&output, 6, &["source/unreachable unreachable"]);
    let asked = asked.recv().expect("the proxy was asked");
    assert!(asked.contains("segment.invalid"), "{asked}");
}

#[test]
fn yaml_is_read_with_its_anchors() {
    let checkout = Checkout::new();
    let mut document = checkout.json(DOCUMENT);
    let source = document["components"]["schemas"]["Source"].take();
    document["components"]["schemas"]["Source"] = json!("@source");
    let mut yaml = format!("x-source: &source {source}\n");
    for (key, value) in document.as_object().expect("an object") {
        // A value of JSON is one of YAML.
        let value = value
            .to_string()
            .replace("\"@source\"", "{<<: *source, x-more: 1}");
        yaml += &format!("{key}: {value}\n");
    }
    checkout.write("theirs.yaml", &yaml);
    says(
        &checkout.run("drift --from theirs.yaml"),
        0,
        &["in sync: no findings"],
    );
}

#[test]
fn aliases_cannot_fill_the_memory() {
    let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for n in 1..12 {
        let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb += &format!("a{n}: &a{n} [{aliases}]\n");
    }
    let checkout = Checkout::new();
    checkout.write("bomb.yaml", &bomb);
    let output = checkout.run("drift --from bomb.yaml");
    says(&output, 1, &["source/unreadable error"]);
    let big = format!(
        "a: &a \"{}\"\nb: [{}]\n",
        "x".repeat(1 << 20),
        vec!["*a"; 1000].join(", ")
    );
    checkout.write("bomb.yaml", &big);
    says(
        &checkout.run("drift --from bomb.yaml"),
        1,
        &["unfolds to more than can be read"],
    );
}

#[test]
fn the_words_of_3_1_are_those_of_3_0() {
    let checkout = Checkout::new();
    let mut document = checkout.json(DOCUMENT);
    document["openapi"] = json!("3.1.0");
    let schemas = &mut document["components"]["schemas"];
    schemas["Source"]["properties"]["display_name"]["type"] = json!(["string", "null"]);
    schemas["Source"]["properties"]["id"] =
        json!({"anyOf": [{"type": "string"}, {"type": "null"}]});
    schemas["DropEventAction"]["properties"]["type"] = json!({"const": "drop_event"});
    checkout.write("theirs.json", &document.to_string());
    let output = checkout.run("drift --from theirs.json");
    says(
        &output,
        4,
        &["OpenAPI 3.1.0 document", "response-null/added compatible"],
    );
    let others = output
        .stdout
        .lines()
        .filter(|l| !l.starts_with("response-null/added") && l.contains(" compatible "));
    assert_eq!(others.count(), 0, "{}", output.stdout);
}

#[test]
fn what_is_not_understood_is_a_finding() {
    type Edit = fn(&mut Value);
    let cases: &[(Edit, &str)] = &[
        (
            |d| d["components"]["schemas"]["Source"]["not"] = json!({}),
            "/components/schemas/Source/not",
        ),
        (
            |d| d["components"]["schemas"]["Source"]["type"] = json!(["object", "string"]),
            "/components/schemas/Source/type",
        ),
        (
            |d| {
                d["components"]["schemas"]["Source"]["properties"]["id"] =
                    json!({"$ref": "other.json#/Id"})
            },
            "/components/schemas/Source/properties/id",
        ),
        (
            |d| d["paths"]["/workspaces"]["get"]["callbacks"] = json!({}),
            "/paths/~1workspaces/get/callbacks",
        ),
        (|d| d["webhooks"] = json!({}), "/webhooks"),
        (
            |d| d["paths"]["/workspaces"]["POST"] = json!({}),
            "/paths/~1workspaces/POST",
        ),
        (
            |d| d["paths"]["/workspaces"]["servers"] = json!([{"url": "https://eu.example.com"}]),
            "/paths/~1workspaces/servers",
        ),
        (
            |d| d["paths"]["/new"] = json!({"$ref": "#/components/pathItems/New"}),
            "/paths/~1new/$ref",
        ),
        (|d| d["paths"]["/new"] = json!(null), "/paths/~1new"),
        (
            |d| d["paths"]["/workspaces"]["get"]["responses"] = json!([]),
            "/paths/~1workspaces/get/responses",
        ),
        (
            |d| d["paths"]["/workspaces"]["get"]["security"] = json!({"app": []}),
            "/paths/~1workspaces/get/security",
        ),
        (
            |d| d["components"]["parameters"]["page_size"]["required"] = json!("true"),
            "/components/parameters/page_size/required",
        ),
        (
            |d| {
                let all = &mut d["paths"]["/workspaces"]["get"]["parameters"];
                let again = all[0].clone();
                all.as_array_mut().expect("a list").push(again);
            },
            "/paths/~1workspaces/get/parameters/2",
        ),
        (
            |d| d["components"]["schemas"]["NewSource"]["required"] = json!("name"),
            "/components/schemas/NewSource/required",
        ),
        (
            |d| {
                d["components"]["schemas"]["NewSource"]["properties"]["labels"]["required"] =
                    json!(true)
            },
            "/components/schemas/NewSource/properties/labels/required",
        ),
        (
            |d| d["components"]["schemas"]["Source"]["allOf"] = json!({}),
            "/components/schemas/Source/allOf",
        ),
        (
            |d| d["components"]["schemas"]["Source"]["properties"]["id"] = json!(false),
            "/components/schemas/Source/properties/id",
        ),
        (
            |d| {
                d["paths"]["/workspaces"]["get"]["responses"]["202"] = json!({
                    "description": "Later.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                })
            },
            "/paths/~1workspaces/get/responses/202",
        ),
    ];
    for (edit, pointer) in cases {
        let checkout = Checkout::new();
        let mut document = checkout.json(DOCUMENT);
        edit(&mut document);
        checkout.write("theirs.json", &document.to_string());
        let output = checkout.run("drift --from theirs.json");
        says(
            &output,
            1,
            &[&format!(
                "source/not-understood error theirs.json#{pointer}: "
            )],
        );
    }
}

#[test]
fn what_has_no_bearing_is_a_note() {
    let checkout = Checkout::new();
    let mut document = checkout.json(DOCUMENT);
    document["paths"]["/workspaces"]["get"]["responses"]["200"]["headers"] = json!({"X-Took": {}});
    checkout.write("theirs.json", &document.to_string());
    let finding = ["source/left-out note"];
    says(&checkout.run("drift --from theirs.json"), 0, &finding);
}

#[test]
fn a_collection_becomes_operations_and_schemas() {
    let checkout = Checkout::new();
    let answer = json!({"sources": [{"name": "workspaces/a/sources/b", "colour": "blue"}], "next_page_token": ""});
    let collection = json!({
        "info": {"name": "Config API", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "variable": [{"key": "base", "value": "https://platform.segmentapis.com/v1beta"}],
        "item": [{"name": "Sources", "item": [
            {
                "name": "List Sources",
                "request": {"method": "GET", "url": {"raw": "{{base}}/workspaces/:workspace/sources?page_size=10", "query": [{"key": "page_size", "value": "10"}]}},
                "response": [{"name": "ok", "code": 200, "body": answer.to_string()}],
            },
            {
                "name": "Archive Source",
                "request": {"method": "POST", "url": "{{base}}/workspaces/{{workspace}}/sources/:source/archive", "body": {"mode": "raw", "raw": "{\"reason\": \"old\"}"}},
                "response": [],
            },
        ]}],
    });
    checkout.write("collection.json", &collection.to_string());
    let output = checkout.run("drift --from collection.json");
    says(
        &output,
        5,
        &[
            "Postman collection 2.1, 2 operations",
            "operation/added compatible",
            "archive_source, POST /workspaces/{workspace}/sources/{source}/archive",
            "answer/unknown-field compatible",
            "the field `colour`",
            "operation/removed breaking",
        ],
    );
    // What an example does not show is not gone, and what it shows is said once.
    assert!(!output.stdout.contains("response-"), "{}", output.stdout);
}

fn with_lighthouses() -> String {
    overview().replace("| [IAM]", "| [Lighthouses][1] | x |\n| [IAM]")
}

/// A checkout whose sources are on loopback, with what they serve.
fn upstream(overview: &str, design: &str) -> (Checkout, MockServer) {
    served_by(overview, design, AUTHENTICATION)
}

fn served_by(overview: &str, design: &str, authentication: &str) -> (Checkout, MockServer) {
    let (checkout, server) = (Checkout::new(), MockServer::start());
    for (path, text) in [
        ("/overview", overview),
        ("/design", design),
        ("/auth", authentication),
        ("/openapi", &document()),
    ] {
        server.mock(|when, then| {
            when.path(path);
            then.status(200).body(text);
        });
    }
    let mut text = String::new();
    let urls = ["/overview", "/design", "/auth", "/openapi"].map(|p| server.url(p));
    let mut urls = urls.iter();
    for line in checkout.read(UPSTREAM).lines() {
        match line.starts_with("url = ") {
            true => text += &format!("url = {:?}\n", urls.next().expect("four sources")),
            false => text += &format!("{line}\n"),
        }
    }
    checkout.write(UPSTREAM, &text);
    (checkout, server)
}

#[test]
fn every_declared_source_is_compared_and_says_that_it_has_no_pin() {
    let (checkout, _server) = upstream(&overview(), DESIGN);
    let output = checkout.run("drift");
    says(
        &output,
        0,
        &[
            "in sync: 4 note",
            &format!("{} services", overview().matches("][1]").count()),
            "9 errors",
            "not pinned yet",
        ],
    );
    assert_eq!(output.stdout.matches("source/no-pin note").count(), 4);
    assert_eq!(output.stdout.matches("compared: http").count(), 4);
}

#[test]
fn the_tables_of_the_pages_are_compared() {
    let cases = [
        (
            overview().replace("| [IAM][1] | x |\n", ""),
            DESIGN.into(),
            5,
            "service/removed breaking",
        ),
        (
            with_lighthouses(),
            DESIGN.into(),
            4,
            "service/added compatible",
        ),
        (
            overview(),
            DESIGN.replace("| Internal |", "| Cancelled | 499 | 1 | x |\n| Internal |"),
            4,
            "error-code/added compatible",
        ),
        (
            overview(),
            DESIGN.replace("| Internal | 500 | 13 | x |\n", ""),
            4,
            "error-code/removed note",
        ),
        (
            overview(),
            DESIGN.replace("| Internal |", "| Broken |"),
            4,
            "error-code/renamed note",
        ),
        (
            "# No table\n".into(),
            DESIGN.into(),
            1,
            "no table of services",
        ),
    ];
    for (overview, design, status, finding) in cases {
        let (checkout, _server) = upstream(&overview, &design);
        says(&checkout.run("drift"), status, &[finding]);
    }
}

#[test]
fn a_source_that_is_believed_in_nothing_breaks_nothing() {
    let (checkout, _server) = upstream(&overview(), DESIGN);
    checkout.edit(DOCUMENT, |d| {
        d["components"]["schemas"]["Source"]["properties"]["colour"] = json!({"type": "string"})
    });
    says(
        &checkout.run("drift"),
        0,
        &["source/disbelieved note", "1 differences"],
    );
}

#[test]
fn a_pinned_source_is_news_once_it_has_moved_on() {
    let (checkout, server) = upstream(&with_lighthouses(), DESIGN);
    says(&checkout.run("drift"), 4, &["service/added compatible"]);
    let output = checkout.run("pin overview");
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (0, "spec/upstream.toml: rewritten\n"),
        "{}",
        output.stderr
    );
    let pinned = checkout.read(UPSTREAM);
    assert!(
        pinned.contains("pinned = true\n")
            && pinned.contains("\nsize = ")
            && pinned.contains("\ndate = \"20"),
        "{pinned}"
    );
    assert!(pinned.contains("# Made by a machine"), "comments stay");
    says(
        &checkout.run("drift"),
        0,
        &["service/added note", "accepted when the source was pinned"],
    );
    server.reset();
    let (moved, _server) = upstream(&(overview() + "\nMore.\n"), DESIGN);
    let sha = pinned
        .lines()
        .filter(|l| l.starts_with("sha256"))
        .nth(1)
        .expect("a pin");
    moved.replace(
        UPSTREAM,
        "pinned = false",
        &format!("pinned = true\n{sha}\nsize = 1\ndate = \"2024-01-02\""),
    );
    says(
        &moved.run("drift"),
        4,
        &["source/moved-on compatible", "changed since 2024-01-02"],
    );
}

#[test]
fn an_unreachable_source_does_not_hide_the_others() {
    let (checkout, server) = upstream(&overview(), DESIGN);
    checkout.replace(UPSTREAM, &server.url("/auth"), "http://127.0.0.1:9/auth");
    let output = checkout.run("drift");
    says(
        &output,
        6,
        &[
            "source/unreachable unreachable http://127.0.0.1:9/auth",
            "compared: nothing with http://127.0.0.1:9/auth",
            "9 errors",
        ],
    );
}

#[test]
fn each_format_says_the_same() {
    let checkout = Checkout::new();
    checkout.edit(DOCUMENT, |d| {
        d["components"]["schemas"]["Source"]["properties"]["colour"] = json!({"type": "string"})
    });
    checkout.write("theirs.json", &document());
    let text = |format: &str| {
        let output = checkout.run(&format!("drift --from theirs.json --format {format}"));
        assert_eq!(output.status, 5);
        output.stdout
    };
    let report: Value = serde_json::from_str(&text("json")).expect("JSON");
    assert_eq!(report["format"], 1);
    assert_eq!(report["summary"]["verdict"], "breaking drift");
    assert_eq!(report["summary"]["exit"], 5);
    assert_eq!(report["summary"]["counts"]["breaking"], 1);
    assert_eq!(report["summary"]["compared"][0]["source"], "theirs.json");
    assert_eq!(
        report["summary"]["compared"][0]["sha256"]
            .as_str()
            .map(str::len),
        Some(64)
    );
    assert_eq!(
        report["findings"][0],
        json!({
            "id": "response-field/removed",
            "severity": "breaking",
            "file": "spec/config-api.json",
            "pointer": "/components/schemas/Source/properties/colour",
            "beside": null,
            "message": "the field `colour`: code that reads it no longer compiles",
        })
    );
    assert!(text("text").contains("response-field/removed breaking spec/config-api.json#/components/schemas/Source/properties/colour: "));
    assert!(text("markdown").contains("| breaking | `response-field/removed` | `spec/config-api.json#/components/schemas/Source/properties/colour` |"));
}

/// Answers one request, in its own words, and hands over what it was asked.
fn once(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (asked, receiver) = channel();
    thread::spawn(move || {
        if let Ok((mut stream, _)) = listener.accept() {
            // A head may come in several pieces.
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
            let _ = stream.write_all(answer.as_bytes());
            let _ = asked.send(head.join("\n"));
        }
    });
    (format!("http://{address}/"), receiver)
}

#[test]
fn a_page_that_no_longer_says_what_counts_is_found() {
    let pages =
        |overview: &str, design: &str, auth: &str| [overview, design, auth].map(str::to_string);
    let cases = [
        (
            pages(
                &overview(),
                &DESIGN.replace("200 req", "100 req"),
                AUTHENTICATION,
            ),
            "rate limit: ",
        ),
        (
            pages(
                &overview().replace("platform.segmentapis", "eu1.segmentapis"),
                DESIGN,
                AUTHENTICATION,
            ),
            "base URL: ",
        ),
        (
            pages(
                &overview(),
                &DESIGN.replace(" `page_token`", " `cursor`"),
                AUTHENTICATION,
            ),
            "pagination: `page_token`",
        ),
        (
            pages(&overview(), &DESIGN.replace("PATCH", "PUT"), AUTHENTICATION),
            "methods: `Update PATCH`",
        ),
        (
            pages(
                &overview(),
                &DESIGN.replace(
                    "will change the\nfield to an empty",
                    "keeps the field at its",
                ),
                AUTHENTICATION,
            ),
            "update masks: ",
        ),
        (
            pages(
                &overview(),
                &DESIGN.replace("| 409 |", "| 410 |"),
                AUTHENTICATION,
            ),
            "errors: `Already Exists 409`",
        ),
        (
            pages(
                &overview(),
                &DESIGN.replace("| Not Found | 404 | 5 | x |\n", ""),
                AUTHENTICATION,
            ),
            "errors: `Not Found 404`",
        ),
        (
            pages(
                &overview(),
                DESIGN,
                &AUTHENTICATION.replace("workspace:read", "read"),
            ),
            "scopes: ",
        ),
        (
            pages(
                &overview().replace("The Config API is at", "It was shut down, and was at"),
                DESIGN,
                AUTHENTICATION,
            ),
            "",
        ),
    ];
    let (checkout, _server) = upstream(&overview(), DESIGN);
    let output = checkout.run("pin overview api-design authentication");
    assert_eq!(output.status, 0, "{}", output.stderr);
    let pinned = checkout.read(UPSTREAM);
    for ([overview, design, auth], what) in cases {
        let (checkout, server) = served_by(&overview, &design, &auth);
        let urls = checkout.read(UPSTREAM);
        let mut urls = urls.lines().filter(|l| l.starts_with("url = "));
        let text: Vec<_> = pinned
            .lines()
            .map(|l| {
                if l.starts_with("url = ") {
                    urls.next().expect("a source")
                } else {
                    l
                }
            })
            .collect();
        checkout.write(UPSTREAM, &text.join("\n"));
        let output = checkout.run("drift");
        says(&output, 4, &["source/moved-on compatible", what]);
        if !what.is_empty() {
            says(&output, 4, &["source/unsaid compatible"]);
        }
        drop(server);
    }
}

#[test]
fn what_was_accepted_stays_so_when_a_page_is_edited() {
    let (checkout, server) = upstream(&with_lighthouses(), DESIGN);
    assert_eq!(checkout.run("pin overview").status, 0);
    let pin = checkout.read(UPSTREAM);
    assert!(pin.contains("accepted = [\n"), "{pin}");
    server.reset();
    server.mock(|when, then| {
        when.path("/overview");
        then.status(200)
            .body(format!("{}\nA typing eror.\n", with_lighthouses()));
    });
    let output = checkout.run("drift");
    says(
        &output,
        6,
        &["source/moved-on compatible", "service/added note"],
    );
}

#[test]
fn what_was_accepted_of_one_schema_is_news_of_another() {
    let checkout = Checkout::new();
    let text = checkout.read(UPSTREAM);
    let (document, _) = text.split_once("[[source]]").expect("sources");
    let source = "[[source]]\nid = \"a\"\nkind = \"openapi\"\nurl = \"theirs.json\"\nauthority = [\"operations\"]\npinned = false\n";
    checkout.write(UPSTREAM, &format!("{document}{source}"));
    let mut theirs = checkout.json(DOCUMENT);
    let mut remove = |schema: &str| {
        let fields = &mut theirs["components"]["schemas"][schema]["properties"];
        fields
            .as_object_mut()
            .expect("fields")
            .remove("display_name");
        checkout.write("theirs.json", &theirs.to_string());
    };
    remove("Role");
    assert_eq!(checkout.run("pin a").status, 0);
    says(&checkout.run("drift"), 0, &["response-field/removed note"]);
    remove("CatalogSource");
    let news = [
        "response-field/removed note",
        "response-field/removed breaking",
    ];
    says(&checkout.run("drift"), 5, &news);
}

#[test]
fn an_authority_that_nothing_reads_fails_the_check() {
    let says = "\nauthority = [\"quotas\"]\nsays = { quotas = [\"ten\"] }\n";
    for (from, to) in [
        ("\"availability\"]", "\"availability\", \"quotas\"]"),
        (
            "\"availability\" = [\"Config API\"]",
            "\"availability\" = [\"**\"]",
        ),
        // Of a document, nobody reads phrases.
        ("\nauthority = []\n", says),
    ] {
        let checkout = Checkout::new();
        checkout.replace(UPSTREAM, from, to);
        let output = checkout.run("check");
        assert_eq!(output.status, 1, "{to}");
        let unread = output.stdout.contains("upstream/unread error");
        assert!(unread, "{to}: {}", output.stdout);
    }
}

#[test]
fn a_mistake_in_the_list_of_sources_is_said() {
    for (from, to, said) in [
        (
            "id = \"api-design\"",
            "id = \"overview\"",
            "two sources are called `overview`",
        ),
        (
            "pinned = false",
            "pinned = true\nsha256 = \"x\"\nsize = 1\ndate = \"2024-02-30\"",
            "the `date` of overview is no day",
        ),
    ] {
        let checkout = Checkout::new();
        checkout.replace(UPSTREAM, from, to);
        let output = checkout.run("check");
        assert_eq!(output.status, 1, "{to}");
        assert!(output.stdout.contains(said), "{}", output.stdout);
    }
    let checkout = Checkout::new();
    let text = checkout.read(UPSTREAM);
    let (document, _) = text.split_once("[[source]]").expect("sources");
    let source = "[[source]]\nid = \"a\"\nkind = \"openapi\"\nurl = \"theirs.json\"\nauthority = [\"operations\"]\npinned = false\noperations = [\"list_surces\"]\n";
    checkout.write(UPSTREAM, &format!("{document}{source}"));
    checkout.write("theirs.json", &checkout.read(DOCUMENT));
    says(
        &checkout.run("drift"),
        1,
        &["`list_surces`, which is no operation"],
    );
}

#[test]
fn a_source_that_knows_a_part_is_no_reason_to_miss_the_rest() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let known = theirs["paths"]["/workspaces"].take();
    theirs["paths"] = json!({"/workspaces": known});
    checkout.write("theirs.json", &theirs.to_string());
    says(
        &checkout.run("drift --from theirs.json"),
        5,
        &["operation/removed breaking"],
    );
    says(
        &checkout.run("drift --from theirs.json --partial"),
        0,
        &["in sync: no findings"],
    );
    // The same for a source that says which it knows.
    let (checkout, server) = upstream(&overview(), DESIGN);
    server.reset();
    server.mock(|when, then| {
        when.path("/openapi");
        then.status(200).json_body(theirs);
    });
    let declared = |operations: &str| {
        let text = checkout.read(UPSTREAM);
        let (before, _) = text.split_once("[[source]]").expect("a source");
        let url = server.url("/openapi");
        checkout.write(UPSTREAM, &format!(
            "{before}[[source]]\nid = \"x\"\nkind = \"openapi\"\nurl = {url:?}\nauthority = [\"operations\"]\n{operations}pinned = false\n"
        ));
    };
    declared("operations = [\"list_workspaces\"]\n");
    says(&checkout.run("drift"), 0, &["source/no-pin note"]);
    declared("operations = [\"list_workspaces\", \"list_sources\"]\n");
    let output = checkout.run("drift");
    says(&output, 5, &["list_sources"]);
    assert_eq!(
        output.stdout.matches("operation/removed").count(),
        1,
        "{}",
        output.stdout
    );
}

#[test]
fn a_finding_names_the_parameter_or_the_field() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    theirs["components"]["parameters"]["page_size"]["schema"]["type"] = json!("string");
    theirs["components"]["schemas"]["Source"]["properties"]["display_name"]["type"] =
        json!("boolean");
    checkout.write("theirs.json", &theirs.to_string());
    says(
        &checkout.run("drift --from theirs.json"),
        5,
        &[
            "the parameter `page_size`: integer here, string there",
            "the field `display_name`: string here, boolean there",
        ],
    );
}

#[test]
fn references_in_a_circle_are_said() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    theirs["components"]["schemas"]["Source"] = json!({"$ref": "#/components/schemas/Other"});
    theirs["components"]["schemas"]["Other"] =
        json!({"allOf": [{"$ref": "#/components/schemas/Source"}]});
    checkout.write("theirs.json", &theirs.to_string());
    says(
        &checkout.run("drift --from theirs.json"),
        1,
        &["source/not-understood error", "leads back to itself"],
    );
}

#[test]
fn a_document_without_our_operations_was_not_looked_at() {
    let checkout = Checkout::new();
    for paths in [
        json!({}),
        json!({"/pets": {"get": {"responses": {"200": {"description": ""}}}}}),
    ] {
        let theirs = json!({"openapi": "3.0.3", "info": {}, "paths": paths});
        checkout.write("theirs.json", &theirs.to_string());
        let output = checkout.run("drift --from theirs.json");
        says(&output, 1, &["source/foreign error"]);
        assert_eq!(output.stdout.lines().count(), 3, "{}", output.stdout);
    }
}

#[test]
fn hostile_sources_end_soon() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    for level in 0..40 {
        let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
        theirs["components"]["schemas"][format!("L{level}")] = json!({"allOf": [next, next, next]});
    }
    theirs["components"]["schemas"]["L40"] =
        json!({"type": "object", "properties": {"a": {"type": "string"}}});
    theirs["components"]["schemas"]["Workspace"]["properties"]["deep"] =
        json!({"$ref": "#/components/schemas/L0"});
    checkout.write("deep.json", &theirs.to_string());
    let mut huge = String::from("openapi: 3.0.3\npaths:\n");
    for number in 0..20_000 {
        huge += &format!("  /p{number}: {{get: {{responses: {{'200': {{description: x}}}}}}}}\n");
    }
    checkout.write("huge.yaml", &huge);
    let start = std::time::Instant::now();
    says(
        &checkout.run("drift --from deep.json"),
        1,
        &["unfolds to more than"],
    );
    says(
        &checkout.run("drift --from huge.yaml"),
        1,
        &["source/foreign error"],
    );
    checkout.write("huge.yaml", &huge.repeat(2));
    says(
        &checkout.run("drift --from huge.yaml"),
        1,
        &[
            "source/unreadable error",
            "bytes of YAML, more than 2097152",
        ],
    );
    let brackets = format!(
        "openapi: 3.0.3\nx: {}{}",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    checkout.write("nested.yaml", &brackets);
    says(
        &checkout.run("drift --from nested.yaml"),
        1,
        &["brackets in 256 levels"],
    );
    let output = checkout.run("drift --from nested.yaml --timeout 18446744073709551615");
    assert_eq!(output.status, 1, "{}", output.stderr);
    assert!(start.elapsed().as_secs() < 40, "{:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let checkout = Checkout::new();
    says(&checkout.run("drift --from /dev/zero"), 1, &["not a file"]);
    let made = std::process::Command::new("mkfifo")
        .arg(checkout.path("pipe"))
        .status();
    if made.is_ok_and(|status| status.success()) {
        says(&checkout.run("drift --from pipe"), 1, &["not a file"]);
    }
}

#[test]
fn a_source_does_not_reach_the_terminal() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    theirs["components"]["schemas"]["Source"]["properties"]["a\u{1b}[31mb\u{202e}"] =
        json!({"type": "string"});
    checkout.write("theirs.json", &theirs.to_string());
    for format in ["text", "markdown"] {
        let output = checkout.run(&format!("drift --from theirs.json --format {format}"));
        says(&output, 4, &["response-field/added"]);
        assert!(
            !output.stdout.contains(['\u{1b}', '\u{202e}']),
            "{}",
            output.stdout
        );
    }
    theirs["openapi"] = json!("3.0.3\u{1b}[31m");
    theirs["servers"][0]["url"] = json!("https://\u{1b}[31m");
    let file = "in sync\u{1b}\nin sync";
    checkout.write(file, &theirs.to_string());
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args([
            "refresh",
            "--accept-breaking",
            "--from",
            file,
            "--root",
            ".",
        ])
        .current_dir(checkout.path(""))
        .output()
        .expect("the binary runs");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(
        text.contains("compared: ") && text.contains("nothing is written: "),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}') && !text.contains("\nin sync"),
        "{text}"
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    theirs["paths"] = json!({"/workspaces": theirs["paths"]["/workspaces"]});
    checkout.write("theirs.json", &theirs.to_string());
    for command in ["drift --from theirs.json", "rules", "check"] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(command.split(' '))
            .current_dir(checkout.path(""))
            .arg("--root")
            .arg(checkout.path(""))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("an end");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("panicked"), "{command}: {text}");
    }
}

#[test]
fn a_number_beyond_64_bits_is_a_number() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    theirs["x-big"] = json!("@big");
    let text = theirs
        .to_string()
        .replace("\"@big\"", "123456789012345678901234567890");
    checkout.write(
        "theirs.yaml",
        &format!("# YAML\n{}", text.replacen("{\"", "{ \"", 1)),
    );
    checkout.write(
        "more.yaml",
        &format!(
            "x-more: 1\n{}",
            text.trim_start_matches('{')
                .trim_end_matches('}')
                .replace("\n", " ")
        ),
    );
    says(&checkout.run("drift --from theirs.yaml"), 0, &["in sync"]);
}

/// The calls of the document as somebody has made them, by the samples.
fn collection_of_samples(checkout: &Checkout) -> Value {
    let document = checkout.json(DOCUMENT);
    let mut items = Vec::new();
    for (path, calls) in document["paths"].as_object().expect("paths") {
        for (method, call) in calls.as_object().expect("calls") {
            let id = call["operationId"].as_str().expect("an id");
            let sample = checkout.json(&format!("spec/samples/{id}.json"));
            let text = |value: &Value| match value {
                Value::Array(all) => {
                    let all = all.iter().filter_map(Value::as_str);
                    all.collect::<Vec<_>>().join(",")
                }
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let parts = sample["path"].as_object().expect("values");
            let path = parts.iter().fold(path.clone(), |path, (name, value)| {
                path.replace(&format!("{{{name}}}"), &text(value))
            });
            let query = sample["query"].as_object().expect("values");
            let query = query
                .iter()
                .map(|(key, value)| json!({"key": key, "value": text(value)}));
            let (path, _) = path.split_once('#').unwrap_or((&path, ""));
            items.push(json!({"name": format!("Try {id}"), "request": {
                "method": method.to_uppercase(),
                "url": {"raw": format!("https://platform.segmentapis.com/v1beta{path}"), "query": query.collect::<Vec<_>>()},
                "body": {"mode": "raw", "raw": match &sample["request"] { Value::Null => String::new(), body => body.to_string() }},
            }, "response": [{"code": 200, "body": sample["response"].to_string()}]}));
        }
    }
    json!({
        "info": {"name": "Config API", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": items,
    })
}

#[test]
fn examples_that_fit_break_nothing() {
    let checkout = Checkout::new();
    let mut collection = collection_of_samples(&checkout);
    checkout.write("collection.json", &collection.to_string());
    let output = checkout.run("drift --from collection.json");
    says(&output, 4, &["schema/described compatible"]);
    for line in output.stdout.lines().filter(|l| l.contains(" compatible ")) {
        let is_expected = line.starts_with("schema/described") || line.contains("`collection`");
        assert!(is_expected, "{line}");
    }
    // A query is text, whatever it looks like, and may be left open.
    let info = collection["info"].take();
    let items = collection["item"].as_array_mut().expect("items");
    let is_users = |item: &&mut Value| item["name"] == "Try list_users";
    let users = items.iter_mut().find(is_users).expect("a call");
    for (size, token) in [("", "5"), ("{{size}}", "true")] {
        users["request"]["url"]["query"] =
            json!([{"key": "page_size", "value": size}, {"key": "page_token", "value": token}]);
        let one = json!({"info": info, "item": [users]});
        checkout.write("collection.json", &one.to_string());
        says(
            &checkout.run("drift --partial --from collection.json"),
            0,
            &["in sync"],
        );
    }
}

#[test]
fn collections_are_read_as_they_are_found() {
    let checkout = Checkout::new();
    let collection = json!({
        "info": {"name": "Config API", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": [
            // The address in parts alone, and no body.
            {"name": "Get Source", "request": {"method": "GET", "url": {
                "host": ["{{base_url}}"], "path": ["v1beta", "workspaces", ":workspace", "sources", ":source"],
                "query": [{"key": "verbose", "value": "<boolean>"}], "variable": [{"key": "workspace", "value": "acme"}],
            }}},
            // The request as a text.
            {"name": "List Workspaces", "request": "https://platform.segmentapis.com/v1beta/workspaces?page_size=5"},
            // What a converter writes where it knows types alone.
            {"name": "Get Workspace", "request": {"method": "GET", "url": {"path": "/v1beta/workspaces/:workspace"}}, "response": [{
                "code": 200, "body": "{\"name\": \"<string>\", \"create_time\": \"<dateTime>\", \"display_name\": \"<boolean>\"}",
            }]},
            {"name": "A folder", "item": []},
            // Another request of the same call, with a variable for a number.
            {"name": "Create Source", "request": {"method": "POST", "url": "/v1beta/workspaces/:workspace/sources", "body": {
                "raw": "{\"source\": {\"name\": \"workspaces/{{workspace}}/sources/js\", \"colour\": {{colour}}}}",
            }}},
            {"name": "Create Source, again", "request": {"method": "POST", "url": "/v1beta/workspaces/:workspace/sources?dry_run=true", "body": {
                "raw": "{\"source\": {\"shape\": \"round\"}}",
            }}},
        ],
    });
    checkout.write("collection.json", &collection.to_string());
    let output = checkout.run("drift --partial --from collection.json");
    says(
        &output,
        5,
        &[
            "Postman collection 2.1, 4 operations, 1 examples",
            "create_source: the parameter `dry_run`",
            "the field `colour`",
            "the field `shape`",
            "get_source: the parameter `verbose`",
            "answer/wrong-type breaking collection.json#/item/2/response/0/body/display_name",
        ],
    );
    assert!(
        !output.stdout.contains("source/not-understood"),
        "{}",
        output.stdout
    );
    assert!(!output.stdout.contains("page_size"), "{}", output.stdout);
}
