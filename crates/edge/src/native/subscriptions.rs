//! Subscriptions of the caller: messages to a chat of one user. `docs/webhooks.md` documents them.

use super::translate;
use crate::http::json;
use crate::http::public_url::PublicUrl;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::actions::subscriptions::{self, Subscription};
use domain::error::{Invalid, Result};
use domain::model::ids::{RepositoryId, WebhookId};
use domain::model::page::Page;
use domain::model::repositories::RepositoryKey;
use domain::model::webhooks::content::ContentInput;
use domain::model::webhooks::{EventTopics, Webhook, WebhookChange, WebhookInput};
use wire::native::subscriptions::{NewSubscription, SubscriptionChange};

/// The id in the path, and the field of errors about it.
pub const ID: &str = "subscription_id";

/// The subscription that the path names.
pub fn id(ctx: &Context<Authenticated>) -> Result<WebhookId, Invalid> {
    WebhookId::parse(ctx.request.param(ID)).map_err(|error| Invalid::new(ID, error.problem))
}

/// The repository of an id or a path.
pub fn repository(text: &str) -> RepositoryKey {
    RepositoryId::parse(text).map_or_else(|_| RepositoryKey::Path(text.to_owned()), RepositoryKey::Id)
}

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let all = subscriptions::list(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&translate::subscriptions::list(&all))
}

pub async fn create(ctx: Context<Authenticated>) -> Result<Reply> {
    let new: NewSubscription = json::read("subscription", ctx.request.body()?)?;
    let key = repository(&new.repository);
    let input = WebhookInput {
        url: new.url,
        events: new.events.unwrap_or_else(|| vec!["pipeline".to_owned()]),
        description: None,
        secret: translate::webhooks::read_secret_of(Some(&new.format), new.secret)?,
        content: ContentInput {
            format: Some(new.format),
            language: new.language,
            refs: new.refs.unwrap_or_default(),
            jobs: new.jobs.unwrap_or_default(),
            author: new.author,
        },
    };
    let webhook = add(&ctx, &key, input).await?;
    // The repository was readable, so it is named.
    let all = subscriptions::list(&ctx.edge.app, &ctx.proof).await?;
    let found = all.into_iter().find(|subscription| subscription.webhook.id == webhook.id);
    let subscription = found.unwrap_or(Subscription { webhook, repository: None });
    Ok(Reply::json(&translate::subscriptions::subscription(&subscription))?.status(201))
}

/// Adds a subscription of the caller.
pub async fn add(ctx: &Context<Authenticated>, key: &RepositoryKey, input: WebhookInput) -> Result<Webhook> {
    let allowed = &ctx.edge.settings.webhook_networks;
    subscriptions::add(&ctx.edge.app, &ctx.proof, key, allowed, input).await
}

pub async fn change(ctx: Context<Authenticated>) -> Result<Reply> {
    let id = id(&ctx)?;
    let change: SubscriptionChange = json::read("subscription", ctx.request.body()?)?;
    let change = WebhookChange {
        url: change.url,
        topics: change.events.map(|names| EventTopics::parse("events", &names)).transpose()?,
        refs: change.refs,
        jobs: change.jobs,
        disabled: change.disabled,
        ..WebhookChange::default()
    };
    let allowed = &ctx.edge.settings.webhook_networks;
    let changed = subscriptions::change(&ctx.edge.app, &ctx.proof, allowed, id, change).await?;
    Reply::json(&translate::subscriptions::subscription(&changed))
}

pub async fn delete(ctx: Context<Authenticated>) -> Result<Reply> {
    subscriptions::remove(&ctx.edge.app, &ctx.proof, id(&ctx)?).await?;
    Ok(Reply::no_content())
}

pub async fn deliveries(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let before = query.get("before")?.map(str::to_owned);
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let found = subscriptions::deliveries(&ctx.edge.app, &ctx.proof, id(&ctx)?, before, limit + 1).await?;
    Reply::json(&translate::webhooks::deliveries(found, limit))
}

pub async fn test(ctx: Context<Authenticated>) -> Result<Reply> {
    send_test(&ctx).await?;
    Ok(Reply::no_content())
}

/// Sends a test message of the subscription that the path names.
pub async fn send_test(ctx: &Context<Authenticated>) -> Result<()> {
    let public_url = ctx.edge.settings.public_url.as_deref().map(PublicUrl::as_str);
    let body = |webhook: &Webhook, path: &str, at| {
        translate::webhooks::test_message_for(webhook, path, public_url, at)
    };
    subscriptions::test(&ctx.edge.app, &ctx.proof, id(ctx)?, body).await
}
