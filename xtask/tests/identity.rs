//! One document in other words is the same document.

mod support;

use serde_json::{Map, Value, json};
use support::{Checkout, DOCUMENT};

fn in_sync(theirs: &Value, what: &str) {
    let checkout = Checkout::new();
    checkout.write("theirs.json", &theirs.to_string());
    let output = checkout.run("drift --from theirs.json");
    assert_eq!(output.status, 0, "{what}: {}", output.stdout);
    assert!(
        output.stdout.ends_with("in sync: no findings\n"),
        "{what}: {}",
        output.stdout
    );
}

fn document() -> Value {
    Checkout::new().json(DOCUMENT)
}

/// Does something to every value, the innermost first.
fn everywhere(value: &mut Value, edit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|v| everywhere(v, edit)),
        Value::Array(all) => all.iter_mut().for_each(|v| everywhere(v, edit)),
        _ => {}
    }
    edit(value);
}

#[test]
fn after_a_reorder() {
    let mut theirs = document();
    everywhere(&mut theirs, &mut |value| {
        if let Some(required) = value.get_mut("required").and_then(Value::as_array_mut) {
            required.reverse();
        }
    });
    let checkout = Checkout::new();
    // The keys of objects, too, which a map would sort.
    fn reversed(value: &Value) -> String {
        match value {
            Value::Object(map) => {
                let members = map
                    .iter()
                    .rev()
                    .map(|(k, v)| format!("{}: {}", json!(k), reversed(v)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Value::Array(all) => format!(
                "[{}]",
                all.iter().map(reversed).collect::<Vec<_>>().join(", ")
            ),
            other => other.to_string(),
        }
    }
    checkout.write("theirs.json", &reversed(&theirs));
    let output = checkout.run("drift --from theirs.json");
    assert!(
        output.stdout.ends_with("in sync: no findings\n"),
        "{}",
        output.stdout
    );
}

#[test]
fn after_a_rename_of_every_schema() {
    let text = document().to_string();
    let mut theirs: Value =
        serde_json::from_str(&text.replace("#/components/schemas/", "#/components/schemas/Their"))
            .expect("JSON");
    let schemas = theirs["components"]["schemas"]
        .as_object()
        .expect("schemas")
        .clone();
    let renamed = schemas
        .into_iter()
        .map(|(name, schema)| (format!("Their{name}"), schema));
    theirs["components"]["schemas"] = renamed.collect::<Map<_, _>>().into();
    in_sync(&theirs, "renamed");
}

/// What every reference refers to stands in its place, but for what holds itself.
fn inlined(value: &Value, root: &Value, open: &[&str]) -> Value {
    match value {
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str);
            if let Some(reference) = reference.filter(|r| !open.contains(r)) {
                let target = root.pointer(&reference[1..]).expect("a target");
                return inlined(target, root, &[open, &[reference]].concat());
            }
            map.iter()
                .map(|(k, v)| (k.clone(), inlined(v, root, open)))
                .collect()
        }
        Value::Array(all) => all.iter().map(|v| inlined(v, root, open)).collect(),
        other => other.clone(),
    }
}

#[test]
fn after_an_inlining_of_every_reference() {
    let theirs = document();
    let mut inline = theirs.clone();
    inline["paths"] = inlined(&theirs["paths"], &theirs, &[]);
    in_sync(&inline, "inlined");
}

#[test]
fn after_a_hoisting_of_every_schema() {
    let mut theirs = document();
    let mut hoisted = Map::new();
    let mut hoist = |value: &mut Value| {
        for key in ["items", "schema", "additionalProperties"] {
            let Some(schema) = value.get_mut(key).filter(|s| s.get("type").is_some()) else {
                continue;
            };
            let name = format!("Hoisted{}", hoisted.len());
            hoisted.insert(name.clone(), schema.take());
            *schema = json!({"$ref": format!("#/components/schemas/{name}")});
        }
        for (_, schema) in value
            .get_mut("properties")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            if schema["type"].is_string() {
                let name = format!("Hoisted{}", hoisted.len());
                hoisted.insert(name.clone(), schema.take());
                *schema = json!({"$ref": format!("#/components/schemas/{name}")});
            }
        }
    };
    everywhere(&mut theirs["paths"], &mut hoist);
    for (_, schema) in theirs["components"]["schemas"]
        .as_object_mut()
        .expect("schemas")
    {
        everywhere(schema, &mut hoist);
    }
    for kind in ["parameters", "responses"] {
        everywhere(&mut theirs["components"][kind], &mut hoist);
    }
    assert!(hoisted.len() > 100);
    theirs["components"]["schemas"]
        .as_object_mut()
        .expect("schemas")
        .extend(hoisted);
    in_sync(&theirs, "hoisted");
}

#[test]
fn in_the_words_of_3_1() {
    let mut theirs = document();
    theirs["openapi"] = json!("3.1.0");
    everywhere(&mut theirs, &mut |value| {
        let Some(schema) = value.as_object_mut() else {
            return;
        };
        if schema.get("nullable") == Some(&json!(true)) {
            schema.remove("nullable");
            schema["type"] = json!([schema["type"], "null"]);
        }
        if let Some(values) = schema
            .get("enum")
            .and_then(Value::as_array)
            .filter(|v| v.len() == 1)
            .cloned()
        {
            schema.remove("enum");
            schema.remove("type");
            schema.insert("const".into(), values[0].clone());
        }
        if let Some(all) = schema
            .get("allOf")
            .and_then(Value::as_array)
            .filter(|a| a.len() == 1)
            .cloned()
        {
            schema.remove("allOf");
            schema.insert("$ref".into(), all[0]["$ref"].clone());
        }
        if let Some(all) = schema.remove("oneOf") {
            schema.insert("anyOf".into(), all);
        }
    });
    in_sync(&theirs, "3.1");
}

#[test]
fn in_yaml() {
    fn yaml(value: &Value, indent: usize) -> String {
        let pad = "  ".repeat(indent);
        match value {
            Value::Object(map) if !map.is_empty() => map
                .iter()
                .map(|(k, v)| format!("\n{pad}{}:{}", json!(k), yaml(v, indent + 1)))
                .collect(),
            Value::Array(all) if !all.is_empty() => all
                .iter()
                .map(|v| format!("\n{pad}-{}", yaml(v, indent + 1)))
                .collect(),
            other => format!(" {other}"),
        }
    }
    let checkout = Checkout::new();
    checkout.write("theirs.yaml", &yaml(&document(), 0));
    let output = checkout.run("drift --from theirs.yaml");
    assert!(
        output.stdout.ends_with("in sync: no findings\n"),
        "{}",
        output.stdout
    );
}
