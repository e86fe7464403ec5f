//! What a call makes of its arguments.

use crate::call::endpoint::Endpoint;
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

impl From<reqwest::Error> for Refused {
    fn from(error: reqwest::Error) -> Self {
        Self::Request(error.without_url())
    }
}

/// The query parameters that a list makes: one for each item.
pub(crate) fn each<'v, T: 'v>(
    name: &'static str,
    values: impl IntoIterator<Item = &'v T>,
) -> Vec<(&'static str, &'v T)> {
    values.into_iter().map(|value| (name, value)).collect()
}
