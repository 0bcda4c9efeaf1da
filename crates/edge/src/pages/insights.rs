//! The page of insights: statistics of the recently finished jobs of a repository.

use super::frame::frame;
use super::response::reply;
use crate::http::reply::Reply;
use crate::native;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::insights;
use domain::error::Result;
use domain::model::roles::Role;
use pages::InsightsPage;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let filter = native::insights::form_filter(&ctx.request.query)?;
    let found = insights::read_insights(&ctx.edge.app, &ctx.proof, filter.clone()).await?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let page = || {
        let (repository, can_manage) = (ctx.proof.repository(), ctx.proof.role() == Role::Manage);
        InsightsPage { frame: &frame, repository, can_manage, filter: &filter, found: &found }.html()
    };
    reply(&ctx.request, || native::translate::insights::insights(&filter, &found), page)
}
