//! An application with this crate and clients of its own of the same reqwest.

use segment_config_api::{Client, Error};

fn main() {
    let own_provider = cfg!(all(feature = "rustls-no-provider", not(feature = "rustls")));
    if own_provider {
        let error = build().expect_err("no provider yet");
        assert!(error.to_string().contains("no TLS provider"), "{error}");
        let ring = rustls::crypto::ring::default_provider();
        ring.install_default().expect("the first one");
    }
    match build() {
        Ok(_) => assert!(tls(), "https without TLS"),
        Err(error) => {
            assert!(!tls() && error.to_string().contains("`rustls`"), "{error}");
            let plain = Client::builder().access_token("EXAMPLE_TOKEN");
            let plain = plain.base_url("http://127.0.0.1:1");
            plain.build().expect("loopback wants no TLS");
        }
    }
    // It panics where reqwest has rustls and nothing has a provider.
    drop(reqwest::Client::new());
}

fn build() -> Result<Client, Error> {
    Client::builder().access_token("EXAMPLE_TOKEN").build()
}

fn tls() -> bool {
    cfg!(any(feature = "rustls", feature = "rustls-no-provider"))
}
