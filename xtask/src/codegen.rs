//! What the build script makes of the document, shared with it by path.

#[path = "../../codegen/mod.rs"]
mod generator;
#[path = "../../codegen/shipped.rs"]
pub mod shipped;
#[path = "../../codegen/surface.rs"]
pub mod surface;

pub use generator::{adapt, run};
