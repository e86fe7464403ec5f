//! Rules of tracking plans: compared, merged, and made from Rust types.
//!
//! An update replaces the whole list of events. So read the plan, change its
//! rules, and send the list back; the mask leaves the other groups alone:
//!
//! ```no_run
//! use segment_config_api::{Client, patch::TrackingPlanPatch, types::EventRule};
//!
//! # async fn example(client: Client, common: Vec<EventRule>) -> Result<(), segment_config_api::Error> {
//! let plan = client.get_tracking_plan().workspace("acme").tracking_plan("rs_123").send().await?;
//! let mut rules = plan.rules.clone();
//! rules.put_events(common);
//! rules.remove_events(["Old Event"]);
//!
//! let diff = plan.rules.diff(&rules);
//! if let (false, Some(events)) = (diff.is_empty(), rules.events) {
//!     println!("{diff}");
//!     client.update_tracking_plan().workspace("acme").tracking_plan("rs_123")
//!         .body(TrackingPlanPatch::new().events(events))
//!         .send().await?;
//! }
//! # Ok(()) }
//! ```
//!
//! A listing shows every plan without its events, as a [`TrackingPlanSummary`] that no call
//! takes; [`plan`](TrackingPlanSummary::plan) fetches the whole.
//! A patch refuses an empty list of events, which would delete them all; to do
//! so, say [`clear_events`](crate::patch::TrackingPlanPatch::clear_events).

use crate::{
    call::error::{Error, ErrorKind},
    client::Client,
    generated::{
        patch::TrackingPlanPatch,
        types::{EventRule, NewTrackingPlan, Rules, TrackingPlan, TrackingPlanSummary},
    },
    lists::lookup,
    resources::upsert::CreatedOrUpdated,
    values::{
        argument,
        names::{TrackingPlanName, WorkspaceName},
        path::PartOf,
    },
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    fmt,
};

impl TrackingPlanSummary {
    /// Gets the whole plan, with its rules.
    ///
    /// ```no_run
    /// # async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {
    /// let mut plans = client.list_tracking_plans().workspace("acme").stream();
    /// while let Some(summary) = plans.try_next().await? {
    ///     let plan = summary.plan(&client).await?;
    ///     println!("{}: {} events", plan.display_name, plan.rules.events.unwrap_or_default().len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The name is none of a plan ([`ErrorKind::Argument`]), or the error of `get_tracking_plan`.
    pub async fn plan(&self, client: &Client) -> Result<TrackingPlan, Error> {
        let name: Result<TrackingPlanName, _> = self.name.parse();
        let name = name.map_err(|e| Error::new(ErrorKind::Argument, format!("`name`: {e}")))?;
        client.get_tracking_plan().name(&name).send().await
    }
}

/// Plans by their titles.
impl Client {
    /// The tracking plan of a workspace with this display name; none if there is none.
    ///
    /// The name has to be the same to the letter. All pages of `list_tracking_plans` are read, which
    /// show plans without their events; [`plan`](TrackingPlanSummary::plan) gets the whole.
    ///
    /// ```no_run
    /// # async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {
    /// if let Some(summary) = client.find_tracking_plan("acme", "Web and apps").await? {
    ///     let plan = summary.plan(&client).await?;
    ///     println!("{} events", plan.rules.events.unwrap_or_default().len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Several plans have the name ([`ErrorKind::Ambiguous`]; the text names them), or the
    /// error of `list_tracking_plans`, also that of one plan which cannot be read.
    pub async fn find_tracking_plan(
        &self,
        workspace: impl PartOf<WorkspaceName>,
        display_name: &str,
    ) -> Result<Option<TrackingPlanSummary>, Error> {
        let plans = self.list_tracking_plans().workspace(workspace);
        lookup::find(plans, |p| p.display_name == display_name, |p| &p.name).await
    }

    /// All tracking plans of a workspace with their rules, by display name.
    ///
    /// It is one request a page, and one a plan.
    ///
    /// ```no_run
    /// # async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {
    /// for (title, plan) in client.tracking_plans_by_title("acme").await? {
    ///     println!("{title}: {} events", plan.rules.events.unwrap_or_default().len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Several plans have one name ([`ErrorKind::Ambiguous`]; the text names two of them), or the error
    /// of `list_tracking_plans` or `get_tracking_plan`.
    pub async fn tracking_plans_by_title(
        &self,
        workspace: impl PartOf<WorkspaceName>,
    ) -> Result<BTreeMap<String, TrackingPlan>, Error> {
        let mut plans = BTreeMap::<String, TrackingPlan>::new();
        let mut listed = self.list_tracking_plans().workspace(workspace).stream();
        while let Some(summary) = listed.try_next().await? {
            let plan = summary.plan(self).await?;
            if let Some(other) = plans.get(&plan.display_name) {
                let both = format!("{}, {}", other.name, plan.name);
                return Err(Error::new(ErrorKind::Ambiguous, both));
            }
            plans.insert(plan.display_name.clone(), plan);
        }
        Ok(plans)
    }

    /// Creates a tracking plan or, if the workspace has one with this display name, replaces all
    /// of its rules where they [differ](Rules::diff).
    ///
    /// Calling it again after a failure is safe, even if the failed call has had its effect.
    ///
    /// ```no_run
    /// # async fn run(client: segment_config_api::Client, staging: segment_config_api::types::TrackingPlan) -> Result<(), segment_config_api::Error> {
    /// let outcome = client
    ///     .create_or_update_tracking_plan("workspaces/acme", "Web and apps", staging.rules)
    ///     .await?;
    /// println!("{}, new: {}", outcome.value().name, outcome.is_created());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Nothing was changed if several plans have the name ([`ErrorKind::Ambiguous`]) or the rules are
    /// empty where the plan's are not ([`ErrorKind::Argument`]). Otherwise the error of the call that
    /// failed; [`Error::operation`] tells which.
    pub async fn create_or_update_tracking_plan(
        &self,
        workspace: impl TryInto<WorkspaceName, Error: fmt::Display>,
        display_name: &str,
        rules: Rules,
    ) -> Result<CreatedOrUpdated<TrackingPlan>, Error> {
        let workspace = argument::one::<WorkspaceName>("workspace", workspace);
        let workspace = workspace.map_err(|reason| Error::new(ErrorKind::Argument, reason))?;
        let Some(found) = self.find_tracking_plan(&workspace, display_name).await? else {
            let plan = NewTrackingPlan::builder().display_name(display_name);
            let create = self.create_tracking_plan().parent(&workspace);
            let created = create.body(plan.rules(rules)).send().await?;
            return Ok(CreatedOrUpdated::Created(created));
        };
        let plan = found.plan(self).await?;
        if plan.rules.diff(&rules).is_empty() {
            return Ok(CreatedOrUpdated::Unchanged(plan));
        }
        let update = self.update_tracking_plan().name(&plan.name);
        let update = update.body(TrackingPlanPatch::new().rules(rules));
        Ok(CreatedOrUpdated::Updated(update.send().await?))
    }
}

/// What is different between two sets of rules.
///
/// An event is the same if its name and version are (no version is version 1);
/// the order of events does not matter.
///
/// ```
/// use segment_config_api::types::Rules;
/// use serde_json::{from_value, json};
///
/// let old: Rules = from_value(json!({"events": [
///     {"name": "Signed Up", "version": 1, "rules": {"required": ["properties"]}},
///     {"name": "Left", "rules": {}},
/// ]}))?;
/// let new: Rules = from_value(json!({"events": [
///     {"name": "Signed Up", "version": 1, "rules": {}},
///     {"name": "Order Completed", "rules": {}},
/// ], "global": {"type": "object"}}))?;
///
/// let diff = old.diff(&new);
/// assert_eq!(diff.added[0].name, "Order Completed");
/// assert_eq!(diff.changed[0].changes[0].pointer, "/rules/required");
/// assert_eq!(diff.to_string(), "\
/// + event \"Order Completed\"
/// - event \"Left\"
/// ~ event \"Signed Up\"
///     - /rules/required: [\"properties\"]
/// + /global: {\"type\":\"object\"}
/// ");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RulesDiff {
    /// Events that only the new rules have, in their order.
    pub added: Vec<EventRule>,
    /// Events that only the old rules have, in their order.
    pub removed: Vec<EventRule>,
    /// Events that both have and that differ.
    pub changed: Vec<EventDiff>,
    /// What differs outside of the events: `global`, `identify`, `group` and
    /// keys that are not known here. Pointers start at the rules.
    pub groups: Vec<Change>,
}

/// What is different between two rules for one event, as part of a [`RulesDiff`].
///
/// ```
/// use segment_config_api::types::Rules;
/// use serde_json::{from_value, json};
///
/// let old: Rules = from_value(json!({"events": [{"name": "Left", "rules": {}}]}))?;
/// let new: Rules = from_value(json!({"events": [
///     {"name": "Left", "description": "For good.", "rules": {}},
/// ]}))?;
/// let diff = old.diff(&new);
/// assert_eq!((diff.changed[0].name.as_str(), diff.changed[0].version), ("Left", 1));
/// assert_eq!(diff.changed[0].changes[0].pointer, "/description");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EventDiff {
    /// The event's name.
    pub name: String,
    /// The rule's version.
    pub version: i64,
    /// What differs. Pointers start at the event's rule, so the schema is below `/rules`.
    pub changes: Vec<Change>,
}

/// One difference between two JSON values, as part of a [`RulesDiff`].
///
/// Objects are compared key by key, lists as a whole.
///
/// ```
/// use segment_config_api::types::Rules;
/// use serde_json::{from_value, json};
///
/// let old: Rules = from_value(json!({"identify": {"required": ["email"]}}))?;
/// let new: Rules = from_value(json!({"identify": {"required": ["email", "name"]}}))?;
/// let change = &old.diff(&new).groups[0];
/// assert_eq!(change.pointer, "/identify/required");
/// assert_eq!(change.new, Some(json!(["email", "name"])));
/// assert_eq!(change.to_string(), r#"~ /identify/required: ["email"] -> ["email","name"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// Where it is, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// The old value; none if there is only a new one.
    pub old: Option<Value>,
    /// The new value; none if there was only an old one.
    pub new: Option<Value>,
}

impl RulesDiff {
    /// Whether nothing differs.
    ///
    /// ```
    /// use segment_config_api::types::Rules;
    ///
    /// assert!(Rules::default().diff(&Rules::default()).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for RulesDiff {
    /// One difference a line, `+` for added, `-` for removed, `~` for changed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.added {
            writeln!(f, "+ event {}", Title(&event.name, version(event)))?;
        }
        for event in &self.removed {
            writeln!(f, "- event {}", Title(&event.name, version(event)))?;
        }
        for event in &self.changed {
            writeln!(f, "~ event {}", Title(&event.name, event.version))?;
            for change in &event.changes {
                writeln!(f, "    {change}")?;
            }
        }
        self.groups.iter().try_for_each(|c| writeln!(f, "{c}"))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = &self.pointer;
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "~ {pointer}: {old} -> {new}"),
            (Some(old), None) => write!(f, "- {pointer}: {old}"),
            (None, Some(new)) => write!(f, "+ {pointer}: {new}"),
            (None, None) => Ok(()),
        }
    }
}

/// An event's name, with its version if that is a later one.
struct Title<'a>(&'a str, i64);

impl fmt::Display for Title<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            1 => write!(f, "{:?}", self.0),
            version => write!(f, "{:?} version {version}", self.0),
        }
    }
}

fn version(event: &EventRule) -> i64 {
    event.version.unwrap_or(1)
}

fn with_version(event: &EventRule) -> EventRule {
    EventRule {
        version: Some(version(event)),
        ..event.clone()
    }
}

/// What makes an event the same in two sets of rules.
fn identity(event: &EventRule) -> (&str, i64) {
    (&event.name, version(event))
}

impl Rules {
    /// What has to change in these rules to make them the `new` ones.
    ///
    /// See [`RulesDiff`] for an example.
    ///
    /// ```
    /// use segment_config_api::types::Rules;
    ///
    /// let mut new = Rules::default();
    /// new.global = Some(serde_json::json!({}).into());
    /// assert_eq!(Rules::default().diff(&new).to_string(), "+ /global: {}\n");
    /// ```
    pub fn diff(&self, new: &Rules) -> RulesDiff {
        let mut diff = RulesDiff::default();
        let events = new.events.as_deref().unwrap_or_default();
        let mut unmatched: Vec<_> = events.iter().map(Some).collect();
        // From the last to the first, so that the first of the same is taken first.
        let mut places: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, event) in events.iter().enumerate().rev() {
            places.entry(identity(event)).or_default().push(place);
        }
        for old in self.events.iter().flatten() {
            let place = places.get_mut(&identity(old)).and_then(Vec::pop);
            let Some(new) = place.and_then(|place| unmatched[place].take()) else {
                diff.removed.push(old.clone());
                continue;
            };
            if old == new {
                continue;
            }
            let changes = changes(with_version(old), with_version(new));
            if !changes.is_empty() {
                diff.changed.push(EventDiff {
                    name: old.name.clone(),
                    version: version(old),
                    changes,
                });
            }
        }
        diff.added = unmatched.into_iter().flatten().cloned().collect();
        diff.groups = changes(self.without_events(), new.without_events());
        diff
    }

    /// Puts events into the rules and leaves all others as they are.
    ///
    /// An event that is there already, by name and version (no version is
    /// version 1), is replaced in its place; a new one comes last.
    ///
    /// ```
    /// use segment_config_api::types::{EventRule, Rules};
    /// use serde_json::{from_value, json};
    ///
    /// let mut rules: Rules = from_value(json!({"events": [
    ///     {"name": "Signed Up", "rules": {}}, {"name": "Left", "rules": {}},
    /// ]}))?;
    /// let stricter: EventRule = from_value(json!({
    ///     "name": "Signed Up", "rules": {"required": ["properties"]},
    /// }))?;
    /// rules.put_events([stricter.clone()]);
    ///
    /// let events = rules.events.unwrap();
    /// assert_eq!(events[0], stricter);
    /// assert_eq!(events[1].name, "Left");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn put_events(&mut self, events: impl IntoIterator<Item = EventRule>) {
        let present = self.events.get_or_insert_default();
        let mut places = HashMap::new();
        for (place, event) in present.iter().enumerate() {
            let (name, version) = identity(event);
            places.entry((name.to_string(), version)).or_insert(place);
        }
        for event in events {
            match places.entry((event.name.clone(), version(&event))) {
                Entry::Occupied(place) => present[*place.get()] = event,
                Entry::Vacant(place) => {
                    place.insert(present.len());
                    present.push(event);
                }
            }
        }
    }

    /// Takes events of these names out of the rules, in all versions, and
    /// leaves all others as they are.
    ///
    /// Returns what was taken out: a name that is not among them was not there.
    ///
    /// ```
    /// use segment_config_api::types::Rules;
    /// use serde_json::{from_value, json};
    ///
    /// let mut rules: Rules = from_value(json!({"events": [
    ///     {"name": "Signed Up", "rules": {}}, {"name": "Left", "rules": {}},
    /// ]}))?;
    /// assert_eq!(rules.remove_events(["Left", "Unheard Of"]).len(), 1);
    /// assert_eq!(rules.events.unwrap()[0].name, "Signed Up");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn remove_events(
        &mut self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Vec<EventRule> {
        let Some(events) = &mut self.events else {
            return Vec::new();
        };
        let names: HashSet<_> = names.into_iter().map(|n| n.as_ref().to_string()).collect();
        let named = |e: &mut EventRule| names.contains(&e.name);
        events.extract_if(.., named).collect()
    }

    fn without_events(&self) -> Self {
        Self {
            events: None,
            ..self.clone()
        }
    }
}

/// What differs between two values of any kind that is JSON: two destinations, two plans.
///
/// Objects are compared key by key, lists as a whole; pointers start at the values. A value that
/// JSON cannot express counts as none.
///
/// ```
/// use segment_config_api::tracking_plans::changes;
/// use serde_json::json;
///
/// let changes = changes(json!({"enabled": true, "name": "a"}), json!({"enabled": false, "name": "a"}));
/// assert_eq!(changes[0].to_string(), "~ /enabled: true -> false");
/// assert_eq!(changes.len(), 1);
/// ```
pub fn changes(old: impl serde::Serialize, new: impl serde::Serialize) -> Vec<Change> {
    // Maps with texts for keys, which is all there is in rules, always encode.
    let [old, new] = [serde_json::to_value(old), serde_json::to_value(new)].map(Result::ok);
    let mut changes = Vec::new();
    compare(String::new(), old.as_ref(), new.as_ref(), &mut changes);
    changes
}

fn compare(pointer: String, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    let (Some(Value::Object(old)), Some(Value::Object(new))) = (old, new) else {
        let (old, new) = (old.cloned(), new.cloned());
        changes.push(Change { pointer, old, new });
        return;
    };
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        let escaped = key.replace('~', "~0").replace('/', "~1");
        let pointer = format!("{pointer}/{escaped}");
        compare(pointer, old.get(key), new.get(key), changes);
    }
}

#[cfg(feature = "schemars")]
pub use from_types::{group, identify};

#[cfg(feature = "schemars")]
mod from_types {
    use crate::generated::types::EventRule;
    use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::RecursiveTransform};
    use serde_json::{Value, json};

    impl EventRule {
        /// The rule for an event whose properties are a Rust type (feature `schemars`).
        ///
        /// Doc comments become descriptions, that of the type the event's own; a
        /// field is required unless it is an `Option` or has a default.
        ///
        /// ```
        /// use segment_config_api::types::EventRule;
        ///
        /// /// Someone bought something.
        /// #[derive(schemars::JsonSchema)]
        /// struct OrderCompleted {
        ///     /// In the shop's own form.
        ///     order_id: String,
        ///     coupon: Option<String>,
        /// }
        ///
        /// let rule = EventRule::of::<OrderCompleted>("Order Completed");
        /// assert_eq!(rule.description.as_deref(), Some("Someone bought something."));
        /// assert_eq!(
        ///     rule.rules.value()?["properties"]["properties"],
        ///     serde_json::json!({
        ///         "type": "object",
        ///         "properties": {
        ///             "order_id": {"type": "string", "description": "In the shop's own form."},
        ///             "coupon": {"type": ["string", "null"]},
        ///         },
        ///         "required": ["order_id"],
        ///     }),
        /// );
        /// # Ok::<(), serde_json::Error>(())
        /// ```
        pub fn of<T: JsonSchema>(name: impl Into<String>) -> Self {
            let (rules, description) = rules::<T>("properties");
            Self {
                name: name.into(),
                description,
                version: Some(1),
                rules: rules.into(),
                ..Self::default()
            }
        }
    }

    /// The rules for identify calls whose traits are a Rust type (feature `schemars`).
    ///
    /// ```
    /// use segment_config_api::{patch::TrackingPlanPatch, tracking_plans::identify};
    ///
    /// #[derive(schemars::JsonSchema)]
    /// struct User {
    ///     email: String,
    /// }
    ///
    /// let rules = identify::<User>();
    /// assert_eq!(rules["properties"]["traits"]["required"], serde_json::json!(["email"]));
    /// let patch = TrackingPlanPatch::new().identify(rules);
    /// assert_eq!(patch.paths(), ["tracking_plan.rules.identify"]);
    /// ```
    pub fn identify<T: JsonSchema>() -> Value {
        described(rules::<T>("traits"))
    }

    /// The rules for group calls whose traits are a Rust type (feature `schemars`).
    ///
    /// ```
    /// use segment_config_api::{patch::TrackingPlanPatch, tracking_plans::group};
    ///
    /// #[derive(schemars::JsonSchema)]
    /// struct Company {
    ///     employees: Option<u32>,
    /// }
    ///
    /// let patch = TrackingPlanPatch::new().group(group::<Company>());
    /// assert_eq!(patch.paths(), ["tracking_plan.rules.group"]);
    /// ```
    pub fn group<T: JsonSchema>() -> Value {
        described(rules::<T>("traits"))
    }

    fn described((mut rules, description): (Value, Option<String>)) -> Value {
        if let Some(description) = description {
            rules["description"] = description.into();
        }
        rules
    }

    /// The schema of a message that has a `T` in one of its objects, and what describes `T`.
    fn rules<T: JsonSchema>(object: &str) -> (Value, Option<String>) {
        // A type that holds itself refers to the document's root, where it no longer is.
        let root = format!("#/properties/{object}");
        let moved = RecursiveTransform(move |schema: &mut Schema| {
            if schema.get("$ref").is_some_and(|target| target == "#") {
                schema.insert("$ref".into(), root.clone().into());
            }
        });
        let settings = SchemaSettings::draft07()
            .with(|s| s.inline_subschemas = true)
            .with_transform(moved);
        let mut schema = settings.into_generator().into_root_schema_for::<T>();
        schema.remove("title");
        let description = schema.remove("description");
        let mut rules = json!({
            "$schema": schema.remove("$schema"),
            "type": "object",
            "properties": {"context": {}, "traits": {}, "properties": {}},
            "required": [object],
        });
        if let Some(definitions) = schema.remove("definitions") {
            rules["definitions"] = definitions;
        }
        rules["properties"][object] = schema.into();
        let description = description.and_then(|d| d.as_str().map(str::to_string));
        (rules, description)
    }
}
