//! The way of a call: what it is made of, how it goes out, and what comes back.

mod answer;
mod body;
pub mod credentials;
mod encoding;
pub(crate) mod endpoint;
#[macro_use]
pub(crate) mod error;
pub(crate) mod operation;
pub(crate) mod proof;
pub(crate) mod rate_limit;
pub(crate) mod raw_call;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod transport;

use crate::call::{error::Error, response::Response};
use serde::de::DeserializeOwned;

/// A call, whichever it is: for code that takes any.
///
/// Every method of the client that is an operation gives one. The methods are those that it has anyhow, so no
/// import is needed to send a call.
///
/// ```
/// use segment_config_api::{Call, Error};
///
/// /// What the call answers, or nothing if the resource is not there.
/// async fn found<C: Call>(call: C) -> Result<Option<C::Answer>, Error> {
///     match call.send().await {
///         Ok(answer) => Ok(Some(answer)),
///         Err(e) if e.is_not_found() => Ok(None),
///         Err(e) => Err(e),
///     }
/// }
/// ```
///
/// It is implemented by this crate only.
pub trait Call: sealed::Call + Clone + Send + Sized + 'static {
    /// What the server answers.
    type Answer: DeserializeOwned + Send + 'static;

    /// Sends the call and returns what the server answered.
    ///
    /// # Errors
    /// Any [`Error`]; nothing is sent if an argument is missing or unusable.
    fn send(self) -> impl Future<Output = Result<Self::Answer, Error>> + Send {
        async { Ok(Call::send_response(self).await?.into_value()) }
    }

    /// Like [`send`](Self::send), with the answer's status and headers.
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    fn send_response(self) -> impl Future<Output = Result<Response<Self::Answer>, Error>> + Send {
        async { transport::call(Self::OPERATION, sealed::Call::request(self)).await }
    }
}

pub(crate) mod sealed {
    use crate::call::{operation::Operation, request::Request};

    pub trait Call {
        const OPERATION: &'static Operation;
        fn request(self) -> Request;
    }
}

/// Makes a call of a type that has a `request()`.
macro_rules! send {
    ($builder:ident $operation:ident -> $answer:ty) => {
        impl crate::call::sealed::Call for $builder {
            const OPERATION: &'static crate::call::operation::Operation =
                &crate::call::operation::$operation;

            fn request(self) -> crate::call::request::Request {
                self.request()
            }
        }

        impl crate::call::Call for $builder {
            type Answer = $answer;
        }

        impl $builder {
            /// Sends the call and returns what the server answered.
            ///
            /// # Errors
            /// Any [`Error`](crate::Error); nothing is sent if an argument is missing or unusable.
            pub async fn send(self) -> Result<$answer, crate::call::error::Error> {
                self.send_response()
                    .await
                    .map(crate::call::response::Response::into_value)
            }

            /// Like [`send`](Self::send), with the answer's status and headers.
            ///
            /// # Errors
            /// As for [`send`](Self::send).
            pub async fn send_response(
                self,
            ) -> Result<crate::call::response::Response<$answer>, crate::call::error::Error> {
                crate::call::transport::call(&crate::call::operation::$operation, self.request())
                    .await
            }
        }
    };
}
