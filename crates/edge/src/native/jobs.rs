//! Attempts: lists of a pipeline and of a repository, and one attempt, with all fields.

use super::{filters, translate};
use crate::http::bodies::Variant;
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, cached};
use domain::actions::access::Reads;
use domain::actions::jobs;
use domain::error::Result;
use domain::model::ids::{JobId, PipelineId};
use domain::model::jobs::filters::{JobFilter, JobOrder};
use domain::model::page::Page;
use std::pin::pin;
use wire::native::jobs::FoundJobList;

pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    if let Some(as_of) = filters::as_of(query, ctx.edge.app.clock.now())? {
        let (state, moment) =
            ctx.edge.whole_pipelines.read_past(&ctx.edge.app, &ctx.proof, id, as_of).await?;
        return Reply::json(&translate::past_job_list(&state, page, &moment));
    }
    let build = pin!(async {
        let list = jobs::list(&ctx.edge.app, &ctx.proof, id, page).await?;
        let bytes = list.jobs.text_bytes() + list.jobs.len() * 640;
        Ok((Reply::json_of_size(&translate::job_list(&list), bytes)?, Validity::UntilChange))
    });
    cached(&ctx, Source::Pipeline(id), "Jobs", Some(Variant::Page(page)), build).await
}

pub async fn find(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let text = |name| filters::text(query, name);
    let filter = JobFilter {
        pipeline: query.get("pipeline_id")?.map(PipelineId::parse).transpose()?,
        statuses: filters::statuses(query)?,
        newest: filters::flag(query, "newest")?,
        git_ref: text("ref")?,
        sha: filters::sha(query)?,
        source: text("source")?,
        stage: text("stage")?,
        name: text("name")?,
        third_build_id: text("third_build_id")?,
        created: filters::span(query, "since", "until")?,
        updated: filters::span(query, "updated_since", "updated_until")?,
        text: text("q")?,
    };
    let window = filters::window(query, JobOrder)?;
    let app = &ctx.edge.app;
    let total = match filters::total(query)? {
        true => Some(jobs::count(app, &ctx.proof, filter.clone()).await?),
        false => None,
    };
    let found = jobs::find(app, &ctx.proof, filter, window).await?;
    let jobs = found.items.iter().map(translate::found_job).collect();
    Reply::json(&FoundJobList { jobs, next_before: found.next, total })
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = JobId::parse(ctx.request.param("job_id"))?;
    Reply::json(&translate::found_job(&jobs::show(&ctx.edge.app, &ctx.proof, id).await?))
}
