//! Sources, and what their libraries do with calls that nobody planned.

use super::super::{
    call::Call,
    quirk::Quirk,
    refusal::Refusal,
    state::{Object, State},
};
use serde_json::{Value, json};

pub(in super::super) fn made(path: &str, source: &mut Object) {
    let slug = path.rsplit('/').next().unwrap_or_default();
    // A live answer to a creation, of 2022-02-18, had these.
    for (key, value) in [
        ("display_name", slug.into()),
        ("labels", json!({})),
        ("function_config", json!([])),
    ] {
        source.entry(key).or_insert(value);
    }
}

pub(super) fn missing(state: &State, call: &Call<'_>) -> Option<Refusal> {
    let gone = state.owner_exists(call).is_err() && state.has(Quirk::MissingSchemaConfigIsInternal);
    let message = "runtime error: invalid memory address or nil pointer dereference";
    gone.then(|| Refusal::internal(message))
}

/// Warehouses are listed nowhere, so any id will do.
pub(in super::super) fn update_source_connected_warehouses(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    Ok(json!({}))
}
