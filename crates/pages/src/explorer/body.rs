//! The request body of an operation: its fields if it is an object, and its text.

use super::Parameter;

/// Maximum number of optional fields that are not collapsed.
const UNFOLDED_FIELDS_MAX: usize = 8;

/// The request body of an operation.
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether a body is required.
    pub required: bool,
    /// The media type.
    pub kind: String,
    /// An example.
    pub example: String,
    /// The fields, required ones first; empty if the body is not an object.
    pub fields: Vec<Parameter>,
    /// The JSON schema for the script, with only the keywords that it validates.
    pub schema: String,
    /// The body with the field values from the address of the page; `None` without such values.
    pub prefilled: Option<String>,
    /// The body of the samples. Required fields without a value have their name in braces as a placeholder.
    pub sample: String,
}

impl Body {
    pub(super) fn required_fields(&self) -> impl Iterator<Item = &Parameter> {
        self.fields.iter().filter(|field| field.required)
    }

    pub(super) fn optional_fields(&self) -> impl Iterator<Item = &Parameter> {
        self.fields.iter().filter(|field| !field.required)
    }

    pub(super) fn is_collapsible(&self) -> bool {
        self.optional_fields().count() > UNFOLDED_FIELDS_MAX
    }

    /// Whether collapsed fields are shown open, because one has a value.
    pub(super) fn is_open(&self) -> bool {
        self.optional_fields().any(|field| !field.value.is_empty())
    }

    /// The initial text of the text area.
    pub(super) fn text(&self) -> &str {
        self.prefilled.as_deref().unwrap_or(&self.example)
    }

    /// The options of the curl command.
    pub(super) fn curl(&self) -> String {
        format!(" -H 'Content-Type: {}' --data-raw '{}'", self.kind, self.sample.replace('\'', "'\\''"))
    }
}
