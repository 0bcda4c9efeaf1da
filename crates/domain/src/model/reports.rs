//! A report: one status message from a build system, checked, and what became of it.

use super::ids::{JobId, PipelineId, StageId, integer};
use super::status::{Rank, Status};
use super::text;
use crate::error::{Invalid, Problem};
use jiff::{SignedDuration, Timestamp};

/// The stage of a report that names none; GitLab's word for it.
pub const DEFAULT_STAGE: &str = "external";
/// The source of a report that names none; GitLab's word for it.
pub const DEFAULT_SOURCE: &str = "external";
/// Most reports in one request.
pub const BATCH_MAX: usize = 1000;
/// How far ahead of ours a reporter's clock may be. Later times would win for ever.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Which pipeline a report belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PipelineChoice {
    /// The one with this id; it must exist and be for the same commit and ref.
    Id(PipelineId),
    /// The one the reporters agreed to call so, made by whoever comes first; empty: the only one of its
    /// (sha, ref, source).
    Key(String),
}

/// Who is behind a report, weakest first: among ends of one attempt the word of the stronger counts, whenever it comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// The watchdog: nothing was heard for too long.
    Watchdog,
    /// An operator, who closed the job by hand.
    Operator,
    /// The build system itself.
    #[default]
    Reporter,
}

impl Authority {
    /// The three words, weakest first.
    pub const NAMES: &'static [&'static str] = &["watchdog", "operator", "reporter"];

    /// The word in the history.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Reads one of the three words.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Watchdog, Self::Operator, Self::Reporter].into_iter().find(|a| a.as_str() == word)
    }
}

/// What a report says of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedState {
    /// How the attempt stands.
    pub status: Status,
    /// Who says so.
    pub authority: Authority,
    /// The build system's own id of the attempt.
    pub third_build_id: Option<String>,
    /// Where a person sees the attempt in the build system.
    pub target_url: Option<String>,
    /// One line for people.
    pub description: Option<String>,
    /// Test coverage, percent, 0..=100.
    pub coverage: Option<f64>,
    /// A bad end of this job does not make its pipeline fail.
    pub allow_failure: Option<bool>,
    /// When it came to stand so, by the reporter's clock.
    pub occurred_at: Option<Timestamp>,
    /// When the attempt began to run, by the reporter's clock.
    pub started_at: Option<Timestamp>,
    /// When the attempt ended, by the reporter's clock.
    pub finished_at: Option<Timestamp>,
}

/// One status message, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Full commit id, lower case.
    pub sha: String,
    /// Branch or tag.
    pub git_ref: String,
    /// The reporter named no ref. It means the newest pipeline of its commit, source and no key, first of those that have its
    /// job; only where there is none, one on `git_ref` is made (reporters fact 1.1 and section 2 D).
    pub ref_is_default: bool,
    /// Stage name.
    pub stage: String,
    /// Place of the stage in its pipeline, 1..=2147483647.
    pub stage_order: Option<i32>,
    /// Job name.
    pub name: String,
    /// Which pipeline.
    pub pipeline: PipelineChoice,
    /// What kind of thing reports: part of the pipeline's identity.
    pub source: String,
    /// Where a person sees the pipeline in the build system.
    pub web_url: Option<String>,
    /// Who started the pipeline.
    pub trigger_user: Option<String>,
    /// What it says of the attempt.
    pub state: ReportedState,
}

/// A report as a dialect read it, types right and values unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Report and Said, where they are described")]
pub struct ReportInput {
    pub sha: Option<String>,
    pub git_ref: Option<String>,
    /// Taken for `git_ref` where a dialect lets reporters leave it out.
    pub default_ref: Option<String>,
    pub stage: Option<String>,
    pub stage_order: Option<i64>,
    pub name: Option<String>,
    pub status: Option<String>,
    pub pipeline_id: Option<i64>,
    pub pipeline_key: Option<String>,
    pub third_build_id: Option<String>,
    pub target_url: Option<String>,
    pub description: Option<String>,
    pub coverage: Option<f64>,
    pub allow_failure: Option<bool>,
    pub occurred_at: Option<String>,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub source: Option<String>,
    pub web_url: Option<String>,
    pub trigger_user: Option<String>,
}

impl ReportInput {
    /// Checks every value; `now` judges times ahead of us.
    ///
    /// # Errors
    /// The first field that cannot be taken, and why.
    pub fn check(self, now: Timestamp) -> Result<Report, Invalid> {
        let status = required("status", self.status)?;
        let status = Status::parse(&status)
            .ok_or_else(|| Invalid::new("status", Problem::NotOneOf { allowed: Status::NAMES }))?;
        let pipeline = match (self.pipeline_id, self.pipeline_key) {
            (Some(_), Some(_)) => {
                return Err(Invalid::new("pipeline_key", Problem::Contradicts { other: "pipeline_id" }));
            }
            (Some(id), None) => PipelineChoice::Id(PipelineId::new(id)?),
            (None, key) => PipelineChoice::Key(
                optional(key, |k| text::single_line("pipeline_key", k, text::NAME_MAX))?.unwrap_or_default(),
            ),
        };
        let said = ReportedState {
            status,
            authority: Authority::Reporter,
            third_build_id: optional(self.third_build_id, |v| {
                text::single_line("third_build_id", v, text::NAME_MAX)
            })?,
            target_url: optional(self.target_url, |v| text::http_url("target_url", v))?,
            description: optional(self.description, |v| {
                text::within("description", v, text::DESCRIPTION_MAX)
            })?,
            coverage: self.coverage.map(coverage).transpose()?,
            allow_failure: self.allow_failure,
            occurred_at: time("occurred_at", self.occurred_at, now)?,
            started_at: time("started_at", self.started_at, now)?,
            finished_at: time("finished_at", self.finished_at, now)?,
        };
        said.check_times()?;
        let ref_is_default = self.git_ref.is_none() && self.default_ref.is_some();
        Ok(Report {
            sha: text::sha("sha", &required("sha", self.sha)?)?,
            git_ref: text::single_line(
                "ref",
                &required("ref", self.git_ref.or(self.default_ref))?,
                text::NAME_MAX,
            )?,
            ref_is_default,
            stage: optional(self.stage, |v| text::single_line("stage", v, text::NAME_MAX))?
                .unwrap_or_else(|| DEFAULT_STAGE.to_owned()),
            stage_order: self.stage_order.map(stage_order).transpose()?,
            name: text::single_line("name", &required("name", self.name)?, text::NAME_MAX)?,
            pipeline,
            source: optional(self.source, |v| text::single_line("source", v, 64))?
                .unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
            web_url: optional(self.web_url, |v| text::http_url("web_url", v))?,
            trigger_user: optional(self.trigger_user, |v| {
                text::single_line("trigger_user", v, text::NAME_MAX)
            })?,
            state: said,
        })
    }
}

impl ReportedState {
    /// A status, and nothing more said.
    pub const fn with_status(status: Status, authority: Authority) -> Self {
        Self {
            status,
            authority,
            third_build_id: None,
            target_url: None,
            description: None,
            coverage: None,
            allow_failure: None,
            occurred_at: None,
            started_at: None,
            finished_at: None,
        }
    }

    fn check_times(&self) -> Result<(), Invalid> {
        let status = self.status.as_str();
        if self.started_at.is_some() && self.status.rank() == Rank::Pending {
            return Err(Invalid::new("started_at", Problem::NotForStatus { status }));
        }
        if self.finished_at.is_some() && !self.status.is_finished() {
            return Err(Invalid::new("finished_at", Problem::NotForStatus { status }));
        }
        match (self.started_at, self.finished_at) {
            (Some(started), Some(finished)) if finished < started => {
                Err(Invalid::new("finished_at", Problem::Before { other: "started_at" }))
            }
            _ => Ok(()),
        }
    }
}

fn required(field: &str, value: Option<String>) -> Result<String, Invalid> {
    value.ok_or_else(|| Invalid::new(field, Problem::Missing))
}

fn optional<T>(
    value: Option<String>,
    check: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Result<Option<T>, Invalid> {
    value.as_deref().map(check).transpose()
}

fn coverage(percent: f64) -> Result<f64, Invalid> {
    if (0.0..=100.0).contains(&percent) {
        // -0.0 and 0.0 are one value to people; keep one, so that equal reports compare equal.
        Ok(percent + 0.0)
    } else {
        Err(Invalid::new("coverage", Problem::OutOfRange { min: 0, max: 100 }))
    }
}

/// Checks a stage's place.
///
/// # Errors
/// [`Problem::OutOfRange`] outside 1..=2147483647.
pub fn stage_order(order: i64) -> Result<i32, Invalid> {
    StageId::new(order).map(StageId::get).map_err(|e| Invalid::new("stage_order", e.problem))
}

fn time(field: &str, value: Option<String>, now: Timestamp) -> Result<Option<Timestamp>, Invalid> {
    let Some(value) = value else { return Ok(None) };
    let time = parse_time(field, &value)?;
    if time > now + AHEAD_MAX {
        return Err(Invalid::new(field, Problem::InFuture));
    }
    Ok(Some(time))
}

/// Reads an RFC 3339 time and keeps whole milliseconds, the finest any dialect shows. From 1970 on.
///
/// # Errors
/// [`Problem::NotTimestamp`].
pub fn parse_time(field: &str, value: &str) -> Result<Timestamp, Invalid> {
    let bad = || Invalid::new(field, Problem::NotTimestamp);
    if value.len() > 64 {
        return Err(bad());
    }
    let time: Timestamp = value.parse().map_err(|_| bad())?;
    if time < Timestamp::UNIX_EPOCH {
        return Err(bad());
    }
    Ok(truncate_to_millis(time))
}

/// Cuts a time to whole milliseconds.
pub fn truncate_to_millis(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// Reads an id parameter that may come as text.
///
/// # Errors
/// As [`integer`].
pub fn pipeline_id(text: &str) -> Result<PipelineId, Invalid> {
    PipelineId::new(integer(PipelineId::FIELD, text)?)
}

/// When and in what order a report reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// By our clock.
    pub received_at: Timestamp,
    /// The report's number in its repository: counted from 1 in order of arrival.
    pub seq: i64,
}

/// What a report did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It began a new attempt.
    Created,
    /// It changed the attempt.
    Changed,
    /// It said what was known.
    Repeated,
    /// It came after something newer; it is kept in the history and did not win.
    Late,
}

impl Effect {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Created, Self::Changed, Self::Repeated, Self::Late];

    /// The word in the native API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Repeated => "repeated",
            Self::Late => "late",
        }
    }
}

/// The fields of an attempt that one report changed, as a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u8);

impl FieldSet {
    /// The names, by bit.
    pub const NAMES: [&'static str; 8] = [
        "status",
        "target_url",
        "description",
        "coverage",
        "allow_failure",
        "started_at",
        "finished_at",
        "third_build_id",
    ];
    /// `status`.
    pub const STATUS: Self = Self(1);
    /// `target_url`.
    pub const TARGET_URL: Self = Self(2);
    /// `description`.
    pub const DESCRIPTION: Self = Self(4);
    /// `coverage`.
    pub const COVERAGE: Self = Self(8);
    /// `allow_failure`.
    pub const ALLOW_FAILURE: Self = Self(16);
    /// `started_at`.
    pub const STARTED_AT: Self = Self(32);
    /// `finished_at`.
    pub const FINISHED_AT: Self = Self(64);
    /// `third_build_id`.
    pub const THIRD_BUILD_ID: Self = Self(128);

    /// As the store keeps it.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// From what the store kept.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Nothing changed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when all of `other` is in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Puts `other` in when `changed`.
    pub fn set(&mut self, other: Self, changed: bool) {
        if changed {
            self.0 |= other.0;
        }
    }

    /// The names of what is in it.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, name)| name)
    }
}

/// The answer to one accepted report: where it went, what it did, and how things stand after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The report's number in its repository.
    pub report_id: i64,
    /// The pipeline it went to.
    pub pipeline_id: PipelineId,
    /// The stage it went to.
    pub stage_id: StageId,
    /// The attempt it went to.
    pub job_id: JobId,
    /// The attempt's number, from 1.
    pub attempt: i32,
    /// What it did.
    pub effect: Effect,
    /// Which fields it changed.
    pub changed: FieldSet,
    /// The attempt's status now.
    pub status: Status,
    /// The pipeline's status now.
    pub pipeline_status: Status,
}

#[cfg(test)]
mod tests;
