//! What the document says, as far as the other steps need it.

use super::json::reference;
use heck::ToPascalCase;
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

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
    pub unions: Vec<Union>,
    pub names: Vec<ResourceName>,
}

impl Facts {
    /// Whether a schema is the partial resource of a masked update, which a patch stands for.
    pub fn is_partial(&self, schema: &str) -> bool {
        self.operations
            .iter()
            .filter_map(|o| o.mask.as_ref())
            .any(|mask| mask.schema == schema)
    }

    /// The property and the schema of what a body is about, if it needs nothing else.
    pub fn envelope(&self, operation: &Operation) -> Option<(&str, &str)> {
        if operation.mask.is_some() {
            return None;
        }
        let body = self.schemas.get(operation.request.as_ref()?)?;
        let mut required = body.properties.iter().filter(|(_, p)| p.required);
        let (Some((key, property)), None) = (required.next(), required.next()) else {
            return None;
        };
        let inner = reference(&property.form)?;
        let is_object = !self.schemas.get(inner)?.properties.is_empty();
        is_object.then_some((key, inner))
    }

    /// The resource name whose pattern is `path`.
    pub(super) fn name_of(&self, path: &str) -> Option<String> {
        let path = path.trim_start_matches('/');
        let name = self
            .names
            .iter()
            .find(|n| n.patterns[0] == path && path.contains('{'))?;
        Some(name.resource.clone())
    }

    /// The resource name that a path parameter ends, and whose other parts are in the path
    /// too: of several the one with most of them.
    pub fn name_ending_with(
        &self,
        parameter: &str,
        operation: &Operation,
    ) -> Option<&ResourceName> {
        let in_path = |part: &&str| operation.path_parameters.iter().any(|p| p == part);
        let fits = |name: &&ResourceName| {
            name.last_part() == Some(parameter) && parameters(&name.patterns[0]).iter().all(in_path)
        };
        let parts = |name: &&ResourceName| parameters(&name.patterns[0]).len();
        self.names.iter().filter(fits).max_by_key(parts)
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

#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    /// The path template, without the fragment that tells two operations apart.
    pub path: String,
    pub pointer: String,
    pub auth: Auth,
    /// The call of the Public API that replaces it.
    pub public_api: Option<String>,
    pub idempotent: bool,
    pub path_parameters: Vec<String>,
    /// The parameters that may hold a secret, so that `Debug` does not show them.
    pub secrets: Vec<String>,
    /// How the ids begin that a path parameter takes, where that is known.
    pub id_prefixes: BTreeMap<String, String>,
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
    /// The type of the generated call.
    pub fn call(&self) -> String {
        self.id.to_pascal_case()
    }
}

#[derive(Debug, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub required: bool,
    /// The JSON type, `string` for a named schema.
    pub kind: String,
    /// What it has to be, or each of its values if it is a list.
    pub schema: Value,
    /// The resource name that its text is, or that each of its texts is.
    pub resource_name: Option<String>,
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
    /// Whether the server masks a property, so that what was read cannot be sent back.
    pub masked: bool,
    /// The property that a value cannot be used without, where the document names one.
    pub identifier: Option<String>,
    pub role: Role,
}

/// What an object is for the one who reads it, as far as that says what has to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// A part of something else.
    #[default]
    Part,
    /// The whole of an answer.
    Answer,
    /// The page of a list.
    Page,
}

/// What has to be there for an object to be of use.
#[derive(Debug, PartialEq, Eq)]
pub enum Demand {
    Keys(Vec<String>),
    /// Any of the known keys.
    Any,
    /// Any of the known keys, or none at all.
    AnyOrEmpty,
}

impl Schema {
    /// Whether it is a member of a union that is told apart by a tag.
    pub fn is_tagged(&self) -> bool {
        self.properties.values().any(|p| p.tag.is_some())
    }

    /// The one property without which an answer cannot be used: what the document
    /// says, else the name or the id, else of an answer the only one that is always there.
    pub fn identifier(&self) -> Option<&str> {
        let required: Vec<_> = self.required().collect();
        let named = || ["name", "id"].into_iter().find(|p| required.contains(p));
        let only = || match required.as_slice() {
            [only] if self.role == Role::Answer => Some(*only),
            _ => None,
        };
        let derived = || named().or_else(only);
        self.identifier.as_deref().or_else(derived)
    }

    /// What has to be there to read it: of a member of a union everything, since
    /// what is not whole is left to the member that catches the rest.
    pub fn demand(&self) -> Demand {
        let keys =
            |keys: &mut dyn Iterator<Item = &str>| Demand::Keys(keys.map(str::to_string).collect());
        if self.is_tagged() || !self.received {
            return keys(&mut self.required());
        }
        match (self.role, self.identifier()) {
            (Role::Page, _) => Demand::AnyOrEmpty,
            (_, Some(identifier)) => keys(&mut [identifier].into_iter()),
            (Role::Answer, None) => Demand::Any,
            (Role::Part, None) => keys(&mut std::iter::empty()),
        }
    }

    fn required(&self) -> impl Iterator<Item = &str> {
        let required = self.properties.iter().filter(|(_, p)| p.required);
        required.map(|(name, _)| name.as_str())
    }
}

#[derive(Debug)]
pub struct Property {
    pub required: bool,
    /// The single value of a union member's tag.
    pub tag: Option<String>,
    /// Its own description, or that of the schema it refers to.
    pub description: String,
    /// Whether it may hold a secret, so that `Debug` does not show it.
    pub secret: bool,
    /// The resource name that its text is, or that each of its texts is.
    pub resource_name: Option<String>,
    /// What its value is, without the words about it.
    pub form: Value,
}

/// A union whose members are told apart by a tag.
#[derive(Debug)]
pub struct Union {
    pub name: String,
    pub description: String,
    /// The property that holds the tag.
    pub key: String,
    /// Tags with the schemas of the members.
    pub members: Vec<(String, String)>,
    /// The member that takes what the others do not.
    pub other: String,
}

#[derive(Debug)]
pub struct ResourceName {
    /// `Source` for `SourceName`.
    pub resource: String,
    pub description: String,
    /// The pattern that names are built from, then others that parse too.
    pub patterns: Vec<String>,
}

impl ResourceName {
    /// The part that names end with; none if they end with a word.
    pub fn last_part(&self) -> Option<&str> {
        let parts = parameters(&self.patterns[0]);
        parts
            .last()
            .copied()
            .filter(|_| self.patterns[0].ends_with('}'))
    }
}

/// The braces' contents of a template, in order.
pub fn parameters(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect()
}
