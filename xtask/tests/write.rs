//! The commands that write: each its own file, as a whole, and only if it has to change.

mod support;

use serde_json::json;
use std::{fs, process::Command};
use support::{Checkout, DOCUMENT, SURFACE, UPSTREAM};

#[test]
fn fmt_makes_the_document_canonical_and_then_leaves_it_alone() {
    let checkout = Checkout::new();
    let canonical = checkout.read(DOCUMENT);
    let value: serde_json::Value = serde_json::from_str(&canonical).expect("JSON");
    checkout.write(DOCUMENT, &value.to_string());
    assert_eq!(
        checkout.run("fmt").stdout,
        "spec/config-api.json: rewritten\n"
    );
    assert_eq!(checkout.read(DOCUMENT), canonical);
    let written = fs::metadata(checkout.path(DOCUMENT))
        .and_then(|m| m.modified())
        .ok();
    assert_eq!(
        checkout.run("fmt").stdout,
        "spec/config-api.json: unchanged\n"
    );
    let after = fs::metadata(checkout.path(DOCUMENT))
        .and_then(|m| m.modified())
        .ok();
    assert_eq!(written, after);
}

#[test]
fn fmt_keeps_text_beyond_ascii_as_it_is() {
    let checkout = Checkout::new();
    checkout.edit(DOCUMENT, |d| d["info"]["title"] = json!("Ünïcödé"));
    checkout.run("fmt");
    assert!(checkout.read(DOCUMENT).contains("Ünïcödé"));
}

#[test]
fn fmt_does_not_choose_between_two_values_of_one_key() {
    let checkout = Checkout::new();
    checkout.replace(DOCUMENT, "\"openapi\"", "\"paths\": {}, \"openapi\"");
    let before = checkout.read(DOCUMENT);
    let output = checkout.run("fmt");
    assert_eq!(output.status, 1);
    assert!(
        output.stderr.contains("`paths` is there twice"),
        "{}",
        output.stderr
    );
    assert_eq!(checkout.read(DOCUMENT), before);
}

#[test]
fn what_is_written_leaves_nothing_else_behind() {
    let checkout = Checkout::new();
    checkout.remove(SURFACE);
    checkout.run("surface");
    let files = fs::read_dir(checkout.path("spec"))
        .expect("the folder")
        .count();
    assert_eq!(
        files,
        fs::read_dir(Checkout::new().path("spec"))
            .expect("the folder")
            .count()
    );
}

#[cfg(unix)]
#[test]
fn a_written_file_can_be_read_like_the_others() {
    use std::os::unix::fs::PermissionsExt;
    let checkout = Checkout::new();
    let mode = |file| {
        fs::metadata(checkout.path(file))
            .map(|m| m.permissions().mode())
            .ok()
    };
    checkout.remove(SURFACE);
    checkout.run("surface");
    assert_eq!(mode(SURFACE), mode(DOCUMENT));
}

#[test]
fn surface_shows_a_change_line_by_line() {
    let checkout = Checkout::new();
    let before = checkout.read(SURFACE);
    checkout.edit(DOCUMENT, |d| {
        let schemas = &mut d["components"]["schemas"];
        schemas["ConnectionMode"]["enum"] = json!(["UNSPECIFIED", "CLOUD", "DEVICE", "PIGEON"]);
        schemas["Source"]["properties"]["owner"] = json!({"type": "string", "description": "Who."});
    });
    checkout.run("surface");
    let after = checkout.read(SURFACE);
    let new: Vec<_> = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect();
    assert_eq!(
        new,
        [
            "enum ConnectionMode PIGEON",
            "field Source.owner String optional"
        ]
    );
}

#[test]
fn surface_is_sorted_and_says_how_it_is_rewritten() {
    let text = Checkout::new().read(SURFACE);
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .is_some_and(|first| first.contains("`cargo xtask surface`"))
    );
    assert!(lines.is_sorted());
}

#[test]
fn surface_is_not_made_of_a_document_that_cannot_become_a_client() {
    let checkout = Checkout::new();
    let before = checkout.read(SURFACE);
    checkout.edit(DOCUMENT, |d| {
        let list = &mut d["paths"]["/workspaces/{workspace}/sources"]["get"];
        list["parameters"] = json!([{"$ref": "#/components/parameters/workspace"}]);
    });
    let output = checkout.run("surface");
    assert_eq!(output.status, 1);
    assert!(
        output
            .stderr
            .contains("~1workspaces~1{workspace}~1sources/get: list_sources: ")
    );
    assert_eq!(checkout.read(SURFACE), before);
}

#[test]
fn pin_records_the_document_and_keeps_every_comment() {
    let checkout = Checkout::new();
    checkout.replace(
        UPSTREAM,
        "\noperations",
        " # of the file\n# Sixty-eight.\noperations",
    );
    let pinned = checkout.read(UPSTREAM);
    checkout.replace(UPSTREAM, "sha256 = \"", "sha256 = \"0");
    checkout.replace(UPSTREAM, "operations = ", "operations = 1");
    assert_eq!(
        checkout.run("pin").stdout,
        "spec/upstream.toml: rewritten\n"
    );
    assert_eq!(checkout.read(UPSTREAM), pinned);
}

#[test]
fn a_command_without_its_file_says_which() {
    for (command, file) in [("fmt", DOCUMENT), ("surface", DOCUMENT), ("pin", UPSTREAM)] {
        let checkout = Checkout::new();
        checkout.remove(file);
        let output = checkout.run(command);
        assert_eq!(output.status, 1);
        assert!(output.stderr.contains(file), "{command}: {}", output.stderr);
    }
}

#[test]
fn a_wrong_command_line_is_an_error_like_any_other() {
    let status = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(args)
            .output();
        output.ok().and_then(|o| o.status.code())
    };
    assert_eq!(status(&["chekc"]), Some(1));
    assert_eq!(status(&["--help"]), Some(0));
}
