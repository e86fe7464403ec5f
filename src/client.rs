//! The client and its configuration.

use crate::{Error, ErrorKind, credentials::Credentials};
use reqwest::{Url, redirect};
use std::{env, fmt, sync::Arc, time::Duration};

/// The address of the API in the United States, the only documented one.
const DEFAULT_BASE_URL: &str = "https://platform.segmentapis.com/v1beta";

/// A client of the Config API; each of its methods starts a call.
///
/// Clones are cheap and share connections and limits.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    base_url: String,
    http: reqwest::Client,
    credentials: Credentials,
}

impl Client {
    /// A client with the token in `SEGMENT_ACCESS_TOKEN`, for the address in
    /// `SEGMENT_CONFIG_API_URL` if that is set.
    ///
    /// # Errors
    /// The token is not set, or a value is unusable ([`ErrorKind::Configuration`]).
    pub fn from_env() -> Result<Self, Error> {
        let variable = |name| env::var(name).ok().filter(|v| !v.trim().is_empty());
        let token = variable("SEGMENT_ACCESS_TOKEN").ok_or_else(|| {
            Error::new(
                ErrorKind::Configuration,
                "the environment variable SEGMENT_ACCESS_TOKEN is not set",
            )
        })?;
        let mut builder = Self::builder().access_token(token);
        if let Some(url) = variable("SEGMENT_CONFIG_API_URL") {
            builder = builder.base_url(url);
        }
        builder.build()
    }

    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            base_url: DEFAULT_BASE_URL.into(),
            credentials: Credentials::default(),
        }
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.0.base_url
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.0.base_url)
            .finish_non_exhaustive()
    }
}

/// The configuration of a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "a configuration does nothing until `build`"]
pub struct ClientBuilder {
    base_url: String,
    credentials: Credentials,
}

impl ClientBuilder {
    /// The token that calls are made with. White space around it is dropped.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.credentials.token = Some(token.into().trim().into());
        self
    }

    /// E-mail address and password of a Segment account, for the access-token operations.
    pub fn account(mut self, email: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials.account = Some((email.into(), password.into().into()));
        self
    }

    /// Id and secret of an OAuth app, for the token of an install.
    pub fn app(mut self, client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        self.credentials.app = Some((client_id.into(), client_secret.into().into()));
        self
    }

    /// Where the API is, with or without a slash at the end.
    ///
    /// The default is `https://platform.segmentapis.com/v1beta`. Plain `http`
    /// is taken for loopback addresses only.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// A value is unusable ([`ErrorKind::Configuration`]); the text names it.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = base_url(&self.base_url)
            .map_err(|reason| Error::new(ErrorKind::Configuration, reason))?;
        let http = reqwest::Client::builder()
            .user_agent(concat!("segment-config-api/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(60))
            .build()
            .map_err(|e| Error::new(ErrorKind::Configuration, "the HTTP client").with_source(e))?;
        Ok(Client(Arc::new(Inner {
            base_url,
            http,
            credentials: self.credentials,
        })))
    }
}

fn base_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|e| format!("base_url: {e}"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err("base_url: https is required, except for loopback addresses".into()),
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err("base_url: only scheme, host, port and path are taken".into());
    }
    Ok(url.as_str().trim_end_matches('/').to_string())
}
