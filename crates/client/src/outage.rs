//! Retries during a server outage: which errors are retried, how long the pauses are, and when to give up.
//!
//! Must not know: what the calls do.

use crate::error::{Error, ErrorKind};
use crate::transport::random_fraction;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a stream retries by default.
pub(crate) const DEFAULT_OUTAGE_LIMIT: Duration = Duration::from_secs(300);
/// The pause before the first retry. It doubles with every further retry.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Whether the call may succeed later without any change to the request.
pub(crate) fn is_transient(error: &Error) -> bool {
    match error.kind {
        ErrorKind::Unreachable => !error.certificate,
        ErrorKind::Overloaded => true,
        _ => error.status.is_some_and(|status| status >= 500),
    }
}

/// Repeats `call` while the server is unreachable, overloaded or failing (5xx), for at most `outage_limit`.
///
/// # Errors
/// The last [`Error`] when the limit is reached; any other error at once.
pub async fn retry_during_outage<T>(
    outage_limit: Duration,
    mut call: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let outage = Outage::default();
    loop {
        match call().await {
            Err(error) if is_transient(&error) => outage.wait_before_retry(error, outage_limit).await?,
            result => return result,
        }
    }
}

/// The current outage, if any. Clones share the state, so that one side retries and another displays the
/// error.
#[derive(Clone, Default)]
pub(crate) struct Outage(Arc<Mutex<Option<OutageState>>>);

struct OutageState {
    since: Instant,
    next_pause: Duration,
    /// `None` after a reconnection that is not confirmed yet: the pauses go on growing if it fails again.
    error: Option<Error>,
}

impl Outage {
    /// The last error; `None` while the server responds.
    pub fn error(&self) -> Option<Error> {
        self.lock().as_ref().and_then(|outage| outage.error.clone())
    }

    /// Records a new connection. The outage ends only with [`Outage::end`].
    pub fn mark_reconnected(&self) {
        if let Some(outage) = &mut *self.lock() {
            outage.error = None;
        }
    }

    /// Records that the server responds normally.
    pub fn end(&self) {
        *self.lock() = None;
    }

    /// Records the error and waits before the next try.
    ///
    /// # Errors
    /// The given error, when the outage has reached `limit`.
    pub async fn wait_before_retry(&self, error: Error, limit: Duration) -> Result<(), Error> {
        let pause = {
            let mut state = self.lock();
            let now = Instant::now();
            let (since, pause) = match &*state {
                Some(outage) => (outage.since, outage.next_pause),
                None => (now, FIRST_PAUSE),
            };
            let remaining = limit.saturating_sub(now.duration_since(since));
            if remaining.is_zero() {
                return Err(error);
            }
            *state = Some(OutageState { since, next_pause: (pause * 2).min(MAX_PAUSE), error: Some(error) });
            // The last try starts exactly at the limit.
            pause.mul_f64(0.5 + random_fraction() / 2.0).min(remaining)
        };
        sleep(pause).await;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<OutageState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
