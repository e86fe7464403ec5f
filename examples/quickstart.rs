//! A first look at a workspace: sources, a destination's settings, an update, and a 404.
//!
//! With `SEGMENT_ACCESS_TOKEN` it talks to Segment and only reads. Without, it
//! talks to a made-up workspace in memory, which goes away with it.

use segment_config_api::{
    Client, Error, enums::ConfigItemType, fake::Segment, names::DestinationName,
    patch::DestinationPatch, types::Source,
};
use std::{collections::BTreeMap, error::Error as StdError};

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let segment;
    let mut made_up = false;
    let client = if std::env::var_os("SEGMENT_ACCESS_TOKEN").is_some() {
        println!("Reading from Segment with the token in SEGMENT_ACCESS_TOKEN.\n");
        Client::from_env()?
    } else {
        println!("SEGMENT_ACCESS_TOKEN is not set, so this talks to a made-up workspace");
        println!("in memory, which goes away with it.\n");
        made_up = true;
        segment = Segment::start().await?;
        segment.client()
    };

    let workspaces = client.list_workspaces().all().await?;
    println!("Workspaces of this token:");
    for workspace in &workspaces {
        println!(
            "  {:<20} {} (id {})",
            workspace.name, workspace.display_name, workspace.id
        );
    }
    let Some(workspace) = workspaces.first() else {
        return Ok(());
    };
    let workspace = workspace.resource_name()?;

    let sources = sources(&client, workspace.workspace()).await?;
    for source in &sources {
        let Some(destination) = destinations(&client, source).await? else {
            continue;
        };
        if made_up {
            disable(&client, &destination).await?;
        }
        break;
    }

    println!("\nA source that is not there:");
    match client
        .get_source()
        .parent(&workspace)
        .source("gone")
        .send()
        .await
    {
        Ok(source) => println!("  found {} after all", source.name),
        Err(e) if e.is_not_found() => println!("  not found, as it should be ({e})"),
        Err(e) => return Err(e.into()),
    }
    println!("\nNext: the chapters of the documentation (`cargo doc --open`), and the other");
    println!("examples (`cargo run --example`), which do what people script with this API.");
    Ok(())
}

/// Streams all sources (what sends events to Segment: a web site, an app, a server), page after
/// page, and shows how many there are of each kind.
async fn sources(client: &Client, workspace: &str) -> Result<Vec<Source>, Error> {
    println!("\nSources of {workspace}, which send events to Segment:");
    let mut sources = Vec::new();
    let mut pages = client.list_sources().workspace(workspace).pages();
    while let Some(page) = pages.try_next().await? {
        println!("  … {} more, in one request", page.items.len());
        sources.extend(page);
    }
    println!("  {} in all:", sources.len());
    let mut kinds = BTreeMap::<_, usize>::new();
    for source in &sources {
        *kinds.entry(&source.catalog_name).or_default() += 1;
    }
    for (kind, count) in kinds {
        println!("  {count:>4}  {kind}");
    }
    Ok(sources)
}

/// Shows where a source's events go, and the settings of the first of these destinations.
async fn destinations(
    client: &Client,
    source: &Source,
) -> Result<Option<DestinationName>, Box<dyn StdError>> {
    let name = source.resource_name()?;
    let destinations = client.list_destinations().parent(&name).all().await?;
    let Some(first) = destinations.first() else {
        return Ok(None);
    };
    println!("\nDestinations of {name}, which get its events:");
    for destination in &destinations {
        let state = if destination.enabled { "on" } else { "off" };
        println!(
            "  {:<20} {state:<4} {}",
            destination.display_name, destination.connection_mode
        );
    }
    let name = first.resource_name()?;
    let destination = client.get_destination().name(&name).send().await?;
    println!("\nSettings of {}:", destination.display_name);
    for item in destination.config.iter().flatten() {
        let setting = item.resource_name()?;
        match item.type_ {
            Some(ConfigItemType::Password) => println!("  {:<24} (a password)", setting.setting()),
            _ => println!("  {:<24} {}", setting.setting(), item.value),
        }
    }
    Ok(Some(name))
}

/// Switches a destination off: the patch names what changes, and nothing else does.
async fn disable(client: &Client, name: &DestinationName) -> Result<(), Error> {
    println!("\nSwitching {name} off:");
    let patch = DestinationPatch::new().enabled(false);
    println!("  mask {:?}", patch.paths());
    let after = client
        .update_destination()
        .name(name)
        .body(patch)
        .send()
        .await?;
    let settings = after.config.map_or(0, |config| config.len());
    println!(
        "  enabled: {}, and still {settings} settings",
        after.enabled
    );
    Ok(())
}
