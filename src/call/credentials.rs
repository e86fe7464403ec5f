//! Who calls: tokens, passwords, and secrets that do not show.

use crate::call::{
    error::{Error, ErrorKind},
    operation::Auth,
    proof::Proof,
};
use futures_util::future::BoxFuture;
use std::{error::Error as StdError, fmt, sync::Arc};

pub use crate::values::secret::Secret;

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
