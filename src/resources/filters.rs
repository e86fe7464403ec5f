//! What a destination filter does with the events that meet its condition.
//!
//! ```
//! use segment_config_api::{
//!     fql::{Fql, field},
//!     patch::FilterPatch,
//!     types::{FilterAction, FilterFields, NewFilter},
//! };
//!
//! let personal = FilterFields::default()
//!     .with_context(["ip"])
//!     .with_traits(["email", "phone"]);
//! let filter = NewFilter::builder()
//!     .title("Half of the pages, nothing personal")
//!     .if_(field("type").eq("page"))
//!     .actions([
//!         FilterAction::sample_event(0.5, "userId")?,
//!         FilterAction::blacklist_fields(personal),
//!     ])
//!     .enabled(true);
//!
//! let patch = FilterPatch::new()
//!     .if_(Fql::all())
//!     .actions([FilterAction::drop_event()]);
//! # Ok::<(), segment_config_api::filters::InvalidPercent>(())
//! ```
//!
//! An action of a kind that is not known here is [`FilterAction::OtherAction`];
//! it holds all that came and is sent back like that.

use crate::{
    call::error::{Error, ErrorKind},
    client::Client,
    generated::{
        patch::FilterPatch,
        types::{
            BlacklistFieldsAction, DropEventAction, FieldList, Filter, FilterAction, FilterFields,
            NewFilter, SampleEventAction, WhitelistFieldsAction,
        },
    },
    lists::lookup,
    resources::upsert::{self, CreatedOrUpdated},
    values::{argument, names::DestinationName, number::Number},
};
use serde_json::{Map, Value};
use std::fmt::Display;

/// A number that is no share of events.
///
/// ```
/// use segment_config_api::types::FilterAction;
///
/// let error = FilterAction::sample_event(60, "").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the share of events to let through is a number from 0 to 1, such as 0.6 for 60 %; found 60",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the share of events to let through is a number from 0 to 1, such as 0.6 for 60 %; found {0}"
)]
pub struct InvalidPercent(String);

impl FilterAction {
    /// The event does not reach the destination.
    ///
    /// ```
    /// use segment_config_api::types::FilterAction;
    ///
    /// let action = serde_json::to_value(FilterAction::drop_event())?;
    /// assert_eq!(action, serde_json::json!({"type": "drop_event"}));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn drop_event() -> Self {
        DropEventAction::default().into()
    }

    /// A share of the events reaches the destination.
    ///
    /// `percent` goes from 0 (none) to 1 (all) in spite of its name, and is sent
    /// as it is given. `path` is the field whose value decides, so that for
    /// example a user's events all pass or none does; if it is empty, chance decides.
    ///
    /// # Errors
    /// `percent` is not from 0 to 1.
    ///
    /// ```
    /// use segment_config_api::types::FilterAction;
    ///
    /// let action = serde_json::to_value(FilterAction::sample_event(0.1, "userId")?)?;
    /// assert_eq!(
    ///     action,
    ///     serde_json::json!({"type": "sample_event", "percent": 0.1, "path": "userId"}),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sample_event(
        percent: impl TryInto<Number, Error: Display>,
        path: impl Into<String>,
    ) -> Result<Self, InvalidPercent> {
        let percent = percent
            .try_into()
            .map_err(|e| InvalidPercent(e.to_string()))?;
        if !(0.0..=1.0).contains(&percent.as_f64()) {
            return Err(InvalidPercent(percent.to_string()));
        }
        let path = Some(path.into()).filter(|path| !path.is_empty());
        let action = SampleEventAction {
            percent,
            path,
            ..Default::default()
        };
        Ok(action.into())
    }

    /// Of each object named, only these fields reach the destination.
    ///
    /// ```
    /// use segment_config_api::types::{FilterAction, FilterFields};
    ///
    /// let fields = FilterFields::default().with_properties(["price", "currency"]);
    /// let action = serde_json::to_value(FilterAction::whitelist_fields(fields))?;
    /// assert_eq!(
    ///     action,
    ///     serde_json::json!({
    ///         "type": "whitelist_fields",
    ///         "fields": {"properties": {"fields": ["price", "currency"]}},
    ///     }),
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn whitelist_fields(fields: FilterFields) -> Self {
        let action = WhitelistFieldsAction {
            fields,
            ..Default::default()
        };
        action.into()
    }

    /// These fields do not reach the destination.
    ///
    /// ```
    /// use segment_config_api::types::{FilterAction, FilterFields};
    ///
    /// let fields = FilterFields::default().with_traits(["email"]);
    /// let action = serde_json::to_value(FilterAction::blacklist_fields(fields))?;
    /// assert_eq!(
    ///     action,
    ///     serde_json::json!({
    ///         "type": "blacklist_fields",
    ///         "fields": {"traits": {"fields": ["email"]}},
    ///     }),
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn blacklist_fields(fields: FilterFields) -> Self {
        let action = BlacklistFieldsAction {
            fields,
            ..Default::default()
        };
        action.into()
    }
}

macro_rules! field_lists {
    ($($setter:ident $object:ident)*) => {
        impl FilterFields {
            $(
                #[doc = concat!("Names fields of the event's `", stringify!($object), "`.")]
                ///
                /// ```
                /// use segment_config_api::types::FilterFields;
                ///
                #[doc = concat!("let fields = FilterFields::default().", stringify!($setter), "([\"email\"]);")]
                #[doc = concat!("assert_eq!(fields.", stringify!($object), ".unwrap().fields, [\"email\"]);")]
                /// ```
                pub fn $setter(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
                    let fields = names.into_iter().map(Into::into).collect();
                    self.$object = Some(FieldList { fields, ..Default::default() });
                    self
                }
            )*
        }
    };
}

field_lists! {
    with_context context
    with_traits traits
    with_properties properties
}

/// Filters by their titles.
impl Client {
    /// Creates a filter or, if the destination has one of that title already, changes
    /// exactly the fields that are given.
    ///
    /// Fields that are not given keep their value; the actions are replaced as a whole. All
    /// pages of `list_destination_filters` are read first. Calling it again after a failure is
    /// safe, even if the failed call has had its effect; two calls at the same time may both create.
    ///
    /// ```no_run
    /// use segment_config_api::{Client, fql::field, names::DestinationName, types::{FilterAction, NewFilter}};
    ///
    /// # async fn run(client: Client) -> Result<(), segment_config_api::Error> {
    /// let destination = DestinationName::new("acme", "js", "webhooks")?;
    /// let filter = NewFilter::builder()
    ///     .title("No pages")
    ///     .if_(field("type").eq("page"))
    ///     .actions([FilterAction::drop_event()])
    ///     .enabled(true);
    /// let outcome = client.create_or_update_filter(&destination, filter).await?;
    /// println!("new: {}, name: {}", outcome.is_created(), outcome.value().name);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Nothing was sent if the title is missing or empty, or another argument is unusable
    /// ([`ErrorKind::Argument`]). Nothing was changed if several filters have the title
    /// ([`ErrorKind::Ambiguous`]; the text names them), or if one of the list cannot be read. Otherwise
    /// the error of the call that failed; [`Error::operation`] tells which.
    pub async fn create_or_update_filter(
        &self,
        destination: impl TryInto<DestinationName, Error: Display>,
        filter: impl TryInto<NewFilter, Error: Display>,
    ) -> Result<CreatedOrUpdated<Filter>, Error> {
        let destination = argument::one::<DestinationName>("destination", destination);
        let prepared = destination.and_then(|name| Ok((name, prepare(filter)?)));
        let (destination, (title, filter, given)) =
            prepared.map_err(|reason| Error::new(ErrorKind::Argument, reason))?;
        let filters = self.list_destination_filters().parent(&destination);
        let Some(found) = lookup::find(filters, |f| f.title == title, |f| &f.name).await? else {
            let create = self.create_destination_filter().parent(&destination);
            return Ok(CreatedOrUpdated::Created(create.body(filter).send().await?));
        };
        let paths: Vec<_> = given.keys().cloned().collect();
        let update = self.update_destination_filter().name(&found.name);
        let update = update.body(FilterPatch::raw(given, paths));
        Ok(CreatedOrUpdated::Updated(update.send().await?))
    }
}

/// The filter's title, itself, and what an update of it would change.
fn prepare(
    filter: impl TryInto<NewFilter, Error: Display>,
) -> Result<(String, NewFilter, Map<String, Value>), String> {
    let filter = argument::one::<NewFilter>("filter", filter)?;
    let title = filter.title.clone().unwrap_or_default();
    if title.is_empty() {
        return Err("the filter has no `title` to be known by".to_string());
    }
    let given = upsert::given(&filter, "title")?;
    Ok((title, filter, given))
}

argument_error!(InvalidPercent);
