//! `POST /native/v1/import`: NDJSON, with a result for each line in order.

use super::{error, repositories};
use crate::http::fields::{self, Fields};
use crate::http::reply::Reply;
use crate::routes::{Admin, Context};
use domain::App;
use domain::actions::access::Administrator;
use domain::actions::imports::{self, Imported};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::{JobId, PipelineId, RepositoryId, StageId};
use domain::model::imports::{ImportedJob, ImportedPipeline, ImportedStage};
use domain::model::pipelines::PipelineIdentity;
use domain::model::reports::{ReportFields, parse_time, stage_order};
use http::{HeaderValue, StatusCode};
use wire::native::imports::ImportResult;

pub async fn import(ctx: Context<Admin>) -> Result<Reply> {
    let request = &ctx.request;
    let mut results = Vec::new();
    for (at, text) in request.body()?.split(|b| *b == b'\n').enumerate() {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let (result, error) = match import_line(&ctx.edge.app, &ctx.proof, text).await {
            Ok(Imported::Added) => ("added", None),
            Ok(Imported::Known) => ("known", None),
            // The store failed. The client imports the remaining lines again.
            Err(failed @ (Error::Unavailable(_) | Error::Overloaded | Error::Internal(_))) => {
                return Err(failed);
            }
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
/// [`Error::Invalid`] with the field; the errors of the store.
pub async fn import_line(app: &App, by: &Administrator, text: &[u8]) -> Result<Imported> {
    let value = fields::parse(text)?;
    let kind = Fields::of("line", &value)?.text("type")?.unwrap_or_default();
    match kind.as_str() {
        "repository" => imports::repository(app, by, repositories::read(&value)?).await,
        "pipeline" => imports::pipeline(app, by, pipeline(&Fields::of("line", &value)?, app)?).await,
        _ => Err(imports::unknown_line()),
    }
}

fn pipeline(fields: &Fields<'_>, app: &App) -> Result<ImportedPipeline> {
    let text = |name: &str| fields.text(name)?.ok_or_else(|| Invalid::new(name, Problem::Missing));
    let repository_id =
        fields.integer("repository_id")?.ok_or_else(|| Invalid::new("repository_id", Problem::Missing))?;
    let (sha, git_ref) = (text("sha")?.to_ascii_lowercase(), text("ref")?);
    let mut stages = Vec::new();
    for stage in fields.array("stages")?.unwrap_or_default() {
        stages.push(read_stage(&Fields::of("stages", stage)?, &sha, &git_ref, app)?);
    }
    let first = stages.iter().flat_map(|stage| &stage.jobs).map(|job| job.created_at).min();
    let created_at = match fields.text("created_at")? {
        Some(text) => parse_time("created_at", &text)?,
        None => first.ok_or_else(|| Invalid::new("created_at", Problem::Missing))?,
    };
    Ok(ImportedPipeline {
        repository_id: RepositoryId::new(repository_id)?,
        id: fields.integer("id")?.map(PipelineId::new).transpose()?,
        identity: PipelineIdentity {
            sha,
            git_ref,
            source: fields
                .text("source")?
                .unwrap_or_else(|| domain::model::reports::DEFAULT_SOURCE.to_owned()),
            key: fields.text("pipeline_key")?.unwrap_or_default(),
        },
        web_url: fields.text("web_url")?,
        trigger_user: fields.text("trigger_user")?,
        created_at,
        stages,
    })
}

fn read_stage(fields: &Fields<'_>, sha: &str, git_ref: &str, app: &App) -> Result<ImportedStage> {
    let mut jobs = Vec::new();
    for job in fields.array("jobs")?.unwrap_or_default() {
        jobs.push(read_job(&Fields::of("jobs", job)?, sha, git_ref, app)?);
    }
    Ok(ImportedStage {
        id: fields.integer("id")?.map(StageId::new).transpose()?,
        name: fields.text("name")?.ok_or_else(|| Invalid::new("stages", Problem::Missing))?,
        sort_id: fields.integer("sort_id")?.map(stage_order).transpose()?,
        jobs,
    })
}

/// Reads a job. Its values are checked as those of a report.
fn read_job(fields: &Fields<'_>, sha: &str, git_ref: &str, app: &App) -> Result<ImportedJob> {
    let time = |name: &str| fields.text(name)?.map(|text| parse_time(name, &text)).transpose();
    let report = ReportFields {
        sha: Some(sha.to_owned()),
        git_ref: Some(git_ref.to_owned()),
        name: fields.text("name")?,
        status: fields.text("status")?,
        third_build_id: fields.text("third_build_id")?,
        target_url: fields.text("target_url")?,
        description: fields.text("description")?,
        coverage: fields.number("coverage")?,
        allow_failure: fields.boolean("allow_failure")?,
        started_at: fields.text("started_at")?,
        finished_at: fields.text("finished_at")?,
        ..ReportFields::default()
    };
    let report = report.check(app.clock.now())?;
    Ok(ImportedJob {
        id: fields.integer("id")?.map(JobId::new).transpose()?,
        name: report.name,
        state: report.state,
        created_at: time("created_at")?.ok_or_else(|| Invalid::new("created_at", Problem::Missing))?,
        updated_at: time("updated_at")?,
    })
}
