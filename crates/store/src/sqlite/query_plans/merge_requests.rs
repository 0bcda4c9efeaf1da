//! Query plans of merge requests: each query is a few index lookups.

use super::plan;
use super::repositories::caller;
use crate::lists::Conditions;
use crate::merge_requests::find::{self, SORTED_MAX, Scope};
use crate::merge_requests::{
    ENDS_OF_COMMIT, NEWEST_OF_REF, OF_COMMIT, OF_HEADS, OF_REF_AFTER, REFS_OF_COMMIT, WITH_HEAD,
};
use crate::repositories::find::Query as RepositoryQuery;
use crate::rows::merge_requests::{DELETE_OLD_HEADS, PAGE, TIMES, heads_query};
use crate::sql::Flavor;
use crate::sqlite::connect;
use domain::Timestamp;
use domain::model::ids::RepositoryId;
use domain::model::merge_requests::filters::{MergeRequestFilter, MergeRequestOrder};
use domain::model::page::{Page, TimeRange};
use domain::model::repositories::RepositoryFilter;

#[test]
fn every_query_uses_an_index_and_sorts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let heads = heads_query();
    for (statement, wanted) in [
        (heads.as_str(), &["SEARCH h USING PRIMARY KEY (repository_id=? AND iid=?)"][..]),
        (NEWEST_OF_REF, &["pipelines USING INDEX pipelines_by_ref (repository_id=? AND ref=?)"]),
        (ENDS_OF_COMMIT, &["pipelines_by_identity (repository_id=? AND sha=?)"]),
        (TIMES, &["merge_requests USING PRIMARY KEY (repository_id=? AND iid=?)"]),
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
    let none = MergeRequestFilter::default;
    let updated = TimeRange { since: Some(Timestamp::UNIX_EPOCH), until: None };
    let by_update = || MergeRequestFilter { order: MergeRequestOrder::UpdatedAt, ..none() };
    let own = "SEARCH m USING PRIMARY KEY (repository_id=?)";
    for (filter, total, wanted, is_sorted) in [
        (none(), 5, own, false),
        (none(), SORTED_MAX + 1, own, false),
        (
            MergeRequestFilter { source_branch: Some("a".into()), text: Some("b".into()), ..none() },
            5,
            own,
            false,
        ),
        (MergeRequestFilter { created: updated, updated, ..none() }, 5, own, false),
        (by_update(), SORTED_MAX, own, true),
        (by_update(), SORTED_MAX + 1, "SCAN m USING COVERING INDEX merge_requests_by_updated_at", false),
    ] {
        let mut conditions = Conditions::default();
        conditions.and("m.repository_id =", repository);
        find::narrow(&mut conditions, &filter);
        let count = plan(&sql, &find::count_query(&conditions), &[]);
        assert_eq!(count[0], own, "{count:#?}");
        let of_page = find::page_query(&mut conditions, &filter, Scope::Repository, total, PAGE_OF_LIST);
        assert_plan(&plan(&sql, &of_page, &[]), wanted, is_sorted);
    }
}

#[test]
fn a_list_of_all_repositories_sorts_few_merge_requests_and_reads_many_in_the_order_of_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    for admin in [true, false] {
        let viewer = caller(admin);
        for (order, index) in [
            (MergeRequestOrder::CreatedAt, "INDEX merge_requests_by_created_at"),
            (MergeRequestOrder::UpdatedAt, "INDEX merge_requests_by_updated_at"),
        ] {
            let range = TimeRange { since: Some(Timestamp::UNIX_EPOCH), until: None };
            let filters = [
                MergeRequestFilter { order, ..MergeRequestFilter::default() },
                MergeRequestFilter { order, descending: false, ..MergeRequestFilter::default() },
                MergeRequestFilter {
                    order,
                    source_branch: Some("a".into()),
                    ..MergeRequestFilter::default()
                },
                MergeRequestFilter { order, created: range, updated: range, ..MergeRequestFilter::default() },
            ];
            for filter in filters {
                let repositories =
                    RepositoryQuery::new(Flavor::Sqlite, &viewer, &RepositoryFilter::default());
                let mut conditions = find::of_visible(&repositories);
                find::narrow(&mut conditions, &filter);
                let few = find::page_query(
                    &mut conditions.clone(),
                    &filter,
                    Scope::Visible,
                    SORTED_MAX,
                    PAGE_OF_LIST,
                );
                let few = plan(&sql, &few, &[]);
                assert!(few.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY")), "{few:#?}");
                assert_eq!(few[0], "SEARCH m USING PRIMARY KEY (repository_id=?)", "{few:#?}");
                let total = SORTED_MAX + 1;
                let many = find::page_query(&mut conditions, &filter, Scope::Visible, total, PAGE_OF_LIST);
                let many = plan(&sql, &many, &[]);
                assert!(many[0].contains(index), "{many:#?}");
                assert!(!many.iter().any(|line| line.contains("FOR ORDER BY")), "{many:#?}");
            }
        }
    }
}

const PAGE_OF_LIST: Page = Page { offset: 0, limit: 20 };

/// A plan that begins with `wanted`, looks up the rest, and sorts only if it may.
fn assert_plan(plan: &[String], wanted: &str, is_sorted: bool) {
    assert_eq!(plan[0], wanted, "{plan:#?}");
    let scans = plan.iter().skip(1).filter(|line| line.starts_with("SCAN")).count();
    let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY"));
    assert_eq!((scans, sorts), (0, is_sorted), "{plan:#?}");
}
