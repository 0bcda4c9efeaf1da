//! A server that is away for a while: what is tried again, after which pauses, and for how long.
//!
//! Must not know: what is asked.

use crate::error::{Error, Kind};
use crate::transport::random_fraction;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pause before the second try; it doubles with each one more.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Whether another try may find the server well again.
pub(crate) fn may_pass(error: &Error) -> bool {
    match error.kind {
        Kind::Unreachable => !error.certificate,
        Kind::Overloaded => true,
        _ => error.status.is_some_and(|status| status >= 500),
    }
}

/// Asks until there is an answer; a server that is away is tried again for so long.
///
/// # Errors
/// The last [`Error`]; at once one that will not pass.
pub async fn patiently<T>(
    patience: Duration,
    mut ask: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let outage = Outage::default();
    loop {
        match ask().await {
            Err(error) if may_pass(&error) => outage.pause(error, patience).await?,
            done => return done,
        }
    }
}

/// An outage under way, if there is one; shared with whoever shows it.
#[derive(Clone, Default)]
pub(crate) struct Outage(Arc<Mutex<Option<Unreachable>>>);

struct Unreachable {
    since: Instant,
    pause: Duration,
    /// `None`: the server is there, and may go again at once.
    error: Option<Error>,
}

impl Outage {
    /// The last error, while it lasts.
    pub fn error(&self) -> Option<Error> {
        self.lock().as_ref().and_then(|away| away.error.clone())
    }

    /// The server is there; whether it stays is to be seen.
    pub fn greet(&self) {
        if let Some(away) = &mut *self.lock() {
            away.error = None;
        }
    }

    /// The server is there.
    pub fn end(&self) {
        *self.lock() = None;
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// This error, when the patience is over.
    pub async fn pause(&self, error: Error, patience: Duration) -> Result<(), Error> {
        let pause = {
            let mut away = self.lock();
            let now = Instant::now();
            let (since, pause) = match &*away {
                Some(away) => (away.since, away.pause),
                None => (now, FIRST_PAUSE),
            };
            let left = patience.saturating_sub(now.duration_since(since));
            if left.is_zero() {
                return Err(error);
            }
            *away = Some(Unreachable { since, pause: (pause * 2).min(LONGEST_PAUSE), error: Some(error) });
            // The last try is when the patience ends, not after it.
            pause.mul_f64(0.5 + random_fraction() / 2.0).min(left)
        };
        sleep(pause).await;
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Unreachable>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
