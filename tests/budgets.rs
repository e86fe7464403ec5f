//! What the crate may cost.

#[path = "support/answering.rs"]
mod answering;

use futures::TryStreamExt;
use segment_config_api::{Client, types::ListSourcesResponse};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// The hand-written floor: the same request and the same types, with reqwest and serde alone.
async fn by_hand(http: &reqwest::Client, base_url: &str) -> ListSourcesResponse {
    let url = format!("{base_url}/workspaces/acme/sources");
    let request = http
        .get(url)
        .bearer_auth("EXAMPLE_TOKEN")
        .query(&[("page_size", "100")]);
    let response = request.send().await.expect("an answer");
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("a page")
}

async fn by_client(client: &Client) -> ListSourcesResponse {
    let call = client.list_sources().workspace("acme").page_size(100);
    call.send().await.expect("a page")
}

fn client(base_url: &str) -> Client {
    let client = Client::builder()
        .base_url(base_url)
        .access_token("EXAMPLE_TOKEN")
        .rate_limit(None);
    client.build().expect("a client")
}

/// A call may allocate 6 times more than the floor: gate, span, boxed future
/// and arguments have to be somewhere, and a loop over them must not creep in.
#[test]
fn a_call_allocates_little_more_than_a_request_by_hand() {
    let address = answering::start(|_| answering::page(100, ""));
    let base_url = format!("http://{address}");
    let client = client(&base_url);
    // Only plain HTTP is used, but reqwest wants a provider of TLS all the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .user_agent("floor")
        .build()
        .expect("a client");
    let runtime = runtime();
    let calls = 20;
    let count = |run: &dyn Fn()| {
        run(); // Connects, and fills what is filled once.
        allocation_counter::measure(|| (0..calls).for_each(|_| run())).count_total / calls
    };
    let floor = count(&|| drop(runtime.block_on(by_hand(&http, &base_url))));
    let ours = count(&|| drop(runtime.block_on(by_client(&client))));
    println!("allocations of a call: {ours}, by hand: {floor}");
    assert!(ours <= floor + 6, "{ours} allocations, {floor} by hand");
}

/// A large page is in memory once as text and once as what it says, as by hand. What it was read
/// through is hyper's, up to 408 KiB for a connection, and stays for the next page.
#[test]
fn a_page_is_held_once() {
    let address = answering::start(|_| answering::page(4_000, ""));
    let base_url = format!("http://{address}");
    let client = client(&base_url);
    let http = reqwest::Client::new();
    let runtime = runtime();
    let most = |run: &dyn Fn()| {
        run(); // Connects, and fills what is filled once.
        allocation_counter::measure(run).bytes_max
    };
    let floor = most(&|| drop(runtime.block_on(by_hand(&http, &base_url))));
    let page = most(&|| drop(runtime.block_on(by_client(&client))));
    let list = || client.list_sources().workspace("acme").page_size(4_000);
    let all = most(&|| drop(runtime.block_on(list().all()).expect("a list")));
    println!("bytes at the most: {page} for a page, {all} for a list of one, {floor} by hand");
    let most = page.max(all);
    assert!(
        most <= floor + (408 << 10) + 50_000,
        "{most} bytes, {floor} by hand"
    );
}

/// A stream over a large workspace has to run in the memory of one over a small one, but for what
/// tells a page token that comes again: a hash of 8 bytes, in a table that doubles.
#[test]
fn the_memory_of_a_stream_grows_by_a_hash_for_a_page() {
    let most = |pages: usize| {
        let address = answering::start(move |head| {
            let token = head
                .split("page_token=")
                .nth(1)
                .and_then(|t| t.split([' ', '&']).next());
            let number: usize = token.and_then(|t| t.parse().ok()).unwrap_or(1);
            let next = if number < pages {
                (number + 1).to_string()
            } else {
                String::new()
            };
            answering::page(5, &next)
        });
        let client = Client::builder()
            .base_url(format!("http://{address}"))
            .access_token("EXAMPLE_TOKEN");
        let client = client.rate_limit(None).build().expect("a client");
        let runtime = runtime();
        let list = || {
            let stream = client.list_sources().workspace("acme").stream();
            let count = stream.try_fold(0, |count, _| async move { Ok(count + 1) });
            assert_eq!(runtime.block_on(count).expect("a list"), pages * 5);
        };
        runtime.block_on(async { by_client(&client).await });
        allocation_counter::measure(list).bytes_max
    };
    let (few, many) = (most(1_100), most(3_300));
    println!("bytes at the most: {few} for 1,100 pages, {many} for 3,300");
    assert!(
        many <= few + 2_200 * 16,
        "{many} bytes for three times the pages of {few}"
    );
}
