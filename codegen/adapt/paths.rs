//! Texts and paths: nothing that hides, and nothing that leads elsewhere.

use super::{
    Adapter,
    identifiers::template_problem,
    json::{METHODS, object, step},
};
use serde_json::Value;

/// More than any document needs, and less than what the generator overflows at.
const DEEPEST: usize = 48;

impl Adapter {
    /// Comments and literals of Rust take neither what turns a text around nor what controls a
    /// terminal; what is nested without end has none in Rust either.
    pub(super) fn readable(&mut self) -> bool {
        let mut found = Vec::new();
        unreadable(&self.document, "", DEEPEST, &mut found);
        for (pointer, message) in found {
            self.problem(&pointer, message);
        }
        self.problems.is_empty()
    }

    /// A path is sent as it stands, but for its parameters.
    pub(super) fn paths(&mut self) {
        let paths = self.document["paths"].clone();
        for (path, item) in object(&paths) {
            let pointer = format!("/paths/{}", step(path));
            // What follows tells two operations of one path apart, and is not sent.
            let template = path.split('#').next().unwrap_or_default();
            let problem = match template.strip_prefix('/') {
                Some(template) => template_problem(template, true),
                None => Some("a path begins with `/`".into()),
            };
            if let Some(problem) = problem {
                self.problem(&pointer, problem);
            }
            for (key, _) in object(item) {
                let said = ["summary", "description"].contains(&key.as_str());
                if !METHODS.contains(&key.as_str()) && !said && !key.starts_with("x-") {
                    let message =
                        format!("`{key}` of a path has no use here: say it in its operations");
                    self.problem(&format!("{pointer}/{}", step(key)), message);
                }
            }
        }
    }
}

fn unreadable(value: &Value, pointer: &str, left: usize, found: &mut Vec<(String, String)>) {
    if left == 0 {
        let message =
            format!("nested more than {DEEPEST} deep: name what is inside and refer to it");
        return found.push((pointer.to_string(), message));
    }
    let mut text = |text: &str| {
        if let Some(odd) = text.replace("\r\n", "\n").chars().find(|c| hides(*c)) {
            let message = format!(
                "U+{:04X} is no text to be seen: take it out",
                u32::from(odd)
            );
            found.push((pointer.to_string(), message));
        }
    };
    match value {
        Value::String(value) => text(value),
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                unreadable(value, &format!("{pointer}/{index}"), left - 1, found);
            }
        }
        Value::Object(map) => {
            map.keys().for_each(|key| text(key));
            for (key, value) in map {
                unreadable(value, &format!("{pointer}/{}", step(key)), left - 1, found);
            }
        }
        _ => {}
    }
}

/// Controls, and what changes the direction of a text.
fn hides(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && !"\n\t".contains(c)
}
