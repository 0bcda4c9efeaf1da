//! Schemas of bodies. Types and descriptions come from `wire`, limits from the tables in `fields`.

use super::fields::Fields;
use super::operation::{Content, MakeSchema};
use crate::language::Language;
use schemars::generate::{Contract, SchemaSettings};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The extension with which a field in `wire` carries its Chinese description.
const CHINESE: &str = "zh";

/// Types of requests and responses alike whose fields need not all be sent: an absent field is null.
const ABSENT_IS_NULL: [&str; 1] = ["Policies"];

/// Makes the schemas of one document.
pub struct Schemas {
    generator: SchemaGenerator,
    fields: Fields,
    language: Language,
}

impl Schemas {
    /// For a document.
    pub fn new(fields: Fields, language: Language) -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.contract = Contract::Serialize;
        Self { generator: settings.into_generator(), fields, language }
    }

    /// The schema of a type, by reference.
    pub fn of(&mut self, make: MakeSchema) -> Value {
        bare(make(&mut self.generator))
    }

    /// The schema of a body.
    pub fn of_content(&mut self, content: &Content) -> Value {
        match content {
            Content::Json(make) => self.of(*make),
            Content::Lines(make) => json!({ "type": "string", "x-stagepost-line": self.of(*make) }),
            Content::Form(names) => self.of_form(names),
            Content::Text => json!({ "type": "string" }),
        }
    }

    fn of_form(&self, names: &'static str) -> Value {
        let mut properties = Map::new();
        for (name, _) in split(names) {
            let mut property = json!({});
            if let Some(field) = self.fields.find("", name) {
                property = field.shape.schema();
                property["description"] = self.language.pick(field.text.0, field.text.1).into();
            }
            properties.insert(name.to_owned(), property);
        }
        let required: Vec<_> = split(names).filter(|(_, required)| *required).map(|(name, _)| name).collect();
        json!({ "type": "object", "properties": properties, "required": required })
    }

    /// All referenced schemas.
    pub fn components(mut self) -> Value {
        let mut all = self.generator.take_definitions(true);
        for (name, schema) in &mut all {
            self.describe(name, schema);
        }
        Value::Object(all)
    }

    /// Chooses the language of the properties' descriptions and adds their limits. The documentation of the
    /// type itself is for readers of its code and is left out.
    fn describe(&self, owner: &str, schema: &mut Value) {
        let Value::Object(map) = schema else { return };
        if ABSENT_IS_NULL.contains(&owner) {
            map.remove("required");
        }
        for name in ["title", "description", "default"] {
            map.remove(name);
        }
        for name in ["oneOf", "anyOf", "allOf"] {
            if let Some(Value::Array(parts)) = map.get_mut(name) {
                parts.iter_mut().for_each(|part| self.describe(owner, part));
            }
        }
        let Some(Value::Object(properties)) = map.get_mut("properties") else { return };
        for (name, property) in properties {
            let Value::Object(property) = property else { continue };
            property.remove("default");
            if let Some(shape) = self.fields.limits(owner, name) {
                shape.narrow(property);
            }
            if let Some(description) = self.description(owner, name, property) {
                property.insert("description".into(), description.into());
            }
        }
    }

    /// Takes both descriptions of a property out of its schema and returns the one in the document's
    /// language. English is the field's documentation in `wire`, Chinese its extension [`CHINESE`]. A tag of
    /// an enum has neither; a row of the parameters describes it.
    fn description(&self, owner: &str, name: &str, property: &mut Map<String, Value>) -> Option<String> {
        let mut text = |name| match property.remove(name) {
            // Documentation is wrapped.
            Some(Value::String(text)) => Some(text.replace('\n', " ")),
            _ => None,
        };
        let (zh, en) = (text(CHINESE), text("description"));
        if property.contains_key("const") {
            let field = self.fields.find(owner, name)?;
            return Some(self.language.pick(field.text.0, field.text.1).to_owned());
        }
        // If one language is missing, there is no description; a test detects it.
        let (zh, en) = (zh?, en?);
        Some(self.language.pick(&zh, &en).to_owned())
    }
}

/// Names, and whether each is required.
pub fn split(names: &'static str) -> impl Iterator<Item = (&'static str, bool)> {
    names.split(' ').filter(|name| !name.is_empty()).map(|name| match name.strip_suffix('!') {
        Some(name) => (name, true),
        None => (name, false),
    })
}

fn bare(schema: Schema) -> Value {
    schema.to_value()
}
