//! The writer of a node. It takes the queued writes as a group, runs them in one transaction, commits with
//! one sync, and then sends their results (design, data rule 9).

mod queue;

pub use queue::{Lane, Load, QueueMax};

use crate::unit_of_work::{Failure, PrefetchHints, UnitOfWork};
use domain::ports::{Requester, unavailable};
use domain::{Error, Result};
use queue::Queue;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

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

/// What the callers and the thread of the writer share.
struct Shared {
    state: Mutex<State>,
    /// Notified when a write is queued or the writer is to end.
    changed: Condvar,
}

struct State {
    queue: Queue<Write>,
    /// Set once: the writer runs what is queued and ends.
    closing: bool,
    closed: Option<oneshot::Sender<Result<()>>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for writes; an empty group: the writer is to end.
    fn next_group(&self) -> Vec<Write> {
        let wait = |state: &mut State| state.queue.is_empty() && !state.closing;
        let mut state = self.changed.wait_while(self.lock(), wait).unwrap_or_else(PoisonError::into_inner);
        let group = state.queue.take_group();
        let (len, bytes) = (state.queue.len(), state.queue.bytes());
        drop(state);
        metrics::gauge!("stagepost_store_queue_writes").set(len as f64);
        metrics::gauge!("stagepost_store_queue_bytes").set(bytes as f64);
        group
    }
}

pub struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread of the writer, with a queue of this size. `guard` is dropped after the thread ended.
    pub fn start(unit: UnitOfWork, queue: QueueMax, guard: impl Send + 'static) -> Result<Self> {
        for lane in [Lane::Requester(Requester::Server), Lane::Deliveries, Lane::Maintenance] {
            refused_counter(lane).increment(0);
        }
        let state = State { queue: Queue::new(queue), closing: false, closed: None };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        let run = move || {
            let _guard = guard;
            run(unit, &of_thread);
        };
        let thread =
            std::thread::Builder::new().name("stagepost-writer".into()).spawn(run).map_err(unavailable)?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `write` in one of the next commits and returns when that is durable. The next group has it unless
    /// its lane has more queued writes.
    ///
    /// # Errors
    /// [`Error::Overloaded`] if the lane of `load` has used its share of the queue; [`Error::Unavailable`]; those
    /// of `write`.
    pub async fn write<T: Send + 'static>(
        &self,
        load: Load,
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
        self.push(load, write)?;
        receiver.await.unwrap_or_else(|_| Err(unavailable("the write was rolled back")))
    }

    fn push(&self, load: Load, write: Write) -> Result<()> {
        let mut state = self.shared.lock();
        if state.closing {
            return Err(unavailable("the store is closed"));
        }
        let pushed = state.queue.push(load, write);
        drop(state);
        if pushed.is_err() {
            refused_counter(load.lane).increment(1);
            return Err(Error::Overloaded);
        }
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Waits until the writer has run the queued writes and cleaned up, and ends it.
    pub async fn close(&self) -> Result<()> {
        let closed = {
            let mut state = self.shared.lock();
            if state.closing {
                return Ok(());
            }
            let (done, closed) = oneshot::channel();
            state.closing = true;
            state.closed = Some(done);
            closed
        };
        self.shared.changed.notify_one();
        let result = closed.await.unwrap_or_else(|_| Err(unavailable("the writer ended early")));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // The thread only drops its guard.
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
        result
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.changed.notify_one();
    }
}

/// Counts the writes that were refused because their lane had used its share of the queue.
fn refused_counter(lane: Lane) -> metrics::Counter {
    let lane = match lane {
        Lane::Repository(_) => "repository",
        Lane::Requester(_) => "requester",
        Lane::Deliveries => "deliveries",
        Lane::Maintenance => "maintenance",
    };
    metrics::counter!("stagepost_store_writes_refused_total", "of" => lane)
}

/// Marks the writer as closed, also after a panic of its thread: the queued writes get an error instead of
/// waiting for ever.
struct EndOfThread<'a>(&'a Shared);

impl Drop for EndOfThread<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closing = true;
        state.closed = None;
        state.queue = Queue::new(QueueMax { writes: 1, bytes: 0 });
    }
}

fn run(mut unit: UnitOfWork, shared: &Shared) {
    let _end = EndOfThread(shared);
    let seconds = metrics::histogram!("stagepost_store_commit_seconds");
    let sizes = metrics::histogram!("stagepost_store_commit_group");
    loop {
        let group = shared.next_group();
        if group.is_empty() {
            break;
        }
        sizes.record(group.len() as f64);
        let started = Instant::now();
        commit(&mut unit, group);
        seconds.record(started.elapsed().as_secs_f64());
    }
    let closed = shared.lock().closed.take();
    match (unit.close(), closed) {
        (result, Some(done)) => drop(done.send(result)),
        (Err(error), None) => {
            tracing::warn!(%error, "the store was not cleaned up at the end; the next start does it");
        }
        (Ok(()), None) => {}
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
