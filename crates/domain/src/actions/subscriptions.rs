//! Subscriptions: webhooks that belong to one user, and what matches them, for a feed. A user subscribes to what the
//! user may read, and every message checks that right again.

mod results;

pub use results::{SubscribedJob, SubscribedResult, results};

use super::access::{self, Granted, Reads, SignedIn};
use super::deliveries::TEST_KIND;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::deliveries::{Delivery, DeliveryState};
use crate::model::ids::{RepositoryId, WebhookId, hex};
use crate::model::repositories::{Repository, RepositoryKey};
use crate::model::roles::Scope;
use crate::model::webhooks::networks::Networks;
use crate::model::webhooks::{Webhook, WebhookChange, WebhookInput};
use crate::ports::{App, NewDelivery};
use jiff::Timestamp;

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
        all.extend(shown(app, by, webhook).await?);
    }
    Ok(all)
}

/// A subscription with its repository; `None`: the credential is for other repositories and does not name this one.
async fn shown(app: &App, by: &SignedIn, webhook: Webhook) -> Result<Option<Subscription>> {
    let repository = readable(app, by, webhook.repository_id).await?;
    let is_shown = by.caller().repositories.is_none() || repository.is_some();
    let repository = repository.map(|repository| repository.path);
    Ok(is_shown.then_some(Subscription { webhook, repository }))
}

/// A subscription of the caller, for a change.
async fn own(app: &App, by: &SignedIn, id: WebhookId) -> Result<Webhook> {
    check_scope(by)?;
    find(app, by, id).await
}

async fn find(app: &App, by: &SignedIn, id: WebhookId) -> Result<Webhook> {
    let all = app.store.subscriptions(by.caller().user.id).await?;
    all.into_iter().find(|webhook| webhook.id == id).ok_or_else(not_found)
}

/// A subscription of the caller. A response must contain neither its URL nor its secret.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, by: &SignedIn, id: WebhookId) -> Result<Subscription> {
    let webhook = find(app, by, id).await?;
    shown(app, by, webhook).await?.ok_or_else(not_found)
}

/// At most `limit` deliveries of a subscription of the caller that are older than `before`, newest first. They have
/// neither their bodies nor those of responses: the caller chooses the receiver, which may be in a network of the
/// operator, and need not manage the repository. An error has the text of a chat system that refuses a message.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::RepositoryNotFound`] while the caller may not read the repository, because deliveries
/// tell about its results.
pub async fn deliveries(
    app: &App,
    by: &SignedIn,
    id: WebhookId,
    before: Option<String>,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let webhook = find(app, by, id).await?;
    readable(app, by, webhook.repository_id).await?.ok_or(Error::RepositoryNotFound)?;
    let mut deliveries = app.store.deliveries(webhook.repository_id, id, before, limit).await?;
    for last in deliveries.iter_mut().filter_map(|delivery| delivery.last.as_mut()) {
        last.response_body = None;
    }
    Ok(deliveries)
}

/// Changes a subscription of the caller. One that is enabled again receives its pending messages.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field, or with [`Problem::NoAccess`] on `disabled` if it is enabled while the
/// caller may not read the repository; [`Error::NotFound`]; [`Error::InsufficientScope`].
pub async fn change(
    app: &App,
    by: &SignedIn,
    allowed: &Networks,
    id: WebhookId,
    change: WebhookChange,
) -> Result<Subscription> {
    change.check(allowed)?;
    let webhook = own(app, by, id).await?;
    if !webhook.content.format.is_sent() {
        let contradicts = |field| Err(Invalid::new(field, Problem::Contradicts { other: "format" }).into());
        match change.topics {
            _ if change.url.is_some() => return contradicts("url"),
            Some(topics) if !topics.have_entries() => return contradicts("events"),
            _ => {}
        }
    }
    let id_of_repository = webhook.repository_id;
    let repository = readable(app, by, id_of_repository).await?;
    if change.disabled == Some(false) && repository.is_none() {
        return Err(Invalid::new("disabled", Problem::NoAccess).into());
    }
    let changed = app.store.change_webhook(id_of_repository, id, change, app.clock.now()).await?;
    let webhook = changed.ok_or_else(not_found)?;
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
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`], or with [`Problem::Contradicts`] if it is for the
/// feed only; [`Error::InsufficientScope`].
pub async fn test(
    app: &App,
    by: &SignedIn,
    id: WebhookId,
    body: impl FnOnce(&Webhook, &str, Timestamp) -> Result<String> + Send,
) -> Result<()> {
    let webhook = own(app, by, id).await?;
    if !webhook.content.format.is_sent() {
        return Err(Invalid::new("subscription_id", Problem::Contradicts { other: "format" }).into());
    }
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

async fn readable(app: &App, by: &SignedIn, id: RepositoryId) -> Result<Option<Repository>> {
    let access = access::repository_access(app, by.caller(), &RepositoryKey::Id(id)).await?;
    Ok(access.map(|(repository, _)| Repository::clone(&repository)))
}

fn not_found() -> Error {
    Error::NotFound { noun: "subscription" }
}
