//! The page of a commit: its pipelines with their jobs.

use super::frame::frame;
use super::response::reply;
use crate::http::reply::Reply;
use crate::native::{filters, translate};
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{as_of, commits};
use domain::error::{Error, Invalid, Result};
use domain::model::ids::PipelineId;
use domain::ports::PastCommit;
use pages::paging::Pager;
use pages::{CommitPage, CommitRow, Past, links};
use serde::Serialize;
use wire::native::as_of::AsOf;
use wire::native::pipelines::PipelineList;

/// The pipelines of a commit.
#[derive(Serialize)]
struct CommitPipelines {
    #[serde(flatten)]
    list: PipelineList,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOf>,
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let given = request.param("sha");
    let sha = commits::resolve(app, &ctx.proof, given).await?.ok_or(Error::NotFound { noun: "commit" })?;
    let path = format!("/repositories/{}/commits/{sha}", ctx.proof.repository().id);
    if sha != given && !request.wants_json {
        let as_of = request.query.get("as_of")?.unwrap_or_default();
        return Ok(Reply::see_other(&links::address(&path, &[("as_of", as_of)])));
    }
    let before = request.query.get("before")?.map(PipelineId::parse).transpose();
    let before = before.map_err(|error| Invalid::new("before", error.problem))?;
    let as_of = filters::as_of(&request.query, app.clock.now())?;
    let (found, moment) = match as_of {
        Some(as_of) => {
            let PastCommit { page, moment } = as_of::commit(app, &ctx.proof, &sha, as_of, before).await?;
            (page, Some(moment))
        }
        None => (commits::pipelines_of_commit(app, &ctx.proof, &sha, before).await?, None),
    };
    let past = as_of.zip(moment.as_ref()).map(|(as_of, moment)| Past { as_of, moment });
    let native = || CommitPipelines {
        list: PipelineList {
            pipelines: found.items.iter().map(|state| translate::pipeline(&state.pipeline)).collect(),
            next_before: found.next,
            total: None,
        },
        as_of: moment.as_ref().map(translate::as_of::moment),
    };
    let mut frame = frame(&ctx.edge, request, &ctx.proof);
    // Durations end at the moment.
    frame.now = moment.as_ref().map_or(frame.now, |moment| moment.at);
    let page = || {
        let address = |parameters: &[(&str, &str)]| Past::address(past.as_ref(), &path, parameters);
        let pager = Pager {
            before: before.map(|_| address(&[])),
            after: found.next.map(|id| address(&[("before", &id.to_string())])),
            by_time: true,
        };
        let rows = found.items.iter().map(CommitRow::of).collect();
        CommitPage { frame: &frame, repository: ctx.proof.repository(), sha: &sha, rows, pager, past }.html()
    };
    reply(request, native, page)
}
