//! Who may do what, and how often.

use super::{
    facts::{Auth, Operation},
    quirk::Quirk,
    refusal::Refusal,
    state::State,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{collections::VecDeque, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

pub(super) const TOKEN: &str = "EXAMPLE_TOKEN";
pub(super) const READ_ONLY_TOKEN: &str = "EXAMPLE_READ_ONLY_TOKEN";
pub(super) const ACCOUNT: (&str, &str) = ("someone@example.com", "EXAMPLE_PASSWORD");
pub(super) const APP: (&str, &str) = ("EXAMPLE_CLIENT_ID", "EXAMPLE_CLIENT_SECRET");

/// Refuses a request without the credentials that its operation wants, or with too small a scope.
pub(super) fn allowed(
    state: &State,
    operation: &Operation,
    parts: &[(&'static str, String)],
    authorization: Option<&str>,
) -> Result<(), Refusal> {
    let authorization = authorization.ok_or_else(|| Refusal::unauthenticated("no credentials"))?;
    let known = match operation.auth {
        Auth::Bearer => return bearer(state, operation, parts, authorization),
        Auth::Account => basic(authorization, ACCOUNT),
        Auth::App => basic(authorization, APP) || app(state, authorization),
    };
    match known {
        true => Ok(()),
        false => Err(Refusal::unauthenticated("unknown credentials")),
    }
}

fn bearer(
    state: &State,
    operation: &Operation,
    parts: &[(&'static str, String)],
    authorization: &str,
) -> Result<(), Refusal> {
    let token = authorization.strip_prefix("Bearer ");
    let scope = token.and_then(|token| scope(state, token));
    let scope = scope.ok_or_else(|| Refusal::unauthenticated("malformed token"))?;
    let allowed = match scope.split_once('/') {
        // An install's token is for one destination of one source, and lists nothing.
        Some((_, slug)) => parts
            .iter()
            .any(|part| *part == ("destination", slug.to_string())),
        None => scope != "workspace:read" || operation.method == "GET",
    };
    allowed.then_some(()).ok_or_else(Refusal::denied)
}

/// The scope of a token: one of the fake's own, or one that was made by a call.
fn scope<'s>(state: &'s State, token: &str) -> Option<&'s str> {
    match token {
        TOKEN => return Some("workspace"),
        READ_ONLY_TOKEN => return Some("workspace:read"),
        _ => {}
    }
    let mut resources = state.resources.values();
    resources.find_map(|resource| {
        let of = |token_key: &str, scope_key: &str| {
            let found = resource.get(token_key)? == token;
            resource.get(scope_key)?.as_str().filter(|_| found)
        };
        of("token", "scopes").or_else(|| of("access_token", "scope"))
    })
}

fn app(state: &State, authorization: &str) -> bool {
    state
        .resources
        .iter()
        .filter(|(path, _)| path.starts_with("apps/"))
        .any(|(_, app)| {
            let text = |key: &str| app.get(key).and_then(|v| v.as_str()).unwrap_or_default();
            basic(authorization, (text("client_id"), text("client_secret")))
        })
}

fn basic(authorization: &str, (user, password): (&str, &str)) -> bool {
    let expected = STANDARD.encode(format!("{user}:{password}"));
    authorization.strip_prefix("Basic ") == Some(&expected)
}

/// Counts requests: so many in any minute.
pub(super) struct Limit {
    per_minute: Option<usize>,
    recent: VecDeque<Duration>,
}

impl Limit {
    pub fn new(per_minute: Option<usize>) -> Self {
        Self {
            per_minute,
            recent: VecDeque::new(),
        }
    }

    pub fn count(&mut self, state: &State) -> Result<(), Refusal> {
        let Some(most) = self.per_minute else {
            return Ok(());
        };
        let now = state.clock.now();
        self.recent.retain(|at| *at + MINUTE > now);
        if self.recent.len() < most {
            self.recent.push_back(now);
            return Ok(());
        }
        let wait = self
            .recent
            .front()
            .map(|first| (*first + MINUTE).saturating_sub(now));
        let seconds = wait.map(|wait| wait.as_millis().div_ceil(1000));
        let told = seconds.and_then(|s| u64::try_from(s).ok());
        Err(Refusal::exhausted(
            told.filter(|_| state.has(Quirk::LimitsTellHowLongToWait)),
        ))
    }
}
