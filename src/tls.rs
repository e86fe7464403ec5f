//! TLS by rustls, with the provider the application installed or else ring.

use crate::{Error, ErrorKind};
use reqwest::ClientBuilder;

/// Gives `builder` a TLS backend.
#[cfg(feature = "rustls-no-provider")]
pub(crate) fn configure(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    use rustls::{ClientConfig, crypto::CryptoProvider};
    use rustls_platform_verifier::BuilderVerifierExt;

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
    let failed = |e| Error::new(ErrorKind::Configuration, "TLS").with_source(e);
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_platform_verifier())
        .map_err(failed)?;
    Ok(builder.tls_backend_preconfigured(config.with_no_client_auth()))
}

/// Without a TLS feature only plain `http` to loopback addresses works.
#[cfg(not(feature = "rustls-no-provider"))]
pub(crate) fn configure(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    Ok(builder)
}
