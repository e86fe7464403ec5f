//! What is particular to a service: how its resources differ from the rest, and the operations
//! that are none of the standard methods.

pub(super) mod apps_installs;
pub(super) mod deletion_suppression;
pub(super) mod destination_filters;
pub(super) mod destinations;
pub(super) mod event_delivery_metrics;
pub(super) mod functions;
pub(super) mod sources;
pub(super) mod tracking_plans;

use super::{
    call::Call,
    refusal::Refusal,
    state::{Object, State},
};

/// The id of what a call creates, where it says more than the document knows.
pub(super) fn id(state: &mut State, call: &Call<'_>) -> Option<String> {
    match call.operation.answer.as_str() {
        "Function" => Some(functions::id(state, call)),
        _ => None,
    }
}

/// Completes what was just created.
pub(super) fn made(state: &mut State, call: &Call<'_>, path: &str, resource: &mut Object) {
    match call.operation.answer.as_str() {
        "Source" => sources::made(path, resource),
        "Function" => functions::made(state, call, resource),
        _ => {}
    }
}

/// Completes what was created or updated, or refuses it.
pub(super) fn changed(state: &mut State, path: &str, resource: &mut Object) -> Result<(), Refusal> {
    match state.facts.kept(path) {
        Some("Destination") => destinations::changed(state, path, resource),
        Some("Function") => functions::changed(state, path),
        _ => Ok(()),
    }
}

/// What is shown of a resource, by the schema that shows it.
pub(super) fn shown(state: &State, schema: &str, path: &str, resource: &mut Object) {
    match schema {
        "Destination" => destinations::shown(state, path, resource),
        "Filter" => destination_filters::shown(state, path, resource),
        "Regulation" | "RegulationEntry" => deletion_suppression::shown(state, resource),
        "TrackingPlanSummary" => tracking_plans::listed(state, resource),
        _ => {}
    }
}

/// The refusal of a call about something that is not there, where it is not the usual one.
pub(super) fn missing(state: &State, call: &Call<'_>) -> Option<Refusal> {
    match state.facts.kept(call.path) {
        Some("Filter") => destination_filters::missing(state, call),
        Some("SchemaConfig") => sources::missing(state, call),
        _ => None,
    }
}

/// Refuses to delete what has to stay.
pub(super) fn removable(state: &State, call: &Call<'_>) -> Result<(), Refusal> {
    match state.facts.kept(call.path) {
        Some("Regulation") => deletion_suppression::removable(state, call),
        _ => Ok(()),
    }
}
