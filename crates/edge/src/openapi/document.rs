//! Puts a document together: the routes of its dialects, each with its description.

use super::fields::{Fields, Text};
use super::operation::{Group, Make, Operation};
use super::schemas::{Schemas, split};
use crate::language::Language;
use crate::routes::RouteInfo;
use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How a dialect says no.
#[derive(Debug)]
pub struct Refusals {
    /// The dialect, as the routes call it.
    pub dialect: &'static str,
    /// The media type.
    pub content_type: &'static str,
    /// The body.
    pub body: Make,
}

/// What a document is about.
pub struct Document {
    /// Its name: `/openapi/NAME.json`.
    pub name: &'static str,
    /// Its title.
    pub title: Text,
    /// In a few sentences.
    pub description: Text,
    /// The dialects in it.
    pub dialects: &'static [Refusals],
    /// Names of credentials, as in [`security_schemes`].
    pub credentials: &'static [&'static str],
    /// Its operations.
    pub groups: fn() -> Vec<Group>,
}

/// The schema of `A` or `B`.
pub fn either<A: JsonSchema, B: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "anyOf": [generator.subschema_for::<A>(), generator.subschema_for::<B>()] })
}

/// The schema of `A`.
pub fn only<A: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<A>()
}

impl Document {
    /// Whether a route is in it.
    pub fn has(&self, route: &RouteInfo) -> bool {
        self.dialects.iter().any(|refusals| refusals.dialect == route.dialect)
    }

    /// The document. Where it is served is not in it yet.
    pub fn build(&self, routes: &[RouteInfo], language: Language) -> Value {
        let fields = Fields::of(self.name);
        let mut builder = Builder {
            document: self,
            fields,
            language,
            schemas: Schemas::new(fields, language),
            refused: BTreeSet::new(),
        };
        let groups = (self.groups)();
        let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for route in routes.iter().filter(|route| self.has(route)) {
            let found = groups.iter().find_map(|group| {
                let of_route = |operation: &&Operation| operation.id == route.operation;
                group.operations.iter().find(of_route).map(|operation| (group.tag, operation))
            });
            // A route that nobody has described is missing, which a test says.
            if let Some((tag, operation)) = found {
                let described = builder.operation(tag, operation, route);
                paths.entry(route.path).or_default().insert(route.method.to_lowercase(), described);
            }
        }
        let tags: Vec<Value> = groups
            .iter()
            .map(|group| json!({ "name": group.tag, "description": builder.say(group.text) }))
            .collect();
        let info = json!({
            "title": builder.say(self.title),
            "version": env!("CARGO_PKG_VERSION"),
            "description": builder.say(self.description),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        });
        json!({
            "openapi": "3.1.0",
            "info": info,
            "servers": [],
            "tags": tags,
            "paths": paths,
            "components": builder.components(),
        })
    }
}

struct Builder<'a> {
    document: &'a Document,
    fields: Fields,
    language: Language,
    schemas: Schemas,
    refused: BTreeSet<(&'static str, u16)>,
}

impl Builder<'_> {
    fn say(&self, (zh, en): Text) -> &'static str {
        self.language.pick(zh, en)
    }

    fn operation(&mut self, tag: &str, operation: &Operation, route: &RouteInfo) -> Value {
        let mut responses = Map::new();
        for answer in &operation.responses {
            let mut content = Map::new();
            for (kind, body) in &answer.content {
                content.insert((*kind).to_owned(), json!({ "schema": self.schemas.of_content(body) }));
            }
            let mut headers = self.headers(answer.headers);
            headers.insert("X-Request-Id".into(), json!({ "$ref": "#/components/headers/X-Request-Id" }));
            let reason = reason(answer.status);
            let mut response = json!({ "description": reason, "headers": headers });
            if !content.is_empty() {
                response["content"] = content.into();
            }
            responses.insert(answer.status.to_string(), response);
        }
        let parameters = self.parameters(operation, route);
        for status in refusals(operation, route, !parameters.is_empty()) {
            let name = refusal_name(route.dialect, status);
            self.refused.insert((route.dialect, status));
            responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
        let credentials = if route.admits == "anybody" { &[] } else { self.document.credentials };
        let security: Vec<Value> = credentials.iter().map(|name| json!({ *name: [] })).collect();
        let mut described = json!({
            "operationId": operation.id,
            "tags": [tag],
            "summary": self.say(operation.summary),
            "description": self.say(operation.description),
            "parameters": parameters,
            "responses": responses,
            "security": security,
            "x-stagepost-admits": route.admits,
        });
        if let Some(body) = &operation.body {
            let mut content = Map::new();
            for (kind, body) in &body.content {
                content.insert((*kind).to_owned(), json!({ "schema": self.schemas.of_content(body) }));
            }
            described["requestBody"] = json!({ "required": body.required, "content": content });
        }
        described
    }

    fn parameters(&self, operation: &Operation, route: &RouteInfo) -> Vec<Value> {
        let segments = route.path.split('/');
        let in_path = segments.filter_map(|part| Some((part.strip_prefix('{')?.strip_suffix('}')?, true)));
        let mut parameters: Vec<Value> =
            in_path.map(|(name, required)| self.parameter(operation, "path", name, required)).collect();
        for (place, names) in [("query", operation.query), ("header", operation.headers)] {
            parameters.extend(
                split(names).map(|(name, required)| self.parameter(operation, place, name, required)),
            );
        }
        parameters
    }

    fn parameter(&self, operation: &Operation, place: &str, name: &str, required: bool) -> Value {
        let mut parameter = json!({ "name": name, "in": place, "required": required });
        if let Some(field) = self.fields.find(operation.id, name) {
            parameter["description"] = self.say(field.text).into();
            let mut schema = field.shape.schema();
            if place == "path" && schema["type"] == "string" && schema.get("minLength").is_none() {
                schema["minLength"] = 1.into();
            }
            parameter["schema"] = schema;
            if let Some(example) = field.shape.example_value() {
                parameter["example"] = example;
            }
        }
        parameter
    }

    fn headers(&self, names: &'static str) -> Map<String, Value> {
        let header = |name: &str| {
            let field = self.fields.find("", name);
            let schema = field.map(|field| field.shape.schema());
            json!({ "description": field.map(|field| self.say(field.text)), "schema": schema })
        };
        split(names)
            .map(|(name, required)| {
                let mut header = header(name);
                header["required"] = required.into();
                (name.to_owned(), header)
            })
            .collect()
    }

    fn components(mut self) -> Value {
        let mut responses = Map::new();
        for (dialect, status) in std::mem::take(&mut self.refused) {
            let Some(refusals) = self.document.dialects.iter().find(|refusals| refusals.dialect == dialect)
            else {
                continue;
            };
            let mut headers = Map::from_iter([(
                "X-Request-Id".into(),
                json!({ "$ref": "#/components/headers/X-Request-Id" }),
            )]);
            if status == 503 {
                headers.extend(self.headers("Retry-After!"));
            }
            let schema = self.schemas.of(refusals.body);
            let response = json!({
                "description": reason(status),
                "headers": headers,
                "content": { refusals.content_type: { "schema": schema } },
            });
            responses.insert(refusal_name(dialect, status), response);
        }
        let headers = self.headers("X-Request-Id!");
        let schemes: Map<String, Value> =
            self.document.credentials.iter().map(|name| ((*name).to_owned(), self.scheme(name))).collect();
        json!({
            "schemas": self.schemas.components(),
            "responses": responses,
            "headers": headers,
            "securitySchemes": schemes,
        })
    }

    /// A credential.
    fn scheme(&self, name: &str) -> Value {
        let description = self.fields.find("", name).map(|field| self.say(field.text));
        let key = |place: &str, name: &str| json!({ "type": "apiKey", "in": place, "name": name, "description": description });
        match name {
            "Bearer" => json!({ "type": "http", "scheme": "bearer", "description": description }),
            "Signature" => key("header", "Authorization"),
            "private_token" => key("query", name),
            header => key("header", header),
        }
    }
}

fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

fn refusal_name(dialect: &str, status: u16) -> String {
    let words: String = reason(status).split(' ').collect();
    if dialect == "codearts-v2" { format!("{words}V2") } else { words }
}

/// What an operation may refuse with: by what its route asks of its caller, by what it takes, and what it says itself.
fn refusals(operation: &Operation, route: &RouteInfo, has_parameters: bool) -> BTreeSet<u16> {
    let mut all: BTreeSet<u16> = operation.refusals.iter().copied().collect();
    match route.admits {
        "anybody" => {}
        "signed in" => all.extend([401, 400, 500, 503]),
        "administrator" => all.extend([401, 400, 403, 500, 503]),
        _ => all.extend([401, 400, 403, 404, 500, 503]),
    }
    if operation.body.is_some() {
        all.extend([400, 413, 500, 503]);
    }
    if has_parameters && route.admits != "anybody" {
        all.insert(400);
    }
    if operation.headers.contains("Idempotency-Key") {
        all.insert(422);
    }
    all
}
