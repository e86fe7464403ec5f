//! What a call makes of its arguments.

use crate::{
    call::{endpoint::Endpoint, operation::Operation},
    values::{
        masked,
        path::{PathSegment, encoded},
    },
};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use std::{borrow::Cow, fmt::Display, sync::Arc};

/// What a call sends and where it goes, or why an argument is missing or unusable.
pub type Request = Result<(Arc<Endpoint>, Parts), String>;

/// What is sent, whatever the types of the arguments are.
#[derive(Default)]
pub struct Parts {
    /// Encoded.
    pub(crate) path: String,
    pub(crate) query: Vec<(Cow<'static, str>, String)>,
    /// JSON.
    pub(crate) body: Option<Vec<u8>>,
}

impl Parts {
    pub(crate) fn into_request(
        self,
        endpoint: &Endpoint,
        operation: &Operation,
    ) -> reqwest::Request {
        let mut url = endpoint.url(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(self.query);
        }
        let mut request = reqwest::Request::new(operation.method.clone(), url);
        if let Some(body) = self.body {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = Some(body.into());
        }
        request
    }
}

/// The arguments of a call on their way into its request; the first that is missing or unusable
/// refuses it. Each kind of argument is compiled once, and not in each call.
pub(crate) struct Arguments(Result<Parts, String>);

impl Arguments {
    /// The segments stand in the place of the path's parameters, in their order.
    pub fn of(operation: &Operation, segments: &[&Result<PathSegment, String>]) -> Self {
        let mut arguments = Self(Ok(Parts::default()));
        let mut rest = operation.path;
        for segment in segments {
            let (before, after) = rest.split_once('{').unwrap_or((rest, ""));
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
            arguments = arguments.take(segment.as_ref(), |mut parts, segment| {
                parts.path.push_str(before);
                parts.path.extend(encoded(segment.as_str()));
                Ok(parts)
            });
        }
        arguments.take(Ok(rest), |mut parts, rest| {
            parts.path.push_str(rest);
            Ok(parts)
        })
    }

    fn take<T>(
        self,
        argument: Result<T, &String>,
        take: impl FnOnce(Parts, T) -> Result<Parts, String>,
    ) -> Self {
        let taken = |parts| take(parts, argument.map_err(String::clone)?);
        Self(self.0.and_then(taken))
    }

    /// Refuses an id of another kind, with what the document says of the right one.
    pub fn prefix(
        self,
        id: &Result<PathSegment, String>,
        parameter: &str,
        prefix: &str,
        description: &str,
    ) -> Self {
        self.take(id.as_ref(), |parts, id| {
            match id.as_str().starts_with(prefix) {
                true => Ok(parts),
                false => Err(format!(
                    "`{parameter}`: it does not start with `{prefix}`. {description}"
                )),
            }
        })
    }

    /// A parameter for each of the values.
    pub fn query<T: Display>(self, name: &'static str, values: Result<&[T], &String>) -> Self {
        self.take(values, |mut parts, values| {
            let pairs = values.iter().map(|v| (name.into(), v.to_string()));
            parts.query.extend(pairs);
            Ok(parts)
        })
    }

    /// As `query`; a list that names nothing would not be sent at all.
    pub fn needed<T: Display>(self, name: &'static str, values: Result<&[T], &String>) -> Self {
        let named = self.take(values, |parts, values| match values {
            [] => Err(format!("`{name}` is empty, and has to name at least one")),
            _ => Ok(parts),
        });
        named.query(name, values)
    }

    pub fn body(self, body: &Result<impl Serialize, String>) -> Self {
        self.json(body.as_ref().map_err(String::clone).and_then(json))
    }

    fn json(self, body: Result<Vec<u8>, String>) -> Self {
        let body = body.map(Some);
        Self(self.0.and_then(|parts| {
            Ok(Parts {
                body: body?,
                ..parts
            })
        }))
    }

    /// Refuses settings whose values the server has masked.
    pub fn unmasked(self) -> Self {
        let refused = |parts: Parts| {
            let body = parts.body.as_deref().and_then(|b| str::from_utf8(b).ok());
            masked::refuse_in(body.unwrap_or_default()).map(|()| parts)
        };
        Self(self.0.and_then(refused))
    }

    pub fn to(self, endpoint: &Arc<Endpoint>) -> Request {
        Ok((endpoint.clone(), self.0?))
    }
}

pub(crate) fn json(body: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, String> {
    serde_json::to_vec(body).map_err(|e| format!("`body`: {e}"))
}
