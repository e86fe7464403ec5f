//! Tracking plans and the sources that they are connected to.

use super::super::{
    call::Call,
    quirk::Quirk,
    refusal::Refusal,
    state::{Object, State},
};
use serde_json::{Value, json};

pub(super) fn listed(state: &State, plan: &mut Object) {
    if state.has(Quirk::ListedPlansHaveNoEvents)
        && let Some(rules) = plan.get_mut("rules")
    {
        rules["events"] = json!([]);
    }
}

/// All sources are connected or none; whether one that is connected is an error is not known,
/// and it is none here.
pub(in super::super) fn batch_create_tracking_plan_source_connections(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let names = call.body["source_names"].as_array().into_iter().flatten();
    let names: Vec<_> = names.filter_map(Value::as_str).collect();
    if let Some(absent) = names
        .iter()
        .find(|name| !state.resources.contains_key(**name))
    {
        return Err(Refusal::not_found(format!("{absent} does not exist")));
    }
    let Some((plan, _)) = call.path.rsplit_once('/') else {
        return Err(Refusal::unimplemented());
    };
    let mut connections = Vec::new();
    for name in names {
        let id = call.part("tracking_plan");
        let connection = json!({"source_name": name, "tracking_plan_id": id});
        let slug = name.rsplit('/').next().unwrap_or_default();
        let path = format!("{plan}/source-connections/{slug}");
        let kept = connection.as_object().cloned().unwrap_or_default();
        state.resources.insert(path, kept);
        connections.push(connection);
    }
    Ok(json!({"connections": connections}))
}
