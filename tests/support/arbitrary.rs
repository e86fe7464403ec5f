//! JSON that nobody planned for.
#![allow(dead_code, reason = "not every test uses everything")]

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value};

/// Any text, with what has a meaning in some syntax more often than by chance.
pub fn text() -> impl Strategy<Value = String> {
    let signs = r#"'"\()[]{},.!=*?$/~ -_0aé"#.chars().collect::<Vec<_>>();
    let character = prop_oneof![any::<char>(), select(signs), Just('\n')];
    vec(character, 0..12).prop_map(String::from_iter)
}

/// Any JSON value, nested.
pub fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        (-100..100i32).prop_map(|n| Value::from(f64::from(n))),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text(), inner), 0..4).prop_map(|pairs| Value::Object(Map::from_iter(pairs))),
        ]
    })
}

/// An object with these keys, each there or not, and with keys that nobody knows.
pub fn object(
    required: Vec<(&'static str, BoxedStrategy<Value>)>,
    optional: Vec<(&'static str, BoxedStrategy<Value>)>,
) -> BoxedStrategy<Value> {
    let pair = |(key, value): (&'static str, BoxedStrategy<Value>)| {
        value.prop_map(move |value| (key.to_string(), value))
    };
    let required: Vec<_> = required.into_iter().map(pair).collect();
    let optional: Vec<_> = optional
        .into_iter()
        .map(|o| prop::option::of(pair(o)))
        .collect();
    let unknown = vec((text().prop_map(|key| format!("x-{key}")), json()), 0..3);
    (required, optional, unknown)
        .prop_map(|(required, optional, unknown)| {
            let known = required.into_iter().chain(optional.into_iter().flatten());
            Value::Object(known.chain(unknown).collect())
        })
        .boxed()
}

/// A list of such values.
pub fn list(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    vec(item, 0..4).prop_map(Value::from).boxed()
}

/// Any text, as JSON.
pub fn string() -> BoxedStrategy<Value> {
    text().prop_map(Value::from).boxed()
}
