//! The webhooks of a repository.

use super::access::{Granted, Manages, RequiredRole};
use crate::error::{Error, Invalid, Problem, Result};
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
    let webhook = checked(app, by, allowed, new, false)?;
    app.store.create_webhook(webhook).await
}

/// A webhook from its checked input. `personal`: it is a subscription of the caller.
pub(super) fn checked<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    allowed: &Networks,
    new: WebhookInput,
    personal: bool,
) -> Result<Webhook> {
    let (url, topics, description) = new.check(allowed)?;
    let content = new.content.check(by.caller().user.id, personal)?;
    let secret = match new.secret {
        Some(_) if !content.format.signs() => {
            return Err(Invalid::new("secret", Problem::Contradicts { other: "format" }).into());
        }
        Some(secret) => secret,
        None if content.format.is_chat() => Secret::stored(Vec::new()),
        None => app.random().map(Secret::random)?,
    };
    Ok(Webhook {
        id: WebhookId::new(1)?,
        repository_id: by.repository().id,
        tag: hex(&app.random::<8>()?),
        url,
        description,
        topics,
        content,
        secret,
        old_secret: None,
        disabled: None,
        failing_since: None,
        created_at: app.clock.now(),
    })
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
    // A subscription of a user has an id of the same kind.
    show(app, by, id).await?;
    app.store.change_webhook(by.repository().id, id, change, app.clock.now()).await?.ok_or_else(not_found)
}

/// Replaces the secret of a webhook and returns the new one. The old secret also signs for a day; that of a chat
/// does not.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] on `secret`, for a chat that has no secret, or whose secret is missing.
pub async fn rotate(
    app: &App,
    by: &Granted<Manages>,
    id: WebhookId,
    secret: Option<Secret>,
) -> Result<Webhook> {
    let format = show(app, by, id).await?.content.format;
    let secret = match secret {
        // The chat system makes its secret.
        None if format.is_chat() => return Err(Invalid::new("secret", Problem::Missing).into()),
        Some(_) if !format.signs() => {
            return Err(Invalid::new("secret", Problem::Contradicts { other: "format" }).into());
        }
        secret => secret.map_or_else(|| app.random().map(Secret::random), Ok)?,
    };
    let change = WebhookChange { secret: Some(secret), ..WebhookChange::default() };
    app.store.change_webhook(by.repository().id, id, change, app.clock.now()).await?.ok_or_else(not_found)
}

/// Deletes a webhook and its pending deliveries.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(app: &App, by: &Granted<Manages>, id: WebhookId) -> Result<()> {
    show(app, by, id).await?;
    if app.store.delete_webhook(by.repository().id, id).await? { Ok(()) } else { Err(not_found()) }
}

/// The error for an unknown webhook.
pub(super) fn not_found() -> Error {
    Error::NotFound { noun: "webhook" }
}
