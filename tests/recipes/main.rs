//! The examples that do what people script with this API: what they print, and what they do.

mod audit;
mod backup;
mod deploy_function;
mod plan;

use segment_config_api::fake::Segment;
use std::{
    path::PathBuf,
    process::{Command, Output},
};

/// Runs an example against a fake, or as it stands. It blocks: use a runtime of several threads.
fn run(segment: Option<&Segment>, example: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(built(example));
    command.args(arguments);
    for (key, _) in std::env::vars_os() {
        if key.to_string_lossy().starts_with("SEGMENT_") {
            command.env_remove(key);
        }
    }
    if let Some(segment) = segment {
        command.env("SEGMENT_CONFIG_API_URL", segment.base_url());
        command.env("SEGMENT_ACCESS_TOKEN", segment.token());
    }
    command.output().expect("the example runs")
}

/// Where cargo puts an example: next to the directory of the tests.
fn built(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("target/PROFILE/deps");
    let path = profile
        .join("examples")
        .join(example)
        .with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --examples --all-features`",
        path.display()
    );
    path
}

/// What an example printed.
fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
