//! The writer of a node. It takes the queued writes as a group, commits them with one sync, and then sends their
//! results (ARCHITECTURE.md, invariant 5). A group is a transaction, or a commit of the journal if it only has reports.
//! While a database server commits a group, the writer collects the next one and starts it.

mod commits;
mod queue;

pub use queue::{Flow, Load, QueueMax};

use crate::journal::{self, Reader, not_applied};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use commits::{SentGroup, Write, commit, finish};
use domain::ports::{Requester, unavailable};
use domain::{Error, Result};
use queue::Queue;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The longest wait for further writes of a group. It is never longer than the last commit took.
const GATHER_MAX: Duration = Duration::from_millis(3);
/// From this duration of a sync on, all clients make one group. With a faster disk, their processor time takes longer
/// than the syncs that this saves.
const SLOW_SYNC: Duration = Duration::from_millis(1);

/// The shared state of the callers and the thread of the writer.
struct Shared {
    state: Mutex<State>,
    /// Notified when a write is queued or the writer is to end.
    changed: Condvar,
    /// The gauges of the queue.
    writes: metrics::Gauge,
    bytes: metrics::Gauge,
}

struct State {
    queue: Queue<Write>,
    /// Readers that wait until the journal is applied.
    readers: Vec<Reader>,
    /// The journal was applied in the background, or that has failed.
    apply_has_ended: bool,
    /// The number of queued writes at which the writer is notified; `None`: it is not waiting, or was notified.
    notify_at: Option<usize>,
    /// Set once: the writer runs what is queued and ends.
    closing: bool,
    closed: Option<oneshot::Sender<Result<()>>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_gauges(&self, writes: usize, bytes: usize) {
        self.writes.set(writes as f64);
        self.bytes.set(bytes as f64);
    }

    /// Waits for writes, for readers that wait for the journal, or until `until`. If the commit of a group was sent,
    /// only until it has a result; the group then has no writes. `None`: the writer is to end.
    fn next_group(
        &self,
        until: Option<Instant>,
        last: LastGroup,
        sent: Option<&mut SentGroup>,
    ) -> Option<Group> {
        let mut state = self.lock();
        if let Some(sent) = sent {
            state.notify_at = Some(sent.next);
            let mut has_result = false;
            let wait = |state: &mut State| {
                has_result = sent.has_result();
                let is_complete = state.queue.len() >= sent.next || state.queue.fills_group();
                !has_result && !is_complete && !state.closing
            };
            state = self.changed.wait_while(state, wait).unwrap_or_else(PoisonError::into_inner);
            if has_result {
                // Its clients get their results before others are waited for.
                return Some(Group { writes: Vec::new(), readers: Vec::new() });
            }
            return self.take_group(state);
        }
        let clients = last.writes + state.queue.len();
        let wait = |state: &mut State| {
            state.queue.is_empty() && state.readers.is_empty() && !state.apply_has_ended && !state.closing
        };
        state.notify_at = Some(1);
        state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
            None => self.changed.wait_while(state, wait).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                self.changed.wait_timeout_while(state, time, wait).unwrap_or_else(PoisonError::into_inner).0
            }
        };
        // The clients of the last group probably write again. Half of all clients make a group, so that the others send
        // their next writes meanwhile. All of them make one if the disk is slow, so that it syncs half as often.
        let time_of_all = if last.sync_time < SLOW_SYNC { Duration::ZERO } else { last.sync_time };
        let started = Instant::now();
        for (count, time) in [(clients.div_ceil(2), last.time), (clients, time_of_all)] {
            let wait = |state: &mut State| {
                let is_complete = state.queue.len() >= count || state.queue.fills_group();
                !is_complete && !state.queue.is_empty() && state.readers.is_empty() && !state.closing
            };
            let time = time.min(GATHER_MAX).saturating_sub(started.elapsed());
            state.notify_at = Some(count);
            state =
                self.changed.wait_timeout_while(state, time, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.take_group(state)
    }

    fn take_group(&self, mut state: MutexGuard<'_, State>) -> Option<Group> {
        state.notify_at = None;
        state.apply_has_ended = false;
        let group = Group { writes: state.queue.take_group(), readers: std::mem::take(&mut state.readers) };
        let is_end = state.closing && group.writes.is_empty() && group.readers.is_empty();
        let (len, bytes) = (state.queue.len(), state.queue.bytes());
        drop(state);
        self.set_gauges(len, bytes);
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

/// The writes of one commit.
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
    pub fn start(mut unit: UnitOfWork, queue: QueueMax, guard: impl Send + 'static) -> Result<Self> {
        for flow in [Flow::Requester(Requester::Server), Flow::Deliveries, Flow::Maintenance] {
            refused_counter(flow).increment(0);
        }
        let state = State {
            queue: Queue::new(queue),
            readers: Vec::new(),
            apply_has_ended: false,
            notify_at: Some(1),
            closing: false,
            closed: None,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            writes: metrics::gauge!("stagepost_store_queue_writes"),
            bytes: metrics::gauge!("stagepost_store_queue_bytes"),
        });
        let notified = Arc::clone(&shared);
        unit.notify_applied(move || {
            notified.lock().apply_has_ended = true;
            notified.changed.notify_one();
        });
        let notified = Arc::clone(&shared);
        unit.set_on_result(Arc::new(move || {
            // The writer does not miss it between its look at the result and its wait.
            drop(notified.lock());
            notified.changed.notify_one();
        }));
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
    /// its flow has more queued writes. It is queued by the call, also if the future is never polled.
    ///
    /// # Errors
    /// [`Error::Overloaded`] if the flow of `load` has used its share of the queue; [`Error::Unavailable`]; those
    /// of `write`.
    pub fn write<T: Send + 'static, W: Fn(&mut UnitOfWork) -> Result<T> + Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: W,
    ) -> impl Future<Output = Result<T>> + Send + use<T, W> {
        // Queued here and not in the future: the future would contain the write, and be moved with it.
        let (write, receiver) = Write::new(hints, write);
        let queued = self.push(load, write);
        async move {
            queued?;
            receiver.await.unwrap_or_else(|_| Err(unavailable("the write was rolled back")))
        }
    }

    fn push(&self, load: Load, write: Write) -> Result<()> {
        let mut state = self.shared.lock();
        if state.closing {
            return Err(unavailable("the store is closed"));
        }
        let pushed = state.queue.push(load, write);
        let is_complete = |at| state.queue.len() >= at || state.queue.fills_group();
        let notify = state.notify_at.is_some_and(is_complete);
        if notify {
            // One notification ends the wait, and each is a system call.
            state.notify_at = None;
        }
        let (len, bytes) = (state.queue.len(), state.queue.bytes());
        drop(state);
        self.shared.set_gauges(len, bytes);
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
    metrics::counter!("stagepost_store_writes_refused_total", "queue" => kind)
}

/// Marks the writer as closed, also after a panic of its thread: the queued writes get an error instead of
/// waiting forever.
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
    let (mut last, mut kept, mut sent) = (LastGroup::default(), Vec::new(), None::<SentGroup>);
    while let Some(Group { writes, readers }) = shared.next_group(unit.due_at(), last, sent.as_mut()) {
        if unit.is_stale()
            && let Err(error) = journal::recover(&mut unit)
        {
            unit.note_failure(&error);
            kept.drain(..).chain(readers).for_each(|reader: Reader| reader.send(Err(not_applied())));
            writes.into_iter().for_each(|write| write.fail(error.clone()));
            // The age of the journal grows.
            unit.set_gauges();
            continue;
        }
        unit.apply_in_background(&mut kept, readers);
        if writes.is_empty() {
            if let Some(sent) = sent.take() {
                let started = sent.started;
                finish(&mut unit, sent);
                // The disk is slow, but the next groups are collected meanwhile.
                last = LastGroup { time: started.elapsed(), sync_time: Duration::ZERO, ..last };
            }
        } else {
            let (count, started) = (writes.len(), Instant::now());
            sizes.record(count as f64);
            let before = sent.take();
            let started_before = before.as_ref().map(|before| before.started);
            sent = commit(&mut unit, writes, false, before);
            match &mut sent {
                // Half of the clients of both groups, so that the groups become equal.
                Some(sent) => {
                    sent.next = (last.writes + count).div_ceil(2);
                    last.writes = count;
                    last.time = started_before.map_or(last.time, |started| started.elapsed());
                }
                None => {
                    let time = started.elapsed();
                    // If the duration of the disk access is unknown, the disk is assumed to be slow.
                    last = LastGroup { writes: count, time, sync_time: unit.sync_time().unwrap_or(time) };
                    seconds.record(last.time.as_secs_f64());
                }
            }
        }
        unit.set_gauges();
    }
    if let Some(sent) = sent {
        finish(&mut unit, sent);
    }
    let closed = shared.lock().closed.take();
    // If it fails, the next start applies the journal.
    let recovered = if unit.is_stale() { journal::recover(&mut unit) } else { Ok(()) };
    if recovered.is_ok() && unit.has_unapplied() {
        commit(&mut unit, Vec::new(), true, None);
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
