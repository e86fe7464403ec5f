//! JSON as the repository keeps it.

pub use crate::codegen::adapt::step;
use anyhow::{Context, Result, ensure};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use std::{cell::Cell, fmt};

/// What a text may unfold to, in bytes: YAML's aliases make much of little.
const UNFOLDED: usize = 256 << 20;

/// What an object takes at least, in bytes, however little it holds.
const OBJECT: usize = 640;

/// The most of a YAML, in bytes: its reader holds all of it before anything can be counted.
const YAML: usize = 2 << 20;

/// How deep the brackets of a YAML may go: its reader takes the square of that.
const NESTED: usize = 256;

/// Parses a file. Unlike serde_json, which silently takes the last, this refuses a key that
/// an object has twice: a merge that went wrong would lose an operation.
pub fn parse(file: &str, text: &str) -> Result<Value> {
    let left = Cell::new(UNFOLDED);
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Unambiguous(&left).deserialize(&mut json);
    let value = value.and_then(|value| json.end().map(|()| value));
    value.with_context(|| file.to_string())
}

/// The same of YAML, with its anchors, aliases and merge keys resolved.
pub fn parse_yaml(file: &str, text: &str) -> Result<Value> {
    let size = text.len();
    ensure!(
        size <= YAML,
        "{size} bytes of YAML, more than {YAML}: convert it to JSON"
    );
    let brackets = text.bytes().scan(0_usize, |open, byte| {
        match byte {
            b'[' | b'{' => *open += 1,
            b']' | b'}' => *open = open.saturating_sub(1),
            _ => {}
        }
        Some(*open)
    });
    ensure!(
        brackets.max() < Some(NESTED),
        "brackets in {NESTED} levels: convert it to JSON"
    );
    let left = Cell::new(UNFOLDED);
    let yaml = serde_yaml_ng::Deserializer::from_str(text);
    let mut value = Unambiguous(&left)
        .deserialize(yaml)
        .with_context(|| file.to_string())?;
    merge_keys(&mut value);
    Ok(value)
}

/// `<<` takes over the members that a mapping has not itself.
fn merge_keys(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // What is merged in may merge in more.
            while let Some(merged) = map.remove("<<") {
                let sources = match merged {
                    Value::Array(sources) => sources,
                    one => vec![one],
                };
                for (key, value) in sources.iter().flat_map(|s| s.as_object()).flatten() {
                    map.entry(key).or_insert_with(|| value.clone());
                }
            }
            map.values_mut().for_each(merge_keys);
        }
        Value::Array(values) => values.iter_mut().for_each(merge_keys),
        _ => {}
    }
}

/// UTF-8, sorted keys, two spaces, a final newline.
pub fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    // Sorted already, unless a dependency turns on serde_json's `preserve_order`.
    value.sort_all_objects();
    format!("{value:#}\n")
}

/// JSON with one value for each key, and no more of it than is left.
#[derive(Clone, Copy)]
struct Unambiguous<'a>(&'a Cell<usize>);

impl Unambiguous<'_> {
    fn spend<E: Error>(self, text: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(text + size_of::<Value>());
        self.0
            .set(left.ok_or_else(|| E::custom("it unfolds to more than can be read"))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Unambiguous<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.spend(0)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// What is too big for 64 bits is a number all the same, as it is in JSON.
    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.spend(value.len())?;
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(self)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.spend(OBJECT)?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.spend(key.len())?;
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` is there twice")));
            }
            let value = map.next_value_seed(self)?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}
