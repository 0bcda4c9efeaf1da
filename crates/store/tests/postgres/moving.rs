//! A store that is moved: from SQLite to PostgreSQL and back, cut off again and again on the way, it is what it was.

use super::contract::{batch, reports::imported, repository, root, user, webhooks::added};
use domain::SignedDuration;
use domain::actions::verification::{Finding, verify_all};
use domain::error::{Error, Result};
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::keys::{Key, TemporaryKey};
use domain::model::merge_requests::HeadUpdate;
use domain::model::policies::Policies;
use domain::model::roles::Scope;
use domain::model::tokens::{NewToken, TokenKind};
use domain::model::users::User;
use domain::ports::{Health as _, Idempotency, Store};
use std::ops::ControlFlow;
use std::path::Path;
use store::moving::{Endpoint, Moved, Progress, move_all};
use store::postgres::{self, Postgres};
use store::reading::Reading;
use store::sqlite::{self, Sqlite};
use testkit::postgres::Cluster;
use testkit::{at, report};

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
    }
}

/// Something of everything, and of reports several pages.
async fn furnish(store: &dyn Store) -> (User, RepositoryId) {
    let root = root(store).await;
    let other = user(store, "李四", false).await;
    let (one, two) = (repository(store, &root, "acme/demo").await, repository(store, &other, "acme/b").await);
    store.set_member(one, other.id, Some(domain::model::roles::Role::Report)).await.unwrap();
    for digest in 1..=3 {
        store.create_token(token(&root, digest)).await.unwrap();
    }
    // The last number that was given out is nobody's any more.
    assert!(store.delete_token(root.id, 3).await.unwrap());
    store.create_sign_in_link([5; 32], root.id, at(0), at(900)).await.unwrap();
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
    store.create_key(key).await.unwrap();
    let policies = Policies {
        inactivity_timeout: Some(SignedDuration::from_hours(2)),
        stage_timeouts: [("部署".into(), None), ("deploy".into(), Some(SignedDuration::from_hours(1)))]
            .into(),
        ..Policies::default()
    };
    store.set_policies(one, policies).await.unwrap();
    let said =
        HeadUpdate { source_branch: "f".into(), target_branch: "main".into(), head_sha: "b".repeat(40) };
    store.set_merge_request(one, MergeRequestIid::new(7).unwrap(), said, None, at(1)).await.unwrap();
    store.import_pipeline(imported(two, 6, 'a', 31930), root.id, at(200)).await.unwrap();
    store.set_setting("demo", "loaded").await.unwrap();
    added(store, one, &["pipeline", "job"]).await;
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

/// Moves in several goes, each cut off after `pages` words about the progress. How often it was.
async fn move_in_goes(
    ends: impl AsyncFn() -> (Endpoint, Endpoint),
    pages: usize,
    half: impl AsyncFn(),
) -> (Vec<Moved>, usize) {
    for goes in 0.. {
        let (from, to) = ends().await;
        let mut left = pages;
        let going = move_all(from, to, move |progress| {
            if matches!(progress, Progress::Copied(..)) {
                left = left.saturating_sub(1);
            }
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match going.await {
            Ok(moved) => return (moved, goes),
            Err(error) => assert_eq!(error, domain::ports::unavailable("the move was cut off")),
        }
        half().await;
    }
    unreachable!()
}

async fn verified(store: &Reading) -> (u64, Vec<String>) {
    let mut found = Vec::new();
    let verified = verify_all(store, &mut |finding| {
        if !matches!(finding, Finding::Progress(..)) {
            found.push(format!("{finding:?}"));
        }
    })
    .await;
    (verified.unwrap().reports, found)
}

fn refused<T>(opened: Result<T>) -> String {
    match opened {
        Err(Error::Unavailable(why)) => why,
        _ => panic!("it was opened"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_it_is_what_it_was() {
    let (dir, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (dir, back): (&Path, &Path) = (dir.path(), back.path());
    let store = Sqlite::open(dir, sqlite::Options::default()).unwrap();
    let (root, repo) = furnish(&store).await;
    store.close().await.unwrap();
    drop(store);
    let database = Cluster::shared().database();
    let url = database.url.as_str();

    let ends = async || (Endpoint::from_sqlite(dir).unwrap(), Endpoint::to_postgres(url).await.unwrap());
    let half = async || {
        let why = refused(Postgres::open(url, postgres::Options::default()).await);
        assert!(why.contains("the half of a move"), "{why}");
    };
    let (there, goes) = move_in_goes(ends, 3, half).await;
    assert!(goes > 5, "{goes}");
    for table in &there {
        assert_eq!(table.previous, table.is, "{}", table.table);
        let may_be_empty = ["leavings"].contains(&table.table);
        assert!(table.previous.0 > 0 || may_be_empty, "{}: the test moves nothing of it", table.table);
    }
    assert_eq!(verified(&Reading::postgres(url).await.unwrap()).await, (1801, vec![]));

    let ends = async || (Endpoint::from_postgres(url).await.unwrap(), Endpoint::to_sqlite(back).unwrap());
    let half = async || {
        let why = refused(Sqlite::open(back, sqlite::Options::default()));
        assert!(why.contains("the half of a move"), "{why}");
    };
    let (here, goes) = move_in_goes(ends, 4, half).await;
    assert!(goes > 4, "{goes}");
    assert!(there.iter().zip(&here).all(|(there, here)| there.previous == here.is));
    assert_eq!(verified(&Reading::sqlite(back).unwrap()).await, (1801, vec![]));

    // Both go on from there alike.
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
async fn nothing_is_moved_over_something_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), sqlite::Options::default()).unwrap();
    furnish(&store).await;
    let why = refused(Endpoint::from_sqlite(dir.path()));
    assert!(why.contains("in use by another stagepost process"), "{why}");
    store.close().await.unwrap();
    drop(store);

    let database = Cluster::shared().database();
    let other = Postgres::open(&database.url, postgres::Options::default()).await.unwrap();
    root(&other).await;
    let ends = async || {
        (Endpoint::from_sqlite(dir.path()).unwrap(), Endpoint::to_postgres(&database.url).await.unwrap())
    };
    let (from, to) = ends().await;
    let why = refused(move_all(from, to, |_| ControlFlow::Continue(())).await);
    assert!(why.contains("the destination is not empty: there are rows in its table users"), "{why}");

    // Nor does the move of one store go on with another.
    let database = Cluster::shared().database();
    let to = Endpoint::to_postgres(&database.url).await.unwrap();
    let why = refused(Endpoint::to_postgres(&database.url).await);
    assert!(why.contains("another move into this database is under way"), "{why}");
    let from = Endpoint::from_sqlite(dir.path()).unwrap();
    refused(move_all(from, to, |_| ControlFlow::Break(())).await);
    let second = tempfile::tempdir().unwrap();
    let store = Sqlite::open(second.path(), sqlite::Options::default()).unwrap();
    root(&store).await;
    store.close().await.unwrap();
    drop(store);
    let to = Endpoint::to_postgres(&database.url).await.unwrap();
    let why = refused(
        move_all(Endpoint::from_sqlite(second.path()).unwrap(), to, |_| ControlFlow::Continue(())).await,
    );
    assert!(why.contains("the half of a move of another store"), "{why}");
    let half = move_all(
        Endpoint::from_postgres(&database.url).await.unwrap(),
        Endpoint::to_sqlite(tempfile::tempdir().unwrap().path()).unwrap(),
        |_| ControlFlow::Continue(()),
    );
    assert!(refused(half.await).contains("the half of a move"));
}
