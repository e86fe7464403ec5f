//! Adapts the document to what progenitor can do, and collects the facts that
//! the other steps work from.
//!
//! Every adaptation is a function whose first line gives its reason. What
//! cannot be adapted is a [`Problem`] that names the place; all of them are
//! reported at once.

// By path, since this file is itself included by path.
#[path = "adapt/facts.rs"]
mod facts;
#[path = "adapt/identifiers.rs"]
pub mod identifiers;
#[path = "adapt/json.rs"]
mod json;
#[path = "adapt/operations.rs"]
mod operations;
#[path = "adapt/paths.rs"]
mod paths;
#[path = "adapt/prose.rs"]
mod prose;
#[path = "adapt/schemas.rs"]
mod schemas;

pub use facts::*;
#[allow(
    unused_imports,
    reason = "only the maintenance commands read the document themselves"
)]
pub use json::{operations, reference, step};
pub use prose::rustdoc;

use identifiers::{NAME, template_problem, type_problem};
use json::{parameter_objects, strings, text};
use schemas::{known_formats, nullable_containers, strip_validation};
use serde_json::Value;

/// Adapts `document` for progenitor.
pub fn adapt(document: &Value) -> Result<(Value, Facts), Vec<Problem>> {
    let mut adapter = Adapter {
        document: document.clone(),
        facts: Facts::default(),
        problems: Vec::new(),
    };
    adapter.run();
    if adapter.problems.is_empty() {
        Ok((adapter.document, adapter.facts))
    } else {
        Err(adapter.problems)
    }
}

struct Adapter {
    document: Value,
    facts: Facts,
    problems: Vec<Problem>,
}

impl Adapter {
    fn run(&mut self) {
        if !self.version() || !self.readable() {
            return;
        }
        self.resource_names();
        self.paths();
        self.shared_parameters();
        self.all_schemas(known_formats);
        self.schemas();
        self.operations();
        self.patches();
        self.reachable_schemas();
        self.all_schemas(strip_validation);
        self.all_schemas(nullable_containers);
        self.documentation();
    }

    fn problem(&mut self, pointer: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(pointer, message));
    }

    /// progenitor reads OpenAPI 3.0 only, and says little about anything else.
    fn version(&mut self) -> bool {
        let supported = self.document["openapi"]
            .as_str()
            .is_some_and(|v| v.starts_with("3.0."));
        if !supported {
            let found = match self
                .document
                .get("openapi")
                .or(self.document.get("swagger"))
            {
                Some(version) => format!("version {version}"),
                None => "no `openapi` key".into(),
            };
            self.problem(
                "/openapi",
                format!("expected an OpenAPI 3.0 document, found {found}"),
            );
        }
        for key in ["/paths", "/components/schemas"] {
            if supported && !self.document.pointer(key).is_some_and(Value::is_object) {
                self.problem(key, "expected an object");
            }
        }
        self.problems.is_empty()
    }

    fn resource_names(&mut self) {
        let names = self.document["x-resource-names"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        for (resource, name) in names {
            let pointer = format!("/x-resource-names/{}", step(&resource));
            let Some(pattern) = name["pattern"].as_str() else {
                self.problem(&pointer, "a resource name needs a `pattern`");
                continue;
            };
            let mut patterns = vec![pattern.to_string()];
            patterns.extend(strings(&name["also"]));
            let problem = name_problem(&resource, &patterns);
            if let Some(problem) = problem {
                self.problem(&pointer, problem);
                continue;
            }
            self.facts.names.push(ResourceName {
                resource,
                description: text(&name, "description"),
                patterns,
            });
        }
    }

    /// Parameters are looked at one operation at a time, so each gets its own copy.
    fn shared_parameters(&mut self) {
        let shared = self.document["components"]["parameters"].clone();
        let mut unresolved = Vec::new();
        for (pointer, operation) in operations(&mut self.document) {
            for (index, parameter) in parameter_objects(operation).enumerate() {
                let Some(reference) = parameter["$ref"].as_str() else {
                    continue;
                };
                match reference
                    .strip_prefix("#/components/parameters/")
                    .and_then(|n| shared.get(n))
                {
                    Some(found) => *parameter = found.clone(),
                    None => unresolved.push((
                        format!("{pointer}/parameters/{index}"),
                        reference.to_string(),
                    )),
                }
            }
        }
        for (pointer, reference) in unresolved {
            self.problem(&pointer, format!("{reference} does not exist"));
        }
        if let Some(components) = self.document["components"].as_object_mut() {
            components.remove("parameters");
        }
    }
}

/// A name is a type of its own, with a method for each part.
fn name_problem(resource: &str, patterns: &[String]) -> Option<String> {
    let ty = type_problem(resource).or_else(|| type_problem(&format!("{resource}Name")));
    let template = |pattern: &String| template_problem(pattern, false);
    let parts = || patterns.iter().flat_map(|pattern| parameters(pattern));
    let taken = || {
        let part = parts().find(|part| NAME.contains(part))?;
        Some(format!(
            "`{{{part}}}`: a name has a method `{part}` of its own: call the part otherwise"
        ))
    };
    let missing = || {
        let whole = parameters(&patterns[0]);
        let lacks =
            |pattern: &&String| whole.iter().any(|part| !parameters(pattern).contains(part));
        let other = patterns.iter().find(lacks)?;
        Some(format!("`{other}` lacks a part that `{}` has", patterns[0]))
    };
    ty.or_else(|| patterns.iter().find_map(template))
        .or_else(taken)
        .or_else(missing)
}
