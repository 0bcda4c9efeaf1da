//! The contract of the port on PostgreSQL, and the properties of this engine.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

#[path = "../contract/mod.rs"]
mod contract;
mod migrations;
mod nodes;
mod tls;
mod transfer;

use domain::ports::Store;
use std::sync::Arc;
use store::postgres::{Options, Postgres};
use testkit::postgres::{Cluster, Database};

/// A temporary store.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    _database: Database<'static>,
}

/// Opens a temporary store.
pub async fn open() -> Opened {
    let database = Cluster::shared().migrated_database();
    let options = Options { readers: 4, ..Options::default() };
    let store = Postgres::open(&database.url, options).await.unwrap();
    Opened { store: Arc::new(store), _database: database }
}
