//! Recording reports: the store loads what the model asks for, the model decides, the store writes.

use crate::engine::{Engine, SqlStore};
use crate::history::{self, Entry};
use crate::idempotency::{self, IdempotencyKey};
use crate::job_closings;
use crate::sql::values;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::{counters, rows};
use async_trait::async_trait;
use domain::error::{Error, Result};
use domain::model::events::{Event, StatusBefore};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::job_closings::JobClosing;
use domain::model::pipelines::{
    Counters, PipelineIdentity, PipelineState, choose_for_commit, next_pipeline_id,
};
use domain::model::reports::{Arrival, Authority, PipelineChoice, Receipt, Report};
use domain::ports::{Idempotency, Receipts, ReportBatch, Reports};
use domain::{SignedDuration, Timestamp};

/// How long the answer to an `Idempotency-Key` is kept (reliability section 3).
const REPEATS_KEPT: SignedDuration = SignedDuration::from_hours(72);

#[async_trait]
impl<E: Engine> Reports for SqlStore<E> {
    async fn record(&self, batch: ReportBatch) -> Result<Receipts> {
        self.write_pipelines(prefetch_hints(&batch), move |unit| record(unit, &batch)).await
    }

    async fn close_jobs(&self, closings: Vec<JobClosing>) -> Result<Vec<Result<Option<Receipt>>>> {
        if closings.is_empty() {
            return Ok(Vec::new());
        }
        let authorities: Vec<Authority> = closings.iter().map(|closing| closing.authority).collect();
        let repositories = closings.iter().map(|closing| closing.repository_id).collect();
        let needs = PrefetchHints { repositories, ..PrefetchHints::default() };
        let answers =
            self.write_pipelines(needs, move |unit| job_closings::close_all(unit, &closings)).await?;
        for (authority, answer) in authorities.into_iter().zip(&answers) {
            if let Ok(Some(receipt)) = answer {
                counters::closed(authority, receipt);
            }
        }
        Ok(answers)
    }
}

/// What a batch will ask for.
fn prefetch_hints(batch: &ReportBatch) -> PrefetchHints {
    let repository = batch.repository_id;
    let mut needs = PrefetchHints::for_repository(repository);
    for report in &batch.reports {
        match &report.pipeline {
            PipelineChoice::Id(id) => needs.pipelines.push((repository, *id)),
            PipelineChoice::Key(_) => needs.identities.push((repository, identity_of(report))),
        }
    }
    needs.repeats.extend(batch.idempotency.as_ref().map(|idempotency| idempotency_key(batch, idempotency)));
    needs
}

fn record(unit: &mut UnitOfWork, batch: &ReportBatch) -> Result<Receipts> {
    if unit.cleaning_is_due(batch.received_at) {
        clean(unit, batch.received_at)?;
    }
    let mut counters = unit.counters(batch.repository_id)?.ok_or(Error::RepositoryNotFound)?;
    if let Some(idempotency) = &batch.idempotency
        && let Some(answer) =
            idempotency::find(unit, &idempotency_key(batch, idempotency), &idempotency.digest)?
    {
        return rows::read_receipts(&answer);
    }
    let mut receipts = Vec::with_capacity(batch.reports.len());
    for report in &batch.reports {
        match apply_report(unit, batch, report, &mut counters) {
            // These undo everything; the others are the answer to this one report.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            answer => receipts.push(answer),
        }
    }
    unit.count(batch.repository_id, counters, batch.received_at);
    if let Some(idempotency) = &batch.idempotency {
        let text = rows::write_receipts(&receipts)?;
        unit.pending_rows().add_idempotent_response(
            idempotency_key(batch, idempotency),
            &idempotency.digest,
            text,
            batch.received_at,
        );
    }
    Ok(receipts)
}

fn apply_report(
    unit: &mut UnitOfWork,
    batch: &ReportBatch,
    report: &Report,
    counters: &mut Counters,
) -> Result<Receipt> {
    let repository = batch.repository_id;
    let arrival = Arrival { received_at: batch.received_at, seq: counters.report + 1 };
    let mut after = *counters;
    let mut run = match pipeline_of(unit, repository, report)? {
        Some(id) => unit.take_state(repository, id)?.ok_or(Error::PipelineNotFound)?,
        None => PipelineState::new(
            next_pipeline_id(&mut after)?,
            repository,
            identity_of(report),
            batch.received_at,
        ),
    };
    let is_new = after.pipeline != counters.pipeline;
    let before = StatusBefore::capture(&run);
    let (receipt, touched) = match run.apply(report, arrival, &mut after) {
        Ok(applied) => applied,
        Err(refused) => {
            // A refused report leaves nothing behind, least of all a pipeline without jobs.
            if !is_new {
                unit.return_unchanged(run);
            }
            return Err(refused);
        }
    };
    after.report = arrival.seq;
    let of = (receipt.job_id, touched.previous_status);
    if let Some(event) = Event::from_change(&run, before, of, after.event + 1, batch.received_at) {
        after.event = event.number;
        unit.record_event(&event)?;
    }
    unit.return_changed(run, before, receipt.job_id, touched);
    *counters = after;
    history::write(unit, &Entry::of_report(batch, report, arrival, &receipt));
    Ok(receipt)
}

/// The pipeline a report goes to; `None`: there is none yet, and it is to be made.
fn pipeline_of(
    unit: &mut UnitOfWork,
    repository: RepositoryId,
    report: &Report,
) -> Result<Option<PipelineId>> {
    match &report.pipeline {
        PipelineChoice::Id(id) => return Ok(Some(*id)),
        PipelineChoice::Key(key) if report.ref_is_default && key.is_empty() => {
            if let Some(id) = choose_for_commit(&unit.pipelines_of_commit(repository, report)?) {
                return Ok(Some(id));
            }
        }
        PipelineChoice::Key(_) => {}
    }
    unit.find_pipeline(repository, &identity_of(report))
}

fn identity_of(report: &Report) -> PipelineIdentity {
    let key = match &report.pipeline {
        PipelineChoice::Key(key) => key.clone(),
        PipelineChoice::Id(_) => String::new(),
    };
    PipelineIdentity {
        sha: report.sha.clone(),
        git_ref: report.git_ref.clone(),
        source: report.source.clone(),
        key,
    }
}

/// Writes an imported pipeline's reports, which are its history.
pub fn write_imported(
    unit: &mut UnitOfWork,
    batch: &ReportBatch,
    run: PipelineState,
    reports: &[(Report, Arrival)],
) -> Result<()> {
    for (job, (report, arrival)) in run.jobs.iter().zip(reports) {
        let receipt = Receipt {
            report_id: arrival.seq,
            pipeline_id: run.pipeline.id,
            stage_id: job.stage_id,
            job_id: job.id,
            attempt: job.attempt_number,
            effect: domain::model::reports::Effect::Created,
            reason: domain::model::reports::Reason::Created,
            changed: domain::model::reports::FieldSet::STATUS,
            status: job.attempt.status,
            pipeline_status: run.pipeline.status,
        };
        history::write(unit, &Entry::of_report(batch, report, *arrival, &receipt));
    }
    unit.add_imported(run);
    Ok(())
}

fn idempotency_key(batch: &ReportBatch, idempotency: &Idempotency) -> IdempotencyKey {
    IdempotencyKey::new(batch.repository_id, batch.reporter, idempotency)
}

/// Deletes answers and sessions whose time is over, a bounded number at a time.
fn clean(unit: &UnitOfWork, now: Timestamp) -> Result<()> {
    let repeats = "DELETE FROM repeats WHERE (repository_id, user_id, key) IN
                   (SELECT repository_id, user_id, key FROM repeats WHERE created_at < ?1 LIMIT 5000)";
    let sessions = "DELETE FROM tokens WHERE id IN
                    (SELECT id FROM tokens WHERE expires_at < ?1 AND kind = 'session' LIMIT 5000)";
    for (sql, before) in [(repeats, now - REPEATS_KEPT), (sessions, now)] {
        unit.sql().execute(sql, values![before.as_millisecond()])?;
    }
    Ok(())
}
