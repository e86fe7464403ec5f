//! The client: what a program holds.

pub(crate) mod builder;
#[cfg(feature = "rustls-no-provider")]
mod tls;

use crate::call::{
    endpoint::Endpoint,
    raw_call::{self, RawCall},
};
use std::{fmt, sync::Arc};

/// A client of the Config API; each of its methods starts a call.
///
/// Clones are cheap and share connections, the rate limit and the retry budget.
///
/// Calls run on tokio, with sockets and timers: a runtime that is built by hand
/// wants `enable_all`. Elsewhere tokio panics as soon as a call is polled.
///
/// ```
/// use segment_config_api::Client;
///
/// let client = Client::builder().access_token("EXAMPLE_TOKEN").build()?;
/// let call = client.list_sources().workspace("acme");
/// # let _ = call;
/// # Ok::<(), segment_config_api::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Endpoint>);

impl Client {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self(Arc::new(endpoint))
    }

    /// Where its calls go.
    pub(crate) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.0
    }
}

macro_rules! raw_calls {
    ($($method:ident $constant:ident;)*) => {
        /// Calls by path.
        impl Client {
            $(
                #[doc = concat!("Starts a ", stringify!($constant), " of a path that has no method of its own; see [`RawCall`].")]
                pub fn $method(&self, path: impl Into<String>) -> RawCall {
                    RawCall::new(self.0.clone(), &raw_call::$constant, path.into())
                }
            )*
        }
    };
}

raw_calls! {
    get GET;
    post POST;
    put PUT;
    patch PATCH;
    delete DELETE;
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.0.base_url.as_str())
            .finish_non_exhaustive()
    }
}
