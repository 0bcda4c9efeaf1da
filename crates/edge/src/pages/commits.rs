//! The page of a commit: its gates, and its pipelines with their jobs.

use super::conditional;
use super::forms;
use super::frame::frame;
use super::gates::{cards, state};
use super::response::html;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Reads, RequiredRole};
use domain::actions::{commits, gates, merge_requests};
use domain::error::{Error, Invalid, Result};
use domain::model::ids::PipelineId;
use domain::model::page::Page;
use pages::forms::SubmittedForm;
use pages::links::address;
use pages::paging::Pager;
use pages::{CommitPage, CommitRow};
use wire::native::pipelines::PipelineList;

/// Most merge requests that the page names.
const MERGE_REQUESTS: u32 = 20;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let given = request.param("sha");
    let sha = commits::resolve(app, &ctx.proof, given).await?.ok_or(Error::NotFound { noun: "commit" })?;
    let target = request.query.get("target")?.map(str::trim).filter(|target| !target.is_empty());
    if sha != given && !request.wants_json {
        let path = format!("/repositories/{}/commits/{sha}", ctx.proof.repository().id);
        return Ok(Reply::see_other(&address(&path, &[("target", target.unwrap_or_default())])));
    }
    page(&ctx, &sha, target, &SubmittedForm::default()).await
}

/// The page of a commit, by its full id. `target`: the branch whose gate is shown; without it, all that apply.
pub async fn page<N: RequiredRole>(
    ctx: &Context<WithRole<N>>,
    sha: &str,
    target: Option<&str>,
    submitted: &SubmittedForm,
) -> Result<Reply> {
    let (app, request, by) = (&ctx.edge.app, &ctx.request, &ctx.proof);
    let before = request.query.get("before")?.map(PipelineId::parse).transpose();
    let before = before.map_err(|error| Invalid::new("before", error.problem))?;
    let found = commits::pipelines_of_commit(app, by, sha, before).await?;
    if request.wants_json {
        return Reply::json(&PipelineList {
            pipelines: found.items.iter().map(|state| translate::pipeline(&state.pipeline)).collect(),
            next_before: found.next,
            total: None,
        });
    }
    let gates = gates::of_commit(app, by, sha, target).await?;
    let merge_requests =
        merge_requests::of_commit(app, by, sha, Page { offset: 0, limit: MERGE_REQUESTS }).await?;
    let notice = forms::notice(request)?;
    let frame = frame(&ctx.edge, request, by);
    let gate_cards = cards(&frame, by, &gates, None, submitted);
    let active = found.items.iter().any(|row| !row.pipeline.status.is_finished())
        || gate_cards.iter().any(pages::GateCard::is_pending);
    let mut versions = state(by, &gates);
    versions.extend(found.items.iter().flat_map(|row| [row.pipeline.id.get().into(), row.pipeline.version]));
    versions.extend(merge_requests.items.iter().map(|found| i64::from(found.iid.get())));
    let etag = conditional::etag(&frame, &versions, active);
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    let path = format!("/repositories/{}/commits/{sha}", by.repository().id);
    let link = |before: &str| address(&path, &[("target", target.unwrap_or_default()), ("before", before)]);
    let pager = Pager {
        before: before.map(|_| link("")),
        after: found.next.map(|id| link(&id.to_string())),
        by_time: true,
    };
    let has_rules =
        gates.iter().any(|gate| gate.record.rules.as_ref().is_some_and(|rules| !rules.set.rules.is_empty()));
    let page = CommitPage {
        frame: &frame,
        repository: by.repository(),
        sha,
        rows: found.items.iter().map(CommitRow::of).collect(),
        gates: gate_cards,
        merge_requests: &merge_requests.items,
        has_rules,
        target: target.unwrap_or_default(),
        etag: &etag,
        notice,
        pager,
    };
    Ok(html(page.html()).header("etag", &etag))
}
