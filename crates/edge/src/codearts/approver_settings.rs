//! `ListMergeRequestApproverSettings`: the target branches whose merges require the results of pipelines.

use super::repositories::one_of;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::error::Result;
use domain::model::page::Page;
use wire::codearts::approver_settings::ApproverSetting;

/// Types of settings. Only `branch` is in use.
pub const TARGET_TYPES: &[&str] = &["branch", "file", "project"];

/// There is no setting, because a repository has no rules for merges.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    one_of(query, "target_type", TARGET_TYPES)?;
    Page::parse(query.get("offset")?, query.get("limit")?)?;
    let none: [ApproverSetting; 0] = [];
    Ok(Reply::json(&none)?.header("x-total", "0"))
}
