//! What values a field may have, beyond what its type says: written once, for parameters and for bodies.

use domain::model::ids::MAX_ID;
use domain::model::text;
use serde_json::{Map, Value, json};

/// Limits of a value. What is empty here says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shape {
    /// JSON's word for its type; a parameter has no other.
    kind: &'static str,
    /// It is an array of such values.
    many: bool,
    /// Of an integer the least value, of a text the least length.
    least: Option<i64>,
    /// The greatest.
    most: Option<i64>,
    words: &'static [&'static str],
    pattern: &'static str,
    format: &'static str,
    default: &'static str,
    example: &'static str,
}

/// As its type says.
pub const ANY: Shape = Shape {
    kind: "string",
    many: false,
    least: None,
    most: None,
    words: &[],
    pattern: "",
    format: "",
    default: "",
    example: "",
};
/// `true` or `false`.
pub const FLAG: Shape = Shape { kind: "boolean", ..ANY };
/// A number that need not be whole.
pub const DECIMAL: Shape = Shape { kind: "number", ..ANY };
/// An integer.
pub const INTEGER: Shape = Shape { kind: "integer", ..ANY };
/// An id that 32 bits hold.
pub const ID: Shape = INTEGER.within(1, MAX_ID as i64);
/// A name, a ref, a key.
pub const NAME: Shape = ANY.long(1, text::NAME_MAX);
/// A link.
pub const URL: Shape = ANY.long(1, text::URL_MAX).format("uri").example("https://ci.example.com/builds/42");
/// RFC 3339.
pub const TIME: Shape = ANY.format("date-time").example("2025-05-17T03:02:25Z");
/// A name and its value; limits and example are JSON.
pub const PAIR: Shape = Shape { kind: "array", ..ANY };
/// 32 hexadecimal digits.
pub const HEX32: Shape = ANY.pattern("^[0-9a-fA-F]{32}$");
/// A whole commit id.
pub const SHA: Shape =
    ANY.pattern("^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$").example("1c46c505c84853887efe2ea9ea02a1333bae2237");

impl Shape {
    /// From and up to, both included.
    pub const fn within(self, least: i64, most: i64) -> Self {
        Self { least: Some(least), most: Some(most), ..self }
    }

    /// Length in characters, from and up to.
    pub const fn long(self, least: i64, most: usize) -> Self {
        Self { least: Some(least), most: Some(most as i64), ..self }
    }

    /// One of these words.
    pub const fn one_of(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    /// What it looks like.
    pub const fn pattern(self, pattern: &'static str) -> Self {
        Self { pattern, ..self }
    }

    /// JSON Schema's name of what it looks like.
    pub const fn format(self, format: &'static str) -> Self {
        Self { format, ..self }
    }

    /// What it is where it is absent.
    pub const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// One that could be.
    pub const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    /// An array of these.
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

    /// The example, typed.
    pub fn example_value(&self) -> Option<Value> {
        let one = (!self.example.is_empty()).then(|| self.typed(self.example))?;
        Some(if self.many { json!([one]) } else { one })
    }

    /// Narrows the schema that was made of a type.
    pub fn narrow(&self, schema: &mut Map<String, Value>) {
        if let Some(Value::Object(items)) = schema.get_mut("items") {
            return self.limit(items);
        }
        self.limit(schema);
        let nullable = schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.len() > 1);
        if nullable && let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
    }

    fn limit(&self, schema: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| schema.insert(name.to_owned(), value);
        let (least, most) =
            if self.kind == "string" { ("minLength", "maxLength") } else { ("minimum", "maximum") };
        for (name, value) in [(least, self.least), (most, self.most)] {
            if let Some(value) = value {
                put(name, value.into());
            }
        }
        if !self.words.is_empty() {
            put("enum", self.words.iter().map(|word| self.typed(word)).collect());
        }
        for (name, text) in [("pattern", self.pattern), ("format", self.format)] {
            if !text.is_empty() {
                put(name, text.into());
            }
        }
        if !self.default.is_empty() {
            put("default", self.typed(self.default));
        }
        if !self.example.is_empty() {
            put("examples", json!([self.typed(self.example)]));
        }
    }

    fn typed(&self, text: &str) -> Value {
        match self.kind {
            "string" => text.into(),
            _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        }
    }
}
