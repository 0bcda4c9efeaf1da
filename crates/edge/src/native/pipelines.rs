//! Pipelines, newest first, and one of them.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Ctx, Member};
use domain::actions::access::Reads;
use domain::actions::pipelines;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::PipelineId;
use domain::model::page::Page;
use domain::model::status::Status;
use domain::ports::PipelineFilter;
use wire::native::pipelines::PipelineList;

pub async fn list(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let status = |word| {
        Status::parse(word).ok_or(Invalid::new("status", Problem::NotOneOf { allowed: Status::WORDS }))
    };
    let text = |name| query.get(name).map(|value| value.filter(|v| !v.is_empty()).map(str::to_owned));
    let sha = text("sha")?.map(|sha| sha.to_ascii_lowercase());
    if sha.as_ref().is_some_and(|sha| sha.len() > 64 || !sha.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(Invalid::new("sha", Problem::NotSha).into());
    }
    let filter = PipelineFilter {
        status: query.get("status")?.map(status).transpose()?,
        git_ref: text("ref")?,
        sha,
        source: text("source")?,
        before: query
            .get("before")?
            .map(PipelineId::parse)
            .transpose()
            .map_err(|e| Invalid::new("before", e.problem))?,
        // One more than wanted tells whether there is a next page.
        limit: limit + 1,
    };
    let mut found = pipelines::list(&ctx.edge.app, &ctx.proof, filter).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_before = found.last().filter(|_| more).map(|last| last.id.get());
    Reply::json(&PipelineList { pipelines: found.iter().map(translate::pipeline).collect(), next_before })
}

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    Reply::json(&translate::pipeline(&pipelines::show(&ctx.edge.app, &ctx.proof, id).await?))
}
