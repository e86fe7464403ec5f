//! Tracking plans: kept whole, compared, merged, and made from Rust types.

#[path = "support/arbitrary.rs"]
mod arbitrary;

use arbitrary::{json as any_json, list, object, string};
use proptest::{prelude::*, sample::select};
use segment_config_api::{
    fake::Segment,
    patch::TrackingPlanPatch,
    types::{EventRule, Rules, TrackingPlan},
};
use serde_json::{Value, from_value, json, to_value};

fn rules(value: Value) -> Rules {
    from_value(value).unwrap()
}

fn event(name: &str, schema: Value) -> EventRule {
    from_value(json!({"name": name, "version": 1, "rules": schema})).unwrap()
}

fn names(rules: &Rules) -> Vec<&str> {
    let events = rules.events.iter().flatten();
    events.map(|e| e.name.as_str()).collect()
}

/// A plan as a server could send it, with what it once sent and with what it may send one day.
fn plan() -> BoxedStrategy<Value> {
    let time = select(vec![
        "2019-02-05T01:21:25Z",
        "2019-02-05T01:21:25.000Z",
        "2019-02-05T01:21:25.100Z",
        "2019-02-05T01:21:25.123456789Z",
        "2019-02-05T02:21:25+01:00",
        "0001-01-01T00:00:00Z",
    ]);
    let time = || time.clone().prop_map(Value::from).boxed();
    object(
        vec![
            ("name", string()),
            ("display_name", string()),
            ("rules", any_rules()),
        ],
        vec![("create_time", time()), ("update_time", time())],
    )
}

fn any_rules() -> BoxedStrategy<Value> {
    // At this level a `null` counts as absent; inside a schema it is kept.
    let schema = || any_json().prop_filter("not null", |v| !v.is_null()).boxed();
    // Few names, so that two plans share some.
    let name = prop_oneof![string(), select(vec!["A", "B", "C"]).prop_map(Value::from)];
    let event = object(
        vec![("name", name.boxed()), ("rules", schema())],
        vec![
            ("description", string()),
            ("version", (1..3i64).prop_map(Value::from).boxed()),
        ],
    );
    object(
        vec![],
        vec![
            ("events", list(event)),
            ("global", schema()),
            ("identify", schema()),
            ("group", schema()),
            ("identify_traits", list(any_json().boxed())),
            ("group_traits", list(any_json().boxed())),
        ],
    )
}

proptest! {
    #[test]
    fn a_plan_is_written_as_it_was_read(plan in plan()) {
        let read: TrackingPlan = serde_json::from_str(&plan.to_string()).unwrap();
        prop_assert_eq!(to_value(&read).unwrap(), plan);
    }

    #[test]
    fn rules_do_not_differ_from_themselves(value in any_rules()) {
        let rules = rules(value);
        prop_assert!(rules.diff(&rules).is_empty());
        prop_assert_eq!(rules.diff(&rules).to_string(), "");
    }

    #[test]
    fn a_diff_told_backwards_swaps_old_and_new(old in any_rules(), new in any_rules()) {
        let (old, new) = (rules(old), rules(new));
        let (there, back) = (old.diff(&new), new.diff(&old));
        prop_assert_eq!(&there.added, &back.removed);
        prop_assert_eq!(&there.removed, &back.added);
        let swapped = back.groups.into_iter().map(|c| (c.pointer, c.new, c.old));
        let mut swapped: Vec<_> = swapped.collect();
        let mut groups: Vec<_> = there.groups.into_iter().map(|c| (c.pointer, c.old, c.new)).collect();
        swapped.sort_by(|a, b| a.0.cmp(&b.0));
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(groups, swapped);
    }

    #[test]
    fn a_change_points_at_what_it_tells(old in any_rules(), new in any_rules()) {
        let diff = rules(old.clone()).diff(&rules(new.clone()));
        for change in diff.groups {
            prop_assert_eq!(old.pointer(&change.pointer), change.old.as_ref());
            prop_assert_eq!(new.pointer(&change.pointer), change.new.as_ref());
            prop_assert_ne!(change.old, change.new);
        }
    }

    #[test]
    fn a_merge_changes_nothing_that_it_does_not_name(value in any_rules(), common in any_rules()) {
        let old = rules(value);
        let common = rules(common).events.unwrap_or_default();
        let mut new = old.clone();
        new.put_events(common.clone());
        new.remove_events(["B"]);

        let named = |e: &&EventRule| e.name == "B" || common.iter().any(|c| c.name == e.name);
        let others = |rules: &Rules| -> Vec<EventRule> {
            rules.events.iter().flatten().filter(|e| !named(e)).cloned().collect()
        };
        prop_assert_eq!(others(&old), others(&new));
        prop_assert!(old.diff(&new).groups.is_empty());
        prop_assert!(new.events.iter().flatten().all(|e| e.name != "B"));
        for last in common.iter().rev().take(1).filter(|e| e.name != "B") {
            prop_assert!(new.events.iter().flatten().any(|e| e == last));
        }
    }
}

#[test]
fn a_diff_reads_as_a_list_of_differences() {
    let old = rules(json!({
        "events": [
            {"name": "Signed Up", "rules": {"properties": {"a/b": {"type": "string"}}, "labels": {}}},
            {"name": "Signed Up", "version": 2, "rules": {}},
            {"name": "Left", "rules": {}},
        ],
        "global": {"type": "object"},
        "identify": {"required": ["email"]},
    }));
    let new = rules(json!({
        "events": [
            {"name": "Order\nCompleted", "rules": {}},
            {"name": "Signed Up", "version": 1, "description": "New!", "rules": {
                "properties": {"a/b": {"type": ["string", "null"]}},
            }},
        ],
        "identify": {"required": ["email", "name"]},
        "group": {},
    }));
    let expected = r#"+ event "Order\nCompleted"
- event "Signed Up" version 2
- event "Left"
~ event "Signed Up"
    - /rules/labels: {}
    ~ /rules/properties/a~1b/type: "string" -> ["string","null"]
    + /description: "New!"
- /global: {"type":"object"}
~ /identify/required: ["email"] -> ["email","name"]
+ /group: {}
"#;
    assert_eq!(old.diff(&new).to_string(), expected);
}

#[test]
fn neither_the_order_of_events_nor_an_unsaid_version_is_a_difference() {
    let old = rules(json!({"events": [
        {"name": "A", "rules": {}}, {"name": "B", "version": 1, "rules": {}},
    ]}));
    let new = rules(json!({"events": [
        {"name": "B", "rules": {}}, {"name": "A", "version": 1, "rules": {}},
    ]}));
    assert!(old.diff(&new).is_empty());
}

#[test]
fn an_event_is_replaced_in_its_place_and_a_new_one_comes_last() {
    let mut merged = rules(json!({"events": [
        {"name": "A", "rules": {}}, {"name": "B", "rules": {}},
    ]}));
    merged.put_events([
        event("New", json!({})),
        event("A", json!({"type": "object"})),
    ]);
    assert_eq!(names(&merged), ["A", "B", "New"]);
    assert_eq!(
        merged.events.as_ref().unwrap()[0],
        event("A", json!({"type": "object"}))
    );

    let removed = merged.remove_events(["A", "New", "Unheard Of"]);
    assert_eq!(removed.len(), 2);
    assert_eq!(names(&merged), ["B"]);
}

#[tokio::test]
async fn merged_events_are_sent_without_the_other_groups() {
    let old = json!({"name": "A", "rules": {"id": "/kept"}, "key": "kept"});
    let segment = Segment::start().await.unwrap();
    let path = "workspaces/acme/tracking-plans/rs_1";
    let groups = json!({"events": [old], "global": {"type": "object"}});
    segment.insert(path, json!({"rules": groups})).unwrap();
    let client = segment.client();
    let mut plan = client.get_tracking_plan().name(path).send().await.unwrap();
    plan.rules.put_events([event("New", json!({}))]);
    let events = plan.rules.events.unwrap_or_default();
    let patch = TrackingPlanPatch::new().events(events);
    let call = client.update_tracking_plan().name(path).body(patch);
    call.send().await.unwrap();
    let [update] = segment
        .requests_of("update_tracking_plan")
        .try_into()
        .unwrap();
    let new = json!({"name": "New", "version": 1, "rules": {}});
    assert_eq!(
        update.body,
        json!({
            "tracking_plan": {"rules": {"events": [old, new]}},
            "update_mask": {"paths": ["tracking_plan.rules.events"]},
        })
    );
    let kept = segment.resource(path).unwrap();
    assert_eq!(kept["rules"]["global"], groups["global"]);
}

#[cfg(feature = "schemars")]
#[allow(dead_code, reason = "only the types' schemas are used")]
mod from_types {
    use super::*;
    use schemars::JsonSchema;
    use segment_config_api::tracking_plans::{group, identify};
    use std::collections::BTreeMap;

    /// Someone bought something.
    ///
    /// Sent by the shop's server.
    #[derive(JsonSchema)]
    struct OrderCompleted {
        /// In the shop's own form.
        order_id: String,
        coupon: Option<String>,
        paid_with: Payment,
        products: Vec<Product>,
        #[serde(default)]
        gift: bool,
        labels: BTreeMap<String, String>,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Payment {
        Card,
        BankTransfer,
    }

    /// A line of the order.
    #[derive(JsonSchema)]
    struct Product {
        sku: String,
        price: f64,
    }

    #[test]
    fn an_event_rule_is_made_of_a_type() {
        let rule = EventRule::of::<OrderCompleted>("Order Completed");
        assert_eq!(
            to_value(rule).unwrap(),
            json!({
                "name": "Order Completed",
                "description": "Someone bought something.\n\nSent by the shop's server.",
                "version": 1,
                "rules": {
                    "$schema": "http://json-schema.org/draft-07/schema#",
                    "type": "object",
                    "properties": {
                        "context": {},
                        "traits": {},
                        "properties": {
                            "type": "object",
                            "properties": {
                                "order_id": {
                                    "description": "In the shop's own form.",
                                    "type": "string",
                                },
                                "coupon": {"type": ["string", "null"]},
                                "paid_with": {"type": "string", "enum": ["card", "bank_transfer"]},
                                "products": {"type": "array", "items": {
                                    "description": "A line of the order.",
                                    "type": "object",
                                    "properties": {
                                        "sku": {"type": "string"},
                                        "price": {"type": "number", "format": "double"},
                                    },
                                    "required": ["sku", "price"],
                                }},
                                "gift": {"type": "boolean", "default": false},
                                "labels": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                            },
                            "required": ["order_id", "paid_with", "products", "labels"],
                        },
                    },
                    "required": ["properties"],
                },
            })
        );
    }

    #[test]
    fn traits_are_made_of_types() {
        /// Someone with an account.
        #[derive(JsonSchema)]
        struct User {
            email: String,
        }
        let expected = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "description": "Someone with an account.",
            "type": "object",
            "properties": {
                "context": {},
                "traits": {
                    "type": "object",
                    "properties": {"email": {"type": "string"}},
                    "required": ["email"],
                },
                "properties": {},
            },
            "required": ["traits"],
        });
        assert_eq!(identify::<User>(), expected);
        assert_eq!(group::<User>(), expected);
    }

    /// Every reference in `part` leads somewhere in `document`.
    fn references(part: &Value, document: &Value) -> usize {
        match part {
            Value::Object(map) => {
                let target = map.get("$ref").and_then(Value::as_str);
                let resolved = target.map(|target| {
                    let pointer = target.strip_prefix("#/").unwrap();
                    let schema = document.pointer(&format!("/{pointer}"));
                    assert!(schema.is_some_and(|s| s["type"] == "object"), "{target}");
                });
                let inner = map.values().map(|v| references(v, document));
                resolved.iter().count() + inner.sum::<usize>()
            }
            Value::Array(values) => values.iter().map(|v| references(v, document)).sum(),
            _ => 0,
        }
    }

    #[test]
    fn a_type_that_holds_itself_leaves_no_reference_dangling() {
        #[derive(JsonSchema)]
        struct Category {
            parent: Option<Box<Category>>,
            tree: Tree,
        }
        #[derive(JsonSchema)]
        struct Tree {
            children: Vec<Tree>,
        }
        let rule = EventRule::of::<Category>("Category Viewed");
        let rules = rule.rules.value().expect("a schema");
        let parent = &rules["properties"]["properties"]["properties"]["parent"];
        assert_eq!(parent["anyOf"][0]["$ref"], "#/properties/properties");
        assert_eq!(references(&rules, &rules), 3);
    }
}
