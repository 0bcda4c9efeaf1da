//! Events as text: what a row of the table `events` has in its body.

use super::{corrupt, job_id, pipeline_id, status, time};
use domain::Result;
use domain::model::events::{Change, Event, JobSnapshot, PipelineSnapshot};
use domain::model::ids::RepositoryId;
use domain::model::pipelines::PipelineIdentity;
use domain::model::status::Status;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Body {
    version: i64,
    sha: String,
    #[serde(rename = "ref")]
    git_ref: String,
    source: String,
    key: String,
    web_url: Option<String>,
    status: String,
    was: Option<String>,
    jobs: u32,
    change: StoredEvent,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredEvent {
    Job {
        id: i64,
        stage: String,
        name: String,
        attempt: i32,
        status: String,
        was: Option<String>,
        build: Option<String>,
        url: Option<String>,
    },
    Imported,
    Gone,
}

/// The body of an event.
///
/// # Errors
/// [`domain::Error::Internal`], which none of ours causes.
pub fn write(event: &Event) -> Result<String> {
    let word = |status: Status| status.as_str().to_owned();
    let p = &event.pipeline;
    let change = match &event.change {
        Change::Job(job) => StoredEvent::Job {
            id: job.id.get().into(),
            stage: job.stage.clone(),
            name: job.name.clone(),
            attempt: job.attempt,
            status: word(job.status),
            was: job.previous_status.map(word),
            build: job.third_build_id.clone(),
            url: job.target_url.clone(),
        },
        Change::Imported => StoredEvent::Imported,
        Change::Deleted => StoredEvent::Gone,
    };
    let body = Body {
        version: p.version,
        sha: p.identity.sha.clone(),
        git_ref: p.identity.git_ref.clone(),
        source: p.identity.source.clone(),
        key: p.identity.key.clone(),
        web_url: p.web_url.clone(),
        status: word(p.status),
        was: p.previous_status.map(word),
        jobs: p.job_count,
        change,
    };
    serde_json::to_string(&body).map_err(corrupt)
}

/// The event that [`write`] wrote, with the other columns of its row.
///
/// # Errors
/// [`domain::Error::Internal`] for any other text.
pub fn read(
    repository_id: RepositoryId,
    (number, pipeline, at): (i64, i64, i64),
    body: &str,
) -> Result<Event> {
    let body: Body = serde_json::from_str(body).map_err(corrupt)?;
    let earlier = |word: Option<String>| word.as_deref().map(status).transpose();
    let change = match body.change {
        StoredEvent::Job { id, stage, name, attempt, status: now, was, build, url } => {
            Change::Job(JobSnapshot {
                id: job_id(id)?,
                stage,
                name,
                attempt,
                status: status(&now)?,
                previous_status: earlier(was)?,
                third_build_id: build,
                target_url: url,
            })
        }
        StoredEvent::Imported => Change::Imported,
        StoredEvent::Gone => Change::Deleted,
    };
    let pipeline = PipelineSnapshot {
        id: pipeline_id(pipeline)?,
        version: body.version,
        identity: PipelineIdentity {
            sha: body.sha,
            git_ref: body.git_ref,
            source: body.source,
            key: body.key,
        },
        web_url: body.web_url,
        status: status(&body.status)?,
        previous_status: earlier(body.was)?,
        job_count: body.jobs,
    };
    Ok(Event { repository_id, number, at: time(at)?, pipeline, change })
}
