//! Jobs: lists of a pipeline and of a repository, and one job. All jobs are external ones, which GitLab
//! itself never lists (reporters fact 1.7).

use super::paging::Paging;
use super::parameters::Parameters;
use super::translate::{self, Presenter};
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, by_address, cached};
use domain::actions::access::Reads;
use domain::actions::{jobs, pipelines};
use domain::error::Result;
use domain::model::ids::{JobId, PipelineId};
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use std::pin::pin;

/// The jobs of a pipeline, newest first. Attempts that a newer one replaced are listed only with
/// `include_retried`.
pub async fn list_of_pipeline(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let parameters = Parameters::from_query(&ctx.request);
    let retried = parameters.flag("include_retried")?.unwrap_or_default();
    let filter = JobFilter { pipeline: Some(id), newest: (!retried).then_some(true), ..JobFilter::default() };
    let build = pin!(respond(&ctx, &parameters, filter));
    let source = Source::PipelineAndAccess(id);
    cached(&ctx, source, "ListJobsOfPipeline", by_address(&ctx.request), build).await
}

/// All attempts in the repository, newest first.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    Ok(respond(&ctx, &Parameters::from_query(&ctx.request), JobFilter::default()).await?.0)
}

async fn respond(
    ctx: &Context<WithRole<Reads>>,
    parameters: &Parameters<'_>,
    mut filter: JobFilter,
) -> Result<(Reply, Validity)> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let paging = Paging::by_id(&ctx.request, parameters)?;
    parameters.one_of("order_by", &["id"])?;
    let window = paging.window(JobOrder, parameters.descending(true)?);
    let scopes = parameters.all("scope");
    for scope in &scopes {
        for status in translate::statuses("scope", scope)? {
            if !filter.statuses.contains(&status) {
                filter.statuses.push(status);
            }
        }
    }
    if let Some(id) = filter.pipeline {
        pipelines::show(app, by, id).await?;
    }
    if filter.statuses.is_empty() && !scopes.is_empty() {
        return Ok((paging.empty().await?, Validity::UntilChange));
    }
    let presenter = Presenter::new(ctx, by.repository());
    let (count, find) = (jobs::count(app, by, filter.clone()), jobs::find(app, by, filter, window));
    let mut validity = Validity::UntilChange;
    let write = |found: &[FoundJob]| {
        if found.iter().any(|found| !found.job.attempt.status.is_finished()) {
            validity = Validity::Now;
        }
        presenter.jobs(found)
    };
    let reply = paging.respond(count, find, Some(|found| found.job.id.get()), write).await?;
    Ok((reply, validity))
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = JobId::parse(ctx.request.param("job_id"))?;
    let found = jobs::show(&ctx.edge.app, &ctx.proof, id).await?;
    Presenter::new(&ctx, ctx.proof.repository()).job(&found)
}
