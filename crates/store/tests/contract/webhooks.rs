//! Webhooks.

use super::{repository, root};
use crate::open;
use domain::error::{Error, Invalid, Problem};
use domain::model::ids::{RepositoryId, WebhookId};
use domain::model::webhooks::content::Content;
use domain::model::webhooks::{DisabledReason, EventTopics, Secret, WEBHOOKS_MAX, Webhook, WebhookChange};
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
