//! How an operation is described. Method, path and who passes are not said here: the route has them.

use crate::dialect::Text;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes the schema of a type.
pub type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

/// JSON.
pub const JSON: &str = "application/json";
/// JSON values, a line each.
pub const NDJSON: &str = "application/x-ndjson";

/// What a body is.
#[derive(Debug, Clone)]
pub enum Content {
    /// JSON of a type.
    Json(MakeSchema),
    /// Lines, each JSON of a type.
    Lines(MakeSchema),
    /// The parameters of these names.
    Form(&'static str),
    /// Text.
    Text,
}

/// An answer that is no refusal.
#[derive(Debug)]
pub struct ResponseDoc {
    /// Its status.
    pub status: u16,
    /// Its headers, beside those of every answer.
    pub headers: &'static str,
    /// By media type; none: it has no body.
    pub content: Vec<(&'static str, Content)>,
}

/// What a request carries.
#[derive(Debug, Default)]
pub struct Body {
    /// It must.
    pub required: bool,
    /// By media type.
    pub content: Vec<(&'static str, Content)>,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name in the table of routes.
    pub id: &'static str,
    /// In a line.
    pub summary: Text,
    /// In a few sentences.
    pub description: Text,
    /// Names of its query parameters; `!` behind one: it is required.
    pub query: &'static str,
    /// Names of the headers it reads.
    pub headers: &'static str,
    /// Its body.
    pub body: Option<Body>,
    /// What it answers when all is well.
    pub responses: Vec<ResponseDoc>,
    /// Statuses of errors, beside those that follow from what the route asks of its caller.
    pub errors: &'static [u16],
}

/// Operations on one thing.
#[derive(Debug)]
pub struct Group {
    /// The thing.
    pub tag: &'static str,
    /// What it is.
    pub text: Text,
    /// The operations.
    pub operations: Vec<Operation>,
}

/// Operations on one thing.
pub fn group(tag: &'static str, zh: &'static str, en: &'static str, operations: Vec<Operation>) -> Group {
    Group { tag, text: (zh, en), operations }
}

/// An operation that has nothing yet but a name and words.
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
    /// Query parameters.
    pub fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    /// Headers that it reads.
    pub fn headers(self, headers: &'static str) -> Self {
        Self { headers, ..self }
    }

    /// A JSON body.
    pub fn takes<T: JsonSchema>(self) -> Self {
        self.also_takes(JSON, Content::Json(schema::<T>))
    }

    /// A JSON body that may be left out.
    pub fn may_take<T: JsonSchema>(self) -> Self {
        let mut this = self.takes::<T>();
        this.body = this.body.map(|body| Body { required: false, ..body });
        this
    }

    /// NDJSON.
    pub fn takes_lines<T: JsonSchema>(self) -> Self {
        self.also_takes(NDJSON, Content::Lines(schema::<T>))
    }

    /// The same body in another form.
    pub fn also_takes(mut self, kind: &'static str, content: Content) -> Self {
        let body = self.body.get_or_insert_default();
        body.required = true;
        body.content.push((kind, content));
        self
    }

    /// An answer of JSON.
    pub fn gives<T: JsonSchema>(self, status: u16) -> Self {
        self.response(status, vec![(JSON, Content::Json(schema::<T>))])
    }

    /// An answer of JSON that no one type tells.
    pub fn gives_made(self, status: u16, make: MakeSchema) -> Self {
        self.response(status, vec![(JSON, Content::Json(make))])
    }

    /// An answer of NDJSON, or of it too.
    pub fn gives_lines<T: JsonSchema>(mut self, status: u16) -> Self {
        let lines = (NDJSON, Content::Lines(schema::<T>));
        match self.responses.last_mut().filter(|last| last.status == status) {
            Some(last) => last.content.push(lines),
            None => return self.response(status, vec![lines]),
        }
        self
    }

    /// An answer of text.
    pub fn gives_text(self, status: u16, kind: &'static str) -> Self {
        self.response(status, vec![(kind, Content::Text)])
    }

    /// An answer without a body.
    pub fn gives_nothing(self, status: u16) -> Self {
        self.response(status, Vec::new())
    }

    /// Headers of the last answer.
    pub fn with(mut self, headers: &'static str) -> Self {
        if let Some(last) = self.responses.last_mut() {
            last.headers = headers;
        }
        self
    }

    /// Statuses of further errors.
    pub fn errors_with(self, errors: &'static [u16]) -> Self {
        Self { errors, ..self }
    }

    fn response(mut self, status: u16, content: Vec<(&'static str, Content)>) -> Self {
        self.responses.push(ResponseDoc { status, headers: "", content });
        self
    }
}
