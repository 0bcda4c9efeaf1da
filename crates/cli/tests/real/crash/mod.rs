//! Acknowledged reports are durable: the real binary is killed with SIGKILL under load, repeatedly on one
//! store, and every acknowledged report must be present after each restart.
//!
//! A report without a response has an unknown result: it is stored completely or not at all.
//! The schedule depends on a printed seed; `STAGEPOST_CRASH_SEED` repeats it, `STAGEPOST_CRASH_CYCLES`
//! changes the length.

pub mod ledger;
pub mod writers;

use crate::http::Connection;
use crate::server::{Server, Storage, Store};
use ledger::Ledger;
use writers::{LoadSettings, Random};

/// The repository of all reports.
pub const REPOSITORY: &str = "77";
const CYCLES: u64 = 50;
const WRITERS: u64 = 8;

#[test]
fn acknowledged_reports_survive_kill_9() {
    survive_kill_9(Store::Sqlite, 1, CYCLES);
}

#[test]
fn acknowledged_reports_survive_kill_9_of_the_only_node() {
    survive_kill_9(Store::Postgres, 1, CYCLES / 2);
}

#[test]
fn acknowledged_reports_survive_kill_9_of_one_node_and_the_others_continue() {
    survive_kill_9(Store::Postgres, 3, CYCLES / 2);
}

/// Kills the first node repeatedly.
fn survive_kill_9(store: Store, nodes: usize, cycles: u64) {
    let cycles = from_env("STAGEPOST_CRASH_CYCLES").unwrap_or(cycles);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_CRASH_CYCLES={cycles}");
    let storage = Storage::new(store);
    let mut random = Random::new(seed);
    let ledger = Ledger::default();

    let mut server = storage.ready(0);
    let others: Vec<Server> = (1..nodes).map(|number| storage.ready(number)).collect();
    create_repository(&server);
    for cycle in 0..cycles {
        let settings = LoadSettings {
            cycle,
            seed: random.next(),
            stop_after: random.within(20, 500),
            by_sent: random.within(0, 2) == 0,
        };
        writers::run_until_killed(settings, &ledger, &mut server, &others, WRITERS);
        let check = |server: &Server| {
            let checked = ledger.check(cycle, &mut Connection::open(server.address()));
            checked.unwrap_or_else(|error| panic!("cycle {cycle}, seed {seed}: {error}\n{}", server.log()));
        };
        others.iter().for_each(check);
        if random.within(0, 5) == 0 {
            kill_while_starting(&storage, &mut random);
        }
        server = storage.ready(0);
        check(&server);
    }
    let mut connection = Connection::open(server.address());
    let mut checked = 0;
    for cycle in 0..cycles {
        let found = ledger.check(cycle, &mut connection);
        checked += found.unwrap_or_else(|error| panic!("at the end, cycle {cycle}, seed {seed}: {error}"));
    }
    assert!(checked as u64 >= cycles * 10, "only {checked} acknowledged reports: too few for a valid test");
    assert_eq!(server.terminate(), Some(0), "SIGTERM stops the server cleanly");
    storage.verify();
    println!(
        "{cycles} kills, {checked} acknowledged reports checked, {} with unknown result, seed {seed}",
        ledger.unknown()
    );
}

/// Kills the server during the recovery from the last crash.
fn kill_while_starting(storage: &Storage, random: &mut Random) {
    let mut starting = storage.spawn(0);
    for _ in 0..random.within(0, 3_000) {
        std::thread::yield_now();
    }
    starting.kill();
}

pub fn create_repository(server: &Server) {
    let body = format!(r#"{{"id": {REPOSITORY}, "path": "crash/test"}}"#);
    let response = Connection::open(server.address()).request("POST", "/native/v1/repositories", &body);
    let response = response.unwrap();
    assert_eq!(response.status, 201, "{}", response.body);
}

pub fn from_env(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")))
}
