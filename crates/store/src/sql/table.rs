//! Descriptions of tables. One description serves to insert rows, and to copy and compare whole tables
//! between engines.

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Real,
    Text,
    Blob,
}

/// The effect of an insert on a column of an existing row of the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// The column keeps its value.
    Keep,
    /// The column takes the new value.
    Replace,
    /// The new value is added to the column.
    Add,
    /// The column takes the new value if that is less.
    Least,
    /// The column takes the new value if that is greater.
    Greatest,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub on_conflict: OnConflict,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    /// The number of the first columns that are the primary key.
    pub key: usize,
    /// An insert updates an existing row of the same key instead of failing, by [`OnConflict`] of each
    /// column.
    pub upsert: bool,
}

impl Table {
    /// The columns of the primary key.
    pub fn key_columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().take(self.key).map(|column| column.name)
    }

    /// The same table without its key, for rows whose key the database assigns.
    pub const fn without_key(&self) -> Self {
        Self { name: self.name, columns: self.columns.split_at(self.key).1, key: 0, upsert: false }
    }

    /// The names of the columns, separated by commas.
    pub fn names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    /// The statement that inserts one row, with a parameter for each column.
    pub fn insert(&self) -> String {
        let parameters: Vec<String> = (1..=self.columns.len()).map(|number| format!("?{number}")).collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({}){}",
            self.name,
            self.names(),
            parameters.join(", "),
            self.on_conflict()
        )
    }

    /// The clause of an insert about existing rows of the same key.
    pub fn on_conflict(&self) -> String {
        if !self.upsert {
            return String::new();
        }
        let if_better = |column: &Column, operator: &str| {
            let (new, old) = (format!("excluded.{}", column.name), format!("{}.{}", self.name, column.name));
            format!("{} = CASE WHEN {new} {operator} {old} THEN {new} ELSE {old} END", column.name)
        };
        let updates: Vec<String> = self
            .columns
            .iter()
            .filter_map(|column| match column.on_conflict {
                OnConflict::Keep => None,
                OnConflict::Replace => Some(format!("{0} = excluded.{0}", column.name)),
                OnConflict::Add => Some(format!("{1} = {0}.{1} + excluded.{1}", self.name, column.name)),
                OnConflict::Least => Some(if_better(column, "<")),
                OnConflict::Greatest => Some(if_better(column, ">")),
            })
            .collect();
        let key = self.key_columns().collect::<Vec<_>>().join(", ");
        if updates.is_empty() {
            return format!(" ON CONFLICT ({key}) DO NOTHING");
        }
        format!(" ON CONFLICT ({key}) DO UPDATE SET {}", updates.join(", "))
    }
}

/// Declares a [`Table`], and a struct for the rows that are inserted into it.
///
/// ```text
/// table! {
///     /// Jobs.
///     JOBS "jobs", upsert;
///     key repository_id: Int, id: Int;
///     fixed name: Text, git_ref "ref": Text;
///     replaced status: Text;
///     added count: Int;
///     least created_at: Int;
///     greatest updated_at: Int;
///     row JobValues;
/// }
/// ```
///
/// A name in quotes is the column's name where it is a keyword of Rust. `fixed`, `replaced`, `added`, `least` and
/// `greatest` are [`OnConflict`]. The struct after `row` has a [`Value`](super::Value) for each column; the one after
/// `new_row` has none for the key, which the database assigns.
macro_rules! table {
    (
        $(#[$doc:meta])* $table:ident $name:literal $(, $upsert:ident)?;
        key $($key:ident $($key_name:literal)?: $key_kind:ident),*;
        $(fixed $($fixed:ident $($fixed_name:literal)?: $fixed_kind:ident),*;)?
        $(replaced $($replaced:ident $($replaced_name:literal)?: $replaced_kind:ident),*;)?
        $(added $($added:ident: $added_kind:ident),*;)?
        $(least $($least:ident: $least_kind:ident),*;)?
        $(greatest $($greatest:ident: $greatest_kind:ident),*;)?
        $(row $row:ident;)?
        $(new_row $new_row:ident;)?
    ) => {
        $(#[$doc])*
        pub const $table: $crate::sql::Table = $crate::sql::Table {
            name: $name,
            key: [$(stringify!($key)),*].len(),
            upsert: $crate::sql::table!(@upsert $($upsert)?),
            columns: &[
                $($crate::sql::table!(@column Keep, $key_kind, $key $($key_name)?),)*
                $($($crate::sql::table!(@column Keep, $fixed_kind, $fixed $($fixed_name)?),)*)?
                $($($crate::sql::table!(@column Replace, $replaced_kind, $replaced $($replaced_name)?),)*)?
                $($($crate::sql::table!(@column Add, $added_kind, $added),)*)?
                $($($crate::sql::table!(@column Least, $least_kind, $least),)*)?
                $($($crate::sql::table!(@column Greatest, $greatest_kind, $greatest),)*)?
            ],
        };
        $crate::sql::table!(@row ($($row)?) $($key,)* $($($fixed,)*)? $($($replaced,)*)? $($($added,)*)?
            $($($least,)*)? $($($greatest,)*)?);
        $crate::sql::table!(@row ($($new_row)?) $($($fixed,)*)? $($($replaced,)*)? $($($added,)*)?
            $($($least,)*)? $($($greatest,)*)?);
    };
    (@upsert upsert) => { true };
    (@upsert) => { false };
    (@column $conflict:ident, $kind:ident, $name:ident) => {
        $crate::sql::table!(@column $conflict, $kind, $name stringify!($name))
    };
    (@column $conflict:ident, $kind:ident, $field:ident $name:expr) => {
        $crate::sql::Column {
            name: $name,
            kind: $crate::sql::Kind::$kind,
            on_conflict: $crate::sql::OnConflict::$conflict,
        }
    };
    (@row () $($column:ident,)*) => {};
    (@row ($row:ident) $($column:ident,)*) => {
        /// A row to insert: a value for each column.
        pub struct $row<'a> {
            $(pub $column: $crate::sql::Value<'a>,)*
        }

        impl<'a> From<$row<'a>> for Vec<$crate::sql::Value<'a>> {
            fn from(row: $row<'a>) -> Self {
                vec![$(row.$column),*]
            }
        }

        impl<'a> $crate::sql::RowValues<'a> for $row<'a> {
            fn append_to(self, values: &mut Vec<$crate::sql::Value<'a>>) {
                values.extend([$(self.$column),*]);
            }
        }
    };
}
pub(crate) use table;
