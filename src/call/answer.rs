//! What the server says when it fails, in whatever form.
//!
//! The API documents `{"error": "…", "code": 7}`. In the wild there are also
//! broken JSON, single quotes, a proxy's text, HTML pages and nothing at all.

use crate::call::encoding;
use reqwest::{
    StatusCode, Url,
    header::{HeaderMap, LOCATION, RETRY_AFTER},
};
use serde_json::Value;
use std::time::{Duration, SystemTime};
use url::Position;

/// An answer that is not a value.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The gRPC status code.
    pub code: Option<i64>,
    /// The server's text.
    pub message: Option<String>,
}

impl Answer {
    pub fn new(status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Self {
        // In an encoding that cannot be read there is no text.
        let readable = encoding::foreign(&headers).is_none();
        let text = String::from_utf8_lossy(if readable { &body } else { b"" });
        let json = object(&text).unwrap_or_default();
        let message = match message(&json) {
            Some(message) => Some(message.to_string()),
            None => plain(&text).filter(|_| json.is_null()),
        };
        Self {
            code: code(&json),
            message,
            status,
            headers,
            body,
        }
    }

    /// A success that holds nothing but an error.
    pub fn disguised(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        const LONGEST: usize = 4096;
        if body.len() > LONGEST {
            return None;
        }
        let text = str::from_utf8(body).ok();
        let text = text.filter(|text| text.contains("\"error\""))?;
        let json: Value = serde_json::from_str(text).ok()?;
        let object = json.as_object()?;
        let keys = ["error", "code", "message", "details"];
        let bare =
            object.contains_key("error") && object.keys().all(|key| keys.contains(&key.as_str()));
        let error = bare && message(&json).is_some();
        error.then(|| Self::new(status, headers.clone(), body.to_vec()))
    }
}

/// What a failure's head says that its body does not.
pub(crate) fn beside_the_message(status: StatusCode, headers: &HeaderMap, asked: &Url) -> String {
    let redirect = || status.is_redirection().then(|| target(headers, asked))?;
    let encoded = || encoding::foreign(headers).map(encoding::left_encoded);
    redirect().or_else(encoded).unwrap_or_default()
}

/// Where a redirect leads; a query may hold a secret.
fn target(headers: &HeaderMap, asked: &Url) -> Option<String> {
    let target = asked.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let place = &target[Position::BeforeHost..Position::AfterPath];
    Some(format!("a redirect to {place}"))
}

/// The first object in `text`: a second document may follow it, and its quotes may be single.
fn object(text: &str) -> Option<Value> {
    let first = |text: &str| {
        serde_json::Deserializer::from_str(text)
            .into_iter::<Value>()
            .next()?
            .ok()
    };
    let quoted = || first(&text.replace('\'', "\""));
    first(text).or_else(quoted).filter(Value::is_object)
}

fn message(json: &Value) -> Option<&str> {
    let error = &json["error"];
    let first = &json["errors"][0];
    let texts = [
        error,
        &error["message"],
        &json["message"],
        &first["message"],
        first,
    ];
    let texts = texts.into_iter().filter_map(Value::as_str);
    texts.into_iter().find(|text| !text.trim().is_empty())
}

fn code(json: &Value) -> Option<i64> {
    let codes = [&json["code"], &json["error"]["code"]];
    let number = |code: &Value| code.as_i64().or_else(|| code.as_str()?.trim().parse().ok());
    codes.into_iter().find_map(number)
}

/// Of a page its title, of other text all of it.
fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.split_once("<title>") {
        Some((_, rest)) => rest.split("</title>").next()?.trim(),
        None if text.starts_with('<') => "an HTML page",
        None => text,
    };
    (!matches!(text, "" | "null")).then(|| text.to_string())
}

/// What the server says about when to come back: `Retry-After` in seconds or
/// as an HTTP date. Nonsense is ignored.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // Of more than 136 years it does not matter how many. They can be added to any time.
        let seconds = value.parse().unwrap_or(u32::MAX);
        // Zero would have every client come back at once.
        return (seconds > 0).then(|| Duration::from_secs(seconds.into()));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    // A date that has passed says nothing about now.
    date.duration_since(SystemTime::now()).ok()
}
