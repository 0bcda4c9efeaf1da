//! The webhooks of a repository.

use super::access::{Granted, Manages};
use crate::error::{Error, Result};
use crate::model::ids::{WebhookId, hex};
use crate::model::webhooks::networks::Networks;
use crate::model::webhooks::{Secret, Webhook, WebhookChange, WebhookInput};
use crate::ports::App;

/// Adds a webhook. Only this call and [`rotate`] return its secret. `allowed` are the networks that are
/// allowed besides the public ones.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field.
pub async fn add(app: &App, by: &Granted<Manages>, allowed: &Networks, new: WebhookInput) -> Result<Webhook> {
    let (url, topics, description) = new.check(allowed)?;
    let secret = new.secret.map_or_else(|| app.random().map(Secret::random), Ok)?;
    let webhook = Webhook {
        id: WebhookId::new(1)?,
        repository_id: by.repository().id,
        tag: hex(&app.random::<8>()?),
        url,
        description,
        topics,
        secret,
        old_secret: None,
        disabled: None,
        failing_since: None,
        created_at: app.clock.now(),
    };
    app.store.create_webhook(webhook).await
}

/// The webhooks, oldest first. A response must not contain their secrets.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, by: &Granted<Manages>) -> Result<Vec<Webhook>> {
    app.store.webhooks(by.repository().id).await
}

/// One webhook.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, by: &Granted<Manages>, id: WebhookId) -> Result<Webhook> {
    list(app, by).await?.into_iter().find(|webhook| webhook.id == id).ok_or_else(not_found)
}

/// Changes a webhook. A webhook that is enabled again receives its pending deliveries.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field, [`Error::NotFound`].
pub async fn change(
    app: &App,
    by: &Granted<Manages>,
    allowed: &Networks,
    id: WebhookId,
    change: WebhookChange,
) -> Result<Webhook> {
    change.check(allowed)?;
    app.store.change_webhook(by.repository().id, id, change, app.clock.now()).await?.ok_or_else(not_found)
}

/// Replaces the secret of a webhook and returns the new one. The old secret also signs for a day.
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
    app.store.change_webhook(by.repository().id, id, change, app.clock.now()).await?.ok_or_else(not_found)
}

/// Deletes a webhook and its pending deliveries.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(app: &App, by: &Granted<Manages>, id: WebhookId) -> Result<()> {
    if app.store.delete_webhook(by.repository().id, id).await? { Ok(()) } else { Err(not_found()) }
}

/// The error for an unknown webhook.
pub(super) fn not_found() -> Error {
    Error::NotFound { noun: "webhook" }
}
