//! From the OpenAPI documents to the explorer's operations.

mod body;

pub use body::write;

use crate::Edge;
use crate::language::Language;
use crate::openapi;
use pages::explorer::{Body, Dialect, Group, Operation, Parameter, ParameterLocation};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Headers and parameters that the explorer sends by itself.
const CREDENTIALS: [&str; 4] = ["x-auth-token", "private-token", "authorization", "private_token"];
/// Reads that tell of credentials: their routes are for whoever signed in, and the actions want all rights.
const OF_CREDENTIALS: [&str; 3] = ["Keys", "Tokens", "SignatureFailures"];

/// What each document offers, in the reader's language.
pub fn dialects(edge: &Arc<Edge>, language: Language) -> Vec<Dialect> {
    let mut taken = BTreeSet::new();
    let documents = openapi::documents(edge, language);
    documents.map(|(name, document)| dialect(name, &document, &mut taken)).collect()
}

/// The operation of this address; with its dialect's name before it an operation may always be called.
pub fn find(dialects: Vec<Dialect>, address: &str) -> Option<Operation> {
    let all = dialects.into_iter().flat_map(|dialect| dialect.groups).flat_map(|group| group.operations);
    let long = |operation: &Operation| format!("{}.{}", operation.dialect, operation.id);
    all.into_iter().find(|operation| operation.address == address || long(operation) == address)
}

/// An operation as the script has it.
pub fn json(operation: &Operation) -> Value {
    let parameters: Vec<Value> = operation.parameters.iter().map(parameter_json).collect();
    json!({
        "id": operation.id,
        "address": operation.address,
        "dialect": operation.dialect,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
        "anonymous": operation.anonymous,
        "streams": operation.streams,
        "parameters": parameters,
        "body": operation.body.as_ref().map(body_json),
    })
}

fn body_json(body: &Body) -> Value {
    let fields: Vec<Value> = body.fields.iter().map(parameter_json).collect();
    let schema: Value = serde_json::from_str(&body.schema).unwrap_or_default();
    json!({ "required": body.required, "type": body.kind, "fields": fields, "schema": schema })
}

fn parameter_json(parameter: &Parameter) -> Value {
    let (least, most) =
        if parameter.kind == "string" { ("minLength", "maxLength") } else { ("minimum", "maximum") };
    let mut told = json!({
        "name": parameter.name,
        "in": parameter.location.as_str(),
        "type": parameter.kind,
        "required": parameter.required,
        "enum": parameter.allowed_values,
        least: parameter.minimum,
        most: parameter.maximum,
        "pattern": parameter.pattern,
        "items": parameter.items,
        "format": parameter.format,
        "example": parameter.example,
    });
    if let Value::Object(fields) = &mut told {
        fields.retain(|_, value| !value.is_null());
    }
    told
}

fn dialect(name: &str, document: &Value, taken: &mut BTreeSet<String>) -> Dialect {
    let mut groups: Vec<Group> = Vec::new();
    let tags = document["tags"].as_array().into_iter().flatten();
    let titles: Vec<(&str, &str)> = tags.map(|tag| (text(tag, "name"), text(tag, "description"))).collect();
    let mut found: Vec<(usize, Operation)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, described) in methods.as_object().into_iter().flatten() {
            let tag = described["tags"][0].as_str().unwrap_or_default();
            let at = titles.iter().position(|(name, _)| *name == tag).unwrap_or(titles.len());
            found.push((at, operation(name, document, path, method, described)));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    for (at, mut operation) in found {
        if !taken.insert(operation.id.clone()) {
            operation.address = format!("{name}.{}", operation.id);
        }
        let title = titles.get(at).map_or(name, |(tag, title)| if title.is_empty() { tag } else { title });
        match groups.last_mut().filter(|group| group.name == title) {
            Some(group) => group.operations.push(operation),
            None => groups.push(Group { name: title.to_owned(), operations: vec![operation] }),
        }
    }
    Dialect { name: name.to_owned(), groups }
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

fn operation(dialect: &str, document: &Value, path: &str, method: &str, described: &Value) -> Operation {
    let id = text(described, "operationId").to_owned();
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let mut parameters: Vec<Parameter> = parameters.filter_map(parameter).collect();
    parameters.sort_by_key(|parameter| !parameter.required);
    let body = body::body(document, &described["requestBody"], &parameters);
    Operation {
        address: id.clone(),
        id,
        dialect: dialect.to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(described, "summary").to_owned(),
        description: text(described, "description").replace('`', ""),
        anonymous: described["security"].as_array().is_some_and(Vec::is_empty),
        streams: !described["responses"]["200"]["content"]["text/event-stream"].is_null(),
        needs_full_scope: needs_full(&described["x-stagepost-admits"], &described["operationId"]),
        parameters,
        body,
    }
}

/// Whether a call needs all rights of who makes it.
fn needs_full(admits: &Value, id: &Value) -> bool {
    admits == "role manage" || admits == "administrator" || OF_CREDENTIALS.iter().any(|of| id == of)
}

fn parameter(described: &Value) -> Option<Parameter> {
    let name = text(described, "name");
    if CREDENTIALS.contains(&&*name.to_lowercase()) {
        return None;
    }
    let place = match text(described, "in") {
        "path" => ParameterLocation::Path,
        "query" => ParameterLocation::Query,
        "header" => ParameterLocation::Header,
        _ => return None,
    };
    let schema = &described["schema"];
    Some(Parameter {
        name: name.to_owned(),
        location: place,
        required: described["required"].as_bool().unwrap_or(false),
        example: plain(&described["example"]),
        description: text(described, "description").replace('`', ""),
        ..limited(schema, schema["type"].as_str().unwrap_or("string"))
    })
}

/// Something of this type, with the limits that the schema sets; the rest is to be filled in.
fn limited(schema: &Value, kind: &str) -> Parameter {
    let (least, most) = if kind == "string" { ("minLength", "maxLength") } else { ("minimum", "maximum") };
    let words = schema["enum"].as_array().into_iter().flatten();
    Parameter {
        name: String::new(),
        location: ParameterLocation::Query,
        kind: kind.to_owned(),
        items: None,
        required: false,
        allowed_values: words.filter_map(|word| word.as_str().map(str::to_owned)).collect(),
        minimum: schema[least].as_i64(),
        maximum: schema[most].as_i64(),
        pattern: schema["pattern"].as_str().map(str::to_owned),
        format: schema["format"].as_str().map(str::to_owned),
        default: plain(&schema["default"]),
        example: None,
        description: String::new(),
        in_page_address: true,
        value: String::new(),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({
            "tags": [{ "name": "jobs", "description": "Jobs" }, { "name": "made", "description": "" }],
            "paths": {
                "/b": { "post": {
                    "operationId": "Make", "tags": ["made"], "security": [],
                    "requestBody": { "required": true, "content": {
                        "application/x-ndjson": { "schema": {} },
                        "application/json": { "schema": { "$ref": "#/components/schemas/New" } },
                    } },
                } },
                "/a/{id}": { "get": {
                    "operationId": "Show", "tags": ["jobs"], "security": [{ "X-Auth-Token": [] }], "summary": "Shows `one`",
                    "parameters": [
                        { "name": "X-Auth-Token", "in": "header", "schema": { "type": "string" } },
                        { "name": "limit", "in": "query", "required": false, "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20 } },
                        { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
                    ],
                } },
            },
            "components": { "schemas": { "New": { "type": "object", "required": ["name", "of"], "properties": {
                "name": { "type": "string", "examples": ["demo"] },
                "of": { "type": "array", "items": { "$ref": "#/components/schemas/New" } },
                "more": { "type": "boolean" },
            } } } },
        })
    }

    #[test]
    fn documents_become_groups_in_the_order_of_their_tags() {
        let dialect = dialect("x", &document(), &mut BTreeSet::new());
        let names: Vec<&str> = dialect.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["Jobs", "made"]);
        let show = &dialect.groups[0].operations[0];
        assert_eq!((show.method.as_str(), show.anonymous), ("GET", false));
        let parameters: Vec<_> =
            show.parameters.iter().map(|p| (p.name.as_str(), p.required, p.maximum)).collect();
        assert_eq!(parameters, [("id", true, None), ("limit", false, Some(100))]);
        assert_eq!(show.parameters[1].default.as_deref(), Some("20"));
        let make = &dialect.groups[1].operations[0];
        assert!(make.anonymous);
    }

    #[test]
    fn a_body_has_an_example_that_ends() {
        let dialect = dialect("x", &document(), &mut BTreeSet::new());
        let body = dialect.groups[1].operations[0].body.clone().unwrap();
        assert_eq!(body.kind, "application/json");
        let value: Value = serde_json::from_str(&body.example).unwrap();
        assert_eq!(value["name"], "demo");
        assert_eq!(value["of"][0]["name"], "demo");
        assert!(value.get("more").is_none());
    }

    #[test]
    fn a_name_that_is_taken_is_told_with_its_dialect() {
        let mut taken = BTreeSet::new();
        let all =
            vec![dialect("codearts", &document(), &mut taken), dialect("native", &document(), &mut taken)];
        let address = |at: usize| all[at].groups[0].operations[0].address.clone();
        assert_eq!((address(0).as_str(), address(1).as_str()), ("Show", "native.Show"));
        assert_eq!(find(all.clone(), "Show").unwrap().dialect, "codearts");
        assert_eq!(find(all.clone(), "native.Show").unwrap().dialect, "native");
        assert_eq!(find(all.clone(), "codearts.Show").unwrap().dialect, "codearts");
        assert!(find(all, "Hide").is_none());
    }
}
