//! The operations of the explorer, from the OpenAPI documents. They are made once for each process and
//! language.

use super::body::body;
use super::parameter::{parameter, text};
use crate::language::Language;
use crate::state::ApiDocuments;
use pages::explorer::{Dialect, Group, Operation, Parameter};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Operations that read credentials: their routes admit every signed-in user, but the actions require the
/// scope `full`.
const CREDENTIAL_READS: [&str; 3] = ["Keys", "Tokens", "SignatureFailures"];

/// The operations of each document, in a language.
pub fn dialects(documents: ApiDocuments, language: Language) -> &'static [Dialect] {
    static CHINESE: OnceLock<Vec<Dialect>> = OnceLock::new();
    static ENGLISH: OnceLock<Vec<Dialect>> = OnceLock::new();
    let dialects = match language {
        Language::Chinese => &CHINESE,
        Language::English => &ENGLISH,
    };
    dialects.get_or_init(|| {
        let mut ids = BTreeSet::new();
        let documents = documents(language).iter();
        documents.map(|document| dialect(document.name, &document.json, &mut ids)).collect()
    })
}

/// The operation with this address. The address `dialect.id` finds every operation.
pub fn find<'d>(dialects: &'d [Dialect], address: &str) -> Option<&'d Operation> {
    let all = dialects.iter().flat_map(|dialect| &dialect.groups).flat_map(|group| &group.operations);
    let qualified = |operation: &Operation| format!("{}.{}", operation.dialect, operation.id);
    all.into_iter().find(|operation| operation.address == address || qualified(operation) == address)
}

fn dialect(name: &str, document: &Value, ids: &mut BTreeSet<String>) -> Dialect {
    let mut groups: Vec<Group> = Vec::new();
    let tags = document["tags"].as_array().into_iter().flatten();
    let titles: Vec<(&str, &str)> = tags.map(|tag| (text(tag, "name"), text(tag, "description"))).collect();
    let mut operations: Vec<(usize, Operation)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, described) in methods.as_object().into_iter().flatten() {
            let tag = described["tags"][0].as_str().unwrap_or_default();
            let at = titles.iter().position(|(name, _)| *name == tag).unwrap_or(titles.len());
            operations.push((at, operation(name, document, path, method, described)));
        }
    }
    operations.sort_by_key(|(at, _)| *at);
    for (at, mut operation) in operations {
        if !ids.insert(operation.id.clone()) {
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

fn operation(dialect: &str, document: &Value, path: &str, method: &str, described: &Value) -> Operation {
    let id = text(described, "operationId").to_owned();
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let mut parameters: Vec<Parameter> = parameters.filter_map(parameter).collect();
    parameters.sort_by_key(|parameter| !parameter.required);
    let body = body(document, &described["requestBody"], &parameters);
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

/// Whether a call needs a token with the scope `full`.
fn needs_full(admits: &Value, id: &Value) -> bool {
    admits == "role manage"
        || admits.as_str().is_some_and(|admits| admits.starts_with("administrator"))
        || CREDENTIAL_READS.iter().any(|known| id == known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
                        { "name": "limit", "in": "query", "required": false,
                          "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20 } },
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
    fn operations_are_grouped_in_the_order_of_tags() {
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
    fn a_recursive_schema_has_a_finite_example() {
        let dialect = dialect("x", &document(), &mut BTreeSet::new());
        let body = dialect.groups[1].operations[0].body.clone().unwrap();
        assert_eq!(body.kind, "application/json");
        let value: Value = serde_json::from_str(&body.example).unwrap();
        assert_eq!(value["name"], "demo");
        assert_eq!(value["of"][0]["name"], "demo");
        assert!(value.get("more").is_none());
    }

    #[test]
    fn an_id_of_two_dialects_is_qualified() {
        let mut ids = BTreeSet::new();
        let all = vec![dialect("codearts", &document(), &mut ids), dialect("native", &document(), &mut ids)];
        let address = |at: usize| all[at].groups[0].operations[0].address.clone();
        assert_eq!((address(0).as_str(), address(1).as_str()), ("Show", "native.Show"));
        assert_eq!(find(&all, "Show").unwrap().dialect, "codearts");
        assert_eq!(find(&all, "native.Show").unwrap().dialect, "native");
        assert_eq!(find(&all, "codearts.Show").unwrap().dialect, "codearts");
        assert!(find(&all, "Hide").is_none());
    }
}
