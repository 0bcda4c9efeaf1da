//! Builds a document: the routes of its dialects, each with its description.

use super::fields::Fields;
use super::operation::{Group, MakeSchema, Operation};
use super::schemas::{Schemas, split};
use crate::dialect::{Dialect, OPERATIONS_NAME, Text};
use crate::language::Language;
use crate::routes::RouteInfo;
use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The error bodies of a dialect.
pub struct ErrorFormat {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// Distinguishes the names of its responses from those of the document's other dialects.
    pub suffix: &'static str,
    /// The media type.
    pub content_type: &'static str,
    /// The schema of the body.
    pub body: MakeSchema,
}

/// The description of a document. The first of its dialects gives its name, title and credentials.
pub struct Document {
    /// The last segment of its address: the name with `.json`.
    pub file: &'static str,
    /// A description in a few sentences.
    pub description: Text,
    /// The dialects in it.
    pub dialects: &'static [ErrorFormat],
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
    fn dialect(&self) -> &'static Dialect {
        self.dialects[0].dialect
    }

    /// Its name: that of its first dialect.
    pub fn name(&self) -> &'static str {
        self.dialect().name
    }

    /// Its title in a language.
    pub fn title(&self, language: Language) -> &'static str {
        let (chinese, english) = self.dialect().title;
        language.pick(chinese, english)
    }

    /// How the dialect of this name writes errors; `None`: the dialect is not in the document.
    fn error_format(&self, dialect: &str) -> Option<&'static ErrorFormat> {
        self.dialects.iter().find(|format| format.dialect.name == dialect)
    }

    /// Whether a route is in it.
    fn has(&self, route: &RouteInfo) -> bool {
        self.error_format(route.dialect).is_some()
    }

    /// The credentials of its operations, as in [`Builder::scheme`].
    fn credentials(&self) -> impl Iterator<Item = &'static str> {
        self.dialect().accepts.names()
    }

    /// Builds the document, without the address of the server.
    pub fn build(&self, routes: &[RouteInfo], language: Language) -> Value {
        let fields = Fields::of(self.name());
        let mut builder = Builder {
            document: self,
            fields,
            language,
            schemas: Schemas::new(fields, language),
            errors: BTreeSet::new(),
        };
        let groups = (self.groups)();
        let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for route in routes.iter().filter(|route| self.has(route)) {
            let operation = groups.iter().find_map(|group| {
                let is_of_route = |operation: &&Operation| operation.id == route.operation;
                group.operations.iter().find(is_of_route).map(|operation| (group.tag, operation))
            });
            // A route without a description is left out; a test fails then.
            if let Some((tag, operation)) = operation {
                let described = builder.operation(tag, operation, route);
                paths.entry(route.path).or_default().insert(route.method.to_lowercase(), described);
            }
        }
        let tags: Vec<Value> = groups
            .iter()
            .map(|group| json!({ "name": group.tag, "description": builder.text(group.text) }))
            .collect();
        let info = json!({
            "title": self.title(language),
            "version": env!("CARGO_PKG_VERSION"),
            "description": builder.text(self.description),
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
    errors: BTreeSet<(&'static str, u16)>,
}

impl Builder<'_> {
    fn text(&self, (zh, en): Text) -> &'static str {
        self.language.pick(zh, en)
    }

    fn operation(&mut self, tag: &str, operation: &Operation, route: &RouteInfo) -> Value {
        let mut responses = Map::new();
        for response in &operation.responses {
            let mut content = Map::new();
            for (kind, body) in &response.content {
                content.insert((*kind).to_owned(), json!({ "schema": self.schemas.of_content(body) }));
            }
            let mut headers = self.headers(response.headers);
            headers.insert("X-Request-Id".into(), json!({ "$ref": "#/components/headers/X-Request-Id" }));
            let reason = reason(response.status);
            let mut described = json!({ "description": reason, "headers": headers });
            if !content.is_empty() {
                described["content"] = content.into();
            }
            responses.insert(response.status.to_string(), described);
        }
        let parameters = self.parameters(operation, route);
        let format = self.document.error_format(route.dialect);
        for status in error_statuses(operation, route, !parameters.is_empty()) {
            let Some(format) = format else { continue };
            let name = error_name(format, status);
            self.errors.insert((route.dialect, status));
            responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
        let credentials = self.document.credentials().filter(|_| route.admits != "anybody");
        // An empty requirement: some clients need no credential.
        let optional = route.admits.ends_with("loopback").then(|| json!({}));
        let security: Vec<Value> =
            optional.into_iter().chain(credentials.map(|name| json!({ name: [] }))).collect();
        let mut described = json!({
            "operationId": operation.id,
            "tags": [tag],
            "summary": self.text(operation.summary),
            "description": self.text(operation.description),
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
        for (location, names) in [("query", operation.query), ("header", operation.headers)] {
            parameters.extend(
                split(names).map(|(name, required)| self.parameter(operation, location, name, required)),
            );
        }
        parameters
    }

    fn parameter(&self, operation: &Operation, location: &str, name: &str, required: bool) -> Value {
        let mut parameter = json!({ "name": name, "in": location, "required": required });
        if let Some(field) = self.fields.find(operation.id, name) {
            parameter["description"] = self.text(field.text).into();
            let mut schema = field.shape.schema();
            if location == "path" && schema["type"] == "string" && schema.get("minLength").is_none() {
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
            json!({ "description": field.map(|field| self.text(field.text)), "schema": schema })
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
        for (dialect, status) in std::mem::take(&mut self.errors) {
            let Some(format) = self.document.error_format(dialect) else { continue };
            let mut headers = Map::from_iter([(
                "X-Request-Id".into(),
                json!({ "$ref": "#/components/headers/X-Request-Id" }),
            )]);
            if status == 503 {
                headers.extend(self.headers("Retry-After!"));
            }
            let schema = self.schemas.of(format.body);
            let response = json!({
                "description": reason(status),
                "headers": headers,
                "content": { format.content_type: { "schema": schema } },
            });
            responses.insert(error_name(format, status), response);
        }
        let headers = self.headers("X-Request-Id!");
        let schemes: Map<String, Value> =
            self.document.credentials().map(|name| (name.to_owned(), self.scheme(name))).collect();
        json!({
            "schemas": self.schemas.components(),
            "responses": responses,
            "headers": headers,
            "securitySchemes": schemes,
        })
    }

    /// The security scheme of a credential.
    fn scheme(&self, name: &str) -> Value {
        let description = self.fields.find("", name).map(|field| self.text(field.text));
        let key = |location: &str, name: &str| {
            let description = &description;
            json!({ "type": "apiKey", "in": location, "name": name, "description": description })
        };
        match name {
            "Bearer" => json!({ "type": "http", "scheme": "bearer", "description": description }),
            "Basic" => json!({ "type": "http", "scheme": "basic", "description": description }),
            "Signature" => key("header", "Authorization"),
            "private_token" | "token" => key("query", name),
            header => key("header", header),
        }
    }
}

fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

/// The name of the response of an error in the components.
fn error_name(format: &ErrorFormat, status: u16) -> String {
    let reason: String = reason(status).split(' ').collect();
    format!("{reason}{}", format.suffix)
}

/// The error statuses of an operation: those of its route's requirement, of its body and parameters, and
/// those that it lists itself.
fn error_statuses(operation: &Operation, route: &RouteInfo, has_parameters: bool) -> BTreeSet<u16> {
    let mut all: BTreeSet<u16> = operation.errors.iter().copied().collect();
    match route.admits {
        "anybody" => {}
        "signed in" => all.extend([401, 400, 500, 503]),
        admits if admits.starts_with("administrator") => all.extend([401, 400, 403, 500, 503]),
        _ => all.extend([401, 400, 403, 404, 500, 503]),
    }
    // The settings may limit the rate of every client.
    if route.dialect != OPERATIONS_NAME {
        all.insert(429);
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
