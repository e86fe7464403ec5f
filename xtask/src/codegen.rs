//! What the build script makes of the document, shared with it by path.

#[path = "../../codegen/adapt.rs"]
#[expect(
    dead_code,
    reason = "progenitor's part of the facts has no reader here"
)]
pub mod adapt;
#[path = "../../codegen/surface.rs"]
pub mod surface;
