//! `cargo xtask refresh`: a merge of what a source has, as a whole or not at all.

mod support;

use httpmock::MockServer;
use serde_json::{Value, json};
use std::fs;
use support::{Checkout, DOCUMENT, Output, README, SURFACE, UPSTREAM};

const PATH: &str = "/workspaces/{workspace}/lighthouses";
const NEW: [&str; 6] = [
    README,
    DOCUMENT,
    "spec/samples/create_lighthouse.json",
    "spec/samples/list_lighthouses.json",
    SURFACE,
    UPSTREAM,
];

/// The document with two calls more, as somebody else would describe them.
fn with_lighthouses(checkout: &Checkout) -> Value {
    let mut document = checkout.json(DOCUMENT);
    let item = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "state": {"type": "string", "enum": ["UP", "DOWN"]},
            "owner": {"type": "object", "properties": {"email": {"type": "string"}}},
            "source": {"$ref": "#/components/schemas/Source"},
            "since": {"type": "string", "format": "date-time"},
        },
    });
    let list = json!({
        "type": "object",
        "properties": {"lighthouses": {"type": "array", "items": item}, "next_page_token": {"type": "string"}},
    });
    document["paths"][PATH] = json!({
        "parameters": [{"name": "workspace", "in": "path", "required": true, "schema": {"type": "string"}}],
        "get": {
            "operationId": "listLighthouses",
            "tags": ["Lighthouses"],
            "parameters": [
                {"name": "page_size", "in": "query", "schema": {"type": "integer"}},
                {"name": "page_token", "in": "query", "schema": {"type": "string"}},
                {"name": "state", "in": "query", "required": true, "schema": {"type": "string", "enum": ["UP", "DOWN"]}},
            ],
            "responses": {"200": {"description": "Some", "content": {"application/json": {"schema": list}}}},
        },
        "post": {
            "operationId": "createLighthouse",
            "summary": "Creates a lighthouse",
            "tags": ["Lighthouses"],
            "requestBody": {"content": {"application/json": {"schema": {
                "type": "object", "required": ["lighthouse"],
                "properties": {"lighthouse": {"type": "object", "properties": {"name": {"type": "string"}}}},
            }}}},
            "responses": {"201": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Source"}}}}, "401": {"description": "No."}},
        },
    });
    document
}

fn refresh(checkout: &Checkout, theirs: &Value, options: &str) -> Output {
    checkout.write("theirs.json", &theirs.to_string());
    checkout.run(&format!("refresh --from theirs.json {options}"))
}

/// The files that are not as they were.
fn changed(
    checkout: &Checkout,
    before: &std::collections::BTreeMap<String, String>,
) -> Vec<String> {
    let after = checkout.files();
    let all = before
        .keys()
        .chain(after.keys())
        .filter(|f| before.get(*f) != after.get(*f));
    let mut all: Vec<_> = all.cloned().collect();
    all.sort();
    all.dedup();
    all
}

fn in_order(checkout: &Checkout) {
    let output = checkout.run("check");
    assert_eq!(output.status, 0, "{}", output.stdout);
}

#[test]
fn a_new_operation_comes_in_whole() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let theirs = with_lighthouses(&checkout);
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(changed(&checkout, &before), NEW);
    in_order(&checkout);
    for line in [
        "### Added",
        "- operation added: list_lighthouses, GET /workspaces/{workspace}/lighthouses",
        "Version step: minor",
    ] {
        assert!(output.stdout.contains(line), "{line}: {}", output.stdout);
    }
    let document = checkout.json(DOCUMENT);
    let list = &document["paths"][PATH]["get"];
    assert_eq!(list["x-confidence"], "imported");
    assert_eq!(
        list["x-evidence"],
        json!(["theirs.json#/paths/~1workspaces~1{workspace}~1lighthouses/get"])
    );
    assert_eq!(
        (&list["x-idempotent"], &list["x-public-api"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(document["paths"][PATH]["post"]["x-idempotent"], false);
    assert_eq!(
        list["parameters"][0],
        json!({"$ref": "#/components/parameters/workspace"})
    );
    assert_eq!(
        document["components"]["schemas"]["Lighthouse"]["properties"]["source"],
        json!({"$ref": "#/components/schemas/Source"})
    );
    let surface = checkout.read(SURFACE);
    for fact in [
        "stream list_lighthouses Lighthouse\n",
        "setter list_lighthouses parent WorkspaceName\n",
        "request create_lighthouse CreateLighthouseRequest\n",
    ] {
        assert!(surface.contains(fact), "{fact}");
    }
    let readme = checkout.read(README);
    assert!(readme.contains("| Lighthouses | 2 |"));
    assert!(readme.contains(" known from a published description alone;"));
    let sample = checkout.json("spec/samples/list_lighthouses.json");
    assert_eq!(sample["path"]["workspace"], "acme");
    assert_eq!(sample["query"]["state"], "UP");
    assert_eq!(
        sample["response"]["lighthouses"][0]["since"],
        "2024-01-02T03:04:05Z"
    );
    // No trace of the reader is left.
    assert!(!checkout.read(DOCUMENT).contains("x-origin"));
    // And the next look finds nothing.
    let output = checkout.run("drift --from theirs.json");
    assert_eq!(output.status, 0, "{}", output.stdout);
    let before = checkout.files();
    let output = checkout.run("refresh --from theirs.json");
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (0, "nothing to write\n")
    );
    assert_eq!(changed(&checkout, &before), [""; 0]);
}

#[test]
fn what_we_wrote_stays() {
    let checkout = Checkout::new();
    let before = checkout.json(DOCUMENT);
    let mut theirs = before.clone();
    theirs["paths"]["/workspaces"]["get"]["description"] = json!("Their words.");
    theirs["paths"]["/workspaces"]["get"]["x-confidence"] = json!("imported");
    theirs["components"]["schemas"]["Source"]["description"] = json!("Their words.");
    theirs["components"]["schemas"]["Source"]["properties"]["colour"] = json!({"type": "string"});
    theirs["components"]["schemas"]["Source"]["required"] = json!(["name"]);
    theirs["components"]["schemas"]["ConnectionMode"]["enum"]
        .as_array_mut()
        .expect("a list")
        .push(json!("PIGEON"));
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let mut expected = before;
    let schemas = &mut expected["components"]["schemas"];
    schemas["Source"]["properties"]["colour"] =
        json!({"type": "string", "description": "`colour`, which the source does not explain."});
    schemas["ConnectionMode"]["enum"]
        .as_array_mut()
        .expect("a list")
        .push(json!("PIGEON"));
    assert_eq!(checkout.json(DOCUMENT), expected);
}

#[test]
fn what_breaks_users_is_taken_over_when_that_is_accepted() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let mut theirs = checkout.json(DOCUMENT);
    let sources = theirs["paths"]["/workspaces/{workspace}/sources"]
        .as_object_mut()
        .expect("methods");
    sources.remove("post");
    let fields = theirs["components"]["schemas"]["Source"]["properties"]
        .as_object_mut()
        .expect("fields");
    fields.remove("labels");
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 5);
    assert!(output.stderr.contains("--accept-breaking"));
    assert_eq!(changed(&checkout, &before), [""; 0]);
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    assert!(!checkout.path("spec/samples/create_source.json").exists());
    // An operation that goes takes no name with it.
    let surface = checkout.read(SURFACE);
    assert!(surface.contains("answer get_source Source\n"), "{surface}");
    let removed = "spec/samples/create_source.json: removed";
    assert!(output.stderr.contains(removed), "{}", output.stderr);
    assert!(
        output
            .stdout
            .contains("- **Breaking.** operation removed: create_source"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("Version step: major"));
    // A sample that had the field is made anew.
    assert!(
        output
            .stderr
            .contains("spec/samples/list_sources.json: made anew"),
        "{}",
        output.stderr
    );
    assert_eq!(checkout.run("drift --from theirs.json").status, 0);
}

#[test]
fn a_source_that_knows_a_part_adds_what_it_knows() {
    let checkout = Checkout::new();
    let mut theirs = with_lighthouses(&checkout);
    let new = theirs["paths"][PATH].take();
    let known = theirs["paths"]["/workspaces"].take();
    // One call beside ours, on a path whose parameter it calls by another name.
    theirs["paths"] = json!({PATH: new, "/workspaces": known, "/workspaces/{slug}/sources/{key}": {"put": {
        "operationId": "replaceSource",
        "parameters": [
            {"name": "slug", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "key", "in": "path", "required": true, "schema": {"type": "string"}},
        ],
        "responses": {"204": {"description": "Done."}},
    }}});
    let output = refresh(&checkout, &theirs, "--skip-breaking");
    assert_eq!(output.status, 5, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let surface = checkout.read(SURFACE);
    for fact in [
        "operation list_sources GET",
        "operation list_lighthouses GET",
        "operation replace_source PUT /workspaces/{workspace}/sources/{source} bearer idempotent\n",
        "setter replace_source name SourceName\n",
        "answer replace_source ()\n",
    ] {
        assert!(surface.contains(fact), "{fact}");
    }
}

#[test]
fn what_has_the_name_of_ours_and_is_another_has_its_own() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let known = theirs["paths"]["/workspaces"].take();
    theirs["paths"] = json!({"/workspaces": known, "/lamps/{workspace}": {"get": {
        "operationId": "getLamp",
        "summary": " ",
        "deprecated": true,
        "parameters": [
            {"name": "workspace", "in": "path", "required": true, "schema": {"type": "integer"}},
            {"name": "page_size", "in": "query", "required": true, "schema": {"type": "integer"}},
            {"name": "source", "in": "query", "required": true, "schema": {"type": "string"}},
        ],
        "responses": {"200": {"description": "A lamp.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/User"},
        }}}},
    }}});
    theirs["components"]["schemas"]["User"] = json!({
        "type": "object",
        "properties": {
            "bulbs": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
            "state": {"$ref": "#/components/schemas/FunctionType"},
            "note": {"type": "string", "description": " "},
            "destinations": {"type": "array", "items": {"type": "object", "properties": {"lit": {"type": "boolean"}}}},
            "batteries": {"type": "array", "items": {"type": "object", "properties": {"volts": {"type": "integer"}}}},
            "label": {"allOf": [{"$ref": "#/components/schemas/Text"}], "description": "What it says."},
            "socket": {"type": "object", "nullable": true, "properties": {"volts": {"type": "integer"}}},
        },
    });
    theirs["components"]["schemas"]["Text"] = json!({"type": "string", "maxLength": 9});
    theirs["components"]["schemas"]["FunctionType"] = json!({"type": "string", "enum": ["ON"]});
    let output = refresh(&checkout, &theirs, "--partial");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let surface = checkout.read(SURFACE);
    for fact in [
        "parameter get_lamp page_size query i64 required\n",
        "parameter get_lamp source query String required\n",
        "answer get_lamp ImportedUser\n",
        "field ImportedUser.batteries Vec<Battery> optional\n",
        "field ImportedUser.destinations Vec<ImportedUserDestinationsItem> optional\n",
        "field ImportedUser.bulbs Vec<ImportedUser> optional\n",
        "field ImportedUser.state ImportedFunctionType optional\n",
    ] {
        assert!(surface.contains(fact), "{fact}");
    }
    let after = checkout.json(DOCUMENT);
    let lamp = &after["paths"]["/lamps/{workspace}"]["get"];
    assert_eq!(lamp["summary"], "Calls `get lamp`.");
    assert_eq!(lamp["deprecated"], true);
    assert_eq!(lamp["parameters"][0]["schema"]["type"], "integer");
    let fields = &after["components"]["schemas"]["ImportedUser"]["properties"];
    assert_eq!(
        fields["label"],
        json!({"type": "string", "maxLength": 9, "description": "What it says."})
    );
    let socket = json!([{"$ref": "#/components/schemas/ImportedUserSocket"}]);
    assert_eq!(fields["socket"]["allOf"], socket);
    assert_eq!(fields["socket"]["nullable"], true);
    let note = "`note`, which the source does not explain.";
    assert_eq!(fields["note"]["description"], note);
}

#[test]
fn what_is_no_page_is_said_to_be_none() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let known = theirs["paths"]["/workspaces"].take();
    theirs["paths"] = json!({"/workspaces": known});
    let lamp = json!({"$ref": "#/components/schemas/Lamp"});
    let lamps = json!({"type": "array", "items": lamp});
    let token = json!({"type": "string"});
    theirs["components"]["schemas"]["Lamp"] = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "lamps": {"type": "array", "items": {"type": "object", "properties": {"lit": {"type": "boolean"}}}},
        },
    });
    let size = json!({"name": "page_size", "in": "query", "schema": {"type": "integer"}});
    let next = json!({"name": "page_token", "in": "query", "schema": {"type": "string"}});
    let mut list = |id: &str, parameters: Value, fields: Value| {
        theirs["paths"][format!("/{id}")]["get"] = json!({
            "operationId": id,
            "parameters": parameters,
            "responses": {"200": {"description": "Lamps.", "content": {"application/json": {
                "schema": {"type": "object", "properties": fields},
            }}}},
        });
    };
    list(
        "list_lamps",
        json!([size, next]),
        json!({"lamps": lamps, "next_page_token": token}),
    );
    let unpaged = [
        (
            "list_tokens",
            json!([next]),
            json!({"lamps": lamps, "next_page_token": token}),
        ),
        ("list_firsts", json!([size, next]), json!({"lamps": lamps})),
        (
            "list_both",
            json!([size, next]),
            json!({"lamps": lamps, "others": lamps, "next_page_token": token}),
        ),
    ];
    for (id, parameters, fields) in unpaged.clone() {
        list(id, parameters, fields);
    }
    theirs["paths"]["/open"]["get"] = json!({
        "operationId": "get_open",
        "responses": {"200": {"description": "Any.", "content": {"application/json": {"schema": {"type": "object"}}}}},
    });
    theirs["paths"]["/lamp"]["get"] = json!({
        "operationId": "get_lamp",
        "responses": {"200": {"description": "One.", "content": {"application/json": {
            "schema": {"allOf": [lamp], "description": "A lamp."},
        }}}},
    });
    let output = refresh(&checkout, &theirs, "--partial");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let mut after = checkout.json(DOCUMENT);
    for (id, ..) in unpaged {
        let said = &after["paths"][format!("/{id}")]["get"]["x-unpaged"];
        assert_eq!(*said, "The source shows nothing of paging.", "{id}");
    }
    assert!(after["paths"]["/list_lamps"]["get"]["x-unpaged"].is_null());
    let unknown = json!({"$ref": "#/components/schemas/Unknown"});
    assert_eq!(*answer(&mut after, "/open", "get"), unknown);
    assert_eq!(*answer(&mut after, "/lamp", "get"), lamp);
    // It says itself what is always there.
    let lamp = &after["components"]["schemas"]["Lamp"];
    assert!(lamp["x-no-identifier"].is_null(), "{lamp}");
    let inside = json!({"$ref": "#/components/schemas/LampLampsItem"});
    assert_eq!(lamp["properties"]["lamps"]["items"], inside);
}

#[test]
fn what_users_do_not_see_is_a_patch() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    theirs["paths"]["/workspaces"]["get"]["responses"]["418"] = json!({"description": "A teapot."});
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 0, "{}", output.stderr);
    assert!(
        output
            .stdout
            .ends_with("For CHANGELOG.md:\n\nVersion step: patch\n"),
        "{}",
        output.stdout
    );
    in_order(&checkout);
}

#[test]
fn breaking_changes_of_every_kind_are_merged() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let sources = &mut theirs["paths"]["/workspaces/{workspace}/sources"];
    let list = sources["get"].take();
    sources.as_object_mut().expect("methods").remove("get");
    theirs["paths"]["/workspaces/{workspace}/origins"]["get"] = list;
    theirs["paths"]["/workspaces"]["get"]["parameters"]
        .as_array_mut()
        .expect("a list")
        .push(
            json!({"name": "state", "in": "query", "required": true, "schema": {"type": "string"}}),
        );
    theirs["components"]["schemas"]["Destination"]["properties"]["enabled"]["type"] =
        json!("string");
    let new = &mut theirs["components"]["schemas"]["NewSource"];
    new["properties"]["colour"] = json!({"type": "string", "enum": ["RED"]});
    new["required"]
        .as_array_mut()
        .expect("a list")
        .push(json!("colour"));
    theirs["components"]["schemas"]["DestinationUpdate"]["properties"]["colour"] =
        json!({"type": "string"});
    theirs["paths"]["/workspaces/{workspace}/sources/{source}"]["delete"]["responses"]["200"]["content"]
        ["application/json"]["schema"] =
        json!({"type": "object", "properties": {"deleted": {"type": "boolean"}}});
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let surface = checkout.read(SURFACE);
    for fact in [
        "operation list_sources GET /workspaces/{workspace}/origins bearer idempotent\n",
        "parameter list_workspaces state query String required\n",
        "field Destination.enabled String required\n",
        "field NewSource.colour NewSourceColour required\n",
        "patch update_destination DestinationPatch destination.colour String\n",
        "answer delete_source DeleteSourceResponse\n",
    ] {
        assert!(surface.contains(fact), "{fact}");
    }
    let output = checkout.run("drift --from theirs.json");
    assert_eq!(output.status, 0, "{}", output.stdout);
}

#[test]
fn a_dry_run_writes_nothing() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let theirs = with_lighthouses(&checkout);
    let output = refresh(&checkout, &theirs, "--dry-run");
    assert_eq!(output.status, 0);
    let lines: Vec<_> = output.stderr.lines().collect();
    assert_eq!(lines, NEW.map(|file| format!("{file}: would be written")));
    assert_eq!(changed(&checkout, &before), [""; 0]);
}

#[test]
fn what_cannot_become_a_client_is_not_written() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let mut theirs = with_lighthouses(&checkout);
    theirs["paths"][PATH]["get"]["parameters"]
        .as_array_mut()
        .expect("a list")
        .push(json!({"name": "parent", "in": "query", "schema": {"type": "string"}}));
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 1, "{}", output.stdout);
    assert!(
        output
            .stderr
            .contains("a parameter cannot be called `parent`"),
        "{}",
        output.stderr
    );
    assert_eq!(changed(&checkout, &before), [""; 0]);
}

#[test]
fn nothing_is_written_from_what_was_not_read_whole() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let mut theirs = with_lighthouses(&checkout);
    theirs["paths"][PATH]["get"]["callbacks"] = json!({});
    assert_eq!(refresh(&checkout, &theirs, "--accept-breaking").status, 1);
    assert_eq!(checkout.run("refresh --from http://127.0.0.1:9/").status, 6);
    assert_eq!(checkout.run("refresh --from gone.json").status, 1);
    assert_eq!(changed(&checkout, &before), [""; 0]);
}

#[test]
fn a_file_that_cannot_be_written_leaves_all_as_they_were() {
    // A folder in the file's place: not even a privileged user can write it.
    for blocked in [SURFACE, "spec/samples/list_lighthouses.json"] {
        let checkout = Checkout::new();
        let theirs = with_lighthouses(&checkout);
        if blocked == SURFACE {
            checkout.remove(SURFACE);
        }
        fs::create_dir(checkout.path(blocked)).expect("a folder");
        let before = checkout.files();
        let output = refresh(&checkout, &theirs, "");
        assert_eq!(output.status, 1, "{}{}", output.stdout, output.stderr);
        assert!(output.stderr.contains(blocked), "{}", output.stderr);
        assert_eq!(changed(&checkout, &before), [""; 0]);
    }
}

#[cfg(unix)]
#[test]
fn without_the_right_to_write_all_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let checkout = Checkout::new();
    let before = checkout.files();
    let theirs = with_lighthouses(&checkout);
    let folder = checkout.path("spec");
    let mode =
        |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).expect("a mode");
    mode(0o555);
    let privileged = fs::write(folder.join("probe"), "").is_ok();
    let _ = fs::remove_file(folder.join("probe"));
    let output = refresh(&checkout, &theirs, "");
    mode(0o755);
    if !privileged {
        assert_eq!(output.status, 1, "{}", output.stderr);
        assert!(
            output.stderr.contains("could not be written"),
            "{}",
            output.stderr
        );
        assert_eq!(changed(&checkout, &before), [""; 0]);
    }
}

#[test]
fn a_declared_source_that_was_merged_is_pinned() {
    let checkout = Checkout::new();
    let server = MockServer::start();
    let theirs = checkout.json(DOCUMENT);
    server.mock(|when, then| {
        when.path("/openapi");
        then.status(200).json_body(theirs);
    });
    let url = server.url("/openapi");
    let upstream = checkout.read(UPSTREAM);
    let declared = upstream
        .lines()
        .rfind(|l| l.starts_with("url = "))
        .expect("a source");
    checkout.replace(UPSTREAM, declared, &format!("url = {url:?}"));
    let output = checkout.run(&format!("refresh --from {url}"));
    assert_eq!(output.status, 0, "{}", output.stdout);
    assert_eq!(output.stderr, "spec/upstream.toml: written\n");
    let upstream = checkout.read(UPSTREAM);
    let source = upstream.split("[[source]]").last().expect("a source");
    // The hash of the document itself, since that is what was served.
    let sha256 = upstream
        .lines()
        .find(|l| l.starts_with("sha256"))
        .expect("a pin");
    for line in ["pinned = true", sha256, "date = \"20"] {
        assert!(source.contains(line), "{line}: {source}");
    }
    assert!(!source.contains("note = "), "{source}");
}

#[test]
fn what_a_script_reads_is_json_alone() {
    let checkout = Checkout::new();
    let theirs = with_lighthouses(&checkout);
    let output = refresh(&checkout, &theirs, "--format json");
    let report: Value = serde_json::from_str(&output.stdout).expect("JSON and nothing else");
    assert_eq!(report["summary"]["counts"]["compatible"], 2);
}

/// Where an operation's answer stands.
fn answer<'a>(document: &'a mut Value, path: &str, method: &str) -> &'a mut Value {
    &mut document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
}

const SOURCES: &str = "/workspaces/{workspace}/sources";
const SOURCE: &str = "/workspaces/{workspace}/sources/{source}";

#[test]
fn a_change_of_one_operation_stays_with_it() {
    let checkout = Checkout::new();
    let (before, samples) = (checkout.json(DOCUMENT), checkout.files());
    let mut theirs = before.clone();
    *answer(&mut theirs, SOURCE, "get") = json!({
        "type": "object",
        "properties": {"source": {"$ref": "#/components/schemas/Source"}},
    });
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let mut after = checkout.json(DOCUMENT);
    assert_eq!(
        *answer(&mut after, SOURCE, "get"),
        json!({"$ref": "#/components/schemas/GetSourceResponse"})
    );
    for (path, method) in [(SOURCES, "post"), (SOURCES, "get"), (SOURCE, "patch")] {
        assert_eq!(after["paths"][path][method], before["paths"][path][method]);
    }
    assert_eq!(
        after["components"]["schemas"]["Source"],
        before["components"]["schemas"]["Source"]
    );
    let changed = changed(&checkout, &samples);
    let changed: Vec<_> = changed
        .iter()
        .filter(|f| f.starts_with("spec/samples/"))
        .collect();
    assert_eq!(changed, ["spec/samples/get_source.json"]);
    assert_eq!(checkout.run("drift --from theirs.json").status, 0);
}

#[test]
fn a_change_deep_inside_is_split_off_for_the_operations_that_have_it() {
    let checkout = Checkout::new();
    let before = checkout.json(DOCUMENT);
    let mut theirs = before.clone();
    let schemas = &mut theirs["components"]["schemas"];
    let mut source = schemas["Source"].clone();
    let mut config = schemas["LibraryConfig"].clone();
    config["properties"]["colour"] = json!({"type": "string"});
    source["properties"]["library_config"] = json!({"$ref": "#/components/schemas/OtherConfig"});
    schemas["OtherConfig"] = config;
    schemas["OtherSource"] = source;
    *answer(&mut theirs, SOURCE, "get") = json!({"$ref": "#/components/schemas/OtherSource"});
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    assert!(
        output
            .stdout
            .contains("get_source: the field `colour` at received/library_config/colour"),
        "{}",
        output.stdout
    );
    in_order(&checkout);
    let after = checkout.json(DOCUMENT);
    for name in ["Source", "LibraryConfig", "ListSourcesResponse"] {
        assert_eq!(
            after["components"]["schemas"][name], before["components"]["schemas"][name],
            "{name}"
        );
    }
    assert_eq!(
        after["components"]["schemas"]["GetSourceLibraryConfig"]["properties"]["colour"]["type"],
        "string"
    );
    assert_eq!(checkout.run("drift --from theirs.json").status, 0);
}

#[test]
fn what_operations_share_is_changed_where_it_is_shared() {
    let checkout = Checkout::new();
    let before = checkout.json(DOCUMENT);
    let mut theirs = before.clone();
    theirs["components"]["schemas"]["Error"]["properties"]["colour"] = json!({"type": "string"});
    theirs["components"]["parameters"]["page_token"]["schema"]["maxLength"] = json!(1000);
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let after = checkout.json(DOCUMENT);
    assert_eq!(after["paths"], before["paths"]);
    assert_eq!(checkout.run("drift --from theirs.json").status, 0);
}

/// The words beside a reference, that it leads back, or that it is a member of a union make
/// no other schema of it.
#[test]
fn a_change_that_all_see_splits_nothing_off() {
    let checkout = Checkout::new();
    checkout.edit(DOCUMENT, |d| {
        let fields = &mut d["components"]["schemas"]["Source"]["properties"];
        fields["dropped"] = json!({"$ref": "#/components/schemas/DropEventAction"});
    });
    let before = checkout.json(DOCUMENT);
    let mut theirs = before.clone();
    let schemas = &mut theirs["components"]["schemas"];
    for name in ["CatalogDestinationSetting", "DropEventAction", "Workspace"] {
        schemas[name]["properties"]["colour"] = json!({"type": "string"});
    }
    schemas["Workspace"]["properties"]["display_name"] = json!({"type": "boolean"});
    schemas["Source"]["properties"]["owner"] = json!({"$ref": "#/components/schemas/Workspace"});
    let kinds = schemas["FunctionType"]["enum"]
        .as_array_mut()
        .expect("a list");
    kinds.pop();
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let after = checkout.json(DOCUMENT);
    let names = |document: &Value| {
        let schemas = document["components"]["schemas"].as_object();
        schemas
            .expect("schemas")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&after), names(&before));
    assert_eq!(after["paths"], before["paths"]);
    let described = |document: &Value| {
        document["components"]["schemas"]["CreateFunctionRequest"]["properties"]["type"].clone()
    };
    assert_eq!(described(&after), described(&before));
    assert_eq!(checkout.run("drift --from theirs.json").status, 0);
}

#[test]
fn what_holds_itself_is_split_off_with_itself_inside() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let schemas = &mut theirs["components"]["schemas"];
    let mut setting = schemas["CatalogDestinationSetting"].clone();
    setting["properties"]["colour"] = json!({"type": "string"});
    setting["properties"]["settings"]["items"] = json!({"$ref": "#/components/schemas/Other"});
    schemas["Other"] = setting;
    let mut destination = schemas["CatalogDestination"].clone();
    destination["properties"]["settings"]["items"] = json!({"$ref": "#/components/schemas/Other"});
    schemas["OtherDestination"] = destination;
    *answer(&mut theirs, "/catalog/destinations/{destination}", "get") =
        json!({"$ref": "#/components/schemas/OtherDestination"});
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let after = checkout.json(DOCUMENT);
    let own = "GetCatalogDestinationCatalogDestinationSetting";
    let inside = &after["components"]["schemas"][own]["properties"]["settings"]["items"];
    assert_eq!(
        *inside,
        json!({"$ref": format!("#/components/schemas/{own}")})
    );
    assert_eq!(checkout.run("drift --from theirs.json").status, 0);
}

#[test]
fn what_most_operations_see_keeps_the_name() {
    for (most, one) in [("boolean", "integer"), ("integer", "boolean")] {
        let checkout = Checkout::new();
        // The name that the other one would get is taken.
        let text = checkout
            .read(DOCUMENT)
            .replace("LibraryConfig", "GetSourceSource");
        checkout.write(DOCUMENT, &text);
        let mut theirs = checkout.json(DOCUMENT);
        let schemas = &mut theirs["components"]["schemas"];
        let mut other = schemas["Source"].clone();
        other["properties"]["display_name"]["type"] = json!(one);
        schemas["Other"] = other;
        schemas["Source"]["properties"]["display_name"]["type"] = json!(most);
        *answer(&mut theirs, SOURCE, "get") = json!({"$ref": "#/components/schemas/Other"});
        let output = refresh(&checkout, &theirs, "--accept-breaking");
        assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
        in_order(&checkout);
        let mut after = checkout.json(DOCUMENT);
        assert_eq!(
            *answer(&mut after, SOURCE, "get"),
            json!({"$ref": "#/components/schemas/GetSourceSource2"})
        );
        let kind = |name: &str| {
            &after["components"]["schemas"][name]["properties"]["display_name"]["type"]
        };
        assert_eq!([kind("Source"), kind("GetSourceSource2")], [most, one]);
    }
}

#[test]
fn one_operation_may_see_a_schema_in_two_ways() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let schemas = &mut theirs["components"]["schemas"];
    for (holder, setting, kind) in [
        ("NewFunction", "Sent", "integer"),
        ("Function", "Received", "boolean"),
    ] {
        let mut own = schemas["FunctionSetting"].clone();
        own["properties"]["label"]["type"] = json!(kind);
        schemas[setting] = own;
        let mut holding = schemas[holder].clone();
        let reference = format!("#/components/schemas/{setting}");
        holding["properties"]["settings"]["items"]["$ref"] = json!(reference);
        schemas[format!("{setting}Function")] = holding;
    }
    schemas["CreateFunctionRequest"]["properties"]["function"]["$ref"] =
        json!("#/components/schemas/SentFunction");
    *answer(&mut theirs, "/workspaces/{workspace_id}/functions", "post") =
        json!({"$ref": "#/components/schemas/ReceivedFunction"});
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let after = checkout.json(DOCUMENT);
    let schemas = &after["components"]["schemas"];
    let label = |name: &str| &schemas[name]["properties"]["label"]["type"];
    assert_eq!(label("FunctionSetting"), "string");
    let mut split = [
        "CreateFunctionFunctionSetting",
        "CreateFunctionFunctionSetting2",
    ]
    .map(label);
    split.sort_by_key(|kind| kind.to_string());
    assert_eq!(split, ["boolean", "integer"]);
}

/// What a source that knows `get_source` alone says of the schema that others share.
fn knows_get_source(checkout: &Checkout, edit: impl FnOnce(&mut Value)) -> Value {
    let mut theirs = checkout.json(DOCUMENT);
    let get = theirs["paths"][SOURCE]["get"].take();
    theirs["paths"] = json!({SOURCE: {"get": get}});
    edit(&mut theirs["components"]["schemas"]["Source"]["properties"]);
    theirs
}

#[test]
fn what_breaks_users_stays_with_the_operations_that_a_source_speaks_of() {
    let checkout = Checkout::new();
    let before = checkout.json(DOCUMENT);
    let theirs = knows_get_source(&checkout, |fields| {
        fields["display_name"]["type"] = json!("boolean")
    });
    let output = refresh(&checkout, &theirs, "--partial --accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    let here =
        "get_source: the field `display_name`: string here, boolean there at received/display_name";
    assert!(output.stdout.contains(here), "{}", output.stdout);
    in_order(&checkout);
    let mut after = checkout.json(DOCUMENT);
    let schemas = &after["components"]["schemas"];
    assert_eq!(schemas["Source"], before["components"]["schemas"]["Source"]);
    assert_eq!(
        *answer(&mut after, SOURCE, "get"),
        json!({"$ref": "#/components/schemas/GetSourceSource"})
    );
}

#[test]
fn what_breaks_nobody_is_merged_for_all_that_share_it() {
    let checkout = Checkout::new();
    let theirs = knows_get_source(&checkout, |fields| {
        fields["colour"] = json!({"type": "string"})
    });
    let output = refresh(&checkout, &theirs, "--partial");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
    let schemas = &checkout.json(DOCUMENT)["components"]["schemas"];
    assert_eq!(schemas["Source"]["properties"]["colour"]["type"], "string");
    assert!(schemas.get("GetSourceSource").is_none());
}

/// Of a call, a scope that the document cannot follow.
fn needs_a_scope(theirs: &mut Value) {
    theirs["components"]["securitySchemes"]["bearer"] = json!({"type": "oauth2", "flows": {}});
    theirs["paths"]["/workspaces"]["get"]["security"] = json!([{"bearer": ["workspaces:read"]}]);
}

#[test]
fn what_was_left_is_found_again() {
    let cases: [(fn(&mut Value), _, _); 2] = [
        (
            |d| {
                d["components"]["schemas"]["Source"]["properties"]["labels"] =
                    json!({"type": "string"})
            },
            "--skip-breaking",
            "response-type/changed breaking",
        ),
        (needs_a_scope, "--accept-breaking", "scope/added breaking"),
    ];
    for (edit, option, finding) in cases {
        let checkout = Checkout::new();
        let server = MockServer::start();
        let mut theirs = checkout.json(DOCUMENT);
        edit(&mut theirs);
        server.mock(|when, then| {
            when.path("/openapi");
            then.status(200).json_body(theirs);
        });
        let url = server.url("/openapi");
        let text = checkout.read(UPSTREAM);
        let document = text.split("[[source]]").next().expect("the document's pin");
        let source = format!(
            "{document}[[source]]\nid = \"them\"\nkind = \"openapi\"\nurl = {url:?}\nauthority = [\"operations\"]\npinned = false\nnote = \"not pinned yet\"\n"
        );
        checkout.write(UPSTREAM, &source);
        let output = checkout.run(&format!("refresh --from {url} {option}"));
        assert_eq!(output.status, 5, "{}", output.stderr);
        assert!(checkout.read(UPSTREAM).contains("pinned = false"));
        let output = checkout.run("drift");
        assert_eq!(output.status, 5, "{}", output.stdout);
        assert!(output.stdout.contains(finding), "{}", output.stdout);
    }
}

#[test]
fn what_the_document_cannot_follow_is_left_and_told() {
    let checkout = Checkout::new();
    let mut theirs = with_lighthouses(&checkout);
    needs_a_scope(&mut theirs);
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 5, "{}{}", output.stdout, output.stderr);
    let left = "1 breaking: left as it is";
    assert!(output.stderr.contains(left), "{}", output.stderr);
    in_order(&checkout);
    assert!(checkout.read(SURFACE).contains("create_lighthouse"));
}

#[test]
fn an_answer_of_which_nothing_was_known_is_taken_over() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let metrics = "/workspaces/{workspace}/sources/{source}/destinations/{destination}/metrics";
    let one = format!("{metrics}/{{metric}}");
    *answer(&mut theirs, &one, "get") =
        json!({"type": "object", "properties": {"value": {"type": "number"}}});
    *answer(&mut theirs, metrics, "get") = json!({"type": "object", "properties": {"names": {"type": "array", "items": {"type": "string"}}}});
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(
        output
            .stdout
            .matches("response-body/described compatible")
            .count(),
        2,
        "{}",
        output.stdout
    );
    in_order(&checkout);
    assert!(
        checkout
            .read(SURFACE)
            .contains("answer get_destination_metric GetDestinationMetricResponse\n")
    );
    assert_eq!(checkout.run("drift --from theirs.json").status, 0);
}

#[test]
fn a_document_is_never_emptied() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let mut theirs = checkout.json(DOCUMENT);
    theirs["paths"] = json!({});
    assert_eq!(refresh(&checkout, &theirs, "--accept-breaking").status, 1);
    let mut theirs = checkout.json(DOCUMENT);
    theirs["components"]["schemas"]["Source"] = json!({"type": "object"});
    refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(changed(&checkout, &before), [""; 0]);
}

#[test]
fn what_is_written_is_openapi() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let mut theirs = checkout.json(DOCUMENT);
    // No status that there can be.
    theirs["paths"][SOURCE]["get"]["responses"]["600"] = json!({"description": "What?"});
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 1, "{}", output.stdout);
    assert!(
        output.stderr.contains("document/not-openapi"),
        "{}",
        output.stderr
    );
    assert_eq!(changed(&checkout, &before), [""; 0]);
}

#[test]
fn another_api_is_merged_only_if_it_is_meant() {
    let checkout = Checkout::new();
    let before = checkout.files();
    let mut theirs = with_lighthouses(&checkout);
    theirs["servers"] = json!([{"url": "https://api.example.com/v1beta"}]);
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_ne!(output.status, 0);
    assert!(output.stderr.contains("--another-api"), "{}", output.stderr);
    assert_eq!(changed(&checkout, &before), [""; 0]);
    let output = refresh(&checkout, &theirs, "--accept-breaking --another-api");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
}

#[test]
fn a_part_that_is_not_understood_can_be_left_out() {
    let checkout = Checkout::new();
    let mut theirs = with_lighthouses(&checkout);
    theirs["paths"][PATH]["get"]["callbacks"] = json!({});
    let output = refresh(&checkout, &theirs, "");
    assert_eq!(output.status, 1);
    // The rest is told all the same.
    assert!(
        output.stdout.contains("operation/added compatible"),
        "{}",
        output.stdout
    );
    assert!(
        output.stderr.contains("--allow-unread"),
        "{}",
        output.stderr
    );
    let pointer = "/paths/~1workspaces~1{workspace}~1lighthouses/get/callbacks";
    let output = refresh(&checkout, &theirs, &format!("--allow-unread {pointer}"));
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
}

#[test]
fn what_an_interrupted_command_has_left_is_in_nobodys_way() {
    let checkout = Checkout::new();
    for folder in ["spec", "spec/samples"] {
        checkout.write(&format!("{folder}/.xtask-abc123"), "{");
    }
    in_order(&checkout);
    let theirs = with_lighthouses(&checkout);
    assert_eq!(refresh(&checkout, &theirs, "").status, 0);
    assert!(!checkout.files().keys().any(|file| file.contains(".xtask-")));
}

#[test]
fn a_sample_keeps_to_formats_and_limits() {
    let checkout = Checkout::new();
    let mut theirs = checkout.json(DOCUMENT);
    let mut fields = serde_json::Map::new();
    for format in [
        "date", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid",
    ] {
        fields.insert(format.into(), json!({"type": "string", "format": format}));
    }
    for (name, field) in [
        ("below", json!({"type": "integer", "maximum": 0})),
        (
            "between",
            json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true, "multipleOf": 7}),
        ),
        ("part", json!({"type": "number", "maximum": 0.1})),
        (
            "several",
            json!({"type": "array", "minItems": 3, "items": {"type": "string"}}),
        ),
        (
            "code",
            json!({"type": "string", "pattern": "^[0-9]{3}$", "example": "123"}),
        ),
    ] {
        fields.insert(name.into(), field);
    }
    theirs["paths"]["/gauges"]["post"] = json!({
        "operationId": "create_gauge",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": fields}}}},
        "responses": {"200": {"description": "A gauge."}},
    });
    theirs["components"]["parameters"]["page_size"]["schema"]["maximum"] = json!(10);
    let output = refresh(&checkout, &theirs, "--accept-breaking");
    assert_eq!(output.status, 0, "{}{}", output.stdout, output.stderr);
    in_order(&checkout);
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_written() {
    let checkout = Checkout::new();
    let real = checkout.path("real.json");
    std::fs::rename(checkout.path(DOCUMENT), &real).expect("a move");
    std::os::unix::fs::symlink(&real, checkout.path(DOCUMENT)).expect("a link");
    let theirs = with_lighthouses(&checkout);
    assert_eq!(refresh(&checkout, &theirs, "").status, 0);
    assert!(checkout.path(DOCUMENT).is_symlink());
    assert!(checkout.read("real.json").contains("list_lighthouses"));
    in_order(&checkout);
}
