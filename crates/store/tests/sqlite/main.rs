//! The contract of the port on SQLite, and what only SQLite promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "../contract/mod.rs"]
mod contract;
mod own;

use domain::ports::Store;
use std::sync::Arc;
use store::sqlite::{Options, Sqlite};

/// A store to throw away.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    _dir: tempfile::TempDir,
}

/// Opens one.
pub async fn open() -> Opened {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    Opened { store: Arc::new(store), _dir: dir }
}
