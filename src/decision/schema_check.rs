//! JSON against the part of JSON Schema 2020-12 that the shipped schemas use, for tests.

use serde_json::Value;

/// What `value` does that `schema` does not allow, one line each. Keywords this does not know are errors.
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(keywords) = schema.as_object() else {
        return;
    };
    let mut say = |problem: String| found.push(format!("{at}: {problem}"));
    let number = value.as_f64();
    for (keyword, rule) in keywords {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "additionalProperties" | "prefixItems" => {}
            "type" if !of_type(rule, value) => say(format!("{value} is not {rule}")),
            "const" if rule != value => say(format!("{value} is not {rule}")),
            "enum" if !rule.as_array().is_some_and(|list| list.contains(value)) => {
                say(format!("{value} is not among {rule}"));
            }
            "minimum" if number.zip(rule.as_f64()).is_some_and(|(number, end)| number < end) => {
                say(format!("{value} is below {rule}"))
            }
            "maximum" if number.zip(rule.as_f64()).is_some_and(|(number, end)| number > end) => {
                say(format!("{value} is above {rule}"))
            }
            "exclusiveMinimum" if number.zip(rule.as_f64()).is_some_and(|(number, end)| number <= end) => {
                say(format!("{value} is not above {rule}"))
            }
            "exclusiveMaximum" if number.zip(rule.as_f64()).is_some_and(|(number, end)| number >= end) => {
                say(format!("{value} is not below {rule}"))
            }
            "minItems" if length(value).zip(rule.as_u64()).is_some_and(|(length, end)| length < end) => {
                say(format!("fewer than {rule} items"))
            }
            "maxItems" if length(value).zip(rule.as_u64()).is_some_and(|(length, end)| length > end) => {
                say(format!("more than {rule} items"))
            }
            "minProperties" if members(value).zip(rule.as_u64()).is_some_and(|(members, end)| members < end) => {
                say(format!("fewer than {rule} members"))
            }
            "maxProperties" if members(value).zip(rule.as_u64()).is_some_and(|(members, end)| members > end) => {
                say(format!("more than {rule} members"))
            }
            "minProperties" | "maxProperties" => {}
            "type" | "const" | "enum" | "pattern" | "minItems" | "maxItems" => {}
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {}
            "required" | "properties" | "items" | "$ref" | "anyOf" | "oneOf" => {}
            other => say(format!("keyword {other} is not known to this test")),
        }
    }
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null);
        assert!(target.is_object(), "{name} leads nowhere");
        check(root, target, value, at, found);
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(choices) = schema[keyword].as_array() else {
            continue;
        };
        let fits = |choice: &&Value| {
            let mut problems = Vec::new();
            check(root, choice, value, at, &mut problems);
            problems.is_empty()
        };
        let fitting = choices.iter().filter(fits).count();
        if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
            // With one choice that is not null, its own problems say more.
            match choices.as_slice() {
                [only, null] if null["type"] == "null" => check(root, only, value, at, found),
                _ => found.push(format!("{at}: fits {fitting} of {keyword}")),
            }
        }
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                found.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, member) in object {
            let known = schema["properties"].get(name);
            match (known, &schema["additionalProperties"]) {
                (Some(known), _) => check(root, known, member, &format!("{at}/{name}"), found),
                (None, Value::Bool(false)) => found.push(format!("{at}: {name} is not in the schema")),
                (None, other) => check(root, other, member, &format!("{at}/{name}"), found),
            }
        }
    }
    if let Some(items) = value.as_array() {
        for (index, item) in items.iter().enumerate() {
            let rule = schema["prefixItems"].get(index).unwrap_or(&schema["items"]);
            check(root, rule, item, &format!("{at}/{index}"), found);
        }
    }
}

fn length(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}

fn members(value: &Value) -> Option<u64> {
    value.as_object().map(|members| members.len() as u64)
}

fn of_type(rule: &Value, value: &Value) -> bool {
    let one = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    match rule {
        Value::String(name) => one(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(one),
        _ => false,
    }
}
