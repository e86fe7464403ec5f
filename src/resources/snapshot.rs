//! Everything that a workspace is configured with, for backups, comparisons and reports.
//!
//! ```no_run
//! use segment_config_api::{Client, snapshot::without_secrets};
//!
//! # async fn run(client: Client) -> Result<(), segment_config_api::Error> {
//! let workspace = client.workspace(None).await?;
//! for (name, resource) in client.snapshot(&workspace, |_done, _of| {}).await? {
//!     println!("{name}: {}", without_secrets(resource));
//! }
//! # Ok(()) }
//! ```

use crate::{
    call::error::{Error, ErrorKind},
    client::Client,
    generated::types::{ConfigItem, Destination, Source, Workspace},
    values::path::PathSegment,
};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// As many sources are read at once; how many requests leave is a matter of the rate limit.
const AT_ONCE: usize = 16;

/// JSON by resource name.
type Resources = BTreeMap<String, Value>;

/// Calls that take many requests; see [`snapshot`](crate::snapshot).
impl Client {
    /// The workspace, its sources, schema configurations, destinations, filters, tracking plans,
    /// functions, roles and policies, as JSON by their resource names.
    ///
    /// Each is as it was answered, but that the settings of a destination are an object by their
    /// short names, without the values that the server masks, and that a plan has the names of its
    /// sources as `source_connections`. A function, which has no name, is at
    /// `workspaces/{id}/functions/{id}`. The names are fit to be paths of files. Secrets that the
    /// server shows are in it, unless [`without_secrets`] takes them out.
    ///
    /// That is two requests a source, and one a destination, plan and page: minutes, by Segment's
    /// rate limit, for hundreds of sources. `progress` is told how many sources are done, and of how many.
    ///
    /// # Errors
    /// The error of the call that failed ([`Error::operation`] tells which), also if something was
    /// deleted meanwhile; a name that is none of its kind ([`ErrorKind::Argument`]).
    pub async fn snapshot(
        &self,
        workspace: &Workspace,
        progress: impl Fn(usize, usize),
    ) -> Result<BTreeMap<String, Value>, Error> {
        let name = workspace.resource_name()?;
        let mut found = Resources::new();
        put(&mut found, &workspace.name, workspace)?;
        let sources = self.list_sources().parent(&name).all().await?;
        let count = sources.len();
        let read = |source| of_source(self.clone(), source);
        let mut read = stream::iter(sources).map(read).buffer_unordered(AT_ONCE);
        let mut done = 0;
        while let Some(resources) = read.try_next().await? {
            found.extend(resources);
            done += 1;
            progress(done, count);
        }
        self.put_plans(&name, &mut found).await?;
        self.put_functions(workspace, &mut found).await?;
        for role in self.list_roles().parent(&name).all().await? {
            put(&mut found, role.resource_name()?.as_str(), &role)?;
        }
        for policy in self.list_policies().parent(&name).all().await? {
            put(&mut found, policy.resource_name()?.as_str(), &policy)?;
        }
        Ok(found)
    }

    async fn put_plans(
        &self,
        workspace: &crate::values::names::WorkspaceName,
        found: &mut Resources,
    ) -> Result<(), Error> {
        let plans = self.list_tracking_plans().parent(workspace).all().await?;
        for summary in plans {
            let name = summary.resource_name()?;
            let plan = summary.plan(self).await?;
            let connections = self.list_tracking_plan_source_connections().parent(&name);
            let connections = connections.all().await?;
            let mut sources: Vec<_> = connections.into_iter().map(|c| c.source_name).collect();
            sources.sort();
            let mut plan = json(&plan)?;
            plan["source_connections"] = sources.into();
            found.insert(name.into(), plan);
        }
        Ok(())
    }

    async fn put_functions(
        &self,
        workspace: &Workspace,
        found: &mut Resources,
    ) -> Result<(), Error> {
        for kind in ["SOURCE", "DESTINATION"] {
            let functions = self.list_functions().workspace_id(&*workspace.id);
            for function in functions.type_(kind).all().await? {
                let id = function.id.parse::<PathSegment>();
                let id = id.map_err(|e| Error::new(ErrorKind::Argument, format!("`id`: {e}")))?;
                let name = format!("workspaces/{}/functions/{}", workspace.id, id.as_str());
                put(found, &name, &function)?;
            }
        }
        Ok(())
    }
}

/// A source, and what belongs to it.
async fn of_source(client: Client, source: Source) -> Result<Resources, Error> {
    let mut found = Resources::new();
    let name = source.resource_name()?;
    put(&mut found, name.as_str(), &source)?;
    let schema = client
        .get_source_schema_config()
        .name(format!("{name}/schema-config"));
    let schema = schema.send().await?;
    put(&mut found, schema.resource_name()?.as_str(), &schema)?;
    for destination in client.list_destinations().parent(&name).all().await? {
        let name = destination.resource_name()?;
        found.insert(name.to_string(), with_settings_by_name(&destination)?);
        for filter in client
            .list_destination_filters()
            .parent(&name)
            .all()
            .await?
        {
            put(&mut found, filter.resource_name()?.as_str(), &filter)?;
        }
    }
    Ok(found)
}

/// A destination whose settings can be compared one by one.
fn with_settings_by_name(destination: &Destination) -> Result<Value, Error> {
    let mut settings = Map::new();
    for item in destination.config.iter().flatten() {
        let mut setting = json(item)?;
        if item.is_masked() {
            setting
                .as_object_mut()
                .map(|setting| setting.remove("value"));
        }
        settings.insert(item.setting_name().to_string(), setting);
    }
    let mut destination = json(destination)?;
    destination["config"] = settings.into();
    Ok(destination)
}

fn put(found: &mut Resources, name: &str, resource: &impl Serialize) -> Result<(), Error> {
    found.insert(name.to_string(), json(resource)?);
    Ok(())
}

fn json(resource: &impl Serialize) -> Result<Value, Error> {
    // What was read as JSON is written as JSON.
    serde_json::to_value(resource).map_err(|e| Error::new(ErrorKind::Decode, e.to_string()))
}

/// A resource of a [snapshot](Client::snapshot) without write keys, without the settings of a source
/// that a function has, and without the values of settings that are [secret](ConfigItem::is_secret).
///
/// A secret inside of code, of an address or of another text is not noticed.
///
/// ```
/// use segment_config_api::snapshot::without_secrets;
/// use serde_json::json;
///
/// let source = json!({"name": "workspaces/acme/sources/js", "write_keys": ["EXAMPLE_WRITE_KEY"]});
/// assert_eq!(without_secrets(source), json!({"name": "workspaces/acme/sources/js"}));
/// ```
pub fn without_secrets(mut resource: Value) -> Value {
    let Some(fields) = resource.as_object_mut() else {
        return resource;
    };
    fields.remove("write_keys");
    fields.remove("function_config");
    let settings = fields.get_mut("config").and_then(Value::as_object_mut);
    for setting in settings.into_iter().flat_map(Map::values_mut) {
        // What is no setting is not known to be harmless.
        let secret = serde_json::from_value(setting.clone())
            .map_or(true, |item: ConfigItem| item.is_secret());
        if let Some(setting) = setting.as_object_mut().filter(|_| secret) {
            setting.remove("value");
        }
    }
    resource
}
