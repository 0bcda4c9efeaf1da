//! The page of the rules of merge gates, for users who manage the repository.

use super::forms;
use super::frame::frame;
use super::response::reply;
use super::settings::Managed;
use crate::http::reply::Reply;
use crate::native::translate::gates as translate;
use domain::actions::gates;
use domain::error::Result;
use domain::model::ids::integer;
use pages::GateRulesPage;

pub async fn show(ctx: Managed) -> Result<Reply> {
    let version = ctx.request.query.get("version")?.map(|text| integer("version", text)).transpose()?;
    let known = gates::rules(&ctx.edge.app, &ctx.proof, version).await?;
    let notice = forms::notice(&ctx.request)?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let page = || {
        let (repository, known) = (ctx.proof.repository(), known.as_ref());
        GateRulesPage { frame: &frame, repository, can_manage: true, known, edited: None, notice }.html()
    };
    reply(&ctx.request, || translate::rules(known.as_ref()), page)
}
