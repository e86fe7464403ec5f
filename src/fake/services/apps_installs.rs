//! Tokens of an app's installs.

use super::super::{
    call::Call,
    refusal::Refusal,
    state::{State, missing},
};
use serde_json::Value;

/// A new token; the one before is worth nothing from now on.
pub(in super::super) fn get_install_token(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    let path = format!("installs/{}", call.part("install"));
    let token = state.next_secret("access_token");
    let install = state
        .resources
        .get_mut(&path)
        .ok_or_else(|| missing("install"))?;
    install.insert("access_token".into(), token);
    Ok(install.clone().into())
}
