//! A commit that an engine has sent, and whose result is not known yet. Meanwhile the writer collects the next group.

use super::Failure;
use domain::Error;
use domain::ports::unavailable;
use std::sync::Arc;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::oneshot::{Receiver, Sender, channel};

/// The result of a commit. The failure determines the handling of the group.
pub type CommitResult = Result<(), (Error, Failure)>;

/// Called when a commit that was sent has a result.
pub type OnResult = Arc<dyn Fn() + Send + Sync>;

/// A commit that was sent.
pub struct SentCommit {
    receiver: Receiver<CommitResult>,
    result: Option<CommitResult>,
    /// Gets a value when all rows are written and only the commit itself has no result.
    written: Option<Receiver<()>>,
}

impl SentCommit {
    /// A commit, and where its result is to be sent.
    pub fn new(on_result: OnResult) -> (ResultSender, Self) {
        let (sender, receiver) = channel();
        (ResultSender { sender: Some(sender), on_result }, Self { receiver, result: None, written: None })
    }

    /// Adds what gets a value when all rows of the commit are written.
    pub fn with_written(self, written: Receiver<()>) -> Self {
        Self { written: Some(written), ..self }
    }

    /// Waits in a task until all rows are written. Returns false if that is unknown: the commit may wait for locks.
    pub async fn is_written(&mut self) -> bool {
        match self.written.take() {
            Some(written) => written.await.is_ok(),
            None => false,
        }
    }

    /// Whether the result is known.
    pub fn has_result(&mut self) -> bool {
        if self.result.is_none() {
            self.result = match self.receiver.try_recv() {
                Ok(result) => Some(result),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Closed) => Some(Err(unknown_result())),
            };
        }
        self.result.is_some()
    }

    /// Waits for the result. Must be called on a thread that may block.
    ///
    /// # Errors
    /// It was not committed, or that is unknown.
    pub fn wait(self) -> CommitResult {
        match self.result {
            Some(result) => result,
            None => self.receiver.blocking_recv().unwrap_or_else(|_| Err(unknown_result())),
        }
    }

    /// As [`Self::wait`], in a task.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub async fn result(mut self) -> CommitResult {
        self.completed().await;
        self.result.unwrap_or_else(|| Err(unknown_result()))
    }

    /// Waits in a task until the result is known.
    pub async fn completed(&mut self) {
        if self.result.is_none() {
            self.result = Some((&mut self.receiver).await.unwrap_or_else(|_| Err(unknown_result())));
        }
    }
}

/// The failure of a commit without a result.
pub fn unknown_result() -> (Error, Failure) {
    (unavailable("the result of a commit is unknown"), Failure::Fatal)
}

/// Sends the result of a commit. Without one, the result is unknown.
pub struct ResultSender {
    sender: Option<Sender<CommitResult>>,
    on_result: OnResult,
}

impl ResultSender {
    pub fn send(mut self, result: CommitResult) {
        if let Some(sender) = self.sender.take() {
            // Fails if the writer has ended.
            drop(sender.send(result));
        }
    }
}

impl Drop for ResultSender {
    fn drop(&mut self) {
        self.sender = None;
        (self.on_result)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn commit() -> (ResultSender, SentCommit, Arc<AtomicUsize>) {
        let called = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&called);
        let on_result = move || {
            counter.fetch_add(1, Ordering::SeqCst);
        };
        let (sender, commit) = SentCommit::new(Arc::new(on_result));
        (sender, commit, called)
    }

    #[test]
    fn a_result_is_known_when_it_was_sent() {
        let (sender, mut commit, called) = commit();
        assert!(!commit.has_result());
        assert_eq!(called.load(Ordering::SeqCst), 0);
        sender.send(Ok(()));
        assert_eq!(called.load(Ordering::SeqCst), 1);
        assert!(commit.has_result() && commit.has_result());
        assert!(commit.wait().is_ok());
    }

    /// The sender of the commit has ended: the writer must neither wait forever nor treat it as committed.
    #[test]
    fn a_commit_without_a_result_is_unknown() {
        for asks in [false, true] {
            let (sender, mut commit, called) = commit();
            drop(sender);
            assert_eq!(called.load(Ordering::SeqCst), 1);
            assert!(!asks || commit.has_result());
            assert!(matches!(commit.wait(), Err((Error::Unavailable(_), Failure::Fatal))));
        }
    }
}
