//! Serves a made-up workspace to programs in any language, until Ctrl-C.

use clap::Parser;
use segment_config_api::fake::{Quirk, Request, Segment};
use std::io;

/// Serves a Segment workspace that is made up, on loopback, until Ctrl-C.
///
/// It prints where it is and a command to try, then a line for each request.
#[derive(Parser)]
struct Cli {
    /// Starts with an empty workspace.
    #[arg(long)]
    empty: bool,

    /// The port to listen on; a free one by default.
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Answers with 429 to more requests than so many in any minute; Segment's limit is 200.
    #[arg(long, value_name = "REQUESTS")]
    rate_limit: Option<usize>,

    /// Behaves as the documentation makes one expect, without Segment's own ways.
    #[arg(long)]
    without_quirks: bool,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let cli = Cli::parse();
    let mut builder = Segment::builder().port(cli.port).on_request(log);
    if !cli.empty {
        builder = builder.acme();
    }
    if let Some(limit) = cli.rate_limit {
        builder = builder.rate_limit(limit);
    }
    if cli.without_quirks {
        builder = Quirk::ALL
            .into_iter()
            .fold(builder, |b, quirk| b.without(quirk));
    }
    let segment = builder.start().await?;
    let (url, token) = (segment.base_url(), segment.token());
    println!("A made-up Segment workspace, `acme`, is at\n  {url}");
    println!(
        "Its token is {token}, and {} may only read.",
        segment.read_only_token()
    );
    println!("Try it:\n  curl -H 'Authorization: Bearer {token}' {url}/workspaces/acme/sources");
    println!("Programs of this crate read where it is from their environment:");
    println!("  export SEGMENT_CONFIG_API_URL={url} SEGMENT_ACCESS_TOKEN={token}");
    println!("Ctrl-C ends it.\n");
    tokio::signal::ctrl_c().await
}

/// One line: what was asked for, which operation that is, and the status.
fn log(request: &Request) {
    let method = &request.method;
    // A path can hold anything once it is decoded, even the end of a line.
    let path = request.path.escape_debug();
    let operation = request.operation.unwrap_or("no operation");
    match request.status {
        Some(status) => println!("{status} {method} {path} ({operation})"),
        None => println!("no answer: {method} {path} ({operation})"),
    }
}
