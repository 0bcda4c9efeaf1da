//! Webhooks: receivers of the events of a repository, with topics and secrets.

pub mod content;
pub mod networks;
pub mod urls;

use super::events::{Change, Event, PipelineChange};
use super::ids::{RepositoryId, UserId, WebhookId};
use super::text;
use crate::error::{Invalid, Problem};
use content::{Content, ContentInput, Format};
use jiff::{SignedDuration, Timestamp};
use networks::Networks;

/// Most webhooks of one repository.
pub const WEBHOOKS_MAX: usize = 20;
/// Most subscriptions of one user.
pub const SUBSCRIPTIONS_MAX: usize = 50;
/// Most subscriptions of all users in one repository.
pub const REPOSITORY_SUBSCRIPTIONS_MAX: usize = 500;
/// How long a replaced secret also signs, so that the receiver can switch to the new one.
pub const OLD_SECRET_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// A webhook is disabled when all attempts fail for this time.
pub const FAILING_MAX: SignedDuration = SignedDuration::from_hours(5 * 24);

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The id, unique in the installation.
    pub id: WebhookId,
    /// The repository whose events it receives.
    pub repository_id: RepositoryId,
    /// 16 random hexadecimal digits that are part of the ids of its messages.
    pub tag: String,
    /// The URL of the receiver.
    pub url: String,
    /// A line of text for people.
    pub description: Option<String>,
    /// The events that are sent.
    pub topics: EventTopics,
    /// What is sent, about what, and for whom.
    pub content: Content,
    /// The key of the signatures.
    pub secret: Secret,
    /// The previous secret, and until when it also signs.
    pub old_secret: Option<(Secret, Timestamp)>,
    /// When and why it was disabled; `None`: it is enabled.
    pub disabled: Option<(Timestamp, DisabledReason)>,
    /// The first attempt of the current series of failures.
    pub failing_since: Option<Timestamp>,
    /// The time of creation.
    pub created_at: Timestamp,
}

/// The kinds of events that a webhook receives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventTopics {
    /// A pipeline was created, or its status changed.
    pub pipelines: bool,
    /// An attempt was created or changed.
    pub jobs: bool,
    /// The verdict of a gate changed.
    pub gates: bool,
}

/// The key of the signatures of a webhook. It is stored in plain text, because an HMAC needs the key itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Why a webhook was disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledReason {
    /// A user disabled it.
    Manual,
    /// The receiver responded with 410 Gone.
    Gone,
    /// Every attempt failed for [`FAILING_MAX`].
    Failing,
    /// The user by whose rights it sends may no longer read the repository.
    NoAccess,
}

/// The input for a new webhook.
#[derive(Debug, Clone)]
pub struct WebhookInput {
    /// The URL of the receiver; empty for [`Format::Feed`].
    pub url: String,
    /// The events: names of [`EventTopics::NAMES`].
    pub events: Vec<String>,
    /// A line of text for people.
    pub description: Option<String>,
    /// The secret; a random one by default.
    pub secret: Option<Secret>,
    /// What is sent, about what, and for whom.
    pub content: ContentInput,
}

/// Changes of a webhook. A field that is `None` does not change.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// The URL of the receiver.
    pub url: Option<String>,
    /// The events that are sent.
    pub topics: Option<EventTopics>,
    /// A line of text for people; empty: none.
    pub description: Option<String>,
    /// Disables or enables it.
    pub disabled: Option<bool>,
    /// The new secret. The previous one also signs for [`OLD_SECRET_LIFETIME`].
    pub secret: Option<Secret>,
    /// Patterns of refs.
    pub refs: Option<Vec<String>>,
    /// Patterns of jobs.
    pub jobs: Option<Vec<String>>,
    /// The user by whose rights messages for people are sent from now on, who may read the repository. A webhook that
    /// was disabled by [`DisabledReason::NoAccess`] is enabled.
    pub owner: Option<UserId>,
}

/// The topic of a message: the part of its type before the dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventTopic {
    /// The status of the pipeline changed.
    Pipeline,
    /// An attempt was created or changed.
    Job,
    /// The verdict of a gate changed.
    Gate,
}

impl EventTopics {
    /// The names of the topics.
    pub const NAMES: &[&str] = &["pipeline", "job", "gate"];

    /// Parses names of topics.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`] or, with none, [`Problem::Missing`].
    pub fn parse(field: &str, names: &[String]) -> Result<Self, Invalid> {
        let mut topics = Self::default();
        for name in names {
            match name.as_str() {
                "pipeline" => topics.pipelines = true,
                "job" => topics.jobs = true,
                "gate" => topics.gates = true,
                _ => return Err(Invalid::new(field, Problem::NotOneOf { allowed: Self::NAMES })),
            }
        }
        if topics == Self::default() { Err(Invalid::new(field, Problem::Missing)) } else { Ok(topics) }
    }

    /// The names of the topics that are sent, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .iter()
            .copied()
            .zip([self.pipelines, self.jobs, self.gates])
            .filter_map(|(name, on)| on.then_some(name))
    }

    /// Whether a feed has entries about one of them. Verdicts of gates have none.
    pub const fn have_entries(self) -> bool {
        self.pipelines || self.jobs
    }

    /// The topics of the messages that an event causes. Imports and deletions cause none, because they do not
    /// come from a build system, and a requirement whose state changes causes none if the verdict stays.
    pub fn matching(self, event: &Event) -> impl Iterator<Item = EventTopic> {
        let job = event.job().is_some();
        let pipeline = self.pipelines && job && event.changes_pipeline_status();
        let gate = match &event.change {
            Change::Verdict(record) => self.gates && record.previous_verdict != Some(record.verdict),
            Change::Pipeline(..) => false,
        };
        let topics =
            [(pipeline, EventTopic::Pipeline), (self.jobs && job, EventTopic::Job), (gate, EventTopic::Gate)];
        topics.into_iter().filter_map(|(on, topic)| on.then_some(topic))
    }
}

impl EventTopic {
    /// The type of the message, such as `pipeline.success`, `job.running` or `gate.passed`.
    pub fn kind(self, event: &Event) -> String {
        match (self, &event.change) {
            (Self::Job, Change::Pipeline(_, PipelineChange::Job(job))) => {
                format!("job.{}", job.status.as_str())
            }
            (_, Change::Pipeline(pipeline, _)) => format!("pipeline.{}", pipeline.status.as_str()),
            (_, Change::Verdict(record)) => format!("gate.{}", record.verdict.as_str()),
        }
    }

    /// The id of the message. It is the same for every attempt, and no other message has it, in any
    /// installation.
    pub fn message_id(self, tag: &str, event: &Event) -> String {
        let suffix = match self {
            Self::Pipeline => 'p',
            Self::Job => 'j',
            Self::Gate => 'g',
        };
        // It has the time, because after a restore of a backup the same event number is assigned again.
        format!("msg_{tag}{:011x}{:x}{suffix}", event.at.as_millisecond().unsigned_abs(), event.number)
    }
}

impl Secret {
    /// A secret of 24 to 64 bytes, as Standard Webhooks requires.
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

    /// The secret of a chat system, as its users enter it; empty: messages are not signed.
    ///
    /// # Errors
    /// The errors of [`text::within`] on `secret`.
    pub fn of_chat(text: &str) -> Result<Self, Invalid> {
        Ok(Self(text::within("secret", text.trim(), text::NAME_MAX)?.into_bytes()))
    }

    /// A secret that was checked when it was stored.
    pub fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// A secret of 32 random bytes, the full strength of HMAC-SHA256.
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
    /// The name of the variant.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::NoAccess => "no_access",
        }
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Manual, Self::Gone, Self::Failing, Self::NoAccess]
            .into_iter()
            .find(|reason| reason.as_str() == name)
    }
}

impl WebhookInput {
    /// Checks every value except the content, and returns URL, topics and description. `personal`: it is a
    /// subscription.
    ///
    /// # Errors
    /// The first invalid field.
    pub fn check(
        &self,
        allowed: &Networks,
        personal: bool,
    ) -> Result<(String, EventTopics, Option<String>), Invalid> {
        let contradicts = |field| Err(Invalid::new(field, Problem::Contradicts { other: "format" }));
        let is_feed = self.content.format.as_deref().and_then(Format::parse) == Some(Format::Feed);
        match () {
            () if !is_feed => urls::check("url", &self.url, allowed)?,
            // The check of the content refuses the format for a webhook.
            () if !personal || self.url.is_empty() => {}
            () => return contradicts("url"),
        }
        let topics = EventTopics::parse("events", &self.events)?;
        if personal && is_feed && !topics.have_entries() {
            return contradicts("events");
        }
        Ok((self.url.clone(), topics, description(self.description.as_deref())?))
    }
}

impl WebhookChange {
    /// Checks every value.
    ///
    /// # Errors
    /// The first invalid field.
    pub fn check(&self, allowed: &Networks) -> Result<(), Invalid> {
        if let Some(url) = &self.url {
            urls::check("url", url, allowed)?;
        }
        if let Some(refs) = &self.refs {
            content::ref_patterns(refs.clone())?;
        }
        if let Some(jobs) = &self.jobs {
            content::job_patterns(jobs.clone())?;
        }
        description(self.description.as_deref()).map(drop)
    }

    /// Applies the change to `webhook`.
    pub fn apply(&self, webhook: &mut Webhook, now: Timestamp) {
        if let Some(url) = &self.url
            && *url != webhook.url
        {
            webhook.url = url.clone();
            webhook.failing_since = None;
        }
        if let Some(topics) = self.topics {
            webhook.topics = topics;
        }
        if let Some(refs) = &self.refs {
            webhook.content.refs = content::ref_patterns(refs.clone()).unwrap_or_default();
        }
        if let Some(jobs) = &self.jobs {
            webhook.content.jobs = content::job_patterns(jobs.clone()).unwrap_or_default();
        }
        if let Some(text) = &self.description {
            webhook.description = Some(text.clone()).filter(|text| !text.is_empty());
        }
        webhook.content.creator = self.owner.or(webhook.content.creator);
        let is_given =
            self.owner.is_some() && matches!(webhook.disabled, Some((_, DisabledReason::NoAccess)));
        match self.disabled {
            Some(true) if webhook.disabled.is_none() => {
                webhook.disabled = Some((now, DisabledReason::Manual))
            }
            Some(true) => {}
            None if !is_given => {}
            Some(false) | None => {
                webhook.disabled = None;
                webhook.failing_since = None;
            }
        }
        if let Some(secret) = &self.secret {
            let until = now.checked_add(OLD_SECRET_LIFETIME).unwrap_or(now);
            let old = std::mem::replace(&mut webhook.secret, secret.clone());
            // A chat system has one secret.
            webhook.old_secret = (!webhook.content.format.is_chat()).then_some((old, until));
        }
    }
}

impl Webhook {
    /// The secrets that sign at `now`, newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let old = self.old_secret.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(old)
    }
}

fn description(text: Option<&str>) -> Result<Option<String>, Invalid> {
    let text = text.map(|text| text::within("description", text, text::NAME_MAX)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// The URL of a webhook as responses show it. That of a chat is a credential, so only its receiver is shown.
pub fn shown_url(webhook: &Webhook) -> String {
    if !webhook.content.format.is_chat() {
        return webhook.url.clone();
    }
    let (scheme, rest) = webhook.url.split_once("://").unwrap_or(("https", ""));
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{host}/…")
}

#[cfg(test)]
mod tests;
