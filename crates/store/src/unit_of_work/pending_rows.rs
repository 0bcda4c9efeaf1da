//! Rows that wait to be written with the group: each once, however many reports changed it.

use crate::deliveries::{self, Wanting};
use crate::idempotency::IdempotencyKey;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::sql::{Batch, Value, row};
use crate::tables::{
    COUNTERS, EVENTS, JOB_COUNTS, JOBS, MERGE_REQUESTS, NEW_DELIVERIES, PIPELINE_COUNTS, PIPELINES, REPEATS,
    REPORTS, STAGES, Table,
};
use crate::{events, jobs, pipelines};
use domain::model::events::{Event, StatusBefore};
use domain::model::ids::{JobId, MergeRequestIid, RepositoryId};
use domain::model::merge_requests::iid_from_ref;
use domain::model::pipelines::{ChangedRows, PipelineState};
use domain::model::status::Status;
use domain::{Result, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Places in a run whose rows wait.
#[derive(Default)]
struct Dirty {
    stages: BTreeSet<usize>,
    jobs: BTreeSet<usize>,
}

/// The answer to a request that may be repeated.
struct IdempotentResponse {
    digest: Vec<u8>,
    text: String,
    at: Timestamp,
}

#[derive(Default)]
pub struct PendingRows {
    dirty: BTreeMap<Key, Dirty>,
    counted: BTreeSet<RepositoryId>,
    reports: Vec<Vec<Value<'static>>>,
    events: Vec<Vec<Value<'static>>>,
    deliveries: Vec<Vec<Value<'static>>>,
    repeats: HashMap<IdempotencyKey, IdempotentResponse>,
    /// By how much the numbers of jobs and pipelines change.
    jobs: BTreeMap<(RepositoryId, &'static str), i64>,
    pipelines: BTreeMap<(RepositoryId, String, &'static str), i64>,
    merge_requests: BTreeSet<(RepositoryId, MergeRequestIid)>,
}

impl PendingRows {
    /// The last ids given out in a repository.
    pub fn count(&mut self, repository: RepositoryId) {
        self.counted.insert(repository);
    }

    /// Rows of a pipeline.
    pub fn touch(&mut self, key: Key, touched: ChangedRows) {
        let dirty = self.dirty.entry(key).or_default();
        dirty.stages.extend(touched.stages);
        dirty.jobs.extend(touched.jobs);
    }

    /// A pipeline that is taken away: nothing of it is written.
    pub fn forget(&mut self, key: &Key) {
        self.dirty.remove(key);
    }

    /// A row of the history.
    pub fn report(&mut self, row: Vec<Value<'static>>) {
        self.reports.push(row);
    }

    /// An event, with the deliveries that it makes. True where there are any.
    ///
    /// # Errors
    /// [`domain::Error::Internal`], which none of ours causes.
    pub fn event(&mut self, event: &Event, webhooks: &[Wanting]) -> Result<bool> {
        self.events.push(events::row(event)?);
        let deliveries = deliveries::of_event(event, webhooks)?;
        let any = !deliveries.is_empty();
        self.deliveries.extend(deliveries);
        Ok(any)
    }

    /// The answer to a request.
    pub fn add_idempotent_response(
        &mut self,
        repeat: IdempotencyKey,
        digest: &[u8],
        text: String,
        at: Timestamp,
    ) {
        self.repeats.insert(repeat, IdempotentResponse { digest: digest.to_vec(), text, at });
    }

    /// The answer to a request of this group.
    pub fn idempotent_response(&self, repeat: &IdempotencyKey) -> Option<(Vec<u8>, String)> {
        self.repeats.get(repeat).map(|answer| (answer.digest.clone(), answer.text.clone()))
    }

    /// The answers, once they are written.
    pub fn into_repeats(self) -> impl Iterator<Item = (IdempotencyKey, Option<(Vec<u8>, String)>)> {
        self.repeats.into_iter().map(|(repeat, answer)| (repeat, Some((answer.digest, answer.text))))
    }

    /// Counts what a report changed.
    pub fn change(&mut self, run: &PipelineState, before: StatusBefore, job: JobId, touched: &ChangedRows) {
        let repository = run.pipeline.repository_id;
        let now = run.job(job).map(|job| job.attempt.status);
        if touched.previous_status != now {
            self.count_jobs(repository, touched.previous_status, -1);
            self.count_jobs(repository, now, 1);
        }
        if before.pipeline != Some(run.pipeline.status) {
            self.count_pipeline(run, before.pipeline, -1);
            self.count_pipeline(run, Some(run.pipeline.status), 1);
        }
        self.know(run);
    }

    /// Counts a pipeline that came whole.
    pub fn arrive(&mut self, run: &PipelineState) {
        for job in &run.jobs {
            self.count_jobs(run.pipeline.repository_id, Some(job.attempt.status), 1);
        }
        self.count_pipeline(run, Some(run.pipeline.status), 1);
        self.know(run);
    }

    fn know(&mut self, run: &PipelineState) {
        if let Some(iid) = iid_from_ref(&run.pipeline.identity.git_ref) {
            self.merge_requests.insert((run.pipeline.repository_id, iid));
        }
    }

    fn count_jobs(&mut self, repository: RepositoryId, status: Option<Status>, by: i64) {
        if let Some(status) = status {
            *self.jobs.entry((repository, status.as_str())).or_default() += by;
        }
    }

    fn count_pipeline(&mut self, run: &PipelineState, status: Option<Status>, by: i64) {
        if let Some(status) = status {
            let of = (run.pipeline.repository_id, run.pipeline.identity.git_ref.clone(), status.as_str());
            *self.pipelines.entry(of).or_default() += by;
        }
    }

    /// All of it, table by table. Rows that are whole are given away.
    pub fn batches<'a>(&'a mut self, runs: &'a PipelineCache) -> Vec<Batch<'a>> {
        let [reports, events, deliveries] =
            [&mut self.reports, &mut self.events, &mut self.deliveries].map(std::mem::take);
        let changed = || self.dirty.iter().filter_map(|(key, dirty)| Some((runs.get(key)?, dirty)));
        let stages = changed().flat_map(|(run, dirty)| dirty.stages.iter().map(move |at| (run, *at)));
        let jobs = changed().flat_map(|(run, dirty)| dirty.jobs.iter().map(move |at| (run, *at)));
        let counters = self.counted.iter().filter_map(|repository| {
            let (c, active_at) = runs.counted(*repository)?;
            Some(row![repository.get(), c.pipeline, c.stage, c.job, c.report, c.event, active_at])
        });
        let job_counts = self.jobs.iter().filter(|(_, by)| **by != 0);
        let pipeline_counts = self.pipelines.iter().filter(|(_, by)| **by != 0);
        [
            batch(&PIPELINES, changed().map(|(run, _)| pipelines::row(&run.pipeline))),
            batch(&STAGES, stages.filter_map(|(run, at)| jobs::stage_row(run, at))),
            batch(&JOBS, jobs.filter_map(|(run, at)| jobs::row(run, at))),
            Batch { table: &REPORTS, rows: reports },
            Batch { table: &EVENTS, rows: events },
            Batch { table: &NEW_DELIVERIES, rows: deliveries },
            batch(&MERGE_REQUESTS, self.merge_requests.iter().map(|(r, iid)| row![r.get(), iid.get()])),
            batch(&JOB_COUNTS, job_counts.map(|((r, status), by)| row![r.get(), *status, *by])),
            batch(
                &PIPELINE_COUNTS,
                pipeline_counts.map(|((r, git_ref, status), by)| row![r.get(), git_ref, *status, *by]),
            ),
            batch(
                &REPEATS,
                self.repeats.iter().map(|(of, answer)| {
                    let IdempotentResponse { digest, text, at } = answer;
                    row![
                        of.repository.get(),
                        of.user.get(),
                        &of.key,
                        digest.as_slice(),
                        text,
                        at.as_millisecond()
                    ]
                }),
            ),
            batch(&COUNTERS, counters),
        ]
        .into_iter()
        .filter(|batch| !batch.rows.is_empty())
        .collect()
    }
}

fn batch<'a>(table: &'static Table, rows: impl Iterator<Item = Vec<Value<'a>>>) -> Batch<'a> {
    Batch { table, rows: rows.collect() }
}
