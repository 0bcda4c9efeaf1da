//! The pages of merge requests: the list, and one with its gate, its heads and its pipelines.

use super::conditional;
use super::forms;
use super::frame::frame;
use super::gates::{GatePage, cards, state};
use super::response::{html, reply};
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Reads, RequiredRole};
use domain::actions::{gates, merge_requests};
use domain::error::{Invalid, Result};
use domain::model::ids::MergeRequestIid;
use domain::model::page::Page;
use domain::model::roles::Role;
use pages::forms::SubmittedForm;
use pages::links::address;
use pages::paging::Pager;
use pages::{MergeRequestPage, MergeRequests};
use wire::native::merge_requests::MergeRequestList;

pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (request, by) = (&ctx.request, &ctx.proof);
    let before = request.query.get("before")?.map(MergeRequestIid::parse).transpose();
    let before = before.map_err(|error| Invalid::new("before", error.problem))?;
    let limit = request.query.get("limit")?;
    let limit_of_page = Page::parse(None, limit)?.limit;
    let found = merge_requests::list(&ctx.edge.app, by, before, limit_of_page).await?;
    let frame = frame(&ctx.edge, request, by);
    let native = || MergeRequestList {
        merge_requests: found.items.iter().map(translate::merge_request).collect(),
        next_before: found.next,
    };
    let page = || {
        let path = format!("/repositories/{}/merge-requests", by.repository().id);
        let link = |before: &str| address(&path, &[("limit", limit.unwrap_or_default()), ("before", before)]);
        let pager = Pager {
            before: before.map(|_| link("")),
            after: found.next.map(|iid| link(&iid.to_string())),
            by_time: true,
        };
        let can_manage = by.role() == Role::Manage;
        MergeRequests { frame: &frame, repository: by.repository(), can_manage, rows: &found.items, pager }
            .html()
    };
    reply(request, native, page)
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let iid = MergeRequestIid::parse(ctx.request.param(MergeRequestIid::FIELD))?;
    page(&ctx, iid, &SubmittedForm::default()).await
}

/// The page of a merge request.
pub async fn page<N: RequiredRole>(
    ctx: &Context<WithRole<N>>,
    iid: MergeRequestIid,
    submitted: &SubmittedForm,
) -> Result<Reply> {
    let (app, request, by) = (&ctx.edge.app, &ctx.request, &ctx.proof);
    let history = merge_requests::history(app, by, iid).await?;
    let merge_request = &history.merge_request;
    if request.wants_json {
        return Reply::json(&translate::merge_request(merge_request));
    }
    let target = merge_request.branches.as_ref().map(|(_, target)| target.as_str());
    let gates = gates::of_commit(app, by, &merge_request.head_sha, target).await?;
    let notice = forms::notice(request)?;
    let mut frame = frame(&ctx.edge, request, by);
    if submitted.error.is_some() {
        frame.address = format!("/repositories/{}/merge-requests/{iid}", by.repository().id);
    }
    let on = GatePage { merge_request: Some(iid), ..GatePage::default() };
    let gate_cards = cards(&frame, by, &gates, on, submitted);
    let active = history.pipelines.iter().any(|pipeline| !pipeline.status.is_finished())
        || gate_cards.iter().any(pages::GateCard::is_pending);
    let mut versions = state(by, &gates);
    versions.extend(history.pipelines.iter().flat_map(|found| [found.id.get().into(), found.version]));
    versions.push(merge_request.updated_at.as_millisecond());
    let etag = conditional::etag(&frame, &versions, active);
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    let page = MergeRequestPage {
        frame: &frame,
        repository: by.repository(),
        history: &history,
        gates: gate_cards,
        etag: &etag,
        notice,
    };
    Ok(html(page.html()).header("etag", &etag))
}
