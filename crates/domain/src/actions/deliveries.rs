//! Deliveries: what a repository's managers see of them and ask again, and what the server does by itself.

use super::access::{Granted, Manages};
use super::webhooks::absent;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::deliveries::{ClaimedDelivery, Delivery, DeliveryResult, Outcome};
use crate::model::ids::{WebhookId, hex};
use crate::ports::{App, NewDelivery};
use jiff::{SignedDuration, Timestamp};

/// The type of a test's message.
pub const TEST_KIND: &str = "webhook.test";
/// How long a claim holds: longer than an attempt may take, so that only a server that died lets one end.
pub const LEASE: SignedDuration = SignedDuration::from_secs(25);
/// Attempts under way at one webhook.
pub const IN_FLIGHT_MAX: u32 = 8;
/// How long deliveries are kept.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The deliveries of a webhook, the newest first, without bodies: those older than `before`, at most `limit`.
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

/// One of them, whole.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, by: &Granted<Manages>, webhook: WebhookId, id: &str) -> Result<Delivery> {
    app.store.delivery(by.repository().id, webhook, id).await?.ok_or(Error::NotFound { noun: "delivery" })
}

/// Sends a message that only says that it is a test. `body` puts it into words, given its time.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`].
pub async fn test(
    app: &App,
    by: &Granted<Manages>,
    webhook: WebhookId,
    body: impl FnOnce(Timestamp) -> Result<String>,
) -> Result<Delivery> {
    enabled(app, by, webhook).await?;
    let created_at = app.clock.now();
    let id = format!("msg_{}", hex(&app.random::<16>()?));
    let new = NewDelivery { id, kind: TEST_KIND.to_owned(), body: body(created_at)?, created_at };
    app.store.add_delivery(by.repository().id, webhook, new).await?.ok_or_else(absent)
}

/// Sends a delivery again, whatever came of it: the same id, the same bytes.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`].
pub async fn redeliver(app: &App, by: &Granted<Manages>, webhook: WebhookId, id: &str) -> Result<Delivery> {
    enabled(app, by, webhook).await?;
    let again = app.store.requeue_delivery(by.repository().id, webhook, id, app.clock.now()).await?;
    again.ok_or(Error::NotFound { noun: "delivery" })
}

async fn enabled(app: &App, by: &Granted<Manages>, webhook: WebhookId) -> Result<()> {
    match super::webhooks::show(app, by, webhook).await?.disabled {
        None => Ok(()),
        Some(_) => Err(Invalid::new("webhook_id", Problem::Disabled).into()),
    }
}

/// What is due now, at most `limit`: for this server, and for no other until [`LEASE`] is over.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn claim(app: &App, limit: u32) -> Result<Vec<ClaimedDelivery>> {
    let now = app.clock.now();
    let until = now.checked_add(LEASE).unwrap_or(now);
    app.store.claim_deliveries(now, until, IN_FLIGHT_MAX, limit).await
}

/// Writes down what an attempt came to.
///
/// # Errors
/// [`Error::Unavailable`]: the delivery is attempted again when the claim is over.
pub async fn record_result(
    app: &App,
    claimed: &ClaimedDelivery,
    body: String,
    outcome: Outcome,
) -> Result<DeliveryResult> {
    let random = u32::from_ne_bytes(app.random()?);
    let settlement = claimed.attempt_result(body, outcome, app.clock.now(), random);
    app.store.record_delivery_result(settlement.clone()).await?;
    Ok(settlement)
}

/// Deletes the deliveries that were made longer ago than [`KEPT`], in small steps. Says how many.
///
/// # Errors
/// [`Error::Unavailable`]; what was deleted before it stays deleted.
pub async fn delete_old(app: &App) -> Result<u64> {
    let before = app.clock.now().checked_sub(RETENTION).unwrap_or(Timestamp::MIN);
    let mut all = 0;
    loop {
        let forgotten = app.store.delete_old_deliveries(before).await?;
        all += forgotten;
        if forgotten == 0 {
            return Ok(all);
        }
    }
}
