//! Tests of PostgreSQL's query plans: statements whose cost must not grow with a repository use their index
//! and scan nothing else.

use super::sql_dialect::translate;
use super::{Options, Postgres, prefetch};
use crate::comparisons::Related;
use crate::forwarded_states::wanted::only_attempt_query;
use crate::merge_requests::find::{self, SORTED_MAX, Scope};
use crate::pipelines;
use crate::pipelines::find::Driver;
use crate::repositories::find::Query as RepositoryQuery;
use crate::rows::audit::{LAST_BEFORE, page_query as audit_page};
use crate::rows::deliveries::{WAITING, recipients_query};
use crate::rows::forwarded_states::{
    ANY_AFTER, DELETE_OF, FORGET_SENT, RETRY, SPAN, claim_statement, page_query,
};
use crate::rows::in_list;
use crate::rows::jobs::ref_digest;
use crate::search::{Names, Queries};
use crate::sql::{Flavor, Value};
use crate::{grid, insights, job_runs, repository_health};
use domain::Timestamp;
use domain::model::access::Caller;
use domain::model::audit::AuditFilter;
use domain::model::ids::{DestinationId, Hex32, RepositoryId, UserId};
use domain::model::merge_requests::filters::{MergeRequestFilter, MergeRequestOrder};
use domain::model::page::{Page, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::repositories::{RepositoryFilter, RepositoryOrder};
use domain::model::roles;
use domain::model::users::User;
use domain::ports::StateFilter;
use std::sync::Arc;
use testkit::postgres::{Cluster, Database};

/// A repository with 10,000 pipelines, and small ones, 60,000 jobs in all, written by SQL.
async fn database_with_jobs() -> Database<'static> {
    let database = Cluster::shared().database();
    drop(
        Postgres::open(&database.url, Options { readers: 1, queue: 9, ..Options::default() }).await.unwrap(),
    );
    database.sql(&format!(
        "INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
         creator_id, created_at, updated_at)
         SELECT i, 'r' || i, 'p', 'p', 'acme/' || i, 'main', 'private', 1, 0, 0 FROM generate_series(1, 200) i;
         INSERT INTO pipelines SELECT 1 + (i % 2) * (i % 200), i, md5(i::text),
         CASE i % 20 WHEN 0 THEN 'dev' ELSE 'main' END, 'external', '', 'success',
             NULL, NULL, i, i, i, i, 3, 1 FROM generate_series(1, 20000) i;
         INSERT INTO stages SELECT repository_id, id, id, 'external', 1, 0, status FROM pipelines;
         INSERT INTO jobs SELECT p.repository_id, p.id, p.id * 3 + n, p.id, 'job ' || n, 1,
         CASE p.ref WHEN 'main' THEN {main} ELSE 0 END, 1, 1, NULL, NULL, NULL, NULL, 0, p.id, 0, 0,
             p.id * 1000 + n, '' FROM pipelines p, generate_series(0, 2) n;
         ANALYZE;",
        main = ref_digest("main"),
    ));
    database
}

/// The query plan of a statement with these values.
fn plan(database: &Database<'_>, statement: &str, values: &[impl AsRef<str>]) -> String {
    let mut statement = translate(statement).into_owned();
    for (at, value) in values.iter().enumerate().rev() {
        statement = statement.replace(&format!("${}", at + 1), value.as_ref());
    }
    database.sql(&format!("EXPLAIN (COSTS OFF) {statement}"))
}

/// Reports of a new repository arrive before PostgreSQL has analyzed its rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_is_found_by_its_identity_without_statistics() {
    let database = Cluster::shared().migrated_database();
    database.sql(
        "INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
         creator_id, created_at, updated_at) VALUES (1, 'r', 'p', 'p', 'acme/r', 'main', 'private', 1, 0, 0);
         INSERT INTO pipelines SELECT 1, i, md5(i::text), 'main', 'external', '', 'success', NULL, NULL,
             i, i, i, i, 3, 1 FROM generate_series(1, 3000) i;",
    );
    let values = ["'{1}'", "'{a}'", "'{main}'", "'{external}'", r#"'{""}'"#];
    let plan = plan(&database, prefetch::FIND, &values);
    assert!(plan.contains("using pipelines_by_identity"), "{plan}");
    assert!(plan.contains("(sha = ") && plan.contains("(key = "), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_whose_cost_must_not_grow_use_an_index() {
    let database = database_with_jobs().await;
    let (_, ids) = in_list(Flavor::Postgres, &[1, 2, 4, 6].into(), 1).unwrap();
    let (recent, running) = (repository_health::recent_query(&ids), repository_health::running_query(&ids));
    let of_ref = insights::ended_query(true);
    let (of_job, of_grid) = (job_runs::attempts_query(true, true), grid::attempts_query("?2"));
    for (statement, values, wanted) in [
        (
            recent.as_str(),
            &["'{1,2,4,6}'"][..],
            &[
                "on pipelines p",
                "using pipelines_by_ref on pipelines p",
                "(ref = (r.default_branch)::text) AND (id >= COALESCE((SubPlan",
            ][..],
        ),
        (&running, &["'{1,2,4,6}'"], &["pipelines_by_status"]),
        (insights::CUT, &["1", "0", "9000000", "500"], &["using jobs_by_end on jobs"]),
        (
            &of_ref,
            &["1", "19000000", "19500000", &ref_digest("main").to_string(), "'main'"],
            &["jobs_by_end", "on stages s", "pipelines_pkey on pipelines p"],
        ),
        (
            &of_job,
            &[
                "1",
                "'job 1'",
                "5000",
                "'test'",
                "1000",
                "'external'",
                &ref_digest("main").to_string(),
                "'main'",
            ],
            &["using jobs_by_name on jobs", "pipelines_pkey on pipelines p", "on stages s"],
        ),
        (&of_grid, &["1", "1"], &["jobs_pkey on jobs j"]),
    ] {
        let plan = plan(&database, statement, values);
        for index in wanted {
            assert!(plan.contains(index), "{index} in\n{plan}");
        }
        for table in ["pipelines", "jobs", "stages"] {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
        }
    }
}

/// However many pipelines the ref has of other sources and with other results.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_green_pipeline_of_a_source_and_its_first_failure_are_read_by_an_index() {
    let database = database_with_jobs().await;
    database.sql(
        "UPDATE pipelines SET source = CASE WHEN id % 100 = 2 THEN 'nightly' ELSE source END,
             status = CASE WHEN id % 100 IN (2, 4, 20) THEN 'failed' ELSE status END;
         ANALYZE pipelines;",
    );
    let (last_green, first_failed) = (Related::LastGreen.query(), Related::FirstFailed.query());
    for (git_ref, source) in [("'main'", "'external'"), ("'main'", "'nightly'"), ("'dev'", "'external'")] {
        for (statement, values, index) in [
            (&last_green, &["1", git_ref, source, "19000"][..], "Backward using pipelines_by_success"),
            (&first_failed, &["1", git_ref, source, "0", "19000"], "using pipelines_by_failure"),
        ] {
            let plan = plan(&database, statement, values);
            assert!(plan.contains(index), "{index} in\n{plan}");
            assert!(plan.contains("(source = ") && !plan.contains("Sort"), "{plan}");
        }
    }
}

/// For each repository of a search, a range of an index.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_reads_ranges_of_indexes() {
    let database = database_with_jobs().await;
    let queries = Queries { flavor: Flavor::Postgres };
    let ids = "'1,2,3'";
    for (statement, values, wanted) in [
        (queries.pipelines(), &[ids, "7", "10"][..], &["using pipelines_pkey on pipelines p"][..]),
        (
            queries.commits(),
            &[ids, "'ab12'", "'ab12g'", "1000", "10"],
            &["using pipelines_by_identity on pipelines p", "using pipelines_pkey on pipelines p"],
        ),
        (
            queries.names(Names::Refs),
            &[ids, "''", "'z'", "5000", "20000"],
            &["using pipelines_by_ref on pipelines n"],
        ),
        (
            Queries::newest_of_ref(),
            &["1", "'dev'"],
            &["using pipelines_by_ref on pipelines n", "using pipelines_pkey on pipelines p"],
        ),
        (queries.names(Names::Jobs), &[ids, "''", "'z'", "5000", "20000"], &["using jobs_by_name on jobs n"]),
        (
            Queries::jobs_of_name(),
            &["1", "'job 1'", "200", "11"],
            &[
                "using jobs_by_name on jobs i",
                "using stages_by_id on stages s",
                "using pipelines_pkey on pipelines p",
                "using jobs_by_id on jobs j",
            ],
        ),
        (queries.builds(false), &[ids, "'4711'", "1000", "10"], &["using jobs_by_build on jobs j"]),
        (
            queries.builds(true),
            &[ids, "'4711'", "1000", "10", "'http://ci/4711/'", "'http://ci/4711'"],
            &["using jobs_by_build on jobs j"],
        ),
    ] {
        let plan = plan(&database, &statement, values);
        for index in wanted {
            assert!(plan.contains(index), "{index} in\n{plan}");
        }
        for table in ["pipelines", "jobs"] {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_audit_log_use_an_index() {
    let database = Cluster::shared().migrated_database();
    database.sql(
        "INSERT INTO audit (at, last_at, action, actor_kind, actor, repository_id, count)
         SELECT i * 1000, i * 1000, 'member.set', 'user', 'user ' || i % 2000, 1 + i % 500, 1
         FROM generate_series(1, 40000) i;
         ANALYZE audit;",
    );
    let page = |filter: AuditFilter| audit_page(&filter, 9, 20).entries;
    let all = AuditFilter::default;
    let repository = RepositoryId::new(7).ok();
    for (statement, values, index) in [
        (page(all()), &["20000"][..], "audit_pkey"),
        (page(AuditFilter { actor: Some("a".into()), ..all() }), &["20000", "'user 7'"], "audit_by_actor"),
        (page(AuditFilter { repository, ..all() }), &["20000", "7"], "audit_by_repository"),
        (LAST_BEFORE.to_owned(), &["4000000"], "audit_by_first_time"),
    ] {
        let plan = plan(&database, &statement, values);
        assert!(plan.contains(index), "{index} in\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{plan}");
    }
}

/// The rows of a minute are sorted, and no others.
#[tokio::test(flavor = "multi_thread")]
async fn lists_in_the_order_of_the_last_change_use_an_index() {
    let database = database_with_jobs().await;
    database.sql(
        "UPDATE pipelines SET updated_at = id * 6000; ANALYZE pipelines;
         INSERT INTO counters (repository_id, active_at) SELECT id, id * 6000 FROM repositories;
         ANALYZE counters;",
    );
    let (repository, order) = (RepositoryId::new(1).unwrap(), PipelineOrder::UpdatedAt);
    for descending in [true, false] {
        let mut stream =
            pipelines::find::stream(repository, &PipelineFilter::default(), Driver::Ordered, order, true);
        let query = stream.page(&Window { order, descending, start: Start::Offset(0), limit: 20 });
        let plan = plan(&database, &query, &numbers(stream.conditions.values()));
        assert!(plan.contains("using pipelines_by_update on pipelines p"), "{plan}");
        assert!(plan.contains("Presorted Key: updated_minute"), "{plan}");
    }
    let by_activity = RepositoryFilter { order: RepositoryOrder::UpdatedAt, ..RepositoryFilter::default() };
    let query = RepositoryQuery::new(Flavor::Postgres, &caller(true), &by_activity);
    let plan = plan(&database, &query.page(Page { offset: 0, limit: 20 }), &[] as &[&str]);
    assert!(plan.contains("using counters_by_activity on counters c"), "{plan}");
}

/// The values of a statement that has only numbers.
fn numbers(values: &[Value<'_>]) -> Vec<String> {
    let number = |value: &Value<'_>| match value {
        Value::Int(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    values.iter().map(number).collect()
}

fn caller(admin: bool) -> Caller {
    let user = User {
        id: UserId::new(1).unwrap(),
        uuid: Hex32::from_bytes([0; 16]),
        name: "a".into(),
        admin,
        disabled: false,
        created_at: Timestamp::UNIX_EPOCH,
        group_rights: Vec::new(),
    };
    Caller { user: Arc::new(user), scope: roles::Scope::Full, repositories: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_of_merge_requests_of_all_repositories_are_read_in_the_order_of_an_index() {
    let database = database_with_jobs().await;
    database.sql(
        "UPDATE repositories SET visibility = 'internal';
         INSERT INTO merge_requests SELECT 1 + i % 200, i, i, i FROM generate_series(1, 20000) i;
         INSERT INTO merge_request_heads SELECT repository_id, iid, 1, 'a', 'main', 'a', 0, created_at
         FROM merge_requests;
         ANALYZE;",
    );
    for (order, index) in [
        (MergeRequestOrder::CreatedAt, "merge_requests_by_created_at on merge_requests m"),
        (MergeRequestOrder::UpdatedAt, "merge_requests_by_updated_at on merge_requests m"),
    ] {
        for admin in [true, false] {
            let repositories =
                RepositoryQuery::new(Flavor::Postgres, &caller(admin), &RepositoryFilter::default());
            let filter = MergeRequestFilter { order, ..MergeRequestFilter::default() };
            let mut conditions = find::of_visible(&repositories);
            let page = Page { offset: 0, limit: 20 };
            let query = find::page_query(&mut conditions, &filter, Scope::Visible, SORTED_MAX + 1, page);
            let plan = plan(&database, &query, &numbers(conditions.values()));
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("Sort Key: m."), "{plan}");
            assert!(!plan.contains("Seq Scan on merge_requests"), "{plan}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_about_forwarded_states_use_an_index() {
    let database = database_with_jobs().await;
    database.sql(
        "INSERT INTO destinations (id, repository_id, kind, url, project, token, choice, jobs, except_sources,
         enabled, created_at) SELECT i, i, 'github', 'u', 'a/b', 't', 'jobs', '*', '', 1, 0
         FROM generate_series(1, 200) i;
         INSERT INTO forwarded_states (id, destination_id, sha, context, target, source, stage, name, changed_at,
         progress, next_at, attempts, changes, claimed_until)
         SELECT i, 1 + i % 200, md5((i / 9)::text), 'c' || i, 'job', 'external', 's', 'n', 0,
             CASE i % 50 WHEN 0 THEN 'pending' WHEN 1 THEN 'stopped' ELSE 'sent' END, i, 0, 1, 0
         FROM generate_series(1, 40000) i;
         ANALYZE;",
    );
    let page = |filter: StateFilter| page_query(DestinationId::new(1).unwrap(), &filter).0;
    let all = StateFilter::default;
    let sha = "'c4ca4238a0b923820dcc509a6f75849b'";
    for (statement, values, wanted) in [
        (page(all()), &["7", "20"][..], &["forwarded_states_by_destination"][..]),
        (
            page(StateFilter { sha: Some("a".into()), ..all() }),
            &["7", sha, "20"],
            &["forwarded_states_by_co"],
        ),
        (
            page(StateFilter { progress: Some("stopped"), ..all() }),
            &["7", "20"],
            &["forwarded_states_stopped"],
        ),
        (SPAN.to_owned(), &["7", "100", "1000"], &["forwarded_states_by_destination"]),
        (RETRY.to_owned(), &["7", "0", "100", "200"], &["forwarded_states"]),
        (FORGET_SENT.to_owned(), &["7", "0", "100", "200"], &["forwarded_states"]),
        (claim_statement(), &["7", "9000", "9999", "8"], &["forwarded_states_due"]),
        (DELETE_OF.to_owned(), &["7", sha, "'external'"], &["forwarded_states_by_co"]),
        (ANY_AFTER.to_owned(), &["999999"], &["forwarded_states_claimed"]),
        (
            only_attempt_query(),
            &["1", "303", sha, "'external'"],
            &["using jobs_by_id on jobs", "pipelines_by_identity on pipelines o"],
        ),
    ] {
        let plan = plan(&database, &statement, values);
        for index in wanted {
            assert!(plan.contains(index), "{index} in\n{plan}");
        }
        for table in ["jobs", "pipelines"] {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
        }
        // The rows that are due late have no separate index: they are those of the partial one.
        if statement != ANY_AFTER {
            assert!(!plan.contains("Seq Scan on forwarded_states"), "{plan}");
        }
    }
}

/// What polls reads one index entry for each webhook with pending deliveries.
#[tokio::test(flavor = "multi_thread")]
async fn a_poll_reads_neither_all_webhooks_nor_all_deliveries() {
    let database = database_with_jobs().await;
    database.sql(
        "INSERT INTO webhooks (id, repository_id, tag, url, pipelines, jobs, secret, created_at)
         SELECT i, 1 + i % 200, 't' || i, 'https://hooks.example.com/', 1, 0, '', 0
         FROM generate_series(1, 20000) i;
         INSERT INTO deliveries (webhook_id, message, kind, created_at, payload, rendered, queued_at, state, next_at)
         SELECT 1 + i % 500, 'm' || i, 'pipeline.failed', i, '', 1, i,
             CASE i % 100 WHEN 0 THEN 'pending' ELSE 'delivered' END, i FROM generate_series(1, 40000) i;
         ANALYZE;",
    );
    let (_, ids) = in_list(Flavor::Postgres, &[1, 7].into(), 1).unwrap();
    for (statement, values, wanted) in [
        (WAITING, &["20000", "8"][..], "using deliveries_due on deliveries d"),
        (&recipients_query(&ids), &["'{1,7}'"], "using webhooks_pkey on webhooks w"),
    ] {
        let plan = plan(&database, statement, values);
        assert!(plan.contains(wanted), "{wanted} in\n{plan}");
        for table in ["webhooks", "deliveries"] {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
        }
    }
}
