//! The readers of a node, shared fairly. Every read takes a slot of its class, so that reads of many rows
//! leave slots for lookups. Waiting reads get slots by turns of their requesters.

mod pace;
mod stop;
mod turns;

pub use pace::Pace;
pub use stop::Stop;

use domain::model::ids::RepositoryId;
use domain::ports::{Requester, current_requester};
use domain::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use turns::{Turns, Waiting};

/// The maximum of rows that one query may return to this process: bounds its memory.
pub const ROWS_MAX: usize = 200_000;
/// How long a read of a client may wait for a slot. Those of the server itself wait six times as long.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// The maximum of waiting reads of one client, by class.
const LOOKUPS_WAITING_MAX: usize = 4_096;
const SCANS_WAITING_MAX: usize = 64;
/// The maximum of waiting scans of all clients. One client has at most as many as are free.
const ALL_SCANS_WAITING_MAX: usize = 512;

/// How much a read may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadClass {
    /// At most some hundreds of rows by an index. An engine may read them on the thread of the request.
    Point,
    /// Rows by an index, perhaps thousands, such as those of one pipeline. The limits are those of lookups.
    Range,
    /// Perhaps many rows: of this repository, or of all.
    Scan(Option<RepositoryId>),
    /// Maintenance or verification.
    Bulk,
}

impl ReadClass {
    /// The longest time that a read may run.
    pub fn time_max(self, requester: Requester) -> Duration {
        match self {
            Self::Point | Self::Range => Duration::from_secs(5),
            Self::Scan(_) if requester.is_anonymous() => Duration::from_secs(2),
            Self::Scan(_) => Duration::from_secs(10),
            Self::Bulk => Duration::from_secs(30),
        }
    }

    /// Whether the limits are those of lookups.
    pub fn is_lookup(self) -> bool {
        matches!(self, Self::Point | Self::Range)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Point | Self::Range => "point",
            Self::Scan(_) => "scan",
            Self::Bulk => "bulk",
        }
    }
}

/// The maximum numbers of concurrent reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limits {
    all: usize,
    points: usize,
    anonymous_points: usize,
    /// Scans and bulk reads together: the others are reserved for lookups.
    scans: usize,
    scans_of_client: usize,
    scans_of_repository: usize,
    anonymous_scans: usize,
    bulk: usize,
}

impl Limits {
    /// The limits of so many readers. With one reader nothing is reserved.
    fn of(readers: usize) -> Self {
        let part = |numerator: usize, denominator: usize| (readers * numerator / denominator).max(1);
        Self {
            all: readers,
            points: readers - part(1, 8).min(readers - 1),
            anonymous_points: part(1, 2),
            scans: part(1, 2),
            scans_of_client: part(1, 4),
            scans_of_repository: part(3, 8),
            anonymous_scans: part(1, 8),
            bulk: part(1, 8),
        }
    }
}

/// A read as the slots see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Read {
    class: ReadClass,
    requester: Requester,
}

/// The running and waiting reads.
struct State {
    limits: Limits,
    running: Vec<Read>,
    points: Turns<oneshot::Sender<Slot>>,
    scans: Turns<oneshot::Sender<Slot>>,
    bulk: Turns<oneshot::Sender<Slot>>,
}

impl State {
    fn count(&self, is: impl Fn(&Read) -> bool) -> usize {
        self.running.iter().filter(|read| is(read)).count()
    }

    /// Whether the read may run now.
    fn admits(&self, read: &Read) -> bool {
        let limits = &self.limits;
        let is_point = |read: &Read| read.class.is_lookup();
        let is_scan = |read: &Read| matches!(read.class, ReadClass::Scan(_));
        let anonymous = read.requester.is_anonymous();
        if self.running.len() >= limits.all {
            return false;
        }
        let many = self.count(|other| !is_point(other));
        match read.class {
            ReadClass::Point | ReadClass::Range => {
                self.count(is_point) < limits.points
                    && (!anonymous
                        || self.count(|other| is_point(other) && other.requester.is_anonymous())
                            < limits.anonymous_points)
            }
            ReadClass::Bulk => {
                many < limits.scans && self.count(|other| other.class == read.class) < limits.bulk
            }
            ReadClass::Scan(repository) => {
                let of_client = |other: &Read| is_scan(other) && other.requester == read.requester;
                let of_repository = |other: &Read| other.class == ReadClass::Scan(repository);
                many < limits.scans
                    && (read.requester == Requester::Server || self.count(of_client) < limits.scans_of_client)
                    && (repository.is_none() || self.count(of_repository) < limits.scans_of_repository)
                    && (!anonymous
                        || self.count(|other| is_scan(other) && other.requester.is_anonymous())
                            < limits.anonymous_scans)
            }
        }
    }

    fn turns(&mut self, class: ReadClass) -> &mut Turns<oneshot::Sender<Slot>> {
        match class {
            ReadClass::Point | ReadClass::Range => &mut self.points,
            ReadClass::Scan(_) => &mut self.scans,
            ReadClass::Bulk => &mut self.bulk,
        }
    }

    /// Queues a read; false: too many are waiting.
    fn wait(&mut self, read: Read, slot: oneshot::Sender<Slot>) -> bool {
        let (of_client, of_all) = match read.class {
            ReadClass::Point | ReadClass::Range => (LOOKUPS_WAITING_MAX, usize::MAX),
            ReadClass::Scan(_) => (SCANS_WAITING_MAX, ALL_SCANS_WAITING_MAX),
            ReadClass::Bulk => (SCANS_WAITING_MAX, usize::MAX),
        };
        let turns = self.turns(read.class);
        // Never more than are free, so that other clients find a place.
        let is_full = |turns: &Turns<_>| {
            turns.len_of(read.requester) >= of_client.min(of_all.saturating_sub(turns.len()))
        };
        if read.requester != Requester::Server && is_full(turns) {
            // Clients that disconnected may still be counted.
            turns.retain(|slot| !slot.is_closed());
            if is_full(turns) {
                return false;
            }
        }
        turns.push(Waiting { read, slot });
        true
    }

    /// Removes the waiting reads that may run now, and counts them as running.
    fn start_waiting(&mut self) -> Vec<Waiting<oneshot::Sender<Slot>>> {
        let mut started = Vec::new();
        if self.running.len() >= self.limits.all {
            return started;
        }
        for class in [ReadClass::Point, ReadClass::Scan(None), ReadClass::Bulk] {
            let mut turns = std::mem::take(self.turns(class));
            while let Some(next) = turns.take_first(|read| self.admits(read)) {
                if next.slot.is_closed() {
                    continue;
                }
                self.running.push(next.read);
                started.push(next);
            }
            *self.turns(class) = turns;
        }
        started
    }
}

/// The slots of the readers of a node.
pub struct Slots {
    state: Mutex<State>,
    wait_max: Duration,
}

/// The right to read, until it is dropped.
pub struct Slot {
    slots: Arc<Slots>,
    read: Read,
}

impl Slot {
    /// The longest time that the read may run.
    pub fn time_max(&self) -> Duration {
        self.read.class.time_max(self.read.requester)
    }

    /// The error of a read that has run too long. It is counted.
    pub fn timed_out(&self) -> Error {
        refused_counter(self.read.class, "time").increment(1);
        Error::Unavailable(format!("a read was cancelled after {} s", self.time_max().as_secs()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.slots.lock();
        if let Some(at) = state.running.iter().position(|read| *read == self.read) {
            state.running.swap_remove(at);
        }
        let started = state.start_waiting();
        drop(state);
        // Sent without the lock: a slot whose receiver has gone is dropped here, which needs the lock.
        for Waiting { read, slot } in started {
            drop(slot.send(Self { slots: Arc::clone(&self.slots), read }));
        }
    }
}

impl Slots {
    /// The slots of so many readers.
    pub fn new(readers: usize) -> Arc<Self> {
        for class in [ReadClass::Point, ReadClass::Scan(None), ReadClass::Bulk] {
            for reason in ["queue", "wait", "time"] {
                refused_counter(class, reason).increment(0);
            }
            waiting_gauge(class).set(0.0);
        }
        Self::with_wait_max(readers, WAIT_MAX)
    }

    fn with_wait_max(readers: usize, wait_max: Duration) -> Arc<Self> {
        let state = State {
            limits: Limits::of(readers.max(1)),
            running: Vec::new(),
            points: Turns::default(),
            scans: Turns::default(),
            bulk: Turns::default(),
        };
        Arc::new(Self { state: Mutex::new(state), wait_max })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a slot for the current requester.
    ///
    /// # Errors
    /// [`Error::Overloaded`] if too many reads of the requester wait, or if the wait takes too long.
    pub async fn take(self: &Arc<Self>, class: ReadClass) -> Result<Slot> {
        let read = Read { class, requester: current_requester() };
        let receiver = {
            let mut state = self.lock();
            // Those that wait come first.
            if state.turns(class).is_empty() && state.admits(&read) {
                state.running.push(read);
                return Ok(Slot { slots: Arc::clone(self), read });
            }
            let (sender, receiver) = oneshot::channel();
            if !state.wait(read, sender) {
                drop(state);
                refused_counter(class, "queue").increment(1);
                return Err(Error::Overloaded);
            }
            // A waiting read may not be admitted where this one is: of another client or repository.
            let started = state.start_waiting();
            drop(state);
            for Waiting { read, slot } in started {
                drop(slot.send(Slot { slots: Arc::clone(self), read }));
            }
            receiver
        };
        let _waiting = WaitingRead::new(class);
        // Nobody waits for the maintenance of the server.
        let patience = if read.requester == Requester::Server { 6 } else { 1 };
        match tokio::time::timeout(self.wait_max * patience, receiver).await {
            Ok(Ok(slot)) => Ok(slot),
            _ => {
                refused_counter(class, "wait").increment(1);
                Err(Error::Overloaded)
            }
        }
    }
}

/// Counts a read in the gauge while it waits.
struct WaitingRead(metrics::Gauge);

impl WaitingRead {
    fn new(class: ReadClass) -> Self {
        let gauge = waiting_gauge(class);
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for WaitingRead {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// The reads that wait for a slot, by class.
fn waiting_gauge(class: ReadClass) -> metrics::Gauge {
    metrics::gauge!("stagepost_store_reads_waiting", "class" => class.name())
}

/// The error of a query that returns more than [`ROWS_MAX`] rows.
pub fn too_many_rows() -> Error {
    Error::Unavailable(format!("a query returned more than {ROWS_MAX} rows"))
}

/// Counts the reads that were refused, by class and by the limit that they exceeded.
fn refused_counter(class: ReadClass, limit: &'static str) -> metrics::Counter {
    metrics::counter!("stagepost_store_reads_refused_total", "class" => class.name(), "limit" => limit)
}

#[cfg(test)]
mod tests;
