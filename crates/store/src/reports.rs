//! Reports: the store loads what the model needs, the model decides, and the store writes the result.

use crate::engine::{Engine, SqlStore};
use crate::rows::idempotency::IdempotencyKey;
use crate::rows::receipts;
use crate::rows::reports::NewReport;
use crate::rows::signatures::UsedSignature;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use crate::{job_closings, metric_counters};
use async_trait::async_trait;
use domain::error::{AuthFailure, Error, Result};
use domain::model::events::{Event, StatusBefore};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::job_closings::JobClosing;
use domain::model::jobs::filters::FoundJob;
use domain::model::pipelines::{
    Counters, PipelineIdentity, PipelineLookup, PipelineState, choose_for_commit, next_pipeline_id,
};
use domain::model::reports::{
    Arrival, Authority, Effect, FieldSet, Reason, Receipt, Report, truncate_to_millis,
};
use domain::ports::{Idempotency, Receipts, ReportBatch, Reports};
use std::sync::Arc;

#[async_trait]
impl<E: Engine> Reports for SqlStore<E> {
    async fn record(&self, batch: ReportBatch) -> Result<Receipts> {
        let (load, hints) = (load(&batch), hints::<E>(&batch));
        let (dialect, batch) = (batch.dialect, Arc::new(batch));
        let receipts = self.write_pipelines(load, hints, move |unit| record(unit, &batch)).await?;
        metric_counters::count_reports(dialect, &receipts);
        Ok(receipts)
    }

    async fn record_and_show(&self, batch: ReportBatch) -> Result<(Receipts, Option<FoundJob>)> {
        let hints = PrefetchHints { users: vec![batch.reporter], ..hints::<E>(&batch) };
        let load = load(&batch);
        let (dialect, batch) = (batch.dialect, Arc::new(batch));
        let write = move |unit: &mut UnitOfWork| {
            let receipts = record(unit, &batch)?;
            let found = match receipts.first() {
                Some(Ok(receipt)) => found_job(unit, &batch, receipt)?,
                _ => None,
            };
            Ok((receipts, found))
        };
        let (receipts, found) = self.write_pipelines(load, hints, write).await?;
        metric_counters::count_reports(dialect, &receipts);
        Ok((receipts, found))
    }

    async fn close_jobs(&self, closings: Vec<JobClosing>) -> Result<Vec<Result<Option<Receipt>>>> {
        if closings.is_empty() {
            return Ok(Vec::new());
        }
        let authorities: Vec<Authority> = closings.iter().map(|closing| closing.authority).collect();
        let repositories = closings.iter().map(|closing| closing.repository_id).collect();
        let hints = PrefetchHints { repositories, ..PrefetchHints::default() };
        let flow = match authorities.first() {
            Some(Authority::Watchdog) | None => Flow::Maintenance,
            Some(_) => Flow::Repository(closings[0].repository_id),
        };
        let load = Load { flow, rows: closings.len(), bytes: 0 };
        let results =
            self.write_pipelines(load, hints, move |unit| job_closings::close_all(unit, &closings)).await?;
        for (authority, result) in authorities.into_iter().zip(&results) {
            if let Ok(Some(receipt)) = result {
                metric_counters::count_closed(authority, receipt);
            }
        }
        Ok(results)
    }
}

/// The size of a batch.
fn load(batch: &ReportBatch) -> Load {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let bytes = |report: &Report| {
        let texts = [&report.sha, &report.git_ref, &report.stage, &report.name, &report.source];
        let state = &report.state;
        let optional = [
            &report.web_url,
            &report.trigger_user,
            &state.third_build_id,
            &state.target_url,
            &state.description,
        ];
        let details = report.details.as_ref().map_or(0, |bytes| bytes.len());
        let texts: usize = texts.into_iter().map(String::len).sum();
        size_of::<Report>() + details + texts + optional.into_iter().map(text).sum::<usize>()
    };
    Load {
        flow: Flow::Repository(batch.repository_id),
        rows: batch.reports.len(),
        bytes: batch.reports.iter().map(bytes).sum(),
    }
}

/// The hints of a batch: it has only reports, and what the writer is to prefetch for it.
fn hints<E: Engine>(batch: &ReportBatch) -> PrefetchHints {
    let hints = if E::PREFETCHES { prefetch_hints(batch) } else { PrefetchHints::default() };
    PrefetchHints { only_reports: true, ..hints }
}

/// The rows that a batch will need.
pub fn prefetch_hints(batch: &ReportBatch) -> PrefetchHints {
    let repository = batch.repository_id;
    let mut hints = PrefetchHints::for_repository(repository);
    for report in &batch.reports {
        let lookup = PipelineLookup::of(report);
        match lookup {
            PipelineLookup::Id(id) => hints.pipelines.push((repository, id)),
            PipelineLookup::Commit | PipelineLookup::Identity => {
                hints.identities.push((repository, PipelineIdentity::of(report)));
            }
        }
        if lookup == PipelineLookup::Commit {
            hints.commits.push((repository, report.sha.clone(), report.source.clone()));
        }
    }
    let idempotency = batch.idempotency.as_ref();
    hints.runs_queries = batch.signature.is_some();
    hints.idempotency_keys.extend(idempotency.map(|idempotency| idempotency_key(batch, idempotency)));
    hints
}

/// Records a batch, or returns the receipts that it got before.
pub fn record(unit: &mut UnitOfWork, batch: &Arc<ReportBatch>) -> Result<Receipts> {
    let mut counters = unit.counters(batch.repository_id)?.ok_or(Error::RepositoryNotFound)?;
    if let Some(idempotency) = &batch.idempotency
        && let Some(response) =
            unit.find_response(&idempotency_key(batch, idempotency), &idempotency.digest)?
    {
        return receipts::read(&response);
    }
    if let Some(digest) = &batch.signature
        && let Some(used) = unit.used_signature(digest)?
    {
        // Only a request that was not a report has no response.
        let response = used.response.ok_or(Error::Unauthenticated(AuthFailure::Replayed))?;
        return receipts::read(&response);
    }
    let mut receipts = Vec::with_capacity(batch.reports.len());
    for at in 0..batch.reports.len() {
        match apply_report(unit, batch, at, &mut counters) {
            // These roll back the whole write; the others are the result of this one report.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            result => receipts.push(result),
        }
    }
    // Refused reports are no activity of the repository.
    if receipts.iter().any(Result::is_ok) {
        unit.set_counters(batch.repository_id, counters, batch.received_at);
    }
    if let Some(idempotency) = &batch.idempotency {
        let response = receipts::write(&receipts)?;
        let key = idempotency_key(batch, idempotency);
        unit.add_response(key, &idempotency.digest, response, batch.received_at);
    }
    if let Some(digest) = batch.signature {
        unit.add_signature(digest, UsedSignature { response: Some(receipts::write(&receipts)?) });
    }
    unit.add_to_journal(batch, &receipts);
    Ok(receipts)
}

/// The attempt after a report of a batch that was recorded now; `None` if it must be read.
fn found_job(unit: &mut UnitOfWork, batch: &ReportBatch, receipt: &Receipt) -> Result<Option<FoundJob>> {
    if batch.idempotency.is_some() || batch.signature.is_some() {
        // Perhaps a repetition of an earlier request.
        return Ok(None);
    }
    let Some(reporter) = unit.first_reporter(batch.repository_id, receipt.job_id)? else { return Ok(None) };
    let Some(state) = unit.cached_state(batch.repository_id, receipt.pipeline_id) else { return Ok(None) };
    let Some(job) = state.job(receipt.job_id) else { return Ok(None) };
    let stage = state.stages.iter().find(|stage| stage.id == job.stage_id);
    Ok(Some(FoundJob {
        job: job.clone(),
        pipeline: Arc::new(state.pipeline.clone()),
        stage: stage.map(|stage| stage.name.clone()).unwrap_or_default(),
        reporter: Some(reporter),
        last_report_at: truncate_to_millis(batch.received_at),
    }))
}

/// Applies the report at this position of a batch.
fn apply_report(
    unit: &mut UnitOfWork,
    batch: &Arc<ReportBatch>,
    at: usize,
    counters: &mut Counters,
) -> Result<Receipt> {
    let (repository, report) = (batch.repository_id, &batch.reports[at]);
    let arrival = Arrival { received_at: batch.received_at, seq: counters.report + 1 };
    let mut after = *counters;
    let mut state = match pipeline_of(unit, repository, report)? {
        Some(id) => unit.take_state(repository, id)?.ok_or(Error::PipelineNotFound)?,
        None => Box::new(PipelineState::new(
            next_pipeline_id(&mut after)?,
            repository,
            PipelineIdentity::of(report),
            batch.received_at,
        )),
    };
    let is_new = after.pipeline != counters.pipeline;
    let before = StatusBefore::capture(&state);
    let (receipt, changed) = match state.apply(report, arrival, &mut after) {
        Ok(applied) => applied,
        Err(refused) => {
            // A refused report writes nothing; in particular, it creates no pipeline without jobs.
            if !is_new {
                unit.return_unchanged(state);
            }
            return Err(refused);
        }
    };
    after.report = arrival.seq;
    let job = (receipt.job_id, changed.previous_status);
    if let Some(event) = Event::from_change(&state, before, job, after.event + 1, batch.received_at) {
        after.event = event.number;
        unit.add_event(event)?;
    }
    unit.return_changed(state, before, receipt.job_id, changed);
    *counters = after;
    unit.add_report_of(batch, at, arrival, receipt);
    Ok(receipt)
}

/// The pipeline of a report; `None` if the report creates it.
fn pipeline_of(
    unit: &mut UnitOfWork,
    repository: RepositoryId,
    report: &Report,
) -> Result<Option<PipelineId>> {
    let chosen = match PipelineLookup::of(report) {
        PipelineLookup::Id(id) => return Ok(Some(id)),
        PipelineLookup::Commit => choose_for_commit(&unit.pipelines_of_commit(repository, report)?),
        PipelineLookup::Identity => None,
    };
    match chosen {
        Some(id) => Ok(Some(id)),
        None => unit.find_pipeline(repository, &PipelineIdentity::of(report)),
    }
}

/// Adds an imported pipeline, and its reports to the history.
pub fn add_imported(
    unit: &mut UnitOfWork,
    batch: &ReportBatch,
    state: PipelineState,
    reports: &[(Report, Arrival)],
) {
    for (job, (report, arrival)) in state.jobs.iter().zip(reports) {
        let receipt = Receipt {
            report_id: arrival.seq,
            pipeline_id: state.pipeline.id,
            stage_id: job.stage_id,
            job_id: job.id,
            attempt: job.attempt_number,
            effect: Effect::Created,
            reason: Reason::Created,
            changed: FieldSet::STATUS,
            adjusted: report.state.adjusted,
            status: job.attempt.status,
            pipeline_status: state.pipeline.status,
        };
        unit.add_report(&NewReport::reported(batch, report, *arrival, &receipt));
    }
    unit.add_imported(state);
}

fn idempotency_key(batch: &ReportBatch, idempotency: &Idempotency) -> IdempotencyKey {
    IdempotencyKey::new(batch.repository_id, batch.reporter, idempotency)
}
