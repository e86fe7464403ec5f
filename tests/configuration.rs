//! How a client is set up, and what it refuses to be set up with.

#[path = "support/alone.rs"]
mod alone;
mod support;

use alone::{PROXIES, alone, is_alone};
use segment_config_api::{Client, ClientBuilder, Error, ErrorKind, Region, RetryPolicy};
use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};
use support::{
    answer,
    server::{Refusing, Reply, Server},
};
use tokio::time::Instant;

const TOKEN: &str = "EXAMPLE_TOKEN";

fn builder() -> ClientBuilder {
    Client::builder().access_token(TOKEN)
}

async fn call(client: &Client) -> Result<(), Error> {
    let call = client.get_source().workspace("acme").source("js");
    call.send().await.map(drop)
}

async fn server() -> Server {
    Server::replies([Reply::json(&answer("get_source"))]).await
}

#[test]
fn an_unusable_value_is_refused_by_its_name() {
    let hour = Duration::from_secs(3600);
    let policy = RetryPolicy::new;
    let table = [
        ("base_url", builder().base_url("")),
        ("base_url", builder().base_url("platform.segmentapis.com")),
        ("base_url", builder().base_url("https://")),
        ("base_url", builder().base_url("ftp://example.com")),
        ("base_url", builder().base_url("file:///etc/passwd")),
        ("connect_timeout", builder().connect_timeout(Duration::ZERO)),
        ("connect_timeout", builder().connect_timeout(hour * 25)),
        ("attempt_timeout", builder().attempt_timeout(Duration::ZERO)),
        ("attempt_timeout", builder().attempt_timeout(Duration::MAX)),
        ("call_timeout", builder().call_timeout(Duration::ZERO)),
        ("call_timeout", builder().call_timeout(Duration::MAX)),
        ("queue_timeout", builder().queue_timeout(Duration::ZERO)),
        ("queue_timeout", builder().queue_timeout(hour * 25)),
        ("max_response_bytes", builder().max_response_bytes(0)),
        ("max_attempts", builder().retry(policy().max_attempts(0))),
        ("backoff", builder().retry(policy().backoff(hour, hour / 2))),
        ("rate_limit", builder().rate_limit(0)),
        (
            "user_agent_suffix",
            builder().user_agent_suffix("a\r\nx-evil: 1"),
        ),
        ("user_agent_suffix", builder().user_agent_suffix("é")),
        ("access_token", builder().access_token("")),
        (
            "account",
            builder().account("a:b@example.com", "EXAMPLE_PASSWORD"),
        ),
        ("account", builder().account("a@example.com", "")),
        ("app", builder().app("", "EXAMPLE_CLIENT_SECRET")),
    ];
    for (name, builder) in table {
        let text = format!("{builder:?}");
        let error = builder.build().expect_err(&text);
        assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
        assert!(error.to_string().contains(name), "{name}: {error}");
        assert_eq!((error.attempts(), error.may_have_been_sent()), (0, false));
        assert_eq!(error.operation(), None);
    }
}

#[test]
fn plain_http_is_taken_for_loopback_only() {
    let table = [
        ("https://platform.segmentapis.com/v1beta", true),
        ("http://localhost:8080", true),
        ("http://127.0.0.1", true),
        ("http://127.9.9.9:80/v1beta", true),
        ("http://[::1]:8080/v1beta", true),
        ("http://platform.segmentapis.com/v1beta", false),
        ("http://localhost.example.com", false),
        ("http://10.0.0.1", false),
        ("http://0.0.0.0", false),
        ("http://[::]", false),
        ("http://[2001:db8::1]", false),
    ];
    for (address, fine) in table {
        let result = builder().base_url(address).build();
        assert_eq!(result.is_ok(), fine, "{address}");
    }
}

#[test]
fn an_address_with_more_than_host_port_and_path_is_refused_and_not_echoed() {
    for address in [
        "https://CANARY@example.com",
        "https://user:CANARY@example.com",
        "https://example.com/v1beta?key=CANARY",
        "https://example.com/v1beta#CANARY",
        "http://example.com/CANARY",
    ] {
        let error = builder().base_url(address).build().expect_err(address);
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("base_url") && !text.contains("CANARY"),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_path_of_the_address_comes_before_every_path() {
    let server = server().await;
    let host = server.url().replace("/v1beta", "");
    for (prefix, expected) in [
        ("", "/workspaces/acme/sources/js"),
        ("/", "/workspaces/acme/sources/js"),
        ("/v1beta", "/v1beta/workspaces/acme/sources/js"),
        ("/v1beta/", "/v1beta/workspaces/acme/sources/js"),
        (
            "/a/b%20c/v1beta/",
            "/a/b%20c/v1beta/workspaces/acme/sources/js",
        ),
    ] {
        let builder = builder().base_url(format!("{host}{prefix}"));
        call(&builder.build().expect("a client"))
            .await
            .expect("a source");
        let request = server.requests().pop().expect("a request");
        assert_eq!(request.target, expected, "{prefix}");
    }
}

#[test]
fn a_region_stands_for_its_address() {
    let shown = |builder: ClientBuilder| format!("{:?}", builder.build().expect("a client"));
    assert!(shown(builder()).contains("https://platform.segmentapis.com/v1beta"));
    for (region, address) in [
        (Region::Us, "https://platform.segmentapis.com/v1beta"),
        (Region::Eu, "https://eu1.api.segmentapis.com/v1beta"),
    ] {
        assert!(shown(builder().region(region)).contains(address));
    }
}

#[test]
fn the_default_address_is_the_server_of_the_document() {
    let document = support::read("spec/config-api.json");
    let server = document["servers"][0]["url"].as_str().expect("an address");
    let client = builder().build().expect("a client");
    assert!(
        format!("{client:?}").contains(&format!("{server:?}")),
        "{client:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_user_agent_is_the_crate_and_what_the_application_adds() {
    let server = server().await;
    let own = concat!("segment-config-api/", env!("CARGO_PKG_VERSION"));
    let with_suffix = server
        .client_builder()
        .user_agent_suffix("my-tool/1.2 (ci)");
    let own_http = server
        .light_client_builder()
        .user_agent_suffix("my-tool/1.2 (ci)");
    for (builder, expected) in [
        (server.client_builder(), own.to_string()),
        (with_suffix, format!("{own} my-tool/1.2 (ci)")),
        (own_http, format!("{own} my-tool/1.2 (ci)")),
    ] {
        call(&builder.build().expect("a client"))
            .await
            .expect("a source");
        let request = server.requests().pop().expect("a request");
        assert_eq!(request.header("user-agent"), Some(expected.as_str()));
    }
}

#[tokio::test(start_paused = true)]
async fn requests_ask_for_json_and_name_no_version_of_the_api() {
    let server = server().await;
    call(&server.client()).await.expect("a source");
    let request = server.requests().pop().expect("a request");
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("api-version"), None);
}

#[tokio::test(start_paused = true)]
async fn a_client_of_the_application_sends_the_requests() {
    let server = server().await;
    let headers = [("x-from", "application")];
    let headers = headers.map(|(n, v)| (n.parse().expect("a name"), v.parse().expect("a value")));
    let http = reqwest::Client::builder().default_headers(headers.into_iter().collect());
    let builder = server.light_client_builder();
    let builder = builder.http_client(http.build().expect("a client"));
    call(&builder.build().expect("a client"))
        .await
        .expect("a source");
    let request = server.requests().pop().expect("a request");
    assert_eq!(request.header("x-from"), Some("application"));
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_take_as_long_as_its_own_limit() {
    // It takes the connection, and never says a word of TLS.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("an address");
    let _clock = Refusing::start();
    let limit = Duration::from_secs(3);
    let builder = builder().base_url(format!("https://{address}"));
    let builder = builder.connect_timeout(limit);
    let client = builder
        .retry(RetryPolicy::none())
        .build()
        .expect("a client");
    let began = Instant::now();
    let error = call(&client).await.expect_err("no connection");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(!error.may_have_been_sent());
    let took = began.elapsed();
    assert!(took >= limit && took < limit * 2, "{took:?}");
}

#[test]
fn the_environment_has_the_token_and_the_address() {
    if is_alone() {
        match Client::from_env() {
            Ok(client) => println!("found {client:?}"),
            Err(error) => println!("found {:?} {error}", error.kind()),
        }
        return;
    }
    let test = "the_environment_has_the_token_and_the_address";
    let us = "https://platform.segmentapis.com/v1beta";
    for (token, address, expected) in [
        (Some(TOKEN), None, us),
        (Some("CANARY\n"), None, us),
        (
            Some(TOKEN),
            Some(" http://127.0.0.1:8080/x/"),
            "\"http://127.0.0.1:8080/x\"",
        ),
        (Some(TOKEN), Some("http://example.com"), "Configuration"),
        (Some(TOKEN), Some(""), "SEGMENT_CONFIG_API_URL is blank"),
        (Some(TOKEN), Some(" "), "SEGMENT_CONFIG_API_URL is blank"),
        (Some("CANARY two"), None, "access_token"),
        (Some(" "), None, "SEGMENT_ACCESS_TOKEN is blank"),
        (None, None, "SEGMENT_ACCESS_TOKEN is not set"),
    ] {
        let token = token.map(OsStr::new);
        let address = address.map(OsStr::new);
        let found = alone(test, &[(TOKEN_NAME, token), (URL_NAME, address)]);
        assert!(found.contains(expected), "{expected}: {found}");
        assert!(!found.contains("CANARY"), "{found}");
    }
}

const TOKEN_NAME: &str = "SEGMENT_ACCESS_TOKEN";
const URL_NAME: &str = "SEGMENT_CONFIG_API_URL";

#[cfg(unix)]
#[test]
fn an_environment_that_is_not_utf_8_is_an_error_and_no_default() {
    use std::os::unix::ffi::OsStrExt;
    let test = "the_environment_has_the_token_and_the_address";
    let token = OsStr::new(TOKEN);
    let broken = OsStr::from_bytes(b"http://127.0.0.1/CANARY\xff");
    for (token, address, name) in [(token, broken, URL_NAME), (broken, token, TOKEN_NAME)] {
        let found = alone(
            test,
            &[(TOKEN_NAME, Some(token)), (URL_NAME, Some(address))],
        );
        let expected = format!("{name} is not UTF-8");
        assert!(
            found.contains("Configuration") && found.contains(&expected),
            "{found}"
        );
        assert!(!found.contains("CANARY"), "{found}");
    }
}

#[tokio::test(start_paused = true)]
async fn plain_http_goes_past_the_proxies_of_the_environment() {
    let test = "plain_http_goes_past_the_proxies_of_the_environment";
    if is_alone() {
        let result = call(&server().await.client()).await;
        println!("found {}", result.is_ok());
        return;
    }
    let (address, heard) = proxy();
    for name in PROXIES.iter().filter(|name| **name != "NO_PROXY") {
        for name in [name.to_string(), name.to_lowercase()] {
            let found = alone(test, &[(&name, Some(OsStr::new(&address)))]);
            assert!(found.starts_with("true"), "{name}: {found}");
        }
    }
    assert!(heard.try_recv().is_err(), "a proxy was asked");
}

#[tokio::test]
async fn https_goes_through_the_proxy_of_the_environment() {
    let test = "https_goes_through_the_proxy_of_the_environment";
    if is_alone() {
        let builder = builder().base_url("https://config-api.invalid");
        let client = builder.retry(RetryPolicy::none()).build();
        let error = call(&client.expect("a client"))
            .await
            .expect_err("no proxy");
        println!("found {:?}", error.kind());
        return;
    }
    let (address, heard) = proxy();
    for (name, asked) in [
        ("HTTPS_PROXY", true),
        ("ALL_PROXY", true),
        ("HTTP_PROXY", false),
    ] {
        let found = alone(test, &[(name, Some(OsStr::new(&address)))]);
        assert!(found.starts_with("Connect"), "{name}: {found}");
        let line = heard.try_recv().unwrap_or_default();
        let expected = "CONNECT config-api.invalid:443 HTTP/1.1";
        assert_eq!(line.starts_with(expected), asked, "{name}: {line}");
    }
}

/// A proxy that takes no request, and the first line of each that it was asked for.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (sender, heard) = channel();
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&connection).read_line(&mut line);
            // First, or the client would be done before the test hears of it.
            let _ = sender.send(line);
            let _ = connection.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (format!("http://{address}"), heard)
}
