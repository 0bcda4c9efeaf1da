//! The page of a commit: its pipelines with their jobs.

use super::frame::frame;
use super::response::reply;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::commits;
use domain::error::{Error, Invalid, Result};
use domain::model::ids::PipelineId;
use pages::paging::Pager;
use pages::{CommitPage, CommitRow};
use wire::native::pipelines::PipelineList;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let given = request.param("sha");
    let sha = commits::resolve(app, &ctx.proof, given).await?.ok_or(Error::NotFound { noun: "commit" })?;
    let path = format!("/repositories/{}/commits/{sha}", ctx.proof.repository().id);
    if sha != given && !request.wants_json {
        return Ok(Reply::see_other(&path));
    }
    let before = request.query.get("before")?.map(PipelineId::parse).transpose();
    let before = before.map_err(|error| Invalid::new("before", error.problem))?;
    let found = commits::pipelines_of_commit(app, &ctx.proof, &sha, before).await?;
    let native = || PipelineList {
        pipelines: found.items.iter().map(|state| translate::pipeline(&state.pipeline)).collect(),
        next_before: found.next,
        total: None,
    };
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let page = || {
        let pager = Pager {
            before: before.map(|_| path.clone()),
            after: found.next.map(|id| format!("{path}?before={id}")),
            by_time: true,
        };
        let rows = found.items.iter().map(CommitRow::of).collect();
        CommitPage { frame: &frame, repository: ctx.proof.repository(), sha: &sha, rows, pager }.html()
    };
    reply(request, native, page)
}
