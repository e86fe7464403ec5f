//! Which operation of one document is which of the other.

use crate::model::Call;
use std::collections::HashMap;

/// For each of ours the index of theirs: by name and place first, then by place, then by
/// name, each of theirs once.
pub fn pairs(ours: &[Call], theirs: &[Call]) -> Vec<Option<usize>> {
    let mut found = vec![None; ours.len()];
    let mut taken = vec![false; theirs.len()];
    let names: [fn(&Call) -> [String; 3]; 3] = [
        |call| {
            let (method, path) = call.key();
            [method, path, call.id.clone()]
        },
        |call| {
            let (method, path) = call.key();
            [method, path, String::new()]
        },
        |call| [String::new(), String::new(), call.id.clone()],
    ];
    for name in names {
        let mut free: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, call) in theirs.iter().enumerate().rev() {
            if !taken[index] {
                free.entry(name(call)).or_default().push(index);
            }
        }
        for (call, found) in ours.iter().zip(&mut found).filter(|(_, f)| f.is_none()) {
            if let Some(index) = free.get_mut(&name(call)).and_then(Vec::pop) {
                *found = Some(index);
                taken[index] = true;
            }
        }
    }
    found
}
