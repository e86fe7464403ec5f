//! Conversions between the types of one resource.

mod support;

use segment_config_api::{
    fake::Segment,
    types::{
        CreateSourceRequest, Destination, Filter, FilterDraft, Function, NewDestination, NewFilter,
        NewFunction, NewSource, NewTrackingPlan, Source, TrackingPlan,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json, to_value};
use support::answer;

/// What is made of an answer, in which unknown keys are left out.
fn copy<T, N>(mut answer: Value) -> Result<Value, String>
where
    T: DeserializeOwned,
    N: Serialize + TryFrom<T, Error: std::fmt::Display>,
{
    answer["from_the_future"] = json!(1);
    let read: T = from_value(answer).unwrap();
    let new = N::try_from(read).map_err(|e| e.to_string())?;
    Ok(to_value(new).unwrap())
}

fn only(value: &Value, keys: &[&str]) -> Value {
    keys.iter()
        .map(|key| (key.to_string(), value[key].clone()))
        .collect()
}

#[tokio::test]
async fn what_a_create_is_about_is_its_body() {
    let source = || {
        NewSource::builder()
            .name("workspaces/acme/sources/new")
            .catalog_name("catalog/sources/javascript")
    };
    let whole: NewSource = source().try_into().unwrap();
    let bodies = [
        CreateSourceRequest::from(whole),
        source().try_into().unwrap(),
    ];
    for body in bodies {
        let segment = Segment::start().await.unwrap();
        let call = segment.client().create_source().workspace("acme");
        call.body(body).send().await.unwrap();
        assert_eq!(
            segment.requests()[0].body,
            json!({"source": {
                "name": "workspaces/acme/sources/new",
                "catalog_name": "catalog/sources/javascript",
            }})
        );
    }
}

#[tokio::test]
async fn what_is_missing_inside_of_a_body_is_named() {
    let segment = Segment::start().await.unwrap();
    let call = segment.client().create_source().workspace("acme");
    let body = NewSource::builder().name("workspaces/acme/sources/new");
    let error = call.body(body).send().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`source`: `catalog_name` is required"),
        "{error}"
    );
    assert!(segment.requests().is_empty());
}

#[test]
fn what_was_read_can_be_created_again() {
    let plan = answer("get_tracking_plan");
    let new = copy::<TrackingPlan, NewTrackingPlan>(plan.clone()).unwrap();
    assert_eq!(new, only(&plan, &["display_name", "rules"]));

    let filter = answer("get_destination_filter");
    let new = copy::<Filter, NewFilter>(filter.clone()).unwrap();
    assert_eq!(
        new,
        only(
            &filter,
            &["actions", "description", "enabled", "if", "title"]
        )
    );
    let draft = copy::<Filter, FilterDraft>(filter.clone()).unwrap();
    assert_eq!(draft, only(&filter, &["actions", "enabled", "if"]));

    let mut source = answer("get_source");
    source["labels"] = Value::Null;
    let new = copy::<Source, NewSource>(source.clone()).unwrap();
    assert_eq!(new, only(&source, &["catalog_name", "name"]));

    let mut destination = answer("get_destination");
    destination["config"] = json!([{"name": "a/config/apiKey", "value": "abcd", "type": "string"}]);
    let new = copy::<Destination, NewDestination>(destination.clone()).unwrap();
    assert_eq!(
        new,
        only(
            &destination,
            &["config", "connection_mode", "enabled", "name"]
        )
    );

    let function = answer("get_function");
    let new = copy::<Function, NewFunction>(function.clone()).unwrap();
    assert_eq!(
        new,
        only(
            &function,
            &["buildpack", "code", "display_name", "settings"]
        )
    );
}

#[test]
fn what_cannot_be_created_again_says_why() {
    let mut function = answer("get_function");
    function.as_object_mut().unwrap().remove("code");
    let error = copy::<Function, NewFunction>(function).unwrap_err();
    assert_eq!(error, "`code` is missing");

    let mut destination = answer("get_destination");
    destination["config"] =
        json!([{"name": "a/config/apiSecret", "value": "••••", "type": "string"}]);
    let error = copy::<Destination, NewDestination>(destination).unwrap_err();
    assert!(
        error.starts_with("setting `apiSecret`: the value is masked"),
        "{error}"
    );
}
