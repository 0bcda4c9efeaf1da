//! The writer of a node. It takes the queued writes as a group, commits them with one sync, and then sends their
//! results (design, data rule 9). A group is a transaction, or a commit of the journal if it only has reports.

mod queue;

pub use queue::{Flow, Load, QueueMax};

use crate::journal::{self, Reader, not_applied};
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
/// The longest wait for further writes of a group. It is never longer than the last commit took.
const GATHER_MAX: Duration = Duration::from_millis(3);
/// The pause before the third try; each further pause is longer by this.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// A queued write. It decides before it writes, so that a refused one writes nothing. A failure of the store
/// rolls back the whole group, which may then run again.
struct Write {
    hints: PrefetchHints,
    operation: Box<dyn Operation>,
}

/// What a write does, and who waits for its result.
trait Operation: Send {
    /// Runs the write, and keeps its result.
    ///
    /// # Errors
    /// The transaction failed: the group is to be rolled back.
    fn run(&mut self, unit: &mut UnitOfWork) -> Result<()>;
    /// Sends the result to the caller. Must be called after the commit.
    fn send(self: Box<Self>);
    /// Sends the error to the caller. Must be called after the rollback.
    fn fail(self: Box<Self>, error: Error);
}

struct Queued<T, W> {
    write: W,
    result: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T: Send, W: Fn(&mut UnitOfWork) -> Result<T> + Send> Operation for Queued<T, W> {
    fn run(&mut self, unit: &mut UnitOfWork) -> Result<()> {
        match (self.write)(unit) {
            // The transaction failed: every write of the group gets this error.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn send(self: Box<Self>) {
        if let Some(result) = self.result {
            // Fails if the caller was dropped, which then needs no result.
            drop(self.caller.send(result));
        }
    }

    fn fail(self: Box<Self>, error: Error) {
        drop(self.caller.send(Err(error)));
    }
}

/// What the callers and the thread of the writer share.
struct Shared {
    state: Mutex<State>,
    /// Notified when a write is queued or the writer is to end.
    changed: Condvar,
}

struct State {
    queue: Queue<Write>,
    /// Readers that wait until the journal is applied.
    readers: Vec<Reader>,
    /// The journal was applied in the background, or that has failed.
    apply_has_ended: bool,
    /// The number of queued writes at which the writer is notified.
    notify_at: usize,
    /// Set once: the writer runs what is queued and ends.
    closing: bool,
    closed: Option<oneshot::Sender<Result<()>>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for writes, for readers that wait for the journal, or until `until`. `None`: the writer is to end.
    fn next_group(&self, until: Option<Instant>, last: LastGroup) -> Option<Group> {
        let mut state = self.lock();
        let clients = last.writes + state.queue.len();
        let wait = |state: &mut State| {
            state.queue.is_empty() && state.readers.is_empty() && !state.apply_has_ended && !state.closing
        };
        state.notify_at = 1;
        state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
            None => self.changed.wait_while(state, wait).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                self.changed.wait_timeout_while(state, time, wait).unwrap_or_else(PoisonError::into_inner).0
            }
        };
        // The clients of the last group probably write again. Half of all clients make a group, so that the others send
        // their next writes meanwhile. All of them make one if the disk is slow, so that it syncs half as often.
        let started = Instant::now();
        for (count, time) in [(clients.div_ceil(2), last.time), (clients, last.sync_time)] {
            let wait = |state: &mut State| {
                let is_complete = state.queue.len() >= count || state.queue.fills_group();
                !is_complete && !state.queue.is_empty() && state.readers.is_empty() && !state.closing
            };
            let time = time.min(GATHER_MAX).saturating_sub(started.elapsed());
            state.notify_at = count;
            state =
                self.changed.wait_timeout_while(state, time, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.notify_at = usize::MAX;
        state.apply_has_ended = false;
        let group = Group { writes: state.queue.take_group(), readers: std::mem::take(&mut state.readers) };
        let is_end = state.closing && group.writes.is_empty() && group.readers.is_empty();
        let (len, bytes) = (state.queue.len(), state.queue.bytes());
        drop(state);
        metrics::gauge!("stagepost_store_queue_writes").set(len as f64);
        metrics::gauge!("stagepost_store_queue_bytes").set(bytes as f64);
        (!is_end).then_some(group)
    }
}

/// The last commit: how many writes it had, how long it took, and how long it waited for the disk.
#[derive(Clone, Copy, Default)]
struct LastGroup {
    writes: usize,
    time: Duration,
    sync_time: Duration,
}

/// What one commit serves.
struct Group {
    writes: Vec<Write>,
    readers: Vec<Reader>,
}

pub struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread of the writer, with a queue of this size. `guard` is dropped after the thread ended.
    pub fn start(unit: UnitOfWork, queue: QueueMax, guard: impl Send + 'static) -> Result<Self> {
        for flow in [Flow::Requester(Requester::Server), Flow::Deliveries, Flow::Maintenance] {
            refused_counter(flow).increment(0);
        }
        let state = State {
            queue: Queue::new(queue),
            readers: Vec::new(),
            apply_has_ended: false,
            notify_at: 1,
            closing: false,
            closed: None,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let notified = Arc::clone(&shared);
        unit.notify_applied(move || {
            notified.lock().apply_has_ended = true;
            notified.changed.notify_one();
        });
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
    /// its flow has more queued writes.
    ///
    /// # Errors
    /// [`Error::Overloaded`] if the flow of `load` has used its share of the queue; [`Error::Unavailable`]; those
    /// of `write`.
    pub async fn write<T: Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (caller, receiver) = oneshot::channel();
        let operation = Box::new(Queued { write, result: None, caller });
        self.push(load, Write { hints, operation })?;
        receiver.await.unwrap_or_else(|_| Err(unavailable("the write was rolled back")))
    }

    fn push(&self, load: Load, write: Write) -> Result<()> {
        let mut state = self.shared.lock();
        if state.closing {
            return Err(unavailable("the store is closed"));
        }
        let pushed = state.queue.push(load, write);
        let notify = state.queue.len() >= state.notify_at || state.queue.fills_group();
        drop(state);
        if pushed.is_err() {
            refused_counter(load.flow).increment(1);
            return Err(Error::Overloaded);
        }
        if notify {
            self.shared.changed.notify_one();
        }
        Ok(())
    }

    /// Returns when the tables have the reports of this generation of the journal that were acknowledged before the
    /// call, and of the generations before.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn apply_journal(&self, generation: u64) -> Result<()> {
        let receiver = {
            let mut state = self.shared.lock();
            if state.closing {
                return Err(unavailable("the store is closed"));
            }
            let (result, receiver) = oneshot::channel();
            state.readers.push(Reader { generation, result });
            receiver
        };
        self.shared.changed.notify_one();
        receiver.await.unwrap_or_else(|_| Err(unavailable("the writer ended early")))
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

/// Counts the writes that were refused because their flow had used its share of the queue.
fn refused_counter(flow: Flow) -> metrics::Counter {
    let kind = match flow {
        Flow::Repository(_) => "repository",
        Flow::Requester(_) => "requester",
        Flow::Deliveries => "deliveries",
        Flow::Maintenance => "maintenance",
    };
    metrics::counter!("stagepost_store_writes_refused_total", "of" => kind)
}

/// Marks the writer as closed, also after a panic of its thread: the queued writes get an error instead of
/// waiting for ever.
struct EndOfThread<'a>(&'a Shared);

impl Drop for EndOfThread<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closing = true;
        state.closed = None;
        state.readers.clear();
        state.queue = Queue::new(QueueMax { writes: 1, bytes: 0 });
    }
}

fn run(mut unit: UnitOfWork, shared: &Shared) {
    let _end = EndOfThread(shared);
    let seconds = metrics::histogram!("stagepost_store_commit_seconds");
    let sizes = metrics::histogram!("stagepost_store_commit_group");
    let (mut last, mut kept) = (LastGroup::default(), Vec::new());
    while let Some(Group { writes, readers }) = shared.next_group(unit.due_at(), last) {
        if unit.is_stale()
            && let Err(error) = journal::recover(&mut unit)
        {
            unit.note_failure(&error);
            kept.drain(..).chain(readers).for_each(|reader: Reader| reader.send(Err(not_applied())));
            writes.into_iter().for_each(|write| write.operation.fail(error.clone()));
            continue;
        }
        unit.apply_in_background(&mut kept, readers);
        if !writes.is_empty() {
            let (count, started) = (writes.len(), Instant::now());
            sizes.record(count as f64);
            commit(&mut unit, writes, false);
            let time = started.elapsed();
            // Where it is not known how long the disk took, it is assumed to be slow.
            last = LastGroup { writes: count, time, sync_time: unit.sync_time().unwrap_or(time) };
            seconds.record(last.time.as_secs_f64());
        }
        unit.set_gauges();
    }
    let closed = shared.lock().closed.take();
    // If it fails, the next start applies the journal.
    let recovered = if unit.is_stale() { journal::recover(&mut unit) } else { Ok(()) };
    if recovered.is_ok() && unit.has_unapplied() {
        commit(&mut unit, Vec::new(), true);
    }
    let is_applied = !unit.has_unapplied();
    kept.into_iter().for_each(|reader| reader.send(if is_applied { Ok(()) } else { Err(not_applied()) }));
    match (unit.close(), closed) {
        (result, Some(done)) => drop(done.send(result)),
        (Err(error), None) => {
            tracing::warn!(%error, "the store was not cleaned up at the end; the next start does it");
        }
        (Ok(()), None) => {}
    }
}

/// Runs a group and commits it with one sync, retries it where that may help, and sends the results. `apply` also
/// applies the journal.
fn commit(unit: &mut UnitOfWork, mut group: Vec<Write>, apply: bool) {
    if let Err(error) = unit.prepare(group.iter().map(|write| &write.hints), apply) {
        unit.end_group();
        return group.into_iter().for_each(|write| write.operation.fail(error.clone()));
    }
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match run_group(unit, &mut group).and_then(|()| unit.commit()) {
            Ok(()) => {
                unit.end_group();
                return group.into_iter().for_each(|write| write.operation.send());
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
                return group.into_iter().for_each(|write| commit(unit, vec![write], apply));
            }
            _ => {
                metrics::counter!("stagepost_store_commits_failed_total").increment(1);
                tracing::error!(%error, rolled_back = group.len(), "a group of writes was rolled back");
                return group.into_iter().for_each(|write| write.operation.fail(error.clone()));
            }
        }
    }
}

fn run_group(unit: &mut UnitOfWork, group: &mut [Write]) -> Result<()> {
    unit.start_group(group.iter().map(|write| &write.hints))?;
    group.iter_mut().try_for_each(|write| write.operation.run(unit))
}
