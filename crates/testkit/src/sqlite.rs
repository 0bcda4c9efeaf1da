//! Stores of SQLite for tests.

use domain::ports::Health as _;
use std::ffi::OsString;
use std::path::Path;
use store::sqlite::{Options, Sqlite};
use tokio::sync::OnceCell;

/// Creates a store without data in this directory, for a test that opens it. It is a copy of one that is made once in a
/// process, because the migrations take longer than most tests.
///
/// # Panics
/// When the files cannot be written.
pub async fn create(dir: &Path) {
    static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
    for (name, content) in FILES.get_or_init(files).await {
        std::fs::write(dir.join(name), content).expect("a file");
    }
}

async fn files() -> Vec<(OsString, Vec<u8>)> {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Sqlite::open(dir.path(), Options::default()).expect("a store");
    store.close().await.expect("a closed store");
    let entries = std::fs::read_dir(dir.path()).expect("a directory").map(|entry| entry.expect("a file"));
    entries.map(|entry| (entry.file_name(), std::fs::read(entry.path()).expect("a file"))).collect()
}
