//! Adapts the document to what progenitor can do, and collects the facts that
//! the other steps work from.
//!
//! Every adaptation is a function whose first line gives its reason. What
//! cannot be adapted is a [`Problem`] that names the place; all of them are
//! reported at once.

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Something in the document that cannot become a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer of the place.
    pub pointer: String,
    /// What is wrong there, with the operation's name if there is one.
    pub message: String,
}

impl Problem {
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}: {}", self.pointer, self.message)
    }
}

/// What the document says beyond types and requests.
#[derive(Debug, Default)]
pub struct Facts {
    pub operations: Vec<Operation>,
    pub enums: Vec<OpenEnum>,
    pub schemas: BTreeMap<String, Schema>,
    pub names: Vec<ResourceName>,
}

#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    /// The path template, without the fragment that tells two operations apart.
    pub path: String,
    pub pointer: String,
    pub auth: Auth,
    pub idempotent: bool,
    pub path_parameters: Vec<String>,
    pub query: Vec<Parameter>,
    /// What the document says of each parameter.
    pub descriptions: BTreeMap<String, String>,
    /// The schema of the body.
    pub request: Option<String>,
    pub answer: Answer,
    pub list: Option<List>,
    pub mask: Option<Mask>,
    /// Whether the body may hold values that the server has masked.
    pub masked: bool,
    /// The resource name that fills all path parameters.
    pub name: Option<String>,
    /// The resource name that fills the path parameters before the last noun.
    pub parent: Option<String>,
}

impl Operation {
    /// The name of the generated builder.
    pub fn builder(&self) -> String {
        self.id.to_pascal_case()
    }
}

#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    pub required: bool,
    /// The JSON type, `string` for a named schema.
    pub kind: String,
}

/// The credentials an operation wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    Bearer,
    Account,
    App,
}

/// What a success carries.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// `{}`, an empty body or 204: nothing of interest.
    Empty,
    /// An object of which nothing is known.
    Unknown,
    Schema(String),
}

#[derive(Debug)]
pub struct List {
    /// The key that holds the items.
    pub key: String,
    /// The schema of an item.
    pub item: String,
}

/// A masked update.
#[derive(Debug)]
pub struct Mask {
    /// The key of the body that holds the partial resource.
    pub resource: String,
    /// The schema of the partial resource.
    pub schema: String,
    /// What stands before each path in the mask.
    pub prefix: String,
    pub paths: Vec<String>,
}

impl Mask {
    /// The name of the patch type.
    pub fn patch(&self) -> String {
        format!("{}Patch", self.resource.to_pascal_case())
    }
}

#[derive(Debug)]
pub struct OpenEnum {
    pub name: String,
    pub description: String,
    pub values: Vec<String>,
}

/// How a schema is used.
#[derive(Debug, Default)]
pub struct Schema {
    pub sent: bool,
    pub received: bool,
    /// The properties, with what only the document knows of them.
    pub properties: BTreeMap<String, Property>,
    /// The resource-name type of the `name` property.
    pub resource_name: Option<String>,
    /// Whether the server masks a property, so that what was read cannot be sent back.
    pub masked: bool,
}

impl Schema {
    /// Whether it is a member of a union that is told apart by a tag.
    pub fn is_tagged(&self) -> bool {
        self.properties.values().any(|p| p.tag.is_some())
    }

    /// The one property without which an answer cannot be used.
    pub fn identifier(&self) -> Option<&str> {
        ["name", "id"]
            .into_iter()
            .find(|p| self.properties.get(*p).is_some_and(|p| p.required))
    }
}

#[derive(Debug)]
pub struct Property {
    pub required: bool,
    /// The single value of a union member's tag.
    pub tag: Option<String>,
    /// Its own description, or that of the schema it refers to.
    pub description: String,
}

#[derive(Debug)]
pub struct ResourceName {
    /// `Source` for `SourceName`.
    pub resource: String,
    pub description: String,
    /// The pattern that names are built from, then others that parse too.
    pub patterns: Vec<String>,
}

/// The braces' contents of a template, in order.
pub fn parameters(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect()
}

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

type Object = Map<String, Value>;

impl Adapter {
    fn run(&mut self) {
        if !self.version() {
            return;
        }
        self.resource_names();
        self.shared_parameters();
        self.schemas();
        self.operations();
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
            let pointer = format!("/x-resource-names/{resource}");
            let Some(pattern) = name["pattern"].as_str() else {
                self.problem(&pointer, "a resource name needs a `pattern`");
                continue;
            };
            let mut patterns = vec![pattern.to_string()];
            patterns.extend(strings(&name["also"]));
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

    /// Named schemas are what the other steps can refer to.
    fn schemas(&mut self) {
        let schemas = self.document["components"]["schemas"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        for (name, schema) in &schemas {
            let pointer = format!("/components/schemas/{name}");
            if *name != name.to_pascal_case() {
                self.problem(&pointer, "schemas are named in PascalCase");
            }
            if let Some(values) = string_enum(schema) {
                let description = text(schema, "description");
                self.facts.enums.push(OpenEnum {
                    name: name.clone(),
                    description,
                    values,
                });
                continue;
            }
            self.schema(&pointer, name, schema);
        }
    }

    fn schema(&mut self, pointer: &str, name: &str, schema: &Value) {
        let required = strings(&schema["required"]);
        let mut fact = Schema {
            resource_name: schema["x-resource-name"].as_str().map(str::to_string),
            ..Schema::default()
        };
        let mut fields = BTreeMap::new();
        for (property, value) in object(&schema["properties"]) {
            fact.masked |= value.get("x-masked").is_some();
            let pointer = format!("{pointer}/properties/{property}");
            if let Some(other) = fields.insert(property.to_snake_case(), property) {
                self.problem(
                    &pointer,
                    format!("`{other}` and `{property}` are the same name in Rust"),
                );
            }
            let tag = string_enum(value)
                .filter(|values| values.len() == 1)
                .map(|mut v| v.remove(0));
            if tag.is_none() {
                self.nothing_inline(&pointer, value);
            }
            let own = text(value, "description");
            let referred = || {
                reference(value)
                    .map(|name| text(&self.document["components"]["schemas"][name], "description"))
            };
            let property_fact = Property {
                required: required.contains(property),
                tag,
                description: rustdoc(
                    &Some(own)
                        .filter(|d| !d.is_empty())
                        .or_else(referred)
                        .unwrap_or_default(),
                ),
            };
            fact.properties.insert(property.clone(), property_fact);
        }
        if fields.contains_key("extra") {
            self.problem(
                pointer,
                "`extra` is taken: it holds the keys a schema does not know",
            );
        }
        let has_properties = !fact.properties.is_empty();
        if has_properties && schema["additionalProperties"] != json!({}) {
            self.problem(
                pointer,
                "an object keeps what it does not know: `additionalProperties` has to be `{}`",
            );
        }
        if let Some(resource) = &fact.resource_name
            && !self.facts.names.iter().any(|n| n.resource == *resource)
        {
            self.problem(
                pointer,
                format!("`{resource}` is not among `x-resource-names`"),
            );
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            for (index, member) in array(&schema[key]).enumerate() {
                if reference(member).is_none() {
                    self.problem(
                        &format!("{pointer}/{key}/{index}"),
                        "members of a union are named schemas",
                    );
                }
            }
        }
        for key in ["items", "additionalProperties"] {
            if schema[key].is_object() {
                self.nothing_inline(&format!("{pointer}/{key}"), &schema[key]);
            }
        }
        self.facts.schemas.insert(name.to_string(), fact);
    }

    /// An inline object or enum would get a name of typify's making, which no
    /// other step could refer to.
    fn nothing_inline(&mut self, pointer: &str, schema: &Value) {
        if string_enum(schema).is_some() {
            self.problem(
                pointer,
                "an enum needs a name: move it to components/schemas",
            );
        }
        if schema["properties"].is_object()
            || schema["oneOf"].is_array()
            || schema["anyOf"].is_array()
        {
            self.problem(
                pointer,
                "an object needs a name: move it to components/schemas",
            );
        }
        for key in ["items", "additionalProperties"] {
            if schema[key].is_object() {
                self.nothing_inline(&format!("{pointer}/{key}"), &schema[key]);
            }
        }
    }

    fn operations(&mut self) {
        let mut document = std::mem::take(&mut self.document);
        let schemas = document["components"]["schemas"].clone();
        let default_security = document["security"].clone();
        let mut seen = BTreeMap::new();
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
        let query = self.parameters(pointer, operation, &path_parameters);
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
            idempotent: operation
                .get("x-idempotent")
                .and_then(Value::as_bool)
                .ok_or_else(|| {
                    Problem::new(
                        pointer,
                        "`x-idempotent` has to say whether the call may be repeated",
                    )
                })?,
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

    /// A parameter becomes a method of the builder.
    fn parameters(&mut self, pointer: &str, operation: &Object, path: &[String]) -> Vec<Parameter> {
        const TAKEN: [&str; 11] = [
            "name",
            "parent",
            "body",
            "send",
            "send_response",
            "stream",
            "pages",
            "request",
            "client",
            "new",
            "clone",
        ];
        let mut query = Vec::new();
        let mut undeclared: BTreeSet<&str> = path.iter().map(String::as_str).collect();
        for (index, parameter) in
            array(operation.get("parameters").unwrap_or(&Value::Null)).enumerate()
        {
            let pointer = format!("{pointer}/parameters/{index}");
            let name = parameter["name"].as_str().unwrap_or_default();
            if TAKEN.contains(&name.to_snake_case().as_str()) {
                self.problem(&pointer, format!("a parameter cannot be called `{name}`: the builder has a method of that name"));
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
                Some("query") => query.push(Parameter {
                    name: name.to_string(),
                    required: parameter["required"] == true,
                    kind: parameter["schema"]["type"]
                        .as_str()
                        .unwrap_or("string")
                        .to_string(),
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

    /// Only what an operation reaches is generated, and each schema knows its direction.
    fn reachable_schemas(&mut self) {
        let schemas = self.document["components"]["schemas"].clone();
        let mut reached = BTreeSet::new();
        let mut operations = std::mem::take(&mut self.facts.operations);
        for operation in &mut operations {
            let sent = match &operation.mask {
                Some(mask) => Some(mask.schema.clone()),
                None => operation.request.clone(),
            };
            let received = match &operation.answer {
                Answer::Schema(name) => Some(name.clone()),
                _ => None,
            };
            let sent = self.reached(&operation.pointer, sent, &schemas);
            let received = self.reached(&operation.pointer, received, &schemas);
            let mut parameters = Vec::new();
            references(
                &self
                    .document
                    .pointer(&operation.pointer)
                    .unwrap_or(&Value::Null)["parameters"],
                &mut parameters,
            );
            for (name, schema) in &mut self.facts.schemas {
                schema.sent |= sent.contains(name);
                schema.received |= received.contains(name);
                operation.masked |=
                    schema.masked && sent.contains(name) && operation.mask.is_none();
            }
            reached.extend(sent.into_iter().chain(received).chain(parameters));
        }
        self.facts.operations = operations;
        self.facts.enums.retain(|e| reached.contains(&e.name));
        self.facts.schemas.retain(|name, _| reached.contains(name));
        let unions = self.unions(&schemas);
        let Some(kept) = self.document["components"]["schemas"].as_object_mut() else {
            return;
        };
        kept.retain(|name, _| reached.contains(name));
        for (name, schema) in kept.iter_mut() {
            if self.facts.schemas.get(name).is_some_and(|s| s.received) {
                optional_times_and_unions(schema, &unions);
            }
        }
        // The body of a masked update is made from a patch, by a type of the crate's own.
        let bodies = self
            .facts
            .operations
            .iter()
            .filter(|o| o.mask.is_some())
            .filter_map(|o| o.request.clone());
        kept.extend(bodies.map(|name| (name, json!({"type": "object"}))));
    }

    /// The schemas that can be got to from `root`, itself among them.
    fn reached(
        &mut self,
        pointer: &str,
        root: Option<String>,
        schemas: &Value,
    ) -> BTreeSet<String> {
        let mut queue: Vec<_> = root.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(name) = queue.pop() {
            match schemas.get(&name) {
                None => self.problem(pointer, format!("the schema {name} does not exist")),
                Some(schema) if reached.insert(name) => references(schema, &mut queue),
                Some(_) => {}
            }
        }
        reached
    }

    /// The names of unions; those that are received have to take members that nobody knows yet.
    fn unions(&mut self, schemas: &Value) -> BTreeSet<String> {
        let unions = object(schemas).filter(|(_, schema)| schema["oneOf"].is_array());
        let unions: BTreeSet<_> = unions.map(|(name, _)| name.clone()).collect();
        for name in &unions {
            let last = array(&schemas[name]["oneOf"]).last().and_then(reference);
            let received = self.facts.schemas.get(name).is_some_and(|s| s.received);
            if received && !last.is_some_and(|last| schemas[last]["x-catch-all"] == true) {
                let message = "the last member of an answer's union has to take what the others do not (`x-catch-all`)";
                self.problem(&format!("/components/schemas/{name}/oneOf"), message);
            }
        }
        unions
    }

    fn all_schemas(&mut self, adapt: fn(&mut Value)) {
        for (_, operation) in operations(&mut self.document) {
            for parameter in parameter_objects(operation) {
                every_schema(&mut parameter["schema"], adapt);
            }
        }
        for schema in self.document["components"]["schemas"]
            .as_object_mut()
            .into_iter()
            .flatten()
        {
            every_schema(schema.1, adapt);
        }
    }

    /// Descriptions become rustdoc, which reads more into a text than OpenAPI does.
    fn documentation(&mut self) {
        for (_, operation) in operations(&mut self.document) {
            let description = operation_description(operation);
            operation.insert("description".into(), description.into());
        }
        rustdoc_texts(&mut self.document);
        for e in &mut self.facts.enums {
            e.description = rustdoc(&e.description);
        }
        for n in &mut self.facts.names {
            n.description = rustdoc(&n.description);
        }
    }
}

impl Facts {
    /// Whether a schema is the partial resource of a masked update, which a patch stands for.
    pub fn is_partial(&self, schema: &str) -> bool {
        self.operations
            .iter()
            .filter_map(|o| o.mask.as_ref())
            .any(|mask| mask.schema == schema)
    }

    /// The resource name whose pattern is `path`.
    fn name_of(&self, path: &str) -> Option<String> {
        let path = path.trim_start_matches('/');
        let name = self
            .names
            .iter()
            .find(|n| n.patterns[0] == path && path.contains('{'))?;
        Some(name.resource.clone())
    }

    /// The resource name with the longest pattern that `path` goes on from.
    pub fn parent_of(&self, path: &str) -> Option<String> {
        let path = path.trim_start_matches('/');
        let follows = |pattern: &str| {
            path.strip_prefix(pattern)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let parents = self.names.iter().filter(|n| follows(&n.patterns[0]));
        Some(
            parents
                .max_by_key(|n| n.patterns[0].len())?
                .resource
                .clone(),
        )
    }
}

/// The operations of a document with their JSON pointers.
pub fn operations(document: &mut Value) -> impl Iterator<Item = (String, &mut Object)> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let pointer = format!("/paths/{}", path.replace('~', "~0").replace('/', "~1"));
        let methods = item.as_object_mut().into_iter().flatten();
        methods
            .filter(|(method, _)| METHODS.contains(&method.as_str()))
            .filter_map(move |(method, operation)| {
                Some((format!("{pointer}/{method}"), operation.as_object_mut()?))
            })
    })
}

fn parameter_objects(operation: &mut Object) -> impl Iterator<Item = &mut Value> {
    operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// The path key and method (upper case) that an operation's pointer names.
fn template_and_method(pointer: &str) -> (String, String) {
    let mut parts = pointer.split('/').skip(2);
    let path = parts
        .next()
        .unwrap_or_default()
        .replace("~1", "/")
        .replace("~0", "~");
    (path, parts.next().unwrap_or_default().to_uppercase())
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

fn request_body(operation: &Object) -> Result<Option<String>, String> {
    let Some(body) = operation.get("requestBody") else {
        return Ok(None);
    };
    match reference(&body["content"]["application/json"]["schema"]) {
        Some(name) if body["required"] == true => Ok(Some(name.to_string())),
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
    if properties.get("next_page_token").is_none() {
        return Err(format!(
            "{answer} has no `next_page_token`, so the list cannot be continued"
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

/// An answer without a time, or with `""` for one, is an answer all the same;
/// a union has no default that could stand for an absent one.
fn optional_times_and_unions(schema: &mut Value, unions: &BTreeSet<String>) {
    let properties = schema["properties"].clone();
    if let Some(required) = schema["required"].as_array_mut() {
        required.retain(|name| {
            let property = &properties[name.as_str().unwrap_or_default()];
            property["format"] != "date-time"
                && !reference(property).is_some_and(|r| unions.contains(r))
        });
    }
}

/// A client has no business rejecting what the server sends or accepts, and
/// typify turns these keywords into newtypes, `NonZero*` and defaults that refuse `null`.
fn strip_validation(schema: &mut Value) {
    const KEYWORDS: [&str; 14] = [
        "default",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    ];
    if let Some(schema) = schema.as_object_mut() {
        schema.retain(|key, _| !KEYWORDS.contains(&key.as_str()));
    }
}

/// typify makes an optional array or map a plain one, which refuses `null` and
/// cannot tell an empty list from none; as nullable it becomes an `Option`.
fn nullable_containers(schema: &mut Value) {
    let required = strings(&schema["required"]);
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties {
        if !required.contains(name) && (property["type"] == "array" || property["type"] == "object")
        {
            property["nullable"] = true.into();
        }
    }
}

/// The rustdoc says what a reader of the document would see: how sure the
/// shape is, and what replaces the call.
fn operation_description(operation: &Object) -> String {
    let mut paragraphs = vec![text_of(operation, "description")];
    let inferred: Vec<_> = object(operation.get("x-confidence-of").unwrap_or(&Value::Null))
        .filter(|(_, confidence)| *confidence == "inferred")
        .map(|(part, _)| part.as_str())
        .collect();
    if !inferred.is_empty() {
        paragraphs.push(format!(
            "**Inferred**: no public source shows the {} of this call.",
            inferred.join(" and the ")
        ));
    }
    if let Some(confidence) = operation
        .get("x-confidence")
        .and_then(Value::as_str)
        .filter(|_| inferred.is_empty())
    {
        paragraphs.push(format!("Confidence: {confidence}."));
    }
    let note = text_of(operation, "x-public-api-note");
    paragraphs.push(
        match operation.get("x-public-api").and_then(Value::as_str) {
            Some(call) => format!("In the Public API: `{call}`. {note}"),
            None => format!("The Public API has no such call. {note}"),
        },
    );
    paragraphs.retain(|p| !p.trim().is_empty());
    paragraphs
        .iter()
        .map(|p| p.trim())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn rustdoc_texts(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" || key == "summary" => {
                        *text = rustdoc(text)
                    }
                    _ => rustdoc_texts(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(rustdoc_texts),
        _ => {}
    }
}

/// Indented lines and fences would become doctests; `<x>`, `[x]` and bare
/// addresses trip rustdoc's lints.
fn rustdoc(text: &str) -> String {
    let word = |word: &str| {
        let address = word.trim_start_matches(['(', '"']);
        if address.starts_with("https://") || address.starts_with("http://") {
            let (before, rest) = word.split_at(word.len() - address.len());
            let end = rest.trim_end_matches(['.', ',', ')', ';', '"']).len();
            return format!("{before}<{}>{}", &rest[..end], &rest[end..]);
        }
        word.to_string()
    };
    let line = |line: &str| {
        // Odd pieces between backticks are code, which rustdoc leaves alone.
        let pieces = line.trim().split('`').enumerate().map(|(i, piece)| {
            if i % 2 == 1 {
                return piece.to_string();
            }
            let escaped = piece.replace('<', "\\<").replace('[', "\\[");
            escaped.split(' ').map(word).collect::<Vec<_>>().join(" ")
        });
        pieces.collect::<Vec<_>>().join("`")
    };
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("```"));
    lines.map(line).collect::<Vec<_>>().join("\n")
}

/// Applies `visit` to a schema and to all schemas inside it.
fn every_schema(schema: &mut Value, visit: fn(&mut Value)) {
    visit(schema);
    for (key, inner) in schema.as_object_mut().into_iter().flatten() {
        match (key.as_str(), inner) {
            ("properties", Value::Object(map)) => {
                map.values_mut().for_each(|s| every_schema(s, visit))
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(members)) => {
                members.iter_mut().for_each(|s| every_schema(s, visit));
            }
            ("items" | "additionalProperties", inner @ Value::Object(_)) => {
                every_schema(inner, visit)
            }
            _ => {}
        }
    }
}

/// The schemas that `value` refers to, at any depth.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(reference(value).map(str::to_string));
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(values) => values.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

/// The named schema that `schema` is, directly or as the only member of an `allOf`.
pub fn reference(schema: &Value) -> Option<&str> {
    let direct = schema["$ref"].as_str();
    let only = || match schema["allOf"].as_array()?.as_slice() {
        [one] => one["$ref"].as_str(),
        _ => None,
    };
    direct.or_else(only)?.strip_prefix("#/components/schemas/")
}

fn string_enum(schema: &Value) -> Option<Vec<String>> {
    let values = schema["enum"].as_array()?;
    values
        .iter()
        .map(|v| v.as_str().map(str::to_string))
        .collect()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(value: &Value) -> Vec<String> {
    array(value)
        .filter_map(|v| v.as_str().map(str::to_string))
        .collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}

fn text_of(operation: &Object, key: &str) -> String {
    operation
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_string()
}
