//! The credentials that reports are sent with: what their history keeps.

use super::{batch, repository, root, user};
use crate::open;
use domain::error::{Invalid, Problem};
use domain::model::credentials::ReportCredential;
use domain::model::ids::{JobId, RepositoryId};
use domain::model::job_closings::JobClosing;
use domain::model::keys::Key;
use domain::model::reports::Authority;
use domain::model::roles::Scope;
use domain::model::status::Status;
use domain::model::tokens::{NewToken, TokenKind};
use domain::model::users::User;
use domain::ports::{ReportBatch, Store};
use testkit::{at, report};

type Credentials = Vec<(Option<ReportCredential>, Option<String>)>;

/// The credentials in the history of an attempt, with their names.
pub async fn credentials(store: &dyn Store, repository: RepositoryId, job: i64) -> Credentials {
    let history = store.history(repository, JobId::new(job).unwrap(), 0, 100).await.unwrap();
    assert!(history.iter().all(|entry| entry.reporter_id.is_some() == entry.reporter.is_some()));
    history.into_iter().map(|entry| (entry.credential, entry.credential_name)).collect()
}

async fn token(store: &dyn Store, user: &User, digest: u8) -> i64 {
    let new = NewToken {
        digest: [digest; 32],
        user_id: user.id,
        kind: TokenKind::Personal,
        name: "deploy".into(),
        scope: Scope::Report,
        repositories: None,
        created_at: at(0),
        expires_at: None,
        identity_id: None,
        sign_in: None,
    };
    store.create_token(new).await.unwrap().id
}

fn key(user: &User) -> Key {
    Key {
        access: "AKOFCI000001".into(),
        secret: "SK".into(),
        user_id: user.id,
        description: Some("Jenkins".into()),
        disabled: false,
        created_at: at(0),
        temporary: None,
    }
}

#[tokio::test]
async fn a_report_keeps_its_credential() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let id = token(store, &root, 1).await;
    store.create_key(key(&root)).await.unwrap();
    let sent = [
        None,
        Some(ReportCredential::Token(id)),
        Some(ReportCredential::Token(id)),
        Some(ReportCredential::Key("AKOFCI000001".into())),
        Some(ReportCredential::Key("AKOFCI000001".into())),
        Some(ReportCredential::Session),
        Some(ReportCredential::TemporaryKey),
        Some(ReportCredential::Password),
        Some(ReportCredential::Token(i64::from(u32::MAX))),
    ];
    for (n, credential) in (0..).zip(&sent) {
        let mut report = report('a', "s/x:running#1");
        report.state.description = Some(format!("step {n}"));
        report.state.target_url = Some("https://ci.example.com/jobs/1".into());
        let batch = ReportBatch { credential: credential.clone(), ..batch(repo, &root, vec![report]) };
        store.record(batch).await.unwrap();
    }
    let closing = JobClosing {
        repository_id: repo,
        job_id: JobId::new(1).unwrap(),
        status: Status::Canceled,
        authority: Authority::Operator,
        closed_by: Some(root.id),
        credential: Some(ReportCredential::Session),
        dialect: "native",
        reason: None,
        closed_at: at(200),
        inactive_since: None,
    };
    store.close_jobs(vec![closing]).await.unwrap();
    let name = |credential: &Option<ReportCredential>| match credential {
        Some(ReportCredential::Token(known)) if *known == id => Some("deploy".to_owned()),
        Some(ReportCredential::Key(_)) => Some("Jenkins".to_owned()),
        _ => None,
    };
    let mut expected: Credentials = sent.iter().map(|one| (one.clone(), name(one))).collect();
    expected.push((Some(ReportCredential::Session), None));
    assert_eq!(credentials(store, repo, 1).await, expected);

    // What the reports say does not change with the credentials.
    assert!(store.delete_token(root.id, id).await.unwrap());
    assert!(store.delete_key("AKOFCI000001").await.unwrap());
    expected.iter_mut().for_each(|(_, name)| *name = None);
    assert_eq!(credentials(store, repo, 1).await, expected);
    assert!(token(store, &root, 2).await > id, "the id is not assigned again");
}

#[tokio::test]
async fn an_import_keeps_its_credential() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let credential = Some(ReportCredential::Token(token(store, &root, 1).await));
    let imported = super::reports::imported(repo, 6, 'a', 31930);
    assert!(store.import_pipeline(imported, root.id, credential.clone(), at(200)).await.unwrap());
    assert_eq!(credentials(store, repo, 31930).await, [(credential, Some("deploy".into()))]);
}

#[tokio::test]
async fn the_ak_of_a_deleted_key_stays_that_of_its_user() {
    let opened = open().await;
    let store = &*opened.store;
    let (root, other) = (root(store).await, user(store, "other", false).await);
    let taken = Err(Invalid::new("access", Problem::Taken).into());
    for _ in 0..2 {
        store.create_key(key(&root)).await.unwrap();
        assert_eq!(store.create_key(key(&other)).await, taken);
        assert!(store.delete_key("AKOFCI000001").await.unwrap());
        assert_eq!(store.create_key(key(&other)).await, taken, "the AK of a deleted key");
    }
}
