//! Brings a function from a file to Segment: previewed, created or updated, deployed.

#[path = "support/mod.rs"]
mod support;

use clap::Parser;
use segment_config_api::{CreatedOrUpdated, types::*};
use serde_json::json;
use std::{fs, path::PathBuf, process::ExitCode};

/// Brings a function from a file to Segment, as CI does on a merge.
///
/// It is run with the payload first, and nothing is written if that fails. Then it is created, or
/// updated where it differs, and deployed to the sources that are named. Without `--code` a sample
/// is previewed, and nothing is written. The exit status is 1 if the preview or a call fails.
#[derive(Parser)]
struct Cli {
    /// The code, in JavaScript.
    #[arg(long, value_name = "FILE", requires = "name")]
    code: Option<PathBuf>,
    /// The display name, without the workspace's that Segment appends.
    #[arg(long)]
    name: Option<String>,
    #[arg(long = "type", value_parser = ["SOURCE", "DESTINATION"], ignore_case = true, default_value = "SOURCE")]
    type_: String,
    /// The settings, a list in JSON; those that are there stay if it is not given.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// What to call the code with in the preview, in JSON.
    #[arg(long, value_name = "FILE")]
    payload: Option<PathBuf>,
    /// The slug of a source that runs the function; it may be given several times.
    #[arg(long, value_name = "SOURCE")]
    deploy_to: Vec<String>,
    /// The slug of the workspace; not needed if the token is for one only.
    #[arg(long)]
    workspace: Option<String>,
    /// Previews, and says what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

const CODE: &str = "async function onRequest(request, settings) {
  const order = request.json()
  Segment.track({ event: 'Order Paid', userId: order.user, properties: order })
}
";
const PAYLOAD: &str = r#"{"headers": {}, "body": {"user": "u-1017", "total": 4200}}"#;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let dry_run = cli.dry_run || cli.code.is_none();
    let (name, type_) = (
        cli.name.unwrap_or("Orders".into()),
        cli.type_.to_uppercase(),
    );
    let read = |file: Option<PathBuf>, or: &str| file.map_or(Ok(or.into()), fs::read_to_string);
    let (code, payload) = (read(cli.code, CODE)?, read(cli.payload, PAYLOAD)?);
    let mut function = NewFunction::builder()
        .display_name(&name)
        .code(&code)
        .buildpack("boreal");
    let mut draft = FunctionDraft::builder().code(&code).buildpack("boreal");
    if let Some(settings) = cli.settings {
        let settings: Vec<FunctionSetting> = serde_json::from_str(&fs::read_to_string(settings)?)?;
        draft = draft.settings(settings.clone());
        function = function.settings(settings);
    }
    let segment = support::workspace().await?;
    let client = &segment.client;
    let workspace = client.workspace(cli.workspace.as_deref()).await?;
    let (id, mut sources) = (workspace.id.as_str(), Vec::new());
    for slug in &cli.deploy_to {
        let source = client.get_source().parent(&workspace.name).source(slug);
        sources.push(source.send().await?);
    }

    let request = PreviewFunctionRequest::builder()
        .function(draft)
        .payload(payload);
    let preview = client.preview_function().workspace_id(id).type_(&*type_);
    let preview = preview.body(request).send().await?;
    let logs = preview.logs.iter().flatten();
    logs.for_each(|log| eprintln!("preview: {}", log.message));
    if !preview.invoke.success {
        let reason = preview.invoke.error_reason.unwrap_or_default();
        anyhow::bail!("the preview failed: {reason}");
    }
    let action = if dry_run {
        let found = client.find_function(id, &*type_, &name).await?;
        found.map_or("would create", |_| "would update")
    } else {
        match client
            .create_or_update_function(id, &*type_, function)
            .await?
        {
            CreatedOrUpdated::Created(_) => "created",
            CreatedOrUpdated::Unchanged(_) => "left as it is",
            _ => "updated",
        }
    };
    for source in sources.iter().filter(|_| !dry_run) {
        let deploy = client.deploy_function().workspace_id(id).source(source);
        deploy.send().await?;
    }
    let to: String = cli.deploy_to.iter().map(|s| format!(" -> {s}")).collect();
    if cli.json {
        println!(
            "{}",
            json!({"function": name, "action": action, "deploy_to": cli.deploy_to})
        );
    } else {
        println!("{action}: {name}{to}");
    }
    Ok(ExitCode::SUCCESS)
}
