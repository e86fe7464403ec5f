//! Patches: what each of them sends, to the letter, and what none of them sends.

use proptest::prelude::*;
use segment_config_api::{
    Client, Error, ErrorKind,
    enums::{ConnectionMode, FunctionSettingType, TrackViolationAction, TraitsViolationAction},
    fake::Segment,
    names::DestinationName,
    patch::*,
    types::{ConfigItem, DropEventAction, EventRule, FunctionSetting, Rules},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn destination() -> DestinationName {
    DestinationName::new("acme", "js", "mixpanel").unwrap()
}

fn setting() -> ConfigItem {
    ConfigItem::setting(&destination(), "people", true).unwrap()
}

fn function_setting() -> FunctionSetting {
    let setting = FunctionSetting::builder()
        .name("apiKey")
        .label("API key")
        .required(true);
    setting
        .sensitive(true)
        .type_(FunctionSettingType::String)
        .try_into()
        .unwrap()
}

fn drop_event() -> DropEventAction {
    DropEventAction::builder().try_into().unwrap()
}

fn schema() -> Value {
    json!({"type": "object"})
}

fn event() -> EventRule {
    EventRule::builder()
        .name("Order Completed")
        .rules(schema())
        .try_into()
        .unwrap()
}

fn rules() -> Rules {
    Rules::builder()
        .events(Vec::<EventRule>::new())
        .global(schema())
        .try_into()
        .unwrap()
}

/// Rows of a call on an empty patch and the body it makes.
macro_rules! golden {
    ($($patch:ident => $request:ident { $($method:ident($($value:expr)?) sends $body:literal;)* })*) => {
        vec![$($((
            format!("{}::{}", stringify!($patch), stringify!($method)),
            $request::try_from($patch::new().$method($($value)?)).map(|request| json!(request)),
            $body,
        )),*),*]
    };
}

#[test]
fn each_setter_and_each_clear_sends_its_field_and_no_other() {
    let rows = golden! {
        FunctionPatch => UpdateFunctionRequest {
            buildpack("boreal") sends r#"{"function":{"buildpack":"boreal"},"update_mask":{"paths":["function.buildpack"]}}"#;
            clear_buildpack() sends r#"{"function":{},"update_mask":{"paths":["function.buildpack"]}}"#;
            code("export {}") sends r#"{"function":{"code":"export {}"},"update_mask":{"paths":["function.code"]}}"#;
            clear_code() sends r#"{"function":{},"update_mask":{"paths":["function.code"]}}"#;
            settings([function_setting()]) sends r#"{"function":{"settings":[{"name":"apiKey","label":"API key","type":"string","required":true,"sensitive":true}]},"update_mask":{"paths":["function.settings"]}}"#;
            clear_settings() sends r#"{"function":{},"update_mask":{"paths":["function.settings"]}}"#;
        }
        SourcePatch => UpdateSourceRequest {
            display_name("Acme") sends r#"{"source":{"display_name":"Acme"},"update_mask":{"paths":["source.display_name"]}}"#;
            clear_display_name() sends r#"{"source":{},"update_mask":{"paths":["source.display_name"]}}"#;
            labels([("team", "web")]) sends r#"{"source":{"labels":{"team":"web"}},"update_mask":{"paths":["source.labels"]}}"#;
            clear_labels() sends r#"{"source":{},"update_mask":{"paths":["source.labels"]}}"#;
        }
        DestinationPatch => UpdateDestinationRequest {
            config([setting()]) sends r#"{"destination":{"config":[{"name":"workspaces/acme/sources/js/destinations/mixpanel/config/people","value":true}]},"update_mask":{"paths":["destination.config"]}}"#;
            clear_config() sends r#"{"destination":{},"update_mask":{"paths":["destination.config"]}}"#;
            connection_mode(ConnectionMode::Cloud) sends r#"{"destination":{"connection_mode":"CLOUD"},"update_mask":{"paths":["destination.connection_mode"]}}"#;
            clear_connection_mode() sends r#"{"destination":{},"update_mask":{"paths":["destination.connection_mode"]}}"#;
            enabled(false) sends r#"{"destination":{"enabled":false},"update_mask":{"paths":["destination.enabled"]}}"#;
            clear_enabled() sends r#"{"destination":{},"update_mask":{"paths":["destination.enabled"]}}"#;
        }
        FilterPatch => UpdateDestinationFilterRequest {
            actions([drop_event()]) sends r#"{"filter":{"actions":[{"type":"drop_event"}]},"update_mask":{"paths":["actions"]}}"#;
            clear_actions() sends r#"{"filter":{},"update_mask":{"paths":["actions"]}}"#;
            description("Why") sends r#"{"filter":{"description":"Why"},"update_mask":{"paths":["description"]}}"#;
            clear_description() sends r#"{"filter":{},"update_mask":{"paths":["description"]}}"#;
            enabled(false) sends r#"{"filter":{"enabled":false},"update_mask":{"paths":["enabled"]}}"#;
            clear_enabled() sends r#"{"filter":{},"update_mask":{"paths":["enabled"]}}"#;
            if_("all") sends r#"{"filter":{"if":"all"},"update_mask":{"paths":["if"]}}"#;
            clear_if() sends r#"{"filter":{},"update_mask":{"paths":["if"]}}"#;
            title("Title") sends r#"{"filter":{"title":"Title"},"update_mask":{"paths":["title"]}}"#;
            clear_title() sends r#"{"filter":{},"update_mask":{"paths":["title"]}}"#;
        }
        SchemaConfigPatch => UpdateSourceSchemaConfigRequest {
            allow_unplanned_track_events(false) sends r#"{"schema_config":{"allow_unplanned_track_events":false},"update_mask":{"paths":["schema_config.allow_unplanned_track_events"]}}"#;
            clear_allow_unplanned_track_events() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_unplanned_track_events"]}}"#;
            allow_unplanned_identify_traits(false) sends r#"{"schema_config":{"allow_unplanned_identify_traits":false},"update_mask":{"paths":["schema_config.allow_unplanned_identify_traits"]}}"#;
            clear_allow_unplanned_identify_traits() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_unplanned_identify_traits"]}}"#;
            allow_unplanned_group_traits(false) sends r#"{"schema_config":{"allow_unplanned_group_traits":false},"update_mask":{"paths":["schema_config.allow_unplanned_group_traits"]}}"#;
            clear_allow_unplanned_group_traits() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_unplanned_group_traits"]}}"#;
            forwarding_blocked_events_to("blocked") sends r#"{"schema_config":{"forwarding_blocked_events_to":"blocked"},"update_mask":{"paths":["schema_config.forwarding_blocked_events_to"]}}"#;
            clear_forwarding_blocked_events_to() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.forwarding_blocked_events_to"]}}"#;
            allow_unplanned_track_event_properties(false) sends r#"{"schema_config":{"allow_unplanned_track_event_properties":false},"update_mask":{"paths":["schema_config.allow_unplanned_track_event_properties"]}}"#;
            clear_allow_unplanned_track_event_properties() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_unplanned_track_event_properties"]}}"#;
            allow_track_event_on_violations(false) sends r#"{"schema_config":{"allow_track_event_on_violations":false},"update_mask":{"paths":["schema_config.allow_track_event_on_violations"]}}"#;
            clear_allow_track_event_on_violations() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_track_event_on_violations"]}}"#;
            allow_identify_traits_on_violations(false) sends r#"{"schema_config":{"allow_identify_traits_on_violations":false},"update_mask":{"paths":["schema_config.allow_identify_traits_on_violations"]}}"#;
            clear_allow_identify_traits_on_violations() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_identify_traits_on_violations"]}}"#;
            allow_group_traits_on_violations(false) sends r#"{"schema_config":{"allow_group_traits_on_violations":false},"update_mask":{"paths":["schema_config.allow_group_traits_on_violations"]}}"#;
            clear_allow_group_traits_on_violations() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_group_traits_on_violations"]}}"#;
            forwarding_violations_to("violations") sends r#"{"schema_config":{"forwarding_violations_to":"violations"},"update_mask":{"paths":["schema_config.forwarding_violations_to"]}}"#;
            clear_forwarding_violations_to() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.forwarding_violations_to"]}}"#;
            allow_track_properties_on_violations(false) sends r#"{"schema_config":{"allow_track_properties_on_violations":false},"update_mask":{"paths":["schema_config.allow_track_properties_on_violations"]}}"#;
            clear_allow_track_properties_on_violations() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.allow_track_properties_on_violations"]}}"#;
            common_track_event_on_violations(TrackViolationAction::OmitProperties) sends r#"{"schema_config":{"common_track_event_on_violations":"OMIT_PROPERTIES"},"update_mask":{"paths":["schema_config.common_track_event_on_violations"]}}"#;
            clear_common_track_event_on_violations() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.common_track_event_on_violations"]}}"#;
            common_identify_event_on_violations(TraitsViolationAction::Block) sends r#"{"schema_config":{"common_identify_event_on_violations":"BLOCK"},"update_mask":{"paths":["schema_config.common_identify_event_on_violations"]}}"#;
            clear_common_identify_event_on_violations() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.common_identify_event_on_violations"]}}"#;
            common_group_event_on_violations(TraitsViolationAction::Allow) sends r#"{"schema_config":{"common_group_event_on_violations":"ALLOW"},"update_mask":{"paths":["schema_config.common_group_event_on_violations"]}}"#;
            clear_common_group_event_on_violations() sends r#"{"schema_config":{},"update_mask":{"paths":["schema_config.common_group_event_on_violations"]}}"#;
        }
        TrackingPlanPatch => UpdateTrackingPlanRequest {
            display_name("Acme") sends r#"{"tracking_plan":{"display_name":"Acme"},"update_mask":{"paths":["tracking_plan.display_name"]}}"#;
            clear_display_name() sends r#"{"tracking_plan":{},"update_mask":{"paths":["tracking_plan.display_name"]}}"#;
            rules(rules()) sends r#"{"tracking_plan":{"rules":{"events":[],"global":{"type":"object"}}},"update_mask":{"paths":["tracking_plan.rules"]}}"#;
            clear_rules() sends r#"{"tracking_plan":{},"update_mask":{"paths":["tracking_plan.rules"]}}"#;
            events([event()]) sends r#"{"tracking_plan":{"rules":{"events":[{"name":"Order Completed","rules":{"type":"object"}}]}},"update_mask":{"paths":["tracking_plan.rules.events"]}}"#;
            clear_events() sends r#"{"tracking_plan":{},"update_mask":{"paths":["tracking_plan.rules.events"]}}"#;
            global(schema()) sends r#"{"tracking_plan":{"rules":{"global":{"type":"object"}}},"update_mask":{"paths":["tracking_plan.rules.global"]}}"#;
            clear_global() sends r#"{"tracking_plan":{},"update_mask":{"paths":["tracking_plan.rules.global"]}}"#;
            group(schema()) sends r#"{"tracking_plan":{"rules":{"group":{"type":"object"}}},"update_mask":{"paths":["tracking_plan.rules.group"]}}"#;
            clear_group() sends r#"{"tracking_plan":{},"update_mask":{"paths":["tracking_plan.rules.group"]}}"#;
            identify(schema()) sends r#"{"tracking_plan":{"rules":{"identify":{"type":"object"}}},"update_mask":{"paths":["tracking_plan.rules.identify"]}}"#;
            clear_identify() sends r#"{"tracking_plan":{},"update_mask":{"paths":["tracking_plan.rules.identify"]}}"#;
        }
    };
    let mut covered = BTreeMap::<String, u32>::new();
    for (call, sent, golden) in rows {
        let golden: Value = serde_json::from_str(golden).expect("the table holds JSON");
        assert_eq!(sent.as_ref(), Ok(&golden), "{call}");
        let path = golden["update_mask"]["paths"][0]
            .as_str()
            .expect("a masked path");
        *covered.entry(path.to_string()).or_default() += 1;
    }
    let all = documented_paths().into_iter().map(|path| (path, 2));
    assert_eq!(
        covered,
        all.collect(),
        "a setter and a clear for each path of the document"
    );
}

/// Every path that the document lists in an `x-update-mask`, with its prefix.
fn documented_paths() -> BTreeSet<String> {
    let text = include_str!("../spec/config-api.json");
    let document: Value = serde_json::from_str(text).expect("the document is JSON");
    let operations = document["paths"].as_object().expect("paths").values();
    let masks = operations.flat_map(|item| item.as_object().expect("methods").values());
    let paths = masks.flat_map(|operation| {
        let mask = &operation["x-update-mask"];
        let prefix = mask["prefix"].as_str().unwrap_or_default().to_string();
        let paths = mask["paths"].as_array().cloned().unwrap_or_default();
        paths
            .into_iter()
            .map(move |path| format!("{prefix}{}", path.as_str().expect("a path")))
    });
    paths.collect()
}

#[tokio::test]
async fn disabling_a_destination_sends_that_and_nothing_else() {
    let segment = Segment::start().await.unwrap();
    let name = DestinationName::new("acme", "js", "webhooks").unwrap();
    let before = segment.resource(name.as_str()).unwrap();
    let call = segment.client().update_destination().name(&name);
    let patch = DestinationPatch::new().enabled(false);
    assert!(!call.body(patch).send().await.unwrap().enabled);
    let [update] = segment.requests().try_into().unwrap();
    let exact = json!({"destination": {"enabled": false}, "update_mask": {"paths": ["destination.enabled"]}});
    assert_eq!(update.body, exact);
    let after = segment.resource(name.as_str()).unwrap();
    assert_eq!(after["config"], before["config"]);
}

#[tokio::test]
async fn one_group_of_rules_is_changed_without_the_others() {
    let new = TrackingPlanPatch::new;
    let groups = [
        (new().events([event()]), "events", json!([event()])),
        (new().global(schema()), "global", schema()),
        (new().identify(schema()), "identify", schema()),
        (new().group(schema()), "group", schema()),
    ];
    let plan = "workspaces/acme/tracking-plans/rs_1";
    let mut rules = json!({"events": [], "global": {"a": 1}, "identify": {"b": 2}, "group": {}});
    let segment = Segment::start().await.unwrap();
    segment.insert(plan, json!({"rules": rules})).unwrap();
    for (patch, group, value) in groups {
        let call = segment.client().update_tracking_plan().name(plan);
        call.body(patch).send().await.unwrap();
        let update = segment.requests().pop().unwrap();
        let exact = json!({
            "tracking_plan": {"rules": {group: value}},
            "update_mask": {"paths": [format!("tracking_plan.rules.{group}")]},
        });
        assert_eq!(update.body, exact);
        rules[group] = value;
        assert_eq!(segment.resource(plan).unwrap()["rules"], rules);
    }
}

async fn send_empty_patches(client: &Client) -> Vec<Result<(), Error>> {
    let nothing = |result: Result<_, Error>| result.map(drop);
    let (workspace, source) = ("acme", "js");
    vec![
        client
            .update_function()
            .workspace_id("9aQ")
            .function("sfnc_1")
            .body(FunctionPatch::new())
            .send()
            .await
            .map(drop),
        client
            .update_source()
            .workspace(workspace)
            .source(source)
            .body(SourcePatch::new())
            .send()
            .await
            .map(drop),
        nothing(
            client
                .update_destination()
                .name(destination())
                .body(DestinationPatch::new())
                .send()
                .await,
        ),
        client
            .update_destination_filter()
            .parent(destination())
            .filter("df_1")
            .body(FilterPatch::new())
            .send()
            .await
            .map(drop),
        client
            .update_source_schema_config()
            .workspace(workspace)
            .source(source)
            .body(SchemaConfigPatch::new())
            .send()
            .await
            .map(drop),
        client
            .update_tracking_plan()
            .workspace(workspace)
            .tracking_plan("rs_1")
            .body(TrackingPlanPatch::new())
            .send()
            .await
            .map(drop),
    ]
}

#[tokio::test]
async fn a_patch_that_changes_nothing_is_refused_before_it_is_sent() {
    let segment = Segment::start().await.unwrap();
    let results = send_empty_patches(&segment.client()).await;
    assert_eq!(results.len(), 6, "each masked update");
    for result in results {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(
            error.to_string().contains("the patch changes nothing"),
            "{error}"
        );
        assert!(!error.may_have_been_sent());
    }
    assert!(segment.requests().is_empty());
}

#[tokio::test]
async fn a_value_that_cannot_be_used_is_refused_before_it_is_sent() {
    let segment = Segment::start().await.unwrap();
    let unnamed = ConfigItem::builder().value(true);
    let patch = DestinationPatch::new().enabled(true).config([unnamed]);
    let call = segment.client().update_destination().name(destination());
    let error = call.body(patch).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(
        error
            .to_string()
            .contains("`config[0]`: `name` is required"),
        "{error}"
    );
    assert!(segment.requests().is_empty());
}

#[test]
fn the_last_call_for_a_field_counts_and_the_mask_names_it_once() {
    let patch = DestinationPatch::new()
        .enabled(true)
        .clear_enabled()
        .enabled(false);
    assert_eq!(patch, DestinationPatch::new().enabled(false));
    let patch = DestinationPatch::new().enabled(true).clear_enabled();
    assert_eq!(patch, DestinationPatch::new().clear_enabled());
}

#[test]
fn the_first_reason_is_the_one_that_is_told() {
    let patch = TrackingPlanPatch::new().global(Value::Null);
    let patch = patch.clear_rules().clear_events();
    let error = UpdateTrackingPlanRequest::try_from(patch).unwrap_err();
    assert!(error.to_string().contains("rules.global"), "{error}");
}

#[test]
fn a_field_and_a_part_of_it_are_not_taken_together() {
    let new = TrackingPlanPatch::new;
    let patches = [
        new().rules(rules()).events([event()]),
        new().events([event()]).rules(rules()),
        new().events([event()]).clear_rules(),
        new().clear_events().rules(rules()),
        new().clear_rules().events([event()]),
    ];
    for patch in patches {
        let error = UpdateTrackingPlanRequest::try_from(patch).unwrap_err();
        assert_eq!(
            error,
            InvalidPatch::Overlap("rules".into(), "rules.events".into())
        );
        assert_eq!(
            error.to_string(),
            "`rules` holds `rules.events`: a patch has one or the other"
        );
    }
    let parts = new()
        .events([event()])
        .global(schema())
        .display_name("Plan");
    assert!(
        UpdateTrackingPlanRequest::try_from(parts).is_ok(),
        "parts beside each other"
    );
}

#[test]
fn a_raw_patch_is_sent_as_it_is_given() {
    let resource = Map::from_iter([("a_new_field".to_string(), json!(1))]);
    let patch = DestinationPatch::raw(
        resource,
        [
            "destination.a_new_field",
            "destination.config",
            "destination.config.x",
        ],
    );
    assert_eq!(
        json!(UpdateDestinationRequest::try_from(patch).unwrap()),
        json!({
            "destination": {"a_new_field": 1},
            "update_mask": {"paths": ["destination.a_new_field", "destination.config", "destination.config.x"]},
        }),
    );
    let patch = FilterPatch::raw(Map::new(), ["if"]);
    assert_eq!(patch.paths(), ["if"]);
}

/// Only `clear_…` empties a field: a null or an empty list that came from somewhere does not.
#[test]
fn a_value_that_would_empty_its_field_is_refused() {
    let nothing = json!({});
    let plan = TrackingPlanPatch::new;
    for (patch, path, clear) in [
        (plan().global(Value::Null), "rules.global", "clear_global()"),
        (
            plan().identify(nothing["not there"].clone()),
            "rules.identify",
            "clear_identify()",
        ),
        (
            plan().events(Vec::<EventRule>::new()),
            "rules.events",
            "clear_events()",
        ),
    ] {
        let error = UpdateTrackingPlanRequest::try_from(patch).expect_err(path);
        let text = error.to_string();
        assert!(text.contains(path) && text.contains(clear), "{text}");
    }
    let labels = SourcePatch::new().labels(Vec::<(String, String)>::new());
    assert!(UpdateSourceRequest::try_from(labels).is_err());
    let events = plan().clear_events();
    let body = json!(UpdateTrackingPlanRequest::try_from(events).expect("it was said"));
    assert_eq!(
        body["update_mask"]["paths"],
        json!(["tracking_plan.rules.events"])
    );
}

/// Rules may be thousands, and each is somebody's text.
#[test]
fn rules_are_sent_to_the_letter() {
    let rule = r#"{"name":"Paid","rules":{"maximum":1.10,"a":[1e2]}}"#;
    let event: EventRule = serde_json::from_str(rule).expect("a rule");
    let patch = TrackingPlanPatch::new().events([event]);
    let text = serde_json::to_string(&patch).expect("JSON");
    assert!(text.contains(rule), "{text}");
}

#[test]
fn a_patch_shows_what_it_changes() {
    let patch = SourcePatch::new().display_name("Web").clear_labels();
    assert_eq!(patch.paths(), ["source.display_name", "source.labels"]);
    assert!(!patch.is_empty());
    let shown = format!("{patch:?}");
    assert!(
        shown.contains("source.display_name") && shown.contains("source.labels"),
        "{shown}"
    );
    assert!(!shown.contains("Web"), "a value may be a secret: {shown}");
}

/// A call on a patch: its path, the value it sets (`None` if it clears), and itself.
type Call<P> = (&'static str, Option<Value>, fn(P) -> P);

fn tracking_plan_calls() -> Vec<Call<TrackingPlanPatch>> {
    vec![
        ("display_name", Some(json!("Plan")), |p| {
            p.display_name("Plan")
        }),
        ("display_name", None, |p| p.clear_display_name()),
        ("rules", Some(json!(rules())), |p| p.rules(rules())),
        ("rules", None, |p| p.clear_rules()),
        ("rules.events", Some(json!([event()])), |p| {
            p.events([event()])
        }),
        ("rules.events", None, |p| p.clear_events()),
        ("rules.global", Some(schema()), |p| p.global(schema())),
        ("rules.global", None, |p| p.clear_global()),
        ("rules.identify", Some(schema()), |p| p.identify(schema())),
        ("rules.identify", None, |p| p.clear_identify()),
        ("rules.group", Some(schema()), |p| p.group(schema())),
        ("rules.group", None, |p| p.clear_group()),
    ]
}

fn filter_calls() -> Vec<Call<FilterPatch>> {
    vec![
        ("if", Some(json!("all")), |p| p.if_("all")),
        ("if", None, |p| p.clear_if()),
        ("title", Some(json!("")), |p| p.title("")),
        ("title", None, |p| p.clear_title()),
        ("enabled", Some(json!(false)), |p| p.enabled(false)),
        ("enabled", None, |p| p.clear_enabled()),
        ("actions", Some(json!([{"type": "drop_event"}])), |p| {
            p.actions([DropEventAction::default()])
        }),
        ("actions", None, |p| p.clear_actions()),
    ]
}

/// Plays calls on a patch; gives the body it should make, or none if a field and a part of it were named.
fn play<P>(mut patch: P, calls: &[Call<P>], prefix: &str, resource: &str) -> (P, Option<Value>) {
    let mut order = Vec::new();
    let mut values = BTreeMap::new();
    for (path, value, call) in calls {
        patch = call(patch);
        if !order.contains(path) {
            order.push(path);
        }
        values.insert(*path, value.clone());
    }
    if order.contains(&"rules") && order.iter().any(|p| p.starts_with("rules.")) {
        return (patch, None);
    }
    let mut body = json!({resource: {}, "update_mask": {"paths": []}});
    for path in order {
        body["update_mask"]["paths"]
            .as_array_mut()
            .expect("a list")
            .push(format!("{prefix}{path}").into());
        if let Some(value) = &values[path] {
            path.split('.')
                .fold(&mut body[resource], |at, step| &mut at[step])
                .clone_from(value);
        }
    }
    (patch, Some(body))
}

proptest! {
    #[test]
    fn a_mask_lists_exactly_what_was_called_and_a_value_is_there_if_it_was_set(
        plan in prop::collection::vec(prop::sample::select(tracking_plan_calls()), 1..10),
        filter in prop::collection::vec(prop::sample::select(filter_calls()), 1..10),
    ) {
        let (patch, expected) = play(TrackingPlanPatch::new(), &plan, "tracking_plan.", "tracking_plan");
        match (UpdateTrackingPlanRequest::try_from(patch), expected) {
            (Ok(request), Some(body)) => prop_assert_eq!(json!(request), body),
            (Err(error), None) => prop_assert!(matches!(error, InvalidPatch::Overlap(..))),
            (found, expected) => prop_assert!(false, "{:?} for {:?}", found, expected),
        }
        let (patch, expected) = play(FilterPatch::new(), &filter, "", "filter");
        prop_assert_eq!(Some(json!(UpdateDestinationFilterRequest::try_from(patch).unwrap())), expected);
    }
}
