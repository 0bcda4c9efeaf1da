//! `POST /native/v1/import`: NDJSON, with a result for each line in order.

use super::{error, repositories};
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Admin, Context};
use domain::App;
use domain::actions::access::Administrator;
use domain::actions::imports::{self, ImportOutcome};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::{JobId, PipelineId, RepositoryId, StageId};
use domain::model::imports::{ImportedJob, ImportedPipeline, ImportedStage};
use domain::model::pipelines::PipelineIdentity;
use domain::model::reports::{DEFAULT_SOURCE, ReportInput, parse_time, stage_order};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use wire::native::imports::{ImportResult, ReceivedJob, ReceivedPipeline, ReceivedStage};

pub async fn import(ctx: Context<Admin>) -> Result<Reply> {
    let request = &ctx.request;
    let mut results = Vec::new();
    for (at, text) in request.body()?.split(|b| *b == b'\n').enumerate() {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let (result, error) = match import_line(&ctx.edge.app, &ctx.proof, text).await {
            Ok(ImportOutcome::Added) => ("added", None),
            Ok(ImportOutcome::Existing) => ("known", None),
            // The store does not respond: a repeat of the request imports the remaining lines.
            Err(lost @ (Error::Unavailable(_) | Error::Overloaded | Error::Internal(_))) => return Err(lost),
            Err(refused) => {
                ("refused", Some(error::problem(&refused, request.language, &request.request_id)))
            }
        };
        let result = ImportResult { line: at as u64 + 1, result: result.to_owned(), error };
        let json = serde_json::to_vec(&result)
            .map_err(|e| Error::Internal(format!("a result cannot be serialized: {e}")))?;
        results.extend(json);
        results.push(b'\n');
    }
    Ok(Reply::new(StatusCode::OK, HeaderValue::from_static("application/x-ndjson"), results))
}

/// Imports one line. `serve --demo` calls it too.
///
/// # Errors
/// [`Error::Invalid`] naming the field; the errors of the store.
pub async fn import_line(app: &App, by: &Administrator, text: &[u8]) -> Result<ImportOutcome> {
    let value = json::parse(text)?;
    let LineType { kind } = json::from_value("line", &value)?;
    match kind.as_deref().unwrap_or_default() {
        "repository" => {
            let new = repositories::check(json::from_value("repository", &value)?)?;
            imports::repository(app, by, new).await
        }
        "pipeline" => imports::pipeline(app, by, pipeline(json::from_value("line", &value)?, app)?).await,
        _ => Err(imports::unknown_line()),
    }
}

/// The part of a line that says what the rest is.
#[derive(Deserialize)]
struct LineType {
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn missing(field: &str) -> Invalid {
    Invalid::new(field, Problem::Missing)
}

fn pipeline(pipeline: ReceivedPipeline, app: &App) -> Result<ImportedPipeline> {
    let sha = pipeline.sha.ok_or_else(|| missing("sha"))?.to_ascii_lowercase();
    let git_ref = pipeline.git_ref.ok_or_else(|| missing("ref"))?;
    let stages = pipeline.stages.into_iter().map(|stage| read_stage(stage, &sha, &git_ref, app));
    let stages = stages.collect::<Result<Vec<_>>>()?;
    let first = stages.iter().flat_map(|stage| &stage.jobs).map(|job| job.created_at).min();
    let created_at = match pipeline.created_at {
        Some(text) => parse_time("created_at", &text)?,
        None => first.ok_or_else(|| missing("created_at"))?,
    };
    Ok(ImportedPipeline {
        repository_id: RepositoryId::new(pipeline.repository_id)?,
        id: pipeline.id.map(PipelineId::new).transpose()?,
        identity: PipelineIdentity {
            sha,
            git_ref,
            source: pipeline.source.unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
            key: pipeline.pipeline_key.unwrap_or_default(),
        },
        web_url: pipeline.web_url,
        trigger_user: pipeline.trigger_user,
        created_at,
        stages,
    })
}

fn read_stage(stage: ReceivedStage, sha: &str, git_ref: &str, app: &App) -> Result<ImportedStage> {
    let jobs = stage.jobs.into_iter().map(|job| read_job(job, sha, git_ref, app));
    let jobs = jobs.collect::<Result<_>>()?;
    Ok(ImportedStage {
        id: stage.id.map(StageId::new).transpose()?,
        name: stage.name.ok_or_else(|| missing("stages"))?,
        sort_id: stage.sort_id.map(stage_order).transpose()?,
        jobs,
    })
}

/// Checks a job as the report that would describe it.
fn read_job(job: ReceivedJob, sha: &str, git_ref: &str, app: &App) -> Result<ImportedJob> {
    let report = ReportInput {
        sha: Some(sha.to_owned()),
        git_ref: Some(git_ref.to_owned()),
        name: job.name,
        status: job.status,
        third_build_id: job.third_build_id,
        target_url: job.target_url,
        description: job.description,
        coverage: job.coverage,
        allow_failure: job.allow_failure,
        started_at: job.started_at,
        finished_at: job.finished_at,
        ..ReportInput::default()
    };
    let report = report.check(app.clock.now())?;
    Ok(ImportedJob {
        id: job.id.map(JobId::new).transpose()?,
        name: report.name,
        state: report.state,
        created_at: parse_time("created_at", &job.created_at.ok_or_else(|| missing("created_at"))?)?,
        updated_at: job.updated_at.map(|text| parse_time("updated_at", &text)).transpose()?,
    })
}
