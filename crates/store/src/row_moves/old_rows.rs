//! The rows of jobs and reports as they were stored before they became compact.

use crate::rows::jobs::{JobValues, after, ref_digest};
use crate::rows::reports::RecentTexts;
use crate::rows::reports::body::Body;
use crate::rows::reports::texts::Texts;
use crate::rows::types::status_number;
use crate::sql::{Reader, Row, ToValue as _, Value, corrupt, table};
use domain::model::attempts::Evidence;
use domain::model::ids::{JobId, RepositoryId};
use domain::model::reports::{Adjustments, Authority, Effect, FieldSet, Reason, ReportedState, Rules};
use domain::model::status::Status;
use domain::{Result, Timestamp};

pub const JOB_COLUMNS: &str = "o.repository_id, o.pipeline_id, o.id, o.stage_id, o.name, o.attempt_number, o.ref,
    o.newest, o.status, o.third_build_id, o.target_url, o.description, o.coverage, o.allow_failure, o.created_at,
    o.updated_at, o.started_at, o.finished_at, o.evidence";

/// The new row of a job.
pub fn job(row: &dyn Row, _: &mut RecentTexts) -> Result<Vec<Value<'static>>> {
    let value = |at: usize| Ok::<_, domain::Error>(row.value(at)?.into_owned());
    let mut read = Reader::new(row, 6);
    let git_ref: String = read.read()?;
    let (_newest, status): (bool, Status) = (read.read()?, read.read()?);
    let mut read = Reader::new(row, 10);
    let target_url: Option<String> = read.read()?;
    let mut read = Reader::new(row, 14);
    let (created_at, updated_at): (Timestamp, Timestamp) = (read.read()?, read.read()?);
    let started_at: Option<Timestamp> = read.read()?;
    let mut read = Reader::new(row, 18);
    let evidence: Vec<u8> = read.read()?;
    // Rows that cannot be read stay as they are, for an operator.
    let compact = Evidence::from_bytes(&evidence, created_at, target_url.as_deref())
        .map(|evidence| evidence.to_bytes(created_at, target_url.as_deref()));
    let job = JobValues {
        repository_id: value(0)?,
        pipeline_id: value(1)?,
        id: value(2)?,
        stage_id: value(3)?,
        name: value(4)?,
        attempt_number: value(5)?,
        ref_digest: ref_digest(&git_ref).into(),
        newest: value(7)?,
        status: status_number(status).into(),
        third_build_id: value(9)?,
        target_url: target_url.into(),
        description: value(11)?,
        coverage: value(12)?,
        allow_failure: value(13)?,
        created_at: created_at.into(),
        updated_after: after(created_at, updated_at),
        started_after: started_at.map_or(Value::Null, |at| after(created_at, at)),
        finished_at: value(17)?,
        evidence: compact.unwrap_or(evidence).into(),
    };
    Ok(job.into())
}

pub const REPORT_COLUMNS: &str = "o.repository_id, o.job_id, o.seq, o.pipeline_id, o.reporter, o.received_at,
    o.dialect, o.status, o.authority, o.third_build_id, o.target_url, o.description, o.coverage, o.allow_failure,
    o.occurred_at, o.started_at, o.finished_at, o.sent_url, o.adjusted, o.rules, o.stage_order, o.web_url,
    o.trigger_user, o.effect, o.changed, o.status_after, o.reason, o.closing_reason";

table! {
    /// The reports as they were before they could refer to another job.
    COMPACT_REPORTS "reports";
    key repository_id: Int, job_id: Int, seq: Int;
    fixed pipeline_id: Int, reporter: Int, received_at: Int, authority: Int, base: Int, body: Blob;
    row CompactReportValues;
}

/// The new row of a report.
pub fn report(row: &dyn Row, recent: &mut RecentTexts) -> Result<Vec<Value<'static>>> {
    let mut read = Reader::new(row, 0);
    let (repository, job, seq): (RepositoryId, JobId, i64) = (read.read()?, read.read()?, read.read()?);
    let (pipeline, reporter): (i64, i64) = (read.read()?, read.read()?);
    let received_at = read.read()?;
    let dialect: String = read.read()?;
    let state = ReportedState {
        status: read.read()?,
        keeps_status: false,
        conclusion: None,
        authority: named(&read.read::<String>()?, Authority::parse)?,
        third_build_id: read.read()?,
        target_url: read.read()?,
        description: read.read()?,
        coverage: read.read()?,
        allow_failure: read.read()?,
        occurred_at: read.read()?,
        occurred_at_receipt: false,
        started_at: read.read()?,
        finished_at: read.read()?,
        // The digest has 64 bits without a sign.
        sent_url: read.read::<Option<i64>>()?.map(i64::cast_unsigned),
        details: None,
        adjusted: Adjustments::from_bits(read.read::<i64>()?.cast_unsigned()),
        rules: match read.read::<i64>()? {
            1 => Rules::First,
            2 => Rules::Second,
            other => return Err(corrupt(format!("rules {other}"))),
        },
    };
    let stage_order = read.read()?;
    let (web_url, trigger_user): (Option<String>, Option<String>) = (read.read()?, read.read()?);
    let effect = |name: &str| Effect::ALL.into_iter().find(|effect| effect.as_str() == name);
    let effect = named(&read.read::<String>()?, effect)?;
    let changed = FieldSet::from_bits(read.read()?);
    let status_after = read.read()?;
    let (reason, closing_reason): (Option<String>, Option<String>) = (read.read()?, read.read()?);
    let body = Body {
        dialect: &dialect,
        received_at,
        state: &state,
        texts: Texts {
            web_url: web_url.as_deref(),
            trigger_user: trigger_user.as_deref(),
            ..Texts::of_state(&state)
        },
        effect,
        changed,
        status_after,
        reason: reason.as_deref().and_then(Reason::parse).filter(|reason| reason.effect() == effect),
        closing_reason: closing_reason.as_deref(),
        names_job: false,
        name_ignores_case: false,
        stage_order,
    };
    let base = recent.choose_base((repository, None, job), seq, &body.texts);
    let report = CompactReportValues {
        repository_id: repository.into(),
        job_id: job.into(),
        seq: seq.into(),
        pipeline_id: pipeline.into(),
        reporter: reporter.into(),
        received_at: received_at.into(),
        authority: state.authority.to_value().into_owned(),
        base: base.as_ref().map(|base| base.seq).into(),
        body: body.encode(base.as_ref().map(|base| &*base.texts)).into(),
    };
    Ok(report.into())
}

fn named<T>(name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    parse(name).ok_or_else(|| corrupt(name))
}
