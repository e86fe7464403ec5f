//! Filters of destinations.

use super::super::{
    call::Call,
    quirk::Quirk,
    refusal::Refusal,
    state::{Object, State},
};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) fn missing(state: &State, call: &Call<'_>) -> Option<Refusal> {
    if state.resources.contains_key(call.path) {
        return None;
    }
    let (quirk, refusal) = match state.owner_exists(call) {
        Err(_) => {
            let message = "failed to validate permissions due to an internal error";
            (
                Quirk::MissingParentOfFilterIsInternal,
                Refusal::internal(message),
            )
        }
        Ok(()) => {
            let refusal = Refusal::invalid("filter does not exist");
            (Quirk::MissingFilterIsInvalid, refusal)
        }
    };
    state.has(quirk).then_some(refusal)
}

pub(super) fn shown(state: &State, path: &str, filter: &mut Object) {
    if let Some((destination, id)) = path.split_once("/filters/")
        && state.has(Quirk::FilterNamesHoldConfig)
    {
        let mut hasher = DefaultHasher::new();
        destination.hash(&mut hasher);
        let config = format!("{:024x}", hasher.finish());
        let name = format!("{destination}/config/{config}/filters/{id}");
        filter.insert("name".into(), name.into());
    }
}

/// Conditions are not evaluated: the event comes out as it went in. What Segment answers here,
/// nobody knows.
pub(in super::super) fn preview_destination_filter(
    _: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    let input = call.body["input"].as_str().unwrap_or_default();
    let event: Value =
        serde_json::from_str(input).map_err(|error| Refusal::invalid(format!("input: {error}")))?;
    Ok(json!({"input": event, "output": event}))
}
