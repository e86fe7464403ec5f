//! `cargo xtask ci`: one list of steps for people and for the workflow.

mod support;

use std::{fs, path::Path};
use support::Checkout;

#[test]
fn the_steps_are_those_that_have_to_pass() {
    let output = Checkout::new().run("ci --list");
    assert_eq!(output.status, 0);
    for step in [
        "fmt --all --check",
        "clippy --workspace",
        "test --workspace",
        "doc --no-deps",
        "xtask check",
        "run --package dependent",
        "package --locked",
    ] {
        assert!(output.stdout.contains(step), "{step}: {}", output.stdout);
    }
}

#[test]
fn the_first_step_that_fails_is_the_last() {
    // A folder without a package: not even the first step can pass.
    let output = Checkout::new().run("ci");
    assert_eq!(output.status, 1, "{}", output.stdout);
    assert_eq!(
        output.stdout.matches("$ cargo").count(),
        1,
        "{}",
        output.stdout
    );
    assert!(
        output.stderr.contains("failed: cargo fmt"),
        "{}",
        output.stderr
    );
}

#[test]
fn there_is_no_second_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let script = fs::read_to_string(root.join(".ci/run")).expect("the script");
    assert!(script.contains("cargo xtask ci"));
    assert!(!script.contains("clippy"));
}

#[test]
fn one_rust_version_is_stated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let version = env!("CARGO_PKG_RUST_VERSION");
    for (file, statement) in [
        ("Cargo.toml", format!("rust-version = \"{version}\"")),
        ("src/lib.rs", format!("Rust {version} or newer")),
        (
            ".github/workflows/ci.yml",
            format!("rustup default {version}\n"),
        ),
    ] {
        let text = fs::read_to_string(root.join(file)).expect(file);
        assert!(text.contains(&statement), "{file} does not say {statement}");
    }
}
