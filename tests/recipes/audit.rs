use super::{run, stdout};
use segment_config_api::fake::{Fault, Segment};
use serde_json::{Value, json};
use std::fs;

/// Few sources: the client of the example keeps to Segment's rate limit.
async fn small() -> Segment {
    let segment = Segment::builder().start().await.expect("a fake");
    let sources = [
        ("shop-web", "production"),
        ("shop-web-dev", "dev"),
        ("crm", "production"),
    ];
    for (slug, stage) in sources {
        let source = format!("workspaces/acme/sources/{slug}");
        let new =
            json!({"catalog_name": "catalog/sources/javascript", "labels": {"environment": stage}});
        segment.insert(&source, new).expect("a source");
        let enabled = json!({"enabled": stage == "dev"});
        segment
            .insert(&format!("{source}/destinations/slack"), enabled)
            .expect("a destination");
    }
    segment
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_as_it_stands() {
    let output = run(None, "audit", &[]);
    let printed = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        printed.contains("js                                name      is not ^"),
        "{printed}"
    );
    assert!(
        printed.ends_with("workspaces/acme: 264 sources, 29 destinations, 5 findings\n"),
        "{printed}"
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("made up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_source_is_asked_for_its_destinations() {
    let segment = small().await;
    segment.fail_next(Fault::status(503).of("list_destinations"));
    let output = run(Some(&segment), "audit", &["--json"]);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(
        report,
        json!({
            "workspace": "workspaces/acme",
            "counts": {"sources": 3, "destinations": 3},
            "findings": [
                {"resource": "crm", "rule": "name", "problem": "is not ^[a-z0-9]+(-[a-z0-9]+)+$"},
                {"resource": "crm/slack", "rule": "disabled", "problem": "the policy gives no reason"},
                {"resource": "shop-web/slack", "rule": "disabled", "problem": "the policy gives no reason"},
            ],
        })
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        segment.requests_of("list_destinations").len(),
        4,
        "one was tried again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_policy_of_ones_own_says_is_what_counts() {
    let segment = small().await;
    let policy = tempfile::NamedTempFile::new().expect("a file");
    let path = policy.path().to_str().expect("a path");
    let audit = |policy: &Value| {
        fs::write(path, policy.to_string()).expect("written");
        run(Some(&segment), "audit", &["--policy", path])
    };
    let disabled = json!({"crm/slack": "sold", "shop-web/slack": "too loud"});
    let mut policy = json!({"names": "", "labels": {"environment": []}, "disabled": disabled});
    let output = audit(&policy);
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    policy["labels"] = json!({"environment": ["production"], "team": []});
    policy["disabled"]["crm/slack"] = " ".into();
    let printed = stdout(&audit(&policy));
    for expected in [
        "shop-web-dev                      label     `environment` is \"dev\", not one of [\"production\"]\n",
        "shop-web-dev                      label     has no label `team`\n",
        "crm/slack                         disabled  the policy gives no reason\n",
        "5 findings\n",
    ] {
        assert!(printed.contains(expected), "{printed}");
    }
    policy["disable"] = json!({});
    assert_eq!(
        audit(&policy).status.code(),
        Some(1),
        "a misspelt rule is no rule"
    );
}
