//! `cargo xtask ci`: everything that has to pass before a change lands, in one list that
//! `.ci/run` and the workflow share.

use crate::{project::Project, report};
use anyhow::{Context, Result};
use std::{
    env,
    process::{Command, ExitCode},
};

/// From the quickest to the slowest, as far as one does not need the other.
const STEPS: [&str; 10] = [
    "cargo fmt --all --check",
    "cargo clippy --workspace --all-targets --all-features --locked -- -D warnings",
    "cargo test --workspace --all-features --locked",
    "RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --all-features --locked",
    "cargo xtask check",
    "cargo run --package dependent --locked",
    "cargo run --package dependent --locked --features rustls",
    "cargo run --package dependent --locked --features rustls-no-provider",
    "cargo xtask generate",
    "cargo package --locked --allow-dirty --no-default-features --features rustls",
];

/// Stops at the first step that fails.
pub fn run(project: &Project, list: bool) -> Result<ExitCode> {
    for step in STEPS {
        report::print(&format!("$ {step}\n"));
        if !list && !passes(project, step)? {
            eprintln!("failed: {step}");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn passes(project: &Project, step: &str) -> Result<bool> {
    let mut words = step.split(' ').peekable();
    let set = words
        .next_if(|word| word.contains('='))
        .and_then(|word| word.split_once('='));
    // The cargo that runs this knows its toolchain.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(words.skip(1))
        .envs(set)
        .current_dir(project.root());
    let status = command
        .status()
        .with_context(|| format!("{step} could not be run"))?;
    Ok(status.success())
}
