//! Deletion and suppression of any number of users, in calls of a size that the API takes.
//!
//! One call takes at most [`MAX_IDS`] ids and 4 MB. [`requests`] cuts a list
//! into bodies within both limits, one at a time, so the ids can come from a
//! file that does not fit into memory:
//!
//! ```no_run
//! use segment_config_api::{Client, enums::RegulationType, regulations};
//!
//! # async fn run(ids: Vec<String>) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! for request in regulations::requests(RegulationType::SuppressWithDelete, ids) {
//!     let answer = client.create_regulation().workspace("acme").body(request?).send().await?;
//!     println!("{}", answer.regulate_id); // for `get_regulation`
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A call that failed can have had its effect
//! ([`may_have_been_sent`](crate::Error::may_have_been_sent)), and calls before
//! it had theirs; write down a [`Receipt`] of each, and go on where they end.
//! The API takes 100,000 users in 30 days.
//!
//! A regulation is mostly done within 7 days. How far it is, and what went wrong where:
//!
//! ```no_run
//! use segment_config_api::{Client, enums::RegulationStatus};
//!
//! # async fn run(client: Client, id: String) -> Result<(), segment_config_api::Error> {
//! let regulation = client.get_regulation().workspace("acme").regulation(&id).send().await?;
//! match regulation.overall_status {
//!     ref status if !status.is_over() => println!("ask again in an hour"),
//!     RegulationStatus::Finished => println!("done"),
//!     ref other => println!("ended as {other}"), // failed, or a state of a later day
//! }
//! for failed in regulation.failures() {
//!     println!("{}: {}", failed.name, failed.err_string);
//! }
//! # Ok(())
//! # }
//! ```

use crate::{
    generated::types::{
        CreateRegulationRequest, CreateSourceRegulationRequest, Regulation, RegulationAttributes,
        RegulationDestinationStatus,
    },
    values::enums::{RegulationStatus, RegulationType},
};
use serde::{Deserialize, Serialize};
use std::iter::Fuse;

/// The number of ids that the API takes in one call.
pub const MAX_IDS: usize = 5_000;

/// The size of a body that the API takes: 4 MB, read as the smaller of its meanings.
pub const MAX_BYTES: usize = 4_000_000;

/// An id that does not fit into a call even alone. The iterator that gave it
/// goes on with the ids after it.
///
/// ```
/// use segment_config_api::{enums::RegulationType, regulations};
///
/// let ids = ["ann".to_string(), "x".repeat(5_000_000), "bob".to_string()];
/// let requests: Vec<_> = regulations::requests(RegulationType::Delete, ids).collect();
/// assert!(requests[0].is_ok() && requests[2].is_ok());
/// let error = requests[1].as_ref().unwrap_err();
/// assert_eq!(error.position(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("id {position} (counted from 0) takes {bytes} bytes, which no call has room for")]
pub struct IdTooLarge {
    position: usize,
    bytes: usize,
}

impl IdTooLarge {
    /// Where the id stands in the list, counted from 0.
    pub fn position(&self) -> usize {
        self.position
    }
}

/// Bodies of [`create_regulation`](crate::Client::create_regulation) for these
/// user ids: each id once, in order. No ids, no bodies.
///
/// ```
/// use segment_config_api::{enums::RegulationType, regulations};
///
/// let ids = (0..12_000).map(|n| format!("user-{n}"));
/// let sizes: Vec<_> = regulations::requests(RegulationType::Suppress, ids)
///     .map(|request| Ok(request?.attributes.values.len()))
///     .collect::<Result<_, regulations::IdTooLarge>>()?;
/// assert_eq!(sizes, [5_000, 5_000, 2_000]);
/// # Ok::<(), regulations::IdTooLarge>(())
/// ```
///
/// # Errors
/// An item is an error where an id is too large for any call.
pub fn requests<I: IntoIterator<Item: Into<String>>>(
    kind: RegulationType,
    ids: I,
) -> impl Iterator<Item = Result<CreateRegulationRequest, IdTooLarge>> + use<I> {
    chunks(&kind, ids).map(move |ids| {
        Ok(CreateRegulationRequest {
            attributes: users(ids?),
            regulation_type: kind.clone(),
            extra: Default::default(),
        })
    })
}

/// Bodies of [`create_source_regulation`](crate::Client::create_source_regulation),
/// otherwise as [`requests`].
///
/// ```
/// use segment_config_api::{enums::RegulationType, regulations};
///
/// let mut requests = regulations::source_requests(RegulationType::Delete, ["ann", "bob"]);
/// assert_eq!(requests.next().unwrap()?.attributes.values, ["ann", "bob"]);
/// # Ok::<(), regulations::IdTooLarge>(())
/// ```
///
/// # Errors
/// An item is an error where an id is too large for any call.
pub fn source_requests<I: IntoIterator<Item: Into<String>>>(
    kind: RegulationType,
    ids: I,
) -> impl Iterator<Item = Result<CreateSourceRegulationRequest, IdTooLarge>> + use<I> {
    chunks(&kind, ids).map(move |ids| {
        Ok(CreateSourceRegulationRequest {
            attributes: users(ids?),
            regulation_type: kind.clone(),
            extra: Default::default(),
        })
    })
}

fn users(ids: Vec<String>) -> RegulationAttributes {
    RegulationAttributes {
        name: "userId".into(),
        values: ids,
        extra: Default::default(),
    }
}

fn chunks<I: IntoIterator>(kind: &RegulationType, ids: I) -> Chunks<I::IntoIter> {
    // Both kinds of body have this form.
    let empty = serde_json::json!({
        "attributes": {"name": "userId", "values": []},
        "regulation_type": kind,
    });
    Chunks {
        ids: ids.into_iter().fuse(),
        // The first id has no comma before it.
        room: (MAX_BYTES + 1).saturating_sub(empty.to_string().len()),
        waiting: None,
        taken: 0,
    }
}

/// Lists of ids that fit into a call.
struct Chunks<I> {
    ids: Fuse<I>,
    /// The bytes that the ids of a call may take, with their commas.
    room: usize,
    /// An id that the last list had no room for.
    waiting: Option<String>,
    taken: usize,
}

impl<I: Iterator<Item: Into<String>>> Chunks<I> {
    fn next_id(&mut self) -> Option<String> {
        self.waiting.take().or_else(|| {
            let id = self.ids.next()?.into();
            self.taken += 1;
            Some(id)
        })
    }
}

impl<I: Iterator<Item: Into<String>>> Iterator for Chunks<I> {
    type Item = Result<Vec<String>, IdTooLarge>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut chunk = Vec::new();
        let mut used = 0;
        while chunk.len() < MAX_IDS
            && let Some(id) = self.next_id()
        {
            let bytes = serde_json::Value::from(id.as_str()).to_string().len() + 1;
            if bytes > self.room && chunk.is_empty() {
                let position = self.taken - 1;
                return Some(Err(IdTooLarge { position, bytes }));
            }
            if used + bytes > self.room {
                self.waiting = Some(id);
                break;
            }
            used += bytes;
            chunk.push(id);
        }
        (!chunk.is_empty()).then_some(Ok(chunk))
    }
}

/// What was sent in one call, to be written down so that it is not sent again.
///
/// ```
/// use segment_config_api::{enums::RegulationType, regulations::{self, Receipt}};
///
/// let mut requests = regulations::requests(RegulationType::Delete, ["ann", "bob"]);
/// let request = requests.next().unwrap()?;
/// let receipt = Receipt::new("acme", &request, "2ZGb3RHvPrbzXJYjhnVvcyvzWYJ");
/// let kept = serde_json::to_string(&receipt)?;
///
/// let receipt: Receipt = serde_json::from_str(&kept)?;
/// assert!(receipt.is_of("acme", &request));
/// assert!(!receipt.is_of("acme-dev", &request));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// What [`get_regulation`](crate::Client::get_regulation) takes.
    pub regulate_id: String,
    /// The number of ids that were sent.
    pub ids: usize,
    fingerprint: String,
}

impl Receipt {
    /// The receipt of a request that was answered with an id. It names no user.
    pub fn new(
        workspace: &str,
        request: &CreateRegulationRequest,
        regulate_id: impl Into<String>,
    ) -> Self {
        Self {
            regulate_id: regulate_id.into(),
            ids: request.attributes.values.len(),
            fingerprint: fingerprint(workspace, request),
        }
    }

    /// Whether it is of this request: the same workspace, type, and ids in their order.
    pub fn is_of(&self, workspace: &str, request: &CreateRegulationRequest) -> bool {
        self.fingerprint == fingerprint(workspace, request)
    }
}

/// FNV-1a, since receipts outlive the standard library's hashes.
fn fingerprint(workspace: &str, request: &CreateRegulationRequest) -> String {
    let RegulationAttributes { name, values, .. } = &request.attributes;
    let texts = [workspace, request.regulation_type.as_str(), name];
    let texts = texts.into_iter().chain(values.iter().map(String::as_str));
    // No text has the byte that ends it.
    let bytes = texts.flat_map(|text| text.bytes().chain([0xff]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

impl RegulationStatus {
    /// Whether it will not change any more: it is done or failed, or of a later day.
    ///
    /// ```
    /// use segment_config_api::enums::RegulationStatus;
    ///
    /// assert!(RegulationStatus::Failed.is_over());
    /// assert!(!RegulationStatus::Running.is_over());
    /// ```
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Initialized | Self::Running)
    }
}

impl Regulation {
    /// The destinations in which something went wrong, with the reason, over all streams.
    ///
    /// ```
    /// # fn show(regulation: segment_config_api::types::Regulation) {
    /// for failed in regulation.failures() {
    ///     println!("{}: {}", failed.name, failed.err_string);
    /// }
    /// # }
    /// ```
    pub fn failures(&self) -> impl Iterator<Item = &RegulationDestinationStatus> {
        let states = self
            .stream_status
            .iter()
            .flat_map(|s| &s.destination_status);
        states.filter(|state| {
            state.status == RegulationStatus::Failed || !state.err_string.is_empty()
        })
    }

    /// Whether it ended as anything but finished, or something went wrong in a destination.
    ///
    /// ```
    /// use segment_config_api::types::Regulation;
    ///
    /// let running: Regulation = serde_json::from_str(r#"{"overall_status": "running"}"#)?;
    /// assert!(!running.has_failed());
    /// let failed: Regulation = serde_json::from_str(r#"{"overall_status": "failed"}"#)?;
    /// assert!(failed.has_failed());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn has_failed(&self) -> bool {
        let status = &self.overall_status;
        (status.is_over() && *status != RegulationStatus::Finished)
            || self.failures().next().is_some()
    }
}

argument_error!(IdTooLarge);
