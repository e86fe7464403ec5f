//! Updates that touch what they name and nothing else.
//!
//! An update of this API carries a mask. A field that is masked and has no
//! value is emptied by the server, a value that is not masked is ignored. A
//! patch keeps the two together: each setter masks its field, `clear_…`
//! empties it, and a patch that changes nothing is refused before it is sent. So
//! is a null, an empty list or an empty map as a value: the server would empty the
//! field, which only `clear_…` is to do.
//! Of a field and a part of it (`rules`, `rules.events`) a patch takes one:
//! the whole replaces every part, so with both it would be open which is meant.
//!
//! ```
//! use segment_config_api::patch::DestinationPatch;
//!
//! let patch = DestinationPatch::new().enabled(false);
//! assert_eq!(
//!     serde_json::to_value(&patch)?,
//!     serde_json::json!({
//!         "destination": {"enabled": false},
//!         "update_mask": {"paths": ["destination.enabled"]},
//!     }),
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

pub use crate::values::patch::InvalidPatch;
use crate::values::{argument, patch::Masked};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fmt::{self, Display},
};

include!(concat!(env!("OUT_DIR"), "/patches.rs"));
