//! A first look at a workspace: its sources, one destination's settings, and a 404.
//!
//! With `SEGMENT_ACCESS_TOKEN` it talks to Segment and only reads. Without, it
//! starts a small server of its own and talks to that.

mod demo;

use segment_config_api::{Client, Error, enums::ConfigItemType, types::Source};
use std::{collections::BTreeMap, error::Error as StdError};

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let demo;
    let client = if std::env::var_os("SEGMENT_ACCESS_TOKEN").is_some() {
        println!("Reading from Segment with the token in SEGMENT_ACCESS_TOKEN.\n");
        Client::from_env()?
    } else {
        println!("SEGMENT_ACCESS_TOKEN is not set, so this talks to a made-up workspace");
        println!("on a server of its own, which goes away with it.\n");
        demo = demo::start().await;
        Client::builder()
            .base_url(demo.url("/v1beta"))
            .access_token("EXAMPLE_TOKEN")
            .build()?
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
    if let Some(source) = sources.first() {
        destinations(&client, source).await?;
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
    Ok(())
}

/// Streams all sources, page after page, and shows how many there are of each kind.
async fn sources(client: &Client, workspace: &str) -> Result<Vec<Source>, Error> {
    println!("\nSources of {workspace}:");
    let mut sources = Vec::new();
    let mut pages = client.list_sources().workspace(workspace).pages();
    while let Some(page) = pages.try_next().await? {
        println!("  … a page of {}", page.items.len());
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

/// Shows the first source's destinations, and the settings of the first of them.
async fn destinations(client: &Client, source: &Source) -> Result<(), Box<dyn StdError>> {
    let name = source.resource_name()?;
    let destinations = client.list_destinations().parent(&name).all().await?;
    println!("\nDestinations of {name}:");
    for destination in &destinations {
        let state = if destination.enabled { "on" } else { "off" };
        println!(
            "  {:<20} {state:<4} {}",
            destination.display_name, destination.connection_mode
        );
    }
    let Some(destination) = destinations.first() else {
        return Ok(());
    };
    let destination = client
        .get_destination()
        .name(&destination.resource_name()?)
        .send()
        .await?;
    println!("\nSettings of {}:", destination.display_name);
    for item in destination.config.iter().flatten() {
        let setting = item.resource_name()?;
        match item.type_ {
            Some(ConfigItemType::Password) => println!("  {:<24} (a password)", setting.setting()),
            _ => println!("  {:<24} {}", setting.setting(), item.value),
        }
    }
    Ok(())
}
