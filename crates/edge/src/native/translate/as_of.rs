//! Past states.

use super::{jobs, pipeline, time};
use crate::http::time_text::TimeText;
use domain::model::as_of::{LastReport, Moment};
use domain::model::jobs::ListedJob;
use domain::model::page::Page;
use domain::model::pipelines::{Pipeline, PipelineState};
use wire::native;
use wire::native::as_of::{AsOf, AsOfReport};

/// The moment of a past state.
pub fn moment(moment: &Moment) -> AsOf {
    AsOf {
        at: time(moment.at),
        last_report: moment.last_report.as_ref().map(last_report),
        complete: moment.is_complete(),
        kept_since: moment.kept_since.map(time),
        verdict: None,
    }
}

fn last_report(last: &LastReport) -> AsOfReport {
    let entry = &last.entry;
    AsOfReport {
        report_id: entry.report_id,
        pipeline_id: last.pipeline_id.get(),
        job_id: last.job_id.get(),
        reporter: entry.reporter.clone(),
        credential: super::credential(entry),
        status: entry.state.status.as_str().to_owned(),
        received_at: time(entry.received_at),
    }
}

/// A pipeline as it was.
pub fn past_pipeline(p: &Pipeline, at: &Moment) -> native::pipelines::Pipeline {
    native::pipelines::Pipeline { as_of: Some(moment(at)), ..pipeline(p) }
}

/// A page of the attempts of a pipeline as they were.
pub fn past_job_list<'a>(
    state: &'a PipelineState,
    page: Page,
    at: &Moment,
) -> native::jobs::JobList<&'a str, TimeText> {
    let listed = state.jobs.iter().skip(page.offset as usize).take(page.limit as usize).map(ListedJob::from);
    native::jobs::JobList {
        jobs: jobs(&state.pipeline, &state.stages, listed),
        total: u64::from(state.pipeline.job_count),
        as_of: Some(moment(at)),
    }
}
