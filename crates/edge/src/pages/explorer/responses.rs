//! The responses of an operation as its page describes them, from the OpenAPI document. They are made for each
//! page, because the lists of operations do not need them.

use super::parameter::text;
use super::schema::{DEPTH, example, required_members, resolved};
use crate::catalogue::ALL;
use crate::state::ApiDocument;
use pages::explorer::{ErrorStatus, KnownError, Operation, Response, ResponseField};
use pages::messages::Text;
use serde_json::Value;

/// Greatest depth of the fields that are listed.
const FIELDS_DEPTH: u8 = 4;
/// Greatest number of fields that are listed for a response.
const FIELDS_MAX: usize = 150;

/// The responses of an operation: its results and its errors.
pub fn responses(documents: &[ApiDocument], operation: &Operation) -> (Vec<Response>, Vec<ErrorStatus>) {
    let Some(document) = documents.iter().find(|document| document.name == operation.dialect) else {
        return (Vec::new(), Vec::new());
    };
    let document = &document.json;
    let described = &document["paths"][&operation.path][operation.method.to_lowercase()]["responses"];
    let described = described.as_object().into_iter().flatten();
    let (errors, results): (Vec<_>, Vec<_>) =
        described.partition(|(status, _)| status.starts_with(['4', '5']));
    let results = results.into_iter().map(|(status, described)| response(document, status, described));
    let errors = errors.into_iter().map(|(status, described)| ErrorStatus {
        status: status.clone(),
        reason: text(resolved(document, described), "description").to_owned(),
        errors: known_errors(status),
    });
    (results.collect(), errors.collect())
}

/// The errors of the catalogue with a status.
fn known_errors(status: &str) -> Vec<KnownError> {
    ALL.iter().filter(|entry| entry.status.to_string() == status).map(known_error).collect()
}

/// An entry of the catalogue for the page.
pub fn known_error(entry: &crate::catalogue::Entry) -> KnownError {
    KnownError {
        code: entry.code,
        text: Text::new(entry.zh, entry.en),
        advice: Text::new(entry.advice_zh, entry.advice_en),
    }
}

fn response(document: &Value, status: &str, described: &Value) -> Response {
    let described = resolved(document, described);
    let content = described["content"].as_object().and_then(|content| content.iter().next());
    let mut response = Response {
        status: status.to_owned(),
        reason: text(described, "description").to_owned(),
        kind: content.map(|(kind, _)| kind.clone()).unwrap_or_default(),
        fields: Vec::new(),
        more: false,
        example: String::new(),
    };
    if let Some((_, body)) = content.filter(|(kind, _)| kind.ends_with("json")) {
        let schema = &body["schema"];
        fields(document, schema, "", FIELDS_DEPTH, &mut response.fields);
        response.more = response.fields.len() > FIELDS_MAX;
        response.fields.truncate(FIELDS_MAX);
        response.example =
            serde_json::to_string_pretty(&example(document, schema, DEPTH)).unwrap_or_default();
    }
    response
}

/// Adds the fields of a schema below a path.
fn fields(document: &Value, schema: &Value, path: &str, depth: u8, all: &mut Vec<ResponseField>) {
    let schema = resolved(document, schema);
    for branch in ["allOf", "anyOf", "oneOf"].iter().flat_map(|name| schema[*name].as_array()).flatten() {
        fields(document, branch, path, depth, all);
    }
    if schema["items"].is_object() {
        return fields(document, &schema["items"], &format!("{path}[]"), depth, all);
    }
    let required = required_members(schema);
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        // Branches may repeat a field. Schemas may be recursive.
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if all.len() > FIELDS_MAX || all.iter().any(|field| field.path == path) {
            continue;
        }
        let target = resolved(document, inner);
        let description = [inner, target].map(|schema| text(schema, "description"));
        let description = description.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        all.push(ResponseField {
            path: path.clone(),
            kind: kind(document, inner),
            required: required.contains(&name.as_str()),
            description: description.replace('`', ""),
        });
        if depth > 0 {
            fields(document, inner, &path, depth - 1, all);
        }
    }
}

/// The JSON types of a schema.
fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    let mut kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind],
        _ => Vec::new(),
    };
    for branch in ["anyOf", "oneOf"].iter().flat_map(|name| schema[*name].as_array()).flatten() {
        kinds.extend(resolved(document, branch)["type"].as_str());
    }
    kinds.dedup();
    kinds.join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_fields_have_paths_and_a_recursive_schema_ends() {
        let document = json!({ "components": { "schemas": { "Node": {
            "type": "object", "required": ["name"],
            "properties": {
                "name": { "type": "string", "description": "The `name`." },
                "end": { "type": ["integer", "null"] },
                "nodes": { "type": "array", "items": { "$ref": "#/components/schemas/Node" } },
            },
        } } } });
        let schema = json!({ "$ref": "#/components/schemas/Node" });
        let mut found = Vec::new();
        fields(&document, &schema, "", 1, &mut found);
        let field = |path: &str, kind: &str, required, description: &str| ResponseField {
            path: path.into(),
            kind: kind.into(),
            required,
            description: description.into(),
        };
        let want = [
            field("end", "integer | null", false, ""),
            field("name", "string", true, "The name."),
            field("nodes", "array", false, ""),
            field("nodes[].end", "integer | null", false, ""),
            field("nodes[].name", "string", true, "The name."),
            field("nodes[].nodes", "array", false, ""),
        ];
        found.sort_by(|one, other| one.path.cmp(&other.path));
        assert_eq!(found, want);
    }
}
