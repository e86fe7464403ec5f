//! Puts the client into `OUT_DIR`: generated from `spec/config-api.json`, or as the package brings it.

use std::{env, fs, path::PathBuf};

#[cfg(feature = "codegen")]
#[path = "codegen/mod.rs"]
mod codegen;
#[cfg(not(feature = "codegen"))]
#[path = "codegen/shipped.rs"]
mod shipped;

const DOCUMENT: &str = "spec/config-api.json";

fn main() {
    let source = if cfg!(feature = "codegen") {
        "codegen"
    } else {
        "generated"
    };
    for input in ["build.rs", source, DOCUMENT] {
        println!("cargo:rerun-if-changed={input}");
    }
    let text = fs::read_to_string(DOCUMENT)
        .unwrap_or_else(|e| panic!("{DOCUMENT}: {e}; restore it from version control"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for (name, text) in files(&text) {
        let path = out.join(name);
        fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

#[cfg(feature = "codegen")]
fn files(document: &str) -> codegen::Files {
    let document = serde_json::from_str(document)
        .unwrap_or_else(|e| panic!("{DOCUMENT}: {e}; it has to be JSON"));
    codegen::run(&document).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems
            .iter()
            .map(|p| format!("\n  {DOCUMENT}{p}"))
            .collect();
        panic!(
            "the document cannot be turned into a client:{}",
            lines.concat()
        )
    })
}

#[cfg(not(feature = "codegen"))]
fn files(document: &str) -> Vec<(String, String)> {
    use shipped::{FOLDER, STAMP, stamp};

    let remedy = "turn on the feature `codegen`, or run `cargo xtask generate`";
    let read = |path: PathBuf| {
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; {remedy}", path.display()))
    };
    let folder = PathBuf::from(FOLDER);
    if read(folder.join(STAMP)) != stamp(document) {
        panic!("{FOLDER} was made of another document; {remedy}");
    }
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{FOLDER}: {e}; {remedy}"));
    let names = entries.map(|entry| entry.expect("a file").file_name());
    let file = |name: std::ffi::OsString| {
        (
            name.to_string_lossy().into_owned(),
            read(folder.join(&name)),
        )
    };
    names.map(file).collect()
}
