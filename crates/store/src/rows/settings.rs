//! Settings: small values under a name.

use crate::sql::{Sql, table, values};
use domain::ports::unavailable;
use domain::{Error, Result};

table! {
    /// Settings.
    SETTINGS "settings", upsert;
    key name: Text;
    replaced value: Text;
    row SettingValues;
}

/// The setting that a store has while it is an incomplete copy of another store.
pub const TRANSFER: &str = "transfer";

pub fn load(sql: &dyn Sql, name: &str) -> Result<Option<String>> {
    sql.first("SELECT value FROM settings WHERE name = ?1", values![name])
}

pub fn store(sql: &dyn Sql, name: &str, value: &str) -> Result<()> {
    sql.insert(&SETTINGS, SettingValues { name: name.into(), value: value.into() })
}

pub fn delete(sql: &dyn Sql, name: &str) -> Result<()> {
    sql.execute("DELETE FROM settings WHERE name = ?1", values![name]).map(drop)
}

/// Refuses a store that is an incomplete copy of another.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn check_complete(sql: &dyn Sql) -> Result<()> {
    if load(sql, TRANSFER)?.is_some() { Err(incomplete()) } else { Ok(()) }
}

/// The error of [`check_complete`].
pub fn incomplete() -> Error {
    unavailable(
        "this store is an incomplete copy of another: finish it with stagepost migrate, or start with an empty one",
    )
}
