//! Deliveries to a webhook: listing them, a test, and redelivery.

use super::translate::webhooks as translate;
use super::webhooks::id;
use crate::http::public_url::PublicUrl;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::deliveries;
use domain::error::Result;
use domain::model::page::Page;
use domain::model::webhooks::Webhook;

type Managed = Context<WithRole<Manages>>;

pub async fn list(ctx: Managed) -> Result<Reply> {
    let query = &ctx.request.query;
    let before = query.get("before")?.map(str::to_owned);
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let found = deliveries::list(&ctx.edge.app, &ctx.proof, id(&ctx)?, before, limit + 1).await?;
    Reply::json(&translate::deliveries(found, limit))
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    let delivery = deliveries::show(&ctx.edge.app, &ctx.proof, id(&ctx)?, delivery_id(&ctx)).await?;
    Reply::json(&translate::delivery(&delivery))
}

pub async fn test(ctx: Managed) -> Result<Reply> {
    let repository = ctx.proof.repository();
    let public_url = ctx.edge.settings.public_url.as_deref().map(PublicUrl::as_str);
    let body = |to: &Webhook, at| translate::test_message_for(to, &repository.path, public_url, at);
    let delivery = deliveries::test(&ctx.edge.app, &ctx.proof, id(&ctx)?, body).await?;
    Ok(Reply::json(&translate::delivery(&delivery))?.status(202))
}

pub async fn redeliver(ctx: Managed) -> Result<Reply> {
    let delivery = deliveries::redeliver(&ctx.edge.app, &ctx.proof, id(&ctx)?, delivery_id(&ctx)).await?;
    Ok(Reply::json(&translate::delivery(&delivery))?.status(202))
}

fn delivery_id(ctx: &Managed) -> &str {
    ctx.request.param("delivery_id")
}
