//! `ListMembers`: the members of a repository.

use super::repositories::{one_of, search};
use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::members;
use domain::error::Result;
use domain::model::members::Member;
use domain::model::page::Page;

/// Objects of permissions.
pub const PERMISSIONS: &[&str] = &["repository", "code", "member", "branch", "tag", "mr", "label"];

/// `ListMembers`.
pub async fn list(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    // The server hosts no Git repositories, so it does not know the permissions there. `action` is not read: the SDKs
    // send texts for it that are no actions.
    one_of(query, "permission", PERMISSIONS)?;
    let text = search(query)?.map(|text| text.to_lowercase());
    let mut found = members::list(&ctx.edge.app, &ctx.proof).await?;
    let has_text =
        |member: &Member| text.as_ref().is_none_or(|text| member.user_name.to_lowercase().contains(text));
    found.retain(has_text);
    let (repository, account) = (ctx.proof.repository(), &ctx.edge.settings.account);
    let shown = translate::on_page(&found, page);
    let shown: Vec<_> = shown.map(|member| translate::member(repository, account, member)).collect();
    Ok(Reply::json(&shown)?.header("x-total", &found.len().to_string()))
}
