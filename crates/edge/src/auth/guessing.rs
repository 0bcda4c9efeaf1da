//! Slows down guessing of passwords. What is counted is the pair of name and address, so that nobody locks a name
//! for others:
//!
//! - After [`FAILURES`] wrong passwords in a row, each further one from the address is followed by a pause, which
//!   doubles from [`PAUSE`] to [`PAUSE_MAX`]: about 100 guesses a day.
//! - An address from which the name has signed in since the start is slowed down and never locked: its pauses are
//!   [`KNOWN_PAUSE`] to [`KNOWN_PAUSE_MAX`]. So are those of an address that many clients share, a loopback address
//!   or a reverse proxy's that names no client, after [`SHARED_FAILURES`]: at most 8,740 guesses a day.
//! - Guesses at one name from many addresses share [`NAME_BURST`] and then one in [`NAME_INTERVAL`], without the
//!   addresses from which the name has signed in.
//!
//! Names that do not exist are counted like others. The counts are in memory, for each node.

use crate::http::forwarded::TrustedProxies;
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
pub const NAME_BURST: i64 = 200;
/// The time between further ones.
pub const NAME_INTERVAL: SignedDuration = SignedDuration::from_secs(6);
/// Bytes of a pair or a name in its cache; beyond the bytes of all, those that were not used recently are evicted.
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

/// Counts guesses.
pub struct Guessing {
    pairs: Cache<u64, Arc<Mutex<Failures>>>,
    /// Pairs that have signed in.
    known: Cache<u64, ()>,
    /// When the guesses at a name are used up again, in milliseconds since 1970.
    names: Cache<u64, Arc<Mutex<i64>>>,
    // The keys are keyed hashes: an attacker cannot cause a collision, and no name is in memory.
    hasher: RandomState,
    proxies: TrustedProxies,
}

/// An attempt that is allowed and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    name: u64,
    pair: u64,
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
    /// `proxies` are reverse proxies, whose addresses many clients share; the counts have so many bytes.
    pub fn new(proxies: TrustedProxies, bytes: u64) -> Self {
        let entries = usize::try_from(bytes / 3 / ENTRY_BYTES).unwrap_or(usize::MAX);
        Self {
            pairs: Cache::new(entries),
            known: Cache::new(entries),
            names: Cache::new(entries),
            hasher: RandomState::new(),
            proxies,
        }
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        (self.pairs.len() + self.known.len() + self.names.len()) as u64 * ENTRY_BYTES
    }

    /// Counts an attempt as a failure before its check, so that parallel requests get no more attempts than
    /// sequential ones.
    ///
    /// # Errors
    /// How many seconds to wait.
    pub fn attempt(&self, name: &str, from: Option<IpAddr>, now: Timestamp) -> Result<Attempt, u32> {
        let from = from.map(|address| address.to_canonical());
        let pair = self.hasher.hash_one((name, from.map(network)));
        let name = self.hasher.hash_one(name);
        let is_known = self.known.get(&pair).is_some();
        let attempt = Attempt { name, pair, is_known };
        let is_shared = from.is_some_and(|address| self.proxies.contains(address));
        let pauses = match (is_known, is_shared) {
            (true, _) => (FAILURES, KNOWN_PAUSE, KNOWN_PAUSE_MAX),
            (false, true) => (SHARED_FAILURES, KNOWN_PAUSE, KNOWN_PAUSE_MAX),
            (false, false) => (FAILURES, PAUSE, PAUSE_MAX),
        };
        let now = now.as_millisecond();
        let failures = entry(&self.pairs, pair);
        let mut failures = lock(&failures);
        failures.wait(now, pauses.2)?;
        if !is_known {
            use_share(&mut lock(&entry(&self.names, name)), now)?;
        }
        failures.count(now, pauses);
        Ok(attempt)
    }

    /// Forgets the failures after a success.
    pub fn succeeded(&self, attempt: Attempt) {
        self.give_back_share(attempt);
        self.pairs.remove(&attempt.pair);
        self.known.insert(attempt.pair, ());
    }

    /// Takes an attempt back that was not checked.
    pub fn not_checked(&self, attempt: Attempt) {
        self.give_back_share(attempt);
        if let Some(failures) = self.pairs.peek(&attempt.pair) {
            let mut failures = lock(&failures);
            failures.in_a_row = failures.in_a_row.saturating_sub(1);
            failures.paused_until = 0;
        }
    }

    fn give_back_share(&self, attempt: Attempt) {
        if !attempt.is_known
            && let Some(until) = self.names.peek(&attempt.name)
        {
            *lock(&until) -= millis(NAME_INTERVAL);
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

/// Uses one guess of a name's share. `until` is when the whole share is free again.
fn use_share(until: &mut i64, now: i64) -> Result<(), u32> {
    let (interval, whole) = (millis(NAME_INTERVAL), NAME_BURST * millis(NAME_INTERVAL));
    // After the clock was set back, nothing is used: that must not prolong the wait.
    let used = Some(*until - now).filter(|used| (0..=whole).contains(used)).unwrap_or_default();
    if used + interval > whole {
        return Err(seconds(used + interval - whole));
    }
    *until = now + used + interval;
    Ok(())
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
mod tests {
    use super::*;

    struct Server {
        guessing: Guessing,
        now: Timestamp,
    }

    impl Server {
        fn new() -> Self {
            let proxies = TrustedProxies::new(&["10.0.0.7".parse().unwrap()]);
            Self {
                guessing: Guessing::new(proxies, 1 << 20),
                now: Timestamp::from_second(1_700_000_000).unwrap(),
            }
        }

        fn attempt(&self, name: &str, from: &str) -> Result<Attempt, u32> {
            self.guessing.attempt(name, Some(from.parse().unwrap()), self.now)
        }

        /// The pauses after the allowed failures, each waited for.
        fn pauses(&mut self, name: &str, from: &str, count: usize) -> Vec<u32> {
            let mut pauses = Vec::new();
            while pauses.len() < count {
                if let Err(seconds) = self.attempt(name, from) {
                    pauses.push(seconds);
                    self.now += SignedDuration::from_secs(i64::from(seconds));
                }
            }
            pauses
        }

        /// The attempts without a pause.
        fn free(&self, name: &str, from: &str) -> u32 {
            (0..1_000).take_while(|_| self.attempt(name, from).is_ok()).count() as u32
        }
    }

    #[test]
    fn pauses_grow_for_the_pair_of_name_and_address() {
        let mut server = Server::new();
        assert_eq!(server.free("lin", "10.1.0.1"), FAILURES + 1, "the last one starts the pause");
        assert_eq!(server.pauses("lin", "10.1.0.1", 9), [15, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert!(server.attempt("lin", "10.1.0.2").is_ok(), "another address");
        assert!(server.attempt("wang", "10.1.0.1").is_ok(), "another name");
        let mapped = server.pauses("lin", "::ffff:10.1.0.1", 1);
        assert_eq!(mapped, [900], "the same address");
    }

    #[test]
    fn an_address_that_signed_in_is_slowed_down_and_never_locked() {
        let mut server = Server::new();
        let attempt = server.attempt("lin", "10.1.0.1").unwrap();
        assert!(!attempt.is_known);
        server.guessing.succeeded(attempt);
        assert!(server.attempt("lin", "10.1.0.1").unwrap().is_known);
        assert_eq!(server.pauses("lin", "10.1.0.1", 7), [1, 2, 4, 8, 10, 10, 10]);
        server.guessing.succeeded(server.guessing.attempt("lin", None, server.now).unwrap());
        assert!(!server.attempt("wang", "10.1.0.1").unwrap().is_known, "the pair counts");
    }

    #[test]
    fn nobody_locks_a_name_for_those_who_share_an_address() {
        for shared in ["127.0.0.1", "::1", "10.0.0.7", "::ffff:10.0.0.7"] {
            let mut server = Server::new();
            assert_eq!(server.free("lin", shared), SHARED_FAILURES + 1, "{shared}");
            assert_eq!(server.pauses("lin", shared, 6), [1, 2, 4, 8, 10, 10], "{shared}");
        }
    }

    #[test]
    fn a_success_forgets_the_failures_and_so_does_a_day() {
        let server = Server::new();
        for _ in 0..3 {
            let attempts: Vec<_> =
                (0..FAILURES).map(|_| server.attempt("lin", "10.1.0.1").unwrap()).collect();
            server.guessing.succeeded(*attempts.last().unwrap());
        }
        let mut server = Server { now: server.now, ..Server::new() };
        assert_eq!(server.pauses("lin", "10.1.0.1", 3), [15, 30, 60]);
        server.now += FORGOTTEN_AFTER + SignedDuration::from_secs(1);
        assert_eq!(server.free("lin", "10.1.0.1"), FAILURES + 1);
    }

    #[test]
    fn an_attempt_that_was_not_checked_does_not_count() {
        let server = Server::new();
        for _ in 0..1_000 {
            server.guessing.not_checked(server.attempt("lin", "10.1.0.1").unwrap());
        }
        assert_eq!(server.free("lin", "10.1.0.1"), FAILURES + 1);
    }

    #[test]
    fn guesses_from_many_addresses_share_the_limit_of_a_name() {
        let mut server = Server::new();
        server.guessing.succeeded(server.attempt("lin", "10.9.9.9").unwrap());
        let address = |n: i64| format!("10.1.{}.{}", n / 250, n % 250);
        let free = (0..10_000).take_while(|n| server.attempt("lin", &address(*n)).is_ok()).count();
        assert_eq!(i64::try_from(free).unwrap(), NAME_BURST);
        assert_eq!(server.attempt("lin", "10.8.0.1"), Err(6));
        assert!(server.attempt("lin", "10.9.9.9").unwrap().is_known, "who signed in before is not affected");
        assert!(server.attempt("wang", "10.8.0.1").is_ok());
        server.now += NAME_INTERVAL;
        assert!(server.attempt("lin", "10.8.0.1").is_ok());
        assert_eq!(server.attempt("lin", "10.8.0.2"), Err(6));
        server.now += SignedDuration::from_mins(20);
        assert!((0..100).all(|n| server.attempt("lin", &address(n)).is_ok()), "the share is free again");
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let server = Server::new();
        for last in 0..=FAILURES {
            server.attempt("lin", &format!("2001:db8::{last}")).unwrap();
        }
        assert_eq!(server.attempt("lin", "2001:db8::ffff"), Err(15));
        assert!(server.attempt("lin", "2001:db8:0:1::1").is_ok());
    }

    #[test]
    fn a_clock_that_is_set_back_prolongs_nothing() {
        let mut server = Server::new();
        server.pauses("lin", "10.1.0.1", 1);
        assert!(server.attempt("lin", "10.1.0.1").is_ok());
        server.now -= SignedDuration::from_hours(24 * 365);
        assert!(server.attempt("lin", "10.1.0.1").is_ok());
        for n in 0..300 {
            let _ = server.attempt("wang", &format!("10.{}.{}.1", n / 250, n % 250));
        }
        server.now -= SignedDuration::from_hours(24 * 365);
        assert!(server.attempt("wang", "10.7.7.7").is_ok());
    }
}
