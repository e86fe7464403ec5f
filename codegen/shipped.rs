//! The generated files as the package brings them, for builds without the generator.
//!
//! They are no part of the repository: `cargo xtask generate` writes them before the crate is packaged.

/// Where they are, beside `Cargo.toml`.
pub const FOLDER: &str = "generated";

/// The file that says which document they were made of.
pub const STAMP: &str = "document.txt";

/// What tells one document from another (FNV-1a, which the standard library has not).
pub fn stamp(document: &str) -> String {
    let sum = document
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
    format!("{sum:016x}\n")
}
