//! CONTRIBUTING.md, done as it is written.

mod support;

use serde_json::json;
use std::{fs, path::Path};
use support::{Checkout, DOCUMENT};

#[test]
fn a_field_is_added_by_the_commands_of_its_step() {
    let commands = commands("4. **Or edit by hand**");
    assert_eq!(
        commands.last().map(String::as_str),
        Some("check"),
        "{commands:?}"
    );
    let checkout = Checkout::new();
    checkout.edit(DOCUMENT, |d| {
        let colour = json!({"type": "string", "description": "Its colour."});
        d["components"]["schemas"]["SourceUpdate"]["properties"]["colour"] = colour.clone();
        d["components"]["schemas"]["Source"]["properties"]["colour"] = colour;
        let path = "/workspaces/{workspace}/sources/{source}";
        let paths = &mut d["paths"][path]["patch"]["x-update-mask"]["paths"];
        paths.as_array_mut().expect("a list").push(json!("colour"));
    });
    checkout.write(DOCUMENT, &checkout.json(DOCUMENT).to_string());
    assert_eq!(checkout.run("check").status, 1);
    for command in &commands {
        let output = checkout.run(command);
        assert_eq!(
            output.status, 0,
            "{command}: {}{}",
            output.stdout, output.stderr
        );
    }
    for fact in [
        "field Source.colour String optional",
        "patch update_source SourcePatch source.colour String",
    ] {
        assert!(
            checkout
                .read(support::SURFACE)
                .lines()
                .any(|line| line == fact),
            "{fact}"
        );
    }
}

/// The commands that a step of the walk-through names, in its order.
fn commands(step: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../CONTRIBUTING.md");
    let text = fs::read_to_string(file).expect("the walk-through");
    let (_, rest) = text.split_once(step).expect("the step");
    let (step, _) = rest.split_once("\n5. ").expect("the step after it");
    let (_, named) = step.split_once("`cargo xtask ").expect("a command");
    let named = format!("`{named}");
    let words = named.split('`').skip(1).step_by(2).map(str::to_string);
    words
        .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()))
        .collect()
}
