//! What an answer cannot be used without is known, or it says why it is not.

use super::{Outcome, count, found, outcome};
use crate::{
    codegen::adapt::{Demand, Facts},
    document::Document,
};

pub fn check(document: &Document, facts: &Facts) -> Outcome {
    let answers = facts
        .schemas
        .iter()
        .filter(|(_, s)| s.demand() == Demand::Any);
    let unsaid = answers.clone().filter_map(|(name, _)| {
        let pointer = format!("/components/schemas/{name}");
        let said = document.value.pointer(&pointer)?["x-no-identifier"].as_str();
        let message = "an answer names in `x-identifier` the property that it cannot be used \
                       without, or says in `x-no-identifier` why there is none";
        said.is_none_or(str::is_empty)
            .then(|| found("schema/identifier", &pointer, message))
    });
    outcome(unsaid.collect(), || {
        let said = count(answers.count(), "answer");
        format!("every answer demands what it cannot be used without, {said} as far as is known")
    })
}
