//! How the jobs of a repository did of late.

use super::{frame, reply};
use crate::http::reply::Reply;
use crate::native;
use crate::routes::{Ctx, Member};
use domain::actions::access::Reads;
use domain::actions::insights;
use domain::error::Result;
use domain::model::access::Role;
use pages::InsightsPage;

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let filter = native::insights::filter(&ctx.request.query)?;
    let found = insights::read_insights(&ctx.edge.app, &ctx.proof, filter.clone()).await?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let page = || {
        let (repository, can_manage) = (ctx.proof.repository(), ctx.proof.role() == Role::Manage);
        InsightsPage { frame: &frame, repository, can_manage, filter: &filter, found: &found }.html()
    };
    reply(&ctx.request, || native::translate::insights::insights(&filter, &found), page)
}
