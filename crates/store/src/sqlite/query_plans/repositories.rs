//! Query plans of lists of repositories: every order is that of an index, and rights are looked up in one.

use super::plan;
use crate::repositories::find::Query;
use crate::rows::repositories::LOAD_IGNORING_CASE;
use crate::sql::Flavor;
use crate::sqlite::connect;
use domain::Timestamp;
use domain::model::access::Caller;
use domain::model::ids::{Hex32, UserId};
use domain::model::page::Page;
use domain::model::repositories::{RepositoryFilter, RepositoryOrder};
use domain::model::roles::Scope;
use domain::model::users::User;
use std::sync::Arc;

pub fn caller(admin: bool) -> Caller {
    let user = User {
        id: UserId::new(1).unwrap(),
        uuid: Hex32::from_bytes([0; 16]),
        name: "a".into(),
        admin,
        disabled: false,
        created_at: Timestamp::UNIX_EPOCH,
        group_rights: Vec::new(),
    };
    Caller { user: Arc::new(user), scope: Scope::Full, repositories: None }
}

#[test]
fn a_path_without_case_is_a_search() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let plan = plan(&sql, &LOAD_IGNORING_CASE, &[]);
    assert_eq!(plan[0], "SEARCH r USING INDEX repositories_by_lower_path (<expr>=?)", "{plan:#?}");
    assert!(!plan.iter().any(|line| line.starts_with("SCAN")), "{plan:#?}");
}

#[test]
fn lists_of_many_repositories_sort_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let page = Page { offset: 0, limit: 20 };
    for admin in [true, false] {
        let viewer = caller(admin);
        for (order, index) in [
            (RepositoryOrder::Id, "r"),
            (RepositoryOrder::Name, "r USING INDEX sqlite_autoindex_repositories_2"),
            (RepositoryOrder::CreatedAt, "r USING INDEX repositories_by_creation"),
            (RepositoryOrder::UpdatedAt, "c USING INDEX counters_by_activity"),
        ] {
            for archived in [None, Some(false)] {
                let filter = RepositoryFilter { order, archived, ..RepositoryFilter::default() };
                let many = plan(&sql, &Query::new(Flavor::Sqlite, &viewer, &filter).page(page), &[]);
                assert_eq!(many[0], format!("SCAN {index}"), "{many:#?}");
                assert!(!many.iter().any(|line| line.contains("TEMP B-TREE")), "{many:#?}");
            }
            let query = Query::new(
                Flavor::Sqlite,
                &viewer,
                &RepositoryFilter { order, ..RepositoryFilter::default() },
            );
            let few = plan(&sql, &query.page_of_few(page), &[]);
            assert!(few[0].ends_with("USING INTEGER PRIMARY KEY (rowid=?)"), "{few:#?}");
            for statement in [query.count(), query.first()] {
                let plan = plan(&sql, &statement, &[]);
                let scans_rows =
                    |line: &String| line.starts_with("SCAN r") && !line.contains("COVERING INDEX");
                assert!(!plan.iter().any(scans_rows), "{plan:#?}");
            }
        }
    }
}
