use super::{run, stdout};
use segment_config_api::{fake::Segment, patch::DestinationPatch};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};

const AMPLITUDE: &str = "workspaces/acme/sources/shop/destinations/amplitude";

/// Few resources: the client of the example keeps to Segment's rate limit.
async fn small() -> Segment {
    let segment = Segment::builder().start().await.expect("a fake");
    let setting = |name: &str, value: Value| json!({"name": format!("{AMPLITUDE}/config/{name}"), "value": value});
    let config = [
        setting("trackAllPages", json!(true)),
        setting("apiKey", json!("EXAMPLE_API_KEY")),
    ];
    for (path, resource) in [
        (
            "workspaces/acme/sources/shop",
            json!({"catalog_name": "catalog/sources/javascript"}),
        ),
        (AMPLITUDE, json!({"enabled": true, "config": config})),
        (
            "workspaces/w1x9c2k7bq/functions/sfnc_1",
            json!({
                "display_name": "Orders", "type": "SOURCE", "code": "one();\ntwo();\n", "buildpack": "boreal",
            }),
        ),
    ] {
        segment.insert(path, resource).expect(path);
    }
    segment
}

/// All files below a directory, by path.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = fs::read_to_string(&path).expect("a text");
            found.insert(path.to_string_lossy().into_owned(), text);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_as_it_stands() {
    let output = run(None, "backup", &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let printed = stdout(&output);
    for expected in [
        "  264 sources\n",
        "   29 destinations\n",
        "    2 filters\n",
        "    3 tracking-plans\n",
    ] {
        assert!(printed.contains(expected), "{printed}");
    }
    let output = run(None, "backup", &["restore", "somewhere"]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "it does not restore for good"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_workspace_is_the_same_files() {
    let segment = small().await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().to_str().expect("a path");
    let save = |more: &[&str]| {
        stdout(&run(
            Some(&segment),
            "backup",
            &[&["save", path], more].concat(),
        ))
    };
    let listed = "\
+ functions/sfnc_1.json
+ sources/shop.json
+ sources/shop/destinations/amplitude.json
+ sources/shop/schema-config.json
+ workspace.json
";
    assert_eq!(save(&["--dry-run"]), listed);
    assert!(files(directory.path()).is_empty());
    assert_eq!(save(&[]), listed);
    let first = files(directory.path());
    assert_eq!(save(&[]), "");
    assert_eq!(files(directory.path()), first);

    let all: String = first.values().map(String::as_str).collect();
    assert!(all.contains("config/trackAllPages"));
    assert!(
        all.contains("    \"one();\",\n    \"two();\",\n"),
        "code is compared by line"
    );
    assert!(!all.contains("EXAMPLE_"), "{all}");
    assert_eq!(
        save(&["--with-secrets"]),
        "~ sources/shop.json\n~ sources/shop/destinations/amplitude.json\n"
    );
    let all: String = files(directory.path()).into_values().collect();
    assert!(
        all.contains("EXAMPLE_API_KEY") && all.contains("EXAMPLE_WRITE_KEY"),
        "{all}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_removed_and_nothing_else_is() {
    let segment = small().await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().to_str().expect("a path");
    run(Some(&segment), "backup", &["save", path]);
    fs::write(directory.path().join("README.md"), "ours").expect("written");
    segment
        .client()
        .delete_destination()
        .name(AMPLITUDE)
        .send()
        .await
        .expect("deleted");
    let output = run(Some(&segment), "backup", &["save", path]);
    assert_eq!(
        stdout(&output),
        "- sources/shop/destinations/amplitude.json\n"
    );
    assert!(
        !directory
            .path()
            .join("sources/shop/destinations/amplitude.json")
            .exists()
    );
    assert!(directory.path().join("README.md").exists());

    fs::write(
        directory.path().join("workspace.json"),
        r#"{"name": "workspaces/other"}"#,
    )
    .expect("written");
    let output = run(Some(&segment), "backup", &["save", path]);
    assert_eq!(
        output.status.code(),
        Some(1),
        "the files of another workspace are not replaced"
    );
    assert!(directory.path().join("sources/shop.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_restore_says_what_would_change_and_no_secret() {
    let segment = small().await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().to_str().expect("a path");
    let restore = || run(Some(&segment), "backup", &["restore", path, "--dry-run"]);
    run(Some(&segment), "backup", &["save", path, "--with-secrets"]);
    let file = directory
        .path()
        .join("sources/shop/destinations/amplitude.json");
    let text = fs::read_to_string(&file).expect("read");
    fs::write(&file, text.replace("EXAMPLE_API_KEY", "EXAMPLE_OLD_KEY")).expect("written");
    assert_eq!(stdout(&restore()), "", "secrets are not compared");

    let patch = DestinationPatch::new().enabled(false);
    segment
        .client()
        .update_destination()
        .name(AMPLITUDE)
        .body(patch)
        .send()
        .await
        .expect("updated");
    let output = restore();
    let printed = stdout(&output);
    assert!(
        printed.starts_with("~ sources/shop/destinations/amplitude.json\n"),
        "{printed}"
    );
    assert!(
        printed.contains("    ~ /enabled: false -> true\n"),
        "{printed}"
    );
    assert!(!printed.contains("EXAMPLE_"), "{printed}");
    assert_eq!(output.status.code(), Some(1));
    let wrote = segment
        .requests()
        .into_iter()
        .filter(|r| r.method != "GET")
        .count();
    assert_eq!(wrote, 1, "only the update above");
}
