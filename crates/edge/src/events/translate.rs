//! Events as the native API represents them: the same JSON in streams and webhooks.

use crate::http::time_text::TimeText;
use domain::Timestamp;
use domain::model::events::{
    Change, ChangedRequirement, Event, JobSnapshot, PipelineChange, PipelineSnapshot, VerdictSnapshot,
};
use domain::model::gates::RequirementState;
use domain::model::status::Status;
use wire::native::events as wire_events;

/// RFC 3339 in UTC, with milliseconds.
pub fn time(at: Timestamp) -> String {
    TimeText::utc(at).to_string()
}

/// An event as the native API represents it.
pub fn event(event: &Event) -> wire_events::Event {
    let kind = match &event.change {
        Change::Pipeline(_, PipelineChange::Job(_)) => "job",
        Change::Pipeline(_, PipelineChange::Imported) => "pipeline_imported",
        Change::Pipeline(_, PipelineChange::Deleted) => "pipeline_gone",
        Change::Verdict(_) => "gate",
    };
    wire_events::Event {
        id: event.number,
        repository_id: event.repository_id.get(),
        kind: kind.to_owned(),
        at: time(event.at),
        pipeline: event.pipeline().map(pipeline),
        job: event.job().map(job),
        gate: match &event.change {
            Change::Verdict(record) => Some(gate(record)),
            Change::Pipeline(..) => None,
        },
    }
}

fn text(status: Status) -> String {
    status.as_str().to_owned()
}

fn pipeline(pipeline: &PipelineSnapshot) -> wire_events::PipelineThen {
    wire_events::PipelineThen {
        id: pipeline.id.get(),
        version: pipeline.version,
        sha: pipeline.identity.sha.clone(),
        git_ref: pipeline.identity.git_ref.clone(),
        source: pipeline.identity.source.clone(),
        pipeline_key: Some(pipeline.identity.key.clone()).filter(|key| !key.is_empty()),
        web_url: pipeline.web_url.clone(),
        status: text(pipeline.status),
        previous_status: pipeline.previous_status.map(text),
        job_count: pipeline.job_count,
    }
}

fn job(job: &JobSnapshot) -> wire_events::JobThen {
    wire_events::JobThen {
        id: job.id.get(),
        stage: job.stage.clone(),
        name: job.name.clone(),
        attempt: job.attempt,
        status: text(job.status),
        previous_status: job.previous_status.map(text),
        third_build_id: job.third_build_id.clone(),
        target_url: job.target_url.clone(),
    }
}

fn gate(record: &VerdictSnapshot) -> wire_events::GateThen {
    let state = |state: RequirementState| state.as_str().to_owned();
    let changed = |requirement: &ChangedRequirement| wire_events::GateChangeThen {
        name: requirement.name.clone(),
        state: requirement.state.map(state),
        previous_state: requirement.previous_state.map(state),
    };
    wire_events::GateThen {
        sha: record.sha.clone(),
        target: record.target.clone(),
        number: record.number,
        verdict: record.verdict.as_str().to_owned(),
        previous_verdict: record.previous_verdict.map(|verdict| verdict.as_str().to_owned()),
        version: record.version,
        rules_version: record.rules_version,
        changed: record.changed.iter().map(changed).collect(),
        changed_count: record.changed_count,
    }
}
