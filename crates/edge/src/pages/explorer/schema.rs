//! Schemas of the OpenAPI documents: references resolved, reduced to what the script checks, and examples of
//! values.

use super::parameter::text;
use serde_json::{Map, Value, json};

/// Greatest depth of nested members in an example and a schema, because schemas may be recursive.
pub const DEPTH: u8 = 8;
/// The keywords that the script checks values by.
const CHECKS: [&str; 18] = [
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "required",
    "properties",
    "items",
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
];

/// The schema that a reference points to, or the schema itself.
pub fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// The names of the required members of an object.
pub fn required_members(object: &Value) -> Vec<&str> {
    object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The last name of a path with dots.
pub fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

/// Whether the member at a path is a secret, by its name.
pub fn is_secret(path: &str) -> bool {
    let name = last(path).to_lowercase();
    path.ends_with("token.id") || ["password", "secret", "token"].iter().any(|word| name.contains(word))
}

/// The schema reduced to its checks, with references replaced by their targets.
pub fn checks(document: &Value, schema: &Value, depth: u8) -> Value {
    let Value::Object(all) = schema else { return schema.clone() };
    if depth == 0 {
        return json!({});
    }
    let mut found: Map<String, Value> = all
        .iter()
        .filter(|(name, _)| CHECKS.contains(&name.as_str()))
        .map(|(name, inner)| {
            let inner = match (name.as_str(), inner) {
                ("properties", Value::Object(properties)) => {
                    let each = properties.iter();
                    each.map(|(name, inner)| (name.clone(), checks(document, inner, depth - 1))).collect()
                }
                ("anyOf" | "oneOf" | "allOf", Value::Array(branches)) => {
                    branches.iter().map(|branch| checks(document, branch, depth)).collect()
                }
                ("items" | "additionalProperties", inner) => checks(document, inner, depth - 1),
                _ => inner.clone(),
            };
            (name.clone(), inner)
        })
        .collect();
    let target = resolved(document, schema);
    if !std::ptr::eq(target, schema) {
        let target = checks(document, target, depth);
        if found.is_empty() {
            return target;
        }
        found.insert("allOf".into(), json!([target]));
    }
    Value::Object(found)
}

/// A value that matches the schema: its example if there is one, else a minimal one.
pub fn example(document: &Value, schema: &Value, depth: u8) -> Value {
    let target = resolved(document, schema);
    if !std::ptr::eq(target, schema) {
        let mut value = example(document, target, depth);
        // The keywords beside a reference apply as well.
        if let (Value::Object(members), true) = (&mut value, schema["properties"].is_object())
            && let Value::Object(own) = object(document, schema, depth)
        {
            members.extend(own);
        }
        return value;
    }
    let first = |name: &str| schema[name].as_array().and_then(|all| all.first());
    if let Some(known) = first("examples").or(first("enum")).or(schema.get("default")).or(schema.get("const"))
    {
        return known.clone();
    }
    let parts = first("anyOf").or(first("oneOf")).or(first("allOf"));
    // Beside `properties` the alternatives only say which of them are required.
    if let Some(inner) = parts.filter(|_| !schema["properties"].is_object()) {
        return example(document, inner, depth);
    }
    if let Some(items) = schema["prefixItems"].as_array().filter(|_| depth > 0) {
        return items.iter().map(|item| example(document, item, depth - 1)).collect();
    }
    let kind = schema["type"].as_str().or(schema["type"][0].as_str());
    match kind.unwrap_or("object") {
        "array" if depth == 0 => json!([]),
        "array" => json!([example(document, &schema["items"], depth - 1)]),
        "integer" => schema["minimum"].as_i64().unwrap_or(1).max(1).into(),
        "number" => schema["minimum"].as_f64().unwrap_or(1.0).into(),
        "boolean" => false.into(),
        "string" => {
            let sample = sample_text(text(schema, "format"));
            let times = schema["minLength"].as_u64().unwrap_or(0).div_ceil(sample.len() as u64).max(1);
            sample.repeat(usize::try_from(times).unwrap_or(1)).into()
        }
        "null" => Value::Null,
        _ => object(document, schema, depth),
    }
}

fn sample_text(format: &str) -> &'static str {
    match format {
        "date-time" => "2025-05-17T03:02:25Z",
        "uri" => "https://ci.example.com/builds/42",
        _ => "text",
    }
}

fn object(document: &Value, schema: &Value, depth: u8) -> Value {
    let required = [required_members(schema), required_members(&schema["anyOf"][0])].concat();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let has_example = |inner: &Value| inner["examples"].is_array() || inner["items"]["examples"].is_array();
    let any_has_example = properties.clone().any(|(_, inner)| has_example(inner));
    // If no member is required, the example has those that have examples themselves; if none has, all but
    // booleans and secrets.
    let shown = properties.filter(|(name, inner)| {
        if required.is_empty() {
            let boolean = inner["type"] == "boolean" || inner["type"][0] == "boolean";
            has_example(inner) || (!any_has_example && !boolean && !is_secret(name))
        } else {
            required.contains(&name.as_str())
        }
    });
    let fields = shown.map(|(name, inner)| (name.clone(), example(document, inner, depth.saturating_sub(1))));
    Value::Object(if depth == 0 { Map::new() } else { fields.collect() })
}
