//! `POST /native/v1/import`: NDJSON, with a result for each line in order.

use super::{displayed_fields, error, repositories, translate};
use crate::http::reply::Reply;
use crate::http::{json, json_repair};
use crate::routes::{Admin, Context};
use domain::actions::access::Administrator;
use domain::actions::imports::{self, ImportOutcome};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::{JobId, PipelineId, RepositoryId, StageId};
use domain::model::imports::{ImportedJob, ImportedPipeline, ImportedStage};
use domain::model::pipelines::PipelineIdentity;
use domain::model::reports::{Adjustments, DEFAULT_SOURCE, ReportInput, is_unset};
use domain::model::text;
use domain::{App, Timestamp};
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
        let mut adjusted = Adjustments::default();
        let (result, error) = match import_adjusted(&ctx.edge.app, &ctx.proof, text, &mut adjusted).await {
            Ok(ImportOutcome::Added) => ("added", None),
            Ok(ImportOutcome::Existing) => ("known", None),
            // The store does not respond: a repeat of the request imports the remaining lines.
            Err(lost @ (Error::Unavailable(_) | Error::Overloaded | Error::Damaged | Error::Internal(_))) => {
                return Err(lost);
            }
            Err(refused) => ("refused", Some(error::problem(&refused, request))),
        };
        // Nothing is adjusted in a line that changed nothing.
        let adjusted = if result == "added" { translate::adjustments(adjusted) } else { Vec::new() };
        let result = ImportResult { line: at as u64 + 1, result: result.to_owned(), error, adjusted };
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
    import_adjusted(app, by, text, &mut Adjustments::default()).await
}

/// Imports one line. `adjusted` gets what was adjusted in it.
async fn import_adjusted(
    app: &App,
    by: &Administrator,
    text: &[u8],
    adjusted: &mut Adjustments,
) -> Result<ImportOutcome> {
    let mut value = json_repair::parse(text)?;
    let LineType { kind } = json::from_value("line", &value)?;
    match kind.as_deref().unwrap_or_default() {
        "repository" => {
            let new = repositories::check(json::from_value("repository", &value)?)?;
            imports::repository(app, by, new).await
        }
        "pipeline" => {
            adjusted.extend(displayed_fields::drop_unreadable_in_import(&mut value));
            let read = json::from_value("line", &value)?;
            imports::pipeline(app, by, pipeline(read, app, adjusted)?).await
        }
        _ => Err(imports::unknown_line()),
    }
}

/// The part of a line that determines the type of the rest.
#[derive(Deserialize)]
struct LineType {
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn missing(field: &str) -> Invalid {
    Invalid::new(field, Problem::Missing)
}

/// Reads a time; `None`: it is unset.
fn known_time(field: &str, value: &str) -> Result<Option<Timestamp>, Invalid> {
    let time = text::time(field, value)?;
    Ok(Some(time).filter(|time| !is_unset(*time)))
}

/// Reads a pipeline. An unknown time of creation is that of its first job.
fn pipeline(pipeline: ReceivedPipeline, app: &App, adjusted: &mut Adjustments) -> Result<ImportedPipeline> {
    let now = app.clock.now();
    let sha = pipeline.sha.ok_or_else(|| missing("sha"))?.to_ascii_lowercase();
    let git_ref = pipeline.git_ref.ok_or_else(|| missing("ref"))?;
    let is_dated = pipeline.created_at.is_some();
    let created_at = pipeline.created_at.map(|at| known_time("created_at", &at)).transpose()?.flatten();
    let reader = JobReader { sha: &sha, git_ref: &git_ref, created_at, now };
    let stages = pipeline.stages.into_iter().map(|stage| read_stage(stage, &reader, adjusted));
    let stages = stages.collect::<Result<Vec<_>>>()?;
    let first = stages.iter().flat_map(|stage| &stage.jobs).map(|job| job.created_at).min();
    if !is_dated && first.is_none() {
        return Err(missing("created_at").into());
    }
    Ok(ImportedPipeline {
        repository_id: RepositoryId::new(pipeline.repository_id)?,
        id: pipeline.id.map(PipelineId::new).transpose()?,
        identity: PipelineIdentity {
            sha,
            git_ref,
            source: pipeline.source.unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
            key: pipeline.pipeline_key.unwrap_or_default(),
        },
        web_url: adjusted.link("web_url", pipeline.web_url),
        trigger_user: adjusted.label("trigger_user", pipeline.trigger_user),
        created_at: created_at.or(first).unwrap_or(now),
        stages,
    })
}

fn read_stage(
    stage: ReceivedStage,
    reader: &JobReader<'_>,
    adjusted: &mut Adjustments,
) -> Result<ImportedStage> {
    let jobs = stage.jobs.into_iter().map(|job| reader.read(job, adjusted));
    let jobs = jobs.collect::<Result<_>>()?;
    Ok(ImportedStage {
        id: stage.id.map(StageId::new).transpose()?,
        name: stage.name.ok_or_else(|| missing("stages"))?,
        sort_id: adjusted.position("sort_id", stage.sort_id),
        jobs,
    })
}

/// Reads the jobs of a pipeline.
struct JobReader<'a> {
    sha: &'a str,
    git_ref: &'a str,
    /// The creation of the pipeline, if it is known.
    created_at: Option<Timestamp>,
    now: Timestamp,
}

impl JobReader<'_> {
    /// Checks a job as the report that would describe it. An unknown time of creation is that of the start,
    /// of the end, or of the creation of the pipeline.
    fn read(&self, job: ReceivedJob, adjusted: &mut Adjustments) -> Result<ImportedJob> {
        let mut of_job = Adjustments::default();
        let updated_at = of_job.time("updated_at", job.updated_at.as_deref(), self.now);
        let report = ReportInput {
            sha: Some(self.sha.to_owned()),
            git_ref: Some(self.git_ref.to_owned()),
            name: job.name,
            status: job.status,
            third_build_id: job.third_build_id,
            target_url: job.target_url,
            description: job.description,
            coverage: job.coverage,
            allow_failure: job.allow_failure,
            started_at: job.started_at,
            finished_at: job.finished_at,
            adjusted: of_job,
            ..ReportInput::default()
        };
        let report = report.check(self.now)?;
        let created_at = known_time("created_at", &job.created_at.ok_or_else(|| missing("created_at"))?)?;
        adjusted.extend(report.state.adjusted);
        let known = report.state.started_at.or(report.state.finished_at).or(self.created_at);
        Ok(ImportedJob {
            id: job.id.map(JobId::new).transpose()?,
            name: report.name,
            created_at: created_at.or(known).unwrap_or(self.now),
            updated_at,
            state: report.state,
        })
    }
}
