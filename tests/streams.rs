//! Lists, item after item and page after page.

mod support;

use futures::{Stream, StreamExt, TryStreamExt};
use segment_config_api::{
    Call, Client, Error, ErrorKind, List,
    fake::Segment,
    pagination::{ItemStream, PageStream},
    types::Source,
};
use serde_json::{Value, json};
use std::time::Duration;
use support::{
    answer, polled,
    server::{Reply, Server},
};
use tokio::time::{sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

fn page(names: &[&str], next: &str) -> Reply {
    let sources: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
    Reply::json(&json!({"sources": sources, "next_page_token": next}))
}

/// `a b`, `c`, none, and `d e`.
async fn four_pages() -> Server {
    Server::start(|_, request| match request.query("page_token") {
        None => page(&["a", "b"], "2"),
        Some("2") => page(&["c"], "3"),
        Some("3") => page(&[], "4"),
        Some("4") => page(&["d", "e"], ""),
        Some(other) => panic!("no such page: {other}"),
    })
    .await
}

fn sources(client: &Client) -> ItemStream<Source> {
    client.list_sources().workspace("acme").stream()
}

/// Of one call: the stream as it is, and one page ahead.
fn both(client: &Client) -> [ItemStream<Source>; 2] {
    [sources(client), sources(client).prefetch()]
}

async fn names(stream: impl Stream<Item = Result<Source, Error>>) -> Vec<String> {
    let names = stream.map_ok(|source| source.name.to_string());
    names.try_collect().await.expect("a list")
}

/// The page token of each request, as it is in the address.
fn tokens(server: &Server) -> Vec<Option<String>> {
    let requests = server.requests();
    let token = |r: &support::server::Received| r.query("page_token").map(str::to_string);
    requests.iter().map(token).collect()
}

#[tokio::test(start_paused = true)]
async fn all_items_of_all_pages_come_in_order_and_an_empty_page_is_not_the_end() {
    let server = four_pages().await;
    for stream in both(&server.client()) {
        assert_eq!(names(stream).await, ["a", "b", "c", "d", "e"]);
    }
    assert_eq!(server.count(), 2 * 4);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_cannot_be_read_is_an_error_in_its_place_and_the_others_come() {
    let odd = json!({"nom": "b", "id": 1});
    let items = json!([{"name": "a"}, odd, {"name": "c"}]);
    let server = Server::start(move |_, request| match request.query("page_token") {
        None => Reply::json(&json!({"sources": items, "next_page_token": "2"})),
        Some(_) => page(&["d"], ""),
    })
    .await;
    let client = server.client();
    let all: Vec<_> = sources(&client).collect().await;
    let names: Vec<_> = all
        .iter()
        .map(|s| s.as_ref().map(|s| s.name.as_str()).ok())
        .collect();
    assert_eq!(names, [Some("a"), None, Some("c"), Some("d")]);
    let error = all[1].as_ref().expect_err("an odd item");
    assert!(error.is_decode() && error.operation() == Some("list_sources"));
    let text = error.to_string();
    assert!(
        text.contains("at `sources[1]`: missing field `name`"),
        "{text}"
    );
    assert_eq!(
        serde_json::from_slice::<Value>(error.body()).expect("JSON"),
        odd
    );

    let mut pages = client.list_sources().workspace("acme").pages();
    let error = pages
        .next()
        .await
        .expect("a page")
        .expect_err("an odd item");
    assert!(error.to_string().contains("sources[1]"), "{error}");
    assert!(pages.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_odd_as_a_whole_is_one_error() {
    for page in [
        json!({"sources": 1}),
        json!({"sources": [], "next_page_token": []}),
        json!({"status": "ok"}),
        json!([]),
    ] {
        let server = Server::replies([Reply::json(&page)]).await;
        let mut all = sources(&server.client());
        let error = all.next().await.expect("an end").expect_err("no page");
        assert!(error.is_decode(), "{error}");
        assert!(all.next().await.is_none(), "{page}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_come_whole_with_the_token_of_the_next() {
    let server = four_pages().await;
    let call = server.client().list_sources().workspace("acme");
    let pages: Vec<_> = call.pages().try_collect().await.expect("a list");
    let found: Vec<_> = pages
        .iter()
        .map(|page| (page.items.len(), page.next_page_token.as_deref()))
        .collect();
    assert_eq!(
        found,
        [(2, Some("2")), (1, Some("3")), (0, Some("4")), (2, None)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_is_fetched_when_its_first_item_is_asked_for() {
    let server = four_pages().await;
    let mut stream = sources(&server.client());
    tokio::task::yield_now().await;
    assert_eq!(server.count(), 0, "before the first poll");
    for expected in [1, 1, 2] {
        stream.try_next().await.expect("a page").expect("an item");
        assert_eq!(server.count(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_ended_stream_stays_ended_and_asks_no_more() {
    let server = Server::replies([page(&["a"], "")]).await;
    for mut stream in both(&server.client()) {
        assert!(stream.next().await.is_some());
        for _ in 0..2 {
            assert!(stream.next().await.is_none());
        }
    }
    assert_eq!(server.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn every_other_parameter_is_repeated_on_every_page() {
    let server = Server::start(|_, request| {
        let next = if request.query("page_token").is_none() {
            "2"
        } else {
            ""
        };
        Reply::json(&json!({"entries": [], "next_page_token": next}))
    })
    .await;
    let call = server.client().list_regulations().workspace("a b");
    let call = call.status("ALL STATUSES").regulation_types(["A&B,C"]);
    let regulations: Vec<_> = call.stream().try_collect().await.expect("a list");
    assert!(regulations.is_empty());
    let requests = server.requests();
    let first = &requests[0].target;
    assert!(
        first.starts_with("/v1beta/workspaces/a%20b/regulations?"),
        "{first}"
    );
    assert!(
        first.contains("ALL+STATUSES") || first.contains("ALL%20STATUSES"),
        "{first}"
    );
    assert!(first.contains("A%26B"), "{first}");
    let second = requests[1].target.replace("&page_token=2", "");
    assert_eq!(second.replace("page_token=2&", ""), *first);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_encoded_whatever_it_holds() {
    let token = "a+b/c==&page_size=1 %2B#é漢";
    let server = Server::replies([page(&["a"], token), page(&["b"], "")]).await;
    names(sources(&server.client())).await;
    let second = server.requests().pop().expect("a request");
    let address = url::Url::parse(&format!("http://x{}", second.target)).expect("an address");
    let pairs: Vec<_> = address.query_pairs().into_owned().collect();
    let expected = [("page_size", "100"), ("page_token", token)];
    assert_eq!(pairs, expected.map(|(n, v)| (n.to_string(), v.to_string())));
    assert_eq!(address.fragment(), None);
}

#[tokio::test(start_paused = true)]
async fn a_page_without_its_key_is_empty() {
    for first in [
        json!({"next_page_token": "2"}),
        json!({"sources": null, "next_page_token": "2"}),
    ] {
        let last = page(&["a"], "");
        let server = Server::replies([Reply::json(&first), last]).await;
        assert_eq!(names(sources(&server.client())).await, ["a"], "{first}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_token_in_any_form_is_the_last_page() {
    for last in [
        json!({}),
        json!({"next_page_token": null}),
        json!({"next_page_token": ""}),
    ] {
        let server = Server::replies([Reply::json(&last)]).await;
        assert!(names(sources(&server.client())).await.is_empty(), "{last}");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_comes_again_ends_the_list_with_an_error() {
    // The tokens that the server gives, and how many pages there are until one comes again.
    for (given, pages) in [
        (vec!["A", "A"], 2),
        (vec!["A", "B", "A"], 3),
        (vec!["A", "B", "C", "B"], 4),
    ] {
        let server = Server::start(move |n, _| page(&["x"], given[n])).await;
        let mut stream = sources(&server.client());
        for _ in 0..pages {
            stream.try_next().await.expect("a page").expect("an item");
        }
        let error = stream
            .next()
            .await
            .expect("not the end")
            .expect_err("a loop");
        assert_eq!(error.kind(), ErrorKind::RepeatedPageToken);
        assert!(stream.next().await.is_none());
        assert_eq!(server.count(), pages);
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_circle_of_tokens_gives_no_page_twice() {
    let circle = 1_100;
    let server = Server::start(move |n, _| page(&[], &format!("token {}", n % circle))).await;
    let client = server.light_client_builder().build().expect("a client");
    let pages = client.list_sources().workspace("acme").pages();
    let error = pages.try_for_each(|_| async { Ok(()) }).await;
    let error = error.expect_err("a circle");
    assert_eq!(error.kind(), ErrorKind::RepeatedPageToken);
    // The page with no token, and one for each token.
    assert_eq!(server.count(), circle + 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_the_call_s_own_is_a_repeated_one() {
    let server = Server::replies([page(&["x"], "A")]).await;
    let call = server
        .client()
        .list_sources()
        .workspace("acme")
        .page_token("A");
    let results: Vec<_> = call.stream().take(10).collect().await;
    let error = results
        .last()
        .expect("an end")
        .as_ref()
        .expect_err("a loop");
    assert_eq!(error.kind(), ErrorKind::RepeatedPageToken);
    assert!(server.count() <= 2, "{} requests", server.count());
}

#[tokio::test(start_paused = true)]
async fn pages_are_of_100_items_unless_the_call_says_otherwise() {
    for (size, expected) in [(None, "100"), (Some(7), "7")] {
        let server = four_pages().await;
        let mut call = server.client().list_sources().workspace("acme");
        if let Some(size) = size {
            call = call.page_size(size);
        }
        names(call.stream()).await;
        for request in server.requests() {
            assert_eq!(request.query("page_size"), Some(expected));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_single_call_has_the_page_size_of_the_server() {
    let server = four_pages().await;
    let call = server.client().list_sources().workspace("acme");
    let page = call.send().await.expect("a page");
    assert_eq!(page.next_page_token.as_deref(), Some("2"));
    assert_eq!(server.requests()[0].query("page_size"), None);
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_at_a_token() {
    let server = four_pages().await;
    let call = server.client().list_sources().workspace("acme");
    assert_eq!(names(call.page_token("3").stream()).await, ["d", "e"]);
    assert_eq!(tokens(&server), [Some("3".into()), Some("4".into())]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_and_taken_up_again_skips_nothing() {
    // Dropped after so many pages, and at every await point within the page after them.
    for (pages, polls) in [0, 1, 2, 3]
        .into_iter()
        .flat_map(|p| (0..6).map(move |n| (p, n)))
    {
        let server = four_pages().await;
        let client = server.client();
        let list = || client.list_sources().workspace("acme");
        let mut found = Vec::new();
        let mut token = None;
        let mut stream = list().pages();
        for _ in 0..pages {
            let page = stream.try_next().await.expect("a page").expect("a page");
            token = page.next_page_token.clone();
            found.extend(page.into_iter().map(|source| source.name.to_string()));
        }
        // The page that is under way is lost with the stream, so its token is still the one to go on at.
        let lost = polled(polls, stream.next()).await;
        drop((lost, stream));
        let rest = match token {
            Some(token) => list().page_token(token).stream(),
            None => list().stream(),
        };
        found.extend(names(rest).await);
        assert_eq!(
            found,
            ["a", "b", "c", "d", "e"],
            "{pages} pages, {polls} polls"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_given_up_loses_no_item() {
    let server = four_pages().await;
    for mut stream in both(&server.client()) {
        let mut found = Vec::new();
        loop {
            // As in `select!`: the stream stays, the future that waits for its next item does not.
            match polled(1, stream.next()).await {
                Some(Some(item)) => found.push(item.expect("an item").name.to_string()),
                Some(None) => break,
                None => tokio::task::yield_now().await,
            }
        }
        assert_eq!(found, ["a", "b", "c", "d", "e"]);
    }
    assert_eq!(server.count(), 2 * 4);
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_stream_after_the_items_before_it() {
    let server = Server::start(|_, request| match request.query("page_token") {
        None => page(&["a", "b"], "2"),
        Some(_) => Reply::error(403, 7, "insufficient scope"),
    })
    .await;
    for stream in both(&server.client()) {
        let results: Vec<_> = stream.collect().await;
        assert_eq!(results.len(), 3);
        assert!(results[0].is_ok() && results[1].is_ok());
        let error = results[2].as_ref().expect_err("the failure");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert_eq!(error.operation(), Some("list_sources"));
    }
}

#[tokio::test(start_paused = true)]
async fn one_page_is_fetched_ahead_while_the_one_before_is_worked_on() {
    let server = four_pages().await;
    let list = server.client().list_sources().workspace("acme");
    let mut pages = list.pages().prefetch();
    sleep(SECOND).await;
    assert_eq!(server.count(), 0, "before the first poll");
    for expected in [2, 3, 4, 4] {
        pages.try_next().await.expect("a page").expect("a page");
        sleep(SECOND).await;
        assert_eq!(server.count(), expected);
    }
    assert!(pages.next().await.is_none());

    let mut items = sources(&server.client()).prefetch();
    items.try_next().await.expect("a page").expect("an item");
    sleep(SECOND).await;
    assert_eq!(server.count(), 4 + 2);
}

#[tokio::test(start_paused = true)]
async fn a_page_ahead_waits_for_the_rate_limit() {
    let server = four_pages().await;
    let client = server.client_builder().rate_limit(10).build();
    let mut stream = sources(&client.expect("a client")).prefetch();
    stream.try_next().await.expect("a page").expect("an item");
    sleep(SECOND).await;
    assert_eq!(server.count(), 1);
    assert_eq!(names(stream).await, ["b", "c", "d", "e"]);
    let times = server.times();
    assert!(times[3] > 3 * 6 * SECOND, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_fetches_no_more() {
    let server = Server::start(|n, _| match n {
        0 => page(&["a"], "2"),
        _ => Reply::new(503, ""),
    })
    .await;
    let mut stream = sources(&server.client()).prefetch();
    stream.try_next().await.expect("a page").expect("an item");
    let ahead = async {
        while server.count() < 2 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SECOND, ahead).await.expect("a page ahead");
    drop(stream);
    // In which it would have been tried again.
    sleep(60 * SECOND).await;
    assert_eq!(server.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_for_a_moment_is_tried_again() {
    let server = Server::replies([page(&["a"], "2"), Reply::new(503, ""), page(&["b"], "")]).await;
    assert_eq!(names(sources(&server.client())).await, ["a", "b"]);
    assert_eq!(tokens(&server), [None, Some("2".into()), Some("2".into())]);
}

#[tokio::test(start_paused = true)]
async fn an_argument_that_is_missing_is_the_only_item() {
    let server = four_pages().await;
    let results: Vec<_> = server.client().list_sources().stream().collect().await;
    assert_eq!(results.len(), 1);
    let error = results[0].as_ref().expect_err("no workspace");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(server.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_runs_in_a_task_of_its_own() {
    fn anywhere<T: Send + Unpin + 'static>(stream: T) -> T {
        stream
    }
    let server = four_pages().await;
    let pages: PageStream<Source> = anywhere(server.client().list_sources().workspace("w").pages());
    let [items, ahead] = both(&server.client()).map(anywhere);
    let counts = [
        tokio::spawn(pages.count()),
        tokio::spawn(items.count()),
        tokio::spawn(ahead.count()),
    ];
    for (count, expected) in counts.into_iter().zip([4, 5, 5]) {
        assert_eq!(count.await.expect("no panic"), expected);
    }
}

/// Runs a stream over the sample twice, as two pages, and compares what comes out.
macro_rules! streams {
    ($($operation:literal $key:literal: |$client:ident| $call:expr;)*) => { $(
        let mut first = answer($operation);
        first["next_page_token"] = json!("2");
        let mut last = answer($operation);
        last["next_page_token"] = json!("");
        let server = Server::replies([Reply::json(&first), Reply::json(&last)]).await;
        let $client = server.client();
        let items: Vec<_> = $call.stream().try_collect().await.expect($operation);
        let expected = first[$key].as_array().expect("a list");
        let expected: Vec<Value> = expected.iter().chain(expected).cloned().collect();
        assert!(!expected.is_empty(), "{}: a sample with items", $operation);
        assert_eq!(serde_json::to_value(items).expect("items"), json!(expected), "{}", $operation);
    )* };
}

#[tokio::test(start_paused = true)]
async fn lists_of_every_service_stream_what_their_key_holds() {
    streams! {
        "list_workspaces" "workspaces": |c| c.list_workspaces();
        "list_catalog_sources" "sources": |c| c.list_catalog_sources();
        "list_catalog_destinations" "destinations": |c| c.list_catalog_destinations();
        "list_functions" "functions": |c| c.list_functions().workspace_id("w").type_("SOURCE");
        "list_invites" "invites": |c| c.list_invites().workspace("acme");
        "list_roles" "roles": |c| c.list_roles().workspace("acme");
        "list_users" "users": |c| c.list_users().workspace("acme");
        "list_tracking_plans" "tracking_plans": |c| c.list_tracking_plans().workspace("acme");
        "list_destinations" "destinations": |c| c.list_destinations().workspace("acme").source("js");
        "list_destination_filters" "filters":
            |c| c.list_destination_filters().workspace("acme").source("js").destination("x");
        "list_regulations" "entries": |c| c.list_regulations().workspace("acme");
        "list_suppressed_users" "attributes": |c| c.list_suppressed_users().workspace("acme");
    }
}

/// One helper for every list, as a user would write it.
async fn all<L: List>(call: L) -> Result<Vec<<L as List>::Item>, Error> {
    call.all().await
}

#[tokio::test(start_paused = true)]
async fn every_item_at_once_is_had_from_the_call_from_a_stream_and_from_any_list() {
    let server = four_pages().await;
    let client = server.client();
    let call = client.list_sources().workspace("acme");
    let mut rest = call.clone().stream();
    let first = rest.try_next().await.expect("a page").expect("an item");
    assert_eq!(first.name, "a");
    let second = rest.next().await.expect("an item").expect("no error");
    assert_eq!(second.name, "b");
    let found = [
        rest.all().await.expect("a list"),
        call.clone().all().await.expect("a list"),
        all(call.clone()).await.expect("a list"),
    ];
    let names = found.map(|list| list.into_iter().map(|s| s.name).collect::<String>());
    assert_eq!(names, ["cde", "abcde", "abcde"]);
    assert_eq!(call.pages().all().await.expect("a list").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn every_item_at_once_is_the_error_of_the_first_that_cannot_be_read() {
    let items = json!({"sources": [{"name": "a"}, {"nom": "b"}, {"nom": "c"}]});
    let server = Server::start(move |_, _| Reply::json(&items)).await;
    let call = server.client().list_sources().workspace("acme");
    for result in [call.clone().all().await, all(call).await] {
        let error = result.expect_err("an odd item");
        assert!(error.to_string().contains("sources[1]"), "{error}");
    }
}

#[tokio::test]
async fn one_helper_takes_any_call() {
    async fn sent<C: Call>(call: C) -> Result<(C::Answer, u16), Error> {
        let response = call.clone().send_response().await?;
        Ok((call.send().await?, response.status().as_u16()))
    }
    let segment = Segment::start().await.expect("a fake");
    let client = segment.client();
    let task = tokio::spawn(sent(client.get_source().workspace("acme").source("js")));
    let (source, status) = task.await.expect("no panic").expect("a source");
    assert_eq!((source.parent.as_str(), status), ("workspaces/acme", 200));
    let error = sent(client.delete_source().workspace("acme")).await;
    let error = error.expect_err("no source");
    let sent = segment.requests().len();
    assert_eq!((error.kind(), sent), (ErrorKind::Argument, 2));
    assert_eq!(error.operation(), Some("delete_source"));
}
