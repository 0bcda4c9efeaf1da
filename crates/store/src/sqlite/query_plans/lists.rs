//! Query plans of lists: no filter by status, ref, commit, name or build scans a whole table, and no page
//! sorts one.

use super::plan;
use crate::lists::Stream;
use crate::rows::jobs::ref_digest;
use crate::rows::types::status_number;
use crate::sql::Flavor;
use crate::sqlite::connect;
use crate::{jobs, pipelines, repository_health};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::jobs::filters::{CommitJobFilter, JobFilter, JobOrder};
use domain::model::page::{Start, TimeRange, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::status::Status::*;
use rusqlite::{Connection, StatementStatus, params_from_iter};
use std::collections::BTreeSet;

/// A store of one repository with 2,000 pipelines of ten jobs, written by SQL.
fn store_with_jobs() -> (Connection, RepositoryId, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = connect::file(dir.path());
    let mut sql = connect::writer(&path).unwrap();
    connect::migrate(&mut sql).unwrap();
    sql.execute_batch(&format!(
        "INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
         creator_id, created_at, updated_at)
         VALUES (1, 'r', 'p', 'p', 'acme/demo', 'main', 'private', 1, 0, 0);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO pipelines SELECT 1, i, printf('%08x%032x', i * 2654435761 % 4294967296, i), iif(i % 20,
         'main', 'dev'), 'external', '',
             iif(i % 50, 'success', 'failed'), NULL, NULL, i, i, NULL, NULL, 10, 1, NULL, NULL FROM n;
         INSERT INTO stages SELECT 1, id, id, 'external', 1, 0, status FROM pipelines;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO jobs (repository_id, pipeline_id, id, stage_id, name, attempt_number, newest, status, third_build_id,
         allow_failure, created_at, updated_after, evidence, ref_digest)
         SELECT 1, (i + 9) / 10, i, (i + 9) / 10, 'job ' || (i % 10), 1, 1, iif(i % 500, {success}, {failed}),
         'b' || i, 0, i, 0, x'', iif((i + 9) / 10 % 20, {main}, {dev}) FROM n;
         INSERT INTO job_counts SELECT repository_id, status, count(*) FROM jobs GROUP BY repository_id, status;
         INSERT INTO pipeline_counts SELECT repository_id, ref, status, count(*) FROM pipelines
         GROUP BY repository_id, ref, status;",
        success = status_number(Success),
        failed = status_number(Failed),
        main = ref_digest("main"),
        dev = ref_digest("dev"),
    ))
    .unwrap();
    (sql, RepositoryId::new(1).unwrap(), dir)
}

fn windows<O: Copy>(order: O) -> [Window<O>; 2] {
    [Start::Offset(40), Start::After(Some(1_500))].map(|start| Window {
        order,
        descending: true,
        start,
        limit: 20,
    })
}

/// Checks that every access is a search, that one uses `index`, and that the plan sorts only if `sorts`.
fn check(plan: &[String], index: &str, sorts: bool) {
    // Only the result of a search may be scanned.
    assert!(
        plan.iter().all(|line| !line.starts_with("SCAN")
            || line.starts_with("SCAN (subquery")
            || line == "SCAN whole"),
        "{plan:#?}"
    );
    assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
    assert_eq!(plan.iter().any(|line| line.contains("TEMP B-TREE")), sorts, "{plan:#?}");
}

#[test]
fn every_filter_of_jobs_is_an_index() {
    let (sql, repo, _dir) = store_with_jobs();
    let s = |text: &str| Some(text.to_owned());
    let none = JobFilter::default;
    let sha: String = sql.query_row("SELECT sha FROM pipelines WHERE id = 7", [], |row| row.get(0)).unwrap();
    for (filter, index, sorts) in [
        (none(), "jobs_by_id", false),
        (
            JobFilter { statuses: vec![Failed], ..none() },
            "jobs_by_status (repository_id=? AND status=?",
            false,
        ),
        (
            JobFilter { statuses: vec![Failed, TimedOut, Running], ..none() },
            "jobs_by_status (repository_id=? AND status=?",
            false,
        ),
        (JobFilter { git_ref: s("dev"), ..none() }, "jobs_by_ref (repository_id=? AND ref_digest=?", false),
        (JobFilter { statuses: vec![Success], ..none() }, "jobs_by_id (repository_id=?", false),
        (JobFilter { statuses: vec![Failed, Success], ..none() }, "jobs_by_id (repository_id=?", false),
        (JobFilter { name: s("job 3"), ..none() }, "jobs_by_name (repository_id=? AND name=?", false),
        (
            JobFilter { third_build_id: s("b77"), ..none() },
            "jobs_by_build (repository_id=? AND third_build_id=?",
            false,
        ),
        // The pipelines of the commit, then their jobs: few, and sorted.
        (JobFilter { sha: s(&sha), ..none() }, "pipelines_by_identity (repository_id=? AND sha", true),
        (JobFilter { sha: s(&sha[..7]), ..none() }, "pipelines_by_identity (repository_id=? AND sha", true),
        (
            JobFilter { pipeline: Some(PipelineId::new(7).unwrap()), ..none() },
            "PRIMARY KEY (repository_id=? AND pipeline_id=?",
            false,
        ),
        // Of several filters, the one with the fewest rows.
        (JobFilter { name: s("job 3"), statuses: vec![Failed], ..none() }, "jobs_by_status", false),
        (JobFilter { name: s("job 3"), third_build_id: s("b3"), ..none() }, "jobs_by_build", false),
        (JobFilter { git_ref: s("absent"), name: s("job 3"), ..none() }, "jobs_by_ref", false),
        // A prefix of many commits is no driver.
        (JobFilter { sha: s(""), name: s("job 3"), ..none() }, "jobs_by_name", false),
    ] {
        let driver = jobs::find::driver(&sql, repo, &filter).unwrap();
        for window in windows(JobOrder) {
            let whole = matches!(window.start, Start::Offset(_));
            let mut stream = jobs::find::stream(repo, &filter, driver, whole);
            let statement = stream.page(&window);
            check(&plan(&sql, &statement, stream.conditions.values()), index, sorts);
        }
        let stream = jobs::find::stream(repo, &filter, driver, true);
        check(&plan(&sql, &stream.count(), stream.conditions.values()), index, false);
    }
}

#[test]
fn the_jobs_of_a_commit_are_searches() {
    let (sql, repo, _dir) = store_with_jobs();
    let named = vec![("external".to_owned(), "job 3".to_owned())];
    let only = Some(PipelineId::new(7).unwrap());
    for (named, all_attempts, only) in [
        (Vec::new(), false, None),
        (named.clone(), false, None),
        (Vec::new(), false, only),
        (named.clone(), false, only),
        (named, true, None),
    ] {
        let statuses = vec![Failed];
        let sha = "a".repeat(40);
        let filter = CommitJobFilter { sha, named, statuses, all_attempts, ..CommitJobFilter::default() };
        let (query, conditions) = jobs::of_commit::matching(repo, &filter, only);
        let narrows = query.contains("length(j.name) BETWEEN") || query.contains("j.name =");
        assert_eq!(narrows, !filter.named.is_empty(), "{query}");
        let plan = plan(&sql, &query, conditions.values());
        let mut indices = vec![
            "SEARCH p USING COVERING INDEX pipelines_by_identity (repository_id=? AND sha=?",
            "SEARCH j USING PRIMARY KEY (repository_id=? AND pipeline_id=?",
        ];
        if query.contains("stages s") {
            indices.push("SEARCH s USING PRIMARY KEY (repository_id=? AND pipeline_id=? AND id=?");
        }
        for index in indices {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        let is_result =
            |line: &str| ["m", "(subquery"].iter().any(|n| line.starts_with(&format!("SCAN {n}")));
        assert!(plan.iter().all(|line| !line.starts_with("SCAN") || is_result(line)), "{plan:#?}");
    }
    let (values, query) = jobs::of_commit::page(Flavor::Sqlite, repo, &BTreeSet::from([1, 2, 3])).unwrap();
    check(&plan(&sql, &query, &values), "jobs_by_id (repository_id=? AND id=?", false);
}

#[test]
fn every_filter_of_pipelines_is_an_index() {
    let (sql, repo, _dir) = store_with_jobs();
    let s = |text: &str| Some(text.to_owned());
    let none = PipelineFilter::default;
    let sha: String = sql.query_row("SELECT sha FROM pipelines WHERE id = 7", [], |row| row.get(0)).unwrap();
    for (filter, index, sorts) in [
        (none(), "PRIMARY KEY (repository_id=?", false),
        (
            PipelineFilter { statuses: vec![Failed], ..none() },
            "pipelines_by_status (repository_id=? AND status=?",
            false,
        ),
        (
            PipelineFilter { statuses: vec![Failed, TimedOut], ..none() },
            "pipelines_by_status (repository_id=? AND status=?",
            false,
        ),
        (
            PipelineFilter { git_ref: s("dev"), ..none() },
            "pipelines_by_ref (repository_id=? AND ref=?",
            false,
        ),
        (PipelineFilter { sha: s(&sha), ..none() }, "pipelines_by_identity (repository_id=? AND sha", true),
        (
            PipelineFilter { sha: s(&sha[..7]), ..none() },
            "pipelines_by_identity (repository_id=? AND sha",
            true,
        ),
        (
            PipelineFilter { git_ref: s("main"), statuses: vec![Failed], ..none() },
            "pipelines_by_status",
            false,
        ),
        (PipelineFilter { git_ref: s("dev"), statuses: vec![Success], ..none() }, "pipelines_by_ref", false),
    ] {
        let driver = pipelines::find::driver(&sql, repo, &filter, PipelineOrder::Id).unwrap();
        for window in windows(PipelineOrder::Id) {
            let whole = matches!(window.start, Start::Offset(_));
            let mut stream = pipelines::find::stream(repo, &filter, driver, PipelineOrder::Id, whole);
            let statement = stream.page(&window);
            check(&plan(&sql, &statement, stream.conditions.values()), index, sorts);
        }
    }
    let since = TimeRange { since: Some(domain::Timestamp::UNIX_EPOCH), until: None };
    for (filter, driver, index) in [
        (
            PipelineFilter { updated: since, ..none() },
            pipelines::find::Driver::Updated,
            "pipelines_by_update (repository_id=? AND updated_minute>?)",
        ),
        (
            PipelineFilter { trigger_user: s("x"), ..none() },
            pipelines::find::Driver::All,
            "SEARCH r USING PRIMARY KEY (repository_id=? AND job_id=?)",
        ),
    ] {
        let stream = pipelines::find::stream(repo, &filter, driver, PipelineOrder::Id, true);
        let plan = plan(&sql, &stream.count(), stream.conditions.values());
        assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
    }
    for (order, index) in [
        (PipelineOrder::UpdatedAt, "pipelines_by_update"),
        (PipelineOrder::Status, "pipelines_by_status"),
        (PipelineOrder::Ref, "pipelines_by_ref"),
    ] {
        let mut stream =
            pipelines::find::stream(repo, &none(), pipelines::find::Driver::Ordered, order, true);
        let window = Window { order, descending: true, start: Start::Offset(0), limit: 20 };
        let statement = stream.page(&window);
        check(&plan(&sql, &statement, stream.conditions.values()), index, false);
    }
}

#[test]
fn the_health_of_repositories_is_read_from_ranges_of_indexes() {
    let (sql, _, _dir) = store_with_jobs();
    for (query, index) in [
        (
            repository_health::recent_query("?1, ?2, ?3, ?4"),
            "pipelines_by_ref (repository_id=? AND ref=? AND id>?)",
        ),
        (
            repository_health::running_query("?1, ?2, ?3, ?4"),
            "pipelines_by_status (repository_id=? AND status=?)",
        ),
    ] {
        let plan = plan(&sql, &query, &[]);
        check(&plan, index, false);
        assert!(plan.iter().any(|line| line.contains("SEARCH r USING INTEGER PRIMARY KEY")), "{plan:#?}");
    }
}

/// The number of virtual machine steps of SQLite for a page: the same in every run, whatever the load.
fn steps(sql: &Connection, stream: &mut Stream, window: &Window<JobOrder>) -> i32 {
    let text = stream.page(window);
    let mut statement = sql.prepare(&text).unwrap();
    let mut rows = statement.query(params_from_iter(stream.conditions.values())).unwrap();
    for _ in 0..window.limit {
        if rows.next().unwrap().is_none() {
            break;
        }
    }
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}

#[test]
fn a_page_costs_the_same_wherever_it_starts() {
    let (sql, repo, _dir) = store_with_jobs();
    let s = |text: &str| Some(text.to_owned());
    for filter in [
        JobFilter::default(),
        JobFilter { statuses: vec![Success], ..JobFilter::default() },
        JobFilter { statuses: vec![Success, Failed], ..JobFilter::default() },
        JobFilter { git_ref: s("main"), ..JobFilter::default() },
        JobFilter { name: s("job 3"), ..JobFilter::default() },
    ] {
        let driver = jobs::find::driver(&sql, repo, &filter).unwrap();
        let cost = |after| {
            let window = Window { order: JobOrder, descending: true, start: Start::After(after), limit: 20 };
            steps(&sql, &mut jobs::find::stream(repo, &filter, driver, false), &window)
        };
        let (first, deep) = (cost(None), cost(Some(500)));
        assert!(deep <= first + first / 5, "{filter:?}: {first} steps at the start, {deep} deep inside");
        assert!(first < 3_000, "{filter:?}: {first} steps for 20 of 20,000 rows");
    }
}

#[test]
fn a_page_reads_a_bounded_number_of_rows() {
    let (sql, repo, _dir) = store_with_jobs();
    sql.execute_batch(
        "WITH RECURSIVE n(i) AS (SELECT 20001 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         INSERT INTO jobs (repository_id, pipeline_id, id, stage_id, name, attempt_number, newest, status, allow_failure,
         created_at, updated_after, evidence, ref_digest)
         SELECT 1, 2000, i, 2000, 'more', 1, 1, 1, 0, i, 0, x'', 0 FROM n;",
    )
    .unwrap();
    let filter = JobFilter { text: Some("nothing like it".into()), ..JobFilter::default() };
    let mut after = None;
    let mut pages = 0;
    loop {
        let window = Window { order: JobOrder, descending: true, start: Start::After(after), limit: 20 };
        let page = jobs::find::find(&sql, repo, &filter, window).unwrap();
        assert!(page.items.is_empty());
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, 3, "60,000 rows, 20,000 a page");
}

#[test]
fn the_writer_reads_the_jobs_of_one_pipeline_only() {
    let (sql, _, _dir) = store_with_jobs();
    for (statement, table) in
        [(crate::retention::UNCOUNT, "SEARCH jobs USING"), (crate::rows::jobs::HAS_JOB, "SEARCH j USING")]
    {
        let lines = plan(&sql, statement, &[]);
        let wanted = format!("{table} PRIMARY KEY (repository_id=? AND pipeline_id=?");
        assert!(lines.iter().any(|line| line.starts_with(&wanted)), "{lines:#?}");
    }
}
