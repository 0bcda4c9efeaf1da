//! The contract of the port on PostgreSQL, and what only PostgreSQL promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "../contract/mod.rs"]
mod contract;
mod moving;
mod nodes;
mod tls;

use domain::ports::Store;
use std::sync::Arc;
use store::postgres::{Options, Postgres};
use testkit::postgres::{Cluster, Database};

/// A store to throw away.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    _database: Database<'static>,
}

/// Opens one.
pub async fn open() -> Opened {
    let database = Cluster::shared().migrated_database();
    let options = Options { readers: 4, ..Options::default() };
    let store = Postgres::open(&database.url, options).await.unwrap();
    Opened { store: Arc::new(store), _database: database }
}
