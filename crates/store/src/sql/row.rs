//! Reading rows. A type that is read from a row names its columns once, with [`columns!`]; their positions
//! follow from that list, so no other code counts columns.

use super::value::{FromValue, Value, corrupt};
use domain::Result;
use std::borrow::Cow;

/// A row of a result.
pub trait Row {
    /// The value of the column at `position`, counted from 0.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] where there is no such column, or for a type that no column of the schema
    /// has.
    fn value(&self, position: usize) -> Result<Value<'_>>;
}

/// A type that is read from consecutive columns of a row.
pub trait FromRow: Sized {
    /// The number of these columns.
    const WIDTH: usize;

    /// Reads the columns from position `first` on.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] for a value that no version of this program wrote.
    fn from_row(row: &dyn Row, first: usize) -> Result<Self>;
}

/// A type with a list of columns to select.
pub trait Columns: FromRow {
    /// The columns, separated by commas, in the order in which [`FromRow`] reads them.
    const COLUMNS: &'static str;
}

impl<T: FromValue> FromRow for T {
    const WIDTH: usize = 1;

    fn from_row(row: &dyn Row, first: usize) -> Result<Self> {
        T::from_value(row.value(first)?)
    }
}

macro_rules! tuples {
    ($(($($type:ident),*))*) => { $(
        impl<$($type: FromRow),*> FromRow for ($($type,)*) {
            const WIDTH: usize = 0 $(+ $type::WIDTH)*;

            fn from_row(row: &dyn Row, first: usize) -> Result<Self> {
                let mut reader = Reader::new(row, first);
                Ok(($(reader.read::<$type>()?,)*))
            }
        }
    )* };
}
tuples! { (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

/// Reads nothing: for queries that ask only whether there is a row.
impl FromRow for () {
    const WIDTH: usize = 0;

    fn from_row(_: &dyn Row, _: usize) -> Result<Self> {
        Ok(())
    }
}

/// Reads columns one after the other.
pub struct Reader<'a> {
    row: &'a dyn Row,
    next: usize,
}

impl<'a> Reader<'a> {
    /// Starts at position `first`.
    pub fn new(row: &'a dyn Row, first: usize) -> Self {
        Self { row, next: first }
    }

    /// Reads the next columns.
    ///
    /// # Errors
    /// As [`FromRow::from_row`].
    pub fn read<T: FromRow>(&mut self) -> Result<T> {
        let first = self.next;
        self.next += T::WIDTH;
        T::from_row(self.row, first)
    }

    /// Reads the next column, bytes, without copying them.
    ///
    /// # Errors
    /// As [`Reader::read_text`].
    pub fn read_bytes(&mut self) -> Result<&'a [u8]> {
        self.next += 1;
        match self.row.value(self.next - 1)? {
            Value::Blob(Cow::Borrowed(bytes)) => Ok(bytes),
            other => Err(corrupt(format!("{other} instead of borrowed bytes"))),
        }
    }

    /// Reads the next column, a text or NULL, without copying it.
    ///
    /// # Errors
    /// As [`Row::value`]; [`domain::Error::Internal`] for a value of another kind.
    pub fn read_text(&mut self) -> Result<Option<&'a str>> {
        self.next += 1;
        match self.row.value(self.next - 1)? {
            Value::Null => Ok(None),
            Value::Text(Cow::Borrowed(text)) => Ok(Some(text)),
            other => Err(corrupt(format!("{other} instead of a borrowed text"))),
        }
    }
}

/// Implements [`Columns`] for a type.
///
/// `columns! { Type from "alias": a, b: i64, c = "alias.d" => expression }` selects `alias.a, alias.b,
/// alias.d`, binds the values of these columns to the variables `a`, `b` and `c`, and makes the `Type` with
/// `expression`, in which `?` may be used. A column has the type that `expression` needs unless one is
/// written. Without `from "alias"`, columns are selected without a table name.
macro_rules! columns {
    ($type:ident $(from $alias:literal)?: $($body:tt)*) => {
        $crate::sql::columns!(@split $type, ($($alias)?), $($body)*);
    };
    (@split $type:ident, ($alias:literal), $($name:ident $(: $column:ty)? $(= $sql:expr)?),+ => $make:expr) => {
        impl $crate::sql::Columns for $type {
            const COLUMNS: &'static str = $crate::sql::columns!(@list $(
                ($crate::sql::columns!(@sql $alias, $name $(, $sql)?))
            )+);
        }
        $crate::sql::columns!(@read $type, $($name $(: $column)?),+ => $make);
    };
    (@split $type:ident, (), $($name:ident $(: $column:ty)? $(= $sql:expr)?),+ => $make:expr) => {
        impl $crate::sql::Columns for $type {
            const COLUMNS: &'static str = $crate::sql::columns!(@list $(
                ($crate::sql::columns!(@sql $name $(, $sql)?))
            )+);
        }
        $crate::sql::columns!(@read $type, $($name $(: $column)?),+ => $make);
    };
    (@read $type:ident, $($name:ident $(: $column:ty)?),+ => $make:expr) => {
        impl $crate::sql::FromRow for $type {
            const WIDTH: usize = [$(stringify!($name)),+].len();

            fn from_row(row: &dyn $crate::sql::Row, first: usize) -> domain::Result<Self> {
                let mut reader = $crate::sql::Reader::new(row, first);
                $(let $name $(: $column)? = reader.read()?;)+
                Ok($make)
            }
        }
    };
    (@list ($first:expr) $(($rest:expr))*) => { concat!($first $(, ", ", $rest)*) };
    (@sql $alias:literal, $name:ident) => { concat!($alias, ".", stringify!($name)) };
    (@sql $alias:literal, $name:ident, $sql:expr) => { $sql };
    (@sql $name:ident) => { stringify!($name) };
    (@sql $name:ident, $sql:expr) => { $sql };
}
pub(crate) use columns;
