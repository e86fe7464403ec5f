//! Ids in calls of a size that the API takes: none dropped, none twice, none out of order.

mod support;

use proptest::prelude::*;
use segment_config_api::{
    enums::{RegulationStatus, RegulationType},
    fake::Segment,
    regulations::{MAX_BYTES, MAX_IDS, Receipt, requests, source_requests},
    types::{CreateRegulationRequest, Regulation},
};
use serde_json::json;
use std::cell::Cell;

fn sizes(ids: impl IntoIterator<Item = String>) -> Vec<usize> {
    let requests = requests(RegulationType::Suppress, ids);
    requests
        .map(|r| r.unwrap().attributes.values.len())
        .collect()
}

fn users(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("user-{n}"))
}

#[test]
fn five_thousand_ids_go_into_a_call() {
    assert_eq!(sizes(users(0)), [0; 0]);
    assert_eq!(sizes(users(1)), [1]);
    assert_eq!(sizes(users(MAX_IDS)), [MAX_IDS]);
    assert_eq!(sizes(users(MAX_IDS + 1)), [MAX_IDS, 1]);
}

#[test]
fn the_body_is_the_documented_one() {
    let body = json!({
        "regulation_type": "Suppress_With_Delete",
        "attributes": {"name": "userId", "values": ["foo", "bar"]},
    });
    let kind = RegulationType::SuppressWithDelete;
    let request = requests(kind.clone(), ["foo", "bar"])
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(serde_json::to_value(request).unwrap(), body);
    let request = source_requests(kind, ["foo", "bar"])
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(serde_json::to_value(request).unwrap(), body);
}

/// An id whose JSON has this many bytes, quotes included.
fn id_of(bytes: usize) -> String {
    "x".repeat(bytes - 2)
}

#[test]
fn a_body_may_fill_the_limit_to_the_byte_and_no_more() {
    let body = |ids: &[String]| {
        let request = requests(RegulationType::Delete, ids.to_vec())
            .next()
            .unwrap()
            .unwrap();
        (
            request.attributes.values.len(),
            serde_json::to_vec(&request).unwrap().len(),
        )
    };
    let empty = body(&[id_of(2)]).1 - 2;
    let half = (MAX_BYTES - empty - 1) / 2;
    let rest = MAX_BYTES - empty - 1 - half;
    assert_eq!(body(&[id_of(half), id_of(rest)]), (2, MAX_BYTES));
    assert_eq!(body(&[id_of(half), id_of(rest + 1)]).0, 1);
    assert_eq!(body(&[id_of(MAX_BYTES - empty)]), (1, MAX_BYTES));
    let alone = requests(RegulationType::Delete, [id_of(MAX_BYTES - empty + 1)])
        .next()
        .unwrap();
    assert!(alone.is_err());
}

#[test]
fn the_size_counts_what_json_makes_of_an_id() {
    // Each control character takes six bytes.
    let ids: Vec<_> = (0..100).map(|_| "\u{1}".repeat(10_000)).collect();
    for request in requests(RegulationType::Delete, ids) {
        assert!(serde_json::to_vec(&request.unwrap()).unwrap().len() <= MAX_BYTES);
    }
}

#[test]
fn an_id_too_large_for_any_call_is_an_error_and_the_others_go_on() {
    let ids = [
        "ann".to_string(),
        "bob".into(),
        "x".repeat(MAX_BYTES),
        "cy".into(),
    ];
    let found: Vec<_> = requests(RegulationType::Delete, ids)
        .map(|r| {
            r.map(|r| r.attributes.values)
                .map_err(|e| (e.position(), e.to_string()))
        })
        .collect();
    let message = "id 2 (counted from 0) takes 4000003 bytes, which no call has room for";
    assert_eq!(
        found,
        [
            Ok(vec!["ann".to_string(), "bob".into()]),
            Err((2, message.to_string())),
            Ok(vec!["cy".to_string()]),
        ]
    );
}

#[test]
fn ids_are_asked_for_as_they_are_needed() {
    let asked = Cell::new(0);
    let ids = users(usize::MAX).inspect(|_| asked.set(asked.get() + 1));
    let mut requests = requests(RegulationType::Delete, ids);
    assert_eq!(asked.get(), 0);
    assert!(requests.next().is_some());
    assert_eq!(asked.get(), MAX_IDS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn every_id_is_in_exactly_one_call_and_in_order(
        // Small and large ids, so that both limits are met.
        lengths in prop::collection::vec(prop_oneof![2 => 0usize..20, 1 => 300_000usize..900_000], 0..16),
        many in 0usize..7_000,
    ) {
        let ids: Vec<_> = users(many).chain(lengths.iter().map(|n| "é".repeat(*n / 2))).collect();
        let mut found = Vec::new();
        for request in requests(RegulationType::Delete, ids.clone()) {
            let request = request.expect("each id fits");
            prop_assert!(serde_json::to_vec(&request).expect("JSON").len() <= MAX_BYTES);
            prop_assert!((1..=MAX_IDS).contains(&request.attributes.values.len()));
            found.extend(request.attributes.values);
        }
        prop_assert!(found == ids);
    }
}

#[tokio::test]
async fn the_requests_can_be_sent_as_they_are() {
    let segment = Segment::builder().start().await.unwrap();
    let client = segment.client();
    for request in requests(RegulationType::SuppressWithDelete, users(5_001)) {
        let call = client.create_regulation().workspace("acme");
        let created = call.body(request.unwrap()).send().await.unwrap();
        let path = format!("workspaces/acme/regulations/{}", created.regulate_id);
        assert!(segment.resource(&path).is_some());
    }
    let suppressed = client.list_suppressed_users().workspace("acme");
    let suppressed = suppressed.all().await.unwrap();
    let ids: usize = suppressed.iter().map(|s| s.values.len()).sum();
    assert_eq!((suppressed.len(), ids), (2, 5_001));
}

#[tokio::test]
async fn each_type_that_a_list_is_asked_for_is_a_parameter_of_its_own() {
    let segment = Segment::start().await.unwrap();
    let client = segment.client();
    let call = client.list_regulations().workspace("acme");
    let call = call.status(RegulationStatus::Failed);
    let types = [RegulationType::SuppressWithDelete, RegulationType::Suppress];
    let found = call.regulation_types(types).all().await.unwrap();
    assert_eq!(found[0].regulate_id, "regulation-001");
    assert_eq!(found[0].attributes.values, ["u-1017", "u-2044"]);
    let [request] = segment.requests_of("list_regulations").try_into().unwrap();
    assert_eq!(request.query("status"), Some("failed"));
    let types: Vec<_> = request.query_all("regulation_types").collect();
    assert_eq!(types, ["Suppress_With_Delete", "Suppress"]);
}

#[tokio::test]
async fn a_regulation_tells_where_it_failed_and_a_time_that_is_none_is_read() {
    let segment = Segment::builder().start().await.unwrap();
    let sample = support::answer("get_regulation");
    let path = "workspaces/acme/regulations/1KQ";
    segment.insert(path, sample).unwrap();
    let call = segment.client().get_regulation().workspace("acme");
    let found = call.regulation("1KQ").send().await.unwrap();
    assert_eq!(found.overall_status, RegulationStatus::Failed);
    let [segment, other] = &found.stream_status[0].destination_status[..] else {
        panic!("two destinations");
    };
    assert_eq!(segment.status, RegulationStatus::Finished);
    assert_eq!(
        segment.finished_at.as_ref().unwrap().to_string(),
        "0001-01-01T00:00:00Z"
    );
    assert_eq!(other.status, RegulationStatus::Failed);
    assert!(!other.err_string.is_empty());
}

fn request(kind: RegulationType, ids: &[&str]) -> CreateRegulationRequest {
    let mut requests = requests(kind, ids.iter().copied());
    requests.next().expect("a request").expect("it fits")
}

#[test]
fn a_receipt_is_of_the_same_ids_type_and_workspace_only() {
    let sent = request(RegulationType::Delete, &["ann", "bob"]);
    let receipt = Receipt::new("acme", &sent, "EXAMPLE_REGULATION");
    assert_eq!(receipt.ids, 2);
    assert!(receipt.is_of("acme", &sent));
    assert!(!receipt.is_of("acme-dev", &sent));
    for other in [
        request(RegulationType::Suppress, &["ann", "bob"]),
        request(RegulationType::Delete, &["bob", "ann"]),
        request(RegulationType::Delete, &["annb", "ob"]),
        request(RegulationType::Delete, &["ann"]),
    ] {
        assert!(!receipt.is_of("acme", &other), "{other:?}");
    }
}

#[test]
fn a_receipt_that_was_kept_is_read_by_later_versions() {
    let sent = request(RegulationType::Delete, &["ann", "bob"]);
    let receipt = Receipt::new("acme", &sent, "EXAMPLE_REGULATION");
    let kept =
        json!({"regulate_id": "EXAMPLE_REGULATION", "ids": 2, "fingerprint": "aed7f0451fbbab57"});
    assert_eq!(serde_json::to_value(&receipt).unwrap(), kept);
}

#[test]
fn a_destination_that_failed_is_a_failure_of_a_regulation_that_finished() {
    let read = |error: &str| -> Regulation {
        let state = json!({"name": "Amplitude", "status": "finished", "err_string": error});
        let stream = json!({"id": "s", "destination_status": [state]});
        let regulation = json!({"overall_status": "finished", "stream_status": [stream]});
        serde_json::from_value(regulation).unwrap()
    };
    assert!(!read("").has_failed());
    let failed = read("the secret key is missing");
    assert!(failed.has_failed());
    assert_eq!(failed.failures().next().unwrap().name, "Amplitude");
}

#[test]
fn a_status_of_a_later_day_is_over_and_no_success() {
    let status = RegulationStatus::from("PARTIAL_SUCCESS");
    assert!(status.is_over());
    let regulation: Regulation =
        serde_json::from_value(json!({"overall_status": "PARTIAL_SUCCESS"})).unwrap();
    assert!(regulation.has_failed());
}
