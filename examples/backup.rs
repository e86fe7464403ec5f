//! The configuration of a workspace as files, and what restoring them would change.

#[path = "support/mod.rs"]
mod support;

use anyhow::Context;
use clap::Parser;
use indicatif::ProgressBar;
use segment_config_api::{snapshot::without_secrets, tracking_plans::changes};
use serde_json::Value;
use std::{collections::*, fs, path::*, process::ExitCode};

/// Keeps sources, destinations, filters, plans, functions, roles and policies in files for git.
///
/// Without a command it counts them. Secrets (write keys, and settings that are called or typed like
/// one) are left out, but not those in code and addresses. Prints + for what is new, ~ for what
/// changes, - for what goes. The exit status is 1 if `restore` would change something, or on failure.
#[derive(Parser)]
struct Cli {
    /// Write the files, or say what they would change in the workspace, apart from secrets.
    #[arg(value_parser = ["save", "restore"], requires = "directory")]
    command: Option<String>,
    directory: Option<PathBuf>,
    /// The slug of the workspace; not needed if the token is for one only.
    #[arg(long)]
    workspace: Option<String>,
    /// Saves secrets too, as far as the server shows them.
    #[arg(long)]
    with_secrets: bool,
    /// Only prints what would change. `restore` can do no more, and wants to be told so.
    #[arg(long, required_if_eq("command", "restore"))]
    dry_run: bool,
}

/// Resources by path.
type Files = BTreeMap<String, Value>;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let segment = support::workspace().await?;
    let workspace = segment.client.workspace(cli.workspace.as_deref()).await?;
    let directory = cli.directory.unwrap_or_default();
    let mut kept = Files::new();
    if cli.command.is_some() {
        for part in "workspace.json sources tracking-plans functions roles".split(' ') {
            read(&directory, part, &mut kept)?;
        }
    }
    let of = kept.get("workspace.json").map(|of| &of["name"]);
    if !kept.is_empty() && of.and_then(Value::as_str) != Some(&workspace.name) {
        anyhow::bail!("these are not the files of {}", workspace.name);
    }
    let bar = ProgressBar::no_length();
    let progress = |done, of| bar.update(|b| (b.set_len(of as u64), b.set_pos(done as u64)).0);
    let now = segment.client.snapshot(&workspace, progress).await?;
    bar.finish_and_clear();
    let now: Files = now.into_iter().map(file).collect();
    let public = |(path, resource)| (path, without_secrets(resource));
    let public = |files: Files| files.into_iter().map(public).collect();
    let (restore, old, new) = match cli.command.as_deref() {
        None => {
            for kind in "sources destinations filters tracking-plans functions roles".split(' ') {
                let of_kind = |path: &&String| path.rsplit('/').nth(1) == Some(kind);
                println!("{:>5} {kind}", now.keys().filter(of_kind).count());
            }
            return Ok(ExitCode::SUCCESS);
        }
        Some("restore") => (true, public(now), public(kept)),
        _ if cli.with_secrets => (false, kept, now),
        _ => (false, kept, public(now)),
    };
    for path in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let file = directory.join(path);
        let (sign, is) = match (old.get(path), new.get(path)) {
            (was, is) if was == is => continue,
            (None, is) => ('+', is),
            (Some(_), None) => ('-', None),
            (Some(_), is) => ('~', is),
        };
        println!("{sign} {path}");
        match is {
            Some(is) if restore && sign == '~' => {
                let changes = changes(&old[path], is);
                changes.iter().for_each(|change| println!("    {change}"));
            }
            _ if cli.dry_run => {}
            None => fs::remove_file(file)?,
            Some(is) => {
                fs::create_dir_all(file.parent().unwrap_or(&directory))?;
                fs::write(file, format!("{is:#}\n"))?;
            }
        }
    }
    Ok(ExitCode::from(u8::from(restore && old != new)))
}

/// The path of a resource is its name within the workspace. Code is a list of lines, for git.
fn file((name, mut resource): (String, Value)) -> (String, Value) {
    if let Some(code) = resource["code"].as_str() {
        resource["code"] = code.split('\n').collect();
    }
    resource.sort_all_objects();
    let path = name.splitn(3, '/').nth(2).unwrap_or("workspace");
    (format!("{path}.json"), resource)
}

fn read(directory: &Path, below: &str, files: &mut Files) -> anyhow::Result<()> {
    let path = directory.join(below);
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let below = format!("{below}/{}", entry?.file_name().to_string_lossy());
            read(directory, &below, files)?;
        }
    } else if path.is_file() {
        let file = serde_json::from_str(&fs::read_to_string(path)?);
        files.insert(below.into(), file.with_context(|| below.to_string())?);
    }
    Ok(())
}
