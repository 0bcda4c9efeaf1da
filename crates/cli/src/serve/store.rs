//! The store that a server or a command alone works on: a data directory's, or a database of several nodes.

use domain::App;
use domain::ports::Store;
use edge::auth::secrets::{SystemClock, SystemSecrets};
use std::path::Path;
use std::sync::Arc;
use store::postgres::{self, Postgres};
use store::sqlite::{self, Sqlite};

/// Exit code after a disk that failed a commit (sysexits: an error of the operating system's input or output).
const EXIT_DISK: i32 = 74;

/// Opens the store in the database at `url`, or without one in the data directory, with the system's clock and randomness.
///
/// # Errors
/// One line that says what is wrong.
pub async fn open(data: &Path, url: Option<&str>, queue: usize) -> Result<App, String> {
    let store: Arc<dyn Store> = match url {
        Some(url) => {
            make_private(data).map_err(|e| format!("{}: {e}", data.display()))?;
            let options = postgres::Options { queue, ..postgres::Options::default() };
            Arc::new(Postgres::open(url, options).await.map_err(|e| e.to_string())?)
        }
        None => {
            let options = sqlite::Options { queue, on_fatal: Box::new(end) };
            Arc::new(Sqlite::open(data, options).map_err(|e| e.to_string())?)
        }
    };
    Ok(App { store, clock: Arc::new(SystemClock), secrets: Arc::new(SystemSecrets::default()) })
}

fn end(why: &str) {
    tracing::error!(
        why,
        "the disk cannot be trusted; ending, so that the next start reads what is really there"
    );
    std::process::exit(EXIT_DISK);
}

/// The directory of what a node keeps for itself: its certificate, and the secrets of the first start.
fn make_private(data: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
}
