//! Reading what others publish: a file, or an address.

use crate::{
    finding::{Finding, Place},
    rules::{
        Rule,
        seen::{REDIRECTED, UNREACHABLE, UNREADABLE_SOURCE},
    },
};
use std::{fs, io::IsTerminal, time::Duration};
use ureq::{
    Agent, Body, Error,
    http::{Response, StatusCode, header},
};

/// The documents at hand have less than half a megabyte.
const LIMIT: u64 = 16 << 20;

/// Fetches within time limits, through the proxy that the environment names (`HTTPS_PROXY`,
/// `NO_PROXY`). Redirects are not followed: a page that has moved is news in itself.
pub struct Fetch {
    agent: Agent,
}

impl Fetch {
    pub fn new(timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!(
                "segment-config-api-xtask/",
                env!("CARGO_PKG_VERSION")
            ));
        Self {
            agent: config.build().into(),
        }
    }

    /// The text of a file or an address.
    pub fn text(&self, from: &str) -> Result<String, Finding> {
        if is_address(from) {
            let (status, text) = self.answer(from, None)?;
            return match status.is_success() {
                true => Ok(text),
                false => Err(finding(
                    UNREACHABLE,
                    from,
                    format!("answered with {status}"),
                )),
            };
        }
        let wrong = |what: String| finding(UNREADABLE_SOURCE, from, what);
        let file = fs::metadata(from).map_err(|e| wrong(e.to_string()))?;
        // A device or a pipe may have no end.
        if !file.is_file() {
            return Err(wrong("not a file".into()));
        }
        if file.len() > LIMIT {
            return Err(wrong(format!("{} bytes, more than {LIMIT}", file.len())));
        }
        fs::read_to_string(from).map_err(|e| wrong(e.to_string()))
    }

    /// The status and the text of any answer but a redirect.
    pub fn answer(&self, url: &str, token: Option<&str>) -> Result<(StatusCode, String), Finding> {
        progress(&format!("reading {url} …"));
        let mut request = self.agent.get(url);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = request.call();
        progress("");
        let mut answer = answer.map_err(|e| failed(url, &e))?;
        if answer.status().is_redirection() {
            return Err(redirected(url, &answer));
        }
        let body = answer
            .body_mut()
            .with_config()
            .limit(LIMIT)
            .read_to_string();
        Ok((answer.status(), body.map_err(|e| failed(url, &e))?))
    }
}

pub fn is_address(from: &str) -> bool {
    from.starts_with("https://") || from.starts_with("http://")
}

fn redirected(url: &str, answer: &Response<Body>) -> Finding {
    let to = answer.headers().get(header::LOCATION);
    let to = to.and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
    let what = format!("answered with {} to {to}", answer.status());
    finding(REDIRECTED, url, what)
}

fn failed(url: &str, error: &Error) -> Finding {
    match error {
        Error::BodyExceedsLimit(limit) => {
            finding(UNREADABLE_SOURCE, url, format!("more than {limit} bytes"))
        }
        Error::BadUri(_) | Error::Http(_) => finding(UNREADABLE_SOURCE, url, error.to_string()),
        error => finding(UNREACHABLE, url, error.to_string()),
    }
}

fn finding(rule: Rule, from: &str, what: String) -> Finding {
    rule.at(Place::new(from, ""), what)
}

/// One line that the next one replaces, for people only.
fn progress(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{text}");
    }
}
