//! Work that goes on beside the server until it is asked to stop.

use std::future::Future;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long what is under way may go on when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Work under way.
pub struct Background {
    stop: watch::Sender<()>,
    work: JoinHandle<()>,
}

impl Background {
    /// Begins work, which learns by its argument's closing that it is to stop.
    pub fn start<F: Future<Output = ()> + Send + 'static>(
        work: impl FnOnce(watch::Receiver<()>) -> F,
    ) -> Self {
        let (stop, stopped) = watch::channel(());
        Self { stop, work: tokio::spawn(work(stopped)) }
    }

    /// Asks it to stop, and waits a little for what is under way. The store may be closed afterwards.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(GRACE, &mut self.work).await.is_err() {
            self.work.abort();
            // Ended, or broken off where it waited.
            let _ = self.work.await;
        }
    }
}
