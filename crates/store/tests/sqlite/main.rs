//! The contract of the port on SQLite, and what only SQLite promises.

#[path = "../contract/mod.rs"]
mod contract;
mod own;

use domain::ports::Store;
use std::sync::Arc;
use stagepost_store::sqlite::{Options, Sqlite};

/// A store to throw away.
pub struct Opened {
    pub store: Arc<dyn Store>,
    _dir: tempfile::TempDir,
}

pub async fn open() -> Opened {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    Opened { store: Arc::new(store), _dir: dir }
}
