//! Functions, and what sources run of them.

use super::super::{
    call::Call,
    quirk::Quirk,
    refusal::Refusal,
    state::{Object, State, missing},
};
use serde_json::{Value, json};

/// Source functions begin with `sfnc_`; how others begin is not known.
pub(super) fn id(state: &mut State, call: &Call<'_>) -> String {
    let form = match kind(call) {
        "SOURCE" => "sfnc_{ksuid}",
        _ => "dfnc_{ksuid}",
    };
    state.next_id(Some(form))
}

/// Tools in use say the kind either in the query or in the body.
fn kind<'c>(call: &'c Call<'_>) -> &'c str {
    let query = call.query("type").or_else(|| call.body["type"].as_str());
    query.unwrap_or("SOURCE")
}

pub(super) fn made(state: &State, call: &Call<'_>, function: &mut Object) {
    function.insert("type".into(), kind(call).into());
    if kind(call) == "DESTINATION" && state.has(Quirk::FunctionNamesHoldWorkspace) {
        let id = call.part("workspace_id");
        let of_id = |w: &&Object| w.get("id").is_some_and(|v| v == id);
        let workspace = state.resources.values().find(of_id);
        let name = workspace.and_then(|w| w.get("display_name")?.as_str());
        let own = function.get("display_name").and_then(Value::as_str);
        if let (Some(own), Some(name)) = (own, name) {
            function.insert("display_name".into(), format!("{own} ({name})").into());
        }
    }
}

/// What runs is no longer the latest version.
pub(super) fn changed(state: &mut State, path: &str) -> Result<(), Refusal> {
    let workspace = path
        .rsplit_once("/functions/")
        .map(|(workspace, _)| workspace);
    let deployed = format!("{}/deployments/", workspace.unwrap_or_default());
    for (_, deployment) in state
        .resources
        .iter_mut()
        .filter(|(path, _)| path.starts_with(&deployed))
    {
        deployment.insert("is_latest".into(), false.into());
    }
    Ok(())
}

/// The code is not run: it has to have a handler, and then it succeeds.
pub(in super::super) fn preview_function(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let payload = call.body["payload"].as_str().unwrap_or_default();
    if let Err(error) = serde_json::from_str::<Value>(payload) {
        return Err(Refusal::invalid(format!("payload: {error}")));
    }
    let code = call.body["function"]["code"].as_str().unwrap_or_default();
    let handler = match call.query("type") {
        Some("SOURCE") => "onRequest",
        _ => "on",
    };
    let runs = code.contains(&format!("function {handler}"));
    let reason = format!("the code has no function {handler}");
    let session = call.body["session_id"].as_str();
    Ok(json!({
        "invoke": {
            "success": runs,
            "output": "",
            "error_reason": (!runs).then_some(reason),
        },
        "logs": [{"message": "the code was not run", "created_at": state.now()}],
        "logs_truncated": false,
        "session_id": session.unwrap_or("EXAMPLE_SESSION"),
    }))
}

/// The latest version is what runs, from now on.
pub(in super::super) fn deploy_function(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    let path = instance(state, call)?;
    let deployment = json!({"is_latest": true});
    state
        .resources
        .insert(path, deployment.as_object().cloned().unwrap_or_default());
    Ok(json!({}))
}

pub(in super::super) fn get_function_is_latest_version(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    let path = instance(state, call)?;
    let deployment = state.resources.get(&path);
    let latest = deployment.and_then(|d| d.get("is_latest")?.as_bool());
    Ok(json!({"is_latest": latest.unwrap_or(false)}))
}

/// Where it is kept what a source runs: `sfn_` and the id of the source.
fn instance(state: &State, call: &Call<'_>) -> Result<String, Refusal> {
    let workspace = format!("workspaces/{}", call.part("workspace_id"));
    let instance = call.part("function");
    let source = instance.strip_prefix("sfn_");
    let mut sources = state
        .resources
        .iter()
        .filter(|(path, _)| path.contains("/sources/"));
    match sources.any(|(_, s)| source.is_some() && s.get("id").and_then(Value::as_str) == source) {
        true => Ok(format!("{workspace}/deployments/{instance}")),
        false => Err(missing("function")),
    }
}
