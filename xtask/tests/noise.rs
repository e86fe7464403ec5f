//! Whatever a document or a source has become: it is read, or said to be wrong, and never an accident.
//! A few cases of each by default, and so many as `PROPTEST_CASES` says.

#[path = "../../tests/support/arbitrary.rs"]
mod arbitrary;
#[path = "../../codegen/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the build uses all of it")]
mod codegen;
mod support;

use arbitrary::{mutated, some, text};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use std::{
    fs,
    time::{Duration, Instant},
};
use support::{Checkout, DOCUMENT};

/// What one of them may take on a machine that does much else: the generator tries each operation by itself
/// where it cannot say which is wrong.
const LONG: Duration = Duration::from_secs(300);

#[test]
fn any_document_is_generated_from_or_refused() {
    let document = Checkout::new().json(DOCUMENT);
    for document in some(4, mutated(&document)) {
        let begin = Instant::now();
        match codegen::run(&document) {
            Ok(files) => assert!(files.iter().any(|(name, _)| *name == "client.rs")),
            Err(problems) => assert!(!problems.is_empty()),
        }
        assert!(begin.elapsed() < LONG, "{:?}", begin.elapsed());
    }
}

fn collection() -> Value {
    json!({
        "info": {"name": "Config API", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "variable": [{"key": "base", "value": "https://platform.segmentapis.com/v1beta"}],
        "item": [{"name": "Sources", "item": [{
            "name": "Get Source",
            "request": {
                "method": "GET",
                "url": {"raw": "{{base}}/workspaces/:workspace/sources/js?page_size=2", "path": ["workspaces", ":workspace", "sources", "js"],
                    "query": [{"key": "page_size", "value": "2"}]},
                "body": {"mode": "raw", "raw": "{\"a\": [1, null]}"},
            },
            "response": [{"name": "ok", "code": 200, "body": "{\"name\": \"workspaces/acme/sources/js\"}"}],
        }]}],
    })
}

fn recording() -> Value {
    let url = "https://platform.segmentapis.com/v1beta/workspaces/acme/sources?page_size=2";
    let answer =
        json!({"sources": [{"name": "workspaces/acme/sources/js"}], "next_page_token": ""});
    json!({"log": {"version": "1.2", "entries": [{
        "request": {"method": "GET", "url": url, "headers": [{"name": "authorization", "value": "Bearer EXAMPLE_TOKEN"}]},
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": answer.to_string()}},
    }]}})
}

/// The text of a source: what it should be with a few places that are not, cut off, or no text of it at all.
fn source(whole: &Value) -> impl Strategy<Value = Vec<u8>> + use<> {
    let text_of = format!("{whole:#}").into_bytes();
    let cut = text_of.clone();
    prop_oneof![
        8 => mutated(whole).prop_map(|value| value.to_string().into_bytes()),
        1 => (0..text_of.len()).prop_map(move |end| cut[..end].to_vec()),
        1 => (0..text_of.len(), any::<u8>()).prop_map(move |(at, byte)| {
            let mut changed = text_of.clone();
            changed[at] = byte;
            changed
        }),
        1 => vec(any::<u8>(), 0..60),
        1 => vec(text(), 0..20).prop_map(|lines| lines.join("\n- ").into_bytes()),
    ]
}

/// Gives sources to a command, and finds that it has an exit code of its own and changes nothing.
fn look(command: &str, sources: impl Iterator<Item = Vec<u8>>) {
    let checkout = Checkout::new();
    let before = checkout.files();
    for source in sources {
        fs::write(checkout.path("source"), &source).expect("a file");
        let begin = Instant::now();
        let output =
            checkout.run(&command.replace("FILE", &checkout.path("source").display().to_string()));
        let shown = String::from_utf8_lossy(&source);
        assert!(
            [0, 1, 4, 5].contains(&output.status),
            "{}: {}: {shown}",
            output.status,
            output.stderr
        );
        assert!(begin.elapsed() < LONG, "{:?}: {shown}", begin.elapsed());
    }
    assert!(checkout.files() == before, "it has written");
}

#[test]
fn any_openapi_document_is_compared_or_refused() {
    let document = Checkout::new().json(DOCUMENT);
    look("drift --from FILE", some(8, source(&document)));
}

#[test]
fn any_openapi_document_is_merged_or_refused() {
    let document = Checkout::new().json(DOCUMENT);
    look(
        "refresh --from FILE --dry-run --accept-breaking",
        some(4, source(&document)),
    );
}

#[test]
fn any_postman_collection_is_compared_or_refused() {
    look(
        "drift --partial --from FILE",
        some(16, source(&collection())),
    );
}

#[test]
fn any_recording_is_compared_or_refused() {
    look("drift --har FILE", some(16, source(&recording())));
}
