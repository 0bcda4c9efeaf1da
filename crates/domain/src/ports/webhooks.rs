//! Webhooks.

use crate::error::Result;
use crate::model::ids::{RepositoryId, WebhookId};
use crate::model::webhooks::{Webhook, WebhookChange};
use async_trait::async_trait;
use jiff::Timestamp;

/// Webhooks.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Keeps a webhook; its `id` is the store's to give.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`TooMany`](crate::error::Problem::TooMany) naming `webhooks` where its repository has
    /// [`WEBHOOKS_MAX`](crate::model::webhooks::WEBHOOKS_MAX).
    async fn create_webhook(&self, webhook: Webhook) -> Result<Webhook>;
    /// The webhooks of a repository, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn webhooks(&self, repository: RepositoryId) -> Result<Vec<Webhook>>;
    /// Makes a change to what is kept. `None`: the repository has none of this number.
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
    /// Takes a webhook away; nothing that waits is sent any more. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_webhook(&self, repository: RepositoryId, id: WebhookId) -> Result<bool>;
}
