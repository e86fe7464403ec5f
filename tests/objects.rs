//! Objects of the API: what was read is what is written, whatever it was, and
//! what cannot be used is an error that names the place.

#[path = "support/arbitrary.rs"]
mod arbitrary;
#[path = "support/calls.rs"]
mod calls;
#[path = "support/schemas.rs"]
mod schemas;
mod support;

use calls::{Recoded, recode_schema};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use segment_config_api::{
    enums::ConnectionMode,
    json::Json,
    types::{
        CatalogDestination, EventRule, FilterAction, InstallToken, ListSourcesResponse, Source,
        TrackingPlan, Workspace,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_str, from_value, json, to_string, to_value};

const CASES: usize = 60;

#[test]
fn reading_and_writing_again_is_the_identity_for_every_type() {
    let all = schemas::schemas();
    let mut runner = TestRunner::deterministic();
    let mut types = 0;
    for (name, schema) in schemas::answers(&all) {
        let typed = recode_schema(name, "{}").is_some();
        types += usize::from(typed);
        let values = schemas::any_value(&all, schema, 3);
        let mut read = 0;
        for _ in 0..if typed { CASES } else { 0 } {
            let value = values.new_tree(&mut runner).expect("a value").current();
            match recode_schema(name, &value.to_string()) {
                Some(Ok(Recoded { text, .. })) => {
                    read += 1;
                    let again: Value = from_str(&text).expect("JSON");
                    assert_eq!(again, value, "{name}");
                }
                Some(Err(e)) => {
                    // All that is missing at random is what a page or an answer must have one of.
                    assert!(
                        e.to_string().contains("none of its keys"),
                        "{name}: {e}: {value}"
                    );
                }
                None => unreachable!("it has a type"),
            }
        }
        assert!(!typed || read > CASES / 2, "{name}: {read} were read");
    }
    assert!(types > 50, "{types} types");
}

fn source(more: &str) -> String {
    format!(r#"{{"name":"workspaces/acme/sources/js"{more}}}"#)
}

/// The text of a source that was read and written again.
fn again(more: &str) -> String {
    let source: Source = from_str(&source(more)).expect("a source");
    to_string(&source).expect("JSON")
}

#[test]
fn a_missing_key_stays_missing_and_a_null_stays_a_null() {
    for more in [
        "",
        r#","labels":null"#,
        r#","catalog_name":null"#,
        r#","catalog_name":"""#,
        r#","library_config":null,"write_keys":null"#,
        r#","write_keys":[]"#,
        r#","create_time":"""#,
        r#","create_time":null"#,
    ] {
        let [again, came] =
            [again(more), source(more)].map(|t| from_str::<Value>(&t).expect("JSON"));
        assert_eq!(again, came);
    }
}

#[test]
fn a_field_that_was_set_replaces_what_came() {
    let mut source: Source = from_str(&source(
        r#","catalog_name":null,"display_name":null,"id":7"#,
    ))
    .expect("a source");
    assert_eq!(source.id.as_deref(), Some("7"));
    source.catalog_name = "catalog/sources/javascript".into();
    source.display_name = Some("JS".into());
    source.id = Some("8".into());
    source.parent = "workspaces/acme".into();
    let value = to_value(&source).expect("JSON");
    assert_eq!(
        value,
        json!({
            "name": "workspaces/acme/sources/js",
            "catalog_name": "catalog/sources/javascript",
            "display_name": "JS",
            "id": "8",
            "parent": "workspaces/acme",
        })
    );
}

#[test]
fn a_field_that_was_emptied_is_not_what_came() {
    let mut source: Source = from_str(&source(r#","id":7,"display_name":null"#)).expect("a source");
    source.id = None;
    assert_eq!(
        again_of(&source),
        json!({"name": source.name, "display_name": null})
    );
}

fn again_of(value: &impl Serialize) -> Value {
    to_value(value).expect("JSON")
}

#[test]
fn what_a_type_does_not_know_is_written_to_the_letter() {
    for value in [
        "18446744073709551616123",
        "-0",
        "1e2",
        "1.10",
        "1E400",
        "0.1000000000000000055511151231257827",
        r#"{"b":1,"a":[{"z":1,"y":2}]}"#,
        r#""\u00e9\/""#,
        &format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)),
    ] {
        let more = format!(r#","x":{value}"#);
        assert_eq!(again(&more), source(&more));
    }
}

#[test]
fn rules_are_written_to_the_letter() {
    let rule = r#"{"name":"Order Completed","rules":{"type":"object","maximum":1.10,"a": [1e2]},"version":1}"#;
    let read: EventRule = from_str(rule).expect("a rule");
    assert_eq!(to_string(&read).expect("JSON"), rule);
}

#[test]
fn a_share_keeps_the_digits_it_came_with() {
    let action = r#"{"percent":0.50,"type":"sample_event"}"#;
    let read: FilterAction = from_str(action).expect("an action");
    assert_eq!(to_string(&read).expect("JSON"), action);
}

#[test]
fn of_a_key_that_comes_twice_the_last_value_counts() {
    let twice = source(r#","labels":null,"labels":{"a":"b"},"x":1,"x":2"#);
    let read: Source = from_str(&twice).expect("a source");
    assert_eq!(read.labels["a"], "b");
    assert_eq!(
        again_of(&read),
        json!({"name": read.name, "labels": {"a": "b"}, "x": 2})
    );
}

#[test]
fn a_whole_number_may_have_a_fraction_of_zero() {
    let read: EventRule = from_str(r#"{"name":"a","version":1.0}"#).expect("a rule");
    assert_eq!(read.version, Some(1));
    assert_eq!(
        to_string(&read).expect("JSON"),
        r#"{"name":"a","version":1.0}"#
    );
    for version in ["1.5", "1e300", "18446744073709551615", r#""1""#] {
        let rule = format!(r#"{{"name":"a","version":{version}}}"#);
        let error = from_str::<EventRule>(&rule).expect_err(version).to_string();
        assert!(error.starts_with("at `version`: "), "{error}");
    }
}

#[test]
fn an_id_may_be_a_number() {
    let read: Workspace = from_str(r#"{"name":"workspaces/acme","display_name":"Acme","id":42}"#)
        .expect("a workspace");
    assert_eq!(read.id, "42");
    assert_eq!(again_of(&read)["id"], 42);
}

#[test]
fn an_answer_without_what_it_is_about_is_an_error() {
    for (schema, missing) in [
        ("InstallToken", "access_token"),
        ("CreateRegulationResponse", "regulate_id"),
        ("FunctionLatestVersion", "is_latest"),
        ("PreviewFunctionResponse", "invoke"),
        ("SourceConnection", "source_name"),
        ("Source", "name"),
        ("Function", "id"),
    ] {
        for value in [
            json!({"status": "ok"}),
            json!({"status": "ok", missing: null}),
            json!({}),
        ] {
            let error = recode_schema(schema, &value.to_string())
                .expect(schema)
                .err();
            let error = error
                .unwrap_or_else(|| panic!("{schema}: {value}"))
                .to_string();
            assert!(
                error.contains(&format!("missing field `{missing}`")),
                "{schema}: {error}"
            );
        }
    }
    assert!(from_str::<InstallToken>(r#"{"access_token":"EXAMPLE"}"#).is_ok());
}

#[test]
fn an_answer_of_which_nobody_knows_what_is_there_has_any_of_its_keys() {
    for schema in ["Invite", "BatchCreateTrackingPlanSourceConnectionsResponse"] {
        for other in ["{}", r#"{"status":"ok"}"#] {
            let error = recode_schema(schema, other).expect(schema).err();
            let error = error.unwrap_or_else(|| panic!("{schema}: {other}"));
            assert!(error.to_string().contains("none of its keys"), "{error}");
        }
    }
    let invite = recode_schema("Invite", r#"{"email":"a@example.com"}"#);
    assert!(invite.expect("a type").is_ok());
}

#[test]
fn a_page_of_another_shape_is_an_error() {
    let error = from_str::<ListSourcesResponse>(r#"{"status":"ok"}"#).expect_err("no page");
    assert!(
        error.to_string().contains("`next_page_token`, `sources`"),
        "{error}"
    );
    for page in [
        json!({}),
        json!({"sources": null}),
        json!({"sources": [], "x": 1}),
        json!({"next_page_token": ""}),
    ] {
        let read: ListSourcesResponse = from_value(page.clone()).expect("a page");
        assert!(read.sources.is_empty());
        assert_eq!(again_of(&read), page);
    }
}

#[test]
fn an_error_names_the_place_and_shows_no_value() {
    for (sources, place) in [
        (
            json!({"sources": [{"name": "a"}, {"nom": "b"}]}),
            "at `sources[1]`: missing field `name`",
        ),
        (
            json!({"sources": [{"name": "a", "labels": {"CANARY": 1}}]}),
            "at `sources[0].labels[0]`: invalid type: integer, expected a string",
        ),
        (
            json!({"sources": [{"name": "a", "library_config": {"retry_queue": "CANARY"}}]}),
            "at `sources[0].library_config.retry_queue`: invalid type: string, expected a boolean",
        ),
        (
            json!({"sources": "CANARY"}),
            "at `sources`: invalid type: string, expected a list",
        ),
        (
            json!({"sources": [{"name": "a", "create_time": "CANARY"}]}),
            "at `sources[0].create_time`: ",
        ),
    ] {
        let error = from_value::<ListSourcesResponse>(sources)
            .expect_err(place)
            .to_string();
        assert!(error.starts_with(place), "{error}");
        assert!(!error.contains("CANARY"), "{error}");
    }
}

#[test]
fn a_member_that_is_not_whole_is_kept_by_the_one_that_takes_the_rest() {
    for action in [
        json!({"type": "sample_event", "path": "userId"}),
        json!({"type": "sample_event", "percent": null}),
        json!({"type": "wink"}),
        json!({"type": 7}),
        json!({}),
    ] {
        let read: FilterAction = from_value(action.clone()).expect("an action");
        assert!(matches!(read, FilterAction::OtherAction(_)), "{action}");
        assert_eq!(again_of(&read), action);
    }
    let whole = json!({"type": "sample_event", "percent": 0.1, "new": 1});
    let read: FilterAction = from_value(whole).expect("an action");
    assert!(matches!(read, FilterAction::SampleEventAction(_)));
}

/// Types of an application's own, which serde reads by way of a buffer.
#[test]
fn objects_can_be_part_of_flattened_and_untagged_types() {
    #[derive(Debug, Deserialize, Serialize, PartialEq)]
    #[serde(tag = "kind")]
    enum Backup {
        Source(Source),
        Plan(TrackingPlan),
    }
    let text = r#"{"kind":"Source","name":"workspaces/acme/sources/js","x":{"b":[1,null]}}"#;
    let read: Backup = from_str(text).expect("a backup");
    assert_eq!(again_of(&read), from_str::<Value>(text).expect("JSON"));
}

#[test]
fn json_is_compared_as_json() {
    let json = |text: &str| text.parse::<Json>().expect("JSON");
    assert_eq!(json(r#"{"a":1,"b":2}"#), json(r#"{ "b": 2, "a": 1 }"#));
    assert_eq!(json("1E400"), json("1E400"));
    assert_ne!(json("1E400"), json("2E400"));
    assert_ne!(json("1"), json("2"));
    assert_eq!(json!({"a": [1]}), json(r#"{"a":[1]}"#));
    assert!("{".parse::<Json>().is_err());
    assert!(Json::default().is_null());
}

#[test]
fn the_catalog_gains_no_key() {
    let text = r#"{"name":"catalog/destinations/x","settings":[{"name":"apiKey"}]}"#;
    let read: CatalogDestination = from_str(text).expect("an entry");
    assert_eq!(to_string(&read).expect("JSON"), text);
    assert_eq!(read.settings[0].type_, "");
    assert_eq!(ConnectionMode::default(), "");
}
