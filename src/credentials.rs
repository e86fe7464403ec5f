//! Who calls: tokens, passwords, and secrets that do not show.

use crate::{Error, ErrorKind, operation::Auth};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::BoxFuture;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{error::Error as StdError, fmt, sync::Arc};

/// What a client has to prove who it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    pub token: Option<Token>,
    pub account: Option<Arc<Proof>>,
    pub app: Option<Arc<Proof>>,
}

/// Where tokens come from.
#[derive(Clone)]
pub(crate) enum Token {
    /// None if what was given is no token.
    Fixed(Option<Arc<Proof>>),
    Provided(Arc<Provider>),
}

type Provider = dyn Fn(TokenRequest) -> BoxFuture<'static, Result<Secret, BoxError>> + Send + Sync;
type BoxError = Box<dyn StdError + Send + Sync>;

/// What a token provider is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRequest {
    /// A token; one that was handed out before will do.
    Any,
    /// Another token: the server has just refused the one that was handed out.
    Fresh,
}

pub(crate) const INVALID_TOKEN: &str =
    "the token is empty or holds white space or control characters";

impl Credentials {
    /// The proof that an operation wants; `refused` if the latest token was.
    pub async fn prove(&self, auth: Auth, refused: bool) -> Result<Arc<Proof>, Error> {
        let remedy = match (auth, &self.token) {
            (Auth::Bearer, Some(token)) => return token.proof(refused).await,
            (Auth::Bearer, None) => "set `access_token` or `token_provider` on the client",
            (Auth::Account, _) => "set `account` (e-mail address and password) on the client",
            (Auth::App, _) => "set `app` (client id and secret) on the client",
        };
        let proof = match auth {
            Auth::Account => self.account.clone(),
            Auth::App => self.app.clone(),
            Auth::Bearer => None,
        };
        proof.ok_or_else(|| Error::new(ErrorKind::Credentials, remedy))
    }

    /// Whether a refused token can be replaced.
    pub fn can_renew(&self, auth: Auth) -> bool {
        auth == Auth::Bearer && matches!(self.token, Some(Token::Provided(_)))
    }
}

impl Token {
    async fn proof(&self, refused: bool) -> Result<Arc<Proof>, Error> {
        let failed = |detail| Error::new(ErrorKind::Credentials, detail);
        let proof = match self {
            Self::Fixed(proof) => proof.clone(),
            Self::Provided(provider) => {
                let request = if refused {
                    TokenRequest::Fresh
                } else {
                    TokenRequest::Any
                };
                let token = provider(request).await;
                Proof::bearer(
                    &token.map_err(|e| failed("the token provider failed").with_source(e))?,
                )
            }
        };
        proof.ok_or_else(|| failed(INVALID_TOKEN))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(proof) => proof.fmt(f),
            Self::Provided(_) => f.write_str("Provider"),
        }
    }
}

/// An `Authorization` header, and the secret in it.
pub(crate) struct Proof {
    header: HeaderValue,
    secret: Secret,
}

impl Proof {
    /// Of a token, without white space around it; none if it is no token.
    pub fn bearer(token: &Secret) -> Option<Arc<Self>> {
        let token = token.expose().trim();
        let visible = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        Self::new(format!("Bearer {token}"), token.into()).filter(|_| visible)
    }

    /// Of a user and a password; none if one is empty, or the user holds the colon between them.
    pub fn basic(user: &str, password: Secret) -> Option<Arc<Self>> {
        let whole = !user.is_empty() && !user.contains(':') && !password.expose().is_empty();
        let encoded = STANDARD.encode(format!("{user}:{}", password.expose()));
        Self::new(format!("Basic {encoded}"), password).filter(|_| whole)
    }

    fn new(header: String, secret: Secret) -> Option<Arc<Self>> {
        let mut header: HeaderValue = header.try_into().ok()?;
        header.set_sensitive(true);
        Some(Arc::new(Self { header, secret }))
    }

    pub fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// `text` without the secret: a server may repeat what it was sent.
    pub fn redact(&self, text: &mut String) {
        let header = self.header.to_str().unwrap_or_default();
        let encoded = header.split_once(' ').map_or(header, |(_, value)| value);
        // Neither is ever empty.
        for secret in [self.secret.expose(), encoded] {
            *text = text.replace(secret, "[redacted]");
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.secret.fmt(f)
    }
}

/// A secret that an answer carries, such as a new token: its `Debug` does not show it.
///
/// It is sent back as it came when a value that holds it is encoded.
///
/// ```
/// use segment_config_api::credentials::Secret;
///
/// let secret = Secret::from("EXAMPLE_TOKEN");
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "EXAMPLE_TOKEN");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::from("")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret.into())
    }
}

impl From<&String> for Secret {
    fn from(secret: &String) -> Self {
        secret.as_str().into()
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        secret.to_string().into()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
