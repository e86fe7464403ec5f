//! Actions of filters: what is sent, and what is kept of what came.

#[path = "support/arbitrary.rs"]
mod arbitrary;
use arbitrary::{json as any_json, list, object, string};
use proptest::prelude::*;
use segment_config_api::{
    fake::Segment,
    fql::field,
    names::FilterName,
    number::Number,
    patch::FilterPatch,
    types::{Filter, FilterAction, FilterFields, NewFilter},
};
use serde_json::{Value, json};

const DESTINATION: &str = "workspaces/acme/sources/js/destinations/webhooks";

#[tokio::test]
async fn a_filter_is_created_with_every_action() {
    let actions = json!([
        {"type": "drop_event"},
        {"type": "sample_event", "percent": 0.1, "path": "userId"},
        {"type": "sample_event", "percent": 1},
        {"type": "whitelist_fields", "fields": {"properties": {"fields": ["price", "currency"]}}},
        {"type": "blacklist_fields", "fields": {
            "context": {"fields": ["ip"]},
            "traits": {"fields": ["email"]},
        }},
    ]);
    let kept = FilterFields::default().with_properties(["price", "currency"]);
    let personal = FilterFields::default()
        .with_context(["ip"])
        .with_traits(vec!["email".to_string()]);
    let filter = NewFilter::builder()
        .if_(field("type").eq("track"))
        .actions([
            FilterAction::drop_event(),
            FilterAction::sample_event(0.1, "userId").unwrap(),
            FilterAction::sample_event(1, "").unwrap(),
            FilterAction::whitelist_fields(kept),
            FilterAction::blacklist_fields(personal),
        ]);
    let segment = Segment::start().await.unwrap();
    let call = segment.client().create_destination_filter();
    let created = call.parent(DESTINATION).body(filter).send().await.unwrap();
    assert_eq!(json!(created.actions), actions);
    let [request] = segment.requests().try_into().unwrap();
    let body = json!({"filter": {"if": "type = 'track'", "actions": actions}});
    assert_eq!(request.body, body);
}

#[tokio::test]
async fn an_action_that_is_not_known_is_sent_back_as_it_came() {
    let hash = json!({"type": "hash_fields", "fields": ["email"], "salt": null, "rounds": 1.0});
    let segment = Segment::start().await.unwrap();
    let path = format!("{DESTINATION}/filters/df_1");
    segment.insert(&path, json!({"actions": [hash]})).unwrap();
    let client = segment.client();
    let name: FilterName = path.parse().unwrap();
    let filter = client.get_destination_filter().name(&name).send().await;
    let mut actions = filter.unwrap().actions;
    actions.push(FilterAction::drop_event());
    let call = client.update_destination_filter().name(&name);
    let patch = FilterPatch::new().actions(actions);
    call.body(patch).send().await.unwrap();
    let [update] = segment
        .requests_of("update_destination_filter")
        .try_into()
        .unwrap();
    assert_eq!(
        update.body,
        json!({
            "filter": {"actions": [hash, {"type": "drop_event"}]},
            "update_mask": {"paths": ["actions"]},
        })
    );
}

#[test]
fn a_percentage_is_no_share() {
    for percent in [60.0, 1.000001, -0.1, f64::NAN, f64::INFINITY] {
        let error = FilterAction::sample_event(percent, "").unwrap_err();
        assert!(error.to_string().contains("from 0 to 1"), "{error}");
    }
    let exact: Number = "0.10".parse().unwrap();
    assert!(FilterAction::sample_event(exact, "").is_ok());
}

fn action() -> BoxedStrategy<Value> {
    let kind = |kind: &'static str| ("type", Just(Value::from(kind)).boxed());
    let names = || object(vec![("fields", list(string()))], vec![]);
    let fields = || {
        let groups = vec![
            ("context", names()),
            ("traits", names()),
            ("properties", names()),
        ];
        ("fields", object(vec![], groups))
    };
    let percent = prop_oneof![any::<f64>(), (0..=1u8).prop_map(f64::from)];
    let percent = prop_oneof![
        percent.prop_map(Value::from),
        any::<i64>().prop_map(Value::from)
    ]
    .prop_filter("a number", Value::is_number);
    prop_oneof![
        object(vec![kind("drop_event")], vec![]),
        object(
            vec![kind("sample_event"), ("percent", percent.boxed())],
            vec![("path", string())],
        ),
        object(vec![kind("whitelist_fields"), fields()], vec![]),
        object(vec![kind("blacklist_fields"), fields()], vec![]),
        // Known by name, but not as it is known.
        object(
            vec![kind("sample_event"), ("percent", string())],
            vec![("path", any_json().boxed())],
        ),
        object(
            vec![("type", string())],
            vec![("fields", any_json().boxed())]
        ),
    ]
    .boxed()
}

fn filter() -> BoxedStrategy<Value> {
    object(
        vec![
            ("name", string()),
            ("title", string()),
            ("description", string()),
            ("if", string()),
            ("enabled", any::<bool>().prop_map(Value::from).boxed()),
            ("actions", list(action())),
        ],
        vec![],
    )
}

proptest! {
    #[test]
    fn a_filter_is_written_as_it_was_read(filter in filter()) {
        let read: Filter = serde_json::from_value(filter.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), filter.clone());
        let text = serde_json::to_string(&filter).unwrap();
        let read: Filter = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), filter);
    }

    #[test]
    fn a_share_is_sent_exactly(percent in 0.0..=1.0f64) {
        let action = FilterAction::sample_event(percent, "userId").unwrap();
        let text = serde_json::to_string(&action).unwrap();
        let sent: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(sent["percent"].as_f64(), Some(percent));
    }
}
