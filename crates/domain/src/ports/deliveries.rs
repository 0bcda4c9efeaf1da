//! Deliveries to webhooks. Those of an event are written by the commit that writes the event.

use crate::error::Result;
use crate::model::deliveries::{ClaimedDelivery, Delivery, DeliveryResult};
use crate::model::ids::{RepositoryId, WebhookId};
use async_trait::async_trait;
use jiff::Timestamp;

/// A delivery that no event makes.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Its body.
    pub body: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Deliveries to webhooks.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Adds a delivery, due at once. `None`: the repository has no such webhook.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn add_delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        new: NewDelivery,
    ) -> Result<Option<Delivery>>;
    /// The deliveries of a webhook, the newest first, without their bodies: those older than the one with the id `before`, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn deliveries(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        before: Option<String>,
        limit: u32,
    ) -> Result<Vec<Delivery>>;
    /// One delivery, whole.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        id: &str,
    ) -> Result<Option<Delivery>>;
    /// Makes a delivery due at once, its attempts counted from the first again. One that is being attempted stays as it is. `None`: there is
    /// none of this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn requeue_delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Delivery>>;
    /// Claims deliveries that are due at `now`, of webhooks that are not disabled: nobody else is given them before `until`. Of each webhook
    /// at most `each` are under way at a time, and one where it is failing; at most `limit` are claimed. Their attempts are counted.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn claim_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        each: u32,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>>;
    /// Writes down what an attempt came to. False: it was claimed again since, asked for again, or forgotten, and stays as it is.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn record_delivery_result(&self, settlement: DeliveryResult) -> Result<bool>;
    /// Waits until this process commits a delivery that is due at once. May return early; others' are found by asking now and then.
    async fn wait_for_delivery(&self);
    /// Deletes some of the deliveries that were made, or asked for again, before `before`. Answers how many.
    ///
    /// # Errors
    /// As writes.
    async fn delete_old_deliveries(&self, before: Timestamp) -> Result<u64>;
}
