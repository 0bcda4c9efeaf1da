//! Pipelines, newest first, and one of them.

use super::{filters, translate};
use crate::http::reply::Reply;
use crate::routes::{Ctx, Member};
use domain::actions::access::Reads;
use domain::actions::pipelines;
use domain::error::Result;
use domain::model::ids::PipelineId;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use wire::native::pipelines::PipelineList;

pub async fn list(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let text = |name| filters::text(query, name);
    let filter = PipelineFilter {
        statuses: filters::statuses(query)?,
        git_ref: text("ref")?,
        sha: filters::sha(query)?,
        source: text("source")?,
        key: text("key")?,
        trigger_user: text("user")?,
        created: filters::span(query, "since", "until")?,
        updated: filters::span(query, "updated_since", "updated_until")?,
        text: text("q")?,
        newest_of: None,
    };
    let window = filters::window(query, PipelineOrder::Id)?;
    let app = &ctx.edge.app;
    let total = match filters::total(query)? {
        true => Some(pipelines::count(app, &ctx.proof, filter.clone()).await?),
        false => None,
    };
    let found = pipelines::find(app, &ctx.proof, filter, window).await?;
    let pipelines = found.items.iter().map(translate::pipeline).collect();
    Reply::json(&PipelineList { pipelines, next_before: found.next, total })
}

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    Reply::json(&translate::pipeline(&pipelines::show(&ctx.edge.app, &ctx.proof, id).await?))
}
