//! Deliveries to webhooks: listing, testing and redelivering them, and sending them from the server.

use super::access::{Granted, Manages};
use super::webhooks::not_found;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::deliveries::shares::ClaimLimits;
use crate::model::deliveries::{
    ClaimedDelivery, DELAY_MAX, Delivery, DeliveryAttempt, DeliveryResult, DeliveryState, Outcome,
    WebhookHealth,
};
use crate::model::ids::{WebhookId, hex};
use crate::model::webhooks::{DisabledReason, Webhook};
use crate::ports::{App, NewDelivery};
use jiff::{SignedDuration, Timestamp};

/// The type of a test message.
pub const TEST_KIND: &str = "webhook.test";
/// The duration of a claim. It is longer than an attempt may take, so a claim expires only when its server
/// has failed.
pub const LEASE: SignedDuration = SignedDuration::from_secs(25);
/// How long deliveries are stored.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// At most `limit` deliveries of a webhook that are older than `before`, newest first, without bodies.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    by: &Granted<Manages>,
    webhook: WebhookId,
    before: Option<String>,
    limit: u32,
) -> Result<Vec<Delivery>> {
    super::webhooks::show(app, by, webhook).await?;
    app.store.deliveries(by.repository().id, webhook, before, limit).await
}

/// One delivery with its body.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, by: &Granted<Manages>, webhook: WebhookId, id: &str) -> Result<Delivery> {
    super::webhooks::show(app, by, webhook).await?;
    app.store.delivery(by.repository().id, webhook, id).await?.ok_or(Error::NotFound { noun: "delivery" })
}

/// Sends a test message. `body` makes its body for the webhook and the time of creation.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`].
pub async fn test(
    app: &App,
    by: &Granted<Manages>,
    webhook: WebhookId,
    body: impl FnOnce(&Webhook, Timestamp) -> Result<String>,
) -> Result<Delivery> {
    let to = enabled(app, by, webhook).await?;
    let created_at = app.clock.now();
    let id = format!("msg_{}", hex(&app.random::<16>()?));
    let new = NewDelivery { id, kind: TEST_KIND.to_owned(), body: body(&to, created_at)?, created_at };
    app.store.add_delivery(by.repository().id, webhook, new).await?.ok_or_else(not_found)
}

/// Sends a delivery again, whatever its state, with the same id and the same body.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`].
pub async fn redeliver(app: &App, by: &Granted<Manages>, webhook: WebhookId, id: &str) -> Result<Delivery> {
    enabled(app, by, webhook).await?;
    let requeued = app.store.requeue_delivery(by.repository().id, webhook, id, app.clock.now()).await?;
    requeued.ok_or(Error::NotFound { noun: "delivery" })
}

async fn enabled(app: &App, by: &Granted<Manages>, webhook: WebhookId) -> Result<Webhook> {
    let webhook = super::webhooks::show(app, by, webhook).await?;
    match webhook.disabled {
        None => Ok(webhook),
        Some(_) => Err(Invalid::new("webhook_id", Problem::Disabled).into()),
    }
}

/// Claims due deliveries for the duration of [`LEASE`]. `in_progress`: the number of attempts that the server makes now.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn claim(app: &App, in_progress: u32) -> Result<Vec<ClaimedDelivery>> {
    let now = app.clock.now();
    let until = now.checked_add(LEASE).unwrap_or(now);
    app.store.claim_deliveries(now, until, ClaimLimits::of_server(in_progress)).await
}

/// Saves the result of an attempt.
///
/// # Errors
/// [`Error::Unavailable`]: the delivery is attempted again after the claim expired.
pub async fn record_result(
    app: &App,
    claimed: &ClaimedDelivery,
    body: String,
    outcome: Outcome,
) -> Result<DeliveryResult> {
    let random = u32::from_ne_bytes(app.random()?);
    let result = claimed.attempt_result(body, outcome, app.clock.now(), &app.trusted_time(), random);
    app.store.record_delivery_result(result.clone()).await?;
    Ok(result)
}

/// Deletes a claimed delivery that is no news.
///
/// # Errors
/// [`Error::Unavailable`]: it is claimed again after the claim expired.
pub async fn discard(app: &App, claimed: &ClaimedDelivery) -> Result<()> {
    app.store.discard_delivery(claimed.seq, claimed.claim).await
}

/// Saves that a delivery is not sent, because the owner of the webhook may not read the repository, and disables the
/// webhook. The content stays, so that the delivery can be sent again for another owner.
///
/// # Errors
/// [`Error::Unavailable`]: it is decided again after the claim expired.
pub async fn refuse(app: &App, claimed: &ClaimedDelivery) -> Result<DeliveryResult> {
    let error = "not sent: the owner of the webhook may not read the repository";
    let result = DeliveryResult {
        seq: claimed.seq,
        claim: claimed.claim,
        state: DeliveryState::Failed,
        last: DeliveryAttempt::failed(app.clock.now(), error),
        body: None,
        webhook_id: claimed.webhook.id,
        health: WebhookHealth::Disabled(DisabledReason::NoAccess),
    };
    app.store.record_delivery_result(result.clone()).await?;
    Ok(result)
}

/// Makes deliveries due that a wrong clock has planned later than any rule does. Returns how many. The server
/// calls it periodically.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn bring_forward(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let latest = now.checked_add(DELAY_MAX).unwrap_or(now);
    app.store.bring_forward_deliveries(latest, now).await
}

/// Deletes the deliveries that are older than [`RETENTION`], in small steps. Returns how many.
///
/// # Errors
/// [`Error::Unavailable`]; earlier steps stay committed.
pub async fn delete_old(app: &App) -> Result<u64> {
    let before = app.trusted_time().cutoff(RETENTION);
    let mut total = 0;
    loop {
        let deleted = app.store.delete_old_deliveries(before).await?;
        total += deleted;
        if deleted == 0 {
            return Ok(total);
        }
    }
}
