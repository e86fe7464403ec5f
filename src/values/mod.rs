//! What calls take and answer.

#[macro_use]
pub(crate) mod argument;
#[macro_use]
mod text;
pub(crate) mod page_token;
pub mod path;
#[macro_use]
pub mod object;
#[macro_use]
pub(crate) mod conversions;
pub mod enums;
pub mod json;
pub(crate) mod masked;
pub mod names;
pub mod number;
#[macro_use]
pub(crate) mod patch;
pub(crate) mod secret;
pub mod time;
