//! Whatever the generator stumbles over becomes a problem with a place.
//!
//! progenitor and typify panic at what they do not expect, recurse into what they are given,
//! and say of few things where they are.

use super::{
    Files,
    adapt::{Problem, operations, step},
};
use serde_json::Value;
use std::{
    panic,
    sync::Once,
    thread::{self, Builder},
};

/// Deep enough for any document that `adapt` lets pass.
const STACK: usize = 64 << 20;

/// The thread whose panics are problems, and no news for the terminal.
const THREAD: &str = "codegen";

type Generated = Result<Files, Vec<Problem>>;

/// What `generate` makes of `document`. What it cannot place is looked for in one operation
/// after the other.
pub fn attempt(document: &Value, generate: fn(&Value) -> Generated) -> Generated {
    let whole = caught(document, generate);
    let lost = matches!(&whole, Err(problems) if problems.iter().all(|p| p.pointer.is_empty()));
    if !lost {
        return whole;
    }
    let mut copy = document.clone();
    let placed = operations(&mut copy).flat_map(|(pointer, _)| {
        let problems = caught(&only(document, &pointer), generate).err();
        let placed = move |p: Problem| Problem::new(pointer.clone(), p.message);
        problems.unwrap_or_default().into_iter().map(placed)
    });
    let placed: Vec<_> = placed.collect();
    if placed.is_empty() {
        whole
    } else {
        Err(placed)
    }
}

fn caught(document: &Value, generate: fn(&Value) -> Generated) -> Generated {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name() != Some(THREAD) {
                loud(panic);
            }
        }));
    });
    let problem = |message| Err(vec![Problem::new("", message)]);
    thread::scope(|scope| {
        let builder = Builder::new().name(THREAD.into()).stack_size(STACK);
        match builder.spawn_scoped(scope, || generate(document)) {
            Err(error) => problem(format!("the generator cannot be run: {error}")),
            Ok(running) => running.join().unwrap_or_else(|panic| {
                let said = panic.downcast_ref::<String>().map(String::as_str);
                let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
                problem(format!(
                    "the generator has no idea of it: {}",
                    said.unwrap_or("it panicked")
                ))
            }),
        }
    })
}

/// The document with one operation.
fn only(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let prefix = format!("/paths/{}/", step(path));
        if let Some(item) = item.as_object_mut() {
            item.retain(|method, _| format!("{prefix}{method}") == pointer);
        }
    }
    document
}
