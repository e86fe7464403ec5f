//! `cargo xtask drift --from`: each change of a document is found, rightly judged, and found
//! again when it is made backwards.

mod support;

use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    panic::AssertUnwindSafe,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use support::{Checkout, DOCUMENT};

/// A change of the document: what is found if a source has it, with the exit code, and what
/// is found if the document has it and the source does not.
struct Seed {
    edit: fn(&mut Value),
    forth: (u8, &'static [&'static str]),
    back: (u8, &'static [&'static str]),
    /// Why the change cannot be merged, forth and back.
    refused: [&'static str; 2],
}

const fn seed(
    edit: fn(&mut Value),
    forth: (u8, &'static [&'static str]),
    back: (u8, &'static [&'static str]),
) -> Seed {
    let refused = [""; 2];
    Seed {
        edit,
        forth,
        back,
        refused,
    }
}

const fn refused(seed: Seed, forth: &'static str, back: &'static str) -> Seed {
    Seed {
        refused: [forth, back],
        ..seed
    }
}

#[rustfmt::skip]
const SEEDS: &[Seed] = &[
    // Servers.
    seed(|d| push(&mut d["servers"], json!({"url": "https://eu.example.com/v1beta"})),
        (4, &["server/added compatible"]), (5, &["server/removed breaking"])),
    // Operations.
    seed(|d| d["paths"]["/widgets"]["get"] = widgets(),
        (4, &["operation/added compatible"]), (5, &["operation/removed breaking"])),
    seed(|d| { let o = take(&mut d["paths"]["/workspaces/{workspace}/sources"], "get"); d["paths"]["/workspaces/{workspace}/origins"]["get"] = o; },
        (5, &["operation/moved breaking"]), (5, &["operation/moved breaking"])),
    seed(|d| { let o = take(&mut d["paths"]["/workspaces/{workspace}/tracking-plans/{tracking_plan}"], "put"); d["paths"]["/workspaces/{workspace}/tracking-plans/{tracking_plan}"]["patch"] = o; },
        (5, &["operation/moved breaking"]), (5, &["operation/moved breaking"])),
    seed(|d| list_sources(d)["operationId"] = json!("sources_list"),
        (0, &["operation/renamed note"]), (0, &["operation/renamed note"])),
    seed(|d| list_sources(d)["tags"] = json!(["Workspaces"]),
        (0, &["operation/service note"]), (0, &["operation/service note"])),
    seed(|d| drop(take(&mut d["paths"], "/workspaces/{workspace}/sources/{source}/regulations#delete_cloud_source_object")),
        (0, &["operation/indistinct note"]), (4, &["operation/added compatible"])),
    seed(|d| list_sources(d)["deprecated"] = json!(true),
        (4, &["operation/deprecated compatible"]), (4, &["operation/undeprecated compatible"])),
    // Credentials.
    seed(|d| list_sources(d)["security"] = json!([{"bearer": []}, {"account": []}]),
        (4, &["security/added compatible"]), (5, &["security/removed breaking"])),
    seed(|d| list_sources(d)["security"] = json!([{"account": []}]),
        (5, &["security/added compatible", "security/removed breaking"]), (5, &["security/added compatible", "security/removed breaking"])),
    // Parameters.
    seed(|d| push(&mut list_sources(d)["parameters"], parameter("state", false)),
        (4, &["parameter/added compatible"]), (5, &["parameter/removed breaking"])),
    seed(|d| push(&mut list_sources(d)["parameters"], parameter("state", true)),
        (5, &["parameter/added-required breaking"]), (5, &["parameter/removed breaking"])),
    refused(seed(|d| d["components"]["parameters"]["page_size"]["required"] = json!(true),
        (5, &["parameter/required breaking"]), (4, &["parameter/optional compatible"])), "the client pages without a size, too", ""),
    refused(seed(|d| d["components"]["parameters"]["page_size"]["schema"]["type"] = json!("string"),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])), "the client pages by a number", ""),
    seed(|d| d["components"]["parameters"]["page_size"]["schema"]["maximum"] = json!(100),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| { let p = get_catalog_source(d); p["parameters"][0]["name"] = json!("slug"); let o = take(&mut d["paths"], "/catalog/sources/{source}"); d["paths"]["/catalog/sources/{slug}"] = o; },
        (0, &["parameter/renamed note"]), (0, &["parameter/renamed note"])),
    seed(|d| list_sources(d)["parameters"].as_array_mut().expect("a list").reverse(),
        (0, &["order/changed note"]), (0, &["order/changed note"])),
    // What is sent.
    seed(|d| get_source(d)["requestBody"] = body("CreateSourceRequest", true),
        (5, &["request-body/added breaking"]), (5, &["request-body/removed breaking"])),
    seed(|d| { let c = take(&mut create_source(d)["requestBody"]["content"], "application/json"); create_source(d)["requestBody"]["content"]["application/*"] = c; }, (0, &[]), (0, &[])),
    seed(|d| { let c = take(&mut create_source(d)["requestBody"]["content"], "application/json"); create_source(d)["requestBody"]["content"]["Application/JSON"] = c; }, (0, &[]), (0, &[])),
    seed(|d| *answer(create_source(d)) = json!({"$ref": "#/paths/~1workspaces~1%7Bworkspace%7D~1sources~1%7Bsource%7D/get/responses/200/content/application~1json/schema"}), (0, &[]), (0, &[])),
    seed(|d| create_source(d)["requestBody"]["required"] = json!(false),
        (0, &["request-body/optional note"]), (0, &["request-body/required note"])),
    seed(|d| field(d, "NewSource", "colour", json!({"type": "string"})),
        (4, &["request-field/added compatible"]), (5, &["request-field/removed breaking"])),
    seed(|d| { field(d, "NewSource", "colour", json!({"type": "string"})); push(&mut schema(d, "NewSource")["required"], json!("colour")); },
        (5, &["request-field/added-required breaking"]), (5, &["request-field/removed breaking"])),
    seed(|d| push(&mut schema(d, "NewSource")["required"], json!("labels")),
        (5, &["request-field/required breaking"]), (4, &["request-field/optional compatible"])),
    seed(|d| property(d, "NewSource", "catalog_name")["type"] = json!("integer"),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])),
    seed(|d| { property(d, "NewSource", "labels")["type"] = json!("string"); push(&mut schema(d, "NewSource")["required"], json!("labels")); },
        (5, &["request-field/required breaking", "request-type/changed breaking"]), (5, &["request-field/optional compatible", "request-type/changed breaking"])),
    seed(|d| property(d, "NewSource", "labels")["additionalProperties"]["type"] = json!("integer"),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])),
    seed(|d| property(d, "NewSource", "catalog_name")["format"] = json!("date-time"),
        (5, &["request-format/added breaking"]), (4, &["request-format/removed compatible"])),
    seed(|d| property(d, "NewSource", "catalog_name")["format"] = json!("uri"),
        (0, &["format/annotated note"]), (0, &["format/annotated note"])),
    seed(|d| property(d, "NewSource", "catalog_name")["nullable"] = json!(true),
        (4, &["request-null/added compatible"]), (5, &["request-null/removed breaking"])),
    seed(|d| property(d, "NewSource", "catalog_name")["maxLength"] = json!(10),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| property(d, "NewSource", "catalog_name")["enum"] = json!(["a", "b"]),
        (5, &["request-enum/closed breaking"]), (4, &["request-enum/opened compatible"])),
    // What is sent and received.
    seed(|d| push(&mut schema(d, "ConnectionMode")["enum"], json!("PIGEON")),
        (4, &["request-enum/value-added compatible", "response-enum/value-added compatible"]),
        (5, &["request-enum/value-removed breaking", "response-enum/value-removed breaking"])),
    seed(|d| schema(d, "ConnectionMode")["enum"].as_array_mut().expect("a list").reverse(),
        (0, &["order/changed note"]), (0, &["order/changed note"])),
    seed(|d| { push(&mut schema(d, "FilterAction")["oneOf"], json!({"$ref": "#/components/schemas/HashAction"})); d["components"]["schemas"]["HashAction"] = hash_action(); },
        (4, &["request-union/member-added compatible", "response-union/member-added compatible"]),
        (5, &["request-union/member-removed breaking", "response-union/member-removed breaking"])),
    // What is received.
    seed(|d| list_sources(d)["responses"]["418"] = json!({"description": "A teapot."}),
        (4, &["status/added compatible"]), (0, &["status/removed note"])),
    seed(|d| { let r = &mut list_sources(d)["responses"]; let ok = take(r, "200"); r["201"] = ok; }, (0, &[]), (0, &[])),
    seed(|d| delete_source(d)["responses"]["200"]["content"]["application/json"]["schema"] = json!({"$ref": "#/components/schemas/Source"}),
        (5, &["response-body/added breaking"]), (5, &["response-body/removed breaking"])),
    seed(|d| drop(take(&mut get_source(d)["responses"]["200"], "content")),
        (5, &["response-body/removed breaking"]), (5, &["response-body/added breaking"])),
    seed(|d| field(d, "Source", "colour", json!({"type": "string"})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| { let f = take(&mut schema(d, "Source")["properties"], "display_name"); field(d, "Source", "title", f); },
        (5, &["response-field/added compatible", "response-field/removed breaking"]), (5, &["response-field/added compatible", "response-field/removed breaking"])),
    seed(|d| schema(d, "User")["required"] = json!(["email"]),
        (5, &["response-field/identifier-optional breaking"]), (4, &["response-field/required compatible"])),
    seed(|d| schema(d, "FunctionSetting")["required"] = json!(["label", "type"]),
        (5, &["request-field/optional compatible", "response-field/identifier-optional breaking"]),
        (5, &["request-field/required breaking", "response-field/required compatible"])),
    seed(|d| schema(d, "WhitelistFieldsAction")["required"] = json!(["type"]),
        (4, &["request-field/optional compatible", "response-field/optional compatible"]),
        (5, &["request-field/required breaking", "response-field/required compatible"])),
    seed(|d| drop(take(schema(d, "CreateRegulationResponse"), "required")),
        (5, &["response-field/identifier-optional breaking"]), (4, &["response-field/required compatible"])),
    seed(|d| push(&mut schema(d, "Source")["required"], json!("display_name")),
        (4, &["response-field/required compatible"]), (4, &["response-field/optional compatible"])),
    seed(|d| property(d, "Source", "display_name")["type"] = json!("boolean"),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| property(d, "Source", "write_keys")["items"]["type"] = json!("integer"),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| { let p = property(d, "Source", "write_keys"); take(p, "items"); p["type"] = json!("string"); },
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| { field(d, "Source", "colour", json!({"type": "string"})); d["components"]["schemas"]["Source"]["properties"]["colour"]["deprecated"] = json!(true); },
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| property(d, "Source", "display_name")["deprecated"] = json!(true),
        (4, &["field/deprecated compatible"]), (4, &["field/undeprecated compatible"])),
    seed(|d| property(d, "Source", "display_name")["format"] = json!("date-time"),
        (4, &["response-format/added compatible"]), (5, &["response-format/removed breaking"])),
    seed(|d| property(d, "Source", "display_name")["nullable"] = json!(true),
        (4, &["response-null/added compatible"]), (4, &["response-null/removed compatible"])),
    seed(|d| property(d, "Source", "display_name")["enum"] = json!(["a", "b"]),
        (4, &["response-enum/closed compatible"]), (4, &["response-enum/opened compatible"])),
    seed(|d| property(d, "Source", "display_name")["minLength"] = json!(3),
        (0, &["response-limit/changed note"]), (0, &["response-limit/changed note"])),
    seed(|d| property(d, "Source", "display_name")["format"] = json!("slug"),
        (0, &["format/annotated note"]), (0, &["format/annotated note"])),
    seed(|d| *property(d, "Source", "library_config") = json!({"type": "object"}),
        (0, &["schema/undescribed note"]), (4, &["schema/described compatible"])),
    seed(|d| drop(take(property(d, "Source", "display_name"), "type")),
        (0, &["schema/undescribed note"]), (4, &["schema/described compatible"])),
    // Texts.
    seed(|d| list_sources(d)["description"] = json!("Something else."),
        (0, &["prose/changed note"]), (0, &["prose/changed note"])),
    seed(|d| property(d, "Source", "display_name")["description"] = json!("Something else."),
        (0, &["prose/changed note"]), (0, &["prose/changed note"])),
    seed(|d| { property(d, "Source", "display_name")["example"] = json!("Web"); },
        (0, &["sample/changed note"]), (0, &[])),
    // Servers and credentials, in other words.
    seed(|d| d["servers"][0]["url"] = json!("https://eu.example.com/v1beta"),
        (5, &["server/added compatible", "server/removed breaking"]), (5, &["server/added compatible", "server/removed breaking"])),
    seed(|d| d["servers"][0]["description"] = json!("Somewhere."), (0, &[]), (0, &[])),
    seed(|d| d["servers"][0] = json!({"url": "https://{host}:443/v1beta/", "variables": {"host": {"default": "Platform.SegmentAPIs.com"}}}), (0, &[]), (0, &[])),
    seed(|d| d["servers"][0]["url"] = json!("/v1beta"), (0, &[]), (4, &["server/added compatible"])),
    seed(|d| list_sources(d)["security"] = json!([{}]), (0, &[]), (4, &["security/added compatible"])),
    refused(seed(|d| d["components"]["securitySchemes"]["bearer"] = json!({"type": "apiKey", "in": "header", "name": "X-Key"}),
        (5, &["security/added compatible", "security/removed breaking"]), (5, &["security/added compatible", "security/removed breaking"])), "other credentials take other code", "other credentials take other code"),
    seed(|d| d["components"]["securitySchemes"]["bearer"] = json!({"type": "apiKey", "in": "header", "name": "Authorization"}), (0, &[]), (0, &[])),
    refused(seed(|d| d["components"]["securitySchemes"]["account"]["scheme"] = json!("digest"),
        (5, &["security/added compatible", "security/removed breaking"]), (5, &["security/added compatible", "security/removed breaking"])), "other credentials take other code", "other credentials take other code"),
    seed(|d| { d["components"]["securitySchemes"]["bearer"] = json!({"type": "oauth2", "flows": {}}); list_sources(d)["security"] = json!([{"bearer": ["sources:read"]}]); },
        (5, &["scope/added breaking"]), (4, &["scope/removed compatible"])),
    seed(|d| list_sources(d)["security"] = json!([{"bearer": [], "account": []}]),
        (5, &["security/added compatible", "security/removed breaking"]), (5, &["security/added compatible", "security/removed breaking"])),
    seed(|d| drop(take(d, "servers")), (0, &[]), (4, &["server/added compatible"])),
    // Operations, in other places.
    seed(|d| drop(take(&mut d["paths"]["/workspaces/{workspace}/sources/{source}"], "delete")),
        (5, &["operation/removed breaking"]), (4, &["operation/added compatible"])),
    seed(|d| drop(take(&mut d["paths"], "/workspaces/{workspace}/users")),
        (5, &["operation/removed breaking"]), (4, &["operation/added compatible"])),
    seed(|d| { let o = take(&mut d["paths"]["/workspaces/{workspace}/sources"], "get"); d["paths"]["/v2/workspaces/{workspace}/sources"]["get"] = o; },
        (5, &["operation/moved breaking"]), (5, &["operation/moved breaking"])),
    seed(|d| get_source(d)["deprecated"] = json!(true),
        (4, &["operation/deprecated compatible"]), (4, &["operation/undeprecated compatible"])),
    seed(|d| get_source(d)["summary"] = json!("Other words."),
        (0, &["prose/changed note"]), (0, &["prose/changed note"])),
    seed(|d| d["info"]["title"] = json!("Another title"), (0, &[]), (0, &[])),
    seed(|d| get_source(d)["externalDocs"] = json!({"url": "https://www.example.com/"}), (0, &[]), (0, &[])),
    seed(|d| get_source(d)["x-internal"] = json!(true), (0, &[]), (0, &[])),
    // Parameters, one by one and shared.
    seed(|d| push(&mut get_source(d)["parameters"], parameter("fields", false)),
        (4, &["parameter/added compatible"]), (5, &["parameter/removed breaking"])),
    seed(|d| { let mut p = parameter("regions", false); p["schema"] = json!({"type": "array", "items": {"type": "string"}}); push(&mut get_source(d)["parameters"], p); },
        (4, &["parameter/added compatible"]), (5, &["parameter/removed breaking"])),
    seed(|d| d["components"]["parameters"]["page_size"]["deprecated"] = json!(true),
        (4, &["field/deprecated compatible"]), (4, &["field/undeprecated compatible"])),
    seed(|d| d["components"]["parameters"]["page_size"]["schema"]["minimum"] = json!(1),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| d["components"]["parameters"]["page_size"]["schema"]["default"] = json!(10),
        (0, &["sample/changed note"]), (0, &[])),
    seed(|d| d["components"]["parameters"]["page_size"]["description"] = json!("Other words."),
        (0, &["prose/changed note"]), (0, &["prose/changed note"])),
    refused(seed(|d| d["components"]["parameters"]["page_token"]["name"] = json!("cursor"),
        (5, &["parameter/added compatible", "parameter/removed breaking"]), (5, &["parameter/added compatible", "parameter/removed breaking"])), "the client pages with page_token", ""),
    seed(|d| d["components"]["parameters"]["page_token"]["schema"]["format"] = json!("date-time"),
        (5, &["request-format/added breaking"]), (4, &["request-format/removed compatible"])),
    seed(|d| d["components"]["parameters"]["source"]["schema"]["type"] = json!("integer"),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])),
    seed(|d| d["components"]["parameters"]["source"]["schema"]["pattern"] = json!("^[a-z]+$"),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| d["components"]["parameters"]["source"]["schema"]["enum"] = json!(["js", "ios"]),
        (5, &["request-enum/closed breaking"]), (4, &["request-enum/opened compatible"])),
    seed(|d| list_regulations(d)["parameters"][4]["explode"] = json!(false),
        (5, &["parameter/style breaking"]), (5, &["parameter/style breaking"])),
    refused(seed(|d| list_regulations(d)["parameters"][4]["style"] = json!("pipeDelimited"),
        (5, &["parameter/style breaking"]), (5, &["parameter/style breaking"])), "the generator knows no such style", ""),
    seed(|d| drop(take(&mut list_regulations(d)["parameters"][4], "style")), (0, &[]), (0, &[])),
    seed(|d| list_regulations(d)["parameters"][4]["required"] = json!(true),
        (5, &["parameter/required breaking"]), (4, &["parameter/optional compatible"])),
    refused(seed(|d| list_regulations(d)["parameters"][4]["in"] = json!("header"),
        (5, &["parameter/added compatible", "parameter/removed breaking"]), (5, &["parameter/added compatible", "parameter/removed breaking"])), "the client sends no headers of its own", ""),
    refused(seed(|d| { let p = list_sources(d)["parameters"][1].clone(); list_sources(d)["parameters"] = json!([{"$ref": "#/components/parameters/workspace"}]); push(&mut list_sources(d)["parameters"], p); },
        (5, &["parameter/removed breaking"]), (4, &["parameter/added compatible"])), "a list says itself why it is not paged", ""),
    // Bodies.
    seed(|d| get_source(d)["requestBody"] = body("CreateSourceRequest", false),
        (4, &["request-body/added-optional compatible"]), (5, &["request-body/removed breaking"])),
    seed(|d| drop(take(create_source(d), "requestBody")),
        (5, &["request-body/removed breaking"]), (5, &["request-body/added breaking"])),
    seed(|d| { let c = take(&mut create_source(d)["requestBody"]["content"], "application/json"); create_source(d)["requestBody"]["content"]["application/vnd.segment+json"] = c; },
        (5, &["request-media/changed breaking"]), (5, &["request-media/changed breaking"])),
    seed(|d| { let c = take(&mut get_source(d)["responses"]["200"]["content"], "application/json"); get_source(d)["responses"]["200"]["content"]["application/hal+json"] = c; },
        (4, &["response-media/changed compatible"]), (4, &["response-media/changed compatible"])),
    seed(|d| { let c = take(&mut get_source(d)["responses"]["200"]["content"], "application/json"); get_source(d)["responses"]["200"]["content"]["application/json; charset=utf-8"] = c; },
        (0, &[]), (0, &[])),
    // Fields that are sent.
    seed(|d| field(d, "NewSource", "size", json!({"type": "integer"})),
        (4, &["request-field/added compatible"]), (5, &["request-field/removed breaking"])),
    seed(|d| field(d, "NewSource", "tint", json!({"type": "string", "enum": ["RED", "BLUE"]})),
        (4, &["request-field/added compatible"]), (5, &["request-field/removed breaking"])),
    seed(|d| field(d, "NewSource", "owner", json!({"type": "object", "properties": {"email": {"type": "string"}}})),
        (4, &["request-field/added compatible"]), (5, &["request-field/removed breaking"])),
    seed(|d| field(d, "NewSource", "tags", json!({"type": "array", "items": {"type": "string"}})),
        (4, &["request-field/added compatible"]), (5, &["request-field/removed breaking"])),
    seed(|d| field(d, "NewSource", "options", json!({"type": "object", "additionalProperties": {"type": "string"}})),
        (4, &["request-field/added compatible"]), (5, &["request-field/removed breaking"])),
    seed(|d| field(d, "NewSource", "birth", json!({"type": "string", "readOnly": true})), (0, &[]), (0, &[])),
    seed(|d| field(d, "Source", "secret", json!({"type": "string", "writeOnly": true})), (0, &[]), (0, &[])),
    seed(|d| field(d, "CreateSourceRequest", "dry_run", json!({"type": "boolean"})),
        (4, &["request-field/added compatible"]), (5, &["request-field/removed breaking"])),
    seed(|d| push(&mut schema(d, "CreateFunctionRequest")["required"], json!("extra")), (0, &[]), (0, &[])),
    seed(|d| *property(d, "CreateRegulationRequest", "regulation_type") = json!({"allOf": [{"$ref": "#/components/schemas/RegulationType"}, {"enum": ["Delete", "Suppress", "Unsuppress"]}]}),
        (5, &["request-enum/value-removed breaking"]), (4, &["request-enum/value-added compatible"])),
    seed(|d| property(d, "NewSource", "catalog_name")["allOf"] = json!([{"maxLength": 90}, {"maxLength": 9}]),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| *property(d, "CreateSourceRequest", "source") = json!({"allOf": [{"$ref": "#/components/schemas/NewSource"}], "required": ["labels"]}),
        (5, &["request-field/required breaking"]), (4, &["request-field/optional compatible"])),
    // In 3.1, what stands beside a reference counts.
    seed(|d| { d["openapi"] = json!("3.1.0"); property(d, "CreateSourceRequest", "source")["required"] = json!(["labels"]); },
        (5, &["request-field/required breaking"]), (4, &["request-field/optional compatible"])),
    refused(seed(|d| { d["openapi"] = json!("3.1.0"); answer(get_source(d))["properties"] = json!({"zone": {"type": "string"}}); },
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])), "", "the document is one of 3.0"),
    seed(|d| answer(get_source(d))["properties"] = json!({"zone": {"type": "string"}}), (0, &[]), (0, &[])),
    seed(|d| property(d, "NewSource", "catalog_name")["deprecated"] = json!(true),
        (4, &["field/deprecated compatible"]), (4, &["field/undeprecated compatible"])),
    seed(|d| property(d, "NewSource", "catalog_name")["minLength"] = json!(2),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| property(d, "NewSource", "catalog_name")["pattern"] = json!("^catalog/"),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| property(d, "NewSource", "labels")["maxProperties"] = json!(3),
        (5, &["request-limit/tightened breaking"]), (4, &["request-limit/loosened compatible"])),
    seed(|d| schema(d, "NewSource")["additionalProperties"] = json!(false),
        (5, &["request-object/closed breaking"]), (4, &["request-object/opened compatible"])),
    seed(|d| schema(d, "Source")["additionalProperties"] = json!(false),
        (0, &["response-object/closed note"]), (0, &["response-object/opened note"])),
    seed(|d| schema(d, "Source")["additionalProperties"] = json!(true), (0, &[]), (0, &[])),
    seed(|d| property(d, "NewSource", "catalog_name")["type"] = json!("boolean"),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])),
    seed(|d| *property(d, "NewSource", "catalog_name") = json!({"type": "array", "items": {"type": "string"}}),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])),
    seed(|d| *property(d, "NewSource", "catalog_name") = json!({"type": "object", "properties": {"text": {"type": "string"}}}),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])),
    seed(|d| *property(d, "NewSource", "labels") = json!({"type": "array", "items": {"type": "string"}}),
        (5, &["request-type/changed breaking"]), (5, &["request-type/changed breaking"])),
    seed(|d| *property(d, "NewSource", "labels") = json!({"type": "object"}),
        (0, &["schema/undescribed note"]), (4, &["schema/described compatible"])),
    seed(|d| push(&mut schema(d, "FunctionType")["enum"], json!("SPARE")),
        (4, &["request-enum/value-added compatible", "response-enum/value-added compatible"]),
        (5, &["request-enum/value-removed breaking", "response-enum/value-removed breaking"])),
    refused(seed(|d| drop(take(schema(d, "FunctionType"), "enum")),
        (4, &["request-enum/opened compatible", "response-enum/opened compatible"]),
        (5, &["request-enum/closed breaking", "response-enum/closed compatible"])), "", "a text has no name of its own"),
    seed(|d| schema(d, "FilterAction")["oneOf"].as_array_mut().expect("a list").reverse(), (0, &[]), (0, &[])),
    seed(|d| drop(schema(d, "FilterAction")["oneOf"].as_array_mut().expect("a list").pop()), (0, &[]), (4, &["request-union/member-added compatible", "response-union/member-added compatible"])),
    seed(|d| property(d, "DropEventAction", "type")["enum"] = json!(["discard_event"]),
        (5, &["request-union/member-added compatible", "request-union/member-removed breaking", "response-union/member-added compatible", "response-union/member-removed breaking"]),
        (5, &["request-union/member-added compatible", "request-union/member-removed breaking", "response-union/member-added compatible", "response-union/member-removed breaking"])),
    // Answers.
    seed(|d| *answer(get_source(d)) = json!({"type": "object", "properties": {"source": {"$ref": "#/components/schemas/Source"}}}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| *answer(get_source(d)) = json!({"$ref": "#/components/schemas/Workspace"}),
        (5, &["prose/changed note", "response-field/removed breaking", "response-field/required compatible"]),
        (4, &["prose/changed note", "response-field/added compatible", "response-field/optional compatible"])),
    refused(seed(|d| *answer(get_source(d)) = json!({"type": "array", "items": {"$ref": "#/components/schemas/Source"}}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])), "the client reads objects", ""),
    refused(seed(|d| *answer(get_source(d)) = json!({"type": "string"}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])), "the client reads objects", ""),
    seed(|d| *answer(get_metric(d)) = json!({"type": "object", "properties": {"value": {"type": "number"}}}),
        (4, &["response-body/described compatible"]), (0, &["schema/undescribed note"])),
    seed(|d| field(d, "Source", "size", json!({"type": "integer"})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| field(d, "Source", "tint", json!({"type": "string", "enum": ["RED", "BLUE"]})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| field(d, "Source", "owner", json!({"type": "object", "properties": {"email": {"type": "string"}}})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| field(d, "Source", "parts", json!({"type": "array", "items": {"$ref": "#/components/schemas/Source"}})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| field(d, "ListSourcesResponse", "total", json!({"type": "integer"})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| drop(take(&mut schema(d, "Workspace")["properties"], "create_time")),
        (5, &["response-field/removed breaking"]), (4, &["response-field/added compatible"])),
    seed(|d| drop(take(property(d, "Workspace", "create_time"), "format")),
        (5, &["response-format/removed breaking"]), (4, &["response-format/added compatible"])),
    seed(|d| property(d, "Workspace", "create_time")["type"] = json!("integer"),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| *property(d, "Source", "write_keys") = json!({"type": "object", "additionalProperties": {"type": "string"}}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| *property(d, "Source", "library_config") = json!({"$ref": "#/components/schemas/Workspace"}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| *property(d, "Source", "library_config") = json!({"type": "string"}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| property(d, "CatalogDestinationSetting", "settings")["items"] = json!({"type": "string"}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| field(d, "CatalogDestinationSetting", "depth", json!({"type": "integer"})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| push(&mut schema(d, "CatalogSourceType")["enum"], json!("SPARE")), (4, &["response-enum/value-added compatible"]), (5, &["response-enum/value-removed breaking"])),
    seed(|d| property(d, "Source", "write_keys")["maxItems"] = json!(3),
        (0, &["response-limit/changed note"]), (0, &["response-limit/changed note"])),
    seed(|d| property(d, "FunctionInvocation", "error_reason")["nullable"] = json!(false),
        (4, &["response-null/removed compatible"]), (4, &["response-null/added compatible"])),
    seed(|d| property(d, "Source", "display_name")["default"] = json!("Web"), (0, &["sample/changed note"]), (0, &[])),
    seed(|d| property(d, "Source", "display_name")["title"] = json!("Name"), (0, &[]), (0, &[])),
    seed(|d| property(d, "Source", "write_keys")["nullable"] = json!(true),
        (4, &["response-null/added compatible"]), (4, &["response-null/removed compatible"])),
    seed(|d| property(d, "NewSource", "labels")["nullable"] = json!(true),
        (4, &["request-null/added compatible"]), (5, &["request-null/removed breaking"])),
    seed(|d| get_source(d)["tags"] = json!(["Workspaces"]),
        (0, &["operation/service note"]), (0, &["operation/service note"])),
    seed(|d| get_source(d)["operationId"] = json!("SourceGet"),
        (0, &["operation/renamed note"]), (0, &["operation/renamed note"])),
    // Errors.
    seed(|d| drop(take(&mut list_sources(d)["responses"], "503")),
        (0, &["status/removed note"]), (4, &["status/added compatible"])),
    seed(|d| property(d, "Error", "code")["type"] = json!("string"),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| field(d, "Error", "details", json!({"type": "string"})),
        (4, &["response-field/added compatible"]), (5, &["response-field/removed breaking"])),
    seed(|d| drop(take(&mut schema(d, "Error")["properties"], "error")),
        (5, &["response-field/removed breaking"]), (4, &["response-field/added compatible"])),
    seed(|d| d["components"]["responses"]["Error"]["content"]["application/json"]["schema"] = json!({"type": "array", "items": {"$ref": "#/components/schemas/Error"}}),
        (5, &["response-type/changed breaking"]), (5, &["response-type/changed breaking"])),
    seed(|d| drop(take(&mut d["components"]["responses"]["Error"], "content")), (0, &[]), (0, &[])),
    seed(|d| d["components"]["responses"]["Error"]["description"] = json!("Other words."), (0, &[]), (0, &[])),
];

#[test]
fn the_document_is_in_sync_with_itself() {
    let checkout = Checkout::new();
    let output = checkout.run("drift --from spec/config-api.json");
    assert_eq!(output.status, 0, "{}", output.stdout);
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", output.stdout);
    assert!(lines[0].starts_with("compared: spec/config-api.json: OpenAPI 3.0.3 document, "));
    assert!(lines[0].contains(" operations, ") && lines[0].contains(" schemas, sha256 "));
    assert_eq!(lines[1], "in sync: no findings");
}

#[test]
fn every_change_is_found_in_both_directions() {
    assert!(SEEDS.len() >= 150, "{}", SEEDS.len());
    let checkout = Checkout::new();
    let original = checkout.read(DOCUMENT);
    let failed: Vec<_> = each(SEEDS, |number, seed| {
        let checkout = Checkout::new();
        let mut changed = serde_json::from_str(&original).expect("JSON");
        (seed.edit)(&mut changed);
        let changed = changed.to_string();
        compare(&checkout, &original, &changed, seed.forth, number);
        compare(&checkout, &changed, &original, seed.back, number);
    });
    assert_eq!(failed, [0; 0], "the seeds that are judged otherwise");
}

/// What the client takes as it is, or cannot take over: ours stays.
const KEPT: [&str; 21] = [
    "server/added",
    "security/added",
    "scope/added",
    "scope/removed",
    "parameter/optional",
    "request-media/changed",
    "response-media/changed",
    "request-field/optional",
    "request-format/removed",
    "request-null/added",
    "request-enum/opened",
    "request-object/closed",
    "request-object/opened",
    "response-field/required",
    "response-field/optional",
    "response-format/added",
    "response-null/added",
    "response-null/removed",
    "response-enum/closed",
    "response-enum/opened",
    "schema/described",
];

/// Whether a merge takes the source's word for it.
fn merges(id: &str) -> bool {
    let (id, severity) = id.split_once(' ').expect("two words");
    severity != "note" && !KEPT.contains(&id)
}

/// For each rule the first seed that meets it; all of them take minutes, and do if `ALL_SEEDS`
/// is set.
#[test]
fn what_is_merged_is_no_difference_any_more() {
    let is_all = std::env::var_os("ALL_SEEDS").is_some();
    let mut met = BTreeSet::new();
    let mut is_first = |seed: &Seed| {
        let ids = seed.forth.1.iter().chain(seed.back.1);
        let new = ids.filter(|id| merges(id) && met.insert(**id));
        new.count() > 0
    };
    let some = SEEDS.iter().enumerate();
    let some: Vec<_> = some.filter(|(_, s)| is_all || is_first(s)).collect();
    let original = Checkout::new().read(DOCUMENT);
    let otherwise = each(&some, |_, (number, seed)| {
        let mut changed = serde_json::from_str(&original).expect("JSON");
        (seed.edit)(&mut changed);
        let changed = changed.to_string();
        let ways = [
            (&original, &changed, seed.forth.1, seed.refused[0]),
            (&changed, &original, seed.back.1, seed.refused[1]),
        ];
        for (ours, theirs, ids, refused) in ways {
            if !ids.iter().any(|id| merges(id)) {
                continue;
            }
            let checkout = Checkout::new();
            checkout.write(DOCUMENT, ours);
            checkout.write("theirs.json", theirs);
            let output = checkout.run("refresh --accept-breaking --another-api --from theirs.json");
            if !refused.is_empty() {
                assert_eq!(output.status, 1, "MERGE {number}: {refused}");
                assert_eq!(checkout.read(DOCUMENT), *ours, "MERGE {number}: {refused}");
                continue;
            }
            assert_eq!(
                output.status, 0,
                "MERGE {number} {ids:?}: {}",
                output.stderr
            );
            let output = checkout.run("drift --from theirs.json");
            let lines = output.stdout.lines();
            let left = lines
                .filter_map(|l| l.split_once(' '))
                .filter(|(id, rest)| {
                    id.contains('/') && !rest.starts_with("note ") && !KEPT.contains(id)
                });
            assert_eq!(left.collect::<Vec<_>>(), [], "MERGE {number} {ids:?}");
        }
    });
    let what =
        "the seeds of which a merge leaves something, or that are merged although they cannot be";
    assert_eq!(otherwise, [0; 0], "{what}");
}

#[test]
fn a_number_is_wider_than_an_integer() {
    let checkout = Checkout::new();
    let original = checkout.read(DOCUMENT);
    let with = |schema: &str, kind: &str| {
        let mut document = serde_json::from_str(&original).expect("JSON");
        field(&mut document, schema, "size", json!({"type": kind}));
        document.to_string()
    };
    for (schema, wider, narrower) in [
        (
            "NewSource",
            (4, "request-type/widened compatible"),
            (5, "request-type/narrowed breaking"),
        ),
        (
            "Source",
            (5, "response-type/widened breaking"),
            (4, "response-type/narrowed compatible"),
        ),
    ] {
        let (integer, number) = (with(schema, "integer"), with(schema, "number"));
        compare(&checkout, &integer, &number, (wider.0, &[wider.1]), 0);
        compare(&checkout, &number, &integer, (narrower.0, &[narrower.1]), 0);
    }
}

#[test]
fn what_holds_itself_is_compared_where_it_does() {
    let checkout = Checkout::new();
    let original = checkout.read(DOCUMENT);
    let with = |copy: Value, is_required: bool| {
        let mut document = serde_json::from_str(&original).expect("JSON");
        field(&mut document, "NewSource", "copy_of", copy);
        if is_required {
            push(
                &mut schema(&mut document, "NewSource")["required"],
                json!("copy_of"),
            );
        }
        document.to_string()
    };
    let itself = json!({"$ref": "#/components/schemas/NewSource"});
    let (free, needed) = (with(itself.clone(), false), with(itself.clone(), true));
    let old = with(json!({"allOf": [itself], "deprecated": true}), false);
    let once = schema(&mut checkout.json(DOCUMENT), "NewSource").take();
    let once = with(once, false);
    for (ours, theirs, found) in [
        (&free, &needed, (5, "request-field/required breaking")),
        (&needed, &free, (4, "request-field/optional compatible")),
        (&free, &old, (4, "field/deprecated compatible")),
        (&old, &free, (4, "field/undeprecated compatible")),
        (&once, &free, (4, "request-field/added compatible")),
    ] {
        compare(&checkout, ours, theirs, (found.0, &[found.1]), 0);
    }
}

#[test]
fn of_several_findings_the_worst_decides() {
    let checkout = Checkout::new();
    let mut changed = checkout.json(DOCUMENT);
    field(&mut changed, "Source", "colour", json!({"type": "string"}));
    drop(take(&mut changed["paths"], "/workspaces"));
    list_sources(&mut changed)["summary"] = json!("Something else.");
    checkout.write("theirs.json", &changed.to_string());
    let output = checkout.run("drift --from theirs.json");
    assert_eq!(output.status, 5);
    let severities = output.stdout.lines().filter_map(|l| l.split(' ').nth(1));
    let severities: Vec<_> = severities.take(3).collect();
    assert_eq!(
        severities,
        ["breaking", "compatible", "note"],
        "{}",
        output.stdout
    );
    let output = checkout.run("drift --from theirs.json --from gone.json");
    assert_eq!(output.status, 1, "{}", output.stdout);
    let output = checkout.run("drift --from theirs.json --from http://127.0.0.1:9/");
    assert_eq!(output.status, 5, "{}", output.stdout);
    let output = checkout.run("drift --from spec/config-api.json --from http://127.0.0.1:9/");
    assert_eq!(output.status, 6, "{}", output.stdout);
}

#[test]
fn every_rule_has_a_seed_and_its_mirror_the_same_seed() {
    let output = Checkout::new().run("rules").stdout;
    let rules: Vec<Vec<&str>> = output.lines().map(|l| l.splitn(4, ' ').collect()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let texts = fs::read_dir(folder)
        .expect("the tests")
        .filter_map(|f| fs::read_to_string(f.expect("a file").path()).ok());
    let texts = texts.collect::<String>();
    for rule in &rules {
        let [id, severity, mirror, reason] = rule[..] else {
            panic!("{rule:?} has four parts");
        };
        assert!(reason.len() >= 10, "{id} has a reason");
        let seeded = format!("{id} {severity}");
        assert!(
            texts.contains(&format!("\"{seeded}")),
            "no test seeds {seeded}"
        );
        assert!(
            mirror == "-" || rules.iter().any(|r| r[0] == mirror),
            "{id}: no rule {mirror}"
        );
        let ids = |expected: &[&str]| {
            expected
                .iter()
                .map(|e| e.split(' ').next().expect("an id").to_string())
                .collect::<Vec<_>>()
        };
        for seed in SEEDS
            .iter()
            .filter(|s| s.forth.1.contains(&seeded.as_str()))
        {
            let back = ids(seed.back.1);
            assert!(
                back.is_empty() || back.iter().any(|b| mirror.starts_with(b.as_str())),
                "{id} is mirrored by {mirror}, not {back:?}"
            );
        }
    }
}

/// Holds `theirs` against `ours`: exit code, and ids with severities, each once.
fn compare(checkout: &Checkout, ours: &str, theirs: &str, expected: (u8, &[&str]), number: usize) {
    checkout.write(DOCUMENT, ours);
    checkout.write("theirs.json", theirs);
    let output = checkout.run("drift --from theirs.json --format json");
    let report: Value = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{}", output.stdout, output.stderr));
    let findings = report["findings"].as_array().expect("a list");
    let text = |f: &Value, key: &str| f[key].as_str().expect("a text").to_string();
    let found: BTreeSet<_> = findings
        .iter()
        .map(|f| format!("{} {}", text(f, "id"), text(f, "severity")))
        .collect();
    let (exit, ids) = expected;
    assert_eq!(
        found,
        ids.iter().map(|id| id.to_string()).collect(),
        "seed {number}: {}",
        output.stdout
    );
    assert_eq!(
        output.status,
        i32::from(exit),
        "seed {number}: {}",
        output.stdout
    );
    for finding in findings {
        let (file, pointer) = (text(finding, "file"), text(finding, "pointer"));
        let document: Value =
            serde_json::from_str(if file == DOCUMENT { ours } else { theirs }).expect("JSON");
        assert!(
            document.pointer(&pointer).is_some(),
            "seed {number}: nothing at {file}#{pointer}"
        );
        assert!(
            text(finding, "message").contains(": "),
            "a finding has a reason"
        );
    }
}

/// Does something with each, two at a time; the numbers of those that fail.
fn each<T: Sync>(all: &[T], test: impl Fn(usize, &T) + Sync) -> Vec<usize> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut failed = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(number) else {
                return failed;
            };
            let test = AssertUnwindSafe(|| test(number, one));
            if std::panic::catch_unwind(test).is_err() {
                failed.push(number);
            }
        }
    };
    thread::scope(|scope| {
        let workers = [(); 2].map(|()| scope.spawn(work));
        workers
            .map(|w| w.join().expect("no panic is left"))
            .concat()
    })
}

fn list_sources(d: &mut Value) -> &mut Value {
    &mut d["paths"]["/workspaces/{workspace}/sources"]["get"]
}

fn create_source(d: &mut Value) -> &mut Value {
    &mut d["paths"]["/workspaces/{workspace}/sources"]["post"]
}

fn get_source(d: &mut Value) -> &mut Value {
    &mut d["paths"]["/workspaces/{workspace}/sources/{source}"]["get"]
}

fn delete_source(d: &mut Value) -> &mut Value {
    &mut d["paths"]["/workspaces/{workspace}/sources/{source}"]["delete"]
}

fn list_regulations(d: &mut Value) -> &mut Value {
    &mut d["paths"]["/workspaces/{workspace}/regulations"]["get"]
}

fn get_metric(d: &mut Value) -> &mut Value {
    let path =
        "/workspaces/{workspace}/sources/{source}/destinations/{destination}/metrics/{metric}";
    &mut d["paths"][path]["get"]
}

fn answer(operation: &mut Value) -> &mut Value {
    &mut operation["responses"]["200"]["content"]["application/json"]["schema"]
}

fn get_catalog_source(d: &mut Value) -> &mut Value {
    &mut d["paths"]["/catalog/sources/{source}"]["get"]
}

fn schema<'a>(d: &'a mut Value, name: &str) -> &'a mut Value {
    &mut d["components"]["schemas"][name]
}

fn property<'a>(d: &'a mut Value, schema: &str, name: &str) -> &'a mut Value {
    &mut d["components"]["schemas"][schema]["properties"][name]
}

fn field(d: &mut Value, schema: &str, name: &str, value: Value) {
    d["components"]["schemas"][schema]["properties"][name] = value;
}

/// Adds to a list, or does nothing to what is none.
fn push(list: &mut Value, value: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(value);
    }
}

fn take(value: &mut Value, key: &str) -> Value {
    let object = value.as_object_mut().expect("an object");
    object.remove(key).unwrap_or_else(|| panic!("no {key}"))
}

fn parameter(name: &str, required: bool) -> Value {
    json!({"name": name, "in": "query", "required": required, "schema": {"type": "string"}})
}

fn body(schema: &str, required: bool) -> Value {
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    json!({"required": required, "content": {"application/json": {"schema": schema}}})
}

fn widgets() -> Value {
    json!({"operationId": "list_widgets", "responses": {"200": {"description": "Widgets."}}})
}

fn hash_action() -> Value {
    json!({"type": "object", "properties": {"type": {"type": "string", "enum": ["hash_fields"]}}})
}
