//! What a request proves its caller with.

use crate::values::secret::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::HeaderValue;
use std::{fmt, sync::Arc};

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
