//! Deliveries: one message to one webhook, and every attempt at it. When the next one is, and when to give up.

use super::events::Event;
use super::ids::WebhookId;
use super::webhooks::{DisabledReason, FAILING_MAX, Webhook};
use jiff::{SignedDuration, Timestamp};

/// How long after each failed attempt the next one is, before chance moves it: 75 hours in all, long enough for a weekend.
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
/// The longest wait that a receiver may ask for.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// The most of an answer or an error that is kept, in characters.
const EXCERPT_MAX: usize = 500;

/// A message to a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// `msg_...`: the same for every attempt.
    pub id: String,
    /// To whom.
    pub webhook_id: WebhookId,
    /// The type of the message, such as `pipeline.success`.
    pub kind: String,
    /// The number of the event it tells; `None`: it is a test.
    pub event: Option<i64>,
    /// When its event was recorded.
    pub created_at: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// Attempts since it was made, or asked for again.
    pub attempts: u32,
    /// The last attempt that ended.
    pub last: Option<DeliveryAttempt>,
    /// What was sent; `None` before the first attempt.
    pub body: Option<String>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is sent from this time on; while an attempt is under way, when that is given up.
    Pending(Timestamp),
    /// The receiver took it.
    Delivered,
    /// Given up.
    Failed,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// When.
    pub at: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The beginning of the answer.
    pub response_body: Option<String>,
    /// Why there was none.
    pub error: Option<String>,
}

/// What there is to send.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// An event, never sent before: to be put into words.
    Event(Box<Event>),
    /// Words that are kept: every attempt sends the same bytes.
    Rendered(String),
}

/// A delivery that this process, and no other, is to attempt now.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedDelivery {
    /// Its number in the store.
    pub seq: i64,
    /// The number of this claim: no other of this delivery has it.
    pub claim: i64,
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// To whom.
    pub webhook: Webhook,
    /// The path of the webhook's repository.
    pub repository: String,
    /// What.
    pub payload: Payload,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There was an answer.
    Responded {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        body: String,
        /// How long the receiver asked us to wait.
        retry_after: Option<SignedDuration>,
    },
    /// There was none.
    Failed {
        /// Why, for people.
        error: String,
    },
}

/// What to write down after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryResult {
    /// The delivery's number in the store.
    pub seq: i64,
    /// The claim that it was made under: under a later one, whatever is written stays.
    pub claim: i64,
    /// How it stands now.
    pub state: DeliveryState,
    /// What the attempt came to.
    pub last: DeliveryAttempt,
    /// What was sent.
    pub body: String,
    /// The webhook it went to.
    pub webhook_id: WebhookId,
    /// How that stands now.
    pub health: WebhookHealth,
}

/// How a webhook stands after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookHealth {
    /// It works.
    Good,
    /// It has failed, and is tried again.
    Failing,
    /// Nothing more is sent.
    Disabled(DisabledReason),
}

impl DeliveryState {
    /// The words, in the order of the variants.
    pub const NAMES: &[&str] = &["pending", "delivered", "failed"];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending(_) => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// When the next attempt is.
    pub fn next_at(self) -> Option<Timestamp> {
        match self {
            Self::Pending(at) => Some(at),
            Self::Delivered | Self::Failed => None,
        }
    }
}

impl Outcome {
    /// The receiver took it.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Responded { status: 200..=299, .. })
    }

    fn attempt(self, at: Timestamp) -> DeliveryAttempt {
        match self {
            Self::Responded { status, body: answer, .. } => {
                DeliveryAttempt { at, status: Some(status), response_body: excerpt(&answer), error: None }
            }
            Self::Failed { error } => {
                DeliveryAttempt { at, status: None, response_body: None, error: excerpt(&error) }
            }
        }
    }
}

/// What people may see of a text that somebody else wrote: the beginning, in one line.
fn excerpt(text: &str) -> Option<String> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EXCERPT_MAX).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// The wait after attempt number `attempt`, from 1; `None`: it was the last. `random` moves it by up to a fifth either way, so that what
/// failed together does not come again together.
pub fn wait_after(attempt: u32, asked: Option<SignedDuration>, random: u32) -> Option<SignedDuration> {
    let planned = SCHEDULE.get(usize::try_from(attempt).ok()?.checked_sub(1)?)?;
    let factor = 0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX);
    let moved = SignedDuration::try_from_secs_f64(planned.as_secs_f64() * factor).unwrap_or(*planned);
    Some(asked.map_or(moved, |asked| moved.max(asked.min(WAIT_MAX))))
}

impl ClaimedDelivery {
    /// What to write down after this attempt sent `body`.
    pub fn attempt_result(
        &self,
        body: String,
        outcome: Outcome,
        now: Timestamp,
        random: u32,
    ) -> DeliveryResult {
        let gone = matches!(outcome, Outcome::Responded { status: 410, .. });
        let asked = match outcome {
            Outcome::Responded { status: 429 | 503, retry_after, .. } => retry_after,
            _ => None,
        };
        let next = wait_after(self.attempt, asked, random).and_then(|wait| now.checked_add(wait).ok());
        let state = match next {
            _ if outcome.is_success() => DeliveryState::Delivered,
            Some(next) if !gone => DeliveryState::Pending(next),
            _ => DeliveryState::Failed,
        };
        let failing_for =
            self.webhook.failing_since.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
        let health = match () {
            () if outcome.is_success() => WebhookHealth::Good,
            () if gone => WebhookHealth::Disabled(DisabledReason::Gone),
            () if failing_for >= FAILING_MAX => WebhookHealth::Disabled(DisabledReason::Failing),
            () => WebhookHealth::Failing,
        };
        DeliveryResult {
            seq: self.seq,
            claim: self.claim,
            state,
            last: outcome.attempt(now),
            body,
            webhook_id: self.webhook.id,
            health,
        }
    }
}

#[cfg(test)]
mod tests;
