//! Forwarded states: of each destination, commit and context, the state that the forge is to have and the one that it
//! has. Decides what is sent, when the next attempt is, and when to stop. `docs/forwarding.md` describes the rules.

mod attempts;
mod statuses;

use super::deliveries::DeliveryAttempt;
use super::destinations::{Destination, ForgeKind};
use super::gates::{RecordedVerdict, Verdict};
use super::ids::{DestinationId, JobId, PipelineId};
use super::reports::DEFAULT_STAGE;
use super::status::{Status, StatusCounts};
pub use attempts::{DestinationHealth, ForgeOutcome, ForgeResponse, StateResult};
use jiff::Timestamp;
pub use statuses::{ForgeStatus, knows_skipped};

/// The beginning of every context that Stagepost sends.
const CONTEXT_PREFIX: &str = "stagepost/";
/// The part of the context of a gate before the branch.
const GATE: &str = "gate";
/// The context of a test. It is never sent.
const TEST_CONTEXT: &str = "stagepost/test";
/// Greatest length of a context, in characters: that of GitLab and Bitbucket.
const CONTEXT_MAX: usize = 255;

/// The key of a state at one destination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateKey {
    /// The commit; empty for a test.
    pub sha: String,
    /// The part of the commit.
    pub target: Target,
}

/// The part of a commit that a state is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The newest attempts of all jobs of a source.
    Pipeline {
        /// The source.
        source: String,
    },
    /// The newest attempt of a job.
    Job {
        /// The source.
        source: String,
        /// The stage.
        stage: String,
        /// The name.
        name: String,
    },
    /// The last recorded verdict of the merge gate for a target branch.
    Gate {
        /// The branch.
        branch: String,
    },
    /// Whether the forge accepts the token.
    Test,
}

/// The state of a commit that a forge is to have.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedState {
    /// The status.
    pub status: Status,
    /// The description of the end of the job, or the sentence about the verdict.
    pub description: Option<String>,
    /// The page in the build system.
    pub url: Option<String>,
    /// The branch, or the full name of another ref.
    pub git_ref: String,
    /// The page about it.
    pub page: StatePage,
}

/// The page about a state.
#[derive(Debug, Clone, PartialEq)]
pub enum StatePage {
    /// The pipeline with the newest attempt.
    Pipeline(PipelineId),
    /// An attempt.
    Job(PipelineId, JobId),
    /// The commit, with this verdict.
    Commit(Box<RecordedVerdict>),
}

/// The newest attempt of a job of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitJob<'a> {
    /// Its stage.
    pub stage: &'a str,
    /// The name of the job.
    pub name: &'a str,
    /// Its status.
    pub status: Status,
    /// Whether a failure does not count.
    pub allow_failure: bool,
}

/// What one destination is to have about one commit and context.
#[derive(Debug, Clone, PartialEq)]
pub struct ForwardedState {
    /// The id, unique in the installation.
    pub id: i64,
    /// The destination.
    pub destination_id: DestinationId,
    /// The commit, and what of it.
    pub key: StateKey,
    /// The progress.
    pub progress: Progress,
    /// The attempts since the state changed.
    pub attempts: u32,
    /// The time of the last change of the state.
    pub changed_at: Timestamp,
    /// The state that the forge has accepted, and when.
    pub sent: Option<(ForgeStatus, Timestamp)>,
    /// GitLab's id of the pipeline that has the status.
    pub remote_id: Option<String>,
    /// The last finished attempt.
    pub last: Option<DeliveryAttempt>,
}

/// The progress of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The next attempt is due at this time. During an attempt, it is the expiry of the claim.
    Pending(Timestamp, Option<WaitReason>),
    /// The forge has the state.
    Sent,
    /// There is no further attempt until the state or the destination changes, or a user requests one.
    Stopped(StopReason),
}

/// Why a state waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// The forge did not respond, or could not serve the request.
    Failing,
    /// The forge limits the rate.
    RateLimited,
}

/// Why a state is not sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The forge refuses it, and would refuse it again.
    Refused,
    /// All attempts failed.
    Exhausted,
}

/// A state that this process has claimed for an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedState {
    /// The row.
    pub state: ForwardedState,
    /// The number of this claim, unique among those of the row.
    pub claim: i64,
    /// How often the state had changed when it was claimed.
    pub changes: i64,
    /// The destination.
    pub destination: Destination,
    /// The expected state at the forge; `None`: a test.
    pub wanted: Option<WantedState>,
}

impl Target {
    /// The names of the variants, as the store and the APIs write them.
    pub const NAMES: &'static [&'static str] = &["pipeline", "job", "gate", "test"];

    /// The name of the variant.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Pipeline { .. } => "pipeline",
            Self::Job { .. } => "job",
            Self::Gate { .. } => "gate",
            Self::Test => "test",
        }
    }

    /// The source; empty for a gate and a test.
    pub fn source(&self) -> &str {
        match self {
            Self::Pipeline { source } | Self::Job { source, .. } => source,
            Self::Gate { .. } | Self::Test => "",
        }
    }

    /// The context under which the forge shows it: `stagepost/SOURCE`, or `stagepost/SOURCE/STAGE/NAME` for a job, or
    /// `stagepost/gate/BRANCH`. `/` in source, stage and branch is written as `%2F`, so no two targets have one
    /// context. A longer one than forges accept is cut, and ends with a hash.
    pub fn context(&self) -> String {
        let escaped = |part: &str| part.replace('%', "%25").replace('/', "%2F");
        let context = match self {
            Self::Pipeline { source } => format!("{CONTEXT_PREFIX}{}", escaped(source)),
            Self::Job { source, stage, name } => {
                format!("{CONTEXT_PREFIX}{}/{}/{name}", escaped(source), escaped(stage))
            }
            Self::Gate { branch } => format!("{CONTEXT_PREFIX}{GATE}/{}", escaped(branch)),
            Self::Test => return TEST_CONTEXT.to_owned(),
        };
        match context.chars().count() > CONTEXT_MAX {
            true => with_hash(&context, &format!("{:016x}", fnv(context.as_bytes()))),
            false => context,
        }
    }

    /// The context at a forge of this kind. GitHub ignores the case of contexts: one with upper case ends with a hash
    /// there, so that no two targets have one context.
    pub fn context_at(&self, kind: ForgeKind) -> String {
        let context = self.context();
        match kind == ForgeKind::GitHub && context.to_lowercase() != context {
            true => {
                let hash = fnv(context.as_bytes());
                with_hash(&context, &format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff)))
            }
            false => context,
        }
    }
}

/// The text, cut if necessary, with `~` and the hash at its end.
fn with_hash(text: &str, hash: &str) -> String {
    let start: String = text.chars().take(CONTEXT_MAX - 1 - hash.len()).collect();
    format!("{start}~{hash}")
}

/// Whether a job is a status that a Stagepost forwarded: it is in the stage of reports without a stage, and its name is
/// a context as [`Target::context`] forms them. Without this rule, two servers that forward to each other would
/// send their statuses back and forth.
pub fn is_forwarded(stage: &str, name: &str) -> bool {
    let (Some(prefix), Some(rest)) = (name.get(..CONTEXT_PREFIX.len()), name.get(CONTEXT_PREFIX.len()..))
    else {
        return false;
    };
    let is_prefix = stage == DEFAULT_STAGE && prefix.eq_ignore_ascii_case(CONTEXT_PREFIX);
    let parts: Vec<&str> = rest.split('/').collect();
    let is_gate = parts.len() == 2 && parts[0] == GATE && !parts[1].is_empty();
    // The source; or the source, the stage, and the name, which may have further parts or be cut off.
    let is_cut = name.chars().count() == CONTEXT_MAX && parts[parts.len() - 1].contains('~');
    is_prefix && !parts[0].is_empty() && (parts.len() != 2 || is_cut || is_gate)
}

/// The FNV-1a hash, which never changes.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// The status of the newest attempts of a commit and source; `None`: there are none. Those that a Stagepost forwarded
/// do not count.
pub fn composite<'a>(jobs: impl IntoIterator<Item = CommitJob<'a>>) -> Option<Status> {
    let mut counts = StatusCounts::default();
    let mut any = false;
    for job in jobs.into_iter().filter(|job| !is_forwarded(job.stage, job.name)) {
        counts.add(job.status, job.allow_failure);
        any = true;
    }
    any.then(|| counts.status())
}

/// The status of a verdict; `None`: there is none to send. `may_be_known`: the forge may have a status of an earlier
/// verdict ([`ForwardedState::may_be_known`]), which does not stay when no rule applies any more.
pub const fn status_of_verdict(verdict: Verdict, may_be_known: bool) -> Option<Status> {
    match verdict {
        Verdict::Unset if may_be_known => Some(Status::Pending),
        Verdict::Unset => None,
        Verdict::Passed => Some(Status::Success),
        Verdict::Failed | Verdict::Missing => Some(Status::Failed),
        Verdict::Pending => Some(Status::Pending),
    }
}

impl ForwardedState {
    /// Whether the forge may have a status of this context: it has accepted one, or an attempt had no response.
    pub fn may_be_known(&self) -> bool {
        self.sent.is_some() || self.last.as_ref().is_some_and(|last| last.status.is_none())
    }
}

impl Progress {
    /// The names of the variants, in order.
    pub const NAMES: &'static [&'static str] = &["pending", "sent", "stopped"];

    /// The name of the variant.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending(..) => "pending",
            Self::Sent => "sent",
            Self::Stopped(_) => "stopped",
        }
    }

    /// The names of all reasons.
    pub const REASONS: &'static [&'static str] = &["failing", "rate_limited", "refused", "exhausted"];

    /// The name of the reason why the state waits or is not sent any more.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Pending(_, Some(WaitReason::Failing)) => Some("failing"),
            Self::Pending(_, Some(WaitReason::RateLimited)) => Some("rate_limited"),
            Self::Stopped(StopReason::Refused) => Some("refused"),
            Self::Stopped(StopReason::Exhausted) => Some("exhausted"),
            Self::Pending(_, None) | Self::Sent => None,
        }
    }

    /// The time of the next attempt, if there is one.
    pub const fn next_at(self) -> Option<Timestamp> {
        match self {
            Self::Pending(at, _) => Some(at),
            Self::Sent | Self::Stopped(_) => None,
        }
    }

    /// The progress with these values.
    pub fn parse(name: &str, reason: Option<&str>, next_at: Timestamp) -> Option<Self> {
        Some(match (name, reason) {
            ("pending", None) => Self::Pending(next_at, None),
            ("pending", Some("failing")) => Self::Pending(next_at, Some(WaitReason::Failing)),
            ("pending", Some("rate_limited")) => Self::Pending(next_at, Some(WaitReason::RateLimited)),
            ("sent", None) => Self::Sent,
            ("stopped", Some("refused")) => Self::Stopped(StopReason::Refused),
            ("stopped", Some("exhausted")) => Self::Stopped(StopReason::Exhausted),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
