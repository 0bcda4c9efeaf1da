//! Transfers: a store that is transferred from SQLite to PostgreSQL and back, with interruptions, has the
//! same content.

use super::contract::{
    batch, details, forwarded_states, gates, reports::imported, repository, root, user, webhooks::added,
};
use domain::SignedDuration;
use domain::actions::verification::{Finding, verify_all};
use domain::error::Error;
use domain::model::destinations::Choice;
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::keys::{Key, TemporaryKey};
use domain::model::merge_requests::HeadUpdate;
use domain::model::policies::Policies;
use domain::model::roles::Scope;
use domain::model::tokens::{NewToken, TokenKind};
use domain::model::users::User;
use domain::ports::{Health as _, Idempotency, NewIdentity, Store};
use std::ops::ControlFlow;
use std::path::Path;
use store::loss::OpenError;
use store::postgres::{self, Postgres};
use store::read_only::ReadOnlyStore;
use store::sqlite::{self, Sqlite};
use store::transfer::{Endpoint, Progress, TableComparison, transfer};
use testkit::postgres::Cluster;
use testkit::{at, report, with_details};

fn token(user: &User, digest: u8) -> NewToken {
    NewToken {
        digest: [digest; 32],
        user_id: user.id,
        kind: TokenKind::Personal,
        name: "令牌".into(),
        scope: Scope::Report,
        repositories: None,
        created_at: at(0),
        expires_at: None,
        identity_id: None,
        sign_in: None,
    }
}

/// Fills a store with rows for every table, and with several pages of reports.
async fn fill(store: &dyn Store) -> (User, RepositoryId) {
    let root = root(store).await;
    let other = user(store, "李四", false).await;
    let (one, two) = (repository(store, &root, "acme/demo").await, repository(store, &other, "acme/b").await);
    store.set_member(one, other.id, Some(domain::model::roles::Role::Report)).await.unwrap();
    for digest in 1..=3 {
        store.create_token(token(&root, digest)).await.unwrap();
    }
    // The last assigned id is not in use any more.
    assert!(store.delete_token(root.id, 3).await.unwrap());
    store.create_sign_in_link([5; 32], root.id, at(900)).await.unwrap();
    assert!(store.use_signature([6; 32]).await.unwrap());
    let key = Key {
        access: "AK".into(),
        secret: "SK".into(),
        user_id: root.id,
        description: None,
        disabled: false,
        created_at: at(0),
        temporary: Some(TemporaryKey {
            security_token_digest: [9; 32],
            parent_token_digest: [1; 32],
            scope: Scope::Report,
            repositories: Some(vec![one]),
            expires_at: at(900),
        }),
    };
    store.create_key(key.clone()).await.unwrap();
    store.create_key(Key { access: "DELETED".into(), temporary: None, ..key }).await.unwrap();
    assert!(store.delete_key("DELETED").await.unwrap());
    let policies = Policies {
        inactivity_timeout: Some(SignedDuration::from_hours(2)),
        stage_timeouts: [("部署".into(), None), ("deploy".into(), Some(SignedDuration::from_hours(1)))]
            .into(),
        ..Policies::default()
    };
    store.set_policies(one, policies).await.unwrap();
    let head =
        HeadUpdate { source_branch: "f".into(), target_branch: "main".into(), head_sha: "b".repeat(40) };
    store.set_merge_request(one, MergeRequestIid::new(7).unwrap(), head, None, at(1)).await.unwrap();
    let detailed = with_details(report('d', "x/y:failed"), details::input("标题", &[3]));
    store.record(batch(two, &root, vec![detailed])).await.unwrap();
    store.import_pipeline(imported(two, 6, 'a', 31930), root.id, None, at(200)).await.unwrap();
    store.set_setting("demo", "loaded").await.unwrap();
    let identity = NewIdentity {
        user: other.id,
        issuer: "https://accounts.example".into(),
        subject: "7".into(),
        display: "艾米".into(),
        now: at(3),
    };
    store.link_identity(identity).await.unwrap();
    added(store, one, &["pipeline", "job"]).await;
    forwarded_states::added(store, one, Choice::Jobs(vec!["s1/*".into()])).await;
    gates::fill(store, one, &root).await;
    for commit in ['a', 'b', 'c'] {
        for n in 0..4 {
            let status = ["pending", "running", "failed", "success"][n];
            let mut reports: Vec<_> = (0..150)
                .map(|job| report(commit, &format!("s{}/任务{job}:{status}#{job}", job % 3)))
                .collect();
            reports[0].state.coverage = Some(0.1 + n as f64);
            reports[1].state.description = Some("emoji 🚀 'quoted' \\ $1".into());
            reports[2].git_ref = "refs/merge-requests/9/head".into();
            let mut batch = batch(one, &other, reports);
            batch.idempotency = Some(Idempotency { key: format!("{commit}{n}"), digest: [n as u8; 32] });
            store.record(batch).await.unwrap();
        }
    }
    (root, one)
}

/// Transfers with interruptions, each after `pages` pages; calls `check_incomplete` after each. Returns the
/// number of interruptions.
async fn transfer_with_interruptions(
    endpoints: impl AsyncFn() -> (Endpoint, Endpoint),
    pages: usize,
    check_incomplete: impl AsyncFn(),
) -> (Vec<TableComparison>, usize) {
    for interruptions in 0.. {
        let (from, to) = endpoints().await;
        let mut left = pages;
        let result = transfer(from, to, move |progress| {
            if matches!(progress, Progress::Copied(..)) {
                left = left.saturating_sub(1);
            }
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match result.await {
            Ok(tables) => return (tables, interruptions),
            Err(error) => assert_eq!(error, domain::ports::unavailable("the transfer was interrupted")),
        }
        check_incomplete().await;
    }
    unreachable!()
}

async fn verify(store: &ReadOnlyStore) -> (u64, Vec<String>) {
    let mut found = Vec::new();
    let verified = verify_all(store, &mut |finding| {
        if !matches!(finding, Finding::Progress(..)) {
            found.push(format!("{finding:?}"));
        }
    })
    .await;
    (verified.unwrap().reports, found)
}

fn cause<T>(opened: Result<T, impl Into<OpenError>>) -> String {
    match opened.map_err(Into::into) {
        Err(OpenError::Store(Error::Unavailable(cause))) => cause,
        _ => panic!("the store was opened"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_there_and_back_changes_nothing() {
    let (dir, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (dir, back): (&Path, &Path) = (dir.path(), back.path());
    let store = Sqlite::open(dir, sqlite::Options::default()).unwrap();
    let (root, repo) = fill(&store).await;
    store.close().await.unwrap();
    drop(store);
    let database = Cluster::shared().database();
    let url = database.url.as_str();

    let endpoints = async || (Endpoint::from_sqlite(dir).unwrap(), Endpoint::to_postgres(url).await.unwrap());
    let check_incomplete = async || {
        let message = cause(Postgres::open(url, postgres::Options::default()).await);
        assert!(message.contains("an incomplete copy of another"), "{message}");
    };
    let (there, interruptions) = transfer_with_interruptions(endpoints, 3, check_incomplete).await;
    assert!(interruptions > 5, "{interruptions}");
    for table in &there {
        assert_eq!(table.source, table.destination, "{}", table.table);
        let may_be_empty = ["deleted_pipelines"].contains(&table.table);
        assert!(table.source.0 > 0 || may_be_empty, "{}: the test has no rows for it", table.table);
    }
    assert_eq!(verify(&ReadOnlyStore::postgres(url).await.unwrap()).await, (1802, vec![]));

    let endpoints =
        async || (Endpoint::from_postgres(url).await.unwrap(), Endpoint::to_sqlite(back).unwrap());
    let check_incomplete = async || {
        let message = cause(Sqlite::open(back, sqlite::Options::default()));
        assert!(message.contains("an incomplete copy of another"), "{message}");
    };
    let (back_again, interruptions) = transfer_with_interruptions(endpoints, 4, check_incomplete).await;
    assert!(interruptions > 4, "{interruptions}");
    assert!(there.iter().zip(&back_again).all(|(there, back)| there.source == back.destination));
    assert_eq!(verify(&ReadOnlyStore::sqlite(back).unwrap()).await, (1802, vec![]));

    // Both continue with the same ids.
    let stores: [Box<dyn Store>; 2] = [
        Box::new(Postgres::open(url, postgres::Options::default()).await.unwrap()),
        Box::new(Sqlite::open(back, sqlite::Options::default()).unwrap()),
    ];
    for store in stores {
        assert_eq!(store.create_token(token(&root, 4)).await.unwrap().id, 4);
        assert_eq!(user(&*store, "王五", false).await.id.get(), 3);
        let receipts =
            store.record(batch(repo, &root, vec![report('a', "s0/任务0:failed#0")])).await.unwrap();
        assert_eq!(receipts[0].as_ref().unwrap().effect, domain::model::reports::Effect::Repeated);
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_with_other_content_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), sqlite::Options::default()).unwrap();
    fill(&store).await;
    let message = cause(Endpoint::from_sqlite(dir.path()));
    assert!(message.contains("in use by another stagepost process"), "{message}");
    store.close().await.unwrap();
    drop(store);

    let database = Cluster::shared().database();
    let other = Postgres::open(&database.url, postgres::Options::default()).await.unwrap();
    root(&other).await;
    let endpoints = async || {
        (Endpoint::from_sqlite(dir.path()).unwrap(), Endpoint::to_postgres(&database.url).await.unwrap())
    };
    let (from, to) = endpoints().await;
    let message = cause(transfer(from, to, |_| ControlFlow::Continue(())).await);
    assert!(message.contains("the destination is not empty: there are rows in its table users"), "{message}");

    // The transfer of one store does not continue with another.
    let database = Cluster::shared().database();
    let to = Endpoint::to_postgres(&database.url).await.unwrap();
    let message = cause(Endpoint::to_postgres(&database.url).await);
    assert!(message.contains("another process copies a store into this database"), "{message}");
    let from = Endpoint::from_sqlite(dir.path()).unwrap();
    cause(transfer(from, to, |_| ControlFlow::Break(())).await);
    let second = tempfile::tempdir().unwrap();
    let store = Sqlite::open(second.path(), sqlite::Options::default()).unwrap();
    root(&store).await;
    store.close().await.unwrap();
    drop(store);
    let to = Endpoint::to_postgres(&database.url).await.unwrap();
    let message = cause(
        transfer(Endpoint::from_sqlite(second.path()).unwrap(), to, |_| ControlFlow::Continue(())).await,
    );
    assert!(message.contains("the destination is an incomplete copy of another store"), "{message}");
    let incomplete = transfer(
        Endpoint::from_postgres(&database.url).await.unwrap(),
        Endpoint::to_sqlite(tempfile::tempdir().unwrap().path()).unwrap(),
        |_| ControlFlow::Continue(()),
    );
    assert!(cause(incomplete.await).contains("an incomplete copy of another"));
}
