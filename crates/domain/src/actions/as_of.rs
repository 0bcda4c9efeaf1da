//! Reading the past: a pipeline with its attempts, a commit and its gate as they were at an earlier moment.

use super::access::{Granted, Reads};
use super::commits::{JOBS_MAX, PIPELINES_MAX};
use super::gates::{self, Gate};
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::as_of::{AsOf, Moment, PastFacts};
use crate::model::gates::{Evaluation, RecordedVerdict, evaluate};
use crate::model::ids::PipelineId;
use crate::model::pipelines::PipelineState;
use crate::model::text;
use crate::model::trusted_time::TrustedTime;
use crate::ports::{App, PastCommit, PastGateRecord, RecordRange};

/// A pipeline with its stages and attempts.
///
/// # Errors
/// [`Error::PipelineNotFound`]; [`Error::Invalid`] on `as_of`: [`Problem::NotKept`] for a moment before the first state
/// that is kept, [`Problem::Unknown`] for a report that is not of the pipeline.
pub async fn pipeline(
    app: &App,
    by: &Granted<Reads>,
    id: PipelineId,
    as_of: AsOf,
) -> Result<(PipelineState, Moment)> {
    let past = app.store.pipeline_as_of(by.repository().id, id, as_of).await?;
    let past = past.ok_or(Error::PipelineNotFound)?;
    let since = past.moment.kept_since.unwrap_or(past.moment.at);
    let not_kept = || Invalid::new(AsOf::FIELD, Problem::NotKept { since });
    Ok((past.state.ok_or_else(not_kept)?, past.moment))
}

/// A page of the pipelines of a commit, by its full id, newest first, each with its newest attempts.
///
/// # Errors
/// [`Error::Invalid`] on `as_of`: [`Problem::Unknown`] for a report that is not of the commit.
pub async fn commit(
    app: &App,
    by: &Granted<Reads>,
    sha: &str,
    as_of: AsOf,
    before: Option<PipelineId>,
) -> Result<PastCommit> {
    app.store.commit_as_of(by.repository().id, sha, as_of, before, PIPELINES_MAX, JOBS_MAX).await
}

/// A gate as it was.
#[derive(Debug, Clone)]
pub struct PastGate {
    /// The rules that were in force, the facts and the time.
    pub gate: Gate,
    /// The moment.
    pub moment: Moment,
    /// The verdict that was recorded for the moment. It has priority over the one that follows from the facts.
    pub recorded: Option<RecordedVerdict>,
}

impl PastGate {
    /// The verdict, with the result of each requirement.
    pub fn evaluation(&self) -> Evaluation<'_> {
        match &self.recorded {
            Some(recorded) => recorded.evaluation(),
            None => self.gate.evaluation(),
        }
    }

    /// The version of the rules that gave the verdict; 0: there were none.
    pub fn rules_version(&self) -> i64 {
        let of_facts = || self.gate.record.rules.as_ref().map_or(0, |rules| rules.version);
        self.recorded.as_ref().map_or_else(of_facts, |recorded| recorded.rules_version)
    }
}

/// The gate of a commit, by its full id. `target` as in [`gates::show`]; merge requests have their present targets.
///
/// # Errors
/// As [`gates::show`] and [`commit`].
pub async fn gate(
    app: &App,
    by: &Granted<Reads>,
    sha: &str,
    target: Option<&str>,
    as_of: AsOf,
) -> Result<PastGate> {
    let sha = text::sha("sha", sha)?;
    let known = app.store.gate_record_as_of(by.repository().id, &sha, None, as_of).await?;
    let target = gates::target_of(app, by.repository(), &known.record, &sha, target).await?;
    gate_of_target(app, by, &sha, target, as_of).await
}

/// The gates of a commit, by its full id, at most [`GATES_MAX`](gates::GATES_MAX). `target` as in [`gates::of_commit`];
/// merge requests have their present targets.
///
/// # Errors
/// As [`gate`].
pub async fn gates_of_commit(
    app: &App,
    by: &Granted<Reads>,
    sha: &str,
    target: Option<&str>,
    as_of: AsOf,
) -> Result<Vec<PastGate>> {
    let sha = text::sha("sha", sha)?;
    let known = app.store.gate_record_as_of(by.repository().id, &sha, None, as_of).await?;
    let targets = gates::targets_of(app, by.repository(), &known.record, &sha, target).await?;
    let mut found = Vec::new();
    for target in targets.into_iter().take(gates::GATES_MAX) {
        found.push(gate_of_target(app, by, &sha, target, as_of).await?);
    }
    Ok(found)
}

async fn gate_of_target(
    app: &App,
    by: &Granted<Reads>,
    sha: &str,
    target: String,
    as_of: AsOf,
) -> Result<PastGate> {
    let past = app.store.gate_record_as_of(by.repository().id, sha, Some(&target), as_of).await?;
    let recorded = recorded(app, by, (sha, target.as_str()), as_of, &past).await?;
    let PastGateRecord { record, moment, .. } = past;
    let time = TrustedTime::new(moment.at);
    Ok(PastGate { gate: Gate { sha: sha.to_owned(), target, record, time }, moment, recorded })
}

/// The verdict that was recorded for a moment. After a report it is the first one that takes the report into account,
/// and no later report of the commit.
async fn recorded(
    app: &App,
    by: &Granted<Reads>,
    (sha, target): (&str, &str),
    as_of: AsOf,
    past: &PastGateRecord,
) -> Result<Option<RecordedVerdict>> {
    let PastGateRecord { record, moment, next_report } = past;
    let rules = record.rules.as_ref();
    let facts = PastFacts {
        moment,
        facts: &record.facts,
        rules_version: rules.map_or(0, |rules| rules.version),
        version: evaluate(rules, target, &record.facts, &TrustedTime::new(moment.at)).version,
        next_report: *next_report,
    };
    let range = match as_of {
        AsOf::Time(at) => {
            RecordRange { until: Some(at), until_report: Some(facts.last_report()), ..RecordRange::default() }
        }
        AsOf::Report(_) => {
            RecordRange { until_report: next_report.map(|next| next - 1), ..RecordRange::default() }
        }
    };
    let all = app.store.recorded_verdicts(by.repository().id, sha, target, range, RECORDS_MAX).await?;
    let mut counting = all.into_iter().filter(|record| facts.has_record(as_of, record));
    Ok(match as_of {
        AsOf::Time(_) => counting.next(),
        AsOf::Report(_) => counting.next_back(),
    })
}

/// Most records of a commit that are searched for the one of a moment.
const RECORDS_MAX: u32 = 200;
