//! Sends webhooks: claims due deliveries, sends them and stores the results. Every server of a store runs it;
//! a delivery is claimed by one server at a time.

use super::background::Background;
use super::http_client::PermittedClient;
use domain::actions::deliveries;
use domain::actions::notifications::{self, Decision};
use domain::model::deliveries::shares::ATTEMPTS_MAX;
use domain::model::deliveries::{ClaimedDelivery, DeliveryState, Outcome, WebhookHealth};
use domain::model::webhooks::networks::Networks;
use domain::{App, Error, Timestamp};
use edge::OutgoingMessage;
use reqwest::Method;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The timeout of an attempt, from the name lookup to the end of the response.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How often due deliveries are polled, including those that another server has left.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often storing a result is tried, and the pause between two tries.
const STORE_TRIES: u32 = 5;
const STORE_RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Starts the sender. `allowed` are the permitted networks besides the public ones; messages for people link to
/// pages below `public_url`. An attempt that the server's stop interrupts is repeated with the same id.
pub fn start(app: App, allowed: Networks, public_url: Option<String>) -> Background {
    for outcome in ["delivered", "retried", "failed"] {
        attempt_counter(outcome).increment(0);
    }
    for reason in ["gone", "failing", "no_access"] {
        metrics::counter!("stagepost_webhooks_disabled_total", "reason" => reason).increment(0);
    }
    let client = PermittedClient::new(allowed, TIMEOUT);
    let sender = Arc::new(Sender { app, client, public_url });
    Background::start(|stopped| run(sender, stopped))
}

/// What every attempt needs.
struct Sender {
    app: App,
    client: PermittedClient,
    public_url: Option<String>,
}

async fn run(sender: Arc<Sender>, mut stopped: watch::Receiver<()>) {
    let app = &sender.app;
    let in_progress = metrics::gauge!("stagepost_webhook_attempts_under_way");
    let mut attempts = JoinSet::new();
    loop {
        if attempts.len() < ATTEMPTS_MAX as usize {
            match deliveries::claim(app, u32::try_from(attempts.len()).unwrap_or(u32::MAX)).await {
                Ok(claimed) => claimed.into_iter().for_each(|claimed| {
                    attempts.spawn(attempt(Arc::clone(&sender), claimed));
                }),
                // The integrity check has logged it.
                Err(Error::Damaged) => {}
                Err(error) => tracing::warn!(%error, "cannot read due webhook deliveries; retrying"),
            }
        }
        in_progress.set(attempts.len() as f64);
        tokio::select! {
            _ = stopped.changed() => break,
            () = app.store.wait_for_delivery() => {}
            Some(_) = attempts.join_next() => while attempts.try_join_next().is_some() {},
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
    while attempts.join_next().await.is_some() {}
}

/// Decides whether a delivery is sent, and sends it.
async fn attempt(sender: Arc<Sender>, claimed: ClaimedDelivery) {
    let app = &sender.app;
    let delivery = &claimed.id;
    let notification = match notifications::decide(app, &claimed).await {
        Ok(Decision::Send) => None,
        Ok(Decision::Notify(notification)) => Some(notification),
        Ok(Decision::Discard) => {
            if let Err(error) = deliveries::discard(app, &claimed).await {
                tracing::warn!(delivery, %error, "cannot delete a webhook delivery; retrying");
            }
            return;
        }
        Ok(Decision::Refuse) => return refuse(app, &claimed).await,
        Err(error) => {
            return tracing::warn!(delivery, %error, "cannot decide about a webhook delivery; retrying");
        }
    };
    let public_url = sender.public_url.as_deref();
    let message = match edge::outgoing_message(&claimed, notification.as_deref(), public_url, app.clock.now())
    {
        Ok(message) => message,
        Err(error) => {
            return tracing::error!(delivery = claimed.id, %error, "cannot create the message of a webhook delivery");
        }
    };
    let start = Instant::now();
    let outcome = send(&sender.client, &claimed, &message, app.clock.now()).await;
    metrics::histogram!("stagepost_webhook_attempt_seconds").record(start.elapsed().as_secs_f64());
    for remaining_tries in (0..STORE_TRIES).rev() {
        match deliveries::record_result(app, &claimed, message.stored.clone(), outcome.clone()).await {
            Ok(stored) => return report(&claimed, stored.state, stored.health, stored.last.status),
            Err(Error::Overloaded | Error::Unavailable(_)) if remaining_tries > 0 => {
                tokio::time::sleep(STORE_RETRY_PAUSE).await;
            }
            Err(error) => {
                let delivery = &claimed.id;
                tracing::warn!(delivery, %error, "cannot store the result of a webhook attempt; it will be repeated");
                return;
            }
        }
    }
}

async fn refuse(app: &App, claimed: &ClaimedDelivery) {
    match deliveries::refuse(app, claimed).await {
        Ok(stored) => report(claimed, stored.state, stored.health, None),
        Err(error) => {
            tracing::warn!(delivery = claimed.id, %error, "cannot store that a webhook delivery is not sent; retrying");
        }
    }
}

async fn send(
    client: &PermittedClient,
    claimed: &ClaimedDelivery,
    message: &OutgoingMessage,
    now: Timestamp,
) -> Outcome {
    let mut headers = message.headers.clone();
    headers.push(("content-type", "application/json".to_owned()));
    match client.send(Method::POST, &message.url, &headers, Some(message.body.clone()), now).await {
        Ok(received) => {
            let is_success = (200..300).contains(&received.status);
            let format = claimed.webhook.content.format;
            let received_body = match format.is_chat() {
                true => edge::without_credentials(&message.url, &received.body),
                false => received.body,
            };
            // A chat system answers with 200 and a code.
            match edge::chat_refusal(format, &received_body).filter(|_| is_success) {
                Some(error) => Outcome::Failed { error },
                None => Outcome::Responded {
                    status: received.status,
                    body: received_body,
                    retry_after: received.retry_after,
                },
            }
        }
        Err(error) => Outcome::Failed { error },
    }
}

/// Counts and logs an attempt. The receiver's response is not logged; only managers of the repository may
/// read it.
fn report(claimed: &ClaimedDelivery, state: DeliveryState, health: WebhookHealth, status: Option<u16>) {
    let outcome = match state {
        DeliveryState::Delivered => "delivered",
        DeliveryState::Pending(_) => "retried",
        DeliveryState::Failed => "failed",
    };
    attempt_counter(outcome).increment(1);
    let (delivery, webhook, attempt) = (&claimed.id, claimed.webhook.id, claimed.attempt);
    let repository = claimed.webhook.repository_id;
    tracing::debug!(%repository, %webhook, delivery, attempt, status, outcome, "webhook attempt finished");
    if let WebhookHealth::Disabled(reason) = health {
        let reason = reason.as_str();
        metrics::counter!("stagepost_webhooks_disabled_total", "reason" => reason).increment(1);
        tracing::warn!(%repository, %webhook, delivery, reason, "webhook disabled");
    }
}

fn attempt_counter(outcome: &'static str) -> metrics::Counter {
    metrics::counter!("stagepost_webhook_attempts_total", "outcome" => outcome)
}
