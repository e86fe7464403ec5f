//! Generates the client from `spec/config-api.json` into `OUT_DIR`.

#[path = "codegen/mod.rs"]
mod codegen;

use std::{env, fs, path::PathBuf};

const DOCUMENT: &str = "spec/config-api.json";

fn main() {
    for input in ["build.rs", "codegen", DOCUMENT] {
        println!("cargo:rerun-if-changed={input}");
    }
    let text = fs::read_to_string(DOCUMENT)
        .unwrap_or_else(|e| panic!("{DOCUMENT}: {e}; restore it from version control"));
    let document = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{DOCUMENT}: {e}; it has to be JSON"));
    let files = codegen::run(&document).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems
            .iter()
            .map(|p| format!("\n  {DOCUMENT}{p}"))
            .collect();
        panic!(
            "the document cannot be turned into a client:{}",
            lines.concat()
        )
    });
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for (name, text) in files {
        let path = out.join(name);
        fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}
