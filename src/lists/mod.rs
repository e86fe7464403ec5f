//! Lists: their pages, their items, and the one that is looked for.

pub(crate) mod lookup;
#[macro_use]
pub mod pagination;
