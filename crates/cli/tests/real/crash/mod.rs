//! What is acknowledged is on disk: the real binary is killed with SIGKILL under load, again and again on one store,
//! and after every restart each acknowledged report is looked for.
//!
//! A report whose answer the kill cut off is of unknown fate: it may be there or not, but never half.
//! The schedule comes from a seed that is printed; `STAGEPOST_CRASH_SEED` repeats it, `STAGEPOST_CRASH_CYCLES` changes the length.

pub mod ledger;
pub mod writers;

use crate::http::Connection;
use crate::server::{Home, Server, Store};
use ledger::Ledger;
use writers::{Random, Run};

/// The repository everything is reported to.
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
fn acknowledged_reports_survive_kill_9_of_one_of_the_nodes_and_the_others_go_on() {
    survive_kill_9(Store::Postgres, 3, CYCLES / 2);
}

/// Kills the first of the nodes, again and again.
fn survive_kill_9(store: Store, nodes: usize, cycles: u64) {
    let cycles = from_env("STAGEPOST_CRASH_CYCLES").unwrap_or(cycles);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_CRASH_CYCLES={cycles}");
    let home = Home::new(store);
    let mut random = Random::new(seed);
    let ledger = Ledger::default();

    let mut server = home.ready(0);
    let others: Vec<Server> = (1..nodes).map(|number| home.ready(number)).collect();
    create_repository(&server);
    for cycle in 0..cycles {
        let run = Run {
            cycle,
            seed: random.next(),
            stop_after: random.within(20, 500),
            by_sent: random.within(0, 2) == 0,
        };
        writers::until_killed(run, &ledger, &mut server, &others, WRITERS);
        let check = |server: &Server| {
            let found = ledger.check(cycle, &mut Connection::open(server.address()));
            found.unwrap_or_else(|wrong| panic!("cycle {cycle}, seed {seed}: {wrong}\n{}", server.said()));
        };
        others.iter().for_each(check);
        if random.within(0, 5) == 0 {
            kill_while_starting(&home, &mut random);
        }
        server = home.ready(0);
        check(&server);
    }
    let mut connection = Connection::open(server.address());
    let mut checked = 0;
    for cycle in 0..cycles {
        let found = ledger.check(cycle, &mut connection);
        checked += found.unwrap_or_else(|wrong| panic!("at the end, cycle {cycle}, seed {seed}: {wrong}"));
    }
    assert!(checked as u64 >= cycles * 10, "only {checked} acknowledged reports: the test tests nothing");
    assert_eq!(server.terminate(), Some(0), "SIGTERM is a clean end");
    home.verify();
    println!(
        "{cycles} kills, {checked} acknowledged reports checked, {} of unknown fate, seed {seed}",
        ledger.unknown()
    );
}

/// A crash while the last one is being recovered from.
fn kill_while_starting(home: &Home, random: &mut Random) {
    let mut starting = home.spawn(0);
    for _ in 0..random.within(0, 3_000) {
        std::thread::yield_now();
    }
    starting.kill();
}

pub fn create_repository(server: &Server) {
    let body = format!(r#"{{"id": {REPOSITORY}, "path": "crash/test"}}"#);
    let made = Connection::open(server.address()).request("POST", "/native/v1/repositories", &body);
    let made = made.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
}

pub fn from_env(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}
