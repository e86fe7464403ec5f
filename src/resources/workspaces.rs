//! The workspace that a program is about.

use crate::{
    call::{
        self,
        error::{Error, ErrorKind},
    },
    client::Client,
    generated::{calls::ListWorkspaces, types::Workspace},
    lists::lookup,
};

/// The workspace of a token.
impl Client {
    /// The workspace with this slug or, without one, the only one that the token is for.
    ///
    /// Most tokens are for one workspace, so a program can do without asking for it:
    ///
    /// ```no_run
    /// # async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {
    /// let slug = std::env::args().nth(1);
    /// let workspace = client.workspace(slug.as_deref()).await?;
    /// let functions = client.list_functions().workspace_id(&workspace.id).type_("SOURCE");
    /// println!("{}: {} functions", workspace.name, functions.all().await?.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The error of `get_workspace` for a slug. Without one, the token is for several workspaces
    /// ([`ErrorKind::Ambiguous`]; the text names them) or for none ([`ErrorKind::NotFound`]), or
    /// the error of `list_workspaces`.
    pub async fn workspace(&self, slug: Option<&str>) -> Result<Workspace, Error> {
        if let Some(slug) = slug {
            return self.get_workspace().workspace(slug).send().await;
        }
        let found = lookup::find(self.list_workspaces(), |_| true, |w| &w.name).await?;
        found.ok_or_else(|| {
            let operation = <ListWorkspaces as call::sealed::Call>::OPERATION;
            Error::new(ErrorKind::NotFound, "the token is for no workspace").of(operation)
        })
    }
}
