//! The pending rows as batches for their tables.

use super::{ChangedState, PendingRows};
use crate::pipeline_cache::PipelineCache;
use crate::rows::counters::{COUNTERS, CounterValues, JOB_COUNTS, PIPELINE_COUNTS};
use crate::rows::deliveries::NEW_DELIVERIES;
use crate::rows::details::{JOB_DETAILS, JobDetailsValues};
use crate::rows::events::{self, EVENTS};
use crate::rows::forwarded_states::{CHANGED_STATES, ChangedStateValues};
use crate::rows::idempotency::{IDEMPOTENCY_KEYS, IdempotencyValues};
use crate::rows::jobs::{JOBS, JobValues};
use crate::rows::merge_requests::{MERGE_REQUESTS, MergeRequestValues};
use crate::rows::pipelines::{PIPELINES, PipelineValues};
use crate::rows::reports::{REPORTS, RecentTexts};
use crate::rows::signatures::{NEW_SIGNATURES, NewSignatureValues};
use crate::rows::stages::{STAGES, StageValues};
use crate::rows::verdicts::{CHANGED_GATES, ChangedGateValues};
use crate::sql::{Batch, Flavor, Sql, ToValue, Value};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::jobs::Job;
use domain::model::pipelines::{Counters, Pipeline, Stage};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The maximum of rows whose values SQLite is passed at once: few are in memory at a time.
const ROWS_MAX: usize = 1_024;

/// Rows to write of which [`PendingRows`] only knows that they changed.
pub struct CachedRows<'a> {
    pipelines: Vec<PipelineRows<'a>>,
    /// With the time of the last report, in milliseconds since 1970.
    counters: Vec<(RepositoryId, Counters, i64)>,
}

/// A changed pipeline with its changed stages and jobs.
struct PipelineRows<'a> {
    pipeline: Cow<'a, Pipeline>,
    stages: Vec<Cow<'a, Stage>>,
    jobs: Vec<Cow<'a, Arc<Job>>>,
}

impl CachedRows<'_> {
    /// A copy, which does not change when the cache changes.
    pub fn into_owned(self) -> CachedRows<'static> {
        let pipelines = self.pipelines.into_iter().map(|rows| PipelineRows {
            pipeline: Cow::Owned(rows.pipeline.into_owned()),
            stages: rows.stages.into_iter().map(|stage| Cow::Owned(stage.into_owned())).collect(),
            jobs: rows.jobs.into_iter().map(|job| Cow::Owned(job.into_owned())).collect(),
        });
        CachedRows { pipelines: pipelines.collect(), counters: self.counters }
    }
}

fn borrowed<'a, T: Clone>(all: &'a [T], indices: &BTreeSet<usize>) -> Vec<Cow<'a, T>> {
    indices.iter().filter_map(|at| all.get(*at)).map(Cow::Borrowed).collect()
}

impl PendingRows {
    /// The rows that are in the cache.
    pub fn cached_rows<'a>(&self, cache: &'a PipelineCache) -> CachedRows<'a> {
        let changed = self.pipelines.iter().filter_map(|(key, changed)| Some((cache.get(key)?, changed)));
        let pipelines = changed.map(|(state, changed)| PipelineRows {
            pipeline: Cow::Borrowed(&state.pipeline),
            stages: borrowed(&state.stages, &changed.stages),
            jobs: borrowed(&state.jobs, &changed.jobs),
        });
        let counters = self.counters.iter().filter_map(|repository| {
            let (counters, active_at) = cache.counters_with_activity(*repository)?;
            Some((*repository, counters, active_at))
        });
        CachedRows { pipelines: pipelines.collect(), counters: counters.collect() }
    }

    /// Writes all rows in the open transaction. `cached` are those of [`Self::cached_rows`].
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]: some rows may have been written.
    pub fn write(
        &self,
        sql: &dyn Sql,
        cached: &CachedRows<'_>,
        recent_texts: &mut RecentTexts,
    ) -> Result<()> {
        match sql.flavor() {
            Flavor::Sqlite => {
                self.each_batch(cached, recent_texts, ROWS_MAX, &mut |batch| sql.write_batches(&[batch]))
            }
            // One round trip.
            Flavor::Postgres => sql.write_batches(&self.batches(cached, recent_texts)),
        }
    }

    /// All rows, table by table. `cached` are those of [`Self::cached_rows`].
    pub fn batches<'a>(
        &'a self,
        cached: &'a CachedRows<'_>,
        recent_texts: &mut RecentTexts,
    ) -> Vec<Batch<'a>> {
        let mut batches = Vec::new();
        let add = &mut |batch| {
            batches.push(batch);
            Ok(())
        };
        // Adding never fails.
        drop(self.each_batch(cached, recent_texts, usize::MAX, add));
        batches
    }

    /// Passes all rows, table by table, in batches of at most `rows_max`, so that the values of few rows are in memory.
    ///
    /// # Errors
    /// Those of `each`.
    fn each_batch<'a>(
        &'a self,
        cached: &'a CachedRows<'_>,
        recent_texts: &mut RecentTexts,
        rows_max: usize,
        each: &mut dyn FnMut(Batch<'a>) -> Result<()>,
    ) -> Result<()> {
        let borrowed = |row: &'a Vec<Value<'static>>| row.iter().map(ToValue::to_value).collect::<Vec<_>>();
        let deliveries = self.deliveries.iter().map(borrowed);
        let pipelines = || cached.pipelines.iter();
        let stages = pipelines()
            .flat_map(|rows| rows.stages.iter().map(|stage| StageValues::new(&rows.pipeline, stage)));
        let jobs_if = |are_new: bool| {
            pipelines().flat_map(move |rows| {
                let repository = rows.pipeline.repository_id;
                let jobs = rows.jobs.iter();
                let jobs =
                    jobs.filter(move |job| self.first_reporter(repository, job.id).is_some() == are_new);
                jobs.map(|job| JobValues::new(&rows.pipeline, job))
            })
        };
        let counters = cached.counters.iter().map(|(repository, counters, active_at)| CounterValues {
            repository_id: (*repository).into(),
            pipeline: counters.pipeline.into(),
            stage: counters.stage.into(),
            job: counters.job.into(),
            report: counters.report.into(),
            event: counters.event.into(),
            active_at: (*active_at).into(),
        });
        let details = self.details.iter().map(|((repository, pipeline, digest), bytes)| {
            JobDetailsValues::new(*repository, *pipeline, digest, bytes)
        });
        let states = self.states.iter().map(|((destination, sha, context), state)| {
            let ChangedState { target, changed_at, changes, job } = state;
            ChangedStateValues::due(*destination, sha, context, target, (*changed_at, *changes), *job)
        });
        let gates = self.gates.iter().map(|((repository, sha), (first_at, at, changes))| {
            ChangedGateValues::due(*repository, sha, *first_at, (*at, *changes))
        });
        let merge_requests =
            self.merge_requests.iter().map(|((id, iid), times)| MergeRequestValues::new(*id, *iid, *times));
        // The reports of a repository are on the same pages, and not all pages stay in memory.
        let mut reports: Vec<_> = self.reports.iter().collect();
        reports.sort_by_cached_key(|report| report.repository());
        let responses =
            self.responses.iter().map(|(key, (stored, at))| IdempotencyValues::new(key, stored, *at));
        let signatures = self.signatures.iter().map(|(digest, used)| NewSignatureValues::new(digest, used));
        let pipelines = pipelines().map(|rows| PipelineValues::from(&*rows.pipeline));
        let reports = reports.iter().map(|report| report.values(recent_texts));
        Batch::each_part(&PIPELINES, pipelines, rows_max, each)?;
        Batch::each_part(&STAGES, stages, rows_max, each)?;
        Batch::each_part(&JOBS, jobs_if(true), rows_max, &mut |batch| each(batch.of_new_rows()))?;
        Batch::each_part(&JOBS, jobs_if(false), rows_max, each)?;
        Batch::each_part(&REPORTS, reports, rows_max, each)?;
        Batch::each_part(&JOB_DETAILS, details, rows_max, each)?;
        Batch::each_part(&EVENTS, events::rows(&self.events), rows_max, each)?;
        Batch::each_part(&NEW_DELIVERIES, deliveries, rows_max, each)?;
        Batch::each_part(&CHANGED_STATES, states, rows_max, each)?;
        Batch::each_part(&CHANGED_GATES, gates, rows_max, each)?;
        Batch::each_part(&MERGE_REQUESTS, merge_requests, rows_max, each)?;
        Batch::each_part(&JOB_COUNTS, self.counts.of_jobs(), rows_max, each)?;
        Batch::each_part(&PIPELINE_COUNTS, self.counts.of_pipelines(), rows_max, each)?;
        Batch::each_part(&IDEMPOTENCY_KEYS, responses, rows_max, each)?;
        Batch::each_part(&NEW_SIGNATURES, signatures, rows_max, each)?;
        Batch::each_part(&COUNTERS, counters, rows_max, each)
    }
}
