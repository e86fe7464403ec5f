//! The public API as a list of facts, so that a change of it can be reviewed
//! although `build.rs` hides the code.
//!
//! Only `cargo xtask` runs this, from the same facts that `emit` works from.

use super::adapt::{Answer, Auth, Demand, Facts, Mask, Operation, Schema, reference};
use heck::ToPascalCase;
use serde_json::Value;

/// One fact a line, sorted. `adapted` is the document that `facts` came with.
pub fn surface(adapted: &Value, facts: &Facts) -> Vec<String> {
    let surface = Surface { adapted, facts };
    let mut lines = Vec::new();
    for operation in &facts.operations {
        lines.extend(surface.operation(operation));
        lines.extend(surface.parameters(operation));
        lines.extend(surface.setters(operation));
        lines.extend(surface.patch(operation));
    }
    for (name, schema) in &facts.schemas {
        lines.extend(surface.schema(name, schema));
    }
    lines.extend(enums(facts));
    lines.extend(names(facts));
    lines.sort();
    lines.dedup();
    lines
}

struct Surface<'a> {
    adapted: &'a Value,
    facts: &'a Facts,
}

impl Surface<'_> {
    fn operation(&self, operation: &Operation) -> Vec<String> {
        let Operation {
            id, method, path, ..
        } = operation;
        let auth = match operation.auth {
            Auth::Bearer => "bearer",
            Auth::Account => "account",
            Auth::App => "app",
        };
        let repeated = match operation.idempotent {
            true => "idempotent",
            false => "not-idempotent",
        };
        let answer = match &operation.answer {
            Answer::Empty => "()",
            Answer::Unknown => "Map<String, Json>",
            Answer::Schema(name) => name,
        };
        let mut lines = vec![
            format!("operation {id} {method} {path} {auth} {repeated}"),
            format!("answer {id} {answer}"),
        ];
        lines.extend(match (&operation.mask, &operation.request) {
            (Some(mask), _) => Some(format!("request {id} {}", patch_type(mask))),
            (None, Some(request)) => Some(format!("request {id} {request}")),
            (None, None) => None,
        });
        if let Some(list) = &operation.list {
            lines.push(format!("stream {id} {}", list.item));
        }
        lines
    }

    fn parameters(&self, operation: &Operation) -> Vec<String> {
        let declared = self
            .adapted
            .pointer(&operation.pointer)
            .map(|o| &o["parameters"]);
        let declared = declared.and_then(Value::as_array).into_iter().flatten();
        let line = |parameter: &Value| {
            let text = |key: &str| parameter[key].as_str().unwrap_or_default().to_string();
            let ty = rust_type(&parameter["schema"]);
            let need = need(parameter["required"] == true);
            format!(
                "parameter {} {} {} {ty} {need}",
                operation.id,
                text("name"),
                text("in")
            )
        };
        declared.map(line).collect()
    }

    /// The setters that take a resource name.
    fn setters(&self, operation: &Operation) -> Vec<String> {
        let whole = match (&operation.name, &operation.parent) {
            (Some(name), _) => Some(("name", name)),
            (None, Some(parent)) => Some(("parent", parent)),
            (None, None) => None,
        };
        let parts = operation.path_parameters.iter().filter_map(|parameter| {
            let name = self.facts.name_ending_with(parameter, operation)?;
            Some((parameter.as_str(), &name.resource))
        });
        let line = |(setter, resource)| format!("setter {} {setter} {resource}Name", operation.id);
        whole.into_iter().chain(parts).map(line).collect()
    }

    fn patch(&self, operation: &Operation) -> Vec<String> {
        let Some(mask) = &operation.mask else {
            return Vec::new();
        };
        let line = |path: &String| {
            let (patch, prefix) = (patch_type(mask), &mask.prefix);
            let ty = self.partial_type(&mask.schema, path);
            format!("patch {} {patch} {prefix}{path} {ty}", operation.id)
        };
        mask.paths.iter().map(line).collect()
    }

    /// The type of a field of a partial resource, at any depth.
    fn partial_type(&self, schema: &str, path: &str) -> String {
        let mut at = self.named(schema);
        for step in path.split('.') {
            let inside = reference(at).map_or(at, |name| self.named(name));
            at = &inside["properties"][step];
        }
        rust_type(at)
    }

    fn named(&self, schema: &str) -> &Value {
        &self.adapted["components"]["schemas"][schema]
    }

    fn schema(&self, name: &str, fact: &Schema) -> Vec<String> {
        // A patch stands for it.
        if self.facts.is_partial(name) {
            return Vec::new();
        }
        let schema = self.named(name);
        if let Some(members) = schema["oneOf"].as_array() {
            let members = members.iter().map(rust_type);
            return members
                .map(|member| format!("union {name} {member}"))
                .collect();
        }
        let direction = match (fact.sent, fact.received) {
            (true, true) => "sent-and-received",
            (true, false) => "sent",
            _ => "received",
        };
        let mut lines = vec![if fact.properties.is_empty() {
            format!("type {name} {direction} = {}", rust_type(schema))
        } else {
            format!("type {name} {direction}")
        }];
        lines.extend(self.fields(name, fact));
        for (property, known) in &fact.properties {
            let resource = known.resource_name.iter();
            lines.extend(resource.map(|r| format!("resource-name {name}.{property} {r}Name")));
            let hidden = known.secret.then(|| format!("hidden {name}.{property}"));
            lines.extend(hidden);
        }
        lines.extend(demand(name, fact));
        lines
    }

    fn fields(&self, name: &str, fact: &Schema) -> Vec<String> {
        // In the adapted document, what is required is what the Rust type always has.
        let schema = self.named(name);
        let required = schema["required"].as_array();
        let fields = fact.properties.iter().map(|(property, known)| {
            let ty = match &known.tag {
                Some(tag) => format!("{tag:?}"),
                None => rust_type(&schema["properties"][property]),
            };
            let need = need(required.is_some_and(|r| r.iter().any(|r| r == property)));
            format!("field {name}.{property} {ty} {need}")
        });
        fields.collect()
    }
}

/// What has to be there when it is read.
fn demand(name: &str, fact: &Schema) -> Vec<String> {
    let demand = |what: &str| format!("demand {name} {what}");
    match fact.demand() {
        Demand::Keys(keys) => keys.iter().map(|key| demand(key)).collect(),
        Demand::Any => vec![demand("any-key")],
        Demand::AnyOrEmpty => vec![demand("any-key-or-empty")],
    }
}

fn enums(facts: &Facts) -> impl Iterator<Item = String> {
    facts.enums.iter().flat_map(|e| {
        let values = e.values.iter();
        values.map(|value| format!("enum {} {value}", e.name))
    })
}

/// A name prints as its first pattern and parses from all of them.
fn names(facts: &Facts) -> impl Iterator<Item = String> {
    facts.names.iter().flat_map(|name| {
        let verbs = ["prints"].into_iter().chain(std::iter::repeat("parses"));
        let patterns = verbs.zip(&name.patterns);
        let resource = &name.resource;
        patterns.map(move |(verb, pattern)| format!("name {resource}Name {verb} {pattern}"))
    })
}

fn patch_type(mask: &Mask) -> String {
    format!("{}Patch", mask.resource.to_pascal_case())
}

fn need(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}

/// A schema as the type it becomes, without the modules that types live in.
fn rust_type(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return name.to_string();
    }
    let inner = |key: &str| rust_type(&schema[key]);
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("Vec<{}>", inner("items")),
        (Some("object"), _) => format!("Map<String, {}>", inner("additionalProperties")),
        (Some("string"), Some("date-time")) => "Timestamp".into(),
        (Some("string"), Some("password")) => "Secret".into(),
        (Some("string"), Some("path-segment")) => "PathSegment".into(),
        (Some("string"), None) => "String".into(),
        (Some("boolean"), None) => "bool".into(),
        (Some("integer"), None) => "i64".into(),
        (Some("number"), None) => "Number".into(),
        (Some(kind), Some(format)) => format!("{kind}({format})"),
        (Some(kind), None) => kind.into(),
        (None, _) => "Json".into(),
    }
}
