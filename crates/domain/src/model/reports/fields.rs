//! The fields of a report: before the check, the state of the attempt after the check, and the set of the fields
//! that a report changed.

use super::{Authority, DEFAULT_SOURCE, DEFAULT_STAGE, PipelineChoice, Report};
use crate::error::{Invalid, Problem};
use crate::model::ids::{PipelineId, StageId};
use crate::model::status::{Rank, Status};
use crate::model::text;
use jiff::{SignedDuration, Timestamp};

/// How far the clock of a reporter may be ahead of the server. A time in the far future would win over every
/// later report.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The state of one attempt as a report gives it. A field that is `None` was not reported.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedState {
    /// The status of the attempt.
    pub status: Status,
    /// The origin of the report.
    pub authority: Authority,
    /// The id of the attempt in the build system.
    pub third_build_id: Option<String>,
    /// The page of the attempt in the build system.
    pub target_url: Option<String>,
    /// One line of text for people.
    pub description: Option<String>,
    /// Test coverage in percent, 0..=100.
    pub coverage: Option<f64>,
    /// A failure of this job does not make its pipeline fail.
    pub allow_failure: Option<bool>,
    /// The time of the status change, by the clock of the reporter.
    pub occurred_at: Option<Timestamp>,
    /// The start of the attempt, by the clock of the reporter.
    pub started_at: Option<Timestamp>,
    /// The end of the attempt, by the clock of the reporter.
    pub finished_at: Option<Timestamp>,
}

impl ReportedState {
    /// The state that has only a status.
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

/// The fields of an attempt that one report changed. The store saves it as an integer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u32);

/// Declares the fields: constant, bit and name. A bit never gets another meaning, because stored sets contain
/// it.
macro_rules! fields {
    ($($constant:ident = $bit:literal $name:literal),* $(,)?) => {
        impl FieldSet {
            $(
                #[doc = concat!("`", $name, "`.")]
                pub const $constant: Self = Self(1 << $bit);
            )*
            /// The names of all fields.
            pub const NAMES: &'static [&'static str] = &[$($name),*];
            /// All fields, in the order of [`FieldSet::NAMES`].
            const FIELDS: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

fields! {
    STATUS = 0 "status",
    TARGET_URL = 1 "target_url",
    DESCRIPTION = 2 "description",
    COVERAGE = 3 "coverage",
    ALLOW_FAILURE = 4 "allow_failure",
    STARTED_AT = 5 "started_at",
    FINISHED_AT = 6 "finished_at",
    THIRD_BUILD_ID = 7 "third_build_id",
}

impl FieldSet {
    /// The integer that the store saves.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set that the store saved as `bits`. Unknown bits stay in the set and have no name.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// True when no field changed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when the set has all fields of `other`.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds the fields of `other` when `changed` is true.
    pub fn set(&mut self, other: Self, changed: bool) {
        if changed {
            self.0 |= other.0;
        }
    }

    /// The names of the fields in the set, in order of their bits.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let fields = Self::FIELDS.iter().zip(Self::NAMES);
        fields.filter(move |(field, _)| self.contains(**field)).map(|(_, name)| *name)
    }
}

/// A report as a dialect parsed it: types are right, values are unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Report and ReportedState, which describe them")]
pub struct ReportInput {
    pub sha: Option<String>,
    pub git_ref: Option<String>,
    /// The ref to use if `git_ref` is absent, in dialects that allow that.
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
    /// Checks every value. A time may be at most 24 hours after `now`.
    ///
    /// # Errors
    /// The first invalid field, and its problem.
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
        let state = ReportedState {
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
        state.check_times()?;
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
            state,
        })
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
        // Turns -0.0 into 0.0, so that equal reports compare equal.
        Ok(percent + 0.0)
    } else {
        Err(Invalid::new("coverage", Problem::OutOfRange { min: 0, max: 100 }))
    }
}

/// Checks the position of a stage.
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

/// Parses an RFC 3339 time from 1970 on and truncates it to whole milliseconds, the resolution of every
/// dialect.
///
/// # Errors
/// [`Problem::NotTimestamp`] for any other text.
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

/// Truncates a time to whole milliseconds.
pub fn truncate_to_millis(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
