//! The standard methods: list, get, create, update, delete.

use super::{
    call::Call,
    facts::{Does, fits, parameter},
    page::page,
    refusal::Refusal,
    services,
    state::{Object, State, missing},
};
use serde_json::{Value, json};

/// Carries out a call whose body fits its schema.
pub(super) fn answer(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    match call.operation.does {
        Does::List => list(state, call),
        Does::Get => get(state, call),
        Does::Create => create(state, call),
        Does::Update => update(state, call),
        Does::Delete => delete(state, call),
        Does::Own => match super::own(&call.operation.id) {
            Some(own) => own(state, call),
            None => Err(Refusal::unimplemented()),
        },
    }
}

fn list(state: &State, call: &Call<'_>) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let Some(list) = &call.operation.list else {
        return Err(Refusal::unimplemented());
    };
    let mut items = state.below(call.path);
    for (path, item) in &mut items {
        without_secrets(state, &list.item, item);
        services::shown(state, &list.item, path, item);
    }
    items.retain(|(_, item)| chosen(call, item));
    let (size, token) = (call.query("page_size"), call.query("page_token"));
    let (items, next) = page(items, state.max_page_size, size, token)?;
    let items: Vec<_> = items
        .into_iter()
        .map(|(_, item)| projected(state, &list.item, item))
        .collect();
    Ok(json!({&list.key: items, "next_page_token": next}))
}

/// A key of the query is that of a property, or the plural of it.
fn chosen(call: &Call<'_>, item: &Object) -> bool {
    let keys = call.operation.query.iter().map(|p| p.name.as_str());
    let mut keys = keys.filter(|key| !key.starts_with("page_"));
    keys.all(|key| {
        let mut wanted = call.query.iter().filter(|(name, _)| name == key).peekable();
        let value = item
            .get(key)
            .or_else(|| item.get(key.trim_end_matches('s')));
        wanted.peek().is_none()
            || wanted.any(|(_, wanted)| value.is_none_or(|v| v == wanted.as_str()))
    })
}

fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut resource = found(state, call)?;
    if let Some((until, stale)) = state.stale.get(call.path)
        && state.clock.now() < *until
    {
        resource = stale.clone();
    }
    without_secrets(state, &call.operation.answer, &mut resource);
    services::shown(state, &call.operation.answer, call.path, &mut resource);
    Ok(projected(state, &call.operation.answer, resource))
}

/// A secret that answers need not have is shown once, to the one who creates it.
fn without_secrets(state: &State, schema: &str, resource: &mut Object) {
    let schema = state.facts.schema(schema);
    let required = schema["required"].as_array();
    resource.retain(|key, _| {
        let secret = schema["properties"][key]["format"] == "password";
        !secret || required.is_some_and(|keys| keys.contains(&key.as_str().into()))
    });
}

/// What is at the path; a resource that a path ends with a word for is there with its owner.
fn found(state: &mut State, call: &Call<'_>) -> Result<Object, Refusal> {
    if let Some(refusal) = services::missing(state, call) {
        return Err(refusal);
    }
    state.owner_exists(call)?;
    if let Some(resource) = state.resources.get(call.path) {
        return Ok(resource.clone());
    }
    let last = call.operation.path.rsplit('/').next().unwrap_or_default();
    match parameter(last) {
        Some(parameter) => Err(missing(parameter)),
        None => {
            let resource = state.made(&call.operation.answer, call.path, &Object::new());
            state
                .resources
                .insert(call.path.to_string(), resource.clone());
            Ok(resource)
        }
    }
}

fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let schema = call.operation.answer.as_str();
    let path = format!("{}/{}", call.path, id(state, call)?);
    if state.resources.contains_key(&path) {
        let noun = call.path.rsplit('/').next().unwrap_or_default();
        let noun = noun.trim_end_matches('s').replace('-', " ");
        return Err(Refusal::exists(format!("{noun} already exists")));
    }
    if let Some(request) = &call.operation.request {
        state.names_exist(state.facts.schema(request), call.body, &path)?;
    }
    let mut resource = state.made(schema, &path, &said(state, call));
    services::made(state, call, &path, &mut resource);
    services::changed(state, &path, &mut resource)?;
    state.resources.insert(path.clone(), resource.clone());
    services::shown(state, schema, &path, &mut resource);
    Ok(projected(state, schema, resource))
}

/// What a call says of the resource that it creates. What stands beside it, in the body or the
/// query, is said of it too; what its schema does not know is not taken.
fn said(state: &State, call: &Call<'_>) -> Object {
    let request = call.operation.request.as_deref().unwrap_or_default();
    let body = state.facts.schema(request);
    let resource = match &call.operation.envelope {
        Some(key) => state.facts.resolve(&body["properties"][key]),
        None => body,
    };
    let known = |schema: &Value, value: &Value| {
        let pairs = value.as_object().into_iter().flatten();
        let known = pairs.filter(|(key, _)| schema["properties"].get(key).is_some());
        known
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect::<Object>()
    };
    let mut said = known(body, call.body);
    said.extend(known(resource, call.given()));
    let query = call
        .query
        .iter()
        .filter(|(key, _)| call.operation.query.iter().any(|p| p.name == *key));
    said.extend(query.map(|(k, v)| (k.clone(), v.as_str().into())));
    said
}

/// The last part of a new resource's path: that of its name, of the name that its path ends with, or a new one.
fn id(state: &mut State, call: &Call<'_>) -> Result<String, Refusal> {
    let facts = state.facts;
    let item = format!("{}/-", call.path);
    let template = facts.operations.iter().map(|o| o.path.as_str());
    let template = template
        .filter(|t| fits(t, &item))
        .find_map(|t| parameter(t.rsplit('/').next()?));
    let own =
        facts.schema(&call.operation.answer)["properties"]["name"]["x-resource-name"].as_str();
    for (key, value) in call.given().as_object().into_iter().flatten() {
        let (Some(name), true) = (value.as_str(), key.ends_with("name")) else {
            continue;
        };
        let Some((collection, id)) = name.rsplit_once('/') else {
            continue;
        };
        if own.is_some() && key == "name" {
            return match collection == call.path {
                true => Ok(id.to_string()),
                false => Err(Refusal::invalid(format!(
                    "{key}: expected a name below {}",
                    call.path
                ))),
            };
        }
        if own.is_none() && template.is_some_and(|t| key.starts_with(t)) {
            return Ok(id.to_string());
        }
    }
    let form = own.and_then(|own| facts.names.get(own)?.generated.as_deref());
    Ok(services::id(state, call).unwrap_or_else(|| state.next_id(form)))
}

fn update(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let Some(mask) = &call.operation.mask else {
        return Err(Refusal::unimplemented());
    };
    let before = found(state, call)?;
    let partial = state.facts.schema(&mask.schema);
    let whole = state.facts.schema(&call.operation.answer);
    let mut after = before.clone();
    for masked in masked(&call.body["update_mask"]) {
        let path = masked
            .strip_prefix(&mask.prefix)
            .filter(|path| mask.paths.iter().any(|p| p == path));
        let Some(path) = path else {
            return Err(Refusal::invalid(format!(
                "update_mask: `{masked}` cannot be updated"
            )));
        };
        let pointer = format!("/{}", path.replace('.', "/"));
        let value = call.body[&mask.resource].pointer(&pointer);
        set(state, &mut after, (partial, whole), path, value);
    }
    services::changed(state, call.path, &mut after)?;
    if after.contains_key("update_time") {
        after.insert("update_time".into(), state.now().into());
    }
    if !state.delay.is_zero()
        && parameter(call.operation.path.rsplit('/').next().unwrap_or_default()).is_none()
    {
        let until = state.clock.now() + state.delay;
        state.stale.insert(call.path.to_string(), (until, before));
    }
    state.resources.insert(call.path.to_string(), after.clone());
    services::shown(state, &call.operation.answer, call.path, &mut after);
    Ok(projected(state, &call.operation.answer, after))
}

/// The paths of a mask: a list of them, or one text with commas.
fn masked(mask: &Value) -> Vec<&str> {
    match mask {
        Value::String(paths) => paths.split(',').map(str::trim).collect(),
        mask => mask["paths"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect(),
    }
}

/// Sets what is masked, or empties it if there is no value for it.
fn set(
    state: &State,
    at: &mut Object,
    schemas: (&Value, &Value),
    path: &str,
    value: Option<&Value>,
) {
    let (key, rest) = path
        .split_once('.')
        .map_or((path, None), |(key, rest)| (key, Some(rest)));
    let (partial, whole) = (&schemas.0["properties"][key], &schemas.1["properties"][key]);
    if let Some(rest) = rest {
        let schemas = (state.facts.resolve(partial), state.facts.resolve(whole));
        let inner = at.entry(key).or_insert_with(|| json!({}));
        if let Some(inner) = inner.as_object_mut() {
            set(state, inner, schemas, rest, value);
        }
        return;
    }
    let empty = || state.zero(whole);
    let value = match (value, partial["x-merge-by"].as_str()) {
        (Some(new), Some(by)) => merged(at.get(key), new, by),
        (Some(new), None) => new.clone(),
        (None, _) if state.facts.resolve(whole)["type"].is_null() => {
            at.remove(key);
            return;
        }
        (None, _) => empty(),
    };
    at.insert(key.to_string(), value);
}

/// A list with the items of another, each in the place of the one with the same key.
fn merged(old: Option<&Value>, new: &Value, by: &str) -> Value {
    let mut items = old.and_then(Value::as_array).cloned().unwrap_or_default();
    for item in new.as_array().into_iter().flatten() {
        match items.iter_mut().find(|old| old[by] == item[by]) {
            Some(Value::Object(old)) => old.extend(item.as_object().cloned().unwrap_or_default()),
            _ => items.push(item.clone()),
        }
    }
    items.into()
}

fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    found(state, call)?;
    services::removable(state, call)?;
    state.remove(call.path);
    Ok(json!({}))
}

/// What the answer's schema has of a resource.
pub(super) fn projected(state: &State, schema: &str, mut resource: Object) -> Value {
    if let Some(known) = state.facts.schema(schema)["properties"].as_object() {
        resource.retain(|key, _| known.contains_key(key));
    }
    resource.into()
}
