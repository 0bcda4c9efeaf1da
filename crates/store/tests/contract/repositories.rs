//! Repositories and members: unique names, and lists of the repositories that a caller may see.

use super::reports::imported;
use super::{batch, hex, repository, root, user};
use crate::open;
use domain::error::{Error, Invalid, Problem};
use domain::model::access::Caller;
use domain::model::ids::{Hex32, IMPORTED_ID_MAX, MAX_ID, RepositoryId};
use domain::model::page::Page;
use domain::model::repositories::{
    NewRepository, RepositoryChange, RepositoryFilter, RepositoryKey, RepositoryOrder, Visibility,
};
use domain::model::roles::{Role, Scope};
use domain::model::storage::FreeIds;
use domain::model::users::User;
use domain::ports::RepositoryDefaults;
use std::sync::Arc;
use testkit::{at, report};

fn caller(user: &User) -> Caller {
    Caller { user: Arc::new(user.clone()), scope: Scope::Full, repositories: None }
}

#[tokio::test]
async fn repositories_have_unique_names_and_are_found_by_them() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let first = repository(&**store, &root, "acme/demo").await;
    let created = store.repository(&RepositoryKey::Path("acme/demo".into())).await.unwrap().unwrap();
    assert_eq!(
        (created.id, created.default_branch.as_str(), created.project.name.as_str()),
        (first, "main", "acme")
    );
    assert_eq!(
        store.repository(&RepositoryKey::Uuid(created.uuid.clone())).await.unwrap(),
        Some(created.clone())
    );
    assert_eq!(store.repository(&RepositoryKey::Id(first)).await.unwrap(), Some(created.clone()));
    assert_eq!(store.repository(&RepositoryKey::Path("acme".into())).await.unwrap(), None);
    let chosen = |uuid| RepositoryDefaults { uuid, project_id: hex(), creator: root.id, now: at(0) };
    for (field, new, uuid) in [
        ("path", NewRepository { path: "acme/demo".into(), ..Default::default() }, hex()),
        ("id", NewRepository { path: "x".into(), id: Some(first), ..Default::default() }, hex()),
        ("uuid", NewRepository { path: "x".into(), ..Default::default() }, created.uuid.clone()),
    ] {
        let refused = store.create_repository(new, chosen(uuid)).await;
        assert_eq!(refused, Err(Error::Invalid(Invalid::new(field, Problem::Taken))));
    }
    let second = repository(&**store, &root, "acme/two").await;
    let second = store.repository(&RepositoryKey::Id(second)).await.unwrap().unwrap();
    assert_eq!(second.project.id, created.project.id, "the project of the namespace");
}

#[tokio::test]
async fn a_chosen_id_leaves_ids_for_others() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let chosen = || RepositoryDefaults { uuid: hex(), project_id: hex(), creator: root.id, now: at(0) };
    let last = RepositoryId::new(2147483647).unwrap();
    let new = NewRepository { path: "last".into(), id: Some(last), ..Default::default() };
    assert_eq!(store.create_repository(new, chosen()).await.unwrap().id, last);
    let first = repository(&**store, &root, "a").await;
    let second = repository(&**store, &root, "b").await;
    assert!(first != last && second != last && first != second, "{first} {second}");
}

#[tokio::test]
async fn lists_contain_the_repositories_that_the_caller_may_see() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let guest = user(&**store, "guest", false).await;
    let mut ids = Vec::new();
    for path in ["a/private", "b/joined", "c/public", "d/100%_done"] {
        ids.push(repository(&**store, &root, path).await);
    }
    let open = RepositoryChange { visibility: Some(Visibility::Public), ..Default::default() };
    store.change_repository(ids[2], open, at(50), at(0)).await.unwrap();
    assert!(store.set_member(ids[1], guest.id, Some(Role::Report)).await.unwrap());
    let page = Page { offset: 0, limit: 100 };
    let list = |viewer: Caller, filter: RepositoryFilter| async move {
        let listed = store.repositories(&viewer, filter, page).await.unwrap();
        assert_eq!(listed.total, listed.items.len() as u64);
        listed.items.into_iter().map(|(r, role)| (r.path, role)).collect::<Vec<_>>()
    };
    let by_name =
        || RepositoryFilter { order: RepositoryOrder::Name, descending: false, ..Default::default() };
    assert_eq!(list(caller(&root), by_name()).await.len(), 4);
    assert_eq!(
        list(caller(&guest), by_name()).await,
        [("b/joined".to_owned(), Role::Report), ("c/public".to_owned(), Role::Read)]
    );
    let narrow = Caller { repositories: Some(Arc::from([ids[2]])), ..caller(&guest) };
    assert_eq!(list(narrow, by_name()).await, [("c/public".to_owned(), Role::Read)]);
    let search = |text: &str| RepositoryFilter { search: Some(text.into()), ..by_name() };
    assert_eq!(list(caller(&root), search("%")).await.len(), 1, "a percent sign is no wildcard");
    assert_eq!(list(caller(&root), search("JOIN")).await.len(), 1);
    assert_eq!(list(caller(&guest), RepositoryFilter { membership: true, ..by_name() }).await.len(), 1);
    assert_eq!(list(caller(&guest), RepositoryFilter { created: true, ..by_name() }).await.len(), 0);
    assert_eq!(list(caller(&root), RepositoryFilter { archived: Some(true), ..by_name() }).await.len(), 0);
    let newest = RepositoryFilter { order: RepositoryOrder::UpdatedAt, ..Default::default() };
    assert_eq!(list(caller(&root), newest).await[0].0, "c/public");
}

#[tokio::test]
async fn lists_of_many_repositories_have_every_order() {
    const MANY: usize = 1_203;
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let guest = user(&**store, "guest", false).await;
    let create = |n: usize| async move {
        let visibility = if n.is_multiple_of(3) { Visibility::Private } else { Visibility::Internal };
        // The orders by path, by creation and by id differ.
        let path = format!("group/{:04}", n * 7 % MANY);
        let new = NewRepository { path, visibility: Some(visibility), ..Default::default() };
        let now = at(i64::try_from(n * 5 % MANY).unwrap());
        let uuid = Hex32::from_bytes((n as u128 + 1).to_be_bytes());
        let chosen = RepositoryDefaults { uuid: uuid.clone(), project_id: uuid, creator: root.id, now };
        store.create_repository(new, chosen).await.unwrap()
    };
    let mut created = futures_util::future::join_all((0..MANY).map(create)).await;
    let late = RepositoryChange { description: Some("changed last".into()), ..Default::default() };
    let last = store.change_repository(created[1].id, late, at(9_999), at(0)).await.unwrap();
    assert_eq!(last.updated_at, at(9_999));
    created[1] = last;

    for (viewer, sees) in [(&root, MANY), (&guest, MANY - MANY.div_ceil(3))] {
        for order in [
            RepositoryOrder::Id,
            RepositoryOrder::Name,
            RepositoryOrder::CreatedAt,
            RepositoryOrder::UpdatedAt,
        ] {
            let mut wanted: Vec<_> =
                created.iter().filter(|r| viewer.admin || r.visibility == Visibility::Internal).collect();
            wanted.sort_by_key(|r| match order {
                RepositoryOrder::Id => (0, String::new(), r.id),
                RepositoryOrder::Name => (0, r.path.clone(), r.id),
                RepositoryOrder::CreatedAt => (r.created_at.as_second(), String::new(), r.id),
                RepositoryOrder::UpdatedAt => (r.updated_at.as_second(), String::new(), r.id),
            });
            let filter = RepositoryFilter { order, descending: true, ..Default::default() };
            let page = Page { offset: 50, limit: 100 };
            let listed = store.repositories(&caller(viewer), filter, page).await.unwrap();
            assert_eq!(listed.total, sees as u64);
            let listed: Vec<_> = listed.items.iter().map(|(r, _)| &r.path).collect();
            let wanted: Vec<_> = wanted.iter().rev().skip(50).take(100).map(|r| &r.path).collect();
            assert_eq!(listed, wanted, "{order:?}");
        }
    }
}

#[tokio::test]
async fn members_are_added_and_removed() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let guest = user(&**store, "guest", false).await;
    let id = repository(&**store, &root, "a/b").await;
    assert_eq!(
        store.member_role(id, root.id).await.unwrap(),
        Some(Role::Manage),
        "the creator is its manager"
    );
    assert_eq!(store.member_role(id, guest.id).await.unwrap(), None);
    for role in [Role::Read, Role::Report] {
        store.set_member(id, guest.id, Some(role)).await.unwrap();
        assert_eq!(store.member_role(id, guest.id).await.unwrap(), Some(role));
    }
    let names: Vec<_> = store.members(id).await.unwrap().into_iter().map(|m| (m.user_name, m.role)).collect();
    assert_eq!(names, [("guest".to_owned(), Role::Report), ("root".to_owned(), Role::Manage)]);
    assert!(store.set_member(id, guest.id, None).await.unwrap());
    assert!(!store.set_member(id, guest.id, None).await.unwrap());
}

#[tokio::test]
async fn repositories_in_which_an_earlier_import_left_few_ids_are_found() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let [pipelines, jobs, enough] = ["acme/pipelines", "acme/jobs", "acme/enough"];
    let [pipelines, jobs, enough] = [
        repository(store, &root, pipelines).await,
        repository(store, &root, jobs).await,
        repository(store, &root, enough).await,
    ];
    let most = i64::from(MAX_ID);
    // Today an import is refused before the store sees such ids.
    for (repository, pipeline, job) in
        [(pipelines, most - 5, 30), (jobs, 6, most), (enough, i64::from(IMPORTED_ID_MAX), 30)]
    {
        assert!(
            store
                .import_pipeline(imported(repository, pipeline, 'c', job), root.id, None, at(600))
                .await
                .unwrap()
        );
    }
    let mut expected = [
        FreeIds { repository: pipelines, pipelines: 5, stages: MAX_ID - 123, jobs: MAX_ID - 30 },
        FreeIds { repository: jobs, pipelines: MAX_ID - 6, stages: MAX_ID - 123, jobs: 0 },
    ];
    expected.sort_by_key(|few| few.repository);
    assert_eq!(store.repositories_with_few_ids(10).await.unwrap(), expected);
    assert_eq!(store.repositories_with_few_ids(1).await.unwrap(), expected[..1]);
    let receipts = store.record(batch(jobs, &root, vec![report('d', "s/x:running")])).await.unwrap();
    let too_many = Invalid::new("repository_id", Problem::TooMany { max: MAX_ID as usize });
    assert_eq!(receipts, [Err(Error::Invalid(too_many))]);
}
