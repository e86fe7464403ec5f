//! Settings of destinations: made and read by their short name, and checked
//! against the catalog before they are sent.
//!
//! The API spells a setting by its full resource name
//! (`workspaces/…/destinations/google-analytics/config/trackingId`); the
//! catalog and people call it `trackingId`.
//!
//! ```
//! use segment_config_api::{names::DestinationName, patch::DestinationPatch, types::ConfigItem};
//!
//! let name: DestinationName =
//!     "workspaces/acme/sources/js/destinations/google-analytics".parse()?;
//! let tracking_id = ConfigItem::setting(&name, "trackingId", "UA-970334309-1")?;
//! assert_eq!(tracking_id.name, format!("{name}/config/trackingId"));
//!
//! let patch = DestinationPatch::new().config([tracking_id]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Masked values
//!
//! The server may show a secret as bullets (`••••••••`). Sent back, they would
//! replace the secret. Such a value is told by [`ConfigItem::is_masked`] and
//! refused by [`ConfigItem::setting`], by every patch and by
//! [`create_or_update_destination`](crate::Client::create_or_update_destination).

use crate::{
    generated::types::{CatalogDestination, CatalogDestinationSetting, ConfigItem, Destination},
    values::{
        enums::{CatalogSettingType as Type, ConfigItemType},
        json::Json,
        masked::{self, short_name},
        names::{DestinationName, DestinationSettingName},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt;

/// A setting that cannot be used, with the reason; never shows the value, which may be a secret.
///
/// ```
/// use segment_config_api::{names::DestinationName, types::ConfigItem};
///
/// let name = DestinationName::new("acme", "js", "mixpanel")?;
/// let error = ConfigItem::setting(&name, "apiSecret", "••••").unwrap_err();
/// assert_eq!(error.setting(), "apiSecret");
/// assert!(error.to_string().starts_with("setting `apiSecret`: the value is masked"));
/// # Ok::<(), segment_config_api::names::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting `{setting}`: {reason}")]
pub struct InvalidSetting {
    setting: String,
    reason: String,
}

impl InvalidSetting {
    fn new(setting: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            reason: reason.into(),
        }
    }

    /// The short name of the setting, with the place inside its value if that
    /// is nested: `hooks[0].headers`.
    pub fn setting(&self) -> &str {
        &self.setting
    }
}

/// What names of secrets have in them, in lower case.
const SECRETS: [&str; 7] = [
    "auth",
    "credential",
    "key",
    "pass",
    "private",
    "secret",
    "token",
];

fn names_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRETS.iter().any(|part| name.contains(part))
}

fn has_secret_key(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(has_secret_key),
        Value::Object(map) => map
            .iter()
            .any(|(k, v)| names_secret(k) || has_secret_key(v)),
        _ => false,
    }
}

/// Made and read by short name; see [`settings`](crate::settings).
impl ConfigItem {
    /// The setting of a destination with a value: a text, a number, a switch, a map or a list.
    ///
    /// ```
    /// use segment_config_api::{names::DestinationName, types::ConfigItem};
    ///
    /// let name = DestinationName::new("acme", "js", "google-analytics")?;
    /// let item = ConfigItem::setting(&name, "enableServerIdentify", true)?;
    /// assert_eq!(item.value, serde_json::json!(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The name cannot be part of a resource name, the value is null or masked by
    /// the server, or JSON cannot express it.
    pub fn setting(
        destination: &DestinationName,
        setting: &str,
        value: impl Serialize,
    ) -> Result<Self, InvalidSetting> {
        let invalid = |reason: String| InvalidSetting::new(setting, reason);
        let name = DestinationSettingName::new(
            destination.workspace(),
            destination.source(),
            destination.destination(),
            setting,
        );
        let name = name.map_err(|e| invalid(e.to_string()))?;
        let value = Json::of(&value).map_err(|e| invalid(e.to_string()))?;
        if value.is_null() {
            return Err(invalid("the value is null, which would empty it".into()));
        }
        if value.value().is_ok_and(|value| masked::is_masked(&value)) {
            return Err(invalid(masked::REASON.into()));
        }
        Ok(Self {
            name: name.into(),
            value,
            display_name: None,
            type_: None,
            extra: Default::default(),
        })
    }

    /// With a type, which the server does not ask for; a setting
    /// [made from the catalog](CatalogDestinationSetting::item) has it.
    ///
    /// ```
    /// use segment_config_api::{enums::ConfigItemType, names::DestinationName, types::ConfigItem};
    ///
    /// let name = DestinationName::new("acme", "js", "google-analytics")?;
    /// let item = ConfigItem::setting(&name, "trackingId", "UA-1")?.with_type("string");
    /// assert_eq!(item.type_, Some(ConfigItemType::String));
    /// # Ok::<(), segment_config_api::Error>(())
    /// ```
    pub fn with_type(mut self, type_: impl Into<ConfigItemType>) -> Self {
        self.type_ = Some(type_.into());
        self
    }

    /// The setting's short name: the last part of its name.
    ///
    /// ```
    /// # use segment_config_api::{names::DestinationName, types::ConfigItem};
    /// # let name = DestinationName::new("acme", "js", "mixpanel")?;
    /// assert_eq!(ConfigItem::setting(&name, "apiKey", "x")?.setting_name(), "apiKey");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn setting_name(&self) -> &str {
        short_name(&self.name)
    }

    /// The value as a Rust type: `bool`, `f64`, `String`, a map, a list, or your own.
    ///
    /// ```
    /// # use segment_config_api::{names::DestinationName, types::ConfigItem};
    /// # let name = DestinationName::new("acme", "js", "mixpanel")?;
    /// let item = ConfigItem::setting(&name, "people", true)?;
    /// assert!(item.value_as::<bool>()?);
    /// assert!(item.value_as::<String>().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The value is of another type. The server does not hold values to the
    /// type it gives for them, so read with care.
    pub fn value_as<T: DeserializeOwned>(&self) -> Result<T, InvalidSetting> {
        // serde's own message would show the value.
        self.value.decode().map_err(|_| {
            let wanted = std::any::type_name::<T>();
            let found = self
                .value
                .value()
                .map_or("something else", |value| kind(&value));
            InvalidSetting::new(
                self.setting_name(),
                format!("expected `{wanted}`, found {found}"),
            )
        })
    }

    /// Whether the server hides the value, or a part of it, behind bullets (`•`).
    ///
    /// ```
    /// # use segment_config_api::types::ConfigItem;
    /// let item: ConfigItem = serde_json::from_str(
    ///     r#"{"name": "workspaces/a/sources/b/destinations/c/config/apiKey", "value": "••••1234"}"#,
    /// )?;
    /// assert!(item.is_masked());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn is_masked(&self) -> bool {
        self.value
            .value()
            .is_ok_and(|value| masked::is_masked(&value))
    }

    /// Whether the value is to be kept from files and eyes: it is a password by its type, the server
    /// masks it, or the setting, or a key within its value, is called as secrets are (`apiKey`,
    /// `sharedSecret`, `Authorization`).
    ///
    /// It is a guess: rather one too many, but it does not see a secret inside of an address
    /// or of another text.
    ///
    /// ```
    /// # use segment_config_api::{names::DestinationName, types::ConfigItem};
    /// # let name = DestinationName::new("acme", "js", "webhooks")?;
    /// let secret = |setting, value: serde_json::Value| -> Result<bool, Box<dyn std::error::Error>> {
    ///     Ok(ConfigItem::setting(&name, setting, value)?.is_secret())
    /// };
    /// assert!(secret("apiKey", "x".into())?);
    /// assert!(secret("hooks", serde_json::json!([{"headers": {"Authorization": "x"}}]))?);
    /// assert!(!secret("trackingId", "UA-1".into())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_secret(&self) -> bool {
        let password = self.type_ == Some(ConfigItemType::Password);
        // A value that is not understood is not known to be harmless.
        let value = || {
            self.value
                .value()
                .map_or(true, |v| masked::is_masked(&v) || has_secret_key(&v))
        };
        password || names_secret(self.setting_name()) || value()
    }
}

/// Settings by short name; see [`settings`](crate::settings).
impl Destination {
    /// The setting with this short name, exactly.
    ///
    /// ```
    /// # fn show(destination: segment_config_api::types::Destination) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(item) = destination.setting("trackingId") {
    ///     println!("{}", item.value_as::<String>()?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn setting(&self, name: &str) -> Option<&ConfigItem> {
        let mut config = self.config.iter().flatten();
        config.find(|item| item.setting_name() == name)
    }
}

/// What a check of settings against the catalog has found.
///
/// ```
/// # fn show(catalog: segment_config_api::types::CatalogDestination, config: Vec<segment_config_api::types::ConfigItem>)
/// # -> Result<(), segment_config_api::settings::SettingsCheck> {
/// let check = catalog.check_config(&config);
/// for note in &check.unchecked {
///     println!("{note}");
/// }
/// check.into_result()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a check has to be looked at"]
#[non_exhaustive]
pub struct SettingsCheck {
    /// What does not fit the catalog.
    pub problems: Vec<InvalidSetting>,
    /// What could not be decided, such as a JavaScript pattern that Rust has
    /// no equal for. It may be fine.
    pub unchecked: Vec<InvalidSetting>,
}

impl SettingsCheck {
    /// Fails with the check itself if it has found problems.
    ///
    /// ```
    /// use segment_config_api::settings::SettingsCheck;
    ///
    /// assert!(SettingsCheck::default().into_result().is_ok());
    /// ```
    ///
    /// # Errors
    /// There are problems; what was left unchecked is none.
    pub fn into_result(self) -> Result<(), Self> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for SettingsCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<_> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&problems.join("; "))
    }
}

impl std::error::Error for SettingsCheck {}

/// Checks of values; see [`settings`](crate::settings).
impl CatalogDestinationSetting {
    /// Checks a value before it is sent: type, pattern, limits, options and
    /// whether it is required, at every depth.
    ///
    /// ```
    /// use segment_config_api::types::CatalogDestinationSetting;
    ///
    /// let setting: CatalogDestinationSetting = serde_json::from_value(serde_json::json!({
    ///     "name": "sampleRate", "type": "NUMBER", "number_validators": {"min": 1, "max": 100},
    /// }))?;
    /// assert!(setting.check(&50.into()).into_result().is_ok());
    /// let error = setting.check(&200.into()).into_result().unwrap_err();
    /// assert_eq!(error.to_string(), "setting `sampleRate`: expected at most 100, found 200");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn check(&self, value: &Value) -> SettingsCheck {
        let mut check = SettingsCheck::default();
        check.value(self, &self.name, value);
        check
    }

    /// A value of this setting from a text, such as an argument or a cell of a table: JSON where the
    /// catalog has a number, a switch, a map, a list or anything, and the text itself everywhere else,
    /// whatever it looks like. What is no JSON stays a text, which [`check`](Self::check) refuses.
    ///
    /// ```
    /// use segment_config_api::types::CatalogDestinationSetting;
    ///
    /// let setting = |kind| serde_json::from_value::<CatalogDestinationSetting>(
    ///     serde_json::json!({"name": "example", "type": kind}),
    /// );
    /// assert_eq!(setting("NUMBER")?.read("50"), 50);
    /// assert_eq!(setting("STRING")?.read("50"), "50");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn read(&self, text: &str) -> Value {
        match self.type_ {
            Type::String
            | Type::Password
            | Type::Color
            | Type::MultiLineString
            | Type::Select
            | Type::Unknown(_) => text.into(),
            _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        }
    }

    /// The setting of a destination with a value that has been checked, and with its type.
    ///
    /// ```
    /// use segment_config_api::{names::DestinationName, types::CatalogDestinationSetting};
    ///
    /// let setting: CatalogDestinationSetting = serde_json::from_value(serde_json::json!({
    ///     "name": "sampleRate", "type": "NUMBER", "number_validators": {"min": 1, "max": 100},
    /// }))?;
    /// let name = DestinationName::new("acme", "js", "google-analytics")?;
    /// assert_eq!(setting.item(&name, 50)?.type_.unwrap(), "number");
    /// assert!(setting.item(&name, 200).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`ConfigItem::setting`], or the value does not fit; of several reasons the first.
    pub fn item(
        &self,
        destination: &DestinationName,
        value: impl Serialize,
    ) -> Result<ConfigItem, InvalidSetting> {
        let item = ConfigItem::setting(destination, &self.name, value)?;
        let value = item.value.value();
        let value = value.map_err(|e| InvalidSetting::new(&self.name, e.to_string()))?;
        match self.check(&value).problems.into_iter().next() {
            Some(problem) => Err(problem),
            // The catalog writes the same types in upper case.
            None => Ok(item.with_type(self.type_.as_str().to_ascii_lowercase())),
        }
    }
}

/// Checks of settings; see [`settings`](crate::settings).
impl CatalogDestination {
    /// What the catalog says of the setting with this name.
    ///
    /// ```
    /// # fn show(catalog: segment_config_api::types::CatalogDestination) {
    /// let required = catalog.setting("trackingId").is_some_and(|setting| setting.required);
    /// # }
    /// ```
    pub fn setting(&self, name: &str) -> Option<&CatalogDestinationSetting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// Checks the settings of an update: those that are there are right. The
    /// server leaves the others as they are.
    ///
    /// ```
    /// # fn show(catalog: segment_config_api::types::CatalogDestination, config: Vec<segment_config_api::types::ConfigItem>)
    /// # -> Result<(), segment_config_api::settings::SettingsCheck> {
    /// catalog.check_changes(&config).into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_changes(&self, config: &[ConfigItem]) -> SettingsCheck {
        let mut check = SettingsCheck::default();
        for item in config {
            let name = item.setting_name();
            match self.setting(name) {
                Some(setting) => match item.value.value() {
                    Ok(value) => check.value(setting, name, &value),
                    Err(e) => check.refuse(name, e.to_string()),
                },
                None => check.refuse(name, format!("{} has no such setting", self.name)),
            }
        }
        check
    }

    /// Checks the settings of a new destination: those that are there are
    /// right, and none that is required is missing.
    ///
    /// ```
    /// # fn show(catalog: segment_config_api::types::CatalogDestination) {
    /// if let Err(check) = catalog.check_config(&[]).into_result() {
    ///     println!("{check}"); // setting `trackingId`: it is required
    /// }
    /// # }
    /// ```
    pub fn check_config(&self, config: &[ConfigItem]) -> SettingsCheck {
        let mut check = self.check_changes(config);
        let given = |name: &str| config.iter().any(|item| item.setting_name() == name);
        for setting in self
            .settings
            .iter()
            .filter(|s| s.required && !given(&s.name))
        {
            check.refuse(&setting.name, "it is required");
        }
        check
    }
}

impl SettingsCheck {
    fn refuse(&mut self, path: &str, reason: impl Into<String>) {
        self.problems.push(InvalidSetting::new(path, reason));
    }

    fn expected(&mut self, path: &str, wanted: &str, found: &Value) {
        self.refuse(path, format!("expected {wanted}, found {}", kind(found)));
    }

    fn leave(&mut self, path: &str, reason: impl Into<String>) {
        self.unchecked.push(InvalidSetting::new(path, reason));
    }

    fn value(&mut self, setting: &CatalogDestinationSetting, path: &str, value: &Value) {
        if masked::is_masked(value) {
            return self.refuse(path, masked::REASON);
        }
        // The server shows a setting without a value as an empty one.
        if is_empty(value) {
            if setting.required {
                self.refuse(path, "it is required");
            }
            return;
        }
        match &setting.type_ {
            Type::String | Type::Password | Type::Color | Type::MultiLineString => {
                let regexp = setting.string_validators.as_ref().map(|v| &v.regexp);
                match value.as_str() {
                    Some(text) => self.pattern(path, regexp.map_or("", |r| r), text),
                    None => self.expected(path, "a text", value),
                }
            }
            Type::Number => match (value.as_f64(), &setting.number_validators) {
                (Some(number), Some(limits)) => self.limits(path, number, limits.min, limits.max),
                (Some(_), None) => {}
                (None, _) => self.expected(path, "a number", value),
            },
            Type::Select => {
                let options = setting
                    .select_validators
                    .as_ref()
                    .map(|v| &v.select_options);
                match value.as_str() {
                    Some(text) => self.options(path, options.map_or(&[], |o| o), text),
                    None => self.expected(path, "a text", value),
                }
            }
            Type::Boolean if value.is_boolean() => {}
            Type::Boolean => self.expected(path, "a boolean", value),
            Type::Map => self.map(setting, path, value),
            Type::List => match value.as_array() {
                Some(texts) if texts.iter().all(Value::is_string) => {}
                _ => self.expected(path, "a list of texts", value),
            },
            Type::Mixed => self.mixed(setting, path, value),
            Type::Unknown(unknown) => {
                self.leave(path, format!("its type `{unknown}` is not known"));
            }
        }
    }

    fn pattern(&mut self, path: &str, regexp: &str, text: &str) {
        // Patterns are JavaScript's. In both languages they match anywhere, and
        // in this crate's, too, `\d` and `\w` are ASCII.
        match regex_lite::Regex::new(regexp) {
            Ok(pattern) if pattern.is_match(text) => {}
            Ok(_) => self.refuse(path, format!("it does not match `{regexp}`")),
            Err(e) => self.leave(path, format!("`{regexp}` cannot be checked: {e}")),
        }
    }

    /// A limit of 0 is none, unless the other one gives it a meaning.
    fn limits(&mut self, path: &str, number: f64, min: i64, max: i64) {
        if (min != 0 || max != 0) && number < min as f64 {
            self.refuse(path, format!("expected at least {min}, found {number}"));
        }
        if (max > 0 || min < 0) && number > max as f64 {
            self.refuse(path, format!("expected at most {max}, found {number}"));
        }
    }

    fn options(&mut self, path: &str, options: &[String], text: &str) {
        if !options.is_empty() && !options.iter().any(|o| o == text) {
            self.refuse(path, format!("expected one of `{}`", options.join("`, `")));
        }
    }

    /// The catalog's limits are about the values: `{"plan": "dimension3"}`.
    fn map<'v>(&mut self, setting: &CatalogDestinationSetting, path: &str, value: &'v Value) {
        // Inside a list of objects a map is also written as pairs of `key` and `value`.
        let pair = |pair: &'v Value| Some((pair["key"].as_str()?, &pair["value"]));
        let entries: Option<Vec<_>> = match value {
            Value::Object(map) => Some(map.iter().map(|(k, v)| (k.as_str(), v)).collect()),
            Value::Array(pairs) => pairs.iter().map(pair).collect(),
            _ => None,
        };
        let Some(entries) = entries else {
            return self.expected(path, "a map", value);
        };
        for (key, value) in entries {
            let path = format!("{path}.{key}");
            let Some(text) = value.as_str() else {
                self.expected(&path, "a text", value);
                continue;
            };
            let Some(rules) = &setting.map_validators else {
                continue;
            };
            self.options(&path, &rules.select_options, text);
            let prefix = &rules.map_prefix;
            match text.strip_prefix(prefix.as_str()).map(str::parse::<u32>) {
                _ if prefix.is_empty() => {}
                Some(Ok(number)) => self.limits(&path, number.into(), rules.min, rules.max),
                // Without limits the prefix need not be followed by a number.
                Some(Err(_)) if rules.min == 0 && rules.max == 0 => {}
                _ => self.refuse(&path, format!("expected `{prefix}` and a number")),
            }
        }
        if let Some(rules) = &setting.map_validators
            && !rules.regexp.is_empty()
        {
            let reason = format!(
                "whether `{}` is about keys or values is not known",
                rules.regexp
            );
            self.leave(path, reason);
        }
    }

    /// Anything, unless nested settings describe it: then an object, or a list of them.
    fn mixed(&mut self, setting: &CatalogDestinationSetting, path: &str, value: &Value) {
        if setting.settings.is_empty() {
            return;
        }
        let items: Vec<_> = match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(i, item)| (format!("{path}[{i}]"), item))
                .collect(),
            one => vec![(path.to_string(), one)],
        };
        for (path, item) in items {
            if !item.is_object() {
                self.expected(&path, "an object", item);
                continue;
            }
            for inner in &setting.settings {
                self.value(inner, &format!("{path}.{}", inner.name), &item[&inner.name]);
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

argument_error!(InvalidSetting);
argument_error!(SettingsCheck);
