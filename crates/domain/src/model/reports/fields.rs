//! The fields of a report: before the check, the state of the attempt after the check, and the set of the fields
//! that a report changed.

use super::{AdjustmentKind, Adjustments, Authority, DEFAULT_SOURCE, DEFAULT_STAGE, PipelineChoice, Report};
use crate::error::{Invalid, Problem};
use crate::model::conclusions::Conclusion;
use crate::model::details::{DetailsInput, DetailsKey};
use crate::model::ids::{JobId, PipelineId};
use crate::model::status::{Rank, Status};
use crate::model::text::truncate_to_millis;
use crate::model::{refs, text};
use jiff::Timestamp;
use std::sync::Arc;

/// The version of the rules by which a report was reduced. A stored report keeps its version, so that
/// verification replays it as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rules {
    /// Texts follow the order of the statuses; equal orders are decided by the texts themselves. The changed
    /// fields are those of the attempt.
    First,
    /// Texts follow the time of the reporter or of receipt, then the arrival. The changed fields are all that
    /// the report changed.
    Second,
    /// As the second ones, and the end that is shown is that of the report that won the status.
    #[default]
    Third,
}

/// The state of one attempt as a report gives it. A field that is `None` was not reported.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedState {
    /// The status of the attempt.
    pub status: Status,
    /// The reporter gave no status: an attempt keeps its own, and a new one has `status`.
    pub keeps_status: bool,
    /// The conclusion, if the status does not imply it.
    pub conclusion: Option<Conclusion>,
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
    /// Without `occurred_at`, the end happened when the server received the report, as the API defines it. It then wins
    /// over every end of the build system that arrived before.
    pub occurred_at_receipt: bool,
    /// The start of the attempt, by the clock of the reporter.
    pub started_at: Option<Timestamp>,
    /// The end of the attempt, by the clock of the reporter.
    pub finished_at: Option<Timestamp>,
    /// The digest of `target_url` as it was sent, when it was adjusted: two links that are equal after they
    /// were cut still name two attempts.
    pub sent_url: Option<u64>,
    /// The key of the details of the report.
    pub details: Option<Box<DetailsKey>>,
    /// The adjustments of the report by the server.
    pub adjusted: Adjustments,
    /// The rules that reduce the report.
    pub rules: Rules,
}

impl ReportedState {
    /// The state that has only a status.
    pub const fn with_status(status: Status, authority: Authority) -> Self {
        Self {
            status,
            keeps_status: false,
            conclusion: None,
            authority,
            third_build_id: None,
            target_url: None,
            description: None,
            coverage: None,
            allow_failure: None,
            occurred_at: None,
            occurred_at_receipt: false,
            started_at: None,
            finished_at: None,
            sent_url: None,
            details: None,
            adjusted: Adjustments::from_bits(0),
            rules: Rules::Third,
        }
    }

    /// Whether the report is an end that is ordered by its receipt.
    pub const fn is_ordered_by_receipt(&self) -> bool {
        self.occurred_at_receipt && self.occurred_at.is_none() && self.status.is_finished()
    }

    /// The time that orders the status among those of its rank, in whole milliseconds like every time of a reporter;
    /// `None`: the report has none. The attempt moves a time of receipt to that of an earlier arrival if this is
    /// later.
    pub fn status_time(&self, received_at: Timestamp) -> Option<Timestamp> {
        let at_receipt = self.is_ordered_by_receipt().then(|| truncate_to_millis(received_at));
        self.occurred_at.or(at_receipt)
    }

    /// The digest of the link of the report as it was sent; `None`: the report has no link.
    pub fn url_digest(&self) -> Option<u64> {
        self.sent_url.or_else(|| self.target_url.as_deref().map(digest_of_url))
    }

    /// Drops times that the status cannot have, and moves a start after the end to the end. Clocks of two
    /// machines can disagree.
    fn adjust_times(&mut self) {
        if !self.keeps_status && self.status.rank() == Rank::Pending && self.started_at.take().is_some() {
            self.adjusted.add("started_at", AdjustmentKind::Dropped);
        }
        if !self.status.is_finished() && self.finished_at.take().is_some() {
            self.adjusted.add("finished_at", AdjustmentKind::Dropped);
        }
        if let (Some(started), Some(finished)) = (self.started_at, self.finished_at)
            && finished < started
        {
            self.started_at = Some(finished);
            self.adjusted.add("started_at", AdjustmentKind::Clamped);
        }
    }
}

/// FNV-1a, 64 bits. It is the same on every machine and in every version; it needs no cryptographic strength.
pub fn digest_of_url(url: &str) -> u64 {
    url.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// The changes of one report: fields of its attempt, the position of its stage, and labels of its pipeline. The
/// store saves it as an integer.
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
    CREATED_AT = 8 "created_at",
    NEWEST = 9 "newest",
    STAGE_ORDER = 10 "stage_order",
    WEB_URL = 11 "web_url",
    TRIGGER_USER = 12 "trigger_user",
    DETAILS = 13 "details",
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

    /// Adds the fields of `other`.
    pub const fn add(&mut self, other: Self) {
        self.0 |= other.0;
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
    pub name_ignores_case: bool,
    pub status: Option<String>,
    pub conclusion: Option<Conclusion>,
    pub job_id: Option<JobId>,
    pub pipeline_id: Option<i64>,
    pub pipeline_key: Option<String>,
    pub third_build_id: Option<String>,
    pub target_url: Option<String>,
    pub description: Option<String>,
    pub coverage: Option<f64>,
    pub allow_failure: Option<bool>,
    pub occurred_at: Option<String>,
    pub occurred_at_receipt: bool,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub source: Option<String>,
    pub web_url: Option<String>,
    pub trigger_user: Option<String>,
    pub details: Option<Box<DetailsInput>>,
    /// The values that the dialect dropped because it could not read them.
    pub adjusted: Adjustments,
}

impl ReportInput {
    /// Checks what identifies the job, the status and the pipeline first, and adjusts what is only displayed. A
    /// time may be at most 24 hours after `now`. A report that names the attempt by its id may have no status.
    ///
    /// # Errors
    /// The first invalid field, and its problem.
    pub fn check(self, now: Timestamp) -> Result<Report, Invalid> {
        let name = |field, value: String| text::single_line(field, value, text::NAME_MAX);
        let keeps_status = self.status.is_none() && self.job_id.is_some();
        let status = match keeps_status {
            true => Status::Pending,
            false => Status::parse(&required("status", self.status)?)
                .ok_or_else(|| Invalid::new("status", Problem::NotOneOf { allowed: Status::NAMES }))?,
        };
        let pipeline = match (self.pipeline_id, self.pipeline_key) {
            (Some(_), Some(_)) => {
                return Err(Invalid::new("pipeline_key", Problem::Contradicts { other: "pipeline_id" }));
            }
            (Some(id), None) => PipelineChoice::Id(PipelineId::new(id)?),
            (None, key) => {
                PipelineChoice::Key(optional(key, |k| name("pipeline_key", k))?.unwrap_or_default())
            }
        };
        let third_build_id = optional(self.third_build_id, |v| name("third_build_id", v))?;
        let sha = text::sha("sha", required("sha", self.sha)?)?;
        let ref_is_default = self.git_ref.is_none() && self.default_ref.is_some();
        let git_ref = refs::check("ref", required("ref", self.git_ref.or(self.default_ref))?)?;
        let stage = optional(self.stage, |v| name("stage", v))?.unwrap_or_else(|| DEFAULT_STAGE.to_owned());
        let job_name = name("name", required("name", self.name)?)?;
        let source =
            optional(self.source, |v| name("source", v))?.unwrap_or_else(|| DEFAULT_SOURCE.to_owned());

        let mut adjusted = self.adjusted;
        let details = match self.details {
            Some(details) => details.check(&mut adjusted)?,
            None => None,
        };
        let (details, key) = details.unzip();
        let (target_url, sent_url) = adjusted.link_and_sent("target_url", self.target_url);
        let mut state = ReportedState {
            status,
            keeps_status,
            conclusion: self.conclusion.filter(|conclusion| conclusion.status() == status),
            authority: Authority::Reporter,
            third_build_id,
            sent_url: sent_url.as_deref().map(digest_of_url),
            target_url,
            description: adjusted.description("description", self.description),
            coverage: adjusted.percentage("coverage", self.coverage),
            allow_failure: self.allow_failure,
            occurred_at: adjusted.time("occurred_at", self.occurred_at.as_deref(), now),
            occurred_at_receipt: self.occurred_at_receipt && !keeps_status,
            started_at: adjusted.time("started_at", self.started_at.as_deref(), now),
            finished_at: adjusted.time("finished_at", self.finished_at.as_deref(), now),
            details: key.map(Box::new),
            adjusted: Adjustments::default(),
            rules: Rules::default(),
        };
        let stage_order = adjusted.position("stage_order", self.stage_order);
        let web_url = adjusted.link("web_url", self.web_url);
        let trigger_user = adjusted.label("trigger_user", self.trigger_user);
        state.adjusted = adjusted;
        state.adjust_times();
        Ok(Report {
            sha,
            git_ref,
            ref_is_default,
            stage,
            stage_order,
            name: job_name,
            name_ignores_case: self.name_ignores_case,
            job_id: self.job_id,
            pipeline,
            source,
            web_url,
            trigger_user,
            details: details.map(Arc::from),
            state,
        })
    }
}

fn required(field: &str, value: Option<String>) -> Result<String, Invalid> {
    value.ok_or_else(|| Invalid::new(field, Problem::Missing))
}

fn optional<T>(
    value: Option<String>,
    check: impl FnOnce(String) -> Result<T, Invalid>,
) -> Result<Option<T>, Invalid> {
    value.map(check).transpose()
}

/// Parses an RFC 3339 time from 1970 on and truncates it to whole milliseconds, the resolution of every
/// dialect.
///
/// # Errors
/// [`Problem::NotTimestamp`] for any other text.
pub fn parse_time(field: &str, value: &str) -> Result<Timestamp, Invalid> {
    let time = text::time(field, value)?;
    if time < Timestamp::UNIX_EPOCH {
        return Err(Invalid::new(field, Problem::NotTimestamp));
    }
    Ok(time)
}
