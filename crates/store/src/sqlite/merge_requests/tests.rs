//! The query plans: whatever a repository holds, a merge request is a few steps in indexes.

use super::*;
use crate::sqlite::connect;

fn plan(sql: &Connection, statement: &str) -> Vec<String> {
    let mut explained = sql.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    let nothing = vec![0; explained.parameter_count()];
    let lines = explained.query_map(rusqlite::params_from_iter(nothing), |row| row.get(3)).unwrap();
    lines.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn every_step_is_in_an_index_and_nothing_is_sorted() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    for (statement, wanted) in [
        (WORDS, &["merge_request_words USING PRIMARY KEY (repository_id=? AND iid=?)"][..]),
        (ON_REF, &["pipelines USING INDEX pipelines_by_ref (repository_id=? AND ref=?)"]),
        (ON_REF_AFTER, &["pipelines USING INDEX pipelines_by_ref (repository_id=? AND ref=? AND id>?)"]),
        (OLD_WORDS, &["merge_request_words USING PRIMARY KEY (repository_id=? AND iid=? AND number<?)"]),
        (OF_COMMIT, &["pipelines_by_identity (repository_id=? AND sha=? AND ref=?)"]),
        (
            OF_WORDS,
            &[
                "merge_request_words USING PRIMARY KEY (repository_id=? AND iid=?)",
                "pipelines_by_identity (repository_id=? AND sha=? AND ref=?)",
            ],
        ),
        (PAGE, &["merge_requests USING PRIMARY KEY (repository_id=? AND iid<?)"]),
    ] {
        let plan = plan(&sql, statement);
        for index in wanted {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        // The words are at most a hundred, found by their key.
        assert!(plan.iter().all(|line| !line.starts_with("SCAN") || line == "SCAN w"), "{plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
