//! Events as the native API represents them: the same JSON in streams and webhooks.

use crate::http::time_text::TimeText;
use domain::Timestamp;
use domain::model::events::{Change, Event};
use domain::model::status::Status;
use wire::native::events as wire_events;

/// RFC 3339 in UTC, with milliseconds.
pub fn time(at: Timestamp) -> String {
    TimeText::utc(at).to_string()
}

/// An event as the native API represents it.
pub fn event(event: &Event) -> wire_events::Event {
    let text = |status: Status| status.as_str().to_owned();
    let pipeline = &event.pipeline;
    let (kind, job) = match &event.change {
        Change::Job(job) => ("job", Some(job)),
        Change::Imported => ("pipeline_imported", None),
        Change::Deleted => ("pipeline_gone", None),
    };
    wire_events::Event {
        id: event.number,
        repository_id: event.repository_id.get(),
        kind: kind.to_owned(),
        at: time(event.at),
        pipeline: wire_events::PipelineThen {
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
        },
        job: job.map(|job| wire_events::JobThen {
            id: job.id.get(),
            stage: job.stage.clone(),
            name: job.name.clone(),
            attempt: job.attempt,
            status: text(job.status),
            previous_status: job.previous_status.map(text),
            third_build_id: job.third_build_id.clone(),
            target_url: job.target_url.clone(),
        }),
    }
}
