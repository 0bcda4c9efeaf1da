//! The history: every report accepted, as it was said and with what it did, until its pipeline is taken away.

use crate::desk::Desk;
use crate::rows;
use crate::sql::{Row, Sql, Value, row, values};
use domain::model::closings::Closing;
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, RepositoryId, UserId};
use domain::model::reports::{Arrival, Authority, Effect, Fields, Receipt, Report, Said};
use domain::model::verification::Recorded;
use domain::ports::ReportBatch;
use domain::{Result, Timestamp};

/// One row to write.
pub struct Entry<'a> {
    pub repository: RepositoryId,
    /// `None`: Stagepost itself.
    pub reporter: Option<UserId>,
    pub dialect: &'a str,
    pub arrival: Arrival,
    pub said: &'a Said,
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
            said: &report.said,
            report: Some(report),
            reason: None,
            receipt,
        }
    }

    pub fn of_closing(closing: &'a Closing, said: &'a Said, arrival: Arrival, receipt: &'a Receipt) -> Self {
        Self {
            repository: closing.repository_id,
            reporter: closing.by,
            dialect: closing.dialect,
            arrival,
            said,
            report: None,
            reason: closing.reason.as_deref(),
            receipt,
        }
    }
}

/// Lets the row of a report wait with the group.
pub fn write(desk: &mut Desk, entry: &Entry<'_>) {
    let Entry { arrival, said, report, receipt, .. } = entry;
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
    desk.waiting().report(row);
}

/// A row before its words are understood.
struct Raw {
    seq: i64,
    reporter: Option<String>,
    dialect: String,
    received_at: i64,
    status: String,
    texts: [Option<String>; 3],
    coverage: Option<f64>,
    allow_failure: Option<bool>,
    times: [Option<i64>; 3],
    effect: String,
    changed: u8,
    authority: String,
    stood: Option<String>,
    reason: Option<String>,
}

fn raw(row: &dyn Row) -> Result<Raw> {
    Ok(Raw {
        seq: row.get(0)?,
        reporter: row.get(1)?,
        dialect: row.get(2)?,
        received_at: row.get(3)?,
        status: row.get(4)?,
        texts: [row.get(5)?, row.get(6)?, row.get(7)?],
        coverage: row.get(8)?,
        allow_failure: row.get(9)?,
        times: [row.get(10)?, row.get(11)?, row.get(12)?],
        effect: row.get(13)?,
        changed: row.get(14)?,
        authority: row.get(15)?,
        stood: row.get(16)?,
        reason: row.get(17)?,
    })
}

/// In the order that [`read_recorded`] reads.
pub const RECORDED: &str = "r.seq, CAST(NULL AS TEXT), r.dialect, r.received_at, r.status, r.third_build_id, r.target_url,
    r.description, r.coverage, r.allow_failure, r.occurred_at, r.started_at, r.finished_at, r.effect, r.changed, r.authority,
    r.stood, r.reason, r.job_id, r.pipeline_id, r.stage_order, r.web_url, r.trigger_user";

/// Reads a whole report, but for who sent it.
pub fn read_recorded(row: &dyn Row) -> Result<Recorded> {
    Ok(Recorded {
        entry: raw(row)?.understand()?,
        job_id: rows::job_id(row.get(18)?)?,
        pipeline_id: rows::pipeline_id(row.get(19)?)?,
        stage_order: row.get(20)?,
        web_url: row.get(21)?,
        trigger_user: row.get(22)?,
    })
}

impl Raw {
    fn understand(self) -> Result<HistoryEntry> {
        let [third_build_id, target_url, description] = self.texts;
        let effect = Effect::ALL.into_iter().find(|effect| effect.as_str() == self.effect);
        Ok(HistoryEntry {
            report_id: self.seq,
            reporter: self.reporter,
            dialect: self.dialect,
            received_at: rows::time(self.received_at)?,
            said: Said {
                status: rows::status(&self.status)?,
                authority: Authority::parse(&self.authority).ok_or_else(|| rows::corrupt(&self.authority))?,
                third_build_id,
                target_url,
                description,
                coverage: self.coverage,
                allow_failure: self.allow_failure,
                occurred_at: rows::optional_time(self.times[0])?,
                started_at: rows::optional_time(self.times[1])?,
                finished_at: rows::optional_time(self.times[2])?,
            },
            effect: effect.ok_or_else(|| rows::corrupt(&self.effect))?,
            changed: Fields::from_bits(self.changed),
            stood: self.stood.as_deref().map(rows::status).transpose()?,
            reason: self.reason,
        })
    }
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
    let raws: Vec<Raw> = sql.all(query, values![repository.get(), job.get(), after, limit], raw)?;
    raws.into_iter().map(Raw::understand).collect()
}

/// When a report of the build system was last received of an attempt, among those on disk and of this group.
pub fn heard_at(sql: &dyn Sql, repository: RepositoryId, job: JobId) -> Result<Option<Timestamp>> {
    let query =
        "SELECT received_at FROM reports WHERE repository_id = ?1 AND job_id = ?2 AND authority = 'reporter'
                 ORDER BY seq DESC LIMIT 1";
    let at: Option<i64> = sql.first(query, values![repository.get(), job.get()], |row| row.get(0))?;
    rows::optional_time(at)
}
