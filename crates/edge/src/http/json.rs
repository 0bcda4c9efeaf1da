//! Reads JSON bodies into the request types of `wire`, so that every error names its field.
//!
//! The rules are those of serde, with these additions: a field that is null is absent, fields are read in the
//! order in which the type declares them, and a value of another type is a [`Problem`] instead of a text.
//! [`read_strictly`] and [`super::toml`] refuse unknown fields; the other functions ignore them. If a field occurs
//! twice, the last value is used.

use domain::error::{Invalid, Problem};
use domain::model::ids::MAX_ID;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserialize, DeserializeOwned, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};
use std::fmt;
use std::marker::PhantomData;

/// Parses a body as JSON.
///
/// # Errors
/// [`Problem::NotJson`] on `body`, with the parser's message.
pub fn parse(body: &[u8]) -> Result<Value, Invalid> {
    serde_json::from_slice(body).map_err(|e| Invalid::new("body", Problem::NotJson { detail: e.to_string() }))
}

/// Reads a body. `name` is the field that errors name where the body as a whole is of the wrong type.
///
/// # Errors
/// [`Invalid`]: the field in question, and why.
pub fn read<T: DeserializeOwned>(name: &str, body: &[u8]) -> Result<T, Invalid> {
    from_value(name, &parse(body)?)
}

/// As [`read`], and refuses unknown fields, for bodies in which an ignored misspelt field would weaken a rule. Errors
/// name the field with its whole path, such as `rules[0].requirements[2].job`.
///
/// # Errors
/// As [`read`]; [`Problem::UnknownField`] on the field.
pub fn read_strictly<T: DeserializeOwned>(name: &str, body: &[u8]) -> Result<T, Invalid> {
    from_value_strictly(name, &parse(body)?)
}

/// As [`read_strictly`], from a JSON value.
///
/// # Errors
/// As [`from_value`]; [`Problem::UnknownField`] on the field.
pub fn from_value_strictly<'de, T: Deserialize<'de>>(name: &str, value: &'de Value) -> Result<T, Invalid> {
    from_reader(name, Reader { value, in_list: false, strict: true }, whole_path)
}

/// An object, which is read from JSON at once. Lists of fields are none.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// Reads a body that needs neither a repair nor an error that names its field, in one pass. It gives what [`read`]
/// gives. `None`: only [`read`] can find an error.
pub fn read_directly<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// Reads a body that may be empty, which means the same as `{}`.
///
/// # Errors
/// As [`read`].
pub fn read_optional<T: DeserializeOwned>(name: &str, body: &[u8]) -> Result<T, Invalid> {
    read(name, if body.is_empty() { b"{}" } else { body })
}

/// Reads a JSON value. `name` is the field that errors name where the value as a whole is of the wrong type.
///
/// # Errors
/// [`Problem::WrongType`], [`Problem::NotInteger`], [`Problem::OutOfRange`] and [`Problem::Missing`] on the
/// field.
pub fn from_value<'de, T: Deserialize<'de>>(name: &str, value: &'de Value) -> Result<T, Invalid> {
    from_reader(name, Reader { value, in_list: false, strict: false }, field)
}

/// `field`: the name of a field from its path and, if the path ends before the field, its own name.
fn from_reader<'de, T: Deserialize<'de>>(
    name: &str,
    reader: Reader<'de>,
    field: fn(&Path, Option<&str>) -> String,
) -> Result<T, Invalid> {
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = field(error.path(), error.inner().field.as_deref());
        Invalid::new(if path.is_empty() { name } else { &path }, error.into_inner().problem)
    })
}

/// The name of a field: its path, joined by dots. Within an item of a list the path begins at the item.
fn field(path: &Path, last: Option<&str>) -> String {
    let mut names: Vec<&str> = Vec::new();
    let mut in_item = false;
    let keys = path.iter().map(|segment| match segment {
        Segment::Map { key } => Some(key.as_str()),
        _ => None,
    });
    for key in keys.chain(last.map(Some)) {
        let Some(key) = key else {
            in_item = true;
            continue;
        };
        if std::mem::take(&mut in_item) {
            names.clear();
        }
        names.push(key);
    }
    names.join(".")
}

/// The path of a field from the body on, such as `rules[0].requirements[2].job`.
fn whole_path(path: &Path, last: Option<&str>) -> String {
    let begin = if path.iter().next().is_some() { path.to_string() } else { String::new() };
    match last {
        Some(last) if begin.is_empty() => last.to_owned(),
        Some(last) => format!("{begin}.{last}"),
        None => begin,
    }
}

/// Why a value cannot be read.
#[derive(Debug)]
struct ReadError {
    problem: Problem,
    /// The absent or unknown field, which is not part of the path.
    field: Option<String>,
}

impl From<Problem> for ReadError {
    fn from(problem: Problem) -> Self {
        Self { problem, field: None }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem::NotJson { detail: message.to_string() }.into()
    }

    fn missing_field(field: &'static str) -> Self {
        Self { problem: Problem::Missing, field: Some(field.to_owned()) }
    }
}

/// Deserializes one value.
#[derive(Debug, Clone, Copy)]
struct Reader<'de> {
    value: &'de Value,
    /// The value is an item of a list. There every value that is no integer of 64 bits is
    /// [`Problem::NotInteger`].
    in_list: bool,
    /// Objects must not have unknown fields.
    strict: bool,
}

impl<'de> Reader<'de> {
    /// The value as `read` returns it.
    fn typed<T>(
        self,
        wanted: &'static str,
        read: impl FnOnce(&'de Value) -> Option<T>,
    ) -> Result<T, ReadError> {
        read(self.value).ok_or_else(|| Problem::WrongType { wanted }.into())
    }

    /// An integer. `1.0` is none; one that 64 bits do not hold is read as the greatest, which is outside
    /// every range.
    fn integer(self) -> Result<i64, ReadError> {
        let too_large = || self.value.as_u64().filter(|_| !self.in_list).map(|_| i64::MAX);
        match self.value.as_i64().or_else(too_large) {
            Some(integer) => Ok(integer),
            None if self.in_list || self.value.is_number() => Err(Problem::NotInteger.into()),
            None => Err(Problem::WrongType { wanted: "integer" }.into()),
        }
    }

    fn items(self, items: &'de [Value]) -> SeqDeserializer<impl Iterator<Item = Self>, ReadError> {
        SeqDeserializer::new(items.iter().map(move |value| Self { value, in_list: true, ..self }))
    }

    fn entries(
        self,
        object: &'de Map<String, Value>,
    ) -> MapDeserializer<'de, impl Iterator<Item = (&'de str, Self)>, ReadError> {
        MapDeserializer::new(
            object.iter().map(move |(name, value)| (name.as_str(), Self { value, in_list: false, ..self })),
        )
    }
}

impl<'de> IntoDeserializer<'de, ReadError> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(integer), ..) => visitor.visit_i64(integer),
                (None, Some(integer), _) => visitor.visit_u64(integer),
                (None, None, decimal) => visitor.visit_f64(decimal.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(self.items(items)),
            Value::Object(object) => visitor.visit_map(self.entries(object)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_bool(self.typed("boolean", Value::as_bool)?)
    }

    /// Every integer of 32 bits in a request is an id or a position, from 1 to [`MAX_ID`].
    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let integer = i32::try_from(self.integer()?);
        visitor.visit_i32(integer.map_err(|_| Problem::OutOfRange { min: 1, max: MAX_ID.into() })?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_f64(self.typed("number", Value::as_f64)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_borrowed_str(self.typed("string", Value::as_str)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_seq(self.items(self.typed("array", |value| value.as_array().map(Vec::as_slice))?))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_map(self.entries(self.typed("object", Value::as_object)?))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let object = self.typed("object", Value::as_object)?;
        let unknown = || object.keys().find(|name| !fields.contains(&name.as_str()));
        if self.strict
            && let Some(unknown) = unknown()
        {
            return Err(ReadError { problem: Problem::UnknownField, field: Some(unknown.clone()) });
        }
        let present = fields.iter().filter_map(|name| {
            let value = object.get(*name).filter(|value| !value.is_null())?;
            Some((*name, Self { value, in_list: false, ..self }))
        });
        visitor.visit_map(MapDeserializer::new(present))
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct
        enum identifier ignored_any
    }
}
