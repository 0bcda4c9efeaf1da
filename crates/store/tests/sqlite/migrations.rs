//! Migrations of the schema from older versions.

use super::contract::credentials::credentials;
use super::contract::{self, refs};
use domain::model::credentials::ReportCredential;
use domain::model::ids::PipelineId;
use domain::model::pipelines::PipelineState;
use domain::model::reports::Rules;
use domain::model::verification::verify;
use domain::ports::{Health as _, Pipelines as _, ReportBatch, Reports as _, Verification as _};
use store::read_only::ReadOnlyStore;
use store::sqlite::{Options, Sqlite};
use testkit::report;

/// The migrations before the one that gives every branch one name.
const EARLIER: [&str; 11] = [
    include_str!("../../src/sqlite/migrations/0001_first.sql"),
    include_str!("../../src/sqlite/migrations/0002_lists.sql"),
    include_str!("../../src/sqlite/migrations/0003_merge_requests.sql"),
    include_str!("../../src/sqlite/migrations/0004_temporary_keys.sql"),
    include_str!("../../src/sqlite/migrations/0005_events.sql"),
    include_str!("../../src/sqlite/migrations/0006_webhooks.sql"),
    include_str!("../../src/sqlite/migrations/0007_temporary_keys.sql"),
    include_str!("../../src/sqlite/migrations/0008_counts.sql"),
    include_str!("../../src/sqlite/migrations/0009_insights.sql"),
    include_str!("../../src/sqlite/migrations/0010_sign_in_links.sql"),
    include_str!("../../src/sqlite/migrations/0011_names.sql"),
];

/// The digest of the ref `main`: a stored digest never changes.
const DIGEST_OF_MAIN: i64 = -359_603_704;

#[tokio::test]
async fn a_branch_has_one_name_in_old_rows() {
    let dir = tempfile::tempdir().unwrap();
    let sql = rusqlite::Connection::open(dir.path().join("stagepost.db")).unwrap();
    for migration in EARLIER {
        sql.execute_batch(migration).unwrap();
    }
    sql.pragma_update(None, "user_version", 11).unwrap();
    sql.execute_batch("INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0)")
        .unwrap();
    sql.execute_batch(include_str!("../migrations/branches.sql")).unwrap();
    sql.execute_batch(
        "INSERT INTO jobs (repository_id, pipeline_id, id, stage_id, name, attempt_number, newest, status,
             allow_failure, created_at, updated_at, evidence, ref)
             VALUES (5, 2, 2, 1, 'x', 1, 1, 'success', 0, 1, 1, x'', 'refs/heads/main')",
    )
    .unwrap();
    drop(sql);
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    refs::branches_have_one_name(&store).await;
    store.close().await.unwrap();
    let sql = rusqlite::Connection::open(dir.path().join("stagepost.db")).unwrap();
    let digest: i64 = sql.query_row("SELECT ref_digest FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(digest, DIGEST_OF_MAIN);
}

#[tokio::test]
async fn reports_of_an_older_version_are_replayed_by_its_rules() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let root = contract::root(&store).await;
    let id = contract::repository(&store, &root, "acme/demo").await;
    let text = |description: &str| {
        let mut report = report('a', "x/one:running#1");
        report.state.description = Some(description.into());
        report.web_url = Some(format!("http://ci/{description}"));
        report
    };
    // By the first rules, the greater of two texts of one rank stays.
    let old = |description: &str| {
        let mut report = text(description);
        report.state.rules = Rules::First;
        report
    };
    let batch = |reports| contract::batch(id, &root, reports);
    store.record(batch(vec![old("step 9"), old("step 10")])).await.unwrap();
    store.close().await.unwrap();
    drop(store);

    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let pipeline = PipelineId::new(1).unwrap();
    let first =
        |state: PipelineState| (state.jobs[0].attempt.description.clone(), state.pipeline.web_url.clone());
    let state = store.pipeline_state(id, pipeline).await.unwrap().unwrap();
    assert_eq!(first(state), (Some("step 9".into()), Some("http://ci/step 9".into())));
    store.record(batch(vec![text("step 11"), text("step 12"), text("step 100")])).await.unwrap();
    let state = store.pipeline_state(id, pipeline).await.unwrap().unwrap();
    assert_eq!(first(state), (Some("step 100".into()), Some("http://ci/step 100".into())));
    store.close().await.unwrap();
    drop(store);

    let store = ReadOnlyStore::sqlite(dir.path()).unwrap();
    let found = store.pipelines_with_reports(id, pipeline, pipeline).await.unwrap();
    assert_eq!(found[0].reports.len(), 5);
    assert_eq!(verify(&found[0].state, &found[0].reports), vec![]);
}

/// Makes the bodies of reports those of the version before, which has no credentials.
fn without_credentials(body: &[u8]) -> Vec<u8> {
    assert_eq!((body[0], body[4], body[5]), (3, 1, 0), "the version, the dialect, and no credential");
    [&[2], &body[1..5], &body[6..]].concat()
}

/// Undoes the two migrations about indexes of pipelines and counters.
const BEFORE_RESULTS: &str = "DROP INDEX pipelines_by_update;
     ALTER TABLE pipelines DROP COLUMN updated_minute;
     CREATE INDEX pipelines_by_update ON pipelines (repository_id, updated_at, id);
     DROP INDEX counters_by_activity;
     ALTER TABLE counters DROP COLUMN active_minute;
     CREATE INDEX counters_by_activity ON counters (active_at, repository_id);
     DROP INDEX pipelines_by_success;
     DROP INDEX pipelines_by_failure;";

#[tokio::test]
async fn reports_of_the_version_before_have_no_credential() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let root = contract::root(&store).await;
    let id = contract::repository(&store, &root, "acme/demo").await;
    let reports = |status: &str| {
        ["x", "y"].map(|job| {
            let mut report = report('a', &format!("s/{job}:{status}#1"));
            report.state.target_url = Some(format!("https://ci.example.com/jobs/{job}"));
            report
        })
    };
    for status in ["pending", "running"] {
        store.record(contract::batch(id, &root, reports(status).to_vec())).await.unwrap();
    }
    store.close().await.unwrap();
    drop(store);
    let sql = rusqlite::Connection::open(dir.path().join("stagepost.db")).unwrap();
    let bodies: Vec<(i64, Vec<u8>)> = {
        let mut rows = sql.prepare("SELECT seq, body FROM reports").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(bodies.len(), 4);
    for (seq, body) in bodies {
        let body = without_credentials(&body);
        sql.execute("UPDATE reports SET body = ?2 WHERE seq = ?1", rusqlite::params![seq, body]).unwrap();
    }
    sql.execute_batch(BEFORE_RESULTS).unwrap();
    sql.execute_batch(
        "DROP TABLE deleted_access_keys;
         DROP INDEX tokens_by_identity;
         ALTER TABLE tokens DROP COLUMN identity_id;
         ALTER TABLE tokens DROP COLUMN sign_in;
         DROP TABLE identities;
         ALTER TABLE users DROP COLUMN group_rights;
         DROP TABLE destinations;
         DROP TABLE forwarded_states;
         DROP TABLE gate_rules;
         DROP TABLE gate_expectations;
         DROP TABLE gate_overrides;
         DROP TABLE gate_evaluations;
         DROP TABLE gate_verdicts;
         DROP TABLE audit;
         ALTER TABLE webhooks DROP COLUMN gates;
         DROP INDEX webhooks_by_creator;
         ALTER TABLE webhooks DROP COLUMN format;
         ALTER TABLE webhooks DROP COLUMN language;
         ALTER TABLE webhooks DROP COLUMN refs;
         ALTER TABLE webhooks DROP COLUMN job_patterns;
         ALTER TABLE webhooks DROP COLUMN author;
         ALTER TABLE webhooks DROP COLUMN creator_id;
         ALTER TABLE webhooks DROP COLUMN personal;
         DROP INDEX merge_requests_by_created_at;
         DROP INDEX merge_requests_by_updated_at;
         ALTER TABLE merge_requests DROP COLUMN created_at;
         ALTER TABLE merge_requests DROP COLUMN updated_at;
         PRAGMA user_version = 22",
    )
    .unwrap();
    drop(sql);

    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    assert_eq!(credentials(&store, id, 1).await, [(None, None), (None, None)]);
    let credential = Some(ReportCredential::Token(17));
    let batch = contract::batch(id, &root, reports("success").to_vec());
    store.record(ReportBatch { credential: credential.clone(), ..batch }).await.unwrap();
    assert_eq!(credentials(&store, id, 2).await, [(None, None), (None, None), (credential, None)]);
    store.close().await.unwrap();
    drop(store);
    let store = ReadOnlyStore::sqlite(dir.path()).unwrap();
    let pipeline = PipelineId::new(1).unwrap();
    let found = store.pipelines_with_reports(id, pipeline, pipeline).await.unwrap();
    assert_eq!(verify(&found[0].state, &found[0].reports), vec![]);
}

#[tokio::test]
async fn sessions_of_the_version_before_have_the_method_of_their_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    contract::root(&store).await;
    store.close().await.unwrap();
    drop(store);
    let file = dir.path().join("stagepost.db");
    let sql = rusqlite::Connection::open(&file).unwrap();
    sql.execute_batch(BEFORE_RESULTS).unwrap();
    sql.execute_batch(
        "DROP INDEX audit_by_actor;
         DROP INDEX audit_by_first_time;
         ALTER TABLE tokens DROP COLUMN sign_in;
         INSERT INTO identities (id, user_id, issuer, subject, display, created_at, rights) VALUES
             (1, 1, 'https://id.example', 'amy', 'Amy', 0, '{}'), (2, 1, 'trusted-header', 'amy', 'Amy', 0, '{}');
         INSERT INTO tokens (digest, user_id, kind, name, scope, created_at, expires_at, identity_id) VALUES
             (x'01', 1, 'session', 'pages', 'full', 0, 28800000, 1),
             (x'02', 1, 'session', 'pages', 'full', 0, 28800000, 2),
             (x'03', 1, 'session', 'page', 'read', 0, 900000, 1),
             (x'04', 1, 'personal', 'ci', 'full', 0, 28800000, 1),
             (x'05', 1, 'session', 'pages', 'full', 0, 86400000, NULL);
         PRAGMA user_version = 32",
    )
    .unwrap();
    drop(sql);
    Sqlite::open(dir.path(), Options::default()).unwrap().close().await.unwrap();
    let sql = rusqlite::Connection::open(&file).unwrap();
    let mut rows = sql.prepare("SELECT sign_in FROM tokens ORDER BY digest").unwrap();
    let methods: Vec<Option<String>> =
        rows.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let methods: Vec<_> = methods.iter().map(Option::as_deref).collect();
    assert_eq!(methods, [Some("oidc"), Some("header"), None, None, None]);
}
