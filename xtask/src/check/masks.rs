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
        // A path may lead further in: `rules.events` sets a part of `rules`.
        let first = |path: &String| path.split('.').next().map(str::to_string);
        let set: Vec<_> = mask.paths.iter().filter_map(first).collect();
        let left_out = properties.filter(move |(name, _)| !set.contains(name));
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
