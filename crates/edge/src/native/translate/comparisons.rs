//! Comparisons of pipelines as the native API represents them.

use super::insights::milliseconds;
use super::pipeline;
use crate::native::comparisons::ComparedPipelines;
use domain::model::comparisons::{Changes, ComparedJob, FailedJob, JobChange, SlowerJob};
use domain::model::ids::PipelineId;
use wire::native::comparisons as native;

pub fn changes(id: PipelineId, changes: &Changes) -> native::Changes {
    native::Changes {
        pipeline_id: id.get(),
        previous: changes.previous.as_ref().map(pipeline),
        last_green: changes.last_green.as_ref().map(pipeline),
        failing_since: changes.failing_since.as_ref().map(pipeline),
        failed: changes.failed.iter().map(failed).collect(),
        fixed: changes.fixed.iter().map(change).collect(),
        slower: changes.slower.iter().map(slower).collect(),
    }
}

pub fn comparison(found: &ComparedPipelines) -> native::Comparison {
    let comparison = &found.comparison;
    native::Comparison {
        base: pipeline(&found.base),
        head: pipeline(&found.head),
        newly_failed: comparison.newly_failed.iter().map(change).collect(),
        still_failed: comparison.still_failed.iter().map(change).collect(),
        fixed: comparison.fixed.iter().map(change).collect(),
        other: comparison.other.iter().map(change).collect(),
        slower: comparison.slower.iter().map(slower).collect(),
        added: comparison.added.iter().map(job).collect(),
        removed: comparison.removed.iter().map(job).collect(),
    }
}

fn job(job: &ComparedJob) -> native::ComparedJob {
    native::ComparedJob {
        job_id: job.id.get(),
        stage: job.stage.clone(),
        name: job.name.clone(),
        status: job.status.as_str().to_owned(),
        duration_ms: job.duration.map(milliseconds),
    }
}

fn change(change: &JobChange) -> native::JobChange {
    native::JobChange { base: change.base.as_ref().map(job), head: job(&change.head) }
}

fn slower(found: &SlowerJob) -> native::SlowerJob {
    native::SlowerJob { job: job(&found.job), usual_ms: milliseconds(found.usual) }
}

fn failed(found: &FailedJob) -> native::FailedJob {
    native::FailedJob {
        job: job(&found.job),
        since_pipeline_id: found.since.get(),
        since_or_earlier: found.since_or_earlier,
    }
}
