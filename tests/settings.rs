//! Settings of destinations: made and read by short name, checked against the catalog.

use segment_config_api::{
    Client, ErrorKind,
    names::DestinationName,
    patch::{DestinationPatch, UpdateDestinationRequest},
    settings::SettingsCheck,
    types::{
        CatalogDestination, CatalogDestinationSetting, ConfigItem, Destination, NewDestination,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NAME: &str = "workspaces/acme/sources/js/destinations/google-analytics";

fn name() -> DestinationName {
    NAME.parse().unwrap()
}

fn item(setting: &str, value: Value) -> ConfigItem {
    serde_json::from_value(json!({"name": format!("{NAME}/config/{setting}"), "value": value}))
        .unwrap()
}

#[test]
fn a_setting_is_made_of_a_destination_and_a_short_name() {
    let item = ConfigItem::setting(&name(), "trackingId", "UA-970334309-1").unwrap();
    assert_eq!(
        serde_json::to_value(&item).unwrap(),
        json!({"name": format!("{NAME}/config/trackingId"), "value": "UA-970334309-1"}),
    );
    assert_eq!(item.setting_name(), "trackingId");
    assert_eq!(item.resource_name().unwrap().parent(), name());
}

#[test]
fn values_of_every_kind_come_back_as_they_were_given() {
    let dimensions = BTreeMap::from([("plan".to_string(), "dimension3".to_string())]);
    let hooks = json!([{"hook": "https://example.com", "headers": [{"key": "a", "value": "b"}]}]);
    assert!(
        ConfigItem::setting(&name(), "s", true)
            .unwrap()
            .value_as::<bool>()
            .unwrap()
    );
    assert_eq!(
        ConfigItem::setting(&name(), "s", 0.1)
            .unwrap()
            .value_as::<f64>(),
        Ok(0.1)
    );
    assert_eq!(
        ConfigItem::setting(&name(), "s", "")
            .unwrap()
            .value_as::<String>(),
        Ok(String::new())
    );
    assert_eq!(
        ConfigItem::setting(&name(), "s", ["a", "b"])
            .unwrap()
            .value_as(),
        Ok(vec!["a".to_string(), "b".into()])
    );
    assert_eq!(
        ConfigItem::setting(&name(), "s", &dimensions)
            .unwrap()
            .value_as(),
        Ok(dimensions)
    );
    assert_eq!(
        ConfigItem::setting(&name(), "s", &hooks).unwrap().value,
        hooks
    );
}

#[test]
fn a_short_name_that_would_leave_its_segment_is_refused() {
    for setting in ["", "..", "a/b", "a:b", "a\\b"] {
        let error = ConfigItem::setting(&name(), setting, true).unwrap_err();
        assert_eq!(error.setting(), setting);
        assert!(
            error.to_string().contains("`setting` cannot be used"),
            "{error}"
        );
    }
}

#[test]
fn a_null_is_no_value_of_a_setting() {
    let error = ConfigItem::setting(&name(), "k", None::<String>).unwrap_err();
    assert!(error.to_string().contains("null"), "{error}");
}

#[test]
fn a_setting_is_found_by_its_exact_short_name() {
    let destination: Destination = serde_json::from_value(json!({
        "name": NAME,
        "config": [item("mobileTrackingId", json!("UA-2")), item("trackingId", json!("UA-1"))],
    }))
    .unwrap();
    let value = |setting: &str| destination.setting(setting).map(|item| &item.value);
    assert_eq!(value("trackingId"), Some(&json!("UA-1").into()));
    assert_eq!(value("mobileTrackingId"), Some(&json!("UA-2").into()));
    assert_eq!(value("Id"), None);
    assert_eq!(value("config/trackingId"), None);
}

#[test]
fn an_answer_without_settings_is_not_one_with_none() {
    let read =
        |answer: Value| serde_json::from_value::<Destination>(answer).expect("a destination");
    let mut answer = json!({
        "name": name(), "parent": "workspaces/acme/sources/js", "display_name": "X",
        "enabled": true, "connection_mode": "CLOUD",
    });
    let silent = read(answer.clone());
    assert_eq!((silent.config.as_ref(), silent.setting("a")), (None, None));
    answer["config"] = json!([]);
    assert_eq!(read(answer).config, Some(vec![]));
}

#[test]
fn reading_another_type_is_an_error_that_keeps_the_value_to_itself() {
    let error = item("apiKey", json!("a secret"))
        .value_as::<bool>()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `apiKey`: expected `bool`, found a text"
    );
}

#[test]
fn a_masked_value_is_recognised_at_any_depth() {
    for masked in [
        json!("••••"),
        json!("••••1234"),
        json!([{"headers": {"Authorization": "•••"}}]),
    ] {
        assert!(item("apiKey", masked.clone()).is_masked(), "{masked}");
        let error = ConfigItem::setting(&name(), "apiKey", &masked)
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "setting `apiKey`: the value is masked by the server; give the real one or leave it out"
        );
    }
    for plain in [
        json!("abcd1234"),
        json!("****"),
        json!(true),
        json!(null),
        json!({"a": ["b", 1]}),
    ] {
        assert!(!item("apiKey", plain.clone()).is_masked(), "{plain}");
    }
}

#[test]
fn a_patch_refuses_a_masked_value_however_it_was_made() {
    let patch = DestinationPatch::new().config([
        item("trackingId", json!("UA-1")),
        item("apiSecret", json!("••••")),
    ]);
    let error = UpdateDestinationRequest::try_from(patch)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "`config`: setting `apiSecret`: the value is masked by the server; give the real one or leave it out",
    );
}

#[tokio::test]
async fn a_create_refuses_a_masked_value_before_it_is_sent() {
    let client = Client::builder()
        .base_url("http://127.0.0.1:9")
        .access_token("EXAMPLE_TOKEN");
    let destination = NewDestination::builder()
        .name(name())
        .config([item("apiSecret", json!("••••"))]);
    let create = client
        .build()
        .unwrap()
        .create_destination()
        .parent(name().parent());
    let error = create.body(destination).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(
        error
            .to_string()
            .contains("setting `apiSecret`: the value is masked"),
        "{error}"
    );
}

fn setting(definition: Value) -> CatalogDestinationSetting {
    serde_json::from_value(definition).expect("a setting of the catalog")
}

fn problems(check: &SettingsCheck) -> Vec<String> {
    check.problems.iter().map(ToString::to_string).collect()
}

/// Definitions as the catalog has them, with a value and what is wrong with it.
#[test]
fn a_value_is_held_against_its_definition() {
    let text = |kind: &str| json!({"name": "s", "type": kind, "string_validators": {"regexp": "^UA-\\d+-\\d+$"}});
    let required = |kind: &str| json!({"name": "s", "type": kind, "required": true});
    let number = |min: i64, max: i64| json!({"name": "s", "type": "NUMBER", "number_validators": {"min": min, "max": max}});
    let select = json!({"name": "s", "type": "SELECT", "select_validators": {"select_options": ["us", "eu"]}});
    let map = |prefix: &str, min: i64, max: i64, options: Value| {
        json!({"name": "s", "type": "MAP", "map_validators":
            {"regexp": "", "min": min, "max": max, "map_prefix": prefix, "select_options": options}})
    };
    let plain = |kind: &str| json!({"name": "s", "type": kind});
    let hooks = json!({"name": "hooks", "type": "MIXED", "settings": [
        {"name": "hook", "type": "STRING", "required": true, "string_validators": {"regexp": ""}},
        {"name": "headers", "type": "MAP"},
        {"name": "retry", "type": "MIXED", "settings": [{"name": "times", "type": "NUMBER", "number_validators": {"min": 0, "max": 3}}]},
    ]});

    const FINE: Option<&str> = None;
    let cases = [
        // Texts of all kinds.
        (text("STRING"), json!("UA-1-2"), FINE),
        (
            text("STRING"),
            json!("UA-1"),
            Some("setting `s`: it does not match `^UA-\\d+-\\d+$`"),
        ),
        (
            text("STRING"),
            json!(5),
            Some("setting `s`: expected a text, found a number"),
        ),
        (
            text("PASSWORD"),
            json!("hunter2"),
            Some("setting `s`: it does not match `^UA-\\d+-\\d+$`"),
        ),
        (
            text("COLOR"),
            json!(true),
            Some("setting `s`: expected a text, found a boolean"),
        ),
        (text("MULTI_LINE_STRING"), json!("UA-1-2"), FINE),
        (plain("STRING"), json!("anything"), FINE),
        // A pattern matches anywhere unless it is anchored, as in JavaScript.
        (
            json!({"name": "s", "type": "STRING", "string_validators": {"regexp": "[0-9]{3}"}}),
            json!("ab123c"),
            FINE,
        ),
        (
            json!({"name": "s", "type": "STRING", "string_validators": {"regexp": "^\\d$"}}),
            json!("٣"),
            Some("setting `s`: it does not match `^\\d$`"),
        ),
        // Nothing at all.
        (text("STRING"), json!(""), FINE),
        (text("STRING"), json!(null), FINE),
        (
            required("STRING"),
            json!(""),
            Some("setting `s`: it is required"),
        ),
        (
            required("LIST"),
            json!([]),
            Some("setting `s`: it is required"),
        ),
        (required("BOOLEAN"), json!(false), FINE),
        // Numbers.
        (number(1, 100), json!(1), FINE),
        (
            number(1, 100),
            json!(0),
            Some("setting `s`: expected at least 1, found 0"),
        ),
        (
            number(1, 100),
            json!(100.5),
            Some("setting `s`: expected at most 100, found 100.5"),
        ),
        (number(0, 0), json!(-7), FINE),
        (number(300, 0), json!(10_000), FINE),
        (
            number(300, 0),
            json!(299),
            Some("setting `s`: expected at least 300, found 299"),
        ),
        (
            number(0, 10),
            json!(-1),
            Some("setting `s`: expected at least 0, found -1"),
        ),
        (
            number(-5, 0),
            json!(1),
            Some("setting `s`: expected at most 0, found 1"),
        ),
        (
            number(0, 10),
            json!("5"),
            Some("setting `s`: expected a number, found a text"),
        ),
        // Switches, options, lists.
        (
            plain("BOOLEAN"),
            json!("true"),
            Some("setting `s`: expected a boolean, found a text"),
        ),
        (select.clone(), json!("eu"), FINE),
        (
            select.clone(),
            json!("mars"),
            Some("setting `s`: expected one of `us`, `eu`"),
        ),
        (
            select,
            json!(1),
            Some("setting `s`: expected a text, found a number"),
        ),
        (plain("LIST"), json!(["a", "b"]), FINE),
        (
            plain("LIST"),
            json!(["a", 1]),
            Some("setting `s`: expected a list of texts, found a list"),
        ),
        // Maps: prefixes, limits and options are about the values.
        (
            map("dimension", 0, 200, json!([])),
            json!({"plan": "dimension200"}),
            FINE,
        ),
        (
            map("dimension", 0, 200, json!([])),
            json!({"plan": "dimension201"}),
            Some("setting `s.plan`: expected at most 200, found 201"),
        ),
        (
            map("dimension", 0, 200, json!([])),
            json!({"plan": "metric1"}),
            Some("setting `s.plan`: expected `dimension` and a number"),
        ),
        (
            map("c", 0, 0, json!([])),
            json!({"plan": "comscorekw"}),
            FINE,
        ),
        (
            map("", 0, 0, json!(["plt"])),
            json!({"plan": "pdt"}),
            Some("setting `s.plan`: expected one of `plt`"),
        ),
        (plain("MAP"), json!({"a": "b"}), FINE),
        (
            plain("MAP"),
            json!({"a": 1}),
            Some("setting `s.a`: expected a text, found a number"),
        ),
        (
            plain("MAP"),
            json!("a"),
            Some("setting `s`: expected a map, found a text"),
        ),
        (plain("MAP"), json!([{"key": "a", "value": "b"}]), FINE),
        // Anything, described or not.
        (plain("MIXED"), json!([1, {"a": null}]), FINE),
        (
            hooks.clone(),
            json!([{"hook": "https://example.com", "headers": [{"key": "a", "value": "b"}], "other": 1}]),
            FINE,
        ),
        (hooks.clone(), json!({"hook": "https://example.com"}), FINE),
        (
            hooks.clone(),
            json!([{"hook": "x"}, {}]),
            Some("setting `hooks[1].hook`: it is required"),
        ),
        (
            hooks.clone(),
            json!([{"hook": "x", "headers": {"a": 1}}]),
            Some("setting `hooks[0].headers.a`: expected a text, found a number"),
        ),
        (
            hooks.clone(),
            json!([{"hook": "x", "retry": {"times": 4}}]),
            Some("setting `hooks[0].retry.times`: expected at most 3, found 4"),
        ),
        (
            hooks,
            json!(["x"]),
            Some("setting `hooks[0]`: expected an object, found a text"),
        ),
        // Secrets that the server hides.
        (
            text("PASSWORD"),
            json!("••••"),
            Some(
                "setting `s`: the value is masked by the server; give the real one or leave it out",
            ),
        ),
    ];
    for (definition, value, problem) in cases {
        let check = setting(definition.clone()).check(&value);
        assert_eq!(
            problems(&check),
            Vec::from_iter(problem),
            "{value} for {definition}"
        );
        assert!(check.unchecked.is_empty(), "{:?}", check.unchecked);
        assert_eq!(check.clone().into_result().is_ok(), problem.is_none());
    }
}

#[test]
fn what_cannot_be_checked_is_said_and_is_no_problem() {
    let cases = [
        (
            json!({"name": "s", "type": "STRING", "string_validators": {"regexp": "^(?!www\\.)"}}),
            json!("www.example.com"),
            "setting `s`: `^(?!www\\.)` cannot be checked: ",
        ),
        (
            json!({"name": "s", "type": "HOLOGRAM"}),
            json!("x"),
            "setting `s`: its type `HOLOGRAM` is not known",
        ),
        (
            json!({"name": "s", "type": "MAP", "map_validators": {"regexp": "^a$", "min": 0, "max": 0, "map_prefix": "", "select_options": []}}),
            json!({"a": "b"}),
            "setting `s`: whether `^a$` is about keys or values is not known",
        ),
    ];
    for (definition, value, note) in cases {
        let check = setting(definition).check(&value);
        assert_eq!(problems(&check), Vec::<String>::new());
        let [unchecked] = &check.unchecked[..] else {
            panic!("{check:?}")
        };
        assert!(unchecked.to_string().starts_with(note), "{unchecked}");
        assert!(check.into_result().is_ok());
    }
}

fn google_analytics() -> CatalogDestination {
    serde_json::from_value(json!({
        "name": "catalog/destinations/google-analytics",
        "settings": [
            {"name": "trackingId", "type": "STRING", "required": true, "string_validators": {"regexp": "^UA-\\d+-\\d+$"}},
            {"name": "sampleRate", "type": "NUMBER", "number_validators": {"min": 1, "max": 100}},
        ],
    }))
    .unwrap()
}

#[test]
fn all_problems_of_a_config_are_told_at_once() {
    let config = [
        item("sampleRate", json!(200)),
        item("trackingID", json!("UA-1-2")),
    ];
    let check = google_analytics().check_config(&config);
    assert_eq!(
        check.into_result().unwrap_err().to_string(),
        "setting `sampleRate`: expected at most 100, found 200; \
         setting `trackingID`: catalog/destinations/google-analytics has no such setting; \
         setting `trackingId`: it is required",
    );
}

#[test]
fn an_update_need_not_repeat_what_is_required() {
    let changes = [item("sampleRate", json!(50))];
    assert!(
        google_analytics()
            .check_changes(&changes)
            .into_result()
            .is_ok()
    );
    assert!(
        google_analytics()
            .check_config(&changes)
            .into_result()
            .is_err()
    );
    assert!(
        google_analytics()
            .setting("trackingId")
            .is_some_and(|s| s.required)
    );
}

#[test]
fn secrets_are_told_by_type_mask_and_name() {
    let cases = [
        ("trackingId", json!("UA-1"), false),
        (
            "hooks",
            json!([{"hook": "https://example.com", "headers": []}]),
            false,
        ),
        ("apiKey", json!("x"), true),
        ("dbPassphrase", json!("x"), true),
        ("trackingId", json!("••••"), true),
        ("hooks", json!([{"headers": {"Authorization": "x"}}]), true),
    ];
    for (setting, value, secret) in cases {
        assert_eq!(
            item(setting, value.clone()).is_secret(),
            secret,
            "{setting} {value}"
        );
    }
    assert!(item("answer", json!("x")).with_type("password").is_secret());
}
