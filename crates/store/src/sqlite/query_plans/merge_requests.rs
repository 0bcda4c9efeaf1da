//! Query plans of merge requests: each query is a few index lookups.

use super::plan;
use crate::lists::Conditions;
use crate::merge_requests::{
    FIRST_OF_REF, NEWEST_OF_REF, OF_COMMIT, OF_HEADS, OF_REF_AFTER, REFS_OF_COMMIT, WITH_HEAD, find,
};
use crate::rows::merge_requests::{DELETE_OLD_HEADS, PAGE, heads_query};
use crate::sqlite::connect;
use domain::Timestamp;
use domain::model::ids::RepositoryId;
use domain::model::merge_requests::filters::{MergeRequestFilter, MergeRequestOrder};
use domain::model::page::{Page, TimeRange};

#[test]
fn every_query_uses_an_index_and_sorts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let heads = heads_query();
    for (statement, wanted) in [
        (heads.as_str(), &["SEARCH h USING PRIMARY KEY (repository_id=? AND iid=?)"][..]),
        (NEWEST_OF_REF, &["pipelines USING INDEX pipelines_by_ref (repository_id=? AND ref=?)"]),
        (FIRST_OF_REF, &["pipelines USING INDEX pipelines_by_ref (repository_id=? AND ref=?)"]),
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

#[test]
fn a_list_reads_its_own_merge_requests_and_looks_the_rest_up() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let repository = RepositoryId::new(1).unwrap();
    let page = Page { offset: 0, limit: 20 };
    let none = MergeRequestFilter::default;
    let updated = TimeRange { since: Some(Timestamp::UNIX_EPOCH), until: None };
    for (filter, is_sorted) in [
        (none(), false),
        (MergeRequestFilter { source_branch: Some("a".into()), text: Some("b".into()), ..none() }, false),
        (MergeRequestFilter { created: updated, updated, ..none() }, false),
        (MergeRequestFilter { order: MergeRequestOrder::UpdatedAt, ..none() }, true),
    ] {
        let mut conditions = Conditions::default();
        conditions.and("m.repository_id =", repository);
        find::narrow(&mut conditions, &filter);
        let count = find::count_query(&conditions);
        let of_page = find::page_query(&mut conditions, &filter, find::BY_NUMBER, page);
        for statement in [count, of_page] {
            let plan = plan(&sql, &statement, &[]);
            let own = "SEARCH m USING PRIMARY KEY (repository_id=?)";
            assert!(plan.iter().any(|line| line.contains(own)), "{plan:#?}");
            // Of the subqueries, which have at most two rows.
            let scans = plan.iter().filter(|line| line.starts_with("SCAN"));
            let wrong: Vec<_> =
                scans.filter(|line| !["SCAN a", "SCAN b", "SCAN k"].contains(&line.as_str())).collect();
            assert!(wrong.is_empty(), "{wrong:?} in {plan:#?}");
            let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY"));
            assert!(!sorts || is_sorted, "{plan:#?}");
        }
    }
}
