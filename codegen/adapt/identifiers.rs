//! Names of the document that become names in Rust.

use heck::ToSnakeCase;
use syn::Ident;

/// Types and traits that generated code, and the macros it calls, name without a path. A type of
/// this name would stand in their way.
pub const TYPES: [&str; 40] = [
    "AsRef",
    "BTreeMap",
    "Client",
    "Clone",
    "ConversionError",
    "Debug",
    "Default",
    "Display",
    "Eq",
    "Err",
    "From",
    "Hash",
    "Into",
    "IntoIterator",
    "InvalidName",
    "InvalidPatch",
    "Iterator",
    "Json",
    "Map",
    "Masked",
    "None",
    "Ok",
    "Option",
    "Ord",
    "Part",
    "PartOf",
    "PartialEq",
    "PartialOrd",
    "PathSegment",
    "QueryParam",
    "Result",
    "Serialize",
    "SerializeMap",
    "Serializer",
    "Some",
    "String",
    "TryFrom",
    "TryInto",
    "Value",
    "Vec",
];

/// The client's own methods, and those of the one that progenitor makes.
pub const CLIENT: [&str; 32] = [
    "budget",
    "builder",
    "clone",
    "create_or_update_destination",
    "create_or_update_filter",
    "create_or_update_function",
    "create_or_update_tracking_plan",
    "credentials",
    "delete",
    "find_function",
    "find_role",
    "find_tracking_plan",
    "fmt",
    "from_env",
    "gate",
    "get",
    "http",
    "limits",
    "new",
    "new_with_client",
    "on_wait",
    "patch",
    "post",
    "put",
    "put_functions",
    "put_plans",
    "retry",
    "snapshot",
    "tracking_plans_by_title",
    "url",
    "user_agent",
    "workspace",
];

/// Methods and fields that every builder of a call has.
pub const CALL: [&str; 12] = [
    "all",
    "body",
    "client",
    "clone",
    "name",
    "new",
    "pages",
    "parent",
    "request",
    "send",
    "send_response",
    "stream",
];

/// Methods that every patch has.
pub const PATCH: [&str; 9] = [
    "clone",
    "default",
    "fmt",
    "is_empty",
    "new",
    "paths",
    "raw",
    "serialize",
    "try_from",
];

/// Methods that every resource name has.
pub const NAME: [&str; 12] = [
    "as_str",
    "borrow",
    "clone",
    "deserialize",
    "fmt",
    "from",
    "from_str",
    "new",
    "parent",
    "part",
    "serialize",
    "try_from",
];

/// Whether `name` is one in Rust, and no word of the language.
pub fn is_identifier(name: &str) -> bool {
    name.is_ascii() && syn::parse_str::<Ident>(name).is_ok()
}

/// Whether `name` is one in Rust, once it is in snake case and set apart from words of the language.
pub fn is_field(name: &str) -> bool {
    let name = name.to_snake_case();
    is_identifier(&name) || !name.is_empty() && is_identifier(&format!("{name}_"))
}

/// What is wrong with the name of a type.
pub fn type_problem(name: &str) -> Option<String> {
    if !is_identifier(name) {
        return Some(format!(
            "`{name}` is no name of a type in Rust: choose another"
        ));
    }
    let taken = TYPES.contains(&name);
    taken.then(|| {
        format!("`{name}` is what generated code calls something else: choose another name")
    })
}

/// What is wrong with a template of a path or of a resource name: its segments are words, or parts
/// in braces, which `verb` says may be followed by a colon and a word.
pub fn template_problem(template: &str, verb: bool) -> Option<String> {
    let mut parts = Vec::new();
    for segment in template.split('/') {
        let (segment, suffix) = match segment.split_once(':') {
            Some((segment, suffix)) if verb => (segment, suffix),
            _ => (segment, "verb"),
        };
        let part = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
        match part {
            _ if !is_word(suffix) => return Some(format!("`{suffix}` is no verb")),
            Some(part) if !is_identifier(part) || part != part.to_snake_case() => {
                return Some(format!(
                    "`{{{part}}}` has to be a name in snake_case that is no word of Rust: choose another"
                ));
            }
            Some(part) if parts.contains(&part) => {
                return Some(format!(
                    "`{{{part}}}` is there twice: call one of them otherwise"
                ));
            }
            Some(part) => parts.push(part),
            None if !is_word(segment) => {
                return Some(format!(
                    "`{segment}` is no segment: expected letters, digits, `-`, `.` and `_`, or `{{a_name}}`"
                ));
            }
            None => {}
        }
    }
    None
}

/// What stands in an address as it is, and leads nowhere else.
fn is_word(segment: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    !matches!(segment, "" | "." | "..") && segment.chars().all(plain)
}

/// What takes a resource name apart: `name` is had by `resource_name()`, `source_name` by
/// `source_resource_name()`, `workspace_names` by `workspace_resource_names()`.
pub fn accessor(property: &str) -> String {
    let (stem, suffix) = match property.strip_suffix("names") {
        Some(stem) => (stem, "resource_names"),
        None => (
            property.strip_suffix("name").unwrap_or(property),
            "resource_name",
        ),
    };
    let stem = stem.trim_end_matches('_').to_snake_case();
    let accessor = [stem.as_str(), suffix].join("_");
    accessor.trim_start_matches('_').to_string()
}
