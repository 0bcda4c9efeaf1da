//! An event as JSON: the content of a delivery, and a row of the table before it had several events in a row.

use crate::sql::corrupt;
use domain::model::events::{
    Change, ChangedRequirement, Event, JobSnapshot, PipelineChange, PipelineSnapshot, VerdictSnapshot,
};
use domain::model::gates::{RequirementState, Verdict};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::pipelines::PipelineIdentity;
use domain::model::status::Status;
use domain::{Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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
    /// The id of the pipeline, in a row of an earlier version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<i64>,
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

/// The body of an event about a verdict.
#[derive(Serialize, Deserialize)]
struct GateBody {
    gate: StoredVerdict,
}

#[derive(Serialize, Deserialize)]
struct StoredVerdict {
    sha: String,
    target: String,
    number: i64,
    verdict: String,
    was: Option<String>,
    version: i64,
    rules: i64,
    changed: Vec<StoredRequirement>,
    count: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredRequirement {
    name: Option<String>,
    state: Option<String>,
    was: Option<String>,
}

/// The beginning of a [`GateBody`], and of no [`Body`].
const GATE: &str = "{\"gate\":";

fn gate_body(record: &VerdictSnapshot) -> Result<String> {
    let state = |state: Option<RequirementState>| state.map(|state| state.as_str().to_owned());
    let changed = |requirement: &ChangedRequirement| StoredRequirement {
        name: requirement.name.clone(),
        state: state(requirement.state),
        was: state(requirement.previous_state),
    };
    let gate = StoredVerdict {
        sha: record.sha.clone(),
        target: record.target.clone(),
        number: record.number,
        verdict: record.verdict.as_str().to_owned(),
        was: record.previous_verdict.map(|verdict| verdict.as_str().to_owned()),
        version: record.version,
        rules: record.rules_version,
        changed: record.changed.iter().map(changed).collect(),
        count: record.changed_count,
    };
    serde_json::to_string(&GateBody { gate }).map_err(corrupt)
}

fn read_gate(stored: StoredVerdict) -> Result<VerdictSnapshot> {
    let verdict = |name: &str| Verdict::parse(name).ok_or_else(|| corrupt(name));
    let state = |name: Option<String>| {
        name.map(|name| RequirementState::parse(&name).ok_or_else(|| corrupt(name))).transpose()
    };
    let changed = |requirement: StoredRequirement| {
        Ok(ChangedRequirement {
            name: requirement.name,
            state: state(requirement.state)?,
            previous_state: state(requirement.was)?,
        })
    };
    Ok(VerdictSnapshot {
        sha: stored.sha,
        target: stored.target,
        number: stored.number,
        verdict: verdict(&stored.verdict)?,
        previous_verdict: stored.was.as_deref().map(verdict).transpose()?,
        version: stored.version,
        rules_version: stored.rules,
        changed: stored.changed.into_iter().map(changed).collect::<Result<_>>()?,
        changed_count: stored.count,
    })
}

/// An event as JSON, without what is in other columns of a delivery.
///
/// # Errors
/// [`domain::Error::Internal`] if the event cannot be written as JSON; no event causes it.
pub fn body(event: &Event) -> Result<String> {
    let name = |status: Status| status.as_str().to_owned();
    let (p, change) = match &event.change {
        Change::Pipeline(pipeline, change) => (pipeline, change),
        Change::Verdict(record) => return gate_body(record),
    };
    let change = match change {
        PipelineChange::Job(job) => StoredEvent::Job {
            id: job.id.get().into(),
            stage: job.stage.clone(),
            name: job.name.clone(),
            attempt: job.attempt,
            status: name(job.status),
            was: job.previous_status.map(name),
            build: job.third_build_id.clone(),
            url: job.target_url.clone(),
        },
        PipelineChange::Imported => StoredEvent::Imported,
        PipelineChange::Deleted => StoredEvent::Gone,
    };
    let body = Body {
        version: p.version,
        sha: p.identity.sha.clone(),
        git_ref: p.identity.git_ref.clone(),
        source: p.identity.source.clone(),
        key: p.identity.key.clone(),
        web_url: p.web_url.clone(),
        status: name(p.status),
        was: p.previous_status.map(name),
        jobs: p.job_count,
        change,
        pipeline: None,
    };
    serde_json::to_string(&body).map_err(corrupt)
}

/// The event with this `body` and these other columns.
///
/// # Errors
/// [`domain::Error::Internal`] for a text that [`body`] does not write.
pub fn parse(
    body: &str,
    repository_id: RepositoryId,
    number: i64,
    pipeline_id: Option<PipelineId>,
    recorded_at: Timestamp,
) -> Result<Event> {
    if body.starts_with(GATE) {
        let stored: GateBody = serde_json::from_str(body).map_err(corrupt)?;
        let change = Change::Verdict(read_gate(stored.gate)?);
        return Ok(Event { repository_id, number, at: recorded_at, change });
    }
    let pipeline_id = pipeline_id.ok_or_else(|| corrupt("an event without a pipeline"))?;
    read(serde_json::from_str(body).map_err(corrupt)?, repository_id, number, pipeline_id, recorded_at)
}

/// As [`parse`], for a row of an earlier version: the JSON has the id of the pipeline.
pub fn parse_with_pipeline(
    body: &str,
    repository_id: RepositoryId,
    number: i64,
    recorded_at: Timestamp,
) -> Result<Event> {
    let body: Body = serde_json::from_str(body).map_err(corrupt)?;
    let pipeline = body.pipeline.ok_or_else(|| corrupt("an event without a pipeline"))?;
    read(body, repository_id, number, PipelineId::new(pipeline).map_err(corrupt)?, recorded_at)
}

fn read(
    body: Body,
    repository_id: RepositoryId,
    number: i64,
    pipeline_id: PipelineId,
    recorded_at: Timestamp,
) -> Result<Event> {
    let status = |name: &str| Status::parse(name).ok_or_else(|| corrupt(name));
    let previous = |name: Option<String>| name.as_deref().map(status).transpose();
    let change = match body.change {
        StoredEvent::Job { id, stage, name, attempt, status: now, was, build, url } => {
            PipelineChange::Job(JobSnapshot {
                id: JobId::new(id).map_err(corrupt)?,
                stage,
                name,
                attempt,
                status: status(&now)?,
                previous_status: previous(was)?,
                third_build_id: build,
                target_url: url,
            })
        }
        StoredEvent::Imported => PipelineChange::Imported,
        StoredEvent::Gone => PipelineChange::Deleted,
    };
    let pipeline = PipelineSnapshot {
        id: pipeline_id,
        version: body.version,
        identity: Arc::new(PipelineIdentity {
            sha: body.sha,
            git_ref: body.git_ref,
            source: body.source,
            key: body.key,
        }),
        web_url: body.web_url,
        status: status(&body.status)?,
        previous_status: previous(body.was)?,
        job_count: body.jobs,
    };
    let change = Change::Pipeline(pipeline, change);
    Ok(Event { repository_id, number, at: recorded_at, change })
}
