//! The body that an operation takes: fields where it is an object, and its text.

use super::Parameter;

/// More optional fields than these fold.
const FEW: usize = 8;

/// The body that an operation takes.
#[derive(Debug, Clone)]
pub struct Body {
    /// It must be given.
    pub required: bool,
    /// Its media type.
    pub kind: String,
    /// One that could be sent.
    pub example: String,
    /// The fields of an object, the required ones first; none where the body is something else.
    pub fields: Vec<Parameter>,
    /// The schema, for the script: JSON with nothing but what a value is checked by.
    pub schema: String,
    /// The body of the fields that the page's address fills in; none where it fills in none.
    pub given: Option<String>,
    /// The body of a sample: in braces what is required and not filled in.
    pub printed: String,
}

impl Body {
    pub(super) fn required_fields(&self) -> impl Iterator<Item = &Parameter> {
        self.fields.iter().filter(|field| field.required)
    }

    pub(super) fn optional_fields(&self) -> impl Iterator<Item = &Parameter> {
        self.fields.iter().filter(|field| !field.required)
    }

    pub(super) fn folds(&self) -> bool {
        self.optional_fields().count() > FEW
    }

    /// What is filled in is seen.
    pub(super) fn open(&self) -> bool {
        self.optional_fields().any(|field| !field.value.is_empty())
    }

    /// What the box for its text holds before there is a script.
    pub(super) fn text(&self) -> &str {
        self.given.as_deref().unwrap_or(&self.example)
    }

    /// Words of curl.
    pub(super) fn curl(&self) -> String {
        format!(" -H 'Content-Type: {}' --data-raw '{}'", self.kind, self.printed.replace('\'', "'\\''"))
    }
}
