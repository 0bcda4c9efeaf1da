//! The history: every report accepted, as it was said and with what it did, until its pipeline is taken away.

use crate::rows;
use crate::sql::{Row, Sql, Value, row, values};
use crate::unit_of_work::UnitOfWork;
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, RepositoryId, UserId};
use domain::model::job_closings::JobClosing;
use domain::model::reports::{Arrival, Authority, Effect, FieldSet, Reason, Receipt, Report, ReportedState};
use domain::model::verification::StoredReport;
use domain::ports::ReportBatch;
use domain::{Result, Timestamp};

/// One row to write.
pub struct Entry<'a> {
    pub repository: RepositoryId,
    /// `None`: Stagepost itself.
    pub reporter: Option<UserId>,
    pub dialect: &'a str,
    pub arrival: Arrival,
    pub state: &'a ReportedState,
    pub report: Option<&'a Report>,
    pub reason: Option<&'a str>,
    pub receipt: &'a Receipt,
}

impl<'a> Entry<'a> {
    pub fn of_report(
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
            reason: None,
            receipt,
        }
    }

    pub fn of_closing(
        closing: &'a JobClosing,
        said: &'a ReportedState,
        arrival: Arrival,
        receipt: &'a Receipt,
    ) -> Self {
        Self {
            repository: closing.repository_id,
            reporter: closing.closed_by,
            dialect: closing.dialect,
            arrival,
            state: said,
            report: None,
            reason: closing.reason.as_deref(),
            receipt,
        }
    }
}

/// Lets the row of a report wait with the group.
pub fn write(unit: &mut UnitOfWork, entry: &Entry<'_>) {
    let Entry { arrival, state: said, report, receipt, .. } = entry;
    let row = row![
        entry.repository.get(),
        receipt.job_id.get(),
        arrival.seq,
        receipt.pipeline_id.get(),
        // No user has this id.
        entry.reporter.map_or(0, UserId::get),
        entry.dialect,
        arrival.received_at.as_millisecond(),
        said.status.as_str(),
        &said.third_build_id,
        &said.target_url,
        &said.description,
        said.coverage,
        said.allow_failure,
        said.occurred_at.map(Timestamp::as_millisecond),
        said.started_at.map(Timestamp::as_millisecond),
        said.finished_at.map(Timestamp::as_millisecond),
        report.and_then(|report| report.stage_order),
        report.and_then(|report| report.web_url.as_deref()),
        report.and_then(|report| report.trigger_user.as_deref()),
        receipt.effect.as_str(),
        receipt.changed.bits(),
        said.authority.as_str(),
        receipt.status.as_str(),
        entry.reason,
    ];
    let row = row.into_iter().map(Value::into_owned).collect();
    unit.pending_rows().report(row);
}

/// Reads an entry from the first columns.
fn read(row: &dyn Row) -> Result<HistoryEntry> {
    let (effect, authority, stood): (String, String, Option<String>) =
        (row.get(13)?, row.get(15)?, row.get(16)?);
    let known = Effect::ALL.into_iter().find(|known| known.as_str() == effect);
    let effect = known.ok_or_else(|| rows::corrupt(&effect))?;
    let state = ReportedState {
        status: rows::status(&row.get::<String>(4)?)?,
        authority: Authority::parse(&authority).ok_or_else(|| rows::corrupt(&authority))?,
        third_build_id: row.get(5)?,
        target_url: row.get(6)?,
        description: row.get(7)?,
        coverage: row.get(8)?,
        allow_failure: row.get(9)?,
        occurred_at: rows::optional_time(row.get(10)?)?,
        started_at: rows::optional_time(row.get(11)?)?,
        finished_at: rows::optional_time(row.get(12)?)?,
    };
    let changed = FieldSet::from_bits(row.get(14)?);
    let status_after = stood.as_deref().map(rows::status).transpose()?;
    // No column has the name of the reason yet.
    let reason_code: Option<String> = None;
    let reason = Reason::stored_or_derived(reason_code.as_deref(), &state, effect, changed, status_after);
    Ok(HistoryEntry {
        report_id: row.get(0)?,
        reporter: row.get(1)?,
        dialect: row.get(2)?,
        received_at: rows::time(row.get(3)?)?,
        state,
        effect,
        reason,
        changed,
        status_after,
        closing_reason: row.get(17)?,
    })
}

/// In the order that [`read_recorded`] reads.
pub const RECORDED: &str = "r.seq, CAST(NULL AS TEXT), r.dialect, r.received_at, r.status, r.third_build_id, r.target_url,
    r.description, r.coverage, r.allow_failure, r.occurred_at, r.started_at, r.finished_at, r.effect, r.changed, r.authority,
    r.stood, r.reason, r.job_id, r.pipeline_id, r.stage_order, r.web_url, r.trigger_user";

/// Reads a whole report, but for who sent it.
pub fn read_recorded(row: &dyn Row) -> Result<StoredReport> {
    Ok(StoredReport {
        entry: read(row)?,
        job_id: rows::job_id(row.get(18)?)?,
        pipeline_id: rows::pipeline_id(row.get(19)?)?,
        stage_order: row.get(20)?,
        web_url: row.get(21)?,
        trigger_user: row.get(22)?,
    })
}

/// The reports of an attempt after the one with number `after`, in order of arrival.
pub fn load(
    sql: &dyn Sql,
    repository: RepositoryId,
    job: JobId,
    after: i64,
    limit: u32,
) -> Result<Vec<HistoryEntry>> {
    // A job whose pipeline was taken away has no history any more.
    let query = "SELECT r.seq, u.name, r.dialect, r.received_at, r.status, r.third_build_id, r.target_url, r.description,
                 r.coverage, r.allow_failure, r.occurred_at, r.started_at, r.finished_at, r.effect, r.changed, r.authority,
                 r.stood, r.reason FROM reports r LEFT JOIN users u ON u.id = r.reporter
                 WHERE r.repository_id = ?1 AND r.job_id = ?2 AND r.seq > ?3 AND NOT EXISTS
                 (SELECT 1 FROM leavings l WHERE l.repository_id = r.repository_id AND l.pipeline_id = r.pipeline_id)
                 ORDER BY r.seq LIMIT ?4";
    sql.all(query, values![repository.get(), job.get(), after, limit], read)
}

/// When a report of the build system was last received of an attempt, among those on disk and of this group.
pub fn heard_at(sql: &dyn Sql, repository: RepositoryId, job: JobId) -> Result<Option<Timestamp>> {
    let query =
        "SELECT received_at FROM reports WHERE repository_id = ?1 AND job_id = ?2 AND authority = 'reporter'
                 ORDER BY seq DESC LIMIT 1";
    let at: Option<i64> = sql.first(query, values![repository.get(), job.get()], |row| row.get(0))?;
    rows::optional_time(at)
}
