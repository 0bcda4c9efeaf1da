//! Runs CPU-bound work on blocking threads, a few at a time, with a bounded queue.

use domain::error::{Error, Result};
use tokio::sync::Semaphore;

/// The limit of one kind of work. Each kind has its own limit, so that none delays another.
pub struct ConcurrencyLimit {
    running: Semaphore,
    admitted: Semaphore,
}

impl ConcurrencyLimit {
    /// At most `running` run at the same time; at most `admitted` run or wait.
    pub fn new(running: usize, admitted: usize) -> Self {
        Self { running: Semaphore::new(running), admitted: Semaphore::new(admitted) }
    }

    /// Runs the work when a slot is free.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when the queue is full.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _admitted = self.admitted.try_acquire().map_err(|_| Error::Overloaded)?;
        let _running = self.running.acquire().await.map_err(|_| Error::Overloaded)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Internal(format!("blocking work failed: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc;

    #[tokio::test]
    async fn work_beyond_the_queue_is_rejected() {
        let limit = Arc::new(ConcurrencyLimit::new(1, 2));
        let (release, released) = mpsc::channel::<()>();
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (busy, waiting) = (Arc::clone(&limit), Arc::clone(&limit));
        let busy = tokio::spawn(async move {
            let work = move || {
                let _ = started.send(());
                released.recv().is_ok()
            };
            busy.run(work).await
        });
        has_started.await.unwrap();
        let waiting = tokio::spawn(async move { waiting.run(|| 2).await });
        while limit.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(limit.run(|| 3).await, Err(Error::Overloaded));
        release.send(()).unwrap();
        assert_eq!((busy.await.unwrap(), waiting.await.unwrap()), (Ok(true), Ok(2)));
        assert_eq!(limit.run(|| 4).await, Ok(4));
    }
}
