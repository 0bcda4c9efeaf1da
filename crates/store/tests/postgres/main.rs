//! The contract of the port on PostgreSQL, and what only PostgreSQL promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "../contract/mod.rs"]
mod contract;

use domain::ports::Store;
use stagepost_store::postgres::{Options, Postgres};
use std::sync::Arc;

/// A store to throw away.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
}

/// Opens one.
pub async fn open() -> Opened {
    let name = format!("t{}", rand());
    let base = std::env::var("PGTEST").unwrap();
    let done = std::process::Command::new("psql")
        .args([&format!("{base}/postgres"), "-qc", &format!("CREATE DATABASE {name}")])
        .status()
        .unwrap();
    assert!(done.success());
    let store = Postgres::open(&format!("{base}/{name}"), Options { readers: 4, ..Options::default() })
        .await
        .unwrap();
    Opened { store: Arc::new(store) }
}
fn rand() -> u128 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    u128::from(std::process::id()) * 10000 + u128::from(NEXT.fetch_add(1, Ordering::SeqCst))
}
