//! PostgreSQL cuts its connections or restarts under load: an answer is right or 503, a repeat under the same key is safe, and the nodes
//! are back as soon as it is. `STAGEPOST_INTERRUPTED_SECONDS` makes the test longer.

use super::load::Load;
use super::{BACK, back_after, durability};
use crate::crash::ledger::Ledger;
use crate::crash::{create_repository, from_env};
use crate::http::Connection;
use crate::server::Server;
use std::time::{Duration, Instant};
use testkit::postgres::{Cluster, Settings};

const SECONDS: u64 = 15;
const EVERY: Duration = Duration::from_millis(200);
const NODES: usize = 2;

#[test]
fn cut_connections_and_restarts_are_only_ever_answered_503() {
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

    let (sums, ended) = Load::during(&ledger, &nodes, 0, seed, |load| {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut ended = 0;
        while Instant::now() < until {
            ended += cluster.terminate_all();
            std::thread::sleep(EVERY);
        }
        cluster.terminate_all();
        for node in &nodes {
            let took = back_after(node);
            assert!(took < BACK, "a node is back after {took:?}\n{}", node.said());
        }
        load.wait_for(100);
        ended
    });
    println!("{ended} connections cut, seed {seed}: {sums:?}");
    assert!(ended > 10 * NODES as u32, "only {ended} connections were cut: the test tests nothing");
    assert!(sums.unknown > 0 && sums.acknowledged > 200, "the test tests nothing: {sums:?}");
    let mut acknowledged = sums.acknowledged;

    for (round, kill) in [(1, false), (2, true)] {
        let (sums, ()) = Load::during(&ledger, &nodes, round, seed, |load| {
            load.wait_for(100);
            if kill {
                cluster.kill()
            } else {
                cluster.stop()
            }
            assert_eq!(readiness(&nodes[0]), 503);
            cluster.start_again();
            for node in &nodes {
                let took = back_after(node);
                assert!(took < BACK, "a node is back after {took:?}\n{}", node.said());
            }
            load.wait_for(100);
        });
        println!("restarted{}: {sums:?}", if kill { " after kill -9" } else { "" });
        assert!(sums.unknown > 0, "the test tests nothing: {sums:?}");
        acknowledged += sums.acknowledged;
    }

    let mut found = 0;
    for cycle in 0..3 {
        for node in &nodes {
            let checked = ledger.check(cycle, &mut Connection::open(node.address()));
            found += checked
                .unwrap_or_else(|wrong| panic!("cycle {cycle}, seed {seed}: {wrong}\n{}", node.said()));
        }
    }
    assert_eq!(found as u64, acknowledged * NODES as u64);
    // Nothing was put there twice by a repeat.
    let kept = database.sql(
        "SELECT count(*) FROM reports r JOIN pipelines p ON p.repository_id = r.repository_id AND p.id = r.pipeline_id
         WHERE p.ref <> 'back'",
    );
    assert_eq!(kept, acknowledged.to_string());
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
}

fn readiness(node: &Server) -> u16 {
    Connection::open(node.address()).request("GET", "/readyz", "").unwrap().status
}
