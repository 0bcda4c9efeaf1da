//! Webhooks: where a repository's events are sent, which of them, and signed with what.

pub mod networks;
pub mod urls;

use super::events::{Change, Event};
use super::ids::{RepositoryId, WebhookId};
use super::text;
use crate::error::{Invalid, Problem};
use jiff::{SignedDuration, Timestamp};
use networks::Networks;

/// Most webhooks of one repository.
pub const WEBHOOKS_MAX: usize = 20;
/// How long a secret that was replaced still signs, so that a receiver can change over.
pub const OLD_SECRET_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// A webhook that fails for so long without one success is disabled.
pub const FAILING_MAX: SignedDuration = SignedDuration::from_hours(5 * 24);

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its number, unique in the installation.
    pub id: WebhookId,
    /// Whose events.
    pub repository_id: RepositoryId,
    /// 16 random hexadecimal digits that the ids of its messages begin with.
    pub tag: String,
    /// Where they go.
    pub url: String,
    /// A line for people.
    pub description: Option<String>,
    /// Which of them.
    pub topics: EventTopics,
    /// What they are signed with.
    pub secret: Secret,
    /// The secret before, and until when it signs as well.
    pub old_secret: Option<(Secret, Timestamp)>,
    /// Since when, and why, nothing is sent.
    pub disabled: Option<(Timestamp, DisabledReason)>,
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which events are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventTopics {
    /// A pipeline was made, or its status moved.
    pub pipelines: bool,
    /// An attempt was made, or changed.
    pub jobs: bool,
}

/// The key of a webhook's signatures, kept readable: an HMAC cannot be made with a digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Why nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledReason {
    /// Somebody switched it off.
    Manual,
    /// The receiver answered 410 Gone.
    Gone,
    /// Every attempt failed for [`FAILING_MAX`].
    Failing,
}

/// A webhook as it is asked for.
#[derive(Debug, Clone)]
pub struct WebhookInput {
    /// Where.
    pub url: String,
    /// Which events: words of [`Wants::WORDS`].
    pub events: Vec<String>,
    /// A line for people.
    pub description: Option<String>,
    /// A secret to keep; else a random one.
    pub secret: Option<Secret>,
}

/// What to change of a webhook; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// Where.
    pub url: Option<String>,
    /// Which events.
    pub topics: Option<EventTopics>,
    /// A line for people; empty: none.
    pub description: Option<String>,
    /// Switch it off or on again.
    pub disabled: Option<bool>,
    /// A new secret. The one before signs as well for [`OVERLAP`].
    pub secret: Option<Secret>,
}

/// What an event is to a webhook: the part of its type before the dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventTopic {
    /// The pipeline's status moved.
    Pipeline,
    /// An attempt changed.
    Job,
}

impl EventTopics {
    /// The words for them.
    pub const NAMES: &[&str] = &["pipeline", "job"];

    /// Reads the words.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`] or, with none, [`Problem::Missing`].
    pub fn parse(field: &str, words: &[String]) -> Result<Self, Invalid> {
        let mut wants = Self::default();
        for word in words {
            match word.as_str() {
                "pipeline" => wants.pipelines = true,
                "job" => wants.jobs = true,
                _ => return Err(Invalid::new(field, Problem::NotOneOf { allowed: Self::NAMES })),
            }
        }
        if wants == Self::default() { Err(Invalid::new(field, Problem::Missing)) } else { Ok(wants) }
    }

    /// The words, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .iter()
            .copied()
            .zip([self.pipelines, self.jobs])
            .filter_map(|(word, on)| on.then_some(word))
    }

    /// What to send of an event. Of imports and of what is taken away nothing is: that is no news of a build system.
    pub fn matching(self, event: &Event) -> impl Iterator<Item = EventTopic> {
        let job = matches!(event.change, Change::Job(_));
        let pipeline =
            (self.pipelines && job && event.changes_pipeline_status()).then_some(EventTopic::Pipeline);
        pipeline.into_iter().chain((self.jobs && job).then_some(EventTopic::Job))
    }
}

impl EventTopic {
    /// The type of the message, such as `pipeline.success` or `job.running`.
    pub fn kind(self, event: &Event) -> String {
        match (self, &event.change) {
            (Self::Job, Change::Job(job)) => format!("job.{}", job.status.as_str()),
            _ => format!("pipeline.{}", event.pipeline.status.as_str()),
        }
    }

    /// The id of the message: the same for every attempt at it, and for no other message, also of another installation.
    pub fn message_id(self, tag: &str, event: &Event) -> String {
        let last = match self {
            Self::Pipeline => 'p',
            Self::Job => 'j',
        };
        // The time, because an older copy of the data may be put back, and the same number be given again.
        format!("msg_{tag}{:011x}{:x}{last}", event.at.as_millisecond().unsigned_abs(), event.number)
    }
}

impl Secret {
    /// 24 to 64 bytes, as Standard Webhooks wants them.
    ///
    /// # Errors
    /// [`Problem::NotSecret`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, Invalid> {
        if (24..=64).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(Invalid::new("secret", Problem::NotSecret))
        }
    }

    /// From as much randomness as an HMAC-SHA256 can use.
    pub fn random(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl DisabledReason {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Manual, Self::Gone, Self::Failing].into_iter().find(|why| why.as_str() == word)
    }
}

impl WebhookInput {
    /// The webhook, all but its secret and what the store and chance decide, checked.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self, allowed: &Networks) -> Result<(String, EventTopics, Option<String>), Invalid> {
        urls::check("url", &self.url, allowed)?;
        let wants = EventTopics::parse("events", &self.events)?;
        Ok((self.url.clone(), wants, description(self.description.as_deref())?))
    }
}

impl WebhookChange {
    /// # Errors
    /// Names the field.
    pub fn check(&self, allowed: &Networks) -> Result<(), Invalid> {
        if let Some(url) = &self.url {
            urls::check("url", url, allowed)?;
        }
        description(self.description.as_deref()).map(drop)
    }

    /// Makes the change.
    pub fn apply(&self, webhook: &mut Webhook, now: Timestamp) {
        if let Some(url) = &self.url
            && *url != webhook.url
        {
            webhook.url = url.clone();
            webhook.failing_since = None;
        }
        if let Some(wants) = self.topics {
            webhook.topics = wants;
        }
        if let Some(text) = &self.description {
            webhook.description = Some(text.clone()).filter(|text| !text.is_empty());
        }
        match self.disabled {
            Some(true) if webhook.disabled.is_none() => {
                webhook.disabled = Some((now, DisabledReason::Manual))
            }
            Some(false) => {
                webhook.disabled = None;
                webhook.failing_since = None;
            }
            _ => {}
        }
        if let Some(secret) = &self.secret {
            let until = now.checked_add(OLD_SECRET_LIFETIME).unwrap_or(now);
            let old = std::mem::replace(&mut webhook.secret, secret.clone());
            webhook.old_secret = Some((old, until));
        }
    }
}

impl Webhook {
    /// The secrets that sign now, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let old = self.old_secret.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(old)
    }
}

fn description(text: Option<&str>) -> Result<Option<String>, Invalid> {
    let text = text.map(|text| text::within("description", text, text::NAME_MAX)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests;
