//! What a caller learns when a call fails, whatever the server sends.

mod support;

use flate2::{Compression, write::GzEncoder};
use segment_config_api::{
    Client, Error,
    ErrorKind::{self, *},
    RetryPolicy,
    types::{CreateSourceRequest, Source},
};
use serde_json::json;
use std::{
    error::Error as StdError,
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};
use support::{
    answer, sample,
    server::{Refusing, Reply, Server},
};
use tokio::time::Instant;

/// Takes answers of a megabyte, and tries once.
fn client(server: &Server) -> Client {
    let builder = server.light_client_builder().retry(RetryPolicy::none());
    let builder = builder.max_response_bytes(1 << 20);
    builder.build().expect("a client")
}

async fn get_from(reply: Reply) -> Result<Source, Error> {
    let server = Server::replies([reply]).await;
    let call = client(&server).get_source();
    call.workspace("acme").source("js").send().await
}

async fn delete_from(reply: Reply) -> Result<(), Error> {
    let server = Server::replies([reply]).await;
    let call = client(&server).delete_source();
    call.workspace("acme").source("js").send().await
}

/// The error of a `get_source` that is answered like this.
async fn error_of(reply: Reply) -> Error {
    get_from(reply).await.expect_err("a failure")
}

fn status(error: &Error) -> Option<u16> {
    error.status().map(|status| status.as_u16())
}

#[tokio::test(start_paused = true)]
async fn every_documented_error_has_its_kind() {
    let table = [
        (400, 3, "invalid field value", InvalidArgument),
        (401, 16, "malformed token", Unauthenticated),
        (403, 7, "insufficient scope", PermissionDenied),
        (404, 5, "source not found", NotFound),
        (409, 6, "destination already exists", AlreadyExists),
        (429, 8, "resource exhausted", RateLimited),
        (500, 13, "runtime error: invalid memory address", Internal),
        (501, 12, "method not supported", Unimplemented),
        (503, 14, "API down", Unavailable),
    ];
    for (code, grpc, text, kind) in table {
        let error = error_of(Reply::error(code, grpc, text)).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(status(&error), Some(code));
        assert_eq!(error.code(), Some(grpc));
        assert_eq!(error.message(), Some(text));
        assert_eq!(error.operation(), Some("get_source"));
        assert_eq!(error.attempts(), 1);
        assert!(error.may_have_been_sent());
        assert_eq!(error.is_not_found(), kind == NotFound, "{error}");
        assert_eq!(error.is_rate_limited(), kind == RateLimited, "{error}");
        let line = error.to_string();
        let parts = ["get_source", &code.to_string(), text, &grpc.to_string()];
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_believed_rather_than_the_status() {
    for (code, grpc, kind) in [
        (400, 5, NotFound),
        (403, 16, Unauthenticated),
        (500, 6, AlreadyExists),
    ] {
        let error = error_of(Reply::error(code, grpc, "no")).await;
        assert_eq!((error.kind(), status(&error)), (kind, Some(code)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_code_is_kept_and_the_status_says_the_kind() {
    for (code, grpc, kind) in [
        (404, 4242, NotFound),
        (400, -1, InvalidArgument),
        (418, 99, Status),
    ] {
        let error = error_of(Reply::error(code, grpc, "no")).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.code(), Some(grpc));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_in_any_form_leaves_the_status_and_what_can_be_read() {
    const ENVOY: &str = "upstream connect error or disconnect/reset before headers";
    const RESET: &str = "upstream connect error or disconnect/reset before headers. \
                         reset reason: connection termination";
    let page = "<html><head><title>502 Bad Gateway</title></head><body>…</body></html>";
    let cut = r#"{"error": "insufficient sc"#;
    /// Status and body, and the kind, message and code of the error.
    type Row<'a> = (u16, &'a [u8], ErrorKind, Option<&'a str>, Option<i64>);
    let table: [Row; 23] = [
        (
            400,
            b"{'error': 'Test error message'}",
            InvalidArgument,
            Some("Test error message"),
            None,
        ),
        (403, cut.as_bytes(), PermissionDenied, Some(cut), None),
        (
            403,
            br#"{"error":"first","code":7}{"error":"second","code":8}"#,
            PermissionDenied,
            Some("first"),
            Some(7),
        ),
        (
            404,
            br#"{"error":"gone","code":"5"}"#,
            NotFound,
            Some("gone"),
            Some(5),
        ),
        (
            404,
            br#"{"error":"gone","code":" 5 "}"#,
            NotFound,
            Some("gone"),
            Some(5),
        ),
        (
            400,
            br#"{"errors":[{"message":"bad name"},{"message":"bad label"}]}"#,
            InvalidArgument,
            Some("bad name"),
            None,
        ),
        (
            400,
            br#"{"errors":["bad name"]}"#,
            InvalidArgument,
            Some("bad name"),
            None,
        ),
        (500, br#"{"error":""}"#, Internal, None, None),
        (
            500,
            br#"{"error":" ","message":"boom"}"#,
            Internal,
            Some("boom"),
            None,
        ),
        (500, b"null", Internal, None, None),
        (500, b" null\n", Internal, None, None),
        (
            404,
            br#"{"error":{"message":"gone","status":"NOT_FOUND"}}"#,
            NotFound,
            Some("gone"),
            None,
        ),
        (
            404,
            br#"{"message":"no route"}"#,
            NotFound,
            Some("no route"),
            None,
        ),
        (400, br#"{"unknown":"shape"}"#, InvalidArgument, None, None),
        (
            400,
            br#"["a list"]"#,
            InvalidArgument,
            Some(r#"["a list"]"#),
            None,
        ),
        (
            502,
            page.as_bytes(),
            Unavailable,
            Some("502 Bad Gateway"),
            None,
        ),
        (
            502,
            b"<html><body>oops</body></html>",
            Unavailable,
            Some("an HTML page"),
            None,
        ),
        (503, ENVOY.as_bytes(), Unroutable, Some(ENVOY), None),
        (503, RESET.as_bytes(), Unavailable, Some(RESET), None),
        (
            400,
            b"bad request\n",
            InvalidArgument,
            Some("bad request"),
            None,
        ),
        (500, b"", Internal, None, None),
        (500, b" \n\t ", Internal, None, None),
        (
            500,
            b"\xff\xfe broken",
            Internal,
            Some("\u{fffd}\u{fffd} broken"),
            None,
        ),
    ];
    for (code, body, kind, message, grpc) in table {
        let error = error_of(Reply::new(code, body)).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!(error.kind(), kind, "{shown}");
        assert_eq!(status(&error), Some(code), "{shown}");
        assert_eq!(error.message(), message, "{shown}");
        assert_eq!(error.code(), grpc, "{shown}");
        assert_eq!(error.body(), body, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_that_is_an_error_object_is_an_error() {
    let error = error_of(Reply::error(200, 5, "source not found")).await;
    assert!(error.is_not_found(), "{error:?}");
    assert_eq!((status(&error), error.code()), (Some(200), Some(5)));
}

#[tokio::test(start_paused = true)]
async fn an_error_object_in_a_success_may_have_four_kilobytes() {
    let shell = r#"{"error":""}"#.len();
    for (length, kind) in [(101, Status), (4096, Status), (4097, Decode)] {
        let body = json!({"error": "x".repeat(length - shell)}).to_string();
        assert_eq!(body.len(), length);
        let error = error_of(Reply::new(200, body)).await;
        assert_eq!(error.kind(), kind, "{length} bytes: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_with_a_field_named_error_is_a_value() {
    let mut source = answer("get_source");
    source["error"] = json!("the last run failed");
    let read = get_from(Reply::json(&source)).await.expect("a source");
    assert_eq!(serde_json::to_value(read).expect("a value"), source);
}

#[tokio::test(start_paused = true)]
async fn an_error_without_a_text_in_a_success_is_an_answer_of_another_form() {
    for body in [r#"{"error":""}"#, r#"{"error":null,"code":13}"#] {
        let error = error_of(Reply::new(200, body)).await;
        assert_eq!((error.kind(), error.code()), (Decode, None), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_body_is_an_empty_object_where_nobody_knows_the_answer() {
    for reply in [
        Reply::new(200, ""),
        Reply::new(204, ""),
        Reply::new(200, " \n"),
    ] {
        let text = format!("{reply:?}");
        let server = Server::replies([reply]).await;
        let call = client(&server).list_destination_metrics();
        let call = call.workspace("acme").source("js").destination("x");
        let answer = call.send().await.unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(serde_json::to_value(answer).expect("an object"), json!({}));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_about_an_answer_does_not_repeat_the_credentials_in_it() {
    let mut wrong = answer("get_source");
    wrong["labels"] = json!({"EXAMPLE_TOKEN": 7});
    for reply in [
        Reply::json(&wrong),
        Reply::error(400, 3, "no EXAMPLE_TOKEN"),
    ] {
        let error = error_of(reply).await;
        let text = format!("{error} {error:?}");
        assert!(!text.contains("EXAMPLE_TOKEN"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_filter_counts_as_not_found() {
    let error = error_of(Reply::error(400, 3, "filter does not exist: 42")).await;
    assert!(error.is_not_found());
    assert_eq!(error.kind(), InvalidArgument);
    assert!(
        !error_of(Reply::error(400, 3, "bad name"))
            .await
            .is_not_found()
    );
}

#[tokio::test(start_paused = true)]
async fn the_headers_of_a_failure_can_be_read() {
    let error = error_of(Reply::error(500, 13, "no").header("x-request-id", "abc")).await;
    let headers = error.headers().expect("headers");
    assert_eq!(headers["x-request-id"], "abc");
}

#[tokio::test(start_paused = true)]
async fn a_decode_error_names_the_operation_the_place_and_what_was_expected() {
    let mut wrong = answer("list_sources");
    wrong["sources"][1]["write_keys"] = json!(7);
    let server = Server::replies([Reply::json(&wrong)]).await;
    let call = client(&server).list_sources().workspace("acme");
    let error = call.send().await.expect_err("a wrong type");
    assert_eq!(error.kind(), Decode);
    assert_eq!(error.operation(), Some("list_sources"));
    let line = error.to_string();
    for part in ["list_sources", "sources[1].write_keys", "a list"] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(error.body(), wrong.to_string().as_bytes());
}

#[tokio::test(start_paused = true)]
async fn a_decode_error_does_not_show_the_value_it_met() {
    let mut wrong = answer("get_source");
    wrong["write_keys"] = json!("EXAMPLE_WRITE_KEY");
    let error = error_of(Reply::json(&wrong)).await;
    assert_eq!(error.kind(), Decode);
    let line = error.to_string();
    assert!(
        line.contains("at `write_keys`: invalid type: string, expected a list"),
        "{line}"
    );
    assert!(!line.contains("EXAMPLE_WRITE_KEY"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_is_answered_with_something_else_has_not_succeeded() {
    for body in ["<html>log in</html>", "[]", "true"] {
        let server = Server::replies([Reply::new(200, body)]).await;
        let call = client(&server)
            .delete_source()
            .workspace("acme")
            .source("js");
        let error = call.send().await.expect_err("no delete");
        assert_eq!(error.kind(), Decode, "{body}");
        let line = error.to_string();
        assert!(line.contains("expected `{}` or no body"), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_object_is_an_error_whatever_its_status_and_form() {
    let bodies = [
        r#"{"error":"boom","code":13,"message":"boom","details":[]}"#,
        r#"{"error":"boom","code":"13"}"#,
        r#"{"error":{"message":"boom","code":13}}"#,
    ];
    for body in bodies {
        let server = Server::replies([Reply::new(200, body)]).await;
        let delete = client(&server)
            .delete_source()
            .workspace("acme")
            .source("js");
        let list = client(&server).list_sources().workspace("acme");
        for error in [delete.send().await.err(), list.send().await.err()] {
            let error = error.expect(body);
            assert_eq!(
                (error.code(), error.message()),
                (Some(13), Some("boom")),
                "{body}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_form_is_a_decode_error() {
    let bodies = [
        "",
        "null",
        "[]",
        "{}",
        "\"text\"",
        "{\"name\":",
        "<html>",
        "{\"name\":\"a\"} {}",
    ];
    for body in bodies {
        let error = error_of(Reply::new(200, body)).await;
        assert_eq!(error.kind(), Decode, "{body:?}: {error}");
        assert_eq!(status(&error), Some(200), "{body:?}");
        assert!(error.may_have_been_sent(), "{body:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_text_is_one_short_line_without_the_query_or_the_body() {
    let long = "x".repeat(1 << 20);
    let lines = "a\r\nb\nc\u{2028}d\u{85}e\u{1b}[31mf\0".repeat(100);
    let replies = [
        Reply::new(500, long.clone()),
        Reply::new(500, lines.clone()),
        Reply::error(400, 3, &lines),
        Reply::error(400, 3, &long),
        Reply::new(502, format!("<title>{lines}{long}</title>")),
        Reply::new(200, lines.clone()),
        Reply::json(&json!({"sources": lines})),
        Reply::json(&json!({"sources": [{"name": "a", "write_keys": long}]})),
        Reply::json(&json!({"sources": [{"name": "a", "labels": {long: 7}}]})),
        Reply::json(&json!({"sources": {"secret body": 1}})),
        Reply::raw(b"not HTTP at all\r\n\r\n"),
    ];
    for reply in replies {
        let server = Server::replies([reply.clone()]).await;
        let builder = server.client_builder().retry(RetryPolicy::none());
        let client = builder.build().expect("a client");
        let call = client.list_sources().workspace("acme");
        let call = call.page_token("PAGE_TOKEN").page_size(1);
        let error = call.send().await.expect_err("a failure");
        let mut texts = vec![error.to_string()];
        let mut source = error.source();
        while let Some(cause) = source {
            texts.push(cause.to_string());
            source = cause.source();
        }
        for text in texts {
            let visible = text
                .chars()
                .all(|c| !c.is_control() && !"\u{2028}\u{2029}".contains(c));
            assert!(visible, "{text:?}");
            assert!(text.chars().count() < 500, "{} characters", text.len());
            assert!(
                !text.contains("PAGE_TOKEN") && !text.contains("page_size"),
                "{text}"
            );
            assert!(!text.contains("secret body"), "{text}");
        }
        assert!(format!("{error:?}").len() < 4096, "a long Debug");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_is_done_with_204_an_empty_object_and_no_body() {
    for reply in [
        Reply::new(204, ""),
        Reply::new(200, "{}"),
        Reply::new(200, ""),
        Reply::new(202, "\n"),
    ] {
        let text = format!("{reply:?}");
        delete_from(reply)
            .await
            .unwrap_or_else(|e| panic!("{text}: {e}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_answers_201_is_a_success() {
    let created = answer("create_source").to_string();
    let server = Server::replies([Reply::new(201, created).header("location", "/here")]).await;
    let request: CreateSourceRequest =
        serde_json::from_value(sample("create_source")["request"].clone()).expect("a request");
    let call = client(&server).create_source().workspace("acme");
    let response = call.body(request).send_response().await.expect("a source");
    assert_eq!(response.status().as_u16(), 201);
    assert_eq!(response.headers()["location"], "/here");
    assert_eq!(response.value().name, "workspaces/acme/sources/js");
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::replies([Reply::json(&answer("get_source"))]).await;
    for code in [301, 302, 307, 308] {
        let reply = Reply::new(code, "").header("location", &elsewhere.url());
        let server = Server::replies([reply]).await;
        let call = server.client().get_source().workspace("acme").source("js");
        let error = call.send().await.expect_err("no success");
        assert_eq!((error.kind(), status(&error)), (Status, Some(code)));
    }
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_names_its_target_without_the_query() {
    let secret = "https://CANARY:CANARY@login.example.com:8443/sso/start?token=CANARY#CANARY";
    let table = [
        (
            secret,
            "302 unexpected status: a redirect to login.example.com:8443/sso/start",
        ),
        ("/elsewhere?token=CANARY", "/elsewhere"),
        (
            "//login.example.com?CANARY",
            "a redirect to login.example.com/",
        ),
    ];
    for (location, expected) in table {
        let error = error_of(Reply::new(302, "").header("location", location)).await;
        let text = error.to_string();
        assert!(text.ends_with(expected), "{text}");
        assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
    }
    for reply in [
        Reply::new(302, ""),
        Reply::new(302, "").header("location", "https://"),
        Reply::new(400, "").header("location", "/elsewhere"),
    ] {
        let text = error_of(reply).await.to_string();
        assert!(!text.contains("redirect"), "{text}");
    }
}

/// In real time, and as fast as a network: where more is always there to be read, hyper goes on
/// parsing until tokio takes its turn away, a second later or so.
#[tokio::test]
async fn endless_interim_answers_end_with_the_time_limit_of_the_try() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = server.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut connection, _) = server.accept().expect("a connection");
        let read = connection.read(&mut [0; 4096]).expect("a request");
        assert!(read > 0);
        let interim = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(10);
        while connection.write_all(&interim).is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    });
    let builder = support::server::client_builder(&format!("http://{address}"));
    let builder = builder.attempt_timeout(Duration::from_millis(200));
    let client = builder.retry(RetryPolicy::none()).build();
    let call = client.expect("a client").get_source();
    let error = call.workspace("acme").source("js").send().await;
    let error = error.expect_err("no answer");
    assert_eq!((error.kind(), error.attempts()), (Timeout, 1));
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_told_from_a_complete_answer() {
    let source = answer("get_source").to_string();
    let half = &source[..source.len() / 2];
    let length = source.len();
    let headers = Reply::new(200, "").announcing(length);
    let table = [
        ("reset before the headers", Reply::raw(b"").reset(), None),
        ("closed before the headers", Reply::raw(b""), None),
        (
            "closed in the headers",
            Reply::raw(b"HTTP/1.1 200 OK\r\ncontent-"),
            None,
        ),
        ("not HTTP", Reply::raw(b"SSH-2.0-OpenSSH_9.6\r\n"), None),
        ("reset after the headers", headers.reset(), Some(200)),
        (
            "reset in the body",
            Reply::new(200, half).announcing(length).reset(),
            Some(200),
        ),
        (
            "a short body",
            Reply::new(200, half).announcing(length),
            Some(200),
        ),
    ];
    for (name, reply, code) in table {
        let error = error_of(reply).await;
        assert_eq!(error.kind(), Connection, "{name}: {error:?}");
        assert_eq!(status(&error), code, "{name}");
        assert!(error.may_have_been_sent(), "{name}");
        assert!(error.source().is_some(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_with_a_broken_body_is_still_that_failure() {
    let body = r#"{"error":"source not found","code":5}"#;
    let replies = [
        Reply::new(404, body).announcing(999),
        Reply::new(404, body).announcing(999).reset(),
        Reply::new(404, body).announcing(999).stall(),
    ];
    for reply in replies {
        let error = error_of(reply).await;
        assert_eq!((error.kind(), status(&error)), (NotFound, Some(404)));
        assert_eq!(error.message(), Some("source not found"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_answer_ends_with_the_time_limit() {
    let replies = [
        (Reply::never(), None),
        (Reply::raw(b"HTTP/1.1 200 OK\r\n").stall(), None),
        (Reply::new(200, "").announcing(10).stall(), Some(200)),
        (Reply::new(200, "{").announcing(10).stall(), Some(200)),
    ];
    for (reply, code) in replies {
        let began = Instant::now();
        let error = error_of(reply).await;
        let took = began.elapsed();
        assert_eq!((error.kind(), status(&error)), (Timeout, code));
        assert!(error.may_have_been_sent());
        assert!(
            took >= Duration::from_secs(60) && took < Duration::from_secs(61),
            "{took:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_body_is_cut_off() {
    for code in [200, 500] {
        let error = error_of(Reply::new(code, vec![b' '; 1 << 16]).endless()).await;
        let kind = if code == 200 { TooLarge } else { Internal };
        assert_eq!((error.kind(), status(&error)), (kind, Some(code)));
        assert!(error.body().len() <= 1 << 20);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_is_measured_decompressed() {
    let bomb = vec![b' '; 16 << 20];
    assert_eq!(error_of(gzip(&[&bomb])).await.kind(), TooLarge);
    let error = error_of(gzip(&[&bomb[..1 << 19], &bomb[..1 << 20]])).await;
    assert_eq!(error.kind(), TooLarge);
    for (more, fits) in [(0, true), (1, false)] {
        let mut body = answer("get_source").to_string().into_bytes();
        body.resize((1 << 20) + more, b' ');
        let result = get_from(gzip(&[&body])).await;
        assert_eq!(result.is_ok(), fits, "{result:?}");
    }
}

/// A success compressed in so many members.
fn gzip(members: &[&[u8]]) -> Reply {
    Reply::new(200, zipped(members)).header("content-encoding", "gzip")
}

fn zipped(members: &[&[u8]]) -> Vec<u8> {
    let member = |body: &&[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).expect("it fits");
        encoder.finish().expect("it fits")
    };
    members.iter().flat_map(member).collect()
}

#[tokio::test(start_paused = true)]
async fn gzip_of_any_number_of_members_reads_as_one_body() {
    let source = answer("get_source").to_string();
    let (a, b) = source.as_bytes().split_at(source.len() / 2);
    for members in [&[source.as_bytes()][..], &[a, b], &[a, b"", b]] {
        let read = get_from(gzip(members)).await.expect("a source");
        assert_eq!(read.name, answer("get_source")["name"]);
    }
    let reply = Reply::new(404, zipped(&[br#"{"error":"no ", "#, br#""code":5}"#]));
    let error = error_of(reply.header("content-encoding", "X-Gzip")).await;
    assert_eq!((error.kind(), error.message()), (NotFound, Some("no ")));
    delete_from(Reply::new(200, "").header("content-encoding", "gzip"))
        .await
        .expect("no body is in every encoding");
}

#[tokio::test(start_paused = true)]
async fn requests_ask_for_gzip_and_nothing_else() {
    let server = Server::replies([Reply::json(&answer("get_source"))]).await;
    for client in [client(&server), server.client()] {
        let call = client.get_source().workspace("acme").source("js");
        call.send().await.expect("a source");
    }
    for request in server.requests() {
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
    }
}

#[tokio::test(start_paused = true)]
async fn gzip_that_is_none_is_told_as_that() {
    let source = answer("get_source").to_string();
    let whole = zipped(&[source.as_bytes()]);
    let mut wrong_sum = whole.clone();
    let sum = whole.len() - 8;
    wrong_sum[sum] ^= 1;
    for body in [
        source.into_bytes(),
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        whole[..5].to_vec(),
        [&whole[..], b"more"].concat(),
        wrong_sum,
    ] {
        let error = error_of(Reply::new(200, body).header("content-encoding", "gzip")).await;
        assert_eq!(
            (error.kind(), status(&error)),
            (Decode, Some(200)),
            "{error}"
        );
        assert!(error.to_string().contains("gzip"), "{error}");
        assert!(error.may_have_been_sent() && error.source().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn an_encoding_that_was_not_asked_for_is_told_as_that() {
    let reply = |code| Reply::new(code, b"\x0b\x02\x80CANARY\x03").header("content-encoding", "br");
    let told = "the body is encoded with `br`, which was not asked for";
    for error in [
        error_of(reply(200)).await,
        delete_from(reply(200)).await.expect_err("no body"),
    ] {
        assert_eq!(error.kind(), Decode);
        assert!(error.to_string().ends_with(told), "{error}");
    }
    let error = error_of(reply(503)).await;
    assert_eq!((error.kind(), error.message()), (Unavailable, None));
    assert!(error.to_string().ends_with(told), "{error}");
    let plain = Reply::json(&answer("get_source")).header("content-encoding", "identity");
    get_from(plain).await.expect("a source");
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_exactly_the_largest_size_is_taken() {
    for (most, fits) in [(0, true), (1, false)] {
        let mut body = answer("get_source").to_string().into_bytes();
        body.resize((1 << 20) + most, b' ');
        let result = get_from(Reply::new(200, body)).await;
        assert_eq!(result.is_ok(), fits, "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_says_that_nothing_was_sent() {
    let nobody = Refusing::start();
    let client = nobody.client_builder().retry(RetryPolicy::none()).build();
    let call = client.expect("a client").delete_source();
    let error = call.workspace("acme").source("js").send().await;
    let error = error.expect_err("nobody listens");
    assert_eq!((error.kind(), status(&error)), (Connect, None));
    assert!(!error.may_have_been_sent());
    assert_eq!(error.attempts(), 1);
}

#[test]
fn an_error_is_as_small_as_a_pointer_and_goes_anywhere() {
    fn anywhere<T: StdError + Send + Sync + Unpin + 'static>() {}
    anywhere::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
