//! Webhooks.

use super::{batch, repository, root};
use crate::open;
use domain::error::{Error, Invalid, Problem};
use domain::language::Language;
use domain::model::deliveries::shares::ClaimLimits;
use domain::model::ids::{RepositoryId, UserId, WebhookId};
use domain::model::webhooks::content::{Content, Format};
use domain::model::webhooks::{
    DisabledReason, EventTopics, SUBSCRIPTIONS_MAX, Secret, WEBHOOKS_MAX, Webhook, WebhookChange,
};
use domain::ports::Store;
use testkit::at;

/// A webhook that is not stored yet.
pub fn new(repository_id: RepositoryId, topics: EventTopics) -> Webhook {
    Webhook {
        id: WebhookId::new(1).unwrap(),
        repository_id,
        tag: format!("{:016x}", u64::from(super::NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst))),
        url: "https://hooks.example.com/".into(),
        description: None,
        topics,
        content: Content::default(),
        secret: Secret::random([7; 32]),
        old_secret: None,
        disabled: None,
        failing_since: None,
        created_at: at(0),
    }
}

/// A stored webhook for events of these kinds.
pub async fn added(store: &dyn Store, repository: RepositoryId, events: &[&str]) -> Webhook {
    let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
    store.create_webhook(new(repository, EventTopics::parse("events", &events).unwrap())).await.unwrap()
}

#[tokio::test]
async fn a_webhook_is_stored_and_belongs_to_one_repository() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let other = repository(store, &root, "acme/other").await;
    let mut first = added(store, repo, &["pipeline"]).await;
    let second = added(store, repo, &["job", "pipeline"]).await;
    let elsewhere = added(store, other, &["job"]).await;
    assert_eq!(store.webhooks(repo).await.unwrap(), [first.clone(), second.clone()]);
    let change = WebhookChange {
        url: Some("https://other.example.com/x".into()),
        topics: Some(EventTopics { jobs: true, gates: true, ..EventTopics::default() }),
        description: Some("聊天".into()),
        disabled: Some(true),
        secret: Some(Secret::new((0..64).collect()).unwrap()),
        refs: Some(vec!["main".into()]),
        jobs: Some(vec!["test/*".into(), "lint/*".into()]),
        owner: Some(root.id),
    };
    change.apply(&mut first, at(50));
    assert_eq!(first.disabled, Some((at(50), DisabledReason::Manual)));
    let changed = store.change_webhook(repo, first.id, change.clone(), at(50)).await.unwrap();
    assert_eq!(changed, Some(first.clone()));
    assert_eq!(store.webhooks(repo).await.unwrap(), [first.clone(), second.clone()]);

    assert_eq!(store.change_webhook(other, first.id, change, at(50)).await.unwrap(), None);
    assert!(!store.delete_webhook(other, second.id).await.unwrap(), "of another repository");
    assert!(store.delete_webhook(repo, second.id).await.unwrap());
    assert!(!store.delete_webhook(repo, second.id).await.unwrap());
    assert_eq!(store.webhooks(repo).await.unwrap(), [first.clone()]);
    let third = added(store, repo, &["job"]).await;
    assert!(![first.id, second.id, elsewhere.id].contains(&third.id), "no id is assigned twice");
}

#[tokio::test]
async fn a_repository_has_a_maximum_of_webhooks() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    for _ in 0..WEBHOOKS_MAX {
        added(store, repo, &["job"]).await;
    }
    let refused =
        store.create_webhook(new(repo, EventTopics { pipelines: true, ..EventTopics::default() })).await;
    let too_many = Invalid::new("webhooks", Problem::TooMany { max: WEBHOOKS_MAX });
    assert_eq!(refused, Err(Error::Invalid(too_many)));
}

#[tokio::test]
async fn what_a_webhook_sends_is_stored_and_limits_its_deliveries() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let content = Content {
        format: Format::DingTalk,
        language: Language::English,
        refs: vec!["main".into(), "release/*".into()],
        jobs: vec!["test/*".into()],
        author: Some("lin".into()),
        creator: Some(root.id),
        personal: false,
    };
    let topics = EventTopics::parse("events", &["job".to_owned()]).unwrap();
    let chat =
        Webhook { content: content.clone(), secret: Secret::of_chat("").unwrap(), ..new(repo, topics) };
    let stored = store.create_webhook(chat.clone()).await.unwrap();
    assert_eq!(stored, Webhook { id: stored.id, ..chat });
    assert_eq!(store.webhooks(repo).await.unwrap(), std::slice::from_ref(&stored));
    let change = WebhookChange { refs: Some(vec!["refs/heads/dev".into()]), ..WebhookChange::default() };
    let changed = store.change_webhook(repo, stored.id, change, at(3)).await.unwrap().unwrap();
    assert_eq!(changed.content, Content { refs: vec!["dev".into()], ..content });

    let on = |git_ref: &str, line: &str| {
        let mut report = testkit::report('a', line);
        report.git_ref = git_ref.into();
        report
    };
    let reports = vec![
        on("main", "test/unit:failed#1"),
        on("dev", "lint/unit:failed#2"),
        on("dev", "test/unit:running#3"),
        on("dev", "test/unit:failed#3"),
    ];
    store.record(batch(repo, &root, reports)).await.unwrap();
    let queued = store.deliveries(repo, stored.id, None, 9).await.unwrap();
    let kinds: Vec<_> = queued.iter().map(|delivery| delivery.kind.as_str()).collect();
    assert_eq!(kinds, ["job.failed"], "a result of a job and ref that match");

    let claimed = store.claim_deliveries(at(200), at(225), ClaimLimits::of_server(0)).await.unwrap();
    assert_eq!(claimed.len(), 1);
    store.discard_delivery(claimed[0].seq, claimed[0].claim + 1).await.unwrap();
    assert_eq!(store.deliveries(repo, stored.id, None, 9).await.unwrap().len(), 1, "another claim");
    store.discard_delivery(claimed[0].seq, claimed[0].claim).await.unwrap();
    assert_eq!(store.deliveries(repo, stored.id, None, 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_subscription_belongs_to_its_user_and_has_limits_of_its_own() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let other = super::user(store, "lin", false).await;
    let repo = repository(store, &root, "acme/demo").await;
    let topics = EventTopics { pipelines: true, ..EventTopics::default() };
    let subscription = |user: UserId| {
        let content =
            Content { format: Format::Slack, creator: Some(user), personal: true, ..Content::default() };
        Webhook { content, ..new(repo, topics) }
    };
    let own = store.create_webhook(subscription(other.id)).await.unwrap();
    assert_eq!(store.subscriptions(other.id).await.unwrap(), std::slice::from_ref(&own));
    assert_eq!(store.subscriptions(root.id).await.unwrap(), []);
    assert_eq!(store.webhooks(repo).await.unwrap(), [], "it is none of the repository's");
    for _ in 1..SUBSCRIPTIONS_MAX {
        store.create_webhook(subscription(other.id)).await.unwrap();
    }
    let full = store.create_webhook(subscription(other.id)).await.unwrap_err();
    let wanted = Invalid::new("subscriptions", Problem::TooMany { max: SUBSCRIPTIONS_MAX });
    assert_eq!(full, Error::Invalid(wanted));
    store.create_webhook(subscription(root.id)).await.unwrap();
    store.create_webhook(new(repo, topics)).await.unwrap();
    assert!(store.delete_webhook(repo, own.id).await.unwrap());
    assert_eq!(store.subscriptions(other.id).await.unwrap().len(), SUBSCRIPTIONS_MAX - 1);
    assert_eq!(store.user(other.id).await.unwrap(), Some(other));
}
