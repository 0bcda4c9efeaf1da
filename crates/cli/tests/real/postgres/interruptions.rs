//! PostgreSQL terminates connections or restarts under load: responses are correct or 503, a repeat with the
//! same key is safe, and the nodes recover with the database. `STAGEPOST_INTERRUPTED_SECONDS` changes the
//! duration.

use super::load::Load;
use super::{MAX_RECOVERY_TIME, durability, recovery_time};
use crate::crash::ledger::Ledger;
use crate::crash::{create_repository, from_env};
use crate::http::Connection;
use crate::server::Server;
use std::time::{Duration, Instant};
use testkit::postgres::{Cluster, Settings};

const SECONDS: u64 = 15;
const INTERVAL: Duration = Duration::from_millis(200);
const NODES: usize = 2;

#[test]
fn terminated_connections_and_restarts_cause_only_503() {
    let seconds = from_env("STAGEPOST_INTERRUPTED_SECONDS").unwrap_or(SECONDS);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_INTERRUPTED_SECONDS={seconds}");
    let cluster = Cluster::start(Settings { durable: true, ..Settings::default() });
    let database = cluster.database();
    let data = tempfile::tempdir().unwrap();
    let nodes: Vec<Server> = (0..NODES)
        .map(|n| Server::ready_with(&data.path().join(n.to_string()), &["--database", &database.url]))
        .collect();
    create_repository(&nodes[0]);
    assert_eq!(durability(nodes[0].address()), "local");
    let ledger = Ledger::default();

    let (totals, terminated) = Load::during(&ledger, &nodes, 0, seed, |load| {
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut terminated = 0;
        while Instant::now() < end {
            terminated += cluster.terminate_all();
            std::thread::sleep(INTERVAL);
        }
        cluster.terminate_all();
        for node in &nodes {
            let took = recovery_time(node);
            assert!(took < MAX_RECOVERY_TIME, "a node recovered after {took:?}\n{}", node.log());
        }
        load.wait_for(100);
        terminated
    });
    println!("{terminated} connections terminated, seed {seed}: {totals:?}");
    assert!(
        terminated > 10 * NODES as u32,
        "only {terminated} terminated connections: too few for a valid test"
    );
    assert!(totals.unknown > 0 && totals.acknowledged > 200, "too few for a valid test: {totals:?}");
    let mut acknowledged = totals.acknowledged;

    for (round, kill) in [(1, false), (2, true)] {
        let (totals, ()) = Load::during(&ledger, &nodes, round, seed, |load| {
            load.wait_for(100);
            if kill {
                cluster.kill()
            } else {
                cluster.stop()
            }
            assert_eq!(readiness(&nodes[0]), 503);
            cluster.start_again();
            for node in &nodes {
                let took = recovery_time(node);
                assert!(took < MAX_RECOVERY_TIME, "a node recovered after {took:?}\n{}", node.log());
            }
            load.wait_for(100);
        });
        println!("restarted{}: {totals:?}", if kill { " after kill -9" } else { "" });
        assert!(totals.unknown > 0, "too few for a valid test: {totals:?}");
        acknowledged += totals.acknowledged;
    }

    let mut found = 0;
    for cycle in 0..3 {
        for node in &nodes {
            let checked = ledger.check(cycle, &mut Connection::open(node.address()));
            found +=
                checked.unwrap_or_else(|error| panic!("cycle {cycle}, seed {seed}: {error}\n{}", node.log()));
        }
    }
    assert_eq!(found as u64, acknowledged * NODES as u64);
    // Repeats have stored no report twice.
    let stored = database.sql(
        "SELECT count(*) FROM reports r JOIN pipelines p ON p.repository_id = r.repository_id AND p.id = r.pipeline_id
         WHERE p.ref <> 'back'",
    );
    assert_eq!(stored, acknowledged.to_string());
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
}

fn readiness(node: &Server) -> u16 {
    Connection::open(node.address()).request("GET", "/readyz", "").unwrap().status
}
