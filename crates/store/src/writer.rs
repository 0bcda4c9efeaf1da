//! The writer of a node. It takes the queued writes as a group, runs them in one transaction, commits with
//! one sync, and then sends their results (design, data rule 9).

use crate::unit_of_work::{Failure, PrefetchHints, UnitOfWork};
use domain::ports::unavailable;
use domain::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// The maximum of writes in one group: bounds how long the first of them waits for its result.
const GROUP_MAX: usize = 512;
/// The maximum of reports in one group, unless a single write has more: bounds the memory of a group.
const REPORTS_MAX: usize = 10_000;
/// How often a group is tried that conflicts with other nodes.
const TRIES_MAX: u32 = 20;
/// The pause before the third try; each further pause is longer by this.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// A queued write. It decides before it writes, so that a refused one writes nothing. A failure of the store
/// rolls back the whole group, which may then run again.
struct Write {
    hints: PrefetchHints,
    run: Operation,
    /// Sends the error to the caller after the group was rolled back.
    fail: Box<dyn FnOnce(Error) + Send>,
}
type Operation = Box<dyn Fn(&mut UnitOfWork) -> Result<SendResult> + Send>;
/// Sends the result to the caller after the commit.
type SendResult = Box<dyn FnOnce() + Send>;

enum Message {
    Write(Write),
    Close(oneshot::Sender<Result<()>>),
}

pub struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread of the writer, with a queue of at most `queue` writes. `guard` is dropped after the
    /// thread ended.
    pub fn start(unit: UnitOfWork, queue: usize, guard: impl Send + 'static) -> Result<Self> {
        let (queue, queued) = mpsc::channel(queue.max(1));
        let run = move || {
            let _guard = guard;
            run(unit, queued);
        };
        let thread =
            std::thread::Builder::new().name("stagepost-writer".into()).spawn(run).map_err(unavailable)?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `write` in the next commit and returns when that is durable.
    pub async fn write<T: Send + 'static>(
        &self,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let send = |sender: &Mutex<Option<oneshot::Sender<Result<T>>>>, result| {
            if let Some(sender) = sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
                // Fails if the caller was dropped, which then needs no result.
                drop(sender.send(result));
            }
        };
        let shared = Arc::clone(&sender);
        let run = move |unit: &mut UnitOfWork| match write(unit) {
            // The transaction failed: the group is rolled back, and every write in it gets this error.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => Err(error),
            result => {
                let sender = Arc::clone(&shared);
                Ok(Box::new(move || send(&sender, result)) as SendResult)
            }
        };
        let fail = move |error| send(&sender, Err(error));
        let write = Write { hints, run: Box::new(run), fail: Box::new(fail) };
        self.queue.try_send(Message::Write(write)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Overloaded,
            mpsc::error::TrySendError::Closed(_) => unavailable("the store is closed"),
        })?;
        receiver.await.unwrap_or_else(|_| Err(unavailable("the write was rolled back")))
    }

    /// Waits until the writer has run the queued writes and cleaned up, and ends it.
    pub async fn close(&self) -> Result<()> {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_err() {
            return Ok(());
        }
        let result = closed.await.unwrap_or_else(|_| Err(unavailable("the writer ended early")));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // The thread only drops its guard.
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
        result
    }
}

fn run(mut unit: UnitOfWork, mut queue: mpsc::Receiver<Message>) {
    let seconds = metrics::histogram!("stagepost_store_commit_seconds");
    let sizes = metrics::histogram!("stagepost_store_commit_group");
    while let Some(first) = queue.blocking_recv() {
        let mut group = Vec::new();
        let (mut closing, mut reports) = (None, 0);
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(write) => {
                    reports += write.hints.pipelines.len() + write.hints.identities.len();
                    group.push(write);
                }
                Message::Close(done) => {
                    closing = Some(done);
                    break;
                }
            }
            let full = group.len() >= GROUP_MAX || reports >= REPORTS_MAX;
            next = if full { None } else { queue.try_recv().ok() };
        }
        if !group.is_empty() {
            sizes.record(group.len() as f64);
            let started = Instant::now();
            commit(&mut unit, group);
            seconds.record(started.elapsed().as_secs_f64());
        }
        if let Some(done) = closing {
            let _ = done.send(unit.close());
            return;
        }
    }
    if let Err(error) = unit.close() {
        tracing::warn!(%error, "the store was not cleaned up at the end; the next start does it");
    }
}

/// Runs a group in one transaction with one sync, retries it where that may help, and sends the results.
fn commit(unit: &mut UnitOfWork, group: Vec<Write>) {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut results = Vec::with_capacity(group.len());
        let error = match run_group(unit, &group, &mut results).and_then(|()| unit.commit()) {
            Ok(()) => {
                unit.end_group();
                results.into_iter().for_each(|send| send());
                return;
            }
            Err(error) => error,
        };
        let failure = unit.roll_back();
        unit.end_group();
        match failure {
            Failure::Conflict if tries < TRIES_MAX => {
                metrics::counter!("stagepost_store_commits_repeated_total").increment(1);
                tracing::debug!(%error, tries, "a group of writes conflicted with another node and is retried");
                std::thread::sleep(RETRY_PAUSE * (tries - 1).min(20));
            }
            Failure::Rejected if group.len() > 1 => {
                tracing::warn!(%error, of = group.len(), "a group was rolled back because of one write; each write is retried alone");
                return group.into_iter().for_each(|write| commit(unit, vec![write]));
            }
            _ => {
                metrics::counter!("stagepost_store_commits_failed_total").increment(1);
                tracing::error!(%error, rolled_back = group.len(), "a group of writes was rolled back");
                return group.into_iter().for_each(|write| (write.fail)(error.clone()));
            }
        }
    }
}

fn run_group(unit: &mut UnitOfWork, group: &[Write], results: &mut Vec<SendResult>) -> Result<()> {
    unit.start_group(group.iter().map(|write| &write.hints))?;
    for write in group {
        results.push((write.run)(unit)?);
    }
    Ok(())
}
