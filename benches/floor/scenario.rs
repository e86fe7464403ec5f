//! What is done: with the crate, and by hand.

use crate::{
    by_hand::{self, Catalog, Plan, Source, Sources},
    server::{DESTINATIONS, SOURCES},
};
use segment_config_api::Client;
use std::{hint::black_box, sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::sleep};

const GETS: usize = 500;
const PLANS: usize = 20;
const TASKS: usize = 64;
const GETS_OF_A_TASK: usize = 25;
const PAGES: usize = 20;
const WORK: Duration = Duration::from_millis(20);

/// Its name, what it is, and how many requests and items it makes.
pub const ALL: [(&str, &str, usize, usize); 8] = [
    ("gets", "500 single gets", GETS, GETS),
    ("paged", "10,000 sources in 100 pages", 100, SOURCES),
    ("one-page", "10,000 sources in one page", 1, SOURCES),
    (
        "catalog",
        "322 catalog destinations with all settings",
        4,
        DESTINATIONS,
    ),
    ("plans", "20 tracking plans of 200 events", PLANS, PLANS),
    (
        "parallel",
        "64 tasks of 25 gets on one client",
        TASKS * GETS_OF_A_TASK,
        TASKS * GETS_OF_A_TASK,
    ),
    ("start", "process start to first answer", 1, 1),
    (
        "ahead",
        "20 pages at 20 ms, with 20 ms of work on each: one page ahead, by hand one after the other",
        PAGES,
        SOURCES,
    ),
];

pub async fn with_the_crate(scenario: &str, base_url: &str) -> usize {
    let client = Client::builder()
        .base_url(base_url)
        .access_token("EXAMPLE_TOKEN")
        .rate_limit(None);
    let client = client.build().expect("a client");
    let get = async |client: &Client, n: usize| {
        let call = client.get_source().workspace("acme");
        let call = call.source(format!("source-{n}"));
        call.send().await.expect("a source")
    };
    let list = client.list_sources().workspace("acme");
    match scenario {
        "gets" => kept(GETS, async |n| get(&client, n).await).await,
        "paged" => count(list.all().await.expect("sources")),
        "one-page" => count(list.page_size(SOURCES as i64).all().await.expect("sources")),
        "catalog" => count(
            client
                .list_catalog_destinations()
                .all()
                .await
                .expect("a catalog"),
        ),
        "plans" => {
            kept(PLANS, async |n| {
                let call = client.get_tracking_plan().workspace("acme");
                let call = call.tracking_plan(format!("rs_{n}"));
                call.send().await.expect("a plan")
            })
            .await
        }
        "parallel" => {
            let mut tasks = JoinSet::new();
            for _ in 0..TASKS {
                let client = client.clone();
                tasks.spawn(kept(GETS_OF_A_TASK, async move |n| get(&client, n).await));
            }
            tasks.join_all().await.iter().sum()
        }
        "start" => kept(1, async |n| get(&client, n).await).await,
        "ahead" => {
            let mut pages = list.page_size((SOURCES / PAGES) as i64).pages().prefetch();
            let mut items = 0;
            while let Some(page) = pages.try_next().await.expect("a page") {
                sleep(WORK).await;
                items += page.items.len();
            }
            items
        }
        _ => panic!("no such scenario"),
    }
}

pub async fn by_hand(scenario: &str, base_url: &str) -> usize {
    let client = Arc::new(by_hand::Client::new(base_url));
    let get = async |client: &by_hand::Client, n: usize| {
        let path = format!("/workspaces/acme/sources/source-{n}");
        client.get::<Source>(&path, &[]).await
    };
    let sources = "/workspaces/acme/sources";
    match scenario {
        "gets" => kept(GETS, async |n| get(&client, n).await).await,
        "paged" => count(client.list::<Sources>(sources, "100").await),
        "one-page" => count(client.list::<Sources>(sources, "10000").await),
        "catalog" => count(client.list::<Catalog>("/catalog/destinations", "100").await),
        "plans" => {
            kept(PLANS, async |n| {
                let path = format!("/workspaces/acme/tracking-plans/rs_{n}");
                client.get::<Plan>(&path, &[]).await
            })
            .await
        }
        "parallel" => {
            let mut tasks = JoinSet::new();
            for _ in 0..TASKS {
                let client = client.clone();
                tasks.spawn(kept(GETS_OF_A_TASK, async move |n| get(&client, n).await));
            }
            tasks.join_all().await.iter().sum()
        }
        "start" => kept(1, async |n| get(&client, n).await).await,
        "ahead" => {
            let page_size = (SOURCES / PAGES).to_string();
            let (mut items, mut next) = (0, String::new());
            loop {
                let (page, token) = client.page::<Sources>(sources, &page_size, &next).await;
                sleep(WORK).await;
                items += page.len();
                match token {
                    Some(token) => next = token,
                    None => return items,
                }
            }
        }
        _ => panic!("no such scenario"),
    }
}

/// Gets one after the other, and holds them all.
async fn kept<T>(most: usize, get: impl AsyncFn(usize) -> T) -> usize {
    let mut items = Vec::new();
    for n in 0..most {
        items.push(get(n).await);
    }
    count(items)
}

fn count<T>(items: Vec<T>) -> usize {
    black_box(items).len()
}
