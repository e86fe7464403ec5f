//! Tracking plans as files: fetched, compared, put back, copied.

#[path = "support/mod.rs"]
mod support;

use clap::{Parser, Subcommand};
use segment_config_api::{ClientBuilder, types::*};
use std::{collections::BTreeMap, env, fs, mem::replace, path::*, process::ExitCode};

/// Keeps the rules of tracking plans in files that are called as the plans are: for git and CI.
///
/// What a file lacks goes from its plan in a push. Without a command it is `pull . --dry-run`. The exit
/// status is 1 if `diff` finds something, or on failure.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The slug of the workspace; not needed if the token is for one only.
    #[arg(long, global = true)]
    workspace: Option<String>,
    /// Only prints what would change.
    #[arg(long, global = true)]
    dry_run: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Writes a file for each plan.
    Pull { directory: PathBuf },
    /// Creates or updates the plan of each file.
    Push { directory: PathBuf },
    /// Prints what a push would change.
    Diff { directory: PathBuf },
    /// Creates or updates each plan in another workspace; SEGMENT_TARGET_ACCESS_TOKEN is its token.
    Copy { to: String },
    /// Puts an event, with the rule of a Rust type, into the plan of a title.
    #[cfg(feature = "schemars")]
    Event { title: String },
}

/// A customer has paid.
#[cfg(feature = "schemars")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "an application would send it")]
struct OrderPaid {
    order_id: String,
    coupon: Option<String>,
}
type Plans = BTreeMap<String, TrackingPlan>;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let segment = support::workspace().await?;
    let (client, mut target) = (&segment.client, segment.client.clone());
    let slug = cli.workspace.as_deref();
    let mut to = client.workspace(slug).await?.resource_name()?;
    let mut there = client.tracking_plans_by_title(&to).await?;
    let diff = matches!(cli.command, Some(Command::Diff { .. }));
    let wanted = match cli.command {
        None => return write(there, Path::new("."), true),
        Some(Command::Pull { directory }) => return write(there, &directory, cli.dry_run),
        Some(Command::Push { directory } | Command::Diff { directory }) => read(&directory)?,
        Some(Command::Copy { to: other }) => {
            if let Ok(token) = env::var("SEGMENT_TARGET_ACCESS_TOKEN") {
                target = ClientBuilder::from_env()?.access_token(token).build()?;
            }
            to = target.workspace(Some(&other)).await?.resource_name()?;
            replace(&mut there, target.tracking_plans_by_title(&to).await?)
        }
        #[cfg(feature = "schemars")]
        Some(Command::Event { title }) => {
            let mut plan = anyhow::Context::context(there.get(&title), "no such plan")?.clone();
            let event = EventRule::of::<OrderPaid>("Order Paid");
            plan.rules.put_events([event]);
            Plans::from([(title, plan)])
        }
    };
    let mut changed = false;
    for (title, TrackingPlan { rules, .. }) in wanted {
        let now = there.remove(&title);
        let new = if now.is_some() { "" } else { " (new)" };
        let changes = now.unwrap_or_default().rules.diff(&rules);
        if !new.is_empty() || !changes.is_empty() {
            print!("plan {title:?}{new}\n{changes}");
            changed = true;
            let put = target.create_or_update_tracking_plan(&to, &title, rules);
            if !diff && !cli.dry_run {
                put.await?;
            }
        }
    }
    Ok(ExitCode::from(u8::from(diff && changed)))
}

fn write(plans: Plans, directory: &Path, dry_run: bool) -> anyhow::Result<ExitCode> {
    for (title, plan) in plans {
        let file = directory.join(title.replace('/', "%2F") + ".json");
        println!("{}", file.display());
        if !dry_run {
            fs::create_dir_all(directory)?;
            fs::write(file, format!("{:#}\n", serde_json::to_value(plan.rules)?))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(directory: &Path) -> anyhow::Result<Plans> {
    let mut plans = Plans::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(title) = name.strip_suffix(".json") {
            let plan = plans.entry(title.replace("%2F", "/")).or_default();
            let rules = serde_json::from_str(&fs::read_to_string(&path)?);
            plan.rules = rules.map_err(|e| anyhow::anyhow!("{name}: {e}"))?;
        }
    }
    Ok(plans)
}
