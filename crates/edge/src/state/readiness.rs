//! Whether the server is ready: the last check of the store, and whether a stop is in progress.

use domain::App;
use domain::ports::{Requester, as_requester};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

/// How long the result of a check is valid, in milliseconds. A check commits, so callers can cause at most
/// one in this time.
const CHECK_VALID_MS: i64 = 1_000;

/// The result of a check of the store.
#[derive(Default)]
struct StoreCheck {
    /// Milliseconds since 1970.
    at: i64,
    passed: bool,
}

/// The readiness of this server.
#[derive(Default)]
pub struct Readiness {
    last: Mutex<StoreCheck>,
    draining: AtomicBool,
}

impl Readiness {
    /// Marks the server as about to stop.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the server is about to stop.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether the store reads and commits.
    pub async fn store_works(&self, app: &App) -> bool {
        let now = app.clock.now().as_millisecond();
        let mut last = self.last.lock().await;
        if !(0..CHECK_VALID_MS).contains(&(now - last.at)) {
            // On behalf of the server: an overloaded client does not make it unready.
            let checked = as_requester(Requester::Server, app.store.check()).await;
            if let Err(error) = &checked {
                tracing::warn!(%error, "not ready");
            }
            *last = StoreCheck { at: now, passed: checked.is_ok() };
        }
        last.passed
    }
}
