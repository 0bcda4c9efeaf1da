//! Shares the few slots in which passwords are hashed: each hash takes a core for tens of milliseconds.
//!
//! - Addresses take turns, so that one with many requests delays another one by one hash.
//! - Pairs of name and address that have signed in have their own places and turns.
//! - A name without a password gets no more than one of the slots. When that is taken, its request waits for a turn
//!   like others, then for the time of a recent hash, and uses no slot: made-up names cannot be told from real ones
//!   by the time of the response, and they delay no other request.
//! - Whoever exceeds a share is refused at once.

use super::guessing::network;
use domain::error::{Error, Result};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Hashes at the same time.
pub const SLOTS: usize = 2;
/// Of these, hashes for names without a password.
pub const DECOY_SLOTS: usize = 1;
/// Requests that run or wait, of all clients.
pub const REQUESTS_MAX: usize = 1_024;
/// Requests of one address that run or wait.
pub const ADDRESS_MAX: usize = 256;
/// Requests for one name that run or wait.
pub const NAME_MAX: usize = 16;
/// Requests that wait for a slot.
pub const WAITING_MAX: usize = 64;
/// Of these, requests of one address.
pub const ADDRESS_WAITING_MAX: usize = 32;
/// Requests of pairs that have signed in, beyond the other limits.
pub const RESERVED_MAX: usize = 32;
/// The same for one pair.
pub const RESERVED_PAIR_MAX: usize = 4;
/// How long a client that exceeds its share is asked to wait, in seconds.
const RETRY_AFTER: u32 = 2;
/// Recent hashes whose times are known.
const TIMES: usize = 16;
/// The time of a hash while none is known.
const FIRST_TIME: Duration = Duration::from_millis(40);

/// The sender of a request.
#[derive(Debug, Clone, Copy)]
pub struct CheckRequest {
    /// The client's address.
    pub from: Option<IpAddr>,
    /// A key of the name.
    pub name: u64,
    /// A key of name and address, if they have signed in before.
    pub known_pair: Option<u64>,
}

/// The slots and the requests that wait for them.
pub struct FairQueue(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: usize,
    decoys: usize,
    admitted: usize,
    reserved: usize,
    by_address: HashMap<Option<u64>, usize>,
    by_name: HashMap<u64, usize>,
    by_pair: HashMap<u64, usize>,
    /// The requests in line: of pairs that have signed in, and of others.
    lines: [Line; 2],
    /// Which line has the next turn.
    next: usize,
    times: VecDeque<Duration>,
    times_read: usize,
}

/// Requests in line, by address; addresses take turns.
#[derive(Default)]
struct Line {
    /// By the number of the turn in which the address is next.
    turns: BTreeMap<u64, Option<u64>>,
    waiting: HashMap<Option<u64>, VecDeque<Waiting>>,
    last_turn: u64,
    /// Requests that need a slot.
    len: usize,
}

struct Waiting {
    needs_slot: bool,
    sender: oneshot::Sender<Option<Slot>>,
}

impl Line {
    fn push(&mut self, address: Option<u64>, waiting: Waiting) {
        self.len += usize::from(waiting.needs_slot);
        let queue = self.waiting.entry(address).or_default();
        if queue.is_empty() {
            self.last_turn += 1;
            self.turns.insert(self.last_turn, address);
        }
        queue.push_back(waiting);
    }

    /// The requests of an address that need a slot.
    fn len_of(&self, address: Option<u64>) -> usize {
        let queue = self.waiting.get(&address);
        queue.map_or(0, |queue| queue.iter().filter(|waiting| waiting.needs_slot).count())
    }

    fn pop(&mut self) -> Option<Waiting> {
        let (_, address) = self.turns.pop_first()?;
        let queue = self.waiting.get_mut(&address)?;
        let waiting = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&address);
        } else {
            self.last_turn += 1;
            self.turns.insert(self.last_turn, address);
        }
        self.len -= usize::from(waiting.needs_slot);
        Some(waiting)
    }
}

/// A place among the running and waiting requests. It is given up when it is dropped.
pub struct Place {
    state: Arc<Mutex<State>>,
    requester: CheckRequest,
    reserved: bool,
}

/// A slot. It is free again when it is dropped.
struct Slot {
    state: Arc<Mutex<State>>,
    decoy: bool,
}

impl FairQueue {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Error::Throttled`] beyond the share of the address or name; [`Error::Overloaded`] when all places are taken.
    pub fn enter(&self, requester: CheckRequest) -> Result<Place> {
        let mut state = lock(&self.0);
        let place = |reserved| Place { state: Arc::clone(&self.0), requester, reserved };
        if let Some(pair) = requester.known_pair {
            let of_pair = state.by_pair.get(&pair).copied().unwrap_or_default();
            if state.reserved < RESERVED_MAX && of_pair < RESERVED_PAIR_MAX {
                state.reserved += 1;
                *state.by_pair.entry(pair).or_default() += 1;
                return Ok(place(true));
            }
        }
        if state.admitted >= REQUESTS_MAX {
            return Err(Error::Overloaded);
        }
        let address = requester.from.map(network);
        let of_address = state.by_address.get(&address).copied().unwrap_or_default();
        let of_name = state.by_name.get(&requester.name).copied().unwrap_or_default();
        if of_address >= ADDRESS_MAX || of_name >= NAME_MAX {
            return Err(Error::Throttled { seconds: RETRY_AFTER });
        }
        state.admitted += 1;
        *state.by_address.entry(address).or_default() += 1;
        *state.by_name.entry(requester.name).or_default() += 1;
        Ok(place(false))
    }
}

impl Place {
    /// Runs work that hashes. `is_real`: there is a hash to compare with; otherwise `decoy` is the result where
    /// there is no slot for it, after the same time.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many requests wait, [`Error::Throttled`] when too many of the address do.
    pub async fn run<T: Send + 'static>(
        self,
        is_real: bool,
        work: impl FnOnce() -> T + Send + 'static,
        decoy: impl FnOnce() -> T,
    ) -> Result<T> {
        if let Some(slot) = self.turn(is_real).await? {
            return slot.run(work).await;
        }
        let time = lock(&self.state).recent_time();
        tokio::time::sleep(time).await;
        Ok(decoy())
    }

    /// Waits for a turn; `None`: without a slot.
    async fn turn(&self, is_real: bool) -> Result<Option<Slot>> {
        let (receiver, turns) = {
            let mut state = lock(&self.state);
            let waits = state.lines.iter().any(|line| !line.turns.is_empty());
            let decoy = !is_real && state.running < SLOTS && state.decoys < DECOY_SLOTS && !waits;
            if decoy {
                state.running += 1;
                state.decoys += 1;
                return Ok(Some(Slot { state: Arc::clone(&self.state), decoy: true }));
            }
            let address = self.requester.from.map(network);
            // The same limits for both, or full lines would show which names exist.
            if !self.reserved && state.lines[1].len >= WAITING_MAX {
                return Err(Error::Overloaded);
            }
            if !self.reserved && state.lines[1].len_of(address) >= ADDRESS_WAITING_MAX {
                return Err(Error::Throttled { seconds: RETRY_AFTER });
            }
            let (sender, receiver) = oneshot::channel();
            let line = usize::from(!self.reserved);
            state.lines[line].push(address, Waiting { needs_slot: is_real, sender });
            (receiver, state.take_turns(&self.state))
        };
        send(turns);
        receiver.await.map_err(|_| Error::Overloaded)
    }
}

impl Slot {
    async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let started = Instant::now();
        // The slot is kept by the thread: a client that goes away does not free it before the work ends.
        let run = move || {
            let result = work();
            (result, self)
        };
        let done = tokio::task::spawn_blocking(run).await;
        let (result, slot) = done.map_err(|error| Error::Internal(format!("hashing failed: {error}")))?;
        lock(&slot.state).add_time(started.elapsed());
        Ok(result)
    }
}

type Turns = Vec<(oneshot::Sender<Option<Slot>>, Option<Slot>)>;

/// Gives turns. Outside the lock, because a slot whose receiver is gone is dropped here.
fn send(turns: Turns) {
    for (sender, slot) in turns {
        drop(sender.send(slot));
    }
}

impl State {
    /// The requests whose turn it is. The two lines alternate.
    fn take_turns(&mut self, shared: &Arc<Mutex<Self>>) -> Turns {
        let mut turns = Vec::new();
        while self.running < SLOTS {
            let Some(waiting) = self.lines[self.next].pop().or_else(|| self.lines[1 - self.next].pop())
            else {
                break;
            };
            self.next = 1 - self.next;
            if waiting.sender.is_closed() {
                continue;
            }
            let slot = waiting.needs_slot.then(|| {
                self.running += 1;
                Slot { state: Arc::clone(shared), decoy: false }
            });
            turns.push((waiting.sender, slot));
        }
        turns
    }

    fn add_time(&mut self, time: Duration) {
        if self.times.len() == TIMES {
            self.times.pop_front();
        }
        self.times.push_back(time);
    }

    /// The times of recent hashes in turn.
    fn recent_time(&mut self) -> Duration {
        self.times_read = self.times_read.wrapping_add(1);
        let at = self.times_read.checked_rem(self.times.len()).unwrap_or_default();
        self.times.get(at).copied().unwrap_or(FIRST_TIME)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let turns = {
            let mut state = lock(&self.state);
            state.running -= 1;
            state.decoys -= usize::from(self.decoy);
            state.take_turns(&self.state)
        };
        send(turns);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        if self.reserved {
            state.reserved -= 1;
            if let Some(pair) = self.requester.known_pair {
                leave(&mut state.by_pair, pair);
            }
            return;
        }
        state.admitted -= 1;
        leave(&mut state.by_address, self.requester.from.map(network));
        leave(&mut state.by_name, self.requester.name);
    }
}

fn leave<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let std::collections::hash_map::Entry::Occupied(mut entry) = counts.entry(key) {
        *entry.get_mut() -= 1;
        if *entry.get() == 0 {
            entry.remove();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
