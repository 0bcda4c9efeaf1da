//! Operations as JSON, for the script of the explorer's pages.

use pages::explorer::{Body, Operation, Parameter};
use serde_json::{Value, json};

/// An operation as the script reads it.
pub fn operation(operation: &Operation) -> Value {
    let parameters: Vec<Value> = operation.parameters.iter().map(parameter).collect();
    json!({
        "id": operation.id,
        "address": operation.address,
        "dialect": operation.dialect,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
        "anonymous": operation.anonymous,
        "streams": operation.streams,
        "parameters": parameters,
        "body": operation.body.as_ref().map(body),
    })
}

fn body(body: &Body) -> Value {
    let fields: Vec<Value> = body.fields.iter().map(parameter).collect();
    let schema: Value = serde_json::from_str(&body.schema).unwrap_or_default();
    json!({ "required": body.required, "type": body.kind, "fields": fields, "schema": schema })
}

fn parameter(parameter: &Parameter) -> Value {
    let (minimum, maximum) =
        if parameter.kind == "string" { ("minLength", "maxLength") } else { ("minimum", "maximum") };
    let mut written = json!({
        "name": parameter.name,
        "in": parameter.location.as_str(),
        "type": parameter.kind,
        "required": parameter.required,
        "enum": parameter.allowed_values,
        minimum: parameter.minimum,
        maximum: parameter.maximum,
        "pattern": parameter.pattern,
        "items": parameter.items,
        "format": parameter.format,
        "example": parameter.example,
    });
    if let Value::Object(fields) = &mut written {
        fields.retain(|_, value| !value.is_null());
    }
    written
}
