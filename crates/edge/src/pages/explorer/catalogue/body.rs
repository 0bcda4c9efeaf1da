//! The body of an operation: its fields, an example, the schema for the script, and what a page's address fills in.

use super::{limited, plain, text};
use pages::explorer::{Body, Parameter, ParameterLocation};
use serde_json::{Map, Value, json};

/// How deep members of members go in an example and a schema: schemas may hold themselves.
const DEPTH: u8 = 8;
/// Types whose values fit in a line.
const PLAIN: [&str; 4] = ["string", "integer", "number", "boolean"];
/// What a value is checked by.
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

/// JSON before other media types.
pub fn body(document: &Value, described: &Value, parameters: &[Parameter]) -> Option<Body> {
    let content = described["content"].as_object()?;
    let chosen = content.iter().find(|(kind, _)| *kind == "application/json").or(content.iter().next());
    let (kind, media) = chosen?;
    let lines = kind == "application/x-ndjson";
    let described_as = if lines { &media["schema"]["x-stagepost-line"] } else { &media["schema"] };
    let value = example(document, described_as, DEPTH);
    let mut body = Body {
        required: described["required"].as_bool().unwrap_or(false),
        kind: kind.clone(),
        example: if lines { value.to_string() } else { format!("{value:#}") },
        fields: if lines { Vec::new() } else { fields(document, described_as, parameters) },
        schema: checks(document, described_as, DEPTH).to_string(),
        prefilled: None,
        sample: String::new(),
    };
    write(&mut body);
    Some(body)
}

/// Writes the body of what the fields hold.
pub fn write(body: &mut Body) {
    if body.fields.is_empty() {
        body.sample.clone_from(&body.example);
        return;
    }
    let mut value = json!({});
    for field in body.fields.iter().filter(|field| !field.value.is_empty()) {
        set(&mut value, &field.name, typed(field));
    }
    let given = body.fields.iter().any(|field| field.in_page_address && !field.value.is_empty());
    body.prefilled = given.then(|| format!("{value:#}"));
    for field in body.fields.iter().filter(|field| field.required && field.value.is_empty()) {
        set(&mut value, &field.name, place_for(field));
    }
    body.sample = format!("{value:#}");
}

/// What stands where a value is still to be filled in; a choice of one is made.
fn place_for(field: &Parameter) -> Value {
    let name = last(&field.name);
    let place = match &field.allowed_values[..] {
        [only] => only.clone(),
        _ => format!("{{{name}}}"),
    };
    if field.items.is_some() { json!([place]) } else { place.into() }
}

/// Sets the member at a path of names with dots between.
fn set(object: &mut Value, path: &str, value: Value) {
    let mut at = object;
    for name in path.split('.') {
        at = &mut at[name];
    }
    *at = value;
}

/// What is typed in a field, as JSON; what is not of its type is a text, as which it is refused.
fn typed(field: &Parameter) -> Value {
    let read = |kind: &str, text: &str| {
        let value = if kind == "string" { None } else { serde_json::from_str(text.trim()).ok() };
        value.unwrap_or_else(|| text.into())
    };
    match &field.items {
        Some(items) => field
            .value
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| read(items, item))
            .collect(),
        None => read(&field.kind, &field.value),
    }
}

/// The schema that a reference leads to.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// The fields of an object, and of the objects in it: of the first, where it may be one thing or another.
fn fields(document: &Value, schema: &Value, parameters: &[Parameter]) -> Vec<Parameter> {
    let mut fields = Vec::new();
    if let Some(object) = object_of(document, schema) {
        members(document, &[object], "", true, &mut fields);
    }
    for field in &mut fields {
        field.in_page_address &= parameters.iter().all(|parameter| parameter.name != field.name);
    }
    fields.sort_by_key(|field| !field.required);
    fields
}

/// What has properties: the schema, or the first of those that it may be.
fn object_of<'d>(document: &'d Value, schema: &'d Value) -> Option<&'d Value> {
    let schema = resolved(document, schema);
    let branches = ["anyOf", "oneOf"].iter().filter_map(|name| schema[*name].as_array()).flatten();
    let mut all = std::iter::once(schema).chain(branches).map(|branch| resolved(document, branch));
    all.find(|branch| branch["properties"].is_object())
}

/// The members of the last of `objects`, which stand in each other: the required ones first, in the order of the schema's list. A
/// member's members have its name before theirs; what holds itself has none.
fn members<'d>(
    document: &'d Value,
    objects: &[&'d Value],
    within: &str,
    required: bool,
    found: &mut Vec<Parameter>,
) {
    let Some(object) = objects.last() else { return };
    let first = names(object);
    let place = |name: &str| first.iter().position(|known| *known == name);
    let mut properties: Vec<_> = object["properties"].as_object().into_iter().flatten().collect();
    properties.sort_by_key(|(name, _)| place(name).unwrap_or(first.len()));
    for (name, described) in properties {
        let path = format!("{within}{name}");
        let required = required && place(name).is_some();
        let inner = object_of(document, described);
        match inner.filter(|inner| !objects.iter().any(|object| std::ptr::eq(*object, *inner))) {
            Some(inner) => {
                let objects = [objects, &[inner]].concat();
                members(document, &objects, &format!("{path}."), required, found);
            }
            None => found.push(field(document, &path, described, required)),
        }
    }
}

/// The members that must be there.
fn names(object: &Value) -> Vec<&str> {
    object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn field(document: &Value, path: &str, described: &Value, required: bool) -> Parameter {
    let branches = described["anyOf"].as_array().or(described["oneOf"].as_array());
    let is_null = |branch: &&Value| branch["type"] == "null";
    let chosen = branches.and_then(|all| all.iter().find(|branch| !is_null(branch))).unwrap_or(described);
    let schema = resolved(document, chosen);
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    let kind = kinds.iter().find(|kind| **kind != "null").copied().unwrap_or("object");
    let items = resolved(document, &schema["items"]);
    let item = items["type"].as_str().filter(|item| kind == "array" && PLAIN.contains(item));
    let kind = if kind == "array" && item.is_none() { "object" } else { kind };
    let mut found = limited(if item.is_some() { items } else { schema }, item.unwrap_or(kind));
    found.name = path.to_owned();
    found.location = ParameterLocation::Body;
    found.kind = kind.to_owned();
    found.items = item.map(str::to_owned);
    found.required = required;
    found.description = text(described, "description").replace('`', "");
    found.example = plain(&schema["examples"][0]).or(plain(&items["examples"][0]));
    found.in_page_address = kind != "object" && !is_secret(path);
    if kind == "object" && required {
        found.value = format!("{:#}", example(document, chosen, DEPTH));
    }
    found
}

/// The last name of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn is_secret(path: &str) -> bool {
    let name = last(path).to_lowercase();
    path.ends_with("token.id") || ["password", "secret", "token"].iter().any(|word| name.contains(word))
}

/// The schema with what it refers to in its place, and without words.
fn checks(document: &Value, schema: &Value, depth: u8) -> Value {
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

/// A value that fits the schema: its example where it has one, else the least that it requires.
fn example(document: &Value, schema: &Value, depth: u8) -> Value {
    let target = resolved(document, schema);
    if !std::ptr::eq(target, schema) {
        let mut value = example(document, target, depth);
        // What stands beside the reference counts as well.
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
    // Beside members it only says which of them must be there.
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
            let word = word(text(schema, "format"));
            let times = schema["minLength"].as_u64().unwrap_or(0).div_ceil(word.len() as u64).max(1);
            word.repeat(usize::try_from(times).unwrap_or(1)).into()
        }
        "null" => Value::Null,
        _ => object(document, schema, depth),
    }
}

fn word(format: &str) -> &'static str {
    match format {
        "date-time" => "2025-05-17T03:02:25Z",
        "uri" => "https://ci.example.com/builds/42",
        _ => "text",
    }
}

fn object(document: &Value, schema: &Value, depth: u8) -> Value {
    let required = [names(schema), names(&schema["anyOf"][0])].concat();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let has_example = |inner: &Value| inner["examples"].is_array() || inner["items"]["examples"].is_array();
    let any_has = properties.clone().any(|(_, inner)| has_example(inner));
    // Where nothing is required, that of which there is an example makes sense together; a switch is nobody's to turn, and nobody wants
    // the password of an example.
    let shown = properties.filter(|(name, inner)| {
        if required.is_empty() {
            let switch = inner["type"] == "boolean" || inner["type"][0] == "boolean";
            has_example(inner) || (!any_has && !switch && !is_secret(name))
        } else {
            required.contains(&name.as_str())
        }
    });
    let fields = shown.map(|(name, inner)| (name.clone(), example(document, inner, depth.saturating_sub(1))));
    Value::Object(if depth == 0 { Map::new() } else { fields.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({ "components": { "schemas": {
            "Inner": { "type": "object", "required": ["token"], "properties": {
                "more": { "$ref": "#/components/schemas/Inner" },
                "token": { "anyOf": [{ "type": "null" }, { "type": "object", "required": ["id"], "properties": {
                    "id": { "type": "string" }, "days": { "type": "integer" },
                } }] },
            } },
            "Report": { "type": "object", "required": ["sha", "auth", "password"], "properties": {
                "auth": { "anyOf": [{ "$ref": "#/components/schemas/Inner" }, { "type": "null" }], "description": "Who" },
                "coverage": { "type": ["number", "null"], "minimum": 0, "maximum": 100 },
                "events": { "type": ["array", "null"], "items": { "type": "string", "enum": ["job", "pipeline"] } },
                "password": { "type": "string" },
                "sha": { "type": "string", "minLength": 7, "examples": ["abc"], "description": "Commit `id`" },
                "wait": { "type": ["boolean", "null"], "default": true },
                "id": { "type": "integer" },
            } },
        } } })
    }

    fn made() -> Body {
        let report = json!({ "$ref": "#/components/schemas/Report" });
        let schema = json!({ "anyOf": [report, { "type": "array", "items": report }] });
        let described = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        let parameter = limited(&json!({}), "integer");
        body(&document(), &described, &[Parameter { name: "id".into(), ..parameter }]).unwrap()
    }

    #[test]
    fn an_object_has_fields_the_required_ones_first() {
        let body = made();
        let told: Vec<_> =
            body.fields.iter().map(|f| (f.name.as_str(), f.kind.as_str(), f.in_page_address)).collect();
        let expected = [
            ("sha", "string", true),
            // A secret is in no address, nor what a parameter's name stands for there.
            ("auth.token.id", "string", false),
            ("password", "string", false),
            ("auth.token.days", "integer", true),
            // What holds itself is typed as JSON.
            ("auth.more", "object", false),
            ("coverage", "number", true),
            ("events", "array", true),
            ("id", "integer", false),
            ("wait", "boolean", true),
        ];
        assert_eq!(told, expected);
        let sha = &body.fields[0];
        assert_eq!((sha.description.as_str(), sha.example.as_deref()), ("Commit id", Some("abc")));
        assert_eq!((sha.minimum, body.fields[5].maximum), (Some(7), Some(100)));
        assert_eq!(body.fields[6].allowed_values, ["job", "pipeline"]);
        assert!(body.prefilled.is_none());
    }

    #[test]
    fn the_schema_has_no_references_and_no_words() {
        let schema: Value = serde_json::from_str(&made().schema).unwrap();
        assert_eq!(schema["anyOf"][0]["properties"]["sha"], json!({ "type": "string", "minLength": 7 }));
        assert_eq!(schema["anyOf"][1]["items"]["required"], json!(["sha", "auth", "password"]));
        assert!(!schema.to_string().contains("$ref"), "{schema}");
        // A schema beside a reference counts as well.
        let both = json!({ "$ref": "#/components/schemas/Inner", "required": ["more"] });
        let told = checks(&document(), &both, 3);
        assert_eq!((&told["required"], &told["allOf"][0]["type"]), (&json!(["more"]), &json!("object")));
        let kind = json!({ "$ref": "#/components/schemas/Report", "required": ["type"], "properties": { "type": { "const": "x" } } });
        let value = example(&document(), &kind, DEPTH);
        assert_eq!((&value["type"], &value["sha"]), (&json!("x"), &json!("abc")));
    }

    #[test]
    fn what_the_fields_hold_is_the_body() {
        let mut body = made();
        for (name, value) in [
            ("coverage", "12.5"),
            ("events", "job, pipeline"),
            ("wait", "false"),
            ("id", "x"),
            ("auth.token.days", "2"),
        ] {
            body.fields.iter_mut().find(|field| field.name == name).unwrap().value = value.into();
        }
        write(&mut body);
        let given: Value = serde_json::from_str(&body.prefilled.unwrap()).unwrap();
        assert_eq!(given["coverage"], 12.5);
        assert_eq!(given["events"], json!(["job", "pipeline"]));
        assert_eq!((&given["wait"], &given["id"]), (&json!(false), &json!("x")));
        assert_eq!(given["auth"], json!({ "token": { "days": 2 } }));
        assert!(given.get("sha").is_none());
        let printed: Value = serde_json::from_str(&body.sample).unwrap();
        assert_eq!((&printed["sha"], &printed["wait"]), (&json!("{sha}"), &json!(false)));
        assert_eq!(printed["auth"], json!({ "token": { "days": 2, "id": "{id}" } }));
    }
}
