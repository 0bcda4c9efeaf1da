//! Background tasks that run until the server stops.

use std::future::Future;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a task may run after the stop signal.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// A running task.
pub struct Background {
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Background {
    /// Starts a task. The channel given to it closes when the task must stop.
    pub fn start<F: Future<Output = ()> + Send + 'static>(
        work: impl FnOnce(watch::Receiver<()>) -> F,
    ) -> Self {
        let (stop, stopped) = watch::channel(());
        Self { stop, task: tokio::spawn(work(stopped)) }
    }

    /// Signals the task to stop and waits for its end; after 5 s it is aborted. The store may be closed
    /// afterwards.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(STOP_TIMEOUT, &mut self.task).await.is_err() {
            self.task.abort();
            // Wait until the abort has taken effect.
            let _ = self.task.await;
        }
    }
}
