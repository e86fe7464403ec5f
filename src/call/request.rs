//! What a call makes of its arguments.

use crate::{call::endpoint::Endpoint, values::json::Json};
use serde::Serialize;
use std::sync::Arc;

/// Why a request could not be made of a call's arguments.
#[derive(Debug)]
pub enum Refused {
    /// An argument is missing or unusable.
    Argument(String),
    /// The arguments do not make a request.
    Request(reqwest::Error),
}

/// A request ready to be sent, and where it goes.
pub type Request = Result<(Arc<Endpoint>, reqwest::Request), Refused>;

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self::Argument(reason)
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self::Argument(error.to_string())
    }
}

impl From<reqwest::Error> for Refused {
    fn from(error: reqwest::Error) -> Self {
        Self::Request(error.without_url())
    }
}

/// The query parameters that a value makes: none if there is no value, one for each item of a list.
pub(crate) fn query<'n>(
    name: &'n str,
    value: &impl Serialize,
) -> Result<Vec<(&'n str, String)>, serde_json::Error> {
    let value = Json::of(value)?;
    let values = match value.decode::<Option<Vec<Json>>>() {
        Ok(list) => list.unwrap_or_default(),
        Err(_) => vec![value],
    };
    let text = |value: Json| match value.decode() {
        Ok(text) => (name, text),
        Err(_) => (name, value.text().to_string()),
    };
    Ok(values.into_iter().map(text).collect())
}
