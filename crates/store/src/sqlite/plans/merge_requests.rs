//! The query plans: whatever a repository holds, a merge request is a few steps in indexes.

use super::plan;
use crate::merge_requests::{OF_COMMIT, OF_WORDS, OLD_WORDS, ON_REF, ON_REF_AFTER, PAGE, WORDS};
use crate::sqlite::connect;

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
        let plan = plan(&sql, statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        // The words are at most a hundred, found by their key.
        assert!(plan.iter().all(|line| !line.starts_with("SCAN") || line == "SCAN w"), "{plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
