//! Connects a source to a destination and switches it on: what a partner's "Enable" button does.

#[path = "support/mod.rs"]
mod support;

use clap::Parser;
use segment_config_api::names::DestinationName;
use segment_config_api::types::{ConfigItem, NewDestination};
use serde_json::json;
use std::{collections::BTreeMap, error::Error, fs, process::ExitCode};
use support::Workspace;

/// Creates a destination or, if the source has it already, changes exactly the settings that are
/// given, and switches it on.
///
/// Settings are checked against the catalog before anything is sent. It prints JSON, and never a
/// value, which may be a secret. The exit status is 1 if a setting does not fit or a call failed.
#[derive(Parser)]
struct Cli {
    /// Its name, such as workspaces/acme/sources/js/destinations/amplitude.
    name: DestinationName,
    /// Settings; the value in JSON, where it is no text. KEY=@FILE reads it from a file, so that no
    /// list of processes shows it.
    #[arg(value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Switches it off instead, or leaves a new one off.
    #[arg(long)]
    off: bool,
    /// How data gets there: CLOUD or DEVICE.
    #[arg(long, value_name = "MODE", value_parser = ["CLOUD", "DEVICE"])]
    connection_mode: Option<String>,
    /// Says what would change, and changes nothing.
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLE: &str = "workspaces/acme/sources/js/destinations/amplitude";

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    let value = match value.strip_prefix('@').map(fs::read_to_string) {
        Some(text) => text.map_err(|e| e.to_string())?.trim_end().to_string(),
        None => value.to_string(),
    };
    Ok((key.to_string(), value))
}

#[tokio::main]
async fn main() -> ExitCode {
    let alone = std::env::args().len() == 1 && std::env::var_os("SEGMENT_ACCESS_TOKEN").is_none();
    let cli = match alone {
        true => Cli::parse_from(["enable-destination", EXAMPLE, "apiKey=EXAMPLE_API_KEY"]),
        false => Cli::parse(),
    };
    enable(cli).await.unwrap_or_else(|e| {
        eprintln!("error: {e}");
        ExitCode::FAILURE
    })
}

async fn enable(cli: Cli) -> Result<ExitCode, Box<dyn Error>> {
    let Workspace { client, .. } = &support::workspace().await?;
    let slug = cli.name.destination();
    let catalog = client.get_catalog_destination().destination(slug);
    let catalog = catalog.send().await?;
    let current = match client.get_destination().name(&cli.name).send().await {
        Err(e) if e.is_not_found() => None,
        found => Some(found?),
    };
    let config = cli.settings.iter().map(|(key, text)| {
        let known = catalog.setting(key);
        let value = known.map_or(text.as_str().into(), |known| known.read(text));
        ConfigItem::setting(&cli.name, key, value)
    });
    let config = config.collect::<Result<Vec<_>, _>>()?;
    let check = match current {
        None => catalog.check_config(&config),
        Some(_) => catalog.check_changes(&config),
    };
    for note in &check.unchecked {
        eprintln!("not checked: {note}");
    }
    check.into_result()?;

    let change = |item: &ConfigItem| {
        let known = current.as_ref()?.setting(item.setting_name())?;
        Some(["changed", "same"][usize::from(known.value == item.value)])
    };
    let changes = config.iter().map(|item| {
        let change = change(item).unwrap_or("new");
        (item.setting_name().to_string(), change)
    });
    let changes: BTreeMap<_, _> = changes.collect();
    let mut new = NewDestination::builder().name(&cli.name).enabled(!cli.off);
    if !config.is_empty() {
        new = new.config(config);
    }
    if let Some(mode) = cli.connection_mode {
        new = new.connection_mode(mode);
    }
    let outcome = match &current {
        None if cli.dry_run => "would be created",
        Some(_) if cli.dry_run => "would be updated",
        _ => match client.create_or_update_destination(new).await? {
            done if done.is_created() => "created",
            _ => "updated",
        },
    };
    let report = json!({"name": cli.name, "outcome": outcome, "settings": changes});
    println!("{report:#}");
    Ok(ExitCode::SUCCESS)
}
