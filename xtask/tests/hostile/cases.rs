//! Documents that are valid OpenAPI, or nearly, and make bad Rust of themselves.

use super::document::*;
use serde_json::{Value, json};

/// What is done to the document, and a part of the place where it is refused; none if it
/// is to be accepted, and so to build.
pub type Case = (&'static str, Option<&'static str>, fn(&mut Value));

pub const CASES: &[Case] = &[
    // Names of operations become methods of the client, and of types.
    ("a call `from_env`", Some("/get"), |d| call(d, "from_env")),
    ("a call `builder`", Some("/get"), |d| call(d, "builder")),
    ("a call `clone`", Some("/get"), |d| call(d, "clone")),
    ("a call `get`", Some("/get"), |d| call(d, "get")),
    ("a call `patch`", Some("/get"), |d| call(d, "patch")),
    ("a call `endpoint`", Some("/get"), |d| call(d, "endpoint")),
    ("a call `find_role`", Some("/get"), |d| call(d, "find_role")),
    ("a call `type`", Some("/get"), |d| call(d, "type")),
    ("a call `self`", Some("/get"), |d| call(d, "self")),
    ("a call `async`", Some("/get"), |d| call(d, "async")),
    ("a call `1a`", Some("/get"), |d| call(d, "1a")),
    ("a call without a name", Some("/get"), |d| call(d, "")),
    ("a call `_`", Some("/get"), |d| call(d, "_")),
    ("a call `größe`", Some("/get"), |d| call(d, "größe")),
    ("a call `client`", Some("/get"), |d| call(d, "client")),
    ("a call `path_segment`", Some("/get"), |d| {
        call(d, "path_segment")
    }),
    ("a call `query_param`", None, |d| call(d, "query_param")),
    ("a call `string`", Some("/get"), |d| call(d, "string")),
    ("a call `vec`", Some("/get"), |d| call(d, "vec")),
    ("a call `result`", Some("/get"), |d| call(d, "result")),
    ("a call `ok`", Some("/get"), |d| call(d, "ok")),
    ("a call `new`", Some("/get"), |d| call(d, "new")),
    ("two calls that are one type", Some("/get"), |d| {
        call(d, "get_a1");
        call(d, "get_a_1");
    }),
    ("calls with names of traits' methods", None, |d| {
        ["into_iter", "to_string", "call", "send", "drop", "request"]
            .iter()
            .for_each(|id| call(d, id));
    }),
    // Names of schemas become types.
    ("an object `Vec`", Some("/components/schemas/Vec"), |d| {
        thing(d, "Vec")
    }),
    (
        "an object `String`",
        Some("/components/schemas/String"),
        |d| thing(d, "String"),
    ),
    (
        "an object `Option`",
        Some("/components/schemas/Option"),
        |d| thing(d, "Option"),
    ),
    (
        "an object `Result`",
        Some("/components/schemas/Result"),
        |d| thing(d, "Result"),
    ),
    (
        "an object `Default`",
        Some("/components/schemas/Default"),
        |d| thing(d, "Default"),
    ),
    ("an object `From`", Some("/components/schemas/From"), |d| {
        thing(d, "From")
    }),
    (
        "an object `TryFrom`",
        Some("/components/schemas/TryFrom"),
        |d| thing(d, "TryFrom"),
    ),
    (
        "an object `BTreeMap`",
        Some("/components/schemas/BTreeMap"),
        |d| thing(d, "BTreeMap"),
    ),
    ("an object `Box`", None, |d| thing(d, "Box")),
    ("an object `Some`", Some("/components/schemas/Some"), |d| {
        thing(d, "Some")
    }),
    ("an object `Ok`", Some("/components/schemas/Ok"), |d| {
        thing(d, "Ok")
    }),
    ("an object `Self`", Some("/components/schemas/Self"), |d| {
        thing(d, "Self")
    }),
    ("an object `1a`", Some("/components/schemas/1a"), |d| {
        thing(d, "1a")
    }),
    (
        "an object without a name",
        Some("/components/schemas/"),
        |d| thing(d, ""),
    ),
    (
        "an object `Größe`",
        Some("/components/schemas/Größe"),
        |d| thing(d, "Größe"),
    ),
    ("an object `a-b`", Some("/components/schemas/a-b"), |d| {
        thing(d, "a-b")
    }),
    ("an enum `Vec`", Some("/components/schemas/Vec"), |d| {
        words(d, "Vec", &["A"])
    }),
    (
        "an enum `String`",
        Some("/components/schemas/String"),
        |d| words(d, "String", &["A"]),
    ),
    (
        "an enum `Option`",
        Some("/components/schemas/Option"),
        |d| words(d, "Option", &["A"]),
    ),
    (
        "an enum `Result`",
        Some("/components/schemas/Result"),
        |d| words(d, "Result", &["A"]),
    ),
    (
        "an enum `Default`",
        Some("/components/schemas/Default"),
        |d| words(d, "Default", &["A"]),
    ),
    ("an enum `From`", Some("/components/schemas/From"), |d| {
        words(d, "From", &["A"])
    }),
    ("an enum `Self`", Some("/components/schemas/Self"), |d| {
        words(d, "Self", &["A"])
    }),
    ("an enum `Into`", Some("/components/schemas/Into"), |d| {
        words(d, "Into", &["A"])
    }),
    (
        "an object `Client`",
        Some("/components/schemas/Client"),
        |d| thing(d, "Client"),
    ),
    (
        "an object `ConversionError`",
        Some("/components/schemas/ConversionError"),
        |d| thing(d, "ConversionError"),
    ),
    ("an enum `Debug`", Some("/components/schemas/Debug"), |d| {
        words(d, "Debug", &["A"])
    }),
    ("an enum `Part`", Some("/components/schemas/Part"), |d| {
        words(d, "Part", &["A"])
    }),
    ("objects with names of the crate's types", None, |d| {
        for name in [
            "Timestamp",
            "Secret",
            "Number",
            "Error",
            "Extra",
            "Object",
            "Builder",
            "Drop",
            "Copy",
        ] {
            thing(d, name);
        }
    }),
    ("enums with names of the crate's types", None, |d| {
        for name in [
            "Deserialize",
            "Call",
            "Response",
            "Region",
            "Iter",
            "Cow",
            "ToString",
        ] {
            words(d, name, &["A", "B"]);
        }
    }),
    // Names of properties become fields and setters.
    ("a property `1a`", Some("/properties/1a"), |d| {
        property(d, "1a", text())
    }),
    ("a property without a name", Some("/properties/"), |d| {
        property(d, "", text())
    }),
    ("a property `_`", Some("/properties/_"), |d| {
        property(d, "_", text())
    }),
    ("a property `-`", Some("/properties/-"), |d| {
        property(d, "-", text())
    }),
    ("a property `größe`", Some("/properties/größe"), |d| {
        property(d, "größe", text())
    }),
    (
        "a property `extra`",
        Some("/components/schemas/Gadget"),
        |d| property(d, "extra", text()),
    ),
    ("properties `a_b` and `a-b`", Some("/properties/a_b"), |d| {
        property(d, "a_b", text());
        property(d, "a-b", text());
    }),
    ("properties `a_b` and `aB`", Some("/properties/a_b"), |d| {
        property(d, "a_b", text());
        property(d, "aB", text());
    }),
    (
        "properties `type` and `type_`",
        Some("/properties/type_"),
        |d| {
            property(d, "type", text());
            property(d, "type_", text());
        },
    ),
    ("a property `a-c`", None, |d| property(d, "a-c", text())),
    ("a property `aCamel`", None, |d| {
        property(d, "aCamel", text())
    }),
    ("a property `a.dot/slash~tilde`", None, |d| {
        property(d, "a.dot/slash~tilde", text())
    }),
    ("a property `$schema`", None, |d| {
        property(d, "$schema", text())
    }),
    ("a property `with \"quotes\\`", None, |d| {
        property(d, "with \"quotes\\", text())
    }),
    ("a property `_below`", None, |d| {
        property(d, "_below", text())
    }),
    ("a property `under_`", None, |d| {
        property(d, "under_", text())
    }),
    ("properties that are words of Rust", None, |d| {
        for name in [
            "self", "crate", "super", "async", "fn", "match", "try", "gen", "dyn", "union", "macro",
        ] {
            property(d, name, text());
        }
    }),
    ("properties with names of methods", None, |d| {
        for name in [
            "clone", "default", "builder", "fmt", "new", "key", "map", "into", "try_from", "f",
            "value", "object",
        ] {
            property(d, name, text());
        }
    }),
    // Parts of paths become arguments.
    ("a part `{type}`", Some("/paths/~1more-"), |d| {
        part(d, "type")
    }),
    ("a part `{self}`", Some("/paths/~1more-"), |d| {
        part(d, "self")
    }),
    ("a part `{_response}`", Some("/paths/~1more-"), |d| {
        part(d, "_response")
    }),
    ("a part `{}`", Some("/paths/~1more-"), |d| part(d, "")),
    ("a part `{1a}`", Some("/paths/~1more-"), |d| part(d, "1a")),
    ("a part `{a-b}`", Some("/paths/~1more-"), |d| part(d, "a-b")),
    ("a part `{aB}`", Some("/paths/~1more-"), |d| part(d, "aB")),
    ("a part `{client}`", Some("/get/parameters/0"), |d| {
        part(d, "client")
    }),
    ("a part `{request}`", Some("/get/parameters/0"), |d| {
        part(d, "request")
    }),
    ("a part `{body}`", Some("/get/parameters/0"), |d| {
        part(d, "body")
    }),
    ("a part `{größe}`", Some("/paths/~1more-"), |d| {
        part(d, "größe")
    }),
    (
        "a part twice",
        Some("/paths/~1more~1{gadget}~1{gadget}"),
        |d| call_at(d, "get_twice", "/more/{gadget}/{gadget}"),
    ),
    (
        "a part that is not closed",
        Some("/paths/~1more~1{gadget"),
        |d| call_at(d, "get_open", "/more/{gadget"),
    ),
    ("parts with names of variables", None, |d| {
        for name in [
            "url",
            "info",
            "result",
            "response",
            "header_map",
            "value",
            "query",
            "name_of",
        ] {
            part(d, name);
        }
    }),
    // Paths become addresses.
    ("a path with `..`", Some("/paths/~1more~1.."), |d| {
        call_at(d, "get_odd", "/more/..")
    }),
    ("a path with `.`", Some("/paths/~1.~1more"), |d| {
        call_at(d, "get_odd", "/./more")
    }),
    ("a path with `?`", Some("/paths/~1more?a=b"), |d| {
        call_at(d, "get_odd", "/more?a=b")
    }),
    ("a path with `//`", Some("/paths/~1~1more"), |d| {
        call_at(d, "get_odd", "//more")
    }),
    ("a path with `%2e`", Some("/paths/~1more~1%2e"), |d| {
        call_at(d, "get_odd", "/more/%2e")
    }),
    ("a path with a blank", Some("/paths/~1more gadgets"), |d| {
        call_at(d, "get_odd", "/more gadgets")
    }),
    ("a path with `\\`", Some("/paths/~1more\\gadgets"), |d| {
        call_at(d, "get_odd", "/more\\gadgets")
    }),
    ("a path without `/`", Some("/paths/more"), |d| {
        call_at(d, "get_odd", "more")
    }),
    ("a path that ends with `/`", Some("/paths/~1more~1"), |d| {
        call_at(d, "get_odd", "/more/")
    }),
    (
        "two parts in one segment",
        Some("/paths/~1more~1{gadget}{size}"),
        |d| call_at(d, "get_odd", "/more/{gadget}{size}"),
    ),
    ("`}` before `{`", Some("/paths/~1more~1}gadget{"), |d| {
        call_at(d, "get_odd", "/more/}gadget{")
    }),
    ("a part with a verb", None, |d| {
        call_at(d, "undo_gadget", "/more/{gadget}:undo")
    }),
    (
        "parameters of a path",
        Some("/paths/~1workspaces~1{workspace}~1gadgets"),
        |d| {
            let parameter = json!({"name": "dry", "in": "query", "schema": {"type": "boolean"}, "description": "Dry."});
            d["paths"]["/workspaces/{workspace}/gadgets"]["parameters"] = json!([parameter]);
        },
    ),
    ("a method that no call has", Some("/head"), |d| {
        let mut head = get(d).clone();
        head["operationId"] = json!("head_gadget");
        d["paths"]["/workspaces/{workspace}/gadgets/{gadget}"]["head"] = head;
    }),
    // Parameters of queries become setters.
    ("a text for a parameter", Some("/get/parameters/0"), |d| {
        d["paths"]["/workspaces/{workspace}/gadgets"]["get"]["parameters"][0] = json!("workspace");
    }),
    ("a parameter `1a`", Some("/get/parameters/3"), |d| {
        query(d, "1a", text())
    }),
    (
        "a parameter without a name",
        Some("/get/parameters/3"),
        |d| query(d, "", text()),
    ),
    ("a parameter `_`", Some("/get/parameters/3"), |d| {
        query(d, "_", text())
    }),
    ("a parameter `größe`", Some("/get/parameters/3"), |d| {
        query(d, "größe", text())
    }),
    ("a parameter `all`", Some("/get/parameters/3"), |d| {
        query(d, "all", text())
    }),
    ("a parameter `client`", Some("/get/parameters/3"), |d| {
        query(d, "client", text())
    }),
    ("a parameter `clone`", Some("/get/parameters/3"), |d| {
        query(d, "clone", text())
    }),
    ("a parameter twice", Some("/get/parameters/4"), |d| {
        query(d, "dry", text());
        query(d, "dry", text());
    }),
    (
        "parameters `a_b` and `a-b`",
        Some("/get/parameters/4"),
        |d| {
            query(d, "a_b", text());
            query(d, "a-b", text());
        },
    ),
    (
        "a parameter that is a part of the path",
        Some("/get/parameters/3"),
        |d| query(d, "workspace", text()),
    ),
    ("parameters with names of variables", None, |d| {
        for name in ["url", "info", "result", "response", "header_map", "value"] {
            query(d, name, text());
        }
    }),
    ("parameters that are words of Rust", None, |d| {
        for name in ["self", "type", "crate", "async"] {
            query(d, name, text());
        }
    }),
    ("parameters in other cases", None, |d| {
        for name in ["with-dash", "aCamel", "filter[name]", "$top"] {
            query(d, name, text());
        }
    }),
    ("a switch", None, |d| {
        query(d, "switch", json!({"type": "boolean"}))
    }),
    ("a number", None, |d| {
        query(d, "ratio", json!({"type": "number"}))
    }),
    ("a time", None, |d| {
        query(d, "since", json!({"type": "string", "format": "date-time"}))
    }),
    ("a list of whole numbers", Some("/get/parameters/3"), |d| {
        query(
            d,
            "counts",
            json!({"type": "array", "items": {"type": "integer"}}),
        )
    }),
    ("a list of words", None, |d| {
        query(
            d,
            "colours",
            json!({"type": "array", "items": reference("Colour")}),
        )
    }),
    ("a word", None, |d| query(d, "hue", reference("Colour"))),
    ("an object in a query", Some("/get/parameters/3"), |d| {
        query(d, "about", reference("Size"))
    }),
    ("a map in a query", Some("/get/parameters/3"), |d| {
        query(d, "about", json!({"type": "object"}))
    }),
    (
        "lists of lists in a query",
        Some("/get/parameters/3"),
        |d| query(d, "about", nested(2)),
    ),
    (
        "a parameter without a schema",
        Some("/get/parameters/3"),
        |d| {
            let content = json!({"application/json": {"schema": {"type": "string"}}});
            let parameter = json!({"name": "about", "in": "query", "content": content, "description": "About."});
            parameter_of(list(d), parameter);
        },
    ),
    ("a parameter in a header", Some("/get/parameters/3"), |d| {
        parameter_of(
            list(d),
            json!({"name": "about", "in": "header", "schema": text(), "description": "About."}),
        );
    }),
    ("a secret parameter `api-key`", None, |d| {
        query(d, "api-key", text());
        let parameters = list(d)["parameters"].as_array_mut().expect("a list");
        parameters.last_mut().expect("one")["x-secret"] = json!(true);
    }),
    // Names of resources become types with a method for each part.
    ("a name part `{self}`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{self}"])
    }),
    ("a name part `{new}`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{new}"])
    }),
    (
        "a name part `{as_str}`",
        Some("/x-resource-names/Odd"),
        |d| resource(d, "Odd", &["odd/{as_str}"]),
    ),
    (
        "a name part `{parent}`",
        Some("/x-resource-names/Odd"),
        |d| resource(d, "Odd", &["workspaces/{workspace}/odd/{parent}"]),
    ),
    ("a name part `{part}`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{part}"])
    }),
    ("a name part `{type}`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{type}"])
    }),
    ("a name part `{a-b}`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{a-b}"])
    }),
    ("a name part `{1a}`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{1a}"])
    }),
    ("a name part `{}`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{}"])
    }),
    ("a name part twice", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/{odd}/{odd}"])
    }),
    (
        "a name part that is not closed",
        Some("/x-resource-names/Odd"),
        |d| resource(d, "Odd", &["odd/{odd"]),
    ),
    (
        "a name part with a word",
        Some("/x-resource-names/Odd"),
        |d| resource(d, "Odd", &["odd/x{odd}"]),
    ),
    ("an empty name", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &[""])
    }),
    ("a name with `..`", Some("/x-resource-names/Odd"), |d| {
        resource(d, "Odd", &["odd/../{odd}"])
    }),
    (
        "a name that begins with `/`",
        Some("/x-resource-names/Odd"),
        |d| resource(d, "Odd", &["/odd/{odd}"]),
    ),
    (
        "another form with `{new}`",
        Some("/x-resource-names/Odd"),
        |d| resource(d, "Odd", &["odd/{odd}", "old/{odd}/{new}"]),
    ),
    (
        "another form without a part",
        Some("/x-resource-names/Odd"),
        |d| resource(d, "Odd", &["odd/{odd}", "old/{other}"]),
    ),
    (
        "a resource `Invalid`",
        Some("/x-resource-names/Invalid"),
        |d| resource(d, "Invalid", &["odd/{odd}"]),
    ),
    (
        "a resource without a name",
        Some("/x-resource-names/"),
        |d| resource(d, "", &["odd/{odd}"]),
    ),
    ("a resource `a-b`", Some("/x-resource-names/a-b"), |d| {
        resource(d, "a-b", &["odd/{odd}"])
    }),
    ("a part that two other forms have", None, |d| {
        resource(
            d,
            "Twin",
            &[
                "twins/{twin}",
                "old/{config}/{twin}",
                "older/{config}/{twin}",
            ],
        );
    }),
    ("a name without parts", None, |d| {
        resource(d, "Sole", &["sole"])
    }),
    ("name parts with names of variables", None, |d| {
        resource(
            d,
            "Odd",
            &["odds/{name}/{name_of}/{build}/{value}/{pattern}"],
        );
    }),
    (
        "a number that is a name",
        Some("/properties/of/x-resource-name"),
        |d| {
            property(
                d,
                "of",
                json!({"type": "integer", "x-resource-name": "Gadget"}),
            );
        },
    ),
    (
        "a map that is a name",
        Some("/properties/of/x-resource-name"),
        |d| {
            property(
                d,
                "of",
                json!({"type": "object", "additionalProperties": {"type": "string"}, "x-resource-name": "Gadget"}),
            );
        },
    ),
    (
        "a parameter that is a name and a number",
        Some("/get/parameters/3/x-resource-name"),
        |d| {
            query(d, "of", json!({"type": "integer"}));
            list(d)["parameters"][3]["x-resource-name"] = json!("Gadget");
        },
    ),
    (
        "two names that are taken apart alike",
        Some("/properties/of_name"),
        |d| {
            property(
                d,
                "of",
                json!({"type": "string", "x-resource-name": "Gadget"}),
            );
            property(
                d,
                "of_name",
                json!({"type": "string", "x-resource-name": "Gadget"}),
            );
        },
    ),
    ("lists of names", None, |d| {
        let names =
            json!({"type": "array", "items": {"type": "string"}, "x-resource-name": "Gadget"});
        property(d, "gadget_names", names.clone());
        masked(d, "friend_names", names);
    }),
    // Masks become setters.
    (
        "a mask with `x` and `clear_x`",
        Some("/patch/x-update-mask"),
        |d| {
            masked(d, "x", text());
            masked(d, "clear_x", text());
        },
    ),
    (
        "a mask with a path twice",
        Some("/patch/x-update-mask"),
        |d| mask(d, "colour"),
    ),
    (
        "a mask with two that end alike",
        Some("/patch/x-update-mask"),
        |d| masked(d, "width", text()),
    ),
    ("a mask with `new`", Some("/patch/x-update-mask"), |d| {
        masked(d, "new", text())
    }),
    ("a mask with `default`", Some("/patch/x-update-mask"), |d| {
        masked(d, "default", text())
    }),
    ("a mask with `clone`", Some("/patch/x-update-mask"), |d| {
        masked(d, "clone", text())
    }),
    (
        "a mask with `serialize`",
        Some("/patch/x-update-mask"),
        |d| masked(d, "serialize", text()),
    ),
    ("a mask with `a..b`", Some("/patch/x-update-mask"), |d| {
        mask(d, "size..width")
    }),
    (
        "a mask with the empty path",
        Some("/patch/x-update-mask"),
        |d| mask(d, ""),
    ),
    ("a mask of words of Rust", None, |d| {
        masked(d, "type", text());
        masked(d, "self", text());
        masked(d, "with-dash", text());
    }),
    ("a mask of every kind", None, |d| {
        masked(d, "is_set", json!({"type": "boolean"}));
        masked(d, "since", json!({"type": "string", "format": "date-time"}));
        masked(d, "secret", json!({"type": "string", "format": "password"}));
        masked(
            d,
            "tags",
            json!({"type": "array", "items": {"type": "string"}}),
        );
        masked(
            d,
            "labels",
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
        );
        masked(d, "rest", json!({}));
        masked(
            d,
            "friend",
            json!({"type": "string", "x-resource-name": "Gadget"}),
        );
        masked(
            d,
            "sizes",
            json!({"type": "array", "items": reference("Size")}),
        );
    }),
    (
        "a masked body that is sent elsewhere",
        Some("/patch/x-update-mask"),
        |d| {
            send(d, "send_body", "Gadget", "UpdateGadgetRequest");
        },
    ),
    (
        "a partial resource that is answered",
        Some("/patch/x-update-mask"),
        |d| {
            schema(d, "UpdateGadgetRequest")["properties"]["gadget"] = reference("Gadget");
        },
    ),
    (
        "a partial resource that is a property",
        Some("/patch/x-update-mask"),
        |d| {
            property(d, "change", reference("GadgetChange"));
        },
    ),
    (
        "a masked body called `Part`",
        Some("/patch/x-update-mask"),
        |d| {
            let body = schema(d, "UpdateGadgetRequest").take();
            named_alone(d, "Part", body);
            d["components"]["schemas"]
                .as_object_mut()
                .expect("schemas")
                .remove("UpdateGadgetRequest");
            update(d)["requestBody"]["content"] = content("Part");
        },
    ),
    (
        "a masked body with the name of its patch",
        Some("/patch/x-update-mask"),
        |d| {
            let body = schema(d, "UpdateGadgetRequest").take();
            named_alone(d, "GadgetPatch", body);
            d["components"]["schemas"]
                .as_object_mut()
                .expect("schemas")
                .remove("UpdateGadgetRequest");
            update(d)["requestBody"]["content"] = content("GadgetPatch");
        },
    ),
    (
        "a patch called `InvalidPatch`",
        Some("/patch/x-update-mask"),
        |d| {
            schema(d, "UpdateGadgetRequest")["properties"]["invalid"] = reference("GadgetChange");
            update(d)["x-update-mask"]["resource"] = json!("invalid");
        },
    ),
    ("an odd prefix", None, |d| {
        update(d)["x-update-mask"]["prefix"] = json!("gadget\".{}")
    }),
    // Lists become streams.
    ("a page size that is a text", Some("/get"), |d| {
        list(d)["parameters"][1] =
            json!({"name": "page_size", "in": "query", "schema": text(), "description": "Size."});
    }),
    ("a page size that is required", Some("/get"), |d| {
        list(d)["parameters"][1] = json!({"name": "page_size", "in": "query", "required": true, "schema": {"type": "integer"}, "description": "Size."});
    }),
    ("a page token that is a number", Some("/get"), |d| {
        list(d)["parameters"][2] = json!({"name": "page_token", "in": "query", "schema": {"type": "integer"}, "description": "Token."});
    }),
    ("a next page token that is a number", Some("/get"), |d| {
        page(d)["properties"]["next_page_token"] =
            json!({"type": "integer", "description": "Token."});
    }),
    ("a next page token that is required", None, |d| {
        page(d)["required"] = json!(["gadgets", "next_page_token"])
    }),
    ("a list of words in pages", None, |d| {
        paged(d, "hues", "hues", reference("Colour"))
    }),
    ("a list of unions in pages", None, |d| {
        union(d, "Move");
        paged(d, "moves", "moves", reference("Move"));
    }),
    ("a list of any JSON in pages", None, |d| {
        paged(d, "anything", "anything", reference("JsonSchema"))
    }),
    ("a list with the key `type`", None, |d| {
        paged(d, "kinds", "type", reference("Gadget"))
    }),
    ("a list with the key `list-of`", None, |d| {
        paged(d, "dashed", "list-of", reference("Gadget"))
    }),
    // Forms of properties become types of fields.
    ("whole numbers of every format", None, |d| {
        for format in ["int32", "int64", "uint8", "odd"] {
            property(
                d,
                &format!("whole_{format}"),
                json!({"type": "integer", "format": format}),
            );
        }
    }),
    ("numbers of every format", None, |d| {
        for format in ["float", "double", "odd"] {
            property(
                d,
                &format!("number_{format}"),
                json!({"type": "number", "format": format}),
            );
        }
    }),
    ("texts of every format", None, |d| {
        for format in [
            "uuid",
            "date",
            "byte",
            "binary",
            "email",
            "uri",
            "ip",
            "ipv4",
            "ipv6",
            "odd",
            "path-segment",
            "password",
            "date-time",
        ] {
            property(
                d,
                &format!("text_{}", format.replace('-', "_")),
                json!({"type": "string", "format": format}),
            );
        }
    }),
    ("parameters of every format", None, |d| {
        query(d, "id", json!({"type": "string", "format": "uuid"}));
        query(d, "day", json!({"type": "string", "format": "date"}));
        query(d, "small", json!({"type": "integer", "format": "int32"}));
    }),
    ("limits of every kind", None, |d| {
        property(
            d,
            "limited",
            json!({"type": "integer", "minimum": 1, "maximum": 2, "default": 1}),
        );
        property(
            d,
            "short",
            json!({"type": "string", "minLength": 1, "maxLength": 2, "pattern": "^a", "default": "x"}),
        );
        property(
            d,
            "few",
            json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true}),
        );
    }),
    ("values that may be null", None, |d| {
        property(d, "null_text", json!({"type": "string", "nullable": true}));
        property(
            d,
            "null_list",
            json!({"type": "array", "nullable": true, "items": {"type": "string", "nullable": true}}),
        );
        property(
            d,
            "null_map",
            json!({"type": "object", "nullable": true, "additionalProperties": {"type": "string"}}),
        );
        property(d, "null_any", json!({"nullable": true}));
        property(
            d,
            "null_time",
            json!({"type": "string", "format": "date-time", "nullable": true}),
        );
    }),
    ("a required value that may be null", None, |d| {
        let must = json!({"type": "string", "nullable": true, "description": "A must."});
        named(d, "Must", object(json!({"must": must})));
        schema(d, "Must")["required"] = json!(["must"]);
    }),
    (
        "a requirement that is no property",
        Some("/components/schemas/Gadget"),
        |d| {
            schema(d, "Gadget")["required"] = json!(["name", "ghost"]);
        },
    ),
    ("maps of every kind", None, |d| {
        property(d, "map_bare", json!({"type": "object"}));
        property(
            d,
            "map_any",
            json!({"type": "object", "additionalProperties": {}}),
        );
        property(
            d,
            "map_true",
            json!({"type": "object", "additionalProperties": true}),
        );
        property(
            d,
            "map_lists",
            json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}}),
        );
        property(
            d,
            "map_maps",
            json!({"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "boolean"}}}),
        );
        property(
            d,
            "map_sizes",
            json!({"type": "object", "additionalProperties": reference("Size")}),
        );
        property(
            d,
            "map_words",
            json!({"type": "object", "additionalProperties": reference("Colour")}),
        );
        property(
            d,
            "map_times",
            json!({"type": "object", "additionalProperties": {"type": "string", "format": "date-time"}}),
        );
        property(
            d,
            "map_numbers",
            json!({"type": "object", "additionalProperties": {"type": "number"}}),
        );
    }),
    (
        "a map that takes nothing",
        Some("/properties/closed"),
        |d| {
            property(
                d,
                "closed",
                json!({"type": "object", "additionalProperties": false}),
            );
        },
    ),
    ("lists of every kind", None, |d| {
        property(d, "list_bare", json!({"type": "array"}));
        property(d, "list_any", json!({"type": "array", "items": {}}));
        property(d, "list_lists", nested(3));
        property(
            d,
            "list_words",
            json!({"type": "array", "items": {"type": "array", "items": reference("Colour")}}),
        );
        property(
            d,
            "list_times",
            json!({"type": "array", "items": {"type": "string", "format": "date-time"}}),
        );
        property(
            d,
            "list_secrets",
            json!({"type": "array", "items": {"type": "string", "format": "password"}}),
        );
        property(
            d,
            "list_numbers",
            json!({"type": "array", "items": {"type": "number"}}),
        );
        property(
            d,
            "list_maps",
            json!({"type": "array", "items": {"type": "object"}}),
        );
        property(
            d,
            "list_gadgets",
            json!({"type": "array", "items": reference("Gadget")}),
        );
    }),
    (
        "a list of items of several kinds",
        Some("/properties/tuple"),
        |d| {
            property(
                d,
                "tuple",
                json!({"type": "array", "items": [{"type": "string"}]}),
            );
        },
    ),
    ("values of no type", None, |d| {
        property(d, "any", json!({}));
        property(d, "any_json", reference("JsonSchema"));
        property(
            d,
            "any_list",
            json!({"type": "array", "items": reference("JsonSchema")}),
        );
    }),
    ("a format without a type", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"format": "date-time"}))
    }),
    ("items without a type", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"items": {"type": "string"}}))
    }),
    ("`type: null`", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"type": "null"}))
    }),
    ("a type that is null", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"type": null}))
    }),
    ("two types", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"type": ["string", "null"]}))
    }),
    ("`not`", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"not": {"type": "string"}}))
    }),
    ("`anyOf`", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"anyOf": [{"type": "string"}]}))
    }),
    ("`oneOf` without a name", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"oneOf": [{"type": "string"}]}))
    }),
    ("`allOf` of nothing", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"allOf": []}))
    }),
    ("`allOf` of two", Some("/properties/odd"), |d| {
        property(
            d,
            "odd",
            json!({"allOf": [reference("Size"), reference("Gadget")]}),
        )
    }),
    ("`allOf` without a name", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"allOf": [{"type": "string"}]}))
    }),
    ("`allOf` of one", None, |d| {
        property(d, "described", json!({"allOf": [reference("Size")]}))
    }),
    ("a reference to a parameter", Some("/properties/odd"), |d| {
        property(
            d,
            "odd",
            json!({"$ref": "#/components/parameters/page_size"}),
        )
    }),
    ("a reference to nothing", Some("/get"), |d| {
        property(d, "odd", json!({"$ref": "#/components/schemas/Gone"}))
    }),
    (
        "an object without a name of its own",
        Some("/properties/odd"),
        |d| property(d, "odd", object(json!({}))),
    ),
    (
        "an enum without a name of its own",
        Some("/properties/odd"),
        |d| property(d, "odd", json!({"type": "string", "enum": ["a"]})),
    ),
    ("an enum of whole numbers", Some("/properties/odd"), |d| {
        property(d, "odd", json!({"type": "integer", "enum": [1, 2]}))
    }),
    ("an enum with null", Some("/properties/odd"), |d| {
        property(
            d,
            "odd",
            json!({"type": "string", "nullable": true, "enum": ["a", null]}),
        )
    }),
    ("titles", None, |d| {
        property(d, "titled", json!({"type": "string", "title": "Vec"}));
        property(
            d,
            "titled_map",
            json!({"type": "object", "title": "String", "additionalProperties": {"type": "string", "title": "Option"}}),
        );
        schema(d, "Gadget")["title"] = json!("Result");
    }),
    ("60 lists in each other", Some("/properties/deep"), |d| {
        property(d, "deep", nested(60))
    }),
    ("200 lists in each other", Some(""), |d| {
        property(d, "deep", nested(200))
    }),
    // Named schemas that are no objects, enums or unions have no type of the crate's own.
    ("a named text", Some("/components/schemas/Odd"), |d| {
        named(d, "Odd", json!({"type": "string"}))
    }),
    ("a named list", Some("/components/schemas/Odd"), |d| {
        named(
            d,
            "Odd",
            json!({"type": "array", "items": {"type": "string"}}),
        )
    }),
    ("a named map", Some("/components/schemas/Odd"), |d| {
        named(
            d,
            "Odd",
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
        )
    }),
    (
        "a named object without properties",
        Some("/components/schemas/Odd"),
        |d| named(d, "Odd", object(json!({}))),
    ),
    ("a named reference", Some("/components/schemas/Odd"), |d| {
        named(d, "Odd", reference("Size"))
    }),
    ("a named `allOf`", Some("/components/schemas/Odd"), |d| {
        named(d, "Odd", json!({"allOf": [reference("Size")]}))
    }),
    (
        "a named object that may be null",
        Some("/components/schemas/Odd"),
        |d| {
            thing(d, "Odd");
            schema(d, "Odd")["nullable"] = json!(true);
        },
    ),
    ("a closed object", Some("/components/schemas/Odd"), |d| {
        thing(d, "Odd");
        schema(d, "Odd")["additionalProperties"] = json!(false);
    }),
    (
        "an object with `oneOf`",
        Some("/components/schemas/Odd"),
        |d| {
            thing(d, "Odd");
            schema(d, "Odd")["oneOf"] = json!([reference("Size")]);
        },
    ),
    (
        "a named enum that may be null",
        Some("/components/schemas/Odd"),
        |d| {
            named(
                d,
                "Odd",
                json!({"type": "string", "enum": ["A", "B"], "nullable": true}),
            );
        },
    ),
    (
        "a named enum of whole numbers",
        Some("/components/schemas/Odd"),
        |d| named(d, "Odd", json!({"type": "integer", "enum": [1, 2]})),
    ),
    (
        "an enum without values",
        Some("/components/schemas/Odd"),
        |d| words(d, "Odd", &[]),
    ),
    ("an object without `type`", None, |d| {
        thing(d, "Typeless");
        schema(d, "Typeless")
            .as_object_mut()
            .expect("an object")
            .remove("type");
    }),
    ("`Unknown` as a property", Some("/properties/odd"), |d| {
        property(d, "odd", reference("Unknown"))
    }),
    ("`Empty` as a property", Some("/properties/odd"), |d| {
        property(d, "odd", reference("Empty"))
    }),
    // What holds itself has no size.
    (
        "a reference to itself",
        Some("/components/schemas/Odd"),
        |d| named(d, "Odd", reference("Odd")),
    ),
    (
        "references in a circle",
        Some("/components/schemas/Odd"),
        |d| {
            named_alone(d, "Even", reference("Odd"));
            named(d, "Odd", reference("Even"));
        },
    ),
    (
        "an object that holds itself",
        Some("/components/schemas/Odd"),
        |d| named(d, "Odd", object(json!({"inner": reference("Odd")}))),
    ),
    (
        "objects that hold each other",
        Some("/components/schemas/Odd"),
        |d| {
            named_alone(d, "Even", object(json!({"odd": reference("Odd")})));
            named(d, "Odd", object(json!({"even": reference("Even")})));
        },
    ),
    (
        "a union that holds itself",
        Some("/components/schemas/Step"),
        |d| {
            union(d, "Step");
            schema(d, "StepOne")["properties"]["then"] = reference("Step");
            property(d, "step", reference("Step"));
        },
    ),
    ("an object in a list of its own", None, |d| {
        let children =
            json!({"type": "array", "items": reference("Node"), "description": "Children."});
        let by_name = json!({"type": "object", "additionalProperties": reference("Node"), "description": "By name."});
        named(
            d,
            "Node",
            object(json!({"children": children, "by_name": by_name})),
        );
    }),
    // Unions.
    ("a union that is read and sent", None, |d| {
        union(d, "Action");
        property(d, "action", reference("Action"));
        property(
            d,
            "actions",
            json!({"type": "array", "items": reference("Action")}),
        );
        masked(d, "next_action", reference("Action"));
    }),
    ("a union that is only sent", None, |d| {
        union(d, "Order");
        schema(d, "NewGadget")["properties"]["order"] = reference("Order");
    }),
    ("a union that is a body and an answer", None, |d| {
        union(d, "Deal");
        schema(d, "Deal")["x-no-identifier"] = json!("One of two.");
        send(d, "make_deal", "Deal", "Deal");
    }),
    (
        "a union with a member twice",
        Some("/components/schemas/Odd/oneOf"),
        |d| {
            union(d, "Odd");
            let one = reference("OddOne");
            schema(d, "Odd")["oneOf"]
                .as_array_mut()
                .expect("members")
                .insert(0, one);
            property(d, "odd", reference("Odd"));
        },
    ),
    (
        "a union with a tag twice",
        Some("/components/schemas/Odd/oneOf"),
        |d| {
            union(d, "Odd");
            schema(d, "OddTwo")["properties"]["kind"]["enum"] = json!(["one"]);
            property(d, "odd", reference("Odd"));
        },
    ),
    (
        "a union whose rest is an enum",
        Some("/components/schemas/Odd/oneOf"),
        |d| {
            union(d, "Odd");
            *schema(d, "OddRest") = json!({"type": "string", "enum": ["a"], "x-catch-all": true, "description": "Rest."});
            property(d, "odd", reference("Odd"));
        },
    ),
    (
        "a union without a rest",
        Some("/components/schemas/Odd/oneOf"),
        |d| {
            union(d, "Odd");
            schema(d, "Odd")["oneOf"]
                .as_array_mut()
                .expect("members")
                .pop();
            property(d, "odd", reference("Odd"));
        },
    ),
    // Bodies and answers.
    ("a word as an answer", None, |d| {
        send(d, "ask_colour", "Colour", "NewGadget");
    }),
    ("any JSON as an answer", None, |d| {
        schema(d, "JsonSchema")["x-no-identifier"] = json!("Any JSON.");
        send(d, "ask_anything", "JsonSchema", "NewGadget")
    }),
    ("any JSON as a body", Some("/post/requestBody"), |d| {
        send(d, "send_anything", "Gadget", "JsonSchema")
    }),
    ("a word as a body", Some("/post/requestBody"), |d| {
        send(d, "send_colour", "Gadget", "Colour")
    }),
    ("nothing known as a body", Some("/post/requestBody"), |d| {
        send(d, "send_unknown", "Gadget", "Unknown")
    }),
    ("nothing as a body", Some("/post/requestBody"), |d| {
        send(d, "send_empty", "Gadget", "Empty")
    }),
    ("a body that is optional", Some("/post/requestBody"), |d| {
        create(d)["requestBody"]["required"] = json!(false)
    }),
    ("a body of another type", Some("/post/requestBody"), |d| {
        create(d)["requestBody"]["content"] =
            json!({"text/plain": {"schema": reference("NewGadget")}});
    }),
    ("a body of two types", Some("/post/requestBody"), |d| {
        create(d)["requestBody"]["content"]["text/plain"] =
            json!({"schema": reference("NewGadget")});
    }),
    ("an answer of two types", Some("/get/responses"), |d| {
        get(d)["responses"]["200"]["content"]["text/plain"] =
            json!({"schema": reference("Gadget")});
    }),
    (
        "an answer that is a reference",
        Some("/get/responses"),
        |d| {
            d["components"]["responses"]["Fine"] =
                json!({"description": "Fine.", "content": content("Gadget")});
            get(d)["responses"]["200"] = json!({"$ref": "#/components/responses/Fine"});
        },
    ),
    ("an answer only by default", Some("/get/responses"), |d| {
        get(d)["responses"] =
            json!({"default": {"description": "Fine.", "content": content("Gadget")}});
    }),
    ("two answers", Some("/get/responses"), |d| {
        get(d)["responses"]["201"] = json!({"description": "Fine.", "content": content("Gadget")});
    }),
    ("an answer that is a list", Some("/get/responses"), |d| {
        get(d)["responses"]["200"]["content"] = json!({"application/json": {"schema": {"type": "array", "items": reference("Gadget")}}});
    }),
    // Values of enums become variants.
    (
        "values that are one variant",
        Some("/components/schemas/Odd"),
        |d| words(d, "Odd", &["a-b", "a_b"]),
    ),
    ("a value `self`", Some("/components/schemas/Odd"), |d| {
        words(d, "Odd", &["self"])
    }),
    ("a value `unknown`", Some("/components/schemas/Odd"), |d| {
        words(d, "Odd", &["unknown"])
    }),
    ("a value `1a`", Some("/components/schemas/Odd"), |d| {
        words(d, "Odd", &["1a"])
    }),
    ("an empty value", Some("/components/schemas/Odd"), |d| {
        words(d, "Odd", &[""])
    }),
    ("a value `größe`", Some("/components/schemas/Odd"), |d| {
        words(d, "Odd", &["größe"])
    }),
    ("a value `*/`", Some("/components/schemas/Odd"), |d| {
        words(d, "Odd", &["*/"])
    }),
    ("values of every spelling", None, |d| {
        words(
            d,
            "Spelling",
            &[
                "a:b",
                "quote\"",
                "back\\slash",
                "{brace}",
                "string",
                "vec",
                "None",
                "Ok",
                "as_str",
                "KNOWN",
            ],
        );
    }),
    // Texts become documentation.
    (
        "a bare CR",
        Some("/components/schemas/Gadget/description"),
        |d| schema(d, "Gadget")["description"] = json!("One.\rTwo."),
    ),
    ("text that runs backwards", Some("/get/description"), |d| {
        get(d)["description"] = json!("One \u{202e}owT.")
    }),
    ("an isolate that is left open", Some("/get/summary"), |d| {
        get(d)["summary"] = json!("One \u{2066}two.")
    }),
    ("NUL", Some("/components/schemas/Gadget/description"), |d| {
        schema(d, "Gadget")["description"] = json!("One.\0Two.")
    }),
    (
        "a value that runs backwards",
        Some("/components/schemas/Odd/enum/0"),
        |d| words(d, "Odd", &["a\u{202e}b"]),
    ),
    (
        "a property that runs backwards",
        Some("/components/schemas/Gadget/properties"),
        |d| property(d, "a\u{202e}b", text()),
    ),
    ("ends of lines of other systems", None, |d| {
        schema(d, "Gadget")["description"] = json!("One.\r\nTwo.\r\n")
    }),
    ("code, comments and markup", None, |d| {
        let odd = "One */ two /* three. Sends a `thing`\n~~~rust\nlet broken: = ;\n~~~\n> ```rust\n> fn broken(\n> ```\n\
                   - ```\n  broken(\n  ```\n    indented(\n<b> [x] [`Gone`] {brace} \\ \" `open";
        property(d, "prose", json!({"type": "string", "description": odd}));
        list(d)["description"] = json!(odd);
        list(d)["x-public-api-note"] = json!(odd);
        schema(d, "Size")["description"] = json!(odd);
        schema(d, "Colour")["description"] = json!(odd);
        d["x-resource-names"]["Gadget"]["description"] = json!(odd);
        query(d, "prosaic", json!({"type": "string"}));
        list(d)["parameters"]
            .as_array_mut()
            .expect("a list")
            .last_mut()
            .expect("one")["description"] = json!(odd);
    }),
    ("an odd title and version", None, |d| {
        d["info"] = json!({"title": "\" \\ {}", "version": ""})
    }),
    ("odd tags", None, |d| {
        list(d)["tags"] = json!(["a b", "", "Workspaces"])
    }),
];

fn text() -> Value {
    json!({"type": "string"})
}

/// One more list, of `items` under `key`.
fn paged(document: &mut Value, id: &str, key: &str, items: Value) {
    let answer = format!("Page{id}")
        .replace("Pageh", "PageH")
        .replace("Pagem", "PageM")
        .replace("Pagea", "PageA")
        .replace("Pagek", "PageK")
        .replace("Paged", "PageD");
    let properties = json!({
        key: {"type": "array", "items": items, "description": "Them."},
        "next_page_token": {"type": "string", "description": "Where it goes on."},
    });
    named_alone(document, &answer, object(properties));
    schema(document, &answer)["required"] = json!([key]);
    let mut call = list(document).clone();
    call["operationId"] = json!(format!("list_{id}"));
    call["responses"]["200"]["content"] = content(&answer);
    document["paths"][format!("/workspaces/{{workspace}}/{id}")] = json!({"get": call});
}
