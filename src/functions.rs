//! Functions: deployed to the sources that run them.
//!
//! What a source runs is an instance of a function, with an id of its own:
//! `sfn_` and the id of the source. Calls about it take the source, and refuse
//! the id of the function (`sfnc_…`) before anything is sent:
//!
//! ```no_run
//! use segment_config_api::{Client, types::Source};
//!
//! # async fn run(client: Client, workspace_id: &str, source: Source) -> Result<(), segment_config_api::Error> {
//! let latest = client.get_function_is_latest_version().workspace_id(workspace_id).source(&source);
//! drop(latest.send().await?);
//! client.deploy_function().workspace_id(workspace_id).source(&source).send().await?;
//! # Ok(()) }
//! ```

use crate::{
    calls::{DeployFunction, GetFunctionIsLatestVersion},
    path::{InvalidPathSegment, PathSegment},
    types::Source,
};

/// What a source runs, by the id of the source.
struct Instance<'a>(&'a str);

impl TryFrom<Instance<'_>> for PathSegment {
    type Error = InvalidPathSegment;

    fn try_from(Instance(source): Instance<'_>) -> Result<Self, InvalidPathSegment> {
        // An empty id is refused as one.
        let source: PathSegment = source.parse()?;
        format!("sfn_{}", source.as_str()).try_into()
    }
}

macro_rules! of_source {
    ($($builder:ident)*) => {
        $(
            /// By the source that runs the function; see [`functions`](crate::functions).
            impl $builder {
                /// The source that runs the function. One that was answered without
                /// its `id` is refused when the call is sent.
                pub fn source(self, source: &Source) -> Self {
                    self.source_id(source.id.as_deref().unwrap_or_default())
                }

                /// The id (not the slug) of the source that runs the function.
                pub fn source_id(self, id: impl AsRef<str>) -> Self {
                    self.function(Instance(id.as_ref()))
                }
            }
        )*
    };
}

of_source! { DeployFunction GetFunctionIsLatestVersion }
