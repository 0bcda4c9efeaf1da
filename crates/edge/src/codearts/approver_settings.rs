//! `ListMergeRequestApproverSettings`: the target branches whose merges require the results of pipelines.

use super::repositories::one_of;
use super::translate::approver_setting;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::gates;
use domain::error::Result;
use domain::model::page::Page;
use wire::codearts::approver_settings::ApproverSetting;

/// Types of settings. Only `branch` is in use.
pub const TARGET_TYPES: &[&str] = &["branch", "file", "project"];

/// A setting for each pattern of target branches in the rules of the merge gate.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let target_type = one_of(query, "target_type", TARGET_TYPES)?;
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let known = match target_type.is_none_or(|wanted| wanted == "branch") {
        true => gates::rules(&ctx.edge.app, &ctx.proof, None).await?,
        false => None,
    };
    let targets = known.iter().flat_map(|known| known.rules.set.targets());
    let all: Vec<ApproverSetting> =
        targets.enumerate().map(|(at, target)| approver_setting(at + 1, target.as_str())).collect();
    let of_page: Vec<&ApproverSetting> =
        all.iter().skip(page.offset as usize).take(page.limit as usize).collect();
    Ok(Reply::json(&of_page)?.header("x-total", &all.len().to_string()))
}
