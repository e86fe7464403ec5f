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
//!
//! The display name of a destination function is not read as it was written: Segment appends the
//! workspace's in parentheses. [`Function::title`] is without it, and so is what
//! [`Client::find_function`] takes. A function that was read and becomes a
//! [`NewFunction`] takes its display name along as it is, and would
//! be created with the appendix twice: give `title()` to the new one.
//!
//! ```
//! use segment_config_api::types::{Function, NewFunction};
//!
//! fn copy(function: &Function) -> Result<NewFunction, Box<dyn std::error::Error>> {
//!     let mut new = NewFunction::try_from(function)?;
//!     new.display_name = function.title().to_string();
//!     Ok(new)
//! }
//! ```

use crate::{
    call::error::{Error, ErrorKind},
    client::Client,
    generated::{
        calls::{DeployFunction, GetFunctionIsLatestVersion, ListFunctions},
        patch::FunctionPatch,
        types::{Function, NewFunction, Source},
    },
    lists::lookup,
    resources::upsert::{self, CreatedOrUpdated},
    values::{
        argument,
        enums::FunctionType,
        json::Json,
        path::{InvalidPathSegment, PathSegment},
    },
};
use std::fmt::Display;

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

impl Function {
    /// The display name as it was written: that of a destination function without the
    /// workspace's, which Segment appends in parentheses.
    ///
    /// A function that was answered without its type counts as no destination function.
    ///
    /// ```
    /// use segment_config_api::types::Function;
    ///
    /// let function: Function = serde_json::from_value(serde_json::json!({
    ///     "id": "1", "type": "DESTINATION", "display_name": "Orders (EU) (Acme)",
    /// }))?;
    /// assert_eq!(function.title(), "Orders (EU)");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn title(&self) -> &str {
        match self.type_ {
            Some(FunctionType::Destination) => without_workspace(&self.display_name),
            _ => &self.display_name,
        }
    }
}

/// A name without the parentheses that end it, which may hold others.
fn without_workspace(name: &str) -> &str {
    let mut depth = 0;
    let opening = name.rfind(|character| {
        depth += match character {
            ')' => 1,
            '(' => -1,
            _ => 0,
        };
        depth == 0
    });
    match opening {
        Some(opening) if name.ends_with(')') => name[..opening].strip_suffix(' ').unwrap_or(name),
        _ => name,
    }
}

/// Functions by their names.
impl Client {
    /// The function of a workspace with this display name; none if there is none.
    ///
    /// A destination function is found by its name as it was written and as it is read, with
    /// the workspace's in parentheses (see [`Function::title`]). One that is read like that
    /// comes first. All pages of `list_functions` are read.
    ///
    /// `workspace_id` is the [id](crate::types::Workspace::id) of the workspace, not its slug.
    ///
    /// ```no_run
    /// use segment_config_api::enums::FunctionType;
    ///
    /// # async fn run(client: segment_config_api::Client, workspace_id: &str) -> Result<(), segment_config_api::Error> {
    /// let found = client.find_function(workspace_id, FunctionType::Destination, "Orders").await?;
    /// println!("{:?}", found.map(|function| function.display_name)); // Some("Orders (Acme)")
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Several functions have the name ([`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous); the
    /// text has their ids), or the error of `list_functions`, also that of one function which
    /// cannot be read.
    pub async fn find_function(
        &self,
        workspace_id: impl TryInto<PathSegment, Error: Display>,
        type_: impl Into<FunctionType>,
        display_name: &str,
    ) -> Result<Option<Function>, Error> {
        let type_ = type_.into();
        let appended = type_ == FunctionType::Destination;
        let functions = self
            .list_functions()
            .workspace_id(workspace_id)
            .type_(type_);
        let written = |f: &Function| appended && without_workspace(&f.display_name) == display_name;
        let read = |f: &Function| f.display_name == display_name;
        let mut found = lookup::matching(functions, |f| read(f) || written(f)).await?;
        if found.iter().any(read) {
            found.retain(read);
        }
        lookup::only::<ListFunctions>(found, |f| &f.id)
    }

    /// Creates a function or, if the workspace has one with its display name, changes what is given
    /// and differs.
    ///
    /// Settings that are not given stay as they are. Nothing is deployed. Calling it again after a
    /// failure is safe, even if the failed call has had its effect. Names are found as
    /// [`find_function`](Self::find_function) does.
    ///
    /// ```no_run
    /// use segment_config_api::{enums::FunctionType, types::NewFunction};
    ///
    /// # async fn run(client: segment_config_api::Client, workspace_id: &str) -> Result<(), segment_config_api::Error> {
    /// let function = NewFunction::builder()
    ///     .display_name("Orders")
    ///     .code("async function onTrack(event, settings) {}")
    ///     .buildpack("boreal");
    /// let outcome = client
    ///     .create_or_update_function(workspace_id, FunctionType::Destination, function)
    ///     .await?;
    /// println!("{}, new: {}", outcome.value().id, outcome.is_created());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Nothing was sent if an argument is unusable ([`ErrorKind::Argument`]). Nothing was changed if
    /// several functions have the name ([`ErrorKind::Ambiguous`]). Otherwise the error of the call
    /// that failed; [`Error::operation`] tells which.
    pub async fn create_or_update_function(
        &self,
        workspace_id: impl TryInto<PathSegment, Error: Display>,
        type_: impl Into<FunctionType>,
        function: impl TryInto<NewFunction, Error: Display>,
    ) -> Result<CreatedOrUpdated<Function>, Error> {
        let refused = |reason| Error::new(ErrorKind::Argument, reason);
        let type_ = type_.into();
        let id: PathSegment = argument::one("workspace_id", workspace_id).map_err(refused)?;
        let new: NewFunction = argument::one("function", function).map_err(refused)?;
        let mut given = upsert::given(&new, "display_name").map_err(refused)?;
        let found = self.find_function(id.clone(), type_.clone(), &new.display_name);
        let Some(found) = found.await? else {
            let create = self.create_function().workspace_id(id).type_(type_);
            return Ok(CreatedOrUpdated::Created(create.body(new).send().await?));
        };
        let there = Json::of(&found).and_then(|json| json.value());
        let there = there.map_err(|e| refused(e.to_string()))?;
        given.retain(|key, value| there.get(&**key) != Some(value));
        if given.is_empty() {
            return Ok(CreatedOrUpdated::Unchanged(found));
        }
        let paths: Vec<_> = given.keys().map(|key| format!("function.{key}")).collect();
        let update = self.update_function().workspace_id(id).function(&found.id);
        let update = update.body(FunctionPatch::raw(given, paths));
        Ok(CreatedOrUpdated::Updated(update.send().await?))
    }
}
