//! Reports: every accepted report as it was received and with its effect, kept until its pipeline is deleted.

use super::deleted_pipelines::not_deleted;
use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, table, values};
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, PipelineId, RepositoryId, UserId};
use domain::model::job_closings::JobClosing;
use domain::model::reports::{Arrival, Reason, Receipt, Report, ReportedState};
use domain::model::verification::StoredReport;
use domain::ports::ReportBatch;
use domain::{Result, Timestamp};

table! {
    /// Reports.
    REPORTS "reports";
    key repository_id: Int, job_id: Int, seq: Int;
    fixed pipeline_id: Int, reporter: Int, dialect: Text, received_at: Int, status: Text,
        third_build_id: Text, target_url: Text, description: Text, coverage: Real, allow_failure: Int,
        occurred_at: Int, started_at: Int, finished_at: Int, stage_order: Int, web_url: Text,
        trigger_user: Text, effect: Text, changed: Int, authority: Text, status_after: Text, closing_reason: Text,
        reason: Text, rules: Int, adjusted: Int, sent_url: Int;
    row ReportValues;
}

// Without the name of the reporter.
columns! {
    HistoryEntry from "r": seq, dialect, received_at, status, third_build_id, target_url, description,
        coverage, allow_failure, occurred_at, started_at, finished_at, effect, changed, authority,
        status_after, closing_reason, reason: Option<String>, rules, adjusted, sent_url: Option<i64>
    => {
        let state = ReportedState {
            status,
            authority,
            third_build_id,
            target_url,
            description,
            coverage,
            allow_failure,
            occurred_at,
            started_at,
            finished_at,
            // The digest has 64 bits without a sign.
            sent_url: sent_url.map(i64::cast_unsigned),
            adjusted,
            rules,
        };
        Self {
            report_id: seq,
            reporter: None,
            dialect,
            received_at,
            reason: Reason::stored_or_derived(reason.as_deref(), &state, effect, changed, status_after),
            state,
            effect,
            changed,
            status_after,
            closing_reason,
        }
    }
}

/// What a report says of its pipeline and stage.
struct ReportTarget {
    job_id: JobId,
    pipeline_id: PipelineId,
    stage_order: Option<i32>,
    web_url: Option<String>,
    trigger_user: Option<String>,
}

columns! {
    ReportTarget from "r": job_id, pipeline_id, stage_order, web_url, trigger_user
    => Self { job_id, pipeline_id, stage_order, web_url, trigger_user }
}

/// A report to write.
pub struct NewReport<'a> {
    repository: RepositoryId,
    /// `None`: Stagepost itself.
    reporter: Option<UserId>,
    dialect: &'a str,
    arrival: Arrival,
    state: &'a ReportedState,
    report: Option<&'a Report>,
    closing_reason: Option<&'a str>,
    receipt: &'a Receipt,
}

impl<'a> NewReport<'a> {
    /// A report of a build system.
    pub fn reported(
        batch: &'a ReportBatch,
        report: &'a Report,
        arrival: Arrival,
        receipt: &'a Receipt,
    ) -> Self {
        Self {
            repository: batch.repository_id,
            reporter: Some(batch.reporter),
            dialect: batch.dialect,
            arrival,
            state: &report.state,
            report: Some(report),
            closing_reason: None,
            receipt,
        }
    }

    /// An end that the watchdog or an operator set.
    pub fn closed(
        closing: &'a JobClosing,
        state: &'a ReportedState,
        arrival: Arrival,
        receipt: &'a Receipt,
    ) -> Self {
        Self {
            repository: closing.repository_id,
            reporter: closing.closed_by,
            dialect: closing.dialect,
            arrival,
            state,
            report: None,
            closing_reason: closing.reason.as_deref(),
            receipt,
        }
    }

    /// The row.
    pub fn values(&self) -> Vec<Value<'a>> {
        let Self { repository, reporter, dialect, arrival, state, report, closing_reason, receipt } = *self;
        let row = ReportValues {
            repository_id: repository.into(),
            job_id: receipt.job_id.to_value(),
            seq: arrival.seq.into(),
            pipeline_id: receipt.pipeline_id.to_value(),
            // No user has the id 0.
            reporter: reporter.map_or(0, UserId::get).into(),
            dialect: dialect.into(),
            received_at: arrival.received_at.into(),
            status: state.status.to_value(),
            third_build_id: state.third_build_id.to_value(),
            target_url: state.target_url.to_value(),
            description: state.description.to_value(),
            coverage: state.coverage.to_value(),
            allow_failure: state.allow_failure.to_value(),
            occurred_at: state.occurred_at.to_value(),
            started_at: state.started_at.to_value(),
            finished_at: state.finished_at.to_value(),
            stage_order: report.and_then(|report| report.stage_order).into(),
            web_url: report.and_then(|report| report.web_url.as_deref()).into(),
            trigger_user: report.and_then(|report| report.trigger_user.as_deref()).into(),
            effect: receipt.effect.to_value(),
            changed: receipt.changed.to_value(),
            authority: state.authority.to_value(),
            status_after: receipt.status.to_value(),
            closing_reason: closing_reason.into(),
            reason: receipt.reason.as_str().into(),
            rules: state.rules.to_value(),
            adjusted: state.adjusted.to_value(),
            sent_url: state.sent_url.map(u64::cast_signed).into(),
        };
        row.into()
    }
}

/// The reports of an attempt after the one with number `after`, in order of arrival. A job of a deleted
/// pipeline has none.
pub fn history(
    sql: &dyn Sql,
    repository: RepositoryId,
    job: JobId,
    after: i64,
    limit: u32,
) -> Result<Vec<HistoryEntry>> {
    let query = format!(
        "SELECT u.name, {} FROM reports r LEFT JOIN users u ON u.id = r.reporter
         WHERE r.repository_id = ?1 AND r.job_id = ?2 AND r.seq > ?3 AND {} ORDER BY r.seq LIMIT ?4",
        HistoryEntry::COLUMNS,
        not_deleted("r")
    );
    let rows: Vec<(Option<String>, HistoryEntry)> =
        sql.all(&query, values![repository, job, after, limit])?;
    Ok(rows.into_iter().map(|(reporter, entry)| HistoryEntry { reporter, ..entry }).collect())
}

/// The reports of the pipelines with ids from `first` to `last`, each with its pipeline, in order of arrival
/// in each pipeline. The reporters are left out.
pub fn of_pipelines(
    sql: &dyn Sql,
    repository: RepositoryId,
    first: PipelineId,
    last: PipelineId,
) -> Result<Vec<(PipelineId, StoredReport)>> {
    // The join with jobs keeps SQLite from scanning all reports.
    let query = format!(
        "SELECT j.pipeline_id, {}, {} FROM jobs j CROSS JOIN reports r ON r.repository_id = j.repository_id
            AND r.job_id = j.id
         WHERE j.repository_id = ?1 AND j.pipeline_id BETWEEN ?2 AND ?3 ORDER BY j.pipeline_id, r.seq",
        HistoryEntry::COLUMNS,
        ReportTarget::COLUMNS
    );
    let rows: Vec<(PipelineId, HistoryEntry, ReportTarget)> =
        sql.all(&query, values![repository, first, last])?;
    let report = |(pipeline, entry, target): (PipelineId, HistoryEntry, ReportTarget)| {
        let ReportTarget { job_id, pipeline_id, stage_order, web_url, trigger_user } = target;
        (pipeline, StoredReport { entry, job_id, pipeline_id, stage_order, web_url, trigger_user })
    };
    Ok(rows.into_iter().map(report).collect())
}

/// The user who sent the first report of an attempt, among the written rows; `None` if it is Stagepost itself.
pub fn first_reporter(sql: &dyn Sql, repository: RepositoryId, job: JobId) -> Result<Option<UserId>> {
    let query = "SELECT reporter FROM reports WHERE repository_id = ?1 AND job_id = ?2 ORDER BY seq LIMIT 1";
    let id: Option<i64> = sql.first(query, values![repository, job])?;
    // No user has the id 0.
    Ok(id.and_then(|id| UserId::new(id).ok()))
}

/// When a report of a build system was last received for an attempt, among the written rows.
pub fn last_received_at(sql: &dyn Sql, repository: RepositoryId, job: JobId) -> Result<Option<Timestamp>> {
    let query =
        "SELECT received_at FROM reports WHERE repository_id = ?1 AND job_id = ?2 AND authority = 'reporter'
         ORDER BY seq DESC LIMIT 1";
    sql.first(query, values![repository, job])
}
