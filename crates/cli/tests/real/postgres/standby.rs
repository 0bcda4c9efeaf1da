//! A synchronous standby: acknowledged reports survive the loss of the primary. A commit is not acknowledged
//! if its wait for the standby is canceled.

use super::load::Load;
use super::{durability, recovery_time};
use crate::crash::ledger::Ledger;
use crate::crash::{create_repository, from_env};
use crate::http::{Connection, Response};
use crate::server::Server;
use testkit::postgres::Pair;

const ROUNDS: u64 = 10;
const PATH: &str = "/native/v1/repositories/77/reports";

#[test]
fn acknowledged_reports_survive_the_loss_of_the_primary() {
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
        let (totals, ()) = Load::during(&ledger, &nodes, round, seed.wrapping_add(round), |load| {
            load.wait_for(200);
            pair.fail_over();
            // Writes wait for the new standby.
            pair.rebuild();
            load.wait_for(100);
        });
        acknowledged += totals.acknowledged;
        unknown += totals.unknown;
        // After the last round all rounds are checked.
        let first = if round + 1 == rounds { 0 } else { round };
        for (cycle, node) in (first..=round).flat_map(|cycle| nodes.iter().map(move |node| (cycle, node))) {
            let checked = ledger.check(cycle, &mut Connection::open(node.address()));
            checked.unwrap_or_else(|error| {
                panic!("round {round}, cycle {cycle}, seed {seed}: {error}\n{}", node.log())
            });
        }
        let stored = pair.primary().try_sql("stagepost_test", "SELECT count(*) FROM reports").unwrap();
        assert_eq!(stored, acknowledged.to_string(), "each acknowledged report is stored once");
    }
    println!(
        "{rounds} primaries killed, {acknowledged} reports acknowledged, {unknown} unknown results, seed {seed}"
    );
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
}

/// PostgreSQL then commits locally only, with a warning, or closes the connection.
#[test]
fn a_commit_whose_wait_for_the_standby_is_canceled_is_not_acknowledged() {
    let pair = Pair::start();
    pair.create("stagepost_test");
    let data = tempfile::tempdir().unwrap();
    let node = Server::ready_with(data.path(), &["--database", &pair.url("stagepost_test")]);
    create_repository(&node);
    for (number, function) in ["pg_cancel_backend", "pg_terminate_backend"].iter().enumerate() {
        let key = format!("key-{number}");
        let body =
            format!(r#"{{"sha": "{number:040x}", "ref": "main", "name": "build", "status": "success"}}"#);
        pair.standby().stop();
        // A repeat finds the local report, but must not acknowledge it before the standby has it.
        for _ in 0..2 {
            let response = cancel_wait(&pair, function, Connection::open(node.address()), &key, &body);
            assert_eq!(response.status, 503, "{function}: {}", response.body);
        }
        pair.standby().start_again();
        recovery_time(&node);
        let response = Connection::open(node.address()).post_idempotent(PATH, &key, &body).unwrap();
        assert_eq!(response.status, 201, "{}", response.body);
        let count = format!(
            "SELECT count(*) FROM reports r JOIN pipelines p ON p.repository_id = r.repository_id AND p.id = r.pipeline_id
             WHERE p.sha = '{number:040x}'"
        );
        assert_eq!(pair.primary().try_sql("stagepost_test", &count).unwrap(), "1", "{function}");
    }
    assert_eq!(node.terminate(), Some(0));
}

/// Posts a report and cancels the wait for the standby until there is a response.
fn cancel_wait(pair: &Pair, function: &str, mut connection: Connection, key: &str, body: &str) -> Response {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || connection.post_idempotent(PATH, key, body).unwrap());
        // Other commits of the node may wait before this one.
        let statement = format!("SELECT {function}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        while !waiting.is_finished() {
            pair.primary().sql(&statement);
        }
        waiting.join().unwrap()
    })
}
