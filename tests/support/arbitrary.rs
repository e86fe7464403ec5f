//! JSON that nobody planned for.
#![allow(dead_code, reason = "not every test uses everything")]

use proptest::{
    collection::vec, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner,
};
use serde_json::{Map, Value};
use std::env;

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

/// So many values as `PROPTEST_CASES` says, or `few`; the same each time.
pub fn some<T>(few: usize, strategy: impl Strategy<Value = T>) -> impl Iterator<Item = T> {
    let cases = env::var("PROPTEST_CASES").map_or(few, |cases| cases.parse().expect("a number"));
    let mut runner = TestRunner::deterministic();
    (0..cases).map(move |_| strategy.new_tree(&mut runner).expect("a value").current())
}

/// A value with a few places that are gone, or hold something else.
pub fn mutated(value: &Value) -> impl Strategy<Value = Value> + use<> {
    let mut places = Vec::new();
    collect(value, String::new(), &mut places);
    let place = select(places);
    let other = prop_oneof![
        text().prop_map(|text| Some(text.into())),
        json().prop_map(Some),
        Just(None),
    ];
    let value = value.clone();
    vec((place, other), 1..4).prop_map(move |edits| {
        let mut value = value.clone();
        for (place, other) in edits {
            edit(&mut value, &place, other);
        }
        value
    })
}

fn edit(value: &mut Value, place: &str, other: Option<Value>) {
    if let (None, Some((parent, key))) = (&other, place.rsplit_once('/')) {
        if let Some(object) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
            object.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
    } else if let Some(at) = value.pointer_mut(place) {
        *at = other.unwrap_or_default();
    }
}

/// The pointers of all that a value holds, and of itself.
fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(inner, format!("{at}/{key}"), places);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                collect(inner, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}
