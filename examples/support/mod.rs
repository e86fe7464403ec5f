//! What the examples have in common: a workspace to work on.

use segment_config_api::{Client, fake::Segment};

/// A workspace, and a client of it.
pub struct Workspace {
    pub client: Client,
    _fake: Option<Segment>,
}

/// The one that `SEGMENT_ACCESS_TOKEN` is for or, without it, one that is made up.
pub async fn workspace() -> anyhow::Result<Workspace> {
    if std::env::var_os("SEGMENT_ACCESS_TOKEN").is_some() {
        let client = Client::from_env()?;
        return Ok(Workspace {
            client,
            _fake: None,
        });
    }
    eprintln!(
        "SEGMENT_ACCESS_TOKEN is not set: this workspace is made up, and goes away at the end."
    );
    let segment = Segment::start().await?;
    let client = segment.client();
    Ok(Workspace {
        client,
        _fake: Some(segment),
    })
}
