//! Tests of the limits for guesses.

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
        let attempts: Vec<_> = (0..FAILURES).map(|_| server.attempt("lin", "10.1.0.1").unwrap()).collect();
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
    assert_eq!(u32::try_from(free).unwrap(), NAME_BURST);
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

#[test]
fn guesses_at_many_names_share_the_limit_of_an_address() {
    let mut server = Server::new();
    server.guessing.succeeded(server.attempt("lin", "10.1.0.1").unwrap());
    let free = (0..10_000).take_while(|n| server.attempt(&format!("name-{n}"), "10.1.0.1").is_ok()).count();
    assert_eq!(u32::try_from(free).unwrap(), ADDRESS_BURST, "a success is no guess");
    assert_eq!(server.attempt("wang", "10.1.0.1"), Err(3));
    assert!(server.attempt("lin", "10.1.0.1").unwrap().is_known, "a name that signed in is not affected");
    assert!(server.attempt("wang", "10.1.0.2").is_ok(), "another address");
    server.now += ADDRESS_INTERVAL;
    let unchecked = server.attempt("wang", "10.1.0.1").unwrap();
    assert_eq!(server.attempt("li", "10.1.0.1"), Err(3));
    server.guessing.not_checked(unchecked);
    assert!(server.attempt("li", "10.1.0.1").is_ok(), "what was not checked is no guess");
    server.now -= SignedDuration::from_hours(24 * 365);
    assert!(server.attempt("zhao", "10.1.0.1").is_ok(), "a clock that is set back prolongs nothing");
}

#[test]
fn the_limit_of_an_address_is_that_of_its_ipv6_network_and_not_of_shared_addresses() {
    let server = Server::new();
    for n in 0..ADDRESS_BURST {
        server.attempt(&format!("name-{n}"), &format!("2001:db8::{n:x}")).unwrap();
    }
    assert_eq!(server.attempt("wang", "2001:db8::ffff:1"), Err(3));
    assert!(server.attempt("wang", "2001:db8:0:1::1").is_ok());
    for shared in ["127.0.0.1", "::1", "10.0.0.7"] {
        assert!((0..1_000).all(|n| server.attempt(&format!("{shared}-{n}"), shared).is_ok()), "{shared}");
    }
}

#[test]
fn a_refused_guess_counts_for_no_limit() {
    let mut server = Server::new();
    server.pauses("lin", "10.1.0.1", 1);
    server.attempt("lin", "10.1.0.1").unwrap();
    assert!((0..1_000).all(|_| server.attempt("lin", "10.1.0.1").is_err()), "in the pause");
    assert!((0..100).all(|n| server.attempt(&format!("name-{n}"), "10.1.0.1").is_ok()));
}

#[test]
fn an_address_beyond_its_limit_evicts_no_counts_of_others() {
    let server = Server::new();
    assert_eq!(server.free("lin", "10.1.0.2"), FAILURES + 1);
    for n in 0..10_000 {
        let _ = server.attempt(&format!("name-{n}"), "10.1.0.1");
    }
    assert_eq!(server.attempt("lin", "10.1.0.2"), Err(15), "still in its pause");
    assert!(server.guessing.pairs.len() < 300 && server.guessing.names.len() < 300);
}

#[test]
fn the_limits_are_those_of_the_documentation() {
    let seconds = |duration: SignedDuration| duration.as_secs();
    assert_eq!((FAILURES, seconds(PAUSE), seconds(PAUSE_MAX)), (10, 15, 15 * 60));
    assert_eq!((SHARED_FAILURES, seconds(KNOWN_PAUSE), seconds(KNOWN_PAUSE_MAX)), (100, 1, 10));
    assert_eq!((NAME_BURST, seconds(NAME_INTERVAL)), (200, 6));
    assert_eq!((ADDRESS_BURST, seconds(ADDRESS_INTERVAL)), (200, 3));
    let document = include_str!("../../../../../docs/pages.md");
    let document = document.split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        "after 10 in a row, 15 seconds, doubling up to 15 minutes",
        "after 100 wrong passwords), waits 1 to 10 seconds",
        "share 200 attempts and then 10 a minute",
        "share 200 attempts and then one in 3 seconds",
    ] {
        assert!(document.contains(sentence), "{sentence}");
    }
}
