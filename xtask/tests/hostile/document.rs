//! The vendored document with a family of calls to be spoilt: gadgets.

use serde_json::{Value, json};

/// Fewer properties than an object may have, so that there is room for others.
const MOST: usize = 40;

const GADGETS: &str = "/workspaces/{workspace}/gadgets";
const GADGET: &str = "/workspaces/{workspace}/gadgets/{gadget}";

/// Gadgets are listed, read, created and updated under a mask, like anything of this API.
pub fn with_gadgets(mut document: Value) -> Value {
    document["x-resource-names"]["Gadget"] =
        json!({"pattern": &GADGET[1..], "description": "The name of a gadget."});
    for (path, method, id, answer, body) in [
        (GADGETS, "get", "list_gadgets", "ListGadgetsResponse", ""),
        (GADGETS, "post", "create_gadget", "Gadget", "NewGadget"),
        (GADGET, "get", "get_gadget", "Gadget", ""),
        (
            GADGET,
            "patch",
            "update_gadget",
            "Gadget",
            "UpdateGadgetRequest",
        ),
    ] {
        document["paths"][path][method] = operation(id, path, answer, body);
    }
    let list = &mut document["paths"][GADGETS]["get"];
    list["x-confidence-of"]["paging"] = json!("inferred");
    for name in ["page_size", "page_token"] {
        let shared = json!({"$ref": format!("#/components/parameters/{name}")});
        list["parameters"]
            .as_array_mut()
            .expect("a list")
            .push(shared);
    }
    document["paths"][GADGET]["patch"]["x-update-mask"] =
        json!({"resource": "gadget", "prefix": "gadget.", "paths": ["colour", "size.width"]});
    let text = json!({"type": "string", "description": "A text."});
    let schemas = [
        (
            "Gadget",
            json!({"name": text, "colour": reference("Colour"), "size": reference("Size")}),
            json!(["name"]),
        ),
        (
            "NewGadget",
            json!({"name": text, "size": reference("Size")}),
            json!(["name"]),
        ),
        (
            "GadgetChange",
            json!({"colour": reference("Colour"), "size": reference("SizeChange")}),
            json!([]),
        ),
        (
            "Size",
            json!({"width": {"type": "integer", "description": "How wide it is."}}),
            json!([]),
        ),
        (
            "SizeChange",
            json!({"width": {"type": "integer", "description": "How wide it is."}}),
            json!([]),
        ),
        (
            "UpdateGadgetRequest",
            json!({"gadget": reference("GadgetChange"), "update_mask": reference("UpdateMask")}),
            json!(["gadget", "update_mask"]),
        ),
        (
            "ListGadgetsResponse",
            json!({"gadgets": {"type": "array", "items": reference("Gadget"), "description": "Them."}, "next_page_token": text}),
            json!(["gadgets"]),
        ),
    ];
    for (name, properties, required) in schemas {
        document["components"]["schemas"][name] = object(properties);
        // An empty one is not OpenAPI.
        if required != json!([]) {
            document["components"]["schemas"][name]["required"] = required;
        }
    }
    document["components"]["schemas"]["Colour"] =
        json!({"type": "string", "enum": ["RED", "GREEN"], "description": "A colour."});
    document
}

fn operation(id: &str, path: &str, answer: &str, body: &str) -> Value {
    let parts = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next());
    let parameters = parts.map(|name| {
        json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}, "description": "A part."})
    });
    let mut operation = json!({
        "operationId": id,
        "summary": "A call.",
        "description": "A call.",
        "tags": ["Workspaces"],
        "x-idempotent": false,
        "x-confidence": "inferred",
        "x-confidence-of": {"path": "inferred", "request": "inferred", "response": "inferred"},
        "x-evidence": ["a test"],
        "x-public-api": "GET /gadgets",
        "parameters": parameters.collect::<Vec<_>>(),
        "responses": {"200": {"description": "Fine.", "content": content(answer)}},
    });
    if !body.is_empty() {
        operation["requestBody"] = json!({"required": true, "content": content(body)});
    }
    operation
}

pub fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

pub fn content(schema: &str) -> Value {
    json!({"application/json": {"schema": reference(schema)}})
}

pub fn object(properties: Value) -> Value {
    json!({"type": "object", "description": "A thing.", "properties": properties, "additionalProperties": {}})
}

pub fn list(document: &mut Value) -> &mut Value {
    &mut document["paths"][GADGETS]["get"]
}

pub fn create(document: &mut Value) -> &mut Value {
    &mut document["paths"][GADGETS]["post"]
}

pub fn get(document: &mut Value) -> &mut Value {
    &mut document["paths"][GADGET]["get"]
}

pub fn update(document: &mut Value) -> &mut Value {
    &mut document["paths"][GADGET]["patch"]
}

pub fn page(document: &mut Value) -> &mut Value {
    schema(document, "ListGadgetsResponse")
}

pub fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}

/// A property of what is read and of what is sent; those that are full hold others.
pub fn property(document: &mut Value, name: &str, mut value: Value) {
    described(&mut value);
    let mut owners = ["Gadget".to_string(), "NewGadget".to_string()];
    for letter in 'A'..='Z' {
        let mut each = owners.iter();
        if !each.any(|owner| members(schema(document, owner)) >= MOST) {
            break;
        }
        owners = [format!("More{letter}"), format!("MoreNew{letter}")];
        for (owner, outer) in owners.iter().zip(["Gadget", "NewGadget"]) {
            if schema(document, owner).is_null() {
                named_alone(document, owner, object(json!({})));
                let more = format!("more_{}", letter.to_ascii_lowercase());
                schema(document, outer)["properties"][more] = reference(owner);
            }
        }
    }
    for owner in owners {
        schema(document, &owner)["properties"][name] = value.clone();
    }
}

fn members(schema: &Value) -> usize {
    schema["properties"]
        .as_object()
        .map_or(0, serde_json::Map::len)
}

fn described(value: &mut Value) {
    if value.get("$ref").is_none() && value.get("description").is_none() {
        value["description"] = json!("A thing.");
    }
}

/// A named schema, which a property of what is read and sent is.
pub fn named(document: &mut Value, name: &str, value: Value) {
    named_alone(document, name, value);
    property(
        document,
        &format!("of_{}", name.to_lowercase()),
        reference(name),
    );
}

pub fn named_alone(document: &mut Value, name: &str, mut value: Value) {
    described(&mut value);
    *schema(document, name) = value;
}

/// An object and an enum with this name are spoilt in the same way.
pub fn thing(document: &mut Value, name: &str) {
    named(
        document,
        name,
        object(json!({"width": {"type": "integer", "description": "Width."}})),
    );
}

pub fn words(document: &mut Value, name: &str, values: &[&str]) {
    named(document, name, json!({"type": "string", "enum": values}));
}

/// A parameter of the list.
pub fn query(document: &mut Value, name: &str, schema: Value) {
    let parameter =
        json!({"name": name, "in": "query", "schema": schema, "description": "A parameter."});
    parameter_of(list(document), parameter);
}

pub fn parameter_of(operation: &mut Value, parameter: Value) {
    operation["parameters"]
        .as_array_mut()
        .expect("a list")
        .push(parameter);
}

/// One more operation, with a path of its own.
pub fn call(document: &mut Value, id: &str) {
    let number = document["paths"].as_object().expect("paths").len();
    call_at(document, id, &format!("/more-{number}"));
}

pub fn call_at(document: &mut Value, id: &str, path: &str) {
    document["paths"][path]["get"] = operation(id, path, "Gadget", "");
}

/// One more operation with a parameter of this name in its path.
pub fn part(document: &mut Value, name: &str) {
    let number = document["paths"].as_object().expect("paths").len();
    call_at(
        document,
        &format!("get_more_{number}"),
        &format!("/more-{number}/{{{name}}}"),
    );
}

/// One more operation with a body.
pub fn send(document: &mut Value, id: &str, answer: &str, body: &str) {
    let path = format!("/sent/{}", id.replace('_', "-"));
    document["paths"][&path]["post"] = operation(id, &path, answer, body);
}

pub fn resource(document: &mut Value, name: &str, patterns: &[&str]) {
    document["x-resource-names"][name] =
        json!({"pattern": patterns[0], "also": patterns[1..], "description": "A name."});
}

/// One more property of the gadget that an update may change.
pub fn masked(document: &mut Value, name: &str, mut value: Value) {
    described(&mut value);
    schema(document, "GadgetChange")["properties"][name] = value;
    mask(document, name);
}

pub fn mask(document: &mut Value, path: &str) {
    let paths = &mut update(document)["x-update-mask"]["paths"];
    paths.as_array_mut().expect("paths").push(path.into());
}

/// A value inside many lists.
pub fn nested(depth: usize) -> Value {
    (0..depth).fold(
        json!({"type": "string"}),
        |items, _| json!({"type": "array", "items": items}),
    )
}

/// A union of gadgets' parts, with the one that takes the rest last.
pub fn union(document: &mut Value, name: &str) {
    let tagged = |tag: &str| {
        let mut member =
            object(json!({"kind": {"type": "string", "enum": [tag], "description": "Its tag."}}));
        member["required"] = json!(["kind"]);
        member
    };
    let (one, two, rest) = (
        format!("{name}One"),
        format!("{name}Two"),
        format!("{name}Rest"),
    );
    named_alone(document, &one, tagged("one"));
    named_alone(document, &two, tagged("two"));
    let mut other = object(json!({"kind": {"type": "string", "description": "Its tag."}}));
    other["x-catch-all"] = json!(true);
    named_alone(document, &rest, other);
    let members = [&one, &two, &rest].map(|name| reference(name));
    named_alone(document, name, json!({"oneOf": members}));
}
