//! What the fake costs those who test with it, and nobody else.

use crate::acme;
use std::{collections::BTreeSet, process::Command};

/// The packages that a dependent builds, each with its features.
fn tree(features: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "tree",
        "--locked",
        "--offline",
        "--package",
        "segment-config-api",
    ]);
    cargo.args([
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p} [{f}]",
    ]);
    let output = cargo.args(features).output().expect("cargo tree runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_string());
    lines
        .filter(|line| !line.starts_with("segment-config-api "))
        .collect()
}

#[test]
fn it_adds_no_crate_and_without_it_nothing_serves() {
    let (without, with) = (tree(&[]), tree(&["--features", "fake"]));
    assert!(
        without.len() > 50,
        "cargo tree names what is built: {without:?}"
    );
    let package = |line: &String| line.split(" [").next().unwrap_or_default().to_string();
    let packages = |tree: &BTreeSet<String>| tree.iter().map(package).collect::<BTreeSet<_>>();
    assert_eq!(packages(&with), packages(&without));
    let more: Vec<_> = with.difference(&without).collect();
    assert!(
        more.iter().all(|line| line.starts_with("hyper ")),
        "{more:?}"
    );
    let hyper = without
        .iter()
        .find(|line| line.starts_with("hyper "))
        .expect("hyper");
    assert!(!hyper.contains("server"), "{hyper}");
}

#[test]
fn the_workspace_fits_into_twenty_megabytes() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let mut segment = None;
    let cost = allocation_counter::measure(|| segment = Some(runtime.block_on(acme())));
    println!(
        "{} bytes are in use, {} at the most",
        cost.bytes_current, cost.bytes_max
    );
    assert!(cost.bytes_max < 20_000_000, "{} bytes", cost.bytes_max);
}
