//! The past: a pipeline, and the facts about a commit, as they were at an earlier moment. They follow from the kept
//! reports by the rules of all reports ([`Replay`]).
//!
//! A moment is a time, or a report ([`AsOf`]). A past state includes the last report that was received by the time, and
//! every report that arrived before it: it is a state that the store had. Ends that the watchdog or an operator set are
//! reports too.
//!
//! An import has the last state of each attempt only, so an imported pipeline has no past before the latest time in its
//! import. Retention deletes pipelines as a whole: what is kept of a pipeline is complete.

use super::gates::{Expectation, GateFacts, Override, RecordedVerdict};
use super::history::HistoryEntry;
use super::ids::{JobId, PipelineId};
use super::pipelines::PipelineState;
use super::text;
use super::verification::{self, IMPORT, StoredReport};
use crate::error::{Error, Invalid, Problem, Result};
use jiff::Timestamp;

/// Most reports of a pipeline, or of a commit, that one read replays.
pub const REPORTS_MAX: u64 = 500_000;

/// An earlier moment of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// A time.
    Time(Timestamp),
    /// After the report with this number.
    Report(i64),
}

impl AsOf {
    /// The name of the parameter.
    pub const FIELD: &str = "as_of";
    /// Begins the form of [`AsOf::Report`].
    pub const REPORT: &str = "report:";

    /// Reads an RFC 3339 time, or `report:` and the number of a report.
    ///
    /// # Errors
    /// On `as_of`: [`Problem::NotMoment`]; [`Problem::InFuture`] for a time after `now`.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, Invalid> {
        let invalid = |problem| Invalid::new(Self::FIELD, problem);
        if let Some(number) = text.strip_prefix(Self::REPORT) {
            let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
            let number = number.parse().ok().filter(|number: &i64| is_number && *number >= 1);
            return number.map(Self::Report).ok_or_else(|| invalid(Problem::NotMoment));
        }
        let time = text::time(Self::FIELD, text).map_err(|_| invalid(Problem::NotMoment))?;
        if time > now { Err(invalid(Problem::InFuture)) } else { Ok(Self::Time(time)) }
    }
}

/// The text that [`AsOf::parse`] reads.
impl std::fmt::Display for AsOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Time(time) => write!(f, "{time:.3}"),
            Self::Report(number) => write!(f, "{}{number}", Self::REPORT),
        }
    }
}

/// The last report that a past state includes.
#[derive(Debug, Clone, PartialEq)]
pub struct LastReport {
    /// Its pipeline.
    pub pipeline_id: PipelineId,
    /// Its attempt.
    pub job_id: JobId,
    /// The report, with the names of its reporter and credential.
    pub entry: HistoryEntry,
}

/// The moment of a past state, and how far back the record reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The time: the requested one, or that of the receipt of the report.
    pub at: Timestamp,
    /// The last report that is included; `None`: none was received by the time.
    pub last_report: Option<LastReport>,
    /// States before this time may lack something; `None`: nothing was deleted.
    pub kept_since: Option<Timestamp>,
}

impl Moment {
    /// Whether everything that was known at the moment is kept.
    pub fn is_complete(&self) -> bool {
        self.kept_since.is_none_or(|since| self.at >= since)
    }
}

/// The last report of a past state of a pipeline, in order of arrival.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// Number, attempt and receipt of the first report.
    pub first: Option<(i64, JobId, Timestamp)>,
    /// Number, attempt and receipt of the last report that the state includes.
    pub last: Option<(i64, JobId, Timestamp)>,
    /// The receipt of the report that [`AsOf::Report`] names, if it is of the pipeline.
    pub named_at: Option<Timestamp>,
    /// The number of the first report after the one that [`AsOf::Report`] names.
    pub next: Option<i64>,
    /// The number of the last report of all.
    pub newest: i64,
    /// The number of reports.
    pub count: u64,
}

impl Arrivals {
    /// Adds a report, in any order.
    pub fn add(&mut self, as_of: AsOf, number: i64, job: JobId, received_at: Timestamp) {
        self.count += 1;
        self.newest = self.newest.max(number);
        if self.first.is_none_or(|(first, ..)| number < first) {
            self.first = Some((number, job, received_at));
        }
        let included = match as_of {
            AsOf::Time(time) => received_at <= time,
            AsOf::Report(last) => {
                if number == last {
                    self.named_at = Some(received_at);
                }
                if number > last && self.next.is_none_or(|next| number < next) {
                    self.next = Some(number);
                }
                number <= last
            }
        };
        if included && self.last.is_none_or(|(last, ..)| number > last) {
            self.last = Some((number, job, received_at));
        }
    }

    /// Whether every report is included.
    pub fn include_all(&self) -> bool {
        self.last.is_some_and(|(last, ..)| last == self.newest)
    }
}

/// Builds a pipeline from its reports, one at a time.
#[derive(Debug)]
pub struct Replay<'a> {
    /// The pipeline as it is now: the ids and names of its stages and attempts.
    stored: &'a PipelineState,
    at: Timestamp,
    /// The reports of an import, until a later report comes.
    imported: Vec<StoredReport>,
    /// The latest time in the import.
    imported_until: Option<Timestamp>,
    state: Option<PipelineState>,
}

impl<'a> Replay<'a> {
    /// A pipeline without reports. `at`: the moment.
    pub fn new(stored: &'a PipelineState, at: Timestamp) -> Self {
        Self { stored, at, imported: Vec::new(), imported_until: None, state: None }
    }

    /// Applies the next report, in order of arrival.
    ///
    /// # Errors
    /// [`Error::Internal`] if the report does not give its stored attempt.
    pub fn add(&mut self, report: StoredReport) -> Result<()> {
        if self.state.is_none() && report.entry.dialect == IMPORT {
            let entry = &report.entry;
            let times = [entry.state.occurred_at, entry.state.started_at, entry.state.finished_at];
            let latest = times.into_iter().flatten().fold(entry.received_at, Timestamp::max);
            self.imported_until = self.imported_until.max(Some(latest));
            self.imported.push(report);
            return Ok(());
        }
        let stored = self.stored;
        let state = match &mut self.state {
            Some(state) => state,
            none => none.insert(Self::start(stored, &self.imported, report.entry.received_at, self.at)?),
        };
        self.imported = Vec::new();
        if verification::replay_report(state, stored, &report) {
            return Ok(());
        }
        let (number, id) = (report.entry.report_id, stored.pipeline.id);
        Err(Error::Internal(format!("report {number} of pipeline {id} does not give its attempt")))
    }

    fn start(
        stored: &PipelineState,
        imported: &[StoredReport],
        first_at: Timestamp,
        at: Timestamp,
    ) -> Result<PipelineState> {
        let pipeline = &stored.pipeline;
        if imported.is_empty() {
            let identity = pipeline.identity.clone();
            return Ok(PipelineState::new(pipeline.id, pipeline.repository_id, identity, first_at));
        }
        let damaged =
            || Error::Internal(format!("the import of pipeline {} cannot be replayed", pipeline.id));
        verification::replay_import(stored, imported, at).ok_or_else(damaged)
    }

    /// The latest time in the import of the pipeline. Its states before are not known.
    pub const fn imported_until(&self) -> Option<Timestamp> {
        self.imported_until
    }

    /// The pipeline after the reports; `None`: there were none.
    ///
    /// # Errors
    /// As [`Replay::add`].
    pub fn finish(self) -> Result<Option<PipelineState>> {
        match self.state {
            None if self.imported.is_empty() => Ok(None),
            None => Self::start(self.stored, &self.imported, self.at, self.at).map(Some),
            Some(state) if self.imported_until.is_some() => {
                let PipelineState { pipeline, mut stages, jobs, .. } = state;
                // A stage that an import may have had without jobs was added later.
                stages.sort_by_key(|stage| stage.id);
                Ok(Some(PipelineState::load(pipeline, stages, jobs)))
            }
            state => Ok(state),
        }
    }
}

/// The inputs of the gate of a commit for a target at a moment, to compare a record with.
#[derive(Debug, Clone, Copy)]
pub struct PastFacts<'a> {
    /// The moment.
    pub moment: &'a Moment,
    /// The facts that were known.
    pub facts: &'a GateFacts,
    /// The version of the rules that were in force; 0: there were none.
    pub rules_version: i64,
    /// The version of the verdict that follows from the facts.
    pub version: i64,
    /// The first report of the commit after the one that [`AsOf::Report`] names.
    pub next_report: Option<i64>,
}

impl PastFacts<'_> {
    /// Whether a recorded verdict counts for the moment: it takes into account what was known then, and nothing that
    /// came later. It does if its versions equal those of the facts. If pipelines of the commit may have been deleted,
    /// its version may be higher; then it counts if no kept fact came after it.
    pub fn has_record(&self, as_of: AsOf, record: &RecordedVerdict) -> bool {
        let last_report = self.last_report();
        let is_of_moment = match as_of {
            AsOf::Time(_) => {
                // A clock that was ahead may have recorded it.
                let by_report = self.moment.is_complete() && record.last_report <= last_report;
                record.at <= self.moment.at || by_report
            }
            AsOf::Report(number) => {
                record.last_report >= number && self.next_report.is_none_or(|next| record.last_report < next)
            }
        };
        if !is_of_moment || record.rules_version != self.rules_version || record.last_report < last_report {
            return false;
        }
        if self.moment.is_complete() {
            return record.version == self.version;
        }
        let announced = self.facts.expectations.iter().map(|expectation| Some(expectation.at));
        let decided = self.facts.overrides.iter().flat_map(|of| [Some(of.at), of.withdrawn_at]);
        let mut others = announced.chain(decided).chain([record.next_due]).flatten();
        record.version >= self.version && !others.any(|at| at > record.at && at <= self.moment.at)
    }

    /// The number of the last report of the commit; 0: there was none.
    pub fn last_report(&self) -> i64 {
        self.moment.last_report.as_ref().map_or(0, |last| last.entry.report_id)
    }
}

/// The announcements that were made by this time.
pub fn announced_by(expectations: Vec<Expectation>, time: Timestamp) -> Vec<Expectation> {
    expectations.into_iter().filter(|expectation| expectation.at <= time).collect()
}

/// The overrides as they were at this time.
pub fn overrides_at(overrides: Vec<Override>, time: Timestamp) -> Vec<Override> {
    let known = overrides.into_iter().filter(|decision| decision.at <= time);
    let at_time = |decision: Override| match decision.withdrawn_at {
        Some(withdrawn_at) if withdrawn_at > time => {
            Override { withdrawn_at: None, withdrawn_by: None, withdrawn_by_name: None, ..decision }
        }
        _ => decision,
    };
    known.map(at_time).collect()
}

#[cfg(test)]
mod tests;
