//! Reading the document as JSON.

use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// The methods that operations can have.
pub(super) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One step of a JSON pointer.
pub fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The operations of a document with their JSON pointers.
pub fn operations(document: &mut Value) -> impl Iterator<Item = (String, &mut Map<String, Value>)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let pointer = format!("/paths/{}", step(path));
        let methods = item.as_object_mut().into_iter().flatten();
        methods
            .filter(|(method, _)| METHODS.contains(&method.as_str()))
            .filter_map(move |(method, operation)| {
                Some((format!("{pointer}/{method}"), operation.as_object_mut()?))
            })
    })
}

pub(super) fn parameter_objects(operation: &mut Object) -> impl Iterator<Item = &mut Value> {
    operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// The path key and method (upper case) that an operation's pointer names.
pub(super) fn template_and_method(pointer: &str) -> (String, String) {
    let mut parts = pointer.split('/').skip(2);
    let path = parts
        .next()
        .unwrap_or_default()
        .replace("~1", "/")
        .replace("~0", "~");
    (path, parts.next().unwrap_or_default().to_uppercase())
}

/// The schemas that `value` refers to, at any depth.
pub(super) fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(reference(value).map(str::to_string));
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(values) => values.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

/// The named schema that `schema` is, directly or as the only member of an `allOf`.
pub fn reference(schema: &Value) -> Option<&str> {
    let direct = schema["$ref"].as_str();
    let only = || match schema["allOf"].as_array()?.as_slice() {
        [one] => one["$ref"].as_str(),
        _ => None,
    };
    direct.or_else(only)?.strip_prefix("#/components/schemas/")
}

pub(super) fn string_enum(schema: &Value) -> Option<Vec<String>> {
    let values = schema["enum"].as_array()?;
    values
        .iter()
        .map(|v| v.as_str().map(str::to_string))
        .collect()
}

pub(super) fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

pub(super) fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn strings(value: &Value) -> Vec<String> {
    array(value)
        .filter_map(|v| v.as_str().map(str::to_string))
        .collect()
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}

pub(super) fn text_of(operation: &Object, key: &str) -> String {
    operation
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_string()
}
