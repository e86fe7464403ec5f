//! What a masked update takes can be set: without its path in the mask, a field is ignored.

use super::{Outcome, found, outcome};
use crate::{
    codegen::adapt::Facts,
    document::{Document, members},
    json::step,
};

pub fn check(document: &Document, facts: &Facts) -> Outcome {
    let masked = facts
        .operations
        .iter()
        .filter_map(|o| Some((o, o.mask.as_ref()?)));
    let left_out = masked.flat_map(|(operation, mask)| {
        let at = format!("/components/schemas/{}/properties", step(&mask.schema));
        let properties = document.value.pointer(&at).into_iter().flat_map(members);
        let left_out = properties.filter(|(name, _)| !mask.paths.contains(name));
        left_out.map(move |(name, _)| {
            let message = format!(
                "{} cannot set it: its `x-update-mask` has no such path",
                operation.id
            );
            found(
                "property/update-mask",
                &format!("{at}/{}", step(name)),
                message,
            )
        })
    });
    outcome(left_out.collect(), || {
        "every field of a masked update has its path in the mask".into()
    })
}
