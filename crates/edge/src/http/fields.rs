//! Reading the fields of a JSON object so that every refusal names its field. Unknown fields are ignored; null is absent.

use domain::error::{Invalid, Problem};
use serde_json::{Map, Value};

/// A JSON object from outside.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

/// Reads a body as JSON.
///
/// # Errors
/// [`Problem::NotJson`] on `body`, with what the parser said.
pub fn parse(body: &[u8]) -> Result<Value, Invalid> {
    serde_json::from_slice(body).map_err(|e| Invalid::new("body", Problem::NotJson { detail: e.to_string() }))
}

impl<'a> Fields<'a> {
    /// # Errors
    /// [`Problem::WrongType`] on `name` when it is no object.
    pub fn of(name: &str, value: &'a Value) -> Result<Self, Invalid> {
        value.as_object().map(Self).ok_or_else(|| wrong(name, "object"))
    }

    fn get<T>(
        &self,
        name: &str,
        wanted: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Invalid> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| wrong(name, wanted)),
        }
    }

    /// A string.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn text(&self, name: &str) -> Result<Option<String>, Invalid> {
        self.get(name, "string", |value| value.as_str().map(str::to_owned))
    }

    /// An integer; `1.0` is none, and a number beyond 64 bits is out of every range.
    ///
    /// # Errors
    /// [`Problem::NotInteger`] or [`Problem::WrongType`].
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Invalid> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => match (number.as_i64(), number.as_u64()) {
                (Some(integer), _) => Ok(Some(integer)),
                (None, Some(_)) => Ok(Some(i64::MAX)),
                (None, None) => Err(Invalid::new(name, Problem::NotInteger)),
            },
            Some(_) => Err(wrong(name, "integer")),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn number(&self, name: &str) -> Result<Option<f64>, Invalid> {
        self.get(name, "number", Value::as_f64)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Invalid> {
        self.get(name, "boolean", Value::as_bool)
    }

    /// An array.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn array(&self, name: &str) -> Result<Option<&'a [Value]>, Invalid> {
        self.get(name, "array", |value| value.as_array().map(Vec::as_slice))
    }

    /// An object.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn object(&self, name: &str) -> Result<Option<Self>, Invalid> {
        self.get(name, "object", |value| value.as_object().map(Self))
    }

    /// The names of all fields, also of those that are null.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str)
    }
}

fn wrong(name: &str, wanted: &'static str) -> Invalid {
    Invalid::new(name, Problem::WrongType { wanted })
}
