//! What both engines have in common: statements with numbered places (`?1`), values and rows. What is written in it runs on SQLite and on
//! PostgreSQL; each engine says in its own folder what it makes of the few words they do not share.

use crate::rows::corrupt;
use crate::tables::Table;
use domain::Result;
use std::borrow::Cow;
use std::ops::ControlFlow;

/// A value of a column, or for a place in a statement. Truth is the number 0 or 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

impl Value<'_> {
    /// The same, on its own.
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

/// What can stand in a place of a statement.
pub trait ToValue {
    fn value(&self) -> Value<'_>;
}

/// The values of a statement, in the order of their places.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$(&$value as &dyn $crate::sql::ToValue),*] as &[&dyn $crate::sql::ToValue] };
}
pub(crate) use values;

/// A row to put into a table.
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Value::from($value)),*] };
}
pub(crate) use row;

/// A list of values, as a statement takes it.
pub fn places<'a>(values: &'a [Value<'_>]) -> Vec<&'a dyn ToValue> {
    values.iter().map(|value| value as &dyn ToValue).collect()
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl ToValue for $type {
            fn value(&self) -> Value<'_> {
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
    fn value(&self) -> Value<'_> {
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
    fn value(&self) -> Value<'_> {
        Value::Real(*self)
    }
}

impl ToValue for str {
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ToValue for String {
    fn value(&self) -> Value<'_> {
        self.as_str().value()
    }
}

impl ToValue for [u8] {
    fn value(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl ToValue for Vec<u8> {
    fn value(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn value(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_ref().map_or(Self::Null, Self::from)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(Cow::Borrowed(value))
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Real(value)
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

/// What a column can be read as.
pub trait FromValue: Sized {
    /// # Errors
    /// [`domain::Error::Internal`] for a value of another kind.
    fn read(value: Value<'_>) -> Result<Self>;
}

impl FromValue for i64 {
    fn read(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Int(value) => Ok(value),
            other => Err(corrupt(format!("{other:?} where a number is"))),
        }
    }
}

macro_rules! smaller {
    ($($type:ty),*) => { $(
        impl FromValue for $type {
            fn read(value: Value<'_>) -> Result<Self> {
                Self::try_from(i64::read(value)?).map_err(corrupt)
            }
        }
    )* };
}
smaller!(i32, u32, u16, u8);

impl FromValue for bool {
    fn read(value: Value<'_>) -> Result<Self> {
        Ok(i64::read(value)? != 0)
    }
}

impl FromValue for f64 {
    fn read(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Real(value) => Ok(value),
            other => Err(corrupt(format!("{other:?} where a real number is"))),
        }
    }
}

impl FromValue for String {
    fn read(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Text(value) => Ok(value.into_owned()),
            other => Err(corrupt(format!("{other:?} where text is"))),
        }
    }
}

impl FromValue for Vec<u8> {
    fn read(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Blob(value) => Ok(value.into_owned()),
            other => Err(corrupt(format!("{other:?} where bytes are"))),
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn read(value: Value<'_>) -> Result<Self> {
        Self::try_from(Vec::read(value)?)
            .map_err(|other| corrupt(format!("{} bytes where {N} are", other.len())))
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn read(value: Value<'_>) -> Result<Self> {
        if value == Value::Null { Ok(None) } else { T::read(value).map(Some) }
    }
}

/// A row of an answer.
pub trait Row {
    /// The value of a column, counted from 0.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] where there is none, or one of a kind that no column of ours has.
    fn value(&self, at: usize) -> Result<Value<'_>>;
}

impl dyn Row + '_ {
    /// A column, counted from 0.
    pub fn get<T: FromValue>(&self, at: usize) -> Result<T> {
        T::read(self.value(at)?)
    }
}

/// The engines, where a statement must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    Sqlite,
    Postgres,
}

impl Flavor {
    /// Behind a query of one table: nobody changes these rows or takes them away before the commit. On SQLite nobody else writes anyway.
    pub fn and_hold(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }
}

/// What is done with each row of an answer; it may end the reading.
pub type EachRow<'a> = dyn FnMut(&dyn Row) -> Result<ControlFlow<()>> + 'a;

/// A place to run statements: a connection, in whatever transaction it is.
pub trait Sql {
    /// Which engine it is.
    fn flavor(&self) -> Flavor;
    /// Runs a query.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`], and what `row` answers.
    fn each(&self, query: &str, values: &[&dyn ToValue], row: &mut EachRow<'_>) -> Result<()>;
    /// Runs a statement; answers how many rows it changed.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn execute(&self, statement: &str, values: &[&dyn ToValue]) -> Result<u64>;
    /// Puts many rows into tables, in this order, with as few statements and round trips as the engine can.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()>;
}

/// Rows for a table, each with a value for every column; no two of the same key.
pub struct Batch<'a> {
    pub table: &'static Table,
    pub rows: Vec<Vec<Value<'a>>>,
}

impl dyn Sql + '_ {
    /// All rows of a query.
    pub fn all<T>(
        &self,
        query: &str,
        values: &[&dyn ToValue],
        mut read: impl FnMut(&dyn Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.each(query, values, &mut |row| {
            found.push(read(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The first row of a query, if there is one.
    pub fn first<T>(
        &self,
        query: &str,
        values: &[&dyn ToValue],
        mut read: impl FnMut(&dyn Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.each(query, values, &mut |row| {
            found = Some(read(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// The one row of a query that always has one.
    pub fn one<T>(
        &self,
        query: &str,
        values: &[&dyn ToValue],
        read: impl FnMut(&dyn Row) -> Result<T>,
    ) -> Result<T> {
        self.first(query, values, read)?.ok_or_else(|| corrupt("no row where one always is"))
    }
}
