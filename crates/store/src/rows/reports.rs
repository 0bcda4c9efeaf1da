//! Reports: every accepted report as it was received and with its effect, kept until its pipeline is deleted.
//! Fields that no query needs are in one column, `body`.

pub mod body;
pub mod credential;
mod recent_texts;
pub mod texts;

pub use recent_texts::RecentTexts;

use super::deleted_pipelines::not_deleted;
use super::details::Digest;
use super::{keys, tokens};
use crate::sql::{Columns as _, FromRow, Sql, ToValue, Value, columns, corrupt, table, values};
use body::{Body, StoredBody};
use domain::model::credentials::ReportCredential;
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, PipelineId, RepositoryId, UserId};
use domain::model::job_closings::JobClosing;
use domain::model::reports::{Arrival, Reason, Receipt, Report, ReportedState};
use domain::model::verification::StoredReport;
use domain::ports::ReportBatch;
use domain::{Result, Timestamp};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use texts::Texts;

table! {
    /// Reports. `base` is an earlier report, whose texts the body of this one does not repeat: of the same job, or of
    /// the job `base_job` of the same pipeline. The base may have a base of another job, which has none.
    REPORTS "reports";
    key repository_id: Int, job_id: Int, seq: Int;
    fixed pipeline_id: Int, reporter: Int, received_at: Int, authority: Int, base: Int, body: Blob, base_job: Int;
    row ReportValues;
}

// Without the name of the reporter.
columns! {
    StoredReport from "r": job_id, seq, pipeline_id, reporter: i64, received_at: Timestamp, authority,
        base: Option<i64>,
        body: Vec<u8>,
        base_body: Option<Vec<u8>> = "(SELECT b.body FROM reports b WHERE b.repository_id = r.repository_id
            AND b.job_id = coalesce(r.base_job, r.job_id) AND b.seq = r.base)",
        root_body: Option<Vec<u8>> = "(SELECT c.body FROM reports b JOIN reports c
            ON c.repository_id = b.repository_id AND c.job_id = b.base_job AND c.seq = b.base
            WHERE b.repository_id = r.repository_id AND b.job_id = coalesce(r.base_job, r.job_id)
            AND b.seq = r.base)"
    => {
        if base.is_some() != base_body.is_some() {
            return Err(corrupt(format!("report {seq} without its base")));
        }
        let body = StoredBody::decode(&body, base_body.as_deref(), root_body.as_deref(), received_at, authority)?;
        let (state, effect, changed, status_after) = (body.state, body.effect, body.changed, body.status_after);
        let reason =
            body.reason.unwrap_or_else(|| Reason::stored_or_derived(None, &state, effect, changed, status_after));
        Self {
            entry: HistoryEntry {
                report_id: seq,
                // No user has the id 0.
                reporter_id: UserId::new(reporter).ok(),
                reporter: None,
                credential: body.credential,
                credential_name: None,
                dialect: body.dialect,
                received_at,
                state,
                effect,
                reason,
                changed,
                status_after,
                closing_reason: body.closing_reason,
            },
            job_id,
            pipeline_id,
            names_job: body.names_job,
            name_ignores_case: body.name_ignores_case,
            stage_order: body.stage_order,
            web_url: body.web_url,
            trigger_user: body.trigger_user,
        }
    }
}

/// A report to write.
pub struct NewReport<'a> {
    repository: RepositoryId,
    /// `None`: Stagepost itself.
    reporter: Option<UserId>,
    credential: Option<&'a ReportCredential>,
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
            credential: batch.credential.as_ref(),
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
            credential: closing.credential.as_ref(),
            dialect: closing.dialect,
            arrival,
            state,
            report: None,
            closing_reason: closing.reason.as_deref(),
            receipt,
        }
    }

    /// The pipeline, the digest and the bytes of the details to store with the report.
    pub fn details(&self) -> Option<(RepositoryId, PipelineId, Digest, &'a Arc<[u8]>)> {
        let (report, key) = (self.report?, self.state.details.as_ref()?);
        let bytes = report.details.as_ref()?;
        Some((self.repository, self.receipt.pipeline_id, key.digest, bytes))
    }

    /// The state as the report is stored: a report without a status has that of its attempt.
    fn stored_state(&self) -> Cow<'a, ReportedState> {
        let mut state = Cow::Borrowed(self.state);
        if self.state.keeps_status {
            state.to_mut().status = self.receipt.status;
        }
        state
    }

    /// The row. `recent` must be cleared when a row is not committed, and when the ids of its job may
    /// be used again.
    pub fn values(&self, recent: &mut RecentTexts) -> Vec<Value<'static>> {
        let Self { arrival, report, receipt, .. } = self;
        let state = &*self.stored_state();
        let body = Body {
            dialect: self.dialect,
            received_at: arrival.received_at,
            state,
            texts: Texts {
                web_url: report.and_then(|report| report.web_url.as_deref()),
                trigger_user: report.and_then(|report| report.trigger_user.as_deref()),
                credential: self.credential.cloned(),
                ..Texts::of_state(state)
            },
            effect: receipt.effect,
            changed: receipt.changed,
            status_after: Some(receipt.status),
            reason: Some(receipt.reason),
            closing_reason: self.closing_reason,
            names_job: report.is_some_and(|report| report.job_id == Some(receipt.job_id)),
            name_ignores_case: report.is_some_and(|report| report.name_ignores_case),
            stage_order: report.and_then(|report| report.stage_order),
        };
        let key = (self.repository, Some(receipt.pipeline_id), receipt.job_id);
        let base = recent.choose_base(key, arrival.seq, &body.texts);
        let row = ReportValues {
            repository_id: self.repository.into(),
            job_id: receipt.job_id.into(),
            seq: arrival.seq.into(),
            pipeline_id: receipt.pipeline_id.into(),
            // No user has the id 0.
            reporter: self.reporter.map_or(0, UserId::get).into(),
            received_at: body.received_at.into(),
            authority: state.authority.to_value().into_owned(),
            base: base.as_ref().map(|base| base.seq).into(),
            body: body.encode(base.as_ref().map(|base| &*base.texts)).into(),
            base_job: base.and_then(|base| base.job).to_value().into_owned(),
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
        StoredReport::COLUMNS,
        not_deleted("r")
    );
    let rows: Vec<(Option<String>, StoredReport)> =
        sql.all(&query, values![repository, job, after, limit])?;
    let mut names = HashMap::new();
    let entry = |(reporter, report): (Option<String>, StoredReport)| {
        let credential_name = credential_name(sql, &mut names, report.entry.credential.as_ref())?;
        Ok(HistoryEntry { reporter, credential_name, ..report.entry })
    };
    rows.into_iter().map(entry).collect()
}

/// The name of a token, or the description of a key, if it exists. `known` has those that were read before.
fn credential_name(
    sql: &dyn Sql,
    known: &mut HashMap<ReportCredential, Option<String>>,
    credential: Option<&ReportCredential>,
) -> Result<Option<String>> {
    let Some(credential @ (ReportCredential::Token(_) | ReportCredential::Key(_))) = credential else {
        return Ok(None);
    };
    if let Some(name) = known.get(credential) {
        return Ok(name.clone());
    }
    let name = match credential {
        ReportCredential::Token(id) => tokens::name(sql, *id)?,
        ReportCredential::Key(access) => keys::description(sql, access)?,
        _ => None,
    };
    known.insert(credential.clone(), name.clone());
    Ok(name)
}

/// The reports of the pipelines with ids from `first` to `last`, each with its pipeline, in order of arrival
/// in each pipeline. The names of the reporters and of their credentials are left out.
pub fn of_pipelines(
    sql: &dyn Sql,
    repository: RepositoryId,
    first: PipelineId,
    last: PipelineId,
) -> Result<Vec<(PipelineId, StoredReport)>> {
    // The join with jobs keeps SQLite from scanning all reports.
    let query = format!(
        "SELECT j.pipeline_id, {} FROM jobs j CROSS JOIN reports r ON r.repository_id = j.repository_id
            AND r.job_id = j.id
         WHERE j.repository_id = ?1 AND j.pipeline_id BETWEEN ?2 AND ?3 AND {} ORDER BY j.pipeline_id, r.seq",
        StoredReport::COLUMNS,
        // The base of a report may be deleted before it.
        not_deleted("r")
    );
    sql.all(&query, values![repository, first, last])
}

/// Passes the reports of the attempts whose ids are the parameters `ids` ([`crate::rows::id_list`]), each with its
/// user, in order of arrival in each attempt. The names of the reporters and of their credentials are left out.
pub fn each_with_reporter(
    sql: &dyn Sql,
    values: &[&dyn ToValue],
    ids: &str,
    mut each: impl FnMut(Option<UserId>, StoredReport) -> Result<()>,
) -> Result<()> {
    let query = format!(
        "SELECT r.reporter, {} FROM reports r WHERE r.repository_id = ?1 AND r.job_id IN ({ids}) AND {}
         ORDER BY r.job_id, r.seq",
        StoredReport::COLUMNS,
        not_deleted("r")
    );
    sql.stream(&query, values, &mut |row| {
        let (reporter, report): (i64, StoredReport) = FromRow::from_row(row, 0)?;
        // No user has the id 0.
        each(UserId::new(reporter).ok(), report)?;
        Ok(ControlFlow::Continue(()))
    })
}

/// Passes the reports of a pipeline with numbers up to `until`, in order of arrival, until `each` breaks. The names of
/// the reporters and of their credentials are left out.
pub fn each_of_pipeline(
    sql: &dyn Sql,
    (repository, id): (RepositoryId, PipelineId),
    until: i64,
    mut each: impl FnMut(StoredReport) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let query = format!(
        "SELECT {} FROM jobs j CROSS JOIN reports r ON r.repository_id = j.repository_id AND r.job_id = j.id
         WHERE j.repository_id = ?1 AND j.pipeline_id = ?2 AND r.seq <= ?3 ORDER BY r.seq",
        StoredReport::COLUMNS
    );
    sql.stream(&query, values![repository, id, until], &mut |row| each(FromRow::from_row(row, 0)?))
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
    let query = "SELECT received_at FROM reports WHERE repository_id = ?1 AND job_id = ?2 AND authority = 0
         ORDER BY seq DESC LIMIT 1";
    sql.first(query, values![repository, job])
}
