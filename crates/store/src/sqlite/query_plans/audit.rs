//! Query plans of the audit log: a page reads the entries of a repository or an actor by an index, and none is sorted.

use super::plan;
use crate::rows::audit::{LAST_BEFORE, page_query};
use crate::sqlite::connect;
use domain::Timestamp;
use domain::model::audit::AuditFilter;
use domain::model::ids::RepositoryId;

#[test]
fn pages_of_a_repository_an_actor_and_a_time_search_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let all = AuditFilter::default;
    let (repository, actor) = (RepositoryId::new(7), Some("amy".to_owned()));
    let page = |filter: AuditFilter| page_query(&filter, 9, 20).entries;
    for (statement, wanted) in [
        (page(all()), "PRIMARY KEY (rowid<?)"),
        (page(AuditFilter { actor: actor.clone(), ..all() }), "audit_by_actor (actor=? AND number<?)"),
        (
            page(AuditFilter { repository: Some(repository.unwrap()), actor, ..all() }),
            "audit_by_repository (repository_id=? AND number<?)",
        ),
        (page(AuditFilter { until: Some(Timestamp::UNIX_EPOCH), ..all() }), "PRIMARY KEY (rowid<?)"),
        (LAST_BEFORE.to_owned(), "COVERING INDEX audit_by_first_time (at<?)"),
    ] {
        let plan = plan(&sql, &statement, &[]);
        assert!(plan.iter().any(|line| line.contains(wanted)), "{wanted} in {plan:#?}");
        assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
