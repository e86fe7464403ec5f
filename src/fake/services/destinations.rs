//! Destinations and their settings.

use super::super::{
    quirk::Quirk,
    refusal::Refusal,
    state::{Object, State},
};
use serde_json::{Value, json};

/// A secret as it is shown.
const MASKED: &str = "••••••••";

/// A destination has the title of its catalog entry, and settings that are described there.
pub(super) fn changed(state: &State, path: &str, destination: &mut Object) -> Result<(), Refusal> {
    let entry = entry(path);
    let Some(title) = state.text(&entry, "display_name") else {
        return Err(Refusal::not_found(format!("{entry} does not exist")));
    };
    if destination
        .get("display_name")
        .is_none_or(|name| name == "")
    {
        destination.insert("display_name".into(), title.into());
    }
    let settings = destination.get_mut("config").and_then(Value::as_array_mut);
    for setting in settings.into_iter().flatten() {
        let name = setting["name"].as_str().unwrap_or_default();
        let below = name
            .strip_prefix(path)
            .and_then(|rest| rest.strip_prefix("/config/"));
        let Some(key) = below else {
            let message = format!("destination.config: {name} is not below {path}");
            return Err(Refusal::invalid(message));
        };
        let Some(described) = described(state, path).find(|d| d["name"] == key) else {
            let message = format!("destination.config: {title} has no setting `{key}`");
            return Err(Refusal::invalid(message));
        };
        describe(setting, described);
    }
    Ok(())
}

/// What the server adds to a setting: types are in lower case here, in upper case in the catalog.
fn describe(setting: &mut Value, described: &Value) {
    let kind = described["type"].as_str().unwrap_or_default();
    setting["type"] = kind.to_lowercase().into();
    setting["display_name"] = described["display_name"].clone();
}

fn empty(described: &Value) -> Value {
    match described["type"].as_str() {
        Some("BOOLEAN") => json!(false),
        Some("NUMBER") => json!(0),
        Some("MAP") => json!({}),
        Some("LIST" | "MIXED") => json!([]),
        _ => json!(""),
    }
}

pub(super) fn shown(state: &State, path: &str, destination: &mut Object) {
    let settings = destination.entry("config").or_insert_with(|| json!([]));
    let Some(settings) = settings.as_array_mut() else {
        return;
    };
    if state.has(Quirk::DestinationsHaveAllSettings) {
        add_absent(state, path, settings);
    }
    let secrets = settings
        .iter_mut()
        .filter(|s| s["type"] == "password" && s["value"] != "");
    for secret in secrets.filter(|_| state.has(Quirk::SecretsAreMasked)) {
        secret["value"] = MASKED.into();
    }
}

/// The settings that nobody has given a value.
fn add_absent(state: &State, path: &str, settings: &mut Vec<Value>) {
    for described in described(state, path) {
        let name = format!(
            "{path}/config/{}",
            described["name"].as_str().unwrap_or_default()
        );
        if settings.iter().all(|s| s["name"] != name.as_str()) {
            let mut setting = json!({"name": name, "value": empty(described)});
            describe(&mut setting, described);
            settings.push(setting);
        }
    }
}

/// What the catalog says of a destination's settings.
fn described<'s>(state: &'s State, path: &str) -> impl Iterator<Item = &'s Value> {
    let entry = state.resources.get(&entry(path));
    let settings = entry.and_then(|entry| entry.get("settings")?.as_array());
    settings.into_iter().flatten()
}

/// The path of a destination's catalog entry, which has the same slug.
fn entry(path: &str) -> String {
    let slug = path.rsplit('/').next().unwrap_or_default();
    format!("catalog/destinations/{slug}")
}
