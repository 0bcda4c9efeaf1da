//! The audit log: each change has an entry in its commit, a refused one has none, and refusals are summed up.

use super::{hex, repository, root, user};
use crate::open;
use domain::model::audit::{
    Action, Actor, AuditFilter, Entry, FieldValue, Kind, ObjectKind, Origin, Refusal, RefusalReason,
};
use domain::model::credentials::CredentialId;
use domain::model::ids::UserId;
use domain::model::keys::Key;
use domain::model::roles::{Role, Scope};
use domain::model::tokens::{NewToken, SignInMethod, TokenKind};
use domain::model::users::User;
use domain::ports::{NewUserRow, Store, UserRowChange, with_origin};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use testkit::at;

fn origin(actor: Actor) -> Option<Arc<Origin>> {
    Some(Arc::new(Origin {
        at: at(500),
        actor,
        address: Some("::ffff:192.0.2.7".parse().unwrap()),
        credential: Some(CredentialId::Token(7)),
        request_id: Some("req-1".into()),
    }))
}

fn by(user: &User) -> Option<Arc<Origin>> {
    origin(Actor::User { id: user.id, name: user.name.clone() })
}

async fn all(store: &dyn Store, filter: AuditFilter) -> Vec<Entry> {
    store.audit_entries(filter, None, 200).await.unwrap().entries
}

async fn last(store: &dyn Store) -> Entry {
    all(store, AuditFilter::default()).await.remove(0)
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.into())
}

#[tokio::test]
async fn a_change_is_recorded_with_its_origin() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let amy = user(store, "amy", false).await;
    let change = UserRowChange { password_hash: Some("h4sh".into()), admin: Some(true), disabled: None };
    with_origin(by(&root), store.change_user(amy.id, change)).await.unwrap();
    let entry = last(store).await;
    assert_eq!((entry.action, entry.at, entry.count), (Action::UserChange, at(500), 1));
    let actor = (entry.actor_kind.as_str(), entry.actor_id, entry.actor.as_deref());
    assert_eq!(actor, ("user", Some(root.id.get().into()), Some("root")));
    assert_eq!(entry.address.as_deref(), Some("192.0.2.7"));
    let credential = (entry.credential_kind.as_deref(), entry.credential.as_deref());
    assert_eq!(credential, (Some("token"), Some("7")));
    assert_eq!(entry.request_id.as_deref(), Some("req-1"));
    let object = entry.object.clone().unwrap();
    assert_eq!((object.kind, object.name.as_deref()), (ObjectKind::User, Some("amy")));
    assert_eq!(entry.before.get("admin"), Some(&FieldValue::Bool(false)));
    assert_eq!(entry.after.get("admin"), Some(&FieldValue::Bool(true)));
    assert_eq!(entry.after.get("password"), Some(&text("replaced")));
    assert_eq!(entry.after.get("name"), None, "it did not change");
    // The same values again are no change.
    let count = all(store, AuditFilter::default()).await.len();
    let same = UserRowChange { admin: Some(true), ..UserRowChange::default() };
    with_origin(by(&root), store.change_user(amy.id, same)).await.unwrap();
    assert_eq!(all(store, AuditFilter::default()).await.len(), count);
}

#[tokio::test]
async fn a_refused_change_leaves_no_entry() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let count = all(store, AuditFilter::default()).await.len();
    let taken =
        NewUserRow { uuid: hex(), name: "root".into(), password_hash: None, admin: false, created_at: at(0) };
    with_origin(by(&root), store.create_user(taken)).await.unwrap_err();
    let nobody = UserId::new(99).unwrap();
    with_origin(by(&root), store.change_user(nobody, UserRowChange::default())).await.unwrap_err();
    assert!(!store.delete_token(root.id, 99).await.unwrap());
    assert!(!store.delete_key("AKAKAKAK").await.unwrap());
    assert_eq!(all(store, AuditFilter::default()).await.len(), count);
}

#[tokio::test]
async fn no_secret_is_recorded() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let key = Key {
        access: "AKAKAKAK".into(),
        secret: "s3crets3cret".into(),
        user_id: root.id,
        description: Some("for ci".into()),
        disabled: false,
        created_at: at(0),
        temporary: None,
    };
    store.create_key(key).await.unwrap();
    assert!(store.delete_key("AKAKAKAK").await.unwrap());
    let change = UserRowChange { password_hash: Some("s3crets3cret".into()), ..UserRowChange::default() };
    store.change_user(root.id, change).await.unwrap();
    let entries = all(store, AuditFilter::default()).await;
    let actions: Vec<Action> = entries.iter().map(|entry| entry.action).collect();
    assert_eq!(
        actions,
        [Action::UserChange, Action::KeyDelete, Action::KeyCreate, Action::UserCreate],
        "newest first"
    );
    let text = format!("{entries:?}");
    assert!(text.contains("for ci") && !text.contains("s3cret"), "{text}");
    assert!(entries.iter().all(|entry| entry.actor_kind == "server"), "without a request");
}

fn session(user: &User, digest: u8, sign_in: Option<SignInMethod>) -> NewToken {
    NewToken {
        digest: [digest; 32],
        user_id: user.id,
        kind: TokenKind::Session,
        name: "page".into(),
        scope: Scope::Full,
        repositories: None,
        created_at: at(0),
        expires_at: Some(at(9_000)),
        identity_id: None,
        sign_in,
    }
}

#[tokio::test]
async fn signing_in_and_out_is_recorded_for_the_user() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let anonymous = || origin(Actor::Anonymous);
    let first = session(&root, 1, Some(SignInMethod::Link));
    let token = with_origin(anonymous(), store.create_token(first)).await.unwrap();
    with_origin(anonymous(), store.record_sign_in(&[1; 32])).await.unwrap();
    with_origin(anonymous(), store.delete_token(root.id, token.id)).await.unwrap();
    // A session that a signed-in user creates is a token.
    with_origin(by(&root), store.create_token(session(&root, 2, None))).await.unwrap();
    let entries = all(store, AuditFilter { actor: Some("root".into()), ..AuditFilter::default() }).await;
    let actions: Vec<Action> = entries.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::TokenCreate, Action::SignOut, Action::SignIn, Action::SignIn]);
    let methods: Vec<_> = entries.iter().map(|entry| entry.after.get("method")).collect();
    assert_eq!(methods, [None, None, Some(&text("token")), Some(&text("link"))]);
    // The user who accepts an invitation changes their own password.
    let change = UserRowChange { password_hash: Some("h4sh".into()), ..UserRowChange::default() };
    with_origin(anonymous(), store.change_user(root.id, change)).await.unwrap();
    let changed = last(store).await;
    assert_eq!((changed.action, changed.actor.as_deref()), (Action::UserChange, Some("root")));
}

#[tokio::test]
async fn entries_are_found_by_every_filter() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let amy = user(store, "amy", false).await;
    let repo = repository(store, &root, "acme/demo").await;
    with_origin(by(&root), store.set_member(repo, amy.id, Some(Role::Report))).await.unwrap();
    with_origin(by(&root), store.set_member(repo, amy.id, None)).await.unwrap();
    let found = async |filter: AuditFilter| {
        let entries = all(store, filter).await;
        entries.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>().join(" ")
    };
    let none = AuditFilter::default;
    let of_repository = AuditFilter { repository: Some(repo), ..none() };
    assert_eq!(found(of_repository.clone()).await, "member.remove member.set repository.create");
    let actions = Some(AuditFilter::actions("member").unwrap());
    assert_eq!(found(AuditFilter { actions, ..none() }).await, "member.remove member.set");
    let object = |text: &str| Some(AuditFilter::object(text).unwrap());
    for (text, expected) in [
        ("user", "user.create user.create"),
        ("user:amy", "user.create"),
        ("member:amy", "member.remove member.set"),
        ("member:bob", ""),
        ("repository:acme/demo", "repository.create"),
    ] {
        assert_eq!(found(AuditFilter { object: object(text), ..none() }).await, expected, "{text}");
    }
    let address = Some(AuditFilter::address("192.0.2.7").unwrap());
    assert_eq!(found(AuditFilter { address, ..none() }).await, "member.remove member.set");
    let actor = Some("root".to_owned());
    assert_eq!(found(AuditFilter { actor, ..none() }).await, "member.remove member.set");
    let time = |since, until| AuditFilter { since, until, repository: Some(repo), ..none() };
    assert_eq!(found(time(None, Some(at(501)))).await, "member.remove member.set");
    assert_eq!(found(time(Some(at(501)), None)).await, "repository.create", "by the clock of the store");
    assert_eq!(found(AuditFilter { kind: Some(Kind::Refusal), ..none() }).await, "");
    assert_eq!(found(AuditFilter { kind: Some(Kind::Change), ..of_repository.clone() }).await.len(), 42);
    // The cursor.
    let first = store.audit_entries(of_repository.clone(), None, 2).await.unwrap();
    assert_eq!(first.entries.len(), 2);
    let rest = store.audit_entries(of_repository, first.next, 2).await.unwrap();
    assert_eq!((rest.entries.len(), rest.next), (1, None));
}

/// Refusals are recorded late, and the clock of a server may be set back, so times are not in the order of numbers.
#[tokio::test]
async fn entries_before_a_time_are_found_in_any_order_of_times() {
    let opened = open().await;
    let store = &*opened.store;
    for (address, second) in [(1, 100), (2, 300), (3, 50), (4, 200), (5, 400)] {
        let times = (at(second), at(second));
        store.add_refusals(vec![Refusal { times, ..refusal(address, None, None, 1) }]).await.unwrap();
    }
    let before = async |second| {
        let filter = AuditFilter { until: Some(at(second)), ..AuditFilter::default() };
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let page = store.audit_entries(filter.clone(), next, 1).await.unwrap();
            found.extend(page.entries.iter().map(|entry| entry.address.clone().unwrap_or_default()));
            next = page.next;
            if next.is_none() {
                break found.iter().filter_map(|address| address.chars().last()).collect::<String>();
            }
        }
    };
    assert_eq!(before(50).await, "");
    assert_eq!(before(51).await, "3");
    assert_eq!(before(200).await, "31");
    assert_eq!(before(301).await, "4321");
    assert_eq!(before(999).await, "54321");
}

fn refusal(address: u8, user: Option<&str>, key: Option<&str>, count: u64) -> Refusal {
    Refusal {
        address: Some(IpAddr::from([192, 0, 2, address])),
        reason: RefusalReason::Password,
        claimed_user: user.map(str::to_owned),
        claimed_credential: key.map(|access| CredentialId::Key(access.into())),
        request_id: Some("req-9".into()),
        times: (at(10), at(20)),
        count,
    }
}

#[tokio::test]
async fn refusals_have_only_names_that_exist() {
    let opened = open().await;
    let store = &*opened.store;
    root(store).await;
    let refusals = vec![
        refusal(1, Some("root"), None, 3),
        refusal(1, Some("my-p4ssword"), None, 4),
        refusal(1, Some("no\0body"), Some("s3crets3cret"), 5),
        refusal(1, None, None, 6),
        refusal(2, Some("nobody"), None, 7),
    ];
    store.add_refusals(refusals).await.unwrap();
    let refused = AuditFilter { kind: Some(Kind::Refusal), ..AuditFilter::default() };
    let entries = all(store, refused).await;
    let mut shown: Vec<(Option<&str>, Option<&str>, i64)> =
        entries.iter().map(|entry| (entry.address.as_deref(), entry.actor.as_deref(), entry.count)).collect();
    shown.sort_unstable();
    let (one, two) = (Some("192.0.2.1"), Some("192.0.2.2"));
    assert_eq!(shown, [(one, None, 5), (one, None, 10), (one, Some("root"), 3), (two, None, 7)]);
    let text = format!("{entries:?}");
    assert!(!text.contains("p4ssword") && !text.contains("s3cret"), "{text}");
    assert_eq!(entries[0].reason, Some(RefusalReason::Password));
    assert_eq!((entries[0].at, entries[0].last_at), (at(10), at(20)));
}

#[tokio::test]
async fn old_entries_are_deleted() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let times = |count| Refusal { times: (at(10), at(20)), ..refusal(1, None, None, count) };
    store.add_refusals(vec![times(1)]).await.unwrap();
    with_origin(by(&root), store.set_member(repository(store, &root, "a/b").await, root.id, None))
        .await
        .unwrap();
    assert_eq!(store.delete_old_audit(at(20)).await.unwrap(), 0);
    assert_eq!(store.delete_old_audit(at(21)).await.unwrap(), 1);
    assert_eq!(store.delete_old_audit(at(501)).await.unwrap(), 1, "the change of second 500");
    assert_eq!(store.delete_old_audit(at(501)).await.unwrap(), 0);
}

#[tokio::test]
async fn committed_entries_are_passed_on() {
    let opened = open().await;
    let store = &*opened.store;
    let passed: Arc<Mutex<Vec<Entry>>> = Arc::default();
    let sink = Arc::clone(&passed);
    store.set_audit_sink(Arc::new(move |entries| sink.lock().unwrap().extend(entries)));
    let root = root(store).await;
    let taken =
        NewUserRow { uuid: hex(), name: "root".into(), password_hash: None, admin: false, created_at: at(0) };
    store.create_user(taken).await.unwrap_err();
    repository(store, &root, "acme/demo").await;
    let stored = all(store, AuditFilter::default()).await;
    let of = |entry: &Entry| (entry.number, entry.action, entry.at, entry.object.clone());
    let mut passed: Vec<_> = passed.lock().unwrap().iter().map(of).collect();
    passed.reverse();
    assert_eq!(passed, stored.iter().map(of).collect::<Vec<_>>());
}
