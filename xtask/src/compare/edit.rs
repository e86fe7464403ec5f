//! What would bring the document in line with a source.

use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Gives a member of an object a value that comes from the source.
    Set(String, Value),
    /// Takes a member of an object away.
    Remove(String),
    /// Adds a value to a list.
    Include(String, Value),
    /// Takes a value out of a list.
    Exclude(String, Value),
    /// Gives a value another place.
    Move(String, String),
}
