//! JSON that is kept as the text it came in.
//!
//! What the API says about schemas of events, values of settings and keys that
//! this version of the crate does not know is not for this crate to take
//! apart. It is kept, compared and sent as it came: every digit of a number,
//! every key in its place.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use std::{
    collections::BTreeMap,
    fmt,
    ops::{Deref, DerefMut},
    str::FromStr,
};

/// Any JSON value, as text.
///
/// [`value`](Self::value) and [`decode`](Self::decode) take it apart. Two are
/// equal if they are as JSON: neither white space nor the order of keys counts.
///
/// It encodes to JSON and to nothing else; other formats get it through [`value`](Self::value).
///
/// ```
/// use segment_config_api::json::Json;
/// use serde_json::json;
///
/// let rules: Json = r#"{"type": "number", "maximum": 1.10}"#.parse()?;
/// assert_eq!(rules, json!({"maximum": 1.1, "type": "number"}));
/// assert_eq!(rules.value()?["maximum"], 1.1);
/// assert_eq!(rules.to_string(), r#"{"type": "number", "maximum": 1.10}"#);
/// assert_eq!(Json::of(&["a", "b"])?, json!(["a", "b"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Any value that serializes, as JSON.
    ///
    /// # Errors
    /// JSON cannot express the value.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        to_raw_value(value).map(Self)
    }

    /// The text, as it came.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.text() == "null"
    }

    /// The value as a tree.
    ///
    /// # Errors
    /// A number is too large for a floating-point number, or the nesting is deeper than 128.
    pub fn value(&self) -> Result<Value, serde_json::Error> {
        self.decode()
    }

    /// The value as a Rust type.
    ///
    /// # Errors
    /// The value is not one of that type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        // As text, like answers: one reader of each type is enough.
        serde_json::from_str(self.text())
    }
}

impl Default for Json {
    /// `null`.
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        let same = || Some(self.value().ok()? == other.value().ok()?);
        self.text() == other.text() || same().unwrap_or(false)
    }
}

impl PartialEq<Value> for Json {
    fn eq(&self, other: &Value) -> bool {
        self.value().is_ok_and(|value| value == *other)
    }
}

impl PartialEq<Json> for Value {
    fn eq(&self, other: &Json) -> bool {
        other == self
    }
}

/// What converts to a tree of values converts to JSON; a text becomes a JSON string.
macro_rules! from_values {
    ($($ty:ty),*) => {
        $(
            impl From<$ty> for Json {
                fn from(value: $ty) -> Self {
                    Self::from(&Value::from(value))
                }
            }
        )*
    };
}

from_values!(Value, bool, i32, i64, u32, u64, f64, &str, String, Map<String, Value>);

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        // A tree of values always encodes.
        Self::of(value).unwrap_or_default()
    }
}

impl From<&Json> for Json {
    fn from(json: &Json) -> Self {
        json.clone()
    }
}

impl FromStr for Json {
    type Err = serde_json::Error;

    /// Reads a JSON text.
    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The name by which serde_json knows what asks for the text. Any other
        // format, and serde's own buffer in flattened and untagged types, gives the value.
        deserializer.deserialize_newtype_struct("$serde_json::private::RawValue", Text)
    }
}

struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Json, A::Error> {
        Box::deserialize(MapAccessDeserializer::new(map)).map(Json)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Json, D::Error> {
        Value::deserialize(value).map(Json::from)
    }
}

/// The keys of an object that its type does not know, as they came.
///
/// A key that the type knows is here, too, if it came in a form that the type
/// has no field for: `null`, an empty time, a number for a text. It is sent back in that
/// form for as long as its field is not changed.
///
/// ```
/// use segment_config_api::types::Source;
///
/// let text = r#"{"name": "workspaces/acme/sources/js", "colour": "red", "labels": null}"#;
/// let source: Source = serde_json::from_str(text)?;
/// assert_eq!(source.extra["colour"], serde_json::json!("red"));
/// assert!(source.labels.is_empty() && source.extra["labels"].is_null());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Extra {
    /// In a box, since most objects have none.
    keys: Option<Box<Keys>>,
    /// A bit for each required field that was not there when the object was read.
    pub(crate) absent: u64,
}

type Keys = BTreeMap<String, Json>;

impl Deref for Extra {
    type Target = BTreeMap<String, Json>;

    fn deref(&self) -> &Self::Target {
        static NONE: Keys = Keys::new();
        self.keys.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Extra {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.keys.get_or_insert_default()
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<K: Into<String>, V: Into<Json>> FromIterator<(K, V)> for Extra {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(keys: I) -> Self {
        let keys = keys.into_iter().map(|(k, v)| (k.into(), v.into()));
        Self {
            keys: Some(Box::new(keys.collect())),
            absent: 0,
        }
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(keys: Map<String, Value>) -> Self {
        keys.into_iter().collect()
    }
}
