//! TLS by rustls, with the provider the application installed or else ring.

use crate::call::error::{Error, ErrorKind};
use reqwest::ClientBuilder;
use rustls::{
    ClientConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::sync::{Arc, OnceLock};

/// Gives `builder` a TLS backend that trusts `roots` (PEM or DER) too.
pub(crate) fn configure(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder, Error> {
    let config = if roots.is_empty() {
        of_the_system()?.clone()
    } else {
        config(roots)?
    };
    Ok(builder.tls_backend_preconfigured(config))
}

/// Reading the system's certificates takes milliseconds, so it is done once.
fn of_the_system() -> Result<&'static ClientConfig, Error> {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    match CONFIG.get() {
        Some(config) => Ok(config),
        None => {
            let made = config(&[])?;
            Ok(CONFIG.get_or_init(|| made))
        }
    }
}

fn config(roots: &[Vec<u8>]) -> Result<ClientConfig, Error> {
    let provider = provider().ok_or_else(|| {
        Error::new(
            ErrorKind::Configuration,
            "no TLS provider: install one with rustls, or use the crate's feature `rustls`",
        )
    })?;
    let what = if roots.is_empty() {
        "TLS"
    } else {
        "root_certificate"
    };
    verified(roots, provider).map_err(|e| Error::new(ErrorKind::Configuration, what).with_source(e))
}

fn verified(
    roots: &[Vec<u8>],
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, rustls::Error> {
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    Ok(config
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier(roots, provider)?))
        .with_no_client_auth())
}

fn verifier(roots: &[Vec<u8>], provider: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    #[cfg(not(target_os = "android"))]
    if !roots.is_empty() {
        let roots = roots.iter().flat_map(|given| certificates(given));
        return Verifier::new_with_extra_roots(roots, provider);
    }
    Verifier::new(provider)
}

/// What is not PEM is taken for DER, which the verifier looks at.
fn certificates(given: &[u8]) -> Vec<CertificateDer<'static>> {
    let pem = CertificateDer::pem_slice_iter(given).collect::<Result<Vec<_>, _>>();
    pem.ok()
        .filter(|found| !found.is_empty())
        .unwrap_or_else(|| vec![given.to_vec().into()])
}

/// The process's provider, which is ring if the application has installed none.
fn provider() -> Option<Arc<CryptoProvider>> {
    // reqwest takes a TLS backend only with a feature that has every client of
    // the process want a provider, the application's own clients too.
    #[cfg(feature = "rustls")]
    if CryptoProvider::get_default().is_none() {
        // It fails where another thread was quicker, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    CryptoProvider::get_default().cloned()
}
