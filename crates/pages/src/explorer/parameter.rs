//! The fields of a form: parameters of an operation, and fields of its request body.

use crate::Frame;
use crate::messages::{Text, explorer as msg};

/// The place of a parameter in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// A field of the request body.
    Body,
}

impl ParameterLocation {
    /// The value of `in` in OpenAPI; `body` for a field of the request body.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
        }
    }

    const fn text(self) -> Text {
        match self {
            Self::Path => msg::IN_PATH,
            Self::Query => msg::IN_QUERY,
            Self::Header => msg::IN_HEADER,
            Self::Body => msg::IN_BODY,
        }
    }
}

/// A parameter of an operation, or a field of its request body.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// Its place in the request.
    pub location: ParameterLocation,
    /// The JSON type. `array` is entered as comma-separated values, `object` as JSON.
    pub kind: String,
    /// The type of the values of an array, if it is not a query parameter.
    pub items: Option<String>,
    /// Whether a value is required.
    pub required: bool,
    /// The allowed values of an enumeration; empty for other types.
    pub allowed_values: Vec<String>,
    /// The minimum value, or the minimum length of a string.
    pub minimum: Option<i64>,
    /// The maximum value, or the maximum length of a string.
    pub maximum: Option<i64>,
    /// The regular expression that a string has to match.
    pub pattern: Option<String>,
    /// The `format` of JSON Schema.
    pub format: Option<String>,
    /// The default value.
    pub default: Option<String>,
    /// An example value.
    pub example: Option<String>,
    /// The description in the language of the page.
    pub description: String,
    /// Whether the address of the page may contain the value: it is not a secret, and the name is unique.
    pub in_page_address: bool,
    /// The value in the form, from the address of the page.
    pub value: String,
}

impl Parameter {
    pub(super) fn id(&self) -> String {
        let prefix = if self.location == ParameterLocation::Body { "b" } else { "p" };
        format!("{prefix}-{}", self.name)
    }

    /// The attribute `inputmode`: integers get a numeric keyboard on phones.
    pub(super) fn inputmode(&self) -> &'static str {
        if self.kind == "integer" { "numeric" } else { "text" }
    }

    /// Whether the value is the id of a repository, which the page offers by paths.
    pub(super) fn is_repository(&self) -> bool {
        self.kind == "integer" && matches!(self.name.as_str(), "repository_id" | "repository")
    }

    /// Whether the value is entered as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.kind == "object"
    }

    pub(super) fn options(&self) -> Vec<&str> {
        if self.kind == "boolean" {
            vec!["true", "false"]
        } else if self.kind == "array" {
            Vec::new()
        } else {
            self.allowed_values.iter().map(String::as_str).collect()
        }
    }

    fn type_text(&self, frame: &Frame) -> String {
        match &self.items {
            Some(items) => frame.format(msg::LIST_OF, items),
            None if self.is_json() => "JSON".to_owned(),
            None => self.kind.clone(),
        }
    }

    /// Type, location, range and default value in one line.
    pub(super) fn limits(&self, frame: &Frame) -> String {
        let mut parts = vec![self.type_text(frame), frame.text(self.location.text()).to_owned()];
        let range = if self.kind == "string" { msg::LENGTH } else { msg::RANGE };
        match (self.minimum, self.maximum) {
            (Some(min), Some(max)) => parts.push(frame.format2(range, min, max)),
            (Some(min), None) => parts.push(frame.format(msg::AT_LEAST, min)),
            (None, Some(max)) => parts.push(frame.format(msg::AT_MOST, max)),
            (None, None) => {}
        }
        // A select box shows the allowed values itself.
        if self.kind == "array" && !self.allowed_values.is_empty() {
            parts.push(self.allowed_values.join(" / "));
        }
        if let Some(default) = &self.default {
            parts.push(frame.format(msg::DEFAULT, default));
        }
        parts.join(" · ")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::layout::tests::frame;

    pub fn parameter(name: &str, value: &str) -> Parameter {
        Parameter {
            name: name.into(),
            location: if name == "limit" { ParameterLocation::Query } else { ParameterLocation::Path },
            kind: "integer".into(),
            items: None,
            required: name != "limit",
            allowed_values: Vec::new(),
            minimum: Some(1),
            maximum: Some(100),
            pattern: None,
            format: None,
            default: Some("20".into()),
            example: None,
            description: "<b>so many</b>".into(),
            in_page_address: true,
            value: value.into(),
        }
    }

    #[test]
    fn a_field_shows_type_range_and_default() {
        let frame = frame();
        let field = Parameter { location: ParameterLocation::Body, ..parameter("x", "") };
        assert_eq!(field.limits(&frame), "integer · body · 1 to 100 · default 20");
        let field = Parameter {
            kind: "array".into(),
            items: Some("string".into()),
            default: None,
            allowed_values: vec!["job".into(), "pipeline".into()],
            minimum: None,
            maximum: None,
            required: false,
            ..field
        };
        assert_eq!(field.limits(&frame), "string, comma-separated · body · job / pipeline");
        assert!(field.options().is_empty());
        assert_eq!((field.id().as_str(), parameter("x", "").id().as_str()), ("b-x", "p-x"));
    }
}
