//! Opens the store: SQLite in a data directory, or a PostgreSQL database.

use domain::App;
use domain::ports::Store;
use edge::auth::secrets::{SystemClock, SystemSecrets};
use std::path::Path;
use std::sync::Arc;
use store::postgres::{self, Postgres};
use store::sqlite::{self, Sqlite};

/// The exit code after a failed commit: `EX_IOERR` of sysexits.
const EXIT_IO_ERROR: i32 = 74;

/// Opens the database at `url`, or SQLite in the data directory without a URL, with the system's clock and
/// random source.
///
/// # Errors
/// A message in one line.
pub async fn open(data: &Path, url: Option<&str>, queue: usize) -> Result<App, String> {
    let store: Arc<dyn Store> = match url {
        Some(url) => {
            create_private(data).map_err(|e| format!("{}: {e}", data.display()))?;
            let options = postgres::Options { queue, ..postgres::Options::default() };
            Arc::new(Postgres::open(url, options).await.map_err(|e| e.to_string())?)
        }
        None => {
            let options = sqlite::Options { queue, on_fatal: Box::new(abort) };
            Arc::new(Sqlite::open(data, options).map_err(|e| e.to_string())?)
        }
    };
    Ok(App { store, clock: Arc::new(SystemClock), secrets: Arc::new(SystemSecrets::default()) })
}

/// Ends the process: after a failed commit the contents of the file are unknown until the next start reads
/// them.
fn abort(reason: &str) {
    tracing::error!(reason, "a commit failed on disk; exiting");
    super::stderr::flush();
    std::process::exit(EXIT_IO_ERROR);
}

/// Creates the directory for a node's certificate and the secrets of the first start, with mode 0700.
fn create_private(data: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
}
