//! How a client is made.

use crate::{
    call::{
        credentials::{Credentials, INVALID_TOKEN, Token, TokenRequest},
        endpoint::{Endpoint, Limits},
        error::{Error, ErrorKind},
        proof::Proof,
        rate_limit::{DOCUMENTED_PER_MINUTE, Gate, OnWait, Wait},
        retry::{Budget, RetryPolicy},
    },
    client::Client,
    values::secret::Secret,
};
use reqwest::{Url, header::HeaderValue, redirect};
use std::{
    env::{self, VarError},
    error::Error as StdError,
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

/// The longest of all time limits.
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Client {
    /// A client with the token in `SEGMENT_ACCESS_TOKEN`, for the address in
    /// `SEGMENT_CONFIG_API_URL` if that is set.
    ///
    /// # Errors
    /// The token is not set, or a value is unusable ([`ErrorKind::Configuration`]);
    /// one that is blank or not UTF-8 is, and never stands for a default.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            base_url: Region::default().base_url().into(),
            credentials: Credentials::default(),
            limits: Limits {
                connect: Duration::from_secs(10),
                attempt: Duration::from_secs(60),
                call: Duration::from_secs(300),
                queue: None,
                response_bytes: 64 << 20,
            },
            retry: RetryPolicy::new(),
            per_minute: Some(DOCUMENTED_PER_MINUTE),
            on_wait: None,
            user_agent_suffix: None,
            http: None,
            roots: Vec::new(),
            refused: None,
        }
    }
}

/// Where a workspace's data is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Region {
    /// The United States: `https://platform.segmentapis.com/v1beta`, the only documented address.
    #[default]
    Us,
    /// The European Union: `https://eu1.api.segmentapis.com/v1beta`.
    ///
    /// Unverified: Segment documents this host for the Public API only; one
    /// company's client uses it for this API.
    Eu,
}

impl Region {
    fn base_url(self) -> &'static str {
        match self {
            Self::Us => "https://platform.segmentapis.com/v1beta",
            Self::Eu => "https://eu1.api.segmentapis.com/v1beta",
        }
    }
}

/// The configuration of a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "a configuration does nothing until `build`"]
pub struct ClientBuilder {
    base_url: String,
    credentials: Credentials,
    limits: Limits,
    retry: RetryPolicy,
    per_minute: Option<u32>,
    on_wait: Option<OnWait>,
    user_agent_suffix: Option<String>,
    http: Option<reqwest::Client>,
    /// More certificates to trust, as they were given.
    roots: Vec<Vec<u8>>,
    /// Why credentials that were given cannot be used.
    refused: Option<&'static str>,
}

impl ClientBuilder {
    /// Starts with the token in `SEGMENT_ACCESS_TOKEN`, and the address in
    /// `SEGMENT_CONFIG_API_URL` if that is set.
    ///
    /// ```no_run
    /// use segment_config_api::ClientBuilder;
    ///
    /// let client = ClientBuilder::from_env()?.rate_limit(100).build()?;
    /// # Ok::<(), segment_config_api::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Client::from_env`].
    pub fn from_env() -> Result<Self, Error> {
        let token = variable("SEGMENT_ACCESS_TOKEN")?.ok_or_else(|| {
            configuration("the environment variable SEGMENT_ACCESS_TOKEN is not set")
        })?;
        let builder = Client::builder().access_token(token);
        Ok(match variable("SEGMENT_CONFIG_API_URL")? {
            Some(url) => builder.base_url(url),
            None => builder,
        })
    }

    /// The token that calls are made with: a workspace's, a personal one, or
    /// that of an install. White space around it is dropped.
    pub fn access_token(mut self, token: impl Into<Secret>) -> Self {
        self.credentials.token = Some(Token::Fixed(Proof::bearer(&token.into())));
        self
    }

    /// Asks `provider` for a token before each try, for tokens that do not
    /// last: those of installs live one hour.
    ///
    /// It is asked for any token, which it may have kept, and once more in a
    /// call, for a [fresh](TokenRequest::Fresh) one, when the server has
    /// refused the first (401). The time it takes counts towards
    /// [`call_timeout`](Self::call_timeout).
    ///
    /// ```
    /// use segment_config_api::Client;
    ///
    /// let client = Client::builder()
    ///     .token_provider(|_request| async { Ok::<_, std::io::Error>("EXAMPLE_TOKEN") })
    ///     .build()?;
    /// # Ok::<(), segment_config_api::Error>(())
    /// ```
    pub fn token_provider<F, T, E>(
        mut self,
        provider: impl Fn(TokenRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<Secret>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let provider = move |request| {
            let token = provider(request);
            Box::pin(async move { token.await.map(T::into).map_err(E::into) }) as _
        };
        self.credentials.token = Some(Token::Provided(Arc::new(provider)));
        self
    }

    /// E-mail address and password of a Segment account, for the access-token operations only.
    pub fn account(mut self, email: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.credentials.account = Proof::basic(&email.into(), password.into());
        if self.credentials.account.is_none() {
            self.refused = Some("account: expected an e-mail address and a password");
        }
        self
    }

    /// Id and secret of an OAuth app, for the token of an install only.
    pub fn app(mut self, client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        self.credentials.app = Proof::basic(&client_id.into(), client_secret.into());
        if self.credentials.app.is_none() {
            self.refused = Some("app: expected a client id without a colon, and a secret");
        }
        self
    }

    /// Where the workspace is; the default is the United States.
    pub fn region(self, region: Region) -> Self {
        self.base_url(region.base_url())
    }

    /// Where the API is, with its path, with or without a slash at the end.
    ///
    /// For proxies and tests. Plain `http` is taken for loopback addresses only, and
    /// goes there directly; `https` goes through the proxy that the environment names
    /// (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// How long a connection may take; 10 seconds by default. A client set with
    /// [`http_client`](Self::http_client) has its own limit.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.limits.connect = limit;
        self
    }

    /// How long one try may take, from sending to the end of the answer; 60
    /// seconds by default. Raise it for tracking plans with thousands of events.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.limits.attempt = limit;
        self
    }

    /// How long a call may take in all: the wait for a token, tries, and the
    /// waits between them; 5 minutes by default. Each page of a stream is a call.
    ///
    /// The clock stands still while a call waits for the [rate limit](Self::rate_limit)
    /// to let it through for the first time: for that there is
    /// [`queue_timeout`](Self::queue_timeout). Calls that are tried again go
    /// before those that wait for the first time.
    pub fn call_timeout(mut self, limit: Duration) -> Self {
        self.limits.call = limit;
        self
    }

    /// How long a call may wait for the [rate limit](Self::rate_limit) to let it through
    /// for the first time; as long as it takes by default, or with `None`.
    ///
    /// A call whose turn comes later fails as soon as that is known, which is
    /// most often at once, with [`ErrorKind::Timeout`]; nothing was sent.
    pub fn queue_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.queue = limit.into();
        self
    }

    /// How large an answer may be, decompressed; 64 MiB by default.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.response_bytes = bytes;
        self
    }

    /// How often and how fast calls are tried again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many requests a minute leave at the most; 200 by default, which is
    /// the documented limit. `None` takes the limit off; a 429 makes the client
    /// pause all the same.
    ///
    /// A tenth may leave at once, the rest evenly spaced, so that there are never
    /// more in any minute. At the default, 20 calls leave at once and three a second
    /// after them: 1,000 sources, each got by a call of its own, take five and a half
    /// minutes. [`on_wait`](Self::on_wait) tells of the waits.
    ///
    /// Clones share the limit; other processes with the same workspace do not, so give each a part.
    pub fn rate_limit(mut self, per_minute: impl Into<Option<u32>>) -> Self {
        self.per_minute = per_minute.into();
        self
    }

    /// Calls `hook` whenever a call begins to wait for the [rate limit](Self::rate_limit) or
    /// for a pause that the server has asked for, to show it or to count it.
    ///
    /// The hook runs in the task of the call, so it has to be quick.
    ///
    /// ```
    /// use segment_config_api::Client;
    ///
    /// let client = Client::builder()
    ///     .access_token("EXAMPLE_TOKEN")
    ///     .on_wait(|wait| eprintln!("{} waits {:?}", wait.operation(), wait.expected()))
    ///     .build()?;
    /// # Ok::<(), segment_config_api::Error>(())
    /// ```
    pub fn on_wait(mut self, hook: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        self.on_wait = Some(OnWait(Arc::new(hook)));
        self
    }

    /// What to add to the user agent, such as `my-tool/1.2`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Trusts the servers that a certificate vouches for, in addition to the system's: PEM, with
    /// one certificate or several, or DER. For a proxy that looks into TLS, or a server of tests.
    ///
    /// Not on Android, whose own settings say what is trusted.
    #[cfg(all(feature = "rustls-no-provider", not(target_os = "android")))]
    #[cfg_attr(docsrs, doc(cfg(feature = "rustls-no-provider")))]
    pub fn root_certificate(mut self, pem_or_der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem_or_der.into());
        self
    }

    /// Sends requests with a client of your own, for proxies, other TLS or tests.
    ///
    /// Its limits and certificates are its own. It has to leave redirects
    /// alone (`redirect::Policy::none()`), as this crate's does, and repeat nothing by
    /// itself (`reqwest::retry::never()`).
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// A value is unusable ([`ErrorKind::Configuration`]); the text names the option.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = base_url(&self.base_url)?;
        for (name, limit) in [
            ("connect_timeout", self.limits.connect),
            ("attempt_timeout", self.limits.attempt),
            ("call_timeout", self.limits.call),
            ("queue_timeout", self.limits.queue.unwrap_or(DAY)),
        ] {
            if limit.is_zero() || limit > DAY {
                return Err(configuration(format!(
                    "{name}: expected more than zero and at most a day"
                )));
            }
        }
        if self.limits.response_bytes == 0 {
            return Err(configuration("max_response_bytes: expected more than zero"));
        }
        if self.retry.max_attempts == 0 {
            return Err(configuration("retry: max_attempts is at least 1"));
        }
        if self.retry.shortest > self.retry.longest {
            return Err(configuration(
                "retry: the shortest backoff is longer than the longest",
            ));
        }
        let per_minute = match self.per_minute.map(NonZeroU32::new) {
            Some(None) => {
                return Err(configuration(
                    "rate_limit: expected at least 1, or `None` for no limit",
                ));
            }
            Some(limit) => limit,
            None => None,
        };
        if let Some(Token::Fixed(None)) = self.credentials.token {
            return Err(configuration(format!("access_token: {INVALID_TOKEN}")));
        }
        if let Some(refused) = self.refused {
            return Err(configuration(refused));
        }
        let user_agent = user_agent(self.user_agent_suffix.as_deref())?;
        let http = match self.http {
            Some(_) if !self.roots.is_empty() => {
                return Err(configuration(
                    "root_certificate: an `http_client` has its own",
                ));
            }
            Some(http) => http,
            None if cfg!(not(feature = "rustls-no-provider")) && base_url.scheme() == "https" => {
                return Err(configuration(
                    "https needs the crate's feature `rustls`, or an `http_client` with TLS",
                ));
            }
            None => http_client(&base_url, &self.limits, &self.roots)?,
        };
        Ok(Client::new(Endpoint {
            base_url,
            http,
            user_agent,
            credentials: self.credentials,
            limits: self.limits,
            retry: self.retry,
            gate: Gate::new(per_minute),
            on_wait: self.on_wait,
            budget: Budget::default(),
        }))
    }
}

fn configuration(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, detail)
}

/// The value of an environment variable, if it is set.
fn variable(name: &str) -> Result<Option<String>, Error> {
    let unusable = |why| configuration(format!("the environment variable {name} is {why}"));
    match env::var(name) {
        // A default in place of a value that somebody has set may be the wrong workspace.
        Ok(value) if value.trim().is_empty() => Err(unusable("blank: set or unset it")),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(unusable("not UTF-8")),
    }
}

fn user_agent(suffix: Option<&str>) -> Result<HeaderValue, Error> {
    let own = concat!("segment-config-api/", env!("CARGO_PKG_VERSION"));
    let text = match suffix {
        Some(suffix) => format!("{own} {suffix}"),
        None => own.into(),
    };
    let visible = text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    let value = HeaderValue::try_from(text).ok().filter(|_| visible);
    value.ok_or_else(|| configuration("user_agent_suffix: expected visible ASCII characters"))
}

fn http_client(
    base_url: &Url,
    limits: &Limits,
    roots: &[Vec<u8>],
) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder();
    #[cfg(feature = "rustls-no-provider")]
    {
        builder = crate::client::tls::configure(builder, roots)?;
    }
    #[cfg(not(feature = "rustls-no-provider"))]
    let _ = roots;
    if base_url.scheme() == "http" {
        // A proxy would see the token, and its loopback is not ours.
        builder = builder.no_proxy();
    }
    builder
        // The body is decompressed here, whatever features of reqwest the build has.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .redirect(redirect::Policy::none())
        // What is repeated, and counted as a try, is for this crate to say.
        .retry(reqwest::retry::never())
        .connect_timeout(limits.connect)
        .build()
        .map_err(|e| configuration("the HTTP client cannot be built").with_source(e))
}

/// Checks an address and takes the slashes off its end.
fn base_url(text: &str) -> Result<Url, Error> {
    let mut url =
        Url::parse(text).map_err(|e| configuration("base_url: not an address").with_source(e))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => {
            return Err(configuration(
                "base_url: https is required, except for loopback addresses",
            ));
        }
    }
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !bare {
        return Err(configuration(
            "base_url: only scheme, host, port and path are taken",
        ));
    }
    let path = url.path().trim_end_matches('/').to_string();
    url.set_path(&path);
    Ok(url)
}
