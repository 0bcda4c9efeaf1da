//! What a webhook sends, about what, and for whom: signed events for programs, or messages for people in a chat.

use super::EventTopic;
use crate::error::{Invalid, Problem};
use crate::language::Language;
use crate::model::destinations::globs;
use crate::model::events::{Change, Event, JobSnapshot};
use crate::model::ids::UserId;
use crate::model::refs;
use crate::model::status::Status;
use crate::model::text;

/// Most patterns of refs, and most patterns of jobs, of one webhook.
pub const PATTERNS_MAX: usize = 20;

/// The form of the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// JSON for programs, signed by Standard Webhooks.
    #[default]
    Signed,
    /// An incoming webhook of Slack.
    Slack,
    /// A custom bot of Feishu or Lark.
    Feishu,
    /// A custom robot of DingTalk.
    DingTalk,
    /// A robot of a group of WeCom.
    WeCom,
    /// Nothing is sent: what matches a subscription is in the feed of its user only.
    Feed,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Signed, Self::Slack, Self::Feishu, Self::DingTalk, Self::WeCom, Self::Feed];
    /// The names of the formats of webhooks, in order.
    pub const NAMES: &'static [&'static str] = &["signed", "slack", "feishu", "dingtalk", "wecom"];
    /// The names of the formats of subscriptions, in order.
    pub const PERSONAL: &'static [&'static str] = &["slack", "feishu", "dingtalk", "wecom", "feed"];
    /// The names of the formats for people, in order.
    pub const CHATS: &'static [&'static str] = &["slack", "feishu", "dingtalk", "wecom"];

    /// The name of the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Slack => "slack",
            Self::Feishu => "feishu",
            Self::DingTalk => "dingtalk",
            Self::WeCom => "wecom",
            Self::Feed => "feed",
        }
    }

    /// The format with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Whether it is for people. Its URL is a credential: who has it can send to the chat.
    pub const fn is_chat(self) -> bool {
        !matches!(self, Self::Signed | Self::Feed)
    }

    /// Whether messages are sent.
    pub const fn is_sent(self) -> bool {
        !matches!(self, Self::Feed)
    }

    /// Whether the chat system verifies a signature, if it has a secret.
    pub const fn signs(self) -> bool {
        matches!(self, Self::Signed | Self::Feishu | Self::DingTalk)
    }
}

/// What a webhook sends, about what, and for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The form of the messages.
    pub format: Format,
    /// The language of messages for people.
    pub language: Language,
    /// Only refs that match one of these patterns, and verdicts for such target branches; none: all. `*` matches any
    /// text.
    pub refs: Vec<String>,
    /// Only jobs whose `stage/name` matches one of these patterns; none: all. They limit messages about jobs.
    pub jobs: Vec<String>,
    /// Only pipelines that this user started, as reports say.
    pub author: Option<String>,
    /// The user who made it, or to whom it was given. Messages for people are sent while this user may read the
    /// repository.
    pub creator: Option<UserId>,
    /// It belongs to its creator alone: a subscription.
    pub personal: bool,
}

/// The input for the content of a new webhook.
#[derive(Debug, Clone, Default)]
pub struct ContentInput {
    /// The name of a format; by default `signed`.
    pub format: Option<String>,
    /// `zh` or `en`; by default Chinese.
    pub language: Option<String>,
    /// Patterns of refs.
    pub refs: Vec<String>,
    /// Patterns of jobs.
    pub jobs: Vec<String>,
    /// The user who started the pipeline.
    pub author: Option<String>,
}

impl ContentInput {
    /// Checks every value.
    ///
    /// # Errors
    /// The first invalid field.
    pub fn check(self, creator: UserId, personal: bool) -> Result<Content, Invalid> {
        let allowed = if personal { Format::PERSONAL } else { Format::NAMES };
        let format = match self.format.as_deref() {
            None if personal => return Err(Invalid::new("format", Problem::Missing)),
            None => Format::default(),
            Some(name) => Some(name)
                .filter(|name| allowed.contains(name))
                .and_then(Format::parse)
                .ok_or_else(|| Invalid::new("format", Problem::NotOneOf { allowed }))?,
        };
        let languages: &'static [&'static str] = &["zh", "en"];
        let language = match self.language.as_deref() {
            None => Language::default(),
            Some(code) => Some(code)
                .filter(|code| languages.contains(code))
                .and_then(Language::from_tag)
                .ok_or_else(|| Invalid::new("language", Problem::NotOneOf { allowed: languages }))?,
        };
        let author = self.author.filter(|author| !author.trim().is_empty());
        Ok(Content {
            format,
            language,
            refs: ref_patterns(self.refs)?,
            jobs: job_patterns(self.jobs)?,
            author: author.map(|author| text::single_line("author", author, text::NAME_MAX)).transpose()?,
            creator: Some(creator),
            personal,
        })
    }
}

/// Checks patterns of refs, and gives branches their stored names.
///
/// # Errors
/// [`Invalid`] on `refs`.
pub fn ref_patterns(given: Vec<String>) -> Result<Vec<String>, Invalid> {
    let refs = patterns("refs", given, text::NAME_MAX)?;
    Ok(refs.into_iter().map(|pattern| refs::canonical(&pattern).to_owned()).collect())
}

/// Checks patterns of jobs.
///
/// # Errors
/// [`Invalid`] on `jobs`.
pub fn job_patterns(given: Vec<String>) -> Result<Vec<String>, Invalid> {
    // A stage and a name, each of at most `NAME_MAX`.
    patterns("jobs", given, 2 * text::NAME_MAX + 1)
}

/// Checks patterns; blank ones are dropped.
fn patterns(field: &'static str, given: Vec<String>, max: usize) -> Result<Vec<String>, Invalid> {
    let given: Vec<String> = given.into_iter().filter(|pattern| !pattern.trim().is_empty()).collect();
    if given.len() > PATTERNS_MAX {
        return Err(Invalid::new(field, Problem::TooMany { max: PATTERNS_MAX }));
    }
    given.into_iter().map(|pattern| text::single_line(field, pattern.trim().to_owned(), max)).collect()
}

/// Whether a result is news for people: a pipeline or job that ended, and was not canceled or skipped.
pub const fn is_result(status: Status) -> bool {
    matches!(status, Status::Success | Status::Failed | Status::TimedOut)
}

impl Content {
    /// Whether a message about an event may be sent. The author, and whether a success is news, are known only when it
    /// is sent.
    pub fn accepts(&self, topic: EventTopic, event: &Event) -> bool {
        let git_ref = match &event.change {
            Change::Pipeline(pipeline, _) => pipeline.identity.git_ref.as_str(),
            Change::Verdict(record) => record.target.as_str(),
        };
        if !self.matches_ref(git_ref) {
            return false;
        }
        match topic {
            EventTopic::Gate => true,
            EventTopic::Pipeline => {
                !self.format.is_chat() || event.pipeline().is_some_and(|pipeline| is_result(pipeline.status))
            }
            EventTopic::Job => event.job().is_some_and(|job| self.accepts_job(job)),
        }
    }

    fn accepts_job(&self, job: &JobSnapshot) -> bool {
        let is_news = is_result(job.status) && job.previous_status != Some(job.status);
        (!self.format.is_chat() || is_news) && self.matches_job(&job.stage, &job.name)
    }

    /// Whether a ref, or a target branch, matches.
    pub fn matches_ref(&self, git_ref: &str) -> bool {
        self.refs.is_empty() || self.refs.iter().any(|pattern| globs::matches(pattern, git_ref))
    }

    /// Whether a job matches.
    pub fn matches_job(&self, stage: &str, name: &str) -> bool {
        let job = format!("{stage}/{name}");
        self.jobs.is_empty() || self.jobs.iter().any(|pattern| globs::matches(pattern, &job))
    }

    /// Whether the user who started a pipeline matches, as reports name this user.
    pub fn matches_author(&self, trigger_user: Option<&str>) -> bool {
        self.author.as_deref().is_none_or(|author| trigger_user == Some(author))
    }

    /// The user who must be able to read the repository when a message is sent.
    pub fn reader(&self) -> Option<UserId> {
        self.creator.filter(|_| self.personal || self.format.is_chat())
    }
}

#[cfg(test)]
mod tests;
