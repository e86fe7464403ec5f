//! Judgement: what people do with each service, beyond its calls.

mod access;
pub mod destinations;
pub mod filters;
pub mod fql;
pub mod functions;
pub mod regulations;
pub mod settings;
pub mod snapshot;
pub mod tracking_plans;
pub(crate) mod upsert;
mod workspaces;
