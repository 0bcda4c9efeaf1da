//! Query plans of one job across pipelines, of the grid and of comparisons: ranges of one index, of which at most a few
//! thousand rows are sorted.

use super::plan;
use crate::comparisons::Related;
use crate::sql::Value;
use crate::sqlite::connect;
use crate::{grid, job_runs};
use rusqlite::{StatementStatus, params_from_iter};

#[test]
fn attempts_across_pipelines_are_a_range_of_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let (of_ref, of_pipelines) = (job_runs::attempts_query(true, true), grid::attempts_query("?2, ?3"));
    for (statement, wanted) in [
        (job_runs::HAS_MORE, &["COVERING INDEX jobs_by_name (repository_id=? AND name=?)"][..]),
        (
            &of_ref,
            &[
                "SEARCH j USING INDEX jobs_by_name (repository_id=? AND name=?)",
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
                "SEARCH s USING INDEX stages_by_id (repository_id=? AND id=?)",
            ],
        ),
        (&of_pipelines, &["SEARCH j USING PRIMARY KEY (repository_id=? AND pipeline_id=?)"]),
    ] {
        let plan = plan(&sql, statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        // Of the attempts with a name, at most a few thousand are read, filtered and sorted.
        let is_bounded = plan.iter().any(|line| line.starts_with("CO-ROUTINE named"));
        let scans = |line: &String| match is_bounded {
            true => line.starts_with("SCAN") && line != "SCAN named",
            false => line.starts_with("SCAN") || line.contains("TEMP B-TREE"),
        };
        assert!(!plan.iter().any(scans), "{plan:#?}");
    }
}

/// However many pipelines a ref has of other sources and with other results, one row of an index is read.
#[test]
fn the_last_green_pipeline_of_a_source_and_its_first_failure_are_one_row_each() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    // 6,000 pipelines: `busy` alternates between success and failure. `never` is canceled, but for two at the end.
    sql.execute_batch(
        "INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
         creator_id, created_at, updated_at)
         VALUES (1, 'r', 'p', 'p', 'acme/demo', 'main', 'private', 1, 0, 0);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
         INSERT INTO pipelines (repository_id, id, sha, ref, source, key, status, created_at, updated_at, job_count,
             version)
         SELECT 1, i, printf('%040x', i), 'main', iif(i % 3, 'busy', 'never'), '', CASE
             WHEN i % 3 <> 0 THEN iif(i % 2, 'success', 'failed')
             WHEN i = 5997 THEN 'failed' WHEN i = 6000 THEN 'timedout' ELSE 'canceled' END, i, i, 1, 1 FROM n;",
    )
    .unwrap();
    let head = 6000;
    let (green, failed) = ("pipelines_by_success", "pipelines_by_failure");
    for (related, source, after, index, bounds, found) in [
        (Related::LastGreen, "busy", head, green, "id<?", Some(5999)),
        (Related::LastGreen, "never", head, green, "id<?", None),
        (Related::FirstFailed, "busy", 0, failed, "id>? AND id<?", Some(2)),
        (Related::FirstFailed, "never", 0, failed, "id>? AND id<?", Some(5997)),
        (Related::FirstFailed, "never", 5997, failed, "id>? AND id<?", Some(6000)),
    ] {
        let wanted =
            format!("SEARCH p USING INDEX {index} (repository_id=? AND ref=? AND source=? AND {bounds})");
        assert_eq!(plan(&sql, &related.query(), &[]), [wanted], "{related:?}");
        let mut statement = sql.prepare(&related.query()).unwrap();
        let bound = statement.parameter_count();
        let values = [Value::Int(1), "main".into(), source.into(), Value::Int(after), Value::Int(head)];
        let mut rows = statement.query(params_from_iter(values.into_iter().take(bound))).unwrap();
        let id: Option<i64> = rows.next().unwrap().map(|row| row.get("id").unwrap());
        drop(rows);
        assert_eq!(id, found, "{related:?} of {source}");
        let steps = statement.get_status(StatementStatus::VmStep);
        assert!(steps < 100, "{related:?} of {source}: {steps} steps");
    }
}
