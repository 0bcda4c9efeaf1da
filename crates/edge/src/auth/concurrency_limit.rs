//! Work that keeps a core busy: on threads of its own, few at a time, and not more waiting than can be done soon.

use domain::error::{Error, Result};
use tokio::sync::Semaphore;

/// One kind of such work. Each has its own, so that none keeps another waiting.
pub struct ConcurrencyLimit {
    at_once: Semaphore,
    places: Semaphore,
}

impl ConcurrencyLimit {
    /// `at_once` are worked on, `places` are worked on or wait.
    pub fn new(at_once: usize, places: usize) -> Self {
        Self { at_once: Semaphore::new(at_once), places: Semaphore::new(places) }
    }

    /// Does it when its turn comes.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.places.try_acquire().map_err(|_| Error::Overloaded)?;
        let _permit = self.at_once.acquire().await.map_err(|_| Error::Overloaded)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Internal(format!("slow work was not done: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc;

    #[tokio::test]
    async fn what_has_no_place_is_told_to_come_back() {
        let lane = Arc::new(ConcurrencyLimit::new(1, 2));
        let (go, wait) = mpsc::channel::<()>();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (busy, waiting) = (Arc::clone(&lane), Arc::clone(&lane));
        let busy = tokio::spawn(async move {
            let work = move || {
                let _ = begun.send(());
                wait.recv().is_ok()
            };
            busy.run(work).await
        });
        begins.await.unwrap();
        let waiting = tokio::spawn(async move { waiting.run(|| 2).await });
        while lane.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(lane.run(|| 3).await, Err(Error::Overloaded));
        go.send(()).unwrap();
        assert_eq!((busy.await.unwrap(), waiting.await.unwrap()), (Ok(true), Ok(2)));
        assert_eq!(lane.run(|| 4).await, Ok(4));
    }
}
