//! Settings whose value the server has masked: bullets that would replace the secret.

use crate::values::json::Json;
use serde::Serialize;
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
    look(config, |value| match value {
        Value::Array(items) => items.iter().try_for_each(refuse_setting),
        _ => Ok(()),
    })
}

/// Why a body that holds settings is not to be sent.
pub(crate) fn refuse_in(body: &impl Serialize) -> Result<(), String> {
    look(&Json::of(body).map_err(|e| e.to_string())?, search)
}

/// Looks at the values, if that is worth its time.
fn look(json: &Json, look: impl Fn(&Value) -> Result<(), String>) -> Result<(), String> {
    match json.value() {
        Ok(value) if json.text().contains('•') || json.text().contains("\\u2022") => look(&value),
        _ => Ok(()),
    }
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
