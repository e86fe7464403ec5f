//! `cargo xtask check`: quiet about what is in order, and one line for each thing that is not.

mod support;

use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path};
use support::{Checkout, DOCUMENT, README, SURFACE, UPSTREAM};

/// What is done to a checkout, and the findings that come of it: id and place.
type Case<Edit> = (Edit, &'static [&'static str]);

/// Changes of the document, which make what is made of it stale besides.
const DOCUMENTS: &[Case<fn(&mut Value)>] = &[
    (
        |d| d["openapi"] = json!("3.1.0"),
        &["document/version error spec/config-api.json#/openapi"],
    ),
    (
        |d| *d = json!({"swagger": "2.0", "paths": {}}),
        &["document/version error spec/config-api.json#/swagger"],
    ),
    (
        |d| *d = json!([]),
        &["document/version error spec/config-api.json"],
    ),
    (
        |d| drop(remove(list_sources(d), "responses")),
        &[
            "document/not-openapi error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
    (
        |d| drop(remove(d, "info")),
        &["document/not-openapi error spec/config-api.json"],
    ),
    (
        |d| property(d, "Source", "labels")["type"] = json!("dictionary"),
        &[
            "document/not-a-schema error spec/config-api.json#/components/schemas/Source/properties/labels/type",
            "document/not-adaptable error spec/config-api.json#/components/schemas/Source/properties/labels/type",
        ],
    ),
    (
        |d| query_type(d)["schema"] = json!({"type": "word"}),
        &[
            "document/not-a-schema error spec/config-api.json#/paths/~1workspaces~1{workspace_id}~1functions/get",
            "document/not-adaptable error spec/config-api.json#/paths/~1workspaces~1{workspace_id}~1functions/get/parameters/3",
            "document/not-adaptable error spec/config-api.json#/paths/~1workspaces~1{workspace_id}~1functions/get/parameters/3/schema/type",
        ],
    ),
    (
        |d| property(d, "Source", "library_config")["$ref"] = json!("#/components/schemas/Gone"),
        &[
            "document/broken-reference error spec/config-api.json#/components/schemas/Source/properties/library_config/$ref",
        ],
    ),
    (
        |d| property(d, "Source", "library_config")["description"] = json!("How it sends."),
        &[
            "document/beside-reference error spec/config-api.json#/components/schemas/Source/properties/library_config/description",
        ],
    ),
    (
        |d| list_sources(d)["responses"]["404"] = json!({"$ref": "#/components/schemas/Error"}),
        &[
            "document/broken-reference error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/responses/404/$ref",
        ],
    ),
    (
        |d| list_sources(d)["requestBdy"] = json!({}),
        &[
            "document/not-openapi error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
    (
        |d| d["components"]["schemas"]["Source"]["minimal"] = json!(1),
        &["document/not-openapi error spec/config-api.json#/components/schemas/Source"],
    ),
    (
        |d| list_sources(d)["parameters"][1]["$ref"] = json!("other.json#/page_size"),
        &[
            "document/broken-reference error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/parameters/1/$ref",
        ],
    ),
    (
        |d| property(d, "ListSourcesResponse", "sources")["items"] = json!({"type": "string"}),
        &[
            // The list that cannot be found, and the sample that has sources in it.
            "document/not-adaptable error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
            "sample/response error spec/samples/list_sources.json#/response/sources/0",
            "sample/response error spec/samples/list_sources.json#/response/sources/1",
            "sample/response error spec/samples/list_sources.json#/response/sources/2",
        ],
    ),
    (
        |d| list_sources(d)["x-confidence"] = json!("certain"),
        &[
            "operation/confidence error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/x-confidence",
        ],
    ),
    (
        |d| list_sources(d)["x-confidence"] = json!("documented"),
        &[
            "operation/confidence-of error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/x-confidence-of",
        ],
    ),
    (
        |d| drop(remove(&mut list_sources(d)["x-confidence-of"], "path")),
        &[
            "operation/confidence-of error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/x-confidence-of",
        ],
    ),
    (
        |d| drop(remove(&mut list_sources(d)["x-confidence-of"], "paging")),
        &[
            "operation/confidence-of error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/x-confidence-of",
        ],
    ),
    (
        |d| get_workspace(d)["x-confidence-of"]["paging"] = json!("inferred"),
        &[
            "operation/confidence-of error spec/config-api.json#/paths/~1workspaces~1{workspace}/get/x-confidence-of",
        ],
    ),
    (
        |d| drop(remove(list_sources(d), "x-evidence")),
        &[
            "operation/evidence error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
    (
        |d| list_sources(d)["x-evidence"] = json!([""]),
        &[
            "operation/evidence error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/x-evidence",
        ],
    ),
    (
        |d| drop(remove(list_sources(d), "x-idempotent")),
        &[
            "operation/idempotent error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
            "document/not-adaptable error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
    (
        |d| drop(remove(list_sources(d), "x-public-api")),
        &[
            "operation/public-api error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
    (
        |d| list_sources(d)["x-public-api"] = Value::Null,
        &[
            "operation/public-api error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/x-public-api",
        ],
    ),
    (
        |d| drop(remove(list_sources(d), "summary")),
        &[
            "operation/summary error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
    (
        |d| list_sources(d)["description"] = json!(" "),
        &[
            "operation/description error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get/description",
        ],
    ),
    (
        |d| {
            drop(remove(
                &mut d["components"]["schemas"]["Source"],
                "description",
            ))
        },
        &["schema/description error spec/config-api.json#/components/schemas/Source"],
    ),
    (
        |d| {
            drop(remove(
                &mut d["components"]["schemas"]["Invite"],
                "x-no-identifier",
            ))
        },
        &["schema/identifier error spec/config-api.json#/components/schemas/Invite"],
    ),
    (
        |d| {
            drop(remove(
                &mut d["components"]["schemas"]["InstallToken"],
                "x-identifier",
            ))
        },
        &["schema/identifier error spec/config-api.json#/components/schemas/InstallToken"],
    ),
    (
        |d| drop(remove(property(d, "Source", "labels"), "description")),
        &[
            "property/description error spec/config-api.json#/components/schemas/Source/properties/labels",
        ],
    ),
    (
        |d| property(d, "SourceUpdate", "colour")["description"] = json!("Its colour."),
        &[
            "property/update-mask error spec/config-api.json#/components/schemas/SourceUpdate/properties/colour",
        ],
    ),
    (
        |d| {
            drop(remove(
                &mut d["components"]["parameters"]["page_size"],
                "description",
            ))
        },
        &["parameter/description error spec/config-api.json#/components/parameters/page_size"],
    ),
    (
        |d| list_sources(d)["operationId"] = json!("list_all_sources"),
        &[
            "sample/stray error spec/samples/list_sources.json",
            "sample/missing error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
];

/// Changes of files, after which the check follows at once.
const FILES: &[Case<fn(&Checkout)>] = &[
    (
        |c| c.remove(DOCUMENT),
        &["document/unreadable error spec/config-api.json"],
    ),
    (
        |c| c.write(DOCUMENT, ""),
        &["document/not-json error spec/config-api.json"],
    ),
    (
        |c| c.replace(DOCUMENT, "\"openapi\"", "\"paths\": {}, \"openapi\""),
        &["document/not-json error spec/config-api.json"],
    ),
    (
        |c| c.replace(DOCUMENT, "  \"components\"", "\t\"components\""),
        &[
            "document/not-canonical error spec/config-api.json",
            "pin/stale error spec/upstream.toml#/document/sha256",
        ],
    ),
    (
        |c| c.replace(UPSTREAM, "operations = ", "operations = 1"),
        &["pin/stale error spec/upstream.toml#/document/operations"],
    ),
    (
        |c| c.replace(UPSTREAM, "schemas = ", "schemas = 1"),
        &["pin/stale error spec/upstream.toml#/document/schemas"],
    ),
    (
        |c| c.remove(UPSTREAM),
        &["upstream/unreadable error spec/upstream.toml"],
    ),
    (
        |c| c.replace(UPSTREAM, "schemas", "shcemas"),
        &["upstream/unreadable error spec/upstream.toml"],
    ),
    (
        |c| {
            c.replace(
                UPSTREAM,
                "\"availability\"]",
                "\"availability\", \"moods\"]",
            )
        },
        &["upstream/unread error spec/upstream.toml#/source/0/authority"],
    ),
    (
        |c| c.replace(UPSTREAM, "pinned = false", "pinned = true"),
        &["upstream/source error spec/upstream.toml#/source/0"],
    ),
    (
        |c| c.write(SURFACE, "# Nothing.\n"),
        &["surface/stale error spec/surface.txt"],
    ),
    (
        |c| c.remove(SURFACE),
        &["surface/stale error spec/surface.txt"],
    ),
    (
        |c| c.replace(README, "| Workspaces | ", "| Workspaces | 1"),
        &["readme/stale error README.md"],
    ),
    (
        |c| c.replace(README, "How sure they are: ", "How sure they are: 1"),
        &["readme/stale error README.md"],
    ),
    (|c| c.remove(README), &["readme/stale error README.md"]),
    (
        |c| fs::remove_dir_all(c.path("spec/samples")).expect("the folder is there"),
        &["sample/unreadable error spec/samples"],
    ),
    (
        |c| c.remove("spec/samples/list_sources.json"),
        &[
            "sample/missing error spec/config-api.json#/paths/~1workspaces~1{workspace}~1sources/get",
        ],
    ),
    (
        |c| c.write("spec/samples/notes.txt", ""),
        &["sample/stray error spec/samples/notes.txt"],
    ),
    (
        |c| c.write("spec/samples/list_sources.json", "{"),
        &["sample/not-json error spec/samples/list_sources.json"],
    ),
    (
        |c| sample(c, "list_sources", |s| drop(remove(s, "query"))),
        &["sample/parts error spec/samples/list_sources.json"],
    ),
    (
        |c| {
            sample(c, "list_sources", |s| {
                drop(remove(&mut s["path"], "workspace"))
            })
        },
        &["sample/path error spec/samples/list_sources.json#/path"],
    ),
    (
        |c| sample(c, "list_sources", |s| s["path"]["source"] = json!("js")),
        &["sample/path error spec/samples/list_sources.json#/path"],
    ),
    (
        |c| sample(c, "list_sources", |s| s["query"]["page"] = json!(2)),
        &["sample/query error spec/samples/list_sources.json#/query"],
    ),
    (
        |c| {
            sample(c, "list_sources", |s| {
                s["query"]["page_size"] = json!("100")
            })
        },
        &["sample/query error spec/samples/list_sources.json#/query/page_size"],
    ),
    (
        |c| {
            sample(c, "list_functions", |s| {
                drop(remove(&mut s["query"], "type"))
            })
        },
        &["sample/query error spec/samples/list_functions.json#/query"],
    ),
    (
        |c| sample(c, "list_sources", |s| s["request"] = json!({})),
        &["sample/request error spec/samples/list_sources.json#/request"],
    ),
    (
        |c| {
            sample(c, "create_source", |s| {
                drop(remove(&mut s["request"], "source"))
            })
        },
        &["sample/request error spec/samples/create_source.json#/request"],
    ),
    (
        |c| sample(c, "get_source", |s| s["response"]["name"] = json!(7)),
        &["sample/response error spec/samples/get_source.json#/response/name"],
    ),
    (
        |c| {
            sample(c, "get_source", |s| {
                s["response"]["create_time"] = json!("yesterday")
            })
        },
        &["sample/response error spec/samples/get_source.json#/response/create_time"],
    ),
    // A key that no schema knows is a slip of the pen here, though the client keeps it.
    (
        |c| {
            sample(c, "get_source", |s| {
                s["response"]["catalogue"] = json!("js")
            })
        },
        &["sample/response error spec/samples/get_source.json#/response"],
    ),
    // The client takes a value it does not know; a sample has no business with one.
    (
        |c| {
            sample(c, "get_destination", |s| {
                s["response"]["connection_mode"] = json!("PIGEON")
            })
        },
        &["sample/response error spec/samples/get_destination.json#/response/connection_mode"],
    ),
    // The member that catches the rest does not excuse an action of a known type.
    (
        |c| {
            sample(c, "create_destination_filter", |s| {
                s["response"]["actions"] = json!([{"type": "sample_event", "percent": "all"}]);
            })
        },
        &[
            "sample/response error spec/samples/create_destination_filter.json#/response/actions/0/percent",
        ],
    ),
    // Nothing is known of this answer.
    (
        |c| sample(c, "list_destination_metrics", |s| s["response"] = json!({})),
        &["sample/response error spec/samples/list_destination_metrics.json#/response"],
    ),
    (
        |c| {
            sample(c, "delete_source", |s| {
                s["response"] = json!({"deleted": true})
            })
        },
        &["sample/response error spec/samples/delete_source.json#/response"],
    ),
];

#[test]
fn what_is_in_order_is_said_with_counts_and_hash() {
    let output = Checkout::new().run("check");
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (0, ""),
        "{}",
        output.stdout
    );
    assert!(output.stdout.lines().all(|line| line.starts_with("ok: ")));
    for part in [" operations, ", " schemas, sha256 ", " samples ", " facts"] {
        assert!(
            output.stdout.contains(part),
            "no {part:?} in {}",
            output.stdout
        );
    }
}

#[test]
fn a_mistake_in_the_document_is_found_where_it_is() {
    for (number, (edit, expected)) in DOCUMENTS.iter().enumerate() {
        let checkout = Checkout::new();
        checkout.edit(DOCUMENT, edit);
        let beside = ["pin/stale", "surface/stale", "readme/stale"];
        finds(&checkout, expected, &beside, number);
    }
}

#[test]
fn a_mistake_in_a_file_is_found_where_it_is() {
    for (number, (edit, expected)) in FILES.iter().enumerate() {
        let checkout = Checkout::new();
        edit(&checkout);
        finds(&checkout, expected, &[], number);
    }
}

#[test]
fn a_catch_all_takes_what_no_other_member_claims() {
    let checkout = Checkout::new();
    sample(&checkout, "create_destination_filter", |s| {
        s["response"]["actions"] = json!([{"type": "explode", "pieces": 3}]);
    });
    assert_eq!(checkout.run("check").status, 0);
}

#[test]
fn what_could_not_be_looked_at_is_said() {
    let checkout = Checkout::new();
    checkout.edit(DOCUMENT, |d| d["openapi"] = json!("3.1.0"));
    assert!(checkout.run("check").stderr.contains("the samples"));
    checkout.remove(DOCUMENT);
    assert!(checkout.run("check").stderr.contains("nothing else"));
}

#[test]
fn a_finding_names_the_command_that_mends_it() {
    let checkout = Checkout::new();
    checkout.replace(DOCUMENT, "  \"components\"", "\t\"components\"");
    checkout.remove(SURFACE);
    let output = checkout.run("check").stdout;
    for command in ["fmt", "pin", "surface"] {
        assert!(
            output.contains(&format!("`cargo xtask {command}`")),
            "{command}: {output}"
        );
    }
}

#[test]
fn every_kind_of_finding_has_a_case() {
    let cases = DOCUMENTS.iter().map(|(_, expected)| expected);
    let cases = cases.chain(FILES.iter().map(|(_, expected)| expected));
    let seeded: BTreeSet<_> = cases
        .flat_map(|lines| lines.iter())
        .filter_map(|line| Some(line.split_once(' ')?.0.to_string()))
        .collect();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checks = fs::read_dir(here.join("src/check")).expect("the checks are there");
    let checks = checks.map(|file| file.expect("a file").path());
    let mut written = BTreeSet::new();
    for file in checks.chain([here.join("../spec/conventions.schema.json")]) {
        let text = fs::read_to_string(file).expect("text");
        let literals = text.split('"').skip(1).step_by(2).filter(|s| is_id(s));
        written.extend(literals.map(str::to_string));
    }
    assert_eq!(written, seeded);
}

/// Whether a literal of the source is the id of a finding.
fn is_id(literal: &str) -> bool {
    let letters = literal
        .chars()
        .all(|c| c.is_ascii_lowercase() || "/-".contains(c));
    letters && literal.find('/').is_some_and(|at| at > 0) && literal != "application/json"
}

fn finds(checkout: &Checkout, expected: &[&str], beside: &[&str], number: usize) {
    let output = checkout.run("check");
    assert_eq!(
        output.status, 1,
        "case {number} {expected:?}: {}",
        output.stdout
    );
    let found: BTreeSet<_> = output
        .stdout
        .lines()
        .filter(|line| !beside.iter().any(|id| line.starts_with(id)))
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    let expected = expected.iter().copied().collect();
    assert_eq!(found, expected, "case {number}: {}", output.stdout);
}

fn list_sources(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/workspaces/{workspace}/sources"]["get"]
}

fn get_workspace(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/workspaces/{workspace}"]["get"]
}

fn query_type(document: &mut Value) -> &mut Value {
    let list_functions = &mut document["paths"]["/workspaces/{workspace_id}/functions"]["get"];
    let parameters = list_functions["parameters"].as_array_mut().expect("a list");
    let query = parameters.iter_mut().find(|p| p["name"] == "type");
    query.expect("functions are listed by type")
}

fn property<'a>(document: &'a mut Value, schema: &str, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][schema]["properties"][name]
}

fn sample(checkout: &Checkout, operation: &str, edit: impl FnOnce(&mut Value)) {
    checkout.edit(&format!("spec/samples/{operation}.json"), edit);
}

/// Removes what has to be there.
fn remove(value: &mut Value, key: &str) -> Value {
    let object = value.as_object_mut().expect("an object");
    object.remove(key).unwrap_or_else(|| panic!("no {key}"))
}
