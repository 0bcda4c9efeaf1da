//! Merge requests: setting one, showing one, and the list.

use super::idempotency::idempotency;
use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Reads, Reporting};
use domain::actions::merge_requests;
use domain::error::{Invalid, Result};
use domain::model::ids::MergeRequestIid;
use domain::model::merge_requests::MergeRequestInput;
use domain::model::page::Page;
use wire::native::merge_requests::{MergeRequestList, NewMergeRequest};

pub async fn set(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let iid = MergeRequestIid::parse(ctx.request.param(MergeRequestIid::FIELD))?;
    let new: NewMergeRequest = json::read("merge_request", ctx.request.body()?)?;
    let merge_request = MergeRequestInput {
        source_branch: Some(new.source_branch),
        target_branch: Some(new.target_branch),
        head_sha: Some(new.head_sha),
    };
    let app = &ctx.edge.app;
    let target = format!("merge request {iid}\n");
    let idempotency = idempotency(app, &ctx.request, &[target.as_bytes(), ctx.request.body()?])?;
    let merge_request = merge_requests::set(app, &ctx.proof, iid, merge_request, idempotency).await?;
    Reply::json(&translate::merge_request(&merge_request))
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let iid = MergeRequestIid::parse(ctx.request.param(MergeRequestIid::FIELD))?;
    let found = merge_requests::show(&ctx.edge.app, &ctx.proof, iid).await?;
    Reply::json(&translate::merge_request(&found.merge_request))
}

pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let before = query.get("before")?.map(MergeRequestIid::parse).transpose();
    let before = before.map_err(|e| Invalid::new("before", e.problem))?;
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let found = merge_requests::list(&ctx.edge.app, &ctx.proof, before, limit).await?;
    let merge_requests = found.items.iter().map(translate::merge_request).collect();
    Reply::json(&MergeRequestList { merge_requests, next_before: found.next })
}
