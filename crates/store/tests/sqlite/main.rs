//! The contract of the port on SQLite, and the properties of this engine.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

#[path = "../contract/mod.rs"]
mod contract;
mod engine;
mod integrity;
mod journal;
mod loss;
mod migrations;
mod verification;

use domain::ports::Store;
use std::sync::Arc;
use store::sqlite::{Options, Sqlite};

/// A temporary store.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    _dir: tempfile::TempDir,
}

/// Opens a temporary store.
pub async fn open() -> Opened {
    let dir = tempfile::tempdir().unwrap();
    testkit::sqlite::create(dir.path()).await;
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    Opened { store: Arc::new(store), _dir: dir }
}
