//! A server on a thread of its own that answers every request alike, so that
//! what it costs is not counted as the client's.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Starts it on a free port; connections are kept open. `answer` makes the body from the request's head.
pub fn start(answer: impl Fn(&str) -> String + Send + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || serve(connection, answer));
        }
    });
    address
}

fn serve(mut connection: TcpStream, answer: impl Fn(&str) -> String) {
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length) = connection.read(&mut buffer) {
        received.extend_from_slice(&buffer[..length]);
        let Some(end) = received.windows(4).position(|w| w == b"\r\n\r\n") else {
            if length == 0 {
                return;
            }
            continue;
        };
        let body = answer(&String::from_utf8_lossy(&received[..end]));
        received.drain(..end + 4);
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        if connection.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// A page of sources; the next one is `next`.
pub fn page(items: usize, next: &str) -> String {
    let sources: Vec<_> = (0..items).map(source).collect();
    let sources = sources.join(",");
    format!(r#"{{"sources":[{sources}],"next_page_token":"{next}"}}"#)
}

/// A source with its keys in the order of the documentation.
pub fn source(n: usize) -> String {
    format!(
        r#"{{"name":"workspaces/acme/sources/source-{n}","catalog_name":"catalog/sources/javascript","#,
    ) + r#""parent":"workspaces/acme","write_keys":["EXAMPLE_WRITE_KEY_0001"],"library_config":{"#
        + r#""metrics_enabled":true,"retry_queue":true,"cross_domain_id_enabled":false,"api_host":""},"#
        + r#""create_time":"2019-04-01T10:15:30.123Z"}"#
}
