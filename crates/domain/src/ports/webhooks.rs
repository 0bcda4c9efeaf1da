//! Webhooks.

use crate::error::Result;
use crate::model::ids::{RepositoryId, UserId, WebhookId};
use crate::model::webhooks::{Webhook, WebhookChange};
use async_trait::async_trait;
use jiff::Timestamp;

/// Reads and writes webhooks.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Saves a webhook. The store assigns its `id`.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`TooMany`](crate::error::Problem::TooMany) on
    /// `webhooks` when its repository has [`WEBHOOKS_MAX`](crate::model::webhooks::WEBHOOKS_MAX). On
    /// `subscriptions` when it is a subscription, and its user or all users of the repository have too many.
    async fn create_webhook(&self, webhook: Webhook) -> Result<Webhook>;
    /// The webhooks of a repository without the subscriptions of users, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn webhooks(&self, repository: RepositoryId) -> Result<Vec<Webhook>>;
    /// The subscriptions of a user, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn subscriptions(&self, user: UserId) -> Result<Vec<Webhook>>;
    /// Changes a webhook. `None`: the repository has no such webhook.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn change_webhook(
        &self,
        repository: RepositoryId,
        id: WebhookId,
        change: WebhookChange,
        now: Timestamp,
    ) -> Result<Option<Webhook>>;
    /// Deletes a webhook and its pending deliveries. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_webhook(&self, repository: RepositoryId, id: WebhookId) -> Result<bool>;
}
