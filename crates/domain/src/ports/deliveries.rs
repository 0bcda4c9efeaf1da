//! Deliveries to webhooks. The transaction that writes an event also writes its deliveries.

use crate::error::Result;
use crate::model::deliveries::shares::ClaimLimits;
use crate::model::deliveries::{ClaimedDelivery, Delivery, DeliveryResult};
use crate::model::ids::{RepositoryId, WebhookId};
use async_trait::async_trait;
use jiff::Timestamp;

/// A delivery without an event.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// The id of the message.
    pub id: String,
    /// The type of the message.
    pub kind: String,
    /// The body of the message.
    pub body: String,
    /// The time of creation.
    pub created_at: Timestamp,
}

/// Deliveries to webhooks.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Adds a delivery that is due immediately. `None`: the repository has no such webhook.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn add_delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        new: NewDelivery,
    ) -> Result<Option<Delivery>>;
    /// The deliveries of a webhook without their bodies, newest first: at most `limit`, older than the
    /// delivery with the id `before`.
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
    /// One delivery with its body.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        id: &str,
    ) -> Result<Option<Delivery>>;
    /// Makes a delivery due immediately and counts its attempts from 1 again. A delivery with an attempt in
    /// progress does not change. `None`: the webhook has no such delivery.
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
    /// Claims deliveries that are due at `now`, of webhooks that are not disabled, and counts their attempts. No
    /// other call claims them before `until`. [`share`](crate::model::deliveries::shares::share) decides how many
    /// of each webhook; of a webhook, those that are due for the longest time come first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn claim_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limits: ClaimLimits,
    ) -> Result<Vec<ClaimedDelivery>>;
    /// Saves the result of an attempt. False, and nothing changes, when the delivery was claimed again,
    /// requeued or deleted since the claim.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn record_delivery_result(&self, result: DeliveryResult) -> Result<bool>;
    /// Deletes a claimed delivery that is not to be sent, unless it was claimed again since.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn discard_delivery(&self, seq: i64, claim: i64) -> Result<()>;
    /// Waits until this process commits a delivery that is due immediately. It may return early. Deliveries
    /// of other processes are found by polling.
    async fn wait_for_delivery(&self);
    /// Makes pending deliveries due at `now` that would be due, or whose claim would expire, only after `latest`.
    /// Returns how many.
    ///
    /// # Errors
    /// As [`Deliveries::add_delivery`].
    async fn bring_forward_deliveries(&self, latest: Timestamp, now: Timestamp) -> Result<u64>;
    /// Deletes some of the deliveries that were created or requeued before `before`. Returns how many.
    ///
    /// # Errors
    /// As [`Deliveries::add_delivery`].
    async fn delete_old_deliveries(&self, before: Timestamp) -> Result<u64>;
}
