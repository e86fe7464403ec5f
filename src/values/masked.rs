//! Settings whose value the server has masked: bullets that would replace the secret.

use crate::values::json::Json;
use serde_json::Value;

pub(crate) const REASON: &str =
    "the value is masked by the server; give the real one or leave it out";

pub(crate) fn is_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('•'),
        Value::Array(values) => values.iter().any(is_masked),
        Value::Object(map) => map.values().any(is_masked),
        _ => false,
    }
}

/// Why a list of settings is not to be sent; anything else passes.
pub(crate) fn refuse(config: &Json) -> Result<(), String> {
    look(config.text(), |value| match value {
        Value::Array(items) => items.iter().try_for_each(refuse_setting),
        _ => Ok(()),
    })
}

/// Why JSON that holds settings is not to be sent.
pub(crate) fn refuse_in(json: &str) -> Result<(), String> {
    look(json, search)
}

/// Looks at the values, if that is worth its time.
fn look(json: &str, look: impl Fn(&Value) -> Result<(), String>) -> Result<(), String> {
    if !json.contains('•') && !json.contains("\\u2022") {
        return Ok(());
    }
    serde_json::from_str(json).map_or(Ok(()), |value| look(&value))
}

fn search(value: &Value) -> Result<(), String> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| {
            refuse_setting(value)?;
            search(value)
        }),
        Value::Object(map) => map.values().try_for_each(search),
        _ => Ok(()),
    }
}

fn refuse_setting(item: &Value) -> Result<(), String> {
    match item["name"].as_str() {
        Some(name) if is_masked(&item["value"]) => {
            Err(format!("setting `{}`: {REASON}", short_name(name)))
        }
        _ => Ok(()),
    }
}

/// The last part of a name: that of `…/config/apiKey` is not that of `…/config/mobileApiKey`.
pub(crate) fn short_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
