//! The limits of a field's values beyond its type, for parameters and bodies.

use domain::model::ids::MAX_ID;
use domain::model::text;
use serde_json::{Map, Value, json};

/// The limits of a value. An empty one does not apply.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shape {
    /// The JSON type; for parameters only.
    kind: &'static str,
    /// Whether it is an array of such values.
    many: bool,
    /// The least value of a number, or the least length of a text.
    least: Option<i64>,
    /// The greatest value or length.
    most: Option<i64>,
    /// The allowed values.
    values: &'static [&'static str],
    pattern: &'static str,
    format: &'static str,
    default: &'static str,
    example: &'static str,
}

/// Any value of the type.
pub const ANY: Shape = Shape {
    kind: "string",
    many: false,
    least: None,
    most: None,
    values: &[],
    pattern: "",
    format: "",
    default: "",
    example: "",
};
/// `true` or `false`.
pub const FLAG: Shape = Shape { kind: "boolean", ..ANY };
/// A decimal number.
pub const DECIMAL: Shape = Shape { kind: "number", ..ANY };
/// An integer.
pub const INTEGER: Shape = Shape { kind: "integer", ..ANY };
/// An id of 32 bits.
pub const ID: Shape = INTEGER.within(1, MAX_ID as i64);
/// A name, a ref or a key.
pub const NAME: Shape = ANY.long(1, text::NAME_MAX);
/// A link.
pub const URL: Shape = ANY.long(1, text::URL_MAX).format("uri").example("https://ci.example.com/builds/42");
/// RFC 3339.
pub const TIME: Shape = ANY.format("date-time").example("2025-05-17T03:02:25Z");
/// A pair of name and value; the example is JSON.
pub const PAIR: Shape = Shape { kind: "array", ..ANY };
/// An object; the example is JSON.
pub const OBJECT: Shape = Shape { kind: "object", ..ANY };
/// 32 hexadecimal digits.
pub const HEX32: Shape = ANY.pattern("^[0-9a-fA-F]{32}$");
/// A full commit id.
pub const SHA: Shape =
    ANY.pattern("^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$").example("1c46c505c84853887efe2ea9ea02a1333bae2237");

impl Shape {
    /// Between two values, both included.
    pub const fn within(self, least: i64, most: i64) -> Self {
        Self { least: Some(least), most: Some(most), ..self }
    }

    /// Between two lengths in characters, both included.
    pub const fn long(self, least: i64, most: usize) -> Self {
        Self { least: Some(least), most: Some(most as i64), ..self }
    }

    /// One of these values.
    pub const fn one_of(self, values: &'static [&'static str]) -> Self {
        Self { values, ..self }
    }

    /// A regular expression that it matches.
    pub const fn pattern(self, pattern: &'static str) -> Self {
        Self { pattern, ..self }
    }

    /// A format of JSON Schema.
    pub const fn format(self, format: &'static str) -> Self {
        Self { format, ..self }
    }

    /// The default.
    pub const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// An example.
    pub const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    /// An array of such values.
    pub const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    /// The schema of a parameter.
    pub fn schema(&self) -> Value {
        let mut item = Map::new();
        item.insert("type".into(), self.kind.into());
        self.limit(&mut item);
        let item = Value::Object(item);
        if self.many { json!({ "type": "array", "items": item }) } else { item }
    }

    /// The example as JSON.
    pub fn example_value(&self) -> Option<Value> {
        let one = (!self.example.is_empty()).then(|| self.typed(self.example))?;
        Some(if self.many { json!([one]) } else { one })
    }

    /// Adds the limits to the schema of a type.
    pub fn narrow(&self, schema: &mut Map<String, Value>) {
        if let Some(Value::Object(items)) = schema.get_mut("items") {
            return self.limit(items);
        }
        self.limit(schema);
        let nullable = schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.len() > 1);
        if nullable && let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
    }

    fn limit(&self, schema: &mut Map<String, Value>) {
        let mut set = |name: &str, value: Value| schema.insert(name.to_owned(), value);
        let (least, most) =
            if self.kind == "string" { ("minLength", "maxLength") } else { ("minimum", "maximum") };
        for (name, value) in [(least, self.least), (most, self.most)] {
            if let Some(value) = value {
                set(name, value.into());
            }
        }
        if !self.values.is_empty() {
            set("enum", self.values.iter().map(|value| self.typed(value)).collect());
        }
        for (name, text) in [("pattern", self.pattern), ("format", self.format)] {
            if !text.is_empty() {
                set(name, text.into());
            }
        }
        if !self.default.is_empty() {
            set("default", self.typed(self.default));
        }
        if !self.example.is_empty() {
            set("examples", json!([self.typed(self.example)]));
        }
    }

    fn typed(&self, text: &str) -> Value {
        match self.kind {
            "string" => text.into(),
            _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        }
    }
}
