//! Parameters of operations, from the OpenAPI documents.

use pages::explorer::{Parameter, ParameterLocation};
use serde_json::Value;

/// Headers and parameters that the explorer sends automatically.
const CREDENTIALS: [&str; 4] = ["x-auth-token", "private-token", "authorization", "private_token"];

/// A member that is text; empty where it is not.
pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// A parameter as described; `None` for a credential.
pub fn parameter(described: &Value) -> Option<Parameter> {
    let name = text(described, "name");
    if CREDENTIALS.contains(&&*name.to_lowercase()) {
        return None;
    }
    let location = match text(described, "in") {
        "path" => ParameterLocation::Path,
        "query" => ParameterLocation::Query,
        "header" => ParameterLocation::Header,
        _ => return None,
    };
    let schema = &described["schema"];
    Some(Parameter {
        name: name.to_owned(),
        location,
        required: described["required"].as_bool().unwrap_or(false),
        example: plain(&described["example"]),
        description: text(described, "description").replace('`', ""),
        ..limited(schema, schema["type"].as_str().unwrap_or("string"))
    })
}

/// A parameter of this type with the limits of the schema. The caller fills in the rest.
pub fn limited(schema: &Value, kind: &str) -> Parameter {
    let (minimum, maximum) =
        if kind == "string" { ("minLength", "maxLength") } else { ("minimum", "maximum") };
    let values = schema["enum"].as_array().into_iter().flatten();
    Parameter {
        name: String::new(),
        location: ParameterLocation::Query,
        kind: kind.to_owned(),
        items: None,
        required: false,
        allowed_values: values.filter_map(|value| value.as_str().map(str::to_owned)).collect(),
        minimum: schema[minimum].as_i64(),
        maximum: schema[maximum].as_i64(),
        pattern: schema["pattern"].as_str().map(str::to_owned),
        format: schema["format"].as_str().map(str::to_owned),
        default: plain(&schema["default"]),
        example: None,
        description: String::new(),
        in_page_address: true,
        value: String::new(),
    }
}

/// A value as text; `None` for null.
pub fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
