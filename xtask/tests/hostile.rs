//! A document that `check` accepts builds: names that Rust has itself, forms that have no type,
//! and texts that break comments are refused where they are, or become good Rust.

#[path = "hostile/cases.rs"]
mod cases;
#[path = "../../codegen/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the build uses all of it")]
mod codegen;
#[path = "hostile/document.rs"]
mod document;
mod support;

use cases::CASES;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use support::{Checkout, DOCUMENT};

/// What a maintainer makes anew after an edit of the document.
const FOLLOWS: [&str; 5] = [
    "sample/",
    "pin/",
    "surface/",
    "readme/",
    "document/not-canonical",
];

#[test]
fn a_hostile_document_is_refused_where_it_is_hostile() {
    let original = original();
    let wrong = CASES.iter().filter_map(|(name, place, edit)| {
        let place = (*place)?;
        let mut document = original.clone();
        edit(&mut document);
        let problems = codegen::run(&document).err().unwrap_or_default();
        let right = problems.iter().any(|p| p.pointer.contains(place));
        (!right).then(|| format!("{name}: expected {place}, found {problems:?}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All of them at once: what the compiler says names what it is about.
#[test]
fn what_is_accepted_builds() {
    let mut together = original();
    let accepted = CASES.iter().filter(|(_, place, _)| place.is_none());
    accepted.for_each(|(_, _, edit)| edit(&mut together));
    let findings = findings(&together);
    assert!(findings.is_empty(), "{findings:#?}");
    if let Err(errors) = build(&together) {
        panic!("{errors}");
    }
}

fn original() -> Value {
    document::with_gadgets(Checkout::new().json(DOCUMENT))
}

/// What `check` finds that no other command mends.
fn findings(document: &Value) -> Vec<String> {
    let checkout = Checkout::new();
    checkout.write(DOCUMENT, &format!("{document:#}\n"));
    let output = checkout.run("check");
    assert!(output.status <= 1, "{}", output.stderr);
    let lines = output
        .stdout
        .lines()
        .filter(|line| !line.starts_with("ok: "));
    let own = lines.filter(|line| !FOLLOWS.iter().any(|id| line.starts_with(id)));
    own.map(str::to_string).collect()
}

/// Checks the crate and its contract test with another document, as cargo would.
fn build(document: &Value) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().expect("the repository");
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    fs::create_dir_all(scratch.join("spec")).expect("a folder");
    write(&scratch.join(DOCUMENT), &format!("{document:#}\n"));
    write(&scratch.join("Cargo.toml"), &manifest(&root));
    write(
        &scratch.join("Cargo.lock"),
        &fs::read_to_string(root.join("Cargo.lock")).expect("a lock"),
    );
    let output = Command::new(env!("CARGO"))
        .args([
            "check",
            "--quiet",
            "--offline",
            "--all-features",
            "--lib",
            "--test",
            "contract",
        ])
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."))
        .current_dir(&scratch)
        .output()
        .expect("cargo runs");
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The crate's own manifest, for its own sources, in a folder with another document.
fn manifest(root: &Path) -> String {
    let text = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    let mut manifest: toml_edit::DocumentMut = text.parse().expect("TOML");
    let path = |file: &str| toml_edit::value(root.join(file).display().to_string());
    manifest["workspace"]
        .as_table_like_mut()
        .expect("a table")
        .remove("members");
    manifest.remove("bench");
    // Where the document has operations of their own, the fake wants code for them.
    for (table, key) in [
        ("features", "fake"),
        ("dev-dependencies", "segment-config-api"),
    ] {
        let table = manifest[table].as_table_like_mut();
        table.expect("a table").remove(key);
    }
    manifest["package"]["autoexamples"] = toml_edit::value(false);
    manifest["package"]["build"] = path("build.rs");
    manifest["package"]["readme"] = toml_edit::value(false);
    manifest["lib"]["path"] = path("src/lib.rs");
    let mut test = toml_edit::Table::new();
    test["name"] = toml_edit::value("contract");
    test["path"] = path("tests/contract.rs");
    let mut tests = toml_edit::ArrayOfTables::new();
    tests.push(test);
    manifest["test"] = toml_edit::Item::ArrayOfTables(tests);
    manifest.to_string()
}

/// Leaves alone what is right already, so that cargo does too.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}
