//! Every operation of the document against the fake: each accepts its sample, and what can be
//! created is listed, got, updated and deleted, in a story that the document tells.

use crate::{
    calls,
    support::{Operation, document, sample},
};
use segment_config_api::{Client, StatusCode, fake::Segment};
use serde_json::{Value, json};

/// The paths of the resources that a call's own one belongs to, from the outermost.
fn above(path: &str) -> Vec<String> {
    let segments: Vec<_> = path.split('/').collect();
    let owners = (2..segments.len()).step_by(2);
    owners.map(|n| segments[..n].join("/")).collect()
}

/// The names in a body, but those of what it is about.
fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("workspaces/") || text.starts_with("catalog/") => {
            found.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(map) => {
            let others = map.iter().filter(|(key, _)| *key != "name");
            others.for_each(|(_, value)| names(value, found));
        }
        _ => {}
    }
}

/// Lets the entries of the catalog have the settings that a sample speaks of.
fn catalog(segment: &Segment, sample: &Value) {
    let settings = sample["request"]["destination"]["config"].as_array();
    for setting in settings.into_iter().flatten() {
        let name = setting["name"].as_str().expect("a name");
        let mut parts = name.rsplit('/');
        let (setting, slug) = (parts.next(), parts.nth(1).expect("a destination"));
        let path = format!("catalog/destinations/{slug}");
        let mut entry = segment.resource(&path).unwrap_or(json!({"settings": []}));
        let settings = entry["settings"].as_array_mut().expect("settings");
        settings.push(json!({"name": setting, "type": "STRING", "display_name": setting}));
        segment.insert(&path, entry).expect("an entry");
    }
}

/// Puts there what a call with a sample is about, and what it names.
fn prepare(segment: &Segment, operation: &Operation, sample: &Value) {
    let path = operation.path_for(sample);
    let path = path.trim_start_matches("/v1beta/");
    let mut wanted = above(path);
    if operation.template.ends_with('}') && operation.method != "POST" {
        wanted.push(path.to_string());
    }
    let mut named = Vec::new();
    names(&sample["request"], &mut named);
    names(&sample["query"], &mut named);
    wanted.extend(named.iter().flat_map(|name| above(name)));
    wanted.extend(named);
    catalog(segment, sample);
    for path in wanted {
        let resource = segment.resource(&path).unwrap_or(json!({}));
        segment
            .insert(&path, resource)
            .unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    // What a source runs is found by the id of the source.
    if let Some(id) = sample["path"]["function"]
        .as_str()
        .and_then(|f| f.strip_prefix("sfn_"))
    {
        let source = json!({"id": id});
        segment
            .insert("workspaces/acme/sources/cloud", source)
            .expect("a source");
    }
}

/// The sample without a token of a page that nobody has listed.
fn first_page(mut sample: Value) -> Value {
    if let Some(query) = sample["query"].as_object_mut() {
        query.remove("page_token");
    }
    sample
}

#[tokio::test]
async fn every_operation_accepts_its_sample() {
    for operation in document().operations {
        let segment = Segment::builder().start().await.expect("a fake");
        let install = json!({
            "token_type": "bearer", "expires_in": 3600, "scope": "workspace", "app_name": "apps/318",
            "install_name": "installs/742", "workspace_names": [],
        });
        segment.insert("installs/742", install).expect("an install");
        let sample = first_page(sample(&operation.id));
        prepare(&segment, &operation, &sample);
        let answer = calls::any(&segment.client(), &operation.id, &sample).await;
        answer.unwrap_or_else(|e| panic!("{}: {e:?}", operation.id));
        let requests = segment.requests_of(&operation.id);
        assert_eq!(requests.len(), 1, "{}: it is in the journal", operation.id);
        assert_eq!(requests[0].body, sample["request"], "{}", operation.id);
    }
}

/// The standard operations of a collection.
struct Collection {
    create: Operation,
    list: Option<Operation>,
    get: Option<Operation>,
    update: Option<Operation>,
    delete: Option<Operation>,
}

fn collections() -> Vec<Collection> {
    let creates = document()
        .operations
        .into_iter()
        .filter(|o| o.method == "POST");
    let of = |method: &str, template: &str| {
        let mut operations = document().operations.into_iter();
        operations.find(|o| method.contains(&o.method) && o.template == template)
    };
    let item = |template: &str| {
        let mut operations = document().operations.into_iter().map(|o| o.template);
        operations.find(|t| {
            t.strip_prefix(template)
                .is_some_and(|rest| rest.starts_with("/{") && rest.ends_with('}'))
        })
    };
    let collections = creates.filter_map(|create| {
        let item = item(&create.template)?;
        Some(Collection {
            list: of("GET", &create.template),
            get: of("GET", &item),
            update: of("PATCH PUT", &item),
            delete: of("DELETE", &item),
            create,
        })
    });
    collections.collect()
}

/// What the last part of a resource's path is.
fn id(resource: &Value) -> String {
    let keys = ["name", "id", "regulate_id", "source_name"];
    let text = keys.iter().find_map(|key| resource[key].as_str());
    let text = text.unwrap_or_else(|| panic!("{resource} has no id"));
    text.rsplit('/').next().unwrap_or_default().to_string()
}

/// The sample of an operation, for a resource with another id.
fn about(operation: &Operation, collection: &Value, id: &str) -> Value {
    let mut sample = first_page(sample(&operation.id));
    sample["path"] = collection.clone();
    if operation.template.ends_with('}') {
        let parameter = operation
            .template
            .rsplit(['{', '}'])
            .nth(1)
            .expect("a parameter");
        sample["path"][parameter] = id.into();
    }
    sample
}

async fn listed(client: &Client, list: &Operation, mut sample: Value) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = calls::any(client, &list.id, &sample).await.expect("a page");
        let items = page
            .as_object()
            .expect("a page")
            .values()
            .find_map(Value::as_array);
        all.extend(items.expect("a list").clone());
        match page["next_page_token"].as_str() {
            None | Some("") => return all,
            Some(token) => sample["query"]["page_token"] = token.into(),
        }
    }
}

#[tokio::test]
async fn what_is_created_is_there_until_it_is_deleted() {
    let mut told = Vec::new();
    for Collection {
        create,
        list,
        get,
        update,
        delete,
    } in collections()
    {
        let segment = Segment::builder().start().await.expect("a fake");
        let client = segment.client();
        let given = sample(&create.id);
        prepare(&segment, &create, &given);
        let path = &given["path"];
        // A listing may choose by more than a creation says.
        let chosen = |list: &Operation| {
            let mut sample = about(list, path, "");
            let query = sample["query"].as_object_mut().expect("a query");
            query.retain(|key, _| key == "page_size" || given["query"].get(key).is_some());
            sample
        };
        let before = match &list {
            Some(list) => listed(&client, list, chosen(list)).await.len(),
            None => 0,
        };
        let created = calls::any(&client, &create.id, &given).await;
        let created = created.unwrap_or_else(|e| panic!("{}: {e:?}", create.id));
        let id = id(&created);
        if let Some(list) = &list {
            let items = listed(&client, list, chosen(list)).await;
            assert_eq!(items.len(), before + 1, "{}", list.id);
            assert!(items.iter().any(|item| self::id(item) == id), "{}", list.id);
        }
        if let Some(get) = &get {
            let got = calls::any(&client, &get.id, &about(get, path, &id)).await;
            got.unwrap_or_else(|e| panic!("{}: {e:?}", get.id));
        }
        if let Some(update) = &update {
            // The sample speaks of another resource of the kind.
            let sample = sample(&update.id);
            let change = about(update, path, &id);
            let other = update.path_for(&sample).replace("/v1beta/", "");
            let own = update.path_for(&change).replace("/v1beta/", "");
            let change = change.to_string().replace(&other, &own);
            let change = serde_json::from_str(&change).expect("JSON");
            catalog(&segment, &change);
            let updated = calls::any(&client, &update.id, &change).await;
            let updated = updated.unwrap_or_else(|e| panic!("{}: {e:?}", update.id));
            let get = get.as_ref().expect("what can be updated can be got");
            let got = calls::any(&client, &get.id, &about(get, path, &id))
                .await
                .expect("it");
            assert_eq!(got, updated, "{}: shown as it was answered", update.id);
        }
        let Some(delete) = &delete else { continue };
        let gone = about(delete, path, &id);
        calls::any(&client, &delete.id, &gone)
            .await
            .unwrap_or_else(|e| panic!("{}: {e:?}", delete.id));
        if let Some(list) = &list {
            assert_eq!(
                listed(&client, list, chosen(list)).await.len(),
                before,
                "{}",
                delete.id
            );
        }
        let again = get.as_ref().unwrap_or(delete);
        let error = calls::any(&client, &again.id, &about(again, path, &id)).await;
        let error = error.expect_err(&again.id);
        let expected = match create.id.as_str() {
            "create_destination_filter" => StatusCode::BAD_REQUEST,
            _ => StatusCode::NOT_FOUND,
        };
        assert_eq!(error.status(), Some(expected), "{}: {error}", again.id);
        told.push(create.id);
    }
    assert!(
        told.len() >= 9,
        "the document tells {} stories: {told:?}",
        told.len()
    );
}
