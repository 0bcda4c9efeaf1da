//! Deliveries to a webhook: what was sent, how it went, and sending it again.

use super::translate::webhooks as translate;
use super::webhooks::id;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::deliveries;
use domain::error::Result;
use domain::model::page::Page;
use wire::native::webhooks::DeliveryList;

type Managed = Context<WithRole<Manages>>;

pub async fn list(ctx: Managed) -> Result<Reply> {
    let query = &ctx.request.query;
    let before = query.get("before")?.map(str::to_owned);
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let mut found = deliveries::list(&ctx.edge.app, &ctx.proof, id(&ctx)?, before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_before = found.last().filter(|_| more).map(|last| last.id.clone());
    Reply::json(&DeliveryList { deliveries: found.iter().map(translate::delivery).collect(), next_before })
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    let found = deliveries::show(&ctx.edge.app, &ctx.proof, id(&ctx)?, delivery_id(&ctx)).await?;
    Reply::json(&translate::delivery(&found))
}

pub async fn test(ctx: Managed) -> Result<Reply> {
    let repository = ctx.proof.repository();
    let body = |at| translate::test_message(repository.id, &repository.path, at);
    let made = deliveries::test(&ctx.edge.app, &ctx.proof, id(&ctx)?, body).await?;
    Ok(Reply::json(&translate::delivery(&made))?.status(202))
}

pub async fn redeliver(ctx: Managed) -> Result<Reply> {
    let again = deliveries::redeliver(&ctx.edge.app, &ctx.proof, id(&ctx)?, delivery_id(&ctx)).await?;
    Ok(Reply::json(&translate::delivery(&again))?.status(202))
}

fn delivery_id(ctx: &Managed) -> &str {
    ctx.request.param("delivery_id")
}
