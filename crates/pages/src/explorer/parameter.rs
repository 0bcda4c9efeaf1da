//! What a form asks for: a parameter of an operation, or a field of its body.

use crate::Frame;
use crate::messages::{Text, explorer as w};

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// A header.
    Header,
    /// A field of the body.
    Body,
}

impl ParameterLocation {
    /// The word of OpenAPI, which has none for a field of the body.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
        }
    }

    const fn text(self) -> Text {
        match self {
            Self::Path => w::IN_PATH,
            Self::Query => w::IN_QUERY,
            Self::Header => w::IN_HEADER,
            Self::Body => w::IN_BODY,
        }
    }
}

/// A parameter of an operation, or a field of its body.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// Where it stands.
    pub location: ParameterLocation,
    /// JSON's word for its type; `array` for several values with commas between them, `object` for what is typed as JSON.
    pub kind: String,
    /// The type of an array's values, where they need not be texts.
    pub items: Option<String>,
    /// It must be given.
    pub required: bool,
    /// The values it may have, where they are few.
    pub allowed_values: Vec<String>,
    /// Least and greatest value, or length of a text.
    pub minimum: Option<i64>,
    /// The greatest.
    pub maximum: Option<i64>,
    /// What it looks like, as a regular expression.
    pub pattern: Option<String>,
    /// JSON Schema's name of what it looks like.
    pub format: Option<String>,
    /// What it is where it is not given.
    pub default: Option<String>,
    /// One it could be.
    pub example: Option<String>,
    /// What it means, in the reader's language.
    pub description: String,
    /// Its value may be in the address of the page: it is no secret, and no other has its name there.
    pub linked: bool,
    /// What the form holds: from the address of this page.
    pub value: String,
}

impl Parameter {
    pub(super) fn id(&self) -> String {
        let prefix = if self.location == ParameterLocation::Body { "b" } else { "p" };
        format!("{prefix}-{}", self.name)
    }

    /// Integers have a keyboard of digits on a phone.
    pub(super) fn inputmode(&self) -> &'static str {
        if self.kind == "integer" { "numeric" } else { "text" }
    }

    /// Typed as JSON.
    pub(super) fn nested(&self) -> bool {
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

    fn kind_said(&self, frame: &Frame) -> String {
        match &self.items {
            Some(items) => frame.fill(w::LIST_OF, items),
            None if self.nested() => "JSON".to_owned(),
            None => self.kind.clone(),
        }
    }

    /// Type, range and default in one line.
    pub(super) fn limits(&self, frame: &Frame) -> String {
        let mut parts = vec![self.kind_said(frame), frame.say(self.location.text()).to_owned()];
        let text = self.kind == "string";
        let range = if text { w::LENGTH } else { w::RANGE };
        match (self.minimum, self.maximum) {
            (Some(least), Some(most)) => parts.push(frame.fill2(range, least, most)),
            (Some(least), None) => parts.push(frame.fill(w::FROM, least)),
            (None, Some(most)) => parts.push(frame.fill(w::UP_TO, most)),
            (None, None) => {}
        }
        // A choice shows them by itself.
        if self.kind == "array" && !self.allowed_values.is_empty() {
            parts.push(self.allowed_values.join(" / "));
        }
        if let Some(default) = &self.default {
            parts.push(frame.fill(w::DEFAULT, default));
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
            linked: true,
            value: value.into(),
        }
    }

    #[test]
    fn a_field_says_its_type_range_and_default() {
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
        assert_eq!(field.limits(&frame), "string, several with commas between · body · job / pipeline");
        assert!(field.options().is_empty());
        assert_eq!((field.id().as_str(), parameter("x", "").id().as_str()), ("b-x", "p-x"));
    }
}
