//! What an answer cannot be used without is known, or it says why it is not.

use super::{Outcome, count, outcome};
use crate::{
    codegen::adapt::{Demand, adapt},
    document::Document,
    finding::Finding,
    project::DOCUMENT,
};

pub fn check(document: &Document) -> Outcome {
    // What cannot be adapted is found by another check.
    let schemas = adapt(&document.value).map_or_else(|_| Default::default(), |(_, f)| f.schemas);
    let answers: Vec<_> = schemas
        .iter()
        .filter(|(_, s)| s.demand() == Demand::Any)
        .collect();
    let unsaid = answers.iter().filter_map(|(name, _)| {
        let pointer = format!("/components/schemas/{name}");
        let schema = document.value.pointer(&pointer)?;
        let said = schema["x-no-identifier"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        let message = "an answer names in `x-identifier` the property that it cannot be used \
                       without, or says in `x-no-identifier` why there is none";
        (!said).then(|| Finding::error("schema/identifier", DOCUMENT, pointer, message))
    });
    outcome(unsaid.collect(), || {
        let said = count(answers.len(), "answer");
        format!("every answer demands what it cannot be used without, {said} as far as is known")
    })
}
