//! The description of an operation. Its method, path and requirement come from the table of routes.

use crate::dialect::Text;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Generates the schema of a type.
pub type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

/// JSON.
pub const JSON: &str = "application/json";
/// JSON values, one for each line.
pub const NDJSON: &str = "application/x-ndjson";

/// The content of a body.
#[derive(Debug, Clone)]
pub enum Content {
    /// JSON of a type.
    Json(MakeSchema),
    /// Lines of JSON of a type.
    Lines(MakeSchema),
    /// The parameters with these names.
    Form(&'static str),
    /// Text.
    Text,
}

/// A response other than an error.
#[derive(Debug)]
pub struct ResponseDoc {
    /// Its status.
    pub status: u16,
    /// Its headers, beside those of every response.
    pub headers: &'static str,
    /// The content by media type; empty: no body.
    pub content: Vec<(&'static str, Content)>,
}

/// The body of a request.
#[derive(Debug, Default)]
pub struct Body {
    /// Whether it is required.
    pub required: bool,
    /// The content by media type.
    pub content: Vec<(&'static str, Content)>,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name in the table of routes.
    pub id: &'static str,
    /// A summary in one line.
    pub summary: Text,
    /// A description in a few sentences.
    pub description: Text,
    /// Names of its query parameters, separated by spaces. A `!` after a name marks a required one.
    pub query: &'static str,
    /// Names of the headers that it reads, as the query parameters.
    pub headers: &'static str,
    /// Its body.
    pub body: Option<Body>,
    /// Its responses other than errors.
    pub responses: Vec<ResponseDoc>,
    /// Error statuses, beside those that follow from the requirement of the route.
    pub errors: &'static [u16],
}

/// The operations of one tag.
#[derive(Debug)]
pub struct Group {
    /// The tag.
    pub tag: &'static str,
    /// The description of the tag.
    pub text: Text,
    /// The operations.
    pub operations: Vec<Operation>,
}

/// A group of operations.
pub fn group(tag: &'static str, zh: &'static str, en: &'static str, operations: Vec<Operation>) -> Group {
    Group { tag, text: (zh, en), operations }
}

/// An operation with only a name and texts.
pub fn operation(id: &'static str, summary: Text, description: Text) -> Operation {
    Operation {
        id,
        summary,
        description,
        query: "",
        headers: "",
        body: None,
        responses: Vec::new(),
        errors: &[],
    }
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Operation {
    /// Sets the query parameters.
    pub fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    /// Sets the headers that it reads.
    pub fn headers(self, headers: &'static str) -> Self {
        Self { headers, ..self }
    }

    /// Takes a JSON body.
    pub fn takes<T: JsonSchema>(self) -> Self {
        self.also_takes(JSON, Content::Json(schema::<T>))
    }

    /// Takes an optional JSON body.
    pub fn may_take<T: JsonSchema>(self) -> Self {
        let mut this = self.takes::<T>();
        this.body = this.body.map(|body| Body { required: false, ..body });
        this
    }

    /// Takes NDJSON.
    pub fn takes_lines<T: JsonSchema>(self) -> Self {
        self.also_takes(NDJSON, Content::Lines(schema::<T>))
    }

    /// Takes the body in another media type too.
    pub fn also_takes(mut self, kind: &'static str, content: Content) -> Self {
        let body = self.body.get_or_insert_default();
        body.required = true;
        body.content.push((kind, content));
        self
    }

    /// Returns JSON.
    pub fn returns<T: JsonSchema>(self, status: u16) -> Self {
        self.response(status, vec![(JSON, Content::Json(schema::<T>))])
    }

    /// Returns JSON with a generated schema.
    pub fn returns_schema(self, status: u16, make: MakeSchema) -> Self {
        self.response(status, vec![(JSON, Content::Json(make))])
    }

    /// Returns NDJSON, also beside JSON.
    pub fn returns_lines<T: JsonSchema>(mut self, status: u16) -> Self {
        let lines = (NDJSON, Content::Lines(schema::<T>));
        match self.responses.last_mut().filter(|last| last.status == status) {
            Some(last) => last.content.push(lines),
            None => return self.response(status, vec![lines]),
        }
        self
    }

    /// Returns text.
    pub fn returns_text(self, status: u16, kind: &'static str) -> Self {
        self.response(status, vec![(kind, Content::Text)])
    }

    /// Returns no body.
    pub fn returns_nothing(self, status: u16) -> Self {
        self.response(status, Vec::new())
    }

    /// Sets the headers of the last response.
    pub fn with_headers(mut self, headers: &'static str) -> Self {
        if let Some(last) = self.responses.last_mut() {
            last.headers = headers;
        }
        self
    }

    /// Sets further error statuses.
    pub fn errors_with(self, errors: &'static [u16]) -> Self {
        Self { errors, ..self }
    }

    fn response(mut self, status: u16, content: Vec<(&'static str, Content)>) -> Self {
        self.responses.push(ResponseDoc { status, headers: "", content });
        self
    }
}
