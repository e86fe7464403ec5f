//! A whole workspace, read at once.

use segment_config_api::{ErrorKind, fake::Segment, snapshot::without_secrets};
use serde_json::json;
use std::cell::Cell;

#[tokio::test]
async fn everything_is_there_by_its_name() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
    let workspace = client.workspace(None).await.unwrap();
    let last = Cell::new((0, 0));
    let progress = |done, of| last.set((done, of));
    let resources = client.snapshot(&workspace, progress).await.unwrap();

    assert_eq!(last.get(), (264, 264));
    let of = |kind: &str| {
        resources
            .keys()
            .filter(|name| name.rsplit('/').nth(1) == Some(kind))
            .count()
    };
    let kinds = [
        "sources",
        "destinations",
        "filters",
        "tracking-plans",
        "functions",
    ];
    assert_eq!(kinds.map(of), [264, 29, 2, 3, 2]);
    assert_eq!(
        resources
            .keys()
            .filter(|name| name.ends_with("/schema-config"))
            .count(),
        264
    );
    assert!(of("roles") > 0 && of("policies") > 0);
    let webhooks = &resources["workspaces/acme/sources/js/destinations/webhooks"]["config"];
    assert_eq!(
        webhooks["hooks"]["value"][0]["hook"],
        "https://hooks.example.com/segment"
    );
    assert_eq!(webhooks["sharedSecret"].get("value"), None, "it was masked");
    let plan = resources
        .iter()
        .find(|(name, _)| name.contains("tracking-plans"))
        .unwrap()
        .1;
    assert_eq!(plan["rules"]["events"].as_array().unwrap().len(), 3);
    assert_eq!(
        plan["source_connections"],
        json!(["workspaces/acme/sources/js"])
    );
}

#[tokio::test]
async fn it_can_be_spawned() {
    let segment = Segment::builder().start().await.unwrap();
    let client = segment.client();
    let read = async move {
        let workspace = client.workspace(None).await?;
        client.snapshot(&workspace, |_, _| {}).await
    };
    let resources = tokio::spawn(read).await.unwrap().unwrap();
    assert!(resources.contains_key("workspaces/acme"));
}

#[test]
fn secrets_are_taken_out_and_nothing_else() {
    let destination = |key: serde_json::Value| {
        let name = "workspaces/a/sources/b/destinations/c/config";
        json!({"enabled": true, "config": {
            "apiKey": key,
            "trackAllPages": {"name": format!("{name}/trackAllPages"), "value": true},
            "odd": {"value": "x"},
        }})
    };
    let name = "workspaces/a/sources/b/destinations/c/config/apiKey";
    let without = without_secrets(destination(json!({"name": name, "value": "x"})));
    assert_eq!(without["config"]["apiKey"], json!({"name": name}));
    assert_eq!(without["config"]["trackAllPages"]["value"], true);
    assert_eq!(without["config"]["odd"], json!({}));
    let plan = json!({"rules": {"events": [{"name": "Token Used", "rules": {"write_keys": 1}}]}});
    assert_eq!(without_secrets(plan.clone()), plan);
}

#[tokio::test]
async fn the_workspace_is_the_one_that_is_named_or_the_only_one() {
    let segment = Segment::builder().start().await.unwrap();
    let client = segment.client();
    assert_eq!(
        client.workspace(None).await.unwrap().name,
        "workspaces/acme"
    );
    assert!(
        client
            .workspace(Some("gone"))
            .await
            .unwrap_err()
            .is_not_found()
    );
    let other = json!({"display_name": "Other", "id": "w2"});
    segment.insert("workspaces/other", other).unwrap();
    assert_eq!(client.workspace(Some("other")).await.unwrap().id, "w2");
    let error = client.workspace(None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(
        error
            .to_string()
            .contains("workspaces/acme, workspaces/other"),
        "{error}"
    );
}
