//! Query plans of the search: for each repository a range of an index.

use super::plan;
use crate::search::{Names, Queries};
use crate::sql::{Flavor, Value};
use crate::sqlite::connect;
use rusqlite::{StatementStatus, params_from_iter};

#[test]
fn a_search_reads_ranges_of_indexes() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let queries = Queries { flavor: Flavor::Sqlite };
    for (statement, wanted) in [
        (queries.pipelines(), &["SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)"][..]),
        (
            queries.commits(),
            &[
                "SEARCH p USING COVERING INDEX pipelines_by_identity (repository_id=? AND sha>? AND sha<?)",
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
            ],
        ),
        (
            queries.names(Names::Refs),
            &["SEARCH n USING COVERING INDEX pipelines_by_ref (repository_id=? AND ref>? AND ref<?)"],
        ),
        (
            Queries::newest_of_ref(),
            &[
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
                "SEARCH n USING COVERING INDEX pipelines_by_ref (repository_id=? AND ref=?)",
            ],
        ),
        (
            queries.names(Names::Jobs),
            &["SEARCH n USING COVERING INDEX jobs_by_name (repository_id=? AND name>? AND name<?)"],
        ),
        (
            Queries::jobs_of_name(),
            &[
                "SEARCH i USING INDEX jobs_by_name (repository_id=? AND name=?)",
                "SEARCH s USING INDEX stages_by_id (repository_id=? AND id=?)",
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
                "SEARCH j USING INDEX jobs_by_id (repository_id=? AND id=?)",
            ],
        ),
        (
            queries.builds(false),
            &["SEARCH j USING COVERING INDEX jobs_by_build (repository_id=? AND third_build_id=?)"],
        ),
        (
            queries.builds(true),
            &["SEARCH j USING COVERING INDEX jobs_by_build (repository_id=? AND third_build_id=?)"],
        ),
    ] {
        let plan = plan(&sql, &statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.starts_with(index)), "{index} in {plan:#?}");
        }
        // Only the repositories and what was found before are read row by row.
        let scans = |line: &&String| line.starts_with("SCAN") && !line.contains("VIRTUAL TABLE");
        let few = ["SCAN r", "SCAN f", "SCAN c", "SCAN a", "SCAN b", "SCAN k", "SCAN names"];
        let unbounded = plan.iter().filter(scans).find(|line| !few.iter().any(|few| line.starts_with(few)));
        assert_eq!(unbounded, None, "{plan:#?}");
    }
}

/// The recursion ends with the last row of the limit, and takes one name of each repository after the other.
#[test]
fn names_are_read_up_to_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    sql.execute_batch(
        "INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
         creator_id, created_at, updated_at)
         SELECT value, value, 'p', 'p', value, 'main', 'private', 1, 0, 0 FROM json_each('[1, 2, 3]');
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
         INSERT INTO pipelines (repository_id, id, sha, ref, source, key, status, created_at, updated_at, job_count,
             version)
         SELECT 1 + i % 3, i, printf('%040x', i), 'branch-' || i, 'external', '', 'success', i, i, 1, 1 FROM n;",
    )
    .unwrap();
    let mut statement = sql.prepare(&Queries { flavor: Flavor::Sqlite }.names(Names::Refs)).unwrap();
    let (of_each, of_all) = (Value::Int(5_000), Value::Int(30));
    let values: [Value<'_>; 5] = ["[1,2,3]".into(), "".into(), "\u{10ffff}".into(), of_each, of_all];
    let rows = statement.query_map(params_from_iter(values), |row| row.get(0)).unwrap();
    let mut found: Vec<i64> = rows.map(Result::unwrap).collect();
    found.sort_unstable();
    assert_eq!(found, [[1; 10], [2; 10], [3; 10]].concat());
    let steps = statement.get_status(StatementStatus::VmStep);
    assert!(steps < 5_000, "{steps} steps");
}
