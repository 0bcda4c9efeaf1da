//! Several nodes on one database.

use super::contract::forwarded_state_claims::send_while_reporting;
use super::contract::forwarded_states::{added as added_destination, claim, list, respond};
use super::contract::gates::rules;
use super::contract::webhooks::added;
use super::contract::{batch, repository, root, user};
use domain::actions::verdicts;
use domain::model::destinations::Choice;
use domain::model::events::Change;
use domain::model::ids::RepositoryId;
use domain::model::reports::Effect;
use domain::model::users::User;
use domain::ports::{
    App, ChangeVersions as _, Events as _, Gates as _, Health as _, Idempotency, Jobs as _, Pipelines as _,
    ReportBatch, Reports as _, Signatures as _, Store, Users as _,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use store::postgres::{Options, Postgres};
use testkit::postgres::{Cluster, Database};
use testkit::{FixedClock, app, at, report};
use tokio::time::timeout;

async fn node(database: &Database<'_>) -> Arc<Postgres> {
    let options = Options { readers: 4, ..Options::default() };
    Arc::new(Postgres::open(&database.url, options).await.unwrap())
}

/// Nodes on one database, and a repository in it.
async fn nodes(number: usize) -> (Vec<Arc<Postgres>>, RepositoryId, User, Database<'static>) {
    let database = Cluster::shared().database();
    let mut nodes = Vec::new();
    for _ in 0..number {
        nodes.push(node(&database).await);
    }
    let root = root(&*nodes[0]).await;
    let repo = repository(&*nodes[0], &root, "acme/demo").await;
    (nodes, repo, root, database)
}

#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_can_start_at_once_on_an_empty_database() {
    let database = Cluster::shared().database();
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move {
                Postgres::open(&url, Options { readers: 1, queue: 9, ..Options::default() }).await.map(drop)
            })
        })
        .collect();
    for start in starting {
        start.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_of_two_nodes_send_the_last_state_once_at_a_time() {
    let database = Cluster::shared().database();
    let (one, two) = (node(&database).await, node(&database).await);
    send_while_reporting([one, two]).await;
}

/// The recorders of both nodes evaluate every due commit at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_record_a_verdict_once() {
    const ROUNDS: usize = 30;
    let (nodes, repo, root, _database) = nodes(2).await;
    nodes[0].set_gate_rules(repo, rules(&["unit"], None), root.id, at(1), at(0), None).await.unwrap();
    let clock = FixedClock::new();
    let apps: Vec<App> =
        nodes.iter().map(|node| app(Arc::clone(node) as Arc<dyn Store>, Arc::clone(&clock))).collect();
    for round in 0..ROUNDS {
        let mut unit = report('a', "s/unit:success#1");
        unit.sha = format!("{round:040x}");
        nodes[round % 2].record(batch(repo, &root, vec![unit])).await.unwrap();
        let due = verdicts::due(&apps[0], 9).await.unwrap();
        assert_eq!(due.len(), 1);
        let recording: Vec<_> = apps
            .iter()
            .map(|app| {
                let (app, due) = (app.clone(), due[0].clone());
                tokio::spawn(async move { verdicts::record(&app, due).await.unwrap() })
            })
            .collect();
        let mut recorded = 0;
        for recording in recording {
            recorded += recording.await.unwrap();
        }
        assert_eq!(recorded, 1, "round {round}");
    }
    let events = nodes[1].events(repo, 0, 1_000).await.unwrap().events;
    let verdicts = events.iter().filter(|event| matches!(event.change, Change::Verdict(_))).count();
    assert_eq!((verdicts, events.len()), (ROUNDS, 2 * ROUNDS));
}

/// In each round, all clients send the same first report at once, each through one of the nodes.
#[tokio::test(flavor = "multi_thread")]
async fn racing_first_reports_through_all_nodes_make_one_pipeline_and_one_job() {
    const CLIENTS: usize = 24;
    const ROUNDS: usize = 20;
    let (nodes, repo, root, _database) = nodes(3).await;
    for round in 0..ROUNDS {
        let sha = format!("{round:040x}");
        let racing: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (node, root) = (Arc::clone(&nodes[client % nodes.len()]), root.clone());
                let mut first = report('a', "s/x:running#1");
                first.sha.clone_from(&sha);
                tokio::spawn(async move { node.record(batch(repo, &root, vec![first])).await })
            })
            .collect();
        let mut ids = BTreeSet::new();
        let mut created = 0;
        for receipt in racing {
            let receipt = receipt.await.unwrap().unwrap().pop().unwrap().unwrap();
            created += usize::from(receipt.effect == Effect::Created);
            ids.insert((receipt.pipeline_id, receipt.stage_id, receipt.job_id));
        }
        assert_eq!((ids.len(), created), (1, 1), "round {round}: {ids:?}");
    }
    for node in &nodes {
        let counted =
            node.count_jobs(repo, domain::model::jobs::filters::JobFilter::default()).await.unwrap();
        assert_eq!(counted, ROUNDS as u64);
    }
}

/// Writers through every node; a reader at every node gets every number once and in order.
#[tokio::test(flavor = "multi_thread")]
async fn no_event_of_any_node_is_skipped() {
    const WRITERS: usize = 24;
    const EACH: usize = 10;
    let (nodes, repo, root, _database) = nodes(3).await;
    let reading: Vec<_> = nodes
        .iter()
        .map(|node| {
            let node = Arc::clone(node);
            tokio::spawn(async move {
                let mut read: Vec<i64> = Vec::new();
                while read.len() < WRITERS * EACH {
                    let last = read.last().copied().unwrap_or_default();
                    node.wait_for_event(repo, last).await.unwrap();
                    read.extend(
                        node.events(repo, last, 11).await.unwrap().events.iter().map(|event| event.number),
                    );
                }
                read
            })
        })
        .collect();
    let writing: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (nodes, root) = (nodes.clone(), root.clone());
            tokio::spawn(async move {
                for n in 0..EACH {
                    let node = &nodes[(writer + n) % nodes.len()];
                    let commit = char::from_digit((n % 3) as u32, 10).unwrap();
                    let new = report(commit, &format!("s/{writer}-{n}:running"));
                    let receipt =
                        node.record(batch(repo, &root, vec![new])).await.unwrap().pop().unwrap().unwrap();
                    // Every node reads what one node acknowledged.
                    for other in &nodes {
                        assert!(other.job(repo, receipt.job_id).await.unwrap().is_some());
                    }
                }
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    for reader in reading {
        let read = timeout(Duration::from_secs(60), reader).await.unwrap().unwrap();
        assert_eq!(read, (1..=(WRITERS * EACH) as i64).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_of_a_node_is_invalid_after_another_node_wrote() {
    let (nodes, repo, root, _database) = nodes(2).await;
    for (n, line) in ["s/x:pending#1", "s/x:running#1", "s/y:running#2", "s/x:success#1", "s/y:failed#2"]
        .iter()
        .enumerate()
    {
        nodes[n % 2].record(batch(repo, &root, vec![report('a', line)])).await.unwrap();
    }
    let pipeline = domain::model::ids::PipelineId::new(1).unwrap();
    let found = nodes[0].pipeline(repo, pipeline).await.unwrap().unwrap();
    assert_eq!((found.status.as_str(), found.job_count, found.version), ("failed", 2, 5));
    assert_eq!(nodes[1].pipeline(repo, pipeline).await.unwrap().unwrap(), found);
    let versions = |node: usize| {
        let node = Arc::clone(&nodes[node]);
        async move { node.current_versions(Some((repo, pipeline))).await.unwrap() }
    };
    let before = versions(0).await;
    assert_eq!(versions(1).await, before);
    nodes[1].record(batch(repo, &root, vec![report('a', "s/z:running#3")])).await.unwrap();
    assert_ne!(versions(0).await.pipeline, before.pipeline);
    user(&*nodes[1], "new", false).await;
    assert_ne!(versions(0).await.access, before.access);
    assert_eq!(nodes[0].users().await.unwrap().len(), 2);
}

/// A node that has reported to a repository runs the next reports from its cache; that must not hide what another node
/// did meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_after_a_change_by_another_node_sees_it() {
    let (nodes, repo, root, database) = nodes(2).await;
    let record = |node: usize, commit, line: &str| {
        let (node, batch) = (Arc::clone(&nodes[node]), batch(repo, &root, vec![report(commit, line)]));
        async move { node.record(batch).await.unwrap().pop().unwrap().unwrap() }
    };
    for n in 0..3 {
        record(0, 'a', &format!("s/j{n}:success#{n}")).await;
    }
    let delivered = || database.sql("SELECT count(*) FROM deliveries");
    assert_eq!(delivered(), "0");
    added(&*nodes[1], repo, &["job"]).await;
    record(0, 'a', "s/j3:success#3").await;
    assert_eq!(delivered(), "1", "the webhook of the other node");
    let theirs = record(1, 'b', "s/x:running#9").await;
    let ours = record(0, 'b', "s/x:success#9").await;
    assert_eq!((ours.pipeline_id, ours.job_id), (theirs.pipeline_id, theirs.job_id));
    assert!(ours.report_id > theirs.report_id, "{ours:?}");
    assert_eq!(delivered(), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_used_once_through_all_nodes() {
    let (nodes, repo, root, _database) = nodes(3).await;
    for round in 0..20 {
        let racing = nodes.iter().flat_map(|node| [node, node]).map(|node| {
            let node = Arc::clone(node);
            tokio::spawn(async move { node.use_signature([round; 32]).await.unwrap() })
        });
        let mut successes = 0;
        for used in racing.collect::<Vec<_>>() {
            successes += usize::from(used.await.unwrap());
        }
        assert_eq!(successes, 1, "round {round}");
    }
    let signed =
        || ReportBatch { signature: Some([200; 32]), ..batch(repo, &root, vec![report('a', "s/x:running")]) };
    let first = nodes[0].record(signed()).await.unwrap();
    assert_eq!(nodes[1].record(signed()).await.unwrap(), first);
    assert!(!nodes[2].use_signature([200; 32]).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_through_another_node_gets_the_first_response() {
    let (nodes, repo, root, _database) = nodes(2).await;
    let request = |digest: u8| ReportBatch {
        idempotency: Some(Idempotency { key: "k".into(), digest: [digest; 32] }),
        ..batch(repo, &root, vec![report('a', "s/x:running#1")])
    };
    let first = nodes[0].record(request(1)).await.unwrap();
    assert_eq!(nodes[1].record(request(1)).await.unwrap(), first);
    assert_eq!(nodes[1].record(request(2)).await.unwrap_err(), domain::Error::KeyReused);
}

/// All connections are cut repeatedly: acknowledged reports are stored, and the others are stored once when
/// they are repeated.
#[tokio::test(flavor = "multi_thread")]
async fn cut_connections_lose_no_acknowledged_report() {
    let cluster = Cluster::shared();
    let (nodes, repo, root, database) = nodes(2).await;
    let cut = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}'
            AND pid <> pg_backend_pid()",
        database.name
    );
    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let cutting = tokio::task::spawn_blocking(move || {
        let mut cuts = 0;
        while !stopped.has_changed().unwrap_or(true) {
            cluster.sql(&cut);
            cuts += 1;
            std::thread::sleep(Duration::from_millis(50));
        }
        stopped.mark_unchanged();
        cuts
    });
    let writing: Vec<_> = (0..8)
        .map(|writer| {
            let (nodes, root) = (nodes.clone(), root.clone());
            tokio::spawn(async move {
                let mut unknown = 0;
                for n in 0..40 {
                    let key = format!("{writer}-{n}");
                    let request = ReportBatch {
                        idempotency: Some(Idempotency { key: key.clone(), digest: [7; 32] }),
                        ..batch(repo, &root, vec![report('a', &format!("s/{key}:success#{key}"))])
                    };
                    let mut node = n;
                    while let Err(error) = nodes[node % nodes.len()].record(request.clone()).await {
                        assert!(matches!(error, domain::Error::Unavailable(_)), "{error}");
                        unknown += 1;
                        node += 1;
                        assert!(unknown < 10_000, "{error}");
                    }
                }
                unknown
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    drop(stop);
    assert!(cutting.await.unwrap() > 0);
    // The nodes reconnect at once.
    nodes[0].check().await.unwrap();
    let found =
        nodes[0].pipeline(repo, domain::model::ids::PipelineId::new(1).unwrap()).await.unwrap().unwrap();
    assert_eq!(found.job_count, 8 * 40, "each job once");
    assert_eq!(nodes[0].events(repo, 0, 1_000).await.unwrap().events.len(), 8 * 40);
}

/// Every third commit conflicts. Its group is tried again, and so is the one that may have started meanwhile: it must
/// not keep what the first one has assigned.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_conflicts_is_repeated_before_the_group_after_it() {
    const WRITERS: usize = 24;
    const REPORTS: usize = 20;
    let (nodes, repo, root, database) = nodes(1).await;
    database.sql(
        "CREATE SEQUENCE commits;
         CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF nextval('commits') % 3 = 0 THEN RAISE EXCEPTION 'a conflict' USING ERRCODE = '40001'; END IF;
             RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER conflicts AFTER UPDATE ON counters DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION conflict()",
    );
    let writing: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (node, root) = (Arc::clone(&nodes[0]), root.clone());
            tokio::spawn(async move {
                for n in 0..REPORTS {
                    let report = report('a', &format!("s/{writer}-{n}:success#{writer}-{n}"));
                    let receipt = node.record(batch(repo, &root, vec![report])).await.unwrap().pop().unwrap();
                    assert_eq!(receipt.unwrap().effect, Effect::Created);
                }
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    let jobs = (WRITERS * REPORTS) as i64;
    let counted = |table: &str, column: &str| {
        database.sql(&format!("SELECT count(DISTINCT {column}) || ' ' || max({column}) FROM {table}"))
    };
    assert_eq!(counted("jobs", "id"), format!("{jobs} {jobs}"), "ids without gaps");
    assert_eq!(counted("reports", "seq"), format!("{jobs} {jobs}"));
    assert_eq!(nodes[0].events(repo, 0, 1_000).await.unwrap().events.len(), WRITERS * REPORTS);
    let commits: i64 = database.sql("SELECT last_value FROM commits").parse().unwrap();
    assert!(commits >= 3, "{commits} commits: none had a conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_clock_is_ahead_of_the_database_deletes_nothing() {
    use domain::actions::{retention, trusted_time};
    let opened = crate::open().await;
    let store = &opened.store;
    let now = store.database_time().await.unwrap().unwrap();
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let day = domain::SignedDuration::from_hours(24);
    let policies = domain::model::policies::Policies { keep_for: Some(day * 90), ..Default::default() };
    store.set_policies(repo, policies).await.unwrap();
    for commit in ['a', 'b'] {
        let batch = batch(repo, &root, vec![report(commit, "s/j:success#1")]);
        store.record(ReportBatch { received_at: now, ..batch }).await.unwrap();
    }
    // A node in the year 2046 or later runs for a week.
    let clock = FixedClock::new();
    clock.jump(day * 365 * 20);
    let app = app(Arc::clone(store), Arc::clone(&clock));
    for _ in 0..7 * 4 {
        let observed = trusted_time::observe(&app).await.unwrap();
        assert!(observed.ahead_of_database > day * 365, "{observed:?}");
        assert!(observed.time.certain() < now + day * 30, "{observed:?}");
        assert_eq!(retention::prune_all(&app).await.0, []);
        clock.advance(day / 4);
    }
}

/// A node that ends in the midst of a change of a project leaves the rest of the states to the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_on_with_forgetting_what_was_sent() {
    let (nodes, repo, root, database) = nodes(2).await;
    let destination = added_destination(&*nodes[0], repo, Choice::Jobs(vec!["*".into()])).await;
    let reports = vec![report('a', "s/x:success#1"), report('a', "s/y:success#1")];
    nodes[0].record(batch(repo, &root, reports)).await.unwrap();
    for claimed in claim(&*nodes[0], 200).await {
        assert!(respond(&*nodes[0], &claimed, 201, 201).await);
    }
    database.sql("UPDATE destinations SET reset_after = 0");
    assert!(claim(&*nodes[1], 202).await.is_empty(), "nothing is sent before all is forgotten");
    assert!(list(&*nodes[1], repo, destination.id).await.iter().all(|listed| listed.state.sent.is_none()));
    assert!(claim(&*nodes[1], 203).await.is_empty(), "the last step finds no more states");
    assert_eq!(claim(&*nodes[1], 204).await.len(), 2);
}
