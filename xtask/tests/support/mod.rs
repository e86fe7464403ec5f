//! The commands as a maintainer meets them: the built binary in a copy of `spec/`.
#![allow(dead_code, reason = "not every test uses everything")]

use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, process::Command};
use tempfile::TempDir;

pub const DOCUMENT: &str = "spec/config-api.json";
pub const SURFACE: &str = "spec/surface.txt";
pub const UPSTREAM: &str = "spec/upstream.toml";
pub const README: &str = "README.md";

pub struct Checkout(TempDir);

pub struct Output {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Checkout {
    pub fn new() -> Self {
        let checkout = Self(tempfile::tempdir().expect("a temporary folder"));
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
        copy(&spec, &checkout.path("spec"));
        fs::copy(spec.join("../README.md"), checkout.path(README)).expect("a copy");
        checkout
    }

    pub fn path(&self, file: &str) -> std::path::PathBuf {
        self.0.path().join(file)
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap_or_else(|e| panic!("{file}: {e}"));
    }

    pub fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.read(file)).expect("JSON")
    }

    /// All files below `spec/` and the README, with their texts.
    pub fn files(&self) -> BTreeMap<String, String> {
        let spec = ["spec", "spec/samples"].map(|folder| {
            let entries = fs::read_dir(self.path(folder)).expect("the folder");
            let names = entries.map(|e| e.expect("an entry").file_name());
            let names = names.map(|n| format!("{folder}/{}", n.to_string_lossy()));
            names.collect::<Vec<_>>()
        });
        let files = spec.concat().into_iter().chain([README.to_string()]);
        let files = files.filter(|file| self.path(file).is_file());
        files.map(|file| (file.clone(), self.read(&file))).collect()
    }

    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    }

    /// Replaces the first `from`, which has to be there.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from:?}");
        self.write(file, &text.replacen(from, to, 1));
    }

    pub fn edit(&self, file: &str, edit: impl FnOnce(&mut Value)) {
        let mut value = serde_json::from_str(&self.read(file)).expect("JSON");
        edit(&mut value);
        self.write(file, &format!("{value:#}\n"));
    }

    pub fn run(&self, command: &str) -> Output {
        self.run_with(command, &[])
    }

    /// Runs the binary in the checkout's folder, with variables of the environment. Only
    /// loopback can be reached: everything else would go to a proxy that is not there.
    pub fn run_with(&self, command: &str, environment: &[(&str, &str)]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(command.split_whitespace())
            .arg("--root")
            .arg(self.0.path())
            .current_dir(self.0.path())
            .env_remove("SEGMENT_ACCESS_TOKEN")
            .env_remove("SEGMENT_CONFIG_API_URL")
            .env("ALL_PROXY", "http://127.0.0.1:9")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .envs(environment.iter().copied())
            .output()
            .expect("the binary runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Output {
            status: output.status.code().expect("no signal"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a copy")),
        }
    }
}
