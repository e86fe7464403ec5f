//! The commands that are more than a rewrite of a file.

pub mod ci;
pub mod drift;
pub mod generate;
pub mod refresh;
