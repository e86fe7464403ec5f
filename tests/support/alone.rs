//! Tests of what the environment does to a client, each in a process of its own.
#![allow(dead_code, reason = "not every test uses everything")]

use std::{env, ffi::OsStr, process::Command};

/// What a test prints in a process of its own, since the environment belongs to the process.
pub fn alone(test: &str, environment: &[(&str, Option<&OsStr>)]) -> String {
    let mut process = Command::new(env::current_exe().expect("this test"));
    process
        .args(["--exact", test, "--nocapture"])
        .env(CASE, "1");
    for name in PROXIES {
        process.env_remove(name).env_remove(name.to_lowercase());
    }
    for (name, value) in environment {
        match value {
            Some(value) => process.env(name, value),
            None => process.env_remove(name),
        };
    }
    let output = process.output().expect("the test runs");
    let output = String::from_utf8_lossy(&output.stdout);
    output.split("found ").nth(1).expect("a result").to_string()
}

/// Whether this is such a process.
pub fn is_alone() -> bool {
    env::var_os(CASE).is_some()
}

/// Set in it.
const CASE: &str = "SEGMENT_CONFIG_API_TEST_CASE";

pub const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
