//! The files of the repository that the commands read and write.

use crate::{document::Document, json};
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use tempfile::{Builder, NamedTempFile, TempDir};

pub const DOCUMENT: &str = "spec/config-api.json";
pub const README: &str = "README.md";
pub const SAMPLES: &str = "spec/samples";
pub const SURFACE: &str = "spec/surface.txt";
pub const UPSTREAM: &str = "spec/upstream.toml";

/// How the names of files begin that are not yet in their place.
const UNFINISHED: &str = ".xtask-";

/// Texts of files by name; none for a file that goes.
pub type Files = BTreeMap<String, Option<String>>;

/// A checkout of the repository. Files are named relative to its root, with `/`.
pub struct Project {
    root: PathBuf,
    /// Removes a copy when it is no longer needed.
    _copy: Option<TempDir>,
}

impl Project {
    pub fn new(root: PathBuf) -> Self {
        Self { root, _copy: None }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn read(&self, file: &str) -> Result<String> {
        fs::read_to_string(self.root.join(file)).with_context(|| file.to_string())
    }

    pub fn document(&self) -> Result<Document> {
        let text = self.read(DOCUMENT)?;
        Ok(Document::new(json::parse(DOCUMENT, &text)?))
    }

    /// The names of the files in a folder, sorted.
    pub fn list(&self, folder: &str) -> Result<BTreeSet<String>> {
        let entries = fs::read_dir(self.root.join(folder)).with_context(|| folder.to_string())?;
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .filter(|name| !name.as_ref().is_ok_and(|name| name.starts_with(UNFINISHED)))
            .collect()
    }

    /// Removes what a command has left that was interrupted while it wrote.
    fn tidy(&self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Replaces a file as a whole or not at all; says whether it was another before.
    pub fn write(&self, file: &str, text: &str) -> Result<bool> {
        let files = Files::from([(file.into(), Some(text.into()))]);
        Ok(!self.write_all(&files)?.is_empty())
    }

    /// A new file beside the one whose place it is to take.
    fn prepared(&self, path: &Path, text: &str) -> Result<NamedTempFile> {
        let folder = path.parent().unwrap_or(&self.root);
        let mut new = Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        new.write_all(text.as_bytes())?;
        // Temporary files are private; this one is to be a file like the others.
        let like = fs::metadata(path).or_else(|_| fs::metadata(self.root.join(DOCUMENT)))?;
        new.as_file().set_permissions(like.permissions())?;
        new.as_file().sync_all()?;
        Ok(new)
    }

    /// The names of the files that are not yet as they should be. One that is rewritten for
    /// nothing makes cargo build everything again.
    pub fn different(&self, files: &Files) -> Result<Vec<String>> {
        let present = |file: &String| fs::read_to_string(self.root.join(file)).ok();
        let different = files.iter().filter(|(file, text)| present(file) != **text);
        Ok(different.map(|(file, _)| file.clone()).collect())
    }

    /// Writes all files or none: they are prepared first, and what has taken its place is
    /// taken back if another cannot. Names those that were not as they should be.
    pub fn write_all(&self, files: &Files) -> Result<Vec<String>> {
        let different = self.different(files)?;
        let failed =
            |file: &str| format!("{file} could not be written; all files are as they were");
        for folder in [SAMPLES, "spec", ""] {
            self.tidy(&self.root.join(folder));
        }
        let mut prepared = Vec::new();
        for file in &different {
            let path = self.root.join(file);
            // What a link leads to is the file.
            let path = fs::canonicalize(&path).unwrap_or(path);
            let new = files[file].as_ref().map(|text| self.prepared(&path, text));
            prepared.push((path, new.transpose().with_context(|| failed(file))?));
        }
        let mut done = Vec::new();
        for (file, (path, new)) in different.iter().zip(prepared) {
            let before = fs::read_to_string(&path).ok();
            let placed = match new {
                Some(new) => new.persist(&path).map(drop).map_err(|e| e.error),
                None => fs::remove_file(&path),
            };
            if let Err(error) = placed {
                self.take_back(&done);
                return Err(error).with_context(|| failed(file));
            }
            done.push((path, before));
        }
        Ok(different)
    }

    fn take_back(&self, done: &[(PathBuf, Option<String>)]) {
        for (path, before) in done {
            let taken_back = match before {
                Some(text) => self
                    .prepared(path, text)
                    .and_then(|new| Ok(new.persist(path).map(drop)?)),
                None => fs::remove_file(path).map_err(Into::into),
            };
            if let Err(error) = taken_back {
                eprintln!("error: {} is not as it was: {error:#}", path.display());
            }
        }
    }

    /// A copy of what the checks look at, with some files changed.
    pub fn copy_with(&self, files: &Files) -> Result<Project> {
        let folder = tempfile::tempdir()?;
        let copy = Project {
            root: folder.path().into(),
            _copy: Some(folder),
        };
        fs::create_dir_all(copy.root.join(SAMPLES))?;
        let samples = self.list(SAMPLES)?.into_iter();
        let samples = samples.map(|name| format!("{SAMPLES}/{name}"));
        let present = [DOCUMENT, SURFACE, UPSTREAM, README].map(str::to_string);
        let present = samples.chain(present);
        for file in present.filter(|file| !files.contains_key(file)) {
            fs::copy(self.root.join(&file), copy.root.join(&file)).context(file)?;
        }
        for (file, text) in files {
            if let Some(text) = text {
                fs::write(copy.root.join(file), text)?;
            }
        }
        Ok(copy)
    }
}
