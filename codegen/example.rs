//! Writes how a call is made, as a doctest, with values that the document names.

use super::{
    adapt::{Answer, Facts, Operation, Property, parameters, reference},
    rewrite::method_name,
};
use heck::ToSnakeCase;
use std::collections::BTreeSet;

/// The call with everything that it needs.
pub fn example(operation: &Operation, facts: &Facts) -> String {
    let mut writer = Writer {
        facts,
        imports: BTreeSet::new(),
    };
    let mut call = format!("client\n    .{}()", operation.id);
    for parameter in &operation.path_parameters {
        let value = said(operation, parameter).unwrap_or(parameter);
        call += &format!(
            "\n    .{}({value:?})",
            method_name(&parameter.to_snake_case())
        );
    }
    for parameter in operation.query.iter().filter(|p| p.required) {
        let value = match &parameter.resource_name {
            Some(resource) => writer.name(resource),
            None => format!("{:?}", parameter.name),
        };
        let value = match parameter.kind.as_str() {
            "array" => format!("[{value}]"),
            _ => value,
        };
        call += &format!(
            "\n    .{}({value})",
            method_name(&parameter.name.to_snake_case())
        );
    }
    let body = writer.body(operation);
    let (statement, argument) = match &body {
        Some(body) => (format!("let body = {body};\n"), "\n    .body(body)"),
        None => (String::new(), ""),
    };
    let answer = match operation.answer {
        Answer::Empty => "",
        _ => "let answer = ",
    };
    let uses = writer.imports.iter();
    let uses: String = uses
        .map(|import| format!("use segment_config_api::{import};\n"))
        .collect();
    format!(
        "```no_run\n{uses}# async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {{\n\
         {statement}{answer}{call}{argument}\n    .send()\n    .await?;\n# Ok(())\n# }}\n```"
    )
}

/// What the description of a parameter has for an example.
fn said<'a>(operation: &'a Operation, parameter: &str) -> Option<&'a str> {
    spoken(operation.descriptions.get(&parameter.to_snake_case())?)
}

fn spoken(description: &str) -> Option<&str> {
    description.split_once("for example `")?.1.split('`').next()
}

struct Writer<'f> {
    facts: &'f Facts,
    imports: BTreeSet<String>,
}

impl Writer<'_> {
    /// What an operation sends: a patch with its first field, or what has to be there.
    fn body(&mut self, operation: &Operation) -> Option<String> {
        let request = operation.request.as_ref()?;
        let Some(mask) = &operation.mask else {
            let inner = self.facts.envelope(operation).map(|(_, inner)| inner);
            return Some(self.built(inner.unwrap_or(request)));
        };
        self.imports.insert(format!("patch::{}", mask.patch()));
        let partial = self.facts.schemas.get(&mask.schema)?;
        let plain = |path: &&String| {
            let form = partial.properties.get(*path).map(|p| &p.form["type"]);
            form.is_some_and(|kind| kind == "string" || kind == "boolean")
        };
        let known = |path: &&String| partial.properties.contains_key(*path);
        let path = mask.paths.iter().find(plain);
        let path = path.or_else(|| mask.paths.iter().find(known))?;
        let value = self.value(path, &partial.properties[path]);
        let setter = method_name(&path.to_snake_case());
        Some(format!("{}::new().{setter}({value})", mask.patch()))
    }

    /// A schema's builder with all that is required.
    fn built(&mut self, schema: &str) -> String {
        self.imports.insert(format!("types::{schema}"));
        let mut built = format!("{schema}::builder()");
        let properties = self.facts.schemas.get(schema).map(|s| &s.properties);
        for (name, property) in properties.into_iter().flatten() {
            if property.required && property.tag.is_none() {
                let value = self.value(name, property);
                built += &format!("\n    .{}({value})", method_name(&name.to_snake_case()));
            }
        }
        built
    }

    fn value(&mut self, name: &str, property: &Property) -> String {
        let single = property
            .resource_name
            .as_ref()
            .map(|resource| self.name(resource));
        match property.form["type"].as_str() {
            Some("string") if single.is_none() => {
                format!("{:?}", spoken(&property.description).unwrap_or(name))
            }
            Some("array") => match single {
                Some(name) => format!("[{name}]"),
                None => format!("[{}]", self.form(name, &property.form["items"])),
            },
            _ => single.unwrap_or_else(|| self.form(name, &property.form)),
        }
    }

    fn form(&mut self, name: &str, form: &serde_json::Value) -> String {
        if let Some(schema) = reference(form) {
            return self.referred(schema);
        }
        match form["type"].as_str() {
            Some("boolean") => "true".into(),
            Some("integer") => "1".into(),
            Some("number") => "0.5".into(),
            Some("string") => format!("{name:?}"),
            Some("object") => "[(\"key\", \"value\")]".into(),
            _ => "serde_json::json!({})".into(),
        }
    }

    fn referred(&mut self, schema: &str) -> String {
        if let Some(values) = self.facts.enums.iter().find(|e| e.name == schema) {
            return format!("{:?}", values.values.first().map_or("", String::as_str));
        }
        if let Some(union) = self.facts.unions.iter().find(|u| u.name == schema) {
            let member = union
                .members
                .first()
                .map_or(&union.other, |(_, member)| member);
            self.imports.insert(format!("types::{member}"));
            return format!("{member}::default()");
        }
        let has_properties = |s: &super::adapt::Schema| !s.properties.is_empty();
        match self.facts.schemas.get(schema).is_some_and(has_properties) {
            true => self.built(schema),
            false => "serde_json::json!({})".into(),
        }
    }

    /// A resource's name, with what the operations below it say of its parts.
    fn name(&self, resource: &str) -> String {
        let name = self.facts.names.iter().find(|n| n.resource == resource);
        let pattern = name.map_or("", |n| n.patterns[0].as_str());
        let mut filled = pattern.to_string();
        for part in parameters(pattern) {
            let braces = format!("{{{part}}}");
            let end = pattern.find(&braces).unwrap_or_default() + braces.len();
            let below =
                |o: &&Operation| o.path.trim_start_matches('/').starts_with(&pattern[..end]);
            let mut operations = self.facts.operations.iter().filter(below);
            let value = operations.find_map(|o| said(o, part)).unwrap_or(part);
            filled = filled.replace(&braces, value);
        }
        format!("{filled:?}")
    }
}
