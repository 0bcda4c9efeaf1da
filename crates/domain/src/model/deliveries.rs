//! A delivery: one message to one webhook with its attempts. Decides when the next attempt is and when to
//! stop.

pub mod shares;

use super::events::Event;
use super::ids::WebhookId;
use super::trusted_time::TrustedTime;
use super::webhooks::{DisabledReason, FAILING_MAX, Webhook};
use jiff::{SignedDuration, Timestamp};

/// The delay after each failed attempt, before jitter: 75 hours in total, longer than a weekend.
pub const SCHEDULE: [SignedDuration; 11] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
];
/// The longest delay that a receiver may request.
pub const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);
/// No attempt is planned later than this.
pub const DELAY_MAX: SignedDuration = SignedDuration::from_hours(25);
/// Greatest stored length of a response body or an error, in characters.
const EXCERPT_MAX: usize = 500;

/// A message to a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The id of the message, `msg_...`, the same for every attempt.
    pub id: String,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The type of the message, such as `pipeline.success`.
    pub kind: String,
    /// The number of its event; `None`: it is a test message.
    pub event: Option<i64>,
    /// The time when its event was recorded.
    pub created_at: Timestamp,
    /// The state.
    pub state: DeliveryState,
    /// The number of attempts since it was created or requeued.
    pub attempts: u32,
    /// The last finished attempt.
    pub last: Option<DeliveryAttempt>,
    /// The body that was sent; `None` before the first attempt.
    pub body: Option<String>,
}

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// The next attempt is due at this time. During an attempt, it is the expiry of the claim.
    Pending(Timestamp),
    /// The receiver accepted it.
    Delivered,
    /// It failed, and there is no further attempt.
    Failed,
}

/// A finished attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// The time of the end.
    pub at: Timestamp,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// The beginning of the response body.
    pub response_body: Option<String>,
    /// The error, if there was no response.
    pub error: Option<String>,
}

/// The content of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// An event without a stored body.
    Event(Box<Event>),
    /// The stored body: every attempt sends the same bytes.
    Rendered(String),
}

/// A delivery that this process has claimed for an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedDelivery {
    /// The row number in the store.
    pub seq: i64,
    /// The number of this claim, unique among the claims of this delivery.
    pub claim: i64,
    /// The id of the message.
    pub id: String,
    /// The type of the message.
    pub kind: String,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// The webhook.
    pub webhook: Webhook,
    /// The path of the repository of the webhook.
    pub repository: String,
    /// The content.
    pub payload: Payload,
}

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver responded.
    Responded {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        body: String,
        /// The delay that the receiver requested.
        retry_after: Option<SignedDuration>,
    },
    /// There was no response.
    Failed {
        /// The error, as text for people.
        error: String,
    },
}

/// The result of an attempt, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryResult {
    /// The row number of the delivery in the store.
    pub seq: i64,
    /// The claim of the attempt. The result is discarded when the delivery has a later claim.
    pub claim: i64,
    /// The state of the delivery after the attempt.
    pub state: DeliveryState,
    /// The attempt.
    pub last: DeliveryAttempt,
    /// The body that was sent; `None`: nothing was sent, and the stored content stays.
    pub body: Option<String>,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The state of the webhook after the attempt.
    pub health: WebhookHealth,
}

/// The state of a webhook after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookHealth {
    /// The attempt succeeded.
    Good,
    /// The attempt failed; there will be further ones.
    Failing,
    /// The webhook is disabled.
    Disabled(DisabledReason),
}

impl DeliveryState {
    /// The names of the variants, in order.
    pub const NAMES: &[&str] = &["pending", "delivered", "failed"];

    /// The name of the variant.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending(_) => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The time of the next attempt, if there is one.
    pub fn next_at(self) -> Option<Timestamp> {
        match self {
            Self::Pending(at) => Some(at),
            Self::Delivered | Self::Failed => None,
        }
    }
}

impl Outcome {
    /// True when the receiver accepted the message.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Responded { status: 200..=299, .. })
    }

    fn attempt(self, at: Timestamp) -> DeliveryAttempt {
        match self {
            Self::Responded { status, body, .. } => DeliveryAttempt::responded(at, status, &body),
            Self::Failed { error } => DeliveryAttempt::failed(at, &error),
        }
    }
}

impl DeliveryAttempt {
    /// An attempt with a response.
    pub fn responded(at: Timestamp, status: u16, body: &str) -> Self {
        Self { at, status: Some(status), response_body: excerpt(body), error: None }
    }

    /// An attempt without a response.
    pub fn failed(at: Timestamp, error: &str) -> Self {
        Self { at, status: None, response_body: None, error: excerpt(error) }
    }
}

/// The beginning of a text of the receiver, as one line without control characters.
fn excerpt(text: &str) -> Option<String> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EXCERPT_MAX).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// The delay after attempt number `attempt`, from 1; `None`: it was the last attempt. `random` adds a jitter
/// of up to a fifth in both directions, so that deliveries that failed together are not retried together.
pub fn wait_after(attempt: u32, requested: Option<SignedDuration>, random: u32) -> Option<SignedDuration> {
    let planned = SCHEDULE.get(usize::try_from(attempt).ok()?.checked_sub(1)?)?;
    let factor = 0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX);
    let delay = SignedDuration::try_from_secs_f64(planned.as_secs_f64() * factor).unwrap_or(*planned);
    Some(requested.map_or(delay, |requested| delay.max(requested.min(RETRY_AFTER_MAX))))
}

impl ClaimedDelivery {
    /// The result of this attempt, which sent `body`. A webhook is disabled by the trusted `time`.
    pub fn attempt_result(
        &self,
        body: String,
        outcome: Outcome,
        now: Timestamp,
        time: &TrustedTime,
        random: u32,
    ) -> DeliveryResult {
        let is_gone = matches!(outcome, Outcome::Responded { status: 410, .. });
        let requested = match outcome {
            Outcome::Responded { retry_after, .. } => retry_after,
            Outcome::Failed { .. } => None,
        };
        let next = wait_after(self.attempt, requested, random).and_then(|wait| now.checked_add(wait).ok());
        let state = match next {
            _ if outcome.is_success() => DeliveryState::Delivered,
            Some(next) if !is_gone => DeliveryState::Pending(next),
            _ => DeliveryState::Failed,
        };
        let is_failing_long =
            self.webhook.failing_since.is_some_and(|since| since <= time.cutoff(FAILING_MAX));
        let health = match () {
            () if outcome.is_success() => WebhookHealth::Good,
            () if is_gone => WebhookHealth::Disabled(DisabledReason::Gone),
            () if is_failing_long => WebhookHealth::Disabled(DisabledReason::Failing),
            () => WebhookHealth::Failing,
        };
        DeliveryResult {
            seq: self.seq,
            claim: self.claim,
            state,
            last: outcome.attempt(now),
            body: Some(body),
            webhook_id: self.webhook.id,
            health,
        }
    }
}

#[cfg(test)]
mod tests;
