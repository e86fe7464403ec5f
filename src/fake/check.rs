//! Whether what was sent is what the document's schemas describe.

use super::{
    facts::{Facts, Parameter, fits},
    refusal::Refusal,
};
use serde_json::Value;

/// Refuses a body that its schema does not describe, with the field that is wrong.
pub(super) fn check(facts: &Facts, schema: &Value, body: &Value) -> Result<(), Refusal> {
    let checker = Checker { facts };
    checker.value(schema, body, "").map_err(Refusal::invalid)
}

/// Refuses a query without what it needs, or with a value that its schema does not describe.
pub(super) fn check_query(
    facts: &Facts,
    parameters: &[Parameter],
    query: &[(String, String)],
) -> Result<(), Refusal> {
    let checker = Checker { facts };
    for Parameter {
        name,
        required,
        schema,
    } in parameters
    {
        let mut texts = query.iter().filter(|(key, _)| key == name).peekable();
        if *required && texts.peek().is_none() {
            return Err(Refusal::invalid(format!("{name}: missing")));
        }
        for (_, text) in texts {
            let number = text.parse::<i64>().ok();
            let value = match number.filter(|_| schema["type"] == "integer") {
                Some(number) => number.into(),
                None => Value::from(text.as_str()),
            };
            checker
                .value(schema, &value, name)
                .map_err(Refusal::invalid)?;
        }
    }
    Ok(())
}

struct Checker<'f> {
    facts: &'f Facts,
}

impl Checker<'_> {
    fn value(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        if let Some(members) = schema["oneOf"].as_array() {
            return self.member(members, value, at);
        }
        if let Some(resource) = schema["x-resource-name"].as_str() {
            self.names(resource, value, at)?;
        }
        let schema = self.facts.resolve(schema);
        if schema["oneOf"].is_array() {
            return self.value(schema, value, at);
        }
        if value.is_null() && schema["nullable"] == true {
            return Ok(());
        }
        let expected = schema["type"].as_str().unwrap_or_default();
        let right = match expected {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => true,
        };
        if !right {
            return Err(format!("{}: expected {expected}", place(at)));
        }
        if let Some(values) = schema["enum"].as_array()
            && !values.contains(value)
        {
            let values: Vec<_> = values.iter().map(Value::to_string).collect();
            return Err(format!(
                "{}: expected one of {}",
                place(at),
                values.join(", ")
            ));
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.value(&schema["items"], item, &format!("{at}[{index}]"))?;
        }
        self.properties(schema, value, at)
    }

    fn properties(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Some(object) = value.as_object() else {
            return Ok(());
        };
        for required in schema["required"].as_array().into_iter().flatten() {
            let key = required.as_str().unwrap_or_default();
            if !object.contains_key(key) {
                return Err(format!("{}: missing", inside(at, key)));
            }
        }
        for (key, value) in object {
            let known = schema["properties"].get(key);
            let schema = known.unwrap_or(&schema["additionalProperties"]);
            self.value(schema, value, &inside(at, key))?;
        }
        Ok(())
    }

    /// A union is told apart by a property with a single value, or else by what fits.
    fn member(&self, members: &[Value], value: &Value, at: &str) -> Result<(), String> {
        let members = || members.iter().map(|member| self.facts.resolve(member));
        let tagged = members().find(|member| {
            let mut properties = member["properties"].as_object().into_iter().flatten();
            properties.any(|(key, property)| {
                matches!(property["enum"].as_array().map(Vec::as_slice), Some([tag]) if value.get(key) == Some(tag))
            })
        });
        if let Some(member) = tagged {
            return self.value(member, value, at);
        }
        let mut result = Ok(());
        for member in members() {
            result = self.value(member, value, at);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// A text, or each text of a list, is a resource's name.
    fn names(&self, resource: &str, value: &Value, at: &str) -> Result<(), String> {
        let Some(name) = self.facts.names.get(resource) else {
            return Ok(());
        };
        let texts = match value {
            Value::Array(values) => values.iter().collect(),
            one => vec![one],
        };
        for text in texts.into_iter().filter_map(Value::as_str) {
            if !name.patterns().any(|pattern| fits(pattern, text)) {
                let pattern = &name.pattern;
                return Err(format!("{}: expected a name as `{pattern}`", place(at)));
            }
        }
        Ok(())
    }
}

fn inside(at: &str, key: &str) -> String {
    match at {
        "" => key.to_string(),
        at => format!("{at}.{key}"),
    }
}

fn place(at: &str) -> &str {
    match at {
        "" => "the body",
        at => at,
    }
}
