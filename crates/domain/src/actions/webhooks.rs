//! The webhooks of a repository.

use super::access::{Granted, Manages, RequiredRole};
use super::notifications::role_of;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::ids::{UserId, WebhookId, hex};
use crate::model::roles::Role;
use crate::model::webhooks::content::Format;
use crate::model::webhooks::networks::Networks;
use crate::model::webhooks::{Secret, Webhook, WebhookChange, WebhookInput};
use crate::ports::App;
use std::collections::HashMap;

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
    let (url, topics, description) = new.check(allowed, personal)?;
    let content = new.content.check(by.caller().user.id, personal)?;
    let secret = match new.secret {
        Some(_) if !content.format.signs() => {
            return Err(Invalid::new("secret", Problem::Contradicts { other: "format" }).into());
        }
        Some(secret) => secret,
        None if content.format != Format::Signed => Secret::stored(Vec::new()),
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

/// The names of the users by whose rights these webhooks send messages for people.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn owners(
    app: &App,
    _by: &Granted<Manages>,
    webhooks: &[Webhook],
) -> Result<HashMap<UserId, String>> {
    let mut names = HashMap::new();
    for id in webhooks.iter().filter_map(|webhook| webhook.content.creator) {
        if !names.contains_key(&id)
            && let Some(user) = app.store.user(id).await?
        {
            names.insert(id, user.name);
        }
    }
    Ok(names)
}

/// The user of a name, to whom a webhook may be given: one who manages the repository.
///
/// # Errors
/// [`Error::Invalid`] with [`Problem::NotManager`] on `owner`.
pub async fn manager(app: &App, by: &Granted<Manages>, name: &str) -> Result<UserId> {
    let refused = || Invalid::new("owner", Problem::NotManager);
    let (user, _) = app.store.user_by_name(name).await?.ok_or_else(refused)?;
    match role_of(app, user.id, by.repository().id).await? {
        Some(Role::Manage) => Ok(user.id),
        _ => Err(refused().into()),
    }
}

/// Changes a webhook. A webhook that is enabled again receives its pending deliveries.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field, or with [`Problem::NoAccess`] on `disabled` if it is enabled while its user
/// may not read the repository; [`Error::NotFound`].
pub async fn change(
    app: &App,
    by: &Granted<Manages>,
    allowed: &Networks,
    id: WebhookId,
    change: WebhookChange,
) -> Result<Webhook> {
    change.check(allowed)?;
    // A subscription of a user has an id of the same kind.
    let content = show(app, by, id).await?.content;
    let reader = content.reader().map(|reader| change.owner.unwrap_or(reader));
    if change.disabled == Some(false)
        && let Some(reader) = reader
        && role_of(app, reader, by.repository().id).await?.is_none()
    {
        return Err(Invalid::new("disabled", Problem::NoAccess).into());
    }
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
