//! Retries during a server outage: which errors are retried, how long the pauses are, and when to give up.
//!
//! Must not know: what the calls do.

use crate::error::Error;
use crate::transport::random_fraction;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a stream retries by default.
pub(crate) const DEFAULT_OUTAGE_LIMIT: Duration = Duration::from_secs(300);
/// The pause before the first retry. It doubles with every further retry.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause between two tries, unless the server requests a longer one.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Repeats `call` while the server is unreachable, overloaded or failing (5xx), for at most `outage_limit`. It
/// obeys `Retry-After`.
///
/// ```no_run
/// # async fn example(client: stagepost_client::Client, report: stagepost_client::reports::Report)
/// # -> Result<(), stagepost_client::Error> {
/// use stagepost_client::{reports::new_idempotency_key, retry_during_outage};
/// use std::time::Duration;
///
/// // The same key in every try: the report is recorded once.
/// let key = new_idempotency_key();
/// retry_during_outage(Duration::from_secs(300), async || client.report(7, &report, &key).await).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The last [`Error`] when the limit is reached; any other error at once.
pub async fn retry_during_outage<T>(
    outage_limit: Duration,
    call: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    retry_and_notify(outage_limit, call, |_| {}).await
}

/// As [`retry_during_outage`]. Calls `notify` with the error before each pause.
///
/// # Errors
/// As [`retry_during_outage`].
pub async fn retry_and_notify<T>(
    outage_limit: Duration,
    mut call: impl AsyncFnMut() -> Result<T, Error>,
    mut notify: impl FnMut(&Error),
) -> Result<T, Error> {
    let outage = Outage::default();
    loop {
        match call().await {
            Err(error) if error.is_transient() => {
                if !outage.is_over_limit(outage_limit) {
                    notify(&error);
                }
                outage.wait_before_retry(error, outage_limit).await?;
            }
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

    /// Whether the outage has lasted for `limit`.
    fn is_over_limit(&self, limit: Duration) -> bool {
        let lasted = self.lock().as_ref().map_or(Duration::ZERO, |outage| outage.since.elapsed());
        lasted >= limit
    }

    /// Records the error and waits before the next try, at least as long as the error's `Retry-After`.
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
            let jitter = 0.5 + random_fraction() / 2.0;
            let asked = error.retry_after.map_or(Duration::ZERO, |asked| asked + FIRST_PAUSE.mul_f64(jitter));
            *state = Some(OutageState { since, next_pause: (pause * 2).min(MAX_PAUSE), error: Some(error) });
            // The last try starts exactly at the limit.
            pause.mul_f64(jitter).max(asked).min(remaining)
        };
        sleep(pause).await;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<OutageState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
