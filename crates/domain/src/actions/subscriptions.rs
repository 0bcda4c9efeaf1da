//! Subscriptions: webhooks that belong to one user, and what matches them, for a feed. A user subscribes to what the
//! user may read, and every message checks that right again.

use super::access::{self, Granted, Reads, SignedIn};
use super::deliveries::TEST_KIND;
use super::notifications::may_read;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::deliveries::{Delivery, DeliveryState};
use crate::model::ids::{RepositoryId, WebhookId, hex};
use crate::model::notifications::is_news;
use crate::model::page::{Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::repositories::{Repository, RepositoryKey};
use crate::model::roles::Scope;
use crate::model::webhooks::networks::Networks;
use crate::model::webhooks::{Webhook, WebhookChange, WebhookInput};
use crate::ports::{App, NewDelivery};
use jiff::Timestamp;
use std::collections::HashMap;

/// Most pipelines of one repository that are read for a feed.
const PIPELINES_MAX: u32 = 200;

/// How many messages are read to find a pending test.
const NEWEST: u32 = 100;

/// A subscription with its repository.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The webhook.
    pub webhook: Webhook,
    /// The path of its repository; `None`: the user may not read it now.
    pub repository: Option<String>,
}

/// A result that a user subscribed to.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscribedResult {
    /// The repository.
    pub repository: Repository,
    /// The pipeline, whose status is that of the result.
    pub pipeline: Pipeline,
}

/// Adds a subscription of the caller to a repository. `allowed` are the networks that are allowed besides the
/// public ones.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field; [`Error::RepositoryNotFound`]; [`Error::InsufficientScope`], because
/// messages are sent by the rights of the user, not of a limited credential.
pub async fn add(
    app: &App,
    by: &SignedIn,
    key: &RepositoryKey,
    allowed: &Networks,
    new: WebhookInput,
) -> Result<Webhook> {
    check_scope(by)?;
    let access = access::repository_access(app, by.caller(), key).await?;
    let granted: Granted<Reads> = access::grant(by.clone(), access)?;
    let webhook = super::webhooks::checked(app, &granted, allowed, new, true)?;
    app.store.create_webhook(webhook).await
}

/// Checks that a credential has all rights of its user.
fn check_scope(by: &SignedIn) -> Result<()> {
    let caller = by.caller();
    match caller.scope == Scope::Full && caller.repositories.is_none() {
        true => Ok(()),
        false => Err(Error::InsufficientScope { needed: Scope::Full }),
    }
}

/// The subscriptions of the caller, oldest first. A response must contain neither their URLs nor their secrets.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, by: &SignedIn) -> Result<Vec<Subscription>> {
    let mut all = Vec::new();
    for webhook in app.store.subscriptions(by.caller().user.id).await? {
        let repository = readable(app, by, webhook.repository_id).await?;
        // A credential for other repositories does not name this one.
        if by.caller().repositories.is_none() || repository.is_some() {
            all.push(Subscription { repository: repository.map(|repository| repository.path), webhook });
        }
    }
    Ok(all)
}

async fn own(app: &App, by: &SignedIn, id: WebhookId) -> Result<Webhook> {
    check_scope(by)?;
    let all = app.store.subscriptions(by.caller().user.id).await?;
    all.into_iter().find(|webhook| webhook.id == id).ok_or_else(not_found)
}

/// Changes a subscription of the caller. One that is enabled again receives its pending messages.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field; [`Error::NotFound`]; [`Error::InsufficientScope`].
pub async fn change(
    app: &App,
    by: &SignedIn,
    allowed: &Networks,
    id: WebhookId,
    change: WebhookChange,
) -> Result<Subscription> {
    change.check(allowed)?;
    let repository = own(app, by, id).await?.repository_id;
    let changed = app.store.change_webhook(repository, id, change, app.clock.now()).await?;
    let webhook = changed.ok_or_else(not_found)?;
    let repository = readable(app, by, repository).await?;
    Ok(Subscription { webhook, repository: repository.map(|repository| repository.path) })
}

/// Deletes a subscription of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InsufficientScope`].
pub async fn remove(app: &App, by: &SignedIn, id: WebhookId) -> Result<()> {
    let webhook = own(app, by, id).await?;
    match app.store.delete_webhook(webhook.repository_id, id).await? {
        true => Ok(()),
        false => Err(not_found()),
    }
}

/// Sends a test message. `body` makes it for the webhook and the path of its repository. While the test before is
/// pending, none is added: its attempts are tests too, and a user cannot make many requests to a receiver by tests.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`]; [`Error::InsufficientScope`].
pub async fn test(
    app: &App,
    by: &SignedIn,
    id: WebhookId,
    body: impl FnOnce(&Webhook, &str, Timestamp) -> Result<String> + Send,
) -> Result<()> {
    let webhook = own(app, by, id).await?;
    if webhook.disabled.is_some() {
        return Err(Invalid::new("subscription_id", Problem::Disabled).into());
    }
    let repository = readable(app, by, webhook.repository_id).await?.ok_or_else(not_found)?;
    if is_test_pending(app, &webhook).await? {
        return Ok(());
    }
    let created_at = app.clock.now();
    let message = format!("msg_{}", hex(&app.random::<16>()?));
    let body = body(&webhook, &repository.path, created_at)?;
    let new = NewDelivery { id: message, kind: TEST_KIND.to_owned(), body, created_at };
    app.store.add_delivery(webhook.repository_id, id, new).await?.ok_or_else(not_found).map(drop)
}

/// Whether a test is among the newest messages and pending.
async fn is_test_pending(app: &App, webhook: &Webhook) -> Result<bool> {
    let newest = app.store.deliveries(webhook.repository_id, webhook.id, None, NEWEST).await?;
    let is_pending = |delivery: &Delivery| matches!(delivery.state, DeliveryState::Pending(_));
    Ok(newest.iter().any(|delivery| delivery.kind == TEST_KIND && is_pending(delivery)))
}

/// The latest failed and fixed pipelines that match subscriptions of the caller, newest first, at most `limit`; each
/// once. For a feed: the caller's right to read is checked at each call. At most 200 pipelines of each repository are
/// read.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn results(app: &App, by: &SignedIn, limit: usize) -> Result<Vec<SubscribedResult>> {
    let mut by_repository: HashMap<RepositoryId, Vec<Webhook>> = HashMap::new();
    for webhook in app.store.subscriptions(by.caller().user.id).await? {
        by_repository.entry(webhook.repository_id).or_default().push(webhook);
    }
    let mut results = Vec::new();
    for (id, webhooks) in by_repository {
        let Some(repository) = readable(app, by, id).await? else { continue };
        if !may_read(app, by.caller().user.id, id).await? {
            continue;
        }
        let window = Window {
            order: PipelineOrder::Id,
            descending: true,
            start: Start::After(None),
            limit: PIPELINES_MAX,
        };
        let found = app.store.find_pipelines(id, PipelineFilter::default(), window).await?.items;
        let matching = matching(&found, &webhooks);
        results.extend(
            matching.map(|pipeline| SubscribedResult {
                repository: repository.clone(),
                pipeline: pipeline.clone(),
            }),
        );
    }
    results.sort_by_key(|result| std::cmp::Reverse(result.pipeline.finished_at));
    results.truncate(limit);
    Ok(results)
}

/// The pipelines, newest first, that are news and match one of the subscriptions.
fn matching<'p>(pipelines: &'p [Pipeline], subscriptions: &[Webhook]) -> impl Iterator<Item = &'p Pipeline> {
    let is_wanted = move |pipeline: &Pipeline| {
        subscriptions.iter().filter(|webhook| webhook.topics.pipelines).any(|webhook| {
            webhook.content.matches_ref(&pipeline.identity.git_ref)
                && webhook.content.matches_author(pipeline.trigger_user.as_deref())
        })
    };
    let is_matching = move |(at, pipeline): &(usize, &Pipeline)| {
        let earlier = pipelines[at + 1..].iter().filter(|earlier| {
            earlier.identity.git_ref == pipeline.identity.git_ref
                && earlier.identity.source == pipeline.identity.source
        });
        is_wanted(pipeline) && is_news(pipeline.status, earlier.map(|earlier| earlier.status))
    };
    pipelines.iter().enumerate().filter(is_matching).map(|(_, pipeline)| pipeline)
}

async fn readable(app: &App, by: &SignedIn, id: RepositoryId) -> Result<Option<Repository>> {
    let access = access::repository_access(app, by.caller(), &RepositoryKey::Id(id)).await?;
    Ok(access.map(|(repository, _)| Repository::clone(&repository)))
}

fn not_found() -> Error {
    Error::NotFound { noun: "subscription" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{PipelineId, UserId};
    use crate::model::pipelines::{PipelineIdentity, PipelineState};
    use crate::model::status::Status;
    use crate::model::webhooks::content::Content;
    use crate::model::webhooks::{EventTopics, Secret};

    fn pipeline(id: i64, git_ref: &str, status: Status, author: Option<&str>) -> Pipeline {
        let identity = PipelineIdentity {
            sha: "a".repeat(40),
            git_ref: git_ref.into(),
            source: "external".into(),
            key: id.to_string(),
        };
        let (id, repository) = (PipelineId::new(id).unwrap(), RepositoryId::new(1).unwrap());
        let new = PipelineState::new(id, repository, identity, Timestamp::UNIX_EPOCH).pipeline;
        Pipeline { status, trigger_user: author.map(str::to_owned), ..new }
    }

    fn subscription(refs: &[&str], author: Option<&str>) -> Webhook {
        let content = Content {
            refs: refs.iter().map(|git_ref| (*git_ref).to_owned()).collect(),
            author: author.map(str::to_owned),
            creator: Some(UserId::new(1).unwrap()),
            personal: true,
            ..Content::default()
        };
        Webhook {
            id: WebhookId::new(1).unwrap(),
            repository_id: RepositoryId::new(1).unwrap(),
            tag: "t".into(),
            url: "https://example.com/".into(),
            description: None,
            topics: EventTopics { pipelines: true, ..EventTopics::default() },
            content,
            secret: Secret::random([1; 32]),
            old_secret: None,
            disabled: None,
            failing_since: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_feed_has_failed_and_fixed_pipelines_that_match() {
        use Status::{Failed, Running, Success};
        let pipelines = [
            pipeline(7, "main", Running, None),
            pipeline(6, "main", Success, Some("lin")),
            pipeline(5, "dev", Success, None),
            pipeline(4, "main", Failed, Some("wang")),
            pipeline(3, "dev", Success, None),
            pipeline(2, "dev", Failed, Some("lin")),
            pipeline(1, "main", Success, None),
        ];
        let ids = |subscriptions: &[Webhook]| {
            matching(&pipelines, subscriptions).map(|pipeline| pipeline.id.get()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[]), [0; 0]);
        assert_eq!(ids(&[subscription(&[], None)]), [6, 4, 3, 2]);
        assert_eq!(ids(&[subscription(&["ma*"], None)]), [6, 4]);
        assert_eq!(ids(&[subscription(&[], Some("lin"))]), [6, 2]);
        assert_eq!(
            ids(&[subscription(&["dev"], Some("lin")), subscription(&["main"], Some("wang"))]),
            [4, 2]
        );
    }
}
