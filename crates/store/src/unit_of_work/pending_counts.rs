//! The changes of the numbers of jobs by status, and of pipelines by ref and status, that no table has yet.

use crate::rows::counters::{JobCountValues, PipelineCountValues};
use crate::rows::types::status_number;
use domain::model::ids::RepositoryId;
use domain::model::pipelines::Pipeline;
use domain::model::status::Status;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct PendingCounts {
    jobs: BTreeMap<(RepositoryId, i64), i64>,
    pipelines: BTreeMap<(RepositoryId, &'static str), BTreeMap<String, i64>>,
}

impl PendingCounts {
    /// Counts a change of a job; `before` is `None` for a new one.
    pub fn move_job(&mut self, repository: RepositoryId, before: Option<Status>, now: Option<Status>) {
        if before == now {
            return;
        }
        for (status, by) in [(before, -1), (now, 1)] {
            if let Some(status) = status {
                *self.jobs.entry((repository, status_number(status))).or_default() += by;
            }
        }
    }

    /// Counts a change of a pipeline; `before` is `None` for a new one.
    pub fn move_pipeline(&mut self, pipeline: &Pipeline, before: Option<Status>) {
        if before == Some(pipeline.status) {
            return;
        }
        if let Some(before) = before {
            self.add_pipeline(pipeline, before, -1);
        }
        self.add_pipeline(pipeline, pipeline.status, 1);
    }

    fn add_pipeline(&mut self, pipeline: &Pipeline, status: Status, by: i64) {
        let counts = self.pipelines.entry((pipeline.repository_id, status.as_str())).or_default();
        match counts.get_mut(&pipeline.identity.git_ref) {
            Some(count) => *count += by,
            None => drop(counts.insert(pipeline.identity.git_ref.clone(), by)),
        }
    }

    /// The rows of jobs.
    pub fn of_jobs(&self) -> impl Iterator<Item = JobCountValues<'_>> {
        let counts = self.jobs.iter().filter(|(_, count)| **count != 0);
        counts.map(|((repository, status), count)| JobCountValues {
            repository_id: (*repository).into(),
            status: (*status).into(),
            count: (*count).into(),
        })
    }

    /// The rows of pipelines.
    pub fn of_pipelines(&self) -> impl Iterator<Item = PipelineCountValues<'_>> {
        self.pipelines.iter().flat_map(|((repository, status), counts)| {
            let counts = counts.iter().filter(|(_, count)| **count != 0);
            counts.map(|(git_ref, count)| PipelineCountValues {
                repository_id: (*repository).into(),
                git_ref: git_ref.as_str().into(),
                status: (*status).into(),
                count: (*count).into(),
            })
        })
    }
}
