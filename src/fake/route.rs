//! Which operation a request is for.

use super::facts::{Facts, Operation, parameter, parts};
use std::collections::BTreeSet;

/// An operation, with what stands for the parameters of its path.
pub(super) type Target = (&'static Operation, Vec<(&'static str, String)>);

/// What is at a path.
pub(super) enum Route {
    /// The operations of the method. Two may share it: the body tells them apart.
    To(Vec<Target>),
    /// The path has other methods.
    OtherMethods(BTreeSet<&'static str>),
    Nowhere,
}

/// What is at a path, which is without the base path and decoded.
pub(super) fn find(facts: &'static Facts, method: &str, path: &str) -> Route {
    let mut targets: Vec<Target> = facts
        .operations
        .iter()
        .filter_map(|o| target(o, path))
        .collect();
    // A word fits better than a parameter, whatever the method.
    let Some(most) = targets.iter().map(|(o, _)| words(&o.path)).max() else {
        return Route::Nowhere;
    };
    targets.retain(|(o, _)| words(&o.path) == most);
    let others = targets.iter().map(|(o, _)| o.method.as_str()).collect();
    targets.retain(|(o, _)| o.method == method);
    if targets.is_empty() {
        return Route::OtherMethods(others);
    }
    Route::To(targets)
}

fn target(operation: &'static Operation, path: &str) -> Option<Target> {
    let parts = parts(&operation.path, path)?.into_iter();
    Some((
        operation,
        parts
            .map(|(name, value)| (name, value.to_string()))
            .collect(),
    ))
}

fn words(template: &str) -> usize {
    template
        .split('/')
        .filter(|s| parameter(s).is_none())
        .count()
}

/// The path without percent-encoding; an encoded slash stays, since it separates nothing.
pub(super) fn decoded(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let text = percent_decoded(segment);
        if text.contains('/') {
            segment.to_string()
        } else {
            text
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

fn percent_decoded(segment: &str) -> String {
    // A form's decoding takes `+` for a blank, which a path does not.
    let escaped = segment
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let mut pairs = url::form_urlencoded::parse(escaped.as_bytes());
    pairs
        .next()
        .map(|(key, _)| key.into_owned())
        .unwrap_or_default()
}
