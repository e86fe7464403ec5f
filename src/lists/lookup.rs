//! One item of a list, by what people call it.

use crate::{
    call::{
        self,
        error::{Error, ErrorKind},
    },
    lists::pagination::List,
};

/// All items of a list that match. The whole list is read, so that none is overlooked.
pub(crate) async fn matching<L: List>(
    call: L,
    matches: impl Fn(&<L as List>::Item) -> bool,
) -> Result<Vec<<L as List>::Item>, Error> {
    let mut items = call.stream();
    let mut found = Vec::new();
    while let Some(item) = items.try_next().await? {
        if matches(&item) {
            found.push(item);
        }
    }
    Ok(found)
}

/// The item that was found in a list `L`, if it is the only one; `id` tells which one it is.
pub(crate) fn only<L: List>(
    mut found: Vec<<L as List>::Item>,
    id: impl Fn(&<L as List>::Item) -> &str,
) -> Result<Option<<L as List>::Item>, Error> {
    if let [_, _, ..] = found.as_slice() {
        let ids: Vec<_> = found.iter().map(id).collect();
        let operation = <L as call::sealed::Call>::OPERATION;
        return Err(Error::new(ErrorKind::Ambiguous, ids.join(", ")).of(operation));
    }
    Ok(found.pop())
}

/// The only item of a list that matches.
pub(crate) async fn find<L: List>(
    call: L,
    matches: impl Fn(&<L as List>::Item) -> bool,
    id: impl Fn(&<L as List>::Item) -> &str,
) -> Result<Option<<L as List>::Item>, Error> {
    only::<L>(matching(call, matches).await?, id)
}
