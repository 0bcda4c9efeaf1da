//! The webhooks of a repository, for who manages it.

use super::access::{Granted, Manages};
use crate::error::{Error, Result};
use crate::model::ids::{WebhookId, hex};
use crate::model::webhooks::networks::Networks;
use crate::model::webhooks::{Secret, Webhook, WebhookChange, WebhookInput};
use crate::ports::App;

/// Adds a webhook. This is the one time, but for [`rotate`], that its secret is told. `allowed` are the networks beside the public ones.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub async fn add(app: &App, by: &Granted<Manages>, allowed: &Networks, new: WebhookInput) -> Result<Webhook> {
    let (url, wants, description) = new.check(allowed)?;
    let secret = new.secret.map_or_else(|| app.random().map(Secret::random), Ok)?;
    let webhook = Webhook {
        id: WebhookId::new(1)?,
        repository_id: by.repository().id,
        tag: hex(&app.random::<8>()?),
        url,
        description,
        topics: wants,
        secret,
        old_secret: None,
        disabled: None,
        failing_since: None,
        created_at: app.clock.now(),
    };
    app.store.create_webhook(webhook).await
}

/// The webhooks, oldest first. Their secrets are not to be shown.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, by: &Granted<Manages>) -> Result<Vec<Webhook>> {
    app.store.webhooks(by.repository().id).await
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, by: &Granted<Manages>, id: WebhookId) -> Result<Webhook> {
    list(app, by).await?.into_iter().find(|webhook| webhook.id == id).ok_or_else(absent)
}

/// Changes one. Switched on again, it is sent what waited.
///
/// # Errors
/// [`Error::Invalid`] naming the field, [`Error::NotFound`].
pub async fn change(
    app: &App,
    by: &Granted<Manages>,
    allowed: &Networks,
    id: WebhookId,
    change: WebhookChange,
) -> Result<Webhook> {
    change.check(allowed)?;
    app.store.change_webhook(by.repository().id, id, change, app.clock.now()).await?.ok_or_else(absent)
}

/// Gives one a new secret, which is told this once. The one before signs as well for a day.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rotate(
    app: &App,
    by: &Granted<Manages>,
    id: WebhookId,
    secret: Option<Secret>,
) -> Result<Webhook> {
    let secret = secret.map_or_else(|| app.random().map(Secret::random), Ok)?;
    let change = WebhookChange { secret: Some(secret), ..WebhookChange::default() };
    app.store.change_webhook(by.repository().id, id, change, app.clock.now()).await?.ok_or_else(absent)
}

/// Takes one away, with what waits for it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(app: &App, by: &Granted<Manages>, id: WebhookId) -> Result<()> {
    if app.store.delete_webhook(by.repository().id, id).await? { Ok(()) } else { Err(absent()) }
}

/// There is no such webhook here.
pub(super) fn absent() -> Error {
    Error::NotFound { noun: "webhook" }
}
