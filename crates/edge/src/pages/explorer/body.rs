//! The body of an operation: its fields, an example, the schema for the script, and the values that the
//! address of the page gives.

use super::parameter::{limited, plain, text};
use super::schema::{DEPTH, checks, example, is_secret, last, required_members, resolved};
use pages::explorer::{Body, Parameter, ParameterLocation};
use serde_json::{Value, json};

/// Types whose values are typed on one line.
const SCALARS: [&str; 4] = ["string", "integer", "number", "boolean"];

/// The body as described: as JSON if it may be JSON, else as the first of its media types.
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

/// Renders the body from the values of its fields.
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
        set(&mut value, &field.name, placeholder(field));
    }
    body.sample = format!("{value:#}");
}

/// The placeholder of a field without a value. The only allowed value needs none.
fn placeholder(field: &Parameter) -> Value {
    let name = last(&field.name);
    let value = match &field.allowed_values[..] {
        [only] => only.clone(),
        _ => format!("{{{name}}}"),
    };
    if field.items.is_some() { json!([value]) } else { value.into() }
}

/// Sets the member at a path of names separated by dots.
fn set(object: &mut Value, path: &str, value: Value) {
    let mut at = object;
    for name in path.split('.') {
        at = &mut at[name];
    }
    *at = value;
}

/// The value of a field as JSON. A value that is not of the field's type becomes a string, which the server
/// refuses.
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

/// The fields of an object and of the objects in it. Where there are alternatives, those of the first.
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

/// The schema with properties: the schema itself, or the first of its alternatives.
fn object_of<'d>(document: &'d Value, schema: &'d Value) -> Option<&'d Value> {
    let schema = resolved(document, schema);
    let branches = ["anyOf", "oneOf"].iter().filter_map(|name| schema[*name].as_array()).flatten();
    let mut all = std::iter::once(schema).chain(branches).map(|branch| resolved(document, branch));
    all.find(|branch| branch["properties"].is_object())
}

/// The members of the last of `objects`, each of which contains the next: the required ones first, in the
/// order of the schema's list. The path of a nested member starts with that of the member around it. A
/// recursive member is not expanded.
fn members<'d>(
    document: &'d Value,
    objects: &[&'d Value],
    within: &str,
    required: bool,
    found: &mut Vec<Parameter>,
) {
    let Some(object) = objects.last() else { return };
    let required_names = required_members(object);
    let position = |name: &str| required_names.iter().position(|known| *known == name);
    let mut properties: Vec<_> = object["properties"].as_object().into_iter().flatten().collect();
    properties.sort_by_key(|(name, _)| position(name).unwrap_or(required_names.len()));
    for (name, described) in properties {
        let path = format!("{within}{name}");
        let required = required && position(name).is_some();
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
    let item = items["type"].as_str().filter(|item| kind == "array" && SCALARS.contains(item));
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

    fn report_body() -> Body {
        let report = json!({ "$ref": "#/components/schemas/Report" });
        let schema = json!({ "anyOf": [report, { "type": "array", "items": report }] });
        let described = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        let parameter = limited(&json!({}), "integer");
        body(&document(), &described, &[Parameter { name: "id".into(), ..parameter }]).unwrap()
    }

    #[test]
    fn the_required_fields_of_an_object_come_first() {
        let body = report_body();
        let fields: Vec<_> =
            body.fields.iter().map(|f| (f.name.as_str(), f.kind.as_str(), f.in_page_address)).collect();
        let expected = [
            ("sha", "string", true),
            // An address contains no secret, and no field with the name of a parameter.
            ("auth.token.id", "string", false),
            ("password", "string", false),
            ("auth.token.days", "integer", true),
            // A recursive member is typed as JSON.
            ("auth.more", "object", false),
            ("coverage", "number", true),
            ("events", "array", true),
            ("id", "integer", false),
            ("wait", "boolean", true),
        ];
        assert_eq!(fields, expected);
        let sha = &body.fields[0];
        assert_eq!((sha.description.as_str(), sha.example.as_deref()), ("Commit id", Some("abc")));
        assert_eq!((sha.minimum, body.fields[5].maximum), (Some(7), Some(100)));
        assert_eq!(body.fields[6].allowed_values, ["job", "pipeline"]);
        assert!(body.prefilled.is_none());
    }

    #[test]
    fn the_schema_has_checks_and_no_references() {
        let schema: Value = serde_json::from_str(&report_body().schema).unwrap();
        assert_eq!(schema["anyOf"][0]["properties"]["sha"], json!({ "type": "string", "minLength": 7 }));
        assert_eq!(schema["anyOf"][1]["items"]["required"], json!(["sha", "auth", "password"]));
        assert!(!schema.to_string().contains("$ref"), "{schema}");
        // Keywords beside a reference apply as well.
        let both = json!({ "$ref": "#/components/schemas/Inner", "required": ["more"] });
        let reduced = checks(&document(), &both, 3);
        assert_eq!(
            (&reduced["required"], &reduced["allOf"][0]["type"]),
            (&json!(["more"]), &json!("object"))
        );
        let kind = json!({ "$ref": "#/components/schemas/Report", "required": ["type"], "properties": { "type": { "const": "x" } } });
        let value = example(&document(), &kind, DEPTH);
        assert_eq!((&value["type"], &value["sha"]), (&json!("x"), &json!("abc")));
    }

    #[test]
    fn the_body_is_made_of_the_values_of_the_fields() {
        let mut body = report_body();
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
