//! Slows down guessing of passwords. It counts the pair of name and address, so that no client can lock a name
//! for others:
//!
//! - After [`FAILURES`] wrong passwords in a row, each further one from the address is followed by a pause, which
//!   doubles from [`PAUSE`] to [`PAUSE_MAX`]: about 100 guesses a day.
//! - An address from which the name has signed in since the start is slowed down and never locked: its pauses are
//!   [`KNOWN_PAUSE`] to [`KNOWN_PAUSE_MAX`]. So are those of an address that many clients share, a loopback address
//!   or a reverse proxy's that names no client, after [`SHARED_FAILURES`]: at most 8,740 guesses a day.
//! - Guesses at one name from many addresses share [`NAME_BURST`] and then one in [`NAME_INTERVAL`], without the
//!   addresses from which the name has signed in.
//! - Guesses at many names from one address share [`ADDRESS_BURST`] and then one in [`ADDRESS_INTERVAL`], without
//!   the names that have signed in from it. An address that many clients share has no such limit, because one of
//!   the clients could keep the others from signing in.
//!
//! Names that do not exist are counted like others. An IPv6 network (/64) counts as one address. The counts are in
//! memory, for each node.

use crate::http::forwarded::TrustedProxies;
use domain::model::rate_limits::{RateLimit, RateState, Wait};
use domain::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Wrong passwords in a row without a pause.
pub const FAILURES: u32 = 10;
/// The same, from an address that many clients share.
pub const SHARED_FAILURES: u32 = 100;
/// The first pause.
pub const PAUSE: SignedDuration = SignedDuration::from_secs(15);
/// The longest pause.
pub const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// The first pause of an address from which the name has signed in, or that many clients share.
pub const KNOWN_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// The longest pause of such an address.
pub const KNOWN_PAUSE_MAX: SignedDuration = SignedDuration::from_secs(10);
/// Failures are forgotten after this time without another one.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Guesses at one name from all addresses that are not slowed down.
pub const NAME_BURST: u32 = 200;
/// The time between further ones.
pub const NAME_INTERVAL: SignedDuration = SignedDuration::from_secs(6);
/// Guesses at all names from one address that are not slowed down.
pub const ADDRESS_BURST: u32 = 200;
/// The time between further ones.
pub const ADDRESS_INTERVAL: SignedDuration = SignedDuration::from_secs(3);
/// Bytes of a pair, a name or an address in its cache; beyond the bytes of all, those that were not used recently are
/// evicted.
const ENTRY_BYTES: u64 = 128;

/// The failures of a pair of name and address.
#[derive(Debug, Default)]
struct Failures {
    in_a_row: u32,
    /// When the last one was, in milliseconds since 1970.
    last: i64,
    /// The end of the pause, in milliseconds since 1970.
    paused_until: i64,
}

const NAME_LIMIT: RateLimit = RateLimit::new(NAME_BURST, NAME_INTERVAL);
const ADDRESS_LIMIT: RateLimit = RateLimit::new(ADDRESS_BURST, ADDRESS_INTERVAL);

/// Counts guesses.
pub struct Guessing {
    pairs: Cache<u64, Arc<Mutex<Failures>>>,
    /// Pairs that have signed in.
    known: Cache<u64, ()>,
    /// The states of [`NAME_LIMIT`].
    names: Cache<u64, Arc<Mutex<RateState>>>,
    /// The states of [`ADDRESS_LIMIT`].
    addresses: Cache<u64, Arc<Mutex<RateState>>>,
    // The keys are keyed hashes: an attacker cannot cause a collision, and no name is in memory.
    hasher: RandomState,
    proxies: TrustedProxies,
}

/// An attempt that is allowed and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    name: u64,
    pair: u64,
    /// The address, if this attempt counts for it.
    address: Option<u64>,
    /// Whether the name has signed in from this address.
    pub is_known: bool,
}

impl Attempt {
    /// The key of the name in tables of running attempts.
    pub fn name_key(self) -> u64 {
        self.name
    }

    /// The key of name and address.
    pub fn pair_key(self) -> u64 {
        self.pair
    }
}

impl Guessing {
    /// `proxies` are reverse proxies, whose addresses many clients share; the counts take at most `bytes` bytes.
    pub fn new(proxies: TrustedProxies, bytes: u64) -> Self {
        let entries = usize::try_from(bytes / 4 / ENTRY_BYTES).unwrap_or(usize::MAX);
        Self {
            pairs: Cache::new(entries),
            known: Cache::new(entries),
            names: Cache::new(entries),
            addresses: Cache::new(entries),
            hasher: RandomState::new(),
            proxies,
        }
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        (self.pairs.len() + self.known.len() + self.names.len() + self.addresses.len()) as u64 * ENTRY_BYTES
    }

    /// Counts an attempt as a failure before its check, so that parallel requests get no more attempts than
    /// sequential ones.
    ///
    /// # Errors
    /// How many seconds to wait.
    pub fn attempt(&self, name: &str, from: Option<IpAddr>, now: Timestamp) -> Result<Attempt, u32> {
        let from = from.map(|address| address.to_canonical());
        let network = from.map(network);
        let pair = self.hasher.hash_one((name, network));
        let name = self.hasher.hash_one(name);
        let is_known = self.known.get(&pair).is_some();
        let is_shared = from.is_some_and(|address| self.proxies.contains(address));
        let address = (!is_known && !is_shared).then(|| self.hasher.hash_one(network));
        let pauses = match (is_known, is_shared) {
            (true, _) => (FAILURES, KNOWN_PAUSE, KNOWN_PAUSE_MAX),
            (false, true) => (SHARED_FAILURES, KNOWN_PAUSE, KNOWN_PAUSE_MAX),
            (false, false) => (FAILURES, PAUSE, PAUSE_MAX),
        };
        let millis_now = now.as_millisecond();
        // The address is first: beyond its limit it evicts no other names and pairs. What is refused by a later
        // check counts for no limit.
        let of_address = address.map(|address| entry(&self.addresses, address));
        let mut of_address = of_address.as_deref().map(lock);
        if let Some(state) = &of_address {
            ADDRESS_LIMIT.check(**state, now).map_err(Wait::seconds)?;
        }
        let failures = entry(&self.pairs, pair);
        let mut failures = lock(&failures);
        failures.wait(millis_now, pauses.2)?;
        if !is_known {
            NAME_LIMIT.take(&mut lock(&entry(&self.names, name)), now).map_err(Wait::seconds)?;
        }
        if let Some(state) = &mut of_address {
            ADDRESS_LIMIT.take(state, now).map_err(Wait::seconds)?;
        }
        failures.count(millis_now, pauses);
        Ok(Attempt { name, pair, address, is_known })
    }

    /// Forgets the failures after a success.
    pub fn succeeded(&self, attempt: Attempt) {
        self.give_back(attempt);
        self.pairs.remove(&attempt.pair);
        self.known.insert(attempt.pair, ());
    }

    /// Takes an attempt back that was not checked.
    pub fn not_checked(&self, attempt: Attempt) {
        self.give_back(attempt);
        if let Some(failures) = self.pairs.peek(&attempt.pair) {
            let mut failures = lock(&failures);
            failures.in_a_row = failures.in_a_row.saturating_sub(1);
            failures.paused_until = 0;
        }
    }

    fn give_back(&self, attempt: Attempt) {
        if !attempt.is_known
            && let Some(state) = self.names.peek(&attempt.name)
        {
            NAME_LIMIT.give_back(&mut lock(&state));
        }
        if let Some(state) = attempt.address.and_then(|address| self.addresses.peek(&address)) {
            ADDRESS_LIMIT.give_back(&mut lock(&state));
        }
    }
}

impl Failures {
    fn wait(&self, now: i64, longest: SignedDuration) -> Result<(), u32> {
        let left = self.paused_until - now;
        // A clock that was set back must not prolong a pause.
        if 0 < left && left <= millis(longest) { Err(seconds(left)) } else { Ok(()) }
    }

    fn count(&mut self, now: i64, (allowed, first, longest): (u32, SignedDuration, SignedDuration)) {
        if now - self.last > millis(FORGOTTEN_AFTER) {
            self.in_a_row = 0;
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.last = now;
        if let Some(over) = self.in_a_row.checked_sub(allowed + 1) {
            let pause = millis(first).saturating_mul(1 << over.min(20)).min(millis(longest));
            self.paused_until = now + pause;
        }
    }
}

/// A client with one IPv6 address usually has its whole /64.
pub fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    }
}

fn entry<T: Default>(cache: &Cache<u64, Arc<Mutex<T>>>, key: u64) -> Arc<Mutex<T>> {
    let Ok(entry) = cache.get_or_insert_with(&key, || Ok::<_, std::convert::Infallible>(Arc::default()));
    entry
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Milliseconds as whole seconds, rounded up.
fn seconds(millis: i64) -> u32 {
    u32::try_from(millis.saturating_add(999) / 1_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
