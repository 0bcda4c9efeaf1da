//! A synchronous standby: what is acknowledged outlives the primary, and a commit whose wait for the standby was cut off is not.

use super::load::Load;
use super::{back_after, durability};
use crate::crash::ledger::Ledger;
use crate::crash::{create_repository, from_env};
use crate::http::{Answer, Connection};
use crate::server::Server;
use testkit::postgres::Pair;

const ROUNDS: u64 = 10;
const PATH: &str = "/native/v1/repositories/77/reports";

#[test]
fn acknowledged_reports_outlive_the_primary() {
    let rounds = from_env("STAGEPOST_FAILOVERS").unwrap_or(ROUNDS);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_FAILOVERS={rounds}");
    let mut pair = Pair::start();
    pair.create("stagepost_test");
    let url = pair.url("stagepost_test");
    let data = tempfile::tempdir().unwrap();
    let nodes: Vec<Server> =
        (0..2).map(|n| Server::ready_with(&data.path().join(n.to_string()), &["--database", &url])).collect();
    create_repository(&nodes[0]);
    let ledger = Ledger::default();
    let (mut acknowledged, mut unknown) = (0, 0);
    for round in 0..rounds {
        assert_eq!(durability(nodes[0].address()), "quorum");
        let (sums, ()) = Load::during(&ledger, &nodes, round, seed.wrapping_add(round), |load| {
            load.wait_for(200);
            pair.fail_over();
            // Writes wait for it.
            pair.rebuild();
            load.wait_for(100);
        });
        acknowledged += sums.acknowledged;
        unknown += sums.unknown;
        // At the end those of every round.
        let again = if round + 1 == rounds { 0 } else { round };
        for (cycle, node) in (again..=round).flat_map(|cycle| nodes.iter().map(move |node| (cycle, node))) {
            let checked = ledger.check(cycle, &mut Connection::open(node.address()));
            checked.unwrap_or_else(|wrong| {
                panic!("round {round}, cycle {cycle}, seed {seed}: {wrong}\n{}", node.said())
            });
        }
        let kept = pair.primary().try_sql("stagepost_test", "SELECT count(*) FROM reports").unwrap();
        assert_eq!(kept, acknowledged.to_string(), "each acknowledged report is there once");
    }
    println!(
        "{rounds} primaries killed, {acknowledged} reports acknowledged, {unknown} answers unknown, seed {seed}"
    );
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
}

/// PostgreSQL commits for itself alone then, and says so in a warning, or ends the connection.
#[test]
fn a_commit_whose_wait_for_the_standby_is_cut_off_is_not_acknowledged() {
    let pair = Pair::start();
    pair.create("stagepost_test");
    let data = tempfile::tempdir().unwrap();
    let node = Server::ready_with(data.path(), &["--database", &pair.url("stagepost_test")]);
    create_repository(&node);
    for (number, cut) in ["pg_cancel_backend", "pg_terminate_backend"].iter().enumerate() {
        let key = format!("key-{number}");
        let body =
            format!(r#"{{"sha": "{number:040x}", "ref": "main", "name": "build", "status": "success"}}"#);
        pair.standby().stop();
        // A repeat finds what is there, and may not believe it as long as the standby does not have it.
        for _ in 0..2 {
            let answer = cut_off(&pair, cut, Connection::open(node.address()), &key, &body);
            assert_eq!(answer.status, 503, "{cut}: {}", answer.body);
        }
        pair.standby().start_again();
        back_after(&node);
        let answer = Connection::open(node.address()).post_once(PATH, &key, &body).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
        let count = format!(
            "SELECT count(*) FROM reports r JOIN pipelines p ON p.repository_id = r.repository_id AND p.id = r.pipeline_id
             WHERE p.sha = '{number:040x}'"
        );
        assert_eq!(pair.primary().try_sql("stagepost_test", &count).unwrap(), "1", "{cut}");
    }
    assert_eq!(node.terminate(), Some(0));
}

/// Posts a report, and cuts off the wait for the standby until there is an answer.
fn cut_off(pair: &Pair, cut: &str, mut connection: Connection, key: &str, body: &str) -> Answer {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || connection.post_once(PATH, key, body).unwrap());
        // Other commits of the node may wait there before it.
        let cut = format!("SELECT {cut}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        while !waiting.is_finished() {
            pair.primary().sql(&cut);
        }
        waiting.join().unwrap()
    })
}
