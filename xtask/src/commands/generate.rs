//! `cargo xtask generate`: the generated files, for the package.

use crate::{
    codegen::{self, shipped},
    project::{DOCUMENT, Project},
};
use anyhow::{Context, Result, anyhow};
use std::{fs, process::ExitCode};

pub fn run(project: &Project) -> Result<ExitCode> {
    let text = project.read(DOCUMENT)?;
    let files = codegen::run(&serde_json::from_str(&text)?);
    let files =
        files.map_err(|_| anyhow!("the document cannot be generated; see `cargo xtask check`"))?;
    let folder = project.root().join(shipped::FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).context(shipped::FOLDER)?;
    }
    fs::create_dir(&folder).context(shipped::FOLDER)?;
    for (name, text) in files {
        fs::write(folder.join(name), text).context(name)?;
    }
    fs::write(folder.join(shipped::STAMP), shipped::stamp(&text)).context(shipped::STAMP)?;
    Ok(ExitCode::SUCCESS)
}
