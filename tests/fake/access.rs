//! Who may do what, and how often.

use crate::{acme, refused};
use segment_config_api::{
    Client, RetryPolicy,
    enums::AccessTokenScope,
    fake::{Quirk, Segment},
    types::NewAccessToken,
};
use std::time::Duration;

fn client(segment: &Segment, token: &str) -> Client {
    let client = Client::builder()
        .base_url(segment.base_url())
        .access_token(token);
    client
        .rate_limit(None)
        .retry(RetryPolicy::none())
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_token_is_needed_and_a_read_only_one_may_not_write() {
    let segment = acme().await;
    let http = reqwest::Client::new();
    let url = format!("{}/workspaces", segment.base_url());
    let response = http.get(&url).send().await.expect("an answer");
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.text().await.expect("a body"),
        r#"{"code":16,"error":"no credentials"}"#
    );
    let wrong = client(&segment, "EXAMPLE_WRONG_TOKEN");
    let wrong = wrong.list_workspaces().send().await;
    assert_eq!(refused(wrong), (401, 16, "malformed token".into()));
    let reader = client(&segment, segment.read_only_token());
    reader
        .list_workspaces()
        .send()
        .await
        .expect("reading is allowed");
    let write = reader
        .delete_source()
        .workspace("acme")
        .source("js")
        .send()
        .await;
    assert_eq!(refused(write), (403, 7, "insufficient scope".into()));
    assert!(segment.resource("workspaces/acme/sources/js").is_some());
}

#[tokio::test]
async fn access_tokens_are_made_with_an_account_shown_once_and_good_until_they_are_deleted() {
    let segment = acme().await;
    let owner = segment.client();
    let new = NewAccessToken::builder()
        .description("nightly")
        .scopes(AccessTokenScope::WorkspaceRead);
    let token = owner
        .create_access_token()
        .body(new)
        .send()
        .await
        .expect("a token");
    let text = token
        .token
        .as_ref()
        .expect("it is shown now")
        .expose()
        .to_string();
    let number = token.name.rsplit('/').next().expect("a number").to_string();
    assert!(number.parse::<u64>().is_ok(), "{}", token.name);
    let got = owner
        .get_access_token()
        .access_token(&number)
        .send()
        .await
        .expect("it");
    assert!(got.token.is_none(), "it is shown once");
    let reader = client(&segment, &text);
    reader.list_workspaces().send().await.expect("it works");
    let write = reader
        .delete_source()
        .workspace("acme")
        .source("js")
        .send()
        .await;
    assert_eq!(refused(write).0, 403);
    owner
        .delete_access_token()
        .access_token(&number)
        .send()
        .await
        .expect("deleted");
    assert_eq!(refused(reader.list_workspaces().send().await).0, 401);
    let stranger = segment
        .client_builder()
        .account("someone@example.com", "EXAMPLE_WRONG");
    let stranger = stranger
        .build()
        .expect("a client")
        .list_access_tokens()
        .send()
        .await;
    assert_eq!(refused(stranger), (401, 16, "unknown credentials".into()));
}

#[tokio::test]
async fn an_install_token_rotates_and_is_for_one_destination() {
    let segment = acme().await;
    let rotate = || async {
        let call = segment.client().get_install_token().install("742");
        call.send()
            .await
            .expect("a token")
            .access_token
            .expose()
            .to_string()
    };
    let first = client(&segment, &rotate().await);
    let get = |client: &Client| {
        client
            .get_destination()
            .workspace("acme")
            .source("js")
            .destination("webhooks")
            .send()
    };
    get(&first).await.expect("its destination");
    let other = first
        .get_destination()
        .workspace("acme")
        .source("js")
        .destination("google-analytics");
    assert_eq!(refused(other.send().await).0, 403);
    let list = first
        .list_destinations()
        .workspace("acme")
        .source("js")
        .send()
        .await;
    assert_eq!(refused(list).0, 403);
    let second = client(&segment, &rotate().await);
    assert_eq!(
        refused(get(&first).await).0,
        401,
        "the one before is worth nothing"
    );
    get(&second).await.expect("its destination");
}

#[tokio::test]
async fn more_requests_than_the_limit_are_refused_until_the_minute_is_over() {
    for told in [true, false] {
        let builder = Segment::builder().rate_limit(3);
        let builder = match told {
            true => builder,
            false => builder.without(Quirk::LimitsTellHowLongToWait),
        };
        let segment = builder
            .now(std::time::UNIX_EPOCH)
            .start()
            .await
            .expect("a free port");
        // A client waits as long as it is told: this is a new one each time.
        let call = || client(&segment, segment.token()).list_workspaces().send();
        for _ in 0..3 {
            call().await.expect("within the limit");
            segment.advance(Duration::from_secs(10));
        }
        let error = call().await.expect_err("one too many");
        assert_eq!(error.retry_after(), told.then_some(Duration::from_secs(30)));
        assert_eq!(
            refused::<()>(Err(error)),
            (429, 8, "rate limit exceeded".into())
        );
        segment.advance(Duration::from_secs(30));
        call().await.expect("a minute after the first");
        assert_eq!(refused(call().await).0, 429);
    }
}

#[tokio::test]
async fn credentials_come_before_everything_else() {
    let segment = acme().await;
    let wrong = client(&segment, "EXAMPLE_WRONG_TOKEN");
    let call = wrong
        .get_source()
        .workspace("acme")
        .source("gone")
        .send()
        .await;
    assert_eq!(
        refused(call).0,
        401,
        "what is there is not told to everyone"
    );
}
