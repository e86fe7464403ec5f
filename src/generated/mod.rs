//! What is made of the document: the calls, the types, and the patches.
#![allow(clippy::all)]

pub mod patch;

include!(concat!(env!("OUT_DIR"), "/client.rs"));

argument_error!(types::error::ConversionError);
