//! Destinations: created if they are not there, changed if they are.

use crate::{
    call::error::{Error, ErrorKind},
    client::Client,
    generated::{
        patch::DestinationPatch,
        types::{Destination, NewDestination},
    },
    resources::upsert::{self, CreatedOrUpdated},
    values::{argument, names::DestinationName},
};
use serde_json::{Map, Value};
use std::fmt::Display;

/// Calls that take more than one request; see [`destinations`](crate::destinations).
impl Client {
    /// Creates a destination or, if the source has it already, changes exactly
    /// the fields that are given.
    ///
    /// Fields that are not given keep their value, and so do settings that are
    /// not in `config`: the server merges settings by name. Calling it again
    /// after a failure is safe, even if the failed call has had its effect.
    ///
    /// ```no_run
    /// use segment_config_api::{Client, names::DestinationName, types::{ConfigItem, NewDestination}};
    ///
    /// # async fn run(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let name: DestinationName = "workspaces/acme/sources/js/destinations/clearbrain".parse()?;
    /// let outcome = client
    ///     .create_or_update_destination(
    ///         NewDestination::builder()
    ///             .name(&name)
    ///             .enabled(true)
    ///             .config([ConfigItem::setting(&name, "apiKey", "abcd1234")?]),
    ///     )
    ///     .await?;
    /// println!("new: {}", outcome.is_created());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Nothing was sent if the name is not that of a destination or a setting is
    /// masked by the server ([`ErrorKind::Argument`]). Otherwise the error of the
    /// call that failed; [`Error::operation`] tells which. A destination that is
    /// deleted between the two calls is not found.
    pub async fn create_or_update_destination(
        &self,
        destination: impl TryInto<NewDestination, Error: Display>,
    ) -> Result<CreatedOrUpdated<Destination>, Error> {
        let (name, destination, given) =
            prepare(destination).map_err(|reason| Error::new(ErrorKind::Argument, reason))?;
        let create = self
            .create_destination()
            .parent(name.parent())
            .body(destination);
        match create.send().await {
            Ok(created) => Ok(CreatedOrUpdated::Created(created)),
            Err(e) if !already_exists(&e) => Err(e),
            Err(_) if given.is_empty() => {
                let found = self.get_destination().name(&name).send().await?;
                Ok(CreatedOrUpdated::Unchanged(found))
            }
            Err(_) => {
                let paths: Vec<_> = given.keys().map(|k| format!("destination.{k}")).collect();
                let patch = DestinationPatch::raw(given, paths);
                let update = self.update_destination().name(&name).body(patch);
                Ok(CreatedOrUpdated::Updated(update.send().await?))
            }
        }
    }
}

/// The destination's name, itself, and what an update of it would change.
fn prepare(
    destination: impl TryInto<NewDestination, Error: Display>,
) -> Result<(DestinationName, NewDestination, Map<String, Value>), String> {
    let destination = argument::one::<NewDestination>("destination", destination)?;
    let name = argument::one::<DestinationName>("name", destination.name.as_str())?;
    let given = upsert::given(&destination, "name")?;
    Ok((name, destination, given))
}

/// Partners know the answer by its text; the status is what the API documents.
fn already_exists(error: &Error) -> bool {
    error.kind() == ErrorKind::AlreadyExists
        || error
            .message()
            .is_some_and(|m| m.contains("destination already exists"))
}
