//! Secrets that do not show.

use crate::operation::Auth;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What a client has to prove who it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    pub token: Option<Secret>,
    pub account: Option<(String, Secret)>,
    pub app: Option<(String, Secret)>,
}

impl Credentials {
    /// The `Authorization` header that an operation wants, or what to do about its absence.
    pub fn header(&self, auth: Auth) -> Result<HeaderValue, &'static str> {
        let basic = |(user, password): &(String, Secret)| {
            format!(
                "Basic {}",
                STANDARD.encode(format!("{user}:{}", password.expose()))
            )
        };
        let value = match auth {
            Auth::Bearer => {
                let token = self.token.as_ref().ok_or("this call wants a token: set `access_token` on the client")?;
                format!("Bearer {}", token.expose())
            }
            Auth::Account => self.account.as_ref().map(basic).ok_or(
                "this call wants the e-mail address and password of an account: set `account` on the client",
            )?,
            Auth::App => self
                .app
                .as_ref()
                .map(basic)
                .ok_or("this call wants the id and secret of an app: set `app` on the client")?,
        };
        let mut header: HeaderValue = value
            .try_into()
            .map_err(|_| "the token has characters that no header can carry")?;
        header.set_sensitive(true);
        Ok(header)
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
