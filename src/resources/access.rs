//! Access: roles, found by their titles.

use crate::{
    call::error::Error,
    client::Client,
    generated::types::Role,
    lists::lookup,
    values::{names::WorkspaceName, path::PartOf},
};

/// Roles by their titles.
impl Client {
    /// The role of a workspace with this title, such as `Source Admin`; none if there is none.
    ///
    /// The title is the role's `display_name`, and has to be the same to the letter.
    /// All pages of `list_roles` are read.
    ///
    /// ```no_run
    /// # async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {
    /// match client.find_role("acme", "Workspace Owner").await? {
    ///     Some(role) => println!("{}", role.name),
    ///     None => println!("no such role"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Several roles have the title ([`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous); the
    /// text names them), or the error of `list_roles`, also that of one role which cannot be read.
    pub async fn find_role(
        &self,
        workspace: impl PartOf<WorkspaceName>,
        title: &str,
    ) -> Result<Option<Role>, Error> {
        let roles = self.list_roles().workspace(workspace);
        lookup::find(
            roles,
            |role| role.display_name.as_deref() == Some(title),
            |role| &role.name,
        )
        .await
    }
}
