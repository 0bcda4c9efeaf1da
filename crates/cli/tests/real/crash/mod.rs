//! Acknowledged changes are durable: the real binary is ended under load, repeatedly on one store, mostly with
//! SIGKILL. After each restart every acknowledged report and operation must be present. One without a
//! response has an unknown result: it is stored completely or not at all. Events are followed and webhooks
//! are delivered meanwhile; none may be missing.
//!
//! The schedule depends on a printed seed; `STAGEPOST_CRASH_SEED` repeats it, `STAGEPOST_CRASH_CYCLES`
//! changes the length.

mod clients;
mod deliveries;
mod events;
mod journal;
pub mod ledger;
mod operations;
mod removals;
mod torn_log;
pub mod writers;

use crate::http::Connection;
use crate::server::{End, Server, Storage, Store};
use clients::Clients;
use ledger::Ledger;
use std::fmt;
use writers::{LoadSettings, Random};

/// The repository of the writers' reports.
pub const REPOSITORY: &str = "77";
const CYCLES: u64 = 30;
const WRITERS: u64 = 5;
/// The receivers of webhooks are on this machine. Pipelines are deleted only when a client requests it.
const ARGUMENTS: [&str; 4] = ["--webhook-allow", "127.0.0.0/8", "--upkeep-every", "1d"];

/// Why a client stops.
#[derive(Debug)]
pub enum Stopped {
    /// The connection is lost, as it must be when the server ends.
    Lost(std::io::Error),
    /// A wrong response.
    Wrong(String),
}

impl Stopped {
    pub fn wrong(what: String) -> Self {
        Self::Wrong(what)
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::Other => Self::Wrong(error.to_string()),
            _ => Self::Lost(error),
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(error) => write!(f, "the connection is lost: {error}"),
            Self::Wrong(what) => f.write_str(what),
        }
    }
}

#[test]
fn acknowledged_changes_survive_kill_9() {
    survive_kill_9(Store::Sqlite, 1, from_env("STAGEPOST_CRASH_CYCLES").unwrap_or(CYCLES));
}

#[test]
fn acknowledged_changes_survive_kill_9_of_the_only_node() {
    survive_kill_9(Store::Postgres, 1, from_env("STAGEPOST_CRASH_CYCLES").unwrap_or(CYCLES) / 2);
}

#[test]
fn acknowledged_changes_survive_kill_9_of_one_node_and_the_others_continue() {
    survive_kill_9(Store::Postgres, 3, from_env("STAGEPOST_CRASH_CYCLES").unwrap_or(CYCLES) / 2);
}

/// Ends the first node repeatedly.
fn survive_kill_9(store: Store, nodes: usize, cycles: u64) {
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_CRASH_CYCLES={cycles}");
    let storage = Storage::new(store);
    let mut random = Random::new(seed);
    let ledger = Ledger::default();

    let mut server = storage.ready_with(0, &ARGUMENTS);
    let others: Vec<Server> = (1..nodes).map(|number| storage.ready_with(number, &ARGUMENTS)).collect();
    create_repository(&server);
    let mut clients = Clients::create(&server);
    for cycle in 0..cycles {
        let settings = LoadSettings {
            cycle,
            seed: random.next(),
            stop_after: random.within(20, 300),
            by_sent: random.within(0, 2) == 0,
            end: match random.within(0, 12) {
                0 => End::Terminate,
                1 => End::Interrupt,
                _ => End::Kill,
            },
        };
        let failed = |server: &Server, error: String| -> ! {
            panic!("cycle {cycle}, seed {seed}: {error}\n{}", server.log())
        };
        if let Err(error) = clients.run(settings, &ledger, (&mut server, &others), WRITERS) {
            failed(&server, error);
        }
        let check = |server: &Server| {
            let checked = ledger.check(cycle, &mut Connection::open(server.address()));
            checked.unwrap_or_else(|error| failed(server, error));
        };
        others.iter().for_each(check);
        damage(&storage, settings.end, &mut random);
        server = storage.ready_with(0, &ARGUMENTS);
        check(&server);
        clients.check_cycle(server.address()).unwrap_or_else(|error| failed(&server, error.to_string()));
    }
    let mut connection = Connection::open(server.address());
    let mut checked = 0;
    for cycle in 0..cycles {
        let found = ledger.check(cycle, &mut connection);
        checked += found.unwrap_or_else(|error| panic!("at the end, cycle {cycle}, seed {seed}: {error}"));
    }
    assert!(checked as u64 >= cycles * 10, "only {checked} acknowledged reports: too few for a valid test");
    let counts = clients.check_all(server.address());
    let counts = counts.unwrap_or_else(|error| panic!("at the end, seed {seed}: {error}\n{}", server.log()));
    assert_eq!(server.terminate(), Some(0), "SIGTERM stops the server cleanly");
    storage.verify();
    println!(
        "{cycles} ends, seed {seed}: {checked} acknowledged reports checked, {} with unknown result; {counts}",
        ledger.unknown()
    );
}

/// What may happen after a kill before the server runs again: a power loss leaves part of a transaction in
/// SQLite's log, and the server is killed during the recovery.
fn damage(storage: &Storage, end: End, random: &mut Random) {
    let log = storage.write_ahead_log(0).filter(|_| end == End::Kill && random.within(0, 3) == 0);
    if let Some(log) = log {
        torn_log::tear(&log, random);
        for extension in ["journal-0", "journal-1"] {
            torn_log::tear_journal(&log.with_extension(extension), random);
        }
    }
    if random.within(0, 5) == 0 {
        let mut starting = storage.spawn(0);
        for _ in 0..random.within(0, 3_000) {
            std::thread::yield_now();
        }
        starting.kill();
    }
}

pub fn create_repository(server: &Server) {
    create(server, REPOSITORY);
}

fn create(server: &Server, id: &str) {
    let body = format!(r#"{{"id": {id}, "path": "crash/test-{id}"}}"#);
    let response = Connection::open(server.address()).request("POST", "/native/v1/repositories", &body);
    let response = response.unwrap();
    assert_eq!(response.status, 201, "{}", response.body);
}

pub fn from_env(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")))
}
