//! The sender of webhooks: takes what is due, attempts it, and writes down how that went. Any server of a store may; what one has taken no
//! other is given.

mod outbound;

use super::background::Background;
use domain::actions::deliveries;
use domain::model::deliveries::{ClaimedDelivery, DeliveryState, WebhookHealth};
use domain::model::webhooks::networks::Networks;
use domain::{App, Error};
use outbound::Outbound;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Attempts under way at once, to whomever.
const MOST: usize = 128;
/// How often it is looked for what became due, or what another server left.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Tries to write an outcome down, and the pause between.
const SETTLE_TRIES: u32 = 5;
const SETTLE_PAUSE: Duration = Duration::from_millis(500);

/// Starts it. `allowed` are the networks beside the public ones that it may reach. An attempt that is cut off when the server stops is made again,
/// under the same id.
pub fn start(app: App, allowed: Networks) -> Background {
    for outcome in ["delivered", "retried", "failed"] {
        attempts(outcome).increment(0);
    }
    for why in ["gone", "failing"] {
        metrics::counter!("stagepost_webhooks_disabled_total", "why" => why).increment(0);
    }
    let outbound = Arc::new(Outbound::new(allowed));
    Background::start(|stopped| run(app, outbound, stopped))
}

async fn run(app: App, outbound: Arc<Outbound>, mut stopped: watch::Receiver<()>) {
    let under_way = metrics::gauge!("stagepost_webhook_attempts_under_way");
    let mut attempts = JoinSet::new();
    loop {
        let room = MOST.saturating_sub(attempts.len());
        if room > 0 {
            match deliveries::claim(&app, u32::try_from(room).unwrap_or(u32::MAX)).await {
                Ok(claimed) => claimed.into_iter().for_each(|claimed| {
                    attempts.spawn(attempt(app.clone(), Arc::clone(&outbound), claimed));
                }),
                Err(error) => tracing::warn!(%error, "webhooks wait: what is due cannot be read"),
            }
        }
        under_way.set(attempts.len() as f64);
        tokio::select! {
            _ = stopped.changed() => break,
            () = app.store.wait_for_delivery() => {}
            Some(_) = attempts.join_next() => while attempts.try_join_next().is_some() {},
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    while attempts.join_next().await.is_some() {}
}

async fn attempt(app: App, outbound: Arc<Outbound>, claimed: ClaimedDelivery) {
    let message = match edge::signed_message(&claimed, app.clock.now()) {
        Ok(message) => message,
        Err(error) => {
            return tracing::error!(delivery = claimed.id, %error, "a webhook cannot be put into words");
        }
    };
    let began = Instant::now();
    let outcome = outbound.send(&claimed.webhook.url, &message).await;
    metrics::histogram!("stagepost_webhook_attempt_seconds").record(began.elapsed().as_secs_f64());
    for left in (0..SETTLE_TRIES).rev() {
        match deliveries::record_result(&app, &claimed, message.body.clone(), outcome.clone()).await {
            Ok(settled) => return tell(&claimed, settled.state, settled.health, settled.last.status),
            Err(Error::Overloaded | Error::Unavailable(_)) if left > 0 => {
                tokio::time::sleep(SETTLE_PAUSE).await;
            }
            Err(error) => {
                let delivery = &claimed.id;
                tracing::warn!(delivery, %error, "how a webhook went cannot be written down; it is sent again");
                return;
            }
        }
    }
}

/// What an operator sees of an attempt. The answer itself is for who manages the repository.
fn tell(claimed: &ClaimedDelivery, state: DeliveryState, health: WebhookHealth, status: Option<u16>) {
    let outcome = match state {
        DeliveryState::Delivered => "delivered",
        DeliveryState::Pending(_) => "retried",
        DeliveryState::Failed => "failed",
    };
    attempts(outcome).increment(1);
    let (delivery, webhook, attempt) = (&claimed.id, claimed.webhook.id, claimed.attempt);
    let repository = claimed.webhook.repository_id;
    tracing::debug!(%repository, %webhook, delivery, attempt, status, outcome, "a webhook was attempted");
    if let WebhookHealth::Disabled(why) = health {
        let why = why.as_str();
        metrics::counter!("stagepost_webhooks_disabled_total", "why" => why).increment(1);
        tracing::warn!(%repository, %webhook, delivery, why, "a webhook was disabled");
    }
}

fn attempts(outcome: &'static str) -> metrics::Counter {
    metrics::counter!("stagepost_webhook_attempts_total", "outcome" => outcome)
}
