//! The figures for metrics: jobs of few repositories by name and of the others together, and what waits.

use super::deliveries::{claim, finish, one, record};
use super::{forwarded_states, repository};
use crate::open;
use domain::model::destinations::Choice;
use domain::model::status::Status;
use domain::model::storage::{Backlog, StoreFigures};
use domain::model::webhooks::WebhookChange;
use domain::ports::Store;
use testkit::at;

/// The figures when all reports are in the tables.
async fn figures(store: &dyn Store, repositories: u32) -> StoreFigures {
    store.last_activity_at().await.unwrap();
    store.figures(repositories).await.unwrap()
}

#[tokio::test]
async fn jobs_are_counted_for_the_largest_repositories_and_for_all_others() {
    let opened = open().await;
    let store = &*opened.store;
    assert_eq!(figures(store, 2).await, StoreFigures::default());
    let (small, root, _) = one(store).await;
    let (large, medium) =
        (repository(store, &root, "acme/b").await, repository(store, &root, "acme/a").await);
    record(store, small, &root, &["s/x:failed#1"]).await;
    record(store, large, &root, &["s/x:success#1", "s/y:success#1", "s/z:failed#1"]).await;
    record(store, medium, &root, &["s/x:running#1", "s/y:pending#1"]).await;

    let of = |figures: StoreFigures| -> Vec<(String, Status, u64)> {
        let jobs = figures.jobs.into_iter();
        let mut jobs: Vec<_> =
            jobs.map(|job| (job.repository.unwrap_or("other".into()), job.status, job.count)).collect();
        jobs.sort_by_key(|(repository, status, _)| (repository.clone(), status.as_str()));
        jobs
    };
    let named = |repository: &str, status, count| (repository.to_owned(), status, count);
    let expected = [
        named("acme/a", Status::Pending, 1),
        named("acme/a", Status::Running, 1),
        named("acme/b", Status::Failed, 1),
        named("acme/b", Status::Success, 2),
        named("other", Status::Failed, 1),
    ];
    let all = figures(store, 2).await;
    assert_eq!(all.repositories, 3);
    assert_eq!(of(all), expected);
    let expected = [
        named("other", Status::Failed, 2),
        named("other", Status::Pending, 1),
        named("other", Status::Running, 1),
        named("other", Status::Success, 2),
    ];
    assert_eq!(of(figures(store, 0).await), expected);
    assert!(of(figures(store, 100).await).iter().all(|(repository, ..)| repository != "other"));
}

#[tokio::test]
async fn backlogs_have_what_waits_for_somebody_who_takes_it() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    forwarded_states::added(store, repo, Choice::Jobs(vec!["*".into()])).await;
    record(store, repo, &root, &["s/x:failed#1", "s/y:failed#1"]).await;
    let waiting = figures(store, 1).await;
    // Reports of the tests are received at this second.
    assert_eq!(waiting.webhooks, Backlog { items: 2, due_since: Some(at(100)) });
    assert_eq!((waiting.forwarding.items, waiting.forwarding.due_since.is_some()), (2, true));
    assert_eq!(waiting.verdicts, Backlog::default(), "a repository without rules");

    let claimed = claim(store, 200).await;
    let claims = figures(store, 1).await.webhooks;
    assert_eq!((claims.items, claims.due_since), (2, Some(at(245))), "until the claim ends");
    assert!(finish(store, &claimed[0], 200, 210).await);
    assert_eq!(figures(store, 1).await.webhooks.items, 1);

    let change = WebhookChange { disabled: Some(true), ..WebhookChange::default() };
    store.change_webhook(repo, webhook.id, change, at(300)).await.unwrap();
    assert_eq!(figures(store, 1).await.webhooks, Backlog::default(), "a disabled one takes nothing");
}
