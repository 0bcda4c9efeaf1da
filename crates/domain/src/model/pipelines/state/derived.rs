//! The values that a pipeline derives from its attempts: the newest ones, counts, status and times.

use super::PipelineState;
use super::times::AttemptTimes;
use crate::model::jobs;
use crate::model::pipelines::ChangedRows;
use crate::model::status::StatusCounts;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// The jobs of a stage.
#[derive(Debug, Clone, Default)]
pub(super) struct StageJobs {
    /// The counts of the newest attempts.
    pub status_counts: StatusCounts,
    /// The indices of the attempts of each job, in order of their numbers.
    pub attempts: HashMap<String, Vec<usize>>,
}

impl PipelineState {
    /// Chooses the newest attempt of the job at `at`. True when it is another attempt than before.
    pub(super) fn update_newest(&mut self, stage: usize, at: usize, changed_rows: &mut ChangedRows) -> bool {
        let StageJobs { status_counts: counts, attempts } = &mut self.by_stage[stage];
        let Some(attempts) = attempts.get(&self.jobs[at].name) else { return false };
        let Some(index) = jobs::newest(attempts.iter().map(|&at| &*self.jobs[at])) else { return false };
        let newest = attempts[index];
        if self.jobs[newest].newest {
            return false;
        }
        for &other in attempts {
            let is_newest = other == newest;
            if self.jobs[other].newest == is_newest {
                continue;
            }
            let job = Arc::make_mut(&mut self.jobs[other]);
            job.newest = is_newest;
            let (status, allow_failure) = (job.attempt.status, job.attempt.allow_failure);
            let times = AttemptTimes::of(&job.attempt);
            if is_newest {
                counts.add(status, allow_failure);
                self.times.add(times);
            } else {
                counts.remove(status, allow_failure);
                self.times.remove(times);
            }
            changed_rows.jobs.push(other);
        }
        true
    }

    /// Updates what the pipeline derives from its jobs: status, times and count; increments its version.
    pub(super) fn update_pipeline(&mut self, now: Timestamp) {
        let mut all = StatusCounts::default();
        for stage in &self.by_stage {
            all.merge(&stage.status_counts);
        }
        let pipeline = &mut self.pipeline;
        pipeline.status = all.status();
        pipeline.job_count = u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        pipeline.started_at = self.times.started_at(&self.jobs);
        pipeline.finished_at =
            if pipeline.status.is_finished() { self.times.finished_at(&self.jobs) } else { None };
        pipeline.created_at =
            self.times.created_at().map_or(pipeline.created_at, |at| at.min(pipeline.created_at));
        pipeline.updated_at = pipeline.updated_at.max(now);
        pipeline.version += 1;
    }
}
