//! Regulations, which run on their own once they are made, and the users that they suppress.

use super::super::{
    call::Call,
    clock::written,
    refusal::Refusal,
    state::{Object, State},
};
use crate::values::time::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// The most values of one call, as documented.
const MOST_VALUES: usize = 5000;

/// When a regulation begins to run, and when it has finished: made up.
const BEGINS: Duration = Duration::from_secs(60);
const FINISHES: Duration = Duration::from_secs(120);

pub(in super::super) fn create_regulation(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    create(state, call)
}

pub(in super::super) fn create_source_regulation(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    create(state, call)
}

pub(in super::super) fn delete_cloud_source_object(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    let source = call.path.trim_end_matches("regulations");
    let collection = call.body["collection"].as_str().unwrap_or_default();
    match collection.starts_with(source) {
        true => create(state, call),
        false => Err(Refusal::invalid(format!(
            "collection: expected a name below {source}"
        ))),
    }
}

fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let attributes = &call.body["attributes"];
    let values = attributes["values"].as_array().map_or(0, Vec::len);
    if values == 0 || values > MOST_VALUES {
        return Err(Refusal::invalid(format!(
            "attributes.values: expected 1 to {MOST_VALUES}"
        )));
    }
    let workspace = format!("workspaces/{}", call.part("workspace"));
    let id = state.next_id(Some("{ksuid}"));
    let regulation = json!({
        "regulate_id": id,
        "workspace_id": state.text(&workspace, "id"),
        "regulation_type": call.body["regulation_type"],
        "attributes": attributes,
        "created_at": state.now(),
        "stream_status": [],
    });
    let kept = regulation.as_object().cloned().unwrap_or_default();
    state
        .resources
        .insert(format!("{workspace}/regulations/{id}"), kept);
    let kind = call.body["regulation_type"].as_str().unwrap_or_default();
    suppress(state, &workspace, &id, kind, attributes);
    Ok(json!({"regulate_id": id}))
}

fn suppress(state: &mut State, workspace: &str, id: &str, kind: &str, attributes: &Value) {
    let path = format!("{workspace}/suppressed-users/{id}");
    if kind.starts_with("Suppress") {
        let kept = attributes.as_object().cloned().unwrap_or_default();
        state.resources.insert(path, kept);
    }
    if kind != "Unsuppress" {
        return;
    }
    let freed = attributes["values"].as_array().cloned().unwrap_or_default();
    let all = format!("{workspace}/suppressed-users/");
    state.resources.retain(|path, suppressed| {
        let Some(values) = suppressed.get_mut("values").and_then(Value::as_array_mut) else {
            return true;
        };
        if path.starts_with(&all) {
            values.retain(|value| !freed.contains(value));
        }
        !(path.starts_with(&all) && values.is_empty())
    });
}

/// How far it is: it runs on its own.
pub(super) fn shown(state: &State, regulation: &mut Object) {
    let (created, age) = age(state, regulation);
    let status = match age {
        age if age < BEGINS => "initialized",
        age if age < FINISHES => "running",
        _ => "finished",
    };
    for key in ["status", "overall_status"] {
        regulation.entry(key).or_insert(status.into());
    }
    if status == "finished" {
        let finished = written(created + FINISHES);
        regulation.entry("finished_at").or_insert(finished.into());
    }
}

fn age(state: &State, regulation: &Object) -> (Duration, Duration) {
    let created = regulation.get("created_at").and_then(Value::as_str);
    let created: Option<Timestamp> = created.and_then(|time| time.parse().ok());
    let seconds = created.and_then(|time| u64::try_from(time.as_second()).ok());
    let created = Duration::from_secs(seconds.unwrap_or_default());
    (created, state.clock.now().saturating_sub(created))
}

/// A regulation can be taken back as long as it has not begun.
pub(super) fn removable(state: &State, call: &Call<'_>) -> Result<(), Refusal> {
    let regulation = state.resources.get(call.path);
    match regulation.map(|regulation| age(state, regulation).1) {
        Some(age) if age >= BEGINS => Err(Refusal::invalid("the regulation has begun")),
        _ => Ok(()),
    }
}
