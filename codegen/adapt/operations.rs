//! Operations: one success each, safe paths, and what they list, mask and want to be called with.

use super::{
    Adapter,
    facts::{Answer, Auth, List, Mask, Operation, Parameter, Problem, parameters},
    identifiers::{CALL, CLIENT, PATCH, is_field, is_identifier, type_problem},
    json::{
        Object, array, object, operations, parameter_objects, reference, strings,
        template_and_method, text,
    },
    prose::rustdoc,
};
use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Adapter {
    /// A patch is named after its resource, its setters after the last steps of its paths.
    pub(super) fn patches(&mut self) {
        let mut patches = BTreeMap::new();
        let mut problems = Vec::new();
        for operation in &self.facts.operations {
            let Some(mask) = &operation.mask else {
                continue;
            };
            let mut problem = |what: String| {
                let pointer = format!("{}/x-update-mask", operation.pointer);
                problems.push(Problem::new(pointer, format!("{}: {what}", operation.id)));
            };
            let request = operation.request.clone().unwrap_or_default();
            for ty in [mask.patch(), request] {
                if let Some(what) = type_problem(&ty) {
                    problem(what);
                }
                if let Some(other) = patches.insert(ty.clone(), &operation.id) {
                    problem(format!("{other} has a {ty} already"));
                }
            }
            let mut setters = BTreeMap::new();
            for path in &mask.paths {
                let setter = path.rsplit('.').next().unwrap_or(path).to_snake_case();
                if PATCH.contains(&setter.as_str()) {
                    problem(format!(
                        "`{path}`: a patch has a method `{setter}` of its own: leave the path out, `raw` can send it"
                    ));
                }
                for setter in [format!("clear_{setter}"), setter] {
                    if let Some(other) = setters.insert(setter.clone(), path) {
                        problem(format!(
                            "`{other}` and `{path}` would both have the setter `{setter}`: leave one out, `raw` can send it"
                        ));
                    }
                }
            }
        }
        self.problems.extend(problems);
    }

    pub(super) fn operations(&mut self) {
        let mut document = std::mem::take(&mut self.document);
        let schemas = document["components"]["schemas"].clone();
        let default_security = document["security"].clone();
        let (mut seen, mut calls) = (BTreeMap::new(), BTreeMap::new());
        for (pointer, operation) in operations(&mut document) {
            let Some(id) = operation
                .get("operationId")
                .and_then(Value::as_str)
                .map(str::to_string)
            else {
                self.problem(&pointer, "no `operationId`");
                continue;
            };
            if id != id.to_snake_case() {
                self.problem(&pointer, format!("{id}: an `operationId` is in snake_case"));
            }
            if let Some(what) = id_problem(&id) {
                self.problem(&pointer, format!("{id}: {what}"));
            }
            if let Some(other) = calls.insert(id.to_pascal_case(), id.clone())
                && other != id
            {
                self.problem(&pointer, format!("{id}: {other} would have a call of the same name: choose another `operationId`"));
            }
            if let Some(other) = seen.insert(id.clone(), pointer.clone()) {
                self.problem(
                    &pointer,
                    format!("{id}: `operationId` is also that of #{other}"),
                );
            }
            if operation.get("security").is_none() && !default_security.is_null() {
                operation.insert("security".into(), default_security.clone());
            }
            let before = self.problems.len();
            match self.operation(&id, &pointer, operation, &schemas) {
                Ok(fact) => self.facts.operations.push(fact),
                Err(problem) => self.problems.push(problem),
            }
            for problem in &mut self.problems[before..] {
                problem.message = format!("{id}: {}", problem.message);
            }
        }
        self.document = document;
    }

    fn operation(
        &mut self,
        id: &str,
        pointer: &str,
        operation: &mut Object,
        schemas: &Value,
    ) -> Result<Operation, Problem> {
        let (template, method) = template_and_method(pointer);
        let path = template.split('#').next().unwrap_or_default().to_string();
        let path_parameters: Vec<_> = parameters(&path).into_iter().map(str::to_string).collect();
        let query = self.parameters(pointer, operation, &path_parameters, schemas);
        safe_path_parameters(operation);
        let answer =
            success_only(operation).map_err(|m| Problem::new(format!("{pointer}/responses"), m))?;
        let request = request_body(operation)
            .map_err(|m| Problem::new(format!("{pointer}/requestBody"), m))?;
        let list =
            list(id, operation, &query, &answer, schemas).map_err(|m| Problem::new(pointer, m))?;
        let mask = mask(operation, request.as_deref(), schemas)
            .map_err(|m| Problem::new(format!("{pointer}/x-update-mask"), m))?;
        Ok(Operation {
            id: id.to_string(),
            auth: auth(operation).map_err(|m| Problem::new(format!("{pointer}/security"), m))?,
            idempotent: idempotent(&method, operation).map_err(|m| Problem::new(pointer, m))?,
            public_api: operation
                .get("x-public-api")
                .and_then(Value::as_str)
                .map(str::to_string),
            name: self.facts.name_of(&path),
            parent: self.facts.parent_of(&path),
            descriptions: parameter_objects(operation)
                .map(|p| {
                    (
                        text(p, "name").to_snake_case(),
                        rustdoc(&text(p, "description")),
                    )
                })
                .collect(),
            secrets: parameter_objects(operation)
                .filter(|p| p["x-secret"] == true)
                .map(|p| text(p, "name"))
                .collect(),
            id_prefixes: parameter_objects(operation)
                .filter(|p| p["in"] == "path" && p.get("x-id-prefix").is_some())
                .map(|p| (text(p, "name"), text(p, "x-id-prefix")))
                .collect(),
            pointer: pointer.to_string(),
            method,
            path,
            path_parameters,
            query,
            request,
            answer,
            list,
            mask,
            masked: false,
        })
    }

    /// A parameter becomes a method of the call.
    fn parameters(
        &mut self,
        pointer: &str,
        operation: &Object,
        path: &[String],
        schemas: &Value,
    ) -> Vec<Parameter> {
        let mut query = Vec::new();
        let mut setters = BTreeMap::new();
        let mut undeclared: BTreeSet<&str> = path.iter().map(String::as_str).collect();
        for (index, parameter) in
            array(operation.get("parameters").unwrap_or(&Value::Null)).enumerate()
        {
            let pointer = format!("{pointer}/parameters/{index}");
            let name = parameter["name"].as_str().unwrap_or_default();
            let setter = name.to_snake_case();
            if CALL.contains(&setter.as_str()) {
                self.problem(
                    &pointer,
                    format!(
                        "a parameter cannot be called `{name}`: the call has a method of that name"
                    ),
                );
            }
            if !is_field(name) {
                self.problem(
                    &pointer,
                    format!("`{name}` cannot become a setter in Rust: leave the parameter out"),
                );
            }
            if let Some(other) = setters.insert(setter, name) {
                self.problem(
                    &pointer,
                    format!("`{other}` and `{name}` would be the same setter: leave one out"),
                );
            }
            if !parameter["schema"].is_object() {
                self.problem(&pointer, format!("`{name}` needs a `schema`"));
            }
            self.nothing_inline(&format!("{pointer}/schema"), &parameter["schema"]);
            match parameter["in"].as_str() {
                Some("path") if !undeclared.remove(name) => {
                    self.problem(&pointer, format!("`{name}` is not in the path"));
                }
                Some("path") if parameter["required"] != true => {
                    self.problem(
                        &pointer,
                        format!("the path parameter `{name}` has to be required"),
                    );
                }
                Some("path") => {}
                Some("query") if !in_a_query(&parameter["schema"], schemas) => {
                    let message = format!(
                        "`{name}`: a query has texts, numbers, booleans, enums, and lists of texts and enums"
                    );
                    self.problem(&pointer, message);
                }
                Some("query") => query.push(Parameter {
                    name: name.to_string(),
                    required: parameter["required"] == true,
                    kind: parameter["schema"]["type"]
                        .as_str()
                        .unwrap_or("string")
                        .to_string(),
                    schema: parameter["schema"]
                        .get("items")
                        .unwrap_or(&parameter["schema"])
                        .clone(),
                    resource_name: self.resource_name(&pointer, parameter),
                }),
                other => self.problem(
                    &pointer,
                    format!("`{name}` is in {other:?}: only path and query are supported"),
                ),
            }
        }
        for name in undeclared {
            self.problem(
                pointer,
                format!("the path parameter `{name}` is not declared"),
            );
        }
        query
    }
}

/// An operation becomes a method of the client and the type of its call.
fn id_problem(id: &str) -> Option<String> {
    if !is_identifier(id) {
        return Some("an `operationId` has to be a name in Rust, and no word of the language: choose another".into());
    }
    if CLIENT.contains(&id) {
        return Some(format!(
            "the client has a method `{id}` of its own: choose another `operationId`"
        ));
    }
    type_problem(&id.to_pascal_case())
}

/// What has one way to be written in a query.
fn in_a_query(schema: &Value, schemas: &Value) -> bool {
    let text = |schema: &Value| match reference(schema) {
        Some(name) => schemas[name]["enum"].is_array(),
        None => schema["type"] == "string",
    };
    match schema["type"].as_str() {
        Some("array") => text(&schema["items"]),
        Some("integer" | "number" | "boolean") => true,
        _ => text(schema),
    }
}

/// progenitor encodes path parameters in a way that lets `..`, `\` and `:`
/// choose another path; the crate's own type refuses them.
fn safe_path_parameters(operation: &mut Object) {
    for parameter in parameter_objects(operation) {
        if parameter["in"] == "path" {
            parameter["schema"] = json!({"type": "string", "format": "path-segment"});
        }
    }
}

/// progenitor has one type for success and one for errors; with only `2XX`
/// left, every other status reaches the crate whole, whatever its body.
fn success_only(operation: &mut Object) -> Result<Answer, String> {
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
        .ok_or("no responses")?;
    responses.retain(|status, _| status.starts_with('2'));
    let mut successes = std::mem::take(responses).into_iter();
    let (Some((_, mut success)), None) = (successes.next(), successes.next()) else {
        return Err("expected exactly one success response".into());
    };
    if success.get("$ref").is_some() {
        return Err("a success is written where it belongs, and is no reference".into());
    }
    let schema = &success["content"]["application/json"]["schema"];
    let answer = match reference(schema) {
        _ if success.get("content").is_none() => Answer::Empty,
        Some("Empty") => Answer::Empty,
        Some("Unknown") => Answer::Unknown,
        Some(name) => Answer::Schema(name.to_string()),
        None => {
            return Err(
                "a success is a named schema in application/json, or has no content".into(),
            );
        }
    };
    only_json(&success["content"])?;
    match answer {
        Answer::Empty => drop(success.as_object_mut().and_then(|s| s.remove("content"))),
        Answer::Unknown => {
            success["content"]["application/json"]["schema"] =
                json!({"type": "object", "additionalProperties": {}});
        }
        Answer::Schema(_) => {}
    }
    responses.insert("2XX".into(), success);
    Ok(answer)
}

/// progenitor takes the first of several media types, and the crate sends and reads but one.
fn only_json(content: &Value) -> Result<(), String> {
    match object(content).find(|(media, _)| *media != "application/json") {
        Some((media, _)) => Err(format!(
            "only application/json is supported: leave `{media}` out"
        )),
        None => Ok(()),
    }
}

fn request_body(operation: &Object) -> Result<Option<String>, String> {
    let Some(body) = operation.get("requestBody") else {
        return Ok(None);
    };
    match reference(&body["content"]["application/json"]["schema"]) {
        Some(name) if body["required"] == true => {
            only_json(&body["content"])?;
            Ok(Some(name.to_string()))
        }
        Some(_) => {
            Err("progenitor takes every body as required, so the document has to say so".into())
        }
        None => Err("a request body is a named schema in application/json".into()),
    }
}

/// A list operation is one that takes a page token or is called `list_…`; its
/// answer has to have one array of named schemas beside `next_page_token`.
fn list(
    id: &str,
    operation: &Object,
    query: &[Parameter],
    answer: &Answer,
    schemas: &Value,
) -> Result<Option<List>, String> {
    let takes = |name: &str| query.iter().any(|p| p.name == name);
    let claims = id.starts_with("list_") || takes("page_token");
    if !claims || operation.get("x-unpaged").is_some_and(Value::is_string) {
        return Ok(None);
    }
    let fits = |name: &str, kind: &str| {
        let mut named = query.iter().filter(|p| p.name == name);
        named.all(|p| p.kind == kind && !p.required)
    };
    if !fits("page_token", "string") || !fits("page_size", "integer") {
        return Err(
            "`page_token` is a text, `page_size` is an integer, and neither is required".into(),
        );
    }
    if !takes("page_token") || !takes("page_size") {
        return Err(
            "a list operation takes `page_token` and `page_size`, or says why not in `x-unpaged`"
                .into(),
        );
    }
    let Answer::Schema(answer) = answer else {
        return Err(
            "a list operation answers with a named schema, or says why not in `x-unpaged`".into(),
        );
    };
    let properties = &schemas[answer]["properties"];
    if properties["next_page_token"]["type"] != "string" {
        return Err(format!(
            "{answer} has no `next_page_token` that is a text, so the list cannot be continued"
        ));
    }
    let mut arrays =
        object(properties).filter_map(|(key, value)| Some((key, reference(&value["items"])?)));
    match (arrays.next(), arrays.next()) {
        (Some((key, item)), None) => Ok(Some(List {
            key: key.clone(),
            item: item.to_string(),
        })),
        (None, _) => Err(format!("{answer} has no array of a named schema to list")),
        (Some(_), Some(_)) => Err(format!(
            "{answer} has more than one array of named schemas: which is the list?"
        )),
    }
}

fn mask(
    operation: &Object,
    request: Option<&str>,
    schemas: &Value,
) -> Result<Option<Mask>, String> {
    let Some(mask) = operation.get("x-update-mask") else {
        return Ok(None);
    };
    let request = &schemas[request.ok_or("a masked update has a body")?]["properties"];
    let resource = mask["resource"]
        .as_str()
        .ok_or("`resource` has to name the key of the partial resource")?;
    let schema = reference(&request[resource]).ok_or(format!(
        "the body has no `{resource}` that is a named schema"
    ))?;
    if request.get("update_mask").is_none() {
        return Err("the body has no `update_mask`".into());
    }
    let paths = strings(&mask["paths"]);
    if paths.is_empty() {
        return Err("`paths` has to list what can be updated".into());
    }
    for path in &paths {
        let mut at = &schemas[schema];
        for step in path.split('.') {
            at = &at["properties"][step];
            at = reference(at).map_or(at, |name| &schemas[name]);
        }
        if at.is_null() {
            return Err(format!("{schema} has no `{path}`"));
        }
    }
    Ok(Some(Mask {
        resource: resource.to_string(),
        schema: schema.to_string(),
        prefix: mask["prefix"]
            .as_str()
            .ok_or("`prefix` has to be a string, `\"\"` for none")?
            .to_string(),
        paths,
    }))
}

/// Whether doing it twice is the same as doing it once. Nobody promises that of a POST.
fn idempotent(method: &str, operation: &Object) -> Result<bool, &'static str> {
    match operation.get("x-idempotent").and_then(Value::as_bool) {
        Some(true) if method == "POST" => Err("`x-idempotent`: a POST is never repeated"),
        Some(idempotent) => Ok(idempotent),
        None => Err("`x-idempotent` has to say whether the call may be repeated"),
    }
}

fn auth(operation: &Object) -> Result<Auth, String> {
    let alternatives = operation.get("security").and_then(Value::as_array);
    let scheme = match alternatives.map(Vec::as_slice) {
        Some([one]) => one
            .as_object()
            .and_then(|o| o.keys().next())
            .map(String::as_str),
        _ => None,
    };
    match scheme {
        Some("bearer") => Ok(Auth::Bearer),
        Some("account") => Ok(Auth::Account),
        Some("app") => Ok(Auth::App),
        _ => {
            Err("expected exactly one of the security schemes `bearer`, `account` and `app`".into())
        }
    }
}
