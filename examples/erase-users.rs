//! Deletes and suppresses any number of users, in batches that the API takes.

#[path = "support/mod.rs"]
mod support;

use clap::Parser;
use indicatif::ProgressIterator;
use segment_config_api::regulations::{self, Receipt};
use serde_json::json;
use std::{collections::HashSet, error::Error, fs, io, io::Write, process::ExitCode};
use support::Workspace;
use tokio::time::{Duration, sleep};

/// Deletes and suppresses users, in batches that the API takes, and asks how far that is.
///
/// A receipt keeps what was sent. The same command with the same receipt sends only what is
/// missing: run it again after a failure, and to see how far it is, which can take a week. A batch
/// whose answer got lost is sent twice; that does no harm, but the API takes 100,000 users in 30
/// days. It prints a JSON object for each batch. The exit status is 1 if anything failed.
#[derive(Parser)]
struct Cli {
    /// A file with an id on each line, or `-` for the standard input; made-up ids without it.
    #[arg(required = has_token())]
    ids: Option<String>,
    /// The slug of the workspace.
    #[arg(long, required = has_token())]
    workspace: Option<String>,
    /// Where a line is written for each batch that was sent. It names no user.
    #[arg(long, value_name = "FILE", required = has_token())]
    receipt: Option<String>,
    /// What happens to the users; after `Delete`, new data of theirs is taken.
    #[arg(long, default_value = KINDS[0], value_parser = KINDS)]
    kind: String,
    /// Asks again after so many seconds, until all has ended.
    #[arg(long, value_name = "SECONDS")]
    interval: Option<u64>,
    /// Says what would be sent, and sends nothing.
    #[arg(long)]
    dry_run: bool,
}

const KINDS: [&str; 3] = ["Suppress_With_Delete", "Delete", "Suppress"];

fn has_token() -> bool {
    std::env::var_os("SEGMENT_ACCESS_TOKEN").is_some()
}

#[tokio::main]
async fn main() -> ExitCode {
    erase(&Cli::parse()).await.unwrap_or_else(|e| {
        eprintln!("error: {e}");
        ExitCode::FAILURE
    })
}

async fn erase(cli: &Cli) -> Result<ExitCode, Box<dyn Error>> {
    let workspace = cli.workspace.as_deref().unwrap_or("acme");
    let batches = regulations::requests(cli.kind.as_str().into(), ids(cli)?);
    let batches = batches.collect::<Result<Vec<_>, _>>()?;
    let receipts = match cli.receipt.as_ref().map(fs::read_to_string) {
        Some(Err(e)) if e.kind() != io::ErrorKind::NotFound => return Err(e.into()),
        text => text.and_then(Result::ok).unwrap_or_default(),
    };
    let receipts = receipts.lines().map(serde_json::from_str::<Receipt>);
    let mut receipts = receipts.collect::<Result<Vec<_>, _>>()?;
    let (all, before) = (batches.len(), receipts.len());
    let mut pairs = receipts.iter().zip(&batches);
    if before > all || !pairs.all(|(receipt, batch)| receipt.is_of(workspace, batch)) {
        return Err("the receipt is of other ids, of another kind or workspace".into());
    }
    eprintln!("{all} batches, {before} of them sent before");
    if cli.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let Workspace { client, .. } = &support::workspace().await?;
    let open = |path| fs::File::options().append(true).create(true).open(path);
    // What was sent to a made-up workspace has not been sent.
    let path = cli.receipt.as_ref().filter(|_| has_token());
    let mut file = path.map(open).transpose()?;
    for batch in batches.iter().skip(before).progress() {
        let call = client
            .create_regulation()
            .workspace(workspace)
            .body(batch.clone());
        let receipt = Receipt::new(workspace, batch, call.send().await?.regulate_id);
        if let Some(file) = &mut file {
            file.write_all(format!("{}\n", json!(receipt)).as_bytes())?;
        }
        receipts.push(receipt);
    }
    let mut failed = false;
    for receipt in &receipts {
        let (id, ids) = (&receipt.regulate_id, receipt.ids);
        let get = || client.get_regulation().workspace(workspace).regulation(id);
        let mut regulation = get().send().await?;
        while let (Some(wait), false) = (cli.interval, regulation.overall_status.is_over()) {
            sleep(Duration::from_secs(wait)).await;
            regulation = get().send().await?;
        }
        failed |= regulation.has_failed();
        let status = &regulation.overall_status;
        let failures: Vec<_> = regulation.failures().collect();
        let line = json!({"id": id, "ids": ids, "status": status, "failures": failures});
        println!("{line}");
    }
    Ok(ExitCode::from(u8::from(failed)))
}

/// Each id once.
fn ids(cli: &Cli) -> io::Result<Vec<String>> {
    let text = match cli.ids.as_deref() {
        None => (0..12_000).map(|n| format!("user-{n}\n")).collect(),
        Some("-") => io::read_to_string(io::stdin())?,
        Some(path) => fs::read_to_string(path)?,
    };
    let mut seen = HashSet::new();
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let ids = lines.filter(|id| !id.is_empty() && seen.insert(*id));
    Ok(ids.map(String::from).collect())
}
