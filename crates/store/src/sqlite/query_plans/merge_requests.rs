//! Query plans of merge requests: each query is a few index lookups.

use super::plan;
use crate::merge_requests::{NEWEST_OF_REF, OF_COMMIT, OF_HEADS, OF_REF_AFTER, REFS_OF_COMMIT, WITH_HEAD};
use crate::rows::merge_requests::{DELETE_OLD_HEADS, PAGE, heads_query};
use crate::sqlite::connect;

#[test]
fn every_query_uses_an_index_and_sorts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let heads = heads_query();
    for (statement, wanted) in [
        (heads.as_str(), &["SEARCH h USING PRIMARY KEY (repository_id=? AND iid=?)"][..]),
        (NEWEST_OF_REF, &["pipelines USING INDEX pipelines_by_ref (repository_id=? AND ref=?)"]),
        (OF_REF_AFTER, &["pipelines USING INDEX pipelines_by_ref (repository_id=? AND ref=? AND id>?)"]),
        (
            DELETE_OLD_HEADS,
            &["merge_request_heads USING PRIMARY KEY (repository_id=? AND iid=? AND number<?)"],
        ),
        (OF_COMMIT, &["pipelines_by_identity (repository_id=? AND sha=? AND ref=?)"]),
        (
            OF_HEADS,
            &[
                "merge_request_heads USING PRIMARY KEY (repository_id=? AND iid=?)",
                "pipelines_by_identity (repository_id=? AND sha=? AND ref=?)",
            ],
        ),
        (REFS_OF_COMMIT, &["pipelines_by_identity (repository_id=? AND sha=? AND ref>? AND ref<?)"]),
        (WITH_HEAD, &["merge_request_heads USING PRIMARY KEY (repository_id=?)"]),
        (PAGE, &["merge_requests USING PRIMARY KEY (repository_id=? AND iid<?)"]),
    ] {
        let plan = plan(&sql, statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        // The heads are at most a hundred, found by their key.
        assert!(plan.iter().all(|line| !line.starts_with("SCAN") || line == "SCAN h"), "{plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
