//! The repository's own commands; `cargo xtask help` lists them.

mod answers;
mod check;
mod codegen;
mod commands;
mod compare;
mod document;
mod finding;
mod json;
mod json_schema;
mod live;
mod looked;
mod merge;
mod model;
mod project;
mod read;
mod readme;
mod report;
mod rules;
mod surface;
mod upstream;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use commands::{ci, drift, generate, refresh};
use project::{DOCUMENT, Project, README, SURFACE, UPSTREAM};
use read::fetch::Fetch;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// Keeps the vendored document of the Config API, spec/config-api.json, and what stands
/// beside it in order.
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    after_help = "After a change to spec/config-api.json: `fmt`, read the difference, `surface`, `pin`, `check`."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// The repository to work on, instead of this one.
    #[arg(long, global = true, hide = true, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Says what is wrong in spec/, without network; writes nothing.
    ///
    /// The document has to be canonical, as pinned, valid OpenAPI 3.0 and fit for the code
    /// generation; every operation has to carry its evidence, every schema and property a
    /// description; every operation has to have a valid sample; surface.txt has to be
    /// current. Each finding is a line: id, severity, file#pointer, what is wrong. Exits
    /// with 0 if there is none, otherwise with 1.
    Check,
    /// Writes the document in its canonical form: sorted keys, two spaces, a final newline.
    Fmt,
    /// Rewrites spec/surface.txt, the list of what the generated API offers, and the table of
    /// services in README.md.
    Surface,
    /// Compares the document with what others publish of the API; writes nothing.
    ///
    /// Without --from, --har and --live: with every source in spec/upstream.toml. Breaking is
    /// what no longer compiles or no longer works; compatible is what is new, deprecated or
    /// taken as it is; the rest is a note. A source has to name an operation of ours to count
    /// as looked at; one that knows a part of them takes --partial. Each finding is a line: id,
    /// severity, place, what differs and why it matters, and where the other side has it.
    /// Exits with 0 in sync (notes alone are in sync), 4 compatible drift, 5 breaking drift, 6
    /// a source could not be reached, 1 anything else. Of several, the first of 1, 5, 6, 4, 0.
    Drift(drift::Drift),
    /// Lists what `drift` can find: id, severity, the id of the opposite change, the reason.
    Rules,
    /// Merges what a document or collection has that ours has not.
    ///
    /// What this project has written stays; a new operation comes in as `imported`, with a
    /// sample; what breaks users is taken over with --accept-breaking only. What is left and
    /// breaking after the merge refuses it, as does a document that is not valid. All files are
    /// written or none: spec/config-api.json, spec/samples/, spec/surface.txt,
    /// spec/upstream.toml, README.md. Exits with 0 if the merge was made or there was nothing
    /// to merge, 5 if something breaking is left as it is, otherwise as `drift` does.
    Refresh(refresh::Refresh),
    /// Records the hash and the counts of the document in spec/upstream.toml, once its
    /// change is reviewed; with the ids of sources, what these say now instead.
    Pin {
        /// Ids of sources in spec/upstream.toml.
        sources: Vec<String>,
    },
    /// Writes generated/, which a package brings for builds without the feature `codegen`.
    Generate,
    /// Runs everything that has to pass before a change lands; stops at the first failure.
    Ci {
        /// Prints the steps and runs none.
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    // clap's own status for a wrong command line is 2, which means nothing here.
    let cli = Cli::try_parse().unwrap_or_else(|error| {
        let _ = error.print();
        std::process::exit(i32::from(error.use_stderr()))
    });
    let project = Project::new(cli.root.unwrap_or_else(repository));
    run(&cli.command, &project).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: &Command, project: &Project) -> Result<ExitCode> {
    let (file, text) = match command {
        Command::Check => return Ok(check::run(project)),
        Command::Drift(drift) => return drift.run(project),
        Command::Rules => {
            report::print(&rules::list());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Fmt => {
            let text = project.read(DOCUMENT)?;
            (DOCUMENT, json::canonical(&json::parse(DOCUMENT, &text)?))
        }
        Command::Surface => {
            let document = project.document()?;
            let surface = surface::current(&document)?;
            rewrite(
                project,
                README,
                &readme::current(&project.read(README)?, &document)?,
            )?;
            (SURFACE, surface)
        }
        Command::Refresh(refresh) => return refresh.run(project),
        Command::Generate => return generate::run(project),
        Command::Ci { list } => return ci::run(project, *list),
        Command::Pin { sources } if sources.is_empty() => (UPSTREAM, upstream::pinned(project)?),
        Command::Pin { sources } => (UPSTREAM, pinned_sources(project, sources)?),
    };
    rewrite(project, file, &text)?;
    Ok(ExitCode::SUCCESS)
}

fn rewrite(project: &Project, file: &str, text: &str) -> Result<()> {
    let changed = project.write(file, text)?;
    let verb = if changed { "rewritten" } else { "unchanged" };
    report::print(&format!("{file}: {verb}\n"));
    Ok(())
}

/// The sources' pins: what they say now counts as reviewed.
fn pinned_sources(project: &Project, ids: &[String]) -> Result<String> {
    let mut text = project.read(UPSTREAM)?;
    let upstream = upstream::parse(&text)?;
    let (fetch, document) = (Fetch::new(Duration::from_secs(30)), project.document()?);
    for id in ids {
        let source = upstream.sources.iter().find(|s| s.id == *id);
        let source = source.with_context(|| format!("{UPSTREAM}: no source `{id}`"))?;
        let mut looked = looked::Looked::at_source(&fetch, &document, source);
        if looked.normalised.is_empty() {
            let lines: Vec<_> = looked.found().map(|f| f.to_string()).collect();
            bail!("{}", lines.join("\n"));
        }
        let accepted = looked.accepted();
        text = upstream::with_source(&text, id, &looked.normalised, accepted)?;
    }
    Ok(text)
}

/// The workspace that this binary was built in.
fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
