//! Identities: sign-ins, links, and the rights of groups.

use super::{hex, repository, root, user};
use crate::open;
use domain::error::{Invalid, Problem};
use domain::model::access::Caller;
use domain::model::audit::{Action, AuditFilter, FieldValue};
use domain::model::identities::{AdmissionRefused, PathPattern, Rights};
use domain::model::page::Page;
use domain::model::repositories::RepositoryFilter;
use domain::model::roles::{Role, Scope};
use domain::model::tokens::{NewToken, SignInMethod, TokenKind};
use domain::model::users::User;
use domain::ports::{IdentitySignIn, NewIdentity, NewIdentityUser, Store, UserRowChange};
use std::sync::Arc;
use testkit::at;

fn rights(admin: bool, roles: &[(&str, Role)]) -> Rights {
    let pattern = |text| PathPattern::parse("roles", text).unwrap();
    Rights { admin, roles: roles.iter().map(|(text, role)| (pattern(text), *role)).collect() }
}

fn sign_in(subject: &str, digest: u8, rights: Rights) -> IdentitySignIn {
    IdentitySignIn {
        method: SignInMethod::Oidc,
        issuer: "https://id.example".into(),
        subject: subject.into(),
        display: "Amy".into(),
        rights,
        rights_until: at(900),
        new_user: Some(NewIdentityUser {
            uuid: hex(),
            names: vec!["amy".into(), "amy-2".into(), "amy-3".into()],
        }),
        used: None,
        session_digest: [digest; 32],
        session_name: "page".into(),
        session_until: at(600),
        now: at(10),
    }
}

fn link(user: &User, subject: &str) -> NewIdentity {
    NewIdentity {
        user: user.id,
        issuer: "https://id.example".into(),
        subject: subject.into(),
        display: "Amy".into(),
        now: at(5),
    }
}

#[tokio::test]
async fn an_account_is_known_by_issuer_and_subject_and_takes_no_user_over() {
    let opened = open().await;
    let store = &opened.store;
    let amy = user(&**store, "amy", false).await;
    let first = store.sign_in_identity(sign_in("1", 1, Rights::default())).await.unwrap().unwrap();
    assert_eq!((first.user.name.as_str(), first.created, first.ended), ("amy-2", true, 0));
    assert_ne!(first.user.id, amy.id);
    let again = store.sign_in_identity(sign_in("1", 2, Rights::default())).await.unwrap().unwrap();
    assert_eq!((again.user.id, again.created), (first.user.id, false));
    let other =
        IdentitySignIn { issuer: "https://other.example".into(), ..sign_in("1", 3, Rights::default()) };
    let other = store.sign_in_identity(other).await.unwrap().unwrap();
    assert_eq!(other.user.name, "amy-3", "another issuer is another account");
    let (session, of) = store.token(&[2; 32]).await.unwrap().unwrap();
    assert_eq!((session.clone(), of.id), (again.session, first.user.id));
    assert_eq!((session.identity_id, session.expires_at), (Some(first.identity.id), Some(at(600))));
    assert_eq!(session.sign_in, Some(SignInMethod::Oidc));
    let entries = store.audit_entries(AuditFilter::default(), None, 1).await.unwrap().entries;
    let text = |text: &str| Some(FieldValue::Text(text.into()));
    let (method, issuer) = (entries[0].after.get("method").cloned(), entries[0].after.get("issuer").cloned());
    assert_eq!((method, issuer), (text("oidc"), text("https://other.example")));
    assert_eq!(store.user_by_name("amy-2").await.unwrap().unwrap().1, None, "it has no password");
    let listed = store.identities(first.user.id).await.unwrap();
    assert_eq!(listed, [again.identity]);
    assert_eq!((listed[0].subject.as_str(), listed[0].signed_in_at), ("1", Some(at(10))));
}

#[tokio::test]
async fn a_refused_sign_in_leaves_nothing() {
    let opened = open().await;
    let store = &opened.store;
    let unknown = IdentitySignIn { new_user: None, ..sign_in("1", 1, Rights::default()) };
    assert_eq!(store.sign_in_identity(unknown).await.unwrap(), Err(AdmissionRefused::NoUser));
    let once = |digest| IdentitySignIn { used: Some([9; 32]), ..sign_in("2", digest, Rights::default()) };
    let first = store.sign_in_identity(once(2)).await.unwrap().unwrap();
    assert_eq!(store.sign_in_identity(once(3)).await.unwrap(), Err(AdmissionRefused::Replayed));
    let change = UserRowChange { disabled: Some(true), ..UserRowChange::default() };
    store.change_user(first.user.id, change).await.unwrap();
    let disabled = store.sign_in_identity(sign_in("2", 4, rights(true, &[]))).await.unwrap();
    assert_eq!(disabled, Err(AdmissionRefused::Disabled));
    for digest in [1, 3, 4] {
        assert_eq!(store.token(&[digest; 32]).await.unwrap(), None, "{digest}");
    }
    let users = store.users().await.unwrap();
    assert_eq!(users.len(), 1, "{users:?}");
    assert!(!users[0].is_administrator());
}

#[tokio::test]
async fn who_loses_a_group_loses_the_sessions_and_tokens_that_came_from_it() {
    let opened = open().await;
    let store = &opened.store;
    let granted = rights(true, &[("team/*", Role::Report)]);
    let first = store.sign_in_identity(sign_in("1", 1, granted.clone())).await.unwrap().unwrap();
    assert!(first.user.is_administrator());
    let (user, identity) = (first.user.clone(), first.identity.id);
    let token = |digest: u8, identity_id| NewToken {
        digest: [digest; 32],
        user_id: user.id,
        kind: TokenKind::Personal,
        name: "ci".into(),
        scope: Scope::Full,
        repositories: None,
        created_at: at(11),
        expires_at: None,
        identity_id,
        sign_in: None,
    };
    store.create_token(token(2, Some(identity))).await.unwrap();
    store.create_token(token(3, None)).await.unwrap();
    // The same rights, and more, end nothing.
    for (digest, more) in [(4, granted.clone()), (5, rights(true, &[("team/*", Role::Manage)]))] {
        let again = store.sign_in_identity(sign_in("1", digest, more)).await.unwrap().unwrap();
        assert_eq!(again.ended, 0);
    }
    let fewer = rights(false, &[("team/*", Role::Report)]);
    let lost = store.sign_in_identity(sign_in("1", 6, fewer)).await.unwrap().unwrap();
    assert_eq!(lost.ended, 4, "three sessions and a token");
    assert!(!lost.user.is_administrator());
    let valid = async |digest: u8| store.token(&[digest; 32]).await.unwrap().map(|(_, user)| user);
    for digest in [1, 2, 4, 5] {
        assert_eq!(valid(digest).await, None, "{digest}");
    }
    let (kept, new) = (valid(3).await.unwrap(), valid(6).await.unwrap());
    assert_eq!((kept.role_by_groups("team/a"), new.role_by_groups("x")), (Some(Role::Report), None));
    assert_eq!(kept.clone().at(at(899)).role_by_groups("team/a"), Some(Role::Report));
    assert_eq!(kept.at(at(900)).role_by_groups("team/a"), None, "the rights have ended");

    assert_eq!(store.withdraw_identity("https://id.example", "1").await.unwrap(), 1);
    assert_eq!((valid(6).await, valid(3).await.unwrap().group_rights), (None, vec![]));
    let entries = |count| store.audit_entries(AuditFilter::default(), None, count);
    let withdrawn = entries(1).await.unwrap().entries.remove(0);
    assert_eq!(withdrawn.action, Action::IdentityRights);
    assert_eq!(withdrawn.after.get("ended"), Some(&FieldValue::Number(1)));
    assert_eq!(store.withdraw_identity("https://id.example", "1").await.unwrap(), 0);
    assert_eq!(entries(1).await.unwrap().entries, [withdrawn], "nothing to withdraw");
    // An account without rights of groups.
    store.sign_in_identity(sign_in("3", 7, Rights::default())).await.unwrap().unwrap();
    assert_eq!(store.withdraw_identity("https://id.example", "3").await.unwrap(), 1);
    let withdrawn = entries(1).await.unwrap().entries.remove(0);
    assert_eq!(withdrawn.after.get("ended"), Some(&FieldValue::Number(1)), "{withdrawn:?}");
    assert_eq!(store.withdraw_identity("https://id.example", "unknown").await.unwrap(), 0);
}

#[tokio::test]
async fn accounts_are_linked_and_unlinked() {
    let opened = open().await;
    let store = &opened.store;
    let (amy, bob) = (user(&**store, "amy", false).await, user(&**store, "bob", false).await);
    let linked = store.link_identity(link(&amy, "1")).await.unwrap();
    assert_eq!((linked.user_id, linked.signed_in_at), (amy.id, None));
    assert_eq!(store.link_identity(link(&amy, "1")).await.unwrap(), linked, "again");
    let taken = store.link_identity(link(&bob, "1")).await;
    assert_eq!(taken, Err(Invalid::new("subject", Problem::Taken).into()));
    let granted = rights(false, &[("*", Role::Read)]);
    let signed_in = store.sign_in_identity(sign_in("1", 1, granted)).await.unwrap().unwrap();
    assert_eq!((signed_in.user.id, signed_in.created), (amy.id, false));
    store.link_identity(link(&amy, "2")).await.unwrap();
    assert_eq!(store.identities(amy.id).await.unwrap().len(), 2);
    assert!(!store.unlink_identity(bob.id, linked.id).await.unwrap(), "of another user");
    assert!(store.unlink_identity(amy.id, linked.id).await.unwrap());
    let unlinked = store.audit_entries(AuditFilter::default(), None, 1).await.unwrap().entries.remove(0);
    assert_eq!(unlinked.action, Action::IdentityUnlink);
    assert_eq!(unlinked.after.get("ended"), Some(&FieldValue::Number(1)));
    assert!(!store.unlink_identity(amy.id, linked.id).await.unwrap());
    assert_eq!(store.token(&[1; 32]).await.unwrap(), None);
    let (amy, _) = store.user_by_name("amy").await.unwrap().unwrap();
    assert_eq!(amy.group_rights, []);
}

#[tokio::test]
async fn lists_contain_the_repositories_of_groups() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    for path in ["team/a", "team/sub/b", "team2/c", "other/d"] {
        repository(&**store, &root, path).await;
    }
    let listed_as = async |admin, roles: &[(&str, Role)], digest: u8, membership| {
        let sign_in = sign_in("1", digest, rights(admin, roles));
        let user = Arc::new(store.sign_in_identity(sign_in).await.unwrap().unwrap().user);
        let viewer = Caller { user, scope: Scope::Full, repositories: None };
        paths(&**store, &viewer, membership).await
    };
    let listed =
        async |roles: &[(&str, Role)], digest, membership| listed_as(false, roles, digest, membership).await;
    assert_eq!(listed(&[], 1, false).await, [""; 0]);
    assert_eq!(listed(&[("team/*", Role::Read)], 2, false).await, ["team/a", "team/sub/b"]);
    assert_eq!(
        listed(&[("team/*", Role::Read), ("other/d", Role::Manage)], 3, true).await,
        ["other/d", "team/a", "team/sub/b"]
    );
    assert_eq!(listed(&[("*", Role::Report)], 4, false).await.len(), 4);
    let team = [("team/*", Role::Report), ("other/d", Role::Read)];
    assert_eq!(listed_as(true, &team, 5, false).await.len(), 4, "an administrator sees all");
    assert_eq!(listed_as(true, &team, 6, true).await, ["other/d", "team/a", "team/sub/b"]);
}

async fn paths(store: &dyn Store, viewer: &Caller, membership: bool) -> Vec<String> {
    let filter = RepositoryFilter { membership, ..RepositoryFilter::default() };
    let found = store.repositories(viewer, filter, Page { offset: 0, limit: 100 }).await.unwrap();
    assert_eq!(found.total, found.items.len() as u64);
    let mut paths: Vec<String> = found.items.into_iter().map(|(repository, _)| repository.path).collect();
    paths.sort_unstable();
    paths
}
