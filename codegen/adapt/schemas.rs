//! Schemas: named, open, only those that are used, and read liberally.

use super::{
    Adapter,
    facts::{Answer, OpenEnum, Property, Role, Schema, Union},
    identifiers::{accessor, is_field, type_problem},
    json::{
        array, object, operations, parameter_objects, reference, references, step, string_enum,
        strings, text,
    },
    prose::rustdoc,
};
use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The types of JSON.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// The schema that is any JSON.
const JSON_SCHEMA: &str = "JsonSchema";

/// What was read of an object is remembered in a bit for each property.
const MOST_PROPERTIES: usize = 64;

impl Adapter {
    /// Named schemas are what the other steps can refer to.
    pub(super) fn schemas(&mut self) {
        let schemas = self.document["components"]["schemas"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let members = schemas.values().flat_map(|schema| array(&schema["oneOf"]));
        let members: BTreeSet<_> = members.filter_map(reference).collect();
        for (name, schema) in &schemas {
            let pointer = format!("/components/schemas/{}", step(name));
            if let Some(problem) = type_problem(name) {
                self.problem(&pointer, problem);
            }
            if schema["nullable"] == true {
                self.problem(
                    &pointer,
                    "a named schema is never null: say `nullable` where it is used",
                );
            }
            if *name != name.to_pascal_case() {
                self.problem(&pointer, "schemas are named in PascalCase");
            }
            if let Some(values) = string_enum(schema) {
                let description = text(schema, "description");
                if values.is_empty() {
                    self.problem(
                        &pointer,
                        "an enum has values: leave `enum` out where they are not known",
                    );
                }
                self.facts.enums.push(OpenEnum {
                    name: name.clone(),
                    description,
                    values,
                });
                continue;
            }
            self.schema(&pointer, name, schema, members.contains(name.as_str()));
        }
    }

    /// `member` says that a union may be told apart by a property with a single value.
    fn schema(&mut self, pointer: &str, name: &str, schema: &Value, member: bool) {
        let required = strings(&schema["required"]);
        let mut fact = Schema {
            identifier: schema["x-identifier"].as_str().map(str::to_string),
            ..Schema::default()
        };
        let (mut fields, mut accessors) = (BTreeMap::new(), BTreeMap::new());
        for missing in required
            .iter()
            .filter(|r| schema["properties"].get(r).is_none())
        {
            self.problem(pointer, format!("`{missing}` is required, and no property"));
        }
        for (property, value) in object(&schema["properties"]) {
            fact.masked |= value.get("x-masked").is_some();
            let pointer = format!("{pointer}/properties/{}", step(property));
            if !is_field(property) {
                let message = format!(
                    "`{property}` cannot become a field in Rust: leave it out, and it is kept in `extra`"
                );
                self.problem(&pointer, message);
            }
            if let Some(other) = fields.insert(property.to_snake_case(), property) {
                self.problem(
                    &pointer,
                    format!("`{other}` and `{property}` are the same name in Rust"),
                );
            }
            let tag = string_enum(value)
                .filter(|values| values.len() == 1 && member && !fact.is_tagged())
                .map(|mut v| v.remove(0));
            if tag.is_none() {
                self.nothing_inline(&pointer, value);
            }
            let resource_name = self.resource_name(&pointer, value);
            let taken_apart = resource_name.is_some().then(|| accessor(property));
            if let Some(name) = taken_apart
                && let Some(other) = accessors.insert(name.clone(), property)
            {
                let message = format!(
                    "`{other}` and `{property}` would both be taken apart by `{name}`: leave `x-resource-name` out of one"
                );
                self.problem(&pointer, message);
            }
            let own = text(value, "description");
            let referred = || {
                reference(value)
                    .map(|name| text(&self.document["components"]["schemas"][name], "description"))
            };
            let property_fact = Property {
                secret: value["x-secret"] == true,
                resource_name,
                form: form(value),
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
        if fact.properties.len() > MOST_PROPERTIES {
            self.problem(
                pointer,
                format!("an object has at most {MOST_PROPERTIES} properties"),
            );
        }
        if let Some(identifier) = &fact.identifier
            && !fact.properties.contains_key(identifier)
        {
            let message = format!("there is no property `{identifier}`");
            self.problem(&format!("{pointer}/x-identifier"), message);
        }
        self.supported(pointer, schema);
        for key in ["oneOf", "allOf"] {
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

    /// The resource name that a text is said to be.
    pub(super) fn resource_name(&mut self, pointer: &str, value: &Value) -> Option<String> {
        let resource = value.get("x-resource-name")?.as_str().unwrap_or_default();
        if !self.facts.names.iter().any(|n| n.resource == resource) {
            let message = format!("`{resource}` is not among `x-resource-names`");
            self.problem(&format!("{pointer}/x-resource-name"), message);
        }
        let schema = value.get("schema").unwrap_or(value);
        let is_text = |schema: &Value| schema["type"] == "string" && schema.get("format").is_none();
        let texts = schema["type"] == "array" && is_text(&schema["items"]);
        if !is_text(schema) && !texts {
            let message =
                "a resource name is a text, or each text of a list: leave `x-resource-name` out";
            self.problem(&format!("{pointer}/x-resource-name"), message);
        }
        Some(resource.to_string())
    }

    /// typify panics at some keywords and makes types of others that never
    /// decode, without a word about the place.
    fn supported(&mut self, pointer: &str, schema: &Value) {
        for key in ["not", "anyOf"] {
            if schema.get(key).is_some() {
                self.problem(pointer, format!("`{key}` cannot become a type"));
            }
        }
        if schema["allOf"]
            .as_array()
            .is_some_and(|members| members.len() != 1)
        {
            self.problem(
                pointer,
                "`allOf` has one member here, which it describes: merge the others",
            );
        }
        if schema
            .get("type")
            .is_some_and(|ty| !TYPES.iter().any(|t| ty == t))
        {
            let message = format!("a type is one text in OpenAPI 3.0: {}", TYPES.join(", "));
            self.problem(&format!("{pointer}/type"), message);
        }
        let says = |key: &str| schema.get(key).is_some();
        if schema.get("type").is_none()
            && let Some(key) = ["format", "items", "additionalProperties", "enum"]
                .iter()
                .find(|key| says(key))
            && !says("properties")
        {
            self.problem(pointer, format!("`{key}` needs a `type` beside it"));
        }
        if says("enum") && string_enum(schema).is_none() {
            self.problem(
                pointer,
                "the values of an enum are texts: leave `enum` out, and say `nullable` for null",
            );
        }
        if schema.get("items").is_some_and(|items| !items.is_object()) {
            self.problem(
                &format!("{pointer}/items"),
                "`items` is one schema in OpenAPI 3.0",
            );
        }
        let named = reference(schema);
        if named.is_none() && (says("$ref") || says("allOf")) {
            self.problem(
                pointer,
                "a schema refers to `#/components/schemas/…`, also in `allOf`",
            );
        }
        if let Some(name) = named.filter(|name| ["Empty", "Unknown"].contains(name)) {
            self.problem(
                pointer,
                format!(
                    "`{name}` is a whole answer and nothing else: leave the schema open (`{{}}`)"
                ),
            );
        }
    }

    /// An inline object or enum would get a name of typify's making, which no
    /// other step could refer to.
    pub(super) fn nothing_inline(&mut self, pointer: &str, schema: &Value) {
        self.supported(pointer, schema);
        if schema["additionalProperties"] == false {
            self.problem(
                pointer,
                "an object that takes no key has none: leave `additionalProperties` out",
            );
        }
        if string_enum(schema).is_some() {
            self.problem(
                pointer,
                "an enum needs a name: move it to components/schemas",
            );
        }
        if schema["properties"].is_object() || schema["oneOf"].is_array() {
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

    /// Only what an operation reaches is generated, and each schema knows its direction.
    pub(super) fn reachable_schemas(&mut self) {
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
        for operation in &operations {
            let Answer::Schema(answer) = &operation.answer else {
                continue;
            };
            if let Some(schema) = self.facts.schemas.get_mut(answer) {
                schema.role = match operation.list {
                    Some(_) => Role::Page,
                    None => Role::Answer,
                };
            }
        }
        self.facts.operations = operations;
        self.facts.enums.retain(|e| reached.contains(&e.name));
        self.facts.schemas.retain(|name, _| reached.contains(name));
        let unions = self.unions(&schemas);
        self.structured(&schemas);
        self.endless(&schemas);
        self.partial_alone(&schemas);
        let Some(kept) = self.document["components"]["schemas"].as_object_mut() else {
            return;
        };
        kept.retain(|name, _| reached.contains(name));
        for (name, schema) in kept.iter_mut() {
            let Some(fact) = self.facts.schemas.get(name) else {
                continue;
            };
            if fact.received {
                optional_times_and_unions(schema, &unions);
            }
            if fact.received && !fact.sent {
                plain_maps(schema);
            }
            // The last page may leave it out, whatever the document says.
            if fact.role == Role::Page
                && let Some(required) = schema["required"].as_array_mut()
            {
                required.retain(|name| name != "next_page_token");
            }
            // A tag is written by the crate: typify would make an enum of it.
            for (tag, _) in fact.properties.iter().filter(|(_, p)| p.tag.is_some()) {
                schema["properties"][tag] = json!({"type": "string"});
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

    /// Unions are told apart by a tag, and take members that nobody knows yet.
    fn unions(&mut self, schemas: &Value) -> BTreeSet<String> {
        let used = object(schemas).filter(|(name, _)| self.facts.schemas.contains_key(*name));
        let unions = used.filter(|(_, schema)| schema["oneOf"].is_array());
        let mut names = BTreeSet::new();
        for (name, schema) in unions.collect::<Vec<_>>() {
            names.insert(name.clone());
            match self.union(name, schema, schemas) {
                Ok(union) => self.facts.unions.push(union),
                Err(message) => self.problem(&format!("/components/schemas/{name}/oneOf"), message),
            }
        }
        names
    }

    /// The crate has a type for objects that it knows properties of, for enums and for unions.
    fn structured(&mut self, schemas: &Value) {
        let union = |name: &str| schemas[name]["oneOf"].is_array();
        let structured = |name: &str| {
            object(&schemas[name]["properties"]).next().is_some() != union(name)
                || name == JSON_SCHEMA
        };
        let mut problems = Vec::new();
        for name in self.facts.schemas.keys().filter(|name| !structured(name)) {
            let message = "a named schema is an object with properties, an enum of texts, or a union: \
                           write anything else where it is used";
            problems.push((format!("/components/schemas/{}", step(name)), message));
        }
        for operation in self.facts.operations.iter().filter(|o| o.mask.is_none()) {
            if operation
                .request
                .as_deref()
                .is_some_and(|name| !structured(name) || name == JSON_SCHEMA)
            {
                let message = "a body is an object with properties, or a union";
                problems.push((format!("{}/requestBody", operation.pointer), message));
            }
        }
        for (pointer, message) in problems {
            self.problem(&pointer, message);
        }
    }

    /// What holds itself, other than in a list or a map, has no size.
    fn endless(&mut self, schemas: &Value) {
        let held = |name: &str| {
            let schema = &schemas[name];
            let properties = object(&schema["properties"]).map(|(_, value)| value);
            let held = properties
                .chain(array(&schema["oneOf"]))
                .filter_map(reference);
            held.map(str::to_string).collect::<Vec<_>>()
        };
        let endless = self.facts.schemas.keys().filter(|name| {
            let (mut queue, mut seen) = (held(name), BTreeSet::new());
            while let Some(inner) = queue.pop() {
                if inner == **name {
                    return true;
                }
                if seen.insert(inner.clone()) {
                    queue.extend(held(&inner));
                }
            }
            false
        });
        for name in endless.cloned().collect::<Vec<_>>() {
            let message = "it holds itself: put it into a list or a map there, or leave the property open (`{}`)";
            self.problem(&format!("/components/schemas/{}", step(&name)), message);
        }
    }

    /// A patch stands for the body of a masked update and what it is about: they have no other type.
    fn partial_alone(&mut self, schemas: &Value) {
        let mut users: BTreeMap<String, String> = BTreeMap::new();
        for name in self.facts.schemas.keys() {
            let mut used = Vec::new();
            references(&schemas[name], &mut used);
            users.extend(used.into_iter().map(|used| (used, name.clone())));
        }
        for operation in &self.facts.operations {
            if let Answer::Schema(name) = &operation.answer {
                users.insert(name.clone(), operation.id.clone());
            }
            if let (Some(name), None) = (&operation.request, &operation.mask) {
                users.insert(name.clone(), operation.id.clone());
            }
        }
        let mut problems = Vec::new();
        for operation in &self.facts.operations {
            let Some(mask) = &operation.mask else {
                continue;
            };
            let stood_for = [Some(&mask.schema), operation.request.as_ref()];
            for name in stood_for.into_iter().flatten() {
                if let Some(user) = users.get(name) {
                    let message = format!(
                        "{}: a patch stands for {name}, which {user} uses too: give the update a schema of its own",
                        operation.id
                    );
                    problems.push((format!("{}/x-update-mask", operation.pointer), message));
                }
            }
        }
        for (pointer, message) in problems {
            self.problem(&pointer, message);
        }
    }

    fn union(&self, name: &str, schema: &Value, schemas: &Value) -> Result<Union, String> {
        let mut members: Vec<_> = array(&schema["oneOf"]).filter_map(reference).collect();
        let other = members
            .pop()
            .filter(|last| schemas[*last]["x-catch-all"] == true)
            .ok_or(
                "the last member of a union has to take what the others do not (`x-catch-all`)",
            )?;
        let rest = self.facts.schemas.get(other);
        if rest.is_none_or(|schema| schema.properties.is_empty()) {
            return Err(format!(
                "{other} takes what the others do not, and so is an object with properties"
            ));
        }
        let mut keys = BTreeSet::new();
        let mut tagged: Vec<(String, String)> = Vec::new();
        for member in members {
            let properties = self.facts.schemas.get(member).map(|m| &m.properties);
            let tag = properties
                .into_iter()
                .flatten()
                .find_map(|(k, p)| Some((k, p.tag.clone()?)));
            let (key, tag) =
                tag.ok_or_else(|| format!("{member} has no property with a single value"))?;
            keys.insert(key.clone());
            if tagged.iter().any(|(other, _)| *other == tag) {
                return Err(format!("`{tag}` is the tag of two members"));
            }
            tagged.push((tag, member.to_string()));
        }
        match (keys.pop_first(), keys.pop_first()) {
            (Some(key), None) => Ok(Union {
                name: name.to_string(),
                description: rustdoc(&text(schema, "description")),
                key,
                members: tagged,
                other: other.to_string(),
            }),
            _ => Err("the members have their tag in one property of the same name".into()),
        }
    }

    pub(super) fn all_schemas(&mut self, adapt: fn(&mut Value)) {
        for (_, operation) in operations(&mut self.document) {
            for parameter in parameter_objects(operation) {
                if let Some(schema) = parameter.get_mut("schema") {
                    every_schema(schema, adapt);
                }
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
}

/// A reference is the same with and without words around it.
fn form(schema: &Value) -> Value {
    let mut form = match reference(schema) {
        Some(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        None => schema.clone(),
    };
    if let Some(form) = form.as_object_mut() {
        form.retain(|key, _| key != "description" && !key.starts_with("x-"));
        if let Some(items) = form.get_mut("items") {
            *items = self::form(items);
        }
    }
    form
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

/// A map that was not answered reads as an empty one: that it was not is remembered apart.
fn plain_maps(schema: &mut Value) {
    let properties = object(&schema["properties"]);
    let maps = properties.filter(|(_, property)| property["type"] == "object");
    let maps: Vec<_> = maps.map(|(name, _)| name.clone()).collect();
    let required: BTreeSet<_> = strings(&schema["required"])
        .into_iter()
        .chain(maps)
        .collect();
    schema["required"] = required.into_iter().collect();
}

/// A text is a text and a whole number one of 64 bits, whatever else a format says: typify makes
/// types of other crates of them, and numbers that a newer server may exceed.
pub(super) fn known_formats(schema: &mut Value) {
    let known = ["date-time", "password"]
        .iter()
        .any(|known| schema["format"] == *known);
    if (schema["type"] != "string" || !known)
        && let Some(schema) = schema.as_object_mut().filter(|s| s.contains_key("type"))
    {
        schema.remove("format");
    }
}

/// A client has no business rejecting what the server sends or accepts, and
/// typify turns these keywords into newtypes, `NonZero*` and defaults that refuse `null`.
pub(super) fn strip_validation(schema: &mut Value) {
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
pub(super) fn nullable_containers(schema: &mut Value) {
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
