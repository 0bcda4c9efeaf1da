//! Values of columns and of the parameters of statements, and their conversion from and to Rust types.

use domain::error::{Error, Result};
use std::borrow::Cow;
use std::fmt;

/// An error for a value that no version of this program writes.
pub fn corrupt(found: impl fmt::Display) -> Error {
    Error::Internal(format!("the store holds a value that no version of this program wrote: {found}"))
}

/// A value of a column or of a parameter. A boolean is the number 0 or 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

/// The kind of the value, for messages. The value itself may be a secret.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "NULL",
            Self::Int(_) => "an integer",
            Self::Real(_) => "a real number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        })
    }
}

impl Value<'_> {
    /// The same value without borrowed content.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Int(v) => Value::Int(v),
            Self::Real(v) => Value::Real(v),
            Self::Text(v) => Value::Text(Cow::Owned(v.into_owned())),
            Self::Blob(v) => Value::Blob(Cow::Owned(v.into_owned())),
        }
    }
}

/// A type that is written as one value.
pub trait ToValue {
    fn to_value(&self) -> Value<'_>;
}

/// A row to insert: a value for each column of its table.
pub trait RowValues<'a> {
    /// Appends the values in the order of the columns.
    fn append_to(self, values: &mut Vec<Value<'a>>);
}

impl<'a> RowValues<'a> for Vec<Value<'a>> {
    fn append_to(self, values: &mut Vec<Value<'a>>) {
        values.extend(self);
    }
}

/// A type that one value is read as.
pub trait FromValue: Sized {
    /// # Errors
    /// [`domain::Error::Internal`] for a value of another kind or out of range.
    fn from_value(value: Value<'_>) -> Result<Self>;
}

/// The parameters of a statement, in the order of their numbers.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$(&$value as &dyn $crate::sql::ToValue),*] as &[&dyn $crate::sql::ToValue] };
}
pub(crate) use values;

/// A list of values as the parameters of a statement.
pub fn parameters<'a>(values: &'a [Value<'_>]) -> Vec<&'a dyn ToValue> {
    values.iter().map(|value| value as &dyn ToValue).collect()
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::Int(i64::from(*self))
            }
        }
        impl From<$type> for Value<'_> {
            fn from(value: $type) -> Self {
                Self::Int(i64::from(value))
            }
        }
    )* };
}
integers!(i64, i32, u32, u16, u8, bool);

impl ToValue for Value<'_> {
    fn to_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(v) => Value::Int(*v),
            Self::Real(v) => Value::Real(*v),
            Self::Text(v) => Value::Text(Cow::Borrowed(v)),
            Self::Blob(v) => Value::Blob(Cow::Borrowed(v)),
        }
    }
}

impl ToValue for f64 {
    fn to_value(&self) -> Value<'_> {
        Value::Real(*self)
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        self.as_str().to_value()
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value<'_> {
        self.as_slice().to_value()
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        self.as_slice().to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(Cow::Owned(value))
    }
}

impl<T> From<Option<T>> for Value<'_>
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

impl FromValue for i64 {
    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Int(value) => Ok(value),
            other => Err(corrupt(format!("{other} instead of an integer"))),
        }
    }
}

macro_rules! smaller_integers {
    ($($type:ty),*) => { $(
        impl FromValue for $type {
            fn from_value(value: Value<'_>) -> Result<Self> {
                Self::try_from(i64::from_value(value)?).map_err(corrupt)
            }
        }
    )* };
}
smaller_integers!(i32, u32, u16, u8);

impl FromValue for bool {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Ok(i64::from_value(value)? != 0)
    }
}

impl FromValue for f64 {
    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Real(value) => Ok(value),
            other => Err(corrupt(format!("{other} instead of a real number"))),
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Text(value) => Ok(value.into_owned()),
            other => Err(corrupt(format!("{other} instead of text"))),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Blob(value) => Ok(value.into_owned()),
            other => Err(corrupt(format!("{other} instead of bytes"))),
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Self::try_from(Vec::from_value(value)?)
            .map_err(|other| corrupt(format!("{} bytes instead of {N}", other.len())))
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'_>) -> Result<Self> {
        if value == Value::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}
