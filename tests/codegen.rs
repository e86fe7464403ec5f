//! The generator, on a small document: what a new operation gets without an
//! edit in `src/`, and what is said of a document that cannot become a client.

#[path = "../codegen/mod.rs"]
#[allow(dead_code, reason = "the build uses all of it")]
mod codegen;

use serde_json::{Map, Value, json};

/// A document with one call.
fn document() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "v1"},
        "security": [{"bearer": []}],
        "x-resource-names": {
            "Workspace": {"pattern": "workspaces/{workspace}", "description": "The name of a workspace."},
        },
        "paths": {"/workspaces/{workspace}": {"get": get("get_workspace", "Workspace", &["workspace"])}},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Workspace": object("Workspace", json!({"name": {"type": "string"}}))},
        },
    })
}

/// The same document with a new resource, its list and its masked update.
fn with_gadgets() -> Value {
    let mut document = document();
    let name = "workspaces/{workspace}/gadgets/{gadget}";
    document["x-resource-names"]["Gadget"] =
        json!({"pattern": name, "description": "The name of a gadget."});
    let page =
        |name: &str, kind: &str| json!({"name": name, "in": "query", "schema": {"type": kind}});
    let mut list = get("list_gadgets", "ListGadgetsResponse", &["workspace"]);
    let parameters = list["parameters"].as_array_mut().expect("parameters");
    parameters.extend([page("page_size", "integer"), page("page_token", "string")]);
    let mut update = get("update_gadget", "Gadget", &["workspace", "gadget"]);
    update["requestBody"] = json!({"required": true, "content": content("UpdateGadgetRequest")});
    update["x-update-mask"] =
        json!({"resource": "gadget", "prefix": "gadget.", "paths": ["colour", "size.width"]});
    document["paths"]["/workspaces/{workspace}/gadgets"] = json!({"get": list});
    document["paths"][format!("/{name}")] = json!({"patch": update});
    let schemas = &mut document["components"]["schemas"];
    schemas["Gadget"] = object(
        "Gadget",
        json!({"name": {"type": "string"}, "colour": reference("Colour")}),
    );
    schemas["Colour"] =
        json!({"type": "string", "enum": ["RED", "GREEN"], "description": "A colour."});
    schemas["Size"] = object(
        "Size",
        json!({"width": {"type": "integer", "description": "How wide it is."}}),
    );
    schemas["ListGadgetsResponse"] = object(
        "",
        json!({
            "gadgets": {"type": "array", "items": reference("Gadget")},
            "next_page_token": {"type": "string"},
        }),
    );
    schemas["ListGadgetsResponse"]["required"] = json!(["gadgets"]);
    schemas["GadgetChange"] = object(
        "",
        json!({"colour": reference("Colour"), "size": reference("Size")}),
    );
    schemas["GadgetChange"]["required"] = json!([]);
    schemas["UpdateMask"] = object(
        "",
        json!({"paths": {"type": "array", "items": {"type": "string"}}}),
    );
    schemas["UpdateGadgetRequest"] = object(
        "",
        json!({"gadget": reference("GadgetChange"), "update_mask": reference("UpdateMask")}),
    );
    document
}

fn get(id: &str, answer: &str, path: &[&str]) -> Value {
    let parameters: Vec<_> = path
        .iter()
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    json!({
        "operationId": id,
        "description": "A call.",
        "x-idempotent": true,
        "parameters": parameters,
        "responses": {"200": {"description": "Fine.", "content": content(answer)}},
    })
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn content(schema: &str) -> Value {
    json!({"application/json": {"schema": reference(schema)}})
}

/// An object that keeps what it does not know; with a resource name it needs its `name`.
fn object(resource: &str, properties: Value) -> Value {
    let mut schema = json!({
        "type": "object", "description": "A thing.", "properties": properties, "additionalProperties": {},
    });
    if properties_of(&schema).contains_key("name") {
        schema["properties"]["name"]["x-resource-name"] = resource.into();
        schema["required"] = json!(["name"]);
    }
    schema
}

fn properties_of(schema: &Value) -> &Map<String, Value> {
    schema["properties"].as_object().expect("properties")
}

/// The generated files, each without what the formatter chooses: white space and last commas.
fn generate(document: &Value) -> impl Fn(&str) -> String + use<> {
    let files = codegen::run(document).unwrap_or_else(|problems| panic!("{problems:#?}"));
    move |name| {
        let file = files.iter().find(|(file, _)| *file == name);
        dense(&file.unwrap_or_else(|| panic!("no {name}")).1)
    }
}

fn dense(text: &str) -> String {
    let dense: String = text.split_whitespace().collect();
    dense.replace(",)", ")").replace(",}", "}")
}

#[track_caller]
fn assert_has(file: &str, expected: &str) {
    assert!(file.contains(&dense(expected)), "no {expected} in:\n{file}");
}

#[test]
fn a_new_resource_has_a_name_type() {
    let before = generate(&document());
    assert!(!before("names.rs").contains("GadgetName"));
    let file = generate(&with_gadgets());
    let names = file("names.rs");
    assert_has(
        &names,
        r#"GadgetName["workspaces/{workspace}/gadgets/{gadget}"] { workspace, gadget } {} parent WorkspaceName"#,
    );
    assert_has(
        &file("client.rs"),
        "pub fn resource_name(&self) -> Result<crate::names::GadgetName, crate::names::InvalidName>",
    );
}

#[test]
fn a_new_list_has_a_builder_and_a_stream_and_takes_its_parent_by_name() {
    let client = generate(&with_gadgets())("client.rs");
    assert_has(&client, "pub fn list_gadgets(&self) -> calls::ListGadgets");
    assert_has(
        &client,
        "list! { ListGadgets \"gadgets\" -> types::Gadget, |answer| answer.gadgets }",
    );
    assert_has(&client, "parent(WorkspaceName) { workspace }");
    assert_has(
        &client,
        r#"workspace "workspace" part(crate::names::WorkspaceName);"#,
    );
    assert_has(&client, r#"page_token "page_token" token;"#);
}

#[test]
fn a_list_says_when_its_paging_rests_on_the_general_rule_alone() {
    let docs = |paging: &str| {
        let mut document = with_gadgets();
        let list = &mut document["paths"]["/workspaces/{workspace}/gadgets"]["get"];
        list["x-confidence"] = paging.into();
        list["x-confidence-of"] = json!({"response": "observed", "paging": paging});
        generate(&document)("client.rs")
    };
    let inferred = docs("inferred");
    assert_has(&inferred, "**Paging is inferred**");
    assert!(!inferred.contains("**Inferred**") && !inferred.contains("Confidence:"));
    let observed = docs("observed");
    assert!(!observed.contains("**Paging"));
    assert_has(&observed, "Confidence: observed.");
}

#[test]
fn a_new_masked_update_has_a_patch_with_all_its_setters() {
    let file = generate(&with_gadgets());
    let patches = file("patches.rs");
    assert_has(
        &patches,
        r#"GadgetPatch => UpdateGadgetRequest { resource: "gadget", prefix: "gadget." }"#,
    );
    assert_has(
        &patches,
        r#"colour "colour" one(crate::enums::Colour); "colour""#,
    );
    assert_has(&patches, "clear_colour;");
    assert_has(&patches, r#"How wide it is. Masks `gadget.size.width`."#);
    assert_has(&patches, r#"width "width" one(i64); "size.width""#);
    assert_has(&patches, "clear_width;");
    let client = file("client.rs");
    assert_has(
        &client,
        "pub fn update_gadget(&self) -> calls::UpdateGadget",
    );
    assert_has(
        &client,
        r#"body "body" one(crate::patch::UpdateGadgetRequest);"#,
    );
    assert_has(&client, "name(GadgetName) { workspace gadget }");
    assert!(
        !client.contains("structGadgetChange"),
        "a partial resource is sent by its patch only"
    );
}

#[test]
fn an_example_builds_what_it_sends() {
    let file = generate(&with_gadgets());
    let example = "let body = GadgetPatch::new().colour(\"RED\");";
    let client = file("client.rs");
    // The method and the call that it makes.
    assert_eq!(client.matches(&dense(example)).count(), 2, "{example}");
}

#[test]
fn a_service_has_a_page_with_its_calls_and_what_replaces_them() {
    let mut document = with_gadgets();
    document["tags"] = json!([{"name": "Gadgets & Toys", "description": "Things to play with."}]);
    let list = &mut document["paths"]["/workspaces/{workspace}/gadgets"]["get"];
    list["tags"] = json!(["Gadgets & Toys"]);
    list["summary"] = json!("Lists gadgets.");
    list["x-confidence"] = json!("inferred");
    list["x-public-api"] = json!("GET /toys");
    let file = generate(&document);
    let row = "| [`list_gadgets`](crate::Client::list_gadgets) | Lists gadgets. | inferred in part | `GET /toys` |";
    assert_has(&file("services.rs"), row);
    assert_has(&file("services.rs"), "pub mod gadgets_toys {}");
    assert_has(&file("client.rs"), r#"#[doc(alias = "GET /toys")]"#);
}

#[test]
fn a_new_operation_is_served_by_the_fake_and_one_of_its_own_wants_code() {
    let mut document = with_gadgets();
    let spin = "/workspaces/{workspace}/gadgets/{gadget}:spin";
    document["paths"][spin] =
        json!({"get": get("spin_gadget", "Gadget", &["workspace", "gadget"])});
    document["paths"][spin]["get"]["tags"] = json!(["Gadgets & Toys"]);
    let file = generate(&document);
    let facts: Value = serde_json::from_str(&file("fake.json")).expect("JSON");
    let operations = facts["operations"].as_array().expect("operations");
    let does = operations
        .iter()
        .map(|o| (o["id"].as_str(), o["does"].as_str()));
    let does: Vec<_> = does
        .map(|(id, does)| (id.unwrap_or(""), does.unwrap_or("")))
        .collect();
    for expected in [
        ("list_gadgets", "list"),
        ("update_gadget", "update"),
        ("spin_gadget", "own"),
    ] {
        assert!(does.contains(&expected), "{expected:?} in {does:?}");
    }
    let own = "\"spin_gadget\" => Some(super::services::gadgets_toys::spin_gadget)";
    assert_has(&file("fake.rs"), own);
}

#[test]
fn a_new_operation_is_in_the_table_the_enums_and_the_contract_test() {
    let file = generate(&with_gadgets());
    assert_has(&file("operations.rs"), r#"static UPDATE_GADGET: Operation"#);
    assert_has(
        &file("enums.rs"),
        r#"pub enum Colour { Red = "RED", Green = "GREEN" }"#,
    );
    assert_has(&file("contract.rs"), r#""list_gadgets" =>"#);
}

/// A change that no client can be made of, the place that has to be named, and what has to be said.
struct Bad {
    change: fn(&mut Value),
    pointer: &'static str,
    message: &'static str,
}

const GET: &str = "/paths/~1workspaces~1{workspace}/get";
const LIST: &str = "/paths/~1workspaces~1{workspace}~1gadgets/get";
const UPDATE: &str = "/paths/~1workspaces~1{workspace}~1gadgets~1{gadget}/patch";
const SCHEMAS: &str = "/components/schemas";
const GADGET_NAME: &str = "/components/schemas/Gadget/properties/name";

fn at<'d>(document: &'d mut Value, pointer: &str) -> &'d mut Value {
    document
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("no {pointer}"))
}

fn remove(document: &mut Value, pointer: &str, key: &str) {
    let object = at(document, pointer).as_object_mut().expect("an object");
    object
        .remove(key)
        .unwrap_or_else(|| panic!("no {key} in {pointer}"));
}

fn bad_documents() -> Vec<Bad> {
    vec![
        Bad {
            change: |d| d["openapi"] = "3.1.0".into(),
            pointer: "/openapi",
            message: r#"expected an OpenAPI 3.0 document, found version "3.1.0""#,
        },
        Bad {
            change: |d| *d = json!({"swagger": "2.0", "paths": {}}),
            pointer: "/openapi",
            message: r#"expected an OpenAPI 3.0 document, found version "2.0""#,
        },
        Bad {
            change: |d| *d = json!({}),
            pointer: "/openapi",
            message: "found no `openapi` key",
        },
        Bad {
            change: |d| remove(d, "/components", "schemas"),
            pointer: "/components/schemas",
            message: "expected an object",
        },
        Bad {
            change: |d| {
                remove(
                    d,
                    &format!("{SCHEMAS}/ListGadgetsResponse/properties"),
                    "next_page_token",
                )
            },
            pointer: LIST,
            message: "list_gadgets: ListGadgetsResponse has no `next_page_token`",
        },
        Bad {
            change: |d| {
                remove(
                    d,
                    &format!("{SCHEMAS}/ListGadgetsResponse/properties"),
                    "gadgets",
                )
            },
            pointer: LIST,
            message: "list_gadgets: ListGadgetsResponse has no array of a named schema to list",
        },
        Bad {
            change: |d| {
                at(d, SCHEMAS)["ListGadgetsResponse"]["properties"]["others"] =
                    json!({"type": "array", "items": reference("Gadget")})
            },
            pointer: LIST,
            message: "list_gadgets: ListGadgetsResponse has more than one array of named schemas",
        },
        Bad {
            change: |d| {
                drop(
                    at(d, &format!("{LIST}/parameters"))
                        .as_array_mut()
                        .and_then(Vec::pop),
                )
            },
            pointer: LIST,
            message: "list_gadgets: a list operation takes `page_token` and `page_size`",
        },
        Bad {
            change: |d| {
                at(d, SCHEMAS)["Gadget"]["properties"]["shape"] =
                    json!({"type": "string", "enum": ["ROUND", "SQUARE"]})
            },
            pointer: "/components/schemas/Gadget/properties/shape",
            message: "an enum needs a name",
        },
        Bad {
            change: |d| {
                at(d, SCHEMAS)["Gadget"]["properties"]["shape"] =
                    json!({"type": "object", "properties": {}})
            },
            pointer: "/components/schemas/Gadget/properties/shape",
            message: "an object needs a name",
        },
        Bad {
            change: |d| remove(d, &format!("{SCHEMAS}/Gadget"), "additionalProperties"),
            pointer: "/components/schemas/Gadget",
            message: "an object keeps what it does not know",
        },
        Bad {
            change: |d| {
                at(d, SCHEMAS)["Gadget"]["properties"]["Colour"] = json!({"type": "string"})
            },
            pointer: "/components/schemas/Gadget/properties/colour",
            message: "`Colour` and `colour` are the same name in Rust",
        },
        Bad {
            change: |d| at(d, GADGET_NAME)["x-resource-name"] = "Gizmo".into(),
            pointer: "/components/schemas/Gadget/properties/name/x-resource-name",
            message: "`Gizmo` is not among `x-resource-names`",
        },
        Bad {
            change: |d| at(d, SCHEMAS)["Colour"]["enum"] = json!(["RED", "red"]),
            pointer: "/components/schemas/Colour",
            message: "`RED` and `red` are the same variant in Rust",
        },
        Bad {
            change: |d| {
                let update =
                    d["paths"]["/workspaces/{workspace}/gadgets/{gadget}"]["patch"].clone();
                let other = &mut d["paths"]["/workspaces/{workspace}/gadgets/{gadget}"]["put"];
                *other = update;
                other["operationId"] = "replace_gadget".into();
            },
            pointer: "/paths/~1workspaces~1{workspace}~1gadgets~1{gadget}/put/x-update-mask",
            message: "has a GadgetPatch already",
        },
        Bad {
            change: |d| at(d, SCHEMAS)["Gadget"]["not"] = json!({}),
            pointer: "/components/schemas/Gadget",
            message: "`not` cannot become a type",
        },
        Bad {
            change: |d| {
                at(d, SCHEMAS)["Gadget"]["properties"]["size"] = json!({"type": ["string", "null"]})
            },
            pointer: "/components/schemas/Gadget/properties/size/type",
            message: "a type is one text in OpenAPI 3.0",
        },
        Bad {
            change: |d| {
                at(d, SCHEMAS)["Gadget"]["properties"]["size"] =
                    json!({"anyOf": [{"type": "string"}]})
            },
            pointer: "/components/schemas/Gadget/properties/size",
            message: "`anyOf` cannot become a type",
        },
        Bad {
            change: |d| drop(at(d, LIST).as_object_mut().unwrap().remove("operationId")),
            pointer: LIST,
            message: "no `operationId`",
        },
        Bad {
            change: |d| at(d, LIST)["operationId"] = "get_workspace".into(),
            pointer: LIST,
            message: "get_workspace: `operationId` is also that of #/paths/~1workspaces~1{workspace}/get",
        },
        Bad {
            change: |d| at(d, LIST)["parameters"][1]["name"] = "stream".into(),
            pointer: "/paths/~1workspaces~1{workspace}~1gadgets/get/parameters/1",
            message: "list_gadgets: a parameter cannot be called `stream`",
        },
        Bad {
            change: |d| at(d, GET)["parameters"] = json!([]),
            pointer: GET,
            message: "get_workspace: the path parameter `workspace` is not declared",
        },
        Bad {
            change: |d| {
                at(d, GET)["parameters"][0] = json!({"$ref": "#/components/parameters/workspace"})
            },
            pointer: "/paths/~1workspaces~1{workspace}/get/parameters/0",
            message: "#/components/parameters/workspace does not exist",
        },
        Bad {
            change: |d| at(d, GET)["responses"]["202"] = json!({"description": "Later."}),
            pointer: "/paths/~1workspaces~1{workspace}/get/responses",
            message: "get_workspace: expected exactly one success response",
        },
        Bad {
            change: |d| at(d, GET)["responses"]["200"]["content"] = json!({"text/plain": {}}),
            pointer: "/paths/~1workspaces~1{workspace}/get/responses",
            message: "get_workspace: a success is a named schema in application/json",
        },
        Bad {
            change: |d| at(d, GET)["responses"]["200"]["content"] = content("Nowhere"),
            pointer: GET,
            message: "the schema Nowhere does not exist",
        },
        Bad {
            change: |d| remove(d, GET, "x-idempotent"),
            pointer: GET,
            message: "get_workspace: `x-idempotent` has to say whether the call may be repeated",
        },
        Bad {
            change: |d| {
                let get = std::mem::take(at(d, GET));
                d["paths"]["/workspaces/{workspace}"]["post"] = get;
                let item = d["paths"]["/workspaces/{workspace}"].as_object_mut();
                item.expect("a path").remove("get");
            },
            pointer: "/paths/~1workspaces~1{workspace}/post",
            message: "get_workspace: `x-idempotent`: a POST is never repeated",
        },
        Bad {
            change: |d| at(d, GET)["security"] = json!([{"bearer": []}, {"account": []}]),
            pointer: "/paths/~1workspaces~1{workspace}/get/security",
            message: "get_workspace: expected exactly one of the security schemes",
        },
        Bad {
            change: |d| remove(d, UPDATE, "requestBody"),
            pointer: "/paths/~1workspaces~1{workspace}~1gadgets~1{gadget}/patch/x-update-mask",
            message: "update_gadget: a masked update has a body",
        },
        Bad {
            change: |d| at(d, UPDATE)["requestBody"]["required"] = false.into(),
            pointer: "/paths/~1workspaces~1{workspace}~1gadgets~1{gadget}/patch/requestBody",
            message: "update_gadget: progenitor takes every body as required",
        },
        Bad {
            change: |d| at(d, UPDATE)["x-update-mask"]["paths"] = json!(["size.height"]),
            pointer: "/paths/~1workspaces~1{workspace}~1gadgets~1{gadget}/patch/x-update-mask",
            message: "update_gadget: GadgetChange has no `size.height`",
        },
        Bad {
            change: |d| remove(d, &format!("{UPDATE}/x-update-mask"), "prefix"),
            pointer: "/paths/~1workspaces~1{workspace}~1gadgets~1{gadget}/patch/x-update-mask",
            message: "update_gadget: `prefix` has to be a string",
        },
    ]
}

#[test]
fn a_panic_of_the_generator_is_a_problem_of_the_operation_that_it_panics_at() {
    let panics = |document: &Value| match document.pointer(UPDATE) {
        Some(update) => panic!("no idea of {}", update["operationId"]),
        None => Ok(Vec::new()),
    };
    let problems = codegen::attempt::attempt(&with_gadgets(), panics).expect_err("a panic");
    let [problem] = problems.as_slice() else {
        panic!("{problems:#?}")
    };
    assert_eq!(problem.pointer, UPDATE);
    assert!(problem.message.contains("no idea of"), "{problem}");
}

#[test]
fn a_document_that_cannot_become_a_client_is_refused_and_the_place_is_named() {
    for Bad {
        change,
        pointer,
        message,
    } in bad_documents()
    {
        let mut document = with_gadgets();
        change(&mut document);
        let problems = codegen::run(&document).expect_err(message);
        let named = problems
            .iter()
            .any(|p| p.pointer == pointer && p.message.contains(message));
        assert!(named, "no `{message}` at {pointer} in {problems:#?}");
        let shown = problems[0].to_string();
        assert!(shown.starts_with("#/"), "{shown}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let mut document = with_gadgets();
    remove(&mut document, GET, "x-idempotent");
    at(&mut document, LIST)["parameters"][1]["name"] = "pages".into();
    at(&mut document, SCHEMAS)["Gadget"]["additionalProperties"] = false.into();
    let problems = codegen::run(&document).expect_err("three mistakes");
    let pointers: Vec<_> = problems.iter().map(|p| p.pointer.as_str()).collect();
    for pointer in [
        GET,
        "/paths/~1workspaces~1{workspace}~1gadgets/get/parameters/1",
        "/components/schemas/Gadget",
    ] {
        assert!(pointers.contains(&pointer), "no {pointer} in {problems:#?}");
    }
}
