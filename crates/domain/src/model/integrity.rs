//! The integrity check of a database file. It reads the whole file in the background after a server did not
//! stop normally.

use crate::Timestamp;

/// The state of the check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrityState {
    /// A check is due: no check has read the whole file since a server did not stop normally.
    pub is_due: bool,
    /// How far the running check is; `None`: none is running.
    pub progress: Option<IntegrityProgress>,
    /// What the running or the last check found, in English; empty: no damage is known.
    pub damage: Vec<String>,
    /// When a check last read the whole file.
    pub ended_at: Option<Timestamp>,
}

/// How far a check is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrityProgress {
    /// The table that is read now.
    pub table: String,
    /// The number of tables that were read.
    pub tables_checked: usize,
    /// The number of all tables.
    pub tables: usize,
    /// The number of rows that were read.
    pub rows: u64,
}

impl IntegrityState {
    /// Whether damage is known. Then the store refuses writes.
    pub fn is_damaged(&self) -> bool {
        !self.damage.is_empty()
    }
}
