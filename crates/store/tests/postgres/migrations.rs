//! Migrations of the schema from older versions.

use super::contract;
use super::contract::credentials::credentials;
use domain::model::credentials::ReportCredential;
use domain::model::ids::{JobId, MergeRequestIid, RepositoryId, UserId};
use domain::model::reports::{Authority, Effect, Reason, Rule, Rules};
use domain::model::status::Status;
use domain::ports::{Health as _, Jobs as _, MergeRequests as _, ReportBatch, Reports as _, Retention as _};
use domain::{Error, SignedDuration};
use store::loss::OpenError;
use store::postgres::{Options, Postgres, has_store};
use testkit::postgres::{Cluster, Database};
use testkit::{at, report};

/// A database of the first version, with one user and one repository.
fn first_version() -> Database<'static> {
    let database = Cluster::shared().database();
    let schema = include_str!("../../src/postgres/migrations/0001_first.sql");
    // The tables must belong to the user of the store.
    let owner = database.url.trim_start_matches("postgres://").split([':', '@']).next().unwrap();
    database.sql(&format!(
        "SET ROLE {owner};
         {schema}
         CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY);
         INSERT INTO schema_version VALUES (1);
         INSERT INTO users (uuid, name, admin, created_at) VALUES ('u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
             creator_id, created_at, updated_at) VALUES (1, 'r', 'p', 'p', 'a', 'main', 'private', 1, 0, 0);
         INSERT INTO counters (repository_id, active_at) VALUES (1, 0)"
    ));
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_tables_keep_their_rows() {
    let database = first_version();
    database.sql(include_str!("../../src/postgres/migrations/test_rows_0001.sql"));
    let store = Postgres::open(&database.url, Options { readers: 1, ..Options::default() }).await.unwrap();
    let repository = RepositoryId::new(1).unwrap();
    assert_eq!(store.setting("demo").await.unwrap().as_deref(), Some("loaded"));
    assert_eq!(store.repositories_with_deleted_pipelines().await.unwrap(), [repository]);
    let deleted = store.setting("deleted/1").await.unwrap().unwrap();
    assert!(deleted.parse::<i64>().unwrap() > 1_700_000_000_000, "at the latest now: {deleted}");
    let policies = store.policies(repository).await.unwrap();
    assert_eq!(policies.inactivity_timeout, Some(SignedDuration::from_millis(10)));
    assert_eq!(policies.stage_timeouts["s"], Some(SignedDuration::from_millis(20)));
    let iid = MergeRequestIid::new(7).unwrap();
    let head = store.merge_request(repository, iid).await.unwrap().unwrap().merge_request;
    assert_eq!((head.head_sha.as_str(), head.updated_at.as_millisecond()), ("abc", 4));
    assert_eq!(database.sql("SELECT key || response || created_at FROM idempotency_keys"), "kR3");
    let old = include_str!("../../src/postgres/migrations/test_old_relations.sql");
    assert_eq!(database.sql(old), "0");
}

/// What commands with `--offline` check, because they create no store.
#[tokio::test]
async fn a_database_has_a_store_of_any_version_or_none() {
    let empty = Cluster::shared().database();
    assert_eq!(has_store(&empty.url).await, Ok(false));
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(empty.sql(tables), "0", "the check creates nothing");
    empty.sql("CREATE TABLE settings (name TEXT)");
    assert_eq!(has_store(&empty.url).await, Ok(false), "a table of another program");
    assert_eq!(has_store(&Cluster::shared().migrated_database().url).await, Ok(true));
    assert_eq!(has_store(&first_version().url).await, Ok(true));
    let missing = format!("{}_missing", empty.url);
    for url in [missing.as_str(), "postgres://u@127.0.0.1:1/d"] {
        assert!(matches!(has_store(url).await, Err(Error::Unavailable(_))), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_has_one_name_in_old_rows() {
    let database = first_version();
    database.sql(include_str!("../../src/postgres/migrations/0002_names.sql"));
    database.sql("INSERT INTO schema_version VALUES (2)");
    database.sql(include_str!("../migrations/branches.sql"));
    database.sql(
        "INSERT INTO jobs (repository_id, pipeline_id, id, stage_id, name, attempt_number, newest, status,
             allow_failure, created_at, updated_at, evidence, ref)
             VALUES (5, 2, 2, 1, 'x', 1, 1, 'success', 0, 1, 1, '', 'refs/heads/main')",
    );
    let store = Postgres::open(&database.url, Options { readers: 1, ..Options::default() }).await.unwrap();
    contract::refs::branches_have_one_name(&store).await;
    // The digest of `main`.
    assert_eq!(database.sql("SELECT ref_digest FROM jobs"), "-359603704");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_copy_stays_incomplete() {
    let database = first_version();
    database
        .sql(r#"INSERT INTO notes VALUES ('moving', '{"from":"x","table":"repeats","after":[1,1,"k"]}')"#);
    let opened = Postgres::open(&database.url, Options::default()).await;
    assert!(
        matches!(opened.err(), Some(OpenError::Store(Error::Unavailable(cause))) if cause.contains("an incomplete copy"))
    );
    let position = database.sql("SELECT value FROM settings WHERE name = 'transfer'");
    assert_eq!(position, r#"{"from":"x","table":"idempotency_keys","after":[1,1,"k"]}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_move_in_steps_and_the_next_start_continues() {
    let database = first_version();
    for (version, migration) in [
        (2, include_str!("../../src/postgres/migrations/0002_names.sql")),
        (3, include_str!("../../src/postgres/migrations/0003_reports.sql")),
        (4, include_str!("../../src/postgres/migrations/0004_used_signatures.sql")),
    ] {
        database.sql(migration);
        database.sql(&format!("INSERT INTO schema_version VALUES ({version})"));
    }
    database.sql(include_str!("../migrations/jobs_and_reports.sql"));
    let options = || Options { readers: 1, ..Options::default() };
    // The last report cannot be read, so the move ends before it.
    let opened = Postgres::open(&database.url, options()).await;
    let cause = match opened.err() {
        Some(OpenError::Store(Error::Internal(cause))) => cause,
        other => panic!("{other:?}"),
    };
    assert!(cause.contains("the row (1, 5000, 5000) of reports cannot be moved"), "{cause}");
    assert_eq!(database.sql("SELECT count(*) FROM jobs"), "5000");
    assert_eq!(database.sql("SELECT count(*) FROM reports"), "4000", "two steps");
    assert_eq!(database.sql("SELECT count(*) FROM old_reports"), "1001");
    database.sql("UPDATE old_reports SET effect = 'late' WHERE job_id = 5000");

    let store = Postgres::open(&database.url, options()).await.unwrap();
    assert_eq!(
        database.sql("SELECT count(to_regclass('old_jobs')) + count(to_regclass('old_reports'))"),
        "0"
    );
    assert_eq!(database.sql("SELECT sum(count) FROM job_counts WHERE status = 1"), "5000");
    let history = async |job: i64| {
        let (repository, job) = (RepositoryId::new(1).unwrap(), JobId::new(job).unwrap());
        store.history(repository, job, 0, 10).await.unwrap()
    };
    let first = history(1).await;
    assert_eq!(first.len(), 2);
    let (state, closed) = (&first[0].state, &first[1]);
    assert_eq!(first[0].received_at.as_millisecond(), 1_000);
    assert_eq!(
        (first[0].dialect.as_str(), state.status, first[0].effect),
        ("other", Status::Failed, Effect::Created)
    );
    let texts = [&state.third_build_id, &state.target_url, &state.description];
    assert_eq!(texts.map(Option::as_deref), [Some("b1"), Some("https://ci/1"), Some("text")]);
    assert_eq!(
        (state.coverage, state.allow_failure, state.sent_url),
        (Some(50.5), Some(true), Some(u64::MAX))
    );
    let times =
        [state.occurred_at, state.started_at, state.finished_at].map(|at| at.unwrap().as_millisecond());
    assert_eq!((times, state.rules), ([900, 100, 800], Rules::Second));
    assert_eq!((first[0].reason, first[0].changed.bits(), state.adjusted.bits()), (Reason::Created, 129, 5));
    assert_eq!((closed.state.authority, closed.dialect.as_str()), (Authority::Watchdog, "watchdog"));
    assert_eq!(closed.closing_reason.as_deref(), Some("2h"));
    assert_eq!(closed.status_after, Some(Status::Failed));
    assert_eq!(closed.reason, Reason::Late(Rule::Authority), "derived");
    let last = history(5_000).await;
    assert_eq!(
        (last.len(), last[0].effect, last[0].received_at.as_millisecond()),
        (1, Effect::Late, 5_000_000)
    );
    assert_eq!(last[0].state.target_url.as_deref(), Some("https://ci/5000"));

    // The connection that moved the rows now writes the columns of later migrations.
    database.sql("UPDATE counters SET pipeline = 9000, stage = 9000, job = 9000, report = 9000");
    let batch = ReportBatch {
        repository_id: RepositoryId::new(1).unwrap(),
        reporter: UserId::new(1).unwrap(),
        credential: None,
        dialect: "native",
        received_at: at(0),
        reports: vec![report('a', "x/one:running#1")],
        idempotency: None,
        signature: None,
    };
    let receipts = store.record(batch).await.unwrap();
    assert_eq!(receipts[0].as_ref().unwrap().job_id, JobId::new(9001).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_the_version_before_have_no_credential() {
    let database = Cluster::shared().migrated_database();
    let open =
        async || Postgres::open(&database.url, Options { readers: 1, ..Options::default() }).await.unwrap();
    let store = open().await;
    let root = contract::root(&store).await;
    let id = contract::repository(&store, &root, "acme/demo").await;
    let batch = |line: &str| contract::batch(id, &root, vec![report('a', line)]);
    store.record(batch("s/x:running#1")).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    // The sixth byte is the credential.
    database.sql(
        "UPDATE reports SET body = '\\x02'::bytea || substr(body, 2, 4) || substr(body, 7);
         ALTER TABLE pipelines DROP COLUMN updated_minute;
         CREATE INDEX pipelines_by_update ON pipelines (repository_id, updated_at, id);
         ALTER TABLE counters DROP COLUMN active_minute;
         CREATE INDEX counters_by_activity ON counters (active_at, repository_id);
         DROP INDEX pipelines_by_success, pipelines_by_failure;
         DROP TABLE deleted_access_keys, destinations, forwarded_states;
         DROP TABLE gate_rules, gate_expectations, gate_overrides, gate_evaluations, gate_verdicts;
         DROP TABLE audit;
         ALTER TABLE tokens DROP COLUMN identity_id, DROP COLUMN sign_in;
         DROP TABLE identities;
         ALTER TABLE users DROP COLUMN group_rights;
         ALTER TABLE webhooks DROP COLUMN gates, DROP COLUMN format, DROP COLUMN language, DROP COLUMN refs,
           DROP COLUMN job_patterns, DROP COLUMN author, DROP COLUMN creator_id, DROP COLUMN personal;
         ALTER TABLE merge_requests DROP COLUMN created_at, DROP COLUMN updated_at;
         DELETE FROM schema_version WHERE version > 11",
    );
    let store = open().await;
    let credential = Some(ReportCredential::Token(17));
    let after = ReportBatch { credential: credential.clone(), ..batch("s/x:success#1") };
    store.record(after).await.unwrap();
    assert_eq!(credentials(&store, id, 1).await, [(None, None), (credential, None)]);
}
