//! TLS by rustls, with the provider the application installed or else ring.

use crate::{Error, ErrorKind};
use reqwest::ClientBuilder;
use rustls::{ClientConfig, crypto::CryptoProvider};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::OnceLock;

/// Gives `builder` a TLS backend.
pub(crate) fn configure(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    // Reading the system's certificates takes milliseconds, so it is done once.
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    let config = match CONFIG.get() {
        Some(config) => config,
        None => {
            let made = config()?;
            CONFIG.get_or_init(|| made)
        }
    };
    Ok(builder.tls_backend_preconfigured(config.clone()))
}

fn config() -> Result<ClientConfig, Error> {
    let provider = CryptoProvider::get_default().cloned();
    #[cfg(feature = "rustls")]
    let provider =
        provider.or_else(|| Some(std::sync::Arc::new(rustls::crypto::ring::default_provider())));
    let provider = provider.ok_or_else(|| {
        Error::new(
            ErrorKind::Configuration,
            "no TLS provider: install one with rustls, or use the crate's feature `rustls`",
        )
    })?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_platform_verifier())
        .map_err(|e| Error::new(ErrorKind::Configuration, "TLS").with_source(e))?;
    Ok(config.with_no_client_auth())
}
