//! Checks every source and its destinations against a policy.

#[path = "support/mod.rs"]
mod support;

use clap::Parser;
use futures::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use regex_lite::Regex;
use segment_config_api::types::{Destination, Source};
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

/// Checks every source of a workspace, and its destinations, against a policy.
///
/// The exit status is 0 if all is well, 1 if something was found or went wrong.
#[derive(Parser)]
#[command(after_help = format!("The policy, unless there is another: {POLICY}"))]
struct Cli {
    /// The slug of the workspace; not needed if the token is for one only.
    #[arg(long)]
    workspace: Option<String>,

    /// A policy of your own, in JSON.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
}

const POLICY: &str = r#"{
  "names": "^[a-z0-9]+(-[a-z0-9]+)+$",
  "labels": {"environment": ["production", "staging", "demo", "dev"]},
  "disabled": {"checkout-web/google-analytics": "replaced by the server's events"}
}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// What the slug of a source has to look like.
    names: String,
    /// The labels that a source has to have, with the values that there are; none for any.
    labels: BTreeMap<String, Vec<String>>,
    /// Why destinations are disabled, by `source/destination`.
    disabled: BTreeMap<String, String>,
}

/// Where, which rule, and what is wrong.
type Finding = (String, &'static str, String);

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let policy = cli.policy.map_or(Ok(POLICY.into()), fs::read_to_string);
    let policy: Policy = serde_json::from_str(&policy?)?;
    let names = Regex::new(&policy.names)?;
    let segment = support::workspace().await?;
    let client = &segment.client;
    let workspace = client.workspace(cli.workspace.as_deref()).await?.name;
    let sources = client.list_sources().parent(&workspace).all().await?;
    let (count, bar) = (sources.len(), ProgressBar::new(sources.len() as u64));
    // So many may wait at once; how many leave is the business of the client's rate limit.
    let list = async |source: Source| {
        let list = client.list_destinations().parent(&source.name).all().await;
        list.map(|destinations| (source, destinations))
    };
    let mut listed = stream::iter(sources).map(list).buffered(16);
    let (mut destinations, mut findings) = (0, Vec::new());
    while let Some((source, of_source)) = listed.try_next().await? {
        findings.extend(check_source(&source, &policy, &names));
        findings.extend(of_source.iter().filter_map(|d| check(d, &policy)));
        destinations += of_source.len();
        bar.inc(1);
    }
    bar.finish_and_clear();
    let found = findings.len();
    if cli.json {
        let finding = |(w, r, p): Finding| json!({"resource": w, "rule": r, "problem": p});
        let findings: Vec<_> = findings.into_iter().map(finding).collect();
        let counts = json!({"sources": count, "destinations": destinations});
        let report = json!({"workspace": workspace, "counts": counts, "findings": findings});
        println!("{report:#}");
    } else {
        for (resource, rule, problem) in findings {
            println!("{resource:<32}  {rule:<8}  {problem}");
        }
        println!("{workspace}: {count} sources, {destinations} destinations, {found} findings");
    }
    Ok(ExitCode::from(u8::from(found > 0)))
}

fn check_source(source: &Source, policy: &Policy, names: &Regex) -> Vec<Finding> {
    let slug = short(&source.name);
    let named = (!names.is_match(slug)).then(|| ("name", format!("is not {names}")));
    let labels = policy.labels.iter().filter_map(|(label, allowed)| {
        let problem = match source.labels.get(label) {
            None => format!("has no label `{label}`"),
            Some(value) if allowed.is_empty() || allowed.contains(value) => return None,
            Some(value) => format!("`{label}` is {value:?}, not one of {allowed:?}"),
        };
        Some(("label", problem))
    });
    let problems = named.into_iter().chain(labels);
    problems.map(|(r, p)| (slug.into(), r, p)).collect()
}

fn check(destination: &Destination, policy: &Policy) -> Option<Finding> {
    let name = short(&destination.name).replacen("/destinations/", "/", 1);
    let reason = policy.disabled.get(&name).map(|reason| reason.trim());
    let without_reason = !destination.enabled && reason.is_none_or(str::is_empty);
    without_reason.then(|| (name, "disabled", "the policy gives no reason".into()))
}

/// A name without `workspaces/…/sources/`.
fn short(name: &str) -> &str {
    name.splitn(4, '/').nth(3).unwrap_or(name)
}
