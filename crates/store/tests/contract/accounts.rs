//! Users, access keys, tokens, sign-in links, settings.

use super::{root, user};
use crate::open;
use domain::error::{AuthFailure, Error, Invalid, Problem};
use domain::model::ids::RepositoryId;
use domain::model::keys::{Key, TemporaryKey};
use domain::model::roles::Scope;
use domain::model::tokens::{NewToken, TokenKind};
use domain::model::users::User;
use domain::ports::{ExpiredRows, UserRowChange};
use testkit::at;

fn token(user: &User, digest: u8, kind: TokenKind) -> NewToken {
    NewToken {
        digest: [digest; 32],
        user_id: user.id,
        kind,
        name: "ci".into(),
        scope: Scope::Report,
        repositories: Some(vec![RepositoryId::new(3).unwrap(), RepositoryId::new(2147483647).unwrap()]),
        created_at: at(0),
        expires_at: Some(at(60)),
        identity_id: None,
        sign_in: None,
    }
}

#[tokio::test]
async fn users_have_unique_names_and_can_be_changed() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let row = domain::ports::NewUserRow {
        uuid: super::hex(),
        name: "root".into(),
        password_hash: None,
        admin: false,
        created_at: at(0),
    };
    assert_eq!(store.create_user(row).await, Err(Invalid::new("name", Problem::Taken).into()));
    let (found, hash) = store.user_by_name("root").await.unwrap().unwrap();
    assert_eq!((found, hash.as_deref()), (root.clone(), Some("hash")));
    let change = UserRowChange { disabled: Some(true), ..Default::default() };
    assert!(store.change_user(root.id, change).await.unwrap().disabled);
    assert_eq!(store.user_by_name("nobody").await.unwrap(), None);
    let nobody = domain::model::ids::UserId::new(99).unwrap();
    assert_eq!(
        store.change_user(nobody, UserRowChange::default()).await,
        Err(Error::NotFound { noun: "user" })
    );
    assert_eq!(store.users().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_is_found_with_its_user() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let key = Key {
        access: "AK".into(),
        secret: "SK".into(),
        user_id: root.id,
        description: None,
        disabled: false,
        created_at: at(0),
        temporary: None,
    };
    store.create_key(key.clone()).await.unwrap();
    assert_eq!(store.create_key(key.clone()).await, Err(Invalid::new("access", Problem::Taken).into()));
    assert_eq!(store.key("AK").await.unwrap(), Some((key.clone(), root.clone())));
    assert_eq!(store.keys(root.id).await.unwrap(), [key]);
    assert!(store.delete_key("AK").await.unwrap());
    assert!(!store.delete_key("AK").await.unwrap());
    assert_eq!(store.key("AK").await.unwrap(), None);
}

fn temporary(user: &User, access: &str, parent: u8, end: i64) -> Key {
    Key {
        access: access.into(),
        secret: "SK".into(),
        user_id: user.id,
        description: None,
        disabled: false,
        created_at: at(0),
        temporary: Some(TemporaryKey {
            security_token_digest: [9; 32],
            parent_token_digest: [parent; 32],
            scope: Scope::Report,
            repositories: Some(vec![RepositoryId::new(3).unwrap(), RepositoryId::new(4).unwrap()]),
            expires_at: at(end),
        }),
    }
}

#[tokio::test]
async fn temporary_keys_are_not_listed_and_are_deleted_with_their_token() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let personal = store.create_token(token(&root, 1, TokenKind::Personal)).await.unwrap();
    store.create_token(token(&root, 2, TokenKind::Session)).await.unwrap();
    for (access, parent) in [("P1", 1), ("P2", 1), ("S", 2)] {
        store.create_key(temporary(&root, access, parent, 900)).await.unwrap();
    }
    let everywhere = TemporaryKey { repositories: None, ..temporary(&root, "E", 2, 100).temporary.unwrap() };
    let everywhere = Key { temporary: Some(everywhere), ..temporary(&root, "E", 2, 100) };
    store.create_key(everywhere.clone()).await.unwrap();
    let found = async |access: &str| store.key(access).await.unwrap().map(|(key, _)| key);
    assert_eq!(found("P1").await, Some(temporary(&root, "P1", 1, 900)));
    assert_eq!(found("E").await, Some(everywhere));
    assert_eq!(store.keys(root.id).await.unwrap(), []);
    // E has expired when the next key is created; it is deleted later, so that a request with it is told.
    store.create_key(Key { created_at: at(100), ..temporary(&root, "L", 2, 900) }).await.unwrap();
    assert!(found("E").await.is_some());
    let rows = ExpiredRows { expired_before: at(0), keys_expired_before: at(101), responses_before: at(0) };
    assert_eq!(store.delete_expired_rows(rows).await.unwrap(), 1);
    assert_eq!(store.delete_expired_rows(rows).await.unwrap(), 0);
    assert_eq!(found("E").await, None);
    assert!(found("S").await.is_some());

    assert!(store.delete_token(root.id, personal.id).await.unwrap());
    assert_eq!((found("P1").await, found("P2").await), (None, None));
    let change = UserRowChange { password_hash: Some("new".into()), ..Default::default() };
    store.change_user(root.id, change).await.unwrap();
    assert_eq!((found("S").await, found("L").await), (None, None));
}

#[tokio::test]
async fn a_deleted_token_gets_no_temporary_key() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let revoked = Err(Error::Unauthenticated(AuthFailure::Token("unknown or revoked")));
    let create = async |access: &str, parent| {
        let created = store.create_key(temporary(&root, access, parent, 900)).await;
        (created, store.key(access).await.unwrap().is_some())
    };
    assert_eq!(create("NEVER", 1).await, (revoked.clone(), false));
    let personal = store.create_token(token(&root, 1, TokenKind::Personal)).await.unwrap();
    store.create_token(token(&root, 2, TokenKind::Session)).await.unwrap();
    assert_eq!(create("P", 1).await, (Ok(()), true));
    assert_eq!(create("S", 2).await, (Ok(()), true));
    // The token was deleted after the request with it was authenticated.
    store.delete_token(root.id, personal.id).await.unwrap();
    assert_eq!(create("P2", 1).await, (revoked.clone(), false));
    let change = UserRowChange { password_hash: Some("new".into()), ..Default::default() };
    store.change_user(root.id, change).await.unwrap();
    assert_eq!(create("S2", 2).await, (revoked, false));
}

#[tokio::test]
async fn a_token_has_at_most_a_hundred_temporary_keys_that_have_not_expired() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    for digest in [1, 2] {
        store.create_token(token(&root, digest, TokenKind::Personal)).await.unwrap();
    }
    let version = store.current_versions(None).await.unwrap().access;
    for n in 0..100 {
        let end = if n == 0 { 10 } else { 900 };
        store.create_key(temporary(&root, &format!("P{n}"), 1, end)).await.unwrap();
    }
    let many = Err(Invalid::new("token", Problem::TooMany { max: 100 }).into());
    assert_eq!(store.create_key(temporary(&root, "MORE", 1, 900)).await, many);
    assert_eq!(store.key("MORE").await.unwrap(), None);
    store.create_key(temporary(&root, "OTHER", 2, 900)).await.unwrap();
    let later = Key { created_at: at(10), ..temporary(&root, "LATER", 1, 900) };
    store.create_key(later).await.unwrap();
    assert_eq!(
        store.current_versions(None).await.unwrap().access,
        version,
        "cached access of others stays valid"
    );
}

#[tokio::test]
async fn tokens_are_found_by_digest_and_a_new_password_ends_sessions() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let other = user(&**store, "other", false).await;
    let personal = store.create_token(token(&root, 1, TokenKind::Personal)).await.unwrap();
    store.create_token(token(&root, 2, TokenKind::Session)).await.unwrap();
    let twice = store.create_token(token(&root, 1, TokenKind::Personal)).await;
    assert_eq!(twice, Err(Invalid::new("token", Problem::Taken).into()));
    assert_eq!(store.token(&[1; 32]).await.unwrap(), Some((personal.clone(), root.clone())));
    assert_eq!(
        store.tokens(root.id).await.unwrap(),
        std::slice::from_ref(&personal),
        "sessions are not listed"
    );
    let change = UserRowChange { password_hash: Some("new".into()), ..Default::default() };
    store.change_user(root.id, change).await.unwrap();
    assert_eq!(store.token(&[2; 32]).await.unwrap(), None);
    assert!(!store.delete_token(other.id, personal.id).await.unwrap(), "of another user");
    assert!(store.delete_token(root.id, personal.id).await.unwrap());
    assert_eq!(store.token(&[1; 32]).await.unwrap(), None);
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_expires() {
    let opened = open().await;
    let store = opened.store.clone();
    let root = root(&*store).await;
    for (digest, until) in [(1, 100), (2, 50)] {
        store.create_sign_in_link([digest; 32], root.id, at(until)).await.unwrap();
    }
    let takers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.take_sign_in_link(&[1; 32]).await.unwrap() })
    });
    let mut taken = Vec::new();
    for taker in takers.collect::<Vec<_>>() {
        taken.extend(taker.await.unwrap());
    }
    assert_eq!(taken, [(root.clone(), at(100))], "only one request gets it");
    store.create_sign_in_link([3; 32], root.id, at(150)).await.unwrap();
    let rows = ExpiredRows { expired_before: at(51), keys_expired_before: at(51), responses_before: at(51) };
    assert_eq!(store.delete_expired_rows(ExpiredRows { expired_before: at(50), ..rows }).await.unwrap(), 0);
    assert_eq!(store.delete_expired_rows(rows).await.unwrap(), 1);
    assert_eq!(store.take_sign_in_link(&[2; 32]).await.unwrap(), None, "it has expired");
    assert_eq!(store.token(&[3; 32]).await.unwrap(), None, "a link is not a token");
}

#[tokio::test]
async fn open_links_end_with_a_new_invitation_a_new_password_and_a_disabled_user() {
    let opened = open().await;
    let store = opened.store.clone();
    let (root, amy) = (root(&*store).await, user(&*store, "amy", false).await);
    let is_open = async |digest: u8| store.sign_in_link(&[digest; 32]).await.unwrap().is_some();
    store.create_sign_in_link([9; 32], root.id, at(100)).await.unwrap();
    store.create_invitation([1; 32], amy.id, at(100)).await.unwrap();
    store.create_invitation([2; 32], amy.id, at(100)).await.unwrap();
    assert_eq!((is_open(1).await, is_open(2).await), (false, true));
    let taken = store.accept_invitation(&[2; 32], "h4sh".into()).await.unwrap();
    assert_eq!(taken, Some(amy.clone()));
    assert_eq!(store.user_by_name("amy").await.unwrap().unwrap().1.as_deref(), Some("h4sh"));
    assert_eq!(store.accept_invitation(&[2; 32], "other".into()).await.unwrap(), None, "it works once");
    assert_eq!(store.user_by_name("amy").await.unwrap().unwrap().1.as_deref(), Some("h4sh"));
    let changes = [
        UserRowChange { password_hash: Some("new".into()), ..UserRowChange::default() },
        UserRowChange { disabled: Some(true), ..UserRowChange::default() },
    ];
    for change in changes {
        store.create_invitation([3; 32], amy.id, at(100)).await.unwrap();
        store.change_user(amy.id, change).await.unwrap();
        assert!(!is_open(3).await);
    }
    assert!(is_open(9).await, "that of another user");
}

#[tokio::test]
async fn settings_are_stored() {
    let opened = open().await;
    let store = &opened.store;
    assert_eq!(store.setting("demo").await.unwrap(), None);
    for value in ["1", "2"] {
        store.set_setting("demo", value).await.unwrap();
        assert_eq!(store.setting("demo").await.unwrap().as_deref(), Some(value));
    }
    store.check().await.unwrap();
}
